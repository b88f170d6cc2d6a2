"""Emission of dipoles in a planar stack: Purcell factor, mode budget, angular emission.

Two independent integrals over the in-plane wave vector:

* the total power F, along a path below the real axis (`dissipation.scattered_power` is analytic), exact also with
  lossless guided modes;
* the power entering every layer and leaving on either side, on the real axis, from the amplitude at each face of the
  emitter layer, and the fluxes that follow from it (`budget`).

Their difference, piece by piece, is entered under the place "guided": it is the power that guided modes carry away
without loss, which the real axis cannot see, and it vanishes (to the accuracy of the quadrature) when every mode is
damped. So the budget always adds up to F, and in a lossy stack the "guided" entry is the error estimate of the rest.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from peqled.optics.averages import spectral_average, zone_mean
from peqled.optics.budget import by_channel, by_place, integrate, onward, strength_and_flux, total_power
from peqled.optics.farfield import effective_index, per_solid_angle
from peqled.optics.orientation import Orientation
from peqled.optics.spectrum_path import pieces, real_nodes, sharp_modes
from peqled.optics.stack import Stack, check_position, check_stack, emitter_index

DEFAULT_ANGLES = 46
SLICES = 5  # of the emitter, with a dipole in the middle of each, where no positions are given
ESCAPING = 3  # pieces below the third lowest light line: beyond them nothing reaches the outside medium
GRAZING = 1e-6  # rad: the farthest angle is kept this much below 90 degrees, where the light line is


class Emission(eqx.Module):
    """Powers of vertical (v) and horizontal (h) dipoles in units of the dipole power in the infinite emitter medium.

    `budget_*` is not divided by the Purcell factor; its sum is the Purcell factor. `farfield_*` is power per steradian
    outside.
    """

    purcell_v: Float[Array, "position wavelength"]
    purcell_h: Float[Array, "position wavelength"]
    budget_v: Float[Array, "position wavelength place polarisation window"]
    budget_h: Float[Array, "position wavelength place polarisation window"]
    farfield_v: Float[Array, "position wavelength polarisation angle"]
    farfield_h: Float[Array, "position wavelength polarisation angle"]
    angle: Float[Array, " angle"]  # rad, outside
    position: Float[Array, " position"]  # m from the substrate-side face of the emitter layer
    wavelength: Float[Array, " wavelength"]  # m
    place: tuple[str, ...] = eqx.field(static=True)  # names of the budget's places: layers, air, substrate, top, guided

    def purcell(self, orientation: Orientation) -> Float[Array, "position wavelength"]:
        """Purcell factor F of the orientation."""
        return orientation.mix(self.purcell_v, self.purcell_h)

    def budget(self, orientation: Orientation) -> Float[Array, "position wavelength place polarisation window"]:
        """Mode budget of the orientation, units of bulk dipole power."""
        return orientation.mix(self.budget_v, self.budget_h)

    def into(self, place: str, orientation: Orientation) -> Float[Array, "position wavelength"]:
        """Power that ends in one named place; raises ValueError for another name."""
        if place not in self.place:
            raise ValueError(f"no place {place!r}; places are {', '.join(self.place)}")
        return jnp.sum(self.budget(orientation)[:, :, self.place.index(place)], (-2, -1))

    def outcoupled(self, orientation: Orientation) -> Float[Array, "position wavelength"]:
        """Power that reaches the outside medium through the substrate."""
        return self.into("air", orientation)

    def farfield(self, orientation: Orientation) -> Float[Array, "position wavelength polarisation angle"]:
        """Power per steradian outside, TE and TM."""
        return orientation.mix(self.farfield_v, self.farfield_h)

    def shares(
        self,
        orientation: Orientation,
        *,
        photon_spectrum: Float[Array, " wavelength"] | None = None,
        zone: Float[Array, " position"] | None = None,
    ) -> dict[str, Float[Array, ""]]:
        """Share of the power that ends in each place, by name; the sum is 1.

        Powers and F are averaged over the emitter's `photon_spectrum` (photons per wavelength interval, any scale) and
        over its `zone` (share of the excitons at each position, any scale) before they are divided; without them all
        wavelengths and positions count the same.
        """
        power = jnp.sum(self.budget(orientation), (-2, -1))
        mean = zone_mean(
            spectral_average(power, photon_spectrum=photon_spectrum, wavelength=self.wavelength, axis=1), zone
        )
        return dict(zip(self.place, mean / jnp.sum(mean), strict=True))

    def pattern(
        self,
        orientation: Orientation,
        *,
        photon_spectrum: Float[Array, " wavelength"] | None = None,
        zone: Float[Array, " position"] | None = None,
    ) -> Float[Array, " angle"]:
        """Photons per solid angle at each `angle` over those at the first one; averaged as in `shares`."""
        both = jnp.sum(self.farfield(orientation), 2)
        mean = zone_mean(
            spectral_average(both, photon_spectrum=photon_spectrum, wavelength=self.wavelength, axis=1), zone
        )
        return mean / mean[0]


def emission(
    stack: Stack,
    position: Float[Array, " position"] | None = None,
    *,
    angle: Float[Array, " angle"] | None = None,
    trapped: bool = True,
) -> Emission:
    """Emission of dipoles at `position` (m from the substrate-side face of the emitter layer) at the stack's
    wavelengths; without it in the middles of five equal slices of that layer, whose plain mean is that of the film.

    `angle` (rad, outside) defaults to 46 angles from 0 to 90 degrees. Without `trapped` only light that can leave the
    stack is followed to its place and all the rest is entered under "guided": Purcell factor, power into air and far
    field are the same, in a third of the time. Raises ValueError for a stack or position that cannot be.
    """
    check_stack(stack)
    if position is None:
        position = stack.thickness[stack.emitter] * (jnp.arange(SLICES) + 0.5) / SLICES
    position = jnp.asarray(position, float)
    check_position(stack, position)
    if angle is None:
        angle = jnp.linspace(0.0, 0.5 * jnp.pi, DEFAULT_ANGLES)
    if not isinstance(angle, jax.core.Tracer) and not np.all(np.abs(angle) <= 0.5 * np.pi):
        raise ValueError(f"angles must lie between -90 and 90 degrees, given in rad, got {angle}")
    return _emission(stack, position, jnp.asarray(angle, float), trapped=trapped, sharp=sharp_modes(stack))


@eqx.filter_jit
def _emission(stack: Stack, position: Array, angle: Array, *, trapped: bool, sharp: int) -> Emission:
    cut = pieces(stack, position)
    total = total_power(stack, cut, position)
    grazing = jnp.minimum(angle, 0.5 * jnp.pi - GRAZING)
    outside = effective_index(stack, grazing) / emitter_index(stack)[:, None]
    nodes, weights = real_nodes(stack, cut, trapped=trapped, sharp=sharp)
    nodes = [jnp.broadcast_to(outside, (2, *outside.shape)), *nodes]
    placed, pattern, air = _placed(stack, nodes, weights, position)
    placed = jnp.pad(placed, [*[(0, 0)] * 3, (0, total.shape[-1] - len(weights)), (0, 0)])
    guided = total - jnp.sum(placed, -1)
    placed = jnp.concatenate([placed, guided[..., None]], -1)
    budget = jnp.einsum("cpwim,cwik->cpwmk", placed, by_channel(cut.window))
    pattern = pattern * by_channel(air * per_solid_angle(stack, grazing))[:, None]
    purcell = jnp.sum(total, -1)
    still = jnp.zeros_like(pattern[0])
    return Emission(
        purcell_v=purcell[0],
        purcell_h=purcell[1] + purcell[2],
        budget_v=jnp.stack([jnp.zeros_like(budget[0]), budget[0]], -2),
        budget_h=jnp.stack([budget[2], budget[1]], -2),
        farfield_v=jnp.stack([still, pattern[0]], -2),
        farfield_h=jnp.stack([pattern[2], pattern[1]], -2),
        angle=angle,
        position=position,
        wavelength=stack.wavelength,
        place=stack.places,
    )


def _placed(
    stack: Stack, nodes: list[Array], weights: list[Array], position: Array
) -> tuple[
    Float[Array, "channel position wavelength piece place"],
    Float[Array, "channel position wavelength angle"],
    Float[Array, "polarisation wavelength angle"],
]:
    """Power by place in every piece; at the angles, which are the first nodes, the strength towards the substrate and
    the flux that reaches the outside per unit strength.
    """
    sizes = [x.shape[-1] for x in nodes]
    strength, flux = strength_and_flux(stack, jnp.concatenate(nodes, -1), position)
    fluxes = jax.lax.split(flux, sizes, axis=-1)
    strengths = list(zip(*(jax.lax.split(x, sizes, axis=-1) for x in strength), strict=True))
    escaping = slice(ESCAPING + 1)
    launched = jnp.concatenate([x[-1, 0] for x in fluxes[escaping]], -1)
    ending = jax.lax.split(onward(stack, jnp.concatenate(nodes[escaping], -1), launched), sizes[escaping], axis=-1)
    entering = [
        integrate(power, jnp.swapaxes(x, 0, 1), *rule)
        for power, x, *rule in zip(strengths[1:], fluxes[1:], nodes[1:], weights, strict=True)
    ]
    ended = [
        integrate(tuple(x[0] for x in strengths[i]), ending[i], nodes[i], weights[i - 1]) for i in range(1, len(ending))
    ]
    placed = jnp.moveaxis(by_place(stack, jnp.stack(entering), jnp.stack(ended)), 0, -2)
    return placed, jnp.stack([x[0] for x in strengths[0]]), ending[0][stack.places.index("air")]


def purcell_factor(
    stack: Stack, position: Float[Array, " position"]
) -> tuple[Float[Array, "position wavelength"], Float[Array, "position wavelength"]]:
    """(F_v, F_h) alone: a third of the work of `emission`."""
    check_stack(stack)
    position = jnp.asarray(position, float)
    check_position(stack, position)
    return _purcell(stack, position)


@eqx.filter_jit
def _purcell(stack: Stack, position: Array) -> tuple[Array, Array]:
    total = jnp.sum(total_power(stack, pieces(stack, position), position), -1)
    return total[0], total[1] + total[2]
