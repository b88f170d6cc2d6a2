"""Murgatroyd's law, ``J = 9/8 eps mu0 V^2/L^3 exp(0.891 gamma sqrt(V/L))`` (J. Phys. D 1970, 3, 151).

An approximation, good to a few per cent, of the space-charge current with mobility ``mu0 exp(gamma sqrt(F))``.
"""

from __future__ import annotations

import numpy as np

from peqled.lab.sclc import mott_gurney

FACTOR = 0.891


def current_density(
    voltage: np.ndarray, *, mobility: float, gamma: float, permittivity: float, thickness: float
) -> np.ndarray:
    """J in A/m2; `mobility` at zero field (m2/Vs), `gamma` in sqrt(m/V)."""
    base = mott_gurney.current_density(voltage, mobility=mobility, permittivity=permittivity, thickness=thickness)
    return base * np.exp(FACTOR * gamma * np.sqrt(np.asarray(voltage) / thickness))


def fit(
    voltage: np.ndarray, current: np.ndarray, *, permittivity: float, thickness: float
) -> tuple[float, float, float, float]:
    """Zero-field mobility (m2/Vs), its uncertainty, gamma (sqrt(m/V)), its uncertainty: a line in sqrt(V/L)."""
    one = mott_gurney.current_density(voltage, mobility=1.0, permittivity=permittivity, thickness=thickness)
    x, y = FACTOR * np.sqrt(voltage / thickness), np.log(current / one)
    design = np.stack([np.ones_like(x), x], axis=1)
    solution, *_ = np.linalg.lstsq(design, y, rcond=None)
    residual = y - design @ solution
    variance = float(residual @ residual) / max(x.size - 2, 1)
    u = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * variance)
    value = float(np.exp(solution[0]))
    return value, value * float(u[0]), float(solution[1]), float(u[1])
