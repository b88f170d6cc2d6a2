"""What `peqled read` and `peqled formats` print."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from peqled.lab.files import CANCELLED
from peqled.lab.measurement import Quantity
from peqled.lab.reading import Reading
from peqled.lab.results import not_written
from peqled.report.lab_tables import HEADLINES, status_text

__all__ = ["print_formats", "print_reading", "run_notes"]


def _main_rows(reading: Reading) -> list[Quantity]:
    """Main numbers for the screen: of batches where there are any, else of the samples."""
    rows: list[Quantity] = []
    for key in HEADLINES:
        of_batches = [row for row in reading.quantities if row.quantity in (f"{key}_mean", f"{key}_champion")]
        own = [row for row in reading.quantities if row.quantity == key]
        rows += of_batches or own[:6]
    return rows


def run_notes(reading: Reading) -> list[str]:
    """What a person should know of this run: stopped, or partly taken from an earlier one."""
    notes = []
    if reading.cancelled:
        left = sum(entry.reason == CANCELLED for entry in reading.files)
        notes.append(f"cancelled: {left} of {len(reading.files)} files were not read; the same command continues")
    if reading.reused:
        notes.append(f"{reading.reused} files unchanged since the last run, by size and time (--fresh reads all again)")
    return notes


def print_formats(rows: Sequence[dict[str, str]]) -> None:
    """The readers as a table on the screen."""
    from rich.console import Console
    from rich.table import Table as Screen

    table = Screen("name", "format", "measurements", "checked against", box=None, header_style="bold")
    for row in rows:
        table.add_row(
            row["name"],
            row["title"],
            row["kinds"].replace(";", ", "),
            row["checked"] + (f": {row['note']}" if row["checked"] == "not loaded" else ""),
        )
    Console().print(table)


def print_reading(reading: Reading, folder: Path) -> None:
    """A short table on the screen: files by status, the main numbers, and where the rest is."""
    from rich.console import Console
    from rich.table import Table as Screen

    console = Console()
    table = Screen("sample", "quantity", "value", "unit", "flags", box=None, header_style="bold")
    shown = _main_rows(reading)
    for row in shown[:30]:
        u = f" ± {row.uncertainty:.2g}" if math.isfinite(row.uncertainty) else ""
        value = row.value if isinstance(row.value, str) else f"{row.value:.5g}{u}"
        table.add_row(row.sample, row.quantity, value, row.unit, " ".join(row.flags))
    if shown:
        console.print(table)
    console.print(
        f"{status_text(reading)}; {len(reading.quantities)} numbers", highlight=False, markup=False, soft_wrap=True
    )
    for text in run_notes(reading):
        console.print(f"  {text}", highlight=False, markup=False, soft_wrap=True)
    for text in reading.unused_settings():
        console.print(f"  setting never asked for: {text}", highlight=False, markup=False, soft_wrap=True)
    for entry in [e for e in reading.files if e.status in ("failed", "not recognised")][:8]:
        console.print(f"  {entry.file}: {entry.reason}", highlight=False, markup=False, soft_wrap=True)
    for text in not_written():
        console.print(f"  {text}", highlight=False, markup=False, soft_wrap=True)
    book = [] if not_written() else ["results.xlsx"]
    written = [
        "results.csv",
        "files.csv",
        *book,
        "measurements.nc",
        "measurements.eln",
        "figures/",
        "report.html",
        "report.pdf",
    ]
    console.print(f"{folder}: {', '.join(written)}", highlight=False, markup=False, soft_wrap=True)
