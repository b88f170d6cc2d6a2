"""Reflectance, transmittance and absorption by layer of the whole stack, for a plane wave from either half space."""

from typing import Literal, NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float

from peqled.optics.fresnel import normal_wavevector, polarisation_factor
from peqled.optics.recursion import entering_flux, phase_factors, reflection
from peqled.optics.stack import Stack, check_stack, substrate_index, top_index, wavenumber


class PlaneWave(NamedTuple):
    """Answer of the stack to a plane wave of unit incident power; polarisation 0 is TE, 1 is TM."""

    amplitude: Complex[Array, "polarisation wavelength node"]  # r of E (TE) or H (TM)
    reflectance: Float[Array, "polarisation wavelength node"]
    transmittance: Float[Array, "polarisation wavelength node"]  # power entering the far half space
    absorptance: Float[Array, "layer polarisation wavelength node"]


def plane_wave(
    stack: Stack, angle: Float[Array, " node"], *, incidence: Literal["substrate", "top"] = "substrate"
) -> PlaneWave:
    """The stack seen at `angle` (rad, inside the half space of incidence, which must be transparent)."""
    check_stack(stack)
    return _plane_wave(stack, jnp.asarray(angle, float), incidence == "top")


@eqx.filter_jit
def _plane_wave(stack: Stack, angle: Array, from_top: bool) -> PlaneWave:
    start = top_index(stack).real if from_top else substrate_index(stack)
    return whole_stack(stack, stack.index, start[:, None] * jnp.sin(angle), from_top=from_top)


def whole_stack(
    stack: Stack, index: Complex[Array, "layer wavelength"], effective: Array, *, from_top: bool = False
) -> PlaneWave:
    """The same at given effective indices [(polarisation) wavelength node], with the layers' indices given apart."""
    halves = (jnp.asarray(substrate_index(stack), complex)[None], top_index(stack)[None])
    media, thickness = jnp.concatenate([halves[0], index, halves[1]]), stack.thickness
    if from_top:
        media, thickness = media[::-1].at[0].set(media[-1].real), thickness[::-1]
    kappa = normal_wavevector(media[:, None, :, None], jnp.asarray(effective, complex))
    admittance = kappa / polarisation_factor(media)[..., None]
    length = thickness[:, None] * wavenumber(stack)
    phase = phase_factors(jnp.broadcast_to(kappa, admittance.shape), length[:, None, :, None])
    reflected = reflection(admittance, phase)
    incident = admittance[0].real
    travelling = incident > 0.0
    flux = entering_flux(admittance, phase, reflected) * travelling / jnp.where(travelling, incident, 1.0)
    amplitude = reflected[0]
    absorbed = (flux[:-1] - flux[1:])[:: -1 if from_top else 1]
    return PlaneWave(amplitude, amplitude.real**2 + amplitude.imag**2, flux[-1], absorbed)
