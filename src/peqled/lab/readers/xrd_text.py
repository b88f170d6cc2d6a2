"""Powder patterns as text: Rigaku .ras, PANalytical csv, two or three columns of angle and intensity."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.readers._lines import text_lines
from peqled.lab.readers._scan import scan_measurement
from peqled.lab.registry import Reader
from peqled.lab.text import Table, head_table, read_table
from peqled.lab.xrd.pattern import xrd_measurement

_AXIS = r"2\s*[-_ ]?\s*th|two\s*[-_ ]?theta|2\s*θ|^angle$|°\s*2"
_SURE = _AXIS.replace("|^angle$", "")
_NAMED = re.compile(r"2\s*[-_ ]?\s*th(?:eta)?|two\s*[-_ ]?theta|2θ|diffract|xrd|goniometer", re.I)
_KEYS = {
    "wavelength_alpha1_angstrom": r"(?:LENGTH_ALPHA1|WAVE_LENGTH1|_WL1|alpha1|wavelength)\D{0,12}?(\d\.\d{3,})",
    "wavelength_alpha2_angstrom": r"(?:WAVE_LENGTH_ALPHA2|WAVE_LENGTH2|_WL2|alpha2)\D{0,12}?(\d\.\d{3,})",
}
_ANODE = re.compile(r"(?:anode(?: material)?|XG_TARGET_NAME|_ANODE|target)\W{1,4}(Cu|Co|Mo|Cr|Fe|Ag)\b", re.I)


def _even_pattern(table: Table) -> bool:
    """Two or three unnamed columns with the even grid of a powder scan and no negative intensity."""
    values = table.values
    if values.ndim != 2 or values.shape[1] not in (2, 3) or values.shape[0] < 100 or any(table.names):
        return False
    x, y = values[:, 0], values[:, 1]
    steps = np.diff(x)
    step = float(np.median(steps))
    even = step > 0.0 and np.ptp(steps) < 0.3 * step + 2e-3
    return bool(even and 0.002 <= step <= 0.2 and x[0] >= 2.0 and 10.0 < x[-1] < 170.0 and np.nanmin(y) >= 0.0)


def _sniff(head: bytes, name: str) -> float:
    if head.startswith(b"*RAS_DATA_START") or b"*RAS_INT_START" in head:
        return 0.95
    table = head_table(head)
    if table is None or table.values.shape[1] < 2 or table.values.shape[0] < 10:
        return 0.0
    if table.column(_AXIS) is not None and table.column(_SURE) is None:  # "Angle" alone may be a viewing angle
        said = _NAMED.search(f"{name} {' '.join(table.header[:40])}") or _ANODE.search("\n".join(table.header))
        return 0.85 if said else 0.35
    if table.column(_AXIS) is not None and not re.search(r"lambda|nm", " ".join(table.names), re.I):
        return 0.85
    said = _NAMED.search(f"{name} {' '.join(table.header[:40])}") or name.lower().endswith((".xy", ".xye"))
    return (0.75 if said else 0.33) if _even_pattern(table) else 0.0


def metadata_of(text: str) -> dict[str, float | str]:
    """Wavelengths (angstrom) and anode that a header names."""
    found: dict[str, float | str] = {}
    for key, pattern in _KEYS.items():
        if match := re.search(pattern, text, re.I):
            found[key] = float(match[1])
    if match := _ANODE.search(text):
        found["anode"] = match[1]
    return found


def _read(path: Path) -> list[Measurement]:
    with path.open("rb") as file:
        head = file.read(65536)
    if b"*RAS_" in head:
        return _ras(path, text_lines(path))
    table = read_table(path)
    named = table.column(_AXIS)
    axis = 0 if named is None else named
    others = [i for i in range(table.values.shape[1]) if i != axis and np.isfinite(table.values[:, i]).sum() >= 10]
    signal = next(
        (i for i in others if re.search(r"int|count|cps|signal|y", table.names[i], re.I)), others[0] if others else None
    )
    if signal is None:
        raise LabFileError(path, "columns", ", ".join(table.names)[:80], "an angle and an intensity")
    return [
        xrd_measurement(
            name=path.stem,
            two_theta=table.values[:, axis],
            intensity=table.values[:, signal],
            source=path,
            reader="xrd_text",
            metadata=metadata_of("\n".join(table.header)),
            notes=table.notes(),
        )
    ]


def _ras(path: Path, lines: list[str]) -> list[Measurement]:
    """Rigaku .ras: header lines ``*KEY "value"``; between the markers angle, intensity and attenuation."""
    scans: list[list[list[float]]] = []
    axes: list[str] = []
    reading, axis = False, ""
    for line in lines:
        if match := re.match(r'\*MEAS_SCAN_AXIS_X\s+"([^"]*)"', line):
            axis = match[1]
        if line.startswith("*RAS_INT_START"):
            scans.append([])
            axes.append(axis)
            reading = True
        elif line.startswith("*"):
            reading = reading and not line.startswith("*RAS_INT_END")
        elif reading:
            try:
                scans[-1].append([float(cell) for cell in line.split()])
            except ValueError:
                raise LabFileError(path, "*RAS_INT", line[:60], "angle, intensity, attenuation") from None
    header = "\n".join(line for line in lines if line.startswith("*"))
    found = []
    for number, scan in enumerate(scans, start=1):
        rows = [[*row, 1.0][:3] for row in scan if len(row) >= 2]
        table = np.array(rows, dtype=float).reshape(-1, 3)
        found.append(
            scan_measurement(
                axis=axes[number - 1],
                name=path.stem if len(scans) == 1 else f"{path.stem} [{number}]",
                angle=table[:, 0],
                intensity=table[:, 1] * np.where(table[:, 2] > 0.0, table[:, 2], 1.0),
                source=path,
                reader="xrd_text",
                metadata=metadata_of(header),
            )
        )
    if not found:
        raise LabFileError(path, "*RAS_INT_START", "missing", "a block of intensities")
    return found


READER = Reader(
    name="xrd_text",
    title="powder pattern as text (xy, csv, ras)",
    kinds=("xrd", "spectrum"),
    suffixes=(".xy", ".csv", ".txt", ".ras", ".asc", ".dat"),
    sniff=_sniff,
    read=_read,
    checked="independent file",
    note="csv: unverified",
)
