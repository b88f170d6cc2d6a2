"""Tables of records: columns of text among those of numbers, one record per row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from peqled.lab.blocks import first_named
from peqled.lab.cells import number, split_line, split_unit
from peqled.lab.encoding import ZIP, NotText, decode, head_of
from peqled.lab.measurement import LabFileError

__all__ = ["Records", "head_records", "read_records"]


@dataclass(frozen=True)
class Records:
    """A table with columns of text among those of numbers: a row of names, then one record per row.

    Attributes:
        names: column names without units.
        units: units as written, "" where none.
        rows: cells as text, one list per record, as many as there are names.
        decimal: sign of the fraction.
        header: lines before the names.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    rows: list[list[str]]
    decimal: str = "."
    header: tuple[str, ...] = ()

    def column(self, *patterns: str) -> int | None:
        """Number of the first column whose name matches one of the regular expressions (case-insensitive)."""
        return first_named(self.names, patterns)

    def texts(self, column: int) -> list[str]:
        """Cells of a column."""
        return [row[column].strip() for row in self.rows]

    def numbers(self, column: int) -> NDArray[np.float64]:
        """Cells of a column as numbers, NaN for text."""
        found = (number(row[column], self.decimal) for row in self.rows)
        return np.array([np.nan if value is None else value for value in found])


def read_records(path: Path) -> Records:
    """Records of a text file, or of the first sheet of a workbook.

    Raises:
        LabFileError: no row of names with at least one record of the same width below it.
    """
    with path.open("rb") as file:
        head = file.read(4)
    data = (
        head_of(path, 1 << 26) if head.startswith(ZIP) else path.read_bytes() if path.stat().st_size < 1 << 26 else b""
    )
    if (records := head_records(data)) is None:
        raise LabFileError(path, "content", "no row of names with records below", "a table of records")
    return records


@lru_cache(maxsize=4)
def head_records(head: bytes) -> Records | None:
    """Records of the head of a file, or None where there are none."""
    try:
        lines = [line for line in decode(head)[0].splitlines() if line.strip()]
    except NotText:
        return None
    for delimiter in "\t;,":
        first = [split_line(line, delimiter) for line in lines[:50]]
        width = max((len(row) for row in first), default=0)
        if width < 2 or not any(len(row) == width and _is_name_row([c.strip() for c in row]) for row in first):
            continue
        rows = [[cell.strip() for cell in split_line(line, delimiter)] for line in lines]
        start = next(i for i, row in enumerate(rows) if len(row) == width and _is_name_row(row))
        records = [row + [""] * (width - len(row)) for row in rows[start + 1 :] if 2 <= len(row) <= width]
        if len(records) * 2 > len(rows) - start - 1 and records:
            pairs = [split_unit(name) for name in rows[start]]
            cells = [cell for row in records[:50] for cell in row if cell]
            comma = delimiter != "," and sum(number(c, ",") is not None for c in cells) > sum(
                number(c) is not None for c in cells
            )
            return Records(
                tuple(n for n, _ in pairs),
                tuple(u for _, u in pairs),
                records,
                "," if comma else ".",
                tuple(lines[:start]),
            )
    return None


def _is_name_row(row: list[str]) -> bool:
    texts = [cell for cell in row if any(c.isalpha() for c in cell) and number(cell) is None]
    return len(texts) * 2 > len(row) and len(texts) >= len(row) - 2
