"""Field dependence of the mobility."""

import jax.numpy as jnp
from jaxtyping import Array, Float

_FIELD_FLOOR = (
    100.0  # V/m; rounds off the square root at zero field, 0.3 % of mu at most there and nothing above 1e5 V/m
)


def poole_frenkel(
    mobility: Float[Array, "..."], *, coefficient: Float[Array, "..."], field: Float[Array, "..."]
) -> Float[Array, "..."]:
    """mu0 exp(coefficient sqrt|F|), m2/(V s); P. N. Murgatroyd, J. Phys. D 3, 151 (1970).

    ``mobility``: zero-field value, m2/(V s); ``coefficient``: (m/V)^0.5; ``field``: V/m.
    """
    return mobility * jnp.exp(coefficient * jnp.sqrt(jnp.sqrt(field**2 + _FIELD_FLOOR**2)))
