"""One flask from the precursor to the quenched dots: assembles speciation, nucleation, growth, ripening, resurfacing.

State vector: dissolved species (mol/m3), temperature (K), nuclei born by either route and the number of dots in every
size cell (1e21 per m3). Sources and equations are with each law; the numerical rules are those of reference note 4:
discrete fluxes feed the monomer, the integrator restarts at each event, and a published width needs n and 2n cells.
"""

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from peqled.numerics import arrow
from peqled.numerics.arrow import Arrow
from peqled.numerics.finite_volume import Scheme, make_grid
from peqled.numerics.rosenbrock import Algebra, StiffOptions, solve_stiff
from peqled.programs import stored
from peqled.synthesis.absorption import Precursor
from peqled.synthesis.aggregation import pair_table
from peqled.synthesis.clusters import ClusterLaw, ClusterParameters, cluster_law
from peqled.synthesis.crystal import FORMULA_VOLUME
from peqled.synthesis.growth import solubility
from peqled.synthesis.injection import Injection, addition_rate, mixing_rate, temperature_rate
from peqled.synthesis.interface import covered_energy
from peqled.synthesis.kinetics import Kinetics, MixtureConstants, arrhenius, reaction_rates
from peqled.synthesis.ligands import Ligands, pair_stability
from peqled.synthesis.network import (
    DISSOLVED,
    DISSOLVED_REACTIONS,
    INDEX,
    SPECIES,
    element_matrix,
    element_vector,
    stoichiometric_matrix,
)
from peqled.synthesis.population import COUNT, Population, Surface, surface_state
from peqled.synthesis.resurfacing import Resurfacing, zwitterion_coverage
from peqled.synthesis.speciation import Equilibrium, EquilibriumConstants, equilibrium

L_MIN, L_MAX = 0.9e-9, 30e-9  # m; geometric cells, because nuclei are born in a spike near 2 nm
N_SPECIES = len(SPECIES)
TEMPERATURE, MONOMER_NUCLEI, CLUSTER_NUCLEI = N_SPECIES, N_SPECIES + 1, N_SPECIES + 2
HEAD = N_SPECIES + 3  # the state before the size cells
TINY = 1e-12
ABSENT = 1e-6  # mol/m3: an element below has no balance of its own
NEGATIVE_SHARE = 1e-4
AGENT = ("Z", "ZHBr", "ZBr", "ZA")  # every form of the resurfacing agent
REPORTED_REACTIONS = (*DISSOLVED_REACTIONS, "R5")

FINISHED, INTEGRATOR_FAILED, SPECIATION_FAILED, CAESIUM_WITHOUT_ACID = 0, 1, 2, 3
UNDISSOLVED_LEAD, GRID_TOO_SMALL, NEGATIVE_COUNTS = 4, 5, 6
MESSAGES = {
    FINISHED: "finished",
    INTEGRATOR_FAILED: "the integrator gave up: loosen rtol or look for an extreme rate constant",
    SPECIATION_FAILED: "the precursor equilibrium did not converge: check amounts and constants",
    CAESIUM_WITHOUT_ACID: "less acid than caesium: the excess caesium was left out; add acid",
    UNDISSOLVED_LEAD: "lead bromide stays undissolved in the precursor: add ligand, or less lead",
    GRID_TOO_SMALL: "dots reach the end of the size grid: raise the largest size",
    NEGATIVE_COUNTS: "counts undershoot zero by more than 1e-6 of all dots: tighten rtol",
}


ARROW = Algebra(arrow.factor, arrow.solve, arrow.product)


class Flask(eqx.Module):
    """What goes into the flask and the constants it obeys (SI). Amounts are totals after injection, mol/m3.

    lead : PbBr2; caesium : Cs as carboxylate; temperature : of the bath (K)
    ammonium_bromide : in the precursor, such as oleylammonium bromide; its amine is counted among the amines too
    polar_share : volume share of polar solvent, such as DMF (1)
    """

    ligands: Ligands
    lead: float | Array = 29.0
    caesium: float | Array = 9.4
    ammonium_bromide: float | Array = 0.0
    polar_share: float | Array = 0.0
    temperature: float | Array = 443.0
    kinetics: Kinetics = Kinetics()
    clusters: ClusterParameters = ClusterParameters()
    injection: Injection = Injection()
    resurfacing: Resurfacing = Resurfacing()
    hypothesis: str = eqx.field(static=True, default="acid-strength")


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


def default_times() -> Float[np.ndarray, " time"]:
    """80 instants from 0 to 600 s, fine in the first two seconds."""
    early = np.concatenate([[0.0], np.geomspace(1e-3, 0.02, 9), np.linspace(0.03, 0.3, 20), np.linspace(0.4, 2.0, 17)])
    return np.concatenate([early, [3.0], np.geomspace(3.2, 600.0, 32)])


