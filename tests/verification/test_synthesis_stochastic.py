"""One small flask dot by dot: an independent answer for nucleation, growth and the monomer they share."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from peqled.numerics.finite_volume import make_grid
from peqled.numerics.rosenbrock import OK, StiffOptions, solve_stiff
from peqled.synthesis import Kinetics
from peqled.synthesis.aggregation import pair_table
from peqled.synthesis.population import COUNT, Population, surface_state

CONSTANTS = Kinetics(aggregation=0.0)
BOLTZMANN, AVOGADRO, UNIT = 1.380649e-23, 6.02214076e23, 2.017e-28
TEMPERATURE, START, END = 443.0, 1.2, 0.2


def dot_by_dot(volume, seed, *, steps=8000):
    """Edges (m) and monomer (mol/m3) at the end: nuclei arrive by chance, each dot then grows by its own equation.

    The laws are written out here once more, in their plain form, and stepped explicitly.
    """
    k, rng, dt = CONSTANTS, np.random.default_rng(seed), END / steps
    thermal = BOLTZMANN * TEMPERATURE
    edge, monomer = np.zeros(0), START
    for _ in range(steps):
        log_s = np.log(monomer / k.flat_solubility)
        critical = 4 * k.surface_energy * UNIT / (thermal * log_s)
        barrier = 32 * k.surface_energy**3 * UNIT**2 / (thermal**3 * log_s**2)
        born = rng.poisson(monomer * np.exp(k.log_prefactor - barrier) * volume * dt)
        rest = k.flat_solubility * np.exp(4 * k.surface_energy * UNIT / (edge * thermal))
        attach = k.attachment * 5e-9 / edge
        speed = 2 * UNIT * AVOGADRO * attach * (monomer - rest) / (1 + attach * edge / (1.384 * k.diffusivity))
        grown = np.concatenate([np.maximum(edge + speed * dt, 0.3e-9), np.full(born, 1.1 * critical)])
        monomer -= (np.sum(grown**3) - np.sum(edge**3)) / (UNIT * AVOGADRO * volume)
        edge = grown
    return edge, monomer


def by_classes(cells):
    """The same flask by finite volumes."""
    grid = make_grid(0.5e-9, 30e-9, cells, "geometric")
    population = Population(grid, pair_table(grid.pivot**3), CONSTANTS, "weno", False)
    surface = surface_state(CONSTANTS, jnp.asarray(TEMPERATURE), factors=(1.0, 1.0, 1.0))

    def rhs(y, _):
        rates = population.rates(y[1:], y[0], jnp.zeros(()), surface)
        return jnp.concatenate([-rates.monomer_loss[None], rates.change])

    start = jnp.zeros(cells + 1).at[0].set(START)
    options = StiffOptions(rtol=1e-6, atol=1e-8, max_steps=20000)
    end = jnp.array([END])
    found = jax.jit(lambda y: solve_stiff(rhs, y, end, options=options, breaks=end))(start)
    assert int(found.status) == OK
    return grid.pivot, found.value[-1, 1:] * COUNT, float(found.value[-1, 0])


def test_a_flask_dot_by_dot():
    """Number, mean edge, CV and monomer of some 10 000 dots; five flasks of chance.

    The chance of a number n is 1/sqrt(n), 1 % per flask; classes and explicit steps add less than 1 %. Tolerance 2 % of
    number, 1 % of size, 5 % of the width, 2 % of the monomer.
    """
    pivot, number, monomer = by_classes(200)
    volume = 1e4 / float(number.sum())
    flasks = [dot_by_dot(volume, seed) for seed in range(5)]
    edges = np.concatenate([edge for edge, _ in flasks])
    mean = float(number @ pivot / number.sum())
    spread = float(np.sqrt(number @ (pivot - mean) ** 2 / number.sum()))
    assert edges.size / (5 * volume) == pytest.approx(float(number.sum()), rel=0.02)
    assert edges.mean() == pytest.approx(mean, rel=0.01)
    assert edges.std() == pytest.approx(spread, rel=0.05)
    assert np.mean([m for _, m in flasks]) == pytest.approx(monomer, rel=0.02)
