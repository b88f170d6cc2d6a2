"""The local laws put together: what one mesh cell, one interface or one electrode adds to the balances at its nodes.

Unknowns of a node: u = (psi/Vt, a, b, X/X0) with E_Fn = V + Vt a (from the cathode), E_Fp = Vt b (from the anode), so
that small departures from the injecting contact stay exact. In a time step the level m of every ionic species follows
(c = exp(m - z psi)), and every balance but that of charge gains alpha S - history, S being what the box stores. A cell
returns fluxes towards +x and the sources of its two half boxes for the four balances (charge, electrons, holes,
excitons); the balance of a node is

    flux out to the right - flux in from the left + sources = 0.

All functions act on arrays elementwise. A cell is a function of its left unknowns and of the step to the right ones,
for two reasons: differences are known more precisely than the unknowns (``numerics.compensated``), and the derivative
to the left unknowns at fixed step, the answer to a common shift, comes out without cancellation
(``block_tridiagonal``).
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.transport import recombination
from peqled.transport.contacts import Levels, outflow
from peqled.transport.device import Constants, Contact, Interface, Layer, Trap
from peqled.transport.excitons import ExcitonRates, exciton_rates
from peqled.transport.flux import bernoulli, carrier_flux, thermionic
from peqled.transport.mobility import arrhenius, disorder_factor, poole_frenkel
from peqled.transport.statistics import Occupation, occupation
from peqled.transport.tunnel import transmission

EXCITON_SCALE = 1e20  # 1/m3
CONTINUITY_GAP = 1e-15  # m; thickness that stands for a continuous potential at a plain interface
Values = tuple[Array, ...]


class Ambient(NamedTuple):
    """What every cell shares: internal voltage V, kT/q V, constants; in a time step alpha, 1/s."""

    voltage: Float[Array, "..."]
    thermal_voltage: Float[Array, ""]
    constants: Constants
    disordered: bool = False
    ion_charges: tuple[int, ...] = ()
    alpha: Float[Array, ""] | None = None


class Carriers(NamedTuple):
    """Densities of a node and the split (E_Fn - E_Fp)/kT."""

    n: Occupation
    p: Occupation
    split: Float[Array, "..."]


class NodeData(NamedTuple):
    """What varies from node to node: Purcell factor, extra quenching 1/s, fixed charge C/m3, generation 1/(m3 s), and
    of every ionic species ln of its density (1/m3) at zero potential (0 or -inf, allowed or not, in a time step);
    ``history``: of n, p, X and the ions in a time step, 1/(m3 s)."""

    purcell: Float[Array, "..."]
    quench: Float[Array, "..."]
    fixed_charge: Float[Array, "..."]
    generation: Float[Array, "..."]
    ion_level: Float[Array, "species ..."]
    history: Float[Array, "stored ..."]


class PairRates(NamedTuple):
    """Rates per volume at a node, 1/(m3 s), and the charge of filled traps over q, 1/m3."""

    bimolecular: Float[Array, "..."]
    auger: Float[Array, "..."]
    trapping: Float[Array, "..."]
    trap_charge: Float[Array, "..."]


def carriers(u: Values, layer: Layer, ambient: Ambient) -> Carriers:
    """Occupations of both bands at a node."""
    vt = ambient.thermal_voltage
    eta_n = (ambient.voltage + layer.affinity) / vt + u[0] + u[1]
    eta_p = -layer.ionisation / vt - u[0] - u[2]
    spread_n, spread_p = spreads(layer, ambient)
    n = occupation(eta_n, sites=layer.sites_n, gamma=layer.degeneracy, spread=spread_n)
    p = occupation(eta_p, sites=layer.sites_p, gamma=layer.degeneracy, spread=spread_p)
    return Carriers(n, p, ambient.voltage / vt + u[1] - u[2])


def spreads(layer: Layer, ambient: Ambient) -> tuple[Array | None, Array | None]:
    """Width of the density of states of electrons and holes, kT; None where the device knows no disorder."""
    if not ambient.disordered:
        return None, None
    return layer.disorder_n / ambient.thermal_voltage, layer.disorder_p / ambient.thermal_voltage


def ion_charge(u: Values, data: NodeData, ambient: Ambient) -> Array:
    """Charge density of the mobile ions over q, 1/m3: Boltzmann in the potential."""
    total = jnp.zeros_like(u[0])
    for charge, density in zip(ambient.ion_charges, ion_densities(u, data, ambient), strict=True):
        total = total + charge * density
    return total


def ion_densities(u: Values, data: NodeData, ambient: Ambient) -> list[Array]:
    """Density of every mobile species, 1/m3; in a time step its level is an unknown of the node."""
    own = u[4:] if ambient.alpha is not None else (0.0,) * len(ambient.ion_charges)
    return [
        ion_density(u[0], level + m, charge)
        for level, m, charge in zip(data.ion_level, own, ambient.ion_charges, strict=True)
    ]


def ion_density(psi: Array, level: Array, charge: int) -> Array:
    """exp(level - z psi), 1/m3; psi in kT/q."""
    return jnp.exp(jnp.minimum(level - charge * psi, 300.0))


def edge_mobilities(c_left: Carriers, c_right: Carriers, field: Array, layer: Layer, ambient: Ambient) -> tuple:
    """Mobilities of electrons and holes on a cell, m2/(V s)."""
    vt = ambient.thermal_voltage
    room = ambient.constants.boltzmann * 300.0 / ambient.constants.q
    found = []
    for carrier, spread in zip("np", spreads(layer, ambient), strict=True):
        given, activation, coefficient = (
            getattr(layer, f"{name}_{carrier}") for name in ("mobility", "activation", "poole_frenkel")
        )
        mobility = poole_frenkel(given * arrhenius(activation, vt, room), coefficient=coefficient, field=field)
        if spread is not None:
            left, right = getattr(c_left, carrier).density, getattr(c_right, carrier).density
            mobility = mobility * disorder_factor(
                density=0.5 * (left + right), field=field, spread=spread, lattice=layer.lattice, thermal_voltage=vt
            )
        found.append(mobility)
    return tuple(found)


def trap_densities(c: Carriers, layer: Layer, trap: Trap, ambient: Ambient) -> tuple[Array, Array]:
    """n1, p1: band densities with the Fermi level at the trap, 1/m3."""
    depth_n = jnp.clip((layer.affinity - trap.level) / ambient.thermal_voltage, -600.0, 600.0)
    depth_p = jnp.clip((trap.level - layer.ionisation) / ambient.thermal_voltage, -600.0, 600.0)
    return layer.sites_n * jnp.exp(depth_n) * c.n.activity, layer.sites_p * jnp.exp(depth_p) * c.p.activity


def trap_charge(trap: Trap, filled: Array) -> Array:
    """Charge of a trap population over q: donors positive when empty, acceptors negative when filled."""
    donor, acceptor = jnp.maximum(trap.charge, 0.0), jnp.maximum(-trap.charge, 0.0)
    return trap.density * (donor * (1.0 - filled) - acceptor * filled)


def pair_rates(c: Carriers, layer: Layer, ambient: Ambient) -> PairRates:
    """Recombination in the bands at a node: bimolecular (direct and Langevin together) and through traps."""
    permittivity = layer.eps_r * ambient.constants.eps0
    capture = recombination.langevin_coefficient(
        mobility_n=layer.mobility_n, mobility_p=layer.mobility_p, permittivity=permittivity, q=ambient.constants.q
    )
    coefficient = layer.direct + layer.langevin * capture
    pairs = recombination.bimolecular(coefficient, n=c.n.density, p=c.p.density, split=c.split)
    third = recombination.auger(c_n=layer.auger_n, c_p=layer.auger_p, n=c.n.density, p=c.p.density, split=c.split)
    n1, p1 = trap_densities(c, layer, layer.trap, ambient)
    trapped = recombination.shockley_read_hall(layer.trap, n=c.n.density, p=c.p.density, n1=n1, p1=p1, split=c.split)
    return PairRates(pairs, third, trapped.rate, trap_charge(layer.trap, trapped.filled))


def exciton_loss(rates: ExcitonRates, data: NodeData) -> Array:
    """All first-order losses of the exciton that carriers do not come back from, 1/s."""
    return rates.radiative * data.purcell + rates.nonradiative + rates.trion + rates.field + data.quench


def half_box(
    u: Values, c: Carriers, field: Array, half: Array, layer: Layer, data: NodeData, ambient: Ambient
) -> Values:
    """Sources of half a box (width ``half``, m): charge with minus sign, net pair loss twice, net exciton loss."""
    q = ambient.constants.q
    pairs, density = pair_rates(c, layer, ambient), u[3] * EXCITON_SCALE
    rates = exciton_rates(
        layer.exciton, n=c.n.density, p=c.p.density, field=field, thermal_voltage=ambient.thermal_voltage
    )
    dissolved = layer.donors - layer.acceptors + pairs.trap_charge + ion_charge(u, data, ambient)
    charge = q * (c.p.density - c.n.density + dissolved) + data.fixed_charge
    returned = rates.dissociation * density
    pair_loss = pairs.bimolecular + pairs.auger + pairs.trapping - returned - layer.generation - data.generation
    loss = exciton_loss(rates, data) * density + layer.exciton.annihilation * density**2
    exciton = loss + returned - layer.exciton.share * pairs.bimolecular
    if ambient.alpha is None:
        return -half * charge, half * pair_loss, half * pair_loss, half * exciton
    ions = ion_densities(u, data, ambient)
    stored = (c.n.density, c.p.density, density, *ions)
    gained = [ambient.alpha * amount - before for amount, before in zip(stored, data.history, strict=True)]
    balances = [pair_loss + gained[0], pair_loss + gained[1], exciton + gained[2]]
    for gain, level, m in zip(gained[3:], data.ion_level, u[4:], strict=True):
        balances.append(jnp.where(jnp.isfinite(level), gain, m))  # where a species may not go its level rests at 0
    return -half * charge, *(half * balance for balance in balances)


def bulk_cell(
    left: Values,
    step: Values,
    rest: Values,
    width: Array,
    layer: Layer,
    data: tuple[NodeData, NodeData],
    ions: Array,
    ambient: Ambient,
) -> tuple[Array, ...]:
    """Four fluxes, four sources of the left half box, four of the right (five or six of each with moving ions).

    ``step``: right minus left unknowns; ``rest``: what that difference lost in rounding; ``ions``: mobility of every
    species, m2/(V s).
    """
    vt = ambient.thermal_voltage
    right = tuple(u + d for u, d in zip(left, step, strict=True))
    d_psi, d_a, d_b, d_x, *d_m = (d + e for d, e in zip(step, rest, strict=True))
    field = jnp.abs(d_psi) * vt / width
    c_left, c_right = carriers(left, layer, ambient), carriers(right, layer, ambient)
    mu_n, mu_p = edge_mobilities(c_left, c_right, field, layer, ambient)
    flux_n = carrier_flux(
        mu_n * vt / width,
        left=c_left.n.density,
        right=c_right.n.density,
        drift=d_psi + c_right.n.excess - c_left.n.excess,
        delta=d_a,
    )
    flux_p = carrier_flux(
        mu_p * vt / width,
        left=c_left.p.density,
        right=c_right.p.density,
        drift=-d_psi + c_right.p.excess - c_left.p.excess,
        delta=-d_b,
    )
    displacement = -layer.eps_r * ambient.constants.eps0 * vt / width * d_psi
    flux_x = -layer.exciton.diffusivity * EXCITON_SCALE / width * d_x
    drifting = ion_fluxes((left, right), (d_psi, d_m), ions * vt / width, data, ambient)
    half = 0.5 * width
    sources = (
        half_box(u, c, field, half, layer, d, ambient)
        for u, c, d in ((left, c_left, data[0]), (right, c_right, data[1]))
    )
    return (displacement, flux_n, flux_p, flux_x, *drifting, *next(sources), *next(sources))


def ion_fluxes(u, steps, speed: Array, data, ambient: Ambient) -> list[Array]:
    """Fluxes of the mobile ions between two nodes, 1/(m2 s); ``speed`` m/s [species ...]. None at rest."""
    if ambient.alpha is None:
        return []
    sides = [ion_densities(node, part, ambient) for node, part in zip(u, data, strict=True)]
    d_psi, d_m = steps
    return [
        carrier_flux(speed[i], left=sides[0][i], right=sides[1][i], drift=-charge * d_psi, delta=d_m[i])
        for i, charge in enumerate(ambient.ion_charges)
    ]


def interface_cell(
    left: Values,
    step: Values,
    rest: Values,
    interface: Interface,
    law_b: Array,
    layers: tuple[Layer, Layer],
    data: tuple[NodeData, NodeData],
    ions: Array,
    ambient: Ambient,
) -> tuple[Array, ...]:
    """The same values for a pair of nodes at one position: transfer, tunnelling, sheet charge, interface
    traps."""
    vt, constants, tunnel = ambient.thermal_voltage, ambient.constants, interface.tunnel
    right = tuple(u + d for u, d in zip(left, step, strict=True))
    d_psi, d_a, d_b, _, *d_m = (d + e for d, e in zip(step, rest, strict=True))
    c_left, c_right = carriers(left, layers[0], ambient), carriers(right, layers[1], ambient)
    displacement = -tunnel.eps_r * constants.eps0 * vt / jnp.maximum(tunnel.thickness, CONTINUITY_GAP) * d_psi
    step_n = (layers[1].affinity - layers[0].affinity) / vt + jnp.log(layers[1].sites_n / layers[0].sites_n)
    step_p = (layers[0].ionisation - layers[1].ionisation) / vt + jnp.log(layers[1].sites_p / layers[0].sites_p)

    def transfer(velocity, barrier, one, other, drift, delta):
        passed = velocity * transmission(tunnel, barrier=barrier, drop=d_psi * vt, constants=constants)

        def weight(x):
            return jnp.where(law_b, thermionic(x), bernoulli(x))

        drift = drift + other.excess - one.excess
        return carrier_flux(passed, left=one.density, right=other.density, drift=drift, delta=delta, weight=weight)

    flux_n = transfer(interface.velocity_n, tunnel.barrier_n, c_left.n, c_right.n, d_psi + step_n, d_a)
    flux_p = transfer(interface.velocity_p, tunnel.barrier_p, c_left.p, c_right.p, step_p - d_psi, -d_b)
    sources = interface_sources((left, right), (d_a, d_b), (c_left, c_right), interface, layers, ambient)
    crossing = ion_fluxes((left, right), (d_psi, d_m), ions, data, ambient)
    nothing = [0.0 * level for level in left[4:]]
    return (displacement, flux_n, flux_p, 0.0 * left[3], *crossing, *sources[0], *nothing, *sources[1], *nothing)


def interface_sources(u, steps, c, interface: Interface, layers, ambient: Ambient) -> tuple[Values, Values]:
    """Sheet charge and trapping at an interface, half of the charge on either node."""
    trap = interface.trap
    n1, p1 = zip(*(trap_densities(c[i], layers[i], trap, ambient) for i in (0, 1)), strict=True)
    base = ambient.voltage / ambient.thermal_voltage
    trapped = recombination.interface_trapping(
        trap,
        n=tuple(x.n.density for x in c),
        p=tuple(x.p.density for x in c),
        n1=n1,
        p1=p1,
        delta_n=steps[0],
        delta_p=steps[1],
        split=[[base + u[i][1] - u[j][2] for j in (0, 1)] for i in (0, 1)],
    )
    charge = -0.5 * (interface.sheet_charge + ambient.constants.q * trap_charge(trap, trapped.filled))
    left, right = ((charge, trapped.electrons[i], trapped.holes[i], 0.0 * u[i][3]) for i in (0, 1))
    return left, right


def electrode(u: Values, contact: Contact, levels: Levels, layer: Layer, ambient: Ambient) -> Values:
    """Carriers leaving through a contact of finite velocity, 1/(m2 s); potential and excitons have no outflow here."""
    c = carriers(u, layer, ambient)
    vt = ambient.thermal_voltage
    eta_n = (ambient.voltage + layer.affinity) / vt + u[0] + u[1]
    eta_p = -layer.ionisation / vt - u[0] - u[2]
    spread_n, spread_p = spreads(layer, ambient)
    out_n = outflow(
        contact.velocity_n,
        offset=u[1] - levels.a,
        eta=eta_n,
        sites=layer.sites_n,
        gamma=layer.degeneracy,
        spread=spread_n,
    )
    out_p = outflow(
        contact.velocity_p,
        offset=levels.b - u[2],
        eta=eta_p,
        sites=layer.sites_p,
        gamma=layer.degeneracy,
        spread=spread_p,
    )
    return 0.0 * c.split, out_n, out_p, *(0.0 * value for value in u[3:])
