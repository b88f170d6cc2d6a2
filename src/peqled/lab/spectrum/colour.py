"""CIE 1931 chromaticity of an energy spectrum."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from peqled.lab.spectrum.observer import observer

__all__ = ["chromaticity", "uniform_chromaticity"]


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
    x, y, z = (observer(grid) * spectrum).sum(axis=1)
    total = x + y + z
    return (float(x / total), float(y / total), negative) if total > 0 else (np.nan, np.nan, negative)


def uniform_chromaticity(x: float, y: float) -> tuple[float, float]:
    """u', v' (CIE 1976) of x, y: u' = 4x/(-2x + 12y + 3), v' = 9y/(-2x + 12y + 3)."""
    denominator = -2.0 * x + 12.0 * y + 3.0
    return 4.0 * x / denominator, 9.0 * y / denominator
