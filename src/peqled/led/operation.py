"""From the solved device to what a photodiode, a spectrometer and an ammeter read: J-V-L, EQE, EL, losses.

The exciton equation already holds F(z) and A(z), so the photon flux of the transport solution is the light in air and
EQE = q flux/J. The emission zone at the peak EQE weights the mode budget, the angular pattern and the EL spectrum.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.constants import elementary_charge

from peqled.optics import chromaticity, lambertian_factor, mean_photon_energy, photon_spectrum_efficacy
from peqled.optics.photometry import as_power
from peqled.optics.stage import OpticsResult, angular_intensity, zone_average
from peqled.programs import stored
from peqled.transport import Sweep

CAUSES = (
    "light in air",
    "light lost in the stack",
    "non-radiative",
    "charged dots",
    "annihilation",
    "field and defects",
    "faces of the film",
    "recombination outside the film",
    "leakage",
)
"""Fates of an injected pair; `losses` gives the shares in this order."""
FAINTEST = 1.0
"""Luminance below which no laboratory quotes an efficiency, cd/m^2: where "turned on" begins."""
SMALLEST_CURRENT = 1e-9
"""Current density below which no efficiency is quoted, A/m^2."""
BEST_SHUNT = 1000.0
"""Ohm m^2: the upper end of the book's range of `fabrication.shunt_resistance`."""


class Operation(NamedTuple):
    """Photometric view of a sweep; SI, point = voltage of the sweep.

    Attributes:
        eqe: external quantum efficiency; NaN without current.
        loss_share: share of the injected pairs by `CAUSES`.
        peak: index of the voltage with the highest EQE among those of at least `FAINTEST` luminance.
        eqe_max: peak EQE, of the parabola through the three best points in ln J.
        current_at_max: current density there, A/m^2.
        zone: share of the excitons at each depth of the optics, at the peak.
        wavelength, el: EL photon spectrum of unit area on the film's grid, m and 1/m.
        angle, intensity: photons per solid angle, 1 at normal incidence.
        lambertian: factor f_L.
        luminance: cd/m^2. radiance: W/(sr m^2).
    """

    eqe: Float[Array, " point"]
    loss_share: Float[Array, "point cause"]
    peak: Array
    eqe_max: Float[Array, ""]
    current_at_max: Float[Array, ""]
    zone: Float[Array, " emitter_depth"]
    wavelength: Float[Array, " wavelength"]
    el: Float[Array, " wavelength"]
    angle: Float[Array, " angle"]
    intensity: Float[Array, " angle"]
    lambertian: Float[Array, ""]
    luminance: Float[Array, " point"]
    radiance: Float[Array, " point"]


@stored(static_argnames=("emitter",))
def read_out(
    sweep: Sweep,
    optics: OpticsResult,
    *,
    emitter: int,
    wavelength: Float[Array, " wavelength"],
    pl: Float[Array, " wavelength"],
) -> Operation:
    """Operation of a device.

    Args:
        sweep: solved bias points.
        optics: emission of the same stack.
        emitter: index of the emitter among the layers of the sweep.
        wavelength: grid of the film's spectrum, m.
        pl: photon spectrum of the film, any scale.
    """
    efficiency = quantum_efficiency(sweep)
    rough = photon_spectrum_efficacy(photon_spectrum=pl, wavelength=wavelength) * sweep.photon_flux / jnp.pi
    bright = rough * mean_photon_energy(photon_spectrum=pl, wavelength=wavelength)
    lit = bright >= FAINTEST
    peak, best, current = _vertex(jnp.where(lit | ~lit.any(), efficiency, jnp.nan), sweep.current)
    first, there = _at_luminance(bright, efficiency, sweep.current)
    best, current = (jnp.where(first > best, now, then) for now, then in ((first, best), (there, current)))
    zone = emission_zone(sweep, peak, optics.depth, emitter=emitter)
    el = el_spectrum(optics, zone, wavelength, pl)
    angle, intensity = angular_intensity(optics, zone)
    factor = lambertian_factor(angle, intensity)
    light = {"photon_spectrum": el, "wavelength": wavelength}
    energy = mean_photon_energy(**light)
    radiance = sweep.photon_flux * energy / (jnp.pi * factor)
    return Operation(
        eqe=efficiency,
        loss_share=losses(sweep, emitter=emitter),
        peak=peak,
        eqe_max=best,
        current_at_max=current,
        zone=zone,
        wavelength=wavelength,
        el=el,
        angle=angle,
        intensity=intensity,
        lambertian=factor,
        luminance=photon_spectrum_efficacy(**light) * radiance,
        radiance=radiance,
    )


