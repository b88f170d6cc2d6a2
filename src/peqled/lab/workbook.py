"""Workbooks (.xlsx) in bounded memory: cached values only, formulas never evaluated, expansion limited."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["WorkbookError", "check_archive", "is_workbook", "sheets", "write_workbook"]

EXPANDED = 600_000_000  # bytes that a container may expand to
RATIO = 200  # expansion from which a member above 10 MB is taken for a bomb
CELLS = 20_000_000  # cells that a sheet may hold
COLUMNS = 4096
MEMBERS = 20_000


class WorkbookError(ValueError):
    """No workbook, a damaged one, or one that expands beyond the limits."""


def check_archive(archive: zipfile.ZipFile) -> None:
    """Refuse a container that expands beyond the limits, by its directory alone.

    Raises:
        WorkbookError: too many members, too large, or a member with the expansion of a bomb.
    """
    members = archive.infolist()
    if len(members) > MEMBERS:
        raise WorkbookError(f"{len(members)} members")
    if (total := sum(member.file_size for member in members)) > EXPANDED:
        raise WorkbookError(f"it expands to {total} bytes")
    for member in members:
        if member.file_size > 10_000_000 and member.file_size > RATIO * max(member.compress_size, 1):
            raise WorkbookError(
                f"'{member.filename[:60]}' expands {member.file_size // max(member.compress_size, 1)}-fold"
            )


def is_workbook(path: Path) -> bool:
    """Whether the file is a zip container with a workbook in it."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def sheets(path: Path, limit: int | None = None) -> Iterator[tuple[str, list[list[str]]]]:
    """Title and rows (as text, numbers with a decimal point) of each sheet that has cells.

    Raises:
        WorkbookError: no workbook, damaged, or beyond the limits.
    """
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as archive:
            check_archive(archive)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except WorkbookError:
        raise
    except Exception as error:  # openpyxl raises whatever its XML parser and zlib raise
        raise WorkbookError(f"{type(error).__name__}: {error}") from None
    try:
        for sheet in book.worksheets:
            if rows := _rows(sheet, limit):
                yield str(sheet.title), rows
    except WorkbookError:
        raise
    except Exception as error:
        raise WorkbookError(f"{type(error).__name__}: {error}") from None
    finally:
        book.close()


def _rows(sheet: Any, limit: int | None) -> list[list[str]]:
    rows: list[list[str]] = []
    cells = 0
    for row in sheet.iter_rows(values_only=True, max_row=limit, max_col=COLUMNS):
        texts = [_text(value) for value in row]
        while texts and not texts[-1]:
            texts.pop()
        cells += len(texts) + 1
        if cells > CELLS:
            raise WorkbookError(f"sheet '{sheet.title}' has more than {CELLS} cells")
        rows.append(texts)
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float):
        return repr(value)
    return str(value).replace("\t", " ").replace("\n", " ")


def write_workbook(path: Path, tables: Mapping[str, tuple[Sequence[str], Iterable[Sequence[object]]]]) -> Path:
    """Write sheets of (column names, rows): names bold and frozen, numbers as numbers, text never as a formula."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    for title, (names, rows) in tables.items():
        sheet = book.create_sheet(title[:31])
        sheet.freeze_panes = "A2"
        for index, name in enumerate(names):
            sheet.column_dimensions[chr(65 + index) if index < 26 else "AA"].width = max(12, min(40, len(name) + 4))
        head = [WriteOnlyCell(sheet, value=name) for name in names]
        for cell in head:
            cell.font = Font(bold=True)
        sheet.append(head)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path
