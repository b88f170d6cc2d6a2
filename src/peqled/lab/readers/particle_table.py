"""Tables of particles: ImageJ ``Results`` (Area, Feret, ...), and lists of diameters or edge lengths.

Area in an ImageJ table is in pixels unless its scale was set; the column is then kept in pixels and no size in nm is
given before ``scale`` (nm per pixel) is. Several images in one table are told apart by the column ``Label``.
"""

from __future__ import annotations

import csv
import re
from functools import partial
from pathlib import Path

import numpy as np

from peqled.lab.cells import number
from peqled.lab.measurement import LabFileError, Measurement, dataset
from peqled.lab.registry import Reader
from peqled.lab.text import NotText, Records, Table, decode, head_records, head_table, read_records, read_tables

_SIZE = (
    r"\becd\b|equivalent|eq\.?\s*d",
    r"edge|kante",
    r"diameter|\bdiam\b|^d$|d_nm|durchmesser",
    r"\bsize\b|gr[öo](?:ß|ss)e",
    r"feret",
    r"length|l[äa]nge",
)
_TOLD = r"particle|ecd|nanocryst|(?<![a-z])tem(?![a-z])|edge|cube|grain|imagej|teilchen|partikel"
_TOLD_BARE = r"particle|nanocryst|(?<![a-z])tem(?![a-z])|edge|diameter|sizes?(?![a-z])"
_COUNT = r"^(?:counts?|frequency|n|number(?: of particles)?|occurrences?|h[äa]ufigkeit|anzahl|particles)$"
_NOT_SIZE = re.compile(r"angle|feretx|ferety|minferet|feret[xy]", re.I)
_AREA = r"^area\b|fl[äa]che"
_NO_SCALE = (
    "taken in pixels: an ImageJ table does not say its scale; give scale = 'x nm' a pixel ('1 nm' if it is in nm)"
)
MOST = 1_000_000  # particles of a histogram
_IMAGEJ = {"area", "perim.", "circ.", "feret", "minferet", "round", "solidity", "mean", "major", "length"}
_UNITS = {"nm": 1e-9, "um": 1e-6, "µm": 1e-6, "μm": 1e-6, "m": 1.0, "a": 1e-10, "å": 1e-10, "mm": 1e-3}


def _size_column(table: Table) -> int | None:
    for pattern in _SIZE:
        for i, name in enumerate(table.names):
            if re.search(pattern, name, re.I) and not _NOT_SIZE.search(name):
                return i
    return None


def _sniff(head: bytes, name: str) -> float:
    table = head_table(head) or _of_records(head_records(head))
    if table is None or not any(table.names):
        if len(_IMAGEJ & _labelled_names(head)) >= 3:
            return 0.9
        return 0.5 if table is not None and _list_of_sizes(table, name) else 0.0
    names = {n.strip().lower() for n in table.names}
    if len(_IMAGEJ & (names | _labelled_names(head))) >= 3:
        return 0.92
    column, text = _size_column(table), " ".join((name, *table.names, *table.header[:5]))
    if re.search(r"intensity|volume|number\s*%|lag|wavelength|bias|voltage", text, re.I):
        return 0.0
    told = re.search(_TOLD, text.replace("_", " "), re.I)
    if column is None:
        return 0.6 if told and table.column(_AREA) is not None else 0.0
    few = sum(bool(n) for n in table.names) <= 4
    return 0.8 if told else 0.45 if few and table.values.shape[0] >= 20 else 0.0


def _of_records(records: Records | None) -> Table | None:
    """Records with a name beside their numbers as a table; None without a column of sizes or areas."""
    if records is None:
        return None
    values = np.column_stack([records.numbers(i) for i in range(len(records.names))])
    table = Table(records.names, records.units, values, records.header)
    column = _size_column(table)
    column = table.column(_AREA) if column is None else column
    return table if column is not None and np.isfinite(values[:, column]).any() else None


def _list_of_sizes(table: Table, name: str) -> bool:
    """One nameless column of positive sizes below a micrometre, in a file whose name says so."""
    sizes = table.values[:, 0]
    one = table.values.shape[1] == 1 and sizes.size >= 10 and bool(np.all((sizes > 0.0) & (sizes < 1000.0)))
    return one and re.search(_TOLD_BARE, Path(name).stem.replace("_", " "), re.I) is not None


def _labelled_names(head: bytes) -> set[str]:
    try:
        first = decode(head)[0].splitlines()[0]
    except (NotText, IndexError):
        return set()
    return {cell.strip().strip('"').lower() for cell in re.split(r"[,\t;]", first)}


def _read(path: Path) -> list[Measurement]:
    with path.open("rb") as file:
        names = _labelled_names(file.read(65536))
    if len(_IMAGEJ & names) >= 3 and path.stat().st_size < 64_000_000:
        return _imagej(path)
    try:
        tables = read_tables(path)
    except LabFileError:
        records = _of_records(read_records(path))
        if records is None:
            raise
        tables = [records]
    found = [m for table in tables if (m := _plain(path, table)) is not None]
    if not found:
        raise LabFileError(path, "columns", ", ".join(sorted(names))[:80], "a column of sizes or areas")
    return found


def _cell(cell: str | None, decimal: str) -> float:
    """Number of a cell, NaN where it is empty; ValueError for text."""
    value = number(cell, decimal) if cell and cell.strip() else np.nan
    if value is None:
        raise ValueError(cell)
    return value


