"""Complex functions of wave optics in real arithmetic: several times the speed of the general ones, to the last bits.

The general complex square root, exponential and quotient guard against overflow, infinities and signed zeros that
cannot occur in a wave vector; sine and cosine of a pair share one reduction of the argument (Cody & Waite, Software
Manual for the Elementary Functions, 1980, with the minimax polynomials of fdlibm). Derivatives are written as the
analytic ones, so that forward and reverse differentiation cost as little.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

_HALF_PI = (1.57079632673412561417e00, 6.07710050630396597660e-11, 2.02226624879595063154e-21)  # sums to pi/2
_SINE = (
    *(1.58962301576546568060e-10, -2.50507477628578072866e-08, 2.75573136213857245213e-06),
    *(-1.98412698295895385996e-04, 8.33333333332211858878e-03, -1.66666666666666307295e-01),
)
_COSINE = (
    *(-1.13585365213876817300e-11, 2.08757008419747316778e-09, -2.75573141792967388112e-07),
    *(2.48015872888517045348e-05, -1.38888888888730564116e-03, 4.16666666666665929218e-02),
)


@jax.custom_jvp
def outward_root(square: Complex[Array, "*shape"]) -> Complex[Array, "*shape"]:
    """The square root with Re + Im > 0: outgoing or decaying waves, on the real axis of the wave vector and below it.

    At zero the derivative is infinite; it is given as zero there.
    """
    real, imag = square.real, square.imag
    size = jnp.sqrt(0.5 * (jnp.sqrt(real * real + imag * imag) + jnp.abs(real)))
    other = 0.5 * imag / jnp.where(size == 0.0, 1.0, size)
    positive = real >= 0.0
    return jax.lax.complex(jnp.where(positive, size, other), jnp.where(positive, other, size))


@outward_root.defjvp
def _outward_root_jvp(primals, tangents):
    root = outward_root(*primals)
    zero = root == 0.0
    return root, jnp.where(zero, 0.0, tangents[0] * 0.5 * reciprocal(jnp.where(zero, 1.0, root)))


@jax.custom_jvp
def sine_cosine(angle: Float[Array, "*shape"]) -> tuple[Float[Array, "*shape"], Float[Array, "*shape"]]:
    """Sine and cosine, to 1e-15 for angles up to 1e5."""
    quarter = jnp.round(angle * (2.0 / np.pi))
    rest = ((angle - quarter * _HALF_PI[0]) - quarter * _HALF_PI[1]) - quarter * _HALF_PI[2]
    square = rest * rest
    sine = rest + rest * square * _polynomial(_SINE, square)
    cosine = 1.0 - 0.5 * square + square * square * _polynomial(_COSINE, square)
    turn = quarter - 4.0 * jnp.floor(0.25 * quarter)
    swapped = (turn == 1.0) | (turn == 3.0)
    first, second = jnp.where(swapped, cosine, sine), jnp.where(swapped, sine, cosine)
    return jnp.where(turn >= 2.0, -first, first), jnp.where((turn == 1.0) | (turn == 2.0), -second, second)


@sine_cosine.defjvp
def _sine_cosine_jvp(primals, tangents):
    sine, cosine = sine_cosine(*primals)
    return (sine, cosine), (cosine * tangents[0], -sine * tangents[0])


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    value = jnp.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        value = value * x + coefficient
    return value


@jax.custom_jvp
def propagation(phase: Complex[Array, "*shape"]) -> Complex[Array, "*shape"]:
    """exp(i phase)."""
    sine, cosine = sine_cosine(phase.real)
    size = jnp.exp(-phase.imag)
    return jax.lax.complex(size * cosine, size * sine)


@propagation.defjvp
def _propagation_jvp(primals, tangents):
    value = propagation(*primals)
    return value, 1j * value * tangents[0]


def reciprocal(value: Complex[Array, "*shape"]) -> Complex[Array, "*shape"]:
    """1/value, for sizes between 1e-150 and 1e150."""
    scale = 1.0 / squared(value)
    return jax.lax.complex(value.real * scale, -value.imag * scale)


def squared(value: Complex[Array, "*shape"]) -> Float[Array, "*shape"]:
    """|value|²."""
    return value.real * value.real + value.imag * value.imag
