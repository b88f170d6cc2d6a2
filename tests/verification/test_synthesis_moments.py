"""The quick look by moments, against closed forms and against the population balance of the same flask."""

import jax.numpy as jnp
import numpy as np
import pytest

from peqled.numerics.rosenbrock import OK
from peqled.synthesis import Kinetics, Resurfacing, no_resurfacing, quick_look, simulate_flask
from peqled.synthesis.moments import Moments, two_sizes
from peqled.synthesis.network import INDEX
from peqled.synthesis.population import COUNT, surface_state
from tests.verification.test_synthesis import CELLS, OCTYL, OLEYL, TIMES, flask_of, ligands

FLASKS = {
    "oleyl": flask_of(ligands(OLEYL), resurfacing=no_resurfacing()),
    "octyl": flask_of(ligands(OCTYL), resurfacing=no_resurfacing()),
    "resurfaced": flask_of(ligands(OCTYL), resurfacing=Resurfacing()),
}


@pytest.mark.parametrize(("sizes", "numbers"), [((1.0, 2.0), (3.0, 1.0)), ((0.8, 0.9), (0.5, 0.5))])
def test_two_sizes_are_found_from_their_moments(sizes, numbers):
    """Four moments fix two sizes and two numbers; exact."""
    moments = jnp.array([np.dot(numbers, np.power(sizes, k)) for k in range(4)])
    found = two_sizes(moments)
    np.testing.assert_allclose(found[0], sizes, rtol=1e-9)
    np.testing.assert_allclose(found[1], numbers, rtol=1e-9)


@pytest.mark.parametrize("collisions", ["constant", "brownian"])
def test_aggregation_of_moments(collisions):
    """Two sizes 5 and 10 nm that only aggregate: every pair written out; the volume does not change; exact."""
    law = Kinetics(attachment=0.0, log_prefactor=-700.0)
    surface = surface_state(law, jnp.asarray(443.0), factors=(1.0, 1.0, 1.0), collisions=collisions)
    size, number = np.array([1.0, 2.0]), np.array([2.0, 0.5])
    moments = jnp.array([number @ size**k for k in range(4)])
    change = Moments(law, collisions).rates(moments, jnp.zeros(()), jnp.zeros(()), surface).change
    equal = 5e-24 if collisions == "constant" else 8 * 1.380649e-23 * 443.0 / (3 * 6e-4 * 5.4e6)
    exact = np.zeros(4)
    for a, n in zip(size, number, strict=True):
        for b, m in zip(size, number, strict=True):
            kernel = equal * ((a + b) * (1 / a + 1 / b) / 4 if collisions == "brownian" else 1.0)
            exact += (
                0.5 * kernel * COUNT * n * m * np.array([np.cbrt(a**3 + b**3) ** k - a**k - b**k for k in range(4)])
            )
    np.testing.assert_allclose(change, exact, rtol=1e-9, atol=1e-16)
    assert float(change[3]) == 0


@pytest.mark.parametrize("name", list(FLASKS))
def test_while_no_dot_dissolves_the_quick_look_is_the_population_balance(name):
    """From 0.2 s on, while trusted: number and mean edge 0.5 %, monomer 1 %, CV 0.01, yield 0.1 %.

    Two sizes stand for a distribution of CV 0.1 to 0.3, and 100 cells widen it by less than 0.01.
    """
    quick, full = quick_look(FLASKS[name], TIMES), simulate_flask(FLASKS[name], TIMES, cells=CELLS)
    assert int(quick.status) == OK
    seen = np.asarray(quick.trusted) & (np.asarray(TIMES) >= 0.2)
    assert seen.sum() >= {"oleyl": 1, "octyl": 3, "resurfaced": 5}[name]
    np.testing.assert_allclose(quick.number[seen], full.number[seen].sum(axis=1), rtol=5e-3)
    np.testing.assert_allclose(quick.mean_edge[seen], full.mean_edge[seen], rtol=5e-3)
    np.testing.assert_allclose(quick.monomer[seen], full.species[seen, INDEX["M"]], rtol=0.01)
    np.testing.assert_allclose(quick.cv[seen], full.cv[seen], atol=0.01)
    np.testing.assert_allclose(quick.caesium_yield[seen], full.caesium_yield[seen], rtol=1e-3)


def test_once_dots_dissolve_there_is_no_answer():
    """After a minute the control flask has lost two thirds of its dots to ripening: the moments say NaN."""
    quick = quick_look(FLASKS["oleyl"], TIMES)
    assert not bool(quick.trusted[-1])
    assert np.isnan([quick.number[-1], quick.mean_edge[-1], quick.cv[-1], quick.monomer[-1]]).all()
    assert np.all(np.diff(np.asarray(quick.trusted).astype(int)) <= 0)


def test_an_empty_flask_has_no_dots():
    quick = quick_look(flask_of(ligands(OLEYL), lead=0.0, resurfacing=no_resurfacing()), TIMES)
    assert float(quick.number[-1]) == 0
    assert float(quick.mean_edge[-1]) == 0
    assert float(quick.caesium_yield[-1]) == 0
