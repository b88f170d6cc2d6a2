"""Decays that are no photon counts: normalised or averaged signals, fitted by unweighted least squares.

Signals scaled to 1 at their first point keep that amplitude (and no offset) in the stretched exponential
exp(-(t/tau)^beta), the form in which film decays are published; sums of exponentials keep free amplitudes. An offset is
free only where the signal falls below 5 % of its maximum, since a decay that is cut earlier does not fix one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from peqled.lab.least_squares import Fit, least_squares
from peqled.lab.trpl.averages import amplitude_average, intensity_average, one_over_e, stretched_averages

__all__ = ["Waveform", "WaveformFit", "fit_exponentials_unweighted", "fit_stretched_unweighted"]


@dataclass(frozen=True)
class Waveform:
    """Signal from its maximum on.

    Attributes:
        time: since the maximum, s.
        signal: any scale.
    """

    time: Float[ndarray, " n"]
    signal: Float[ndarray, " n"]

    @classmethod
    def from_record(cls, time: Float[ndarray, " n"], signal: Float[ndarray, " n"]) -> Waveform:
        """The part of a record behind its maximum, without gaps."""
        good = np.isfinite(time) & np.isfinite(signal)
        t, y = time[good], signal[good]
        peak = int(np.argmax(y)) if y.size else 0
        if y.size - peak < 10 or not y[peak] > 0:
            raise ValueError("fewer than ten points behind a positive maximum")
        return cls(t[peak:] - t[peak], y[peak:])

    @property
    def normalised(self) -> bool:
        """Whether the first value is 1."""
        return bool(abs(self.signal[0] - 1.0) < 1e-6)

    @property
    def offset_free(self) -> bool:
        """Whether the record reaches the offset."""
        return bool(np.mean(self.signal[-max(self.signal.size // 10, 1) :]) < 0.05 * self.signal[0])


@dataclass(frozen=True)
class WaveformFit:
    """Lifetimes (s, slowest first), relative amplitudes (sum 1), exponent, and the averages with errors."""

    model: str
    lifetimes: Float[ndarray, " n"]
    lifetime_errors: Float[ndarray, " n"]
    amplitudes: Float[ndarray, " n"]
    beta: float
    beta_error: float
    averages: Float[ndarray, " 3"]
    average_errors: Float[ndarray, " 3"]
    fit: Fit


def fit_stretched_unweighted(data: Waveform) -> WaveformFit:
    """Stretched exponential; amplitude 1 and no offset where the signal is normalised."""
    t, y = data.time, data.signal
    extra = ([] if data.normalised else ["amplitude"]) + (["offset"] if data.offset_free else [])
    start = [
        np.log(_guess(data)),
        0.8,
        *([float(y[0])] if "amplitude" in extra else []),
        *([0.0] * (extra[-1:] == ["offset"])),
    ]

    def model(x: Float[ndarray, " n"], p: Float[ndarray, " p"]) -> Float[ndarray, " n"]:
        scale = p[2] if "amplitude" in extra else 1.0
        offset = p[-1] if data.offset_free else 0.0
        return scale * np.exp(-((x / np.exp(p[0])) ** p[1])) + offset

    wide = 10.0 * float(y[0])
    low = [np.log(t[1]) - 5, 0.1, *([0.0] if "amplitude" in extra else []), *([-wide] if data.offset_free else [])]
    high = [np.log(t[-1]) + 5, 2.0, *([wide] if "amplitude" in extra else []), *([wide] if data.offset_free else [])]
    fit = least_squares(model, t, y, np.array(start), bounds=(np.array(low), np.array(high)))
    tau, beta = float(np.exp(fit.values[0])), float(fit.values[1])
    averages = lambda p: np.array([*stretched_averages(np.exp(p[0]), p[1]), np.exp(p[0])])  # noqa: E731
    errors = _propagated(averages, fit)
    return WaveformFit(
        "stretched",
        np.array([tau]),
        np.array([tau * fit.errors[0]]),
        np.ones(1),
        beta,
        float(fit.errors[1]),
        averages(fit.values),
        errors,
        fit,
    )


def fit_exponentials_unweighted(data: Waveform, components: int) -> WaveformFit:
    """Sum of exponentials with free amplitudes, started from the best of a few spreads of lifetimes."""
    n, t, y = components, data.time, data.signal

    def model(x: Float[ndarray, " n"], p: Float[ndarray, " p"]) -> Float[ndarray, " n"]:
        decays = np.exp(-x / np.exp(p[n : 2 * n, None]))
        return p[:n] @ decays + (p[-1] if data.offset_free else 0.0)

    tail = [0.0] if data.offset_free else []
    low = np.array([0.0] * n + [np.log(0.1 * t[1])] * n + [-float(y[0])] * len(tail))
    high = np.array([10.0 * float(y[0])] * n + [np.log(100.0 * t[-1])] * n + [float(y[0])] * len(tail))
    best: Fit | None = None
    for spread in (2.0, 6.0) if n > 1 else (1.0,):
        taus = np.log(_guess(data)) + np.linspace(-np.log(spread), np.log(spread), n)
        trial = least_squares(model, t, y, np.array([y[0] / n] * n + list(taus) + tail), bounds=(low, high))
        best = trial if best is None or trial.chi2 < best.chi2 else best
    assert best is not None
    order = np.argsort(-best.values[n : 2 * n])
    taus, amplitudes = np.exp(best.values[n : 2 * n][order]), best.values[:n][order]

    def averages(p: Float[ndarray, " p"]) -> Float[ndarray, " 3"]:
        a, tau = np.maximum(p[:n], 1e-300), np.exp(p[n : 2 * n])
        return np.array([f(a, tau) for f in (amplitude_average, intensity_average, one_over_e)])

    return WaveformFit(
        "exponentials",
        taus,
        taus * best.errors[n : 2 * n][order],
        amplitudes / np.sum(amplitudes),
        1.0,
        np.nan,
        averages(best.values),
        _propagated(averages, best),
        best,
    )


def _guess(data: Waveform) -> float:
    """Time at which the signal has fallen to 1/e of its drop, at least two steps."""
    floor = float(data.signal[-1]) if data.offset_free else 0.0
    below = np.flatnonzero(data.signal - floor < (data.signal[0] - floor) / np.e)
    return float(data.time[max(int(below[0]) if below.size else data.time.size - 1, 2)])


def _propagated(function, fit: Fit) -> Float[ndarray, " 3"]:
    """Linear propagation of the covariance through `function`, by central differences."""
    steps = 1e-4 * np.maximum(np.abs(fit.values), 1e-3)
    slope = np.array([(function(fit.values + e) - function(fit.values - e)) for e in np.diag(steps)]) / (
        2 * steps[:, None]
    )
    return np.sqrt(np.maximum(np.einsum("pi,pq,qi->i", slope, fit.covariance, slope), 0.0))
