"""Maps of a signal against time and wavelength, brought from the layouts of instruments to one with names.

A bare matrix whose first row and first column are the axes, a row of times above the spectra, and a list of
(time, wavelength, value) all become the table that has a wavelength column and columns named by times, or a time
column and columns named by wavelengths.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from peqled.lab.blocks import Table
from peqled.lab.cells import number, split_line, split_unit

__all__ = ["as_map"]

_TIME = re.compile(r"^(?:t|time|reaction time|elapsed(?: time)?|delay|zeit)$", re.IGNORECASE)
_WAVELENGTH = re.compile(r"^(?:wave ?length|wl|lambda|λ|wellenl[äa]nge)$", re.IGNORECASE)
_LEAST = 20  # wavelengths of a spectrum


def as_map(table: Table) -> Table:
    """The table with names of axes where its layout is one of the three; any other table as it is."""
    if any(table.names):
        return _pivoted(table) or _timed(table) or table
    return _framed(table) or table


def _framed(table: Table) -> Table | None:
    """First row and first column are the axes, the corner is empty or zero."""
    values = table.values
    if values.shape[0] < 4 or values.shape[1] < 4 or (np.isfinite(values[0, 0]) and values[0, 0] != 0.0):
        return None
    across, down = values[0, 1:], values[1:, 0]
    if not (_ascends(across) and _ascends(down)):
        return None
    if _is_wavelength(down):
        return _named(table, "wavelength", across, values[1:])
    return _named(table, "time", across, values[1:]) if _is_wavelength(across) else None


def _named(table: Table, axis: str, across: NDArray[np.float64], values: NDArray[np.float64]) -> Table:
    names = (axis, *(f"{x:.10g}" for x in across))
    return replace(table, names=names, units=("",) * len(names), values=values)


def _timed(table: Table) -> Table | None:
    """A wavelength column, nameless columns beside it, and above them a row ``Time (s), 0, 1, 2, ...``."""
    if len(table.names) < 4 or not _WAVELENGTH.match(table.names[0].strip()) or any(table.names[1:]):
        return None
    for line in table.header:
        first, *cells = split_line(line, table.delimiter)
        name, unit = split_unit(first)
        times = [number(cell, table.decimal) for cell in cells[: len(table.names) - 1]]
        if _TIME.match(name) and len(times) == len(table.names) - 1 and None not in times:
            return replace(table, names=(table.names[0], *(f"{t:.10g} {unit}".strip() for t in times)))
    return None


def _pivoted(table: Table) -> Table | None:
    """Three columns of time, wavelength and value, one row per point of the map; a last, cut frame is left out."""
    plain = [re.sub(r"[_\s]+", " ", name).strip() for name in table.names]
    time = next((i for i, name in enumerate(plain) if _TIME.match(name)), None)
    wave = next((i for i, name in enumerate(plain) if _WAVELENGTH.match(name)), None)
    if len(plain) != 3 or time is None or wave is None:
        return None
    rows = table.values[np.isfinite(table.values).all(axis=1)]
    (times, at_time), (waves, at_wave) = (np.unique(rows[:, i], return_inverse=True) for i in (time, wave))
    if times.size < 3 or waves.size < _LEAST or len(rows) < 0.5 * times.size * waves.size:
        return None
    grid = np.full((waves.size, times.size), np.nan)
    grid[at_wave, at_time] = rows[:, 3 - time - wave]
    whole = np.isfinite(grid).all(axis=0)
    unit = table.units[time]
    names = ("wavelength", *(f"{t:.10g} {unit}".strip() for t in times[whole]))
    units = (table.units[wave], *("",) * int(whole.sum()))
    return replace(table, names=names, units=units, values=np.column_stack([waves, grid[:, whole]]))


def _ascends(axis: NDArray[np.float64]) -> bool:
    steps = np.diff(axis)
    return bool(np.isfinite(axis).all() and ((steps > 0).all() or (steps < 0).all()))


def _is_wavelength(axis: NDArray[np.float64]) -> bool:
    return axis.size >= _LEAST and axis.min() >= 180.0 and axis.max() <= 2600.0
