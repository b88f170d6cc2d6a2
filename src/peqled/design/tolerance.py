"""Which tolerance costs most: Shapley effects of independent normal deviations, from the samples of a batch.

The response is fitted by orthonormal Hermite polynomials of the standard scores z,

    y = c_0 + sum_i [a_i z_i + b_i (z_i^2 - 1)/sqrt 2] + sum_(i<j) c_ij z_i z_j,

whose squared coefficients are shares of the variance (Sudret 2008, 10.1016/j.ress.2007.04.002). The Shapley effect of a
deviation is its own terms plus half of those it shares with another (Owen 2014, 10.1137/130936233): all effects and
what the fit leaves over add up to 1. With few samples the higher terms are left out. Squares are corrected for the
noise of the fit; intervals come from resampling whole substrates.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

PER_TERM = 4
"""Samples per coefficient that a set of terms must have."""
RESAMPLES = 200
SEED = 5


class Ranking(NamedTuple):
    """Shapley effects of the deviations, largest first, with 90 % intervals; slope of the response per standard
    deviation; share of the variance that the fit leaves over."""

    names: tuple[str, ...]
    effect: Float[np.ndarray, " deviation"]
    low: Float[np.ndarray, " deviation"]
    high: Float[np.ndarray, " deviation"]
    slope: Float[np.ndarray, " deviation"]
    unexplained: float
    terms: int


def rank(
    names: tuple[str, ...],
    scores: Float[np.ndarray, "sample deviation"],
    response: Float[np.ndarray, " sample"],
    group: Int[np.ndarray, " sample"],
) -> Ranking:
    """Rank the deviations by what they do to the response; `group` numbers the substrates.

    Raises:
        ValueError: fewer samples than deviations, or a response that does not vary.
    """
    if response.size < scores.shape[1] + 3:
        raise ValueError(f"a ranking of {scores.shape[1]} tolerances needs more than {response.size} devices")
    if not np.ptp(response) > 0:
        raise ValueError("the response is the same for all devices: nothing to rank")
    sets = _term_sets(scores.shape[1], response.size)
    effect, slope, left = _effects(scores, response, sets)
    resampled = np.array(
        [_effects(scores[rows], response[rows], sets)[0] for rows in _resampled(group) if np.ptp(response[rows]) > 0]
    )
    low, high = np.quantile(resampled, [0.05, 0.95], axis=0)
    order = np.argsort(-effect)
    return Ranking(
        tuple(names[i] for i in order), effect[order], low[order], high[order], slope[order], left, len(sets)
    )


def _term_sets(count: int, samples: int) -> list[tuple[int, ...]]:
    """Terms as tuples of deviations: (i,), (i, i) and (i, j), as far as the samples carry them."""
    sets: list[tuple[int, ...]] = [(i,) for i in range(count)]
    for more in ([(i, i) for i in range(count)], [(i, j) for i in range(count) for j in range(i + 1, count)]):
        if samples >= PER_TERM * (1 + len(sets) + len(more)):
            sets += more
    return sets


def _effects(
    scores: Float[np.ndarray, "sample deviation"], response: Float[np.ndarray, " sample"], sets: list[tuple[int, ...]]
) -> tuple[np.ndarray, np.ndarray, float]:
    design = np.stack([np.ones(response.size), *(_term(scores, term) for term in sets)], axis=1)
    coefficients, *_ = np.linalg.lstsq(design, response, rcond=None)
    residual = response - design @ coefficients
    noise = float(residual @ residual) / max(response.size - design.shape[1], 1)
    errors = noise * np.diag(np.linalg.pinv(design.T @ design))[1:]
    squares = np.maximum(coefficients[1:] ** 2 - errors, 0.0)
    total = squares.sum() + noise
    effect = np.zeros(scores.shape[1])
    for term, square in zip(sets, squares, strict=True):
        for i in set(term):
            effect[i] += square / total / len(set(term))
    return effect, coefficients[1 : 1 + scores.shape[1]], noise / total


def _term(scores: Float[np.ndarray, "sample deviation"], term: tuple[int, ...]) -> Float[np.ndarray, " sample"]:
    if len(term) == 2 and term[0] == term[1]:
        return (scores[:, term[0]] ** 2 - 1.0) / np.sqrt(2.0)
    return np.prod(scores[:, list(term)], axis=1)


def _resampled(group: Int[np.ndarray, " sample"]):
    random, groups = np.random.default_rng(SEED), np.unique(group)
    rows = {g: np.nonzero(group == g)[0] for g in groups}
    for _ in range(RESAMPLES):
        yield np.concatenate([rows[g] for g in random.choice(groups, size=groups.size)])
