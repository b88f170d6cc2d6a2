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


def local_exponent(luminance: Float[np.ndarray, " level"], lifetime: Float[np.ndarray, " level"]) -> np.ndarray:
    """n at every luminance, -d ln T50/d ln L0 by second-order differences; NaN where a neighbour has no lifetime.

    A power law has the same n everywhere; a mixture of mechanisms, or a loss of excitons that grows with the current,
    has not.
    """
    found = np.full(luminance.shape, np.nan)
    order = np.argsort(luminance)
    known = order[np.isfinite(lifetime[order])]
    x, y = np.log(luminance[known]), np.log(lifetime[known])
    if known.size > 1 and np.all(np.diff(x) > 0):
        found[known] = -np.gradient(y, x, edge_order=2 if known.size > 2 else 1)
    return found


def power_law_range(
    luminance: Float[np.ndarray, " level"],
    lifetime: Float[np.ndarray, " level"],
    *,
    reference: float,
    exponent: float,
    tolerance: float = 0.1,
) -> tuple[float, float]:
    """Luminances between which the power law through `reference` stays within a share `tolerance` of the lifetimes.

    The lifetimes are interpolated in logarithms; an end that lies at the end of the levels is not a limit of the law.

    Raises:
        ValueError: the reference lies outside the levels, or fewer than two have a lifetime.
    """
    known = np.isfinite(lifetime)
    x, y = np.log(luminance[known]), np.log(lifetime[known])
    if x.size < 2 or not x.min() - 1e-9 <= np.log(reference) <= x.max() + 1e-9:
        raise ValueError(f"a range needs lifetimes on both sides of {reference:g} cd/m2, got {x.size}")
    grid = np.linspace(x.min(), x.max(), 400)
    order = np.argsort(x)
    curve = np.interp(grid, x[order], y[order]) - np.interp(np.log(reference), x[order], y[order])
    outside = np.abs(curve + exponent * (grid - np.log(reference))) > np.log1p(tolerance)
    middle = int(np.argmin(np.abs(grid - np.log(reference))))
    below, above = np.nonzero(outside[:middle])[0], np.nonzero(outside[middle:])[0]
    low = grid[below[-1] + 1] if below.size else grid[0]
    high = grid[middle + above[0] - 1] if above.size else grid[-1]
    return float(np.exp(low)), float(np.exp(high))


def power_law(lifetime: float, *, luminance: float, target: float, exponent: float) -> float:
    """T50 (s) at the luminance `target` from the one measured at `luminance`: T50 (L/L')^n."""
    return lifetime * (luminance / target) ** exponent
