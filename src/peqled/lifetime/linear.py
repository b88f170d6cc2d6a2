"""Lifetimes to first order: the initial loss rate of the luminance at every point of a sweep.

    D = -d ln L/dt at t = 0 = k_Q <dQ/dt X/k>/<X>,     k the loss rate of an exciton, <> the integral over the emitter

At a fixed luminance T50 is inversely proportional to D as long as the shape of the decay stays, so a ratio of two D
carries a lifetime from one parameter set to a near one without ageing the device again.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.led.stage import LedResult
from peqled.lifetime.damage import Damage, damage_rate


def initial_loss_rate(led: LedResult, damage: Damage) -> Float[Array, " point"]:
    """D (1/s) at every bias point of the sweep."""
    sweep, layers = led.sweep, len(led.device.layers)
    nodes = sweep.position.size // layers
    inside = slice(led.emitter * nodes, (led.emitter + 1) * nodes)
    profiles, weight = sweep.at.profiles, sweep.box[inside]
    excitons = profiles.excitons[:, inside]
    carriers = profiles.n[:, inside] + profiles.p[:, inside]
    growth = damage_rate(
        damage, excitons=excitons, carriers=carriers, defects=0.0 * excitons, temperature=led.device.temperature
    )
    fates = sweep.at.excitons
    lost = sum(getattr(fates, name)[:, led.emitter] for name in fates._fields)
    total = excitons @ weight
    loss = lost / jnp.where(total > 0, total, 1.0)
    relative = damage.quench_rate(growth) * excitons / jnp.where(loss > 0, loss, 1.0)[:, None]
    return (relative @ weight) / jnp.where(total > 0, total, 1.0)


def loss_rate_at(led: LedResult, damage: Damage, luminance: Float[Array, " level"]) -> Float[Array, " level"]:
    """D (1/s) at forward luminances (cd/m^2), interpolated in logarithms; NaN outside the sweep."""
    bright, rate = led.operation.luminance, initial_loss_rate(led, damage)
    usable = (bright > 1e-3) & (rate > 0)
    x = jnp.where(usable, jnp.log(jnp.maximum(bright, 1e-30)), -100.0 + jnp.arange(bright.size))
    y = jnp.log(jnp.maximum(rate, 1e-300))
    inside = (luminance >= jnp.where(usable, bright, jnp.inf).min()) & (luminance <= bright.max())
    return jnp.where(inside, jnp.exp(jnp.interp(jnp.log(luminance), x, y)), jnp.nan)
