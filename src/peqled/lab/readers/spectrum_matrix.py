"""EL spectra of a sweep as a bare matrix: rows are detector pixels, columns the points of the J-V-L table."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, Reader, dataset
from peqled.lab.text import Table, head_table, read_table

KNOWN_AXES = {2028: (359.765e-9, 433.102e-9 / 2028)}
"""First wavelength and step (m) of detectors whose files carry no axis, by number of pixels; found by matching peaks
with a calibrated export of the same spectra."""


def _is_matrix(table: Table | None, rows: int) -> bool:
    return table is not None and not any(table.names) and len(table.values) >= rows and table.values.shape[1] >= 6


def sniff(head: bytes, name: str) -> float:
    """High for a matrix without names whose first columns are fillers; the head shows a few dozen of its rows."""
    table = head_table(head)
    if table is None or not _is_matrix(table, 20):
        return 0.0
    first = table.values[:, 0]
    ascending = (np.diff(first) > 0).all()
    named = re.search(r"spd|count|spectr|(?<![a-z])el(?![a-z])", name, re.IGNORECASE)
    filler = not first.any()
    return 0.75 if (filler or ascending) and named else 0.6 if filler else 0.35 if ascending and named else 0.0


def read(path: Path) -> list[Measurement]:
    """One measurement: spectra against the points of a sweep, whose voltages the J-V-L table holds."""
    table = read_table(path)
    if not _is_matrix(table, 50):
        raise LabFileError(
            path, "shape", f"{table.values.shape}", "at least 50 pixels and 6 columns of numbers without names"
        )
    matrix = table.values
    notes = list(table.notes())
    if (np.diff(matrix[:, 0]) > 0).all() and matrix[0, 0] > 150:
        wavelength, matrix, fillers = matrix[:, 0] * 1e-9, matrix[:, 1:], 0
    else:
        fillers = next((i for i in range(matrix.shape[1]) if matrix[:, i].any()), 0)
        wavelength, text = _axis(len(matrix), path)
        notes.append(text)
        matrix = matrix[:, fillers:]
    calibrated = re.search(r"spd|radiance|calibrated", path.stem, re.IGNORECASE)
    variable = "lab.el_energy" if calibrated else "lab.el_counts"
    metadata: dict[str, Any] = {
        "filler_columns": fillers,
        "shape": f"{len(table.values)} x {table.values.shape[1]}",
        "scale": "energy" if calibrated else "counts",
        "join": "points",
    }
    data = dataset({"wavelength": wavelength, variable: np.nan_to_num(matrix.T)})
    return [
        Measurement(
            "el_spectrum",
            path.stem,
            data,
            path,
            "spectrum_matrix",
            metadata,
            tuple(notes),
            () if calibrated else ("SPEC_UNCAL",),
        )
    ]


def _axis(pixels: int, path: Path) -> tuple[Any, str]:
    """Wavelengths of a matrix without an axis: a known detector, or 380 to 780 nm where that is a round step."""
    if pixels in KNOWN_AXES:
        first, step = KNOWN_AXES[pixels]
        return first + step * np.arange(
            pixels
        ), f"no wavelength axis: the known one of a {pixels} pixel detector is used"
    step = 400.0 / (pixels - 1)
    if abs(step * 20 - round(step * 20)) < 1e-9:
        return (380.0 + step * np.arange(pixels)) * 1e-9, f"no wavelength axis: 380 to 780 nm in {step:g} nm is assumed"
    raise LabFileError(
        path, "shape", f"{pixels} pixels without a wavelength axis", "wavelength_first and wavelength_step in lab.toml"
    )


READER = Reader(
    "spectrum_matrix",
    "EL spectra of a sweep as a bare matrix",
    ("el_spectrum",),
    (".txt", ".dat"),
    sniff,
    read,
    "independent file",
)
