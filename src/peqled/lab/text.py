"""Tables in text files and workbooks, whatever the dialect.

Encoding, delimiter, decimal comma, thousands separators, unit rows and log blocks around the data are found from the
content. A *block* is a run of rows with the same number of numeric cells; the text rows before it give its names and
units, everything else is listed as ignored, with the reason. Large files go through pandas' C parser once the dialect
is known; nothing is ever evaluated.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from peqled.lab.blocks import Table, tables_of_lines, tables_of_rows
from peqled.lab.cells import number, split_unit
from peqled.lab.encoding import ZIP, NotText, decode, head_of
from peqled.lab.measurement import LabFileError
from peqled.lab.records import Records, head_records, read_records

__all__ = [
    "ZIP",
    "NotText",
    "Records",
    "Table",
    "decode",
    "head_of",
    "head_records",
    "head_table",
    "number",
    "read_lines",
    "read_records",
    "read_table",
    "read_tables",
    "split_unit",
]

HEAD = 65536  # bytes that a file is recognised by
LARGE = 8_000_000  # bytes from which the C parser reads the rows
LIMIT = 1_500_000_000  # bytes; beyond it a text file is refused


@lru_cache(maxsize=4)
def head_table(head: bytes) -> Table | None:
    """Largest block of the head of a file (the last, cut line left out), or None where there is none."""
    tables = _head_tables(head)
    return max(tables, key=lambda table: table.values.size, default=None)


@lru_cache(maxsize=4)
def _head_tables(head: bytes) -> tuple[Table, ...]:
    try:
        text, encoding = decode(head)
    except NotText:
        return ()
    lines = text.splitlines()
    return tuple(tables_of_lines(lines[:-1] if len(head) >= HEAD else lines, encoding))


def read_lines(path: Path) -> list[str]:
    """All lines of a text file of ordinary size (up to 64 MB), decoded."""
    if path.stat().st_size > 64_000_000:
        raise LabFileError(path, "size", f"{path.stat().st_size} bytes", "a text file below 64 MB")
    try:
        return decode(path.read_bytes())[0].splitlines()
    except NotText as error:
        raise LabFileError(path, "content", str(error), "text") from None


def read_table(path: Path) -> Table:
    """Largest block of a file; the others are in ``ignored``.

    Raises:
        LabFileError: no text, or no numbers.
    """
    tables = read_tables(path)
    best = max(tables, key=lambda table: table.values.size)
    others = tuple((t.first_line, t.title, f"another block of {len(t.values)} rows") for t in tables if t is not best)
    return replace(best, ignored=(*best.ignored, *others))


def read_tables(path: Path) -> list[Table]:
    """All blocks of a file, or of all sheets of a workbook, in order.

    Raises:
        LabFileError: no text, or no numbers, or larger than the limit.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(ZIP):
        tables = _workbook_tables(path)
    elif size > LIMIT:
        raise LabFileError(path, "size", f"{size} bytes", f"a text file below {LIMIT} bytes")
    else:
        tables = _large(path, head) if size > LARGE else []
        tables = tables or _small(path)
    if not tables:
        raise LabFileError(path, "content", "no rows of numbers", "a table")
    return tables


def _small(path: Path) -> list[Table]:
    data = path.read_bytes()
    if len(data) < HEAD and (found := _head_tables(data)):  # parsed already, to recognise it
        return [replace(table, values=table.values.copy()) for table in found]
    try:
        text, encoding = decode(data)
    except NotText as error:
        raise LabFileError(path, "content", str(error), "text") from None
    return list(tables_of_lines(text.splitlines(), encoding))


def _workbook_tables(path: Path) -> list[Table]:
    from peqled.lab.workbook import WorkbookError, sheets

    found: list[Table] = []
    try:
        for title, rows in sheets(path):
            found += [replace(t, title=title) for t in tables_of_rows(list(rows), "xlsx", "\t", ".")]
    except WorkbookError as error:
        raise LabFileError(path, "workbook", str(error), "an .xlsx workbook") from None
    return found


def _large(path: Path, head: bytes) -> list[Table]:
    """One block read by pandas' C parser; nothing where the head does not show the dialect of a single block."""
    import pandas as pd

    tables = _head_tables(head)
    table = max(tables, key=lambda t: t.values.size, default=None)
    if table is None or table is not tables[-1]:
        return []
    separator = r"\s+" if table.delimiter == " " else table.delimiter
    chunks: list[NDArray[np.float64]] = []
    width, odd = table.values.shape[1], 0
    frames = pd.read_csv(
        path,
        sep=separator,
        decimal=table.decimal,
        header=None,
        names=list(range(width)),
        skiprows=table.first_line - 1,
        encoding=table.encoding,
        encoding_errors="replace",
        on_bad_lines="skip",
        chunksize=200_000,
        engine="c",
        quoting=csv.QUOTE_MINIMAL,
        index_col=False,
        low_memory=True,
        skip_blank_lines=True,
    )
    with frames:
        for frame in frames:
            block = np.column_stack([np.asarray(pd.to_numeric(frame[c], errors="coerce"), np.float64) for c in frame])
            good = np.isfinite(block).sum(axis=1) * 2 >= width
            odd += int(np.count_nonzero(~good))
            chunks.append(block[good])
    ignored = ((0, "", f"{odd} rows of text among or below the numbers"),) if odd else ()
    return [replace(table, values=np.concatenate(chunks), ignored=ignored)]
