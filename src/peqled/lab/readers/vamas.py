"""VAMAS surface-analysis files (ISO 14976:1998), every experiment and scan mode.

The format is one value per line, without keys: what a line means follows from the lines before it. Real files break
the standard in small ways, all met here: blank lines before the identifier, ``1E+37`` for "not given", irregular
scans whose abscissa is the first of several interleaved ordinates, an axis in kinetic or in binding energy, and
comments by third programs. The field *work function* is kept as metadata and never applied: the axis has it inside.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.registry import Reader
from peqled.lab.xps.region import label_source_energy, region_measurement, together

IDENTIFIER = "VAMAS Surface Chemical Analysis Standard Data Transfer Format 1988 May 4"
MISSING = 1.0e37
MAX_BYTES = 100_000_000
_MAPPED = ("MAP", "MAPDP")
_FIELD_OF_VIEW = ("MAP", "MAPDP", "MAPSV", "MAPSVDP", "SEM")
_LINE_SCAN = ("MAPSV", "MAPSVDP", "SEM")
_PROFILED = ("MAPDP", "MAPSVDP", "SDP", "SDPSV")
_ION_TECHNIQUES = ("FABMS", "FABMS ENERGY SPEC", "ISS", "SIMS", "SIMS ENERGY SPEC", "SNMS", "SNMS ENERGY SPEC")
_RATES = ("c/s", "cps", "counts/s", "1/s", "c/sec", "s-1")
_SPUTTERED = ("AES DIFF", "AES DIR", "EDX", "ELS", "UPS", "XPS", "XRF")


@dataclass
class _Header:
    mode: str
    scan: str
    variables: list[str]
    included: set[int]
    block_upgrades: int
    blocks: int
    comments: list[str]


@dataclass
class Block:
    """One spectrum of the file: abscissa, its ordinates by label, and the fields that a reduction may ask for."""

    name: str
    sample: str
    technique: str
    abscissa_label: str
    abscissa_unit: str
    abscissa: np.ndarray
    ordinates: dict[str, np.ndarray]
    units: dict[str, str]
    fields: dict[str, Any] = field(default_factory=dict)


class _Lines:
    """A cursor over the lines that says where it stopped."""

    def __init__(self, path: Path, lines: list[str], start: int) -> None:
        self.path, self.lines, self.at = path, lines, start

    def text(self, what: str) -> str:
        if self.at >= len(self.lines):
            raise LabFileError(self.path, f"line {self.at + 1}", "the end of the file", what)
        self.at += 1
        return self.lines[self.at - 1].strip().strip("\x00")

    def number(self, what: str) -> float:
        held = self.text(what)
        try:
            value = float(held.replace(",", "."))
        except ValueError:
            raise LabFileError(self.path, f"line {self.at}", held[:60], f"{what}, a number") from None
        return np.nan if not abs(value) < 0.99 * MISSING else value

    def count(self, what: str) -> int:
        value = self.number(what)
        if not (np.isfinite(value) and value == int(value) and abs(value) < 1e8):
            raise LabFileError(
                self.path, f"line {self.at}", self.lines[self.at - 1].strip()[:60], f"{what}, a whole number"
            )
        return int(value)

    def skip(self, lines: int, what: str) -> None:
        if lines < 0 or self.at + lines > len(self.lines):
            raise LabFileError(self.path, f"line {self.at}", f"{lines} lines announced", f"{what} within the file")
        self.at += lines

    def texts(self, lines: int, what: str) -> list[str]:
        start = self.at
        self.skip(lines, what)
        return [line.strip() for line in self.lines[start : self.at]]


def parse(path: Path, content: str) -> list[Block]:
    """All blocks of a VAMAS text."""
    lines = content.splitlines()
    start = next((i for i, line in enumerate(lines[:50]) if line.strip().startswith(IDENTIFIER[:40])), None)
    if start is None:
        raise LabFileError(path, "line 1", lines[0][:60] if lines else "nothing", f"'{IDENTIFIER}'")
    cursor = _Lines(path, lines, start + 1)
    header = _header(cursor)
    blocks: list[Block] = []
    first: dict[str, Any] = {}
    for number in range(header.blocks):
        if number and _only_end(cursor):
            break
        blocks.append(_block(cursor, header, first, everything=number == 0))
    return blocks


def _only_end(cursor: _Lines) -> bool:
    rest = [line.strip() for line in cursor.lines[cursor.at :]]
    return not any(line and line.lower() != "end of experiment" for line in rest)


def _header(cursor: _Lines) -> _Header:
    for what in ("institution", "instrument model", "operator", "experiment identifier"):
        cursor.text(what)
    comments = cursor.texts(cursor.count("number of comment lines"), "comment lines")
    mode, scan = cursor.text("experiment mode").upper(), cursor.text("scan mode").upper()
    if scan not in ("REGULAR", "IRREGULAR", "MAPPING"):
        raise LabFileError(cursor.path, f"line {cursor.at}", scan[:60], "scan mode REGULAR, IRREGULAR or MAPPING")
    if mode in (*_MAPPED, "NORM", "SDP"):
        cursor.number("number of spectral regions")
    if mode in _MAPPED:
        cursor.skip(3, "analysis positions and map size")
    variables = []
    for _ in range(cursor.count("number of experimental variables")):
        variables.append(cursor.text("variable label"))
        cursor.text("variable unit")
    entries = cursor.count("number of entries in the parameter inclusion or exclusion list")
    listed = {cursor.count("parameter number") for _ in range(abs(entries))}
    everything = set(range(1, 41))
    included = listed if entries > 0 else everything - listed
    cursor.skip(cursor.count("number of manually entered items"), "manually entered items")
    upgrades, block_upgrades = cursor.count("future upgrade entries"), cursor.count("future upgrade block entries")
    cursor.skip(upgrades, "future upgrade entries")
    return _Header(mode, scan, variables, included, block_upgrades, cursor.count("number of blocks"), comments)


def _layout(header: _Header, technique: str) -> list[tuple[int, tuple[str, ...]]]:
    """Scalar fields between technique and abscissa as (parameter number, names), in the order of the standard."""
    mode = header.mode
    ions = mode in _PROFILED or technique in _ION_TECHNIQUES
    return [
        (10, ("x coordinate", "y coordinate") if mode in _MAPPED else ()),
        (11, tuple(header.variables)),
        (12, ("source label",)),
        (13, ("ion atomic number", "ion atoms", "ion charge") if ions else ()),
        (14, ("source energy",)),
        (15, ("source strength",)),
        (16, ("source width x", "source width y")),
        (17, ("field of view x", "field of view y") if mode in _FIELD_OF_VIEW else ()),
        (18, tuple(f"line scan {i}" for i in range(6)) if mode in _LINE_SCAN else ()),
        (19, ("source polar angle",)),
        (20, ("source azimuth",)),
        (21, ("analyser mode",)),
        (22, ("pass energy",)),
        (23, ("differential width",) if technique == "AES DIFF" else ()),
        (24, ("magnification",)),
        (25, ("work function",)),
        (26, ("target bias",)),
        (27, ("analysis width x", "analysis width y")),
        (28, ("take-off polar angle", "take-off azimuth")),
        (29, ("species",)),
        (30, ("transition", "particle charge")),
    ]


def _block(cursor: _Lines, header: _Header, first: dict[str, Any], *, everything: bool) -> Block:
    """One block; fields that the list leaves out of later blocks keep the value of the first block."""
    name, sample = cursor.text("block identifier"), cursor.text("sample identifier")
    fields: dict[str, Any] = dict(first)

    def has(number: int) -> bool:
        return everything or number in header.included

    for number, label in enumerate(("year", "month", "day", "hour", "minute", "second", "gmt"), start=1):
        if has(number):
            fields[label] = cursor.text(label)
    if has(8):
        fields["comments"] = cursor.texts(cursor.count("number of block comment lines"), "block comment lines")
    if has(9):
        fields["technique"] = cursor.text("technique").upper()
    for number, labels in _layout(header, fields.get("technique", "XPS")):
        if has(number):
            fields.update({label: cursor.text(label) for label in labels})
    if header.scan == "REGULAR" and has(31):
        fields["abscissa"] = (
            cursor.text("abscissa label"),
            cursor.text("abscissa unit"),
            cursor.number("abscissa start"),
            cursor.number("abscissa increment"),
        )
    if has(32):
        count = cursor.count("number of corresponding variables")
        pairs = cursor.texts(2 * count, "corresponding variables")
        fields["labels"], fields["units"] = pairs[0::2], pairs[1::2]
    _trailing_fields(cursor, header, fields, has)
    if everything:
        first.update(fields)
    return _with_data(cursor, header, name, sample, fields)


def _trailing_fields(cursor: _Lines, header: _Header, fields: dict[str, Any], has: Any) -> None:
    for number, label in enumerate(("signal mode", "dwell time", "scans", "time correction"), start=33):
        if has(number):
            fields[label] = cursor.text(label)
    if has(37) and header.mode in _PROFILED and fields.get("technique", "XPS") in _SPUTTERED:
        cursor.skip(7, "sputtering source")
    if has(38):
        cursor.skip(2, "sample tilt")
    if has(39):
        cursor.text("sample rotation")
    if has(40):
        for _ in range(cursor.count("number of additional parameters")):
            cursor.skip(3, "additional parameter")
    cursor.skip(header.block_upgrades, "future upgrade block entries")


def _with_data(cursor: _Lines, header: _Header, name: str, sample: str, fields: dict[str, Any]) -> Block:
    """De-interleave the ordinates: points = values / number of corresponding variables."""
    labels = fields["labels"]
    total = cursor.count("number of ordinate values")
    if not labels or total % len(labels):
        raise LabFileError(cursor.path, f"line {cursor.at}", str(total), f"a multiple of {len(labels)} ordinate values")
    cursor.skip(2 * len(labels), "minima and maxima")
    start = cursor.at
    cursor.skip(total, "ordinate values")
    try:
        values = np.array(cursor.lines[start : cursor.at], dtype=float).reshape(-1, len(labels))
    except ValueError as error:
        raise LabFileError(
            cursor.path, f"line {start + 1}", str(error)[:60], "ordinate values, one number a line"
        ) from None
    values = np.where(np.abs(values) < 0.99 * MISSING, values, np.nan)
    columns = {_unique(labels, i): values[:, i] for i in range(len(labels))}
    if header.scan == "REGULAR":
        label, unit, first, step = fields["abscissa"]
        axis = first + step * np.arange(values.shape[0])
    else:
        label, unit = labels[0], fields["units"][0]
        axis = columns.pop(_unique(labels, 0))
    units = {_unique(labels, i): fields["units"][i] for i in range(len(labels))}
    return Block(name, sample, fields.get("technique", "XPS"), label, unit, axis, columns, units, fields)


def _unique(labels: list[str], index: int) -> str:
    label = labels[index] or "ordinate"
    return label if labels.index(labels[index]) == index else f"{label} {index + 1}"


def _sniff(head: bytes, name: str) -> float:
    return 1.0 if IDENTIFIER[:40].encode() in head[:4096].replace(b"\x00", b"") else 0.0


def _read(path: Path) -> list[Measurement]:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise LabFileError(path, "size", f"{size} bytes", f"at most {MAX_BYTES} bytes")
    raw = path.read_bytes()
    utf16 = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    content = raw.decode("utf-16" if utf16 else "latin-1", errors="replace")
    found = [_measurement(path, number, block) for number, block in enumerate(parse(path, content), start=1)]
    if not found:
        raise LabFileError(path, "blocks", "none", "at least one block")
    return together(found)


def _number_or_nan(fields: dict[str, Any], key: str) -> float:
    try:
        value = float(fields.get(key, "nan"))
    except (TypeError, ValueError):
        return float("nan")
    return value if abs(value) < 0.99 * MISSING else float("nan")


def _region_name(block: Block) -> str:
    """Species and transition where they are given ("C", "1s"), else species, else the block's own name."""
    species = str(block.fields.get("species", "")).strip().strip("\x00")
    transition = str(block.fields.get("transition", "")).strip().strip("\x00")
    if species.lower() in ("", "none", "not specified"):
        return block.name
    useful = transition.lower() not in ("", "none", "not specified") and any(c.isdigit() for c in transition)
    return f"{species} {transition}" if useful and transition not in species else species


