"""Quantum yield without the emission that the sample takes back inside the sphere.

    eta = eta_obs / (1 - a + a eta_obs)

a is the share of the emitted photons that is absorbed again, from the spectrum in the sphere against a dilute sample.
Reference: T.-S. Ahn, R. O. Al-Kaysi, A. M. Mueller, K. M. Wentz, C. J. Bardeen, Rev. Sci. Instrum. 2007, 78, 086105,
10.1063/1.2768926.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["corrected", "reabsorbed_share"]


def corrected(eta: float, share: float) -> float:
    """Yield of the emitter from the observed one; both fractions."""
    return eta / (1.0 - share + share * eta)


def reabsorbed_share(
    wavelength: Float[ndarray, " n"], observed: Float[ndarray, " n"], dilute: Float[ndarray, " n"], *, tail_from: float
) -> float:
    """Share a = 1 - area(observed)/area(dilute), both scaled to agree beyond `tail_from` (m), where nothing is
    absorbed."""
    tail = wavelength >= tail_from
    scale = float(observed[tail] @ dilute[tail]) / float(dilute[tail] @ dilute[tail])
    return 1.0 - float(np.trapezoid(observed, wavelength)) / (scale * float(np.trapezoid(dilute, wavelength)))
