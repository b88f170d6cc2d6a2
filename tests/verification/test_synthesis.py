"""Exact answers for the flask: balances, nucleation, solubility, speciation, mixing (benchmarks B7-B18)."""

from functools import cache

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peqled.parameters import parameters_of
from peqled.synthesis import (
    Flask,
    Injection,
    Kinetics,
    Ligands,
    Programme,
    Resurfacing,
    no_resurfacing,
    simulate_flask,
)
from peqled.synthesis.absorption import BandParameters, cluster_band_ratio
from peqled.synthesis.clusters import ClusterLaw
from peqled.synthesis.flask import times_until
from peqled.synthesis.growth import growth_rate, solubility
from peqled.synthesis.history import CAESIUM_WITHOUT_ACID, FINISHED, GRID_TOO_SMALL, UNDISSOLVED_LEAD
from peqled.synthesis.injection import NEVER
from peqled.synthesis.interface import covered_energy
from peqled.synthesis.network import INDEX, REACTIONS, Reaction, check_network, imbalance
from peqled.synthesis.nucleation import critical_edge, critical_radius, cube_barrier, sphere_barrier
from peqled.synthesis.precursor import precursor_of
from peqled.synthesis.speciation import EquilibriumConstants, equilibrium
from peqled.synthesis.stage import build_flask
from peqled.twin import SHARP_TOLERANCE
from tests.verification.test_gradient import small

CELLS = 100
TIMES = jnp.array([0.0, 0.01, 0.05, 0.2, 1.0, 2.0, 10.0, 60.0])
IDLE = Programme(jnp.full(2, NEVER), jnp.full(2, 298.0), jnp.ones(2))  # so that all flasks here are one program
OLEYL = {"pka": 9.85, "pkbh": 10.6, "chain": 18.0, "energy": 0.0}
OCTYL = {"pka": 6.5, "pkbh": 10.65, "chain": 8.0, "energy": 6e3}


def ligands(kind, *, acid=250.0, amine=235.0):
    """One acid and one amine in the default amounts; apparent pKa's of the reference note."""
    one = lambda x: jnp.array([x])  # noqa: E731
    chain, held = one(kind["chain"]), one(0.05)
    pka, pkbh, energy = one(kind["pka"]), one(kind["pkbh"]), jnp.array([[kind["energy"]]])
    return Ligands(one(acid), one(amine), pka, pkbh, chain, chain, held, held, one(0.0), energy)


def flask_of(*args, injection=None, **kwargs):
    """A flask with two steps of the temperature, idle unless given: one program, as with eight times and `CELLS`."""
    return Flask(*args, injection=Injection(programme=IDLE) if injection is None else injection, **kwargs)


@cache
def history(kind, resurfaced=False, hypothesis="acid-strength"):
    agent = Resurfacing() if resurfaced else no_resurfacing()
    flask = flask_of(ligands({"OA": OLEYL, "OT": OCTYL}[kind]), resurfacing=agent, hypothesis=hypothesis)
    return simulate_flask(flask, TIMES, cells=CELLS)


@pytest.mark.parametrize("resurfaced", [False, True])
@pytest.mark.parametrize("kind", ["OA", "OT"])
def test_b7_elements_balance(kind, resurfaced):
    """Pb, Br, Cs, carboxylate, amine, proton and zwitterion are neither made nor lost in a whole run; exact.

    The monomer is charged with the discrete change of volume, so only round-off remains.
    """
    run = history(kind, resurfaced)
    assert int(run.status) == FINISHED
    assert float(run.balance_error.max()) < 1e-12
    assert float(run.number.min()) >= 0


def test_b8_critical_nucleus():
    """γ 0.02 J/m2, S = 100, 443 K: sphere r* 0.28644 nm, 1.12382 kT; cube L* 0.57288 nm, 2.14634 kT; closed form."""
    state = {"surface_energy": 0.02, "temperature": 443.0}
    x = jnp.log(100.0)
    assert float(critical_radius(x, **state)) == pytest.approx(0.28644e-9, rel=1e-5)
    assert float(sphere_barrier(x, **state)) == pytest.approx(1.12382, rel=1e-5)
    assert float(critical_edge(x, **state)) == pytest.approx(0.57288e-9, rel=1e-5)
    assert float(cube_barrier(x, **state)) == pytest.approx(2.14634, rel=1e-5)


