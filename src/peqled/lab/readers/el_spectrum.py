"""EL spectra: a wavelength column and one or more columns of spectral radiance or detector counts."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, Reader, dataset
from peqled.lab.readers._columns import header_metadata
from peqled.lab.text import Table, head_table, number, read_tables

CALIBRATED = re.compile(
    r"\bspd\b|spectral[ _]?(?:ir)?radian|radian(?:ce|t)|irradiance|\bW\b.*nm|[uµm]?W[ /·*]?(?:cm|m|sr|nm)"
    r"|calibrated(?<!uncalibrated)|energy|power[ _]dens",
    re.IGNORECASE,
)
PHOTONS = re.compile(r"photon(?:s|[ _]flux|[ _]count)?(?!ics)", re.IGNORECASE)
COUNTS = re.compile(r"count|\bcts\b|\badc\b|uncalibrated|\braw\b|dark[ _]corrected|scope mode", re.IGNORECASE)
EL = re.compile(r"(?<![a-z])(?:el|spd|electrolumin\w*|jvl|led|oled|peled|qled)(?![a-z])", re.IGNORECASE)
OTHER = re.compile(
    r"(?<![a-z])(?:pl|plqy|photolumin\w*|fluor\w*|fl|emission|abs\w*|uv|vis|uvvis|transmi\w+|tauc|ftir|trpl|cf)(?![a-z])",
    re.IGNORECASE,
)
VOLTAGES = r"volt|spannung|bias|\(V\)"
WAVELENGTH = r"(?:wave ?length|wl|lambda|λ|wellenl[äa]nge)(?: ?\(?nm\)?)?"


def _axis(table: Table) -> int | None:
    """The wavelength column: by name, or an ascending or descending first column within 200 to 2000 nm."""
    for index, name in enumerate(table.names):
        if re.fullmatch(WAVELENGTH, re.sub(r"[_\s]+", " ", name).strip(), re.IGNORECASE):
            return index
    first = table.values[:, 0]
    steps = np.diff(first)
    if table.values.shape[1] > 1 and len(first) > 20 and first.min() >= 180 and first.max() <= 2600:
        return 0 if (steps > 0).all() or (steps < 0).all() else None
    return None


def _upright(table: Table) -> Table:
    """Rows of voltages under a header of wavelengths, turned: a wavelength column and a column for each voltage."""
    waves = [number(name) for name in table.names[1:]]
    if len(waves) < 20 or not re.match(r"volt|bias|v$", table.names[0].strip(), re.IGNORECASE):
        return table
    inside = [w for w in waves if w is not None and 180.0 <= w <= 2600.0]
    if len(inside) < len(waves):
        return table
    volts = [f"{v:.10g} V" for v in table.values[:, 0]]
    values = np.column_stack([np.array(inside), table.values[:, 1:].T])
    return replace(table, names=("wavelength", *volts), units=("nm", *[""] * len(volts)), values=values)


def _text(table: Table, name: str) -> str:
    return re.sub(r"[_\-]", " ", " ".join([Path(name).stem, *table.names, *table.units, *table.header[:40]]))


def sniff(head: bytes, name: str) -> float:
    """High where name or header says electroluminescence; low for counts of nothing stated."""
    table = head_table(head)
    table = None if table is None else _upright(table)
    if table is None or len(table.values) < 20 or _axis(table) is None or table.values.shape[1] < 2:
        return 0.0
    text = _text(table, name)
    own = re.sub(r"[_\-]", " ", Path(name).stem)
    if OTHER.search(own) or (OTHER.search(text) and not EL.search(own)):
        return 0.0
    if EL.search(text) or re.search(r"spectral[ _]?radiance", text, re.IGNORECASE):
        return 0.8
    return 0.5 if CALIBRATED.search(text) or COUNTS.search(text) else 0.15


def read(path: Path) -> list[Measurement]:
    """One measurement per column; columns named by a voltage become one measurement of spectra against voltage."""
    tables = [
        (t, axis) for t in map(_upright, read_tables(path)) if len(t.values) >= 20 and (axis := _axis(t)) is not None
    ]
    if not tables:
        raise LabFileError(path, "columns", "no wavelength axis", "a column such as Wavelength (nm)")
    return [m for table, axis in tables for m in _of_table(path, table, axis)]


def _of_table(path: Path, table: Table, axis: int) -> list[Measurement]:
    scale = _metres(table.units[axis], table.values[:, axis])
    wavelength = table.values[:, axis] * scale
    order = np.argsort(wavelength)
    order = order[np.isfinite(wavelength[order])]
    columns = [i for i in range(table.values.shape[1]) if i != axis and np.isfinite(table.values[:, i]).any()]
    kind, notes = _scale(path, table)
    metadata: dict[str, Any] = {**header_metadata(table.header), "scale": kind}
    flags = {"counts": ("SPEC_UNCAL",), "unknown": ("SPEC_AU",)}.get(kind, ())
    signal = np.nan_to_num(table.values[order][:, columns].T)
    if kind == "photons":
        signal = signal / wavelength[order] * wavelength[order].mean()
    variable = "lab.el_counts" if flags else "lab.el_energy"
    volts = _voltages(table, axis, columns)
    if len(columns) > 1 and all(v is not None for v in volts):
        data = dataset({"wavelength": wavelength[order], "voltage": np.array(volts, float), variable: signal})
        return [
            Measurement("el_spectrum", path.stem, data, path, "el_spectrum", metadata, (*table.notes(), *notes), flags)
        ]
    names = (
        [table.names[i] or f"{path.stem}#{n}" for n, i in enumerate(columns, 1)] if len(columns) > 1 else [path.stem]
    )
    return [
        Measurement(
            "el_spectrum",
            name,
            dataset({"wavelength": wavelength[order], variable: row}),
            path,
            "el_spectrum",
            {**metadata, "columns": len(columns)},
            (*table.notes(), *notes),
            flags,
        )
        for name, row in zip(names, signal, strict=True)
    ]


def _metres(unit: str, values: Any) -> float:
    if re.fullmatch(r"[uµ]m", unit.strip()) or np.nanmax(values) < 10:
        return 1e-6
    return 1e-10 if unit.strip() in ("A", "Å") else 1e-9


def _scale(path: Path, table: Table) -> tuple[str, tuple[str, ...]]:
    """energy, photons, counts or unknown, by what the columns, the header and the name say, in this order."""
    stem = re.sub(r"[_\-]", " ", path.stem)
    for text in (" ".join([*table.names, *table.units]), " ".join(table.header), stem):
        if COUNTS.search(text):
            return "counts", ("detector counts, no response correction stated",)
        if PHOTONS.search(text):
            return "photons", ("photon spectrum, turned into energy",)
        if CALIBRATED.search(text):
            return "energy", ()
    return "unknown", ("nothing says whether the spectrum is calibrated: its shape is used, its scale is not",)


def _voltages(table: Table, axis: int, columns: list[int]) -> list[float | None]:
    """Voltage of each column: ``3.5 V``, ``EL@3.5V``, ``V=3.5``, or a bare number where the axis or a line above says
    that the columns are voltages."""
    found = [_voltage(f"{table.names[i]} {table.units[i]}") for i in columns]
    said = re.search(VOLTAGES, " ".join((table.names[axis], table.units[axis], *table.header[-3:])), re.IGNORECASE)
    bare = [number(table.names[i]) for i in columns]
    return bare if said and all(v is not None for v in bare) else found


def _voltage(name: str) -> float | None:
    if said := re.fullmatch(r"(?:v|u|voltage|bias) ?= ?([+-]?\d+(?:[.,]\d+)?)(?: ?v)?", name.strip(), re.IGNORECASE):
        return number(said[1].replace(",", "."))
    match = re.fullmatch(r"(?:.*[ _@=(])?([+-]?\d+(?:[.,]\d+)?)\s*V\)?", name.strip())
    return number(match[1].replace(",", ".")) if match else None


READER = Reader(
    "el_spectrum",
    "EL spectra as columns",
    ("el_spectrum",),
    (".csv", ".txt", ".dat", ".xlsx"),
    sniff,
    read,
    "independent file",
)
