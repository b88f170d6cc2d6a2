"""From local laws to the balances of the whole stack and their Jacobian.

The local laws are evaluated for all cells at once; their derivatives with respect to the four unknowns on the left, the
four steps to the right and the internal voltage come from forward-mode differentiation, one column at a time, so
entries that are zero by structure cost nothing. Rows of pinned quantities (psi at electrodes, levels at contacts of
infinite velocity) are replaced by ``unknown - imposed value``.
"""

import itertools
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.numerics.compensated import Compensated
from peqled.numerics.mesh import MeshOptions, cell_widths, layer_nodes, prolong
from peqled.transport.cell import EXCITON_SCALE, Ambient, NodeData, bulk_cell, electrode, interface_cell
from peqled.transport.contacts import Levels, contact_levels, image_drop
from peqled.transport.device import Device, Interface, Layer, stacked
from peqled.transport.ions import ion_levels

State = Compensated  # unknowns [field, layer, node]: psi, a, b, X and, in a time step, the level of every ion
ENDS = ("left", (0, 0)), ("right", (-1, -1))  # electrodes and the [layer, node] next to them
_ION_GAP = 1e-12  # m; thickness that stands for an interface that ions cross


class Moving(NamedTuple):
    """An implicit time step: what a box stores changes at the rate alpha S - history.

    ``alpha``: 1/s; ``history``: of n, p, X and the ions at the nodes, 1/(m3 s); ``voltage``: of the internal voltage,
    V/s.
    """

    alpha: Float[Array, ""]
    history: Float[Array, "stored layer node"]
    voltage: Float[Array, ""]


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
    moving: Moving | None = None

    @property
    def fields(self) -> int:
        """Unknowns per node."""
        return 4 if self.moving is None else 4 + len(self.device.ions)

    @property
    def rows(self) -> tuple[slice, slice, slice]:
        """Places of the fluxes and of the sources of the left and right half box in a local law's values."""
        f = self.fields
        return slice(0, f), slice(f, 2 * f), slice(2 * f, 3 * f)


class Pieces(NamedTuple):
    """Local values, three per field: cells [value, layer, cell], interfaces [value, interface]; outflow at the
    electrodes [field]."""

    cells: Float[Array, "value layer cell"]
    faces: Float[Array, "value interface"]
    left: Float[Array, " field"]
    right: Float[Array, " field"]


class System(NamedTuple):
    """Balances [field, node], Jacobian blocks and block row sums [field, field, node], derivative to the voltage, and
    the local values with their columns."""

    residual: Float[Array, "field node"]
    lower: Float[Array, "field field node"]
    row_sum: Float[Array, "field field node"]
    upper: Float[Array, "field field node"]
    by_voltage: Float[Array, "field node"]
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
    quench, charge, generation = (
        on_nodes(v, count, options) for v in (device.quench_rate, device.fixed_charge, device.generation)
    )
    per_layer = jax.tree.map(lambda leaf: leaf[:, None] if leaf.ndim == 1 else leaf, layers)
    law_b = jnp.array([interface.thermionic for interface in device.interfaces], dtype=bool)
    away = jnp.full((len(device.ions), *position.shape), -jnp.inf)
    data = NodeData(purcell, quench, charge, generation, away, jnp.zeros((0, *position.shape)))
    return Stack(device, per_layer, interfaces, law_b, position, cell_widths(position), data)


def ambient_of(stack: Stack, voltage) -> Ambient:
    """What all cells share at an internal voltage (V)."""
    device = stack.device
    charges = tuple(ion.charge for ion in device.ions)
    alpha = None if stack.moving is None else stack.moving.alpha
    return Ambient(voltage, device.thermal_voltage, device.constants, device.disordered, charges, alpha)


def part_of(data: NodeData, nodes: slice) -> NodeData:
    """Node data of a slice of the nodes of every layer."""
    return NodeData(*(values[..., nodes] for values in data))


def _cell(stack: Stack, rest, *arguments):
    data = part_of(stack.data, slice(None, -1)), part_of(stack.data, slice(1, None))
    left, step, voltage = _split(stack, arguments)
    mobility = [jnp.zeros((0, len(stack.width), 1)), *(ion.mobility[None, :, None] for ion in stack.device.ions)]
    ambient = ambient_of(stack, voltage)
    return jnp.stack(bulk_cell(left, step, rest, stack.width, stack.layers, data, jnp.concatenate(mobility), ambient))


def _split(stack: Stack, arguments):
    """Left unknowns, steps to the right, voltage."""
    f = stack.fields
    return arguments[:f], arguments[f : 2 * f], arguments[2 * f]


