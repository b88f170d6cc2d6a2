"""Power by place: from the amplitude at each face of the emitter layer to every layer and exit.

The wave that leaves the dipole through face s has the amplitude A_s = exp(i k_z z_s)(1 ± a_-s)/(1 - a+ a-), + for
vertical and TE, - for horizontal TM, and the weight 3/8 u²/|xi|² (v), 3/16 (h, TM), 3/16/|xi|² (h, TE). Its "strength"
|A|² w holds the dipole; the "share" that ends in each place per unit strength holds the stack, and is the same for
every dipole position.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.optics.dissipation import TE, TM, free_power, scattered_power, to_faces
from peqled.optics.farfield import escape
from peqled.optics.sides import layer_steps, with_flux
from peqled.optics.spectrum_path import Pieces, contour_nodes
from peqled.optics.stack import Stack, emitter_index


def total_power(stack: Stack, cut: Pieces, position: Array) -> Float[Array, "channel position wavelength piece"]:
    """Integral of 2u K du over every piece, along the path below the axis; the sum over pieces is F."""
    nodes, weights = contour_nodes(cut)
    u = jnp.concatenate([jnp.asarray(x, complex) for x in nodes], -1)
    power = 2.0 * u * scattered_power(stack, jnp.broadcast_to(u, (2, *u.shape)), position)
    ends, parts = 0, []
    for weight in weights:
        piece = slice(ends, ends + weight.shape[-1])
        parts.append(jnp.einsum("cpwn,wn->cpw", power[..., piece], weight.astype(complex)).real)
        ends = piece.stop
    free = free_power(cut.stop) - free_power(cut.start)
    return jnp.stack(parts, -1) + free[:, None]


def strength_and_share(
    stack: Stack, u: Float[Array, "polarisation wavelength node"], position: Float[Array, " position"], *, escaping: int
) -> tuple[Array, Array]:
    """strength [channel position side wavelength node], share [channel side place wavelength node]; places without
    "guided".

    Only the first `escaping` nodes can reach the outside medium; light launched into the substrate at the others is
    trapped.
    """
    effective = u * emitter_index(stack)[:, None]
    sides = with_flux(stack, effective)
    once = to_faces(stack, sides.kappa, position)
    returned = sides.reflected[:, None] * once * once
    leaving = _power(once) / _power(1.0 - returned[0] * returned[1])
    other = returned[::-1]
    even, odd = leaving * _power(1.0 + other), leaving * _power(1.0 - other)
    square = jnp.abs(1.0 - u * u)
    vertical = 0.375 * u[TM] ** 2 / square[TM] * even[:, :, TM]
    strength = jnp.stack([vertical, 0.1875 * odd[:, :, TM], 0.1875 / square[TE] * even[:, :, TE]])
    share = _shares(stack, sides.flux, effective, escaping)
    return jnp.swapaxes(strength, 1, 2), jnp.stack([share[:, :, TM], share[:, :, TM], share[:, :, TE]])


def _shares(
    stack: Stack, flux: Array, effective: Array, escaping: int
) -> Float[Array, "side place polarisation wavelength node"]:
    """What enters a layer and does not enter the next stays; the substrate passes its part on (`farfield.escape`)."""
    launched, crossed = flux[-1, 0], flux[-1, 1]
    end = escape(stack, effective[..., :escaping])
    later = [(0, 0)] * (launched.ndim - 1) + [(0, launched.shape[-1] - escaping)]
    trapped = launched * jnp.pad(end.trapped, later, constant_values=1.0)
    air, top = (launched * jnp.pad(x, later) for x in (end.air, end.top))
    down = list(launched * jnp.pad(end.layers, [(0, 0), *later]))
    up = [jnp.zeros_like(launched)] * len(down)
    lost = flux[:-1] - flux[1:]
    for layer, (step, side) in enumerate(zip(*layer_steps(stack), strict=True)):
        if layer < stack.emitter:
            down[layer] = down[layer] + lost[step, side]
        elif layer > stack.emitter:
            up[layer] = lost[step, side]
    nothing = jnp.zeros_like(launched)
    return jnp.stack([jnp.stack([*down, air, trapped, top]), jnp.stack([*up, nothing, nothing, crossed])])


def integrate(
    strength: Array, share: Array, u: Array, weights: Array
) -> Float[Array, "channel position wavelength place"]:
    """Integral over one piece of 2u times strength times share, both sides added."""
    measure = 2.0 * u * weights
    measure = jnp.stack([measure[TM], measure[TM], measure[TE]])
    return jnp.einsum("cpswn,csmwn->cpwm", strength * measure[:, None, None], share)


def _power(value: Array) -> Array:
    return value.real**2 + value.imag**2
