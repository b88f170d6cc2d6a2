"""The device as a stage of the twin: drift-diffusion with the optics' F and A in the exciton equation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.constants import elementary_charge

from peqled.film import Film
from peqled.led.electrical import build_device, carrying_layers
from peqled.led.operation import CAUSES, Operation, colour, exciton_yield, faint, read_out, turn_on_voltage
from peqled.nanocrystal.photoluminescence import spectrum_shape
from peqled.optics import POLARISATIONS, WINDOWS, mean_photon_energy, photon_spectrum_efficacy
from peqled.optics.stage import OpticsResult, recycling_gain, zone_average
from peqled.parameters import Parameters
from peqled.programs import stored
from peqled.transport import Device, Sweep, solve_jv

MESH_TOLERANCE = 1e-3
"""Relative mesh error of the current above which a point is flagged."""
SHOWN = 3
"""Bias points whose profiles are kept: a third of the sweep, the peak EQE, the end."""


class LedResult(eqx.Module):
    """The device, its solved bias points, what instruments read of them, and which of its layers emits."""

    device: Device
    sweep: Sweep
    operation: Operation
    emitter: int = eqx.field(static=True)


def run(parameters: Parameters, results: Mapping[str, Any]) -> LedResult:
    """Solve the J-V curve of the recipe's stack, with the mesh error of every point unless error checks are off."""
    film, optics = results["film"].film, results["optics"]
    device = device_of(parameters, film, optics)
    sweep = solve_jv(device, jnp.asarray(parameters.structure.voltages), mesh_error=parameters.structure.error_checks)
    emitter = emitter_position(parameters)
    operation = read_out(sweep, optics, emitter=emitter, wavelength=film.wavelength, pl=film.pl)
    return LedResult(device, sweep, operation, emitter)


def device_of(parameters: Parameters, film: Film, optics: OpticsResult) -> Device:
    """Electrical device with the emission of its own stack."""
    return build_device(
        parameters,
        film,
        purcell=optics.purcell,
        outcoupled=optics.outcoupled,
        radiative_rate=parameters["surface.radiative_rate"],
    )


def emitter_position(parameters: Parameters) -> int:
    """Index of the emitter among the layers that carry charge."""
    return [layer.role for layer in carrying_layers(parameters)].index("emitter")


