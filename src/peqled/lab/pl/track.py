"""Peak against time: where a spectrum of each frame peaks, how wide it is, and whether the peak moves.

"Grows fast, then shrinks" is a claim about signs of d(peak)/dt; it holds where the slopes on both sides of the extremum
differ from zero by more than two standard errors and in sign. The band between 400 and 460 nm counts as seen where its
mean stands above the local baseline by three of its standard errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from peqled.lab.pl.energy import to_energy
from peqled.lab.pl.lines import count_lines
from peqled.lab.spectrum.peak import line

__all__ = ["BAND", "Frame", "Trend", "band_signal", "frame", "trend"]

BAND = (400e-9, 460e-9)  # m: emission of clusters before and during growth


@dataclass(frozen=True)
class Frame:
    """One spectrum: fitted peak with uncertainty, highest point, width (all m), area, number of lines, and the band
    (NaN outside the axis). `cut` says that a flank is cut by the axis, so the fit used the top fifth and there is no
    width; `part` is what was fitted."""

    peak: float
    peak_u: float
    argmax: float
    width: float
    area: float
    lines: int
    band: float
    band_u: float
    cut: bool = False
    part: str = "the upper half"


class Trend(NamedTuple):
    """Slopes before and after the extremum of the track (m/s), with errors, the time of the extremum (s), the
    verdict."""

    early: float
    early_u: float
    late: float
    late_u: float
    turn: float
    verdict: str


def frame(wavelength: Float[ndarray, " n"], signal: Float[ndarray, " n"], *, most: int = 2) -> Frame:
    """Peak (Gaussian on the upper half), width, area above the lowest twentieth, number of lines and band."""
    found = line(wavelength, signal)
    band, band_u = band_signal(wavelength, signal)
    area = float(np.trapezoid(signal - np.percentile(signal, 5), wavelength))
    if found is None or not np.isfinite(found.fit):
        peak, u = _top(wavelength, signal)
        return Frame(peak, u, peak, np.nan, area, 0, band, band_u, cut=True)
    u = max(found.fit_u, found.step / 3.0 / np.sqrt(max(found.halfheight / found.step, 1.0)))
    lines = 1
    if most > 1 and wavelength.size >= 40:
        lines = int(count_lines(*to_energy(wavelength, signal), most=most)[0].centres.size)
    return Frame(found.fit, u, found.argmax, found.halfheight, area, lines, band, band_u, part=found.part)


def _top(wavelength: Float[ndarray, " n"], signal: Float[ndarray, " n"]) -> tuple[float, float]:
    """Vertex of a parabola through the points above 85 % of an inner maximum that stands out of the noise, else NaN."""
    from scipy.signal import savgol_filter

    points = min(max(signal.size // 20, 5) | 1, 31)
    if signal.size < 3 * points:
        return np.nan, np.nan
    smooth = np.asarray(savgol_filter(signal, points, 2))
    noise = 1.4826 * float(np.median(np.abs(signal - smooth)))
    inner = smooth[points:-points]
    peak = points + int(np.argmax(inner))
    rise = smooth[peak] - min(np.min(smooth[:peak]), smooth[peak]), smooth[peak] - np.min(smooth[peak:])
    if peak in (points, signal.size - points - 1) or min(rise) < max(5 * noise, 0.03 * smooth[peak]):
        return np.nan, np.nan
    floor = smooth[peak] - 0.15 * min(max(rise), smooth[peak])
    low, high = peak, peak
    while low > 0 and smooth[low - 1] > floor:
        low -= 1
    while high < signal.size - 1 and smooth[high + 1] > floor:
        high += 1
    if high - low < 4:
        return np.nan, np.nan
    part = slice(low, high + 1)
    x = wavelength[part] - wavelength[peak]
    (a, b, _), covariance = np.polyfit(x / np.ptp(x), signal[part], 2, cov=True)
    if a >= 0:
        return np.nan, np.nan
    gradient = np.array([b / (2 * a**2), -1 / (2 * a), 0.0])
    u = float(np.sqrt(gradient @ covariance @ gradient)) * np.ptp(x)
    step = float(np.median(np.diff(wavelength)))
    return float(wavelength[peak] - b / (2 * a) * np.ptp(x)), float(np.hypot(u, step / 3))


def band_signal(
    wavelength: Float[ndarray, " n"], signal: Float[ndarray, " n"], band: tuple[float, float] = BAND
) -> tuple[float, float]:
    """Mean of the band above a straight line through its surroundings, and its standard error; NaN where not
    measured."""
    inside = (wavelength >= band[0]) & (wavelength <= band[1])
    width = 0.5 * (band[1] - band[0])
    around = ~inside & (wavelength >= band[0] - width) & (wavelength <= band[1] + width)
    both = (wavelength[around] < band[0]).any() and (wavelength[around] > band[1]).any()
    if np.count_nonzero(inside) < 5 or np.count_nonzero(around) < 4 or not both:
        return np.nan, np.nan
    x = wavelength - np.mean(band)
    level, covariance = np.polyfit(x[around], signal[around], 1, cov=True)
    noise = 1.4826 * float(np.median(np.abs(np.diff(signal[inside])))) / np.sqrt(2.0)
    value = float(np.mean(signal[inside] - np.polyval(level, x[inside])))
    return value, float(np.hypot(noise / np.sqrt(np.count_nonzero(inside)), np.sqrt(covariance[1, 1])))


def trend(time: Float[ndarray, " n"], peak: Float[ndarray, " n"], u: Float[ndarray, " n"]) -> Trend:
    """Growth verdict of a track, from straight lines on both sides of its extremum.

    The extremum is that of a running mean of three; where it lies at an end, or a side has fewer than three frames, the
    track is judged as one piece.
    """
    good = np.isfinite(peak)
    t, y, s = time[good], peak[good], np.maximum(u[good], 1e-13)
    if t.size < 4:
        return Trend(np.nan, np.nan, np.nan, np.nan, np.nan, "too few frames")
    smooth = np.convolve(np.pad(y, 1, mode="edge"), np.full(3, 1 / 3), mode="valid")
    rising = smooth[-1] >= smooth[0]
    turn = (
        int(np.argmax(smooth))
        if rising or np.max(smooth) - smooth[0] > smooth[0] - np.min(smooth)
        else int(np.argmin(smooth))
    )
    if turn < 2 or turn > t.size - 3:
        slope, error = _slope(t, y, s)
        return Trend(slope, error, np.nan, np.nan, np.nan, _word(slope, error))
    early, early_u = _slope(t[: turn + 1], y[: turn + 1], s[: turn + 1])
    late, late_u = _slope(t[turn:], y[turn:], s[turn:])
    first, second = _word(early, early_u), _word(late, late_u)
    verdict = f"{first}, then {second}" if first != second else first
    return Trend(early, early_u, late, late_u, float(t[turn]), verdict)


def _word(slope: float, error: float) -> str:
    if not np.isfinite(error) or abs(slope) <= 2.0 * error:
        return "no significant shift"
    return "red shift (growth)" if slope > 0 else "blue shift (shrinking)"


def _slope(t: Float[ndarray, " n"], y: Float[ndarray, " n"], s: Float[ndarray, " n"]) -> tuple[float, float]:
    """Weighted slope; its error is widened by the scatter about the line."""
    w = 1.0 / s**2
    mean = np.sum(w * t) / np.sum(w)
    norm = float(np.sum(w * (t - mean) ** 2))
    slope = float(np.sum(w * (t - mean) * y) / norm)
    rest = y - np.sum(w * y) / np.sum(w) - slope * (t - mean)
    chi2 = float(np.sum(w * rest**2)) / max(t.size - 2, 1)
    return slope, float(np.sqrt(max(chi2, 1.0) / norm))
