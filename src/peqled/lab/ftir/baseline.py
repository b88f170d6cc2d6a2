"""Baseline of an absorbance spectrum: asymmetrically reweighted penalised least squares.

Minimises ``Sum w_i (y_i - z_i)^2 + lam Sum (second difference of z)^2`` with weights that fall where the spectrum lies
above the baseline (arPLS; Baek et al., Analyst 2015, 140, 250, doi:10.1039/C4AN01061B), by pybaselines.
"""

from __future__ import annotations

import warnings

import numpy as np

REFERENCE_POINTS = 2000.0
REFERENCE_STIFFNESS = 1e6


def baseline(values: np.ndarray, *, stiffness: float = REFERENCE_STIFFNESS) -> np.ndarray:
    """Baseline of `values` on an even grid; `stiffness` is that for 2000 points, scaled with the fourth power."""
    from pybaselines.whittaker import arpls

    lam = stiffness * (values.size / REFERENCE_POINTS) ** 4
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # noise-free data end the reweighting early; the baseline is as good
        fitted, _ = arpls(np.asarray(values, dtype=float), lam=max(lam, 10.0), max_iter=50)  # type: ignore[misc]
    return np.asarray(fitted)
