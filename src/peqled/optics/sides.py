"""The two half stacks that an emitter sees, as one array job.

Both sides are written from the emitter outwards and padded to the same number of media with layers of zero thickness
made of the half space's own material, which reflect nothing. Side 0 looks at the substrate, side 1 at the top.
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from peqled.numerics.waves import propagation
from peqled.optics.fresnel import Media, media_of, part, plane_waves
from peqled.optics.recursion import front, front_and_flux
from peqled.optics.stack import Stack, emitter_index, substrate_index, top_index, wavenumber


class Sides(NamedTuple):
    """Waves of both sides at given effective indices [polarisation wavelength node]."""

    kappa: Complex[Array, "#polarisation wavelength node"]  # in the emitter
    reflected: Complex[Array, "side polarisation wavelength node"]  # at the emitter's faces
    flux: Float[Array, "interface side polarisation wavelength node"]  # behind each interface, units of the emitter


def two_sides(stack: Stack) -> tuple[Media, Float[Array, "layer side 1 wavelength 1"]]:
    """Media [medium side ...] of both sides, padded, and thickness times k0 of their layers."""
    emitter, count = stack.emitter, stack.thickness.shape[0]
    clear = stack.transparent_emitter()
    depth = max(emitter, count - 1 - emitter)
    below, above = np.arange(emitter + 1)[::-1], np.arange(emitter, count)
    halves = (jnp.asarray(substrate_index(stack), complex), top_index(stack))
    index, along, thickness = [], [], []
    for layers, half in zip((below, above), halves, strict=True):
        padding = jnp.tile(half, (depth + 2 - len(layers), 1))
        index.append(jnp.concatenate([clear.index[layers], padding]))
        if clear.extraordinary is not None:
            along.append(jnp.concatenate([clear.extraordinary[layers], padding]))
        thickness.append(jnp.concatenate([stack.thickness[layers[1:]], jnp.zeros(depth + 1 - len(layers))]))
    media = media_of(jnp.stack(index, 1), jnp.stack(along, 1) if along else None)
    return media, (jnp.stack(thickness, 1)[..., None] * wavenumber(stack))[:, :, None, :, None]


def reflected_only(stack: Stack, effective: Complex[Array, "#polarisation wavelength node"]) -> tuple[Array, Array]:
    """(kappa in the emitter, reflection of both sides): all that the total power needs, and analytic in `effective`."""
    ahead = front(*two_sides(stack), effective)
    return ahead.kappa[0], ahead.reflection


def mode_function(
    stack: Stack, effective: Complex[Array, "polarisation wavelength node"]
) -> Complex[Array, "polarisation wavelength node"]:
    """Function without poles that is zero at every mode of the whole stack, guided, leaky or plasmon.

    F_up F_down - B_up B_down exp(2 i k_z d), without its zeros at the light lines of the layers.
    """
    media, length = two_sides(stack)
    ahead = front(media, length, effective, unit=jnp.ones(()))
    inner, _ = plane_waves(part(media, slice(1, -1)), effective * effective)
    path = stack.thickness[stack.emitter] * wavenumber(stack)[:, None]
    loop = jnp.prod(ahead.forward, 0) - jnp.prod(ahead.backward, 0) * propagation(2.0 * path * ahead.kappa[0])
    return loop / (jnp.prod(inner, (0, 1)) * ahead.kappa[0])


def with_flux(stack: Stack, effective: Float[Array, "polarisation wavelength node"]) -> Sides:
    """Reflections and fluxes of both sides, for real effective indices."""
    ahead, flux = front_and_flux(*two_sides(stack), effective)
    index = emitter_index(stack)
    unit = jnp.stack([1.0 / index, index])[..., None]
    return Sides(ahead.kappa[0], ahead.reflection, unit * flux)


def layer_steps(stack: Stack) -> tuple[np.ndarray, np.ndarray]:
    """(step, side) at which `Sides.flux` enters each layer of the stack; -1 for the emitter."""
    layer = np.arange(stack.thickness.shape[0])
    return np.abs(layer - stack.emitter) - 1, (layer > stack.emitter).astype(int)
