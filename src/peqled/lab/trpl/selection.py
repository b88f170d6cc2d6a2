"""How many exponentials a decay holds, and what of the answer is not identified.

A further component is kept where it lowers the BIC by more than 10 and the deviance per degree of freedom by more
than a tenth, and where every component carries at least 1 % of the initial amplitude and of the photons: below that it
cannot be told from the tail of the response or a sloping background. All candidates are reported.

Codes: TAU_BIN (a lifetime below 1.5 bins or a parameter at its bound), TAU_WIN (lifetimes move by more than two
standard errors with the window: no sum of exponentials), IRF (shift above 5 bins or D/dof above 10).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from peqled.lab.trpl.reconvolution import DecayFit, Histogram, fit_exponentials

__all__ = ["CALIBRATION", "Decision", "choose", "decide", "tau_flags"]

CALIBRATION = 2e-3  # relative: time scale, linearity and response, which no number of photons reduces
_SHARE = 0.01


@dataclass(frozen=True)
class Decision:
    """Candidates, the chosen one and its stability.

    Attributes:
        candidates: fits with 1, 2, 3 exponentials.
        chosen: the one that is kept.
        other_kernel: the chosen model with the other kernel.
        windows: the chosen model on other windows.
        uncertainty: of tau_amp, tau_int, tau_1/e: counting, kernel, window and calibration in quadrature, s.
        flags: codes for the chosen model.
    """

    candidates: tuple[DecayFit, ...]
    chosen: DecayFit
    other_kernel: DecayFit | None
    windows: tuple[DecayFit, ...]
    uncertainty: Float[ndarray, " 3"]
    flags: tuple[str, ...]


def choose(candidates: Sequence[DecayFit]) -> DecayFit:
    """The candidate with as many components as the data ask for."""
    kept = candidates[0]
    for fit in candidates[1:]:
        shares = np.minimum(fit.amplitudes, fit.photons / max(float(np.sum(fit.photons)), 1e-300))
        better = kept.bic - fit.bic > 10 and fit.reduced < 0.9 * kept.reduced
        if better and float(np.min(shares)) >= _SHARE:
            kept = fit
    return kept


def decide(data: Histogram, *, most: int = 3, response: bool = True) -> Decision:
    """Fit, choose, and test the choice against kernel and window.

    Args:
        most: largest number of components.
        response: False for a tail fit, which has neither kernel nor shift.
    """
    candidates = tuple(fit_exponentials(data, n) for n in range(1, most + 1))
    chosen = choose(candidates)
    n = chosen.lifetimes.size
    other = fit_exponentials(data, n, kernel="trapezoid", start=chosen) if response else None
    windows = tuple(fit_exponentials(w, n, start=chosen) for w in _other_windows(data, chosen.shift))
    flags = tau_flags(data, chosen, windows)
    if response and (abs(chosen.shift) > 5 or chosen.reduced > 10):
        flags = (*flags, "IRF")
    spread = [abs(chosen.averages() - fit.averages()) for fit in (*windows, *([other] if other else []))]
    systematic = np.max(spread, axis=0) if spread else np.zeros(3)
    statistical = np.nan_to_num(chosen.average_errors(), nan=0.0)
    calibration = CALIBRATION * chosen.averages()
    total = np.sqrt(statistical**2 + systematic**2 + calibration**2)
    return Decision(candidates, chosen, other, windows, total, flags)


def _other_windows(data: Histogram, shift: float) -> list[Histogram]:
    """The first 60 % behind the peak, and a start at the peak (later still for a tail), which cannot fix the shift."""
    start, stop = data.window
    peak = start + int(np.argmax(data.fitted))
    early = data.within(start, peak + int(0.6 * (stop - peak)))
    late = data.within(peak if peak - start > 3 else start + (stop - start) // 10, stop)
    late = replace(late, offset=shift, free_shift=False)
    return [w for w in (early, late) if w.window[1] - w.window[0] >= 20 and np.sum(w.fitted) > 0]


def tau_flags(data: Histogram, fit: DecayFit, windows: Sequence[DecayFit] = ()) -> tuple[str, ...]:
    """TAU_BIN and TAU_WIN of a fit."""
    flags = []
    if fit.at_bound or np.any(fit.lifetimes < 1.5 * data.bin_width):
        flags.append("TAU_BIN")
    if any(_moved(fit, other) for other in windows):
        flags.append("TAU_WIN")
    return tuple(flags)


def _moved(fit: DecayFit, other: DecayFit) -> bool:
    """Whether an identified lifetime differs by more than two combined errors between windows."""
    n = fit.lifetimes.size
    errors = [np.nan_to_num(f.errors()[n : 2 * n] * f.lifetimes, nan=np.inf) for f in (fit, other)]
    allowed = 2.0 * np.sqrt(errors[0] ** 2 + errors[1] ** 2 + (CALIBRATION * fit.lifetimes) ** 2)
    return bool(np.any(np.abs(fit.lifetimes - other.lifetimes) > allowed))
