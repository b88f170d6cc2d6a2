"""The state at a given current, guessed from a solved sweep: where a lifetime run starts."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from peqled.numerics.compensated import Compensated
from peqled.numerics.mesh import MeshOptions, layer_nodes
from peqled.transport.cell import EXCITON_SCALE
from peqled.transport.device import Device, stacked
from peqled.transport.newton import Point
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
