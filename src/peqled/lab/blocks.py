"""Blocks of numbers among the rows of a file, with names, units, header and what is ignored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peqled.lab.cells import dialect_of, number, numeric_width, split_line, split_unit

__all__ = ["Table", "tables_of_lines", "tables_of_rows"]

_TOKEN = r"[A-Za-z°µμ%Ω]{1,4}(?:\^?[-⁻−]?[0-9²³¹]{1,2})?"
_UNIT_CELL = re.compile(
    rf"[\(\[<]?\s?(?:a\.? ?u\.?|arb\.? ?u(?:nits)?\.?|counts|hours?|minutes?|seconds?|1|-|1/{_TOKEN}"
    rf"|{_TOKEN}(?:[/·*. ]{_TOKEN})*)?\s?[\)\]>]?"
)


def first_named(names: Sequence[str], patterns: Sequence[str]) -> int | None:
    """Number of the first column whose name matches the first regular expression that any does (case-insensitive)."""
    for pattern in patterns:
        for index, name in enumerate(names):
            if re.search(pattern, name, re.IGNORECASE):
                return index
    return None


@dataclass(frozen=True)
class Table:
    """A block of numbers with what surrounds it.

    Attributes:
        names: column names, "" where the file has none.
        units: units as written, from brackets in the names or a unit row, "" where none.
        values: numbers, NaN where a cell is empty or text.
        header: lines before the block (names and units included), since the block before.
        ignored: (line number, text, reason) of what is neither header nor data.
        encoding: as found, "xlsx" for a workbook.
        delimiter: of columns; " " means any white space.
        decimal: sign of the fraction.
        title: sheet of a workbook, "" for text.
        first_line: line number of the first row, from 1.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    values: NDArray[np.float64]
    header: tuple[str, ...] = ()
    ignored: tuple[tuple[int, str, str], ...] = ()
    encoding: str = "utf-8"
    delimiter: str = "\t"
    decimal: str = "."
    title: str = ""
    first_line: int = 1

    def column(self, *patterns: str) -> int | None:
        """Number of the first column whose name matches one of the regular expressions (case-insensitive)."""
        return first_named(self.names, patterns)

    def key(self, pattern: str) -> str | None:
        """Text after ``pattern`` and a separator (``:``, ``=``, ``;``, tab, comma) in a header line."""
        for line in self.header:
            match = re.search(rf"(?:{pattern})[^:=;\t,]*?\s*[:=;\t,]\s*(.+)", line, re.IGNORECASE)
            if match:
                return match[1].strip().strip("\"'").rstrip(";,\t ")
        return None

    def notes(self) -> tuple[str, ...]:
        """What was ignored, in words."""
        if not self.ignored:
            return ()
        line, text, reason = self.ignored[0]
        return (f"{len(self.ignored)} lines ignored, the first is line {line} ({text.strip()[:60]!r}: {reason})",)


def tables_of_lines(lines: list[str], encoding: str) -> Iterator[Table]:
    delimiter, decimal = dialect_of(lines)
    yield from tables_of_rows([split_line(line, delimiter) for line in lines], encoding, delimiter, decimal, lines)


def tables_of_rows(
    rows: list[list[str]], encoding: str, delimiter: str, decimal: str, lines: Sequence[str] | None = None
) -> Iterator[Table]:
    """Blocks of numbers among the rows."""
    lines = lines if lines is not None else ["\t".join(row) for row in rows]
    runs = _runs(rows, decimal)
    if not runs:
        return
    least = 2 if max(stop - start for start, stop, _ in runs) > 2 else 1
    runs = [run for run in runs if run[1] - run[0] >= least]
    before = 0
    for index, (start, stop, width) in enumerate(runs):
        header = [(i, lines[i]) for i in range(before, start) if lines[i].strip()]
        names, units = _names(rows, header, width, delimiter)
        values, odd = _numbers(rows, start, stop, width, decimal, lines)
        after = range(stop, len(lines)) if index == len(runs) - 1 else ()
        ignored = [*odd, *((i + 1, lines[i][:200], "text below the data") for i in after if lines[i].strip())]
        yield Table(
            names,
            units,
            values,
            tuple(text for _, text in header),
            tuple(ignored),
            encoding,
            delimiter,
            decimal,
            first_line=start + 1,
        )
        before = stop


def _runs(rows: list[list[str]], decimal: str) -> list[tuple[int, int, int]]:
    """(start, stop, width) of runs of numeric rows; a run bridges blank rows and up to two odd rows."""
    found: list[tuple[int, int, int]] = []
    start, last, width, gap = -1, -1, 0, 0
    for index, row in enumerate(rows):
        here = numeric_width(row, decimal)
        if here and (start < 0 or here == width or (gap == 0 and _ragged(here, width))):
            start, last, width, gap = (index if start < 0 else start), index, max(width, here), 0
        elif start >= 0 and not any(cell.strip() for cell in row):
            gap += 0
        elif start >= 0 and gap < 2 and not here and _cell_is_odd(row, width, decimal):
            gap += 1
        else:
            if start >= 0:
                found.append((start, last + 1, width))
            start, last, width, gap = (index, index, here, 0) if here else (-1, -1, 0, 0)
    if start >= 0:
        found.append((start, last + 1, width))
    return found


