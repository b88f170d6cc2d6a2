"""Lines of a text file, or of a workbook as tab-separated text, for readers that go line by line."""

from __future__ import annotations

from pathlib import Path

from peqled.lab.measurement import LabFileError
from peqled.lab.text import ZIP, read_lines


def text_lines(path: Path) -> list[str]:
    """Decoded lines; the rows of all sheets of a workbook, each sheet after its title."""
    with path.open("rb") as file:
        zipped = file.read(4) == ZIP
    if not zipped:
        return read_lines(path)
    from peqled.lab.workbook import WorkbookError, sheets

    try:
        return [line for title, rows in sheets(path) for line in (title, *("\t".join(row) for row in rows))]
    except WorkbookError as error:
        raise LabFileError(path, "workbook", str(error), "an .xlsx workbook") from None
