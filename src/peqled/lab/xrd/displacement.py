"""Error of the angle scale from a standard: ``Delta 2theta = z - (2 s/R) cos(theta)`` (zero z, displacement s).

In Bragg-Brentano geometry a sample above the axis by s shifts a line by that amount (radius R). Over a short range both
terms are nearly parallel, so the mean shift is given as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from peqled.lab.xrd.bragg import STANDARDS, Phase, two_theta
from peqled.lab.xrd.peaks import Peak

REACH = 0.25  # deg, farthest that a line of a standard may lie from its place


@dataclass(frozen=True)
class Calibration:
    """Lines of a standard found in a pattern: shifts (measured minus calculated, deg), and what follows from them."""

    phase: Phase
    lines: tuple[tuple[int, int, int], ...]
    peaks: tuple[Peak, ...]
    shifts: np.ndarray
    mean: float
    uncertainty: float
    zero: float
    u_zero: float
    displacement_ratio: float
    u_displacement_ratio: float


def recognise(peaks: Sequence[Peak], *, wavelength: float, phases: Sequence[Phase] = STANDARDS) -> Calibration | None:
    """The standard whose calibrating lines are all there with one common shift, None if there is none."""
    best = None
    for phase in phases:
        found = match(peaks, phase, wavelength=wavelength)
        if found is None or float(np.std(found.shifts)) > 0.03 or not _dominant(found, peaks):
            continue
        if best is None or len(found.lines) > len(best.lines):
            best = found
    return best


def _dominant(found: Calibration, peaks: Sequence[Peak]) -> bool:
    """The standard holds one of the three largest areas, so it is no accident of a crowded pattern."""
    largest = sorted(peaks, key=lambda peak: -peak.area)[:3]
    return any(peak in largest for peak in found.peaks)


def match(peaks: Sequence[Peak], phase: Phase, *, wavelength: float) -> Calibration | None:
    """Calibrating lines of `phase` among the peaks; None unless at least four and four fifths of those in range are
    found.
    """
    if len(peaks) < 4:
        return None
    low, high = peaks[0].position - REACH, peaks[-1].position + REACH
    lines, found, shifts, expected = [], [], [], 0
    for hkl in phase.calibrants:
        place = float(two_theta(phase.spacing(hkl), wavelength=wavelength))
        if not low <= place <= high:
            continue
        expected += 1
        near = [peak for peak in peaks if abs(peak.position - place) < REACH and peak.area > 0.0]
        if near:
            peak = max(near, key=lambda p: p.area)
            lines.append(hkl)
            found.append(peak)
            shifts.append(peak.position - place)
    if len(lines) < 4 or len(lines) < 0.8 * expected:
        return None
    return _calibration(phase, lines, found, np.array(shifts))


def _calibration(phase: Phase, lines: list[tuple[int, int, int]], peaks: list[Peak], shifts: np.ndarray) -> Calibration:
    theta = np.radians([0.5 * peak.position for peak in peaks])
    design = np.stack([np.ones_like(theta), -np.degrees(np.cos(theta))], axis=1)
    solution, *_ = np.linalg.lstsq(design, shifts, rcond=None)
    freedom = max(len(shifts) - 2, 1)
    variance = float(np.sum((design @ solution - shifts) ** 2)) / freedom
    u = np.sqrt(np.diag(np.linalg.pinv(design.T @ design)) * variance)
    deviation = float(np.std(shifts, ddof=1))
    return Calibration(
        phase,
        tuple(lines),
        tuple(peaks),
        shifts,
        float(shifts.mean()),
        deviation / np.sqrt(len(shifts)),
        float(solution[0]),
        float(u[0]),
        float(solution[1]),
        float(u[1]),
    )
