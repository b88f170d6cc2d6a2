"""How far an angular pattern is from Lambert's law."""

import jax.numpy as jnp
from jaxtyping import Array, Float


def lambertian_factor(angle: Float[Array, " angle"], intensity: Float[Array, "*batch angle"]) -> Float[Array, "*batch"]:
    """f_L = 2 integral (I/I_0) sin(theta) d theta over 0..pi/2: 1 for a Lambertian source, 2 for a constant intensity.

    `angle` (rad) starts at 0 and ascends; `intensity` in any unit per steradian. An efficiency computed from the
    forward luminance under Lambert's law must be multiplied by f_L. I/I_0 is taken as linear between angles and
    sin(theta) is integrated exactly.
    """
    relative = intensity / intensity[..., :1]
    slope = jnp.diff(relative) / jnp.diff(angle)
    ends = relative * jnp.cos(angle)
    return 2.0 * jnp.sum(-jnp.diff(ends) + slope * jnp.diff(jnp.sin(angle)), -1)
