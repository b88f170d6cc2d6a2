"""Both flasks and devices of the paper, their draws from the parameter ranges, and the table that comes of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
import xarray as xr

from peqled.inference.conditioning import moved_levels
from peqled.inference.posterior import NOT_INFORMED, width_ratios
from peqled.inference.sampling import device_ranges, draw, flask_ranges, interval
from peqled.lifetime.extrapolation import acceleration_exponent
from peqled.lifetime.linear import loss_rate_at
from peqled.lifetime.stage import damage_of
from peqled.materials.calibrated import load_calibrated
from peqled.parameters import Parameters, parameters_of
from peqled.recipe import Recipe, load_recipe
from peqled.report.readings import CONTROL, IMPROVED, Reading, Trees, finite, in_paper_unit, read_row
from peqled.report.rows import PaperRow, Role, paper_rows
from peqled.result import read_value
from peqled.twin import evaluate, labelled

Progress = Callable[[str, float], Any]
SAMPLE_CELLS = 100
"""Size cells of a sampled flask: number, mean size and PL peak are converged, the size CV is high by a tenth."""
SEED = 2023
WORKERS = 2
PAPER_LUMINANCE = 1e4
"""cd/m2, at which the paper prints a T50."""


@dataclass(frozen=True)
class Draws:
    """What the draws gave: readings of the flask rows, and numbers of the device, draw by draw."""

    flasks: list[dict[str, xr.DataTree]]
    devices: list[dict[str, float]]


@dataclass(frozen=True)
class Comparison:
    """Results by recipe, their parameters, the draws, and what the stack does with every level as tabulated."""

    trees: Mapping[str, xr.DataTree]
    parameters: Mapping[str, Parameters]
    draws: Draws
    samples: int
    tabulated: str


def compare_with_paper(
    *, samples: int, progress: Progress | None = None, films: Callable[[Trees], Any] | None = None
) -> Comparison:
    """Simulate both recipes from the flask to the T50, and `samples` draws of flask and device parameters.

    The control's device is aged at the luminance of the paper's T50 alone; the paper prints nothing of it.

    Args:
        samples: draws; 0 leaves every interval open.
        progress: called with a text and the share done.
        films: called once with both results up to the film, while the devices are being simulated.
    """
    recipes = {name: load_recipe(name) for name in (IMPROVED, CONTROL)}
    parameters = {name: parameters_of(recipe) for name, recipe in recipes.items()}
    parameters[CONTROL] = parameters[CONTROL].with_structure(luminances=(PAPER_LUMINANCE,))
    share = 1.0 if samples == 0 else 0.4
    progress = progress and _one_at_a_time(progress)

    def simulate(name: str, until: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
        skip = () if name == IMPROVED else ("batch",)
        part = _part_of(progress, name, share=share)
        return evaluate(parameters[name], until=until, given=given, skip=skip, progress=part, side_by_side=True)

    with ThreadPoolExecutor(WORKERS + 1) as pool:
        flasks = dict(zip(recipes, pool.map(lambda name: simulate(name, "film", {}), recipes), strict=True))
        devices = {name: pool.submit(simulate, name, None, flasks[name]) for name in recipes}
        tabulated = pool.submit(_tabulated_levels, parameters[IMPROVED], flasks[IMPROVED])
        if films:
            films({name: labelled(recipes[name], parameters[name], flasks[name]) for name in recipes})
        results = {name: device.result() for name, device in devices.items()}
    trees = {name: labelled(recipes[name], parameters[name], results[name]) for name in recipes}
    draws = _draw(recipes, parameters, results[IMPROVED], samples, progress, share)
    return Comparison(trees, parameters, draws, samples, tabulated.result())


def _one_at_a_time(progress: Progress) -> Progress:
    """The two recipes report from two threads."""
    lock = threading.Lock()

    def report(text: str, done: float) -> None:
        with lock:
            progress(text, done)

    return report


def _part_of(progress: Progress | None, name: str, *, share: float) -> Progress | None:
    """Progress of one recipe; the two run side by side."""
    return progress and (lambda text, done: progress(f"{name}: {text}", share * done))


def _tabulated_levels(parameters: Parameters, flask: Mapping[str, Any]) -> str:
    """The device of the recipe with all its levels back in the middle of their published ranges."""
    led = evaluate(parameters.replace(moved_levels(0.0, 0.0)), until="led", given=flask)["led"]
    current, luminance = (
        float(np.interp(5.0, led.sweep.voltage, x)) for x in (led.sweep.current, led.operation.luminance)
    )
    efficiency = float(np.interp(5.0, led.sweep.voltage, np.nan_to_num(led.operation.eqe)))
    return (
        f"with every level in the middle of its range the stack would pass {current:.2g} A/m2 at 5 V, with an EQE of "
        f"{efficiency:.2g} and {luminance:.2g} cd/m2; the recipe moves the levels inside their ranges until the pairs "
        "meet in the dots, by a rule that knows no efficiency"
    )


def _draw(
    recipes: Mapping[str, Recipe],
    parameters: Mapping[str, Parameters],
    results: Mapping[str, Any],
    samples: int,
    progress: Progress | None,
    start: float,
) -> Draws:
    flasks = [
        lambda values=values: _flask_draw(recipes, parameters, values)
        for values in draw(flask_ranges(), samples=samples, seed=SEED)
    ]
    own = parameters[IMPROVED]
    devices = [
        lambda values=values: _device_draw(own.replace(values), results)
        for values in draw(device_ranges(own), samples=samples, seed=SEED + 1)
    ]
    found = _in_threads([*flasks, *devices], progress, start)
    return Draws(found[: len(flasks)], found[len(flasks) :])


def _in_threads(tasks: list[Callable[[], Any]], progress: Progress | None, start: float) -> list[Any]:
    """Compiled code runs outside the interpreter lock, so threads use both cores; order is kept."""
    found = []
    with ThreadPoolExecutor(WORKERS) as pool:
        for result in pool.map(lambda task: task(), tasks):
            found.append(result)
            if progress:
                progress("draws from the parameter ranges", start + (1 - start) * len(found) / len(tasks))
    return found


def _flask_draw(
    recipes: Mapping[str, Recipe], parameters: Mapping[str, Parameters], values: Mapping[str, float]
) -> dict[str, xr.DataTree]:
    """Both flasks up to the film for one draw."""
    trees = {}
    for name, recipe in recipes.items():
        drawn = parameters[name].replace(values).with_structure(cells=SAMPLE_CELLS, error_checks=False)
        trees[name] = labelled(recipe, drawn, evaluate(drawn, until="film"))
    return trees


def _device_draw(parameters: Parameters, results: Mapping[str, Any]) -> dict[str, float]:
    """Numbers of one drawn device on the film of the default flask; lifetimes to first order, relative."""
    film = {name: results[name] for name in ("synthesis", "nanocrystal", "film")}
    found = evaluate(parameters, until="led", given=film)
    operation = found["led"].operation
    levels = jnp.array([1e3, 1e4])
    loss = np.asarray(loss_rate_at(found["led"], damage_of(parameters), levels))
    return {
        "led.eqe_max": float(operation.eqe_max),
        "led.lambertian_factor": float(operation.lambertian),
        "led.el_peak": float(operation.wavelength[jnp.argmax(operation.el)]),
        "loss_rate": float(loss[1]),
        "lifetime.acceleration_exponent": (
            acceleration_exponent(np.asarray(levels), 1 / loss) if np.all(np.isfinite(loss)) else float("nan")
        ),
    }


def build_table(comparison: Comparison) -> dict[str, Any]:
    """The table as plain data: ``{"rows": [...], "fitted": [...]}``."""
    fitted = [
        {"parameter": entry.parameter, "value": entry.value, "unit": entry.unit, "rows": list(entry.rows)}
        for entry in load_calibrated()
    ]
    return {"rows": [_table_row(row, comparison) for row in paper_rows()], "fitted": fitted}


def _table_row(row: PaperRow, comparison: Comparison) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": row.id,
        "quantity": row.quantity,
        "sample": row.sample,
        "paper": row.value,
        "twin": None,
        "low": None,
        "high": None,
        "unit": row.unit,
        "deviation": None,
        "role": row.role.value,
        "verdict": "",
        "reason": row.reason,
    }
    if row.twin:
        reading = read_row(row, comparison.trees, comparison.parameters)
        low, high, held = _spread(row, reading, comparison)
        number = finite(reading.value)
        entry |= {"twin": number if number is not None else reading.words, "low": finite(low), "high": finite(high)}
        if number is not None and row.numeric:
            entry["deviation"] = number - float(row.value)
        words = reading.words if number is not None else ""
        words = comparison.tabulated if row.twin == "led.eqe_max" and not row.repeats else words
        entry["reason"] = "; ".join(text for text in (row.reason, words, held) if text)
        entry["verdict"] = _verdict(row, reading, low, high)
    else:
        entry["verdict"] = "declined" if row.role is Role.DECLINED else "not modelled"
        if row.rests_on:
            entry["verdict"], entry["reason"] = _informed(row)
    if row.repeats:
        entry["verdict"] = f"counts with {row.repeats}"
    return entry


def _informed(row: PaperRow) -> tuple[str, str]:
    """Verdict and reason of a row without an answer, from what the data know of the parameters that it rests on."""
    ratios = {key: width_ratios()[key] for key in row.rests_on}
    known = any(ratio < NOT_INFORMED for ratio in ratios.values())
    widths = ", ".join(f"{key} {ratio:.2f}" for key, ratio in ratios.items())
    return (
        "declined" if known else "not informed by the data",
        f"{row.reason}; posterior over prior width of what it rests on: {widths}",
    )


def _spread(row: PaperRow, reading: Reading, comparison: Comparison) -> tuple[float, float, str]:
    """Interval over the draws that reach the row, and for a statement in how many of them it holds."""
    nothing = (float("nan"), float("nan"), "")
    if not comparison.samples or row.role is Role.INPUT:
        return nothing
    if reading.stage in ("synthesis", "nanocrystal", "film"):
        readings = [read_row(row, trees, comparison.parameters) for trees in comparison.draws.flasks]
        if reading.holds is not None:
            kept = sum(bool(other.holds) for other in readings)
            return *nothing[:2], f"holds in {kept} of {len(readings)} draws"
        return *interval([other.value for other in readings]), ""
    return *_device_interval(row, reading, comparison), ""


def _device_interval(row: PaperRow, reading: Reading, comparison: Comparison) -> tuple[float, float]:
    draws = comparison.draws.devices
    if row.twin == "batch.eqe_mean":
        default = float(read_value(comparison.trees[IMPROVED], "led.eqe_max"))
        return interval([reading.value * entry["led.eqe_max"] / default for entry in draws])
    if row.twin == "lifetime.t50":
        rates = [entry["loss_rate"] for entry in draws]
        middle = np.nanmedian(rates) if np.isfinite(rates).any() else np.nan
        return interval([reading.value * middle / rate for rate in rates])
    if draws and row.twin in draws[0]:
        return interval([in_paper_unit(row, entry[row.twin]) for entry in draws])
    return float("nan"), float("nan")


def _verdict(row: PaperRow, reading: Reading, low: float, high: float) -> str:
    """One word or two on how twin and paper stand to each other."""
    if row.role is Role.INPUT:
        return "input"
    if reading.holds is not None:
        return "reproduced" if reading.holds else "not reproduced"
    if not np.isfinite(reading.value) or not row.numeric:
        return "not reproduced" if row.numeric else "stated"
    if row.role is Role.CALIBRATED:
        return "fitted" if abs(reading.value - float(row.value)) <= 0.02 * abs(float(row.value)) else "fit not met"
    if row.role is Role.BOUND:
        return _bound_verdict(row, reading.value)
    if not np.isfinite(low):
        return "no interval"
    return "inside the interval" if low <= float(row.value) <= high else "outside the interval"


def _bound_verdict(row: PaperRow, value: float) -> str:
    """The EL line bounds the twin's width from above; its peak is met within the line's half width."""
    paper = float(row.value)
    if row.unit == "nm" and paper < 100:
        return "within the bound" if value <= 1.02 * paper else "above the bound"
    return "within the bound" if abs(value - paper) <= 8.0 else "off the bound"
