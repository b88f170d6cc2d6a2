"""One decay, with or without its response, from measurement to fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from peqled.lab.measurement import Context, Measurement
from peqled.lab.trpl.histogram import fwhm_bins, prepare, tail
from peqled.lab.trpl.reconvolution import DecayFit, Histogram, fit_stretched
from peqled.lab.trpl.selection import Decision, decide
from peqled.lab.trpl.waveform import (
    Waveform,
    WaveformFit,
    fit_exponentials_unweighted,
    fit_stretched_unweighted,
)
from peqled.lab.units import factor_to

__all__ = ["Counting", "Signal", "analyse_counts", "analyse_signal", "seconds_per_bin"]


@dataclass(frozen=True)
class Counting:
    """Fits of photon counts.

    Attributes:
        reconvolution: behind the response, None without one.
        histogram: what the reconvolution fitted.
        tail: fit behind the response, None where too few bins are left.
        tail_start: delay of the tail behind the peak, s.
        tail_histogram: what the tail fitted.
        stretched: stretched exponential, on the reconvolution where there is a response.
        factor: bins summed.
        response_width: FWHM of the response, s.
    """

    reconvolution: Decision | None
    histogram: Histogram | None
    tail: Decision | None
    tail_start: float
    tail_histogram: Histogram | None
    stretched: DecayFit | None
    factor: int
    response_width: float


@dataclass(frozen=True)
class Signal:
    """Fits of a decay that is no photon counts; `chosen` has the lowest BIC."""

    waveform: Waveform
    exponentials: tuple[WaveformFit, ...]
    stretched: WaveformFit
    chosen: WaveformFit


def seconds_per_bin(m: Measurement, context: Context) -> float:
    """Bin width in s, NaN where neither file nor user gives it; `time_unit` corrects an assumed unit."""
    if m.metadata.get("bin_width_unknown"):
        return context.number(m, "bin_width", "s")
    width = float(m.metadata["bin_width"])
    said, assumed = context.lookup(m, "time_unit"), m.metadata.get("time_unit_assumed")
    factor = factor_to(str(said), "s") if said is not None and assumed else None
    return width if factor is None else width * factor / (factor_to(str(assumed), "s") or 1.0)


def analyse_counts(
    counts: Float[ndarray, " bin"],
    width: float,
    *,
    response: tuple[Float[ndarray, " bin"], float] | None,
    period: float,
    tail_start: float,
    most: int = 3,
) -> Counting:
    """Reconvolution, tail and stretched fits.

    Args:
        response: counts and bin width (s) of the instrument response.
        tail_start: s behind the peak; NaN chooses it from the response or the rise.
    """
    decision = histogram = stretched = None
    factor, irf_width = 1, np.nan
    if response is not None:
        irf, irf_bin = response
        irf_width = fwhm_bins(irf) * irf_bin
        histogram, factor = prepare(counts, bin_width=width, response=irf, response_bin_width=irf_bin, period=period)
        decision = decide(histogram, most=most)
        stretched = fit_stretched(histogram, start=decision.chosen)
    start = tail_start if np.isfinite(tail_start) else _tail_start(counts, width, response)
    tail_decision, tail_histogram = None, None
    try:
        tail_histogram, tail_factor = tail(counts, bin_width=width, after_peak=start, period=period)
        tail_decision = decide(tail_histogram, most=min(most, 2) if response else most, response=False)
    except ValueError:
        tail_factor = factor
    if decision is None and tail_histogram is not None and tail_decision is not None:
        stretched, factor = fit_stretched(tail_histogram, start=tail_decision.chosen), tail_factor
    return Counting(decision, histogram, tail_decision, start, tail_histogram, stretched, factor, irf_width)


def _tail_start(counts, width: float, response) -> float:
    """Delay behind the peak from which the response no longer counts: below 1e-3 of its peak, or twice the rise."""
    if response is not None:
        irf, irf_bin = response
        smooth = np.convolve(irf, np.full(5, 0.2), mode="same")
        floor = np.median(smooth)
        peak = int(np.argmax(smooth))
        below = np.flatnonzero(smooth[peak:] - floor < 1e-3 * (smooth[peak] - floor) + 3 * np.sqrt(floor + 1))
        return float(below[0] if below.size else 10) * irf_bin
    peak = int(np.argmax(counts))
    tenth = np.flatnonzero(counts[: peak + 1] < 0.1 * counts[peak])
    rise = peak - int(tenth[-1]) if tenth.size else 0
    return float(max(2 * rise, 2)) * width if rise > 1 else 0.0


def analyse_signal(time: Float[ndarray, " n"], signal: Float[ndarray, " n"]) -> Signal:
    """Least-squares fits from the maximum on."""
    waveform = Waveform.from_record(time, signal)
    exponentials = tuple(fit_exponentials_unweighted(waveform, n) for n in (1, 2, 3))
    stretched = fit_stretched_unweighted(waveform)
    return Signal(waveform, exponentials, stretched, _lowest([*exponentials, stretched]))


def _lowest(fits: Sequence[WaveformFit]) -> WaveformFit:
    """Lowest BIC; a model with more parameters must win by 2 or more and carry no withheld error."""
    order = sorted(fits, key=lambda f: f.fit.values.size)
    best = order[0]
    for fit in order[1:]:
        if fit.fit.bic() < best.fit.bic() - 2.0 and not fit.fit.flags:
            best = fit
    return best
