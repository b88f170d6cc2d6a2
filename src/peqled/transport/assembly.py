"""From local laws to the balances of the whole stack and their Jacobian.

The local laws are evaluated for all cells at once; their derivatives with respect to the four unknowns on the left, the
four steps to the right and the internal voltage come from forward-mode differentiation, one column at a time, so
entries that are zero by structure cost nothing. Rows of pinned quantities (psi at electrodes, levels at contacts of
infinite velocity) are replaced by ``unknown - imposed value``.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.numerics.compensated import Compensated
from peqled.numerics.mesh import MeshOptions, cell_widths, layer_nodes, prolong
from peqled.transport.cell import EXCITON_SCALE, Ambient, NodeData, bulk_cell, electrode, interface_cell
from peqled.transport.contacts import Levels, contact_levels
from peqled.transport.device import Device, Interface, Layer, stacked

State = Compensated  # unknowns [4, layer, node]
_FLUX, _LEFT, _RIGHT = slice(0, 4), slice(4, 8), slice(8, 12)


class Stack(NamedTuple):
    """A device laid on a mesh: stacked layers [layer, 1] and interfaces [interface], node positions and widths (m),
    node data."""

    device: Device
    layers: Layer
    interfaces: Interface | None
    law_b: Array
    position: Float[Array, "layer node"]
    width: Float[Array, "layer cell"]
    data: NodeData


class Pieces(NamedTuple):
    """Local values: cells [12, layer, cell], interfaces [12, interface], outflow at the electrodes [4]."""

    cells: Float[Array, "twelve layer cell"]
    faces: Float[Array, "twelve interface"]
    left: Float[Array, " four"]
    right: Float[Array, " four"]


class System(NamedTuple):
    """Balances [4, node], Jacobian blocks and block row sums [4, 4, node], derivative to the voltage, and the local
    values with their columns."""

    residual: Float[Array, "4 node"]
    lower: Float[Array, "4 4 node"]
    row_sum: Float[Array, "4 4 node"]
    upper: Float[Array, "4 4 node"]
    by_voltage: Float[Array, "4 node"]
    pieces: Pieces
    columns: Pieces


def profile_on_nodes(
    samples: Float[Array, "layer sample"], nodes: Float[Array, "layer node"]
) -> Float[Array, "layer node"]:
    """Equidistant samples over each layer, interpolated linearly to its nodes."""
    grid = jnp.linspace(0.0, 1.0, samples.shape[1])
    return jax.vmap(lambda s, x: jnp.interp(x / x[-1], grid, s))(samples, nodes)


def on_nodes(values: Float[Array, "..."], layers: int, options: MeshOptions) -> Float[Array, "layer node"]:
    """A number, or one value per node of the coarse mesh, on this mesh."""
    if values.ndim == 0:
        return jnp.broadcast_to(values, (layers, options.nodes_per_layer))
    coarse, steps = values.reshape(layers, options.cells_per_layer + 1), options.refinement
    while steps > 1:
        coarse, steps = prolong(coarse), steps // 2
    return coarse


def lay_out(device: Device, options: MeshOptions) -> Stack:
    """Put the device on its mesh."""
    layers = stacked(device.layers)
    count = len(device.layers)
    position = layer_nodes(layers.thickness, options)
    interfaces = stacked(device.interfaces) if count > 1 else None
    purcell = profile_on_nodes(layers.exciton.purcell, position)
    node_inputs = (on_nodes(v, count, options) for v in (device.quench_rate, device.fixed_charge, device.generation))
    per_layer = jax.tree.map(lambda leaf: leaf[:, None] if leaf.ndim == 1 else leaf, layers)
    law_b = jnp.array([interface.thermionic for interface in device.interfaces], dtype=bool)
    return Stack(device, per_layer, interfaces, law_b, position, cell_widths(position), NodeData(purcell, *node_inputs))


def _ambient(stack: Stack, voltage) -> Ambient:
    return Ambient(voltage, stack.device.thermal_voltage, stack.device.constants)


def _cell(stack: Stack, rest, *arguments):
    data = NodeData(*(v[:, :-1] for v in stack.data)), NodeData(*(v[:, 1:] for v in stack.data))
    out = bulk_cell(arguments[:4], arguments[4:8], rest, stack.width, stack.layers, data, _ambient(stack, arguments[8]))
    return jnp.stack(out)


def _face(stack: Stack, rest, *arguments):
    layers = jax.tree.map(lambda leaf: leaf[:, 0], stack.layers)
    sides = jax.tree.map(lambda leaf: leaf[:-1], layers), jax.tree.map(lambda leaf: leaf[1:], layers)
    ambient = _ambient(stack, arguments[8])
    assert stack.interfaces is not None
    out = interface_cell(arguments[:4], arguments[4:8], rest, stack.interfaces, stack.law_b, sides, ambient)
    return jnp.stack(out)


def contact_of(stack: Stack, side: str, voltage):
    """The contact on a side, the levels it imposes, and which of its four rows are pinned."""
    contact = getattr(stack.device, side)
    is_anode = (side == "left") == stack.device.left_is_anode
    levels = contact_levels(contact, voltage=voltage, thermal_voltage=stack.device.thermal_voltage, is_anode=is_anode)
    pinned = jnp.array([True, jnp.isinf(contact.velocity_n), jnp.isinf(contact.velocity_p), False])
    return contact, levels, pinned


def _electrode(stack: Stack, side: str, *arguments):
    contact, levels, _ = contact_of(stack, side, arguments[4])
    layer = jax.tree.map(lambda leaf: leaf[0 if side == "left" else -1, 0], stack.layers)
    return jnp.stack(electrode(arguments[:4], contact, levels, layer, _ambient(stack, arguments[4])))


def _imposed(levels: Levels) -> Float[Array, " 4"]:
    return jnp.stack([levels.psi, levels.a, levels.b, jnp.zeros(())])


def _evaluations(stack: Stack, state: State, voltage) -> list:
    """(law, arguments) of cells, interfaces and electrodes at a state."""
    y, rest = state
    drop = rest[:, :, 1:] - rest[:, :, :-1]
    filled = jnp.full(stack.width.shape, voltage)
    left = y[:, :, :-1]
    jobs = [(lambda *v: _cell(stack, drop, *v), (*left, *(y[:, :, 1:] - left), filled))]
    if stack.interfaces is not None:
        face_drop = rest[:, 1:, 0] - rest[:, :-1, -1]
        left = y[:, :-1, -1]
        at_faces = (*left, *(y[:, 1:, 0] - left), jnp.full(len(stack.law_b), voltage))
        jobs.append((lambda *v: _face(stack, face_drop, *v), at_faces))
    else:
        jobs.append((lambda *v: jnp.zeros((12, 0)), (jnp.zeros(0),) * 9))
    jobs.append((lambda *v: _electrode(stack, "left", *v), (*y[:, 0, 0], voltage)))
    jobs.append((lambda *v: _electrode(stack, "right", *v), (*y[:, -1, -1], voltage)))
    return jobs


def local_values(stack: Stack, state: State, voltage) -> Pieces:
    """All local laws at a state."""
    return Pieces(*(law(*arguments) for law, arguments in _evaluations(stack, state, voltage)))


def _derivative_columns(law, arguments) -> Array:
    """Derivative of a law to each argument, stacked in front; a column only follows what depends on its argument."""

    def column(j):
        partial = lambda v: law(*arguments[:j], v, *arguments[j + 1 :])  # noqa: E731
        return jax.jvp(partial, (arguments[j],), (jnp.ones_like(arguments[j]),))[1]

    return jnp.stack([column(j) for j in range(len(arguments))])


def gather(stack: Stack, pieces: Pieces) -> Float[Array, "4 layer node"]:
    """Sum the local values at the nodes (linear in ``pieces``)."""
    cells, faces = pieces.cells, pieces.faces
    total = jnp.zeros((4, *stack.position.shape))
    total = total.at[:, :, :-1].add(cells[_FLUX] + cells[_LEFT]).at[:, :, 1:].add(cells[_RIGHT] - cells[_FLUX])
    total = total.at[:, :-1, -1].add(faces[_FLUX] + faces[_LEFT]).at[:, 1:, 0].add(faces[_RIGHT] - faces[_FLUX])
    return total.at[:, 0, 0].add(pieces.left).at[:, -1, -1].add(pieces.right)


def _face_terms(stack: Stack) -> tuple[Array, Array]:
    """Polarisation charge (C/m2) and exciton quenching velocity in stored units, [layer, 2] for left and right
    faces."""
    charge = jnp.concatenate([-stack.layers.polarisation, stack.layers.polarisation], axis=1)
    exciton = stack.layers.exciton
    return charge, EXCITON_SCALE * jnp.concatenate([exciton.quench_left, exciton.quench_right], axis=1)


def balances(stack: Stack, state: State, voltage, pieces: Pieces) -> Float[Array, "4 layer node"]:
    """The residual of the whole stack."""
    y = state.high
    charge, quench = _face_terms(stack)
    faces = jnp.array([0, -1])
    total = gather(stack, pieces)
    total = total.at[0, :, faces].add(-charge.T).at[3, :, faces].add((quench * y[3][:, faces]).T)
    for side, at in (("left", (0, 0)), ("right", (-1, -1))):
        _, levels, pinned = contact_of(stack, side, voltage)
        deviation = (y[:, *at] - _imposed(levels)) + state.low[:, *at]
        total = total.at[:, *at].set(jnp.where(pinned, deviation, total[:, *at]))
    return total


def _blocks(stack: Stack, columns: Pieces) -> tuple[Array, Array, Array]:
    """Lower blocks, block row sums and upper blocks [row, column, layer, node] before pinning."""
    shape = (4, 4, *stack.position.shape)
    lower, row_sum, upper = jnp.zeros(shape), jnp.zeros(shape), jnp.zeros(shape)
    for values, to_left, to_right in (
        (columns.cells, (slice(None), slice(None, -1)), (slice(None), slice(1, None))),
        (columns.faces, (slice(None, -1), -1), (slice(1, None), 0)),
    ):
        shift, by_step = jnp.swapaxes(values[:4], 0, 1), jnp.swapaxes(values[4:8], 0, 1)
        row_sum = row_sum.at[:, :, *to_left].add(shift[_FLUX] + shift[_LEFT])
        row_sum = row_sum.at[:, :, *to_right].add(shift[_RIGHT] - shift[_FLUX])
        upper = upper.at[:, :, *to_left].add(by_step[_FLUX] + by_step[_LEFT])
        by_left = shift - by_step
        lower = lower.at[:, :, *to_right].add(by_left[_RIGHT] - by_left[_FLUX])
    row_sum = row_sum.at[:, :, 0, 0].add(columns.left[:4].T).at[:, :, -1, -1].add(columns.right[:4].T)
    quench, faces = _face_terms(stack)[1], jnp.array([0, -1])
    return lower, row_sum.at[3, 3, :, faces].add(quench.T), upper


def linearise(stack: Stack, state: State, voltage) -> System:
    """Balances and Jacobian at a state."""
    jobs = _evaluations(stack, state, voltage)
    pieces = Pieces(*(law(*arguments) for law, arguments in jobs))
    columns = Pieces(*(_derivative_columns(law, arguments) for law, arguments in jobs))
    lower, row_sum, upper = _blocks(stack, columns)
    by_voltage = gather(stack, jax.tree.map(lambda c: c[-1], columns))
    for side, at in (("left", (0, 0)), ("right", (-1, -1))):
        _, _, pinned = contact_of(stack, side, voltage)
        slope = jax.jvp(lambda v: _imposed(contact_of(stack, side, v)[1]), (voltage,), (jnp.ones(()),))[1]  # noqa: B023
        lower, upper = (block.at[:, :, *at].multiply(~pinned[:, None]) for block in (lower, upper))
        row_sum = row_sum.at[:, :, *at].set(jnp.where(pinned[:, None], jnp.eye(4), row_sum[:, :, *at]))
        by_voltage = by_voltage.at[:, *at].set(jnp.where(pinned, -slope, by_voltage[:, *at]))
    flat = lambda a: a.reshape(*a.shape[:-2], -1)  # noqa: E731
    residual = balances(stack, state, voltage, pieces)
    return System(flat(residual), flat(lower), flat(row_sum), flat(upper), flat(by_voltage), pieces, columns)


def change_of_pieces(columns: Pieces, change: Float[Array, "4 layer node"], voltage_change) -> Pieces:
    """First-order change of the local values for a change of the unknowns and the voltage."""

    def combine(values, *changes):
        return sum((values[j] * c for j, c in enumerate((*changes, voltage_change))), start=jnp.zeros(()))

    return Pieces(
        combine(columns.cells, *change[:, :, :-1], *jnp.diff(change, axis=2)),
        combine(columns.faces, *change[:, :-1, -1], *(change[:, 1:, 0] - change[:, :-1, -1])),
        combine(columns.left, *change[:, 0, 0]),
        combine(columns.right, *change[:, -1, -1]),
    )


def terminal_current(stack: Stack, pieces: Pieces) -> Float[Array, ""]:
    """Conduction current, A/m2, without cancellation (transport reference 3.7): q (net recombination + minority
    outflow).

    Where the electron level is pinned at the anode the flux of the first edge counts instead of the contact's outflow,
    and the box of that node is left out. Linear in ``pieces``.
    """
    recombined, electrons, holes = current_parts(stack, pieces)
    return stack.device.constants.q * (recombined + electrons + holes)


def current_parts(stack: Stack, pieces: Pieces) -> tuple[Array, Array, Array]:
    """Net recombination, electrons leaving at the anode, holes leaving at the cathode, each 1/(m2 s)."""
    ends = {
        "left": (pieces.left, (0, 0), -1.0, pieces.cells[5, 0, 0]),
        "right": (pieces.right, (-1, -1), 1.0, pieces.cells[9, -1, -1]),
    }
    anode, cathode = ("left", "right") if stack.device.left_is_anode else ("right", "left")
    out_a, at_a, sign_a, box_a = ends[anode]
    out_c, at_c, sign_c, box_c = ends[cathode]
    open_n = jnp.isinf(getattr(stack.device, anode).velocity_n)
    open_p = jnp.isinf(getattr(stack.device, cathode).velocity_p)
    recombined = jnp.sum(pieces.cells[5] + pieces.cells[9]) + jnp.sum(pieces.faces[5] + pieces.faces[9])
    recombined = recombined - jnp.where(open_n, box_a, 0.0) - jnp.where(open_p, box_c, 0.0)
    electrons = jnp.where(open_n, sign_a * pieces.cells[1][at_a], out_a[1])
    holes = jnp.where(open_p, sign_c * pieces.cells[2][at_c], out_c[2])
    return recombined, electrons, holes
