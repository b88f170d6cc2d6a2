"""Times at which a trace has fallen to a share of a reference value, measured or censored, never extrapolated.

Two references are in use and differ where light soaking raises the emission first: I(0) and I(max). The crossing is
linear between samples; against the start it is the first of the record, against the maximum the first behind it. A
trace that never gets there gives "later than the end".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["Crossing", "crossing"]


class Crossing(NamedTuple):
    """Time of the crossing and its uncertainty (s), or the end of the record with `reached` False."""

    time: float
    u: float
    reached: bool


def crossing(time: Float[ndarray, " n"], signal: Float[ndarray, " n"], level: float, *, first: int = 0) -> Crossing:
    """First fall to `level` from sample `first` on.

    The uncertainty is the sampling step over sqrt(12), since what happens between samples is not known.
    """
    below = np.flatnonzero(signal[first:] <= level)
    if not below.size:
        return Crossing(float(time[-1]), np.nan, False)
    k = first + int(below[0])
    if k == first:
        return Crossing(float(time[k]), np.nan, True)
    t = np.interp(-level, [-signal[k - 1], -signal[k]], [time[k - 1], time[k]])
    return Crossing(float(t), float((time[k] - time[k - 1]) / np.sqrt(12.0)), True)
