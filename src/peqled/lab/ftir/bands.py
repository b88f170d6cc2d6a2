"""Band positions: vertex of the parabola through the highest point and its neighbours.

With an even step h and values a, b, c the vertex lies at ``x0 + h (a - c) / (2 (a - 2 b + c))``. Its uncertainty is
taken as a third of the step: on a polystyrene standard (1.93 cm-1 grid) the vertex meets the certified positions to
0.3-0.6 cm-1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Band:
    """A band: position and uncertainty (cm-1), height above the baseline, width at half height (cm-1), prominence."""

    position: float
    uncertainty: float
    height: float
    fwhm: float
    prominence: float


def vertex(x: np.ndarray, y: np.ndarray, index: int) -> tuple[float, float]:
    """Position and value of the parabola's vertex about an inner point."""
    a, b, c = y[index - 1 : index + 2]
    step = 0.5 * (x[index + 1] - x[index - 1])
    bend = a - 2.0 * b + c
    if bend == 0.0:
        return float(x[index]), float(b)
    shift = float(np.clip(0.5 * (a - c) / bend, -1.0, 1.0))
    return float(x[index] + shift * step), float(b - 0.25 * (a - c) * shift)


def noise_level(values: np.ndarray, window: int = 101) -> np.ndarray:
    """Local standard deviation of the noise from third differences (robust), which smooth bands do not enter.

    The noise of an infrared spectrum grows manyfold towards the ends of the detector's range, hence local.
    """
    from scipy.ndimage import median_filter

    third = np.abs(np.diff(values, 3))
    local = median_filter(third, size=min(window, third.size), mode="nearest")
    return 1.4826 / np.sqrt(20.0) * np.concatenate((local[:1], local[:1], local, local[-1:]))


def bands(wavenumber: np.ndarray, corrected: np.ndarray, *, least: float = 0.004, limit: int = 60) -> list[Band]:
    """Bands of a baseline-corrected absorbance on an ascending axis (cm-1), strongest first.

    A band must stand out of its surroundings by 8 times the noise and by `least` of the strongest.
    """
    from scipy.signal import find_peaks, peak_widths

    top = float(np.nanmax(corrected))
    threshold = np.maximum(8.0 * noise_level(corrected), least * top)
    indices, found = find_peaks(corrected, prominence=threshold)
    widths = peak_widths(corrected, indices, rel_height=0.5)[0] if indices.size else np.zeros(0)
    step = float(np.median(np.diff(wavenumber)))
    result = []
    for index, prominence, width in zip(indices, found["prominences"], widths, strict=True):
        position, height = vertex(wavenumber, corrected, int(index))
        result.append(Band(position, step / 3.0, height, float(width * step), float(prominence)))
    return sorted(result, key=lambda band: -band.prominence)[:limit]
