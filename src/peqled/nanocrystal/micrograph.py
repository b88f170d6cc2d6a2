"""What counting dots in electron micrographs gives: a finite sample of the dots that are large enough to be seen.

The mean of n counted edges scatters by σ/√n and their standard deviation by about σ/√(2n), so 300 dots of CV 0.1 fix
the mean to 0.6 % and the CV to 4 %. Dots below the smallest visible edge are missed: the mean rises, the CV falls.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int

from peqled.nanocrystal.ensemble import edge_variation, mean_edge


class Micrograph(eqx.Module):
    """``counted`` dots, none below ``smallest`` (m; 2 nm is an engineering default for a lead perovskite on carbon)."""

    counted: int = eqx.field(static=True, default=300)
    smallest: float | Array = 2.0e-9


class Count(eqx.Module):
    """Edges (m) of the counted dots, and expected mean (m), CV and the standard errors of both for such a count."""

    edges: Float[Array, " counted"]
    mean: Float[Array, ""]
    variation: Float[Array, ""]
    mean_error: Float[Array, ""]
    variation_error: Float[Array, ""]


def count_dots(
    edge: Float[Array, " cell"], number: Float[Array, " cell"], setup: Micrograph, *, seed: int = 0
) -> Count:
    """A count of the ensemble ``number[cell]`` at ``edge[cell]`` (m); NaN where no dot is large enough."""
    visible = jnp.where(edge >= setup.smallest, number, 0.0)
    mean, variation = mean_edge(edge, visible), edge_variation(edge, visible)
    share = jnp.cumsum(visible) / visible.sum()
    chance = jax.random.uniform(jax.random.key(seed), (setup.counted,), dtype=float)
    # between two pivots the edge is taken as evenly spread, as a ruler would read it
    edges = jnp.interp(chance, share, edge)
    many = jnp.sqrt(setup.counted)
    return Count(edges, mean, variation, variation * mean / many, variation / (many * jnp.sqrt(2.0)))


def histogram(edges: Float[Array, " counted"], bounds: Float[Array, " bound"]) -> Int[Array, " bin"]:
    """Dots between neighbouring ``bounds`` (m)."""
    return jnp.histogram(edges, bounds)[0].astype(int)