def _face(stack: Stack, rest, *arguments):
    layers = jax.tree.map(lambda leaf: leaf[:, 0], stack.layers)
    sides = jax.tree.map(lambda leaf: leaf[:-1], layers), jax.tree.map(lambda leaf: leaf[1:], layers)
    assert stack.interfaces is not None
    left, step, voltage = _split(stack, arguments)
    data = NodeData(*(v[..., :-1, -1] for v in stack.data)), NodeData(*(v[..., 1:, 0] for v in stack.data))
    ambient, speed = ambient_of(stack, voltage), _ion_speed(stack.device)
    return jnp.stack(interface_cell(left, step, rest, stack.interfaces, stack.law_b, sides, data, speed, ambient))


def _ion_speed(device: Device) -> Float[Array, "species interface"]:
    """Speed at which ions cross the interfaces inside their regions, m/s; 0 between regions."""
    speeds = [jnp.zeros((0, len(device.interfaces)))]
    for ion in device.ions:
        joined = jnp.array([a == b >= 0 for a, b in itertools.pairwise(ion.region)])
        between = 0.5 * (ion.mobility[:-1] + ion.mobility[1:])
        speeds.append(jnp.where(joined, between * device.thermal_voltage / _ION_GAP, 0.0)[None])
    return jnp.concatenate(speeds)


def contact_of(stack: Stack, side: str, voltage):
    """The contact on a side, the levels it imposes, and which of its rows are pinned."""
    contact = getattr(stack.device, side)
    is_anode = (side == "left") == stack.device.left_is_anode
    levels = contact_levels(contact, voltage=voltage, thermal_voltage=stack.device.thermal_voltage, is_anode=is_anode)
    free = [False] * (stack.fields - 3)
    pinned = jnp.array([True, jnp.isinf(contact.velocity_n), jnp.isinf(contact.velocity_p), *free])
    return contact, levels, pinned


def _electrode(stack: Stack, side: str, *arguments):
    *u, voltage = arguments
    contact, levels, _ = contact_of(stack, side, voltage)
    layer = jax.tree.map(lambda leaf: leaf[0 if side == "left" else -1, 0], stack.layers)
    return jnp.stack(electrode(tuple(u), contact, levels, layer, ambient_of(stack, voltage)))


def _image(stack: Stack, side: str, change: Array) -> Float[Array, ""]:
    """Image-force drop at a contact over kT/q; ``change``: of psi/Vt over the cell next to it, away from it."""
    if not getattr(stack.device, side).image_force:
        return jnp.zeros(())
    at, vt, constants = (0 if side == "left" else -1), stack.device.thermal_voltage, stack.device.constants
    slope = change * vt / stack.width[at, at]
    return image_drop(slope, permittivity=stack.layers.eps_r[at, 0] * constants.eps0, q=constants.q) / vt


def _imposed(stack: Stack, levels: Levels) -> Float[Array, " field"]:
    return jnp.stack([levels.psi, levels.a, levels.b, *[jnp.zeros(())] * (stack.fields - 3)])


def _evaluations(stack: Stack, state: State, voltage) -> list:
    """(law, arguments) of cells, interfaces and electrodes at a state."""
    y, rest = state
    stack = with_ions(stack, y[0])
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
        f = stack.fields
        jobs.append((lambda *v: jnp.zeros((3 * f, 0)), (jnp.zeros(0),) * (2 * f + 1)))
    jobs.append((lambda *v: _electrode(stack, "left", *v), (*y[:, 0, 0], voltage)))
    jobs.append((lambda *v: _electrode(stack, "right", *v), (*y[:, -1, -1], voltage)))
    return jobs


def with_ions(stack: Stack, psi: Float[Array, "layer node"]) -> Stack:
    """The stack with the ion levels that belong to a potential, or with the terms of a time step."""
    levels = ion_levels(stack, psi)
    if stack.moving is None:
        return stack._replace(data=stack.data._replace(ion_level=levels))
    levels = jnp.where(jnp.isfinite(levels), 0.0, -jnp.inf)  # only where ions are: their level is the node's own
    return stack._replace(data=stack.data._replace(ion_level=levels, history=stack.moving.history))


def local_values(stack: Stack, state: State, voltage) -> Pieces:
    """All local laws at a state."""
    return Pieces(*(law(*arguments) for law, arguments in _evaluations(stack, state, voltage)))


