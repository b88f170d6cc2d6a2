"""Operational lifetime as a stage of the twin: the drift-diffusion device aged at its drive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from peqled.led.stage import LedResult
from peqled.lifetime.aged_device import (
    Heat,
    Operated,
    at_current,
    at_voltage,
    emitter_nodes,
    node_count,
    node_positions,
    solver_of,
)
from peqled.lifetime.curves import STEPS, damage_map, operation_curves
from peqled.lifetime.damage import Damage
from peqled.lifetime.extrapolation import acceleration_exponent, local_exponent
from peqled.lifetime.feedback import Feedback
from peqled.lifetime.linear import loss_by_mechanism
from peqled.lifetime.operation import Decay, State, fresh, operate, time_to
from peqled.optics import mean_photon_energy
from peqled.parameters import Parameters

SHARES = (0.95, 0.9, 0.8, 0.5)
"""Luminances over the initial one at which a run reports its time."""
REVERSIBLE = 1
"""Place of the reversible pool among the two; the permanent one comes first."""


class LifetimeResult(NamedTuple):
    """Runs by initial luminance, their currents (A/m^2) and T50 (s), depth of the nodes (m); share of the initial loss
    rate by mechanism and luminance."""

    luminance: Float[np.ndarray, " level"]
    current: Float[np.ndarray, " level"]
    runs: tuple[Decay, ...]
    t50: Float[np.ndarray, " level"]
    depth: Float[np.ndarray, " cell"]
    mechanisms: dict[str, Float[np.ndarray, " level"]]


class Operation(NamedTuple):
    """How a device is run: at constant current or else at constant voltage, pulsed with a duty."""

    constant_current: bool = True
    duty: float = 1.0


DIRECT = Operation()
"""Direct current that is kept constant."""


def run(parameters: Parameters, results: Mapping[str, Any], *, operation: Operation = DIRECT) -> LifetimeResult:
    """Age the device from every initial luminance of the recipe to half of it."""
    led: LedResult = results["led"]
    damage = damage_of(parameters)
    luminance = np.array(parameters.structure.luminances)
    current = current_at(led, luminance)
    runs = tuple(age(parameters, led, damage, value, operation=operation) for value in current)
    t50 = np.array([time_to(decay, 0.5) for decay in runs])
    return LifetimeResult(
        luminance, current, runs, t50, node_positions(led.device), _mechanisms(led, damage, luminance)
    )


def damage_of(parameters: Parameters) -> Damage:
    """Typed coefficients of the damage law in the emitter; its permanent pool."""
    return Damage(
        exciton=parameters["degradation.exciton_damage"],
        polaron=parameters["degradation.polaron_damage"],
        exciton_polaron=parameters["degradation.exciton_polaron"],
        exciton_exciton=parameters["degradation.exciton_exciton"],
        quench_coefficient=parameters["degradation.quench_coefficient"],
        healing=parameters["degradation.healing_rate"],
        activation_energy=parameters["degradation.activation_energy"],
        reference_temperature=parameters["degradation.reference_temperature"],
        ion_loss=parameters["degradation.ion_loss"],
        ligand_loss=parameters["degradation.ligand_loss"],
    )


def pools_of(parameters: Parameters, led: LedResult, damage: Damage) -> Damage:
    """The law of both pools in every cell of the stack, [pool, cell].

    The permanent pool follows `damage` in the emitter and polaron damage of its own size in the transport layers. The
    reversible one is filled by carriers and emptied at its own rate; a pool filled beforehand empties in operation and
    lets the luminance rise.
    """
    inside = jnp.zeros(node_count(led.device)).at[emitter_nodes(led)].set(1.0)
    other = parameters["degradation.transport_polaron_damage"]

    def both(permanent: Array, reversible: Array | float = 0.0) -> Array:
        return jnp.stack([permanent * jnp.ones_like(inside), reversible * inside])

    return eqx.tree_at(
        lambda d: (
            *(d.exciton, d.polaron, d.exciton_polaron, d.exciton_exciton, d.ion_loss, d.ligand_loss),
            d.healing,
        ),
        damage,
        (
            both(damage.exciton * inside),
            both(damage.polaron * inside + other * (1.0 - inside), parameters["degradation.reversible_polaron"]),
            both(damage.exciton_polaron * inside),
            both(damage.exciton_exciton * inside),
            both(damage.ion_loss * inside),
            both(damage.ligand_loss * inside),
            jnp.stack([damage.healing, parameters["degradation.reversible_healing"]])[:, None],
        ),
    )


def start_of(parameters: Parameters, led: LedResult) -> State:
    """A fresh device, its reversible pool filled as the parameters say."""
    state = fresh(node_count(led.device), pools=2)
    state.defects[REVERSIBLE, emitter_nodes(led)] = float(parameters["degradation.initial_reversible"])
    return state


def feedback_of(parameters: Parameters, damage: Damage) -> Feedback:
    """What the defects do."""
    emitter = parameters.structure.layer("emitter").key
    return Feedback(
        quench_coefficient=damage.quench_coefficient,
        charge=parameters["degradation.charge_per_defect"],
        traps=parameters["degradation.traps_per_defect"],
        slowing=parameters["degradation.slowing_volume"],
        trap_depth=parameters[f"{emitter}.trap_depth"],
    )


def heat_of(parameters: Parameters, led: LedResult, duty: float) -> Heat:
    """Self-heating of the pixel."""
    photon = mean_photon_energy(photon_spectrum=led.operation.el, wavelength=led.operation.wavelength)
    return Heat(parameters["thermal.resistance"] * parameters["device.area"] * duty, photon)


def current_at(led: LedResult, luminance: Float[np.ndarray, " level"]) -> Float[np.ndarray, " level"]:
    """Current density (A/m^2) of a forward luminance (cd/m^2), on the rising part of the sweep; NaN beyond it."""
    bright, current = np.asarray(led.operation.luminance), np.asarray(led.sweep.current)
    rising = np.concatenate([[False], np.diff(np.maximum.accumulate(bright)) > 0]) & (bright > 1e-6)
    logs = np.interp(np.log(luminance), np.log(bright[rising]), np.log(current[rising]), left=np.nan, right=np.nan)
    return np.exp(logs)


def age(
    parameters: Parameters,
    led: LedResult,
    damage: Damage,
    current: float,
    *,
    operation: Operation = DIRECT,
    start: State | None = None,
    shares: tuple[float, ...] = SHARES,
    drop: float = 0.05,
) -> Decay:
    """One run that begins at a current (A/m^2); a current that the sweep does not reach gives an unfinished run.

    At constant voltage the device keeps the voltage that this current needs at first.
    """
    state = start if start is not None else start_of(parameters, led)
    if not np.isfinite(current):
        return _no_run(state)
    drive = at_current(current)
    if not operation.constant_current:
        voltage, flowing = np.asarray(led.sweep.voltage), np.asarray(led.sweep.current)
        known = flowing > 0
        drive = at_voltage(float(np.interp(np.log(current), np.log(flowing[known]), voltage[known])))
    operated = Operated(led, feedback_of(parameters, damage), heat_of(parameters, led, operation.duty), drive)
    law = pools_of(parameters, led, damage)
    return operate(solver_of(operated, current), law, state, shares=shares, drop=drop, duty=operation.duty)


def _no_run(state: State) -> Decay:
    one, cells = np.array([np.nan]), np.zeros((1, state.defects.shape[1]))
    return Decay(np.array([0.0]), np.array([1.0]), one, one, one, cells, cells, state, finished=False)


def _mechanisms(
    led: LedResult, damage: Damage, luminance: Float[np.ndarray, " level"]
) -> dict[str, Float[np.ndarray, " level"]]:
    """Share of each mechanism of the initial loss rate at each luminance; NaN where nothing ages."""
    bright = np.asarray(led.operation.luminance)
    rates = {name: np.interp(luminance, bright, rate) for name, rate in loss_by_mechanism(led, damage).items()}
    total = sum(rates.values(), start=np.zeros_like(luminance))
    return {name: rate / np.where(total > 0, total, np.nan) for name, rate in rates.items()}


def observables(parameters: Parameters, results: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers of the stage under the names of the vocabulary."""
    result: LifetimeResult = results["lifetime"]
    finite = np.isfinite(result.t50)
    exponent = acceleration_exponent(result.luminance, result.t50) if finite.sum() > 1 else np.nan
    brightest = int(np.argmax(np.where(finite, result.luminance, -1.0)))
    return {
        "initial_luminance": result.luminance,
        "life_step": np.arange(STEPS),
        "life_share": np.array(SHARES),
        "damage_depth": result.depth,
        "mechanism": np.array(list(result.mechanisms)),
        "lifetime.current_density": result.current,
        "lifetime.t50": result.t50,
        "lifetime.time_to": np.array([[time_to(decay, share) for share in SHARES] for decay in result.runs]),
        "lifetime.acceleration_exponent": exponent,
        "lifetime.local_exponent": local_exponent(result.luminance, result.t50),
        "lifetime.heating": np.array([decay.temperature[0] for decay in result.runs])
        - float(parameters["device.temperature"]),
        "lifetime.mechanism_share": np.stack(list(result.mechanisms.values()), axis=1),
        "lifetime.damage": result.runs[brightest].defects,
        "lifetime.damage_map": damage_map(result.runs[brightest]),
        **operation_curves(result.runs, results["led"], results["optics"], results["film"].film.pl),
    }


def warnings(parameters: Parameters, results: Mapping[str, Any]) -> list[str]:
    """What is out of range in this run."""
    result: LifetimeResult = results["lifetime"]
    found = ["traps and slowed carriers of the damage are taken as a layer's mean; heat does not act on the transport"]
    for luminance, current, decay in zip(result.luminance, result.current, result.runs, strict=True):
        if not np.isfinite(current):
            found.append(f"the sweep does not reach {luminance:g} cd/m2: no lifetime there")
        elif not decay.finished:
            found.append(f"the run at {luminance:g} cd/m2 ended before half of its luminance was lost")
        rise = float(decay.luminance.max())
        if rise > 1.05:
            found.append(
                f"the luminance at {luminance:g} cd/m2 first rises by {rise - 1:.0%}: T50 counts from t = 0; from the "
                f"maximum it would be {time_to(decay, 0.5 * rise) / 3600:.3g} h"
            )
    return found