def test_b8b_growth_stops_at_the_solubility():
    """A 3 nm cube neither grows nor dissolves in its own solubility; a smaller one dissolves, a larger one grows."""
    law = {"flat_solubility": 0.0033, "surface_energy": 0.039, "temperature": 443.0}
    speed = lambda edge, c: growth_rate(  # noqa: E731
        edge, c, equilibrium=solubility(edge, **law), attachment=7.5e-5, size_exponent=1.0, diffusivity=1e-9
    )
    monomer = solubility(jnp.asarray(3e-9), **law)
    edge = jnp.asarray(2e-9)
    for _ in range(60):  # Newton on G(L) = 0
        value, slope = jax.jvp(lambda e: speed(e, monomer), (edge,), (jnp.ones(()),))
        edge = jnp.clip(edge - value / slope, 0.9 * edge, 1.1 * edge)
    assert float(edge) == pytest.approx(3e-9, rel=1e-9)
    assert float(speed(jnp.asarray(2e-9), monomer)) < 0 < float(speed(jnp.asarray(5e-9), monomer))


def law_h1(threshold=12.7, order=14.0):
    return ClusterLaw("acid-strength", jnp.asarray(threshold), jnp.asarray(order))


@pytest.mark.parametrize(("acid", "amine"), [(250.0, 235.0), (40.0, 900.0), (0.3, 0.2)])
def test_b10_ion_pair(acid, amine):
    """Acid and amine without lead: K (a - x)(b - x) = x, the quadratic; 231.800668 mol/m3 for 250 and 235."""
    k = 10**0.6
    b = acid + amine + 1 / k
    exact = 2 * acid * amine / (b + np.sqrt(b**2 - 4 * acid * amine))
    constants = EquilibriumConstants(jnp.array([[k]]), jnp.asarray(0.08), jnp.asarray(0.25), jnp.asarray(25.0))
    found = equilibrium(jnp.asarray(0.0), jnp.array([acid]), jnp.array([amine]), constants, law_h1())
    assert float(found.pair.sum()) == pytest.approx(exact, rel=1e-8)
    if acid == 250.0:
        assert exact == pytest.approx(231.800668, rel=1e-8)


def test_mixture_of_equal_ligands_is_one_ligand():
    """Two acids and two amines of the same strength behave as one of each, whatever their shares; exact."""
    k = jnp.full((2, 2), 10**0.6)
    rest = (jnp.asarray(0.08), jnp.asarray(0.25), jnp.asarray(25.0))
    many = equilibrium(
        jnp.asarray(29.0), jnp.array([200.0, 50.0]), jnp.array([35.0, 200.0]), EquilibriumConstants(k, *rest), law_h1()
    )
    one = equilibrium(
        jnp.asarray(29.0), jnp.array([250.0]), jnp.array([235.0]), EquilibriumConstants(k[:1, :1], *rest), law_h1()
    )
    assert float(many.residual) < 1e-10
    assert float(many.cluster) == pytest.approx(float(one.cluster), rel=1e-9)
    assert float(many.pair_constant) == pytest.approx(10**0.6, rel=1e-12)


def test_b16_network_balances():
    """R0-R10 balance; the paper's equations as printed do not: (1) loses a bromide, (2) makes Pb +1 and A +2."""
    for reaction in REACTIONS.values():
        assert imbalance(reaction) == {}
    compositions = {
        "PbBr2": {"Pb": 1, "Br": 2},
        "BHA": {"A": 1, "B": 1, "H": 1},
        "BHPbBr2": {"Pb": 1, "Br": 2, "B": 1, "H": 1},
        "BHPbBr3": {"Pb": 1, "Br": 3, "B": 1, "H": 1},
        "PbBrA": {"Pb": 1, "Br": 1, "A": 1},
        "PbA2": {"Pb": 1, "A": 2},
    }
    first = Reaction({"PbBr2": 2, "BHA": 1}, {"BHPbBr2": 1, "PbBrA": 1}, "eq. 1 as printed")
    second = Reaction({"PbBr2": 3, "BHA": 2}, {"BHPbBr3": 2, "PbA2": 2}, "eq. 2 as printed")
    assert imbalance(first, compositions) == {"Br": -1}
    assert imbalance(second, compositions) == {"Pb": 1, "A": 2}
    with pytest.raises(ValueError, match="do not balance"):
        check_network({"eq. 2": second})


