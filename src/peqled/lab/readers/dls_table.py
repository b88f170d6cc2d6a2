"""Correlation functions as plain tables: DynaPro exports and any csv with a delay and a g2 (or g2 - 1) column."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from peqled.lab.dls.correlation import correlation_measurement, normalised
from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.readers.malvern_dls import conditions
from peqled.lab.registry import Reader
from peqled.lab.text import Table, head_table, read_tables

_DELAY = r"lag|delay|tau|^τ|^t$|time"
_VALUE = re.compile(r"auto-?correlation|correlation|\bacf\b|g\(?2\)?|\bcorr\b|intensity acf", re.I)
_UNITS = {"us": 1e-6, "µs": 1e-6, "μs": 1e-6, "usec": 1e-6, "ms": 1e-3, "s": 1.0, "sec": 1.0, "ns": 1e-9}


def _columns(table: Table) -> tuple[int, list[int]] | None:
    axis = table.column(_DELAY)
    values = [i for i, name in enumerate(table.names) if i != axis and _VALUE.search(name)]
    return (axis, values) if axis is not None and values else None


def _log_spaced(x: np.ndarray) -> bool:
    """Lags of a correlator grow by decades."""
    x = x[np.isfinite(x) & (x > 0.0)]
    return bool(x.size >= 20 and x[-1] > 100.0 * x[0] and np.all(np.diff(x) > 0.0))


def _sniff(head: bytes, name: str) -> float:
    table = head_table(head)
    found = _columns(table) if table is not None else None
    if table is None or found is None or not _log_spaced(table.values[:, found[0]]):
        return 0.0
    return 0.78


def _read(path: Path) -> list[Measurement]:
    result = []
    for table in read_tables(path):
        found = _columns(table)
        if found is None:
            continue
        axis, values = found
        unit = table.units[axis].strip().lower()
        factor = _UNITS.get(unit, 1e-6)
        for column in values:
            g2, shifted = normalised(table.values[:, column])
            notes = [text for text in (shifted, *table.notes()) if text]
            if unit not in _UNITS:
                notes.append("unit of the delay not given: microseconds taken")
            result.append(
                correlation_measurement(
                    name=path.stem if len(values) == 1 else f"{path.stem} {table.names[column]}",
                    lag=factor * table.values[:, axis],
                    g2=g2,
                    source=path,
                    reader="dls_table",
                    metadata=conditions(table),
                    notes=tuple(notes),
                    flags=() if unit in _UNITS else ("READ_UNIT",),
                )
            )
    if not result:
        raise LabFileError(path, "columns", "no delay with a correlation", "a correlation function")
    return result


READER = Reader(
    name="dls_table",
    title="DLS correlation function as a table (DynaPro, csv)",
    kinds=("dls_correlation",),
    suffixes=(".csv", ".txt"),
    sniff=_sniff,
    read=_read,
    checked="unverified",
)
