"""JCAMP-DX spectra (.jdx, .dx): plain, packed, squeezed, difference and duplicate forms; XY pairs; compounds; pages.

In ``(X++(Y..Y))`` every line begins with an abscissa. Squeezed digits carry sign and first digit (``@A-Ia-i``),
difference digits the step to the value before (``%J-Rj-r``), duplicate digits a repeat (``S-Zs``). After a difference
form the first value of the next line repeats the last one and is left out (McDonald and Wilks, Appl. Spectrosc. 1988,
42, 151). Of NTUPLES each page (a time of a kinetic run, the real part of an NMR spectrum) is a spectrum of its own,
whose variables are described once for all (Davies and Lampen, Appl. Spectrosc. 1993, 47, 1093). Checked against the
`jcamp` library, and pages against `nmrglue`; written anew because the first prints, and trusts the announced number of
points.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.readers._spectrum import KINDS, spectrum_measurement
from peqled.lab.registry import Reader
from peqled.lab.text import read_lines

_SQUEEZED = {"@": 0, **{c: i for i, c in enumerate("ABCDEFGHI", 1)}, **{c: -i for i, c in enumerate("abcdefghi", 1)}}
_DIFFERENCE = {"%": 0, **{c: i for i, c in enumerate("JKLMNOPQR", 1)}, **{c: -i for i, c in enumerate("jklmnopqr", 1)}}
_REPEAT = {**{c: i for i, c in enumerate("STUVWXYZ", 1)}, "s": 9}
_TOKEN = re.compile(r"([@%A-IJ-Ra-ij-r])(\d*)|([S-Zs])(\d*)|([+-]?(?:\d+\.?\d*|\.\d+)(?:[Ee][+-]\d+)?)|(\?)")
_SERIES = re.compile(r"\(([A-Z]\w*)\+\+\(([A-Z]\w*)\.\.\w+\)\)")
_PAIRS = re.compile(r"\(([A-Z])([A-Z])\.\.\w+\)")
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[Ee][+-]\d+)?")
MAX_POINTS = 20_000_000


@dataclass
class Block:
    """One ``##TITLE ... ##END`` block: labels in upper case, and the lines of its data table."""

    labels: dict[str, str] = field(default_factory=dict)
    form: str = ""
    lines: list[str] = field(default_factory=list)


def blocks(lines: list[str]) -> list[Block]:
    """Blocks that hold data, in order; of NTUPLES, one for each page."""
    found: list[Block] = []
    stack: list[Block] = []
    target: Block | None = None  # of the lines of data
    for raw in lines:
        line = raw.split("$$")[0].rstrip()
        if line.startswith("##"):
            label, _, value = line[2:].partition("=")
            name, value, target = re.sub(r"[\s_/-]", "", label).upper(), value.strip(), None
            if name == "TITLE":
                stack.append(Block({"TITLE": value}))
            elif name == "END" and stack:
                found.append(stack.pop())
            elif name == "DATATABLE" and stack:
                target = _page(stack[-1], value)
                found.append(target)
            elif stack:
                stack[-1].labels[name] = value
                if name in ("XYDATA", "XYPOINTS", "PEAKTABLE"):
                    target, stack[-1].form = stack[-1], value.replace(" ", "").upper()
        elif target is not None and line.strip():
            target.lines.append(line.strip())
    return [block for block in (*found, *stack) if block.lines]


def _page(block: Block, form: str) -> Block:
    """A page of NTUPLES as a block of its own: the variables that its table names, labelled as in a plain spectrum."""
    form = form.replace(" ", "").upper()
    names = _SERIES.match(form) or _PAIRS.match(form)
    columns = {
        key: [cell.strip() for cell in block.labels.get(key, "").split(",")]
        for key in ("SYMBOL", "UNITS", "FIRST", "LAST", "FACTOR")
    }
    symbols = [cell.upper() for cell in columns["SYMBOL"]]
    labels = {key: value for key, value in block.labels.items() if key not in ("SYMBOL", "NPOINTS")}
    for axis, symbol in zip("XY", names.groups() if names else (), strict=False):
        at = symbols.index(symbol) if symbol in symbols else -1
        told = {key: cells[at] if 0 <= at < len(cells) else "" for key, cells in columns.items()}
        labels |= {f"{axis}UNITS": told["UNITS"], f"{axis}FACTOR": told["FACTOR"] or "1"}
        if axis == "X":
            labels |= {"FIRSTX": told["FIRST"], "LASTX": told["LAST"]}
    return Block(labels, "(X++(Y..Y))" if _SERIES.match(form) else "(XY..XY)")


