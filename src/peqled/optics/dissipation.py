"""Power of a dipole per plane wave, K(u), in units of its power in the infinite emitter medium.

With u = k_parallel/(n_e k0), xi = sqrt(1 - u²), distances z± to the faces of the emitter layer and a± = G± exp(2 i n_e
k0 xi z±):

    K_v (TM) = 3/4 Re[(u²/xi) (1 + a+)(1 + a-)/(1 - a+ a-)]
    K_h (TM) = 3/8 Re[ xi     (1 - a+)(1 - a-)/(1 - a+ a-)]
    K_h (TE) = 3/8 Re[(1/xi)  (1 + a+)(1 + a-)/(1 - a+ a-)]          F = integral 2u K du

(Neyts, J. Opt. Soc. Am. A 15, 962 (1998), 10.1364/JOSAA.15.000962; Barnes, J. Mod. Opt. 45, 661 (1998)). The integrals
use K without the part of the infinite medium, which is known exactly, so that what is integrated decays with depth into
the near field. The leading axis "channel" is (vertical TM, horizontal TM, horizontal TE) everywhere in this room.
"""

import jax.numpy as jnp
from jaxtyping import Array, Complex, Float

from peqled.optics.sides import reflected_only
from peqled.optics.stack import Stack, emitter_index, wavenumber

TE, TM = 0, 1


def face_distances(stack: Stack, position: Float[Array, " position"]) -> Float[Array, "side position"]:
    """Distances (m) of the dipoles to the substrate-side and top-side faces of their layer."""
    return jnp.stack([position, stack.thickness[stack.emitter] - position])


def to_faces(
    stack: Stack, kappa: Complex[Array, "polarisation wavelength node"], position: Float[Array, " position"]
) -> Complex[Array, "side position polarisation wavelength node"]:
    """exp(i k_z z) from the dipole to either face."""
    path = face_distances(stack, position)[..., None] * wavenumber(stack)
    return jnp.exp(1j * kappa * path[:, :, None, :, None])


def scattered_power(
    stack: Stack, u: Complex[Array, "polarisation wavelength node"], position: Float[Array, " position"]
) -> Complex[Array, "channel position wavelength node"]:
    """K before the real part is taken, less the part of the infinite medium; analytic in u."""
    index = emitter_index(stack)[:, None]
    kappa, reflected = reflected_only(stack, u * index)
    xi = kappa / index
    once = to_faces(stack, kappa, position)
    down, up = reflected[:, None] * once * once
    both = down * up
    same, opposite = (down + up + 2.0 * both) / (1.0 - both), (2.0 * both - down - up) / (1.0 - both)
    vertical = 0.75 * u[TM] ** 2 / xi[TM] * same[:, TM]
    parallel_tm = 0.375 * xi[TM] * opposite[:, TM]
    parallel_te = 0.375 / xi[TE] * same[:, TE]
    return jnp.stack([vertical, parallel_tm, parallel_te])


def free_power(u: Float[Array, "*shape"]) -> Float[Array, "channel *shape"]:
    """Integral from 0 to u of 2u K du in the infinite medium; 1, 1/4 and 3/4 for u >= 1."""
    square = 1.0 - u * u
    inside = square > 0.0
    xi = jnp.where(inside, jnp.sqrt(jnp.where(inside, square, 1.0)), 0.0)
    return jnp.stack([1.0 - 1.5 * xi + 0.5 * xi**3, 0.25 * (1.0 - xi**3), 0.75 * (1.0 - xi)])


def dissipation(
    stack: Stack, u: Float[Array, " node"], position: Float[Array, " position"]
) -> Float[Array, "channel position wavelength node"]:
    """K(u) on the real axis for channels (vertical TM, horizontal TM, horizontal TE); F = integral of 2u K du."""
    waves = jnp.broadcast_to(jnp.asarray(u, complex), (2, *stack.wavelength.shape, u.shape[0]))
    xi = jnp.sqrt(jnp.maximum(1.0 - u * u, 0.0))
    inverse = jnp.where(u < 1.0, 1.0 / jnp.where(u < 1.0, xi, 1.0), 0.0)
    free = jnp.stack([0.75 * u * u * inverse, 0.375 * xi, 0.375 * inverse])
    return scattered_power(stack, waves, position).real + free[:, None, None]
