"""Photoelectron lines of unit area.

The sum of a Gaussian and a Lorentzian of one width, ``eta L + (1 - eta) G`` (pseudo-Voigt; Wertheim et al., Rev. Sci.
Instrum. 1974, 45, 1369), is what most programs fit; the Voigt profile is the convolution of both.
"""

from __future__ import annotations

import numpy as np

LN2 = float(np.log(2.0))


def gaussian(energy: np.ndarray, *, centre: float, fwhm: float) -> np.ndarray:
    """Gaussian of unit area (1/eV)."""
    return np.sqrt(4.0 * LN2 / np.pi) / fwhm * np.exp(-4.0 * LN2 * ((energy - centre) / fwhm) ** 2)


def lorentzian(energy: np.ndarray, *, centre: float, fwhm: float) -> np.ndarray:
    """Lorentzian of unit area (1/eV)."""
    return (0.5 * fwhm / np.pi) / ((energy - centre) ** 2 + 0.25 * fwhm**2)


def pseudo_voigt(energy: np.ndarray, *, centre: float, fwhm: float, lorentzian_share: float) -> np.ndarray:
    """Pseudo-Voigt of unit area (1/eV); `lorentzian_share` 0 is Gaussian, 1 Lorentzian."""
    share = lorentzian_share
    return share * lorentzian(energy, centre=centre, fwhm=fwhm) + (1.0 - share) * gaussian(
        energy, centre=centre, fwhm=fwhm
    )


def voigt(energy: np.ndarray, *, centre: float, sigma: float, gamma: float) -> np.ndarray:
    """Voigt of unit area (1/eV): Gaussian deviation `sigma`, Lorentzian half width `gamma` (eV)."""
    from scipy.special import voigt_profile

    return voigt_profile(energy - centre, sigma, gamma)
