"""Lambertian factor of an angular pattern: F = 2 int_0^{pi/2} p(theta) sin(theta) dtheta, p = I(theta)/I(0).

F = 1 for p = cos(theta) and 2/(m + 1) for cos^m. The true EQE is F times the EQE read from forward luminance as if
Lambertian (Forrest, Bradley, Thompson, Adv. Mater. 2003, 15, 1043), with p weighted by photons.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Pattern", "drift_corrected", "exponent", "fold", "lambertian_factor", "pattern"]

Array = NDArray[np.float64]


class Pattern(NamedTuple):
    """A reduced pattern.

    Attributes:
        angle: rad, from 0, ascending.
        relative: p = I/I(0), both sides averaged.
        scatter: standard uncertainty of `relative` from repeats and from left against right.
        factor: F.
        factor_u: standard uncertainty of F.
        m: exponent of cos^m fitted to p, with its uncertainty `m_u`.
        m_u: see `m`.
        deviation: largest |p - cos(theta)|.
        drift: relative change of the signal at the reference angle over the measurement, NaN without repeats.
        last: largest angle measured, rad.
    """

    angle: Array
    relative: Array
    scatter: float
    factor: float
    factor_u: float
    m: float
    m_u: float
    deviation: float
    drift: float
    last: float


def pattern(angle: Array, signal: Array) -> Pattern:
    """Pattern of signals in the order of the visits.

    Args:
        angle: rad, of either sign, in the order of measurement; a repeated reference angle is recognised.
        signal: intensity per solid angle, any scale.
    """
    corrected, drift = drift_corrected(angle, signal)
    folded, mean, scatter = fold(angle, corrected)
    if not mean[0] > 0 or not np.all(np.isfinite(mean)):
        raise ValueError("no positive signal at the smallest angle, against which the pattern is normalised")
    relative = mean / mean[0]
    factor = lambertian_factor(folded, relative)
    coarse = _trapezoid_factor(folded, relative)
    lever = 2.0 * np.sqrt(np.sum((np.sin(folded) * np.gradient(folded)) ** 2)) if len(folded) > 2 else 0.0
    m, m_u = exponent(folded, relative)
    factor_u = float(np.sqrt((lever * scatter) ** 2 + (factor * scatter) ** 2 + ((factor - coarse) / 3.0) ** 2))
    return Pattern(
        folded,
        relative,
        scatter,
        factor,
        factor_u,
        m,
        m_u,
        float(np.max(np.abs(relative - np.cos(folded)))),
        drift,
        float(folded[-1]),
    )


def drift_corrected(angle: Array, signal: Array) -> tuple[Array, float]:
    """Signal divided by its reference (the angle visited most often), interpolated between visits; and the drift."""
    visits, counts = np.unique(np.round(angle, 6), return_counts=True)
    if counts.max() < 3 or counts.max() <= np.median(counts):
        return signal, float("nan")
    reference = visits[np.argmax(counts)]
    at = np.flatnonzero(np.abs(angle - reference) < 1e-5)
    course = np.interp(np.arange(len(signal)), at, signal[at])
    return signal / course * signal[at[0]], float(signal[at[-1]] / signal[at[0]] - 1.0)


def fold(angle: Array, signal: Array) -> tuple[Array, Array, float]:
    """|angle| ascending, mean signal there, and the relative scatter (of I(0)) of repeats and sides."""
    folded, inverse = np.unique(np.round(np.abs(np.asarray(angle, float)), 6), return_inverse=True)
    folded = np.asarray(folded, np.float64)
    counts = np.bincount(inverse)
    mean = np.bincount(inverse, signal) / counts
    spread = signal - mean[inverse]
    free = int(np.sum(counts - 1))
    scatter = float(np.sqrt(np.sum(spread**2) / free) / mean[0]) if free else 0.005
    return folded, mean, scatter / float(np.sqrt(np.mean(counts)))


def _closed(angle: Array, relative: Array) -> tuple[Array, Array]:
    """The pattern from 0 to 90 degrees: flat to the normal where 0 was not measured, zero at 90 degrees."""
    if angle[0] > 0:
        angle, relative = np.append(0.0, angle), np.append(relative[0], relative)
    inside = angle < np.pi / 2 - 1e-6
    return np.append(angle[inside], np.pi / 2), np.append(relative[inside], 0.0)


def lambertian_factor(angle: Array, relative: Array) -> float:
    """F by integrating a spline through the pattern (rad, ascending), which is closed with 0 at 90 degrees."""
    from scipy.interpolate import PchipInterpolator, make_interp_spline

    x, p = _closed(angle, relative)
    fine = np.linspace(0.0, np.pi / 2, 1801)
    if len(x) < 5:
        return float(2.0 * np.trapezoid(PchipInterpolator(x, p)(fine) * np.sin(fine), fine))
    mirrored = np.concatenate([-x[:0:-1], x]), np.concatenate([p[:0:-1], p])  # even in the angle
    return float(2.0 * np.trapezoid(make_interp_spline(*mirrored, k=3)(fine) * np.sin(fine), fine))


def _trapezoid_factor(angle: Array, relative: Array) -> float:
    x, p = _closed(angle, relative)
    return float(2.0 * np.trapezoid(p * np.sin(x), x))


def exponent(angle: Array, relative: Array) -> tuple[float, float]:
    """m of cos^m by least squares below 80 degrees, with its standard uncertainty."""
    from scipy.optimize import curve_fit

    inside = angle < np.radians(80.0)
    if np.count_nonzero(inside) < 3:
        return float("nan"), float("nan")
    try:
        best, covariance = curve_fit(lambda t, m: np.cos(t) ** m, angle[inside], relative[inside], (1.0,))
    except (RuntimeError, ValueError):
        return float("nan"), float("nan")
    return float(best[0]), float(np.sqrt(covariance[0, 0]))
