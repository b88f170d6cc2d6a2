"""The drift-diffusion device as the integrator of `operation` sees it: solved at its drive for the defects it has."""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.constants import elementary_charge

from peqled.led.stage import LedResult
from peqled.lifetime.damage import OperatingPoint
from peqled.lifetime.feedback import Feedback, damaged
from peqled.lifetime.linear import last_dots
from peqled.lifetime.operation import Solver
from peqled.numerics.mesh import MeshOptions, layer_nodes
from peqled.programs import stored
from peqled.transport import Device
from peqled.transport.assembly import lay_out
from peqled.transport.circuit import Drive
from peqled.transport.device import stacked
from peqled.transport.newton import Point, SolverOptions, polish
from peqled.transport.observables import observe
from peqled.transport.operating import point_near
from peqled.transport.status import CONVERGED

MESH = MeshOptions(cells_per_layer=63)
SOLVER = SolverOptions()


class Heat(eqx.Module):
    """Self-heating T = T_amb + r (J V - E_ph flux): r temperature rise per power density (K m^2/W), averaged over the
    duty of a pulsed device, E_ph energy of a photon that leaves (J)."""

    rise: Float[Array, ""]
    photon_energy: Float[Array, ""]


class Operated(NamedTuple):
    """A device and its drive: a current density (A/m^2) or a voltage (V)."""

    led: LedResult
    feedback: Feedback
    heat: Heat
    drive: Drive


def at_current(current: float) -> Drive:
    """Constant current density, A/m^2."""
    return Drive(jnp.array(True), jnp.asarray(current, dtype=float))


def at_voltage(voltage: float) -> Drive:
    """Constant voltage, V."""
    return Drive(jnp.array(False), jnp.asarray(voltage, dtype=float))


def node_count(device: Device) -> int:
    """Cells that carry defects: all nodes of the ageing mesh."""
    return len(device.layers) * MESH.nodes_per_layer


def emitter_nodes(led: LedResult) -> slice:
    """Nodes of the emitter on the ageing mesh."""
    return slice(led.emitter * MESH.nodes_per_layer, (led.emitter + 1) * MESH.nodes_per_layer)


def node_positions(device: Device) -> Float[np.ndarray, " node"]:
    """Positions of the nodes of the ageing mesh in the transport stack, m."""
    thickness = jnp.stack([layer.thickness for layer in device.layers])
    start = jnp.concatenate([jnp.zeros(1), jnp.cumsum(thickness)[:-1]])
    return np.asarray((start[:, None] + layer_nodes(thickness, MESH)).ravel())


def settled(operated: Operated, current: float) -> Point:
    """State of the fresh device at `current` (A/m^2), found from the points of its sweep.

    First between the two points around it, in ln J; where that does not converge, in small steps of the current from
    either point, which are the better guesses each for the next. The last state tried is returned in any case.
    """
    led = operated.led
    flowing = np.maximum(np.asarray(led.sweep.current), 1e-300)
    upper = int(np.clip(np.searchsorted(flowing, current), 1, flowing.size - 1))
    ends = [point_near(led.device, led.sweep, float(flowing[i]), mesh_options=MESH) for i in (upper - 1, upper)]
    share = float(np.clip(np.log(current / flowing[upper - 1]) / np.log(flowing[upper] / flowing[upper - 1]), 0.0, 1.0))
    between = jax.tree.map(lambda a, b: ((1.0 - share) * a + share * b).astype(a.dtype), *ends)
    paths = [(between, [current])]
    paths += [(end, np.geomspace(flowing[i], current, 6)) for end, i in zip(ends, (upper - 1, upper), strict=True)]
    point = between
    for point, currents in paths:
        for value in currents:
            found, point = _fresh_point(operated, value, point)
        if np.isfinite(found.luminance):
            break
    return point


def _fresh_point(operated: Operated, current: float, point: Point) -> tuple[OperatingPoint, Point]:
    device = operated.led.device
    none = jnp.zeros((2, node_count(device)))
    drive, parts = at_current(current), (operated.feedback, operated.heat)
    return _operating_point(device, none, *parts, drive, point, emitter=operated.led.emitter)


def solver_of(operated: Operated, current: float) -> Solver:
    """Law of a device for the integrator; each point starts from the one before. `current` (A/m^2) flows at first."""
    device = operated.led.device
    held = {"point": settled(operated, current)}

    def solve(defects: Float[Array, "pool cell"]) -> OperatingPoint:
        found, held["point"] = _operating_point(
            device,
            jnp.asarray(defects),
            operated.feedback,
            operated.heat,
            operated.drive,
            held["point"],
            emitter=operated.led.emitter,
        )
        return found

    return solve


@stored(static_argnames=("emitter",))
def _operating_point(
    device: Device,
    defects: Float[Array, "pool cell"],
    feedback: Feedback,
    heat: Heat,
    drive: Drive,
    point: Point,
    *,
    emitter: int,
) -> tuple[OperatingPoint, Point]:
    """The device with its defects, at its drive; not a number where it is lost."""
    stack = lay_out(damaged(device, defects.sum(axis=0), feedback, mesh=MESH), MESH)
    found = polish(stack, drive, point.state, point.voltage, SOLVER)
    seen = observe(stack, found.state, found.voltage)
    profiles, power = seen.profiles, seen.current * seen.voltage - heat.photon_energy * seen.photon_flux
    operating = OperatingPoint(
        excitons=profiles.excitons,
        carriers=profiles.n + profiles.p,
        crossing=seen.current / elementary_charge * _last_dots(device, emitter),
        luminance=jnp.where(found.status == CONVERGED, seen.photon_flux, jnp.nan),
        current=seen.current,
        voltage=seen.voltage,
        temperature=device.temperature + heat.rise * power,
    )
    return operating, found


def _last_dots(device: Device, emitter: int) -> Float[Array, " node"]:
    """1/m at the emitter's nodes next to the electron side, 0 at all others."""
    position = layer_nodes(stacked(device.layers).thickness, MESH)
    inside = last_dots(position[emitter], device.layers[emitter].exciton.hop)
    return jnp.zeros_like(position).at[emitter].set(inside).ravel()
