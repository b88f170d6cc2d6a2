"""Nonlinear least squares with standard errors, and the reason where an error is withheld.

Levenberg-Marquardt (trust region where bounds are given) on residuals r = (y - f(x; p))/sigma. Covariance
s^2 (J^T J)^-1 with s^2 = sum r^2/(n - k) where sigma is unknown. Meets the certified values and standard errors of the
NIST StRD nonlinear problems. FIT_BOUND: a parameter on its bound or a singular J^T J; FIT_CHI: reduced chi^2 above 5
with residuals that run (Wald-Wolfowitz), which needs a known sigma.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["Fit", "least_squares", "runs_z"]


@dataclass(frozen=True)
class Fit:
    """A fitted curve.

    Attributes:
        values: parameters.
        errors: standard errors, NaN where withheld (see `flags` and `reason`).
        covariance: of the parameters.
        chi2: sum of squared residuals, in units of sigma where sigma is known.
        dof: points minus parameters.
        curve: model at x.
        flags: FIT_BOUND, FIT_CHI.
        reason: why errors are withheld, in words.
    """

    values: Float[ndarray, " p"]
    errors: Float[ndarray, " p"]
    covariance: Float[ndarray, "p p"]
    chi2: float
    dof: int
    curve: Float[ndarray, " n"]
    flags: tuple[str, ...] = ()
    reason: str = ""

    def bic(self) -> float:
        """n ln(chi2/n) + k ln n, for a noise of unknown size."""
        n, k = self.curve.size, self.values.size
        return n * float(np.log(max(self.chi2, 1e-300) / n)) + k * float(np.log(n))


def least_squares(
    model: Callable[[Float[ndarray, " n"], Float[ndarray, " p"]], Float[ndarray, " n"]],
    x: Float[ndarray, " n"],
    y: Float[ndarray, " n"],
    start: Float[ndarray, " p"],
    *,
    sigma: Float[ndarray, " n"] | float | None = None,
    bounds: tuple[Float[ndarray, " p"], Float[ndarray, " p"]] | None = None,
    analytic: bool = False,
) -> Fit:
    """Fit `model(x, p)` to `y` from `start`.

    Args:
        sigma: standard deviation of y, if known.
        analytic: the model takes complex parameters, so that its derivatives are exact to rounding (complex step,
            Squire and Trapp, SIAM Rev. 1998, 40, 110), which parameters of very different size need.
    """
    from scipy import optimize

    weight = 1.0 if sigma is None else 1.0 / np.asarray(sigma)
    first = np.asarray(start, dtype=float)
    low, high = (np.full(first.size, -np.inf), np.full(first.size, np.inf)) if bounds is None else bounds
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    if bounds is not None:
        first = np.clip(first, low + 1e-9 * (1 + abs(low)), high - 1e-9 * (1 + abs(high)))

    def residuals(p: Float[ndarray, " p"]) -> Float[ndarray, " n"]:
        value = (model(x, p) - y) * weight
        return np.where(np.isfinite(value), value, 1e150)

    def jacobian(p: Float[ndarray, " p"]) -> Float[ndarray, "n p"]:
        step = 1e-40j * np.eye(p.size)
        columns = [np.imag(model(x, p + row)) / 1e-40 * weight for row in step]
        value = np.stack(np.broadcast_arrays(*columns, y)[:-1], axis=1)
        return np.where(np.isfinite(value), value, 0.0)

    tight = {"xtol": 1e-14, "ftol": 1e-14, "gtol": 1e-14, "x_scale": "jac", "max_nfev": 400 * first.size}
    method = "lm" if bounds is None and y.size >= first.size else "trf"
    with np.errstate(all="ignore"):
        slopes: Any = jacobian if analytic else "3-point"
        found = optimize.least_squares(residuals, first, jac=slopes, bounds=(low, high), method=method, **tight)
    return _judged(model, x, y, found, low, high, known_sigma=sigma is not None)


def _judged(model, x, y, found, low, high, *, known_sigma: bool) -> Fit:
    p, jacobian = found.x, found.jac
    chi2, dof = 2.0 * float(found.cost), int(y.size - p.size)
    covariance, singular = _inverse(jacobian)
    if not known_sigma:
        covariance = covariance * (chi2 / dof if dof > 0 else np.nan)
    reach = 1e-6 * np.where(np.isfinite(high - low), high - low, 1.0)
    bound = (p - low <= reach) | (high - p <= reach)
    errors = np.where(bound | singular, np.nan, np.sqrt(np.maximum(np.diag(covariance), 0.0)))
    flags, reason = [], ""
    if bound.any() or singular or dof <= 0:
        flags.append("FIT_BOUND")
        reason = "a parameter lies on its bound" if bound.any() else "the data do not fix all parameters"
        errors = errors if dof > 0 else np.full(p.size, np.nan)
    if known_sigma and dof > 0 and chi2 / dof > 5 and runs_z(found.fun) < -3:
        flags.append("FIT_CHI")
    return Fit(p, errors, covariance, chi2, dof, model(x, p), tuple(flags), reason)


def _inverse(jacobian: Float[ndarray, "n p"]) -> tuple[Float[ndarray, "p p"], bool]:
    """(J^T J)^-1 by singular values of the column-scaled J, and whether it is singular."""
    scale = np.linalg.norm(jacobian, axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    _, values, rows = np.linalg.svd(jacobian / scale, full_matrices=False)
    singular = bool(values.size < jacobian.shape[1] or values[-1] < 1e-10 * values[0])
    inverse = (rows.T / np.maximum(values, 1e-150) ** 2) @ rows
    return inverse / np.outer(scale, scale), singular


def runs_z(residuals: Float[ndarray, " n"]) -> float:
    """Standard score of the number of sign runs; strongly negative where residuals keep their sign."""
    sign = residuals > 0
    up, down = int(np.sum(sign)), int(np.sum(~sign))
    if min(up, down) == 0:
        return -float(np.sqrt(max(up, down)))
    runs = 1 + int(np.sum(sign[1:] != sign[:-1]))
    mean = 1 + 2 * up * down / (up + down)
    variance = (mean - 1) * (mean - 2) / (up + down - 1)
    return float((runs - mean) / np.sqrt(max(variance, 1e-12)))
