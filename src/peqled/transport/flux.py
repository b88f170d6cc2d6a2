"""Carrier flux between two nodes in quasi-Fermi form: bulk cells (Scharfetter-Gummel) and heterointerfaces.

With X the reduced drift drop, Delta the reduced quasi-Fermi drop and a weight w (transport reference 2.3, 2.6)

    G = -c n_left  w(-X) expm1( Delta)   for Delta <  0
    G = +c n_right w( X) expm1(-Delta)   for Delta >= 0

w = B (Bernoulli) with c = mu kT/(q h) is the generalised Scharfetter-Gummel (SEDAN) flux; w = B with c a velocity is
the
transfer law A, and w(x) = min(1, exp(-x)) thermionic emission, law B. Both forms agree when n_right = n_left exp(X +
Delta),
so the flux is zero exactly where the quasi-Fermi level is flat. For holes X and Delta are those of the hole.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

_SERIES = 1e-3
_LIMIT = 600.0


def bernoulli(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """B(x) = x/expm1(x), by its series below |x| = 1e-3."""
    small = jnp.abs(x) < _SERIES
    y = jnp.clip(jnp.where(small, 1.0, x), -_LIMIT, _LIMIT)
    series = 1.0 - x * (0.5 - x * (1.0 / 12.0 - x * x / 720.0))
    return jnp.where(small, series, y / jnp.expm1(y))


def thermionic(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """min(1, exp(-x)): the share of carriers above the higher band edge."""
    return jnp.exp(-jnp.clip(x, 0.0, _LIMIT))


def carrier_flux(
    coefficient: Float[Array, "..."],
    *,
    left: Float[Array, "..."],
    right: Float[Array, "..."],
    drift: Float[Array, "..."],
    delta: Float[Array, "..."],
    weight=bernoulli,
) -> Float[Array, "..."]:
    """Particle flux towards +x, 1/(m2 s). ``left``, ``right``: densities, 1/m3; ``coefficient``: m/s."""
    falling = delta < 0.0
    upstream = jnp.where(falling, -left, right)
    drop = jnp.where(falling, delta, -delta)
    return coefficient * upstream * weight(jnp.where(falling, -drift, drift)) * jnp.expm1(drop)
