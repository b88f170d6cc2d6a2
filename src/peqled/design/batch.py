"""A batch of devices in parallel processes: J-V-L and EQE of all, T50 of some, and what the sample says.

Device number i is drawn from the seed and its number alone and solved by itself, so the batch is the same whatever the
number of processes, and a longer batch begins with the shorter one. Finished devices are kept in a checkpoint.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Float

import peqled
from peqled.design.checkpoint import Checkpoint, Record
from peqled.design.claims import Champion, Spread, champion, spread_of
from peqled.design.processes import run_jobs
from peqled.design.tolerance import Ranking, rank
from peqled.film import Film
from peqled.led.batch import DEVICES_PER_SUBSTRATE, Coverage, bias_points, coverage_of, draw_device, measure
from peqled.led.batch import operate_drawn as operate
from peqled.lifetime.operation import time_to
from peqled.lifetime.stage import age, current_at, damage_of
from peqled.parameters import Parameters, parameters_of
from peqled.recipe import Recipe
from peqled.result import build_tree, label
from peqled.twin import evaluate

LUMINANCE = 1e4
"""Initial luminance of the lifetimes of a batch, cd/m^2: the paper's."""
AGED_POINTS = 24
"""Bias points of a device that is aged, up to half as bright again as it starts."""
Progress = Callable[[str, float], Any]


class Context(NamedTuple):
    """What all devices share: voltages (V) of the J-V-L, and of those that are aged, which the first `aged` are."""

    parameters: Parameters
    film: Film
    coverage: Coverage
    voltages: Float[Array, " point"]
    far: Float[Array, " point"]
    seed: int
    aged: int


@dataclass(frozen=True)
class Batch:
    """A batch: the labelled tree, a record per device, the components of the spread, the champion against the expected
    one, and the ranking of the tolerances (None where the sample does not carry one)."""

    tree: xr.DataTree
    records: list[Record]
    working: Float[np.ndarray, " device"]
    eqe: Float[np.ndarray, " device"]
    spread: Spread | None
    champion: Champion | None
    ranking: Ranking | None


