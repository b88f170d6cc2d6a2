"""A batch of devices drawn from stated fabrication tolerances.

Every tolerance has a part that all devices of one substrate share and a part of each device. Layers differ in
thickness by how they are made (sputtered, spun, evaporated; emitter and tunnel layer on their own), dots in edge
length, ligand coverage and film PLQY, the anode in work function; some devices carry a shunt, some are dead. Dead
devices are drawn like all others, counted in the yield and left out of mean and champion.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from peqled.film import Film
from peqled.film.stage import plqy_at_coverage
from peqled.led.operation import Operation, read_out, turn_on_voltage
from peqled.led.stage import LedResult, device_of, emitter_position
from peqled.optics.stage import build_stack, film_emission, orientation_of
from peqled.parameters import Parameters
from peqled.programs import stored
from peqled.transport import Device, MeshOptions, Sweep, solve_jv

DEVICES_PER_SUBSTRATE = 4
MESH = MeshOptions(cells_per_layer=47)
BIAS_POINTS = 16
BELOW_TURN_ON, ABOVE_PEAK = 0.4, 1.2
"""V: the bias points lie from below the recipe's turn-on to above its peak EQE, where every device has its own."""
PROCESS_OF_ROLE = {
    "anode": "sputtered",
    "hole injection layer": "spun",
    "hole transport layer": "spun",
    "tunnel layer": "tunnel",
    "emitter": "emitter",
    "electron transport layer": "evaporated",
    "injection layer": "evaporated",
    "cathode": "evaporated",
}


SHUNT_DECADES = 1.2
"""Standard deviation of log10 of a shunt: the range of the book, 0.1 to 1000 Ohm m^2, as its central 90 % [default]."""


class Draw(NamedTuple):
    """One device: its parameters that differ from the recipe, factors on edge and PLQY loss, shunt (Ohm m^2), dead; and
    every deviation in units of its own standard deviation."""

    values: dict[str, float]
    edge: float
    loss: float
    shunt: float
    dead: bool
    scores: dict[str, float]


class Measured(NamedTuple):
    """Peak EQE and turn-on voltage (V) of one device; current density (A/m^2), luminance (cd/m^2) and EQE by bias."""

    eqe_max: Float[Array, ""]
    turn_on: Float[Array, ""]
    current: Float[Array, " point"]
    luminance: Float[Array, " point"]
    eqe: Float[Array, " point"]


class Coverage(NamedTuple):
    """PLQY of the film over that of the recipe, against the ligand coverage over that of the recipe."""

    coverage: Float[np.ndarray, " point"]
    plqy: Float[np.ndarray, " point"]


def coverage_of(parameters: Parameters, results: Mapping[str, Any]) -> Coverage:
    """Films of less and more covered dots, over three standard deviations; no site can be held twice."""
    own = float(results["film"].product.coverage)
    between, within = (float(parameters[f"fabrication.coverage_spread_{level}"]) for level in ("between", "within"))
    relative = np.unique(np.minimum(1.0 + 3.0 * math.hypot(between, within) * np.linspace(-1.0, 1.0, 5), 1.0 / own))
    plqy = plqy_at_coverage(parameters, results, own * relative)
    return Coverage(relative, plqy / float(results["film"].film.plqy))


def draw_devices(parameters: Parameters, coverage: Coverage, *, devices: int, seed: int) -> list[Draw]:
    """`devices` devices on substrates of `DEVICES_PER_SUBSTRATE`; the same seed gives the same devices in any order."""
    return [draw_device(parameters, coverage, device, seed) for device in range(devices)]


