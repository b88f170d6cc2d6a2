"""Trap-filled limit, ``V_TFL = e n_t L^2/(2 eps)`` (Lampert, Phys. Rev. 1956, 103, 1648).

The limit shows as a rise steeper than V^3 between an ohmic and a quadratic part; its voltage is where the ohmic line
and the line of the rise meet. A rise without an ohmic part before it (offset, noise) is no trap-filled limit.
"""

from __future__ import annotations

import numpy as np
from scipy.constants import e, epsilon_0

STEEP, OHMIC = 3.0, 1.35


def trap_filled_voltage(voltage: np.ndarray, current: np.ndarray, slopes: np.ndarray) -> float | None:
    """Voltage (V) where the ohmic line meets the steep rise, None if the curve shows no such rise."""
    ohmic = np.flatnonzero(np.abs(slopes - 1.0) < OHMIC - 1.0)
    steep = np.flatnonzero(slopes > STEEP)
    if ohmic.size < 4 or steep.size < 3:
        return None
    steep = steep[steep > ohmic[0]]
    ohmic = ohmic[ohmic < steep[0]] if steep.size else ohmic
    if ohmic.size < 4 or steep.size < 3:
        return None
    x, y = np.log(voltage), np.log(current)
    a, b = np.polyfit(x[ohmic], y[ohmic], 1), np.polyfit(x[steep], y[steep], 1)
    if b[0] - a[0] < 1.0:
        return None
    return float(np.exp((a[1] - b[1]) / (b[0] - a[0])))


def trap_density(limit: float, *, permittivity: float, thickness: float) -> float:
    """Density of traps (1/m3) from V_TFL (V), relative permittivity and thickness (m)."""
    return 2.0 * permittivity * epsilon_0 * limit / (e * thickness**2)
