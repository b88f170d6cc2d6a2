"""Spectra on an energy axis: I(E) = I(lambda) |d lambda/dE| = I(lambda) lambda^2/(h c).

Without the factor a broad line is shifted: for a Gaussian line of standard deviation s_E the peak moves by about
2 s_E^2/E. Reference: J. Mooney and P. Kambhampati, J. Phys. Chem. Lett. 2013, 4, 3316, 10.1021/jz401508t.
"""

from __future__ import annotations

from jaxtyping import Float
from numpy import ndarray

from peqled.lab.spectrum.peak import LIGHT_EV

__all__ = ["LIGHT_EV", "energy_of", "to_energy"]


def energy_of(wavelength: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
    """Photon energy (eV) at `wavelength` (m)."""
    return LIGHT_EV / wavelength


def to_energy(
    wavelength: Float[ndarray, " n"], per_wavelength: Float[ndarray, " n"]
) -> tuple[Float[ndarray, " n"], Float[ndarray, " n"]]:
    """Energy (eV, ascending) and the spectrum per energy, from one per wavelength (m)."""
    return LIGHT_EV / wavelength[::-1], (per_wavelength * wavelength**2 / LIGHT_EV)[::-1]
