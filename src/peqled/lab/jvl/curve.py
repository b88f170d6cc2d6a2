"""Readings of a J-V-L sweep: dark noise, turn-on, leakage, roll-off, hysteresis."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "at_luminance",
    "dark_noise",
    "first_above",
    "hysteresis",
    "leakage",
    "roll_off",
    "split_directions",
    "turn_on",
]

Array = NDArray[np.float64]


def dark_noise(voltage: Array, luminance: Array) -> float:
    """Standard deviation (cd/m2) of the luminance below turn-on: the points from reverse bias to 1 V, at least four.

    NaN where the sweep has no such points. The estimate is 1.4826 median absolute deviation, or the rms if larger by
    less than three: a single spike does not count.
    """
    dark = luminance[(voltage <= 1.0) & np.isfinite(luminance)]
    if dark.size < 4:
        return float("nan")
    return float(1.4826 * np.median(np.abs(dark - np.median(dark))))


def turn_on(voltage: Array, luminance: Array, level: float) -> float:
    """Voltage (V) at which the luminance reaches `level` (cd/m2), interpolated in log L between the two points.

    It is the last crossing from below, so that noise below turn-on does not count. NaN where it is never reached or the
    sweep begins above it.
    """
    order = np.argsort(voltage, kind="stable")
    v, lum = voltage[order], luminance[order]
    good = np.isfinite(lum)
    v, lum = v[good], lum[good]
    top = int(np.argmax(lum)) if lum.size else 0
    below = np.flatnonzero(lum[: top + 1] < level)
    if not below.size or below[-1] == top:
        return float("nan")
    i = below[-1]
    if lum[i] <= 0:  # the point below is noise: the linear crossing
        return float(np.interp(level, [lum[i], lum[i + 1]], [v[i], v[i + 1]]))
    return float(np.interp(np.log(level), np.log([lum[i], lum[i + 1]]), [v[i], v[i + 1]]))


def first_above(voltage: Array, luminance: Array, level: float) -> float:
    """Tabulated voltage of the first point above `level`, rounded to 0.1 V as tables print it; NaN where none is."""
    above = np.flatnonzero(luminance > level)
    return float(np.round(voltage[above[0]], 1)) if above.size else float("nan")


def leakage(voltage: Array, current_density: Array, level: float = 1.0) -> float:
    """Current density (A/m2) at `level` volts, below turn-on, interpolated in |J|; NaN outside of the sweep."""
    order = np.argsort(voltage, kind="stable")
    v, j = voltage[order], np.abs(current_density[order])
    if not v.size or v[0] > level or v[-1] < level:
        return float("nan")
    return float(np.interp(level, v, j))


def at_luminance(level: float, luminance: Array, values: Array, good: NDArray[np.bool_]) -> float:
    """Value at a luminance (cd/m2) on the rising branch, interpolated in log L; NaN where it is not reached."""
    index = np.flatnonzero(good & np.isfinite(values) & (luminance > 0))
    if index.size < 2:
        return float("nan")
    lum, val = luminance[index], values[index]
    top = int(np.argmax(lum))
    lum, val = lum[: top + 1], val[: top + 1]
    above = np.flatnonzero(lum >= level)
    if not above.size or above[0] == 0:
        return float(val[0]) if above.size and abs(lum[0] / level - 1) < 0.05 else float("nan")
    i = above[0]
    return float(np.interp(np.log(level), np.log([lum[i - 1], lum[i]]), [val[i - 1], val[i]]))


def roll_off(current_density: Array, efficiency: Array, good: NDArray[np.bool_]) -> float:
    """Current density (A/m2) beyond the maximum at which the efficiency has fallen to half of it; NaN if it never
    does."""
    index = np.flatnonzero(good & np.isfinite(efficiency))
    if index.size < 3:
        return float("nan")
    j, eta = current_density[index], efficiency[index]
    order = np.argsort(j)
    j, eta = j[order], eta[order]
    top = int(np.argmax(eta))
    below = np.flatnonzero(eta[top:] <= 0.5 * eta[top])
    if not below.size:
        return float("nan")
    k = top + below[0]
    return float(np.interp(-0.5 * eta[top], [-eta[k - 1], -eta[k]], [j[k - 1], j[k]]))


class Directions(NamedTuple):
    """Indices of the rising and the falling part of a sweep."""

    up: NDArray[np.int_]
    down: NDArray[np.int_]


def split_directions(voltage: Array) -> Directions:
    """Rising and falling part of a sweep that turns round; one of them is empty where it does not."""
    turn = int(np.argmax(voltage))
    first = np.arange(len(voltage))
    rising = voltage[-1] >= voltage[0] if turn in (0, len(voltage) - 1) else True
    if turn in (0, len(voltage) - 1):
        return Directions(first, first[:0]) if rising else Directions(first[:0], first)
    return Directions(first[: turn + 1], first[turn:])


def hysteresis(voltage: Array, values: Array) -> float:
    """Largest |ln(down/up)| of a sweep that turns round, over the voltages both directions share and where the values
    exceed a hundredth of the maximum; NaN for a sweep in one direction."""
    up, down = split_directions(voltage)
    if min(up.size, down.size) < 4:
        return float("nan")
    grid = voltage[up][(values[up] > 0.01 * np.nanmax(values)) & (voltage[up] >= voltage[down].min())]
    if grid.size < 3:
        return float("nan")
    order = np.argsort(voltage[down])
    down_values = np.interp(grid, voltage[down][order], values[down][order])
    up_order = np.argsort(voltage[up])
    up_values = np.interp(grid, voltage[up][up_order], values[up][up_order])
    good = (down_values > 0) & (up_values > 0)
    return float(np.max(np.abs(np.log(down_values[good] / up_values[good])))) if good.any() else float("nan")