def quantum_efficiency(sweep: Sweep) -> Float[Array, " point"]:
    """EQE = q flux/J."""
    flowing = sweep.current > SMALLEST_CURRENT
    return jnp.where(flowing, elementary_charge * sweep.photon_flux / jnp.where(flowing, sweep.current, 1.0), jnp.nan)


def faint(
    voltage: Float[np.ndarray, " point"], current: Float[np.ndarray, " point"], mesh_error: Float[np.ndarray, " point"]
) -> str | None:
    """What limits the points whose current is below that of `BEST_SHUNT`, in words: the device has no shunt of its own,
    and the mesh resolves currents of any size. None where there are no such points.

    Args:
        voltage: V. current, mesh_error: A/m^2, of solved points; the error may be NaN where none was estimated.
    """
    below = (voltage > 0.0) & (current > 0.0) & (current < voltage / BEST_SHUNT)
    if not below.any():
        return None
    error = mesh_error[below] / current[below]
    mesh = f" (mesh error at most {error.max():.2%})" if np.isfinite(error).all() else ""
    return (
        f"up to {voltage[below].max():.2f} V the current is limited by what is left out, not by the mesh{mesh}: "
        f"even a shunt of {BEST_SHUNT:g} Ohm m2 passes more than the {current[below].max():.0e} A/m2 found there, and "
        "there is none in this device; a measured current lies above"
    )


def losses(sweep: Sweep, *, emitter: int) -> Float[Array, "point cause"]:
    """Share of the injected pairs by fate; the sum is 1 where current flows."""
    pairs, excitons = sweep.at.pairs, sweep.at.excitons
    outside = jnp.sum(pairs.direct + pairs.auger + pairs.trapping, axis=1) + jnp.sum(pairs.interfaces, axis=1)
    leakage = (sweep.at.electron_leakage + sweep.at.hole_leakage) / elementary_charge
    columns = [
        sweep.photon_flux,
        excitons.radiative[:, emitter] - sweep.photon_flux,
        excitons.nonradiative[:, emitter],
        excitons.trion[:, emitter],
        excitons.annihilation[:, emitter],
        excitons.field[:, emitter] + excitons.extra[:, emitter],
        excitons.surface[:, emitter],
        outside,
        leakage,
    ]
    flowing = sweep.current > SMALLEST_CURRENT
    injected = jnp.where(flowing, sweep.current / elementary_charge, jnp.nan)
    return jnp.stack(columns, axis=1) / injected[:, None]


def exciton_yield(sweep: Sweep, *, emitter: int) -> Float[Array, " point"]:
    """Photons emitted into the stack per exciton that does not return to the bands; 0 without excitons.

    An exciton made by a photon of the film has it too: it meets the same rates as one made by the current.
    """
    lost = jnp.stack(sweep.at.excitons)[..., emitter]
    total = jnp.sum(lost, 0)
    return jnp.where(total > 0, sweep.at.excitons.radiative[:, emitter] / jnp.where(total > 0, total, 1.0), 0.0)


