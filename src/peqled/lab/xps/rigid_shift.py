"""Rigid-shift test between two samples.

A chemical change moves the levels of the atoms concerned; charging and a moved Fermi level move all levels alike. The
shifts ``s_i = BE_i(B) - BE_i(A)`` of common levels are compared with their weighted mean: chi-squared of the rest has
n - 1 degrees of freedom. All shifts equal within their uncertainties (p > 0.05) and a mean beyond two uncertainties
is a rigid shift: no evidence for binding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RigidShift:
    """Outcome: mean shift and its uncertainty (eV), probability that all shifts are equal, the shifts by level."""

    mean: float
    uncertainty: float
    probability: float
    rigid: bool
    shifts: dict[str, tuple[float, float]]


def rigid_shift(
    first: Mapping[str, tuple[float, float]], second: Mapping[str, tuple[float, float]]
) -> RigidShift | None:
    """Compare levels (name to position and uncertainty, eV) of two samples; None below three common levels."""
    from scipy.stats import chi2

    common = [name for name in first if name in second]
    if len(common) < 3:
        return None
    shifts = np.array([second[name][0] - first[name][0] for name in common])
    u = np.array([np.hypot(first[name][1], second[name][1]) for name in common])
    weights = 1.0 / np.maximum(u, 1e-6) ** 2
    mean = float(weights @ shifts / weights.sum())
    deviation = float(weights @ (shifts - mean) ** 2)
    probability = float(chi2.sf(deviation, len(common) - 1))
    uncertainty = float(weights.sum() ** -0.5)
    rigid = probability > 0.05 and abs(mean) > 2.0 * uncertainty
    by_level = {name: (float(s), float(v)) for name, s, v in zip(common, shifts, u, strict=True)}
    return RigidShift(mean, uncertainty, probability, rigid, by_level)
