"""Absorption of dispersed dots: one shape per size class, summed with the numbers.

    σ_i(E) = σ(L_i) { r exp[-(E - A_i)²/(2 w_i²)] + (E/E_ref)^q Φ[(E - A_i - E_b)/w_i] },   A_i = E_PL(L_i) +
    Stokes(L_i)

a band-edge exciton line and a continuum that sets in E_b above it (Φ the normal distribution function, w_i the
homogeneous standard deviation). The continuum reaches the measured cross-section at E_ref = 3.1 eV.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from peqled.nanocrystal.linewidth import FWHM_PER_SIGMA
from peqled.nanocrystal.photoluminescence import photon_energy


class AbsorptionShape(eqx.Module):
    """Shape of the intrinsic absorption, energies in eV.

    ``exciton_ratio`` 0.5: height of the edge line over σ(3.1 eV), from 1e-14 cm2 at the edge against 2e-14 cm2
    [computed]; ``binding_energy`` 70 (45-120) meV at 8.5 nm [computed]; ``exponent`` 4 sets the rise from edge to
    3.1 eV (a factor of about 2.5 from 2.5 eV) [default].
    """

    reference_energy: float | Array = 3.1
    exponent: float | Array = 4.0
    exciton_ratio: float | Array = 0.5
    binding_energy: float | Array = 0.070

    def __call__(self, energy, edge_energy, fwhm):
        """σ(E)/σ(3.1 eV) for an absorption line at ``edge_energy`` of width ``fwhm``, all in eV."""
        width = fwhm / FWHM_PER_SIGMA
        exciton = self.exciton_ratio * jnp.exp(-0.5 * ((energy - edge_energy) / width) ** 2)
        onset = jax.scipy.special.ndtr((energy - edge_energy - self.binding_energy) / width)
        return exciton + (energy / self.reference_energy) ** self.exponent * onset


def absorption_coefficient(
    wavelength: Float[Array, " wavelength"],
    *,
    number: Float[Array, " cell"],
    cross_section: Float[Array, " cell"],
    edge_energy: Float[Array, " cell"],
    fwhm: Float[Array, " cell"],
    shape: AbsorptionShape,
) -> Float[Array, " wavelength"]:
    """Napierian absorption coefficient (1/m) of ``number`` dots per m3 with cross-section (m2) at 3.1 eV."""
    relative = shape(photon_energy(wavelength)[:, None], edge_energy, fwhm)
    return (relative * (number * cross_section)).sum(axis=-1)


def absorbance(coefficient: Float[Array, "*any"], path) -> Float[Array, "*any"]:
    """Decadic absorbance of a ``path`` (m) through a medium of Napierian coefficient (1/m)."""
    return coefficient * path / jnp.log(10.0)


def reabsorption_factor(absorbance: Float[Array, "*any"]) -> Float[Array, "*any"]:
    """(1 - 10^-A)/(A ln 10): share of light made evenly along a path of absorbance A that leaves at its end."""
    depth = absorbance * jnp.log(10.0)
    thick = depth > 1.0e-4
    safe = jnp.where(thick, depth, 1.0)
    return jnp.where(thick, -jnp.expm1(-safe) / safe, 1.0 - 0.5 * depth)
