"""Atomic shares from areas: ``x_i = (A_i / S_i) / Sum_k (A_k / S_k)``.

S are Scofield cross-sections (J. Electron Spectrosc. 1976, 8, 129). Without the transmission function and without
the mean free paths the shares are semi-quantitative: 10 % is added to each ratio [default].
"""

from __future__ import annotations

from collections.abc import Mapping

from peqled.lab.xps.core_levels import LEVELS

MODEL_UNCERTAINTY = 0.10  # relative, of one element against another


def atomic_shares(areas: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """Share and standard uncertainty by level, from areas and their uncertainties of levels with a known factor."""
    scaled = {
        name: (area / LEVELS[name].sensitivity, u / LEVELS[name].sensitivity)
        for name, (area, u) in areas.items()
        if name in LEVELS and area > 0.0 and LEVELS[name].sensitivity > 0.0
    }
    total = sum(value for value, _ in scaled.values())
    shares = {}
    for name, (value, u) in scaled.items():
        share = value / total
        relative = ((u / value) ** 2 + MODEL_UNCERTAINTY**2) ** 0.5
        shares[name] = (share, share * (1.0 - share) * relative)
    return shares


def atomic_ratio(
    first: tuple[float, float], second: tuple[float, float], *, names: tuple[str, str]
) -> tuple[float, float]:
    """Atomic ratio first : second and its uncertainty from two areas (value, uncertainty) of the named levels."""
    (a, ua), (b, ub) = first, second
    ratio = a / LEVELS[names[0]].sensitivity * LEVELS[names[1]].sensitivity / b
    return ratio, ratio * ((ua / a) ** 2 + (ub / b) ** 2 + MODEL_UNCERTAINTY**2) ** 0.5
