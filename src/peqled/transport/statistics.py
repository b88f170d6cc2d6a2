"""Occupation statistics of transport sites: density = sites * F(eta), eta = (Fermi level - band edge)/kT.

Site-limited (Blakemore) form F = 1/(exp(-eta) + gamma): gamma = 1 is one carrier per site, gamma = 0 Boltzmann. A dot
level
of degeneracy g holding one carrier is the same law with g times the dots as sites and gamma = g.

A Gaussian density of states of width s kT (Gauss-Fermi integral; R. Paasch & S. Scheinert, J. Appl. Phys. 107, 104501
(2010), 10.1063/1.3374475)

    F = 1/(s sqrt(2 pi)) int exp(-x^2/(2 s^2))/(1 + exp(x - eta)) dx

is a trapezoid sum: the integrand is analytic in a strip of half width pi, so the error falls as exp(-2 pi^2/step).
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

_ETA_MAX = 600.0  # exp stays finite; no physical level comes near


_LEVELS = 161  # of the Gaussian; steps of 0.25 kT at s = 2, 0.55 at 4, 0.9 at 6 (error 1e-34, 1e-15, 3e-9)


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


def _gaussian(spread: Float[Array, "..."]) -> tuple[Float[Array, "... level"], Float[Array, "... level"]]:
    """Levels (kT) and weights of the trapezoid sum for a width ``spread`` (kT, > 0)."""
    low, high = -(spread**2) - 9.0 * spread, 9.0 * spread
    level = low[..., None] + (high - low)[..., None] * jnp.linspace(0.0, 1.0, _LEVELS)
    step = (high - low) / (_LEVELS - 1)
    weight = jnp.exp(-0.5 * (level / spread[..., None]) ** 2) * (step / (spread * jnp.sqrt(2.0 * jnp.pi)))[..., None]
    return level, weight


def gauss_fermi(eta: Float[Array, "..."], *, sites: Float[Array, "..."], spread: Float[Array, "..."]) -> Occupation:
    """Occupation of ``sites`` (1/m3) spread as a Gaussian of width ``spread`` (kT, > 0), one carrier per site."""
    level, weight = _gaussian(jnp.broadcast_to(spread, jnp.shape(eta)))
    filling = jnp.exp(jnp.clip(eta, -_ETA_MAX, _ETA_MAX))
    activity = jnp.sum(weight / (filling[..., None] + jnp.exp(level)), -1)
    return Occupation(sites * filling * activity, jnp.log(activity), activity)


def occupation(eta: Float[Array, "..."], *, sites, gamma, spread: Float[Array, "..."] | None) -> Occupation:
    """Gauss-Fermi where ``spread`` (kT) is positive, site-limited elsewhere; ``spread`` None: nowhere."""
    limited = site_limited(eta, sites=sites, gamma=gamma)
    if spread is None:
        return limited
    broad = spread > 0.0
    gaussian = gauss_fermi(eta, sites=sites, spread=jnp.where(broad, spread, 1.0))
    return Occupation(*(jnp.where(broad, a, b) for a, b in zip(gaussian, limited, strict=True)))


def surplus(
    delta: Float[Array, "..."], *, eta: Float[Array, "..."], sites, gamma, spread: Float[Array, "..."] | None
) -> Float[Array, "..."]:
    """n(eta) - n(eta - delta) (1/m3) without cancellation: every level is filled at one and emptied at the other."""
    before = jnp.exp(jnp.clip(eta - delta, -_ETA_MAX, _ETA_MAX))
    now = site_limited(eta, sites=sites, gamma=gamma).density
    limited = -now / (1.0 + gamma * before) * jnp.expm1(-delta)
    if spread is None:
        return limited
    broad = spread > 0.0
    level, weight = _gaussian(jnp.broadcast_to(jnp.where(broad, spread, 1.0), jnp.shape(eta)))
    filling, held = jnp.exp(jnp.clip(eta, -_ETA_MAX, _ETA_MAX)), jnp.exp(level)
    each = weight * held / ((filling[..., None] + held) * (before[..., None] + held))
    return jnp.where(broad, -sites * filling * jnp.sum(each, -1) * jnp.expm1(-delta), limited)
