"""The lifetime study of a recipe: initial luminances times temperatures, and the interval of the mechanisms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float

from peqled.design.inputs import check_positive
from peqled.inference.life_interval import LifeInterval, life_interval
from peqled.led.stage import LedResult
from peqled.lifetime import stage
from peqled.lifetime.mixtures import Known
from peqled.lifetime.operation import time_to
from peqled.lifetime.stage import DIRECT, LifetimeResult, Operation, current_at, damage_of
from peqled.materials import load_book
from peqled.materials.published import published_lifetimes
from peqled.parameters import Parameters, parameters_of
from peqled.recipe import Recipe, RecipeError
from peqled.result import build_tree, label
from peqled.twin import evaluate

ANCHOR, OTHER = 1e4, 1e3
"""Luminances (cd/m^2) of the calibrated T50, and down to which the exponent was calibrated."""
Progress = Callable[[str, float], Any]


@dataclass(frozen=True)
class Study:
    """A recipe's lifetimes: the labelled tree, a result per temperature (K), and the interval of the mechanisms (None
    where it was not asked for or has no anchor)."""

    tree: xr.DataTree
    parameters: Parameters
    operation: Operation
    temperature: Float[np.ndarray, " temperature"]
    results: tuple[LifetimeResult, ...]
    interval: LifeInterval | None

    @property
    def result(self) -> LifetimeResult:
        """At the first temperature."""
        return self.results[0]


def lifetime_study(
    recipe: Recipe,
    *,
    luminance: tuple[float, ...] = (),
    temperature: tuple[float, ...] = (),
    operation: Operation = DIRECT,
    devices: int = 8,
    progress: Progress | None = None,
) -> Study:
    """Age the recipe's device.

    Args:
        recipe: what `peqled.load_recipe` returns.
        luminance: initial luminances, cd/m^2; those of the recipe by default.
        temperature: of the surroundings, K; that of the recipe by default. The first one gets the curves.
        operation: drive and duty.
        devices: drawn devices behind the interval, which is for constant direct current; 0 leaves it out.
        progress: called with a text and the share done.

    Raises:
        RecipeError: a luminance or temperature is not above zero, or the device reaches none of the luminances.
    """
    report = progress or (lambda text, done: None)
    parameters = _parameters(recipe, luminance, temperature)
    warm = np.array(temperature or (float(parameters["device.temperature"]),))
    results = evaluate(parameters, until="led", skip=("batch",), progress=lambda text, done: report(text, 0.3 * done))
    levels = np.array(parameters.structure.luminances)
    if not np.isfinite(current_at(results["led"], levels)).any():
        brightest = float(results["led"].operation.luminance.max())
        raise RecipeError(
            f"{recipe.name}: the device reaches {brightest:.3g} cd/m2, none of the luminances asked for: lower them, "
            "or raise 'drive.to'"
        )
    rows = []
    for i, kelvin in enumerate(warm):
        report(f"ageing at {kelvin:g} K", 0.3 + 0.4 * i / warm.size)
        rows.append(_aged(parameters, results, float(kelvin), operation, first=i == 0))
    t50 = np.stack([row.t50 for row in rows])
    asked = devices if operation == DIRECT else 0  # the mixtures are those of constant direct current
    interval = _interval(parameters, results, levels, asked, lambda text, done: report(text, 0.7 + 0.3 * done))
    tree = _tree(recipe, parameters, results | {"lifetime": rows[0]}, warm, t50, interval)
    report("aged", 1.0)
    return Study(tree, parameters, operation, warm, tuple(rows), interval)


def _parameters(recipe: Recipe, luminance: tuple[float, ...], temperature: tuple[float, ...]) -> Parameters:
    check_positive(luminance=luminance, temperature=temperature)
    parameters = parameters_of(recipe).with_structure(error_checks=False)
    if luminance:
        parameters = parameters.with_structure(luminances=tuple(sorted(set(luminance))))
    return parameters.replace({"device.temperature": temperature[0]}) if temperature else parameters


def _aged(
    parameters: Parameters, results: Mapping[str, Any], kelvin: float, operation: Operation, *, first: bool
) -> LifetimeResult:
    """All luminances at one temperature; the device is solved again where it is not the first."""
    if not first:
        parameters = parameters.replace({"device.temperature": kelvin})
        given = {name: value for name, value in results.items() if name != "led"}
        results = evaluate(parameters, until="led", skip=("batch",), given=given)
    return stage.run(parameters, results, operation=operation)


def _interval(
    parameters: Parameters,
    results: Mapping[str, Any],
    levels: Float[np.ndarray, " level"],
    devices: int,
    progress: Progress,
) -> LifeInterval | None:
    """Interval at the levels of what is known when T50 and the exponent of this very device were measured, the exponent
    as well as the paper's; anchored to full runs at constant current."""
    led: LedResult = results["led"]
    every = np.unique(np.concatenate([levels, [OTHER, ANCHOR], [each.luminance for each in published_lifetimes()]]))
    current = current_at(led, every)
    if devices == 0 or not np.isfinite(current[np.isin(every, [OTHER, ANCHOR])]).all():
        return None
    damage = damage_of(parameters)
    full = np.array([time_to(stage.age(parameters, led, damage, value), 0.5) for value in current])
    anchor, other = (float(full[int(np.argmin(np.abs(every - level)))]) for level in (ANCHOR, OTHER))
    if not np.isfinite([anchor, other]).all():
        return None
    printed = load_book()["degradation.acceleration_exponent"]
    exponent = float(np.log(other / anchor) / np.log(ANCHOR / OTHER))
    known = Known(ANCHOR, anchor, OTHER, exponent, 0.5 * (printed.high - printed.low) / 1.645)
    return life_interval(parameters, results, known, every, full=full, devices=devices, progress=progress)


def _tree(
    recipe: Recipe,
    parameters: Parameters,
    results: Mapping[str, Any],
    warm: Float[np.ndarray, " temperature"],
    t50: Float[np.ndarray, "temperature level"],
    interval: LifeInterval | None,
) -> xr.DataTree:
    values = stage.observables(parameters, results)
    if warm.size > 1:
        values |= {"test_temperature": warm, "lifetime.t50_of_temperature": t50}
    if interval is not None:
        place = np.searchsorted(interval.luminance, results["lifetime"].luminance)
        values |= {
            "lifetime.t50_low": interval.widest.low[place],
            "lifetime.t50_high": interval.widest.high[place],
        }
    warnings = stage.warnings(parameters, results)
    if interval is not None:
        warnings.append(interval.reason(float(interval.luminance.min())))
    node = label("lifetime", values, warnings)
    return build_tree({"lifetime": node}, recipe_text=recipe.model_dump_json(), provenance=parameters.provenance())
