"""Mott-Gurney law, ``J = 9/8 eps mu V^2/L^3`` (Mott and Gurney, Electronic Processes in Ionic Crystals, 1940).

Valid for one carrier, one ohmic contact, no traps, constant mobility, and V well above the built-in voltage.
"""

from __future__ import annotations

import numpy as np
from scipy.constants import epsilon_0


def current_density(voltage: np.ndarray, *, mobility: float, permittivity: float, thickness: float) -> np.ndarray:
    """J in A/m2 from V, mobility (m2/Vs), relative permittivity, thickness (m)."""
    return 9.0 / 8.0 * permittivity * epsilon_0 * mobility * np.asarray(voltage) ** 2 / thickness**3


def mobility(voltage: np.ndarray, current: np.ndarray, *, permittivity: float, thickness: float) -> tuple[float, float]:
    """Mobility (m2/Vs) and its statistical uncertainty from points of slope 2: mean of the logarithms."""
    one = current_density(voltage, mobility=1.0, permittivity=permittivity, thickness=thickness)
    logs = np.log(current / one)
    value = float(np.exp(logs.mean()))
    return value, value * float(logs.std(ddof=1)) / np.sqrt(logs.size)
