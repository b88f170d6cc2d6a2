"""How far a T50 at another luminance is known from a T50 and an exponent: mixtures of mechanisms on drawn devices.

Every device (thicknesses, indices and exciton constants drawn from the book) carries mixtures of mechanisms, each
scaled to the known T50 and weighted by its exponent (`lifetime.mixtures`). Asked once for the two mechanisms of the
default, once for all that need the drive, once with ligands that leave in the dark as well, the widths say what is not
known.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from peqled.inference.sampling import device_ranges, draw
from peqled.led.stage import LedResult
from peqled.lifetime.frozen import fresh_at, life_at
from peqled.lifetime.mixtures import COEFFICIENTS, Known, Mixtures, mixtures, weighted_interval
from peqled.lifetime.stage import damage_of
from peqled.parameters import Parameters
from peqled.twin import evaluate

HYPOTHESES = {
    "exciton-polaron and exciton-exciton": ("exciton-polaron", "exciton-exciton"),
    "all that need the drive": tuple(name for name in COEFFICIENTS if name != "ligand loss"),
    "all, with ligand loss in the dark": tuple(COEFFICIENTS),
}
"""Which mechanisms may act, from narrow to wide."""
EXACT = 0.005
"""Deviation of n that counts as known exactly."""
SEED = 11


class Interval(NamedTuple):
    """T50 (s) at every level under one hypothesis: ends of the 90 % interval, ends with n known exactly, and the
    effective number of mixtures."""

    hypothesis: str
    low: Float[np.ndarray, " level"]
    high: Float[np.ndarray, " level"]
    low_exact: Float[np.ndarray, " level"]
    high_exact: Float[np.ndarray, " level"]
    effective: float


class Verdict(NamedTuple):
    """What luminance data say of one mechanism: 90 % interval of its share at the anchor, and the posterior over prior
    deviation of the share."""

    mechanism: str
    low: float
    high: float
    ratio: float


@dataclasses.dataclass(frozen=True)
class LifeInterval:
    """Intervals by hypothesis and verdicts on the mechanisms, from so many drawn devices; `full` T50 (s) of the own
    device of the recipe."""

    luminance: Float[np.ndarray, " level"]
    full: Float[np.ndarray, " level"]
    known: Known
    devices: int
    intervals: tuple[Interval, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def widest(self) -> Interval:
        """With all mechanisms."""
        return self.intervals[-1]

    def reason(self, luminance: float) -> str:
        """Why the interval at `luminance` (cd/m^2) is as wide as it is, in words."""
        i = int(np.argmin(np.abs(np.log(self.luminance / luminance))))
        parts = [
            f"{each.hypothesis}: {each.low[i] / 3600:.3g} to {each.high[i] / 3600:.3g} h "
            f"({each.low_exact[i] / 3600:.3g} to {each.high_exact[i] / 3600:.3g} h if n were known exactly; "
            f"{each.effective:.0f} mixtures count)"
            for each in self.intervals
        ]
        law = self.known.t50 * (self.known.luminance / luminance) ** self.known.exponent / 3600
        return (
            f"T50 at {luminance:g} cd/m2 by the mechanisms allowed, {self.devices} devices: " + "; ".join(parts) + ". "
            f"The power law says {law:.4g} h. One T50 and one exponent fix the strongest mechanism; a weak one of "
            "lower order, invisible where it was measured, takes over at low luminance"
        )


def life_interval(
    parameters: Parameters,
    results: Mapping[str, Any],
    known: Known,
    luminance: Float[np.ndarray, " level"],
    *,
    full: Float[np.ndarray, " level"] | None = None,
    devices: int = 8,
    progress: Callable[[str, float], Any] | None = None,
) -> LifeInterval:
    """Intervals of T50 at `luminance` (cd/m^2), which must hold `known.luminance` and `known.other`.

    Args:
        parameters: of the recipe.
        results: its stages up to the device.
        known: what every mixture is held against.
        luminance: levels, cd/m^2.
        full: T50 (s) of full runs of the recipe's device there, which anchors the frozen ones.
        devices: drawn devices beside the recipe's own.
        progress: called with a text and the share done.
    """
    damage, leds = damage_of(parameters), [results["led"]]
    for i, values in enumerate(draw(device_ranges(parameters), samples=devices, seed=SEED)):
        if progress:
            progress("devices of the interval", i / max(devices, 1))
        leds.append(_device(parameters.replace(values), results))
    correction = np.ones(luminance.size)
    if full is not None:
        ratio = full / np.asarray(life_at(fresh_at(leds[0], luminance), damage))
        correction = np.where(np.isfinite(ratio), ratio, 1.0)
    found = {
        name: [mixtures(led, damage, known, luminance, mechanisms=allowed, correction=correction) for led in leds]
        for name, allowed in HYPOTHESES.items()
    }
    intervals = tuple(_interval(name, sets, known) for name, sets in found.items())
    own = np.full(luminance.size, np.nan) if full is None else full
    return LifeInterval(luminance, own, known, len(leds), intervals, _verdicts(found[list(HYPOTHESES)[-1]]))


def _device(parameters: Parameters, results: Mapping[str, Any]) -> LedResult:
    given = {name: results[name] for name in ("synthesis", "nanocrystal", "film")}
    return evaluate(parameters.with_structure(error_checks=False), until="led", given=given)["led"]


def _interval(name: str, sets: Sequence[Mixtures], known: Known) -> Interval:
    times, exponent, weight = (np.concatenate([getattr(s, x) for s in sets]) for x in ("t50", "exponent", "weight"))
    exact = np.exp(-0.5 * ((exponent - known.exponent) / EXACT) ** 2)
    ends = [np.array([weighted_interval(column, w) for column in times.T]).T for w in (weight, np.nan_to_num(exact))]
    effective = float(weight.sum() ** 2 / np.sum(weight**2)) if weight.any() else 0.0
    return Interval(name, ends[0][0], ends[0][1], ends[1][0], ends[1][1], effective)


def _verdicts(sets: Sequence[Mixtures]) -> tuple[Verdict, ...]:
    shares, weight = np.concatenate([s.shares for s in sets]), np.concatenate([s.weight for s in sets])
    flat = np.ones_like(weight)
    return tuple(
        Verdict(name, *weighted_interval(share, weight), _spread(share, weight) / _spread(share, flat))
        for name, share in zip(sets[0].mechanisms, shares.T, strict=True)
    )


def _spread(values: np.ndarray, weight: np.ndarray) -> float:
    mean = np.average(values, weights=weight)
    return float(np.sqrt(np.average((values - mean) ** 2, weights=weight)))
