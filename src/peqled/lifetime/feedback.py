"""What defects do to the device they are made in.

Excitons: lost at k_Q Q in every cell. Electrostatics: rho = q z Q in every cell, which moves the voltage at constant
current. Traps: N_t = chi <Q> and mobility mu = mu_0/(1 + v <Q>), <> the mean over a layer, since the transport knows
one trap density and one mobility per layer.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.numerics.mesh import MeshOptions, boxes, cell_widths, layer_nodes
from peqled.transport import Device, Layer
from peqled.transport.device import stacked


class Feedback(eqx.Module):
    """How defects act: k_Q (m^3/s), z charges per defect, chi traps per defect, v volume per defect in which a carrier
    is slowed (m^3), depth of the traps below the conduction level (eV)."""

    quench_coefficient: Float[Array, ""]
    charge: Float[Array, ""]
    traps: Float[Array, ""]
    slowing: Float[Array, ""]
    trap_depth: Float[Array, ""]


def damaged(device: Device, defects: Float[Array, " node"], feedback: Feedback, *, mesh: MeshOptions) -> Device:
    """The device with defects (1/m^3) at the nodes of `mesh`, layers joined."""
    layers = len(device.layers)
    per_layer = defects.reshape(layers, -1)
    box = boxes(cell_widths(layer_nodes(stacked(device.layers).thickness, mesh)))
    mean = jnp.sum(per_layer * box, axis=1) / jnp.sum(box, axis=1)
    changed = tuple(_slowed(layer, mean[i], feedback) for i, layer in enumerate(device.layers))
    return eqx.tree_at(
        lambda d: (d.quench_rate, d.fixed_charge, d.layers),
        device,
        (feedback.quench_coefficient * defects, device.constants.q * feedback.charge * defects, changed),
    )


def _slowed(layer: Layer, defects: Float[Array, ""], feedback: Feedback) -> Layer:
    slower = 1.0 + feedback.slowing * defects
    level = layer.affinity + feedback.trap_depth
    return eqx.tree_at(
        lambda x: (x.mobility_n, x.mobility_p, x.trap.density, x.trap.level),
        layer,
        (layer.mobility_n / slower, layer.mobility_p / slower, feedback.traps * defects, level),
    )
