"""The film of dots: packing, index, permittivity, mobility, and its light after transfer between the dots."""

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Complex, Float

from peqled.film.effective_index import BulkIndex, effective_index, mean_under, scale_extinction
from peqled.film.mobility import Hopping, hopping_mobility
from peqled.film.packing import Packing, packing
from peqled.film.permittivity import StaticPermittivity, static_permittivity
from peqled.film.transfer import (
    Foerster,
    Network,
    film_decay,
    film_lifetimes,
    network,
    steady_populations,
    transfer_rates,
)
from peqled.nanocrystal import (
    ROOM_TEMPERATURE,
    DotModel,
    Lifetimes,
    SpectrumShape,
    average,
    bright_number,
    class_absorption,
    class_photoluminescence,
    normalised,
    photon_energy,
    quantum_yield,
    spectrum_shape,
)


class FilmModel(eqx.Module):
    """Constants of the film.

    ``gap`` between faces 2.5 (1.2-3.4) nm: centre distance 11 nm for an edge of 8.5 nm [default]; ``occupancy``
    share of the film the lattice fills [default 1]; ``ligand_index`` 1.46 and ``ligand_permittivity`` 2.3 [default];
    ``core_permittivity`` 20 (16-30), bulk static value [literature].
    """

    gap: float | Array = 2.5e-9
    occupancy: float | Array = 1.0
    ligand_index: float | Array = 1.46
    ligand_permittivity: float | Array = 2.3
    core_permittivity: float | Array = 20.0
    foerster: Foerster = Foerster()
    hopping: Hopping = Hopping()


class Film(eqx.Module):
    """A film of dots. SI; spectra over ``wavelength`` (m).

    ``pl`` is the photon spectrum of unit area (1/m) after transfer and before reabsorption, which is the optics'
    part; ``red_shift`` (m) the move of its centroid from that of the same dots without transfer. ``index_covered``
    is False where the bulk table had to be held at its end value. ``emission_extinction`` is the mean k under the PL
    which the cross-section of the dots gives; k was multiplied by ``extinction_factor`` to have it.
    """

    wavelength: Float[Array, " wavelength"]
    packing: Packing
    index: Complex[Array, " wavelength"]
    index_covered: Bool[Array, " wavelength"]
    emission_extinction: Float[Array, ""]
    extinction_factor: Float[Array, ""]
    permittivity: StaticPermittivity
    hop_rate: Float[Array, ""]
    mobility: Float[Array, ""]
    pl: Float[Array, " wavelength"]
    shape: SpectrumShape
    red_shift: Float[Array, ""]
    plqy: Float[Array, ""]
    decay_time: Float[Array, " decay_time"]
    decay: Float[Array, " decay_time"]
    lifetimes: Lifetimes


class _Light(eqx.Module):
    pl: Float[Array, " wavelength"]
    isolated: Float[Array, " wavelength"]
    plqy: Float[Array, ""]
    rates: Network
    generation: Float[Array, "level cell"]


def film(
    edge: Float[Array, " cell"],
    number: Float[Array, " cell"],
    wavelength: Float[Array, " wavelength"],
    *,
    decay_time: Float[Array, " decay_time"],
    bulk: BulkIndex,
    dots: DotModel,
    model: FilmModel,
    coverage,
    temperature=ROOM_TEMPERATURE,
) -> Film:
    """Film of the ensemble ``number[cell]`` (any unit) at ``edge[cell]`` (m), sites covered to ``coverage``.

    ``wavelength`` (m) and ``decay_time`` (s, from zero) uniform and increasing, ``temperature`` (K).
    """
    geometry = packing(edge, number, gap=model.gap, occupancy=model.occupancy)
    light = _light(edge, number, wavelength, dots=dots, model=model, coverage=coverage, temperature=temperature)
    density = number / number.sum() * geometry.number_density
    absorption = class_absorption(edge, density, wavelength, model=dots, temperature=temperature)
    extinction = mean_under(light.pl, absorption * wavelength) / (4.0 * jnp.pi)
    source = photon_energy(wavelength) - confinement(edge, number, dots, temperature)
    mixed = effective_index(bulk.at(source), model.ligand_index, geometry.fill_factor)
    index, factor = scale_extinction(mixed, light.pl, extinction)
    hop_rate = model.hopping.rate(model.gap)
    shape = spectrum_shape(wavelength, light.pl)
    decay = film_decay(decay_time, light.rates, light.generation)
    return Film(
        wavelength=wavelength,
        packing=geometry,
        index=index,
        index_covered=bulk.covers(source),
        emission_extinction=extinction,
        extinction_factor=factor,
        permittivity=static_permittivity(
            core=model.core_permittivity, ligand=model.ligand_permittivity, fill=geometry.fill_factor
        ),
        hop_rate=hop_rate,
        mobility=hopping_mobility(hop_rate, distance=geometry.centre_distance, temperature=temperature),
        pl=normalised(wavelength, light.pl),
        shape=shape,
        red_shift=shape.centroid - spectrum_shape(wavelength, light.isolated).centroid,
        plqy=light.plqy,
        decay_time=decay_time,
        decay=decay,
        lifetimes=film_lifetimes(decay_time, decay, light.rates, light.generation),
    )


def confinement(edge: Float[Array, " cell"], number: Float[Array, " cell"], dots: DotModel, temperature):
    """Energy (eV) by which the volume-mean dot at ``temperature`` (K) emits above the bulk limit of its curve."""
    return dots.emission_energy(average(number * edge**3, edge), temperature) - dots.sizing.bulk


def _light(edge, number, wavelength, *, dots: DotModel, model: FilmModel, coverage, temperature) -> _Light:
    """Emission of the film, and of the same dots when none transfers."""
    surface = dots.surface
    bright = bright_number(edge, number, dots.cross_section.dark_edge)
    rate = transfer_rates(edge, bright, gap=model.gap, dots=dots, foerster=model.foerster, temperature=temperature)
    traps = surface.traps(edge, coverage)
    on_dot = {"radiative_rate": surface.radiative_rate, "traps": traps, "trap_rate": surface.trap_rate}
    rates = network(rate, **on_dot)
    absorbed = bright * dots.cross_section(edge)
    generation = rates.share * absorbed / absorbed.sum()
    emitted = surface.radiative_rate * steady_populations(rates, generation).sum(axis=0)
    pl, isolated = (
        class_photoluminescence(edge, weight, wavelength, model=dots, temperature=temperature)
        for weight in (emitted, absorbed * quantum_yield(**on_dot))
    )
    return _Light(pl=pl, isolated=isolated, plqy=emitted.sum(), rates=rates, generation=generation)
