"""Fit the flask's constants to published recipes and predict the rows that were kept out.

    python calibration/series.py TABLE.csv [--check]

TABLE has the columns of `peqled.inference.series`. Of every series the rows of `point` 1, 4, 7 ... are fitted, all with
the same constants; the others are predicted. Least squares in the logarithm of the size, with the priors below and a
loss that grows only linearly for outliers, since the sizes come from different groups. The table prints neither widths
nor yields, and sizes alone are also met by flasks that hardly react; so a CV above 0.15 and a caesium yield below one
half count against a fit, as what hot injection is known for. The table is not part of this repository. Without --check
the result is written to src/peqled/materials/published.toml; with it only the deviations are printed. Takes about half
an hour.
"""

from __future__ import annotations

import sys
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

import peqled
from peqled.inference.series import CUBE_IN_SPHERE, LARGEST, Preparation, as_recipe, read_series, run_series
from peqled.materials import load_book
from peqled.materials.calibrated import PUBLISHED, load_published
from peqled.parameters import Parameters, parameters_of
from peqled.result import write_text
from peqled.synthesis.flask import simulate_flask
from peqled.synthesis.stage import build_flask

CELLS, SPREAD, ROUNDS = 60, 0.2, 25
WIDEST, LEAST_YIELD = 0.15, 0.5


class Free(NamedTuple):
    """A parameter, centre and standard deviation (of the logarithm if `log`) of its prior, and where the fit starts."""

    key: str
    centre: float
    deviation: float
    start: float
    log: bool = False


FREE = (
    Free("nucleation.log_prefactor", 55.9, 4.0, 60.36),
    Free("nucleation.interfacial_energy", 0.045, 0.25, 0.051, log=True),
    Free("nucleation.bromide_binding", 0.1, 2.0, 0.15, log=True),
    Free("growth.attachment", 7.5e-5, 1.0, 0.0001946, log=True),
    Free("growth.attachment_exponent", 1.0, 0.7, 1.032),
    Free("growth.solubility", 3.3e-3, 1.3, 0.004086, log=True),
    Free("growth.monomer_rate", 1.96, 1.2, 1.298, log=True),
    Free("growth.cluster_rate", 1.49, 1.2, 0.606, log=True),
    Free("growth.etching_rate", 1e-3, 2.0, 0.0009421, log=True),
    Free("growth.reaction_activation_energy", 50e3, 20e3, 56850.0),
    Free("growth.attachment_activation_energy", 50e3, 20e3, 70690.0),
    Free("growth.solution_enthalpy", 50e3, 15e3, 58950.0),
    Free("growth.polar_rate", 1e3, 1.5, 1.2e3, log=True),
    Free("growth.polar_attachment", 2e-3, 1.5, 2e-3, log=True),
    Free("clusters.threshold", 12.9, 0.3, 19.94, log=True),
    Free("clusters.cluster_enthalpy", 20e3, 15e3, 14010.0),
    Free("speciation.log10_k1", -1.6, 0.6, -1.537),
    Free("speciation.log10_k8", -0.5, 1.0, -0.4),
    Free("speciation.plumbate_enthalpy", -15e3, 20e3, -25730.0),
    Free("speciation.bromide_enthalpy", -20e3, 20e3, 4384.0),
)
FIXED = {"aggregation.kernel": 0.0, "growth.etching_activation_energy": 87e3}
"""Set without a fit: no aggregation within seconds, and an etching that freezes as the flask cools."""


def values(x: np.ndarray) -> dict[str, float]:
    """Parameters from deviations in units of the priors."""
    free = {
        f.key: float(f.centre * np.exp(f.deviation * z) if f.log else f.centre + f.deviation * z)
        for f, z in zip(FREE, x, strict=True)
    }
    return free | FIXED


def start() -> np.ndarray:
    """Where the fit starts, in units of the priors."""
    return np.array([(np.log(f.start / f.centre) if f.log else f.start - f.centre) / f.deviation for f in FREE])


