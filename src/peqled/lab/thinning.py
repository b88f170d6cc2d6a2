"""Long records brought to a length that every law can work on: neighbours averaged, the noise falls accordingly."""

from __future__ import annotations

import numpy as np


def averaged(*columns: np.ndarray, limit: int) -> tuple[np.ndarray, ...]:
    """Columns of equal length, neighbours averaged in groups until at most `limit` points are left."""
    size = columns[0].size
    group = -(-size // limit)
    if group <= 1:
        return columns
    whole = size // group * group
    return tuple(np.asarray(column[:whole], dtype=float).reshape(-1, group).mean(axis=1) for column in columns)


def spread_indices(size: int, *, limit: int) -> np.ndarray:
    """Evenly spread positions among `size` points, at most `limit`."""
    return np.unique(np.linspace(0, size - 1, min(size, limit)).astype(int))
