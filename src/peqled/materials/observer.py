"""The CIE 1931 standard observer (2 degrees): the table that optics predicts colours with and the laboratory reads them
with, and what belongs to it. Needs no JAX.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float

EFFICACY_MAX = 683.002
"""K_m, lm/W, the luminous efficacy at 555 nm in air (CIE S 010)."""


@lru_cache(maxsize=1)
def observer_table() -> tuple[Float[np.ndarray, " wavelength"], Float[np.ndarray, "wavelength xyz"]]:
    """Wavelength (m) in steps of 1 nm, and xbar, ybar, zbar there, from the colour-science package.

    Imported at the first call (0.8 s), then kept.
    """
    from colour.colorimetry import MSDS_CMFS

    observer = MSDS_CMFS["CIE 1931 2 Degree Standard Observer"]
    return np.asarray(observer.wavelengths, float) * 1e-9, np.asarray(observer.values, float)


def matching_functions(wavelength: Float[np.ndarray, " wavelength"]) -> Float[np.ndarray, "xyz wavelength"]:
    """xbar, ybar, zbar at `wavelength` (m): linear in the 1 nm table, zero outside 360-830 nm. ybar is V(lambda)."""
    grid, table = observer_table()
    return np.stack([np.interp(wavelength, grid, column, left=0.0, right=0.0) for column in table.T])


def uniform_coordinates(x: Any, y: Any) -> tuple[Any, Any]:
    """CIE 1976 (u', v') = (4x, 9y)/(-2x + 12y + 3) of CIE 1931 (x, y), for numbers and arrays of any library."""
    weight = -2.0 * x + 12.0 * y + 3.0
    return 4.0 * x / weight, 9.0 * y / weight
