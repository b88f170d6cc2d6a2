"""Reflection and flux in a multilayer by a recursion in which nothing grows and nothing is divided.

Media are numbered from the one of incidence (0); interface m lies behind medium m. Continuity of f + b and y (f - b)
gives the forward and backward amplitudes in front of an interface from those behind it, up to the factor 2 y_m:

    F_m = (y_m + y_m+1) F + (y_m - y_m+1) B,     B_m = (y_m - y_m+1) F + (y_m + y_m+1) B,

starting from F = 1, B = 0 in the half space at the end, and with (F, B) = (F_m+1, B_m+1 exp(2 i k_z d)) across a layer.
|exp(2 i k_z d)| <= 1, so thick metals and evanescent waves are harmless (Byrnes, arXiv:1603.02720 section 5; Ko &
Sambles, J. Opt. Soc. Am. A 5, 1863 (1988), 10.1364/JOSAA.5.001863). B_0/F_0 is the reflection coefficient; the true
amplitude behind interface m is S_m (F, B) with S_m = S_m-1 exp(i k_z d) 2 y_m and S_0 = 2 y_0/F_0. Each step computes
its own medium, so that the waves in all media are never held at once.

Admittances are taken times `unit` = 1/(1 + |k_parallel|/k0), without which the products overflow after many layers in
the near field.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float, Inexact

from peqled.numerics.waves import propagation, reciprocal, squared
from peqled.optics.fresnel import Media, part, plane_waves


class Front(NamedTuple):
    """Waves in the medium of incidence, just in front of the first interface; amplitudes up to a common factor."""

    kappa: Complex[Array, "#polarisation wavelength node"]
    admittance: Complex[Array, "polarisation wavelength node"]  # times `unit`
    unit: Float[Array, "#polarisation wavelength node"]
    forward: Complex[Array, "polarisation wavelength node"]
    backward: Complex[Array, "polarisation wavelength node"]

    @property
    def reflection(self) -> Complex[Array, "polarisation wavelength node"]:
        """Reflection coefficient of all that lies behind (field: E for TE, H for TM)."""
        return self.backward * reciprocal(self.forward)


def front(
    media: Media,
    length: Float[Array, "layer ..."],
    effective: Inexact[Array, "..."],
    *,
    unit: Float[Array, "..."] | None = None,
) -> Front:
    """Waves in front of media [medium ...]; `length` [layer ... 1 wavelength 1] is thickness times k0 inside.

    The ratio of the amplitudes is analytic in `effective`; with a constant `unit` the amplitudes are.
    """
    return _scan(media, length, effective, unit=unit, keep="")[0]


def front_and_flux(
    media: Media, length: Float[Array, "layer ..."], effective: Float[Array, "..."]
) -> tuple[Front, Float[Array, "interface ..."]]:
    """The same, and Re[y (f - b) conj(f + b)] behind every interface for a forward wave of 1 in front of the first."""
    ahead, (density, growth) = _scan(media, length, effective, keep="flux")
    first = 4.0 * squared(ahead.admittance) / squared(ahead.forward)

    def step(size, interface):
        density, growth = interface
        return size * growth, size * density

    size, flux = jax.lax.scan(step, first, (density[:-1], growth))
    flux = jnp.concatenate([flux, (size * density[-1])[None]])
    return ahead, flux / ahead.unit


def inner_amplitudes(
    media: Media, length: Float[Array, "layer ..."], effective: Float[Array, "..."]
) -> tuple[Front, Complex[Array, "layer ..."], Complex[Array, "layer ..."]]:
    """`Front`, and in every layer the forward wave at its first face and the backward wave at its last one, for a
    forward wave of 1 in front of the first interface.
    """
    ahead, (forward, backward) = _scan(media, length, effective, keep="amplitudes")
    inner = part(media, slice(1, -1))
    kappa, own = plane_waves(inner, effective * effective, ahead.unit)
    once = propagation(length * kappa)

    def step(size, layer):
        forward, backward, own, once = layer
        return size * once * 2.0 * own, (size * forward, size * once * backward)

    first = 2.0 * ahead.admittance * reciprocal(ahead.forward)
    _, (forward, backward) = jax.lax.scan(step, first, (forward, backward, own, jnp.broadcast_to(once, own.shape)))
    return ahead, forward, backward


def _scan(media: Media, length: Array, effective: Array, *, keep: str, unit: Array | None = None) -> tuple[Front, Any]:
    """`Front`, and what to keep: "flux": Re[y (F - B) conj(F + B)] behind each interface and the growth of |S|² from
    each to the next; "amplitudes": F and B in each layer in front of its last face.
    """
    square = effective * effective
    unit = 1.0 / (1.0 + jnp.abs(effective)) if unit is None else unit

    def cross(behind, medium: Media):
        forward, backward, admittance = behind
        kappa, own = plane_waves(medium, square, unit)
        plus, minus = own + admittance, own - admittance
        return kappa, own, plus * forward + minus * backward, minus * forward + plus * backward

    @partial(jax.checkpoint, prevent_cse=False)
    def step(behind, layer):
        medium, length = layer
        kappa, own, forward, backward = cross(behind, medium)
        phase = 2.0 * length * kappa
        now = forward, backward * propagation(phase), own
        if keep == "flux":
            return now, (_flux(behind), 4.0 * squared(own) * jnp.exp(-phase.imag))
        return now, (forward, backward) if keep == "amplitudes" else None

    shape = jnp.broadcast_shapes(media.divisor[0].shape, square.shape)
    start = jnp.ones(shape, complex), jnp.zeros(shape, complex), plane_waves(part(media, -1), square, unit)[1]
    layers = part(media, slice(1, -1)), length
    found: Any
    behind, found = jax.lax.scan(step, start, layers, reverse=True)
    kappa, own, forward, backward = cross(behind, part(media, 0))
    if keep == "flux":
        density, growth = found
        found = jnp.concatenate([_flux(behind)[None], density]), growth
    return Front(kappa, own, unit, forward, backward), found


def _flux(behind: tuple[Array, Array, Array]) -> Float[Array, "..."]:
    """Re[y (F - B) conj(F + B)]."""
    forward, backward, admittance = behind
    across = squared(forward) - squared(backward)
    mixed = forward.imag * backward.real - forward.real * backward.imag
    return admittance.real * across - 2.0 * admittance.imag * mixed