class _Start(eqx.Module):
    """Amounts at the moment of injection (mol/m3), per acid where it is an acid."""

    precursor_acid: Float[Array, " acid"]
    unmixed_acid: Array
    caesium: Array


def _portions(flask: Flask) -> _Start:
    """Who is where: one acid per Cs is bound as carboxylate, taken from the injected acid first, then from the rest."""
    acid = flask.ligands.acid
    total, injected = jnp.sum(acid), jnp.sum(acid * flask.ligands.injected_share)
    caesium = jnp.minimum(jnp.asarray(flask.caesium, float), total)
    stays = acid * (1 - flask.ligands.injected_share)
    left = total - jnp.maximum(injected, caesium)
    scale = left / jnp.where(total - injected > 0, total - injected, 1.0)
    return _Start(stays * scale, jnp.maximum(injected - caesium, 0.0), caesium)


def _equilibrium_constants(flask: Flask) -> EquilibriumConstants:
    k = flask.kinetics
    transfer = k.transfer if flask.hypothesis == "acid-strength" else 0.0
    stability = pair_stability(
        flask.ligands.pka, flask.ligands.pkbh, transfer=transfer, pka_ref=k.pka_ref, pkbh_ref=k.pkbh_ref
    )
    pair = 10**k.log_pair * arrhenius(k.pair_enthalpy, flask.temperature)
    both = arrhenius(k.plumbate_enthalpy, flask.temperature)
    kappa_1, kappa_2 = (10 ** (x + k.log_pair) * both for x in (k.log_k1, k.log_k2))
    k8 = 10**k.log_k8 * arrhenius(k.bromide_enthalpy, flask.temperature)
    return EquilibriumConstants(pair * stability, kappa_1, kappa_2, jnp.asarray(k.lead_solubility, float), k8)


def _with_acid(ligands: Ligands, acid: Array) -> Ligands:
    return eqx.tree_at(lambda x: x.acid, ligands, acid)


def _rest(flask: Flask, acid: Array) -> Equilibrium:
    ligands = _with_acid(flask.ligands, acid)
    constants = _equilibrium_constants(flask)
    return equilibrium(
        jnp.asarray(flask.lead, float),
        acid,
        ligands.amine,
        constants,
        _cluster_law(flask, ligands),
        bromide=flask.ammonium_bromide,
    )


def _cluster_law(flask: Flask, ligands: Ligands) -> ClusterLaw:
    """The law at the temperature of the bath."""
    enthalpy = flask.kinetics.cluster_enthalpy
    threshold = flask.clusters.threshold * arrhenius(enthalpy, flask.temperature)
    clusters = eqx.tree_at(lambda c: c.threshold, flask.clusters, threshold)
    return cluster_law(clusters, ligands, hypothesis=flask.hypothesis, temperature=flask.temperature)


def _mixture(flask: Flask, pair_constant: Array) -> MixtureConstants:
    """Lumped constants after mixing: K_1 and K_2 fall as K_ip rises, since only the ion pair's free energy moves."""
    k = flask.kinetics
    pair = pair_constant / arrhenius(k.pair_enthalpy, flask.temperature)
    k1, k2 = (10 ** (x + k.log_pair) / pair for x in (k.log_k1, k.log_k2))
    return MixtureConstants(pair, k1, k2, _cluster_law(flask, flask.ligands))


def _initial_species(rest: Equilibrium, start: _Start, slow: Array) -> Float[Array, " species"]:
    """At t = 0 the injected solution is an un-mixed pool, or still in its syringe where the addition is `slow`."""
    amounts = {
        "PbBr2": rest.lead_bromide,
        "HA": jnp.sum(rest.acid),
        "B": jnp.sum(rest.amine),
        "BHA": jnp.sum(rest.pair),
        "BHPbBr3": rest.bromoplumbate,
        "PbBrA": rest.lead_bromide_carboxylate,
        "PbA2": rest.lead_carboxylate,
        "Cl": rest.cluster,
        "BHBr": rest.ammonium_bromide,
        "PbBr2(s)": rest.undissolved,
        "CsA(unmixed)": jnp.where(slow, 0.0, start.caesium),
        "HA(unmixed)": jnp.where(slow, 0.0, start.unmixed_acid),
        "CsA(syringe)": jnp.where(slow, start.caesium, 0.0),
        "HA(syringe)": jnp.where(slow, start.unmixed_acid, 0.0),
    }
    return jnp.stack([jnp.asarray(amounts.get(name, 0.0), float) for name in SPECIES])


def precursor_of(flask: Flask) -> Precursor:
    """Equilibrium of lead bromide with the ligands that are in the flask before the caesium arrives."""
    return _as_precursor(_rest(flask, _portions(flask).precursor_acid))


