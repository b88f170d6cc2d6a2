"""Poisson deviance of counts y against a model mu, D = 2 sum (mu - y + y ln(y/mu)).

It is twice the log-likelihood ratio to the perfect model; for a true model its mean is near the number of degrees of
freedom as soon as the counts are not tiny. Weighting squares by 1/y instead (Neyman) pulls the fit to low counts.
Reference: S. Baker and R. D. Cousins, Nucl. Instrum. Methods 1984, 221, 437, 10.1016/0167-5087(84)90016-4.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["bic", "deviance_residuals", "poisson_deviance"]

_FLOOR = 1e-9  # counts: keeps the logarithm finite where the model touches zero


def poisson_deviance(counts: Float[ndarray, " bin"], model: Float[ndarray, " bin"]) -> float:
    """D >= 0, zero only where the model equals the counts."""
    from scipy.special import xlogy

    mu = np.maximum(model, _FLOOR)
    return 2.0 * float(np.sum(mu - counts + xlogy(counts, np.maximum(counts, 1e-300) / mu)))


def deviance_residuals(counts: Float[ndarray, " bin"], model: Float[ndarray, " bin"]) -> Float[ndarray, " bin"]:
    """Signed root of each bin's share of the deviance; near normal with variance 1 for a true model."""
    from scipy.special import xlogy

    mu = np.maximum(model, _FLOOR)
    share = 2.0 * (mu - counts + xlogy(counts, np.maximum(counts, 1e-300) / mu))
    return np.sign(counts - mu) * np.sqrt(np.maximum(share, 0.0))


def bic(deviance: float, *, parameters: int, points: int) -> float:
    """Bayesian information criterion, deviance + k ln n (Schwarz, Ann. Stat. 1978, 6, 461)."""
    return deviance + parameters * np.log(points)
