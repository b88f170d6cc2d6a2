"""EQE by a photodiode that collects a known share of the light, and by an integrating sphere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.constants import c, e, h

__all__ = ["collected_share", "eqe_from_photocurrent", "eqe_from_photon_rate", "eqe_from_power", "mean_responsivity"]

Array = NDArray[np.float64]


def collected_share(radius: float, distance: float) -> float:
    """Share of a small Lambertian source that an on-axis disc collects: r^2/(r^2 + d^2), both in m."""
    return radius**2 / (radius**2 + distance**2)


def mean_responsivity(wavelength: Array, energy: Array, grid: Array, responsivity: Array) -> float:
    """Responsivity (A/W) averaged over the spectrum; `responsivity` is tabulated at `grid` (m)."""
    values = np.interp(wavelength, grid, responsivity, left=np.nan, right=np.nan)
    inside = np.isfinite(values)
    if np.trapezoid(energy[inside], wavelength[inside]) < 0.99 * np.trapezoid(energy, wavelength):
        return float("nan")
    return float(
        np.trapezoid(energy[inside] * values[inside], wavelength[inside])
        / np.trapezoid(energy[inside], wavelength[inside])
    )


def eqe_from_photocurrent(
    photocurrent: Array, current: Array, *, wavelength: Array, energy: Array, responsivity: float, share: float
) -> Array:
    """EQE = I_ph e int S lambda / (h c I f int S R).

    Args:
        photocurrent: dark value subtracted, A.
        current: through the device, A.
        wavelength: of the spectrum, m.
        energy: energy spectrum, any scale.
        responsivity: averaged over the spectrum, A/W.
        share: of the emitted light that reaches the diode, 0 to 1.
    """
    mean_wavelength = np.trapezoid(energy * wavelength, wavelength) / np.trapezoid(energy, wavelength)
    with np.errstate(divide="ignore", invalid="ignore"):
        return photocurrent * e * mean_wavelength / (h * c * current * share * responsivity)


def eqe_from_power(power: Array, current: Array, *, wavelength: Array, energy: Array) -> Array:
    """EQE from the radiant power (W) of a sphere and the current (A): P e <lambda>/(h c I)."""
    mean_wavelength = np.trapezoid(energy * wavelength, wavelength) / np.trapezoid(energy, wavelength)
    with np.errstate(divide="ignore", invalid="ignore"):
        return power * e * mean_wavelength / (h * c * current)


def eqe_from_photon_rate(photons: Array, current: Array) -> Array:
    """EQE from the photons per second of a sphere and the current (A): N e/I."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return photons * e / current
