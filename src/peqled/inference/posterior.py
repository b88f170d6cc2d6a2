"""How much the numbers of the paper narrow each parameter of the flask: a linear-Gaussian posterior at the default set.

With the prior N(0, P) over parameters, in units of their own prior deviation, readings y = J x + noise and the noise C,

    posterior covariance = (P^-1 + J^T C^-1 J)^-1,

and the ratio of posterior to prior deviation of each parameter says what the data know of it: 1 is nothing. All fitted
parameters are free in this count, which is the point: they meet the rows, and leave the rest as wide as before.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from peqled.inference.sampling import Range, flask_ranges
from peqled.materials import load_book
from peqled.materials.calibrated import load_calibrated
from peqled.parameters import Parameters
from peqled.synthesis.absorption import cluster_band_ratio
from peqled.twin import STAGES, evaluate

INFORMED_FILE = Path(__file__).parent / "informed.toml"
"""Where calibration/informed.py writes the slopes of the readings."""
AGEING = ("ageing.", "degradation.")
"""Fitted parameters of these processes act on neither flask nor dots; all others are free in the posterior."""
CELLS = 100
STEP = 0.1
"""Of a prior deviation, for central differences."""
NOT_INFORMED = 0.8
"""Ratio of the posterior to the prior deviation above which a parameter counts as not informed."""


@dataclasses.dataclass(frozen=True)
class Reading:
    """One printed number that the flask or its dots predict, and the deviation it was read with (own unit)."""

    row: str
    flask: str
    observable: str
    deviation: float


READINGS = (
    Reading("P031", "control", "log band ratio", 0.2),
    Reading("P048", "improved", "nanocrystal.pl_peak", 1e-9),
    Reading("P049", "improved", "nanocrystal.pl_fwhm", 0.5e-9),
    Reading("P050", "improved", "log film.lifetime_1e", 0.02),
    Reading("P051", "control", "log film.lifetime_1e", 0.02),
)
"""The band is read to about a fifth (`calibration.BAND_RATIO`), peak and width are printed to 1 nm, and a lifetime is
that of one fit of one decay, whose windows and averages differ by a few per cent. The absent band of the improved flask
(P032) bounds one side only and has no slope at the default."""


def prior_ranges() -> list[Range]:
    """The sampled parameters of the flask and the fitted ones, over the ranges of the book."""
    book = load_book()
    entries = [book[each.parameter] for each in load_calibrated() if not each.parameter.startswith(AGEING)]
    return [*flask_ranges(), *(Range(e.key, e.low, e.high, e.scale) for e in entries if not e.fixed)]


def reading_slopes(
    improved: Parameters, control: Parameters, *, log: Callable[[str], Any] = print
) -> dict[str, Float[np.ndarray, " reading"]]:
    """Slopes of all readings with respect to every parameter of `prior_ranges`, in deviations of either."""
    ranges = prior_ranges()
    quick = {"cells": CELLS, "error_checks": False}
    flasks: dict[str, Parameters] = {
        "improved": improved.with_structure(**quick),
        "control": control.with_structure(**quick),
    }
    jacobian = np.empty((len(READINGS), len(ranges)))
    for j, each in enumerate(ranges):
        ends = [_readings(flasks, {each.key: moved(flasks["improved"], each, side * STEP)}) for side in (1.0, -1.0)]
        jacobian[:, j] = (ends[0] - ends[1]) / (2 * STEP) / [reading.deviation for reading in READINGS]
        log(f"{each.key}: {np.array2string(jacobian[:, j], precision=2)}")
    return dict(zip((r.key for r in ranges), jacobian.T, strict=True))


def posterior_covariance(slopes: Float[np.ndarray, "reading parameter"]) -> Float[np.ndarray, "parameter parameter"]:
    """(I + J^T J)^-1, in prior deviations, for slopes J in deviations of reading and prior."""
    return np.linalg.inv(np.eye(slopes.shape[1]) + slopes.T @ slopes)


def posterior_over_prior(slopes: Float[np.ndarray, "reading parameter"]) -> Float[np.ndarray, " parameter"]:
    """Ratio of deviations of every parameter, for slopes in deviations of reading and prior."""
    return np.sqrt(np.diag(posterior_covariance(slopes)))


@lru_cache(maxsize=1)
def informed_slopes() -> dict[str, Float[np.ndarray, " reading"]]:
    """Slopes that calibration/informed.py found at the default set."""
    table = tomllib.loads(INFORMED_FILE.read_text(encoding="utf-8"))
    return {key: np.array(row) for key, row in table.items()}


@lru_cache(maxsize=1)
def width_ratios() -> dict[str, float]:
    """Posterior over prior deviation of every parameter of `prior_ranges` at the default set."""
    slopes = informed_slopes()
    return dict(zip(slopes, posterior_over_prior(np.stack(list(slopes.values()), axis=1)).tolist(), strict=True))


def moved(parameters: Parameters, each: Range, deviations: float) -> float:
    """The parameter moved by so many prior deviations; a range counts as a uniform prior, 1/sqrt(12) of it wide."""
    value = float(parameters[each.key])
    if each.scale == "log":
        return value * float((each.high / each.low) ** (deviations / np.sqrt(12)))
    return value + deviations * (each.high - each.low) / np.sqrt(12)


def _readings(flasks: Mapping[str, Parameters], changed: Mapping[str, float]) -> Float[np.ndarray, " reading"]:
    results = {}
    for name, parameters in flasks.items():
        moved = parameters.replace(changed)
        results[name] = moved, evaluate(moved, until="film")
    return np.array([_value(reading, *results[reading.flask]) for reading in READINGS])


def _value(reading: Reading, parameters: Parameters, results: Mapping[str, Any]) -> float:
    if reading.observable == "log band ratio":
        synthesis = results["synthesis"]
        return float(np.log(cluster_band_ratio(synthesis.flask.precursor, synthesis.bands)))
    name = reading.observable.removeprefix("log ")
    stage = name.partition(".")[0]
    value = float(STAGES[stage].observables(parameters, results)[name])
    return float(np.log(value)) if reading.observable.startswith("log ") else value
