"""Averages over an ensemble of dots: ``edge[cell]`` (m) and ``number[cell]`` (1/m3), the population balance's output.

Every average is a ratio of sums over the last axis, so a leading time axis passes through. The average of an empty
ensemble is undefined and is returned as NaN.
"""

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float


class CrossSection(eqx.Module):
    """σ(L) = σ10 (L/10 nm)^p, absorption cross-section (m2) at 3.1 eV.

    p 2.9 (2.8-3.0) measured, arXiv:2004.05093; σ10 2e-18 m2, laboratories differ by nearly ten times. Dots below
    ``dark_edge`` count as dark (default 1.9 nm: no emission has been assigned to smaller ones).
    """

    at_ten_nm: float | Array = 2.0e-18
    exponent: float | Array = 2.9
    dark_edge: float | Array = 1.9e-9

    def __call__(self, edge: Float[Array, "*size"]) -> Float[Array, "*size"]:
        """Cross-section (m2) for edges in m."""
        return self.at_ten_nm * (edge / 1.0e-8) ** self.exponent


def bright_number(
    edge: Float[Array, " cell"], number: Float[Array, "*time cell"], dark_edge
) -> Float[Array, "*time cell"]:
    """The number of dots that emit at all: zero below ``dark_edge`` (m)."""
    return jnp.where(edge >= dark_edge, number, 0.0)


def average(weight: Float[Array, "*time cell"], value: Float[Array, "*#time cell"]) -> Float[Array, "*time"]:
    """Σ w v / Σ w over cells; NaN where every weight is zero."""
    total = weight.sum(axis=-1)
    safe = jnp.where(total > 0.0, total, 1.0)
    return jnp.where(total > 0.0, (weight * value).sum(axis=-1) / safe, jnp.nan)


def mean_edge(edge: Float[Array, " cell"], number: Float[Array, "*time cell"]) -> Float[Array, "*time"]:
    """Number mean of the edge (m), what counting particles in micrographs gives."""
    return average(number, edge)


def edge_variation(edge: Float[Array, " cell"], number: Float[Array, "*time cell"]) -> Float[Array, "*time"]:
    """Coefficient of variation of the edge: number standard deviation over number mean."""
    mean = mean_edge(edge, number)
    variance = average(number, (edge - mean[..., None]) ** 2)
    positive = variance > 0.0
    deviation = jnp.sqrt(jnp.where(positive, variance, 1.0))
    return jnp.where(positive, deviation, variance) / mean


def moment_ratio(edge: Float[Array, " cell"], number: Float[Array, "*time cell"], order: int) -> Float[Array, "*time"]:
    """<L^order>/<L^(order-1)> (m), the moment-weighted mean edge."""
    return average(number * edge ** (order - 1), edge)


def normal_ensemble(edge: Float[Array, " cell"], *, mean, variation, total=1.0) -> Float[Array, " cell"]:
    """Number per cell (sums to ``total``, 1/m3) of a normal distribution of edges; ``mean`` in m."""
    return _share(edge, -0.5 * ((edge - mean) / (variation * mean)) ** 2, total)


def lognormal_ensemble(edge: Float[Array, " cell"], *, median, sigma, total=1.0) -> Float[Array, " cell"]:
    """Number per cell (sums to ``total``, 1/m3) of a lognormal distribution of edges; ``median`` in m."""
    return _share(edge, -0.5 * (jnp.log(edge / median) / sigma) ** 2 - jnp.log(edge / median), total)


def _share(edge, log_density, total):
    density = jnp.exp(log_density - log_density.max()) * jnp.gradient(edge)
    return total * density / density.sum()
