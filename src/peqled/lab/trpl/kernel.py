"""Counts per bin of an exponential decay that starts with a measured instrument response.

Response h_k (share of the excitation in bin k) and model are histograms with bins of width d. Two kernels, both by a
first-order recursion with q = exp(-d/tau):

- ``exact``: the excitation is spread evenly over its bin and the photons are counted over theirs. With x = d/tau,

      K_0 = 1 - (1 - q)/x,     K_m = (1 - q)^2/x q^(m-1),  m >= 1,     sum K = 1.

- ``trapezoid``: the convolution integral by the trapezoid rule on the sampled decay,
  y_i = q y_(i-1) + (d/2) (q h_(i-1) + h_i), scaled to unit area. Widely used (tttrlib, FluoFit); it differs from the
  exact kernel where tau is not long against d.

Periodic excitation with period T adds the light of all earlier pulses, which at bin i is the tail of the last bin N-1
continued: y_(N-1) exp(-((i - N + 1) d + T)/tau) / (1 - exp(-T/tau)).
Reference: D. V. O'Connor and D. Phillips, Time-Correlated Single Photon Counting (1984), ch. 6.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["Kernel", "exponential_response", "shifted", "stretched_response"]

Kernel = Literal["exact", "trapezoid"]


def exponential_response(
    response: Float[ndarray, " bin"], tau: float, *, bin_width: float, kernel: Kernel = "exact", period: float = np.inf
) -> Float[ndarray, " bin"]:
    """Decay with lifetime `tau` (s) behind `response`; its sum over an infinite axis is the sum of `response`.

    Args:
        bin_width: width of the bins, s.
        period: pulse distance, s; infinite for single pulses.
    """
    from scipy.signal import lfilter

    x = bin_width / tau
    q = np.exp(-x)
    if kernel == "exact":
        first, later = _exact_weights(x)
        weights = np.array([first, later - q * first])
    else:  # each of the two half-weights, normalised so that the sum over all bins is 1
        weights = np.array([1.0, q]) * (1.0 - q) / (1.0 + q)
    decay = np.asarray(lfilter(weights, [1.0, -q], response))
    if np.isfinite(period):
        steps = np.arange(response.size) - (response.size - 1)
        decay = decay + decay[-1] * np.exp(-(steps * bin_width + period) / tau) / -np.expm1(-period / tau)
    return decay


def _exact_weights(x: float) -> tuple[float, float]:
    """K_0 and K_1 for x = d/tau; the series keeps K_0 from cancelling at long lifetimes."""
    lost = -np.expm1(-x)
    first = x / 2 - x**2 / 6 + x**3 / 24 if x < 1e-4 else 1.0 - lost / x
    return first, lost**2 / x


def stretched_response(
    response: Float[ndarray, " bin"], tau: float, beta: float, *, bin_width: float
) -> Float[ndarray, " bin"]:
    """Decay exp(-(t/tau)^beta) behind `response`, photons counted over each bin, unit area.

    The area up to t is the regularised incomplete gamma function P(1/beta, (t/tau)^beta); the spread of the excitation
    over its bin is a three-point Gauss rule, the convolution an FFT.
    """
    from scipy.signal import fftconvolve
    from scipy.special import gammainc

    nodes, weights = np.polynomial.legendre.leggauss(3)
    edges = np.arange(response.size + 1)
    shape = np.zeros(response.size)
    for node, weight in zip(0.5 + nodes / 2, weights / 2, strict=True):
        until = gammainc(1.0 / beta, (np.maximum(edges - node, 0.0) * bin_width / tau) ** beta)
        shape += weight * np.diff(until)
    return fftconvolve(response, shape)[: response.size]


def shifted(response: Float[ndarray, " bin"], bins: float) -> Float[ndarray, " bin"]:
    """`response` moved later by a fractional number of bins; counts leaving the axis are lost.

    The cumulative sum is moved by a local cubic (Catmull-Rom), so the area is kept and the result is smooth in `bins`,
    which linear mixing of neighbours is not.
    """
    whole = int(np.floor(bins))
    part = bins - whole
    total = np.concatenate([np.zeros(2), np.cumsum(response)])
    total = np.concatenate([total[:1], total, total[-1:], total[-1:]])
    # value at index j - part, from the four nodes j-2 .. j+1
    a, b, c, d = total[:-3], total[1:-2], total[2:-1], total[3:]
    u = 1.0 - part
    moved = b + 0.5 * u * (c - a + u * (2 * a - 5 * b + 4 * c - d + u * (3 * (b - c) + d - a)))
    return _rolled(np.diff(moved)[: response.size], whole)


def _rolled(values: Float[ndarray, " bin"], bins: int) -> Float[ndarray, " bin"]:
    out = np.zeros_like(values)
    if abs(bins) < values.size:
        if bins >= 0:
            out[bins:] = values[: values.size - bins]
        else:
            out[:bins] = values[-bins:]
    return out
