"""Growth and dissolution of a cube: attachment in series with diffusion, against its own solubility.

Ripening is not a term of its own: it follows because small cubes dissolve and large ones grow from one dissolved pool.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.synthesis.crystal import GAS_CONSTANT, MOLAR_VOLUME

CUBE_DIFFUSION = 1.384  # κ = 4π·0.6607/6, from the capacitance of a cube; 2 for a sphere of diameter L
ATTACHMENT_EDGE = 5e-9  # m, where k_r is quoted
EXPONENT_CAP = 40.0


def solubility(
    edge: Float[Array, "..."],
    *,
    flat_solubility: float | Array,
    surface_energy: float | Array,
    temperature: float | Array,
    preferred_edge: float | Array = 1e-3,
) -> Float[Array, "..."]:
    """Monomer in equilibrium with a cube of `edge` (m), in the unit of `flat_solubility`.

    Gibbs and Thomson: c_eq = C∞ exp{(4 γ V_m/RT)(1/L + L/L_d²)}. A finite `preferred_edge` L_d (m) adds the
    phenomenological minimum of digestive ripening; a large one restores the classical law.
    """
    length = 4 * surface_energy * MOLAR_VOLUME / (GAS_CONSTANT * temperature)
    exponent = length * (1 / edge + edge / preferred_edge**2)
    return flat_solubility * jnp.exp(jnp.minimum(exponent, EXPONENT_CAP))


def growth_rate(
    edge: Float[Array, "..."],
    monomer: Float[Array, ""],
    *,
    equilibrium: Float[Array, "..."],
    attachment: float | Array,
    size_exponent: float | Array,
    diffusivity: float | Array,
) -> Float[Array, "..."]:
    """dL/dt in m/s, negative where the cube dissolves.

    G = 2 V_m k_r (c_M - c_eq)/(1 + k_r L/(κ D)), k_r(L) = k_r0 (5 nm/L)^p. `attachment` k_r0 in m/s, `diffusivity` D
    in m2/s, concentrations in mol/m3.
    """
    k = attachment * (ATTACHMENT_EDGE / edge) ** size_exponent
    return 2 * MOLAR_VOLUME * k * (monomer - equilibrium) / (1 + k * edge / (CUBE_DIFFUSION * diffusivity))