def run_batch(
    recipe: Recipe,
    *,
    devices: int,
    seed: int,
    workers: int = 1,
    lifetimes: int = 0,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Batch:
    """Draw, measure and partly age a batch.

    Args:
        recipe: what `peqled.load_recipe` returns.
        devices: how many.
        seed: of the draw.
        workers: processes.
        lifetimes: how many of them, the first ones, are aged to T50 from 10000 cd/m^2.
        folder: where finished devices are kept; a run that was killed goes on from there.
        progress: called with a text and the share done.

    Raises:
        OutputError: the folder holds devices of another recipe, seed or version.
    """
    report = progress or (lambda text, done: None)
    parameters = parameters_of(recipe).with_structure(error_checks=False)
    results = evaluate(parameters, until="led", skip=("batch",), progress=lambda text, done: report(text, 0.1 * done))
    context = Context(
        parameters,
        results["film"].film,
        coverage_of(parameters, results),
        bias_points(results["led"]),
        _far(results["led"]),
        seed,
        min(lifetimes, devices),
    )
    checkpoint = Checkpoint(folder / "devices.jsonl", _key(context)) if folder else None
    records = run_jobs(
        device_record,
        context,
        range(devices),
        workers=workers,
        checkpoint=checkpoint,
        progress=lambda text, done: report(text, 0.1 + 0.9 * done),
        text="device",
    )
    return _analysed(recipe, parameters, records)


def device_record(context: Context, number: int) -> Record:
    """One device as plain numbers; null where there is none."""
    draw = draw_device(context.parameters, context.coverage, number, context.seed)
    found = measure(context.parameters, context.film, context.voltages, draw)
    return {
        "number": number,
        "substrate": number // DEVICES_PER_SUBSTRATE,
        "dead": draw.dead,
        "shunt": _number(draw.shunt),
        "eqe_max": _number(found.eqe_max),
        "turn_on": _number(found.turn_on),
        "t50": _t50(context, draw) if number < context.aged and not draw.dead else None,
        "scores": draw.scores,
        "voltage": np.asarray(context.voltages).tolist(),
        **{name: [_number(x) for x in np.asarray(getattr(found, name))] for name in ("current", "luminance", "eqe")},
    }


def _t50(context: Context, draw) -> float | None:
    """T50 (s) from `LUMINANCE`; null where the device does not reach it."""
    led = operate(context.parameters, context.film, context.far, draw)
    current = current_at(led, np.array([LUMINANCE]))[0]
    parameters = context.parameters.replace(draw.values)
    return _number(time_to(age(parameters, led, damage_of(parameters), current, shares=(0.5,)), 0.5))


def _far(led) -> Float[Array, " point"]:
    """Voltages from below turn-on to where the device of the recipe is half as bright again as aged ones start."""
    near = bias_points(led)
    bright, voltage = np.asarray(led.operation.luminance), np.asarray(led.sweep.voltage)
    above = voltage[bright >= 1.5 * LUMINANCE]
    end = float(above[0]) + 0.3 if above.size else float(voltage[-1])
    return jnp.linspace(near[0], max(end, float(near[-1])), AGED_POINTS)


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _key(context: Context) -> str:
    """Hash of all that decides a device: parameters, choices, seed, aged or not, version."""
    structure = context.parameters.with_structure(devices=0, seed=0).structure
    values = sorted((name, float(value)) for name, value in context.parameters.values.items())
    text = json.dumps([peqled.__version__, context.seed, context.aged, repr(structure), values])
    return hashlib.sha256(text.encode()).hexdigest()


def _column(records: list[Record], name: str) -> Float[np.ndarray, " device"]:
    return np.array([np.nan if record[name] is None else record[name] for record in records], dtype=float)


def _analysed(recipe: Recipe, parameters: Parameters, records: list[Record]) -> Batch:
    dead = np.array([record["dead"] for record in records])
    turn_on = np.where(dead, np.nan, _column(records, "turn_on"))
    working = ~dead & np.isfinite(turn_on)
    eqe = np.where(working, _column(records, "eqe_max"), np.nan)
    substrate = np.array([record["substrate"] for record in records])
    good = eqe[working]
    spread = spread_of(good, substrate[working]) if good.size > 1 else None
    best = champion(spread, good.size, float(good.max())) if spread is not None and spread.deviation > 0 else None
    ranking = _ranking(records, eqe, working & np.isnan(_column(records, "shunt")), substrate)
    values = {
        "device": np.arange(1, len(records) + 1),
        "batch.eqe": eqe,
        "batch.turn_on_voltage": turn_on,
        "batch.eqe_mean": good.mean() if good.size else np.nan,
        "batch.eqe_deviation": good.std(ddof=1) if good.size > 1 else np.nan,
        "batch.eqe_champion": good.max() if good.size else np.nan,
        "batch.yield": working.mean(),
        "batch.t50": np.where(working, _column(records, "t50"), np.nan),
    }
    if ranking is not None:
        values |= {
            "tolerance": np.array(ranking.names),
            "batch.tolerance_share": ranking.effect,
            "batch.tolerance_low": ranking.low,
            "batch.tolerance_high": ranking.high,
        }
    tree = build_tree(
        {"batch": label("batch", values, _warnings(records))},
        recipe_text=recipe.model_dump_json(),
        provenance=parameters.provenance(),
    )
    return Batch(tree, records, working, eqe, spread, best, ranking)


def _ranking(records: list[Record], eqe: np.ndarray, sound: np.ndarray, substrate: np.ndarray) -> Ranking | None:
    """Ranking over the devices that work and have no shunt; None where they are too few."""
    names = tuple(records[0]["scores"])
    if sound.sum() < len(names) + 3 or not np.ptp(eqe[sound]) > 0:
        return None
    scores = np.array([[record["scores"][name] for name in names] for record in records])
    return rank(names, scores[sound], eqe[sound], substrate[sound])


def _warnings(records: list[Record]) -> list[str]:
    found = ["tolerances of fabrication are engineering defaults: the spread of the batch rests on them alone"]
    shunted = sum(record["shunt"] is not None for record in records)
    if shunted:
        found.append(f"{shunted} devices carry a shunt; they count in mean and yield and are left out of the ranking")
    return found
