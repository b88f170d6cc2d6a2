"""Averages of an intensity-weighted size distribution.

The z-average of the cumulants corresponds to the harmonic mean ``Sum w / Sum (w/d)`` of the intensity distribution.
"""

from __future__ import annotations

import numpy as np


def harmonic_mean(diameter: np.ndarray, weight: np.ndarray) -> float:
    """Harmonic mean of the diameters with intensity weights."""
    return float(weight.sum() / (weight / diameter).sum())


def mean(diameter: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation of the diameters with intensity weights."""
    average = float(weight @ diameter / weight.sum())
    return average, float(np.sqrt(weight @ (diameter - average) ** 2 / weight.sum()))


def modes(diameter: np.ndarray, weight: np.ndarray) -> list[tuple[float, float]]:
    """(mean diameter, share) of each separate mode that holds at least 2 % of the intensity."""
    inside = weight > 0.0
    edges = np.flatnonzero(np.diff(np.concatenate(([0], inside.astype(int), [0]))))
    found = []
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        part, share = weight[start:stop], float(weight[start:stop].sum() / weight.sum())
        if share >= 0.02:
            found.append((float(part @ diameter[start:stop] / part.sum()), share))
    return found
