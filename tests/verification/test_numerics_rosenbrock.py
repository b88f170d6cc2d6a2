"""Exact answers for the stiff integrator."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from peqled.numerics.rosenbrock import MAX_STEPS, STEP_TOO_SMALL, StiffOptions, solve_stiff


def test_stiff_relaxation_follows_its_slow_manifold():
    """y1' = -1e6 (y1 - y2²), y2' = -y2: y2 = e^{-t}, and y1 = y2² 1e6/(1e6 - 2) once the layer is over; exact.

    Outputs fall inside steps, so this also tests the interpolant: its order drops on the stiff component (2e-5 at
    rtol 1e-7), while the slow one keeps a few 1e-7.
    """
    times = jnp.linspace(0.1, 3.0, 37)
    found = solve_stiff(
        lambda y, _: jnp.stack([-1e6 * (y[0] - y[1] ** 2), -y[1]]),
        jnp.array([2.0, 1.0]),
        times,
        options=StiffOptions(rtol=1e-7, atol=1e-10),
        breaks=times[-1:],
    )
    slow = np.exp(-times)
    np.testing.assert_allclose(found.value[:, 1], slow, rtol=1e-6)
    np.testing.assert_allclose(found.value[:, 0], slow**2 * 1e6 / (1e6 - 2), rtol=5e-5)


def test_fifth_order():
    """y' = -y² from 1: y = 1/(1 + t). Error per step count: with n steps the error falls at least as n^-4."""

    def error(rtol):
        found = solve_stiff(
            lambda y, _: -(y**2),
            jnp.ones(1),
            jnp.array([5.0]),
            options=StiffOptions(rtol=rtol, atol=rtol, first_step=1e-2),
            breaks=jnp.array([5.0]),
        )
        return float(abs(found.value[-1, 0] - 1 / 6)), int(found.steps)

    (coarse, few), (fine, many) = error(1e-5), error(1e-10)
    assert np.log(coarse / fine) / np.log(many / few) > 4


def test_robertson_against_published_digits():
    """Robertson's three-species problem at t = 40: 0.7158271, 9.18553e-6, 0.2841638 (Hairer and Wanner II, IV.1).

    The sum of the three is a linear invariant and must hold to round-off.
    """
    rhs = lambda y, _: jnp.stack(  # noqa: E731
        [
            -0.04 * y[0] + 1e4 * y[1] * y[2],
            0.04 * y[0] - 1e4 * y[1] * y[2] - 3e7 * y[1] ** 2,
            3e7 * y[1] ** 2,
        ]
    )
    found = solve_stiff(
        rhs,
        jnp.array([1.0, 0.0, 0.0]),
        jnp.array([40.0]),
        options=StiffOptions(rtol=1e-7, atol=1e-12),
        breaks=jnp.array([40.0]),
    )
    np.testing.assert_allclose(found.value[-1], [0.7158271, 9.18553e-6, 0.2841638], rtol=3e-6)
    assert float(found.value[-1].sum()) == pytest.approx(1, abs=1e-13)


def test_event_and_derivative():
    """y' = -k y with 1 added at t = 1: y(2) = e^{-2k} + e^{-k}; dy/dk = -2 e^{-2k} - e^{-k}; exact."""

    def final(k):
        return solve_stiff(
            lambda y, _: -k * y,
            jnp.ones(1),
            jnp.array([2.0]),
            options=StiffOptions(rtol=1e-9, atol=1e-12),
            breaks=jnp.array([1.0, 2.0]),
            jump=lambda y, segment: y + jnp.where(segment == 1, 1.0, 0.0),
        ).value[-1, 0]

    value, slope = jax.jvp(final, (0.8,), (1.0,))
    assert float(value) == pytest.approx(np.exp(-1.6) + np.exp(-0.8), rel=1e-8)
    assert float(slope) == pytest.approx(-2 * np.exp(-1.6) - np.exp(-0.8), rel=1e-7)


def test_failures_are_a_status():
    """A blow-up (y' = y² past its pole at t = 1) and a step budget that is too small end as a status, not a crash."""
    options = StiffOptions(rtol=1e-6, atol=1e-9)
    pole = solve_stiff(lambda y, _: y**2, jnp.ones(1), jnp.array([2.0]), options=options, breaks=jnp.array([2.0]))
    assert int(pole.status) in (STEP_TOO_SMALL, MAX_STEPS)
    short = StiffOptions(rtol=1e-10, atol=1e-12, max_steps=3)
    found = solve_stiff(lambda y, _: -y, jnp.ones(1), jnp.array([2.0]), options=short, breaks=jnp.array([2.0]))
    assert int(found.status) == MAX_STEPS