def _derivative_columns(law, arguments) -> Array:
    """Derivative of a law to each argument, stacked in front: all columns in one batched forward pass."""

    def column(direction):
        tangents = tuple(d * jnp.ones_like(v) for d, v in zip(direction, arguments, strict=True))
        return jax.jvp(law, arguments, tangents)[1]

    return jax.vmap(column)(jnp.eye(len(arguments)))


def gather(stack: Stack, pieces: Pieces) -> Float[Array, "field layer node"]:
    """Sum the local values at the nodes (linear in ``pieces``)."""
    cells, faces = pieces.cells, pieces.faces
    flux, left, right = stack.rows
    total = jnp.zeros((stack.fields, *stack.position.shape), dtype=cells.dtype)
    total = total.at[:, :, :-1].add(cells[flux] + cells[left]).at[:, :, 1:].add(cells[right] - cells[flux])
    total = total.at[:, :-1, -1].add(faces[flux] + faces[left]).at[:, 1:, 0].add(faces[right] - faces[flux])
    return total.at[:, 0, 0].add(pieces.left).at[:, -1, -1].add(pieces.right)


def _face_terms(stack: Stack) -> tuple[Array, Array]:
    """Polarisation charge (C/m2) and exciton quenching velocity in stored units, [layer, 2] for left and right
    faces."""
    charge = jnp.concatenate([-stack.layers.polarisation, stack.layers.polarisation], axis=1)
    exciton = stack.layers.exciton
    return charge, EXCITON_SCALE * jnp.concatenate([exciton.quench_left, exciton.quench_right], axis=1)


def _psi_change(y: Float[Array, "field layer node"], at: tuple[int, int]) -> Float[Array, ""]:
    """Change of psi/Vt from an electrode's node to the next one."""
    layer, node = at
    return y[0, layer, 1 if node == 0 else -2] - y[0, layer, node]


def balances(stack: Stack, state: State, voltage, pieces: Pieces) -> Float[Array, "field layer node"]:
    """The residual of the whole stack."""
    y = state.high
    charge, quench = _face_terms(stack)
    faces = jnp.array([0, -1])
    total = gather(stack, pieces)
    total = total.at[0, :, faces].add(-charge.T).at[3, :, faces].add((quench * y[3][:, faces]).T)
    for side, at in ENDS:
        _, levels, pinned = contact_of(stack, side, voltage)
        deviation = (y[:, *at] - _imposed(stack, levels)) + state.low[:, *at]
        deviation = deviation.at[0].add(-_image(stack, side, _psi_change(y, at)))
        total = total.at[:, *at].set(jnp.where(pinned, deviation, total[:, *at]))
    return total


def _blocks(stack: Stack, columns: Pieces) -> tuple[Array, Array, Array]:
    """Lower blocks, block row sums and upper blocks [row, column, layer, node] before pinning."""
    f, (flux, left, right) = stack.fields, stack.rows
    shape = (f, f, *stack.position.shape)
    lower, row_sum, upper = jnp.zeros(shape), jnp.zeros(shape), jnp.zeros(shape)
    for values, to_left, to_right in (
        (columns.cells, (slice(None), slice(None, -1)), (slice(None), slice(1, None))),
        (columns.faces, (slice(None, -1), -1), (slice(1, None), 0)),
    ):
        shift, by_step = jnp.swapaxes(values[:f], 0, 1), jnp.swapaxes(values[f : 2 * f], 0, 1)
        row_sum = row_sum.at[:, :, *to_left].add(shift[flux] + shift[left])
        row_sum = row_sum.at[:, :, *to_right].add(shift[right] - shift[flux])
        upper = upper.at[:, :, *to_left].add(by_step[flux] + by_step[left])
        by_left = shift - by_step
        lower = lower.at[:, :, *to_right].add(by_left[right] - by_left[flux])
    row_sum = row_sum.at[:, :, 0, 0].add(columns.left[:f].T).at[:, :, -1, -1].add(columns.right[:f].T)
    quench, faces = _face_terms(stack)[1], jnp.array([0, -1])
    return lower, row_sum.at[3, 3, :, faces].add(quench.T), upper


