"""Lifetimes to first order: the initial loss rate of the luminance at every point of a sweep.

    D = -d ln L/dt at t = 0 = k_Q <dQ/dt X/k>/<X>,     k the loss rate of an exciton, <> the integral over the emitter

At a fixed luminance T50 is inversely proportional to D as long as the shape of the decay stays, so a ratio of two D
carries a lifetime from one parameter set to a near one without ageing the device again.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float
from scipy.constants import elementary_charge

from peqled.led.stage import LedResult
from peqled.lifetime.damage import Damage, arrhenius, mechanism_rates


def initial_loss_rate(led: LedResult, damage: Damage) -> Float[Array, " point"]:
    """D (1/s) at every bias point of the sweep."""
    return sum(loss_by_mechanism(led, damage).values(), start=jnp.zeros(()))


def loss_by_mechanism(led: LedResult, damage: Damage) -> dict[str, Float[Array, " point"]]:
    """D (1/s) at every bias point, mechanism by mechanism; ion loss acts on the dots next to the electron side."""
    seen = emitter_profiles(led)
    crossing = led.sweep.current[:, None] / elementary_charge * seen.last_dots
    rates = mechanism_rates(damage, excitons=seen.excitons, carriers=seen.carriers, crossing=crossing)
    rates["ligand loss"] = damage.ligand_loss + 0.0 * seen.excitons
    heat = arrhenius(damage, led.device.temperature)
    return {name: _relative_loss(seen, damage.quench_rate(heat * rate)) for name, rate in rates.items()}


class EmitterProfiles(NamedTuple):
    """What ages at every bias point: excitons and carriers (1/m^3), box widths (m), mean loss rate of an exciton (1/s)
    and, over the last dots before the electron side, one per their extent (1/m)."""

    excitons: Float[Array, "point node"]
    carriers: Float[Array, "point node"]
    weight: Float[Array, " node"]
    loss: Float[Array, " point"]
    last_dots: Float[Array, " node"]


def emitter_profiles(led: LedResult) -> EmitterProfiles:
    """Profiles of a solved sweep inside the emitter."""
    sweep, layers = led.sweep, len(led.device.layers)
    nodes = sweep.position.size // layers
    inside = slice(led.emitter * nodes, (led.emitter + 1) * nodes)
    profiles, weight = sweep.at.profiles, sweep.box[inside]
    excitons = profiles.excitons[:, inside]
    fates = sweep.at.excitons
    lost = sum(getattr(fates, name)[:, led.emitter] for name in fates._fields)
    total = excitons @ weight
    spacing = led.device.layers[led.emitter].exciton.hop
    return EmitterProfiles(
        excitons=excitons,
        carriers=profiles.n[:, inside] + profiles.p[:, inside],
        weight=weight,
        loss=lost / jnp.where(total > 0, total, 1.0),
        last_dots=last_dots(sweep.position[inside], spacing),
    )


def last_dots(position: Float[Array, " node"], spacing: Float[Array, ""]) -> Float[Array, " node"]:
    """1/spacing at the nodes within one dot `spacing` (m) of the electron side, 0 elsewhere."""
    return jnp.where(position[-1] - position <= spacing, 1.0 / spacing, 0.0)


def _relative_loss(seen: EmitterProfiles, quench_growth: Float[Array, "point node"]) -> Float[Array, " point"]:
    total = seen.excitons @ seen.weight
    relative = quench_growth * seen.excitons / jnp.where(seen.loss > 0, seen.loss, 1.0)[:, None]
    return (relative @ seen.weight) / jnp.where(total > 0, total, 1.0)


def loss_rate_at(led: LedResult, damage: Damage, luminance: Float[Array, " level"]) -> Float[Array, " level"]:
    """D (1/s) at forward luminances (cd/m^2), interpolated in logarithms; NaN outside the sweep."""
    bright, rate = led.operation.luminance, initial_loss_rate(led, damage)
    usable = (bright > 1e-3) & (rate > 0)
    x = jnp.where(usable, jnp.log(jnp.maximum(bright, 1e-30)), -100.0 + jnp.arange(bright.size))
    y = jnp.log(jnp.maximum(rate, 1e-300))
    inside = (luminance >= jnp.where(usable, bright, jnp.inf).min()) & (luminance <= bright.max())
    return jnp.where(inside, jnp.exp(jnp.interp(jnp.log(luminance), x, y)), jnp.nan)