def test_b18_mixing_of_the_injected_pool():
    """With all rates zero the mixed caesium is c0 (1 - e^{-t/t_mix}); closed form, rtol of the integrator 1e-10."""
    still = Kinetics(relaxation=0.0, cluster_relaxation=0.0, monomer_rate=0.0, cluster_rate=0.0, log_prefactor=-700.0)
    entry = Injection(mixing_time=0.05, programme=IDLE)
    flask = flask_of(ligands(OLEYL), kinetics=still, resurfacing=no_resurfacing(), injection=entry)
    run = simulate_flask(flask, TIMES, cells=CELLS, rtol=1e-10)
    mixed = run.species[:, INDEX["CsA"]]
    np.testing.assert_allclose(mixed, 9.4 * (1 - np.exp(-TIMES / 0.05)), rtol=1e-8, atol=1e-8)


def test_slow_addition_and_temperature_programme():
    """A syringe that empties in 10 s into a pool that mixes in 0.05 s; two steps of the temperature; all rates zero.

    Mixed caesium is c0 [t - τ (1 - e^{-t/τ})]/t_add while it flows; the rest decays with τ. The temperature starts 5 K
    low and approaches 443 K with 20 s, from 2 s on 400 K with 3 s, from 20 s on 298 K with 5 s. Closed forms.
    """
    still = Kinetics(relaxation=0.0, cluster_relaxation=0.0, monomer_rate=0.0, cluster_rate=0.0, log_prefactor=-700.0)
    steps = Programme(jnp.array([2.0, 20.0]), jnp.array([400.0, 298.0]), jnp.array([3.0, 5.0]))
    entry = Injection(mixing_time=0.05, addition_time=10.0, cooling=5.0, programme=steps)
    flask = flask_of(ligands(OLEYL), kinetics=still, resurfacing=no_resurfacing(), injection=entry)
    times = np.array([0.0, 0.02, 2.0, 9.0, 10.0, 10.1, 20.0, 40.0])
    run = simulate_flask(flask, jnp.array(times), cells=CELLS, rtol=1e-9)
    flowing = (np.minimum(times, 10.0) - 0.05 * (1 - np.exp(-np.minimum(times, 10.0) / 0.05))) / 10.0
    exact = 9.4 * (1 - (1 - flowing) * np.where(times > 10.0, np.exp(-(times - 10.0) / 0.05), 1.0))
    np.testing.assert_allclose(run.species[:, INDEX["CsA"]], exact, rtol=1e-6, atol=1e-8)
    first = 443.0 - 5.0 * np.exp(-np.minimum(times, 2.0) / 20.0)
    second = 400.0 + (first - 400.0) * np.exp(-np.clip(times - 2.0, 0.0, 18.0) / 3.0)
    third = 298.0 + (second - 298.0) * np.exp(-np.maximum(times - 20.0, 0.0) / 5.0)
    np.testing.assert_allclose(run.temperature, third, rtol=1e-7)
    assert float(run.balance_error.max()) < 1e-12


def test_quaternary_bromide_swaps_its_anion():
    """R11 with K = 1 rests at [ZA][BHBr] = [ZBr][BHA]; no element is lost, the agent's amount stays; 1e-3."""
    agent = Resurfacing(time=1.0, amount=4.0, quaternary=1.0)
    run = simulate_flask(flask_of(ligands(OLEYL), resurfacing=agent), TIMES, cells=CELLS)
    c = {name: float(run.species[-1, i]) for name, i in INDEX.items()}
    assert c["ZA"] * c["BHBr"] == pytest.approx(c["ZBr"] * c["BHA"], rel=1e-3)
    assert c["ZA"] + c["ZBr"] == pytest.approx(4.0, rel=1e-10)
    assert c["ZA"] > 3.0
    assert float(run.balance_error.max()) < 1e-12


@pytest.mark.parametrize(
    ("kind", "resurfaced", "edge", "number"),
    [("OA", False, (4.8, 4.9, 7.0), 9.3), ("OT", False, (5.7, 9.5, 10.0), 1.2), ("OT", True, (5.7, 9.5, 9.6), 1.2)],
)
def test_reference_flasks(kind, resurfaced, edge, number):
    """Mean edge (nm) at 0.2, 2 and 60 s and dots at 2 s (1e21 m-3) of the reference note's independent program.

    Its table is printed to two digits from a limiter scheme on 200 cells; here WENO on 100: 3 % in size, 6 % in number.
    """
    run = history(kind, resurfaced)
    np.testing.assert_allclose(1e9 * run.mean_edge[jnp.array([3, 5, 7])], edge, rtol=0.03)
    assert float(run.number[5].sum()) / 1e21 == pytest.approx(number, rel=0.06)


