"""Modes of the stack: guided modes and surface plasmons as poles of K(u), with the power that each one takes.

A pole u_p of 2u K above the real axis with residue c contributes the Lorentzian c/(u - u_p), whose integral along the
axis is i pi c; its real part is the power that the dipole gives to the mode. For a guide without loss this is exact
(the mode sum), with loss it counts the whole Lorentzian, tails included, so that shares of broad modes overlap. The
loss of the mode's power per length is 2 k0 Im n_eff.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from peqled.numerics.contour import at_angle, zeros_beside
from peqled.numerics.waves import reciprocal
from peqled.optics.budget import by_channel
from peqled.optics.dissipation import scattered_power
from peqled.optics.orientation import Orientation
from peqled.optics.spectrum_path import RADIATIVE, along, pieces
from peqled.optics.stack import (
    POLARISATIONS,
    Stack,
    check_position,
    check_stack,
    emitter_index,
    substrate_index,
    top_index,
)

SLOTS = 8  # modes that are looked for in each piece between light lines
CIRCLE = 16  # nodes of the circle about a pole that gives its residue
REACH = 0.25  # radius of that circle over the distance to the nearest other pole or light line
SETTLED = 1e-8
NUDGE = 1e-5  # step of the central difference that gives the slope at a zero
WIDEST = 0.2  # Im n_eff above which a zero is no mode that anyone would name


class Mode(NamedTuple):
    """One row of the table of modes."""

    polarisation: str
    index: complex  # n_eff; its imaginary part is half the width of the peak in n_eff
    length: float  # 1/(2 k0 Im n_eff): m until the mode's power has fallen to 1/e; infinite without loss
    power: float  # given to the mode, in units of the bulk dipole power
    share: float  # of the total power F


class Modes(eqx.Module):
    """Poles beyond the light lines of both half spaces, NaN in empty slots; powers as in `Emission`."""

    wavelength: Float[Array, " wavelength"]
    index: Complex[Array, "polarisation wavelength mode"]
    power_v: Float[Array, "position polarisation wavelength mode"]
    power_h: Float[Array, "position polarisation wavelength mode"]

    def table(
        self, orientation: Orientation, *, purcell: float = 1.0, position: int = 0, wavelength: int = 0
    ) -> list[Mode]:
        """Rows by descending n_eff for one position and wavelength; `purcell` (F) turns powers into shares."""
        power = np.asarray(orientation.mix(self.power_v, self.power_h))[position, :, wavelength]
        index = np.asarray(self.index)[:, wavelength]
        k0 = 2.0 * np.pi / float(self.wavelength[wavelength])
        rows = []
        for p, m in np.argwhere(np.isfinite(index)):
            loss = 2.0 * k0 * index[p, m].imag
            length = 1.0 / loss if loss > 1e-9 * k0 else np.inf
            watts = float(power[p, m])
            rows.append(Mode(POLARISATIONS[p], complex(index[p, m]), length, watts, watts / purcell))
        return sorted(rows, key=lambda row: -row.index.real)


def modes(stack: Stack, position: Float[Array, " position"]) -> Modes:
    """Modes of the stack and the power that dipoles at `position` (as in `emission`) give to each.

    At most eight in each piece between light lines. Raises ValueError for a stack or position that cannot be.
    """
    check_stack(stack)
    position = jnp.asarray(position, float)
    check_position(stack, position)
    return _modes(stack, position)


@eqx.filter_jit
def _modes(stack: Stack, position: Array) -> Modes:
    cut = pieces(stack, position)
    both = (2, *cut.start.shape[1:])
    start, stop = (jnp.broadcast_to(x, both)[..., RADIATIVE:-1] for x in (cut.start, cut.stop))
    index = emitter_index(stack)[:, None]

    phi, known = zeros_beside(lambda u: along(stack, u), start, stop, count=SLOTS, scan=12 * SLOTS)
    u, step = _polished(stack, at_angle(start, stop, phi))
    inside = (u.real > start[..., None]) & (u.real < stop[..., None]) & ((stop - start)[..., None] > 1e-6)
    known = known & inside & (jnp.abs(step) < SETTLED) & (u.imag * index[..., None] < WIDEST) & (u.imag > -SETTLED)
    u, known = (x.reshape(*x.shape[:2], -1) for x in (u, known))
    open_line = jnp.maximum(substrate_index(stack), top_index(stack).real)[:, None] / index
    known = known & (u.real > open_line) & ~_found_before(u, known)
    lines = jnp.broadcast_to(cut.stop[..., :-1], (*u.shape[:2], cut.stop.shape[-1] - 1))
    power = _residues(stack, jnp.where(known, u, 1.37), known, lines, position)
    none = jnp.where(known, 0.0, jnp.nan)
    vertical = jnp.stack([jnp.zeros_like(power[0]), power[0]], 1)
    horizontal = jnp.stack([power[2], power[1]], 1)
    return Modes(stack.wavelength, u * index + none, vertical + none, horizontal + none)


def _polished(stack: Stack, u: Array) -> tuple[Array, Array]:
    """Zeros after three Newton steps on the undivided function, and the last step: what was found is a zero or none."""

    def step(u, _):
        slope = (along(stack, u + NUDGE) - along(stack, u - NUDGE)) / (2.0 * NUDGE)
        move = -along(stack, u) * reciprocal(jnp.where(slope == 0.0, 1.0, slope))
        return u + move, move

    u, moves = jax.lax.scan(step, u, None, length=3)
    return u, moves[-1]


def _found_before(u: Array, known: Array) -> Array:
    """Whether an earlier slot holds the same zero."""
    same = jnp.abs(u[..., :, None] - u[..., None, :]) < 1e-5
    return jnp.any(same & known[..., None, :] & (np.tri(u.shape[-1], k=-1) > 0), -1)


def _residues(
    stack: Stack, u: Array, known: Array, lines: Array, position: Array
) -> Float[Array, "channel position wavelength mode"]:
    """Re(i pi c), c being the mean of 2u K (u - u_p) over a small circle (trapezoids, exact to round-off)."""
    apart = jnp.abs(u[..., None] - u[..., None, :])
    apart = jnp.where((apart == 0.0) | ~known[..., None, :], jnp.inf, apart)
    nearest = jnp.minimum(jnp.min(apart, -1), jnp.min(jnp.abs(u[..., None] - lines[..., None, :]), -1))
    radius = REACH * jnp.minimum(nearest, 0.1)
    step = jnp.exp(2j * jnp.pi * (np.arange(CIRCLE) + 0.5) / CIRCLE)
    away = (radius[..., None] * step).reshape(*u.shape[:2], -1)
    nodes = (u[..., None] + radius[..., None] * step).reshape(away.shape)
    density = jnp.stack(scattered_power(stack, nodes, position)) * by_channel(2.0 * nodes * away)[:, None]
    residue = density.reshape(*density.shape[:3], -1, CIRCLE).mean(-1)
    return -jnp.pi * residue.imag
