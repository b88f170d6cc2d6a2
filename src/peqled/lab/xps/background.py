"""Backgrounds under photoelectron lines: linear, Shirley, Tougaard. All on an ascending binding-energy axis (eV).

Shirley: ``B(E) = I_low + (I_high - I_low) Int_{E_low}^E (I - B) / Int_{E_low}^{E_high} (I - B)``, iterated to rest
(Shirley, Phys. Rev. B 1972, 5, 4709; Proctor and Sherwood, Anal. Chem. 1982, 54, 13). Tougaard U2: ``B(E) =
Int_{E_low}^E K(E - E') (I(E') - I_low) dE'``, ``K(T) = B T / (C + T^2)^2`` with C = 1643 eV^2 and B scaled so that the
background meets the spectrum at the high end (Tougaard, Surf. Interface Anal. 1988, 11, 453). Electrons that lost
energy appear at higher binding energy, so every background grows from the low end upwards.
"""

from __future__ import annotations

import numpy as np

TOUGAARD_C = 1643.0  # eV^2, universal cross-section


def end_levels(intensity: np.ndarray, points: int = 3) -> tuple[float, float]:
    """Mean intensity of the first and of the last points of a window."""
    count = max(1, min(points, intensity.size // 4))
    return float(intensity[:count].mean()), float(intensity[-count:].mean())


def linear(energy: np.ndarray, intensity: np.ndarray) -> np.ndarray:
    """Straight line between both ends."""
    low, high = end_levels(intensity)
    return low + (high - low) * (energy - energy[0]) / (energy[-1] - energy[0])


def shirley(energy: np.ndarray, intensity: np.ndarray, *, tolerance: float = 1e-6, iterations: int = 60) -> np.ndarray:
    """Iterated Shirley background; the straight line where the line has no area to carry the step."""
    low, high = end_levels(intensity)
    background = linear(energy, intensity)
    for _ in range(iterations):
        area = _cumulative(energy, intensity - background)
        if not area[-1] > 1e-12 * max(abs(low), abs(high), 1e-300) * (energy[-1] - energy[0]):
            return linear(energy, intensity)
        update = low + (high - low) * area / area[-1]
        if np.max(np.abs(update - background)) <= tolerance * max(abs(high - low), 1e-300):
            return update
        background = update
    return background


def tougaard(energy: np.ndarray, intensity: np.ndarray, *, c: float = TOUGAARD_C) -> np.ndarray:
    """Tougaard background of the universal cross-section, scaled to meet the spectrum at the high end."""
    low, high = end_levels(intensity)
    grid = np.linspace(energy[0], energy[-1], energy.size)
    above = np.interp(grid, energy, intensity) - low
    loss = grid - grid[0]
    kernel = loss / (c + loss**2) ** 2
    shape = np.convolve(above, kernel)[: grid.size] * (grid[1] - grid[0])
    if not shape[-1] > 0.0:
        return linear(energy, intensity)
    return low + np.interp(energy, grid, shape * (high - low) / shape[-1])


def _cumulative(energy: np.ndarray, values: np.ndarray) -> np.ndarray:
    steps = 0.5 * (values[1:] + values[:-1]) * np.diff(energy)
    return np.concatenate(([0.0], np.cumsum(steps)))


BACKGROUNDS = {"shirley": shirley, "linear": linear, "tougaard": tougaard}
