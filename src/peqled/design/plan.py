"""Planning of accelerated tests: which luminances and temperatures give the narrowest T50 at use, for so many hours.

What is not known of a device is drawn: the mixture of mechanisms (`lifetime.mixtures`), the activation energy over its
range in the book, and the size of all coefficients. Each draw has a time to every loss at every luminance and
temperature (frozen device, self-heating included); the covariance of their logarithms over the draws is the prior of
`allocation`. A test that is stopped early costs fewer hours and reads its time less well, since the luminance moves
little: u(ln t) = u(ln L)/|d ln L/d ln t|.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from peqled.design.allocation import Allocation, Problem, allocate, variance_of
from peqled.design.inputs import check_positive
from peqled.led.stage import LedResult
from peqled.lifetime.damage import BOLTZMANN_EV, Damage
from peqled.lifetime.frozen import fresh_at, life_at
from peqled.lifetime.mixtures import lives_of_mixtures
from peqled.lifetime.stage import current_at, damage_of
from peqled.materials import load_book
from peqled.parameters import Parameters, parameters_of
from peqled.recipe import Recipe, RecipeError
from peqled.twin import evaluate

ANCHOR = 1e4
STOPS = (0.9, 0.8, 0.5)
"""Shares of the initial luminance at which a test may be stopped."""
SAMPLES = 1024
SIZE_FACTOR = 3.0
"""The lifetime at the anchor is taken as known to this factor beforehand (90 %)."""
SEED = 13
Progress = Callable[[str, float], Any]


class Use(NamedTuple):
    """Where T50 is wanted: luminance (cd/m^2) and temperature (K)."""

    luminance: float
    temperature: float


class Precision(NamedTuple):
    """Standard deviations of ln T between equal devices, and of ln L of one reading."""

    devices: float = 0.25
    reading: float = 0.01


USUAL = Precision()


class Cell(NamedTuple):
    """A test: luminance (cd/m^2), temperature (K), share at which it stops, expected time (s)."""

    luminance: float
    temperature: float
    stop: float
    time: float


@dataclass(frozen=True)
class Plan:
    """Tests with their numbers of devices; deviation of ln T50 at use before, after, and after the same device-hours
    spread evenly over three luminances at the use temperature; T50 (s) at use as the recipe has it."""

    use: Use
    cells: tuple[Cell, ...]
    allocation: Allocation
    before: float
    after: float
    even: float
    t50: float
    hours: float


def plan_tests(
    recipe: Recipe,
    *,
    hours: float,
    use: Use,
    luminance: tuple[float, ...] = (),
    temperature: tuple[float, ...] = (),
    devices: int = 24,
    longest: float | None = None,
    precision: Precision = USUAL,
    progress: Progress | None = None,
) -> Plan:
    """The plan for a recipe's device.

    Args:
        recipe: what `peqled.load_recipe` returns.
        hours: device-hours in all.
        use: where T50 is wanted.
        luminance: cd/m^2 that may be tested; half a decade apart up to 30000 by default.
        temperature: K that may be tested; use, +20 and +40 K by default.
        devices: most devices.
        longest: hours that one test may last; the whole budget by default.
        precision: scatter between devices and of readings.
        progress: called with a text and the share done.

    Raises:
        RecipeError: a value that is not above zero, or no test that fits into the hours.
    """
    check_positive(hours=hours, devices=devices, luminance=luminance, temperature=temperature, longest=longest)
    check_positive(use_luminance=use.luminance, use_temperature=use.temperature)
    report = progress or (lambda text, done: None)
    parameters = parameters_of(recipe).with_structure(error_checks=False)
    results = evaluate(parameters, until="led", skip=("batch",), progress=lambda text, done: report(text, 0.5 * done))
    report("lifetimes of the draws", 0.5)
    levels = np.array(luminance or np.geomspace(use.luminance, 3e4, 6))
    warm = np.array(temperature or use.temperature + np.array([0.0, 20.0, 40.0]))
    lives = _Lives(parameters, results, levels, use)
    cells, columns = _cells(lives, levels, warm)
    budget = hours * 3600.0
    fits = np.array([cell.time <= min((longest or hours) * 3600.0, budget) for cell in cells])
    if not fits.any():
        shortest = min(cell.time for cell in cells) / 3600
        raise RecipeError(f"{hours:g} hours hold none of the tests: the shortest lasts {shortest:.3g} h")
    cells = [cell for cell, keep in zip(cells, fits, strict=True) if keep]
    samples = np.column_stack([*(column for column, keep in zip(columns, fits, strict=True) if keep), lives.at_use])
    problem = Problem(
        np.cov(samples, rowvar=False),
        np.array([_noise(lives, cell, precision) for cell in cells]),
        np.array([cell.time for cell in cells]),
        budget,
        devices,
    )
    found = allocate(problem)
    report("planned", 1.0)
    even = _even(problem, cells, use)
    return Plan(
        use=use,
        cells=tuple(cells),
        allocation=found,
        before=float(np.sqrt(problem.covariance[-1, -1])),
        after=float(np.sqrt(found.variance)),
        even=even,
        t50=lives.t50,
        hours=float(found.counts @ problem.cost) / 3600,
    )


class _Lives:
    """Logarithms of times (s) of all draws, and those of the recipe's own damage."""

    def __init__(
        self, parameters: Parameters, results: Mapping[str, Any], levels: Float[np.ndarray, " level"], use: Use
    ) -> None:
        led: LedResult = results["led"]
        every = np.concatenate([levels, [use.luminance, ANCHOR]])
        current = current_at(led, every)
        if not np.isfinite(current).all():
            dark = every[~np.isfinite(current)][0]
            top = float(led.operation.luminance.max())
            raise RecipeError(f"the device does not reach {dark:g} cd/m2: its sweep ends at {top:.3g}")
        self._levels, damage = every, damage_of(parameters)
        fresh = fresh_at(led, every)
        self._own = {stop: np.asarray(life_at(fresh, damage, share=stop)) for stop in STOPS}
        self._drawn = {
            stop: lives_of_mixtures(led, damage, every, ANCHOR, share=stop, samples=SAMPLES) for stop in STOPS
        }
        self._rise = _heating(parameters, led, current)
        self._energy, self._base = _energies(damage), float(damage.reference_temperature)
        random = np.random.default_rng(SEED)
        deviation = np.log(SIZE_FACTOR) / 1.645
        anchor = np.log(self._own[0.5][-1]) - np.log(self._drawn[0.5][:, -1])
        self._size = anchor + deviation * random.standard_normal(SAMPLES)
        self._ambient = float(led.device.temperature)
        good = np.isfinite(self._size) & np.all([np.isfinite(t).all(axis=1) for t in self._drawn.values()], axis=0)
        self._good = np.nonzero(good)[0]
        self.at_use = self.drawn(use.luminance, use.temperature, 0.5)
        self.t50 = float(self.own(use.luminance, use.temperature, 0.5))

    def _place(self, luminance: float) -> int:
        return int(np.argmin(np.abs(np.log(self._levels / luminance))))

    def _colder(self, luminance: float, temperature: float) -> float:
        """(1/T - 1/T_device)/k of the junction against the temperature at which the frozen times hold, 1/eV."""
        return (1.0 / (temperature + self._rise[self._place(luminance)]) - 1.0 / self._ambient) / BOLTZMANN_EV

    def drawn(self, luminance: float, temperature: float, stop: float) -> Float[np.ndarray, " sample"]:
        """ln of the time of every draw."""
        time = np.log(self._drawn[stop][self._good, self._place(luminance)]) + self._size[self._good]
        return time + self._energy[self._good] * self._colder(luminance, temperature)

    def own(self, luminance: float, temperature: float, stop: float) -> float:
        """Time (s) of the recipe's own damage."""
        factor = np.exp(self._energy.mean() * self._colder(luminance, temperature))
        return float(self._own[stop][self._place(luminance)] * factor)


