"""Weights of the fourth-order exponential Runge-Kutta scheme (Cox and Matthews 2002, 10.1006/jcph.2002.6995).

    du/dt = g(u) - k u,    z = -k h,    phi_1 = (e^z - 1)/z,  phi_2 = (phi_1 - 1)/z,  phi_3 = (phi_2 - 1/2)/z

    a  = e^(z/2) u + h/2 phi_1(z/2) g(u)          b = e^(z/2) u + h/2 phi_1(z/2) g(a)
    c  = e^(z/2) a + h/2 phi_1(z/2) [2 g(b) - g(u)]
    u' = e^z u + h {(phi_1 - 3 phi_2 + 4 phi_3) g(u) + (2 phi_2 - 4 phi_3) [g(a) + g(b)] + (4 phi_3 - phi_2) g(c)}

Without healing this is the classical scheme of Runge and Kutta.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

_SERIES = 1.0
"""|z| below which phi is summed as a series: the differences cancel there."""
_TERMS = 20


class Weights(NamedTuple):
    """Factors of one step, each shaped like the healing rates; those of growth carry the unit s."""

    half: Float[np.ndarray, "..."]
    half_growth: Float[np.ndarray, "..."]
    whole: Float[np.ndarray, "..."]
    first: Float[np.ndarray, "..."]
    middle: Float[np.ndarray, "..."]
    last: Float[np.ndarray, "..."]


def weights(healing: Float[np.ndarray, "..."], step: float) -> Weights:
    """Weights for healing rates k (1/s) and a `step` h (s)."""
    z = -healing * step
    one, two, three = phi(z)
    return Weights(
        half=np.exp(0.5 * z),
        half_growth=0.5 * step * phi(0.5 * z)[0],
        whole=np.exp(z),
        first=step * (one - 3.0 * two + 4.0 * three),
        middle=step * (2.0 * two - 4.0 * three),
        last=step * (4.0 * three - two),
    )


def phi(z: Float[np.ndarray, "..."]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """phi_1, phi_2 and phi_3 of z <= 0."""
    small = np.abs(z) < _SERIES
    safe, near = np.where(small, 1.0, z), np.where(small, z, 0.0)
    one = np.expm1(safe) / safe
    two = (one - 1.0) / safe
    three = (two - 0.5) / safe
    series = [_series(near, order) for order in (1, 2, 3)]
    found = [np.where(small, s, f) for s, f in zip(series, (one, two, three), strict=True)]
    return found[0], found[1], found[2]


def _series(z: Float[np.ndarray, "..."], order: int) -> np.ndarray:
    """sum z^j/(j + order)!"""
    term = np.ones_like(z) / float(np.prod(np.arange(1, order + 1)))
    total = term
    for j in range(1, _TERMS):
        term = term * z / (j + order)
        total = total + term
    return total
