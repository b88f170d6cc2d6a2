"""Efficiencies of a light-emitting diode from forward luminance and current (Forrest, Bradley, Thompson, Adv. Mater.
2003, 15, 1043; Jeong et al., Joule 2020, 4, 1206)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.constants import c, e, h

from peqled.materials.observer import EFFICACY_MAX, matching_functions

__all__ = [
    "current_efficiency",
    "eqe_from_luminance",
    "luminance_factor",
    "luminous_efficacy",
    "power_efficiency",
    "radiance_from_luminance",
    "wavelength_sensitivity",
]

Array = NDArray[np.float64]


def luminance_factor(wavelength: Array, energy: Array) -> Array:
    """EQE per L/J (A/cd) of a Lambertian source: pi e/(K_m h c) int S lambda dlambda / int S V dlambda.

    Args:
        wavelength: m, ascending.
        energy: spectral radiance S in energy units, any scale, last axis over wavelength.
    """
    photons = np.trapezoid(energy * wavelength, wavelength, axis=-1)
    visible = np.trapezoid(energy * matching_functions(wavelength)[1], wavelength, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.pi * e / (EFFICACY_MAX * h * c) * np.asarray(photons / visible)


def eqe_from_luminance(luminance: Array, current_density: Array, factor: Array | float) -> Array:
    """EQE (0 to 1) from luminance (cd/m2), current density (A/m2) and `luminance_factor`, as if Lambertian."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return factor * luminance / current_density


def current_efficiency(luminance: Array, current_density: Array) -> Array:
    """CE = L/J, cd/A."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return luminance / current_density


def power_efficiency(luminance: Array, current_density: Array, voltage: Array) -> Array:
    """PE = pi L/(J V), lm/W, of a Lambertian source."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.pi * luminance / (current_density * voltage)


def luminous_efficacy(wavelength: Array, energy: Array) -> float:
    """K = K_m int S V / int S, lm per W of light."""
    visible = np.trapezoid(energy * matching_functions(wavelength)[1], wavelength)
    return float(EFFICACY_MAX * visible / np.trapezoid(energy, wavelength))


def radiance_from_luminance(luminance: Array, efficacy: float) -> Array:
    """Radiance, W/sr/m2, from luminance and luminous efficacy of radiation."""
    return luminance / efficacy


def wavelength_sensitivity(wavelength: Array, energy: Array) -> float:
    """Relative change of the EQE per metre of error of the wavelength axis: -(ln F(lambda + d) - ln F(lambda - d))/2d.

    At 517 nm it is about -2.7 % per nm of a spectrum that is read too long.
    """
    shift = 0.25e-9
    up, down = (luminance_factor(wavelength + d, energy) for d in (shift, -shift))
    return float((np.log(up) - np.log(down)) / (2.0 * shift))
