"""Tables of particles: ImageJ ``Results`` (Area, Feret, ...), and lists of diameters or edge lengths.

Area in an ImageJ table is in pixels unless its scale was set; the column is then kept in pixels and no size in nm is
given before ``scale`` (nm per pixel) is. Several images in one table are told apart by the column ``Label``.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, dataset
from peqled.lab.registry import Reader
from peqled.lab.text import NotText, Table, decode, head_table, read_tables

_SIZE = (r"\becd\b|equivalent|eq\.?\s*d", r"edge", r"diameter|\bdiam\b|^d$|d_nm", r"\bsize\b", r"feret", r"length")
_NOT_SIZE = re.compile(r"angle|feretx|ferety|minferet|feret[xy]", re.I)
_AREA = r"^area\b"
_IMAGEJ = {"area", "perim.", "circ.", "feret", "minferet", "round", "solidity", "mean", "major"}
_UNITS = {"nm": 1e-9, "um": 1e-6, "µm": 1e-6, "μm": 1e-6, "m": 1.0, "a": 1e-10, "å": 1e-10, "mm": 1e-3}


def _size_column(table: Table) -> int | None:
    for pattern in _SIZE:
        for i, name in enumerate(table.names):
            if re.search(pattern, name, re.I) and not _NOT_SIZE.search(name):
                return i
    return None


def _sniff(head: bytes, name: str) -> float:
    table = head_table(head)
    if table is None or not any(table.names):
        labelled = _labelled_names(head)
        return 0.9 if len(_IMAGEJ & labelled) >= 3 else 0.0
    names = {n.strip().lower() for n in table.names}
    if len(_IMAGEJ & (names | _labelled_names(head))) >= 3:
        return 0.92
    column, text = _size_column(table), " ".join((name, *table.names, *table.header[:5]))
    if column is None or re.search(r"intensity|volume|number\s*%|lag|wavelength|bias|voltage", text, re.I):
        return 0.0
    told = re.search(r"particle|ecd|nanocryst|tem\b|edge|cube|grain|imagej", text, re.I)
    few = sum(bool(n) for n in table.names) <= 4
    return 0.8 if told else 0.45 if few and table.values.shape[0] >= 20 else 0.0


def _labelled_names(head: bytes) -> set[str]:
    try:
        first = decode(head)[0].splitlines()[0]
    except (NotText, IndexError):
        return set()
    return {cell.strip().strip('"').lower() for cell in re.split(r"[,\t;]", first)}


def _read(path: Path) -> list[Measurement]:
    with path.open("rb") as file:
        names = _labelled_names(file.read(65536))
    if len(_IMAGEJ & names) >= 3 and "label" in names and path.stat().st_size < 64_000_000:
        return _imagej(path)
    found = [m for table in read_tables(path) if (m := _plain(path, table)) is not None]
    if not found:
        raise LabFileError(path, "columns", ", ".join(sorted(names))[:80], "a column of sizes or areas")
    return found


def _imagej(path: Path) -> list[Measurement]:
    """One measurement an image: rows grouped by what comes before the last colon of ``Label``."""
    text = decode(path.read_bytes())[0]
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    images: dict[str, list[tuple[float, float]]] = {}
    for row in csv.DictReader(text.splitlines(), delimiter=delimiter):
        cells = {(key or "").strip().lower(): value for key, value in row.items()}
        try:
            area, feret = float(cells.get("area") or "nan"), float(cells.get("feret") or "nan")
        except (TypeError, ValueError):
            continue
        images.setdefault(str(cells.get("label") or path.stem).partition(":")[0].strip(), []).append((area, feret))
    if not images:
        raise LabFileError(path, "Area", "no row with a number", "an ImageJ results table")
    return [_pixels(path, image, np.array(rows)) for image, rows in images.items()]


def _pixels(path: Path, image: str, rows: np.ndarray) -> Measurement:
    area = rows[:, 0][np.isfinite(rows[:, 0]) & (rows[:, 0] > 0.0)]
    if area.size == 0:
        raise LabFileError(path, "Area", "no positive number", "areas")
    values = {"particle": np.arange(area.size), "lab.tem_area_px": area}
    if np.isfinite(rows[:, 1]).all() and area.size == len(rows):
        values["lab.tem_size_px"] = rows[:, 1]
    metadata = {"size_is": "equivalent circle diameter", "image": image}
    notes = ("areas taken in pixels: an ImageJ table does not say its scale; give scale = 'x nm' a pixel",)
    return Measurement("tem_particles", image, dataset(values), path, "particle_table", metadata, notes)


def _plain(path: Path, table: Table) -> Measurement | None:
    column, area = _size_column(table), table.column(_AREA)
    if column is None and area is None:
        return None
    i = column if column is not None else area
    assert i is not None
    unit = table.units[i].strip().lower() or next(
        (
            u
            for u in ("nm", "um", "µm")
            if table.names[i].lower().rstrip(")]").endswith((f" {u}", f"_{u}", f"({u}", f"[{u}"))
        ),
        "",
    )
    values = table.values[:, i]
    values = values[np.isfinite(values) & (values > 0.0)]
    if values.size < 2:
        return None
    metadata = {"size_is": table.names[i].strip() or "size"}
    title = table.title or path.stem
    axis = {"particle": np.arange(values.size)}
    if column is None:
        return Measurement(
            "tem_particles", title, dataset({**axis, "lab.tem_area_px": values}), path, "particle_table", metadata
        )
    if unit in ("px", "pixel", "pixels"):
        return Measurement(
            "tem_particles", title, dataset({**axis, "lab.tem_size_px": values}), path, "particle_table", metadata
        )
    flags = () if unit in _UNITS else ("READ_UNIT",)
    data = dataset({**axis, "lab.tem_size": _UNITS.get(unit, 1e-9) * values})
    notes = () if unit in _UNITS else ("unit of the size not given: nm taken",)
    return Measurement("tem_particles", title, data, path, "particle_table", metadata, notes, flags)


READER = Reader(
    name="particle_table",
    title="table of particles (ImageJ results, diameters)",
    kinds=("tem_particles",),
    suffixes=(".csv", ".txt", ".xls", ".xlsx"),
    sniff=_sniff,
    read=_read,
    checked="independent file",
)