def _as_precursor(rest: Equilibrium) -> Precursor:
    alone = _initial_species(rest, _Start(rest.acid, jnp.zeros(()), jnp.zeros(())), jnp.array(False))
    return Precursor(alone, rest.pair_constant, rest.undissolved, rest.residual)


class _Model(eqx.Module):
    """The right-hand side of one flask between events, and its Jacobian."""

    flask: Flask
    mixture: MixtureConstants
    population: Population
    starts: Float[Array, " segment"]
    portions: _Start

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
        births = jnp.stack([heat, jnp.sum(solid.monomer_nuclei), jnp.sum(solid.cluster_nuclei)])
        counts = solid.growth + solid.aggregation + solid.monomer_nuclei + solid.cluster_nuclei
        return jnp.concatenate([dissolved, births, counts])

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

    def jacobian(self, y: Array, segment: Array) -> Arrow:
        """Dense columns for the head by forward passes, a coloured band for the cells, the monomer's row from both."""
        head, number = y[:HEAD], y[HEAD:]
        columns = jax.jacfwd(lambda h: self.change(h, number, segment))(head)
        surface = self.surface(head, self.starts[segment] >= self.flask.resurfacing.time)
        band, full, loss = self.population.number_jacobian(number, head[INDEX["M"]], surface)
        row = jnp.zeros((HEAD, number.shape[0])).at[INDEX["M"]].set(-loss)
        return Arrow(columns[:HEAD], row, columns[HEAD:], band, full)

    def jump(self, y: Array, segment: Array) -> Array:
        """Adds the resurfacing agent in the segment that starts at its time."""
        event = self.flask.resurfacing.time
        before = jnp.where(segment == 0, -1.0, self.starts[segment - 1])
        now = (self.starts[segment] >= event) & (before < event)
        return y.at[INDEX[self.flask.resurfacing.species]].add(jnp.where(now, self.flask.resurfacing.amount, 0.0))


def simulate_flask(
    flask: Flask,
    times: Float[Array, " time"] | None = None,
    *,
    cells: int = 200,
    scheme: Scheme = "weno",
    rtol: float = 1e-5,
    largest: float = L_MAX,
) -> FlaskResult:
    """Run a flask from injection (t = 0) to the last of `times` (s, increasing), dots from 0.9 nm to `largest` (m)."""
    times = jnp.asarray(default_times() if times is None else times, float)
    kernel = flask.kinetics.aggregation
    flask = jax.tree.map(lambda x: jnp.asarray(x, float), flask)
    aggregates = isinstance(kernel, jax.core.Tracer) or bool(np.any(np.asarray(kernel) != 0))
    return _simulate(
        flask, times, jnp.asarray(rtol), cells=cells, scheme=scheme, aggregates=aggregates, largest=largest
    )


@stored(static_argnames=("cells", "scheme", "aggregates", "largest"))
def _simulate(
    flask: Flask, times: Array, rtol: Array, *, cells: int, scheme: Scheme, aggregates: bool, largest: float
) -> FlaskResult:
    model, y0, rest = _assemble(flask, times[-1], cells=cells, scheme=scheme, aggregates=aggregates, largest=largest)
    found = solve_stiff(
        model.rhs,
        y0,
        times,
        options=_options(cells, rtol),
        jacobian=model.jacobian,
        algebra=ARROW,
        breaks=_breaks(flask, times[-1]),
        jump=model.jump,
    )
    return _report(model, times, y0, found, _as_precursor(rest))


def _assemble(
    flask: Flask, end: Array, *, cells: int, scheme: Scheme, aggregates: bool, largest: float
) -> tuple[_Model, Array, Equilibrium]:
    """The equations of a flask, its state at injection, and the precursor at rest."""
    start = _portions(flask)
    acids = jnp.stack([start.precursor_acid, flask.ligands.acid])
    rest, mixed = (jax.tree.map(lambda x, k=k: x[k], jax.vmap(lambda a: _rest(flask, a))(acids)) for k in (0, 1))
    grid = make_grid(L_MIN, largest, cells, "geometric")
    population = Population(grid, pair_table(grid.pivot**3), flask.kinetics, scheme, aggregates)
    starts = jnp.append(jnp.zeros(1), _breaks(flask, end)[:-1])
    model = _Model(flask, _mixture(flask, mixed.pair_constant), population, starts, start)
    head = jnp.stack([flask.temperature - flask.injection.cooling, jnp.zeros(()), jnp.zeros(())])
    slow = jnp.asarray(flask.injection.addition_time > 0)
    return model, jnp.concatenate([_initial_species(rest, start, slow), head, jnp.zeros(cells)]), rest


