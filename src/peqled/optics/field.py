"""The field inside a multilayer, and where along the depth it is absorbed.

With f(x), b(x) the forward and backward amplitudes at the depth x in a layer, and the electric field of the incident
wave as unit,

    TE:  E_y = f + b;        TM:  E_x = n_1 (kappa/eps_o)(f - b),   E_z = -n_1 (effective/eps_e)(f + b),

n_1 being the index of the medium of incidence; the power absorbed per depth and unit incident power is

    a(x) = k0 [Im eps_o (|E_x|² + |E_y|²) + Im eps_e |E_z|²]/(n_1 cos theta).

In a thick layer the two directions add as powers, without the interference within the layer.
"""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.numerics.waves import propagation, squared
from peqled.optics.fresnel import TE, TM, Media, media_of, part, plane_waves, turned
from peqled.optics.multilayer import Multilayer, check_multilayer
from peqled.optics.planewave import Intensities, group_media, groups_of, intensities, over_stacks, spans
from peqled.optics.recursion import inner_amplitudes


class Field(NamedTuple):
    """|E|² of both polarisations over that of the incident wave, and absorbed power per m for unit incident power."""

    depth: Float[Array, "*stack depth"]  # m from the first interface
    in_plane: Float[Array, "*stack depth polarisation wavelength angle"]  # |E_x|² + |E_y|²
    normal: Float[Array, "*stack depth polarisation wavelength angle"]  # |E_z|²
    absorbed: Float[Array, "*stack depth polarisation wavelength angle"]  # 1/m

    @property
    def intensity(self) -> Float[Array, "*stack depth polarisation wavelength angle"]:
        """|E|²."""
        return self.in_plane + self.normal


def field(stack: Multilayer, angle: Float[Array, " angle"] | float, *, points: int = 50) -> Field:
    """|E|² and absorption at `points` depths in the middle of equal steps of every layer; `angle` as in `plane_wave`.

    Within a layer the mean over its points times its thickness is the integral over it, by the midpoint rule.
    """
    check_multilayer(stack)
    return over_stacks(_field, stack, jnp.atleast_1d(jnp.asarray(angle, float)), points)


@eqx.filter_jit
def _field(stack: Multilayer, angle: Array, points: int) -> Field:
    effective = stack.first.real[:, None] * jnp.sin(angle)
    incident = stack.first.real[:, None] * jnp.cos(angle)
    step = (jnp.arange(points) + 0.5) / points
    groups = groups_of(stack, effective)
    power = intensities(stack, groups, effective)
    squares = []
    for i, span in enumerate(spans(stack)):
        if i:
            squares.append(squares_in_thick_layer(stack, span.start - 1, effective, step, power, i - 1))
        media, length = group_media(stack, span)
        left = squares_in_group(media, length, effective, step)
        right = squares_in_group(turned(media), length[::-1], effective, step)
        squares.append(
            tuple(power.arriving[i] * a + power.returning[i] * b[::-1, ::-1] for a, b in zip(left, right, strict=True))
        )
    in_plane, normal = (incident * jnp.concatenate(x) for x in zip(*squares, strict=True))
    media = media_of(stack.index, stack.extraordinary)
    lossy = media.permittivity.imag[:, None] * in_plane + media.normal.imag[:, None] * normal
    absorbed = lossy * (2.0 * jnp.pi / stack.wavelength[:, None]) / incident
    depth = jnp.concatenate([jnp.zeros(1), jnp.cumsum(stack.thickness)])[:-1, None] + stack.thickness[:, None] * step
    return Field(depth.ravel(), *(x.reshape(-1, *x.shape[2:]) for x in (in_plane, normal, absorbed)))


def squares_in_group(media: Media, length: Array, effective: Array, step: Array) -> tuple[Array, Array]:
    """(|E_x|² + |E_y|², |E_z|²) [layer point polarisation wavelength node], incident power 1 in units of |E|² kappa."""
    ahead, forward, backward = inner_amplitudes(media, length, effective)
    inner = part(media, slice(1, -1))
    kappa, _ = plane_waves(inner, effective * effective)
    path = (length * kappa)[:, None]
    place = step[:, None, None, None]
    forward, backward = (
        forward[:, None] * propagation(path * place),
        backward[:, None] * propagation(path * (1 - place)),
    )
    power = (ahead.admittance / ahead.unit).real
    travels = power > 0.0
    weight = travels / jnp.where(travels, power, 1.0)
    plus, minus = squared(forward + backward) * weight, squared(forward - backward) * weight
    return _of_polarisations(inner, kappa, effective, plus, minus)


def squares_in_thick_layer(
    stack: Multilayer, layer: int, effective: Array, step: Array, power: Intensities, number: int
) -> tuple[Array, Array]:
    """The same in the incoherent layer `layer`, the `number`-th of them; both directions add as powers."""
    here = slice(layer, layer + 1)
    along = None if stack.extraordinary is None else stack.extraordinary[here]
    media = media_of(stack.index[here], along)
    kappa, admittance = plane_waves(media, effective * effective)
    fading = -2.0 * kappa.imag * (2.0 * jnp.pi * stack.thickness[layer] / stack.wavelength)[:, None]
    place = step[:, None, None, None]
    there = power.launched[number] * jnp.exp(fading[:, None] * place)
    back = power.thrown[number] * jnp.exp(fading[:, None] * (1 - place))
    travels = admittance.real > 0.0
    both = (there + back) * (travels / jnp.where(travels, admittance.real, 1.0))[:, None]
    return _of_polarisations(media, kappa, effective, both, both)


def _of_polarisations(media: Media, kappa: Array, effective: Array, plus: Array, minus: Array) -> tuple[Array, Array]:
    """Components from |f + b|² and |f - b|² [layer point polarisation wavelength node]."""
    kappa = jnp.broadcast_to(kappa[:, None], plus.shape)[:, :, TM]
    plane, along = media.permittivity[:, None, 0], media.normal[:, None, 0]
    across = squared(kappa) / squared(plane) * minus[:, :, TM]
    normal = jnp.broadcast_to(effective * effective, plus.shape[-2:]) / squared(along) * plus[:, :, TM]
    return jnp.stack([plus[:, :, TE], across], 2), jnp.stack([jnp.zeros_like(normal), normal], 2)
