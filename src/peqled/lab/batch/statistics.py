"""Statistics of a batch of devices whose pixels share substrates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Summary", "expected_maximum", "summarise_values", "wilson"]

SEED = 20230304
MEANS, MEDIANS = 4000, 400
Array = NDArray[np.float64]


class Summary(NamedTuple):
    """Moments of the devices of a batch, with standard errors and the 95 % interval of a bootstrap over substrates."""

    n: int
    clusters: int
    mean: float
    mean_se: float
    low: float
    high: float
    sd: float
    median: float
    median_se: float
    quartiles: tuple[float, float]
    champion: float
    expected_champion: float


def summarise_values(values: Array, clusters: Sequence[str]) -> Summary:
    """Summary of `values`; `clusters` names the substrate of each. With one substrate, devices are resampled."""
    labels = np.asarray(clusters)
    if len(set(clusters)) < 2:
        labels = np.arange(len(values)).astype(str)
    names, inverse = np.unique(labels, return_inverse=True)
    means = _cluster_means(values, inverse, len(names))
    medians = _cluster_medians(values, inverse, len(names))
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")
    low, high = np.percentile(means, [2.5, 97.5])
    quartiles = np.percentile(values, [25.0, 75.0])
    mean = float(np.mean(values))
    return Summary(
        len(values),
        len(set(clusters)),
        mean,
        float(np.std(means)),
        float(low),
        float(high),
        sd,
        float(np.median(values)),
        float(np.std(medians)),
        (float(quartiles[0]), float(quartiles[1])),
        float(np.max(values)),
        mean + sd * expected_maximum(len(values)),
    )


def _draws(clusters: int, count: int) -> NDArray[np.int_]:
    return np.random.default_rng(SEED).integers(0, clusters, (count, clusters))


def _cluster_means(values: Array, inverse: NDArray[np.int_], clusters: int) -> Array:
    totals, counts = np.bincount(inverse, values, clusters), np.bincount(inverse, minlength=clusters)
    draws = _draws(clusters, MEANS)
    return totals[draws].sum(axis=1) / counts[draws].sum(axis=1)


def _cluster_medians(values: Array, inverse: NDArray[np.int_], clusters: int) -> Array:
    """Medians of resampled substrates, all draws at once; short substrates are padded with NaN."""
    parts = [values[inverse == i] for i in range(clusters)]
    longest = max(len(part) for part in parts)
    padded = np.stack([np.pad(part, (0, longest - len(part)), constant_values=np.nan) for part in parts])
    drawn = padded[_draws(clusters, MEDIANS)].reshape(MEDIANS, -1)
    return np.asarray(np.nanmedian(drawn, axis=1) if np.isnan(padded).any() else np.median(drawn, axis=1))


def expected_maximum(n: int) -> float:
    """Expected maximum of n standard normal values (Blom 1958): Phi^-1((n - 0.375)/(n + 0.25)); 2.16 for 40."""
    from scipy.special import ndtri

    return float(ndtri((n - 0.375) / (n + 0.25))) if n > 1 else 0.0


def wilson(successes: int, n: int) -> tuple[float, float]:
    """Share and its standard uncertainty by the Wilson score (k = 1), which does not vanish at 0 and n."""
    if n == 0:
        return float("nan"), float("nan")
    share = successes / n
    return share, math.sqrt(share * (1.0 - share) / n + 0.25 / n**2) / (1.0 + 1.0 / n)