class Problem(NamedTuple):
    """The bare initial value problem of a flask, for integrators other than its own.

    y' = rhs(y, segment) between `breaks` (s); at the start of each segment `jump(y, segment)` replaces y.
    """

    rhs: Callable[[Array, Array], Array]
    jump: Callable[[Array, Array], Array]
    initial: Float[Array, " state"]
    breaks: Float[Array, " segment"]
    atol: Float[Array, " state"]


def flask_problem(flask: Flask, times: Float[Array, " time"], *, cells: int = 200, largest: float = L_MAX) -> Problem:
    """The equations that `simulate_flask` solves, without aggregation where its kernel is zero."""
    flask = jax.tree.map(lambda x: jnp.asarray(x, float), flask)
    aggregates = bool(jnp.any(flask.kinetics.aggregation != 0))
    model, y0, _ = _assemble(flask, times[-1], cells=cells, scheme="weno", aggregates=aggregates, largest=largest)
    atol = jnp.asarray(_options(cells, jnp.asarray(1e-5)).atol)
    return Problem(model.rhs, model.jump, y0, _breaks(flask, times[-1]), atol)


def _breaks(flask: Flask, end: Array) -> Float[Array, " segment"]:
    """Ends of the segments: events in their order, then the end of the run."""
    single = jnp.stack([flask.resurfacing.time, flask.injection.addition_time])
    events = jnp.concatenate([single, flask.injection.programme.time])
    return jnp.append(jnp.sort(jnp.clip(events, 0.0, end)), end)


def _options(cells: int, rtol: Array) -> StiffOptions:
    """Tolerances per state; at the default rtol 1e-8 mol/m3, 1e-3 K, and 1e-6 of a count unit per cell."""
    sharp = rtol / 1e-5
    atol = jnp.concatenate([jnp.full(N_SPECIES, 1e-8), jnp.array([1e-3, 1e-5, 1e-5]), jnp.full(cells, 1e-6)])
    return StiffOptions(rtol=rtol, atol=sharp * atol, max_steps=20000)


def _report(model: _Model, times: Array, y0: Array, found, precursor: Precursor) -> FlaskResult:
    flask, population = model.flask, model.population
    y, pivot = found.value, jnp.asarray(population.grid.pivot)
    species, counts = y[:, :N_SPECIES], y[:, HEAD:]
    number = jnp.maximum(counts, 0.0)
    total = jnp.sum(number, axis=1)
    there = total > TINY
    weight = jnp.where(there[:, None], number / jnp.where(there, total, 1.0)[:, None], 0.0)
    mean = weight @ pivot
    variance = jnp.maximum(weight @ pivot**2 - mean**2, 0.0)
    resurfaced = times > flask.resurfacing.time
    surface = jax.vmap(model.surface)(y, resurfaced)
    monomer = species[:, INDEX["M"]]
    solid = population.solid(counts)
    balance = _balance_error(flask, times, y0, species, solid)
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
        status=_status(flask, found, counts, precursor),
    )


def _balance_error(flask: Flask, times: Array, y0: Array, species: Array, solid: Array) -> Float[Array, " element"]:
    """Largest relative deviation of every element; an element that is absent is measured against 1 mol/m3."""
    matrix = jnp.asarray(element_matrix())
    crystal = jnp.asarray(element_vector(DISSOLVED["M"]))
    agent = jnp.asarray(element_vector(DISSOLVED[flask.resurfacing.species]))
    added = jnp.where(times > flask.resurfacing.time, flask.resurfacing.amount, 0.0)
    expected = matrix @ y0[:N_SPECIES] + added[:, None] * agent
    present = species @ matrix.T + solid[:, None] * crystal
    scale = jnp.where(expected > ABSENT, expected, 1.0)
    return jnp.max(jnp.abs(present - expected) / scale, axis=0)


def _status(flask: Flask, found, counts: Array, precursor: Precursor) -> Int[Array, ""]:
    """The most serious complaint of the run."""
    solid = counts * jnp.arange(1, counts.shape[1] + 1) ** 3
    complaints = [
        (found.status != 0, INTEGRATOR_FAILED),
        (~(precursor.residual < 1e-8), SPECIATION_FAILED),
        (jnp.sum(flask.ligands.acid) < flask.caesium, CAESIUM_WITHOUT_ACID),
        (precursor.undissolved > 0, UNDISSOLVED_LEAD),
        (jnp.max(solid[:, -1]) > 1e-2 * jnp.max(jnp.sum(solid, axis=1)), GRID_TOO_SMALL),
        (jnp.min(counts) < -NEGATIVE_SHARE * jnp.maximum(jnp.max(jnp.sum(counts, axis=1)), 1e-3), NEGATIVE_COUNTS),
    ]
    return jnp.select([c for c, _ in complaints], [code for _, code in complaints], FINISHED)
