"""Power by place: from the amplitude at each face of the emitter layer to every layer and exit.

The wave that leaves the dipole through face s has the amplitude A_s = exp(i k_z z_s)(1 ± a_-s)/(1 - a+ a-), + for
vertical and TE, - for horizontal TM, and the weight 3/8 u²/|xi|² (v), 3/16 (h, TM), 3/16/|xi|² (h, TE). Its "strength"
|A|² w holds the dipole; the "share" that ends in each place per unit strength holds the stack, and is the same for
every dipole position.
"""

import itertools

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from peqled.numerics.waves import squared
from peqled.optics.dissipation import free_power, scattered_power, to_faces
from peqled.optics.farfield import escape
from peqled.optics.fresnel import TE, TM
from peqled.optics.sides import layer_steps, with_flux
from peqled.optics.spectrum_path import Pieces, contour_nodes
from peqled.optics.stack import Stack, emitter_index, emitter_stretch


def total_power(stack: Stack, cut: Pieces, position: Array) -> Float[Array, "channel position wavelength piece"]:
    """Integral of 2u K du over every piece, along the path below the axis; the sum over pieces is F."""
    nodes, weights = contour_nodes(cut)
    u = jnp.concatenate([jnp.asarray(x, complex) for x in nodes], -1)
    measure = by_channel(2.0 * u * jnp.concatenate([jnp.asarray(x, complex) for x in weights], -1))
    power = scattered_power(stack, u, position)
    density = power.real * measure.real[:, None] - power.imag * measure.imag[:, None]
    ends = np.cumsum([0, *(x.shape[-1] for x in nodes)])
    parts = [jnp.sum(density[..., a:b], -1) for a, b in itertools.pairwise(ends)]
    stretch = emitter_stretch(stack)
    free = free_power(cut.stop, stretch) - free_power(cut.start, stretch)
    return jnp.stack(parts, -1) + free[:, None]


def by_channel(values: Shaped[Array, "#polarisation *rest"]) -> Shaped[Array, "channel *rest"]:
    """Values of the polarisations for (vertical TM, horizontal TM, horizontal TE)."""
    return jnp.stack([values[-1], values[-1], values[0]])


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
    returned = sides.reflected[:, None] * (once * once)
    leaving = squared(once) / squared(1.0 - returned[0] * returned[1])
    other = returned[::-1]
    even, odd = leaving * squared(1.0 + other), leaving * squared(1.0 - other)
    xi = squared(sides.kappa) / emitter_index(stack)[:, None] ** 2
    over_xi = 1.0 / xi
    vertical = 0.375 * (emitter_stretch(stack)[:, None] * u[TM]) ** 2 * over_xi[-1] * even[:, :, TM]
    strength = jnp.stack([vertical, 0.1875 * odd[:, :, TM], 0.1875 * over_xi[TE] * even[:, :, TE]])
    share = _shares(stack, sides.flux, effective, escaping)
    return jnp.swapaxes(strength, 1, 2), by_channel(jnp.moveaxis(share, 2, 0))


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
    measure = by_channel(2.0 * u * weights)
    return jnp.einsum("cpswn,csmwn->cpwm", strength * measure[:, None, None], share)
