"""Reflection and flux in a multilayer by a recursion in which nothing grows.

From the outermost interface inwards, with p the phase factor exp(i k_z d) of the layer behind interface m,

    G_m = (r_m + G_{m+1} p²)/(1 + r_m G_{m+1} p²),

then outwards the forward amplitude A of each layer, A_{m+1} = A_m p_m t/(1 + r G p²). |p| <= 1 always, so thick metals
and evanescent waves are harmless (Byrnes, arXiv:1603.02720 section 5; Ko & Sambles, J. Opt. Soc. Am. A 5, 1863 (1988),
10.1364/JOSAA.5.001863). The axis "medium" runs from the medium of incidence (0) through the layers to the half space at
the end; both scans go along it.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float

from peqled.optics.fresnel import reflection_coefficient


def phase_factors(kappa: Complex[Array, "medium *wave"], thickness_k0: Float[Array, "layer *wave"]) -> Array:
    """exp(i k_z d) of the media behind each interface; 0 for the half space, from which nothing returns."""
    inside = jnp.exp(1j * kappa[1:-1] * thickness_k0)
    return jnp.concatenate([inside, jnp.zeros_like(kappa[:1])])


def reflection(
    admittance: Complex[Array, "medium *wave"], phase: Complex[Array, "interface *wave"]
) -> Complex[Array, "interface *wave"]:
    """G of every interface, seen from its inner side, everything behind it included; G[0] is the stack's."""
    r = reflection_coefficient(admittance[:-1], admittance[1:])

    def step(behind, interface):
        r, phase = interface
        returned = behind * phase * phase
        total = (r + returned) / (1.0 + r * returned)
        return total, total

    return jax.lax.scan(step, jnp.zeros_like(r[0]), (r, phase), reverse=True)[1]


def mode_function(
    admittance: Complex[Array, "medium *wave"],
    phase: Complex[Array, "interface *wave"],
    reflected: Complex[Array, "interface *wave"],
) -> Complex[Array, " *wave"]:
    """Denominator of G[0] without the zeros at the light lines of the layers: product of (1 + r G p²)(y_i + y_j)/y_j.

    y_j is left out for the half space. Unlike 1/G it has no poles, so that its zeros can be searched.
    """
    sums = admittance[:-1] + admittance[1:]
    behind = jnp.concatenate([reflected[1:], jnp.zeros_like(reflected[:1])]) * phase * phase
    factor = sums + (admittance[:-1] - admittance[1:]) * behind
    return jnp.prod(factor, 0) / jnp.prod(admittance[1:-1], 0)


def entering_flux(
    admittance: Complex[Array, "medium *wave"],
    phase: Complex[Array, "interface *wave"],
    reflected: Complex[Array, "interface *wave"],
) -> Float[Array, "interface *wave"]:
    """Re[y (A - B) conj(A + B)] just behind every interface, for a forward amplitude of 1 in front of interface 0.

    y is the admittance as given; multiply by n (TM) or 1/n (TE) of a reference medium for power in that medium's units.
    """
    r = reflection_coefficient(admittance[:-1], admittance[1:])
    behind = jnp.concatenate([reflected[1:], jnp.zeros_like(reflected[:1])]) * phase * phase
    crossing = _square((1.0 + r) / (1.0 + r * behind))
    survival = _square(phase)
    density = (admittance[1:] * (1.0 - behind) * jnp.conj(1.0 + behind)).real

    def step(arriving, medium):
        crossing, survival, density = medium
        entered = arriving * crossing
        return entered * survival, entered * density

    return jax.lax.scan(step, jnp.ones_like(crossing[0]), (crossing, survival, density))[1]


def _square(value: Array) -> Array:
    return value.real**2 + value.imag**2
