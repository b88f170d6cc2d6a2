"""What each output of the flask leans on, and whether anything informs that.

With the change s_j of an output per prior deviation of parameter j, by central differences at the recipe's own state,
the prior leaves it uncertain by |s|, and the numbers of the paper by (s^T C s)^1/2 with the posterior covariance C of
`posterior`. An output whose two widths hardly differ rests on parameters that nothing informs: it is declined, not
quoted. What the recipe itself states, such as an amount, is known and moves nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from jaxtyping import Float

from peqled.inference.posterior import (
    NOT_INFORMED,
    READINGS,
    STEP,
    informed_slopes,
    moved,
    posterior_covariance,
    prior_ranges,
)
from peqled.inference.sampling import Range
from peqled.parameters import Parameters, parameters_of
from peqled.recipe import Recipe
from peqled.twin import STAGES, evaluate

Progress = Callable[[str, float], Any]
OUTPUTS = (
    "synthesis.cluster_band_ratio",
    "synthesis.particle_number",
    "synthesis.mean_edge",
    "synthesis.size_cv",
    "synthesis.yield_cs",
    "nanocrystal.pl_peak",
    "nanocrystal.pl_fwhm",
    "nanocrystal.plqy",
    "nanocrystal.lifetime_1e",
    "nanocrystal.traps_per_dot",
    "nanocrystal.xrd_breadth",
    "nanocrystal.hydrodynamic_diameter",
    "nanocrystal.polydispersity",
)
"""At the end of the flask; all are positive, so a change is one of the logarithm."""
OF_THE_DOTS = ("spectroscopy.", "surface.", "film.")
"""Parameters that leave the flask itself alone."""
ALONE = 0.95
"""A reading informs an output if it alone narrows it to this share of the prior width."""


@dataclasses.dataclass(frozen=True)
class Lean:
    """One parameter behind an output: d ln(output)/d ln(parameter) (NaN for a parameter at zero), change of
    ln(output) per prior deviation, and posterior over prior deviation of the parameter itself."""

    parameter: str
    slope: float
    change: float
    ratio: float


@dataclasses.dataclass(frozen=True)
class Sensitivity:
    """One output: its value, deviations of its logarithm before and after the paper's numbers, the rows that narrow
    it, and the parameters behind it, the strongest first. `posterior` is NaN where no posterior applies."""

    output: str
    value: float
    prior: float
    posterior: float
    rows: tuple[str, ...]
    leans: tuple[Lean, ...]

    @property
    def informed(self) -> bool:
        """Whether the data narrow the output at all."""
        return self.prior > 0 and self.posterior <= NOT_INFORMED * self.prior


def flask_sensitivities(recipe: Recipe, *, until: str, progress: Progress | None = None) -> list[Sensitivity]:
    """Sensitivity of the outputs of `until` ("synthesis" or "nanocrystal") and of what comes before it.

    Half the recipe's cells: number, size and peak are converged with them.
    """
    parameters = parameters_of(recipe)
    cells = parameters.structure.cells // 2
    parameters = parameters.with_structure(cells=cells, error_checks=False, trpl=None)
    known = _stated(recipe)
    ranges = [r for r in prior_ranges() if r.key not in known]
    results = evaluate(parameters, until=until)
    base = _outputs(parameters, results)
    changes = np.zeros((len(base), len(ranges)))
    for j, each in enumerate(ranges):
        if progress:
            progress(f"sensitivity to {each.key}", j / len(ranges))
        changes[:, j] = _slope(parameters, results, each, until=until, names=list(base))
    fitted = recipe.flask.constants == "paper"
    return [
        _sensitivity(name, value, changes[i], ranges, parameters, fitted=fitted)
        for i, (name, value) in enumerate(base.items())
        if np.all(np.isfinite(changes[i]))
    ]


def _stated(recipe: Recipe) -> set[str]:
    """Keys of `prior_ranges` that the recipe gives itself."""
    flask = recipe.flask
    given = {
        "flask.temperature": flask.temperature,
        "flask.lead_bromide": flask.lead_bromide,
        "flask.cesium": flask.cesium,
        "flask.mixing_time": flask.mixing_time,
    }
    return {key for key, value in given.items() if value is not None} | set(recipe.parameters)


def _outputs(parameters: Parameters, results: Mapping[str, Any]) -> dict[str, float]:
    """Value of each output that the results hold and that is a positive number, at the end of the flask."""
    numbers: dict[str, Any] = {}
    for stage in results:
        numbers |= STAGES[stage].observables(parameters, results)
    last = {name: float(np.ravel(np.asarray(numbers[name]))[-1]) for name in OUTPUTS if name in numbers}
    return {name: value for name, value in last.items() if np.isfinite(value) and value > 0}


def _slope(
    parameters: Parameters, results: Mapping[str, Any], each: Range, *, until: str, names: list[str]
) -> Float[np.ndarray, " output"]:
    """Change of the logarithm of every output per prior deviation of a parameter."""
    given = {"synthesis": results["synthesis"]} if each.key.startswith(OF_THE_DOTS) else None
    ends = []
    for side in (1.0, -1.0):
        changed = parameters.replace({each.key: moved(parameters, each, side * STEP)})
        found = _outputs(changed, evaluate(changed, until=until, given=given))
        ends.append(np.log([found.get(name, np.nan) for name in names]))
    return (ends[0] - ends[1]) / (2 * STEP)


def _sensitivity(
    name: str,
    value: float,
    change: Float[np.ndarray, " parameter"],
    ranges: list[Range],
    parameters: Parameters,
    *,
    fitted: bool,
) -> Sensitivity:
    slopes = np.stack([informed_slopes()[each.key] for each in ranges], axis=1)
    covariance = posterior_covariance(slopes) if fitted else np.full((len(ranges),) * 2, np.nan)
    prior = float(np.linalg.norm(change))
    rows = {reading.row: _width(change, slopes[i : i + 1]) for i, reading in enumerate(READINGS)} if fitted else {}
    informing = sorted((width, row) for row, width in rows.items() if width < ALONE * prior)
    leans = [
        Lean(each.key, _elasticity(each, parameters, change[j]), float(change[j]), float(np.sqrt(covariance[j, j])))
        for j, each in enumerate(ranges)
    ]
    return Sensitivity(
        output=name,
        value=value,
        prior=prior,
        posterior=float(np.sqrt(max(change @ covariance @ change, 0.0))) if fitted else float("nan"),
        rows=tuple(row for _, row in informing),
        leans=tuple(sorted(leans, key=lambda lean: -abs(lean.change))),
    )


def _width(change: Float[np.ndarray, " parameter"], slopes: Float[np.ndarray, "reading parameter"]) -> float:
    return float(np.sqrt(max(change @ posterior_covariance(slopes) @ change, 0.0)))


def _elasticity(each: Range, parameters: Parameters, change: float) -> float:
    """d ln(output)/d ln(parameter) from the change per prior deviation."""
    value = float(parameters[each.key])
    if each.scale == "log":
        return change / (np.log(each.high / each.low) / np.sqrt(12))
    return change * value / ((each.high - each.low) / np.sqrt(12)) if value else float("nan")
