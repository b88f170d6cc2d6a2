"""The order of the stages, and nothing else.

    recipe -> synthesis -> nanocrystal -> film -> optics -> led -> experiments -> batch -> lifetime

A stage is a module with ``run(parameters, results)``, a pure function of the numeric parameters and the results of
the stages before it, and ``observables(parameters, results)``, its numbers under the names of the vocabulary.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import xarray as xr
from jaxtyping import Array, Float

from peqled.film import stage as film
from peqled.led import batch_stage as batch
from peqled.led import experiments
from peqled.led import stage as led
from peqled.lifetime import stage as lifetime
from peqled.nanocrystal import stage as nanocrystal
from peqled.optics import stage as optics
from peqled.parameters import Parameters, parameters_of
from peqled.recipe import Recipe
from peqled.result import build_tree, label
from peqled.synthesis import stage as synthesis
from peqled.vocabulary import observable

STAGES = {
    "synthesis": synthesis,
    "nanocrystal": nanocrystal,
    "film": film,
    "optics": optics,
    "led": led,
    "experiments": experiments,
    "batch": batch,
    "lifetime": lifetime,
}

AFTER_LED = ("experiments", "batch", "lifetime")
"""Stages that read what the led stage leaves behind and nothing of each other: they may run side by side."""

SHARP_TOLERANCE = 1e-7
"""Of the flask's integrator where derivatives are taken: its step control is not differentiated."""

Progress = Callable[[str, float], Any]


def simulate(recipe: Recipe, *, only: str | None = None, progress: Progress | None = None) -> xr.DataTree:
    """Simulate a recipe from the flask to the T50.

    Args:
        recipe: what `peqled.load_recipe` returns.
        only: stop after this stage.
        progress: called with a text and the share done.

    Returns:
        One node per stage; variables, units and conventions as in `peqled.vocabulary`.
    """
    parameters = parameters_of(recipe)
    results = evaluate(parameters, until=only, progress=progress, side_by_side=True)
    return labelled(recipe, parameters, results)


def labelled(recipe: Recipe, parameters: Parameters, results: Mapping[str, Any]) -> xr.DataTree:
    """Results of stages as the labelled tree that files, figures and tables are made from; a stage that the recipe
    asked nothing of leaves no node."""
    numbers = {name: STAGES[name].observables(parameters, results) for name in results}
    stages = {
        name: label(name, some, STAGES[name].warnings(parameters, results)) for name, some in numbers.items() if some
    }
    return build_tree(stages, recipe_text=recipe.model_dump_json(), provenance=parameters.provenance())


def evaluate(
    parameters: Parameters,
    *,
    until: str | None = None,
    given: Mapping[str, Any] | None = None,
    skip: Sequence[str] = (),
    progress: Progress | None = None,
    side_by_side: bool = False,
) -> dict[str, Any]:
    """Results by stage, up to and including `until` (all by default).

    Stages in `given` are taken as they are, those in `skip` are left out. ``side_by_side`` runs the stages after the
    led in threads, which nothing that is being differentiated may enter; the results are the same.
    """
    names = [name for name in list(STAGES)[: list(STAGES).index(until) + 1 if until else None] if name not in skip]
    results = dict(given or {})
    missing = [name for name in names if name not in results]
    begun, lock = len(names) - len(missing), threading.Lock()

    def compute(name: str) -> Any:
        nonlocal begun
        with lock:
            if progress:
                progress(name, begun / len(names))
            begun += 1
        return STAGES[name].run(parameters, results)

    last = [name for name in missing if side_by_side and name in AFTER_LED]
    for name in missing:
        if name not in last:
            results[name] = compute(name)
    if last:
        with ThreadPoolExecutor(len(last)) as pool:  # compiled code runs outside the interpreter lock
            results |= dict(zip(last, list(pool.map(compute, last)), strict=True))
    if progress:
        progress("simulated", 1.0)
    return results


def predict(parameters: Parameters, of: str) -> Float[Array, "..."]:
    """One observable by its vocabulary name, computing only the stages that it needs."""
    stage = observable(of).stage
    results = evaluate(parameters, until=stage, skip=() if stage == "batch" else ("batch",))
    return jnp.asarray(STAGES[stage].observables(parameters, results)[of])


def gradient(recipe: Recipe, *, of: str, wrt: Sequence[str]) -> Mapping[str, float]:
    """Derivatives of a scalar observable with respect to parameters, exact to rounding at the converged states.

    Args:
        recipe: what `peqled.load_recipe` returns.
        of: vocabulary name of a scalar, such as ``led.eqe_max``.
        wrt: parameter names, such as ``PO-T2T.thickness``; units as in the book (SI).

    Returns:
        d(of)/d(parameter) by parameter name, in SI units.

    Raises:
        KeyError: an unknown observable or parameter.
        ValueError: `of` is no scalar.
    """
    if observable(of).dims:
        raise ValueError(f"'{of}' has dimensions {observable(of).dims}: a gradient is of a scalar")
    parameters = parameters_of(recipe)
    parameters = parameters.with_structure(error_checks=False, tolerance=SHARP_TOLERANCE)

    def scalar(key: str, value: Float[Array, ""]) -> Float[Array, ""]:
        return predict(parameters.replace({key: value}), of)

    return {key: float(jax.jvp(lambda v, k=key: scalar(k, v), (parameters[key],), (1.0,))[1]) for key in wrt}
