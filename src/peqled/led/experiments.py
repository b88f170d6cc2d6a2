"""Named measurements of the device beyond the J-V-L sweep, a stage of the twin: each that the recipe asks for.

Luminance follows from the photons that leave, with the spectrum and pattern of the peak EQE.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from scipy.constants import elementary_charge

from peqled.led.electrical import carrying_layers
from peqled.led.stage import LedResult
from peqled.numerics.mesh import MeshOptions
from peqled.parameters import Parameters
from peqled.recipe import (
    ConstantCurrentExperiment,
    ImpedanceExperiment,
    LightExperiment,
    PulseExperiment,
    RecipeError,
    ScanExperiment,
    SingleCarrierExperiment,
)
from peqled.transport import light_curve, pulse, scan, small_signal, solve_at_current, solve_jv, space_charge

Numbers = dict[str, Any]
_UNFINISHED = "some points of the experiment '{}' were not solved: its curves are not complete"


def run(parameters: Parameters, results: Mapping[str, Any]) -> dict[str, tuple[Numbers, bool]]:
    """By experiment: its numbers under the names of the vocabulary, and whether every point was solved."""
    wanted, led = parameters.structure.experiments, results["led"]
    made: dict[str, tuple[Numbers, bool]] = {}
    for name, measure in MEASUREMENTS.items():
        setting = getattr(wanted, name)
        if setting is not None:
            made[name] = measure(setting, parameters, led)
    return made


def observables(parameters: Parameters, results: Mapping[str, Any]) -> Numbers:
    """Numbers of the stage under the names of the vocabulary."""
    return {key: value for numbers, _ in results["experiments"].values() for key, value in numbers.items()}


def warnings(parameters: Parameters, results: Mapping[str, Any]) -> list[str]:
    """Experiments with unsolved points, and heat that transients leave out."""
    found = [_UNFINISHED.format(name) for name, (_, complete) in results["experiments"].items() if not complete]
    moving = [name for name in ("scan", "pulse", "impedance") if name in results["experiments"]]
    if moving and parameters.structure.self_heating:
        found.append(f"self-heating is left out of what moves in time: {', '.join(moving)}")
    return found


def brightness(led: LedResult, photons: Float[np.ndarray, " point"]) -> Float[np.ndarray, " point"]:
    """Luminance (cd/m2) of a photon flux (1/(m2 s)), in the ratio that the sweep has."""
    flux, luminance = np.asarray(led.sweep.photon_flux), np.asarray(led.operation.luminance)
    most = int(np.argmax(np.where(np.isfinite(luminance), flux, -1.0)))
    return np.asarray(photons) * luminance[most] / flux[most]


def _cool(led: LedResult):
    return replace(led.device, heated=False)


def _constant_current(setting: ConstantCurrentExperiment, parameters: Parameters, led: LedResult):
    limit = max(10.0, 1.5 * float(led.sweep.voltage[-1]))
    sweep = solve_at_current(led.device, jnp.asarray(setting.currents), voltage_limit=limit)
    numbers = {
        "set_current": np.asarray(setting.currents),
        "experiments.set_voltage": sweep.voltage,
        "experiments.set_luminance": brightness(led, np.asarray(sweep.photon_flux)),
        "experiments.set_eqe": elementary_charge * sweep.photon_flux / sweep.current,
    }
    return numbers, bool(np.all(sweep.converged))


def _scan(setting: ScanExperiment, parameters: Parameters, led: LedResult):
    found = scan(_cool(led), to=setting.to, rate=setting.rate, points=setting.points)
    numbers = {
        "scan_voltage": found.voltage,
        "experiments.scan_current_up": found.current_up,
        "experiments.scan_current_down": found.current_down,
        "experiments.scan_luminance_up": brightness(led, found.photons_up),
        "experiments.scan_luminance_down": brightness(led, found.photons_down),
        "experiments.hysteresis_index": found.hysteresis_index,
    }
    return numbers, found.complete


def _pulse(setting: PulseExperiment, parameters: Parameters, led: LedResult):
    found = pulse(_cool(led), voltage=setting.voltage, on=setting.on, off=setting.off)
    numbers = {
        "pulse_time": found.time,
        "experiments.pulse_current": found.current,
        "experiments.pulse_luminance": brightness(led, found.photons),
        "experiments.pulse_delay": found.delay,
        "experiments.pulse_rise": found.rise,
        "experiments.pulse_decay": found.decay,
    }
    return numbers, found.complete


def _impedance(setting: ImpedanceExperiment, parameters: Parameters, led: LedResult):
    frequency = np.geomspace(setting.lowest, setting.highest, setting.points)
    found = small_signal(_cool(led), setting.voltage, jnp.asarray(frequency))
    numbers = {
        "frequency": frequency,
        "experiments.capacitance": found.capacitance,
        "experiments.conductance": found.conductance,
        "experiments.impedance_real": found.impedance.real,
        "experiments.impedance_imaginary": found.impedance.imag,
        "experiments.geometric_capacitance": found.geometric,
    }
    return numbers, bool(np.all(found.converged))


def _single_carrier(setting: SingleCarrierExperiment, parameters: Parameters, led: LedResult):
    names = [layer.key for layer in carrying_layers(parameters)]
    if setting.layer not in names:
        raise RecipeError(
            f'experiments.single_carrier.layer = "{setting.layer}": expected a layer that carries charge, '
            f"{', '.join(names)}"
        )
    layer = led.device.layers[names.index(setting.layer)]
    temperature = float(parameters["device.temperature"])
    found = space_charge(layer, setting.carrier, to=setting.to, temperature=temperature)
    mobility = layer.mobility_n if setting.carrier == "electron" else layer.mobility_p
    numbers = {
        "single_carrier_voltage": found.voltage,
        "experiments.single_carrier_current": found.current,
        "experiments.single_carrier_slope": found.slope,
        "experiments.single_carrier_apparent_mobility": found.apparent_mobility,
        "experiments.single_carrier_mobility": mobility,
    }
    return numbers, found.complete


def _light(setting: LightExperiment, parameters: Parameters, led: LedResult):
    mesh = MeshOptions()
    inside = np.zeros((len(led.device.layers), mesh.nodes_per_layer))
    inside[led.emitter] = setting.generation
    found = light_curve(led.device, generation=jnp.asarray(inside.ravel()), to=setting.to, mesh_options=mesh)
    dark = solve_jv(led.device, jnp.asarray(found.voltage), mesh_options=mesh)
    numbers = {
        "light_voltage": found.voltage,
        "experiments.light_current": found.current,
        "experiments.dark_current": dark.current,
        "experiments.open_circuit_voltage": found.open_circuit_voltage,
        "experiments.short_circuit_current": found.short_circuit_current,
        "experiments.fill_factor": found.fill_factor,
    }
    return numbers, found.complete and bool(np.all(dark.converged))


MEASUREMENTS: dict[str, Callable[[Any, Parameters, LedResult], tuple[Numbers, bool]]] = {
    "constant_current": _constant_current,
    "scan": _scan,
    "pulse": _pulse,
    "impedance": _impedance,
    "single_carrier": _single_carrier,
    "light": _light,
}
