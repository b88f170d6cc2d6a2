"""What a solved bias point shows: currents, budgets of pairs and excitons, profiles and conservation checks."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.transport.assembly import (
    ENDS,
    Pieces,
    Stack,
    State,
    ambient_of,
    contact_of,
    current_parts,
    gather,
    local_values,
    part_of,
    profile_on_nodes,
    terminal_current,
)
from peqled.transport.cell import EXCITON_SCALE, Ambient, carriers, ion_density, pair_rates
from peqled.transport.circuit import external_current, external_voltage
from peqled.transport.excitons import exciton_rates
from peqled.transport.ions import ion_levels


class PairBudget(NamedTuple):
    """Pairs lost from the bands per layer and cause, 1/(m2 s); ``interfaces``: through interface traps, per interface.

    ``returned``: pairs given back by dissociating excitons; ``generated``: pairs made by light."""

    capture: Float[Array, "... layer"]
    direct: Float[Array, "... layer"]
    auger: Float[Array, "... layer"]
    trapping: Float[Array, "... layer"]
    returned: Float[Array, "... layer"]
    generated: Float[Array, "... layer"]
    interfaces: Float[Array, "... interface"]


class ExcitonBudget(NamedTuple):
    """Excitons lost per layer and cause, 1/(m2 s); with ``PairBudget.returned`` they add up to ``PairBudget.capture``.

    ``field``: field ionisation; ``extra``: the node-wise quench rate; ``surface``: at the faces of the layer."""

    radiative: Float[Array, "... layer"]
    nonradiative: Float[Array, "... layer"]
    trion: Float[Array, "... layer"]
    annihilation: Float[Array, "... layer"]
    field: Float[Array, "... layer"]
    extra: Float[Array, "... layer"]
    surface: Float[Array, "... layer"]


class Profiles(NamedTuple):
    """Along the nodes: psi V, Fermi levels eV (anode at 0), densities 1/m3, field V/m towards +x, radiative rate
    1/(m3 s); densities of the mobile ions, 1/m3."""

    psi: Float[Array, "... node"]
    fermi_n: Float[Array, "... node"]
    fermi_p: Float[Array, "... node"]
    n: Float[Array, "... node"]
    p: Float[Array, "... node"]
    excitons: Float[Array, "... node"]
    field: Float[Array, "... node"]
    emission: Float[Array, "... node"]
    ions: Float[Array, "... species node"]


class Certificates(NamedTuple):
    """Conservation, relative to the current: spread of J_n + J_p over the cells, jump of J_n against q int U, power
    balance;
    ``minority``: smaller of the two minority outflows, A/m2 (not negative in the dark)."""

    spread: Float[Array, "..."]
    jump: Float[Array, "..."]
    power: Float[Array, "..."]
    minority: Float[Array, "..."]


class Observed(NamedTuple):
    """All of one bias point. Currents A/m2, voltages V, fluxes 1/(m2 s)."""

    voltage: Float[Array, "..."]
    internal_voltage: Float[Array, "..."]
    current: Float[Array, "..."]
    electron_leakage: Float[Array, "..."]
    hole_leakage: Float[Array, "..."]
    balance: Float[Array, "..."]
    photon_flux: Float[Array, "..."]
    pairs: PairBudget
    excitons: ExcitonBudget
    profiles: Profiles
    certificates: Certificates


_SIDES = slice(None, -1), slice(1, None)  # left and right nodes of the cells


class _HalfBoxes(NamedTuple):
    """Channel rates of one side of every cell, 1/(m3 s), summed later; order of PairBudget, ExcitonBudget, photons."""

    pairs: tuple[Array, ...]
    excitons: tuple[Array, ...]
    photons: Array


def _side(stack: Stack, u: Array, field: Array, nodes: slice, ambient: Ambient, outcoupled: Array) -> _HalfBoxes:
    layer, data = stack.layers, part_of(stack.data, nodes)
    c = carriers(tuple(u), layer, ambient)
    pairs, density = pair_rates(c, layer, ambient), u[3] * EXCITON_SCALE
    exciton = layer.exciton
    rates = exciton_rates(exciton, n=c.n.density, p=c.p.density, field=field, thermal_voltage=ambient.thermal_voltage)
    by_pair = (
        exciton.share * pairs.bimolecular,
        (1.0 - exciton.share) * pairs.bimolecular,
        pairs.auger,
        pairs.trapping,
        rates.dissociation * density,
        layer.generation + data.generation + 0.0 * density,
    )
    radiative = rates.radiative * density
    by_exciton = (
        radiative * data.purcell,
        rates.nonradiative * density,
        rates.trion * density,
        exciton.annihilation * density**2,
        rates.field * density,
        data.quench * density,
    )
    return _HalfBoxes(by_pair, by_exciton, radiative * outcoupled[:, nodes])


def photon_flux(stack: Stack, y: Float[Array, "field layer node"], voltage) -> Float[Array, ""]:
    """Photons that leave, 1/(m2 s), of rounded unknowns: enough for a reading and for its derivatives."""
    ambient = ambient_of(stack, voltage)
    field = jnp.abs(jnp.diff(y[0], axis=1)) * ambient.thermal_voltage / stack.width
    outcoupled = profile_on_nodes(stack.layers.exciton.outcoupled, stack.position)
    sides = (_side(stack, y[:, :, nodes], field, nodes, ambient, outcoupled) for nodes in _SIDES)
    return jnp.sum(sum(0.5 * stack.width * side.photons for side in sides))


def budgets(stack: Stack, state: State, voltage, pieces: Pieces) -> tuple[PairBudget, ExcitonBudget, Array, Array]:
    """Pair budget, exciton budget, photons out 1/(m2 s), radiative rate at the nodes 1/(m3 s)."""
    y, low = state
    ambient = ambient_of(stack, voltage)
    drop = jnp.diff(y[0], axis=1) + jnp.diff(low[0], axis=1)
    field = jnp.abs(drop) * ambient.thermal_voltage / stack.width
    outcoupled = profile_on_nodes(stack.layers.exciton.outcoupled, stack.position)
    halves = [_side(stack, y[:, :, nodes], field, nodes, ambient, outcoupled) for nodes in _SIDES]
    weighted = jax.tree.map(lambda a: 0.5 * stack.width * a, halves)
    pairs, excitons, photons = jax.tree.map(lambda a, b: jnp.sum(a + b, axis=1), *weighted)
    faces = jnp.concatenate([stack.layers.exciton.quench_left, stack.layers.exciton.quench_right], axis=1)
    surface = EXCITON_SCALE * jnp.sum(faces * y[3][:, jnp.array([0, -1])], axis=1)
    _, left, right = stack.rows
    at_interfaces = pieces.faces[left][1] + pieces.faces[right][1]
    emitted = _node_mean(halves[0].excitons[0], halves[1].excitons[0], stack.width)
    lost = PairBudget._make((*pairs, at_interfaces)), ExcitonBudget._make((*excitons, surface))
    return *lost, jnp.sum(photons), emitted


def _node_mean(at_left: Array, at_right: Array, width: Array) -> Float[Array, "layer node"]:
    """Cell-side values as node values, weighted with the half boxes."""
    pad = lambda a, after: jnp.pad(a, ((0, 0), (0, 1) if after else (1, 0)))  # noqa: E731
    weight = pad(width, True) + pad(width, False)
    return (pad(at_left * width, True) + pad(at_right * width, False)) / weight


def profiles(stack: Stack, state: State, voltage, emission: Array) -> Profiles:
    """Everything along the nodes, layers joined."""
    y, low = state
    vt = stack.device.thermal_voltage
    c = carriers(tuple(y), stack.layers, ambient_of(stack, voltage))
    slope = -(jnp.diff(y[0], axis=1) + jnp.diff(low[0], axis=1)) * vt / stack.width
    columns = (
        y[0] * vt,
        voltage + y[1] * vt,
        y[2] * vt,
        c.n.density,
        c.p.density,
        y[3] * EXCITON_SCALE,
        _node_mean(slope, slope, stack.width),
        emission,
    )
    levels = ion_levels(stack, y[0])
    densities = [ion_density(y[0], level, ion.charge) for ion, level in zip(stack.device.ions, levels, strict=True)]
    ions = jnp.stack(densities).reshape(len(densities), -1) if densities else jnp.zeros((0, y[0].size))
    return Profiles._make((*(column.reshape(-1) for column in columns), ions))


def _power(stack: Stack, state: State, voltage, pieces: Pieces) -> Float[Array, ""]:
    """Dissipated electrical power, W/m2: quasi-Fermi drops along the current and at contacts, and recombining pairs."""
    y, low = state
    vt, q = stack.device.thermal_voltage, stack.device.constants.q
    drop = jnp.diff(y, axis=2) + jnp.diff(low, axis=2)
    total = vt * jnp.sum(pieces.cells[2] * drop[2] - pieces.cells[1] * drop[1])
    step = y[:, 1:, 0] - y[:, :-1, -1] + (low[:, 1:, 0] - low[:, :-1, -1])
    total = total + vt * jnp.sum(pieces.faces[2] * step[2] - pieces.faces[1] * step[1])
    level_n, level_p = voltage + vt * y[1], vt * y[2]
    nothing = jax.tree.map(jnp.zeros_like, pieces)
    flux = stack.rows[0]
    cells = pieces.cells.at[flux].set(0.0)
    sources = gather(stack, nothing._replace(cells=cells, faces=pieces.faces.at[flux].set(0.0)))
    total = total + jnp.sum(sources[1] * level_n - sources[2] * level_p)
    for side, at in ENDS:
        _, levels, _ = contact_of(stack, side, voltage)
        out = getattr(pieces, side)
        total = total + vt * (out[1] * (y[1][at] - levels.a) - out[2] * (y[2][at] - levels.b))
    return q * total


def certify(stack: Stack, state: State, voltage, pieces: Pieces) -> Certificates:
    """Conservation checks of transport reference 3.8."""
    q, sign = stack.device.constants.q, 1.0 if stack.device.left_is_anode else -1.0
    current = terminal_current(stack, pieces)
    scale = jnp.where(current == 0.0, 1.0, jnp.abs(current))
    _, electrons, holes = current_parts(stack, pieces)
    along = sign * q * (pieces.cells[2] - pieces.cells[1])
    _, left, right = stack.rows
    lost_left, lost_right = pieces.cells[left][1], pieces.cells[right][1]
    boxes = jnp.sum(lost_left) - lost_left[0, 0] + jnp.sum(lost_right) - lost_right[-1, -1]
    inside = boxes + jnp.sum(pieces.faces[left][1] + pieces.faces[right][1])
    jump = pieces.cells[1, 0, 0] - pieces.cells[1, -1, -1] - inside
    return Certificates(
        jnp.max(jnp.abs(along - current)) / scale,
        jnp.abs(q * jump) / scale,
        jnp.abs(
            _power(stack, state, voltage, pieces) / (scale * jnp.where(voltage == 0.0, 1.0, voltage))
            - jnp.sign(current)
        ),
        q * jnp.minimum(electrons, holes),
    )


def observe(stack: Stack, state: State, voltage) -> Observed:
    """Evaluate one bias point at internal ``voltage`` (V)."""
    device, q = stack.device, stack.device.constants.q
    pieces = local_values(stack, state, voltage)
    recombined, electrons, holes = current_parts(stack, pieces)
    conduction = terminal_current(stack, pieces)
    current = external_current(device, voltage=voltage, current=conduction)
    pairs, excitons, photons, emission = budgets(stack, state, voltage, pieces)
    return Observed(
        voltage=external_voltage(device, voltage=voltage, current=conduction),
        internal_voltage=voltage,
        current=current,
        electron_leakage=q * electrons,
        hole_leakage=q * holes,
        balance=q * recombined / jnp.where(current == 0.0, 1.0, current),
        photon_flux=photons,
        pairs=pairs,
        excitons=excitons,
        profiles=profiles(stack, state, voltage, emission),
        certificates=certify(stack, state, voltage, pieces),
    )
