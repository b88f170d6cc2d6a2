"""Half-lives without solving the device again: excitons are taken from the fresh device, cell by cell.

    N(z, t) = N_0(z)/(1 + y),   y = k_Q Q/k,   carriers and the supply of pairs as in the fresh device

k the loss rate of an exciton at t = 0. Integrated over u = -ln(L/L0), so that the half-life is the end of the range;
healing and self-heating are left out. Exact in a uniform film; in the device it is what makes thousands of lifetimes
affordable (mixtures of mechanisms, plans of tests), anchored where it matters to a full run.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.constants import elementary_charge

from peqled.led.stage import LedResult
from peqled.lifetime.damage import Damage, arrhenius, mechanism_rates
from peqled.lifetime.linear import emitter_profiles
from peqled.programs import stored

STEPS = 12
"""Runge-Kutta steps over the fall of the luminance: errors of 1e-5 to half of it."""


class Fresh(NamedTuple):
    """Fresh emitter at several levels: excitons, carriers (1/m^3), charges at the last dots (1/(m^3 s)), weight of the
    light of each node (any scale), loss rate of an exciton (1/s), temperature (K)."""

    excitons: Float[Array, "level node"]
    carriers: Float[Array, "level node"]
    crossing: Float[Array, "level node"]
    weight: Float[Array, " node"]
    loss: Float[Array, " level"]
    temperature: Float[Array, ""]


def fresh_at(led: LedResult, luminance: Float[np.ndarray, " level"]) -> Fresh:
    """The solved sweep at forward luminances (cd/m^2), interpolated in logarithms; NaN outside the sweep."""
    bright, seen = np.asarray(led.operation.luminance), emitter_profiles(led)
    rising = np.concatenate([[False], np.diff(np.maximum.accumulate(bright)) > 0]) & (bright > 1e-6)
    known, wanted = np.log(bright[rising]), np.log(luminance)
    upper = np.clip(np.searchsorted(known, wanted), 1, known.size - 1)
    share = (wanted - known[upper - 1]) / (known[upper] - known[upper - 1])
    share = np.where((share < -1e-9) | (share > 1 + 1e-9), np.nan, share)

    def between(values: Float[Array, "point *rest"]) -> Float[Array, "level *rest"]:
        logs = np.log(np.maximum(np.asarray(values)[rising], 1e-300))
        part = share.reshape(-1, *(1,) * (logs.ndim - 1))
        return jnp.asarray(np.exp(logs[upper - 1] + part * (logs[upper] - logs[upper - 1])))

    crossing = between(led.sweep.current)[:, None] / elementary_charge * seen.last_dots
    layer = led.device.layers[led.emitter].exciton
    nodes = led.sweep.position.size // len(led.device.layers)
    x = led.sweep.position[led.emitter * nodes : (led.emitter + 1) * nodes]
    samples = jnp.linspace(x[0], x[-1], layer.outcoupled.size)
    weight = seen.weight * jnp.interp(x, samples, layer.outcoupled)
    return Fresh(
        between(seen.excitons), between(seen.carriers), crossing, weight, between(seen.loss), led.device.temperature
    )


@stored(static_argnames=("share",))
def life_at(fresh: Fresh, damage: Damage, *, share: float = 0.5) -> Float[Array, " level"]:
    """Time (s) to L/L0 = `share` at every level; infinite where nothing ages, NaN outside the sweep."""
    heat = arrhenius(damage, fresh.temperature)

    def one(excitons: Array, carriers: Array, crossing: Array, loss: Array) -> Array:
        def slope(y: Array) -> tuple[Array, Array]:
            """dy/du and dt/du."""
            now = excitons / (1.0 + y)
            rates = mechanism_rates(damage, excitons=now, carriers=carriers, crossing=crossing)
            grown = sum(rates.values(), start=jnp.zeros(())) + damage.ligand_loss
            rate = damage.quench_rate(heat * grown) / loss
            light = now @ fresh.weight
            fall = ((now / (1.0 + y)) * rate) @ fresh.weight / light
            ages = fall > 0.0
            return jnp.where(ages, rate / jnp.where(ages, fall, 1.0), 0.0), jnp.where(ages, 1.0 / fall, jnp.inf)

        step = -jnp.log(share) / STEPS

        def advance(state: tuple[Array, Array], _: None) -> tuple[tuple[Array, Array], None]:
            y, time = state
            k1, t1 = slope(y)
            k2, t2 = slope(y + 0.5 * step * k1)
            k3, t3 = slope(y + 0.5 * step * k2)
            k4, t4 = slope(y + step * k3)
            return (y + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4), time + step / 6 * (t1 + 2 * t2 + 2 * t3 + t4)), None

        (_, time), _ = jax.lax.scan(advance, (jnp.zeros_like(excitons), jnp.zeros(())), length=STEPS)
        return time

    return jax.vmap(one)(fresh.excitons, fresh.carriers, fresh.crossing, fresh.loss)
