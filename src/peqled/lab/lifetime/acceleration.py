"""Acceleration of the lifetime by luminance: L0^n T = const, fitted with times that were not reached (censored)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Acceleration", "fit_acceleration"]

Array = NDArray[np.float64]


class Acceleration(NamedTuple):
    """Fit of ln T = a - n ln(L0/centre).

    Attributes:
        n: acceleration exponent.
        n_u: its standard uncertainty, NaN where the data do not give one.
        low: lower end of the 95 % interval of n.
        high: upper end.
        log_time: a, ln of seconds at the centre.
        log_time_u: its standard uncertainty.
        centre: geometric mean of the luminances, cd/m2.
        scatter: standard deviation of ln T between devices.
        censored: how many times were not reached.
    """

    n: float
    n_u: float
    low: float
    high: float
    log_time: float
    log_time_u: float
    centre: float
    scatter: float
    censored: int


def fit_acceleration(luminance: Array, time: Array, reached: NDArray[np.bool_]) -> Acceleration | None:
    """Exponent from times (s) at initial luminances (cd/m2); where not `reached`, the time is a lower bound.

    Without censoring this is ordinary least squares with Student's interval; with it, the maximum of the likelihood of
    normal ln T, with the profile interval. None with fewer than two luminances reached.
    """
    if len({round(float(v), 3) for v in np.log(luminance[reached])}) < 2:
        return None
    centre = float(np.exp(np.mean(np.log(luminance))))
    x, y = np.log(luminance / centre), np.log(time)
    if reached.all():
        return _least_squares(x, y, centre)
    return _censored(x, y, reached, centre)


def _least_squares(x: Array, y: Array, centre: float) -> Acceleration:
    from scipy.stats import t as student

    design = np.column_stack([np.ones_like(x), -x])
    (a, n), *_ = np.linalg.lstsq(design, y, rcond=None)
    free = len(x) - 2
    if free < 1:
        nan = float("nan")
        return Acceleration(float(n), nan, nan, nan, float(a), nan, centre, nan, 0)
    variance = float(np.sum((y - design @ [a, n]) ** 2)) / free
    errors = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * variance)
    reach = float(student.ppf(0.975, free)) * errors[1]
    return Acceleration(
        float(n),
        float(errors[1]),
        float(n - reach),
        float(n + reach),
        float(a),
        float(errors[0]),
        centre,
        float(np.sqrt(variance)),
        0,
    )


def _censored(x: Array, y: Array, reached: NDArray[np.bool_], centre: float) -> Acceleration:
    from scipy.optimize import brentq, minimize
    from scipy.stats import norm

    start = _least_squares(x[reached], y[reached], centre)
    scatter = start.scatter if np.isfinite(start.scatter) and start.scatter > 0.02 else 0.1
    free = max(int(reached.sum()) - 2, 1)

    def cost(p: Array) -> float:
        z = (y - p[0] + p[1] * x) / np.exp(p[2])
        return -float(np.sum(norm.logpdf(z[reached]) - p[2]) + np.sum(norm.logsf(z[~reached])))

    def profile(n: float) -> float:
        best = minimize(lambda q: cost(np.array([q[0], n, np.log(scatter)])), [start.log_time], method="Nelder-Mead")
        return float(best.fun)

    found = minimize(
        lambda q: cost(np.array([q[0], q[1], np.log(scatter)])),
        [start.log_time, start.n],
        method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-9},
    )
    n, bottom = float(found.x[1]), float(found.fun)
    cut = bottom + 1.92 * (1.0 + 2.0 / free)  # wider where the scatter itself rests on few devices

    def edge(side: float) -> float:
        far = n + side * 0.1
        while profile(far) < cut and abs(far - n) < 20.0:
            far = n + 2.0 * (far - n)
        if profile(far) < cut:
            return side * np.inf
        root: Any = brentq(lambda v: profile(v) - cut, n, far, xtol=1e-3)
        return float(root)

    low, high = edge(-1.0), edge(1.0)
    u = (high - low) / 3.92
    return Acceleration(
        n, u, low, high, float(found.x[0]), scatter / np.sqrt(reached.sum()), centre, scatter, int(np.sum(~reached))
    )
