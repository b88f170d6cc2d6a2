"""Power by place: from the amplitude at each face of the emitter layer to every layer and exit.

The wave that leaves the dipole through face s has the amplitude A_s = exp(i k_z z_s)(1 ± a_-s)/(1 - a+ a-), + for
vertical and TE, - for horizontal TM, and the weight 3/8 u²/|xi|² (v), 3/16 (h, TM), 3/16/|xi|² (h, TE). Its "strength"
|A|² w holds the dipole; the "share" that ends in each place per unit strength holds the stack, and is the same for
every dipole position.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float, Shaped

from peqled.numerics.waves import squared
from peqled.optics.dissipation import free_power, scattered_power, to_faces
from peqled.optics.farfield import escape
from peqled.optics.fresnel import TE, TM
from peqled.optics.sides import layer_steps, with_flux
from peqled.optics.spectrum_path import Pieces, contour_nodes
from peqled.optics.stack import Stack, emitter_index, emitter_stretch

Strength = tuple[Float[Array, "*side position wavelength node"], ...]
"""|A|² w of the channels."""


def total_power(stack: Stack, cut: Pieces, position: Array) -> Float[Array, "channel position wavelength piece"]:
    """Integral of 2u K du over every piece, along the path below the axis; the sum over pieces is F."""
    nodes, weights = contour_nodes(cut)
    u = jnp.concatenate([jnp.asarray(x, complex) for x in nodes], -1)
    measure = 2.0 * u * jnp.concatenate([jnp.asarray(x, complex) for x in weights], -1)
    sizes = [x.shape[-1] for x in nodes]
    parts = [
        jnp.stack([jnp.sum(x, -1) for x in jax.lax.split((power * measure[p]).real, sizes, axis=-1)], -1)
        for power, p in zip(scattered_power(stack, u, position), (-1, -1, 0), strict=True)
    ]
    stretch = emitter_stretch(stack)
    free = free_power(cut.stop, stretch) - free_power(cut.start, stretch)
    return jnp.stack(parts) + free[:, None]


def by_channel(values: Shaped[Array, "#polarisation *rest"]) -> Shaped[Array, "channel *rest"]:
    """Values of the polarisations for (vertical TM, horizontal TM, horizontal TE)."""
    return jnp.stack([values[-1], values[-1], values[0]])


def strength_and_flux(
    stack: Stack, u: Float[Array, "polarisation wavelength node"], position: Float[Array, " position"]
) -> tuple[Strength, Float[Array, "interface side polarisation wavelength node"]]:
    """Strengths of the three channels, and the flux behind each interface of either side per unit strength."""
    sides = with_flux(stack, u * emitter_index(stack)[:, None])
    once = to_faces(stack, sides.kappa, position)
    over_xi = emitter_index(stack)[:, None] ** 2 / squared(sides.kappa)
    vertical = 0.375 * (emitter_stretch(stack)[:, None] * u[TM]) ** 2 * over_xi[-1]
    tm, te = (_leaving(sides.reflected[:, None, p], once[:, :, p]) for p in (TM, TE))
    return (vertical * tm[0], 0.1875 * tm[1], 0.1875 * over_xi[TE] * te[0]), sides.flux


@jax.checkpoint
def _leaving(
    reflected: Complex[Array, "side 1 wavelength node"], once: Complex[Array, "side position wavelength node"]
) -> tuple[Float[Array, "side position wavelength node"], Float[Array, "side position wavelength node"]]:
    """|A|² of both faces for + and -."""
    returned = reflected * (once * once)
    leaving = squared(once) / squared(1.0 - returned[0] * returned[1])
    other = returned[::-1]
    return leaving * squared(1.0 + other), leaving * squared(1.0 - other)


def onward(
    stack: Stack,
    u: Float[Array, "polarisation wavelength node"],
    launched: Float[Array, "polarisation wavelength node"],
) -> Float[Array, "place polarisation wavelength node"]:
    """Where the flux launched into the substrate ends (`farfield.escape`): layers, air, substrate, top."""
    end = escape(stack, u * emitter_index(stack)[:, None])
    return launched * jnp.concatenate([end.layers, jnp.stack([end.air, end.trapped, end.top])])


def integrate(
    strength: Strength,
    flux: Float[Array, "*side place polarisation wavelength node"],
    u: Float[Array, "polarisation wavelength node"],
    weights: Float[Array, "polarisation wavelength node"],
) -> Float[Array, "channel *side position wavelength place"]:
    """Integral over one piece of 2u times strength times flux."""
    measure = 2.0 * u * weights
    return jnp.stack([
        jnp.einsum("...pwn,...mwn->...pwm", power * measure[p], flux[..., p, :, :])
        for power, p in zip(strength, (TM, TM, TE), strict=True)
    ])  # fmt: skip


def by_place(
    stack: Stack,
    entering: Float[Array, "piece channel side position wavelength interface"],
    ending: Float[Array, "escaping channel position wavelength place"],
) -> Float[Array, "piece channel position wavelength place"]:
    """Power in layers, air, substrate and top: what enters a layer and does not enter the next stays.

    `ending` tells where light launched into the substrate ends, piece by piece; in later pieces it is trapped there.
    """
    lost = entering[..., :-1] - entering[..., 1:]
    lost = jnp.concatenate([lost, jnp.zeros_like(entering[..., :1])], -1)  # nothing at the emitter's own step, -1
    step, side = layer_steps(stack)
    layers = jnp.moveaxis(lost, (2, 5), (0, 1))[side, step]
    launched, crossed = entering[:, :, 0, :, :, -1], entering[:, :, 1, :, :, -1]
    trapped = launched.at[: ending.shape[0]].set(0.0)
    exits = jnp.stack([jnp.zeros_like(trapped), trapped, crossed])
    placed = jnp.moveaxis(jnp.concatenate([layers, exits]), 0, -1)
    return placed.at[: ending.shape[0]].add(ending)
