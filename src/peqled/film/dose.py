"""Dose of photons that a film absorbs, over that of the lamp for which a rate is known.

    Phi/Phi_0 = int phi(lambda) [1 - 10^(-A(lambda))] dlambda / [phi_0 (1 - 10^(-A(lambda_0)))]

phi photons per area, time and wavelength, A the film's absorbance, phi_0 photons per area and time of the reference
line at lambda_0. Each absorbed photon counts once, whatever its energy: dots relax within picoseconds.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

REFERENCE_WAVELENGTH = 365e-9
"""Of the paper's lamp, m; its irradiance is not printed."""


def relative_dose(
    *,
    wavelength: Float[Array, " wavelength"],
    photons: Float[Array, " wavelength"],
    absorbance: Float[Array, " wavelength"],
    reference: float | Array,
    reference_wavelength: float = REFERENCE_WAVELENGTH,
) -> Float[Array, ""]:
    """Absorbed photons over those of the reference line.

    Args:
        wavelength: m, increasing.
        photons: of the lamp, 1/(m^2 s m).
        absorbance: of the film, decadic.
        reference: photons of the reference line, 1/(m^2 s).
        reference_wavelength: its wavelength, m.
    """
    absorbed = 1.0 - 10.0 ** (-absorbance)
    at_reference = jnp.interp(reference_wavelength, wavelength, absorbed)
    return jnp.trapezoid(photons * absorbed, wavelength) / (reference * at_reference)
