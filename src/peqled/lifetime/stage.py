"""Operational lifetime as a stage of the twin: the drift-diffusion device aged at constant current."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from peqled.led.stage import LedResult
from peqled.lifetime.damage import Damage
from peqled.lifetime.extrapolation import acceleration_exponent
from peqled.lifetime.operation import Decay, OperatingPoint, operate, time_to
from peqled.numerics.mesh import layer_nodes
from peqled.parameters import Parameters
from peqled.programs import stored
from peqled.transport import Device, MeshOptions
from peqled.transport.newton import Point
from peqled.transport.operating import continue_at_current, point_near
from peqled.transport.status import CONVERGED

MESH = MeshOptions(cells_per_layer=63)
STEPS = 64
"""Points to which every lifetime curve is brought, equally spaced in its own time."""


class LifetimeResult(NamedTuple):
    """Runs by initial luminance, their currents (A/m^2) and T50 (s), and the depth of the damage (m)."""

    luminance: Float[np.ndarray, " level"]
    current: Float[np.ndarray, " level"]
    runs: tuple[Decay, ...]
    t50: Float[np.ndarray, " level"]
    depth: Float[np.ndarray, " cell"]


def run(parameters: Parameters, results: Mapping[str, Any]) -> LifetimeResult:
    """Age the device at constant current from every initial luminance of the recipe to half of it."""
    led: LedResult = results["led"]
    damage = damage_of(parameters)
    luminance = np.array(parameters.structure.luminances)
    current = current_at(led, luminance)
    runs = tuple(age(parameters, led, damage, value) for value in current)
    nodes = _emitter_nodes(led)
    depth = _node_positions(led)[nodes]
    t50 = np.array([time_to(decay, 0.5) for decay in runs])
    return LifetimeResult(luminance, current, runs, t50, depth)


def damage_of(parameters: Parameters) -> Damage:
    """Typed coefficients of the damage law."""
    return Damage(
        exciton=parameters["degradation.exciton_damage"],
        polaron=parameters["degradation.polaron_damage"],
        exciton_polaron=parameters["degradation.exciton_polaron"],
        exciton_exciton=parameters["degradation.exciton_exciton"],
        quench_coefficient=parameters["degradation.quench_coefficient"],
        healing=parameters["degradation.healing_rate"],
        activation_energy=parameters["degradation.activation_energy"],
        reference_temperature=parameters["degradation.reference_temperature"],
    )


def current_at(led: LedResult, luminance: Float[np.ndarray, " level"]) -> Float[np.ndarray, " level"]:
    """Current density (A/m^2) of a forward luminance (cd/m^2), on the rising part of the sweep; NaN beyond it."""
    bright, current = np.asarray(led.operation.luminance), np.asarray(led.sweep.current)
    rising = np.concatenate([[False], np.diff(np.maximum.accumulate(bright)) > 0]) & (bright > 1e-6)
    logs = np.interp(np.log(luminance), np.log(bright[rising]), np.log(current[rising]), left=np.nan, right=np.nan)
    return np.exp(logs)


def age(parameters: Parameters, led: LedResult, damage: Damage, current: float, *, drop: float = 0.04) -> Decay:
    """One run at constant current (A/m^2); a current that the sweep does not reach gives an unfinished run."""
    if not np.isfinite(current):
        empty = np.array([0.0])
        return Decay(empty, np.array([1.0]), np.array([np.nan]), np.zeros(_emitter_cells()), finished=False)
    nodes, device = _emitter_nodes(led), led.device
    heat = parameters["thermal.resistance"] * parameters["device.area"]
    state = {"point": point_near(device, led.sweep, current, mesh_options=MESH)}

    def solve(defects: Float[Array, " cell"]) -> OperatingPoint:
        quench = damage.quench_rate(defects)
        found, state["point"] = _aged(device, quench, current, heat, state["point"], first=nodes.start)
        return found

    return operate(solve, damage, cells=_emitter_cells(), drop=drop)


@stored(static_argnames=("first",))
def _aged(
    device: Device,
    quench: Float[Array, " cell"],
    current: Float[Array, ""],
    heat: Float[Array, ""],
    point: Point,
    *,
    first: int,
) -> tuple[OperatingPoint, Point]:
    """The device with extra quenching (1/s) from node `first` on, at its current; not a number where it is lost.

    `heat` is the temperature rise per power density, K m^2/W.
    """
    nodes = slice(first, first + quench.size)
    everywhere = jnp.zeros(len(device.layers) * MESH.nodes_per_layer).at[nodes].set(quench)
    aged = eqx.tree_at(lambda d: d.quench_rate, device, everywhere)
    seen, found = continue_at_current(aged, current, point, mesh_options=MESH)
    profiles = seen.profiles
    operating = OperatingPoint(
        excitons=profiles.excitons[nodes],
        carriers=profiles.n[nodes] + profiles.p[nodes],
        luminance=jnp.where(found.status == CONVERGED, seen.photon_flux, jnp.nan),
        voltage=seen.voltage,
        temperature=device.temperature + heat * current * seen.voltage,
    )
    return operating, found


def _emitter_cells() -> int:
    return MESH.nodes_per_layer


def _emitter_nodes(led: LedResult) -> slice:
    return slice(led.emitter * MESH.nodes_per_layer, (led.emitter + 1) * MESH.nodes_per_layer)


def _node_positions(led: LedResult) -> Float[np.ndarray, " node"]:
    """Positions of the nodes of the ageing mesh in the transport stack, m."""
    thickness = jnp.stack([layer.thickness for layer in led.device.layers])
    start = jnp.concatenate([jnp.zeros(1), jnp.cumsum(thickness)[:-1]])
    return np.asarray((start[:, None] + layer_nodes(thickness, MESH)).ravel())


def observables(parameters: Parameters, results: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers of the stage under the names of the vocabulary."""
    result: LifetimeResult = results["lifetime"]
    curves = [_resampled(decay) for decay in result.runs]
    finite = np.isfinite(result.t50)
    exponent = acceleration_exponent(result.luminance, result.t50) if finite.sum() > 1 else np.nan
    brightest = int(np.argmax(np.where(finite, result.luminance, -1.0)))
    return {
        "initial_luminance": result.luminance,
        "life_step": np.arange(STEPS),
        "damage_depth": result.depth,
        "lifetime.time": np.stack([curve[0] for curve in curves]),
        "lifetime.luminance": np.stack([curve[1] for curve in curves]),
        "lifetime.voltage": np.stack([curve[2] for curve in curves]),
        "lifetime.current_density": result.current,
        "lifetime.t50": result.t50,
        "lifetime.acceleration_exponent": exponent,
        "lifetime.damage": result.runs[brightest].defects,
    }


def _resampled(decay: Decay) -> np.ndarray:
    time = np.linspace(0.0, decay.time[-1], STEPS)
    return np.stack([time, np.interp(time, decay.time, decay.luminance), np.interp(time, decay.time, decay.voltage)])


def warnings(parameters: Parameters, results: Mapping[str, Any]) -> list[str]:
    """What is out of range in this run."""
    result: LifetimeResult = results["lifetime"]
    found = ["defects are counted in the emitter only and quench excitons; they carry no charge"]
    for luminance, current, decay in zip(result.luminance, result.current, result.runs, strict=True):
        if not np.isfinite(current):
            found.append(f"the sweep does not reach {luminance:g} cd/m2: no lifetime there")
        elif not decay.finished:
            found.append(f"the run at {luminance:g} cd/m2 ended before half of its luminance was lost")
    return found
