"""Complex refractive index of the film: bulk index moved by confinement, then mixed with the ligand.

Bruggeman's symmetric medium, f (ε1 - ε)/(ε1 + 2ε) + (1 - f)(ε2 - ε)/(ε2 + 2ε) = 0, has the explicit root
ε = (b + sqrt(b² + 8 ε1 ε2))/4 with b = (3f - 1) ε1 + (2 - 3f) ε2 (Bruggeman, Ann. Phys. 416, 636, 1935,
10.1002/andp.19354160705). Convention n + ik, time factor exp(-iωt).
"""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Bool, Complex, Float

from peqled.nanocrystal import EV_METRE


class BulkIndex(eqx.Module):
    """Index of the bulk crystal on an increasing grid of photon energies (eV)."""

    energy: Float[Array, " row"]
    index: Complex[Array, " row"]

    @classmethod
    def from_wavelength(cls, wavelength, index) -> "BulkIndex":
        """From a table over wavelength (m) in either direction; outside compiled code."""
        energy = EV_METRE / np.asarray(wavelength, dtype=float)
        order = np.argsort(energy)
        return cls(jnp.asarray(energy[order]), jnp.asarray(np.asarray(index, dtype=complex)[order]))

    def covers(self, energy: Float[Array, "*any"]) -> Bool[Array, "*any"]:
        """True where the table holds the ``energy`` (eV); elsewhere its end value is used."""
        return (energy >= self.energy[0]) & (energy <= self.energy[-1])

    def at(self, energy: Float[Array, "*any"]) -> Complex[Array, "*any"]:
        """Index at ``energy`` (eV), linear between rows. At E - ΔE it is that of dots confined by ΔE at E."""
        real = jnp.interp(energy, self.energy, self.index.real)
        return real + 1j * jnp.interp(energy, self.energy, self.index.imag)


def bruggeman(
    inclusion: Complex[Array, "*any"] | float, host: Complex[Array, "*any"] | float, fill
) -> Complex[Array, "*any"]:
    """Effective permittivity of two media at volume share ``fill`` of the first; the root that does not amplify.

    For passive media one root lies in the upper half plane; for lossless ones both are real and the positive one is
    meant.
    """
    inclusion, host = jnp.asarray(inclusion) + 0j, jnp.asarray(host) + 0j
    linear = (3.0 * fill - 1.0) * inclusion + (2.0 - 3.0 * fill) * host
    root = jnp.sqrt(linear**2 + 8.0 * inclusion * host)
    upper, lower = 0.25 * (linear + root), 0.25 * (linear - root)
    rounding = 1.0e-12 * jnp.abs(upper)
    return jnp.where(lower.imag > upper.imag + rounding, lower, upper)


def maxwell_garnett(
    inclusion: Complex[Array, "*any"] | float, host: Complex[Array, "*any"] | float, fill
) -> Complex[Array, "*any"]:
    """ε = ε_h (1 + 2 f β)/(1 - f β), β = (ε_i - ε_h)/(ε_i + 2 ε_h): dilute separate spheres in a host."""
    polarisability = fill * (inclusion - host) / (inclusion + 2.0 * host)
    return host * (1.0 + 2.0 * polarisability) / (1.0 - polarisability)


def effective_index(
    inclusion: Complex[Array, "*any"] | float, host: Complex[Array, "*any"] | float, fill
) -> Complex[Array, "*any"]:
    """Bruggeman index from the indices (not permittivities) of dots and ligand."""
    return jnp.sqrt(bruggeman(inclusion**2, host**2, fill))


def mean_under(emission: Float[Array, " wavelength"], value: Float[Array, " wavelength"]) -> Float[Array, ""]:
    """Mean of ``value`` weighted with the ``emission`` spectrum."""
    return (emission * value).sum() / emission.sum()


def scale_extinction(
    index: Complex[Array, " wavelength"], emission: Float[Array, " wavelength"], target
) -> tuple[Complex[Array, " wavelength"], Float[Array, ""]]:
    """Scale k so that its mean under the ``emission`` spectrum is ``target``, the overlap of emission and absorption.

    Returns the index and the factor. It is one factor for the whole table, hence meant for the emission window; far
    from 1 it says that table and target disagree. n is left alone.
    """
    present = mean_under(emission, index.imag)
    factor = target / jnp.where(present > 0.0, present, 1.0)
    return index.real + 1j * index.imag * factor, factor
