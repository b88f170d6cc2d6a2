"""Single-carrier devices of one layer: the space-charge-limited current, and the mobility that one would read off it.

Contacts with their work function at the level of one carrier: ohmic for it, a gap away from the other. The Mott-Gurney
reading,

    mu = 8 J L^3/(9 eps V^2)        (Mott & Gurney, *Electronic Processes in Ionic Crystals*, 1940)

holds where the slope d ln J/d ln V is 2; diffusion, traps and a field-dependent mobility move it, which is what the
comparison of the reading with the mobility put in shows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from peqled.numerics.mesh import MeshOptions
from peqled.transport.device import Contact, Device, Exciton, Layer
from peqled.transport.sweep import solve_jv

Carrier = Literal["electron", "hole"]


class SpaceCharge(NamedTuple):
    """Voltage (V), current (A/m2), slope d ln J/d ln V, and the mobility that Mott and Gurney's law reads (m2/(V s));
    ``complete``: whether every point was solved."""

    voltage: Float[np.ndarray, " point"]
    current: Float[np.ndarray, " point"]
    slope: Float[np.ndarray, " point"]
    apparent_mobility: Float[np.ndarray, " point"]
    complete: bool


def single_carrier(layer: Layer, carrier: Carrier, *, temperature: float = 300.0) -> Device:
    """``layer`` between two contacts at the level of ``carrier``, in the dark and without excitons."""
    level = layer.affinity if carrier == "electron" else layer.ionisation
    contact = Contact(work_function=level)
    nothing = jnp.zeros(())
    alone = replace(layer, exciton=Exciton(), generation=nothing, polarisation=nothing)
    return Device((alone,), (), contact, contact, temperature=jnp.asarray(temperature), left_is_anode=carrier == "hole")


def space_charge(
    layer: Layer,
    carrier: Carrier,
    *,
    to: float,
    points: int = 41,
    temperature: float = 300.0,
    mesh_options: MeshOptions = MeshOptions(),
) -> SpaceCharge:
    """Current of the single-carrier device, 1 % of ``to`` (V) to ``to``, even in the logarithm.

    Raises:
        ValueError: ``to`` is not positive.
    """
    if not to > 0.0:
        raise ValueError(f"a single-carrier device is driven forward: expected a voltage above 0 V, got {to} V")
    voltage = np.geomspace(0.01 * to, to, points)
    device = single_carrier(layer, carrier, temperature=temperature)
    sweep = solve_jv(device, jnp.asarray(voltage), mesh_options=mesh_options, mesh_error=True)
    current = np.asarray(sweep.extrapolated)
    slope = np.gradient(np.log(current), np.log(voltage))
    permittivity = float(layer.eps_r * device.constants.eps0)
    apparent = 8.0 / 9.0 * current * float(layer.thickness) ** 3 / (permittivity * voltage**2)
    return SpaceCharge(voltage, current, slope, apparent, bool(np.all(sweep.converged)))
