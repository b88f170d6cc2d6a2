"""Photons that the emitting film absorbs and emits again.

A point dipole in an absorbing medium dissipates infinite power, so the dipole sits in a thin transparent sheet (3 nm by
default) and the rest of the film absorbs with its own k. Even so most of the dissipated power goes to the film through
the near field: that is energy transfer from dot to dot (the room `film`), not light. As photons count the powers below
the index of the emitter (n_eff < n_e), in all layers and exits, and the near field that other layers take; shares are
of that sum, so that every photon is counted once: out + lost elsewhere + taken up again = 1. The Purcell factor, hence
the yield, is that of the film without absorption (`optics.emission`). What is taken up depends a little on the sheet;
it is a regularisation, not the theory of an absorbing medium (Aeberhard et al., Opt. Express 29, 14773 (2021),
10.1364/OE.424091).

With e(z) the quantum yield in the stack, p_out(z) the share of the photons emitted at z that leaves and w(z, z') the
share of those emitted at z' that is absorbed at z, the photons m(z) emitted per exciton formed with the profile rho are

    m = e (rho + w m),        EQE = sum p_out m;        for one place  EQE = e p_out/(1 - e p_re).

By reciprocity what z' gives to z is what z gives to z': detailed balance between emission and absorption in the film.
"""

import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.optics.averages import spectral_average
from peqled.optics.efficiency import radiative_yield
from peqled.optics.emission import emission, purcell_factor
from peqled.optics.orientation import Orientation
from peqled.optics.stack import Stack, check_stack

Length = float | Float[Array, ""]

SHEET = 3e-9
"""Thickness of the transparent sheet about the dipole, m."""


class Recycling(NamedTuple):
    """Spectral averages of dipoles in their sheet, by place of emission."""

    position: Float[Array, " source"]  # m from the substrate-side face of the film
    purcell: Float[Array, " source"]  # of the film without absorption
    out: Float[Array, " source"]  # share of the photons that reaches the outside medium
    again: Float[Array, "slice source"]  # share that each slice of the film takes up
    edges: Float[Array, " edge"]  # ends of the slices, m

    @property
    def reabsorbed(self) -> Float[Array, " source"]:
        """p_re: share of the photons that the film takes up."""
        return jnp.sum(self.again, 0)


def absorbing_film(
    stack: Stack, position: Float[Array, ""] | float, *, slices: int = 1, sheet: Length = SHEET
) -> Stack:
    """The stack with its emitter cut into absorbing slices below and above a transparent sheet about `position` (m).

    The emitter's own k is used in the slices: give the stack the index of the absorbing film. Slices next to a face
    that the sheet touches have no thickness.
    """
    e, depth = stack.emitter, stack.thickness[stack.emitter]
    low = jnp.clip(position - 0.5 * sheet, 0.0, depth - sheet)
    parts = jnp.concatenate(
        [jnp.full(slices, low / slices), jnp.full(1, sheet), jnp.full(slices, (depth - low - sheet) / slices)]
    )

    def split(values: Array) -> Array:
        return jnp.concatenate([values[:e], jnp.repeat(values[e : e + 1], 2 * slices + 1, 0), values[e + 1 :]])

    name = stack.layers[e]
    names = [f"{name} below {i}" for i in range(slices)], [f"{name} above {i}" for i in range(slices)]
    return dataclasses.replace(
        stack,
        thickness=jnp.concatenate([stack.thickness[:e], parts, stack.thickness[e + 1 :]]),
        index=split(stack.index),
        extraordinary=None if stack.extraordinary is None else split(stack.extraordinary),
        emitter=e + slices,
        label=(*stack.layers[:e], *names[0], name, *names[1], *stack.layers[e + 1 :]),
    )


def recycling(
    stack: Stack,
    position: Float[Array, " source"],
    orientation: Orientation,
    *,
    photon_spectrum: Float[Array, " wavelength"],
    slices: int = 4,
    sheet: Length = SHEET,
) -> Recycling:
    """Where the photons of dipoles at `position` (m) in the absorbing emitter of `stack` go.

    `slices` divide the film below and above each dipole; what they take up is given on as many equal slices of the
    whole film, 2 `slices` of them.
    """
    check_stack(stack)
    depth = stack.thickness[stack.emitter]
    edges = jnp.linspace(0.0, 1.0, 2 * slices + 1) * depth
    if not isinstance(depth, jax.core.Tracer) and float(depth) <= sheet:
        raise ValueError(
            f"{stack.layers[stack.emitter]}: {float(depth):.3g} m is no thicker than the sheet, {sheet:.3g} m"
        )
    place = jnp.asarray(position, float)
    film = slice(stack.emitter, stack.emitter + 2 * slices + 1)
    outs, agains = [], []
    for z in place:
        split = absorbing_film(stack, z, slices=slices, sheet=sheet)
        found = emission(split, jnp.full(1, 0.5 * sheet))
        power = found.budget(orientation)[0].sum(2).at[:, film, -1].set(0.0).sum(-1)
        shares = spectral_average(power, photon_spectrum=photon_spectrum, wavelength=stack.wavelength, axis=0)
        total = jnp.sum(shares)
        ends = jnp.concatenate([jnp.zeros(1), jnp.cumsum(split.thickness[film])])
        grown = jnp.concatenate([jnp.zeros(1), jnp.cumsum(shares[film])])
        outs.append(shares[found.place.index("air")] / total)
        agains.append(jnp.diff(jnp.interp(edges, ends, grown)) / total)
    total = orientation.mix(*purcell_factor(stack, place))
    purcell = spectral_average(total, photon_spectrum=photon_spectrum, wavelength=stack.wavelength)
    return Recycling(place, purcell, jnp.stack(outs), jnp.stack(agains, 1), edges)


def recycled_share(emitted: Float[Array, "..."], out: Float[Array, "..."], again: Float[Array, "..."]) -> Array:
    """e p_out/(1 - e p_re) of one place: EQE per exciton with all generations of photons."""
    return emitted * out / (1.0 - emitted * again)


def recycled_efficiency(
    found: Recycling, *, plqy: float | Float[Array, "*source"], zone: Float[Array, " source"]
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """EQE (0 to 1) without and with emission of what was taken up again.

    `plqy`: quantum yield in the infinite medium; `zone`: share of the excitons at each place (any scale). Excitons stay
    where they are formed; what a slice takes up makes excitons at the places nearest to it.
    """
    yields = radiative_yield(jnp.asarray(plqy), found.purcell)
    formed = zone / jnp.sum(zone)
    middle = 0.5 * (found.edges[1:] + found.edges[:-1])
    nearest = jnp.argmin(jnp.abs(middle[:, None] - found.position), 1)
    taken = jnp.zeros((found.position.shape[0],) * 2).at[nearest].add(found.again)
    first = yields * formed
    photons = jnp.linalg.solve(jnp.eye(formed.size) - yields[:, None] * taken, first)
    return jnp.sum(found.out * first), jnp.sum(found.out * photons)
