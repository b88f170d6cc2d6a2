"""Occupation statistics of transport sites: density = sites * F(eta), eta = (Fermi level - band edge)/kT.

Site-limited (Blakemore) form F = 1/(exp(-eta) + gamma): gamma = 1 is one carrier per site, gamma = 0 Boltzmann. A dot
level
of degeneracy g holding one carrier is the same law with g times the dots as sites and gamma = g.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

_ETA_MAX = 600.0  # exp stays finite; no physical level comes near


class Occupation(NamedTuple):
    """Density (1/m3), excess chemical potential g = ln F - eta, and exp(g)."""

    density: Float[Array, "..."]
    excess: Float[Array, "..."]
    activity: Float[Array, "..."]


def site_limited(eta: Float[Array, "..."], *, sites: Float[Array, "..."], gamma: Float[Array, "..."]) -> Occupation:
    """Blakemore occupation of ``sites`` (1/m3) at reduced level ``eta``; J. S. Blakemore, Solid-State Electron. 25,
    1067 (1982)."""
    boltzmann = jnp.exp(jnp.clip(eta, -_ETA_MAX, _ETA_MAX))
    activity = 1.0 / (1.0 + gamma * boltzmann)
    return Occupation(sites * boltzmann * activity, -jnp.log1p(gamma * boltzmann), activity)


def surplus(
    delta: Float[Array, "..."], occupation: Occupation, *, eta: Float[Array, "..."], gamma: Float[Array, "..."]
) -> Float[Array, "..."]:
    """n(eta) - n(eta - delta) (1/m3) without cancellation, exact for site-limited statistics."""
    reference = 1.0 / (1.0 + gamma * jnp.exp(jnp.clip(eta - delta, -_ETA_MAX, _ETA_MAX)))
    return -occupation.density * reference * jnp.expm1(-delta)
