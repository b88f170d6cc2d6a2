"""Mean lifetimes of a decay: two averages are in use and differ by factors, so each carries its name.

    tau_amp = sum A tau / sum A            area under the decay over its initial value
    tau_int = sum A tau^2 / sum A tau      mean arrival time of the photons
    tau_1/e                                time at which the decay has fallen to 1/e of its initial value

For I = exp(-(t/tau)^beta): tau_amp = (tau/beta) Gamma(1/beta), tau_int = tau Gamma(2/beta)/Gamma(1/beta), tau_1/e =
tau. Reference: J. R. Lakowicz, Principles of Fluorescence Spectroscopy, 3rd ed. (2006), ch. 4; M. N. Berberan-Santos
et al., Chem. Phys. 2005, 315, 171, 10.1016/j.chemphys.2005.04.006.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["amplitude_average", "intensity_average", "one_over_e", "stretched_averages"]


def amplitude_average(amplitudes: Float[ndarray, " n"], lifetimes: Float[ndarray, " n"]) -> float:
    """Amplitude-weighted lifetime, in the unit of `lifetimes` (s)."""
    return float(np.dot(amplitudes, lifetimes) / np.sum(amplitudes))


def intensity_average(amplitudes: Float[ndarray, " n"], lifetimes: Float[ndarray, " n"]) -> float:
    """Photon-weighted lifetime, in the unit of `lifetimes` (s)."""
    photons = np.multiply(amplitudes, lifetimes)
    return float(np.dot(photons, lifetimes) / np.sum(photons))


def one_over_e(amplitudes: Float[ndarray, " n"], lifetimes: Float[ndarray, " n"]) -> float:
    """Time at which sum A exp(-t/tau) reaches 1/e of its start, by bisection (s)."""
    share, taus = np.asarray(amplitudes) / np.sum(amplitudes), np.asarray(lifetimes)
    if not (np.isfinite(share).all() and np.isfinite(taus).all()):
        return np.nan
    low, high = float(np.min(taus)), float(np.max(taus))  # the decay is between those of its extremes
    for _ in range(60):
        middle = 0.5 * (low + high)
        late = float(np.sum(share * np.exp(-middle / taus))) < np.exp(-1.0)
        low, high = (low, middle) if late else (middle, high)
    return 0.5 * (low + high)


def stretched_averages(tau: float, beta: float) -> tuple[float, float]:
    """(tau_amp, tau_int) of exp(-(t/tau)^beta), in the unit of `tau` (s)."""
    from scipy.special import gamma

    return tau / beta * gamma(1.0 / beta), tau * gamma(2.0 / beta) / gamma(1.0 / beta)
