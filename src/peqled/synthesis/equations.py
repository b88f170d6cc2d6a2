"""The equations of one flask between events: assembles reactions, mixing, heat, and the solid with its monomer.

State vector: dissolved species (mol/m3), temperature (K), nuclei born by either route, and the solid, which is the
number of dots in every size cell (1e21 per m3) or their moments.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.numerics.arrow import Arrow
from peqled.synthesis.crystal import FORMULA_VOLUME
from peqled.synthesis.growth import solubility
from peqled.synthesis.injection import addition_rate, mixing_rate, temperature_rate
from peqled.synthesis.interface import covered_energy
from peqled.synthesis.kinetics import MixtureConstants, arrhenius, reaction_rates
from peqled.synthesis.network import DISSOLVED_REACTIONS, INDEX, SPECIES, stoichiometric_matrix
from peqled.synthesis.population import Population, Solid, Surface, surface_state
from peqled.synthesis.precursor import (
    Flask,
    Portions,
    at_rest,
    initial_species,
    mixture_of,
    portions_of,
)
from peqled.synthesis.resurfacing import zwitterion_coverage
from peqled.synthesis.speciation import Equilibrium

N_SPECIES = len(SPECIES)
TEMPERATURE, MONOMER_NUCLEI, CLUSTER_NUCLEI = N_SPECIES, N_SPECIES + 1, N_SPECIES + 2
HEAD = N_SPECIES + 3  # the state before the solid
AGENT = ("Z", "ZHBr", "ZBr", "ZA")  # every form of the resurfacing agent
REPORTED_REACTIONS = (*DISSOLVED_REACTIONS, "R5")


class Equations(eqx.Module):
    """The right-hand side of one flask, and what happens at its events.

    starts : of the segments between events (s)
    """

    flask: Flask
    mixture: MixtureConstants
    population: Solid
    starts: Float[Array, " segment"]
    portions: Portions

    def surface(self, y: Array, resurfaced: Array) -> Surface:
        r = self.flask.resurfacing
        theta = self.coverage(y)
        attachment = jnp.where(resurfaced, r.attachment_factor, 1.0) * (1 - theta) ** r.coverage_power
        dissolving = jnp.where(resurfaced, r.solubility_factor, 1.0)
        aggregation = jnp.where(resurfaced, r.aggregation_factor, 1.0)
        return surface_state(
            self.flask.kinetics,
            y[TEMPERATURE],
            factors=(attachment, dissolving, aggregation),
            bromide=y[INDEX["BHBr"]],
            polar_share=self.flask.polar_share,
            collisions=self.flask.collisions,
        )

    def coverage(self, y: Array) -> Array:
        agent = sum((y[INDEX[name]] for name in AGENT), start=jnp.zeros(()))
        return zwitterion_coverage(
            agent,
            y[INDEX["HA"]],
            y[INDEX["B"]],
            ligands=self.flask.ligands,
            binding=self.flask.resurfacing.binding,
        )

    def reactions(self, y: Array) -> Float[Array, " reaction"]:
        """Rates of `REPORTED_REACTIONS`, mol/(m3 s)."""
        temperature, k = y[TEMPERATURE], self.flask.kinetics
        nucleus = solubility(
            jnp.cbrt(k.nucleus_units * FORMULA_VOLUME),
            flat_solubility=k.flat_solubility * arrhenius(k.solution_enthalpy, temperature),
            surface_energy=covered_energy(
                k.surface_energy, y[INDEX["BHBr"]], binding=k.bromide_binding, temperature=temperature
            ),
            temperature=temperature,
            preferred_edge=k.preferred_edge,
        )
        rates, cluster_rate = reaction_rates(
            y[:N_SPECIES],
            temperature,
            kinetics=k,
            mixture=self.mixture,
            nucleus_solubility=nucleus,
            polar_share=self.flask.polar_share,
        )
        return jnp.append(rates, cluster_rate)

    def rhs(self, y: Array, segment: Array) -> Array:
        return self.change(y[:HEAD], y[HEAD:], segment)

    def change(self, head: Array, number: Array, segment: Array) -> Array:
        """d/dt of the whole state from its head (species, temperature, nuclei) and the counts."""
        start, species = self.starts[segment], head[:N_SPECIES]
        reactions = self.reactions(head)
        surface = self.surface(head, start >= self.flask.resurfacing.time)
        solid = self.population.rates(number, species[INDEX["M"]], reactions[-1], surface)
        dissolved = reactions[:-1] @ jnp.asarray(stoichiometric_matrix()) + self._transfers(species, reactions[-1])
        dissolved = dissolved.at[INDEX["M"]].add(-solid.monomer_loss) + self._addition(start)
        heat = temperature_rate(head[TEMPERATURE], start, bath=self.flask.temperature, injection=self.flask.injection)
        return jnp.concatenate([dissolved, heat[None], solid.births, solid.change])

    def _transfers(self, species: Array, cluster_rate: Array) -> Float[Array, " species"]:
        """Mixing of the injected pool, dissolving of solid lead bromide, and R5's dissolved side."""
        i = INDEX
        mixing = mixing_rate(
            species[jnp.array([i["CsA(unmixed)"], i["HA(unmixed)"]])], self.flask.injection.mixing_time
        )
        k = self.flask.kinetics
        solid = species[i["PbBr2(s)"]]
        deficit = jnp.maximum(1 - species[i["PbBr2"]] / k.lead_solubility, 0.0)
        dissolving = k.relaxation * solid * deficit
        change = jnp.zeros(N_SPECIES)
        change = change.at[jnp.array([i["CsA(unmixed)"], i["HA(unmixed)"]])].add(-mixing)
        change = change.at[jnp.array([i["CsA"], i["HA"]])].add(mixing)
        change = change.at[i["PbBr2(s)"]].add(-dissolving).at[i["PbBr2"]].add(dissolving)
        return change.at[jnp.array([i["Cl"], i["CsA"]])].add(-cluster_rate).at[i["BHA"]].add(cluster_rate)

    def _addition(self, start: Array) -> Float[Array, " species"]:
        """Flow from the syringe into the un-mixed pool."""
        amounts = jnp.stack([self.portions.caesium, self.portions.unmixed_acid])
        flow = addition_rate(amounts, start, self.flask.injection.addition_time)
        change = jnp.zeros(N_SPECIES).at[jnp.array([INDEX["CsA(syringe)"], INDEX["HA(syringe)"]])].add(-flow)
        return change.at[jnp.array([INDEX["CsA(unmixed)"], INDEX["HA(unmixed)"]])].add(flow)

    def jump(self, y: Array, segment: Array) -> Array:
        """Adds the resurfacing agent in the segment that starts at its time."""
        event = self.flask.resurfacing.time
        before = jnp.where(segment == 0, -1.0, self.starts[segment - 1])
        now = (self.starts[segment] >= event) & (before < event)
        return y.at[:N_SPECIES].add(jnp.where(now, self.flask.resurfacing.added(), 0.0))


