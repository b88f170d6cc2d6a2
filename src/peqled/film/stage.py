"""The film of the dots as a stage of the twin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from peqled.film.ageing import Ageing, Environment, retained
from peqled.film.effective_index import BulkIndex
from peqled.film.film import Film, FilmModel, film
from peqled.film.gap import ligand_gap
from peqled.film.mobility import Hopping
from peqled.film.product import RATIOS, Product, product
from peqled.film.transfer import Foerster
from peqled.nanocrystal import DotModel, edge_variation, mean_edge
from peqled.nanocrystal.stage import DELAY, WAVELENGTH
from peqled.parameters import Parameters
from peqled.programs import stored

CONDITIONS = ("humid air", "humid air, 365 nm", "nitrogen, dark")


class FilmResult(NamedTuple):
    """The dots as cast, their film, its ligand gap (m) and the PL it keeps with time (s) under every condition of
    `CONDITIONS`."""

    product: Product
    film: Film
    gap: Float[Array, ""]
    ageing_time: Float[Array, " ageing_time"]
    retained: Float[Array, "condition ageing_time"]


def run(parameters: Parameters, results: Mapping[str, Any]) -> FilmResult:
    """Film cast from the dots at the end of the flask, washed if the recipe says so."""
    cast = product(parameters, results)
    made, gap = _made(parameters, results, cast, cast.coverage)
    time = jnp.linspace(0.0, 1.0, 65) * parameters["ageing.duration"]
    return FilmResult(cast, made, gap, time, _retained(_ageing(parameters), _places(parameters), time))


def plqy_at_coverage(
    parameters: Parameters, results: Mapping[str, Any], coverage: Float[np.ndarray, " point"]
) -> Float[np.ndarray, " point"]:
    """PLQY of films whose dots are covered with ligands to these shares of their sites."""
    return np.array([float(film_at_coverage(parameters, results, share).plqy) for share in coverage])


def film_at_coverage(parameters: Parameters, results: Mapping[str, Any], coverage: float) -> Film:
    """The film if its dots were covered with ligands to this share of their sites."""
    return _made(parameters, results, results["film"].product, jnp.asarray(coverage))[0]


def _made(parameters: Parameters, results: Mapping[str, Any], cast: Product, coverage: Array) -> tuple[Film, Array]:
    """The film of the dots `cast` at a ligand coverage, and its ligand gap (m)."""
    flask, dots = results["synthesis"].flask, results["nanocrystal"]
    emitter = parameters.structure.layer("emitter").key
    gap = ligand_gap(cast.carbons, reference=parameters["film.ligand_gap"])
    model = FilmModel(
        gap=gap,
        occupancy=parameters["film.packing"],
        ligand_index=parameters["film.ligand_index"],
        ligand_permittivity=parameters["film.ligand_permittivity"],
        core_permittivity=parameters["film.dot_permittivity"],
        foerster=Foerster(radius=parameters[f"{emitter}.foerster_radius"]),
        hopping=Hopping(),
    )
    made = _film(
        flask.edge,
        cast.number,
        BulkIndex(parameters.core_energy, parameters.core_index),
        dots.model,
        model,
        coverage,
    )
    return made, gap


@stored()
def _film(edge: Array, number: Array, bulk: BulkIndex, dots: DotModel, model: FilmModel, coverage: Array) -> Film:
    return film(edge, number, WAVELENGTH, decay_time=DELAY, bulk=bulk, dots=dots, model=model, coverage=coverage)


def _ageing(parameters: Parameters) -> Ageing:
    return Ageing(
        humidity_rate=parameters["ageing.humidity_rate"],
        ultraviolet_rate=parameters["ageing.ultraviolet_rate"],
        irradiance_order=parameters["ageing.dose_exponent"],
        activation=parameters["ageing.activation_energy"],
        dark_share=parameters["ageing.dark_change"],
        humidity_order=parameters["ageing.humidity_order"],
        synergy=parameters["ageing.synergy"],
        oxygen_rate=parameters["ageing.oxygen_rate"],
        thermal_rate=parameters["ageing.thermal_rate"],
        thermal_activation=parameters["ageing.thermal_activation"],
        brightening=parameters["ageing.brightening"],
        brightening_rate=parameters["ageing.brightening_rate"],
    )


def _places(parameters: Parameters) -> tuple[Environment, ...]:
    """Where the film ages, in the order of `CONDITIONS`."""
    humid = {"humidity": parameters["ageing.humidity"], "temperature": parameters["ageing.temperature"]}
    return (
        Environment(**humid),
        Environment(**humid, ultraviolet=1.0),
        Environment(humidity=0.0, oxygen=0.0, light=0.0, temperature=parameters["ageing.temperature"]),
    )


@stored()
def _retained(
    model: Ageing, places: tuple[Environment, ...], time: Float[Array, " time"]
) -> Float[Array, "condition time"]:
    return jnp.stack([retained(time, model, place) for place in places])


def observables(parameters: Parameters, results: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers of the stage under the names of the vocabulary."""
    result: FilmResult = results["film"]
    made = result.film
    return _washing_observables(results) | {
        "wavelength": made.wavelength,
        "delay": made.decay_time,
        "condition": np.array(CONDITIONS),
        "ageing_time": result.ageing_time,
        "film.ligand_gap": result.gap,
        "film.number_density": made.packing.number_density,
        "film.fill_factor": made.packing.fill_factor,
        "film.refractive_index": made.index.real,
        "film.extinction_coefficient": made.index.imag,
        "film.permittivity": made.permittivity.symmetric,
        "film.mobility": made.mobility,
        "film.pl": made.pl,
        "film.pl_peak": made.shape.peak,
        "film.pl_fwhm": made.shape.fwhm,
        "film.red_shift": made.red_shift,
        "film.plqy": made.plqy,
        "film.decay": made.decay,
        "film.lifetime_1e": made.lifetimes.one_over_e,
        "film.lifetime_amplitude": made.lifetimes.amplitude,
        "film.pl_retained": result.retained,
    }


def _washing_observables(results: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers of the washing; none where the recipe does not wash."""
    cast: Product = results["film"].product
    if cast.washed is None:
        return {}
    cycles = cast.washed.cycles
    edge = results["synthesis"].flask.edge
    return {
        "wash": np.arange(cycles.yields.size),
        "antisolvent_ratio": RATIOS,
        "film.wash_yield": cycles.yields,
        "film.wash_coverage": cycles.coverage,
        "film.wash_plqy": cast.washed.plqy,
        "film.wash_ligand": cycles.ligand,
        "film.wash_precipitated": cast.washed.precipitated,
        "film.wash_mean_edge": mean_edge(edge, cast.number),
        "film.wash_size_cv": edge_variation(edge, cast.number),
    }


def warnings(parameters: Parameters, results: Mapping[str, Any]) -> list[str]:
    """What is out of range in this run."""
    result: FilmResult = results["film"]
    found = ["ageing is taken as first order: two printed points can't tell an exponential from another decay"]
    washed = result.product.washed
    if washed is None:
        found.append("no washing asked for: the dots are cast as they leave the flask, with all of their ligands")
    elif float(washed.cycles.yields[-1]) < 0.05:
        left = float(washed.cycles.yields[-1])
        found.append(f"washing leaves {left:.2%} of the dots: the rest was poured off, or does not disperse")
    emitting = result.film.pl > 0.01 * result.film.pl.max()
    if not bool(jnp.all(jnp.where(emitting, result.film.index_covered, True))):
        found.append("the bulk index table ends inside the emission: its end value is held there")
    return found
