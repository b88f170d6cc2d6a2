"""One operating point at fixed current that is solved again and again while the device changes a little.

A lifetime run alters the quench rate of the emitter step by step: the last solution is the start of the next, so that a
step costs two or three Newton iterations instead of a walk from equilibrium.
"""

from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.numerics.mesh import MeshOptions
from peqled.transport.assembly import lay_out
from peqled.transport.circuit import Drive
from peqled.transport.device import Device
from peqled.transport.newton import Point, SolverOptions, polish, sweep_states
from peqled.transport.observables import Observed, observe


@partial(jax.jit, static_argnames=("mesh_options", "solver"))
def start_at_voltage(
    device: Device,
    voltages: Float[Array, " point"],
    *,
    mesh_options: MeshOptions = MeshOptions(),
    solver: SolverOptions = SolverOptions(),
) -> Point:
    """State at the last of external `voltages` (V, a ladder from low to high), to continue from."""
    points = sweep_states(lay_out(device, mesh_options), voltages, solver)
    return jax.tree.map(lambda leaf: leaf[-1], points)


@partial(jax.jit, static_argnames=("mesh_options", "solver"))
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
    return observe(stack, found.state, found.voltage), found
