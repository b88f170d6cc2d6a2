"""Pair recombination rates in the bands: bimolecular (direct or Langevin), Auger and Shockley-Read-Hall, bulk and
interface.

Every rate carries the factor 1 - exp(-(E_Fn - E_Fp)/kT), written with expm1 so that it vanishes exactly in equilibrium.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float


def langevin_coefficient(
    *, mobility_n: Float[Array, "..."], mobility_p: Float[Array, "..."], permittivity: Float[Array, "..."], q
) -> Float[Array, "..."]:
    """q (mu_n + mu_p)/eps, m3/s; zero-field mobilities, m2/(V s); ``permittivity`` = eps_r eps0, F/m."""
    return q * (mobility_n + mobility_p) / permittivity


def bimolecular(
    coefficient: Float[Array, "..."], *, n: Float[Array, "..."], p: Float[Array, "..."], split: Float[Array, "..."]
) -> Float[Array, "..."]:
    """k n p (1 - exp(-split)), 1/(m3 s); ``split`` = (E_Fn - E_Fp)/kT."""
    return -coefficient * n * p * jnp.expm1(-split)


def auger(
    *, c_n: Float[Array, "..."], c_p: Float[Array, "..."], n: Float[Array, "..."], p: Float[Array, "..."], split
) -> Float[Array, "..."]:
    """(C_n n + C_p p) n p (1 - exp(-split)), 1/(m3 s); coefficients in m6/s."""
    return bimolecular(c_n * n + c_p * p, n=n, p=p, split=split)


class Trapping(NamedTuple):
    """Net rate, 1/(m3 s), and occupation of the trap by an electron."""

    rate: Float[Array, "..."]
    filled: Float[Array, "..."]


def shockley_read_hall(trap, *, n, p, n1, p1, split) -> Trapping:
    """Steady trapping through one level; Shockley & Read, Phys. Rev. 87, 835 (1952).

    ``trap``: density (1/m3) and capture coefficients (m3/s); n1, p1: band densities with the Fermi level at the trap,
    1/m3.
    """
    capture = trap.capture_n * (n + n1) + trap.capture_p * (p + p1)
    filled = (trap.capture_n * n + trap.capture_p * p1) / capture
    rate = -trap.density * trap.capture_n * trap.capture_p * n * p * jnp.expm1(-split) / capture
    return Trapping(rate, filled)


class InterfaceTrapping(NamedTuple):
    """Net capture of electrons and holes from either node, 1/(m2 s), and occupation by an electron."""

    electrons: tuple[Float[Array, "..."], Float[Array, "..."]]
    holes: tuple[Float[Array, "..."], Float[Array, "..."]]
    filled: Float[Array, "..."]


def interface_trapping(trap, *, n, p, n1, p1, delta_n, delta_p, split) -> InterfaceTrapping:
    """Trapping at a zero-width interface: each capture rate is the sum over its two nodes (transport reference 2.9).

    All pairs are (left, right). ``delta_n``, ``delta_p``: right minus left quasi-Fermi level over kT; ``split[i][j]``:
    electron
    level of node i minus hole level of node j over kT. Differences are written with expm1, so equilibrium is exact.
    """
    c_n, c_p = trap.capture_n, trap.capture_p
    total = c_n * (sum(n) + sum(n1)) + c_p * (sum(p) + sum(p1))
    exchange_n = c_n * (-n[0] * n1[1] * jnp.expm1(delta_n))
    exchange_p = c_p * (-p[0] * p1[1] * jnp.expm1(-delta_p))
    pair = [[-n[i] * p[j] * jnp.expm1(-split[i][j]) for j in (0, 1)] for i in (0, 1)]
    scale = trap.density / total
    electrons = tuple(
        scale * c_n * (s * exchange_n + c_p * (pair[i][0] + pair[i][1])) for i, s in ((0, 1.0), (1, -1.0))
    )
    holes = tuple(scale * c_p * (s * exchange_p + c_n * (pair[0][j] + pair[1][j])) for j, s in ((0, 1.0), (1, -1.0)))
    return InterfaceTrapping(electrons, holes, (c_n * sum(n) + c_p * sum(p1)) / total)
