"""Operational decay of one device: measured crossing times and the stretched exponential (Kohlrausch, KWW).

L/L0 = exp[-(t/tau)^beta] and T_x = tau (-ln x)^(1/beta), x the share that is left.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Stretched", "crossing", "fit_stretched", "stretched_time", "time_u"]

Array = NDArray[np.float64]


class Stretched(NamedTuple):
    """Fit of a stretched exponential.

    Attributes:
        tau: s.
        beta: exponent.
        covariance: of (ln tau, beta), with the correlation of neighbouring residuals taken into account.
        residual: rms of the residuals, in L/L0.
        at_bound: whether a parameter sits at its bound.
    """

    tau: float
    beta: float
    covariance: Array
    residual: float
    at_bound: bool


def crossing(time: Array, level: Array, x: float) -> float:
    """Time (s) at which a trace falls to `x`, linearly interpolated; NaN where it never does.

    A trace of many points is smoothed by a running median of five, so that a single dropout does not count.
    """
    from scipy.ndimage import median_filter

    smooth = median_filter(level, 5, mode="nearest") if len(level) > 50 else level
    below = np.flatnonzero(smooth <= x)
    if not below.size:
        return float("nan")
    i = below[0]
    if i == 0:
        return float(time[0])
    return float(np.interp(-x, [-smooth[i - 1], -smooth[i]], [time[i - 1], time[i]]))


def stretched_time(tau: float, beta: float, x: float) -> float:
    """T_x = tau (-ln x)^(1/beta), in the unit of `tau`."""
    return tau * float(-np.log(x)) ** (1.0 / beta)


def time_u(fit: Stretched, x: float) -> float:
    """Standard uncertainty of T_x from the covariance of the fit."""
    slope = np.array([1.0, -np.log(-np.log(x)) / fit.beta**2])
    return stretched_time(fit.tau, fit.beta, x) * float(np.sqrt(slope @ fit.covariance @ slope))


def fit_stretched(time: Array, level: Array) -> Stretched | None:
    """Least-squares fit with L(0) = L0 fixed; None with fewer than five points or no decay."""
    from scipy.optimize import least_squares

    good = (time > 0) & np.isfinite(level)
    t, y = time[good], level[good]
    if len(t) < 5 or np.median(y[-max(3, len(y) // 20) :]) > 0.995:
        return None
    t_ref = float(t[-1])
    end = float(np.clip(np.median(y[-max(3, len(y) // 20) :]), 1e-3, 0.99))
    start = (np.log(1.0 / -np.log(end)), 1.0)
    bounds = ([-12.0, 0.05], [20.0, 5.0])

    def residuals(p: Array) -> Array:
        return np.exp(-np.exp(np.clip(p[1] * (np.log(t / t_ref) - p[0]), -50.0, 6.0))) - y

    found = least_squares(residuals, start, bounds=bounds)
    rest = found.fun
    variance = float(np.sum(rest**2)) / max(len(t) - 2, 1)
    correlation = (
        float(np.clip(np.corrcoef(rest[:-1], rest[1:])[0, 1], 0.0, 0.98)) if len(t) > 6 and np.std(rest) > 0 else 0.0
    )
    inflation = (1.0 + correlation) / (1.0 - correlation)
    try:
        covariance = np.linalg.inv(found.jac.T @ found.jac) * variance * inflation
    except np.linalg.LinAlgError:
        return None
    return Stretched(
        float(np.exp(found.x[0])) * t_ref,
        float(found.x[1]),
        covariance,
        float(np.sqrt(np.mean(rest**2))),
        bool(np.any(found.active_mask)),
    )
