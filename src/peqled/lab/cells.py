"""Cells of a table: numbers in every dialect, delimiter and decimal sign, units in names."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from peqled.lab.foreign import english
from peqled.lab.units import is_unit

__all__ = ["dialect_of", "is_missing", "number", "numeric_width", "split_line", "split_unit"]

LONGEST = 60  # characters of a number; more is a damaged line
_MISSING = {"", "-", "--", "---", "nan", "n/a", "#n/a", "null", "none", "over", "ovrflw", "overflow", "#div/0!", "*"}
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eEdD][+-]?\d+)?%?")
_GROUPED = {
    ".": re.compile(r"[+-]?\d{1,3}(?:[,'\u00a0\u2009\u202f ]\d{3})+(?:\.\d*)?(?:[eE][+-]?\d+)?"),
    ",": re.compile(r"[+-]?\d{1,3}(?:[.'\u00a0\u2009\u202f ]\d{3})+(?:,\d*)?(?:[eE][+-]?\d+)?"),
}
_UNIT = re.compile(r"^(?P<name>.*?)\s*(?:[\(\[](?P<unit>[^\(\)\[\]]*)[\)\]]|(?:\s/\s|\sin\s)(?P<slash>[^\s]+))\s*$")
_SUFFIX = re.compile(
    r"^(?P<name>.*[A-Za-z0-9)].*?)[_\s](?P<unit>k?cd[_/]?m-?2|[munp]?A[_/]?c?m-?2|nm|[unpm]?s|min|h|hours?|[munµ]?A|m?V|m?eV"
    r"|cm-1|deg|pct|%|[um]m|µm)$"
)
_SLASH = re.compile(
    r"^(?P<name>(?:[a-z]+ )?"
    r"(?:time|t|zeit|delay|wavelength|wellenl[äa]nge|lambda|voltage|spannung|diameter|size|length))"
    r"/(?P<unit>[^\s/]+)$",
    re.IGNORECASE,
)  # "Time/min"; names that are units themselves ("cd/A", "L/L0") stay whole
_AREA = re.compile(r"^(?P<name>.*area)[_\s](?P<unit>[munµc]?m\^?2)$", re.IGNORECASE)
_PER_AREA = re.compile(r"(k?cd|[munp]?A)[_/]?(c?m)-?2")


def number(cell: str, decimal: str = ".") -> float | None:
    """Number of a cell in this dialect, None for text; thousands separators, Fortran exponents and % are understood."""
    cell = cell.strip()
    if len(cell) > LONGEST:
        return None
    if decimal == ".":
        try:
            return None if "_" in cell else float(cell)
        except ValueError:
            pass
    if not cell or not (cell[0].isdigit() or cell[0] in "+-.,"):
        return None
    plain = cell.replace(",", ".") if decimal == "," else cell
    if (decimal == "." or "." not in cell) and _NUMBER.fullmatch(plain):
        return float(plain.rstrip("%").replace("D", "e").replace("d", "e"))
    if _GROUPED[decimal].fullmatch(cell):
        return float(re.sub(r"[.,'\s](?=\d{3})", "", cell.replace(decimal, "\0")).replace("\0", "."))
    return None


def split_line(line: str, delimiter: str) -> list[str]:
    if delimiter == " ":
        return line.split()
    if '"' in line:
        return next(csv.reader(io.StringIO(line.replace("\0", "")), delimiter=delimiter), [])
    return line.split(delimiter)


def numeric_width(cells: Sequence[str], decimal: str) -> int:
    """Number of cells of a row of numbers (empty ones at the end not counted), 0 for a row of text."""
    last, numbers = 0, 0
    for index, cell in enumerate(cells, start=1):
        if number(cell, decimal) is not None:
            numbers, last = numbers + 1, index
        elif cell.strip().lower() not in _MISSING:
            return 0
        elif cell.strip():
            last = index
    return last if numbers * 2 >= last else 0


def dialect_of(lines: Sequence[str]) -> tuple[str, str]:
    """Delimiter and decimal sign that make the most rows of numbers with the most agreeing widths."""
    sample = [line for line in lines if any(c.isdigit() for c in line)]
    sample = sample[:60] + sample[max(60, len(sample) // 2) : max(60, len(sample) // 2) + 60]
    best, choice = (0.0, 0.0), ("\t", ".")
    whole = False  # a delimiter that occurs nowhere leaves whole lines, like any other such: one of them is enough
    for delimiter in "\t;,| ":
        if delimiter != " " and not any(delimiter in line for line in sample):
            if whole:
                continue
            whole = True
        cells = [split_line(line, delimiter) for line in sample]
        for decimal in ".,":
            if delimiter == decimal and not any('"' in line for line in sample):
                continue
            widths = [width for row in cells if (width := numeric_width(row, decimal))]
            if not widths:
                continue
            mode = max(set(widths), key=widths.count)
            score = (widths.count(mode) * (1.0 if mode > 1 else 0.5), mode - _oddity(lines, sample, delimiter, decimal))
            if score > best:
                best, choice = score, (delimiter, decimal)
    return choice


def _oddity(lines: Sequence[str], sample: Sequence[str], delimiter: str, decimal: str) -> float:
    """Penalty for a comma read as a delimiter where the header row has one column, or as thousands where unlikely."""
    if delimiter == ",":
        first = next((i for i, line in enumerate(lines) if numeric_width(split_line(line, ","), ".")), 0)
        names = lines[first - 1] if first else ""
        if names and "," not in names and any(c.isalpha() for c in names):
            return 1.5
    if decimal == "." and delimiter not in ", " and any("," in line for line in sample):
        cells = [cell.strip() for line in sample for cell in split_line(line, delimiter) if re.search(r"\d,\d", cell)]
        if cells and not any("." in cell for cell in cells):
            return 0.5
    return 0.0


def split_unit(text: str) -> tuple[str, str]:
    """``"J (mA/cm2)"`` is ("J", "mA/cm2"); ``"Wavelength / nm"``, ``"V, V"``, ``"t_ns"``, ``"ECD nm"`` likewise; where
    there is none, the unit is ""."""
    text = english(text[:200].strip().strip('"').strip())
    match = _UNIT.match(text)
    if match is None and (slash := _SLASH.match(text)) and is_unit(slash["unit"]):
        return slash["name"].strip(), slash["unit"]
    if match is None and (parts := re.fullmatch(r"([^,]*[A-Za-zµθλ%][^,]*),\s*([^,]+)", text)) and is_unit(parts[2]):
        return parts[1].strip(), parts[2].strip()  # "Voltage, V"
    if match is None or not match["name"]:
        suffix = _AREA.match(text) or _SUFFIX.match(text)
        if suffix is None:
            return text, ""
        unit = suffix["unit"]
        return suffix["name"].strip(" _,:"), "%" if unit == "pct" else _PER_AREA.sub(r"\1/\g<2>2", unit)
    return match["name"].strip(" /,:"), (match["unit"] or match["slash"] or "").strip()


def is_missing(cell: str) -> bool:
    """Whether a cell holds no value: empty, or one of the words that instruments write for it."""
    return cell.strip().lower() in _MISSING
