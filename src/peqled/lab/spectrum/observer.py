"""CIE 1931 standard observer (2 degrees, 1 nm) of colour-science, without JAX."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["observer"]


@lru_cache(maxsize=1)
def _table() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from colour.colorimetry import MSDS_CMFS

    cmfs = MSDS_CMFS["CIE 1931 2 Degree Standard Observer"]
    return np.asarray(cmfs.wavelengths, float) * 1e-9, np.asarray(cmfs.values, float)


def observer(wavelength: NDArray[np.float64]) -> NDArray[np.float64]:
    """x-bar, y-bar, z-bar as rows at `wavelength` (m), linear between 1 nm values; zero outside 360 to 830 nm."""
    grid, table = _table()
    return np.stack([np.interp(wavelength, grid, column, left=0.0, right=0.0) for column in table.T])
