"""Photoluminescence of an ensemble: the full sum over size classes, and the shape of the sum.

    I(E) = Σ_i w_i g(E; E_i, Γ_i),     I(λ) = I(E) E²/(hc)

with g a normal line of unit area and w_i = N_i σ_i Φ_i. Adding widths in quadrature instead is wrong: volume
weighting moves the sum to the flat end of the sizing curve. Spectra count photons, not energy. Wavelengths in m,
energies in eV.
"""

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from peqled.nanocrystal.linewidth import FWHM_PER_SIGMA
from peqled.nanocrystal.sizing import EV_METRE

_ROOT_TWO_PI = 2.5066282746310002


class SpectrumShape(eqx.Module):
    """Peak and FWHM (m) for reading, centroid and standard deviation (m) for fitting; NaN for a spectrum of zeros."""

    peak: Float[Array, "*time"]
    fwhm: Float[Array, "*time"]
    centroid: Float[Array, "*time"]
    deviation: Float[Array, "*time"]


def photon_energy(wavelength: Float[Array, "*any"]) -> Float[Array, "*any"]:
    """hc/λ in eV for λ in m."""
    return EV_METRE / wavelength


def energy_to_wavelength_density(
    wavelength: Float[Array, " wavelength"], per_energy: Float[Array, "*any wavelength"]
) -> Float[Array, "*any wavelength"]:
    """I(λ) = I(E) E²/(hc): from 1/eV to 1/m, so that the area under the spectrum stays."""
    return per_energy * EV_METRE / wavelength**2


def line(energy, centre, fwhm):
    """Normal line of unit area (1/eV) of full width ``fwhm`` at half height around ``centre`` (eV)."""
    sigma = fwhm / FWHM_PER_SIGMA
    return jnp.exp(-0.5 * ((energy - centre) / sigma) ** 2) / (sigma * _ROOT_TWO_PI)


def photoluminescence(
    wavelength: Float[Array, " wavelength"],
    *,
    weight: Float[Array, " cell"],
    centre: Float[Array, " cell"],
    fwhm: Float[Array, " cell"],
) -> Float[Array, " wavelength"]:
    """Photons per wavelength (unit of ``weight`` per m) from classes at ``centre`` (eV) of width ``fwhm`` (eV)."""
    lines = line(photon_energy(wavelength)[:, None], centre, fwhm)
    return energy_to_wavelength_density(wavelength, (lines * weight).sum(axis=-1))


class ClusterBand(eqx.Module):
    """Emission of the lead-bromide clusters, a normal band in energy.

    Printed only as 'between 400 and 460 nm' (10.1002/advs.202304696); the default centre is the middle of that window
    and the width puts its ends at two standard deviations. ``brightness`` is absorption cross-section times yield per
    mole of Pb in clusters (m2/mol): an arbitrary scale (default 20), no value is known.
    """

    centre: float | Array = 2.89
    fwhm: float | Array = 0.24
    brightness: float | Array = 20.0


def cluster_photoluminescence(
    wavelength: Float[Array, " wavelength"], band: ClusterBand, concentration
) -> Float[Array, " wavelength"]:
    """Photons per wavelength (1/m2) of clusters at ``concentration`` (mol of Pb per m3)."""
    per_energy = band.brightness * concentration * line(photon_energy(wavelength), band.centre, band.fwhm)
    return energy_to_wavelength_density(wavelength, per_energy)


def area(wavelength: Float[Array, " wavelength"], intensity: Float[Array, "*any wavelength"]) -> Float[Array, "*any"]:
    """∫ I dλ by the trapezoidal rule, spectrally accurate for a line inside the grid."""
    return jnp.trapezoid(intensity, wavelength, axis=-1)


def normalised(
    wavelength: Float[Array, " wavelength"], intensity: Float[Array, "*any wavelength"]
) -> Float[Array, "*any wavelength"]:
    """The spectrum scaled to unit area (1/m); zeros stay zeros."""
    total = area(wavelength, intensity)[..., None]
    return intensity / jnp.where(total > 0.0, total, 1.0)


def spectrum_shape(wavelength: Float[Array, " wavelength"], intensity: Float[Array, " wavelength"]) -> SpectrumShape:
    """Peak, FWHM, centroid and standard deviation of one spectrum on a uniform, increasing grid.

    Peak: parabola through the logarithms of the three highest points, exact for a normal line. Half heights: nearest
    crossings on either side of the peak, quadratic in the logarithm: also exact for a normal line. NaN where the
    spectrum is dark, or highest at an end of the grid: its peak then lies outside.
    """
    total = area(wavelength, intensity)
    lit = total > 0.0
    share = intensity / jnp.where(lit, total, 1.0)
    centroid = area(wavelength, share * wavelength)
    variance = area(wavelength, share * (wavelength - centroid) ** 2)
    log = jnp.log(jnp.maximum(share * wavelength[0], 1.0e-290))
    highest = jnp.argmax(log)
    index = jnp.clip(highest, 1, log.size - 2)
    peak, top = _vertex(wavelength, log, index)
    half = top - jnp.log(2.0)
    fwhm = _crossing(wavelength, log, half, index, 1) - _crossing(wavelength, log, half, index, -1)
    deviation = jnp.sqrt(jnp.where(lit, variance, 1.0))
    seen = lit & (highest == index)
    values = [jnp.where(seen, value, jnp.nan) for value in (peak, fwhm, centroid, deviation)]
    return SpectrumShape(*values)


def _vertex(wavelength, log, index):
    """Position and height of the parabola through three neighbouring points."""
    left, middle, right = log[index - 1], log[index], log[index + 1]
    bend = left - 2.0 * middle + right
    offset = 0.5 * (left - right) / jnp.where(bend < 0.0, bend, -1.0)
    offset = jnp.clip(offset, -1.0, 1.0)
    step = wavelength[1] - wavelength[0]
    return wavelength[index] + offset * step, middle - 0.25 * (left - right) * offset


def _crossing(wavelength, log, level, index, side):
    """First wavelength beyond the peak, up (side 1) or down (-1), where the logarithm falls to ``level``."""
    place = jnp.arange(log.size)
    below = (log < level) & (side * (place - index) > 0)
    outer = jnp.argmin(jnp.where(below, side * (place - index), log.size))
    inner = outer - side
    drop = jnp.where(below.any(), log[outer] - log[inner], -1.0)
    bend = 0.5 * (_second_difference(log, inner) + _second_difference(log, outer))
    linear = (level - log[inner]) / drop
    share = linear
    for _ in range(3):  # log = inner + s drop - s(1 - s) bend/2 on the interval: contracts by |bend/drop|/2 a turn
        share = linear + 0.5 * share * (1.0 - share) * bend / drop
    position = wavelength[inner] + share * (wavelength[outer] - wavelength[inner])
    return jnp.where(below.any(), position, jnp.nan)


def _second_difference(values, index):
    """Second difference at ``index``, or at the nearest inner point of the grid."""
    index = jnp.clip(index, 1, values.size - 2)
    return values[index - 1] - 2.0 * values[index] + values[index + 1]
