"""Absolute photoluminescence with two measurements: emitted photons over absorbed laser photons.

    LuQY = flux / (suns Jsc / (q EQE_laser))

The laser is set in suns, the equivalent current of the cell over its EQE at the laser is the photon flux that arrives.
Instruments print suns and currents rounded; a printed 0.00 divides by nothing and is refused.
"""

from __future__ import annotations

import numpy as np
from scipy.constants import e

__all__ = ["excitation_flux", "luminescence_yield", "rounding_share"]


def excitation_flux(*, suns: float, current_density: float, laser_eqe: float) -> float:
    """Photons of the laser per area and time, 1/m^2/s; NaN where a printed value is zero.

    Args:
        suns: laser intensity in units of the flux that gives `current_density`.
        current_density: short-circuit current at one sun, A/m^2.
        laser_eqe: quantum efficiency at the laser wavelength, 0 to 1.
    """
    if suns <= 0 or current_density <= 0 or laser_eqe <= 0:
        return np.nan
    return suns * current_density / (e * laser_eqe)


def luminescence_yield(flux: float, excitation: float) -> float:
    """Fraction of emitted over arriving photons; NaN where the excitation is unknown."""
    return flux / excitation if np.isfinite(excitation) and excitation > 0 else np.nan


def rounding_share(printed: str) -> float:
    """Relative standard uncertainty from the rounding of a printed number: half a last digit over sqrt(3)."""
    digits = printed.lower().partition("e")[0].replace(",", ".").partition(".")[2]
    value = abs(float(printed.replace(",", ".")))
    exponent = float(printed.lower().partition("e")[2] or 0)
    return float(0.5 * 10.0 ** (exponent - len(digits)) / np.sqrt(3.0) / value) if value > 0 else np.inf
