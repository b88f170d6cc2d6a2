"""Electrodes: the potential and levels they impose, and the carriers that leave through them.

A surplus of carriers always flows out, S (n - n0), on either side and whatever the sign of the current (transport
reference 2.8). Infinite S pins the quasi-Fermi level to the contact's Fermi level (Dirichlet).
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.transport.mobility import FIELD_FLOOR
from peqled.transport.statistics import surplus


class Levels(NamedTuple):
    """Reduced potential psi/Vt and reduced level offsets a, b a contact imposes."""

    psi: Float[Array, ""]
    a: Float[Array, ""]
    b: Float[Array, ""]


def contact_levels(contact, *, voltage, thermal_voltage, is_anode: bool) -> Levels:
    """Levels in the gauge of the solver: Fermi level of the anode 0, of the cathode ``voltage`` (V)."""
    fermi = 0.0 * voltage if is_anode else voltage
    psi = (-contact.work_function - fermi) / thermal_voltage
    return Levels(psi, (fermi - voltage) / thermal_voltage, fermi / thermal_voltage)


def image_drop(slope: Float[Array, ""], *, permittivity: Float[Array, ""], q) -> Float[Array, ""]:
    """Rise of the potential (V) from the metal to the top of the image barrier, sqrt(q |F|/(4 pi eps)) with the sign of
    ``slope`` = dpsi/dx into the device (V/m); ``permittivity``: eps, F/m. S. M. Sze, *Physics of Semiconductor
    Devices*, 2nd ed., 5.3 (Schottky effect).

    A field that draws electrons in (slope > 0) multiplies their density by exp(drop/Vt), one that draws holes in
    multiplies
    theirs. Moving the potential, not the Fermi level, keeps equilibrium exact. Rounded off below 100 V/m.
    """
    return jnp.sqrt(q / (4.0 * jnp.pi * permittivity)) * slope / (slope**2 + FIELD_FLOOR**2) ** 0.25


def outflow(
    velocity: Float[Array, ""], *, offset: Float[Array, ""], eta: Float[Array, ""], sites, gamma, spread
) -> Float[Array, ""]:
    """S (n - n0), 1/(m2 s); ``offset`` = eta - eta0. Zero for infinite ``velocity`` (m/s), where the level is pinned
    instead."""
    finite = jnp.where(jnp.isinf(velocity), 0.0, velocity)
    return finite * surplus(offset, eta=eta, sites=sites, gamma=gamma, spread=spread)
