"""Where the integral over u is cut, and the nodes on every piece.

Cuts: 0, the light lines of outside, substrate, top and emitter in ascending order (an empty piece where two agree), U1,
u_max. U1 lies beyond every index of the stack; the tail from there ends where exp(-2 n_e k0 u z) has fallen to
exp(-40). A piece belongs to one window of effective index; the last two before the tail may hold guided modes and
plasmons.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from peqled.numerics.contour import arc, clustered, locate_poles, log_tail
from peqled.optics.dissipation import face_distances
from peqled.optics.sides import mode_function
from peqled.optics.stack import (
    Stack,
    emitter_index,
    emitter_stretch,
    outside_index,
    substrate_index,
    top_index,
    wavenumber,
)

PIECES, RADIATIVE = 6, 2  # pieces in all; the first ones, below the second lowest light line, hold no sharp mode
ARC_NODES, TAIL_NODES = 64, 48
RADIATIVE_NODES = 40
FEWEST = 4  # sharp modes looked for in a piece; more in stacks of several wavelengths, see `sharp_modes`
POLE_NODES = 16
NEAREST = 0.02  # distance to a face, in units of 1/(n_e k0), below which the near field is cut off


class Pieces(NamedTuple):
    """Ends of the pieces in u, and the window of each as 0/1; one polarisation stands for both unless they differ."""

    start: Float[Array, "#polarisation wavelength piece"]
    stop: Float[Array, "#polarisation wavelength piece"]
    window: Float[Array, "#polarisation wavelength piece window"]


def pieces(stack: Stack, position: Float[Array, " position"]) -> Pieces:
    """Cut the u axis, wavelength by wavelength; the light line of a uniaxial emitter is that of the polarisation."""
    emitter = emitter_index(stack)
    own = emitter if stack.extraordinary is None else jnp.stack([emitter, emitter / jnp.sqrt(emitter_stretch(stack))])
    own = own.reshape(-1, emitter.shape[0])
    lines = [
        jnp.broadcast_to(x, own.shape) for x in (outside_index(stack), substrate_index(stack), top_index(stack).real)
    ]
    cut = jnp.sort(jnp.stack([*lines, own], -1) / emitter[:, None], -1)
    highest = jnp.max(stack.index.real, 0)
    if stack.extraordinary is not None:
        highest = jnp.maximum(highest, jnp.max(stack.extraordinary.real, 0))
    highest = jnp.maximum(cut[..., -1], highest / emitter)
    first = jnp.maximum(jnp.maximum(1.8, cut[..., -1] + 0.8), highest + 0.2)
    nearest = jnp.min(face_distances(stack, position)) * emitter * wavenumber(stack)
    nearest = jax.lax.stop_gradient(jnp.maximum(nearest, NEAREST))  # where the tail is cut is no part of the answer
    last = jnp.maximum(20.0 / nearest, 2.0 * first)
    stop = jnp.concatenate([cut, first[..., None], last[..., None]], -1)
    start = jnp.concatenate([jnp.zeros_like(cut[..., :1]), stop[..., :-1]], -1)
    middle = 0.5 * (start + stop)
    below = [middle < (line / emitter)[..., None] for line in (*lines[:2], own)]
    number = jnp.where(below[0], 0, jnp.where(below[1], 1, jnp.where(below[2], 2, 3)))
    return Pieces(start, stop, (number[..., None] == jnp.arange(4)).astype(float))


def contour_nodes(cut: Pieces) -> tuple[list[Array], list[Array]]:
    """Nodes and weights [#polarisation wavelength node] of every piece, below the axis: for analytic integrands (the
    total power).
    """
    paths = [arc(cut.start[..., i], cut.stop[..., i], count=ARC_NODES, depth=0.25) for i in range(PIECES - 1)]
    paths.append(log_tail(cut.start[..., -1], cut.stop[..., -1], count=TAIL_NODES, bend=0.3))
    return [nodes for nodes, _ in paths], [weights for _, weights in paths]


def real_nodes(stack: Stack, cut: Pieces, *, trapped: bool, sharp: int) -> tuple[list[Array], list[Array]]:
    """Nodes and weights [polarisation wavelength node] on the axis, drawn to `sharp` poles in each piece; for fluxes,
    which hold moduli.

    Without `trapped`, of the radiative pieces alone. The tail is cut in log u.
    """
    both = (2, *cut.start.shape[1:])
    start, stop = jnp.broadcast_to(cut.start, both), jnp.broadcast_to(cut.stop, both)
    count = RADIATIVE_NODES * (sharp // FEWEST)
    paths = [arc(start[..., i], stop[..., i], count=count, depth=0.0) for i in range(RADIATIVE)]
    if not trapped:
        return [nodes for nodes, _ in paths], [weights for _, weights in paths]
    start, stop = (jnp.concatenate([x[..., RADIATIVE:-1], jnp.log(x[..., -1:])], -1) for x in (start, stop))
    still, ends = jax.lax.stop_gradient((stack, (start, stop)))  # where the nodes lie is no part of the answer

    def modes(place):
        return along(still, jnp.concatenate([place[..., :-1, :], jnp.exp(place[..., -1:, :])], -2))

    poles = locate_poles(modes, *ends, count=sharp, scan=12 * sharp)
    place, weights = clustered(start, stop, poles, count=POLE_NODES)
    nodes = jnp.concatenate([place[..., :-1, :], jnp.exp(place[..., -1:, :])], -2)
    weights = jnp.concatenate([weights[..., :-1, :], weights[..., -1:, :] * nodes[..., -1:, :]], -2)
    paths += [(nodes[..., i, :], weights[..., i, :]) for i in range(nodes.shape[-2])]
    return [nodes for nodes, _ in paths], [weights for _, weights in paths]


def along(stack: Stack, u: Complex[Array, "polarisation wavelength piece node"]) -> Array:
    """`mode_function` at u instead of the effective index, over the pieces."""
    flat = u.reshape(*u.shape[:2], -1)
    return mode_function(stack, flat * emitter_index(stack)[:, None]).reshape(u.shape)


def sharp_modes(stack: Stack) -> int:
    """Poles to draw nodes to in each piece, from the optical thickness of the dielectric layers.

    A slab holds 2 d sqrt(n² - n_s²)/lambda + 1 guided modes of either polarisation. `FEWEST` while JAX is tracing.
    """
    leaves = stack.thickness, stack.index, stack.substrate_index, stack.wavelength
    if any(isinstance(leaf, jax.core.Tracer) for leaf in leaves):
        return FEWEST
    thickness, index, substrate, wavelength = (np.asarray(leaf) for leaf in leaves)
    inner = np.sqrt(np.maximum(np.max((index**2).real, 0) - np.real(substrate) ** 2, 0.0))
    guiding = thickness @ (index.real > index.imag)
    expected = np.max(2.0 * guiding * inner / wavelength) + 1.0
    return next((count for count in (FEWEST, 3 * FEWEST) if expected <= count), 10 * FEWEST)