def test_conservation_relates_size_and_number():
    """Solid volume equals Σ N L³, so <L³> = solid/number at every instant; exact."""
    run = history("OT")
    volume = run.number @ run.edge**3 / 1.2146658e-4
    np.testing.assert_allclose(volume[3:], run.solid[3:], rtol=1e-4)


@pytest.mark.parametrize("hypothesis", ["acid-strength", "salt-aggregation", "cluster-solubility"])
def test_exchanging_ligands_moves_band_number_and_size(hypothesis):
    """Oleyl against octyl, nothing else changed: the band appears, dots are more and smaller at 2 s (paper, 2.1)."""
    oleyl, octyl = history("OA", hypothesis=hypothesis), history("OT", hypothesis=hypothesis)
    bands = BandParameters()
    assert float(cluster_band_ratio(oleyl.precursor, bands)) > 0.25
    assert float(cluster_band_ratio(octyl.precursor, bands)) < 0.005
    assert float(oleyl.number[5].sum()) > 2 * float(octyl.number[5].sum())
    assert float(oleyl.mean_edge[5]) < 0.8 * float(octyl.mean_edge[5])


def test_caesium_oleate_in_the_improved_flask():
    """Oleate that comes with the caesium is an acid of the mixture: its K_ip lies between the two pure ones."""
    pair = ligands(OCTYL)
    mixed = Ligands(
        jnp.array([240.6, 9.4]),
        pair.amine,
        jnp.array([6.5, 9.85]),
        pair.pkbh,
        jnp.array([8.0, 18.0]),
        pair.amine_chain,
        jnp.full(2, 0.05),
        pair.amine_binding,
        jnp.array([0.0, 1.0]),
        jnp.array([[6e3], [3e3]]),
    )
    found = precursor_of(Flask(mixed))
    assert float(found.residual) < 1e-10
    assert float(found.species[INDEX["HA"]] + found.species[INDEX["BHA"]]) < 240.6
    assert float(found.pair_constant) == pytest.approx(10 ** (0.6 + 0.755 * 3.4), rel=1e-6)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"lead": 0.0}, FINISHED),
        ({"acid": 0.0}, CAESIUM_WITHOUT_ACID),
        ({"amine": 0.0}, UNDISSOLVED_LEAD),
        ({"acid": 5000.0}, FINISHED),
        ({"temperature": 200.0}, FINISHED),
        ({"temperature": 700.0}, GRID_TOO_SMALL),
        ({"temperature": 1.0}, FINISHED),
        ({"temperature": 1000.0}, GRID_TOO_SMALL),
        ({"lead": 0.0, "caesium": 0.0, "amine": 0.0}, FINISHED),
        ({"lead": 2000.0, "caesium": 900.0, "acid": 5000.0, "amine": 5000.0}, FINISHED),
        ({"ammonium_bromide": 200.0}, FINISHED),
    ],
)
def test_extreme_flasks_end_finite(change, status):
    """No lead, no acid, no amine, all acid, cold, so hot that dots outgrow the grid, crowded: finite, with a status."""
    amounts = {k: v for k, v in change.items() if k in ("acid", "amine")}
    rest = {k: v for k, v in change.items() if k not in amounts}
    run = simulate_flask(flask_of(ligands(OLEYL, **amounts), resurfacing=Resurfacing(), **rest), TIMES, cells=CELLS)
    assert int(run.status) == status
    assert all(bool(jnp.all(jnp.isfinite(x))) for x in jax.tree.leaves(run))
    assert float(run.number.min()) >= 0
    assert float(run.balance_error.max()) < 1e-12


