"""Photometry of a light-emitting diode: efficiencies, luminance and radiance, from photons and electrons.

Every function takes the *photon* spectrum (photons per wavelength interval, any scale) unless its name says power;
`as_photons` and `as_power` convert. Wavelengths in m, ascending, fine enough to resolve the spectrum; integrals by
trapezoids. With f_L the Lambertian factor of the angular pattern (1 for Lambertian), J the current density and EQE
counted over the outer half space,

    radiance  L_e = EQE (J/q) <hc/lambda>/(pi f_L),      luminance  L_v = K L_e,      K = K_m int S_e V/int S_e, K_m =
    683.002 lm/W.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.materials.observer import EFFICACY_MAX
from peqled.optics.colour import matching_functions

PLANCK = 6.62607015e-34  # J s
LIGHT = 2.99792458e8  # m/s
CHARGE = 1.602176634e-19  # C

Number = float | Float[Array, "..."]
Spectrum = Float[Array, " wavelength"]


def as_power(photon_spectrum: Spectrum, wavelength: Spectrum) -> Spectrum:
    """Power spectrum S_e = S_ph hc/lambda of a photon spectrum."""
    return photon_spectrum * PLANCK * LIGHT / wavelength


def as_photons(power_spectrum: Spectrum, wavelength: Spectrum) -> Spectrum:
    """Photon spectrum S_ph = S_e lambda/hc of a power spectrum."""
    return power_spectrum * wavelength / (PLANCK * LIGHT)


def power_spectrum_efficacy(power_spectrum: Spectrum, wavelength: Spectrum) -> Float[Array, ""]:
    """Luminous efficacy of radiation (lm per W of light) of a power spectrum."""
    visible = jnp.trapezoid(power_spectrum * matching_functions(wavelength)[1], wavelength)
    return EFFICACY_MAX * visible / jnp.trapezoid(power_spectrum, wavelength)


def photon_spectrum_efficacy(photon_spectrum: Spectrum, wavelength: Spectrum) -> Float[Array, ""]:
    """Luminous efficacy of radiation (lm per W of light) of a photon spectrum."""
    return power_spectrum_efficacy(as_power(photon_spectrum, wavelength), wavelength)


def mean_photon_energy(photon_spectrum: Spectrum, wavelength: Spectrum) -> Float[Array, ""]:
    """Mean energy of a photon, J."""
    power = jnp.trapezoid(as_power(photon_spectrum, wavelength), wavelength)
    return power / jnp.trapezoid(photon_spectrum, wavelength)


def radiance(
    efficiency: Number,
    current_density: Number,
    *,
    photon_spectrum: Spectrum,
    wavelength: Spectrum,
    lambertian: Number = 1.0,
) -> Number:
    """Forward radiance (W/sr/m²) at external quantum efficiency `efficiency` (0 to 1) and current density (A/m²)."""
    energy = mean_photon_energy(photon_spectrum, wavelength)
    return efficiency * current_density / CHARGE * energy / (jnp.pi * lambertian)


def luminance(
    efficiency: Number,
    current_density: Number,
    *,
    photon_spectrum: Spectrum,
    wavelength: Spectrum,
    lambertian: Number = 1.0,
) -> Number:
    """Forward luminance (cd/m²) at external quantum efficiency `efficiency` (0 to 1) and current density (A/m²)."""
    weights = {"photon_spectrum": photon_spectrum, "wavelength": wavelength}
    efficacy = photon_spectrum_efficacy(**weights)
    return efficacy * radiance(efficiency, current_density, lambertian=lambertian, **weights)


def current_efficiency(
    efficiency: Number, *, photon_spectrum: Spectrum, wavelength: Spectrum, lambertian: Number = 1.0
) -> Number:
    """Forward luminance per current density, cd/A."""
    return luminance(efficiency, 1.0, photon_spectrum=photon_spectrum, wavelength=wavelength, lambertian=lambertian)


def power_efficiency(efficiency: Number, voltage: Number, *, photon_spectrum: Spectrum, wavelength: Spectrum) -> Number:
    """Luminous flux into the outer half space per electrical power at `voltage` (V), lm/W: pi f_L L_v/(J V)."""
    return jnp.pi * current_efficiency(efficiency, photon_spectrum=photon_spectrum, wavelength=wavelength) / voltage


def wall_plug_efficiency(
    efficiency: Number, voltage: Number, *, photon_spectrum: Spectrum, wavelength: Spectrum
) -> Number:
    """Optical power into the outer half space per electrical power at `voltage` (V), 0 to 1."""
    return efficiency * mean_photon_energy(photon_spectrum, wavelength) / (CHARGE * voltage)


def efficiency_from_current_efficiency(
    candela_per_ampere: Number, *, photon_spectrum: Spectrum, wavelength: Spectrum, lambertian: Number = 1.0
) -> Number:
    """External quantum efficiency (0 to 1) from forward cd/A; `current_efficiency` turned round."""
    unit = current_efficiency(1.0, photon_spectrum=photon_spectrum, wavelength=wavelength, lambertian=lambertian)
    return candela_per_ampere / unit


def efficiency_from_luminance(
    forward_luminance: Number,
    current_density: Number,
    *,
    photon_spectrum: Spectrum,
    wavelength: Spectrum,
    lambertian: Number = 1.0,
) -> Number:
    """External quantum efficiency (0 to 1) from the forward luminance (cd/m²) and current density (A/m²).

    `luminance` turned round.
    """
    unit = luminance(
        1.0, current_density, photon_spectrum=photon_spectrum, wavelength=wavelength, lambertian=lambertian
    )
    return forward_luminance / unit
