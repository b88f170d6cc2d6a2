"""The two half stacks that an emitter sees, as one array job.

Both sides are written from the emitter outwards and padded to the same number of media with layers of zero thickness
made of the half space's own material, which reflect nothing. Side 0 looks at the substrate, side 1 at the top.
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from peqled.optics.fresnel import normal_wavevector, polarisation_factor
from peqled.optics.recursion import entering_flux, mode_function, phase_factors, reflection
from peqled.optics.stack import Stack, emitter_index, substrate_index, top_index, wavenumber


class Media(NamedTuple):
    """Index [medium side wavelength] and thickness [layer side] (m) from the emitter outwards."""

    index: Complex[Array, "medium side wavelength"]
    thickness: Float[Array, "layer side"]


class Sides(NamedTuple):
    """Waves of both sides at given effective indices [polarisation wavelength node]."""

    kappa: Complex[Array, "polarisation wavelength node"]  # in the emitter
    reflected: Complex[Array, "side polarisation wavelength node"]  # G at the emitter's faces
    flux: Float[Array, "interface side polarisation wavelength node"]  # behind each interface, units of the emitter


def two_sides(stack: Stack) -> Media:
    """Media of both sides, padded."""
    emitter, count = stack.emitter, stack.thickness.shape[0]
    depth = max(emitter, count - 1 - emitter)
    below, above = np.arange(emitter)[::-1], np.arange(emitter + 1, count)
    halves = (jnp.asarray(substrate_index(stack), complex), top_index(stack))
    index, thickness = [], []
    for layers, half in zip((below, above), halves, strict=True):
        padding = depth - len(layers)
        start = jnp.asarray(emitter_index(stack), complex)[None]
        index.append(jnp.concatenate([start, stack.index[layers], jnp.tile(half, (padding + 1, 1))]))
        thickness.append(jnp.concatenate([stack.thickness[layers], jnp.zeros(padding)]))
    return Media(jnp.stack(index, 1), jnp.stack(thickness, 1))


def _waves(stack: Stack, effective: Array) -> tuple[Array, Array, Array]:
    """kappa, admittance and phase factors [medium side polarisation wavelength node]."""
    media = two_sides(stack)
    factor = polarisation_factor(media.index)[..., None]
    kappa = normal_wavevector(media.index[:, :, None, :, None], effective)
    length = media.thickness[:, :, None] * wavenumber(stack)
    return kappa, kappa / factor, phase_factors(kappa, length[:, :, None, :, None])


def reflected_only(stack: Stack, effective: Complex[Array, "polarisation wavelength node"]) -> tuple[Array, Array]:
    """(kappa in the emitter, G of both sides): all that the total power needs, and analytic in `effective`."""
    kappa, admittance, phase = _waves(stack, effective)
    return kappa[0, 0], reflection(admittance, phase)[0]


def mode_denominator(stack: Stack, effective: Complex[Array, "polarisation wavelength node"]) -> Array:
    """Function without poles that is zero at every mode of the whole stack, guided, leaky or plasmon."""
    kappa, admittance, phase = _waves(stack, effective)
    reflected = reflection(admittance, phase)
    path = stack.thickness[stack.emitter] * wavenumber(stack)[:, None]
    loop = 1.0 - reflected[0, 0] * reflected[0, 1] * jnp.exp(2j * kappa[0, 0] * path)
    return loop * jnp.prod(mode_function(admittance, phase, reflected), 0) / admittance[0, 0]


def with_flux(stack: Stack, effective: Float[Array, "polarisation wavelength node"]) -> Sides:
    """Reflections and fluxes of both sides, for real effective indices."""
    kappa, admittance, phase = _waves(stack, effective)
    reflected = reflection(admittance, phase)
    index = emitter_index(stack)
    unit = jnp.stack([1.0 / index, index])[..., None]
    return Sides(kappa[0, 0], reflected[0], unit * entering_flux(admittance, phase, reflected))


def layer_steps(stack: Stack) -> tuple[np.ndarray, np.ndarray]:
    """(step, side) at which `Sides.flux` enters each layer of the stack; the emitter's own entry is meaningless."""
    layer = np.arange(stack.thickness.shape[0])
    return np.abs(layer - stack.emitter) - 1, (layer > stack.emitter).astype(int)
