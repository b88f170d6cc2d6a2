"""Absolute quantum yield from three measurements in an integrating sphere.

a: empty sphere; b: sample in the sphere, not in the beam; c: sample in the beam. With the photons L of the excitation
line and P of the emission,

    A = 1 - L_c/L_b,      eta = [P_c - (1 - A) P_b] / (L_a A).

Photons are signal x response x wavelength, integrated over the band. Reference: J. C. de Mello, H. F. Wittmann,
R. H. Friend, Adv. Mater. 1997, 9, 230, 10.1002/adma.19970090308.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["Band", "Sphere", "Yield", "photons", "quantum_yield", "two_measurements"]


class Band(NamedTuple):
    """Photons in a band (any common scale) and their standard uncertainty from the noise of the spectrum."""

    value: float
    u: float


class Sphere(NamedTuple):
    """Bands of one set of measurements: excitation a, b, c, emission b, c."""

    la: Band
    lb: Band
    lc: Band
    pb: Band
    pc: Band


class Yield(NamedTuple):
    """Absorptance and quantum yield as fractions with standard uncertainties."""

    absorptance: float
    absorptance_u: float
    eta: float
    eta_u: float


def photons(
    wavelength: Float[ndarray, " n"],
    signal: Float[ndarray, " n"],
    response: Float[ndarray, " n"],
    band: tuple[float, float],
) -> Band:
    """Photons between the limits `band` (m), by the trapezoid rule.

    The noise is taken from second differences of the signal, which a smooth spectrum does not have; the excitation
    line itself is left out of it by the median.
    """
    inside = (wavelength >= band[0] - 1e-15) & (wavelength <= band[1] + 1e-15)
    x, y = wavelength[inside], (signal * response * wavelength)[inside]
    if x.size < 2:
        return Band(np.nan, np.nan)
    widths = np.gradient(x)
    widths[[0, -1]] /= 2.0
    bend = np.abs(y[2:] - 2 * y[1:-1] + y[:-2]) / np.sqrt(6.0)
    noise = 1.4826 * float(np.median(bend)) if bend.size else 0.0
    return Band(float(y @ widths), noise * float(np.sqrt(np.sum(widths**2))))


def quantum_yield(s: Sphere) -> Yield:
    """Absorptance and yield with linear propagation of the five uncertainties; never clipped."""
    values = np.array([band.value for band in (s.la, s.lb, s.lc, s.pb, s.pc)])
    errors = np.array([band.u for band in (s.la, s.lb, s.lc, s.pb, s.pc)])
    centre = _both(values)
    slopes = []
    for k in range(5):
        step = np.zeros(5)
        step[k] = 1e-6 * max(abs(values[k]), 1e-300)
        slopes.append((_both(values + step) - _both(values - step)) / (2 * step[k]))
    u = np.sqrt(np.sum((np.array(slopes) * errors[:, None]) ** 2, axis=0))
    return Yield(float(centre[0]), float(u[0]), float(centre[1]), float(u[1]))


def two_measurements(s: Sphere) -> Sphere:
    """The set without measurement b: A = 1 - L_c/L_a and eta = (P_c - P_a)/(L_a - L_c).

    `lb` must be `la` again, `pb` the emission band of the empty sphere.
    """
    emitted = Band(s.pc.value - s.pb.value, float(np.hypot(s.pc.u, s.pb.u)))
    return s._replace(pb=Band(0.0, 0.0), pc=emitted)


def _both(v: Float[ndarray, " 5"]) -> Float[ndarray, " 2"]:
    la, lb, lc, pb, pc = v
    absorptance = 1.0 - lc / lb if lb else np.nan
    return np.array([absorptance, (pc - (1.0 - absorptance) * pb) / (la * absorptance) if la * absorptance else np.nan])
