"""Verification of washing: colloidal stability in mixed solvents, and the balance of dots and ligands."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.constants import R, k, pi
from scipy.integrate import quad

import peqled  # noqa: F401  (sets float64)
from peqled.film.stability import Medium, Shell, flory_parameter, gaps, mixed, pair_energy, precipitated, solubility
from peqled.film.washing import Batch, Binding, adsorbed, wash

NM, ROOM = 1e-9, 298.15
OCTADECENE = Medium(320e-6, 16.2e3, 0.7e3, 1.5e3, 1.444, 2.1)
ACETATE = Medium(79.8e-6, 15.5e3, 7.2e3, 7.6e3, 1.361, 6.7)
EDGE = jnp.array([6.0, 8.0, 10.0, 14.0]) * NM
DOT = jnp.asarray(10.0 * NM)
NUMBER = jnp.array([1.0, 4.0, 3.0, 0.5]) * 1e20
BINDING = Binding(jnp.array([1.0, 0.7, 50.0]), jnp.array([18.0, 8.0, 18.0]), 4.0)
AMOUNT = jnp.array([240.0, 235.0, 2.0])


def _shell(chi: float) -> Shell:
    return Shell(length=2.28 * NM, density=1.45e18, chain_volume=0.524 * NM**3, chi=chi)


def _everything(number, coverage, carbons, antisolvent, cycle):
    """All dots fall where there is antisolvent, none where there is none."""
    return jnp.full_like(number, 1.0 if antisolvent > 0 else 0.0)


def _wash(times=3, ratio=3.0, stability=_everything, retained=0.02):
    return wash(
        Batch(NUMBER, AMOUNT),
        EDGE,
        binding=BINDING,
        site_density=1.45e18,
        ratio=ratio,
        retained=retained,
        times=times,
        stability=stability,
    )


def test_without_attraction_a_good_solvent_keeps_all_dots():
    """A = 0 and chi < 1/2: both steric terms repel at every gap, so the well has no depth and nothing precipitates."""
    shell = _shell(0.2)
    energy = pair_energy(gaps(shell), DOT, shell=shell, medium=OCTADECENE, attraction=0.0, temperature=ROOM)
    assert float(energy.min()) == pytest.approx(0.0, abs=1e-12)
    soluble = solubility(EDGE, shell=shell, medium=OCTADECENE, attraction=0.0, temperature=ROOM)
    np.testing.assert_array_equal(precipitated(NUMBER, soluble), np.zeros(4))


def test_attraction_of_close_spheres_is_derjaguins():
    """No shell, gap far below the radius a: -A a/(12 h) times Gregory's factor; the next term is h/a ln(a/h)."""
    bare, gap, edge = Shell(1e-12, 0.0, 0.0, 0.0), 0.2 * NM, 1e-5
    energy = float(
        pair_energy(
            jnp.asarray(gap), jnp.asarray(edge), shell=bare, medium=OCTADECENE, attraction=1e-19, temperature=ROOM
        )
    )
    late = 5.32 * gap / 1e-7
    exact = -1e-19 * edge * (3 / (4 * pi)) ** (1 / 3) / (12 * gap * k * ROOM) * (1 - late * np.log1p(1 / late))
    assert energy == pytest.approx(exact, rel=2e-3)


def test_steric_terms_are_the_integrals_of_flat_layers():
    """Derjaguin: pi a times the integral of the energy per area of two flat layers from the gap to 2 l. Flat layers:
    2 phi^2 (1/2 - chi)/v (2l - h) where they overlap, 2 phi^2 (1/2 - chi)/v (2 l^2/h - l) where they are compressed,
    and there -2 Gamma ln[x ((3-x)/2)^2] of stretching. Quadrature to 1e-10."""
    shell = _shell(0.3)
    length, radius = shell.length, 10 * NM * (3 / (4 * pi)) ** (1 / 3)
    molecule = 320e-6 * k / R
    strength = 2 * float(shell.share) ** 2 * (0.5 - shell.chi) / molecule

    def flat(h):
        x = min(h / length, 1.0)
        overlap = 2 * length**2 / h - length if h < length else 2 * length - h
        return strength * overlap - 2 * shell.density * np.log(x * (0.5 * (3 - x)) ** 2)

    for gap in (0.4 * length, 0.9 * length, 1.5 * length):
        exact = pi * radius * quad(flat, gap, 2 * length, points=[length], epsabs=0, epsrel=1e-11)[0]
        found = pair_energy(jnp.asarray(gap), DOT, shell=shell, medium=OCTADECENE, attraction=0.0, temperature=ROOM)
        assert float(found) == pytest.approx(exact, rel=1e-9)


