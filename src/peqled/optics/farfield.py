"""A thick substrate, in which light loses its phase: what leaves it, what comes back, and the angular emission.

Power launched into the substrate meets the outer face (reflectance R_o) and the whole stack (R_b) again and again:

    P_air = P_sub (1 - R_o)/(1 - R_o R_b),       P_back = P_sub R_o/(1 - R_o R_b),

and P_back is absorbed in the layers, or crosses to the top, as any plane wave from the substrate is. The substrate
itself does not absorb. Power per solid angle outside: I(theta) = P_air(u) n_out² cos(theta)/(pi n_e²) at u = n_out
sin(theta)/n_e.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.numerics.waves import reciprocal, squared
from peqled.optics.fresnel import media_of, plane_waves
from peqled.optics.planewave import respond
from peqled.optics.stack import Stack, emitter_index, outside_index, substrate_index


class Escape(NamedTuple):
    """Shares of the power launched into the substrate; they add up to 1 at every node."""

    air: Float[Array, "polarisation wavelength node"]
    trapped: Float[Array, "polarisation wavelength node"]
    layers: Float[Array, "layer polarisation wavelength node"]
    top: Float[Array, "polarisation wavelength node"]


def outer_reflectance(stack: Stack, effective: Array) -> Float[Array, "polarisation wavelength node"]:
    """Fresnel reflectance of the outer face of the substrate, from inside."""
    media = media_of(jnp.stack([substrate_index(stack), outside_index(stack)]))
    near, far = plane_waves(media, effective * effective)[1]
    return squared((near - far) * reciprocal(near + far))


def escape(stack: Stack, effective: Float[Array, "polarisation wavelength node"]) -> Escape:
    """Where power launched into the substrate ends; the emitter layer counts as transparent, as in the mode budget."""
    back = respond(stack.transparent_emitter().seen_from("substrate"), effective)
    escapes = (effective < outside_index(stack)[:, None]) & (effective < substrate_index(stack)[:, None])
    outer = jnp.where(escapes, outer_reflectance(stack, effective), 0.0)
    passes = escapes / (1.0 - outer * jnp.where(escapes, back.reflectance, 0.0))
    returned = outer * passes
    trapped = jnp.broadcast_to(1.0 - escapes, returned.shape)
    return Escape((1.0 - outer) * passes, trapped, back.absorptance * returned, back.transmittance * returned)


def effective_index(stack: Stack, angle: Float[Array, " angle"]) -> Float[Array, "wavelength angle"]:
    """n_out sin(theta)."""
    return outside_index(stack)[:, None] * jnp.sin(angle)


def per_solid_angle(stack: Stack, angle: Float[Array, " angle"]) -> Float[Array, "wavelength angle"]:
    """Factor from K (per 2u du) to power per steradian outside: n_out² cos(theta)/(pi n_e²)."""
    ratio = (outside_index(stack) / emitter_index(stack)) ** 2
    return ratio[:, None] * jnp.cos(angle) / jnp.pi
