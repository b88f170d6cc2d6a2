"""Power of a dipole per plane wave, K(u), in units of its power in the infinite medium of the emitter's index n_e.

With u = k_parallel/(n_e k0), xi = k_z/(n_e k0), distances z± to the faces of the emitter layer and a± = G± exp(2 i k_z
z±):

    K_v (TM) = 3/4 s² Re[(u²/xi) (1 + a+)(1 + a-)/(1 - a+ a-)]
    K_h (TM) = 3/8    Re[ xi     (1 - a+)(1 - a-)/(1 - a+ a-)]
    K_h (TE) = 3/8    Re[(1/xi)  (1 + a+)(1 + a-)/(1 - a+ a-)]          F = integral 2u K du

(Neyts, J. Opt. Soc. Am. A 15, 962 (1998), 10.1364/JOSAA.15.000962; Barnes, J. Mod. Opt. 45, 661 (1998)). s =
eps_o/eps_e is 1 in an isotropic emitter. In a uniaxial one n_e stands for its index in the plane, xi² = 1 - s u² for
TM, and the infinite uniaxial medium itself has F_v = 1 and F_h = 3/4 + 1/(4 s) (Penninck et al., Opt. Express 19,
18558 (2011), 10.1364/OE.19.018558). The integrals use K without the part of the infinite medium, which is known
exactly, so that what is integrated decays with depth into the near field. The leading axis "channel" is (vertical TM,
horizontal TM, horizontal TE) everywhere in this room.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float

from peqled.numerics.waves import propagation, reciprocal
from peqled.optics.fresnel import TE, TM
from peqled.optics.sides import reflected_only
from peqled.optics.stack import Stack, emitter_index, emitter_stretch, wavenumber


def face_distances(stack: Stack, position: Float[Array, " position"]) -> Float[Array, "side position"]:
    """Distances (m) of the dipoles to the substrate-side and top-side faces of their layer."""
    return jnp.stack([position, stack.thickness[stack.emitter] - position])


def to_faces(
    stack: Stack, kappa: Complex[Array, "#polarisation wavelength node"], position: Float[Array, " position"]
) -> Complex[Array, "side position #polarisation wavelength node"]:
    """exp(i k_z z) from the dipole to either face; a loop, so that what uses it does not compute it again."""
    phase = kappa * wavenumber(stack)[:, None]
    distance = face_distances(stack, position)
    return jax.lax.map(jax.checkpoint(lambda z: propagation(phase * z)), distance.ravel()).reshape(
        *distance.shape, *phase.shape
    )


def scattered_power(
    stack: Stack, u: Complex[Array, "#polarisation wavelength node"], position: Float[Array, " position"]
) -> tuple[Complex[Array, "position wavelength node"], ...]:
    """K of the three channels before the real part is taken, less the part of the infinite medium; analytic in u.

    The channels are three arrays, here and in `budget`: what is stacked would be computed again for every channel.
    """
    index = emitter_index(stack)[:, None]
    kappa, reflected = reflected_only(stack, u * index)
    xi = jnp.broadcast_to(kappa / index, (2, *kappa.shape[1:]))
    once = to_faces(stack, kappa, position)
    vertical = 0.75 * (emitter_stretch(stack)[:, None] * u[-1]) ** 2 * reciprocal(xi[TM])
    tm, te = (_scattered(reflected[:, None, p], once[:, :, min(p, once.shape[2] - 1)]) for p in (TM, TE))
    return vertical * tm[0], 0.375 * xi[TM] * tm[1], 0.375 * reciprocal(xi[TE]) * te[0]


@jax.checkpoint
def _scattered(
    reflected: Complex[Array, "side 1 wavelength node"], once: Complex[Array, "side position wavelength node"]
) -> tuple[Complex[Array, "position wavelength node"], Complex[Array, "position wavelength node"]]:
    """(1 ± a+)(1 ± a-)/(1 - a+ a-) - 1 for + and -."""
    down, up = reflected * (once * once)
    both, single = 2.0 * down * up, down + up
    loop = reciprocal(1.0 - 0.5 * both)
    return (both + single) * loop, (both - single) * loop


def free_power(
    u: Float[Array, "polarisation wavelength piece"], stretch: Float[Array, " wavelength"]
) -> Float[Array, "channel wavelength piece"]:
    """Integral from 0 to u of 2u K du in the infinite medium; 1, 1/(4s) and 3/4 beyond the light lines."""
    te, tm = _free_xi(u[0]), _free_xi(u[-1] * jnp.sqrt(stretch)[:, None])
    vertical, parallel_tm = 1.0 - 1.5 * tm + 0.5 * tm**3, 0.25 * (1.0 - tm**3) / stretch[:, None]
    return jnp.stack([vertical, parallel_tm, 0.75 * (1.0 - te)])


def _free_xi(u: Array) -> Array:
    square = 1.0 - u * u
    inside = square > 0.0
    return jnp.where(inside, jnp.sqrt(jnp.where(inside, square, 1.0)), 0.0)


def dissipation(
    stack: Stack, u: Float[Array, " node"], position: Float[Array, " position"]
) -> Float[Array, "channel position wavelength node"]:
    """K(u) on the real axis for channels (vertical TM, horizontal TM, horizontal TE); F = integral of 2u K du."""
    waves = jnp.broadcast_to(jnp.asarray(u, complex), (1, *stack.wavelength.shape, u.shape[0]))
    stretch = emitter_stretch(stack)[:, None]
    te, tm = _free_xi(u), _free_xi(u * jnp.sqrt(stretch))
    over_te, over_tm = (jnp.where(x > 0.0, 1.0 / jnp.where(x > 0.0, x, 1.0), 0.0) for x in (te, tm))
    over_te = jnp.broadcast_to(over_te, tm.shape)
    free = jnp.stack([0.75 * (stretch * u) ** 2 * over_tm, 0.375 * tm, 0.375 * over_te])
    return jnp.stack(scattered_power(stack, waves, position)).real + free[:, None]