def _imagej(path: Path) -> list[Measurement]:
    """One measurement an image: rows grouped by what comes before the last colon of ``Label``."""
    text = decode(path.read_bytes())[0]
    first, _, body = text.partition("\n")
    delimiter = next((sign for sign in "\t;" if sign in first), ",")
    quoted = delimiter == "," and '"' in body  # numbers with a comma stand in quotes between commas
    comma = (delimiter != "," or quoted) and re.search(r"\d,\d", body) and not re.search(r"\d\.\d", body)
    read = partial(_cell, decimal="," if comma else ".")
    # "Area" is the particle's where its outline was taken, and that of a line where only its length was
    line = "length" in _labelled_names(text.encode()) and "feret" not in _labelled_names(text.encode())
    images: dict[str, list[tuple[float, float]]] = {}
    for row in csv.DictReader(text.splitlines(), delimiter=delimiter):
        cells = {(key or "").strip().lower(): value for key, value in row.items()}
        try:
            area, feret = read(cells.get("area")), read(cells.get("feret"))
            if line:
                area, feret = np.nan, read(cells.get("length"))
        except (TypeError, ValueError):
            continue
        images.setdefault(str(cells.get("label") or path.stem).partition(":")[0].strip(), []).append((area, feret))
    if not images:
        raise LabFileError(path, "Area", "no row with a number", "an ImageJ results table")
    make = _lengths if line else _pixels
    return [make(path, image, np.array(rows)) for image, rows in images.items()]


def _pixels(path: Path, image: str, rows: np.ndarray) -> Measurement:
    area = rows[:, 0][np.isfinite(rows[:, 0]) & (rows[:, 0] > 0.0)]
    if area.size == 0:
        raise LabFileError(path, "Area", "no positive number", "areas")
    values = {"particle": np.arange(area.size), "lab.tem_area_px": area}
    if np.isfinite(rows[:, 1]).all() and area.size == len(rows):
        values["lab.tem_size_px"] = rows[:, 1]
    metadata = {"size_is": "equivalent circle diameter", "image": image}
    return Measurement("tem_particles", image, dataset(values), path, "particle_table", metadata, (_NO_SCALE,))


def _lengths(path: Path, image: str, rows: np.ndarray) -> Measurement:
    """Lengths of lines drawn over particles; whether in pixels or nm, ImageJ does not write."""
    length = rows[:, 1][np.isfinite(rows[:, 1]) & (rows[:, 1] > 0.0)]
    if length.size == 0:
        raise LabFileError(path, "Length", "no positive number", "lengths")
    data = dataset({"particle": np.arange(length.size), "lab.tem_size_px": length})
    metadata = {"size_is": "length of a drawn line", "image": image}
    return Measurement("tem_particles", image, data, path, "particle_table", metadata, (_NO_SCALE,))


def _plain(path: Path, table: Table) -> Measurement | None:
    column, area = _size_column(table), table.column(_AREA)
    bare = column is None and area is None and _list_of_sizes(table, path.name)
    i = 0 if bare else column if column is not None else area
    if i is None:
        return None
    unit = _unit(table, i, path.stem if bare else "")
    values, notes = _weighted(table, i)
    if values.size < 2:
        return None
    metadata = {"size_is": table.names[i].strip() or "size"}
    key, flags = "lab.tem_size", ()
    if column is None and not bare:  # areas
        side = unit.rstrip("2²").rstrip("^")
        if side in _UNITS and side != unit:
            values = _UNITS[side] * np.sqrt(4.0 * values / np.pi)
            metadata["size_is"] = "equivalent circle diameter"
        else:
            key = "lab.tem_area_px"
    elif unit in ("px", "pixel", "pixels"):
        key = "lab.tem_size_px"
    else:
        values = _UNITS.get(unit, 1e-9) * values
        flags = () if unit in _UNITS else ("READ_UNIT",)
        notes += () if unit in _UNITS else ("unit of the size not given: nm taken",)
    data = dataset({"particle": np.arange(values.size), key: values})
    title = table.title or path.stem
    return Measurement("tem_particles", title, data, path, "particle_table", metadata, notes, flags)


def _unit(table: Table, i: int, name: str) -> str:
    """Unit of a column, from its own words or the name of the file; "" where neither says it."""
    written = table.units[i].strip().lower()
    text = f"{table.names[i]} {name}".lower().rstrip(")] ")
    ends = (u for u in ("nm", "um", "µm") if re.search(rf"[ _(\[]{u}(?![a-z])", text))
    return written or next(ends, "")


def _weighted(table: Table, i: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """Sizes, each as often as a column of counts beside it says: a histogram becomes a list of its bin centres."""
    sizes, notes = table.values[:, i], table.notes()
    counts = table.column(_COUNT)
    good = np.isfinite(sizes) & (sizes > 0.0)
    if counts is None or counts == i:
        return sizes[good], notes
    weight, steps = table.values[:, counts], np.diff(sizes)
    even = steps.size > 2 and float(np.ptp(steps)) <= 0.01 * abs(float(np.median(steps)))
    whole = bool(np.all(weight >= 0.0) and np.all(weight == np.round(weight)) and 2.0 <= weight.sum() <= MOST)
    if not (good.all() and even and whole):
        return sizes[good], notes
    note = f"a histogram: bin centres, {abs(float(np.median(steps))):.3g} wide, each as often as its count"
    return np.repeat(sizes, weight.astype(int)), (*notes, note)


READER = Reader(
    name="particle_table",
    title="table of particles (ImageJ results, diameters)",
    kinds=("tem_particles",),
    suffixes=(".csv", ".txt", ".xls", ".xlsx"),
    sniff=_sniff,
    read=_read,
    checked="independent file",
)
