"""Exciton diffusion in the film by Foerster hops between equal dots, and annihilation when two excitons meet.

    nu = (Z/tau) (R_0/D)^6,     D_X = nu D^2/6,     g = 4 pi R D_X

Z sums (D/r)^6 over a simple cubic lattice (Jones and Ingham 1925, 10.1098/rspa.1925.0047); g is Smoluchowski's rate
with
the distance R at which two excitons count as met. The same Foerster radius moves the film's emission to the red.
"""

from __future__ import annotations

from jaxtyping import Array, Float
from scipy.constants import pi

from peqled.film.transfer import Foerster

ENCOUNTER = 1e-8
"""Distance at which two excitons annihilate, m: about one centre distance [default]."""


def exciton_hop_rate(
    radius: Float[Array, ""], *, distance: Float[Array, ""], lifetime: Float[Array, ""]
) -> Float[Array, ""]:
    """Hops per second from the Foerster `radius` (m), the centre `distance` (m) and the exciton's `lifetime` (s)."""
    return Foerster().lattice_sum / lifetime * (radius / distance) ** 6


def exciton_diffusivity(rate: Float[Array, ""], *, distance: Float[Array, ""]) -> Float[Array, ""]:
    """D_X (m^2/s) of a random walk with `rate` (1/s) hops over `distance` (m)."""
    return rate * distance**2 / 6.0


def annihilation_coefficient(diffusivity: Float[Array, ""]) -> Float[Array, ""]:
    """g (m^3/s) from D_X (m^2/s)."""
    return 4.0 * pi * ENCOUNTER * diffusivity
