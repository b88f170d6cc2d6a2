"""Particle sizes: moments, lognormal parameters, bootstrap intervals, weighted means.

Lognormal: geometric mean ``exp(<ln d>)`` and geometric standard deviation ``exp(sd(ln d))`` (maximum likelihood up to
the factor n/(n - 1) of the variance). The DLS equivalent is the mean weighted by d^6 over d^5, never the number mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

LARGEST_DRAW = 20_000


@dataclass(frozen=True)
class SizeStatistics:
    """Statistics of n sizes, in their unit; each with its standard uncertainty from a bootstrap over particles."""

    count: int
    mean: float
    u_mean: float
    deviation: float
    u_deviation: float
    median: float
    u_median: float
    geometric_mean: float
    u_geometric_mean: float
    geometric_deviation: float
    u_geometric_deviation: float
    scattering_mean: float

    @property
    def variation(self) -> float:
        """Coefficient of variation."""
        return self.deviation / self.mean


def lognormal(sizes: np.ndarray) -> tuple[float, float]:
    """Geometric mean and geometric standard deviation."""
    logs = np.log(sizes)
    return math.exp(float(logs.mean())), math.exp(float(logs.std(ddof=1)))


def statistics(sizes: np.ndarray, *, resamples: int = 400, seed: int = 20230918) -> SizeStatistics:
    """Statistics of positive sizes (at least two)."""
    d = np.asarray(sizes, dtype=float)
    rng = np.random.default_rng(seed)
    count = max(100, min(resamples, 4_000_000 // max(d.size, 1)))
    drawn = min(d.size, LARGEST_DRAW)
    shrink = float(np.sqrt(drawn / d.size))  # errors of a larger sample follow from those of a part of it
    draws = d[rng.integers(0, d.size, (count, drawn))]
    logs = np.log(draws)
    gm, gsd = lognormal(d)

    def error(values: np.ndarray) -> float:
        return shrink * float(values.std(ddof=1))

    return SizeStatistics(
        d.size,
        float(d.mean()),
        error(draws.mean(axis=1)),
        float(d.std(ddof=1)),
        error(draws.std(axis=1, ddof=1)),
        float(np.median(d)),
        error(np.median(draws, axis=1)),
        gm,
        error(np.exp(logs.mean(axis=1))),
        gsd,
        error(np.exp(logs.std(axis=1, ddof=1))),
        float((d**6).sum() / (d**5).sum()),
    )


def lognormal_fits(sizes: np.ndarray) -> tuple[float, float]:
    """Kolmogorov-Smirnov distance of a lognormal and of a normal law with the sample's own parameters."""
    from scipy.stats import kstest, norm

    logs = np.log(sizes)
    lognormal_distance = kstest(logs, norm(logs.mean(), logs.std(ddof=1)).cdf).statistic
    normal_distance = kstest(sizes, norm(sizes.mean(), sizes.std(ddof=1)).cdf).statistic
    return float(lognormal_distance), float(normal_distance)
