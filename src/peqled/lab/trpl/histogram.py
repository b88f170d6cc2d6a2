"""From raw counts of a decay and an instrument response to the `Histogram` that is fitted.

The response is rebinned to the bins of the decay, freed of its background (mean of the bins before its rise, outliers
left out; negative rests stay, clipping them would add a tail) and scaled to area 1. The window runs from 20 bins (or
two widths of the response) before its peak to five bins before the last bin that holds counts.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from peqled.lab.trpl.reconvolution import Histogram

__all__ = ["MOST_BINS", "clean_response", "fwhm_bins", "is_counts", "prepare", "rebin", "tail"]

MOST_BINS = 8192  # more are summed in groups before the fit


def is_counts(values: Float[ndarray, " bin"]) -> bool:
    """Whether the values are photon counts: whole, not negative, and at least ten somewhere."""
    good = values[np.isfinite(values)]
    return bool(good.size and good.min() >= 0 and good.max() >= 10 and np.all(np.abs(good - np.round(good)) < 1e-6))


def rebin(counts: Float[ndarray, " bin"], factor: int) -> Float[ndarray, " bin"]:
    """Sums of `factor` neighbouring bins; an incomplete last group is dropped."""
    if factor <= 1:
        return counts
    whole = counts.size // factor * factor
    return counts[:whole].reshape(-1, factor).sum(axis=1)


def fwhm_bins(values: Float[ndarray, " bin"]) -> float:
    """Full width at half maximum in bins, linear between bins."""
    peak, half = int(np.argmax(values)), float(np.max(values)) / 2
    left = peak
    while left > 0 and values[left - 1] > half:
        left -= 1
    right = peak
    while right < values.size - 1 and values[right + 1] > half:
        right += 1
    before = values[left - 1] if left > 0 else 0.0
    after = values[right + 1] if right < values.size - 1 else 0.0
    edge = lambda inside, outside: (inside - half) / max(inside - outside, 1e-300)  # noqa: E731
    return float(right - left + edge(values[left], before) + edge(values[right], after))


def clean_response(counts: Float[ndarray, " bin"]) -> Float[ndarray, " bin"]:
    """Background-free response of area 1."""
    held = np.flatnonzero(counts)
    if held.size == 0:
        raise ValueError("the instrument response holds no counts")
    first, last, peak = int(held[0]), int(held[-1]), int(np.argmax(counts))
    width = int(np.ceil(fwhm_bins(counts)))
    before = counts[first : max(peak - max(20, 3 * width), first)]
    dark = before if before.size >= 10 else counts[min(peak + 20 * width, last) : last + 1]
    response = counts - (_background(dark) if dark.size >= 10 else 0.0)
    response[:first] = 0.0
    response[last + 1 :] = 0.0
    return response / np.sum(response)


def _background(values: Float[ndarray, " bin"]) -> float:
    """Mean without spikes (five standard deviations of counting above the median)."""
    middle = float(np.median(values))
    return float(np.mean(values[values <= middle + 5.0 * np.sqrt(middle + 1.0)]))


def prepare(
    counts: Float[ndarray, " bin"],
    *,
    bin_width: float,
    response: Float[ndarray, " bin"],
    response_bin_width: float,
    period: float = np.inf,
) -> tuple[Histogram, int]:
    """Histogram with its window, and the factor by which bins were summed.

    Args:
        counts: photons per bin of the decay.
        bin_width: s.
        response: raw counts of the instrument response, zero time as for the decay.
        response_bin_width: s.
        period: distance of the pulses, s.
    """
    held = np.flatnonzero(counts)
    if held.size < 10:
        raise ValueError("the decay holds fewer than ten bins with counts")
    factor = int(2 ** np.ceil(np.log2(max((held[-1] + 1) / MOST_BINS, 1.0))))
    decay = rebin(counts.astype(float), factor)
    width = bin_width * factor
    shape = clean_response(_onto(response.astype(float), response_bin_width, width, decay.size))
    if np.isfinite(period):  # a second pulse inside the record is not part of one period
        stop = min(decay.size, round(period / width) + int(held[0]) // factor)
        decay, shape = decay[:stop], shape[:stop] / np.sum(shape[:stop])
    offset = _half_rise(decay) - _half_rise(shape)
    data = Histogram(decay, shape, width, (0, decay.size), period, float(offset))
    return data.within(*_window(decay, shape)), factor


def _onto(counts: Float[ndarray, " bin"], old: float, new: float, size: int) -> Float[ndarray, " bin"]:
    """Counts in bins of width `old` summed into `size` bins of width `new`, through the cumulative sum."""
    edges = np.arange(counts.size + 1) * (old / new)
    total = np.concatenate([[0.0], np.cumsum(counts)])
    ratio = new / old
    if abs(ratio - round(ratio)) < 1e-6 * ratio:
        whole = rebin(counts, max(round(ratio), 1))
        return np.concatenate([whole, np.zeros(max(size - whole.size, 0))])[:size]
    return np.diff(np.interp(np.arange(size + 1.0), edges, total))


def _half_rise(values: Float[ndarray, " bin"]) -> int:
    smooth = np.convolve(values, np.full(3, 1 / 3), mode="same")
    return int(np.argmax(smooth >= 0.5 * np.max(smooth)))


def _window(decay: Float[ndarray, " bin"], response: Float[ndarray, " bin"]) -> tuple[int, int]:
    held = np.flatnonzero(decay)
    lead = max(20, int(np.ceil(2 * fwhm_bins(response))))
    start = max(int(held[0]), min(int(np.argmax(response)), int(np.argmax(decay))) - lead, 0)
    stop = max(int(held[-1]) + 1 - 5, start + 10)
    return start, min(stop, decay.size)


def tail(
    counts: Float[ndarray, " bin"], *, bin_width: float, after_peak: float, period: float = np.inf
) -> tuple[Histogram, int]:
    """Histogram whose window starts `after_peak` (s) behind the peak, with a pulse one bin before it."""
    held = np.flatnonzero(counts)
    if held.size < 10:
        raise ValueError("the decay holds fewer than ten bins with counts")
    factor = int(2 ** np.ceil(np.log2(max((held[-1] + 1) / MOST_BINS, 1.0))))
    decay, width = rebin(counts.astype(float), factor), bin_width * factor
    start = max(int(np.argmax(decay)) + max(int(np.ceil(after_peak / width)), 0), 1)
    stop = int(held[-1]) // factor + 1 - 5
    if np.isfinite(period):
        stop = min(stop, round(period / width) + int(held[0]) // factor)
    if stop - start < 10:
        raise ValueError("fewer than ten bins with counts behind the peak")
    pulse = np.zeros(decay.size)
    pulse[start - 1] = 1.0
    return Histogram(decay, pulse, width, (start, stop), period, 0.0, free_shift=False), factor
