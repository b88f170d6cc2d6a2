"""Slope map ``d ln J / d ln V`` and the window where it shows a space-charge-limited current."""

from __future__ import annotations

import numpy as np

HALF_WIDTH = 0.12  # decades to each side of the local line
TARGET, TOLERANCE, LEAST_DECADES = 2.0, 0.1, 0.5


def slope_map(voltage: np.ndarray, current: np.ndarray, *, half_width: float = HALF_WIDTH) -> np.ndarray:
    """Local slope of ln J against ln V by a line over +- `half_width` decades; NaN below three points."""
    x, y = np.log10(voltage), np.log10(current)
    slopes = np.full(x.size, np.nan)
    for i in range(x.size):
        near = np.abs(x - x[i]) <= half_width
        if near.sum() >= 3 and np.ptp(x[near]) > 0.5 * half_width:
            slopes[i] = np.polyfit(x[near], y[near], 1)[0]
    return slopes


def quadratic_window(
    voltage: np.ndarray, slopes: np.ndarray, *, tolerance: float = TOLERANCE, least: float = LEAST_DECADES
) -> np.ndarray | None:
    """Mask of the longest run of slope 2 within `tolerance` over at least `least` decades, None if there is none."""
    good = np.abs(slopes - TARGET) <= tolerance
    edges = np.flatnonzero(np.diff(np.concatenate(([0], good.astype(int), [0]))))
    runs = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= 4]
    if not runs:
        return None
    start, stop = max(runs, key=lambda run: np.log10(voltage[run[1] - 1] / voltage[run[0]]))
    if np.log10(voltage[stop - 1] / voltage[start]) < least - 1e-9:
        return None
    mask = np.zeros(voltage.size, dtype=bool)
    mask[start:stop] = True
    return mask