class CellEquations(Equations):
    """The same with the solid counted in cells, and the Jacobian of that."""

    population: Population

    def jacobian(self, y: Array, segment: Array) -> Arrow:
        """Dense columns for the head by forward passes, a coloured band for the cells, the monomer's row from both."""
        head, number = y[:HEAD], y[HEAD:]
        columns = jax.jacfwd(lambda h: self.change(h, number, segment))(head)
        surface = self.surface(head, self.starts[segment] >= self.flask.resurfacing.time)
        band, full, loss = self.population.number_jacobian(number, head[INDEX["M"]], surface)
        row = jnp.zeros((HEAD, number.shape[0])).at[INDEX["M"]].set(-loss)
        return Arrow(columns[:HEAD], row, columns[HEAD:], band, full)


class Beginning(NamedTuple):
    """A flask at injection: the precursor at rest, the state before the solid, and what the equations need."""

    rest: Equilibrium
    head: Float[Array, " head"]
    mixture: MixtureConstants
    starts: Float[Array, " segment"]
    portions: Portions


def beginning(flask: Flask, end: Array) -> Beginning:
    """The flask at t = 0 of a run that lasts until `end` (s)."""
    start = portions_of(flask)
    acids = jnp.stack([start.precursor_acid, flask.ligands.acid])
    rest, mixed = (jax.tree.map(lambda x, k=k: x[k], jax.vmap(lambda a: at_rest(flask, a))(acids)) for k in (0, 1))
    starts = jnp.append(jnp.zeros(1), breaks_of(flask, end)[:-1])
    slow = jnp.asarray(flask.injection.addition_time > 0)
    heat = jnp.stack([flask.temperature - flask.injection.cooling, jnp.zeros(()), jnp.zeros(())])
    head = jnp.concatenate([initial_species(rest, start, slow), heat])
    return Beginning(rest, head, mixture_of(flask, mixed.pair_constant), starts, start)


def breaks_of(flask: Flask, end: Array) -> Float[Array, " segment"]:
    """Ends of the segments: events in their order, then the end of the run."""
    single = jnp.stack([flask.resurfacing.time, flask.injection.addition_time])
    events = jnp.concatenate([single, flask.injection.programme.time])
    return jnp.append(jnp.sort(jnp.clip(events, 0.0, end)), end)


def head_tolerances() -> Float[Array, " head"]:
    """Absolute tolerances of the state before the solid: 1e-8 mol/m3, 1e-3 K, 1e-5 of a count unit."""
    return jnp.concatenate([jnp.full(N_SPECIES, 1e-8), jnp.array([1e-3, 1e-5, 1e-5])])
