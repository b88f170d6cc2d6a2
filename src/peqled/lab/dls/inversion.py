"""Distribution of decay rates by regularised non-negative inversion, the strength at the corner of the L-curve.

``g1(t) = Int G(Gamma) exp(-Gamma t) d ln Gamma`` is solved for G >= 0 with a penalty on its second difference
(Tikhonov; Provencher, Comput. Phys. Commun. 1982, 27, 213). The corner of log residual against log roughness is the
point of largest curvature (Hansen and O'Leary, SIAM J. Sci. Comput. 1993, 14, 1487), sought among strengths that still
describe the data. The width of what comes out depends on that strength: report it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

GRID = 60
MISFIT = 1.5  # of the smallest residual: stronger penalties no longer describe the data


@dataclass(frozen=True)
class Inversion:
    """Rates (1/s), weights by intensity (sum 1), strength of the regularisation, misfit (relative rms)."""

    rates: np.ndarray
    weights: np.ndarray
    strength: float
    misfit: float

    def modes(self) -> list[tuple[float, float]]:
        """(mean rate, share) of each mode that holds at least 2 %; modes part where the weights fall below half.

        What piles up at an end of the grid is base line, dust or after-pulsing, no mode.
        """
        cuts = [0, *_valleys(self.weights), self.weights.size]
        found = []
        for start, stop in itertools.pairwise(cuts):
            share = float(self.weights[start:stop].sum())
            top = start + int(np.argmax(self.weights[start:stop]))
            if share >= 0.02 and 2 < top < self.weights.size - 3:
                mean = float(np.exp(self.weights[start:stop] @ np.log(self.rates[start:stop]) / share))
                found.append((mean, share))
        return found


def _valleys(weights: np.ndarray) -> list[int]:
    """Lowest points between maxima that lie below half of both."""
    padded = np.concatenate(([0.0], weights, [0.0]))
    tops = [i for i in range(weights.size) if padded[i + 1] > padded[i] and padded[i + 1] >= padded[i + 2]]
    kept, cuts = tops[:1], []
    for top in tops[1:]:
        low = kept[-1] + int(np.argmin(weights[kept[-1] : top + 1]))
        if weights[low] < 0.5 * min(weights[kept[-1]], weights[top]):
            cuts.append(low)
            kept.append(top)
        elif weights[top] > weights[kept[-1]]:
            kept[-1] = top
    return cuts


def field_correlation(g2: np.ndarray, *, baseline: float, intercept: float) -> np.ndarray:
    """g1 from g2 - 1 (Siegert relation), signed so that noise about zero stays about zero."""
    ratio = (g2 - baseline) / intercept
    return np.sign(ratio) * np.sqrt(np.abs(ratio))


def invert(lag: np.ndarray, g1: np.ndarray, *, around: float, decades: float = 2.0, strengths: int = 14) -> Inversion:
    """Invert g1 (lags in s) on a grid of rates about `around` (1/s), `decades` to each side."""
    rates = around * np.logspace(-decades, decades, GRID)
    kernel = np.exp(-np.outer(lag, rates))
    second = np.diff(np.eye(GRID), 2, axis=0)
    alphas = np.logspace(-3.0, 1.0, strengths) * np.sqrt(lag.size)
    tried = [_solve(kernel, g1, alpha * second) for alpha in alphas]
    residual = np.array([np.linalg.norm(kernel @ w - g1) for w in tried])
    rough = np.array([np.linalg.norm(second @ w) for w in tried])
    fitting = np.flatnonzero(residual <= MISFIT * residual.min())
    last = max(int(fitting[-1]) + 1, 4)
    best = _corner(np.log(np.maximum(residual[:last], 1e-300)), np.log(np.maximum(rough[:last], 1e-300)))
    weights = tried[best]
    total = max(float(weights.sum()), 1e-300)
    misfit = float(residual[best] / np.sqrt(lag.size))
    return Inversion(rates, weights / total, float(alphas[best]), misfit)


def _solve(kernel: np.ndarray, values: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    from scipy.optimize import nnls

    stacked = np.vstack((kernel, penalty))
    target = np.concatenate((values, np.zeros(len(penalty))))
    return nnls(stacked, target, maxiter=30 * GRID)[0]


def _corner(x: np.ndarray, y: np.ndarray) -> int:
    """Index of the largest curvature of a curve given by points (both axes scaled to their range)."""
    x, y = ((v - v.min()) / max(float(np.ptp(v)), 1e-12) for v in (x, y))
    dx, dy = np.gradient(x), np.gradient(y)
    bend = (dx * np.gradient(dy) - dy * np.gradient(dx)) / np.maximum(dx**2 + dy**2, 1e-12) ** 1.5
    inner = slice(1, -1)
    return int(np.argmax(bend[inner])) + 1  # down, then to the right: a turn to the left
