"""CIE 1931 chromaticity of an energy spectrum."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from peqled.materials.observer import matching_functions

__all__ = ["chromaticity"]


def chromaticity(wavelength: NDArray[np.float64], energy: NDArray[np.float64]) -> tuple[float, float, int]:
    """x, y and the number of negative values that were set to zero.

    X = int S xbar dlambda and so on over 380 to 780 nm on a 1 nm grid (CIE 015:2018); negative values of S, noise of
    the detector, are set to zero first.

    Args:
        wavelength: m, ascending.
        energy: energy per wavelength, any scale.
    """
    negative = int(np.count_nonzero(energy[(wavelength >= 380e-9) & (wavelength <= 780e-9)] < 0))
    grid = np.arange(380.0, 780.5, 1.0) * 1e-9
    spectrum = np.interp(grid, wavelength, np.clip(energy, 0.0, None), left=0.0, right=0.0)
    x, y, z = (matching_functions(grid) * spectrum).sum(axis=1)
    total = x + y + z
    return (float(x / total), float(y / total), negative) if total > 0 else (np.nan, np.nan, negative)
