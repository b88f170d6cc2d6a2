"""Reflectance, transmittance and absorptance of a multilayer, coherent or partly incoherent, for plane waves.

Layers in which light keeps its phase form coherent groups between incoherent media (the half spaces and the thick
layers). With R, T of a group from the left and R', T' from the right, tau = exp(-2 Im k_z d) of a thick layer, and rho
the power that comes back at the right face of a medium per power arriving there,

    rho_i = R_i + T_i T'_i tau² rho_i+1 / (1 - R'_i tau² rho_i+1),

powers instead of amplitudes (Byrnes, arXiv:1603.02720, section 7; Katsidis & Siapkas, Appl. Opt. 41, 3978 (2002),
10.1364/AO.41.003978). What a layer absorbs is the flux that enters less the flux that leaves, hence
R + T + sum A = 1. A wave that is evanescent in a thick layer does not cross it.
"""

import dataclasses
import itertools
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from peqled.numerics.waves import squared
from peqled.optics.fresnel import Media, media_of, plane_waves, turned
from peqled.optics.multilayer import Multilayer, check_multilayer
from peqled.optics.recursion import front_and_flux

_OWN = {"thickness": 1, "index": 2, "first": 1, "last": 1, "extraordinary": 2}  # axes of one stack


class PlaneWave(NamedTuple):
    """Answer of a multilayer to a plane wave of unit incident power; polarisation 0 is TE (s), 1 is TM (p)."""

    amplitude: Complex[Array, "*stack polarisation wavelength angle"]  # r of E (TE), H (TM); up to an incoherent layer
    reflectance: Float[Array, "*stack polarisation wavelength angle"]
    transmittance: Float[Array, "*stack polarisation wavelength angle"]  # power entering the last medium
    absorptance: Float[Array, "*stack layer polarisation wavelength angle"]


class Group(NamedTuple):
    """One coherent group for unit power arriving from one side; absorbed [layer ...] in the order of the stack."""

    amplitude: Array
    reflected: Array
    entered: Array  # 1 - R in a transparent medium; the interference of both waves counts in an absorbing one
    passed: Array
    absorbed: Array


class Intensities(NamedTuple):
    """Powers for unit power of incidence; lists over the groups or over the thick layers between them."""

    arriving: list[Array]  # at each group from the left
    returning: list[Array]  # at each group from the right
    launched: list[Array]  # into each thick layer at its left face
    thrown: list[Array]  # back into each thick layer at its right face
    reflected: Array


def plane_wave(stack: Multilayer, angle: Float[Array, " angle"] | float) -> PlaneWave:
    """The multilayer seen from its first medium at `angle` (rad, in that medium). Raises ValueError for a bad stack."""
    check_multilayer(stack)
    angle = jnp.atleast_1d(jnp.asarray(angle, float))
    if not isinstance(angle, jax.core.Tracer) and not np.all(np.abs(angle) < 0.5 * np.pi):
        raise ValueError(f"angles must lie between -90 and 90 degrees, given in rad, got {angle}")
    return over_stacks(_plane_wave, stack, angle)


def ellipsometry(stack: Multilayer, angle: Float[Array, " angle"] | float) -> tuple[Array, Array]:
    """Ellipsometric angles (psi, Delta) in rad, [*stack wavelength angle]: tan(psi) exp(-i Delta) = r_p/r_s.

    Conventions of the instruments (Azzam & Bashara): Delta in [0, 2 pi), pi for a bare transparent surface below the
    Brewster angle and 0 above it, falling with the thickness of a transparent film on it. The sign of i is that of
    n + ik.
    """
    if any(stack.incoherent):
        raise ValueError("ellipsometry needs one phase: use a half space instead of an incoherent layer")
    r = plane_wave(stack, angle).amplitude
    ratio = r[..., 1, :, :] / r[..., 0, :, :]
    return jnp.arctan(jnp.abs(ratio)), jnp.mod(-jnp.angle(ratio), 2.0 * jnp.pi)


def over_stacks(function, stack: Multilayer, *rest):
    """Apply a function of one stack along all leading axes, broadcast against each other."""
    fields = {name: (getattr(stack, name), own) for name, own in _OWN.items() if getattr(stack, name) is not None}
    leading = jnp.broadcast_shapes(*(x.shape[: x.ndim - own] for x, own in fields.values()))
    if not leading:
        return function(stack, *rest)
    flat = {}
    for name, (x, own) in fields.items():
        tail = x.shape[x.ndim - own :]
        flat[name] = jnp.broadcast_to(x, (*leading, *tail)).reshape(-1, *tail)
    found = jax.vmap(lambda one: function(dataclasses.replace(stack, **one), *rest))(flat)
    return jax.tree.map(lambda x: x.reshape(*leading, *x.shape[1:]), found)


