"""Infrared spectra as text: a column of wavenumbers (by name, or by its range) and one or more ordinates."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from peqled.lab.ftir.spectrum import ftir_measurement
from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.registry import Reader
from peqled.lab.text import Table, head_table, read_table

_AXIS = r"wave\s*-?_?\s*num|^cm-?1$|cm\s*\^?-?1|^1/cm|cm⁻¹|wellenzahl"
_BY_RANGE = "two columns without names: taken for wavenumbers (cm-1) from their range and even steps"
_RAMAN = re.compile(r"raman", re.I)


def _axis(table: Table) -> int | None:
    """Column of wavenumbers: by its name or unit."""
    named = table.column(_AXIS)
    if named is None:
        named = next((i for i, unit in enumerate(table.units) if re.search(r"cm\s*\^?-?1|1/cm|cm⁻¹", unit)), None)
    return named


def _micrometres(table: Table) -> bool:
    """A first column of infrared wavelengths, from 2 µm."""
    x, unit = table.values[:, 0], table.units[0].strip()
    named = re.fullmatch(r"wave ?-?_?length|lambda|λ", table.names[0].strip(), re.I) is not None
    return named and unit in ("um", "µm", "μm", "micron", "microns") and bool(np.nanmin(x) >= 2.0)


def _by_range(table: Table) -> bool:
    """Two unnamed columns that look like a mid-infrared grid: even steps of 0.1-8 within 200..8000, reaching beyond
    1500.
    """
    if table.values.ndim != 2 or table.values.shape[1] != 2 or table.values.shape[0] < 200 or any(table.names):
        return False
    steps, x = np.diff(table.values[:, 0]), table.values[:, 0]
    step = abs(float(np.median(steps)))
    even = np.ptp(steps) < 0.2 * step
    return bool(even and 0.1 < step < 8.0 and x.min() > 200.0 and 1500.0 < x.max() < 12600.0 and np.ptp(x) > 800.0)


def _sniff(head: bytes, name: str) -> float:
    table = head_table(head)
    if table is None or table.values.shape[1] < 2 or _RAMAN.search(" ".join(table.header[:20])):
        return 0.0
    if (_axis(table) is not None or _micrometres(table)) and table.values.shape[0] >= 5:
        return 0.85
    hint = re.search(r"ftir|ft-ir|infrared|atr|xunits\s+1/cm", f"{name} {' '.join(table.header[:20])}", re.I)
    return (0.7 if hint else 0.4) if _by_range(table) else 0.0


def _read(path: Path) -> list[Measurement]:
    table = read_table(path)
    axis = _axis(table)
    axis = 0 if axis is None and (_by_range(table) or _micrometres(table)) else axis
    if axis is None:
        raise LabFileError(path, "columns", ", ".join(table.names)[:80], "a column of wavenumbers (cm-1)")
    columns = [i for i in range(table.values.shape[1]) if i != axis and np.isfinite(table.values[:, i]).sum() >= 5]
    if not columns:
        raise LabFileError(path, "columns", ", ".join(table.names)[:80], "an ordinate beside the wavenumbers")
    found = []
    for i in columns:
        said = " ".join((table.names[i], table.units[i])).strip()
        said = said or next((line for line in table.header if re.search(r"absorb|transm|^yunits", line, re.I)), "")
        said = re.sub(r"^yunits\s+", "", said, flags=re.I)
        scale = table.values[:, axis]
        wavenumber = 1e4 / np.where(scale > 0.0, scale, np.nan) if _micrometres(table) else scale
        keep = np.isfinite(wavenumber) & np.isfinite(table.values[:, i])
        found.append(
            ftir_measurement(
                name=path.stem if len(columns) == 1 else f"{path.stem} {table.names[i] or i}",
                wavenumber_cm=wavenumber[keep],
                values=table.values[keep, i],
                said=said if re.search(r"absorb|transm|single|%|abs|^a$|^t$|refl", said, re.I) else "",
                source=path,
                reader="ftir_csv",
                notes=(*table.notes(), *(() if _axis(table) is not None or _micrometres(table) else (_BY_RANGE,))),
            )
        )
    return found


READER = Reader(
    name="ftir_csv",
    title="infrared spectrum as text (csv, dpt, txt)",
    kinds=("ftir",),
    suffixes=(".csv", ".dpt", ".txt", ".asc"),
    sniff=_sniff,
    read=_read,
    checked="independent file",
    note="a Bruker table of the OPUS file that it was exported from",
)
