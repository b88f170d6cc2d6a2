"""Current-voltage scans in both directions at a given rate: the hysteresis of ions and of stored charge.

A fast scan finds the ions where they rested before it, a slow one finds them in balance with every voltage: between
the two the curves up and down differ.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from peqled.numerics.mesh import MeshOptions
from peqled.transport.device import Device
from peqled.transport.transient import Steps, transient

_MESH = MeshOptions(cells_per_layer=63)


class Scan(NamedTuple):
    """Voltages (V, increasing), currents (A/m2) and photons (1/(m2 s)) on the way up and down; ``complete``: whether
    every time step was solved."""

    voltage: Float[np.ndarray, " point"]
    current_up: Float[np.ndarray, " point"]
    current_down: Float[np.ndarray, " point"]
    photons_up: Float[np.ndarray, " point"]
    photons_down: Float[np.ndarray, " point"]
    complete: bool

    @property
    def hysteresis_index(self) -> float:
        """(A_down - A_up)/(A_down + A_up) of the areas under both curves; 0 without hysteresis."""
        up, down = (float(np.trapezoid(j, self.voltage)) for j in (self.current_up, self.current_down))
        return (down - up) / (down + up)


def scan(
    device: Device,
    *,
    to: float,
    rate: float,
    points: int = 51,
    rest: float = 0.0,
    mesh_options: MeshOptions = _MESH,
    steps: Steps = Steps(),
) -> Scan:
    """From ``rest`` (V), where the device has settled, up to ``to`` (V) and back at ``rate`` (V/s).

    Raises:
        ValueError: ``to`` is not above ``rest``, or the rate is not positive.
    """
    if not (to > rest and rate > 0.0 and points >= 3):
        raise ValueError(f"a scan needs to > rest, rate > 0 and 3 points, got {to} V, {rest} V, {rate} V/s, {points}")
    voltage = rest + (to - rest) * np.arange(1, points + 1) / points
    there_and_back = np.concatenate([voltage, voltage[-2::-1]])
    times = (to - rest) / rate * np.arange(1, 2 * points) / points
    trace = transient(device, times, there_and_back, initial=rest, mesh_options=mesh_options, steps=steps)
    current, photons = np.asarray(trace.current), np.asarray(trace.photon_flux)
    up, down = slice(None, points), slice(None, points - 2, -1)
    complete = bool(np.all(trace.converged))
    return Scan(voltage, current[up], current[down], photons[up], photons[down], complete)