def _energies(damage: Damage) -> Float[np.ndarray, " sample"]:
    """Activation energies (eV) about the damage's, as wide as the range of the book."""
    entry = load_book()["degradation.activation_energy"]
    deviation = 0.5 * (entry.high - entry.low) / 1.645
    drawn = np.random.default_rng(SEED + 1).standard_normal(SAMPLES)
    return float(damage.activation_energy) + deviation * (drawn - drawn.mean())


def _heating(parameters: Parameters, led: LedResult, current: Float[np.ndarray, " level"]) -> np.ndarray:
    """Self-heating (K) at every level, without the part of the light."""
    volt = np.interp(current, np.asarray(led.sweep.current), np.asarray(led.sweep.voltage))
    return float(parameters["thermal.resistance"] * parameters["device.area"]) * current * volt


def _cells(
    lives: _Lives, levels: Float[np.ndarray, " level"], warm: Float[np.ndarray, " temperature"]
) -> tuple[list[Cell], list[np.ndarray]]:
    cells, columns = [], []
    for level in levels:
        for kelvin in warm:
            for stop in STOPS:
                cells.append(Cell(float(level), float(kelvin), stop, lives.own(level, kelvin, stop)))
                columns.append(lives.drawn(level, kelvin, stop))
    return cells, columns


def _noise(lives: _Lives, cell: Cell, precision: Precision) -> float:
    """Variance of ln t of one device in one test."""
    other = STOPS[1] if cell.stop != STOPS[1] else STOPS[0]
    ratio = cell.time / lives.own(cell.luminance, cell.temperature, other)
    slope = abs(np.log(cell.stop / other) / np.log(ratio))
    return precision.devices**2 + (precision.reading / slope) ** 2


def _even(problem: Problem, cells: list[Cell], use: Use) -> float:
    """Deviation after the usual plan: three luminances at the use temperature to T50, equally many devices at each, as
    many as the hours and devices allow; NaN where three do not fit."""
    same = [i for i, c in enumerate(cells) if c.stop == 0.5 and abs(c.temperature - use.temperature) < 0.5]
    same.sort(key=lambda i: -cells[i].luminance)
    chosen = same[:3]
    if len(chosen) < 3:
        return float("nan")
    each = min(problem.most // 3, int(problem.budget / problem.cost[chosen].sum()))
    if each == 0:
        return float("nan")
    counts = np.zeros(len(cells), dtype=int)
    counts[chosen] = each
    return float(np.sqrt(variance_of(problem, counts)))
