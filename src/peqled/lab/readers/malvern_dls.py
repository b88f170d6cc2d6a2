"""Malvern Zetasizer exports as text or workbook: ``X Lag Time`` (us) with correlation, ``X Intensity`` (nm) with
weights.

One column pair a record; several records may stand side by side, and the header of a value column names the record. A
Zetasizer writes no solvent into these tables.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from peqled.lab.dls.correlation import correlation_measurement, distribution_measurement, normalised
from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.registry import Reader
from peqled.lab.text import Table, head_table, read_tables

_LAG = re.compile(r"lag\s*time|delay\s*time|^tau\b|correlation\s*delay|lag\b", re.I)
_SIZE = re.compile(r"^x?\s*intensity$|size\s*classes|^sizes?\b|diameter|d\.?\s*nm", re.I)
_OTHER = re.compile(r"volume|number|undersize|count rate", re.I)
_UNITS = {"us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "ns": 1e-9, "sec": 1.0}


def _sniff(head: bytes, name: str) -> float:
    table = head_table(head)
    if table is None or table.values.shape[1] < 2:
        return 0.0
    names = [n.strip() for n in table.names]
    if any(n.lower().startswith(("x lag time", "x intensity")) for n in names):
        return 0.97
    if any(_LAG.search(n) for n in names) and re.search(r"corr|g2|g\(2\)|record", " ".join(names), re.I):
        return 0.8
    sized = any(re.search(r"size|diameter", n, re.I) for n in names) and any(
        re.search(r"intensity", n, re.I) for n in names
    )
    return (
        0.75
        if sized and re.search(r"%|percent|record|dls|zetasizer", " ".join((*names, *table.header[:10], name)), re.I)
        else 0.0
    )


def _scale(table: Table, column: int) -> tuple[float, str]:
    """Factor of a lag column to s, from its unit; microseconds are the usual layout of these exports."""
    unit = table.units[column].strip().lower()
    if unit not in _UNITS:
        match = re.search(r"\(([^)]*)\)", table.names[column])
        unit = match[1].strip().lower() if match else ""
    return (_UNITS[unit], "") if unit in _UNITS else (1e-6, "lag unit not given: microseconds, the usual layout")


def _nanometres(table: Table, column: int) -> float:
    """Factor of a size column to a diameter in m: ``d.nm`` is the usual unit, ``r.nm`` is a radius."""
    unit = table.units[column].strip().lower()
    scale = 1e-6 if re.search(r"[uµ]m", unit) else 1e-9
    return 2.0 * scale if unit.startswith("r") else scale


def _pairs(table: Table, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
    """(abscissa, ordinate) columns: every named ordinate belongs to the nearest abscissa on its left."""
    axes = [i for i, name in enumerate(table.names) if pattern.search(name.strip())]
    sized = [i for i in axes if not re.fullmatch(r"x?\s*intensity", table.names[i].strip(), re.I)]
    axes = sized or axes  # "X Intensity" is the axis where no column of sizes is, and the weight beside one
    found, current = [], None
    for i, name in enumerate(table.names):
        if i in axes and (current is None or pattern is _LAG or not re.search(r"record", name, re.I)):
            current = i
        elif current is not None and np.isfinite(table.values[:, i]).sum() >= 5 and not _OTHER.search(name):
            found.append((current, i))
    return found


def _read(path: Path) -> list[Measurement]:
    found: list[Measurement] = []
    for table in read_tables(path):
        for axis, column in _pairs(table, _LAG):
            factor, note = _scale(table, axis)
            values, shifted = normalised(table.values[:, column])
            found.append(
                correlation_measurement(
                    name=_record(table.names[column], path, column),
                    lag=factor * table.values[:, axis],
                    g2=values,
                    source=path,
                    reader="malvern_dls",
                    metadata=conditions(table),
                    notes=tuple(text for text in (note, shifted, *table.notes()) if text),
                )
            )
        if any(_LAG.search(name) for name in table.names):
            continue
        for axis, column in _pairs(table, _SIZE):
            found.append(
                distribution_measurement(
                    name=_record(table.names[column], path, column),
                    diameter=_nanometres(table, axis) * table.values[:, axis],
                    weight=table.values[:, column],
                    source=path,
                    reader="malvern_dls",
                )
            )
    if not found:
        raise LabFileError(
            path, "columns", "no lag time and no size classes", "a correlation function or a distribution"
        )
    return found


def _record(name: str, path: Path, column: int) -> str:
    return re.sub(r"^Record\s*\d+\s*:\s*", "", name.strip()) or (path.stem if column == 1 else f"{path.stem} {column}")


def conditions(table: Table) -> dict[str, float | str | None]:
    """What a header may say: temperature, viscosity, index, angle, dispersant."""
    found: dict[str, float | str | None] = {}
    for key, pattern, factor in (
        ("temperature", r"temperature[^\d-]{0,20}([\d.]+)", 1.0),
        ("viscosity", r"viscosity[^\d-]{0,20}([\d.]+)", 1e-3),
        ("refractive_index", r"(?:refractive index|dispersant RI|\bRI\b)[^\d-]{0,20}(1\.\d+)", 1.0),
        ("angle", r"(?:scattering |measurement )?angle[^\d-]{0,20}([\d.]+)", np.pi / 180.0),
    ):
        match = next((m for line in table.header if (m := re.search(pattern, line, re.I))), None)
        found[key] = factor * float(match[1]) if match else None
    dispersant = table.key("dispersant(?: name)?|solvent")
    found["solvent"] = dispersant if dispersant and not re.match(r"[\d.]", dispersant) else None
    return found


READER = Reader(
    name="malvern_dls",
    title="Malvern Zetasizer export (text, workbook)",
    kinds=("dls_correlation", "dls_distribution"),
    suffixes=(".txt", ".csv", ".xlsx"),
    sniff=_sniff,
    read=_read,
    checked="independent file",
    note="workbooks: unverified",
)