@eqx.filter_jit
def _plane_wave(stack: Multilayer, angle: Array) -> PlaneWave:
    return respond(stack, stack.first.real[:, None] * jnp.sin(angle))


def respond(stack: Multilayer, effective: Float[Array, "#polarisation wavelength node"]) -> PlaneWave:
    """The response of one stack at given effective indices."""
    groups = groups_of(stack, effective)
    if len(groups) == 1:
        only = groups[0][0]
        return PlaneWave(only.amplitude, only.reflected, only.passed, only.absorbed)
    power = intensities(stack, groups, effective)
    absorbed, net = [], []
    for (left, right), there, back in zip(groups, power.arriving, power.returning, strict=True):
        net.append((there * left.entered - back * right.passed, there * left.passed - back * right.entered))
        absorbed.append(there * left.absorbed + back * right.absorbed)
    layers = [absorbed[0]]
    for i in range(1, len(groups)):
        layers += [(net[i - 1][1] - net[i][0])[None], absorbed[i]]
    return PlaneWave(groups[0][0].amplitude, power.reflected, net[-1][1], jnp.concatenate(layers))


def intensities(stack: Multilayer, groups: list[tuple[Group, Group]], effective: Array) -> Intensities:
    """Powers in the incoherent media, from the outermost reflection inwards and then along the light."""
    survival = _survival(stack, effective)
    back, loops = [groups[-1][0].reflected], []
    for (left, right), passed in zip(groups[-2::-1], survival[::-1], strict=True):
        round_trip = passed**2 * back[0]
        loops.insert(0, 1.0 / (1.0 - right.reflected * round_trip))
        back.insert(0, left.reflected + left.passed * right.passed * round_trip * loops[0])
    arriving, returning, launched, thrown = [jnp.ones_like(back[0])], [], [], []
    for (left, _), loop, passed, again in zip(groups[:-1], loops, survival, back[1:], strict=True):
        launched.append(arriving[-1] * left.passed * loop)
        arriving.append(launched[-1] * passed)
        thrown.append(arriving[-1] * again)
        returning.append(thrown[-1] * passed)
    return Intensities(arriving, [*returning, jnp.zeros_like(back[0])], launched, thrown, back[0])


def spans(stack: Multilayer) -> list[slice]:
    """The coherent groups as slices of the layers, in order; the layers between them are the incoherent ones."""
    thick = [i for i, x in enumerate(stack.incoherent) if x]
    edges = [-1, *thick, stack.thickness.shape[-1]]
    return [slice(a + 1, b) for a, b in itertools.pairwise(edges)]


def group_media(stack: Multilayer, span: slice) -> tuple[Media, Array]:
    """Media of one group with its two neighbours, and thickness times k0 of its layers."""

    def padded(first, layers, last):
        return jnp.concatenate([first[None], layers, last[None]])

    index = padded(stack.first, stack.index, stack.last)[span.start : span.stop + 2]
    along = None
    if stack.extraordinary is not None:
        along = padded(stack.first, stack.extraordinary, stack.last)[span.start : span.stop + 2]
    length = 2.0 * jnp.pi * stack.thickness[span, None] / stack.wavelength
    return media_of(index, along), length[:, None, :, None]


def groups_of(stack: Multilayer, effective: Array) -> list[tuple[Group, Group]]:
    """Every group from the left and, where anything can come back, from the right."""
    found = []
    for span in spans(stack):
        media, length = group_media(stack, span)
        left = _one_way(media, length, effective)
        last = span.stop == stack.thickness.shape[-1]
        right = left if last else _one_way(turned(media), length[::-1], effective)
        found.append((left, right._replace(absorbed=right.absorbed if last else right.absorbed[::-1])))
    return found


def _one_way(media: Media, length: Array, effective: Array) -> Group:
    """A wave that does not travel in its medium of incidence brings no power; nothing is reported for it."""
    ahead, flux = front_and_flux(media, length, effective)
    incident = (ahead.admittance / ahead.unit).real
    travels = incident > 0.0
    flux = jnp.where(travels, flux, 0.0) / jnp.where(travels, incident, 1.0)
    amplitude = ahead.reflection
    return Group(amplitude, squared(amplitude), flux[0], flux[-1], flux[:-1] - flux[1:])


def _survival(stack: Multilayer, effective: Array) -> list[Array]:
    """Power that survives one pass of each incoherent layer; none of an evanescent wave."""
    found = []
    for i in (i for i, x in enumerate(stack.incoherent) if x):
        along = None if stack.extraordinary is None else stack.extraordinary[i]
        kappa, _ = plane_waves(media_of(stack.index[i], along), effective * effective)
        length = 2.0 * jnp.pi * stack.thickness[i] / stack.wavelength
        found.append(jnp.where(kappa.real > kappa.imag, jnp.exp(-2.0 * kappa.imag * length[:, None]), 0.0))
    return found
