"""Tables whose time is written as a clock (``01:30:00``) or a date with a clock: turned into seconds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from peqled.lab.blocks import Table
from peqled.lab.measurement import LabFileError
from peqled.lab.records import Records, head_records, read_records
from peqled.lab.text import head_table, read_tables

__all__ = ["head_table_with_clock", "read_tables_with_clock", "with_clock"]

_CLOCK = re.compile(r"(?:(\d+)\s*d(?:ays?)?,?\s*)?(\d{1,4}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?")
_FORMATS = (
    "%d.%m.%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
)
_DAY = 86400.0


def head_table_with_clock(head: bytes) -> Table | None:
    """The table of the head of a file; where its times are clocks, with these in seconds."""
    table = head_table(head)
    records = head_records(head) if table is None else None
    return with_clock(records) if records is not None else table


def read_tables_with_clock(path: Path) -> list[Table]:
    """All tables of a file; where there are none but records with a clock, those with the clock in seconds.

    Raises:
        LabFileError: neither.
    """
    try:
        return read_tables(path)
    except LabFileError:
        table = with_clock(read_records(path))
        if table is None:
            raise
        return [table]


def with_clock(records: Records) -> Table | None:
    """Records with their clock in seconds and their words as NaN; None without a clock."""
    for i in range(len(records.names)):
        seconds = _seconds(records.texts(i))
        if seconds is not None:
            columns = [records.numbers(k) for k in range(len(records.names))]
            columns[i] = seconds
            units = tuple("s" if k == i else unit for k, unit in enumerate(records.units))
            names = tuple("time" if k == i else name for k, name in enumerate(records.names))
            return Table(names, units, np.column_stack(columns), records.header, decimal=records.decimal)
    return None


def _seconds(cells: Sequence[str]) -> NDArray[np.float64] | None:
    """Seconds of clocks or dates, ascending; None where fewer than nine in ten are such, or they run backwards."""
    for parse in (_duration, *(_dated(form) for form in ("", *_FORMATS))):
        found = np.array([parse(cell.strip()) for cell in cells])
        good = np.isfinite(found)
        if found.size < 3 or good.mean() < 0.9:
            continue
        known = found[good]
        if parse is _duration:  # a clock of the day starts again at midnight
            found[good] = known = known + _DAY * np.cumsum(np.diff(known, prepend=known[0]) < -0.5 * _DAY)
        if (np.diff(known) >= 0.0).all():
            return found
    return None


def _duration(cell: str) -> float:
    match = _CLOCK.fullmatch(cell)
    if match is None:
        return np.nan
    days, hours, minutes = (float(match[i] or 0) for i in (1, 2, 3))
    return _DAY * days + 3600.0 * hours + 60.0 * minutes + float((match[4] or "0").replace(",", "."))


def _dated(form: str):
    def parse(cell: str) -> float:
        try:
            moment = datetime.strptime(cell, form) if form else datetime.fromisoformat(cell)
        except ValueError:
            return np.nan
        return (moment.replace(tzinfo=None) - datetime(2000, 1, 1)).total_seconds()

    return parse
