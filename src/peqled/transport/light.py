"""The stack as a photodetector: current-voltage curve with a given generation, and what is read off it."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.interpolate import PchipInterpolator
from scipy.optimize import minimize_scalar

from peqled.numerics.mesh import MeshOptions
from peqled.transport.device import Device
from peqled.transport.sweep import solve_jv


class LightCurve(NamedTuple):
    """Voltage (V) and current (A/m2, forward positive) under light; ``complete``: whether every point was solved."""

    voltage: Float[np.ndarray, " point"]
    current: Float[np.ndarray, " point"]
    complete: bool

    @property
    def short_circuit_current(self) -> float:
        """-J at 0 V, A/m2."""
        return -float(self.current[0])

    @property
    def open_circuit_voltage(self) -> float:
        """V of zero current; NaN if the curve ends before."""
        if not self.current[0] < 0.0 < self.current[-1]:
            return float("nan")
        after = int(np.argmax(self.current > 0.0))
        near = slice(after - 1, after + 1)
        return float(np.interp(0.0, self.current[near], self.voltage[near]))

    @property
    def fill_factor(self) -> float:
        """Largest power over V_oc J_sc; NaN without an open-circuit voltage."""
        open_circuit = self.open_circuit_voltage
        if not np.isfinite(open_circuit):
            return float("nan")
        curve = PchipInterpolator(self.voltage, self.current)
        best = minimize_scalar(lambda v: v * curve(v), bounds=(0.0, open_circuit), method="bounded")
        return float(-best.fun / (open_circuit * self.short_circuit_current))


def light_curve(
    device: Device,
    *,
    generation: Float[Array, "..."] | float,
    to: float,
    points: int = 41,
    mesh_options: MeshOptions = MeshOptions(),
) -> LightCurve:
    """Curve from 0 V to ``to`` (V) with ``generation`` (1/(m3 s); one number, or one per node of the mesh), refined
    about the open circuit.

    Raises:
        ValueError: ``to`` is not positive.
    """
    if not to > 0.0:
        raise ValueError(f"the curve starts at 0 V: expected an end above it, got {to} V")
    lit = replace(device, generation=jnp.asarray(generation, float))
    voltage = np.linspace(0.0, to, points)
    found = solve_jv(lit, jnp.asarray(voltage), mesh_options=mesh_options)
    current, complete = np.asarray(found.current), bool(np.all(found.converged))
    if current[0] < 0.0 < current[-1]:
        after = int(np.argmax(current > 0.0))
        close = np.linspace(voltage[after - 1], voltage[after], points + 1)[1:]
        again = solve_jv(lit, jnp.asarray(close), mesh_options=mesh_options)
        complete = complete and bool(np.all(again.converged))
        voltage, first = np.unique(np.concatenate([voltage, close]), return_index=True)
        current = np.concatenate([current, np.asarray(again.current)])[first]
    return LightCurve(voltage, current, complete)
