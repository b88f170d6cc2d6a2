"""Search and fit of diffraction lines; lines that overlap are fitted together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from peqled.lab.xrd.profile import Source, line

MAX_PEAKS = 40
MAX_TOGETHER = 6
BROAD = 0.25  # deg, wider than any laboratory instrument


@dataclass(frozen=True)
class Peak:
    """A fitted line: position, FWHM (deg 2 theta), area (counts deg), share of Lorentzian, and what judges it.

    Attributes:
        u_position, u_fwhm, u_area: standard uncertainties.
        reduced_chi2: of the window it was fitted in.
        split: the window is better described by a doublet or has satellites.
        at_bound: a parameter ended at its bound.
    """

    position: float
    u_position: float
    fwhm: float
    u_fwhm: float
    area: float
    u_area: float
    lorentzian_share: float
    reduced_chi2: float
    split: bool = False
    at_bound: bool = False


def search(
    angle: np.ndarray, counts: np.ndarray, source: Source, *, significance: float = 6.0
) -> list[tuple[float, float]]:
    """Positions and rough widths (deg) of lines that stand out by `significance` of the local noise.

    The pattern is smoothed over widths from narrow to broad; a maximum that is the K-alpha 2 of another is dropped.
    """
    from scipy.ndimage import gaussian_filter1d
    from scipy.signal import find_peaks, peak_prominences, peak_widths

    step = float(np.median(np.diff(angle)))
    noise = _noise(counts)
    found: list[tuple[float, float, float]] = []
    for sigma in (0.03, 0.10, 0.30):  # deg
        points = sigma / step
        if points < 0.7 or 8.0 * points > angle.size:
            continue
        smooth = gaussian_filter1d(counts, points)
        effective = noise / np.sqrt(2.0 * np.sqrt(np.pi) * points)
        indices, _ = find_peaks(smooth)
        prominence = peak_prominences(smooth, indices, wlen=max(3, int(60 * points)))[0]
        keep = prominence > significance * effective[indices]
        indices, prominence = indices[keep], prominence[keep]
        widths = peak_widths(smooth, indices, rel_height=0.5)[0] * step if indices.size else np.zeros(0)
        for i, p, w in zip(indices, prominence, widths, strict=True):
            width = float(np.sqrt(max(w**2 - (2.355 * sigma) ** 2, (2.0 * step) ** 2)))
            if not any(abs(angle[i] - a) < max(0.7 * width, 0.7 * b, 2.0 * sigma) for a, b, _ in found):
                found.append((float(angle[i]), width, float(p)))
    found.sort(key=lambda entry: -entry[2])
    kept: list[tuple[float, float, float]] = []
    for position, width, prominence in found[: 3 * MAX_PEAKS]:
        if not any(_is_companion(position, width, prominence, other, source) for other in kept):
            kept.append((position, width, prominence))
    return sorted((position, width) for position, width, _ in kept[:MAX_PEAKS])


def _is_companion(
    position: float, width: float, prominence: float, other: tuple[float, float, float], source: Source
) -> bool:
    if source.ratio <= 0.0:
        return False
    expected = float(source.companion(other[0]))
    return abs(position - expected) < max(0.6 * other[1], 0.03) and prominence < 0.9 * other[2]


def _noise(counts: np.ndarray) -> np.ndarray:
    """Standard deviation of each point: counting statistics, or the scatter where counts were scaled."""
    third = np.abs(np.diff(counts, 3))
    scatter = 1.4826 * float(np.median(third)) / np.sqrt(20.0)
    typical = float(np.sqrt(max(np.median(counts), 1e-12)))
    scale = scatter / typical if typical > 0.0 and scatter > 0.0 else 1.0
    return np.maximum(scale * np.sqrt(np.maximum(counts, 0.0)), max(scatter, 1e-9 * float(np.ptp(counts)) + 1e-12))


def fit_all(angle: np.ndarray, counts: np.ndarray, source: Source) -> list[Peak]:
    """All lines of a pattern, by angle."""
    starts = search(angle, counts, source)
    noise = _noise(counts)
    found: list[Peak] = []
    for cluster in _clusters(starts, source):
        found += _fit_cluster(angle, counts, noise, cluster, source)
    return sorted(found, key=lambda peak: peak.position)


def _clusters(starts: Sequence[tuple[float, float]], source: Source) -> list[list[tuple[float, float]]]:
    clusters: list[list[tuple[float, float]]] = []
    for start in starts:
        reach = 2.5 * (start[1] + (clusters[-1][-1][1] if clusters else 0.0)) + 0.1
        if clusters and start[0] - clusters[-1][-1][0] < reach and len(clusters[-1]) < MAX_TOGETHER:
            clusters[-1].append(start)
        else:
            clusters.append([start])
    return clusters


def _window(angle: np.ndarray, cluster: Sequence[tuple[float, float]], source: Source) -> np.ndarray:
    first, last = cluster[0], cluster[-1]
    right = float(source.companion(last[0])) if source.ratio > 0.0 else last[0]
    return (angle > first[0] - 5.0 * first[1] - 0.15) & (angle < right + 5.0 * last[1] + 0.15)


def _fit_cluster(
    angle: np.ndarray, counts: np.ndarray, noise: np.ndarray, cluster: list[tuple[float, float]], source: Source
) -> list[Peak]:
    keep = _window(angle, cluster, source)
    x, y, s = angle[keep], counts[keep], noise[keep]
    if x.size < 4 * len(cluster) + 4:
        return []
    fitted = fit(x, y, s, cluster, source)
    if len(fitted) == 1 and _doublet(x, y, s, fitted[0], source):
        return [Peak(**{**fitted[0].__dict__, "split": True})]
    if len(cluster) > 1:
        return [Peak(**{**p.__dict__, "split": p.split or _crowded(p, fitted)}) for p in fitted]
    return fitted


def _crowded(peak: Peak, others: Sequence[Peak]) -> bool:
    """A neighbour within 2.5 widths that holds more than a twentieth of the area: doublet or satellite."""
    return any(
        other is not peak and abs(other.position - peak.position) < 2.5 * max(peak.fwhm, other.fwhm)
        and other.area > 0.05 * peak.area
        for other in others
    )  # fmt: skip


def fit(
    x: np.ndarray, y: np.ndarray, noise: np.ndarray, starts: Sequence[tuple[float, float]], source: Source
) -> list[Peak]:
    """Least-squares fit of lines at `starts` (position, width) on a straight background."""
    from scipy.optimize import least_squares

    middle, span = 0.5 * (x[0] + x[-1]), x[-1] - x[0]
    edge = np.concatenate((np.sort(y[: y.size // 3])[:5], np.sort(y[-(y.size // 3) :])[:5]))
    level, top = float(np.median(edge)), float(y.max())
    guess, low, high = [level, 0.0], [-np.inf, -np.inf], [np.inf, np.inf]
    for position, width in starts:
        height = max(float(np.interp(position, x, y)) - level, 0.02 * (top - level), 1e-12)
        wide = float(np.clip(width, 0.02, 0.9 * span))
        guess += [position, 1.2 * height * wide, wide, 0.5]
        reach = max(1.5 * wide, 0.1)
        low += [position - reach, 0.0, 0.004, 0.0]
        high += [position + reach, 30.0 * (top - level + 1.0) * span, 1.5 * span, 1.0]
    guess_, low_, high_ = np.array(guess), np.array(low), np.array(high)

    def model(p: np.ndarray) -> np.ndarray:
        total = p[0] + p[1] * (x - middle)
        for centre, area, fwhm, share in p[2:].reshape(-1, 4):
            total = total + line(x, centre=centre, area=area, fwhm=fwhm, lorentzian_share=share, source=source)
        return total

    start = np.clip(guess_, low_ + 1e-9, high_ - 1e-9)
    found = least_squares(
        lambda p: (model(p) - y) / noise,
        start,
        bounds=(low_, high_),
        x_scale=np.maximum(np.abs(start), 1e-3),
        max_nfev=200,
    )
    return _peaks(found.x, found.jac, found.fun, (low_, high_))


def _peaks(
    p: np.ndarray, jacobian: np.ndarray, residual: np.ndarray, bounds: tuple[np.ndarray, np.ndarray]
) -> list[Peak]:
    scale = np.maximum(np.linalg.norm(jacobian, axis=0), 1e-100)
    covariance = np.linalg.pinv((jacobian / scale).T @ (jacobian / scale)) / np.outer(scale, scale)
    chi2 = float(residual @ residual) / max(residual.size - p.size, 1)
    u = np.sqrt(np.clip(np.diag(covariance), 0.0, None) * max(chi2, 1.0))
    result = []
    for i in range(2, p.size, 4):
        inner = slice(i, i + 3)
        near = 1e-6 * np.maximum(bounds[1][inner] - bounds[0][inner], 1e-9)
        bound = bool(np.any(p[inner] - bounds[0][inner] < near) or np.any(bounds[1][inner] - p[inner] < near))
        result.append(
            Peak(
                float(p[i]),
                float(u[i]),
                float(p[i + 2]),
                float(u[i + 2]),
                float(p[i + 1]),
                float(u[i + 1]),
                float(p[i + 3]),
                chi2,
                at_bound=bound,
            )
        )
    return [peak for peak in result if np.isfinite(peak.u_position) and peak.area > 3.0 * peak.u_area]


def _doublet(x: np.ndarray, y: np.ndarray, noise: np.ndarray, single: Peak, source: Source) -> bool:
    """Two lines describe the window much better than one: a third less chi-squared, both of weight, truly apart.

    Half of the width apart for narrow lines: less is what the asymmetry of the instrument looks like; a third for lines
    that are broad against any instrument.
    """
    if single.reduced_chi2 < 1.5:
        return False
    apart = 0.35 * single.fwhm
    starts = [(single.position - apart, 0.7 * single.fwhm), (single.position + apart, 0.7 * single.fwhm)]
    pair = fit(x, y, noise, starts, source)
    if len(pair) != 2:
        return False
    (a, b), total = pair, pair[0].area + pair[1].area
    better = a.reduced_chi2 < 0.67 * single.reduced_chi2
    separate = abs(a.position - b.position) > (0.33 if single.fwhm > BROAD else 0.5) * single.fwhm
    return bool(better and separate and min(a.area, b.area) > 0.15 * total)
