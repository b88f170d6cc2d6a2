"""Crystallite size from the width of a line, ``D = K lambda/(beta cos theta)``; beta in rad, size part only.

The instrument's width b is taken off as ``beta^2 = B^2 - b^2`` (Gaussian) or ``beta = B - b`` (Lorentzian), mixed by
the share of Lorentzian of the line. K = 0.90 for FWHM is a convention (0.89-0.94; Langford
and Wilson, J. Appl. Cryst. 1978, 11, 102): 3 % is added for it. Strain is not separated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from peqled.lab.xrd.peaks import Peak

K_FACTOR, K_UNCERTAINTY = 0.90, 0.03


@dataclass(frozen=True)
class Size:
    """Apparent size and uncertainty (nm); `lower_bound` where no instrument width was known."""

    diameter: float
    uncertainty: float
    beta: float
    lower_bound: bool


def instrument_width(standard: Sequence[Peak], angle: float) -> float:
    """Width (deg) of the instrument at an angle, between the lines of a standard."""
    lines = sorted((peak.position, peak.fwhm) for peak in standard)
    return float(np.interp(angle, [p for p, _ in lines], [w for _, w in lines]))


def size_width(measured: float, instrument: float, *, lorentzian_share: float) -> float:
    """Size part of a width (same unit), 0 where the line is no broader than the instrument."""
    if measured <= instrument:
        return 0.0
    gauss = math.sqrt(measured**2 - instrument**2)
    return lorentzian_share * (measured - instrument) + (1.0 - lorentzian_share) * gauss


def scherrer(peak: Peak, *, wavelength: float, instrument: float | None, k_factor: float = K_FACTOR) -> Size | None:
    """Size from a line, `wavelength` in A, `instrument` FWHM in deg (None: unknown). None if no size part is left."""
    beta = size_width(peak.fwhm, instrument or 0.0, lorentzian_share=peak.lorentzian_share)
    if beta < 0.1 * peak.fwhm:
        return None
    theta = math.radians(0.5 * peak.position)
    diameter = 0.1 * k_factor * wavelength / (math.radians(beta) * math.cos(theta))
    slope = peak.fwhm / beta  # how an error of the width is magnified by taking the instrument off
    relative = math.hypot(slope * peak.u_fwhm / beta, K_UNCERTAINTY, 0.05 * (instrument or 0.0) * slope / beta)
    return Size(diameter, relative * diameter, beta, instrument is None)
