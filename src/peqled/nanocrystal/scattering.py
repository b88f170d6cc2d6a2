"""Dynamic light scattering of an ensemble of cubes with a ligand shell.

Intensity goes with the square of the volume, w_i = N_i L_i⁶; the second-order cumulant analysis (ISO 22412) reads
D_z = Σw/Σ(w/D) and PDI = <D⁻²>/<D⁻¹>² - 1, averages over w. A shell lowers the apparent PDI.
"""

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from peqled.nanocrystal.ensemble import average


class Scattering(eqx.Module):
    """D = a L + 2δ: a 1.3214 is twice the capacitance of a unit cube (0.6607), δ 1.6 (1.0-2.5) nm the hydrodynamic
    shell.
    """

    cube_factor: float | Array = 1.3214
    shell: float | Array = 1.6e-9

    def diameter(self, edge: Float[Array, "*size"]) -> Float[Array, "*size"]:
        """Hydrodynamic diameter (m) of a cube of given edge (m)."""
        return self.cube_factor * edge + 2.0 * self.shell


class Cumulants(eqx.Module):
    """Harmonic intensity-weighted diameter (m) and polydispersity index."""

    z_average: Float[Array, "*time"]
    polydispersity: Float[Array, "*time"]


def cumulants(edge: Float[Array, " cell"], number: Float[Array, "*time cell"], model: Scattering) -> Cumulants:
    """z-average and PDI that second-order cumulants give for the ensemble."""
    diameter = model.diameter(edge)
    weight = number * edge**6
    inverse = average(weight, 1.0 / diameter)
    spread = average(weight, (1.0 / diameter - jnp.expand_dims(inverse, -1)) ** 2)
    return Cumulants(z_average=1.0 / inverse, polydispersity=spread / inverse**2)
