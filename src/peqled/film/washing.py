"""Washing: antisolvent in, spin down, pour off, disperse again; what becomes of dots, ligands and their light.

All volumes are relative to that of the crude dispersion. The ligands of a dispersion of the volume V, with the amounts
T of acid (A), amine (B) and agent (Z) and the sites s of the dots, rest where

    T_A = V (c_A + K_p c_A c_B) + s K_A c_A/u,   T_B likewise,   T_Z = c_Z (V + s K_Z/u),   u = 1 + sum_j K_j c_j

(competitive Langmuir adsorption, with ion pairs of acid and amine as a store). A cycle of antisolvent ratio r makes
V = 1 + r; the dots that precipitate there (`stability`) take along what is bound to them and the share e of the liquid;
fresh solvent fills up to V = 1. After the last cycle what does not disperse again is spun off too. Nothing is made
or lost: what is poured off is counted. Ligands leave by dilution alone; that a polar antisolvent pulls off more is
not modelled, and neither is dissolution of the dots.
"""

from __future__ import annotations

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array, lax
from jaxtyping import Float
from scipy.constants import N_A

from peqled.nanocrystal import sites_per_dot

KINDS = ("acid", "amine", "agent")


class Binding(eqx.Module):
    """Langmuir constants (m3/mol) and carbons per chain, in the order of `KINDS`; ``pair`` of acid with amine."""

    constant: Float[Array, " kind"]
    carbons: Float[Array, " kind"]
    pair: float | Array


class Batch(eqx.Module):
    """Dots ``number[cell]`` and all ligand ``amount[kind]`` (mol), both per volume of the crude dispersion."""

    number: Float[Array, " cell"]
    amount: Float[Array, " kind"]


class Cycles(eqx.Module):
    """After every cycle (first entry: the crude): yield by volume of crystal, coverage, mean carbons of the shell, and
    ligand left per volume of crude (mol/m3); ``batch`` is what is left, ``poured`` the ligand poured off (mol/m3)."""

    yields: Float[Array, " wash"]
    coverage: Float[Array, " wash"]
    carbons: Float[Array, " wash"]
    ligand: Float[Array, " wash"]
    batch: Batch
    poured: Float[Array, " kind"]


Stability = Callable[[Array, Array, Array, float | Array, int], Float[Array, " cell"]]
"""Share of every class that precipitates: (number per volume, coverage, carbons, antisolvent share, cycles done)."""


def adsorbed(amount: Float[Array, " kind"], volume: float | Array, sites: Array, binding: Binding) -> Array:
    """Share of the sites that every kind of ligand holds, at rest; ``sites`` in mol per volume of crude (mol/m3)."""

    def free(u: Array) -> Array:
        room = volume + sites * binding.constant / u
        acid, amine = amount[0], amount[1]
        pair = volume * binding.pair
        # T_A = c_A (r_A + p c_B), T_B = c_B (r_B + p c_A): the positive root, in the form without cancellation
        linear = room[0] * room[1] + pair * (amine - acid)
        root = jnp.sqrt(linear**2 + 4.0 * pair * room[1] * room[0] * acid)
        c_acid = jnp.where(
            linear > 0.0,
            2.0 * room[1] * acid / jnp.where(linear > 0.0, linear + root, 1.0),
            (root - linear) / jnp.where(pair > 0.0, 2.0 * pair * room[0], 1.0),
        )
        return jnp.stack([c_acid, amine / (room[1] + pair * c_acid), amount[2] / room[2]])

    def excess(log: Array) -> Array:
        u = jnp.exp(log)
        return 1.0 + (binding.constant * free(u)).sum() - u

    def halve(_, bounds: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = bounds
        middle = 0.5 * (low + high)
        up = excess(middle) > 0.0
        return jnp.where(up, middle, low), jnp.where(up, high, middle)

    ceiling = jnp.log1p((binding.constant * amount).sum() / volume)
    log = lax.stop_gradient(lax.fori_loop(0, 60, halve, (jnp.zeros(()), ceiling))[0])
    log = log - excess(log) / jax.grad(excess)(log)
    u = jnp.exp(log)
    return binding.constant * free(u) / u


def wash(
    crude: Batch,
    edge: Float[Array, " cell"],
    *,
    binding: Binding,
    site_density: float | Array,
    ratio: float | Array,
    retained: float | Array,
    times: int,
    stability: Stability,
) -> Cycles:
    """``times`` cycles with ``ratio`` volumes of antisolvent each; the pellet keeps the ``retained`` share of liquid.

    ``edge`` (m), ``site_density`` (1/m2). `stability` says which share of the dots precipitates.
    """
    per_dot = sites_per_dot(edge, site_density) / N_A
    volume = 1.0 + ratio

    def surface(batch: Batch, room: float | Array) -> tuple[Array, Array, Array]:
        sites = (batch.number * per_dot).sum()
        held = adsorbed(batch.amount, room, sites, binding)
        return held, held.sum(), held @ binding.carbons / jnp.maximum(held.sum(), 1e-30)

    def keep(batch: Batch, held: Array, share: Array, liquid: float | Array) -> Batch:
        """The share of every class, with its shell, and the share ``liquid`` of what is not bound."""
        sites = (batch.number * per_dot).sum()
        stays = (batch.number * share * per_dot).sum()
        return Batch(batch.number * share, held * stays + liquid * (batch.amount - held * sites))

    def solid(batch: Batch) -> Array:
        return (batch.number * edge**3).sum()

    states = [crude]
    for cycle in range(times):
        batch = states[-1]
        held, coverage, carbons = surface(batch, volume)
        share = stability(batch.number / volume, coverage, carbons, ratio / volume, cycle)
        states.append(keep(batch, held, share, retained))
    if times:
        last = states[-1]
        held, coverage, carbons = surface(last, 1.0)
        states[-1] = keep(last, held, 1.0 - stability(last.number, coverage, carbons, 0.0, times), 1.0)
    ends = [surface(state, 1.0) for state in states]
    return Cycles(
        yields=jnp.stack([solid(state) for state in states]) / solid(crude),
        coverage=jnp.stack([end[1] for end in ends]),
        carbons=jnp.stack([end[2] for end in ends]),
        ligand=jnp.stack([state.amount.sum() for state in states]),
        batch=states[-1],
        poured=crude.amount - states[-1].amount,
    )