def decode_line(line: str) -> tuple[float, list[float], bool]:
    """Abscissa, ordinates, and whether the line ended in difference form.

    Raises:
        ValueError: a character that no form knows.
    """
    lead = _PLAIN.match(line)
    if lead is None:
        raise ValueError(f"no abscissa in '{line[:40]}'")
    values: list[float] = []
    step, at, in_difference = 0.0, lead.end(), False
    while at < len(line):
        if line[at] in " \t,;":
            at += 1
            continue
        match = _TOKEN.match(line, at)
        if match is None:
            raise ValueError(f"character '{line[at]}'")
        at = match.end()
        code, digits, repeat, repeats, plain, missing = match.groups()
        if missing:
            values.append(float("nan"))
        elif plain is not None:
            values.append(float(plain))
            in_difference = False
        elif code is not None and code in _SQUEEZED:
            values.append(_signed(_SQUEEZED[code], digits, code))
            in_difference = False
        elif code is not None:
            step, in_difference = _signed(_DIFFERENCE[code], digits, code), True
            values.append((values[-1] if values else 0.0) + step)
        elif values:
            for _ in range(min(int(f"{_REPEAT[repeat]}{repeats}") - 1, 100_000)):
                values.append(values[-1] + (step if in_difference else 0.0))
    return float(lead[0]), values, in_difference


def _signed(first: int, digits: str, code: str) -> float:
    return float(f"{'-' if code.islower() and first else ''}{abs(first)}{digits}")


def table(block: Block) -> tuple[np.ndarray, np.ndarray]:
    """Abscissa and ordinate with their factors applied.

    Raises:
        ValueError: damaged table.
    """
    if block.form.startswith("(X++("):
        return _sequence(block)
    pairs = [float(v) for line in block.lines for v in _PLAIN.findall(line)]
    flat = np.array(pairs[: len(pairs) // 2 * 2], dtype=float)
    return flat[0::2] * _number(block, "XFACTOR", 1.0), flat[1::2] * _number(block, "YFACTOR", 1.0)


def _sequence(block: Block) -> tuple[np.ndarray, np.ndarray]:
    ordinates: list[float] = []
    starts: list[tuple[float, int]] = []
    after_difference = False
    for line in block.lines:
        x, values, in_difference = decode_line(line)
        if after_difference and values:
            values = values[1:]  # the check value repeats the last ordinate
        if values:
            starts.append((x, len(ordinates)))
        ordinates += values
        after_difference = in_difference
        if len(ordinates) > MAX_POINTS:
            raise ValueError(f"more than {MAX_POINTS} points")
    y = np.array(ordinates) * _number(block, "YFACTOR", 1.0)
    first, last = _number(block, "FIRSTX"), _number(block, "LASTX")
    if not (np.isfinite(first) and np.isfinite(last)) and len(starts) > 1:
        factor = _number(block, "XFACTOR", 1.0)
        (x0, i0), (x1, i1) = starts[0], starts[-1]
        step = (x1 - x0) / max(i1 - i0, 1) * factor
        first, last = x0 * factor, x0 * factor + step * (y.size - 1)
    return np.linspace(first, last, y.size), y


def _number(block: Block, label: str, default: float = float("nan")) -> float:
    try:
        return float(block.labels.get(label, "").replace(",", ".").split()[0])
    except (ValueError, IndexError):
        return default


def _sniff(head: bytes, name: str) -> float:
    start = head[:4096].upper()
    if b"##TITLE" not in start:
        return 0.0
    return 0.95 if b"##JCAMP" in head[:65536].upper() else 0.5


def _read(path: Path) -> list[Measurement]:
    lines = read_lines(path)
    found = blocks(lines)
    if not found:
        raise LabFileError(path, "labels", "no data table", "##XYDATA=, ##XYPOINTS=, ##PEAK TABLE= or ##DATA TABLE=")
    return [_spectrum(path, block, number, len(found)) for number, block in enumerate(found, start=1)]


def _spectrum(path: Path, block: Block, number: int, count: int) -> Measurement:
    try:
        x, y = table(block)
    except ValueError as error:
        raise LabFileError(path, f"block {number}", str(error), "a JCAMP-DX table") from None
    notes = []
    announced = _number(block, "NPOINTS")
    if np.isfinite(announced) and int(announced) != y.size:
        notes.append(f"{y.size} points read, {int(announced)} announced")
    title = block.labels.get("TITLE", "") or path.stem
    page = block.labels.get("PAGE", "")
    method = block.labels.get("DATATYPE", "")
    bare = "1/CM" if not method or "INFRARED" in method.upper() else ""  # old infrared files leave the unit out
    return spectrum_measurement(
        name=title if count == 1 else f"{title} [{page or number}]",
        abscissa=x,
        values=y,
        unit=block.labels.get("XUNITS", bare),
        said=block.labels.get("YUNITS", ""),
        source=path,
        reader="jcamp_dx",
        method=method,
        metadata={"title": title, **({"page": page} if page else {})},
        notes=tuple(notes),
    )


READER = Reader(
    name="jcamp_dx",
    title="JCAMP-DX spectrum",
    kinds=KINDS,
    suffixes=(".jdx", ".dx", ".jcm"),
    sniff=_sniff,
    read=_read,
    checked="independent file; library: jcamp, nmrglue",
)
