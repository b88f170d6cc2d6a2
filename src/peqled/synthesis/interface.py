"""What adsorbed ligand does to the interfacial energy of the dots."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.synthesis.crystal import AVOGADRO, GAS_CONSTANT

SITES = 1.45e18 / AVOGADRO  # mol/m2: 1.45 ligands per nm2, 10.1002/anie.201806916
LEAST_SHARE = 0.25  # of the bare surface's energy: a crystal whose surface costs nothing would not stay one


def covered_energy(
    bare: float | Array, concentration: float | Array, *, binding: float | Array, temperature: float | Array
) -> Float[Array, ""]:
    """γ = γ_0 - R T Γ ln(1 + K c), the Gibbs adsorption isotherm of a Langmuir layer (Szyszkowski), in J/m2.

    `concentration` in mol/m3, `binding` K in m3/mol. Near a quarter of γ_0 the fall levels off smoothly.
    """
    fall = GAS_CONSTANT * temperature * SITES * jnp.log1p(binding * jnp.maximum(concentration, 0.0))
    room = (1 - LEAST_SHARE) * bare
    return jnp.asarray(bare - room * -jnp.expm1(-fall / room))