def test_chi_is_zero_for_the_alkane_itself_and_rises_with_antisolvent():
    """A liquid with the tail's own parameters has chi 0; acetate makes octadecene a worse solvent at every share."""
    own = Medium(320e-6, 16.4e3, 0.0, 0.0, 1.44, 2.1)
    assert float(flory_parameter(own, tail=16.4e3, factor=1.0, temperature=ROOM)) == 0.0
    shares = np.linspace(0.0, 1.0, 11)
    chi = [
        float(flory_parameter(mixed(OCTADECENE, ACETATE, s), tail=16.4e3, factor=1.0, temperature=ROOM)) for s in shares
    ]
    distance = (15.5 - 16.4) ** 2 + 0.25 * (7.2**2 + 7.6**2)
    assert chi[-1] == pytest.approx(79.8e-6 * 1e6 * distance / (R * ROOM), rel=1e-12)
    assert chi[-1] > 0.5 > chi[0]


def test_precipitation_of_one_size_and_selection_by_size():
    """One class: N - n_s precipitates, exactly. Several: the fractions obey N_i/(S + n_i) summing to 1, and larger,
    less soluble dots fall first."""
    assert float(precipitated(jnp.array([5e20]), jnp.array([2e20]))[0]) == pytest.approx(0.6, rel=1e-12)
    soluble = jnp.array([1e21, 3e20, 1e20, 1e19])
    share = precipitated(NUMBER, soluble)
    solid = NUMBER * share
    np.testing.assert_allclose(NUMBER - solid, solid / solid.sum() * soluble, rtol=1e-9)  # Raoult's law, class by class
    assert np.all(np.diff(share) > 0)


def test_adsorption_satisfies_its_balances():
    """Free ligand from theta_j = K_j c_j (1 - sum theta); amounts free, paired and bound add up to what was given."""
    for volume, sites in ((1.0, 1.6), (4.0, 1.6), (1.0, 100.0)):
        held = adsorbed(AMOUNT, volume, jnp.asarray(sites), BINDING)
        free = held / (BINDING.constant * (1.0 - held.sum()))
        pair = BINDING.pair * free[0] * free[1] * jnp.array([1.0, 1.0, 0.0])
        np.testing.assert_allclose(volume * (free + pair) + sites * held, AMOUNT, rtol=1e-9)


def test_no_antisolvent_and_no_precipitation():
    """Ratio 0 and everything kept: nothing changes. Dots that never precipitate are all poured off."""
    kept = _wash(ratio=0.0, retained=1.0, stability=lambda n, *_: jnp.ones_like(n) if _[-1] < 3 else jnp.zeros_like(n))
    np.testing.assert_allclose(kept.coverage, kept.coverage[0], rtol=1e-9)
    np.testing.assert_allclose(kept.ligand, AMOUNT.sum(), rtol=1e-12)
    lost = _wash(stability=lambda n, *_: jnp.zeros_like(n))
    assert float(lost.yields[-1]) == 0.0


def test_ligand_that_does_not_bind_is_diluted_by_the_retained_share():
    """K = 0: what is left after n cycles is e^n of the start, exactly; and left plus poured off is what was there."""
    unbound = Binding(jnp.zeros(3), BINDING.carbons, 4.0)
    arguments = {"binding": unbound, "site_density": 1.45e18, "ratio": 3.0, "retained": 0.02, "times": 3}
    made = wash(Batch(NUMBER, AMOUNT), EDGE, **arguments, stability=_everything)
    np.testing.assert_allclose(made.ligand, float(AMOUNT.sum()) * 0.02 ** np.arange(4), rtol=1e-10)
    bound = _wash()
    np.testing.assert_allclose(bound.poured + bound.batch.amount, AMOUNT, rtol=1e-14)
    assert np.all(np.diff(bound.coverage) < 0)
    assert float(bound.ligand[-1]) > float(made.ligand[-1])
