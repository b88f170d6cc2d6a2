"""How many lines an emission spectrum holds: sums of Gaussians on a constant, compared by the BIC.

Wavelength spectra are fitted on the energy axis, where the lines of a size distribution are symmetric. A further line
is kept where it lowers the BIC by more than 10, stands out by ten times the noise and is narrower than the spectrum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from peqled.lab.least_squares import Fit, least_squares

__all__ = ["Lines", "count_lines", "fit_lines"]

_WIDTH = 2.0 * np.sqrt(2.0 * np.log(2.0))


@dataclass(frozen=True)
class Lines:
    """Fitted lines in ascending order of position; unit of the axis."""

    centres: Float[ndarray, " n"]
    centre_errors: Float[ndarray, " n"]
    widths: Float[ndarray, " n"]
    heights: Float[ndarray, " n"]
    areas: Float[ndarray, " n"]
    bic: float
    fit: Fit


def fit_lines(x: Float[ndarray, " m"], y: Float[ndarray, " m"], n: int) -> Lines:
    """Sum of `n` Gaussians and a constant; starts from the residual maxima, one line after the other."""
    span, step = float(x[-1] - x[0]), float(np.median(np.diff(x)))
    scale = float(np.max(y) - np.min(y)) or 1.0

    def model(t: Float[ndarray, " m"], p: Float[ndarray, " p"]) -> Float[ndarray, " m"]:
        z = (t[:, None] - p[1:-1:3]) / np.exp(p[2:-1:3])
        return (p[0:-1:3] * np.exp(-0.5 * z**2)).sum(axis=1) + p[-1]

    start: list[float] = []
    rest = y - np.min(y)
    fit: Fit | None = None
    for _ in range(n):
        smooth = np.convolve(rest, np.full(5, 0.2), mode="same") if y.size > 40 else rest
        peak = int(np.argmax(smooth))
        half = np.flatnonzero(smooth > 0.5 * smooth[peak])
        width = max(min((half[-1] - half[0]) * step / _WIDTH if n == 1 else span / 12, span / 4), 2 * step)
        start = [*start, float(max(rest[peak], 1e-3 * scale)), float(x[peak]), np.log(width)]
        lines = len(start) // 3
        low = np.array([0.0, x[0] - 0.1 * span, np.log(step)] * lines + [-scale + np.min(y)])
        high = np.array([10 * scale, x[-1] + 0.1 * span, np.log(span)] * lines + [np.max(y)])
        fit = least_squares(model, x, y, np.array([*start, float(np.min(y))]), bounds=(low, high))
        start = list(fit.values[:-1])
        rest = y - fit.curve
    assert fit is not None
    order = np.argsort(fit.values[1:-1:3])
    heights, centres = fit.values[0:-1:3][order], fit.values[1:-1:3][order]
    widths = np.exp(fit.values[2:-1:3])[order]
    return Lines(
        centres,
        fit.errors[1:-1:3][order],
        _WIDTH * widths,
        heights,
        heights * widths * np.sqrt(2 * np.pi),
        fit.bic(),
        fit,
    )


def count_lines(x: Float[ndarray, " m"], y: Float[ndarray, " m"], *, most: int = 3) -> tuple[Lines, list[Lines]]:
    """The chosen description and all candidates."""
    candidates = [fit_lines(x, y, n) for n in range(1, most + 1)]
    noise = 1.4826 * float(np.median(np.abs(np.diff(y) - np.median(np.diff(y))))) / np.sqrt(2.0)
    kept = candidates[0]
    for found in candidates[1:]:
        strong = float(np.min(found.heights)) > max(10.0 * noise, 0.02 * float(np.max(found.heights)))
        inside = bool(np.all((found.centres > x[0]) & (found.centres < x[-1])))
        narrow = float(np.max(found.widths)) < float(x[-1] - x[0])
        if kept.bic - found.bic > 10.0 and strong and inside and narrow and _separate(found):
            kept = found
    return kept, candidates


def _separate(lines: Lines) -> bool:
    """Neighbours at least half of the narrower width apart: closer lines describe a shape, not two populations."""
    gaps = np.diff(lines.centres)
    return bool(np.all(gaps > 0.5 * np.minimum(lines.widths[1:], lines.widths[:-1])))
