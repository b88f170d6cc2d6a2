"""Homogeneous line width of one dot: size and temperature."""

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float
from scipy.constants import e, k

from peqled.nanocrystal.sizing import ROOM_TEMPERATURE

NARROWEST = 1e-3
"""Least width (eV): where no phonon is left, what other processes leave of the line of a single dot."""
FWHM_PER_SIGMA = 2.3548200450309493  # 2 sqrt(2 ln 2)
_BOLTZMANN_EV = k / e


class HomogeneousWidth(eqx.Module):
    """Γ(L, T) = (g0 + g1/L) [1 - s + s n(T)/n(298 K)], n = 1/(exp(E_LO/kT) - 1).

    FWHM in eV. g0 60 (35-75) meV and g1 120 (0-400) meV nm are engineering defaults, bounded by single dots at 300 K
    (70-120 meV, 35-65 meV with improved surfaces, 10.1038/s41467-022-30016-0) and by the EL width of the paper. E_LO
    18 meV: Ramade et al. 2018 (10.1063/1.5018413). The phonon share s is 1 by default: lines of single dots shrink
    to a few meV or less at 4 K, so nearly all of the width at 298 K is thermal; at least `NARROWEST` is left.
    """

    constant: float | Array = 0.060
    slope: float | Array = 0.120e-9
    phonon_energy: float | Array = 0.018
    phonon_share: float | Array = 1.0

    def __call__(self, edge: Float[Array, "*size"], temperature=ROOM_TEMPERATURE) -> Float[Array, "*size"]:
        """FWHM (eV) of a dot of the given edge (m) at ``temperature`` (K)."""
        growth = phonon_number(self.phonon_energy, temperature) / phonon_number(self.phonon_energy, ROOM_TEMPERATURE)
        width = (self.constant + self.slope / edge) * (1.0 + self.phonon_share * (growth - 1.0))
        return jnp.maximum(width, NARROWEST)


def phonon_number(energy, temperature):
    """Bose-Einstein occupation of a phonon of ``energy`` (eV) at ``temperature`` (K)."""
    return 1.0 / jnp.expm1(energy / (_BOLTZMANN_EV * temperature))
