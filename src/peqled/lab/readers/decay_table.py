"""Decays as plain columns: a time axis with equal steps and one or more columns of counts or signal.

Covers quTAG exports (``# Time Tags Distribution``, seconds, ``;``, negative times), exports with ``Time [ns]`` and
``Counts`` or ``IRF`` columns, and bare two-column tables. Without a unit the axis is taken in seconds where it ends
below 1 ms, else in ns; the answer is flagged and `time_unit` overrides it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from peqled.lab.measurement import LabFileError, Measurement, Reader
from peqled.lab.readers._columns import header_metadata
from peqled.lab.readers._decay import DECAY_NAME, decay, is_response
from peqled.lab.text import Table, head_table, read_table
from peqled.lab.units import factor_to

_TIME = re.compile(r"^(?:time|t|delay|zeit|x|time bin|bin time|lifetime|decay time)\b|^time", re.IGNORECASE)
_SIGNAL = re.compile(
    r"count|\bcts\b|decay|irf|prompt|intens|signal|pl\b|data|ch\d|photons|fluor|events|hist|^y$|norm", re.IGNORECASE
)
_LEAVE = re.compile(r"fit|resid|error|sigma|weight|channel no", re.IGNORECASE)
_AXIS = re.compile(
    r"time\s*[,;\t]?\s*[\[(]\s*(?:ns|ps|us|µs)\s*[\])]", re.IGNORECASE
)  # an axis named in a header of keys
_OTHER = re.compile(r"luminance|cd/m|voltage|current|wavelength|plqy|^L$|L/L0", re.IGNORECASE)
_QUTAG = "Time Tags Distribution"
_SHORT_UNITS = re.compile(r"^(?:ps|ns|us|µs|μs|s)$")


def sniff(head: bytes, name: str) -> float:
    """High for time and counts in ns; lower for bare columns, by the shape of the curve."""
    if _QUTAG in head[:4000].decode("latin-1").replace("\0", ""):
        return 0.95
    table = head_table(head)
    if table is None or table.values.shape[1] < 2 or len(table.values) < 20:
        return 0.0
    time, values = table.values[:, 0], table.values[:, 1]
    if not _even(time) or not np.isfinite(values).all():
        return 0.0
    text = " ".join(table.header)
    if _OTHER.search(" ".join(table.names)):
        return 0.0
    keyed = bool(_AXIS.search(text)) and not _TIME.search(table.names[0])
    named = bool(_TIME.search(table.names[0])) or keyed
    unit = "ns" if keyed else table.units[0].strip()
    hint = bool(DECAY_NAME.search(name) or DECAY_NAME.search(text))
    if table.names[0] and not named and not hint:
        return 0.0
    if named and unit and not _SHORT_UNITS.match(unit):
        return 0.0  # hours and minutes are ageing
    signal = keyed or bool(_SIGNAL.search(" ".join(table.names[1:])))
    shaped = _rises_and_decays(time, values)
    if named and unit in ("ns", "ps") and signal:
        return 0.8 if shaped or hint else 0.55
    if named and unit in ("ns", "ps") and shaped and _counts(values):
        return 0.55  # a column that bears the sample's name
    if named and signal:
        return 0.75 if hint else 0.6 if shaped and _counts(values) else 0.42 if shaped else 0.0
    if not any(table.names):
        return 0.6 if hint and shaped else 0.4 if shaped and table.values.shape[1] <= 3 else 0.0
    return 0.5 if hint and shaped else 0.0


def _even(time: NDArray[np.float64]) -> bool:
    steps = np.diff(time)
    return bool(np.isfinite(steps).all() and steps.min() > 0 and np.ptp(steps) < 0.2 * np.median(steps) + 1e-4)


def _counts(values: NDArray[np.float64]) -> bool:
    return bool(values.min() >= 0 and np.all(values == np.round(values)))


def _rises_and_decays(time: NDArray[np.float64], values: NDArray[np.float64]) -> bool:
    """Starts near zero delay, jumps to its maximum early, and falls from there (noise allowed).

    The head of a large file may end before the decay does; counts that only rise so far are accepted."""
    if abs(time[0]) > 2.5 * (time[1] - time[0]) and time[0] > 0:
        return False
    peak = int(np.argmax(values))
    if (
        values[peak] <= 0
        or values.min() < -0.2 * values[peak]
        or np.count_nonzero(values > 0.9 * values[peak]) > 0.2 * values.size
    ):
        return False
    blocks = np.array_split(values[peak:], min(8, max(values.size - peak, 1)))
    means = np.array([block.mean() for block in blocks])
    return bool(means.size >= 4 and means[-1] < 0.6 * values[peak] and np.all(np.diff(means) < 0.05 * values[peak]))


def read(path: Path) -> list[Measurement]:
    """One measurement per column of signal; a column named IRF or prompt becomes a response."""
    table = _labelled(read_table(path))
    if table.values.shape[1] < 2:
        raise LabFileError(path, "columns", "one column", "time and counts")
    good = np.isfinite(table.values[:, 0])
    time, body = table.values[good, 0], table.values[good, 1:]
    if time.size < 5 or not _even(time):
        raise LabFileError(path, "time axis", f"{time.size} values", "an ascending axis with equal steps")
    factor, notes, flags = _unit(table, time)
    steps = (time[-1] - time[0]) / (time.size - 1) * factor
    columns = [
        c
        for c in range(body.shape[1])
        if not _LEAVE.search(table.names[c + 1]) and np.nanmax(np.nan_to_num(body[:, c])) > 0
    ]
    if not columns:
        raise LabFileError(path, "columns", "no positive signal", "time and counts")
    metadata = {**header_metadata(table.header), "time_unit_assumed": "ns" if flags and factor == 1e-9 else None}
    return [
        decay(
            path,
            "decay_table",
            path.stem if len(columns) == 1 else f"{path.stem} {table.names[c + 1] or c + 1}",
            body[:, c],
            bin_width=steps,
            start=float(time[0]) * factor,
            metadata=metadata,
            response=_is_irf(table, path, c, len(columns)),
            notes=(*table.notes(), *notes),
            flags=flags,
        )
        for c in columns
    ]


def _labelled(table: Table) -> Table:
    """Names of the curves from a header line ``Labels, IRF, sample A`` (Edinburgh Instruments), where there is one."""
    sign = "\t" if table.delimiter == " " else table.delimiter
    for line in table.header:
        first, *labels = (cell.strip().strip('"') for cell in line.split(sign))
        if first == "Labels" and any(labels):
            labels = [*labels, *[""] * len(table.names)][: len(table.names) - 1]
            return replace(table, names=(table.names[0], *labels))
    return table


def _is_irf(table: Table, path: Path, column: int, columns: int) -> bool:
    named = is_response(table.names[column + 1])
    return named or (is_response(path.stem, *table.header[:5]) and columns == 1)


def _unit(table: Table, time: NDArray[np.float64]) -> tuple[float, tuple[str, ...], tuple[str, ...]]:
    """Seconds per unit of the axis, with notes and flags where it had to be assumed."""
    text = " ".join(table.header)
    if _QUTAG in text:
        return 1.0, (), ()
    written = table.units[0] if factor_to(table.units[0] or "-", "s") else ""
    written = written or next(iter(re.findall(r"\(?\b(ps|ns|µs|us)\b\)?", text)), "")
    factor = factor_to(written, "s") if written else None
    if factor is not None:
        return factor, (), ()
    if time[-1] < 1e-3:
        return 1.0, ("no unit of time: taken in s, since the record ends below 1 ms",), ("READ_UNIT",)
    return 1e-9, ("no unit of time: taken in ns",), ("READ_UNIT",)


READER = Reader(
    "decay_table",
    "Decay as columns of time and counts",
    ("trpl_decay", "trpl_irf"),
    (".csv", ".txt", ".dat", ".xlsx"),
    sniff,
    read,
    "independent file",
)
