"""Means of neighbouring points, so that a spectrum of millions of points is treated like one of thousands."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["MOST_POINTS", "thinned"]

MOST_POINTS = 4096


def thinned(*arrays: Float[ndarray, "... n"]) -> tuple[Float[ndarray, "... m"], ...]:
    """The arrays averaged in equal groups along the last axis to at most `MOST_POINTS`; short ones as they are."""
    size = arrays[0].shape[-1]
    factor = -(-size // MOST_POINTS)
    if factor <= 1:
        return arrays
    whole = size // factor * factor
    return tuple(np.mean(a[..., :whole].reshape(*a.shape[:-1], -1, factor), axis=-1) for a in arrays)
