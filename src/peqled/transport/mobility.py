"""How the mobility depends on field, temperature and density."""

import jax.numpy as jnp
from jaxtyping import Array, Float

FIELD_FLOOR = 100.0
"""V/m; rounds off square roots at zero field: 0.3 % of a mobility at most there, nothing above 1e5 V/m."""


def poole_frenkel(
    mobility: Float[Array, "..."], *, coefficient: Float[Array, "..."], field: Float[Array, "..."]
) -> Float[Array, "..."]:
    """mu0 exp(coefficient sqrt|F|), m2/(V s); P. N. Murgatroyd, J. Phys. D 3, 151 (1970).

    ``mobility``: zero-field value, m2/(V s); ``coefficient``: (m/V)^0.5; ``field``: V/m.
    """
    return mobility * jnp.exp(coefficient * jnp.sqrt(jnp.sqrt(field**2 + FIELD_FLOOR**2)))


def arrhenius(activation: Float[Array, "..."], thermal_voltage: Float[Array, ""], reference: Float[Array, ""]) -> Array:
    """exp(-E_a (1/kT - 1/kT_0)): 1 at the reference; ``activation`` eV, both kT in eV."""
    return jnp.exp(-activation * (1.0 / thermal_voltage - 1.0 / reference))


def disorder_factor(
    *,
    density: Float[Array, "..."],
    field: Float[Array, "..."],
    spread: Float[Array, "..."],
    lattice: Float[Array, "..."],
    thermal_voltage: Float[Array, ""],
) -> Float[Array, "..."]:
    """g1(n) g2(F) of the extended Gaussian disorder model; Pasveer et al., Phys. Rev. Lett. 94, 206601 (2005),
    10.1103/PhysRevLett.94.206601, equations 1 and 2.

        g1 = exp((s^2 - s) (2 n a^3)^d / 2),    d = 2 (ln(s^2 - s) - ln ln 4)/s^2
        g2 = exp(0.44 (s^(3/2) - 2.2) (sqrt(1 + 0.8 (F a/(s kT))^2) - 1))

    ``spread`` s = sigma/kT, ``lattice`` a (m), ``density`` n (1/m3), ``field`` F (V/m). Valid for s of 2 to 6, up to
    n a^3 = 0.1 and F a = 2 s kT, at which both are held. 1 where s or a is zero.
    """
    held = (lattice > 0.0) & (spread > 1.5)
    s, a = jnp.where(held, spread, 3.0), jnp.where(held, lattice, 1e-9)
    strength = s**2 - s
    exponent = 2.0 * (jnp.log(strength) - jnp.log(jnp.log(4.0))) / s**2
    filled = jnp.clip(2.0 * density * a**3, 1e-30, 0.2)
    reduced = jnp.minimum(field * a / (s * thermal_voltage), 2.0)
    by_density = 0.5 * strength * filled**exponent
    by_field = 0.44 * (s**1.5 - 2.2) * (jnp.sqrt(1.0 + 0.8 * reduced**2) - 1.0)
    return jnp.where(held, jnp.exp(by_density + by_field), 1.0)
