"""Decay and quantum yield of dots whose traps are spread by chance.

A dot has m traps with Poisson probability of mean λ and each trap takes excitons at the rate k_t, so

    I(t)/I(0) = exp[-k_r t - λ (1 - e^{-k_t t})]
    PLQY = k_r ∫ I/I(0) dt = e^{-λ} Σ_m λ^m/m!  k_r/(k_r + m k_t).

An ensemble is the sum over size classes with the share w_i of the absorbed light. Three lifetimes are in use under
one name; here each carries its own.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from peqled.nanocrystal._root import decreasing_root

MOST_TRAPS = 600.0  # a dot with more is as dark, and e^λ has left the range of the numbers
POISSON_TERMS = 512  # of the Poisson sum: exact to rounding up to a mean of 350 traps


class Lifetimes(eqx.Module):
    """Lifetimes (s) of one decay curve.

    ``one_over_e``: time at which I = I(0)/e. ``amplitude``: ∫I dt/I(0), the area over the peak. ``intensity``: ∫t I
    dt/∫I dt, the mean arrival time of photons.
    """

    one_over_e: Float[Array, ""]
    amplitude: Float[Array, ""]
    intensity: Float[Array, ""]


def decay_exponent(time, *, radiative_rate, traps, trap_rate):
    """-ln I(t)/I(0) at ``time`` (s); rates in 1/s, ``traps`` the mean number per dot."""
    return radiative_rate * time - traps * jnp.expm1(-trap_rate * time)


def quantum_yield(*, radiative_rate, traps: Float[Array, "*size"], trap_rate) -> Float[Array, "*size"]:
    """PLQY of dots with a mean number of ``traps`` (up to 350), each of rate ``trap_rate`` (1/s)."""
    return poisson_average(traps, radiative_rate / (radiative_rate + jnp.arange(POISSON_TERMS) * trap_rate))


def ensemble_decay(
    time: Float[Array, " decay_time"],
    *,
    share: Float[Array, " cell"],
    radiative_rate,
    traps: Float[Array, " cell"],
    trap_rate,
) -> Float[Array, " decay_time"]:
    """I(t)/I(0) of classes that hold the ``share`` of the excitons at t = 0."""
    exponent = decay_exponent(time[:, None], radiative_rate=radiative_rate, traps=traps, trap_rate=trap_rate)
    return (share * jnp.exp(-exponent)).sum(axis=-1) / share.sum()


def ensemble_lifetimes(
    *, share: Float[Array, " cell"], radiative_rate, traps: Float[Array, " cell"], trap_rate
) -> Lifetimes:
    """The three lifetimes of the same decay: closed sums, and a root for 1/e."""
    rates = radiative_rate + jnp.arange(POISSON_TERMS) * trap_rate
    whole = (share * poisson_average(traps, 1.0 / rates)).sum()
    moment = (share * poisson_average(traps, 1.0 / rates**2)).sum()

    def above(time):
        curve = ensemble_decay(time[None], share=share, radiative_rate=radiative_rate, traps=traps, trap_rate=trap_rate)
        return jnp.log(curve[0]) + 1.0

    slowest = 1.0 / jnp.asarray(radiative_rate)
    return Lifetimes(
        one_over_e=decreasing_root(above, jnp.zeros_like(slowest), slowest),
        amplitude=whole / share.sum(),
        intensity=moment / whole,
    )


def poisson_average(mean: Float[Array, "*size"], value: Float[Array, " term"]) -> Float[Array, "*size"]:
    """e^-λ Σ_m λ^m/m! value_m for the ``mean`` λ, by Horner's scheme from the last term down."""

    def include(total, term):
        count, below = term
        return below + total * mean / count, None

    mean = jnp.minimum(mean, MOST_TRAPS)
    start = jnp.full(jnp.shape(mean), value[-1])
    total, _ = jax.lax.scan(include, start, (jnp.arange(1.0, value.size), value[:-1]), reverse=True)
    return total * jnp.exp(-jnp.asarray(mean))


def poisson_probability(mean: Float[Array, "*size"], terms: int) -> Float[Array, "*size term"]:
    """Probabilities of 0 to ``terms`` - 1 events, by ratios of neighbours: differentiable at zero mean too."""
    mean = jnp.asarray(mean)[..., None]
    ratios = jnp.concatenate([jnp.ones_like(mean), mean / jnp.arange(1, terms)], axis=-1)
    return jax.lax.cumprod(ratios, axis=ratios.ndim - 1) * jnp.exp(-mean)
