"""Quadrature beside poles and the search for poles, against closed formulas."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from peqled.numerics.contour import arc, at_angle, clustered, locate_poles, log_tail

START, STOP = jnp.array([0.4]), jnp.array([1.3])
POLES = np.array([0.62 + 0.02j, 0.71 + 1e-4j, 1.05 + 3e-6j])


def denominator(u):
    """Three zeros beside the interval, times a function without zeros."""
    return jnp.prod(u[..., None] - POLES, -1) * jnp.exp(3.0 * u) / (u + 1.0)


def lorentzians(u):
    """Sum of Lorentzians of unit area."""
    return jnp.sum(POLES.imag / np.pi / ((u[..., None] - POLES.real) ** 2 + POLES.imag**2), -1)


def test_poles_are_found():
    """Three zeros, 2e-2 to 3e-6 from the axis, two of them 0.1 apart: places to 1e-3 of the distance from the axis."""
    phi = jax.jit(lambda: locate_poles(denominator, START, STOP, count=4))()
    found = at_angle(START, STOP, phi)[0]
    error = jnp.min(jnp.abs(found[:, None] - POLES), 0) / POLES.imag
    assert float(error.max()) < 1e-3


def test_narrow_lines_are_integrated():
    """Lorentzians down to a width of 3e-6 of the interval, whose integral is a sum of arctangents: 160 nodes."""
    phi = locate_poles(denominator, START, STOP, count=3)
    nodes, weights = clustered(START, STOP, phi, count=20)
    found = float(jnp.sum(lorentzians(nodes) * weights))
    ends = [np.arctan((x - POLES.real) / POLES.imag).sum() / np.pi for x in (1.3, 0.4)]
    assert found == pytest.approx(ends[0] - ends[1], abs=1e-7)


def test_arc_passes_below_a_pole_on_the_axis():
    """Integral of 1/(u - p) with p on the axis, passed below: log|(b - p)/(p - a)| + i pi; and roots at the ends."""
    nodes, weights = arc(START, STOP, count=64, depth=0.25)
    found = jnp.sum(weights / (nodes - 0.8))
    assert complex(found) == pytest.approx(np.log(0.5 / 0.4) + 1j * np.pi, abs=1e-10)
    nodes, weights = arc(START, STOP, count=64, depth=0.0)
    beta = jnp.sum(weights / jnp.sqrt((nodes - START) * (STOP - nodes)))
    assert float(beta) == pytest.approx(np.pi, abs=1e-10)


def test_tail_and_empty_interval():
    """Integral of exp(-u)/u from 1 to 41 (E1, tables) on both paths; an empty interval weighs nothing."""
    for bend in (0.0, 0.3):
        nodes, weights = log_tail(jnp.array([1.0]), jnp.array([41.0]), count=48, bend=bend)
        found = complex(jnp.sum(weights * jnp.exp(-nodes) / nodes))
        assert found == pytest.approx(0.219383934395520, abs=1e-12)
    _, weights = arc(START, START, count=8, depth=0.25)
    assert float(jnp.abs(weights).max()) == 0.0
