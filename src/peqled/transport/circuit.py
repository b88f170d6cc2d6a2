"""The circuit around the junction: series and shunt resistance, driven by voltage or by current.

V = V_int + R_s J_ext,    J_ext = J + V_int/R_sh        (transport reference 2.14, Ohm m2)
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.transport.device import Device

_SMALLEST = 1e-300


class Drive(NamedTuple):
    """``by_current``: whether ``target`` is a current density (A/m2) rather than a voltage (V)."""

    by_current: Array
    target: Float[Array, "..."]


def external_current(device: Device, *, voltage, current) -> Float[Array, "..."]:
    """J_ext, A/m2, from internal voltage (V) and conduction current (A/m2)."""
    return current + voltage / device.shunt_resistance


def external_voltage(device: Device, *, voltage, current) -> Float[Array, "..."]:
    """V at the terminals."""
    return voltage + device.series_resistance * external_current(device, voltage=voltage, current=current)


def mismatch(device: Device, drive: Drive, *, voltage, current) -> Float[Array, "..."]:
    """Zero when the drive is met: a voltage (V), or the logarithm of a current ratio, which is nearly linear in
    voltage."""
    ratio = external_current(device, voltage=voltage, current=current) / jnp.where(drive.by_current, drive.target, 1.0)
    in_current = jnp.log(jnp.maximum(ratio, _SMALLEST))
    return jnp.where(
        drive.by_current, in_current, external_voltage(device, voltage=voltage, current=current) - drive.target
    )
