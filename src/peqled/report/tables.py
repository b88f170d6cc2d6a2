"""One table, four ways to show it: on the terminal, as CSV, as JSON records and in a page.

Rows hold plain values in the units of the headers; a number that does not exist is NaN, infinite or None, and reads as
a dash, an empty cell or null.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from peqled.report.display import number
from peqled.report.html import Cell, Number
from peqled.report.html import Table as PageTable

Value = float | int | str | bool | None


@dataclass(frozen=True)
class Column:
    """A column: `key` in files, `title` for people, `unit` of its numbers as shown, significant `digits`; one that is
    not `on_screen` stands in files and pages only."""

    key: str
    title: str
    unit: str = ""
    digits: int = 4
    on_screen: bool = True


@dataclass(frozen=True)
class Sheet:
    """A named table; every row has a value per column."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]

    def records(self) -> list[dict[str, Any]]:
        """Rows as JSON values; keys carry the unit of their column."""
        return [{_key(c): _plain(v) for c, v in zip(self.columns, row, strict=True)} for row in self.rows]

    def csv(self) -> str:
        """Rows as CSV text with one header line."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow([_key(column) for column in self.columns])
        for row in self.rows:
            writer.writerow(["" if (plain := _plain(value)) is None else plain for value in row])
        return buffer.getvalue()

    def page(self, *, folded: bool = False) -> PageTable:
        """Rows as a table of a page."""
        header = [column.title for column in self.columns]
        rows = [[_cell(c, v) for c, v in zip(self.columns, row, strict=True)] for row in self.rows]
        return PageTable(header, rows, caption=self.title, folded=folded)

    def show(self, *, most: int = 40) -> None:
        """Print the table, at most so many rows."""
        from rich import box
        from rich.console import Console
        from rich.table import Table

        table = Table(title=self.title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
        places = [i for i, column in enumerate(self.columns) if column.on_screen]
        for column, i in ((self.columns[i], i) for i in places):
            words = any(isinstance(row[i], str) for row in self.rows)
            title = f"{column.title}\n{column.unit}" if any(c.unit for c in self.columns) else column.title
            table.add_column(title, justify="left" if words else "right", overflow="fold", no_wrap=not words)
        for row in self.rows[:most]:
            table.add_row(*(_text(self.columns[i], row[i]) for i in places))
        console = Console()
        console.print(table)
        if len(self.rows) > most:
            console.print(f"... and {len(self.rows) - most} more rows in {self.name}.csv", highlight=False)


def _key(column: Column) -> str:
    ascii_unit = column.unit.replace("²", "2").replace("³", "3").replace("⁻", "-")
    return f"{column.key} [{ascii_unit}]" if column.unit else column.key


def _plain(value: Value) -> Value:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _text(column: Column, value: Value) -> str:
    if isinstance(value, float):
        return number(value, column.digits)
    return "–" if value is None else str(value).replace("[", "\\[")


def _cell(column: Column, value: Value) -> Cell:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return None if value is None else str(value)
    return Number(float(value), column.unit, digits=column.digits)
