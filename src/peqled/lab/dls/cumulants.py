"""Cumulants of a correlation function, first to third order.

``g2 - 1 = B + b exp(-2 Gamma t) (1 + mu2 t^2/2 - mu3 t^3/6)^2`` (Frisken, Appl. Opt. 2001, 40, 4087, a form that stays
finite at long times); PDI = mu2/Gamma^2. Fitted by least squares from the first useful lag down to a tenth of the
intercept, the base line from the last lags. Gamma is the rate of the field.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FIRST_LAG = 0.5e-6  # s; earlier lags hold after-pulsing
FLOOR = 0.10  # of the intercept


@dataclass(frozen=True)
class Cumulants:
    """Rate (1/s) with uncertainty, PDI with uncertainty, skewness mu3/Gamma^3, intercept, base line, points used."""

    order: int
    rate: float
    u_rate: float
    pdi: float
    u_pdi: float
    skewness: float
    intercept: float
    baseline: float
    residual: float
    points: int


def model(lag: np.ndarray, intercept: float, rate: float, pdi: float = 0.0, skewness: float = 0.0) -> np.ndarray:
    """g2 - 1 without base line."""
    x = rate * lag
    return intercept * np.exp(-2.0 * x) * (1.0 + 0.5 * pdi * x**2 - skewness * x**3 / 6.0) ** 2


def base_line(lag: np.ndarray, g2: np.ndarray) -> float:
    """Mean of the last tenth of the lags, where everything has decayed; 0 where it has not."""
    count = max(3, lag.size // 10)
    tail, top = float(np.mean(g2[-count:])), float(np.max(g2))
    return tail if abs(tail) < 0.1 * top else 0.0


def window(lag: np.ndarray, signal: np.ndarray, *, first_lag: float = FIRST_LAG, floor: float = FLOOR) -> np.ndarray:
    """Lags of the fit: from `first_lag` to where the signal first falls below `floor` of its start."""
    late = lag > first_lag
    if late.sum() < 5:
        late = lag > 0.0
    start = float(np.median(signal[late][:7])) if late.any() else 0.0
    below = np.flatnonzero(late & (signal < floor * start))
    end = below[0] if below.size else lag.size
    keep = late.copy()
    keep[end:] = False
    return keep


def fit(lag: np.ndarray, g2: np.ndarray, *, order: int = 2, floor: float = FLOOR) -> Cumulants | None:
    """Cumulants of `order` 1, 2 or 3 from lags (s) and g2 - 1; None where there is no decay to fit."""
    from scipy.optimize import least_squares

    base = base_line(lag, g2)
    signal = g2 - base
    keep = window(lag, signal, floor=floor)
    if keep.sum() < order + 3:
        return None
    t, y = lag[keep], signal[keep]
    start = float(np.median(y[:5]))
    fall = np.flatnonzero(y < start * np.exp(-1.0))
    if not start > 0.0 or (fall.size == 0 and y[-1] > 0.8 * start):
        return None
    rate = 0.5 / float(t[fall[0]] if fall.size else t[-1])
    guess = np.array([start, 1.0, 0.1, 0.0][: order + 1])
    scale = np.array([1.0, rate, 1.0, 1.0][: order + 1])

    def residuals(p: np.ndarray) -> np.ndarray:
        return model(t, *(p * scale)) - y

    low = np.array([0.0, 1e-3, 0.0, -5.0][: order + 1])
    high = np.array([10.0 * start, 1e3, 5.0, 10.0][: order + 1])
    found = least_squares(
        residuals, np.clip(guess, low + 1e-9, high - 1e-9), bounds=(low, high), x_scale=np.maximum(np.abs(guess), 0.1)
    )
    p = found.x * scale
    freedom = max(t.size - p.size, 1)
    variance = float(found.fun @ found.fun) / freedom
    u = np.sqrt(np.clip(np.diag(np.linalg.pinv(found.jac.T @ found.jac)), 0.0, None) * variance) * scale
    return Cumulants(
        order,
        float(p[1]),
        float(u[1]),
        float(p[2]) if order > 1 else 0.0,
        float(u[2]) if order > 1 else float("nan"),
        float(p[3]) if order > 2 else 0.0,
        float(p[0]),
        base,
        variance**0.5 / start,
        int(t.size),
    )
