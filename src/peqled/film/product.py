"""The dots that are cast: as they leave the flask, or washed if the recipe says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.constants import N_A

from peqled.film.gap import LENGTH_PER_CARBON
from peqled.film.stability import Attraction, Medium, Shell, flory_parameter, hamaker, mixed, precipitated, solubility
from peqled.film.washing import Batch, Binding, Cycles, Stability, wash
from peqled.nanocrystal import ROOM_TEMPERATURE, DotModel, average, bright_number, quantum_yield, sites_per_dot
from peqled.parameters import Parameters
from peqled.programs import stored
from peqled.synthesis.network import INDEX

RATIOS = np.linspace(0.0, 6.0, 49)
REFERENCE_CARBONS = 18.0


class Washed(NamedTuple):
    """The cycles, the solution's PLQY after each, and what of the crude precipitates at every ratio of `RATIOS`."""

    cycles: Cycles
    plqy: Float[Array, " wash"]
    precipitated: Float[Array, " antisolvent_ratio"]


class Product(NamedTuple):
    """Dots as cast: ``number[cell]`` per volume of crude, ligand coverage and mean carbons; ``washed`` if they were."""

    number: Float[Array, " cell"]
    coverage: Float[Array, ""]
    carbons: Float[Array, ""]
    washed: Washed | None


class _Wash(NamedTuple):
    """Numbers of the washing."""

    crude: Medium
    solvent: Medium
    antisolvent: Medium
    dots: Attraction
    binding: Binding
    site_density: Array
    chain_volume: Array
    tail: Array
    factor: Array
    ratio: Array
    retained: Array


def product(parameters: Parameters, results: Mapping[str, Any]) -> Product:
    """What is cast of the flask's dots."""
    flask, dots = results["synthesis"].flask, results["nanocrystal"]
    recipe = parameters.structure.washing
    if recipe is None:
        return Product(flask.number[-1], dots.coverage, dots.carbons, None)
    setup = _setup(parameters, results)
    washed = _washed(flask.edge, flask.number[-1], flask.species[-1], setup, dots.model, times=recipe.times)
    cycles = washed.cycles
    return Product(cycles.batch.number, cycles.coverage[-1], cycles.carbons[-1], washed)


def _medium(parameters: Parameters, name: str) -> Medium:
    keys = ("molar_volume", *(f"hansen_{part}" for part in ("dispersion", "polar", "hydrogen")))
    keys = (*keys, "refractive_index", "permittivity")
    return Medium(*(parameters[f"{name}.{key}"] for key in keys))


def _setup(parameters: Parameters, results: Mapping[str, Any]) -> _Wash:
    recipe, ligands = parameters.structure.washing, results["synthesis"].ligands
    assert recipe is not None
    agent = parameters.structure.resurfacing_agent
    species = results["synthesis"].flask.species[-1]
    free = jnp.maximum(species[INDEX["HA"]] * species[INDEX["B"]], 1e-30)
    acid, amine = (x / jnp.where(x.sum() > 0, x.sum(), 1.0) for x in (ligands.acid, ligands.amine))
    bound = [acid * ligands.acid_binding, amine * ligands.amine_binding]
    strength = [part.sum() for part in bound]
    chains = [
        part @ chain / jnp.maximum(part.sum(), 1e-30)
        for part, chain in zip(bound, (ligands.acid_chain, ligands.amine_chain), strict=True)
    ]
    zero = jnp.zeros(())
    extra = (parameters[f"{agent}.binding_constant"], parameters[f"{agent}.chain_length"]) if agent else (zero, zero)
    emitter = parameters.structure.layer("emitter").key
    return _Wash(
        crude=_medium(parameters, recipe.crude),
        solvent=_medium(parameters, recipe.solvent),
        antisolvent=_medium(parameters, recipe.antisolvent),
        dots=Attraction(
            index=jnp.sqrt(parameters[f"{emitter}.optical_permittivity"]),
            permittivity=parameters["film.dot_permittivity"],
            frequency=parameters["washing.dispersion_frequency"],
        ),
        binding=Binding(jnp.stack([*strength, extra[0]]), jnp.stack([*chains, extra[1]]), species[INDEX["BHA"]] / free),
        site_density=parameters["surface.ligand_density"],
        chain_volume=parameters["washing.chain_volume"],
        tail=parameters["washing.tail_dispersion"],
        factor=parameters["washing.interaction_factor"],
        ratio=parameters["washing.ratio"],
        retained=parameters["washing.retained"],
    )


@stored(static_argnames=("times",))
def _washed(edge: Array, number: Array, species: Array, setup: _Wash, model: DotModel, *, times: int) -> Washed:
    batch = _crude(edge, number, species, setup)

    stability = _stability(edge, setup)
    made = wash(
        batch,
        edge,
        binding=setup.binding,
        site_density=setup.site_density,
        ratio=setup.ratio,
        retained=setup.retained,
        times=times,
        stability=stability,
    )
    left = made.batch.number
    absorbed = bright_number(edge, left, model.cross_section.dark_edge) * model.cross_section(edge)
    surface = model.surface

    def bright(coverage: Array) -> Array:
        traps = surface.traps(edge, coverage)
        own = quantum_yield(radiative_rate=surface.radiative_rate, traps=traps, trap_rate=surface.trap_rate)
        return average(absorbed, own)

    start = made.coverage[0], made.carbons[0]
    volume = number * edge**3

    def falls(ratio: Array) -> Array:
        share = stability(number / (1.0 + ratio), *start, ratio / (1.0 + ratio), 0)
        return (volume * share).sum() / volume.sum()

    return Washed(made, jax.vmap(bright)(made.coverage), jax.lax.map(falls, jnp.asarray(RATIOS)))


def _crude(edge: Array, number: Array, species: Array, setup: _Wash) -> Batch:
    """Dots and ligands at the end of the flask: free, paired, and adsorbed (which the flask's balance leaves out)."""
    free = jnp.stack([species[INDEX["HA"]], species[INDEX["B"]], species[INDEX["Z"]] + species[INDEX["ZHBr"]]])
    free = free.at[2].add(species[INDEX["ZBr"]] + species[INDEX["ZA"]])
    free, pairs = jnp.maximum(free, 0.0), jnp.maximum(species[INDEX["BHA"]], 0.0)
    held = setup.binding.constant * free
    sites = (number * sites_per_dot(edge, setup.site_density)).sum() / N_A
    return Batch(number, free + jnp.stack([pairs, pairs, 0.0 * pairs]) + sites * held / (1.0 + held.sum()))


def _stability(edge: Array, setup: _Wash) -> Stability:
    """The share of every class that precipitates: the first cycle works on the crude, the others in the solvent."""

    def share(number: Array, coverage: Array, carbons: Array, antisolvent: float | Array, cycle: int) -> Array:
        medium = mixed(setup.solvent if cycle else setup.crude, setup.antisolvent, antisolvent)
        chi = flory_parameter(medium, tail=setup.tail, factor=setup.factor, temperature=ROOM_TEMPERATURE)
        shell = Shell(
            length=LENGTH_PER_CARBON * carbons,
            density=setup.site_density * coverage,
            chain_volume=setup.chain_volume * carbons / REFERENCE_CARBONS,
            chi=chi,
        )
        attraction = hamaker(setup.dots, medium, ROOM_TEMPERATURE)
        soluble = solubility(edge, shell=shell, medium=medium, attraction=attraction, temperature=ROOM_TEMPERATURE)
        return precipitated(number, soluble)

    return share