def residuals(x: np.ndarray, rows: list[tuple[Preparation, Parameters]]) -> np.ndarray:
    """Softened ln(twin/measured) of every row over `SPREAD`, then the priors. A flask without dots counts as 1 nm."""
    change, found = values(x), []
    for row, parameters in rows:
        flask = build_flask(parameters.replace(change))
        times = row.time + jnp.array([0.0, float(parameters["flask.workup_time"])])
        result = simulate_flask(flask, times, cells=CELLS, rtol=1e-4, largest=LARGEST)
        edge = float(result.mean_edge[-1]) * (CUBE_IN_SPHERE if row.shape == "sphere" else 1.0)
        wide = max(float(result.cv[-1]) - WIDEST, 0.0) / 0.08
        poor = max(np.log(LEAST_YIELD / max(float(result.caesium_yield[-1]), 1e-3)), 0.0) / 0.7
        found += [np.log(max(edge, 1e-9) / row.edge) / SPREAD, wide, poor]
    r = np.array(found)
    return np.concatenate([np.sign(r) * np.sqrt(2 * (np.sqrt(1 + r**2) - 1)), x])


def fit(rows: list[Preparation]) -> None:
    """Levenberg-Marquardt with differences of a twentieth of each prior; every round that gains is written."""
    ready = [(row, parameters_of(as_recipe(row)[0])) for row in rows]
    x, damping = start(), 0.3
    r = residuals(x, ready)
    for k in range(ROUNDS):
        slopes = np.stack([(residuals(x + 0.05 * e, ready) - r) / 0.05 for e in np.eye(x.size)], axis=1)
        before = r @ r
        for _ in range(5):
            step = np.linalg.solve(slopes.T @ slopes + damping * np.eye(x.size), -slopes.T @ r)
            trial = x + np.clip(step, -1, 1)
            new = residuals(trial, ready)
            if new @ new < r @ r:
                x, r, damping = trial, new, damping / 3
                break
            damping *= 4
        write_text(PUBLISHED, as_toml(values(x), [row.label for row in rows]))
        print(f"round {k}: {before:.2f} -> {r @ r:.2f}", flush=True)
        if before - r @ r < 0.05:
            break


def as_toml(found: dict[str, float], rows: list[str]) -> str:
    """The file's text."""
    header = (
        "# Written by calibration/series.py; do not edit by hand.\n"
        '# Constants of flasks whose amounts are printed, used where a recipe says constants = "published-recipes":\n'
        "# fitted to the size of the dots in published CsPbBr3 recipes, one set for all of them.\n"
    )
    book = load_book()
    entries = []
    for key, value in found.items():
        unit = book[key].unit
        quantity = repr(value) if unit == "1" else f"{value!r} {unit}"
        used = [] if key in FIXED else rows
        listed = ", ".join(f'"{row}"' for row in used)
        entries.append(f'[[fitted]]\nparameter = "{key}"\nvalue = "{quantity}"\nunit = "{unit}"\nrows = [{listed}]\n')
    return header + "\n" + "\n".join(entries)


def report(rows: list[Preparation], fitted: set[str]) -> None:
    """Every row, then the root mean square of ln(twin/measured) by series."""
    results = run_series(rows, cells=100)
    for result in results:
        row = result.preparation
        kind = "fitted" if row.label in fitted else "predicted"
        print(f"{row.label:24} {1e9 * row.edge:7.2f} {1e9 * result.edge:7.2f} nm  {result.deviation:+.2f}  {kind}")
    for series in dict.fromkeys(row.series for row in rows):
        for kind in ("fitted", "predicted"):
            some = [
                r.deviation
                for r in results
                if r.preparation.series == series and (r.preparation.label in fitted) == (kind == "fitted")
            ]
            rms = np.sqrt(np.mean(np.square(some))) if some else np.nan
            print(
                f"{series:18} {kind:10} {len(some):3d} rows, rms ln(twin/measured) {rms:.2f}, mean {np.mean(some):+.2f}"
            )


if __name__ == "__main__":
    peqled.use_compilation_cache()
    table = read_series(sys.argv[1])
    chosen = [row for row in table if int(row.label.rsplit(" ", 1)[-1]) % 3 == 1]
    if "--check" not in sys.argv:
        fit(chosen)
        load_published.cache_clear()
    report(table, {row.label for row in chosen})
