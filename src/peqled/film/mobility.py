"""Hopping mobility of carriers between dots.

    ν = ν_0 exp[-β (g - g_0)],     μ = q D² ν/(6 k T)

random walk on a simple cubic lattice with the Einstein relation, and tunnelling through the ligand gap g. The decay
β = 1.08-1.10 per ångström was measured as mobility against ligand length in PbSe dot films (Liu et al.,
Nano Lett. 2010, 10.1021/nl101284k); interdigitating ligands make the gap shorter than the ligand.
"""

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from scipy.constants import e, k


class Hopping(eqx.Module):
    """ν_0 (1/s) at the gap g_0 (m) and decay β (1/m).

    ν_0 6.4e7 at 2.5 nm puts 5e-4 cm2/Vs at a centre distance of 11 nm and 298 K, the default of the paper's improved
    film (5e-5 to 5e-3); films of long ligands are quoted at 1e-7 to 1e-4 cm2/Vs.
    """

    reference_rate: float | Array = 6.4e7
    reference_gap: float | Array = 2.5e-9
    decay: float | Array = 1.09e10

    def rate(self, gap):
        """Rate (1/s) of hops to all neighbours together across a ligand ``gap`` (m)."""
        return self.reference_rate * jnp.exp(-self.decay * (gap - self.reference_gap))


def hopping_mobility(rate, *, distance, temperature):
    """Mobility (m2/Vs) from the hop ``rate`` (1/s) over the centre ``distance`` (m): q D² ν/(6kT)."""
    return e * distance**2 * rate / (6.0 * k * temperature)


def hopping_rate(mobility, *, distance, temperature):
    """Hop rate (1/s) that gives ``mobility`` (m2/Vs): the inverse of the above."""
    return 6.0 * k * temperature * mobility / (e * distance**2)
