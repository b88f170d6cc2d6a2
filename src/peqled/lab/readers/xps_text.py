"""XPS spectra as text: CasaXPS and Avantage exports, MultiPak csv, and tables whose header names an electron energy.

A block is a header row that names kinetic or binding energy, then rows of numbers; the lines before it say the region
and the photon energy. CasaXPS writes both axes (``K.E. Counts ... B.E.``); Avantage writes ``Binding Energy (E)`` over
a unit row. Several regions may stand side by side, each with its own axis. Two nameless columns are a region where the
file or a line above them names a core level that lies within their range.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.readers._lines import text_lines
from peqled.lab.registry import Reader
from peqled.lab.text import NotText, Table, decode, head_table, number, read_table
from peqled.lab.xps.axis import is_binding, is_kinetic
from peqled.lab.xps.core_levels import LEVELS, level_name
from peqled.lab.xps.region import label_source_energy, region_measurement, together

_PHOTON = re.compile(
    r"(?:characteristic energy(?: ev)?|(?:source|photon|excitation) energy|h\s*nu|hv)"
    r"\D{0,25}?(\d{1,5}(?:[.,]\d+)?(?:e[+-]?\d+)?)",
    re.I,
)
_REGION = re.compile(r"^#?\s*(?:Region(?: Name)?\s*[:=]|Spectrum Name\s*=)\s*(\S.*)$", re.I)
_KEYED = re.compile(r"#?\s*[\w ./()-]+[:=]\s*\S")  # a key with its value is no header row, whatever it names
_SOURCE = re.compile(r"(?:source|anode|x-?ray)[^\n]{0,40}", re.I)
_INTENSITY = re.compile(r"count|cps|intensity|c/s|raw|signal", re.I)
_NO_SIGNAL = re.compile(r"background|envelope|residual|fit|peak|tougaard|shirley|linear", re.I)


@dataclass
class _Block:
    header: list[str]
    before: list[str]
    rows: list[list[float]]
    line: int


def _split(line: str) -> list[str]:
    for sign in ("\t", ";", ","):
        if sign in line:
            return [cell.strip().strip('"') for cell in line.split(sign)]
    return [cell.strip() for cell in re.split(r"\s{2,}", line.strip())]


def _is_axis(cell: str) -> bool:
    return len(cell) < 40 and (is_binding(cell) or is_kinetic(cell)) and "ref" not in cell.lower()


def _header_cells(line: str) -> list[str] | None:
    """Cells of a header row: one of the columns is an electron energy, another is not a number."""
    if not re.search(r"energ|[BK]\.?E\b", line, re.I) or _KEYED.match(line):
        return None
    cells = _split(line.lstrip("# "))
    axes = [cell for cell in cells if _is_axis(cell)]
    others = [cell for cell in cells if cell and cell not in axes]
    named = axes and (not others or any(number(cell) is None for cell in others))
    return cells if named and len([c for c in cells if c]) >= 1 else None


def _values(line: str, decimal: str) -> list[float]:
    """Numbers of a row, NaN for empty cells; empty list for a row of text."""
    delimiter = r"\t" if "\t" in line else ";" if ";" in line else "," if decimal == "." and "," in line else r"\s+"
    cells = re.split(delimiter, line.strip("\r\n"))
    cells = [cell for cell in cells if cell.strip()] if delimiter == r"\s+" else cells
    found = [number(cell.strip(), decimal) for cell in cells]
    if not any(value is not None for value in found) or any(
        value is None and cell.strip() for value, cell in zip(found, cells, strict=True)
    ):
        return []
    return [float("nan") if value is None else value for value in found]


def _plain(lines: list[str]) -> list[str]:
    """SPECS and Scienta exports as the plain layout: the energy axis that their keys name becomes a header row.

    SPECS writes ``# Energy Axis: Kinetic Energy`` and later ``# ColumnLabels: energy counts/s`` above the numbers;
    Scienta ``Dimension 1 name=Kinetic Energy [eV]`` and ``[Data 1]``.
    """
    axis, found = "", []
    for line in lines:
        if match := re.match(r"(?:#\s*Energy Axis:|Dimension 1 name=)\s*(.+)", line.strip(), re.I):
            axis = match[1].strip()
        elif axis and re.match(r"#\s*ColumnLabels:|\[Data\s*\d+\]", line.strip(), re.I):
            line = f"{axis}\tcounts"
        found.append(line)
    return found


def blocks(lines: list[str]) -> list[_Block]:
    """All blocks of a text."""
    lines = _plain(lines)
    numbers = [line for line in lines if line[:1].isdigit()]
    decimal = "," if numbers and sum("," in n and "." not in n for n in numbers) > 0.8 * len(numbers) and any(
        sign in numbers[0] for sign in "\t;"
    ) else "."  # fmt: skip
    found: list[_Block] = []
    before: list[str] = []
    current: _Block | None = None
    for index, line in enumerate(lines):
        cells = _header_cells(line)
        values = [] if cells is not None else _values(line, decimal)
        if cells is not None and not (current is not None and not current.rows):
            current = _Block(cells, before, [], index + 1)
            found.append(current)
            before = []
        elif values and current is not None and len(values) >= 2:
            current.rows.append(values)
        elif line.strip():
            if current is not None and not current.rows:
                continue  # a unit row under the header
            if current is not None and current.rows and not values:
                current = None
            before.append(line)
    return [block for block in found if len(block.rows) >= 5]


def _sniff(head: bytes, name: str) -> float:
    try:
        text = decode(head)[0]
    except NotText:
        return 0.0
    named = re.search(r"energ|[BK]\.?E\b", text, re.I) is not None  # without it no line is a header row
    found = blocks(text.splitlines()[:4000]) if named else []
    if not found:
        return 0.6 if _bare_level(head_table(head), name) else 0.0
    text = text.lower()
    strong = any(word in text for word in ("casaxps", "characteristic energy", "k.e.", "avantage", "cycle 0"))
    return 0.85 if strong else 0.75 if any(_is_axis(cell) and "nerg" in cell for cell in found[0].header) else 0.6


def _read(path: Path) -> list[Measurement]:
    lines = text_lines(path)
    found = blocks(lines)
    if not found and (level := _bare_level(table := read_table(path), path.name)):
        return [_bare(path, table, level)]
    if not found:
        raise LabFileError(path, "columns", "no column of kinetic or binding energy", "a table of an XPS region")
    whole = "\n".join(lines[:200])
    found = [each for block in found for each in _side_by_side(block)]
    regions = [_region(path, block, whole, number) for number, block in enumerate(found, start=1)]
    return together(regions)


def _bare_level(table: Table | None, name: str) -> str:
    """Core level that a name or the lines above two nameless columns say, if it lies within their range; else ""."""
    if table is None or table.values.shape[1] != 2 or len(table.values) < 20 or any(table.names):
        return ""
    axis = table.values[:, 0]
    for text in (Path(name).stem, *table.header[-5:]):
        said = level_name(text)
        level = LEVELS.get(said or "")
        if level is not None and np.nanmin(axis) < level.position < np.nanmax(axis) < 1500.0:
            return level.name
    return ""


def _bare(path: Path, table: Table, level: str) -> Measurement:
    keep = np.isfinite(table.values).all(axis=1)
    return region_measurement(
        name=level,
        axis=table.values[keep, 0],
        axis_label="Binding Energy (eV)",
        intensity=table.values[keep, 1],
        photon_energy=float("nan"),
        source=path,
        reader="xps_text",
        metadata={"block": 1, "block_name": level},
        notes=(*table.notes(), f"columns without names: taken for binding energies, {level} lies among them"),
    )


def _side_by_side(block: _Block) -> list[_Block]:
    """The regions of a block with one axis for each; a block with a kinetic and a binding energy is one region."""
    starts = [i for i, cell in enumerate(block.header) if _is_axis(cell)]
    if len(starts) < 2 or any(is_kinetic(block.header[i]) for i in starts):
        return [block]
    found = []
    for first, stop in zip(starts, [*starts[1:], len(block.header)], strict=True):
        rows = [row[first:stop] for row in block.rows if len(row) > first]
        before = ["\t".join(_split(line)[first:stop]) for line in block.before if len(_split(line)) > first]
        found.append(_Block(block.header[first:stop], before, rows, block.line))
    return found


def _region(path: Path, block: _Block, whole: str, order: int) -> Measurement:
    width = max(len(row) for row in block.rows)
    table = np.full((len(block.rows), width), np.nan)
    for i, row in enumerate(block.rows):
        table[i, : len(row)] = row
    header = [*block.header, *[""] * width][:width]
    axes = [i for i, cell in enumerate(header) if _is_axis(cell)]
    axis = next((i for i in axes if is_binding(header[i])), axes[0] if axes else 0)
    signal = _signal_column(header, axes, table)
    if signal is None:
        raise LabFileError(path, f"line {block.line}", ", ".join(header)[:80], "a column of intensity")
    photon, notes = _photon_energy("\n".join(block.before), whole)
    said = [line for line in (*reversed(block.before), " ".join(block.header)) if level_name(line)]
    region = next((match[1].strip() for line in block.before if (match := _REGION.match(line.strip()))), "")
    name = next((level_name(line) or "" for line in said), "") or region or level_name(path.stem)
    name = name or f"{path.stem} {order}"
    keep = np.isfinite(table[:, axis]) & np.isfinite(table[:, signal])
    return region_measurement(
        name=name,
        axis=table[keep, axis],
        axis_label=header[axis],
        intensity=table[keep, signal],
        photon_energy=photon,
        source=path,
        reader="xps_text",
        metadata={"block": order, "column": header[signal], "block_name": name},
        notes=tuple(notes),
    )


def _signal_column(header: list[str], axes: list[int], table: np.ndarray) -> int | None:
    others = [i for i in range(len(header)) if i not in axes and np.isfinite(table[:, i]).sum() >= 5]
    named = [i for i in others if _INTENSITY.search(header[i]) and not _NO_SIGNAL.search(header[i])]
    return (named or [i for i in others if not _NO_SIGNAL.search(header[i])] or others or [None])[0]


def _photon_energy(before: str, whole: str) -> tuple[float, list[str]]:
    for text in (before, whole):
        for match in _PHOTON.finditer(text):
            energy = float(match[1].replace(",", "."))
            if energy >= 10.0:  # He I is the lowest source
                return energy, []
    for text in (before, whole):
        for line in _SOURCE.findall(text):
            energy = label_source_energy(line)
            if np.isfinite(energy):
                return energy, [f"photon energy {energy} eV taken from '{line.strip()[:40]}'"]
    return float("nan"), []


READER = Reader(
    name="xps_text",
    title="XPS text export (CasaXPS, Avantage, MultiPak, SPECS, Scienta, two columns)",
    kinds=("xps_region",),
    suffixes=(".txt", ".csv", ".asc"),
    sniff=_sniff,
    read=_read,
    checked="unverified",
    note="the layout follows excerpts of CasaXPS, SPECS and Scienta exports, typed by hand",
)
