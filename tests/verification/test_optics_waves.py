"""The complex functions of wave optics against the general ones."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from peqled.numerics.waves import outward_root, propagation, reciprocal, sine_cosine


def plane(count: int = 400) -> jnp.ndarray:
    rng = np.random.default_rng(4)
    return jnp.array(10.0 ** rng.uniform(-6, 6, count) * np.exp(2j * np.pi * rng.random(count)))


def test_outward_root():
    """The square is the argument, Re + Im >= 0; below and above the cut at arg = -90 degrees, and on both axes."""
    square = jnp.concatenate([plane(), jnp.array([4.0, -4.0, 4.0j, -9.0 + 1e-12j, -9.0 - 1e-12j, 0.0])])
    root = outward_root(square)
    np.testing.assert_allclose(root * root, square, rtol=4e-16, atol=1e-300)
    assert bool(jnp.all(root.real + root.imag >= 0.0))
    np.testing.assert_allclose(root[-6:], [2.0, 2.0j, np.sqrt(2.0) * (1 + 1j), 3.0j, 3.0j, 0.0], atol=1e-11)


def test_sine_and_cosine():
    """Arguments up to 1e5, beyond any optical path in wavelengths: 2e-16 and the round-off of the argument itself."""
    angle = jnp.concatenate([jnp.linspace(-1e5, 1e5, 100_001), jnp.linspace(-7.0, 7.0, 1001)])
    sine, cosine = sine_cosine(angle)
    np.testing.assert_allclose(sine, np.sin(angle), atol=4e-16)
    np.testing.assert_allclose(cosine, np.cos(angle), atol=4e-16)


def test_propagation_and_reciprocal():
    phase = plane().real % 50.0 + 1j * (jnp.abs(plane().imag) % 30.0)
    np.testing.assert_allclose(propagation(phase), np.exp(1j * np.array(phase)), rtol=1e-14)
    np.testing.assert_allclose(reciprocal(plane()) * plane(), 1.0, rtol=1e-15)


@pytest.mark.parametrize(
    ("function", "slope"),
    [(outward_root, lambda z: 0.5 / outward_root(z)), (propagation, lambda z: 1j * propagation(z))],
)
def test_derivatives_are_analytic(function, slope):
    """Forward along 1 and along i, and reverse, against the complex derivative."""
    z = jnp.array([1.3 + 0.4j, -2.0 + 0.1j, 0.3 - 0.2j])
    for direction in (1.0 + 0j, 1j):
        found = jax.jvp(function, (z,), (jnp.full(3, direction),))[1]
        np.testing.assert_allclose(found, slope(z) * direction, rtol=1e-14)
    reverse = jax.vjp(function, z)[1](jnp.ones(3, complex))[0]
    np.testing.assert_allclose(reverse, slope(z), rtol=1e-14)
    assert complex(jax.jvp(outward_root, (jnp.zeros(1, complex),), (jnp.ones(1, complex),))[1][0]) == 0.0