def test_adsorption_lowers_the_interfacial_energy():
    """Gibbs: -dγ/d(ln c) = R T Γ θ with Langmuir's θ = K c/(1 + K c), by differentiation; never below a quarter of γ_0.

    For γ_0 so large that the lower bound is far, 1e-6; Γ = 1.45 per nm2, T = 443 K.
    """
    energy = lambda log_c, bare: covered_energy(bare, jnp.exp(log_c), binding=0.5, temperature=443.0)  # noqa: E731
    for c in (0.1, 2.0, 60.0):
        slope = jax.grad(energy)(jnp.log(c), 1e4)
        coverage = 0.5 * c / (1 + 0.5 * c)
        exact = -8.314462618 * 443.0 * 1.45e18 / 6.02214076e23 * coverage
        assert float(slope) == pytest.approx(exact, rel=1e-5)
    assert float(energy(jnp.log(1e9), 0.04)) == pytest.approx(0.01, rel=0.05)
    assert float(energy(jnp.log(1e9), 0.04)) > 0.01
    assert float(covered_energy(0.04, 0.0, binding=0.5, temperature=443.0)) == 0.04


@pytest.mark.parametrize("end", [1e-8, 2.6e6])
def test_an_instant_and_a_month(end):
    """Ten nanoseconds make hardly a dot, a month lets them ripen: finite, never negative, the solid never shrinks."""
    flask = flask_of(ligands(OLEYL), kinetics=Kinetics(aggregation=0.0))
    run = simulate_flask(flask, jnp.append(0.0, jnp.geomspace(1e-3 * end, end, 7)), cells=CELLS)
    assert all(bool(jnp.all(jnp.isfinite(x))) for x in jax.tree.leaves(run))
    assert float(run.number.min()) >= 0
    assert float(run.balance_error.max()) < 1e-12
    assert np.all(np.diff(run.solid) > -1e-6 * run.solid[-1])


def test_etching_rests_where_the_law_of_mass_action_says():
    """R4 with its reverse: at rest k_2 [BHPbBr3][CsA] = k_-4 [M][BHA] with M at the solubility of the dots left.

    Ligand salt keeps caesium in solution: four times the salt, less solid. Integrator's tolerance 1e-3.
    """
    law = Kinetics(etching=0.3, aggregation=0.0)
    yields = []
    for amount in (250.0, 1000.0):
        flask = flask_of(ligands(OLEYL, acid=amount, amine=amount), resurfacing=no_resurfacing(), kinetics=law)
        run = simulate_flask(flask, jnp.append(0.0, jnp.geomspace(1.0, 1e4, 7)), cells=CELLS, rtol=1e-7)
        c = {name: float(run.species[-1, i]) for name, i in INDEX.items()}
        forward, back = law.monomer_rate * c["BHPbBr3"] * c["CsA"], law.etching * c["M"] * c["BHA"]
        assert forward == pytest.approx(back, rel=1e-3)
        yields.append(float(run.caesium_yield[-1]))
    assert 0.1 < yields[1] < yields[0] < 1


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    lead=st.floats(1, 60),
    caesium=st.floats(0.5, 20),
    acid=st.floats(30, 900),
    amine=st.floats(5, 900),
    pka=st.floats(4.5, 10.2),
    temperature=st.floats(380, 480),
)
def test_any_flask_balances(lead, caesium, acid, amine, pka, temperature):
    """Random amounts, acid strength and temperature: elements balance to 1e-12 and no count is negative."""
    kind = {**OLEYL, "pka": pka}
    flask = flask_of(ligands(kind, acid=acid, amine=amine), lead=lead, caesium=caesium, temperature=temperature)
    run = simulate_flask(flask, TIMES, cells=CELLS)
    assert float(run.balance_error.max()) < 1e-12
    assert float(run.number.min()) >= 0
    assert float(run.precursor.residual) < 1e-10


def test_derivative_with_respect_to_acid_strength():
    """d<L>/dpKa by forward differentiation through the whole run against central differences; 1e-4 at rtol 1e-7.

    Step sizes are constants of the derivative, so the two differ by the integrator's own error. The flask is that of
    `test_gradient`, whose program this is.
    """
    base, times = build_flask(parameters_of(small("otac-otam"))), times_until(60.0)

    def size(shift):
        flask = eqx.tree_at(lambda f: f.ligands.pka, base, base.ligands.pka.at[0].add(shift))
        return simulate_flask(flask, times, cells=60, rtol=SHARP_TOLERANCE).mean_edge[-1]

    shift, step = jnp.asarray(3.1), 1e-3
    _, slope = jax.jvp(size, (shift,), (jnp.ones(()),))
    central = (size(shift + step) - size(shift - step)) / (2 * step)
    assert float(slope) == pytest.approx(float(central), rel=1e-4)
