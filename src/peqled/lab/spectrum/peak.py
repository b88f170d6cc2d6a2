"""Peak and width of an emission line, each by a named method."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import constants

__all__ = ["LIGHT_EV", "Line", "line", "slit_corrected", "width_ev"]

LIGHT_EV = constants.h * constants.c / constants.e  # h c, eV m
NARROWER = (0.8, 0.9, 0.95)  # of the maximum: parts that are fitted instead, where the part before was skewed
SKEWED = 0.03  # of the width, between fitted centre and top, from which the fit narrows to the top
_FWHM = 2.0 * np.sqrt(2.0 * np.log(2.0))


class Line(NamedTuple):
    """Peak and width of a spectrum (m), NaN where it has none.

    Attributes:
        argmax: highest value of the smoothed spectrum.
        fit: centre of a Gaussian fitted to the part above `fit_level`, with its standard uncertainty.
        fit_u: uncertainty of `fit`.
        centroid: first moment above a tenth of the maximum.
        halfheight: width between the crossings of half of the smoothed maximum.
        halfheight_u: uncertainty of `halfheight` from the noise at the crossings.
        fit_width: width (FWHM) of the fitted Gaussian, with its uncertainty.
        fit_width_u: uncertainty of `fit_width`.
        step: largest step of the axis in the line.
        noise: standard deviation of the spectrum beside the line, relative to the peak.
        smoothing: width of the smoothing window.
        fit_level: share of the maximum above which the centre was fitted: 0.5, or more of a skewed line, whose flank
            would drag the centre of a symmetric curve away from its top.
    """

    argmax: float
    fit: float
    fit_u: float
    centroid: float
    halfheight: float
    halfheight_u: float
    fit_width: float
    fit_width_u: float
    step: float
    noise: float
    smoothing: float
    fit_level: float = 0.5

    @property
    def part(self) -> str:
        """What was fitted, in words."""
        return "the upper half" if self.fit_level == 0.5 else f"the part above {self.fit_level:.0%} (skewed line)"


def line(wavelength: NDArray[np.float64], signal: NDArray[np.float64]) -> Line | None:
    """Peak and width of the strongest line, None where nothing stands out of the noise.

    A noisy spectrum is smoothed over a quarter of its width (running cubic fit) before the maximum is taken: the raw
    argmax of an 80 nm wide noisy line scatters by 3 nm. A spectrum without noise is not changed by it.

    Args:
        wavelength: m, ascending.
        signal: any scale.
    """
    if len(wavelength) < 8 or not np.any(np.isfinite(signal)):
        return None
    signal = np.nan_to_num(signal)
    noise = 1.4826 * float(np.median(np.abs(np.diff(signal) - np.median(np.diff(signal))))) / np.sqrt(2.0)
    rough = _smooth(wavelength, signal, _first_window(wavelength))
    peak = int(np.argmax(rough))
    points = max(_first_window(wavelength) / np.median(np.diff(wavelength)), 1.0)
    if rough[peak] <= 5.0 * noise * min(1.0, 1.5 / np.sqrt(points)):  # noise after a cubic smoothing of so many points
        return None
    left, right = _crossings(wavelength, rough, peak, 0.5)
    if not np.isfinite(left + right):
        return None
    window = (right - left) / 4.0
    smooth = _smooth(wavelength, signal, window) if noise > 2e-3 * rough[peak] else signal
    peak = int(np.argmax(np.where((wavelength >= left) & (wavelength <= right), smooth, -np.inf)))
    left, right = _crossings(wavelength, smooth, peak, 0.5)
    if not np.isfinite(left + right):
        return None
    top = float(smooth[peak])
    centre, width, u_centre, u_width = _gauss_top(wavelength, signal, left, right)
    vertex, level = float(_vertex(wavelength, smooth, peak)), 0.5
    for higher in NARROWER:
        if not abs(centre - vertex) > SKEWED * (right - left):
            break
        upper, upper_u = _top_centre(wavelength, signal, smooth, peak, higher)
        if abs(upper - centre) > 3.0 * upper_u:  # more than noise: the flank drags the centre
            centre, u_centre, level = upper, upper_u, higher
    inside = smooth > 0.1 * top
    weights = np.where(inside & (wavelength > 2 * left - right) & (wavelength < 2 * right - left), smooth, 0.0)
    steps = np.diff(wavelength)
    local = steps[(wavelength[1:] >= left) & (wavelength[1:] <= right + steps.max())]
    step = float(local.max()) if local.size else float(steps.max())
    slope = top / max(right - left, 1e-12)
    averaged = noise / np.sqrt(max(window / step, 1.0)) if smooth is not signal else noise
    half_u = float(np.hypot(np.sqrt(2.0) * averaged / slope, step / np.sqrt(12.0) / 3.0))
    return Line(
        vertex,
        centre,
        u_centre,
        float(np.average(wavelength, weights=weights)),
        right - left,
        half_u,
        width,
        u_width,
        step,
        noise / top,
        window if smooth is not signal else 0.0,
        level,
    )


def _first_window(wavelength: NDArray[np.float64]) -> float:
    return 3e-9 if np.median(np.diff(wavelength)) < 1e-9 else 3.0 * float(np.median(np.diff(wavelength)))


def _smooth(wavelength: NDArray[np.float64], signal: NDArray[np.float64], window: float) -> NDArray[np.float64]:
    from scipy.signal import savgol_filter

    points = int(window / np.median(np.diff(wavelength))) | 1
    if points < 5:
        return signal
    points = min(points, (len(signal) - 1) | 1)
    return np.asarray(savgol_filter(signal, points, min(3, points - 1)))


def _vertex(x: NDArray[np.float64], y: NDArray[np.float64], peak: int) -> float:
    """Vertex of the parabola through the maximum and its neighbours."""
    if not 0 < peak < len(x) - 1:
        return float(x[peak])
    curvature, slope, _ = np.polyfit(x[peak - 1 : peak + 2] - x[peak], y[peak - 1 : peak + 2] / y[peak], 2)
    shift = -slope / (2.0 * curvature) if curvature < 0 else 0.0
    return float(x[peak] + shift) if abs(shift) <= x[peak + 1] - x[peak - 1] else float(x[peak])


def _crossings(x: NDArray[np.float64], y: NDArray[np.float64], peak: int, level: float) -> tuple[float, float]:
    """Where the flanks cross `level` of the maximum, linearly interpolated; NaN where one does not."""
    cut = level * y[peak]
    below = np.flatnonzero(y[:peak] < cut)
    above = np.flatnonzero(y[peak:] < cut)
    if not below.size or not above.size:
        return np.nan, np.nan
    i, j = below[-1], peak + above[0]
    left = np.interp(cut, [y[i], y[i + 1]], [x[i], x[i + 1]])
    right = np.interp(-cut, [-y[j - 1], -y[j]], [x[j - 1], x[j]])
    return float(left), float(right)


def _gauss_top(
    x: NDArray[np.float64], y: NDArray[np.float64], left: float, right: float
) -> tuple[float, float, float, float]:
    """Centre and FWHM of a Gaussian fitted to the points above half height, with standard uncertainties."""
    from scipy.optimize import least_squares

    inside = (x >= left) & (x <= right)
    if np.count_nonzero(inside) < 5:
        return np.nan, np.nan, np.nan, np.nan
    scale = (right - left) / _FWHM
    xs, ys = (x[inside] - (left + right) / 2.0) / scale, y[inside] / y[inside].max()
    found = least_squares(lambda p: p[0] * np.exp(-0.5 * ((xs - p[1]) / p[2]) ** 2) - ys, (1.0, 0.0, 1.0))
    try:
        covariance = np.linalg.inv(found.jac.T @ found.jac) * 2.0 * found.cost / max(len(xs) - 3, 1)
    except np.linalg.LinAlgError:
        return np.nan, np.nan, np.nan, np.nan
    errors = np.sqrt(np.diag(covariance)) * scale
    return (
        (left + right) / 2.0 + found.x[1] * scale,
        abs(found.x[2]) * scale * _FWHM,
        float(errors[1]),
        errors[2] * _FWHM,
    )


def _top_centre(
    x: NDArray[np.float64], y: NDArray[np.float64], smooth: NDArray[np.float64], peak: int, level: float
) -> tuple[float, float]:
    """Centre of a Gaussian fitted above `level` of the maximum, with its uncertainty; NaN where that part is too
    short."""
    left, right = _crossings(x, smooth, peak, level)
    if not np.isfinite(left + right):
        return np.nan, np.nan
    centre, _, u, _ = _gauss_top(x, y, left, right)
    return (centre, u) if left < centre < right else (np.nan, np.nan)


def slit_corrected(width: float, slit: float) -> float:
    """Width without the slit, both Gaussian: sqrt(w^2 - w_slit^2); NaN where the slit is the wider."""
    return float(np.sqrt(width**2 - slit**2)) if width > slit else np.nan


def width_ev(width: float, peak: float) -> float:
    """Width on the energy axis (eV) of a line at `peak` with `width` (m): hc w/lambda^2."""
    return LIGHT_EV * width / peak**2
