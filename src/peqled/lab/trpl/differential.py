"""Differential lifetime -1/(d ln I/dt) against the level of the PL: constant for one exponential.

Recombination of free carriers is not exponential; the differential lifetime rises with falling level and shows the
regime without a model. Slopes are straight lines through ln I over half a decade around each level.
Reference: M. A. Green and A. W. Y. Ho-Baillie, ACS Energy Lett. 2019, 4, 1639; L. Kruckemeier et al.,
Adv. Energy Mater. 2021, 11, 2003489, 10.1002/aenm.202003489.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["differential_lifetime"]


def differential_lifetime(
    time: Float[ndarray, " n"], signal: Float[ndarray, " n"], levels: Float[ndarray, " m"]
) -> tuple[Float[ndarray, " m"], Float[ndarray, " m"]]:
    """Lifetime and its error at fractions `levels` of the maximum; NaN where the record has no clear slope there.

    Args:
        time: s; signal: background subtracted.
    """
    peak = int(np.argmax(signal))
    t, y = time[peak:], signal[peak:] / signal[peak]
    found = np.full((2, levels.size), np.nan)
    half = np.sqrt(np.sqrt(10.0))
    for k, level in enumerate(levels):
        first = np.flatnonzero(y < level / half)
        stop = int(first[0]) if first.size else 0  # 0: the level is not crossed
        start = int(np.argmax(y < min(level * half, 1.0)))
        part = slice(start, stop)
        if stop - start >= 5 and np.all(y[part] > 0):
            slope, error = _slope(t[part], np.log(y[part]))
            if slope < 0 and error < 0.5 * -slope:
                found[:, k] = -1.0 / slope, error / slope**2
    return found[0], found[1]


def _slope(x: Float[ndarray, " n"], y: Float[ndarray, " n"]) -> tuple[float, float]:
    centred = x - x.mean()
    norm = float(centred @ centred)
    slope = float(centred @ y) / norm
    rest = y - y.mean() - slope * centred
    return slope, float(np.sqrt(rest @ rest / max(x.size - 2, 1) / norm))
