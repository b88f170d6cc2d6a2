"""One operating point at fixed current that is solved again and again while the device changes a little.

A lifetime run alters the quench rate of the emitter step by step: the last solution is the start of the next, so that a
step costs two or three Newton iterations instead of a walk from equilibrium.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from peqled.numerics.compensated import Compensated
from peqled.numerics.mesh import MeshOptions, layer_nodes
from peqled.programs import stored
from peqled.transport.assembly import lay_out
from peqled.transport.cell import EXCITON_SCALE
from peqled.transport.circuit import Drive
from peqled.transport.device import Device, stacked
from peqled.transport.heat import settle, warmed
from peqled.transport.newton import Point, SolverOptions, polish
from peqled.transport.observables import Observed, observe
from peqled.transport.sweep import Sweep


def point_near(device: Device, sweep: Sweep, current: float, *, mesh_options: MeshOptions = MeshOptions()) -> Point:
    """Guess of the state at `current` (A/m2): the point of a solved `sweep` next to it, carried to another mesh."""
    logs = np.log(np.maximum(np.asarray(sweep.current), 1e-300))
    nearest = int(np.argmin(np.abs(logs - np.log(current))))
    nodes = np.asarray(layer_nodes(stacked(device.layers).thickness, mesh_options))
    own = np.asarray(sweep.position).reshape(nodes.shape[0], -1)
    own = own - own[:, :1]

    def carried(profile: Float[Array, "point node"]) -> Float[np.ndarray, "layer node"]:
        rows = np.asarray(profile)[nearest].reshape(own.shape)
        return np.stack([np.interp(x, at, row) for x, at, row in zip(nodes, own, rows, strict=True)])

    profiles, heat = sweep.at.profiles, float(device.thermal_voltage)
    voltage = float(sweep.at.internal_voltage[nearest])
    rows = (
        carried(profiles.psi) / heat,
        (carried(profiles.fermi_n) - voltage) / heat,
        carried(profiles.fermi_p) / heat,
        carried(profiles.excitons) / EXCITON_SCALE,
    )
    high, still = jnp.asarray(np.stack(rows)), jnp.zeros((), dtype=int)
    return Point(Compensated(high, 0.0 * high), jnp.asarray(voltage), still, still)


@stored(static_argnames=("mesh_options", "solver"))
def continue_at_current(
    device: Device,
    current: Float[Array, ""],
    point: Point,
    *,
    mesh_options: MeshOptions = MeshOptions(),
    solver: SolverOptions = SolverOptions(),
) -> tuple[Observed, Point]:
    """Solve at `current` (A/m2) from a near `point`; observables and the state to continue from (see its status)."""
    stack = lay_out(device, mesh_options)
    found = polish(stack, Drive(jnp.array(True), current), point.state, point.voltage, solver)
    if device.heated:
        cold, target = jax.tree.map(lambda leaf: jnp.asarray(leaf)[None], (found, current))
        own, rise = settle(device, mesh_options, True, target, cold, solver)
        found, stack = jax.tree.map(lambda leaf: leaf[0], own), lay_out(warmed(device, rise[0]), mesh_options)
    return observe(stack, found.state, found.voltage), found
