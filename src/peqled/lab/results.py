"""The output folder of `peqled read`: results.csv, files.csv, results.xlsx and measurements.nc, each whole or
absent."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from peqled.lab.extras import installed, needs
from peqled.lab.measurement import Quantity
from peqled.lab.netcdf import write_measurements
from peqled.lab.reading import FileEntry, Reading
from peqled.lab.workbook import write_workbook
from peqled.result import prepare_folder, write_atomically, write_text

__all__ = ["COLUMNS", "as_records", "not_written", "write_reading", "write_tables"]

COLUMNS = ("file", "quantity", "value", "uncertainty", "unit", "convention", "flags", "sample", "note")
FILE_COLUMNS = (
    "file",
    "status",
    "reader",
    "checked",
    "kinds",
    "measurements",
    "size",
    "sha256",
    "reason",
    "nearest",
    "notes",
)


def write_reading(reading: Reading, folder: Path) -> Path:
    """Write the tables and the measurements; figures and the page are the report's."""
    prepare_folder(folder)
    write_tables(reading, folder)
    write_atomically(
        folder / "measurements.nc", lambda path: write_measurements(reading.measurements, reading.context, path)
    )
    return folder


def write_tables(reading: Reading, folder: Path) -> None:
    """results.csv, files.csv and, where its library is installed, both as sheets of results.xlsx."""
    results = [_result_row(row) for row in reading.quantities]
    files = [_file_row(entry) for entry in reading.files]
    write_text(folder / "results.csv", _csv(COLUMNS, results))
    write_text(folder / "files.csv", _csv(FILE_COLUMNS, files))
    if not installed("openpyxl"):
        (folder / "results.xlsx").unlink(missing_ok=True)  # one of an earlier run would not be that of this run
        return
    sheets = {"results": (COLUMNS, _cells(results)), "files": (FILE_COLUMNS, _cells(files))}
    write_atomically(folder / "results.xlsx", lambda path: write_workbook(path, sheets))


def not_written() -> list[str]:
    """Files that are left out for want of a library, each in a sentence."""
    return [] if installed("openpyxl") else [needs("results.xlsx", "openpyxl")]


def as_records(reading: Reading) -> dict[str, list[dict[str, object]]]:
    """Results and files as JSON values; a missing uncertainty is null."""
    results: list[dict[str, object]] = [
        {name: cell for name, cell in zip(COLUMNS, _result_row(row), strict=True)} for row in reading.quantities
    ]
    for row in results:
        row["uncertainty"] = None if row["uncertainty"] == "" else row["uncertainty"]
        row["value"] = None if row["value"] == "" else row["value"]
    files: list[dict[str, object]] = [
        {name: cell for name, cell in zip(FILE_COLUMNS, _file_row(entry), strict=True)} for entry in reading.files
    ]
    return {"results": results, "files": files}


def _result_row(row: Quantity) -> list[object]:
    return [
        row.file,
        row.quantity,
        _plain(row.value),
        _plain(row.uncertainty),
        row.unit,
        row.convention,
        ";".join(row.flags),
        row.sample,
        row.note,
    ]


def _file_row(entry: FileEntry) -> list[object]:
    return [getattr(entry, name) for name in FILE_COLUMNS]


def _plain(value: float | str) -> float | str:
    if isinstance(value, str):
        return value
    number = float(value)
    return float(f"{number:.10g}") if math.isfinite(number) else ""


def _csv(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def _cells(rows: Iterable[Sequence[object]]) -> list[list[object]]:
    return [[_safe(cell) for cell in row] for row in rows]


def _safe(cell: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front; control characters go."""
    if not isinstance(cell, str):
        return cell
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", " ", cell)[:30000]
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
