"""Text of absolute photoluminescence instruments (``LuQY``): lines of key and value, dashes, then a table of spectra.

Latin-1 superscripts, one or several measurements side by side (one column of values per measurement in the header).
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, Reader, dataset
from peqled.lab.text import number, read_lines, read_table

_KEYS = {
    "luqy_pct": r"LuQY \(%\)|LuQY$",
    "suns": r"Laser intensity \(suns\)",
    "laser_mw_cm2": r"Laser intensity \(mW",
    "jsc_ma_cm2": r"Jsc",
    "laser_eqe": r"EQE ?@ ?laser",
    "bandgap_ev": r"Bandgap",
    "qfls_ev": r"(?:QFLS|iVoc)(?: LuQY)? \((?:eV|V)\)$",
    "spot_cm2": r"Laser spot size",
    "area_cm2": r"Subcell area",
    "integration_ms": r"Integration Time",
    "subcell": r"Subcell$",
}


def sniff(head: bytes, name: str) -> float:
    """Certain by the key LuQY beside a wavelength column."""
    text = head[:20000].decode("latin-1").replace("\0", "")
    return (
        0.95 if re.search(r"^\s*\"?LuQY", text, re.MULTILINE) and re.search("wavelength", text, re.IGNORECASE) else 0.0
    )


def read(path: Path) -> list[Measurement]:
    """One measurement per pair of value columns."""
    lines = read_lines(path)
    values: dict[str, list[str]] = {}
    for line in lines[:200]:
        parts = [p.strip() for p in line.split("\t")]
        if re.match(r"^-[-\s]*$", line) or len(parts) < 2:
            continue
        for key, pattern in _KEYS.items():
            if key not in values and re.match(pattern, parts[0], re.IGNORECASE):
                values[key] = [p for p in parts[1:] if p]
    if not values.get("luqy_pct"):
        raise LabFileError(path, "LuQY", "no value", "a number behind LuQY (%)")
    table = read_table(path)
    axis = table.column(r"wavelength")
    axis = 0 if axis is None else axis
    count = max(len(v) for key, v in values.items() if key != "subcell")
    per = max((table.values.shape[1] - 1) // count, 1)
    good = np.isfinite(table.values[:, axis])
    found = []
    for k in range(count):
        column = min(axis + 1 + k * per, table.values.shape[1] - 1)
        flux = (
            np.where(np.abs(table.values[good, column]) < 1e30, table.values[good, column], 0.0) * 1e4 * 1e9
        )  # per cm2 and nm to per m2 and m
        order = np.argsort(table.values[good, axis])
        data = dataset({"wavelength": table.values[good, axis][order] * 1e-9, "lab.pl_flux": flux[order]})
        printed = {key: v[min(k, len(v) - 1)] for key, v in values.items()}
        numbers = {key: number(text.replace(",", ".")) for key, text in printed.items()}
        metadata = {
            "role": "absolute",
            **{key: n for key, n in numbers.items() if n is not None},
            **{f"{key}_printed": printed[key] for key in ("suns", "jsc_ma_cm2", "laser_eqe") if key in printed},
        }
        name = path.stem if count == 1 else f"{path.stem} #{k + 1}"
        found.append(Measurement("plqy_run", name, data, path, "absolute_pl", metadata, table.notes()))
    return found


READER = Reader(
    "absolute_pl", "Absolute photoluminescence text (LuQY)", ("plqy_run",), (".txt",), sniff, read, "unverified"
)