def _measurement(path: Path, number: int, block: Block) -> Measurement:
    fields = block.fields
    energy = _number_or_nan(fields, "source energy")
    notes = []
    if not np.isfinite(energy) or energy <= 0.0:
        energy = label_source_energy(str(fields.get("source label", "")))
        if np.isfinite(energy):
            notes.append(f"photon energy {energy} eV taken from the source label '{fields.get('source label')}'")
    if np.isfinite(_number_or_nan(fields, "work function")):
        notes.append("work function field kept as metadata, not applied (the axis has it inside)")
    labels = list(block.ordinates)
    intensity = next((n for n in labels if "transmission" not in n.lower()), labels[0])
    transmission = next((n for n in labels if "transmission" in n.lower()), None)
    metadata = {
        "block": number,
        "block_name": block.name,
        "sample": block.sample,
        "technique": block.technique,
        "abscissa": block.abscissa_label,
        "photon_energy_ev": energy,
        "work_function_field_ev": _number_or_nan(fields, "work function"),
        "pass_energy_ev": _number_or_nan(fields, "pass energy"),
        "dwell_time": _number_or_nan(fields, "dwell time"),
        "scans": _number_or_nan(fields, "scans"),
        "seconds_per_point": _number_or_nan(fields, "dwell time") * max(_number_or_nan(fields, "scans"), 1.0),
        "is_rate": block.units.get(intensity, "").lower().replace(" ", "") in _RATES,
        "ordinates": ", ".join(labels),
        "date": "-".join(str(fields.get(key, "?")) for key in ("year", "month", "day")),
        "comment": "; ".join(line for line in fields.get("comments", []) if line)[:500],
    }
    return region_measurement(
        name=_region_name(block) or path.stem,
        axis=block.abscissa,
        axis_label=block.abscissa_label,
        intensity=block.ordinates[intensity],
        transmission=None if transmission is None else block.ordinates[transmission],
        photon_energy=energy,
        source=path,
        reader="vamas",
        metadata=metadata,
        notes=tuple(notes),
    )


READER = Reader(
    name="vamas",
    title="VAMAS surface-analysis file (ISO 14976)",
    kinds=("xps_region",),
    suffixes=(".vms", ".npl", ".vamas"),
    sniff=_sniff,
    read=_read,
    checked="independent file; library: vamas",
)