def observables(parameters: Parameters, results: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers of the stage under the names of the vocabulary."""
    layers = carrying_layers(parameters)
    names = {
        "layer": np.array([layer.key for layer in layers]),
        "cause": np.array(CAUSES),
        "place": np.array(results["optics"].emission.place),
        "polarisation": np.array(POLARISATIONS),
        "window": np.array(WINDOWS),
    }
    return names | _numbers(results["led"], results["optics"])


@stored()
def _numbers(result: LedResult, optics: OpticsResult) -> dict[str, Array]:
    sweep, operation = result.sweep, result.operation
    light = {"photon_spectrum": operation.el, "wavelength": operation.wavelength}
    candela = operation.luminance / jnp.where(sweep.current > 0, sweep.current, jnp.nan)
    lumen = jnp.pi * operation.lambertian * candela / jnp.where(sweep.voltage > 0, sweep.voltage, jnp.nan)
    budget = zone_average(optics.budget, operation.zone)
    total = zone_average(optics.purcell, operation.zone)
    shape = spectrum_shape(operation.wavelength, operation.el)
    xy = colour(operation.el, operation.wavelength)
    lost = jnp.where(operation.luminance > 0, operation.luminance, 0.0)
    return {
        "voltage": sweep.voltage,
        "wavelength": operation.wavelength,
        "angle": operation.angle,
        "led.current_density": sweep.current,
        "led.luminance": operation.luminance,
        "led.radiance": operation.radiance,
        "led.eqe": operation.eqe,
        "led.current_efficiency": candela,
        "led.power_efficiency": lumen,
        "led.el": operation.el,
        "led.eqe_max": operation.eqe_max,
        "led.eqe_lambertian": operation.eqe_max / operation.lambertian,
        "led.current_at_eqe_max": operation.current_at_max,
        "led.luminance_max": lost.max(),
        "led.turn_on_voltage": turn_on_voltage(sweep.voltage, operation.luminance),
        "led.current_efficiency_max": _candela_per_ampere(operation, photon_spectrum_efficacy(**light)),
        "led.el_peak": shape.peak,
        "led.el_fwhm": shape.fwhm,
        "led.cie_x": xy[0],
        "led.cie_y": xy[1],
        "led.mode_budget": budget / total,
        "led.outcoupling_efficiency": zone_average(optics.outcoupled, operation.zone) / total,
        "led.angular_intensity": operation.intensity,
        "led.lambertian_factor": operation.lambertian,
        "led.charge_balance": sweep.at.balance,
        "led.loss_share": operation.loss_share,
        "led.mesh_error": sweep.mesh_error / jnp.where(sweep.current > 0, sweep.current, jnp.nan),
        "led.current_spread": sweep.at.certificates.spread,
        **_profiles(result),
        **_recycled(result, optics),
    }


def _recycled(result: LedResult, optics: OpticsResult) -> dict[str, Array]:
    """EQE of the film that absorbs and emits again, at the yield of its excitons; empty where it was not computed."""
    if optics.recycling is None:
        return {}
    operation = result.operation
    gain = recycling_gain(optics, exciton_yield(result.sweep, emitter=result.emitter))
    return {
        "led.eqe_recycled": operation.eqe * gain,
        "led.eqe_recycled_max": operation.eqe_max * gain[operation.peak],
        "led.recycling_gain": gain[operation.peak],
    }


def _candela_per_ampere(operation: Operation, efficacy: Float[Array, ""]) -> Float[Array, ""]:
    """Peak current efficiency: K E_ph EQE/(q pi f_L), all at the peak EQE."""
    energy = mean_photon_energy(photon_spectrum=operation.el, wavelength=operation.wavelength)
    return efficacy * energy * operation.eqe_max / (elementary_charge * jnp.pi * operation.lambertian)


def _profiles(result: LedResult) -> dict[str, Array]:
    """Band diagram, carriers, excitons and recombination at the shown voltages."""
    sweep, layers = result.sweep, result.device.layers
    count = sweep.voltage.size
    shown = jnp.stack([jnp.asarray(count // 3), result.operation.peak, jnp.asarray(count - 1)])
    profiles = sweep.at.profiles
    per_layer = sweep.position.size // len(layers)
    affinity, ionisation = (
        jnp.repeat(jnp.stack([getattr(layer, name) for layer in layers]), per_layer)
        for name in ("affinity", "ionisation")
    )
    vacuum = -profiles.psi[shown]
    return {
        "position": sweep.position,
        "shown_voltage": sweep.voltage[shown],
        "led.recombination_zone": profiles.emission[shown],
        "led.exciton_density": profiles.excitons[shown],
        "led.electron_density": profiles.n[shown],
        "led.hole_density": profiles.p[shown],
        "led.conduction_band": vacuum - affinity,
        "led.valence_band": vacuum - ionisation,
        "led.electron_quasi_fermi": profiles.fermi_n[shown],
        "led.hole_quasi_fermi": profiles.fermi_p[shown],
    }


def warnings(parameters: Parameters, results: Mapping[str, Any]) -> list[str]:
    """What is out of range in this run."""
    result: LedResult = results["led"]
    sweep = result.sweep
    found = []
    failed = np.nonzero(~np.asarray(sweep.converged))[0]
    if failed.size:
        first = int(failed[0])
        found.append(
            f"{failed.size} bias points failed, the first at {float(sweep.voltage[first]):.2f} V: "
            f"{sweep.messages[first]}"
        )
    error = np.asarray(sweep.mesh_error / np.maximum(np.abs(sweep.current), 1e-12))
    rough = np.nonzero((error > MESH_TOLERANCE) & (np.asarray(sweep.current) > 1e-3))[0]
    if rough.size:
        found.append(
            f"mesh error of the current above {MESH_TOLERANCE:.1%} at {rough.size} bias points, "
            f"at most {error[rough].max():.1%}"
        )
    solved = np.asarray(sweep.converged)
    limit = faint(*(np.asarray(values)[solved] for values in (sweep.voltage, sweep.current, sweep.mesh_error)))
    return [*found, limit] if limit else found
