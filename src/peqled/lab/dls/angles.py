"""Several angles: the rate against q squared, through the origin for one diffusion coefficient.

``Gamma = D q^2``. A diameter that falls with the angle is polydispersity: large particles scatter forwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class AngleFit:
    """Diffusion coefficient (m2/s) through the origin with uncertainty; slope of the line with an intercept."""

    diffusion: float
    uncertainty: float
    free_slope: float
    free_intercept: float


def through_origin(q: np.ndarray, rate: np.ndarray) -> AngleFit:
    """Fit Gamma = D q^2 to q (1/m) and rates (1/s), unweighted."""
    square = np.asarray(q, dtype=float) ** 2
    diffusion = float(square @ rate / (square @ square))
    residual = rate - diffusion * square
    u = float(np.sqrt(residual @ residual / max(rate.size - 1, 1) / (square @ square)))
    slope, intercept = np.polyfit(square, rate, 1) if rate.size > 2 else (diffusion, 0.0)
    return AngleFit(diffusion, u, float(slope), float(intercept))


def trend(angle: np.ndarray, diameter: np.ndarray) -> float:
    """Relative change of the diameter from the smallest to the largest angle, by a straight line."""
    slope, intercept = np.polyfit(angle, diameter, 1)
    first, last = intercept + slope * np.min(angle), intercept + slope * np.max(angle)
    return float((last - first) / np.mean(diameter))
