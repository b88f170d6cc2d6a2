"""Which mixtures of mechanisms agree with a lifetime and an exponent, and what they say elsewhere.

A T50 at one luminance and an exponent are two numbers; six mechanisms have six coefficients. Every mixture is scaled to
the T50 (all its times stretch together) and weighted by how well its exponent between two luminances agrees,

    weight = exp[-(n - n_0)^2/(2 u^2)]

The prior: shares w_m/sum w of the initial loss rate, a mechanism absent (w = 0) or present with equal odds, and then
log10 w_m even in [-4, 0].

Lifetimes are those of the frozen device (`frozen`), anchored level by level to a full run where there is one. The
interval at another luminance holds the uncertainty of the mechanism and of n for this device.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from peqled.led.stage import LedResult
from peqled.lifetime.damage import Damage
from peqled.lifetime.frozen import Fresh, fresh_at, life_at
from peqled.lifetime.linear import loss_by_mechanism
from peqled.programs import stored

COEFFICIENTS = {
    "exciton": "exciton",
    "polaron": "polaron",
    "exciton-polaron": "exciton_polaron",
    "exciton-exciton": "exciton_exciton",
    "ion loss": "ion_loss",
    "ligand loss": "ligand_loss",
}
"""Field of `Damage` of every mechanism."""
DECADES = 4.0
"""Range of the shares: what is weaker by more than this at the anchor counts as absent."""
SEED = 7


class Known(NamedTuple):
    """What is known: T50 (s) at `luminance` (cd/m^2), and the exponent down to `other` with its standard deviation."""

    luminance: float
    t50: float
    other: float
    exponent: float
    deviation: float


class Mixtures(NamedTuple):
    """Shares of `mechanisms` at the anchor, exponents, T50 (s) at the levels, and weights (1 at most)."""

    mechanisms: tuple[str, ...]
    shares: Float[np.ndarray, "sample mechanism"]
    exponent: Float[np.ndarray, " sample"]
    t50: Float[np.ndarray, "sample level"]
    weight: Float[np.ndarray, " sample"]


def mixtures(
    led: LedResult,
    damage: Damage,
    known: Known,
    luminance: Float[np.ndarray, " level"],
    *,
    mechanisms: Sequence[str] = tuple(COEFFICIENTS),
    correction: Float[np.ndarray, " level"] | float = 1.0,
    samples: int = 2048,
) -> Mixtures:
    """Mixtures of `mechanisms` and their T50 at `luminance` (cd/m^2).

    Args:
        led: the solved device.
        damage: k_Q, E_a and T_0; its coefficients are not used.
        known: lifetime and exponent that every mixture is held against.
        luminance: where T50 is asked for; `known.luminance` and `known.other` must be among them.
        mechanisms: those that may act; all by default.
        correction: full over frozen T50 of one mixture at every level.
        samples: mixtures drawn.
    """
    chosen = [list(COEFFICIENTS).index(name) for name in mechanisms]
    shares = np.zeros((samples, len(COEFFICIENTS)))
    shares[:, chosen] = _draw(len(chosen), samples)
    times = _times(led, damage, luminance, known.luminance, shares, share=0.5) * correction
    anchor, other = (int(np.argmin(np.abs(np.log(luminance / x)))) for x in (known.luminance, known.other))
    ages = np.isfinite(times[:, anchor])
    times[ages] *= known.t50 / times[ages, anchor : anchor + 1]
    times[~ages] = np.nan
    exponent = np.log(times[:, other] / times[:, anchor]) / np.log(known.luminance / known.other)
    weight = np.exp(-0.5 * ((exponent - known.exponent) / known.deviation) ** 2)
    return Mixtures(tuple(mechanisms), shares[:, chosen], exponent, times, np.nan_to_num(weight))


def lives_of_mixtures(
    led: LedResult,
    damage: Damage,
    luminance: Float[np.ndarray, " level"],
    anchor: float,
    *,
    share: float,
    samples: int,
) -> Float[np.ndarray, "sample level"]:
    """Times (s) to a share of the luminance of mixtures of all mechanisms, whose initial loss rate at `anchor` (cd/m^2)
    is 1/s; NaN where a mixture never gets there."""
    times = _times(led, damage, luminance, anchor, _draw(len(COEFFICIENTS), samples), share=share)
    return np.where(np.isfinite(times), times, np.nan)


def _times(
    led: LedResult,
    damage: Damage,
    luminance: Float[np.ndarray, " level"],
    anchor: float,
    shares: Float[np.ndarray, "sample mechanism"],
    *,
    share: float,
) -> Float[np.ndarray, "sample level"]:
    units = unit_mechanisms(led, damage, anchor)
    coefficients = jnp.asarray(shares * np.array(list(units.values())))
    return np.array(_lifetimes(fresh_at(led, luminance), damage, coefficients, share=share))


def unit_mechanisms(led: LedResult, damage: Damage, luminance: float) -> dict[str, float]:
    """Coefficient of each mechanism alone that gives an initial loss rate of 1/s at `luminance` (cd/m^2)."""
    ones = _with_coefficients(damage, [jnp.ones(())] * len(COEFFICIENTS))
    bright = np.asarray(led.operation.luminance)
    rates = loss_by_mechanism(led, ones)
    return {name: 1.0 / float(np.interp(luminance, bright, rates[name])) for name in COEFFICIENTS}


def weighted_interval(
    values: Float[np.ndarray, " sample"], weight: Float[np.ndarray, " sample"], share: float = 0.9
) -> tuple[float, float]:
    """Central interval that holds `share` of the weight of the finite values; NaN without any."""
    known = np.isfinite(values) & (weight > 0)
    if known.sum() < 2:
        return float("nan"), float("nan")
    values, weight = values[known], weight[known] / weight[known].sum()
    order = np.argsort(values)
    below = np.cumsum(weight[order]) - 0.5 * weight[order]
    low, high = np.interp([0.5 * (1 - share), 0.5 * (1 + share)], below, values[order])
    return float(low), float(high)


def _with_coefficients(damage: Damage, values: Sequence[Array] | Array) -> Damage:
    return eqx.tree_at(lambda d: tuple(getattr(d, field) for field in COEFFICIENTS.values()), damage, tuple(values))


def _draw(count: int, samples: int) -> Float[np.ndarray, "sample mechanism"]:
    random = np.random.default_rng(SEED)
    strength = 10.0 ** (-DECADES * random.random((samples, count)))
    present = random.random((samples, count)) < 0.5
    present[np.arange(samples), random.integers(count, size=samples)] = True  # one at least
    strength = np.where(present, strength, 0.0)
    return strength / strength.sum(axis=1, keepdims=True)


@stored(static_argnames=("share",))
def _lifetimes(
    state: Fresh, damage: Damage, coefficients: Float[Array, "sample mechanism"], *, share: float
) -> Float[Array, "sample level"]:
    def one(values: Float[Array, " mechanism"]) -> Float[Array, " level"]:
        return life_at(state, _with_coefficients(damage, values), share=share)

    return jax.lax.map(one, coefficients, batch_size=64)