def _ragged(here: int, width: int) -> bool:
    """Rows whose last cells are empty belong to the same block if most of the columns are there."""
    return min(here, width) >= 2 and min(here, width) * 2 >= max(here, width)


def _cell_is_odd(row: list[str], width: int, decimal: str) -> bool:
    """A row of the same shape with a text in some of its cells: part of the block, reported as ignored."""
    return len(row) >= width > 1 and sum(number(cell, decimal) is not None for cell in row) * 2 >= width


def _numbers(
    rows: list[list[str]], start: int, stop: int, width: int, decimal: str, lines: Sequence[str]
) -> tuple[NDArray[np.float64], list[tuple[int, str, str]]]:
    kept: list[list[float]] = []
    odd: list[tuple[int, str, str]] = []
    for index in range(start, stop):
        row = rows[index]
        if not numeric_width(row, decimal):
            if lines[index].strip():
                odd.append((index + 1, lines[index][:200], "text among the numbers"))
            continue
        numbers = [number(cell, decimal) for cell in row[:width]]
        kept.append([np.nan if n is None else n for n in numbers] + [np.nan] * (width - len(numbers)))
    return np.array(kept, dtype=float).reshape(len(kept), width), odd


def _names(
    rows: list[list[str]], header: list[tuple[int, str]], width: int, delimiter: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names and units from the last text rows before the block."""
    above = header[-3:]
    pairs = [k for k, (i, _) in enumerate(above) if _is_pair([cell.strip() for cell in rows[i]], width)]
    above = above[pairs[-1] + 1 :] if pairs else above  # what stands above a key with its value is no row of names
    candidates = [_fit_cells(rows[i], text, width, delimiter) for i, text in above]
    while candidates and candidates[-1] is None:
        candidates.pop()
    if not candidates:
        return ("",) * width, ("",) * width
    if len(candidates) == 3 and candidates[0] and _is_unit_row(candidates[1] or []) and _is_comment(candidates[2]):
        candidates = candidates[:2]  # names, units, comments, as Origin exports them
    last = candidates[-1] or []
    unit_row: list[str] | None = None
    if len(candidates) > 1 and candidates[-2] is not None and _is_unit_row(last):
        unit_row, last = last, candidates[-2]
    split = [split_unit(cell) for cell in last]
    units = [(unit_row[i].strip(" ()[]<>") if unit_row else "") or pair[1] for i, pair in enumerate(split)]
    return tuple(name for name, _ in split), tuple(units)


def _fit_cells(cells: list[str], text: str, width: int, delimiter: str) -> list[str] | None:
    """Cells of a header row if there are as many as columns (comment signs removed), else None."""
    cells = [cell.strip().strip('"') for cell in cells]
    if cells and cells[0][:1] in "#%!;" and cells[0]:
        if cells[0].strip("#%!; "):
            cells[0] = cells[0].lstrip("#%!; ")
        elif len(cells) != width:  # "#" alone in front of as many names as columns heads a column of row numbers
            cells = cells[1:]
    while len(cells) > width and not cells[-1]:
        cells.pop()
    if delimiter == " " and len(cells) != width:
        cells = [cell for cell in re.split(r"\s{2,}|\t|[,;]\s*", text.strip().lstrip("#%! ")) if cell]
    if len(cells) == width and any(any(c.isalpha() for c in cell) for cell in cells):
        return cells
    if width - 1 == len(cells) > 1:  # one unnamed index column in front, or one unnamed column at the end
        return [*cells, ""]
    if len(cells) > width and width > 1 and all(cells[:width]):
        return cells[:width]
    return None


def _is_pair(cells: Sequence[str], width: int) -> bool:
    """A key with its value, as headers hold them: ``NPOINTS 1801``, ``KAlpha2 = 1.544``."""
    filled = [cell for cell in cells if cell]
    if len(filled) == 3 and filled[1] in "=:":
        return True
    return width == len(filled) == 2 and number(filled[0]) is None and number(filled[1]) is not None


def _is_comment(cells: list[str] | None) -> bool:
    """No units, or one label repeated over the columns."""
    filled = [cell.strip() for cell in cells or [] if cell.strip()]
    return not _is_unit_row(filled) or (len(filled) > 1 and len(set(filled)) == 1)


def _is_unit_row(cells: Iterable[str]) -> bool:
    filled = [cell.strip() for cell in cells if cell.strip()]
    return bool(filled) and all(len(cell) <= 16 and _UNIT_CELL.fullmatch(cell) for cell in filled)
