"""Photoelectron line of a metal: the Doniach-Sunjic profile, broadened by the instrument's Gaussian.

The hole left behind excites electron-hole pairs at the Fermi level, so the line has a tail towards higher binding
energy (Doniach and Sunjic, J. Phys. C 1970, 3, 285, doi:10.1088/0022-3719/3/2/010). With e = E0 - E, E0 the threshold
and g the Lorentzian half width,

    I(E) ~ cos[pi a/2 + (1 - a) arctan(e/g)] / (e^2 + g^2)^((1 - a)/2).

It is a Lorentzian for a = 0; its maximum lies g tan[pi a/(2 (2 - a))] above E0, and its tail falls as |e|^(a - 1),
which has no area: the area counts from `BELOW` under the line to `ABOVE` over it, about the width of a conduction
band.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from peqled.lab.xps.lineshape import LN2

BELOW, ABOVE = 25.0, 10.0  # eV
STEP = 0.01  # eV, of the grid on which it is broadened; half widths below twice the step are not resolved


def doniach_sunjic(offset: np.ndarray, *, half_width: float, asymmetry: float) -> np.ndarray:
    """Unbroadened profile, any scale, at `offset` = E - E0 (eV); `half_width` g (eV), `asymmetry` a in 0..1."""
    angle = 0.5 * np.pi * asymmetry + (1.0 - asymmetry) * np.arctan(-offset / half_width)
    return np.cos(angle) / (offset**2 + half_width**2) ** (0.5 * (1.0 - asymmetry))


def broadened(
    energy: np.ndarray, *, centre: float, half_width: float, asymmetry: float, gaussian_fwhm: float
) -> np.ndarray:
    """Profile (1/eV) with threshold `centre`, convolved with a Gaussian; area 1 from `BELOW` to `ABOVE`.

    Args:
        energy: binding energies (eV), any order.
        centre: threshold E0 (eV).
        half_width: Lorentzian half width at half maximum (eV), at least 0.02.
        asymmetry: index a, 0 to 0.5.
        gaussian_fwhm: full width of the Gaussian (eV).
    """
    grid = _grid()[0]
    return np.interp(energy - centre, grid, _profile(float(half_width), float(asymmetry), float(gaussian_fwhm)))


@lru_cache(maxsize=8)  # both lines of a doublet share it, and a fit that moves them keeps it
def _profile(half_width: float, asymmetry: float, gaussian_fwhm: float) -> np.ndarray:
    grid, inside, frequency = _grid()
    line = doniach_sunjic(grid, half_width=half_width, asymmetry=asymmetry)
    blur = np.exp(-((np.pi * frequency * gaussian_fwhm) ** 2) / (4.0 * LN2))  # transform of the Gaussian
    line = np.fft.irfft(np.fft.rfft(line) * blur, grid.size)  # what runs over the ends stays there, outside of the area
    return line / np.trapezoid(line[inside], grid[inside])


def gaussian_part(fwhm: float, lorentzian_share: float) -> float:
    """Full width of the Gaussian inside a pseudo-Voigt (Thompson, Cox and Hastings, J. Appl. Cryst. 1987, 20, 79)."""
    s = lorentzian_share
    return fwhm * float(np.sqrt(max(1.0 - 0.74417 * s - 0.24781 * s**2 - 0.00810 * s**3, 0.0)))


@lru_cache(maxsize=1)
def _grid() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    grid = -45.0 + STEP * np.arange(8192)
    return grid, (grid >= -BELOW) & (grid <= ABOVE), np.fft.rfftfreq(grid.size, STEP)
