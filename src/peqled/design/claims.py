"""What a number of devices can show: champions, means and differences, with devices that share substrates.

Efficiencies are taken as normal with a part b common to the m devices of a substrate and a part w of each device,
sigma^2 = b^2 + w^2. The champion of g substrates has the distribution

    P(max <= x) = [int phi(u) Phi((x - mu - b u)/w)^m du]^g,

and a mean of N devices the variance sigma^2 [1 + (m - 1) rho]/N, rho = b^2/sigma^2 (Kish's design effect).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
CONFIDENCE, POWER = 0.95, 0.8
RESAMPLES, SEED = 4000, 3


class Spread(NamedTuple):
    """Mean and the deviations between and within substrates of a quantity, devices per substrate."""

    mean: float
    between: float
    within: float
    per_substrate: float

    @property
    def deviation(self) -> float:
        """Of one device."""
        return math.hypot(self.between, self.within)

    @property
    def design_effect(self) -> float:
        """By how much the variance of a mean exceeds that of independent devices."""
        rho = self.between**2 / self.deviation**2 if self.deviation > 0 else 0.0
        return 1.0 + (self.per_substrate - 1.0) * rho


class Champion(NamedTuple):
    """Expected maximum of a batch, its central 90 % interval, and the chance of at most the one found."""

    expected: float
    low: float
    high: float
    chance: float


def spread_of(values: Float[np.ndarray, " device"], substrate: Int[np.ndarray, " device"]) -> Spread:
    """Variance components by the analysis of variance of one factor; without repeats all of it is within.

    Raises:
        ValueError: fewer than two values.
    """
    if values.size < 2:
        raise ValueError(f"a spread needs two devices, got {values.size}")
    groups = [values[substrate == g] for g in np.unique(substrate)]
    sizes = np.array([group.size for group in groups])
    count, total = len(groups), values.size
    if count in (1, total):
        return Spread(float(values.mean()), 0.0, float(values.std(ddof=1)), total / count)
    inside = sum(float(((group - group.mean()) ** 2).sum()) for group in groups) / (total - count)
    outside = sum(g.size * (float(g.mean()) - float(values.mean())) ** 2 for g in groups) / (count - 1)
    size = (total - (sizes**2).sum() / total) / (count - 1)
    between = math.sqrt(max(outside - inside, 0.0) / size)
    return Spread(float(values.mean()), between, math.sqrt(inside), total / count)


def champion(spread: Spread, devices: int, found: float) -> Champion:
    """Distribution of the best of so many devices, and the chance that it is at most the one found."""
    reach = spread.mean + spread.deviation * np.linspace(-6.0, 9.0, 3001)
    below = _below(spread, devices, reach)
    expected = float(reach[-1] - np.trapezoid(below, reach))
    low, high = np.interp([0.05, 0.95], below, reach)
    return Champion(expected, float(low), float(high), float(_below(spread, devices, np.array([found]))[0]))


def _below(spread: Spread, devices: int, x: Float[np.ndarray, " point"]) -> Float[np.ndarray, " point"]:
    from scipy.special import ndtr

    m = max(spread.per_substrate, 1.0)
    within = max(spread.within, 1e-9 * spread.deviation, 1e-300)
    inside = ndtr((x[:, None] - spread.mean - spread.between * _NODES[None, :]) / within)
    return ((inside**m) @ _WEIGHTS) ** (devices / m)


def resampled_champion(
    values: Float[np.ndarray, " device"], substrate: Int[np.ndarray, " device"], devices: int
) -> tuple[float, float, float]:
    """Mean and central 90 % of the best of so many devices, drawn as whole substrates from the sample itself: no shape
    of the distribution is assumed, but nothing can beat the best one of the sample."""
    random, groups = np.random.default_rng(SEED), np.unique(substrate)
    best = np.array([values[substrate == group].max() for group in groups])
    drawn = max(1, round(devices * groups.size / values.size))
    tops = best[random.integers(groups.size, size=(RESAMPLES, drawn))].max(axis=1)
    low, high = np.quantile(tops, [0.05, 0.95])
    return float(tops.mean()), float(low), float(high)


def skewness(values: Float[np.ndarray, " device"]) -> float:
    """Third moment over the cube of the deviation; 0 for a normal distribution."""
    centred = values - values.mean()
    return float(np.mean(centred**3) / max(float(np.mean(centred**2)), 1e-300) ** 1.5)


def devices_for_mean(spread: Spread, half_width: float) -> int:
    """Devices until the 95 % interval of the mean is +- `half_width` (unit of the mean), Student's t included."""
    from scipy.stats import t as student

    def reach(count: int) -> float:
        free = max(count / spread.design_effect - 1.0, 1.0)
        error = spread.deviation * math.sqrt(spread.design_effect / count)
        return float(student.ppf(0.5 + 0.5 * CONFIDENCE, free)) * error

    return _smallest(lambda count: reach(count) <= half_width, 2)


def devices_for_difference(spread: Spread, difference: float) -> int:
    """Devices of each of two recipes to see a difference of means with 80 % power at 5 % (two-sided), normal."""
    from scipy.special import ndtri

    quantiles = float(ndtri(0.5 + 0.5 * CONFIDENCE) + ndtri(POWER))
    return max(2, math.ceil(2.0 * (quantiles * spread.deviation / difference) ** 2 * spread.design_effect))


def devices_for_champion(spread: Spread, value: float) -> float:
    """Devices until the best one reaches `value` with a chance of 95 %; infinite where that takes over a million."""
    if float(_below(spread, 1_000_000, np.array([value]))[0]) > 1.0 - CONFIDENCE:
        return float("inf")
    return float(_smallest(lambda count: float(_below(spread, count, np.array([value]))[0]) <= 1.0 - CONFIDENCE, 1))


def _smallest(enough: Callable[[int], bool], low: int) -> int:
    """Smallest number for which a monotone condition holds."""
    high = low
    while not enough(high):
        low, high = high + 1, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low
