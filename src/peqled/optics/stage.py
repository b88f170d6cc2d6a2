"""The emission of the film inside the device's stack as a stage of the twin."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from peqled.film import Film
from peqled.optics.averages import spectral_average
from peqled.optics.emission import Emission, emission
from peqled.optics.orientation import Orientation
from peqled.optics.recycling import SHEET, Recycling, recycling
from peqled.optics.stack import POLARISATIONS, WINDOWS, Stack, check_stack
from peqled.parameters import Parameters
from peqled.programs import stored

SAMPLES = 9
"""Depths in the emitter at which dipoles are placed, face to face."""
INSET = 1e-9
"""Least distance of a dipole from the faces, m: a dot's centre lies further in than that."""


class OpticsResult(NamedTuple):
    """Emission of the stack, averaged over the film's photon spectrum where it says so.

    Attributes:
        emission: everything by position, wavelength and dipole direction.
        orientation: of the dipoles.
        depth: of the dipoles in the emitter, m.
        wavelength: grid of the calculation, m.
        spectrum: photons per wavelength of the film on that grid, any scale.
        purcell: F at each depth, spectral average.
        outcoupled: power into air at each depth, spectral average, in units of the bulk dipole power.
        budget: power by place, polarisation and window at each depth, spectral average, same units.
        recycling: photons that the absorbing film takes up again, from its middle; None where it was not asked for.
    """

    emission: Emission
    orientation: Orientation
    depth: Float[Array, " emitter_depth"]
    wavelength: Float[Array, " wavelength"]
    spectrum: Float[Array, " wavelength"]
    purcell: Float[Array, " emitter_depth"]
    outcoupled: Float[Array, " emitter_depth"]
    budget: Float[Array, "emitter_depth place polarisation window"]
    recycling: Recycling | None = None


def run(parameters: Parameters, results: Mapping[str, Any]) -> OpticsResult:
    """Place dipoles through the emitter film and find where their photons go."""
    film: Film = results["film"].film
    stack = build_stack(parameters, film)
    check_stack(stack)
    orientation = orientation_of(parameters)
    found = film_emission(stack, orientation, wavelength=film.wavelength, pl=film.pl)
    extinction = jnp.interp(stack.wavelength, film.wavelength, film.index.imag)
    return found._replace(recycling=film_recycling(stack, extinction, orientation, photon_spectrum=found.spectrum))


@stored()
def film_recycling(
    stack: Stack,
    extinction: Float[Array, " wavelength"],
    orientation: Orientation,
    *,
    photon_spectrum: Float[Array, " wavelength"],
) -> Recycling:
    """Photons from the middle of the film that it takes up again with the extinction coefficient of its own index."""
    lossy = stack.index.at[stack.emitter].add(1j * extinction)
    middle = 0.5 * stack.thickness[stack.emitter : stack.emitter + 1]
    found = dataclasses.replace(stack, index=lossy)
    sheet = jnp.minimum(SHEET, middle[0])  # a film of a few nm: half of it
    return recycling(found, middle, orientation, photon_spectrum=photon_spectrum, slices=1, sheet=sheet)


def orientation_of(parameters: Parameters) -> Orientation:
    """Orientation of the emitter's dipoles."""
    emitter = parameters.structure.layer("emitter").key
    return Orientation.from_horizontal_share(parameters[f"{emitter}.horizontal_dipole_fraction"])


@stored(static_argnames=("trapped",))
def film_emission(
    stack: Stack,
    orientation: Orientation,
    *,
    wavelength: Float[Array, " film"],
    pl: Float[Array, " film"],
    trapped: bool = True,
) -> OpticsResult:
    """Emission of a film with the photon spectrum `pl` (any scale) on `wavelength` (m), dipoles all through it.

    Without `trapped` the budget tells only what leaves the stack (`optics.emission`).
    """
    thickness = stack.thickness[stack.emitter]
    depth = jnp.linspace(0.0, 1.0, SAMPLES) * thickness
    found = emission(stack, jnp.clip(depth, INSET, thickness - INSET), trapped=trapped)
    spectrum = jnp.interp(stack.wavelength, wavelength, pl)

    def average(values: Float[Array, "..."], axis: int = -1) -> Float[Array, "..."]:
        return spectral_average(values, photon_spectrum=spectrum, wavelength=stack.wavelength, axis=axis)

    return OpticsResult(
        emission=found,
        orientation=orientation,
        depth=depth,
        wavelength=stack.wavelength,
        spectrum=spectrum,
        purcell=average(found.purcell(orientation)),
        outcoupled=average(found.outcoupled(orientation)),
        budget=average(found.budget(orientation), axis=1),
    )


