"""What a flask tells of itself: its history, the balance of its elements, and how the run ended."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from peqled.synthesis.absorption import Precursor
from peqled.synthesis.equations import CLUSTER_NUCLEI, HEAD, MONOMER_NUCLEI, N_SPECIES, TEMPERATURE, CellEquations
from peqled.synthesis.network import DISSOLVED, INDEX, element_matrix, element_vector
from peqled.synthesis.population import COUNT
from peqled.synthesis.precursor import Flask

TINY = 1e-12  # units of COUNT, 1e9 dots per m3: fewer are none; as mol/m3 what keeps a ratio finite
ABSENT = 1e-6  # mol/m3: an element below has no balance of its own
NEGATIVE_SHARE = 1e-4
FEW = 0.1  # units of COUNT: of fewer dots the share above is the integrator's tolerance of one cell

FINISHED, INTEGRATOR_FAILED, SPECIATION_FAILED, CAESIUM_WITHOUT_ACID = 0, 1, 2, 3
UNDISSOLVED_LEAD, GRID_TOO_SMALL, NEGATIVE_COUNTS = 4, 5, 6
MESSAGES = {
    FINISHED: "finished",
    INTEGRATOR_FAILED: "the integrator gave up: loosen rtol or look for an extreme rate constant",
    SPECIATION_FAILED: "the precursor equilibrium did not converge: check amounts and constants",
    CAESIUM_WITHOUT_ACID: "less acid than caesium: the excess caesium was left out; add acid",
    UNDISSOLVED_LEAD: "lead bromide stays undissolved in the precursor: add ligand, or less lead",
    GRID_TOO_SMALL: "dots reach the end of the size grid: raise the largest size",
    NEGATIVE_COUNTS: "counts undershoot zero by more than 1e-4 of all dots: tighten rtol",
}


class FlaskResult(eqx.Module):
    """History of one flask. Lengths in m, concentrations in mol/m3, counts per m3, time in s.

    number : dots per cell; reaction_rate : of `REPORTED_REACTIONS`, mol/(m3 s)
    monomer_nuclei, cluster_nuclei : born so far by either route; coverage : θ_Z of the zwitterion
    balance_error : largest relative deviation of each element of `ELEMENTS`; status : key of `MESSAGES`
    """

    time: Float[Array, " time"]
    edge: Float[Array, " cell"]
    number: Float[Array, "time cell"]
    species: Float[Array, "time species"]
    temperature: Float[Array, " time"]
    supersaturation: Float[Array, " time"]
    monomer_nuclei: Float[Array, " time"]
    cluster_nuclei: Float[Array, " time"]
    reaction_rate: Float[Array, "time reaction"]
    nucleation_rate: Float[Array, " time"]
    growth_rate: Float[Array, "time cell"]
    solid: Float[Array, " time"]
    lead_yield: Float[Array, " time"]
    caesium_yield: Float[Array, " time"]
    mean_edge: Float[Array, " time"]
    cv: Float[Array, " time"]
    coverage: Float[Array, " time"]
    balance_error: Float[Array, " element"]
    precursor: Precursor
    steps: Int[Array, ""]
    status: Int[Array, ""]


def history_of(model: CellEquations, times: Array, y0: Array, found, precursor: Precursor) -> FlaskResult:
    """Everything the report holds, from the states `found` at `times` (s)."""
    flask, population = model.flask, model.population
    y, pivot = found.value, jnp.asarray(population.grid.pivot)
    species, counts = y[:, :N_SPECIES], y[:, HEAD:]
    number = jnp.maximum(counts, 0.0)
    there = jnp.sum(number, axis=1) > TINY
    number = jnp.where(there[:, None], number, 0.0)
    total = jnp.sum(number, axis=1)
    weight = jnp.where(there[:, None], number / jnp.where(there, total, 1.0)[:, None], 0.0)
    mean = weight @ pivot
    variance = jnp.maximum(weight @ pivot**2 - mean**2, 0.0)
    resurfaced = times > flask.resurfacing.time
    surface = jax.vmap(model.surface)(y, resurfaced)
    monomer = species[:, INDEX["M"]]
    solid = population.solid(counts)
    balance = balance_error(flask, times, y0, species, solid)
    some = jnp.where(there, mean, 1.0)
    return FlaskResult(
        time=times,
        edge=pivot,
        number=COUNT * number,
        species=species,
        temperature=y[:, TEMPERATURE],
        supersaturation=monomer / surface.flat_solubility,
        monomer_nuclei=COUNT * y[:, MONOMER_NUCLEI],
        cluster_nuclei=COUNT * y[:, CLUSTER_NUCLEI],
        reaction_rate=jax.vmap(model.reactions)(y),
        nucleation_rate=jax.vmap(lambda c, s: population.nucleation(c, s)[0])(monomer, surface),
        growth_rate=jax.vmap(lambda c, s: population.speed(pivot, c, s))(monomer, surface),
        solid=solid,
        lead_yield=solid / jnp.maximum(flask.lead, TINY),
        caesium_yield=solid / jnp.maximum(flask.caesium, TINY),
        mean_edge=mean,
        cv=jnp.sqrt(variance + 1e-40) / some,
        coverage=jax.vmap(model.coverage)(y),
        balance_error=balance,
        precursor=precursor,
        steps=found.steps,
        status=status_of(flask, found, counts, precursor),
    )


def balance_error(flask: Flask, times: Array, y0: Array, species: Array, solid: Array) -> Float[Array, " element"]:
    """Largest relative deviation of every element; an element that is absent is measured against 1 mol/m3."""
    matrix = jnp.asarray(element_matrix())
    crystal = jnp.asarray(element_vector(DISSOLVED["M"]))
    added = jnp.where(times > flask.resurfacing.time, 1.0, 0.0)
    expected = matrix @ y0[:N_SPECIES] + added[:, None] * (matrix @ flask.resurfacing.added())
    present = species @ matrix.T + solid[:, None] * crystal
    scale = jnp.where(expected > ABSENT, expected, 1.0)
    return jnp.max(jnp.abs(present - expected) / scale, axis=0)


def status_of(flask: Flask, found, counts: Array, precursor: Precursor) -> Int[Array, ""]:
    """The most serious complaint of the run."""
    solid = counts * jnp.arange(1, counts.shape[1] + 1) ** 3
    complaints = [
        (found.status != 0, INTEGRATOR_FAILED),
        (~(precursor.residual < 1e-8), SPECIATION_FAILED),
        (jnp.sum(flask.ligands.acid) < flask.caesium, CAESIUM_WITHOUT_ACID),
        (precursor.undissolved > 0, UNDISSOLVED_LEAD),
        (jnp.max(solid[:, -1]) > 1e-2 * jnp.max(jnp.sum(solid, axis=1)), GRID_TOO_SMALL),
        (jnp.min(counts) < -NEGATIVE_SHARE * jnp.maximum(jnp.max(jnp.sum(counts, axis=1)), FEW), NEGATIVE_COUNTS),
    ]
    return jnp.select([c for c, _ in complaints], [code for _, code in complaints], FINISHED)
