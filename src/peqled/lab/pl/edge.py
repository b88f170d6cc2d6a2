"""Absorption: excitonic peak by two named methods, optical gap by a Tauc line, scattering above the edge.

Absorbance is fitted, never transmittance. Tauc: (A E)^m = slope (E - E_g) with m = 2 for an allowed direct gap, 1/2
for an indirect one; the window is the steepest stretch and is reported. J. Tauc, Mater. Res. Bull. 1968, 3, 37,
10.1016/0025-5408(68)90023-8. Scattering: A = a + b lambda^-p fitted where nothing absorbs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from peqled.lab.pl.energy import LIGHT_EV

__all__ = ["Edge", "Exciton", "exciton_peak", "scattering", "steepest_fall", "tauc"]


class Exciton(NamedTuple):
    """Position of the first excitonic peak, m: zero slope (parabola) and minimum of the second derivative, with
    uncertainties (at least a third of the step); NaN where there is none."""

    parabola: float
    parabola_u: float
    second: float
    second_u: float


class Edge(NamedTuple):
    """Gap, its uncertainty and the window of the fit, eV."""

    gap: float
    gap_u: float
    low: float
    high: float


def scattering(
    wavelength: Float[ndarray, " n"], absorbance: Float[ndarray, " n"], *, above: float
) -> Float[ndarray, " n"]:
    """a + b lambda^-4 (Rayleigh) fitted beyond `above` (m), on the whole axis; b is kept positive."""
    tail = wavelength >= above
    if np.count_nonzero(tail) < 5:
        return np.zeros(wavelength.size)
    scale = float(np.mean(wavelength[tail]))
    design = np.column_stack([np.ones(wavelength.size), (wavelength / scale) ** -4])
    weights = np.linalg.lstsq(design[tail], absorbance[tail], rcond=None)[0]
    return design @ weights if weights[1] > 0 else np.full(wavelength.size, float(np.mean(absorbance[tail])))


def exciton_peak(wavelength: Float[ndarray, " n"], absorbance: Float[ndarray, " n"]) -> Exciton:
    """First peak seen from long wavelengths.

    Args:
        wavelength: m, ascending, nearly equal steps.
        absorbance: decadic.
    """
    from scipy.signal import find_peaks, savgol_filter

    step = float(np.median(np.diff(wavelength)))
    points = max(round(15e-9 / step) | 1, 5)
    if absorbance.size < 3 * points:
        return Exciton(np.nan, np.nan, np.nan, np.nan)
    smooth = np.asarray(savgol_filter(absorbance, points, 3))
    curvature = np.asarray(savgol_filter(absorbance, points, 3, deriv=2))
    noise = 1.4826 * float(np.median(np.abs(absorbance - smooth)))
    tail = smooth[-max(smooth.size // 20, 5) :]
    clear = smooth > np.median(tail) + max(0.05 * (np.max(smooth) - np.median(tail)), 5 * noise)
    roughness = 5.0 * 1.4826 * float(np.median(np.abs(curvature - np.median(curvature))))
    inner = slice(points, -points)
    peaks = find_peaks(smooth[inner], prominence=max(5 * noise, 2e-3 * np.ptp(smooth)))[0] + points
    bends = find_peaks(-curvature[inner], prominence=max(0.1 * np.max(-curvature[inner]), 1e-300))[0] + points
    bends = bends[(-curvature[bends] > min(roughness, 0.2 * np.max(-curvature[inner]))) & clear[bends]]
    peaks = peaks[clear[peaks]]
    parabola = _vertex(wavelength, smooth, int(peaks[-1])) if peaks.size else np.nan
    second = _vertex(wavelength, -curvature, int(bends[-1])) if bends.size else np.nan
    u = step / 3.0
    return Exciton(parabola, u if peaks.size else np.nan, second, 2 * u if bends.size else np.nan)


def steepest_fall(wavelength: Float[ndarray, " n"], absorbance: Float[ndarray, " n"]) -> tuple[float, float]:
    """Where -dA/dlambda is largest (m) among its maxima above half of the highest, the one at the longest wavelength,
    and its uncertainty; NaN where nothing falls by five times the noise.

    Scattering and higher transitions fall too, and more steeply in total, but without a maximum of the slope near the
    edge; a cubic over 15 nm smooths.
    """
    from scipy.signal import find_peaks, savgol_filter

    step = float(np.median(np.diff(wavelength)))
    points = max(round(15e-9 / step) | 1, 5)
    if absorbance.size < 3 * points:
        return np.nan, np.nan
    smooth = np.asarray(savgol_filter(absorbance, points, 3))
    slope = -np.asarray(savgol_filter(absorbance, points, 3, deriv=1))
    noise = 1.4826 * float(np.median(np.abs(absorbance - smooth)))
    peaks = find_peaks(slope[points:-points])[0] + points
    drop = np.array([smooth[max(p - points, 0)] - smooth[min(p + points, smooth.size - 1)] for p in peaks])
    kept = peaks[(drop > max(5.0 * noise, 0.03 * np.ptp(smooth)))] if peaks.size else peaks
    kept = kept[slope[kept] > 0.5 * np.max(slope[kept])] if kept.size else kept
    return (_vertex(wavelength, slope, int(kept[-1])), step / 3.0) if kept.size else (np.nan, np.nan)


def _vertex(x: Float[ndarray, " n"], y: Float[ndarray, " n"], peak: int) -> float:
    part = slice(max(peak - 2, 0), peak + 3)
    a, b, _ = np.polyfit(x[part] - x[peak], y[part] / max(abs(y[peak]), 1e-300), 2)
    shift = -b / (2 * a) if a < 0 else 0.0
    return float(x[peak] + np.clip(shift, x[part][0] - x[peak], x[part][-1] - x[peak]))


def tauc(wavelength: Float[ndarray, " n"], absorbance: Float[ndarray, " n"], *, power: float = 2.0) -> Edge:
    """Gap from the steepest straight stretch of (A E)^power against E.

    Windows of an eighth, a twelfth and a twentieth of the spectrum are moved over the rising flank; the steepest with a
    straight line (R^2 > 0.99) that cuts the axis within two of its own lengths is kept, which leaves out tangents to
    the slow rise far above the gap.
    """
    energy = LIGHT_EV / wavelength[::-1]
    y = np.maximum(absorbance[::-1], 0.0) ** power * energy**power
    best, steepest = Edge(np.nan, np.nan, np.nan, np.nan), 0.0
    for share in (8, 12, 20):
        count = max(y.size // share, 7)
        for start in range(0, y.size - count, max(count // 8, 1)):
            e, v = energy[start : start + count], y[start : start + count]
            found, slope = _line_to_zero(e, v)
            if slope > steepest and np.isfinite(found.gap):
                best, steepest = found, slope
    return best


def _line_to_zero(e: Float[ndarray, " n"], v: Float[ndarray, " n"]) -> tuple[Edge, float]:
    """Where the straight line through a stretch cuts zero, and its slope; NaN where it is no rising line near zero."""
    none = Edge(np.nan, np.nan, np.nan, np.nan)
    (slope, level), covariance = np.polyfit(e, v, 1, cov=True)
    if slope <= 0:
        return none, 0.0
    rest, total = v - slope * e - level, v - v.mean()
    gap = -level / slope
    near = e[0] - 2 * (e[-1] - e[0]) < gap < e[-1]
    if 1 - float(rest @ rest) / max(float(total @ total), 1e-300) < 0.99 or not near:
        return none, 0.0
    gradient = np.array([level / slope**2, -1 / slope])
    u = float(np.sqrt(max(gradient @ covariance @ gradient, 0.0)))
    return Edge(float(gap), u, float(e[0]), float(e[-1])), float(slope)
