"""The dots of a batch: everything a spectrometer, a TRPL set-up, TEM, XRD and DLS would read from one ensemble."""

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from peqled.nanocrystal.absorption import AbsorptionShape, absorption_coefficient
from peqled.nanocrystal.decay import Lifetimes, ensemble_decay, ensemble_lifetimes, quantum_yield
from peqled.nanocrystal.diffraction import Diffraction, integral_breadth_size, reciprocal_fwhm
from peqled.nanocrystal.ensemble import CrossSection, average, bright_number, edge_variation, mean_edge
from peqled.nanocrystal.linewidth import HomogeneousWidth
from peqled.nanocrystal.photoluminescence import SpectrumShape, normalised, photoluminescence, spectrum_shape
from peqled.nanocrystal.scattering import Cumulants, Scattering, cumulants
from peqled.nanocrystal.sizing import ROOM_TEMPERATURE, InverseSquare, SizingCurve, StokesShift, TemperatureShift
from peqled.nanocrystal.surface import Surface


class DotModel(eqx.Module):
    """All constants of the dots; each part documents its own numbers and their sources."""

    sizing: SizingCurve = InverseSquare()
    temperature_shift: TemperatureShift = TemperatureShift()
    stokes: StokesShift = StokesShift()
    width: HomogeneousWidth = HomogeneousWidth()
    cross_section: CrossSection = CrossSection()
    absorption: AbsorptionShape = AbsorptionShape()
    surface: Surface = Surface()
    diffraction: Diffraction = Diffraction()
    scattering: Scattering = Scattering()

    def emission_energy(self, edge, temperature=ROOM_TEMPERATURE):
        """Centre (eV) of the line of a dot of given edge (m) at ``temperature`` (K)."""
        return self.sizing.energy(edge) + self.temperature_shift(temperature)

    def edge_from_energy(self, energy, temperature=ROOM_TEMPERATURE):
        """Edge (m) read from an emission energy (eV) observed at ``temperature`` (K)."""
        return self.sizing.edge(energy - self.temperature_shift(temperature))

    def absorption_energy(self, edge, temperature=ROOM_TEMPERATURE):
        """Centre (eV) of the band-edge absorption of a dot of given edge (m)."""
        return self.emission_energy(edge, temperature) + self.stokes(edge)


class Dots(eqx.Module):
    """What the ensemble shows, dispersed and at one temperature. SI; NaN for an empty ensemble.

    ``pl`` is the photon spectrum of unit area (1/m), ``brightness`` its area (1/m: photons emitted per path for one
    incident photon at 3.1 eV), ``absorption`` the Napierian coefficient (1/m). ``homogeneous_fwhm`` (m) is the width
    which the same model gives for one size, the absorption-weighted mean edge.
    """

    wavelength: Float[Array, " wavelength"]
    pl: Float[Array, " wavelength"]
    brightness: Float[Array, ""]
    shape: SpectrumShape
    homogeneous_fwhm: Float[Array, ""]
    absorption: Float[Array, " wavelength"]
    plqy: Float[Array, ""]
    traps: Float[Array, ""]
    decay_time: Float[Array, " decay_time"]
    decay: Float[Array, " decay_time"]
    lifetimes: Lifetimes
    mean_edge: Float[Array, ""]
    edge_variation: Float[Array, ""]
    diffraction_size: Float[Array, ""]
    diffraction_fwhm: Float[Array, ""]
    scattering: Cumulants

    @property
    def homogeneous_share(self) -> Float[Array, ""]:
        """Homogeneous over total FWHM; near 1 the width says nothing about the spread of sizes."""
        return self.homogeneous_fwhm / self.shape.fwhm


def dots(
    edge: Float[Array, " cell"],
    number: Float[Array, " cell"],
    wavelength: Float[Array, " wavelength"],
    *,
    decay_time: Float[Array, " decay_time"],
    model: DotModel,
    coverage,
    temperature=ROOM_TEMPERATURE,
) -> Dots:
    """Observables of the ensemble ``number[cell]`` (1/m3) at ``edge[cell]`` (m), sites covered to ``coverage``.

    ``wavelength`` (m) uniform and increasing, ``decay_time`` (s), ``temperature`` (K).
    """
    bright = bright_number(edge, number, model.cross_section.dark_edge)
    absorbed = bright * model.cross_section(edge)
    traps = model.surface.traps(edge, coverage)
    yields = quantum_yield(radiative_rate=model.surface.radiative_rate, traps=traps, trap_rate=model.surface.trap_rate)
    pl = class_photoluminescence(edge, absorbed * yields, wavelength, model=model, temperature=temperature)
    rates = {"radiative_rate": model.surface.radiative_rate, "traps": traps, "trap_rate": model.surface.trap_rate}
    return Dots(
        wavelength=wavelength,
        pl=normalised(wavelength, pl),
        brightness=(absorbed * yields).sum(),
        shape=spectrum_shape(wavelength, pl),
        homogeneous_fwhm=single_size_fwhm(average(absorbed, edge), wavelength, model=model, temperature=temperature),
        absorption=class_absorption(edge, number, wavelength, model=model, temperature=temperature),
        plqy=average(absorbed, yields),
        traps=average(absorbed, traps),
        decay_time=decay_time,
        decay=ensemble_decay(decay_time, share=absorbed, **rates),
        lifetimes=ensemble_lifetimes(share=absorbed, **rates),
        mean_edge=mean_edge(edge, number),
        edge_variation=edge_variation(edge, number),
        diffraction_size=integral_breadth_size(edge, number),
        diffraction_fwhm=reciprocal_fwhm(edge, number),
        scattering=cumulants(edge, number, model.scattering),
    )


def class_photoluminescence(edge, weight, wavelength, *, model: DotModel, temperature=ROOM_TEMPERATURE):
    """Photons per wavelength when the classes emit in the ratio ``weight``: area Σ weight."""
    return photoluminescence(
        wavelength,
        weight=weight,
        centre=model.emission_energy(edge, temperature),
        fwhm=model.width(edge, temperature),
    )


def class_absorption(edge, number, wavelength, *, model: DotModel, temperature=ROOM_TEMPERATURE):
    """Napierian absorption coefficient (1/m) of ``number`` dots per m3 over ``wavelength`` (m)."""
    return absorption_coefficient(
        wavelength,
        number=number,
        cross_section=model.cross_section(edge),
        edge_energy=model.absorption_energy(edge, temperature),
        fwhm=model.width(edge, temperature),
        shape=model.absorption,
    )


def single_size_fwhm(edge: Float[Array, ""], wavelength, *, model: DotModel, temperature=ROOM_TEMPERATURE):
    """FWHM (m) of the spectrum of dots that all have one ``edge`` (m)."""
    single = jnp.atleast_1d(edge)
    pl = class_photoluminescence(single, jnp.ones_like(single), wavelength, model=model, temperature=temperature)
    return spectrum_shape(wavelength, pl).fwhm