def linearise(stack: Stack, state: State, voltage) -> System:
    """Balances and Jacobian at a state."""
    jobs = _evaluations(stack, state, voltage)
    pieces = Pieces(*(law(*arguments) for law, arguments in jobs))
    columns = Pieces(*(_derivative_columns(law, arguments) for law, arguments in jobs))
    lower, row_sum, upper = _blocks(stack, columns)
    by_voltage = gather(stack, jax.tree.map(lambda c: c[-1], columns))
    for side, at in ENDS:
        _, _, pinned = contact_of(stack, side, voltage)
        slope = jax.jvp(lambda v: _imposed(stack, contact_of(stack, side, v)[1]), (voltage,), (jnp.ones(()),))[1]  # noqa: B023
        lower, upper = (block.at[:, :, *at].multiply(~pinned[:, None]) for block in (lower, upper))
        row_sum = row_sum.at[:, :, *at].set(jnp.where(pinned[:, None], jnp.eye(stack.fields), row_sum[:, :, *at]))
        by_voltage = by_voltage.at[:, *at].set(jnp.where(pinned, -slope, by_voltage[:, *at]))
        if getattr(stack.device, side).image_force:  # the drop answers to the next psi, not to a common shift
            answer = -jax.grad(lambda change: _image(stack, side, change))(_psi_change(state.high, at))  # noqa: B023
            lower, upper = (
                (lower, upper.at[0, 0, 0, 0].set(answer))
                if at == (0, 0)
                else (lower.at[0, 0, -1, -1].set(answer), upper)
            )
    flat = lambda a: a.reshape(*a.shape[:-2], -1)  # noqa: E731
    residual = balances(stack, state, voltage, pieces)
    return System(flat(residual), flat(lower), flat(row_sum), flat(upper), flat(by_voltage), pieces, columns)


def change_of_pieces(columns: Pieces, change: Float[Array, "field layer node"], voltage_change) -> Pieces:
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


def geometric_capacitance(stack: Stack) -> Float[Array, ""]:
    """1/int dx/eps with the insulating gaps, F/m2."""
    return 1.0 / (jnp.sum(stack.width / stack.layers.eps_r) + jnp.sum(_gaps(stack))) * stack.device.constants.eps0


def _gaps(stack: Stack) -> Float[Array, " interface"]:
    """Thickness over eps_r of the insulators inside the interfaces, m."""
    if stack.interfaces is None:
        return jnp.zeros(0)
    return stack.interfaces.tunnel.thickness / stack.interfaces.tunnel.eps_r


def moving_current(stack: Stack, pieces: Pieces, voltage_rate) -> Float[Array, ""]:
    """Total current in a time step, A/m2: the conduction through every cell, weighted as Ramo and Shockley
    (transport reference 2.15), and the displacement by the change of the voltage (V/s). Linear in both."""
    charges = (0, -1, 1, 0, *(ion.charge for ion in stack.device.ions))
    along = [sum(charge * values[i] for i, charge in enumerate(charges)) for values in (pieces.cells, pieces.faces)]
    weighted = jnp.sum(along[0] * stack.width / stack.layers.eps_r) + jnp.sum(along[1] * _gaps(stack))
    sign = 1.0 if stack.device.left_is_anode else -1.0
    constants = stack.device.constants
    return geometric_capacitance(stack) * (sign * constants.q * weighted / constants.eps0 + voltage_rate)


def circuit_current(stack: Stack, pieces: Pieces, voltage) -> Float[Array, ""]:
    """Current that the circuit sees, A/m2: conduction at rest, all of it in a time step."""
    if stack.moving is None:
        return terminal_current(stack, pieces)
    return moving_current(stack, pieces, stack.moving.alpha * voltage - stack.moving.voltage)


def current_parts(stack: Stack, pieces: Pieces) -> tuple[Array, Array, Array]:
    """Net recombination, electrons leaving at the anode, holes leaving at the cathode, each 1/(m2 s)."""
    _, left, right = stack.rows
    lost_left, lost_right = pieces.cells[left][1], pieces.cells[right][1]
    ends = {
        "left": (pieces.left, (0, 0), -1.0, lost_left[0, 0]),
        "right": (pieces.right, (-1, -1), 1.0, lost_right[-1, -1]),
    }
    anode, cathode = ("left", "right") if stack.device.left_is_anode else ("right", "left")
    out_a, at_a, sign_a, box_a = ends[anode]
    out_c, at_c, sign_c, box_c = ends[cathode]
    open_n = jnp.isinf(getattr(stack.device, anode).velocity_n)
    open_p = jnp.isinf(getattr(stack.device, cathode).velocity_p)
    recombined = jnp.sum(lost_left + lost_right) + jnp.sum(pieces.faces[left][1] + pieces.faces[right][1])
    recombined = recombined - jnp.where(open_n, box_a, 0.0) - jnp.where(open_p, box_c, 0.0)
    electrons = jnp.where(open_n, sign_a * pieces.cells[1][at_a], out_a[1])
    holes = jnp.where(open_p, sign_c * pieces.cells[2][at_c], out_c[2])
    return recombined, electrons, holes