def _at_luminance(
    bright: Float[Array, " point"], efficiency: Float[Array, " point"], current: Float[Array, " point"]
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """EQE and current density where the rising luminance passes `FAINTEST`, linear in its logarithm; NaN if nowhere.

    An EQE that still rises towards smaller currents is read there, whatever the spacing of the bias points.
    """
    after = jnp.clip(jnp.argmax(bright >= FAINTEST), 1, bright.size - 1)
    pair = after + jnp.arange(-1, 1)
    logs = jnp.log(jnp.maximum(bright[pair], 1e-30) / FAINTEST)
    share = -logs[0] / jnp.where(logs[1] == logs[0], 1.0, logs[1] - logs[0])
    known = (bright[after - 1] < FAINTEST) & (bright[after] >= FAINTEST) & jnp.all(jnp.isfinite(efficiency[pair]))
    value = efficiency[after - 1] + share * (efficiency[after] - efficiency[after - 1])
    ends = jnp.log(jnp.maximum(current[pair], SMALLEST_CURRENT))
    return jnp.where(known, value, jnp.nan), jnp.exp(ends[0] + share * (ends[1] - ends[0]))


def _vertex(
    efficiency: Float[Array, " point"], current: Float[Array, " point"]
) -> tuple[Array, Float[Array, ""], Float[Array, ""]]:
    """Index, height and current of the highest EQE, between the points by a parabola in ln J."""
    known = jnp.where(jnp.isfinite(efficiency), efficiency, -1.0)
    peak = jnp.argmax(known)
    middle = jnp.clip(peak, 1, known.size - 2)
    x = jnp.log(jnp.maximum(current[middle + jnp.arange(-1, 2)], SMALLEST_CURRENT))
    y = known[middle + jnp.arange(-1, 2)]
    left, right = (y[1] - y[0]) / (x[1] - x[0]), (y[2] - y[1]) / (x[2] - x[1])
    bend = (right - left) / (x[2] - x[0])
    inside = (peak == middle) & (bend < 0) & (y.min() >= 0)
    slope = left + bend * (x[1] - x[0])
    step = jnp.where(inside, -slope / (2 * jnp.where(inside, bend, -1.0)), 0.0)
    height = y[1] + slope * step + bend * step**2
    return peak, jnp.where(inside, height, known[peak]), jnp.where(inside, jnp.exp(x[1] + step), current[peak])


def emission_zone(
    sweep: Sweep, point: Array, depth: Float[Array, " emitter_depth"], *, emitter: int
) -> Float[Array, " emitter_depth"]:
    """Excitons of one bias point, gathered on the depths of the optics by linear weights; the sum is 1."""
    layers = sweep.at.pairs.capture.shape[1]
    per_layer = sweep.position.size // layers
    nodes = slice(emitter * per_layer, (emitter + 1) * per_layer)
    inside = sweep.position[nodes] - sweep.position[nodes.start]
    amount = sweep.at.profiles.excitons[point, nodes] * sweep.box[nodes]
    spacing = depth[1] - depth[0]
    hats = jnp.maximum(1.0 - jnp.abs(inside[:, None] - depth[None, :]) / spacing, 0.0)
    gathered = amount @ hats
    total = gathered.sum()
    return jnp.where(total > 0, gathered / jnp.where(total > 0, total, 1.0), 1.0 / depth.size)


def el_spectrum(
    optics: OpticsResult,
    zone: Float[Array, " emitter_depth"],
    wavelength: Float[Array, " wavelength"],
    pl: Float[Array, " wavelength"],
) -> Float[Array, " wavelength"]:
    """Photons per wavelength that leave the stack: the film's light times the power into air, unit area."""
    through = zone_average(optics.emission.outcoupled(optics.orientation), zone)
    light = pl * jnp.interp(wavelength, optics.wavelength, through)
    return light / jnp.trapezoid(light, wavelength)


def colour(el: Float[Array, " wavelength"], wavelength: Float[Array, " wavelength"]) -> Float[Array, " xy"]:
    """CIE 1931 x and y of the EL."""
    return chromaticity(as_power(el, wavelength), wavelength)


def turn_on_voltage(
    voltage: Float[Array, " point"], brightness: Float[Array, " point"], level: float = 1.0
) -> Float[Array, ""]:
    """First voltage (V) at which the luminance reaches `level` (cd/m^2), linear in its logarithm; NaN if it never
    does."""
    logs = jnp.log(jnp.maximum(brightness, 1e-30))
    reached = brightness >= level
    after = jnp.clip(jnp.argmax(reached), 1, voltage.size - 1)
    share = (jnp.log(level) - logs[after - 1]) / (logs[after] - logs[after - 1])
    return jnp.where(reached.any(), voltage[after - 1] + share * (voltage[after] - voltage[after - 1]), jnp.nan)