def build_stack(parameters: Parameters, film: Film) -> Stack:
    """Optical stack of a recipe, from the transparent electrode to the metal, air behind it."""
    layers = parameters.structure.layers
    emitter = layers.index(parameters.structure.layer("emitter"))
    own = _film_index(parameters, film)
    index = [own if i == emitter else parameters.index[layer.key] for i, layer in enumerate(layers)]
    shift = [parameters[f"{layer.key}.index_shift"] for layer in layers]
    return Stack(
        wavelength=parameters.wavelength,
        thickness=jnp.stack([parameters[f"{layer.key}.thickness"] for layer in layers]),
        index=jnp.stack([n + dn for n, dn in zip(index, shift, strict=True)]),
        substrate_index=parameters.index[parameters.structure.substrate],
        outside_index=jnp.asarray(1.0),
        top_index=jnp.ones_like(parameters.wavelength) + 0j,
        emitter=emitter,
        label=tuple(layer.key for layer in layers),
    )


def _film_index(parameters: Parameters, film: Film) -> Complex[Array, " wavelength"]:
    """Real index of the film on the optical grid; its absorption has no place in a point dipole's power."""
    return jnp.interp(parameters.wavelength, film.wavelength, film.index.real) + 0j


def zone_average(
    values: Float[Array, "emitter_depth *rest"], zone: Float[Array, " emitter_depth"]
) -> Float[Array, "*rest"]:
    """Mean over depth, weighted by the emission zone (any scale)."""
    return jnp.tensordot(zone / zone.sum(), values, axes=(0, 0))


def angular_intensity(
    result: OpticsResult, zone: Float[Array, " emitter_depth"]
) -> tuple[Float[Array, " angle"], Float[Array, " angle"]]:
    """Angle (rad, in air) and photons per solid angle, 1 at normal incidence, of an emission zone."""
    pattern = result.emission.farfield(result.orientation).sum(axis=2)
    spectral = spectral_average(pattern, photon_spectrum=result.spectrum, wavelength=result.wavelength, axis=1)
    intensity = zone_average(spectral, zone)
    return result.emission.angle, intensity / intensity[0]


def observables(parameters: Parameters, results: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers of the stage under the names of the vocabulary."""
    result: OpticsResult = results["optics"]
    uniform = jnp.ones_like(result.depth)
    total = zone_average(result.purcell, uniform)
    budget = zone_average(result.budget, uniform) / total
    return _gain(result) | {
        "emitter_depth": result.depth,
        "place": np.array(result.emission.place),
        "polarisation": np.array(POLARISATIONS),
        "window": np.array(WINDOWS),
        "optics.purcell_factor": result.purcell,
        "optics.outcoupled_power": result.outcoupled,
        "optics.mode_budget": budget,
        "optics.outcoupling_efficiency": zone_average(result.outcoupled, uniform) / total,
        "optics.budget_error": jnp.abs(budget[result.emission.place.index("guided")]).sum(),
    }


def _gain(result: OpticsResult) -> dict[str, Any]:
    """What recycling would add, and the share that it works on; empty where it was not computed."""
    if result.recycling is None:
        return {}
    return {
        "optics.reabsorbed_share": result.recycling.reabsorbed[0],
        "optics.recycling_gain": recycling_gain(result, jnp.ones(())),
    }


def recycling_gain(result: OpticsResult, emitted: Float[Array, "*point"]) -> Float[Array, "*point"]:
    """EQE of the absorbing film with all generations of photons over that of the transparent one: p_out/(1 - e p_re)
    over A/F, from the middle of the film; `emitted`: e, photons per exciton. Needs `result.recycling`.

    Below 1 at a low yield: what the film takes up is lost then.
    """
    assert result.recycling is not None
    again, middle = result.recycling, result.depth.size // 2
    plain = result.outcoupled[middle] / result.purcell[middle]
    return again.out[0] / (1.0 - emitted * again.reabsorbed[0]) / plain


def warnings(parameters: Parameters, results: Mapping[str, Any]) -> list[str]:
    """What is out of range in this run."""
    result: OpticsResult = results["optics"]
    found = ["the emitter's absorption is left out of budget and EQE; led.eqe_recycled includes it"]
    outside = 1.0 - float(jnp.trapezoid(result.spectrum, result.wavelength)) / float(
        jnp.trapezoid(results["film"].film.pl, results["film"].film.wavelength)
    )
    if outside > 0.01:
        found.append(f"{outside:.1%} of the film's light lies outside the optical grid and is not counted")
    return found
