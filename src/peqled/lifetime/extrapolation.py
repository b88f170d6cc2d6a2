"""What is read from lifetimes at several luminances: the acceleration exponent of L0^n T50 = const."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def acceleration_exponent(luminance: Float[np.ndarray, " level"], lifetime: Float[np.ndarray, " level"]) -> float:
    """Exponent n, minus the slope of ln(T50) against ln(L0) by least squares over the finite lifetimes.

    Raises:
        ValueError: fewer than two levels have a finite lifetime.
    """
    finite = np.isfinite(lifetime)
    if finite.sum() < 2:
        raise ValueError(f"an exponent needs two finite lifetimes, got {int(finite.sum())} of {finite.size}")
    return float(-np.polyfit(np.log(luminance[finite]), np.log(lifetime[finite]), 1)[0])


def power_law(lifetime: float, *, luminance: float, target: float, exponent: float) -> float:
    """T50 (s) at the luminance `target` from the one measured at `luminance`: T50 (L/L')^n."""
    return lifetime * (luminance / target) ** exponent