def draw_device(parameters: Parameters, coverage: Coverage, device: int, seed: int) -> Draw:
    """One device of a batch, by its number."""
    substrate = np.random.default_rng([seed, 0, device // DEVICES_PER_SUBSTRATE])
    own = np.random.default_rng([seed, 1, device])

    scores: dict[str, float] = {}

    def deviation(quantity: str, name: str) -> float:
        between, within = (
            float(parameters[f"fabrication.{quantity}_spread_{level}"]) for level in ("between", "within")
        )
        drawn = between * substrate.standard_normal() + within * own.standard_normal()
        total = math.hypot(between, within)
        scores[name] = drawn / total if total > 0 else 0.0
        return drawn

    values = {}
    for layer in parameters.structure.layers:
        key = f"{layer.key}.thickness"
        factor = 1.0 + deviation(f"{PROCESS_OF_ROLE[layer.role]}_thickness", key)
        values[key] = float(parameters[key]) * max(factor, 0.1)
    anode = next(layer for layer in parameters.structure.layers if layer.role == "hole injection layer")
    work = f"{anode.key}.work_function"
    values[work] = float(parameters[work]) + deviation("work_function", work)
    edge, loss = 1.0 + deviation("edge", "dot edge"), deviation("plqy", "film PLQY")
    shunted = own.random() < float(parameters["fabrication.shunt_probability"])
    shunt = float(parameters["fabrication.shunt_resistance"]) if shunted else np.inf
    dead = bool(own.random() < float(parameters["fabrication.dead_probability"]))
    covered = 1.0 + deviation("coverage", "ligand coverage")
    loss = (1.0 + loss) * float(np.interp(covered, coverage.coverage, coverage.plqy)) - 1.0
    shunt *= 10.0 ** (SHUNT_DECADES * own.standard_normal())
    return Draw(values, edge, loss, shunt, dead, scores)


def bias_points(led: LedResult) -> Float[Array, " point"]:
    """Voltages (V) at which a batch is measured, from the device of the recipe; its whole sweep where it stays dark."""
    sweep, operation = led.sweep, led.operation
    start = turn_on_voltage(sweep.voltage, operation.luminance) - BELOW_TURN_ON
    end = jnp.minimum(sweep.voltage[operation.peak] + ABOVE_PEAK, sweep.voltage[-1])
    dark = ~(jnp.isfinite(start) & (end > start))
    start, end = jnp.where(dark, sweep.voltage[0], start), jnp.where(dark, sweep.voltage[-1], end)
    return jnp.linspace(start, end, BIAS_POINTS)


def measure(parameters: Parameters, film: Film, voltages: Float[Array, " point"], draw: Draw) -> Measured:
    """Peak EQE and turn-on of one drawn device, at bias `voltages` (V)."""
    return _measure(*_made_as(parameters, film, draw), voltages, jnp.asarray(draw.shunt))


def operate_drawn(parameters: Parameters, film: Film, voltages: Float[Array, " point"], draw: Draw) -> LedResult:
    """One drawn device, solved at bias `voltages` (V), as the led stage leaves one behind: to be aged."""
    device, sweep, operation = _operate(*_made_as(parameters, film, draw), voltages, jnp.asarray(draw.shunt))
    return LedResult(device, sweep, operation, emitter_position(parameters))


def _made_as(parameters: Parameters, film: Film, draw: Draw) -> tuple[Parameters, Film]:
    return parameters.replace(draw.values).of_stack(), _scaled_film(film, edge=draw.edge, loss=draw.loss)


@stored()
def _measure(parameters: Parameters, film: Film, voltages: Float[Array, " point"], shunt: Float[Array, ""]) -> Measured:
    _, sweep, operation = _solved(parameters, film, voltages, shunt)
    turn_on = turn_on_voltage(sweep.voltage, operation.luminance)
    return Measured(operation.eqe_max, turn_on, sweep.current, operation.luminance, operation.eqe)


@stored()
def _operate(
    parameters: Parameters, film: Film, voltages: Float[Array, " point"], shunt: Float[Array, ""]
) -> tuple[Device, Sweep, Operation]:
    return _solved(parameters, film, voltages, shunt)


def _solved(
    parameters: Parameters, film: Film, voltages: Float[Array, " point"], shunt: Float[Array, ""]
) -> tuple[Device, Sweep, Operation]:
    stack, light = build_stack(parameters, film), {"wavelength": film.wavelength, "pl": film.pl}
    emission = film_emission(stack, orientation_of(parameters), **light, trapped=False)
    device = eqx.tree_at(lambda d: d.shunt_resistance, device_of(parameters, film, emission), shunt)
    sweep = solve_jv(device, voltages, mesh_options=MESH)
    return device, sweep, read_out(sweep, emission, emitter=emitter_position(parameters), **light)


def _scaled_film(film: Film, *, edge: float, loss: float) -> Film:
    """The film of dots that are larger by a factor, with a PLQY changed by a share of itself."""
    packing = film.packing
    dense = edge**-3
    scaled = eqx.tree_at(
        lambda p: (p.number_density, p.site_density, p.centre_distance),
        packing,
        (packing.number_density * dense, packing.site_density * dense, packing.centre_distance * edge),
    )
    plqy = jnp.clip(film.plqy * (1.0 + loss), 1e-3, 0.999)
    return eqx.tree_at(lambda f: (f.packing, f.plqy), film, (scaled, plqy))


def statistics(draws: list[Draw], measured: list[Measured]) -> Mapping[str, Float[np.ndarray, "..."]]:
    """EQE and turn-on per device (NaN where dead or never lit), mean, deviation, champion and yield."""
    working = np.array([not d.dead and np.isfinite(m.turn_on) for d, m in zip(draws, measured, strict=True)])
    eqe = np.where(working, [float(m.eqe_max) for m in measured], np.nan)
    turn_on = np.where(working, [float(m.turn_on) for m in measured], np.nan)
    some = working.any()
    return {
        "eqe": eqe,
        "turn_on": turn_on,
        "mean": np.asarray(np.nanmean(eqe) if some else np.nan),
        "deviation": np.asarray(np.nanstd(eqe, ddof=1) if working.sum() > 1 else np.nan),
        "champion": np.asarray(np.nanmax(eqe) if some else np.nan),
        "yield": np.asarray(working.mean()),
    }
