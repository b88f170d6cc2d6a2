"""Rows of a certified problem: fitted parameters with standard errors, and how many digits agree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from peqled.lab.certified.formula import Formula
from peqled.lab.least_squares import Fit, least_squares
from peqled.lab.measurement import Context, Measurement, Quantity

KINDS = ("certified_fit",)
_HOW = "least squares of lab.least_squares, standard error from the Jacobian"


def reduce(measurements: Sequence[Measurement], context: Context) -> list[Quantity]:
    """Rows of each problem, from the second start (``start = 1`` takes the first)."""
    return [row for m in measurements for row in _rows(m, context)]


def solve(m: Measurement, start: int) -> Fit:
    """The fit from the first or second start of the file."""
    formula = Formula(str(m.metadata["formula"]).partition("=")[2])
    parameters = m.metadata["parameters"]
    names = [name for name, *_ in parameters]
    columns = dict(zip(m.metadata["predictors"], m.data["lab.fit_predictor"].to_numpy(), strict=True))
    y = m.data["lab.fit_response"].to_numpy()
    y = np.log(y) if m.metadata["response"] == "log(y)" else y
    first = np.array([row[start] for row in parameters], dtype=float)

    def model(x: Any, p: Any) -> Any:
        return formula({**columns, **dict(zip(names, p, strict=True))}) + 0.0 * x

    return least_squares(model, np.zeros(y.size), y, first, analytic=True)


def _rows(m: Measurement, context: Context) -> list[Quantity]:
    file = context.file(m)
    start = int(context.number(m, "start", "1", 2.0))
    if start not in (1, 2):
        raise ValueError(f"start is {start}; expected 1 or 2")
    fit = solve(m, start)
    rows, values, errors = [], [], []
    for (name, *_, certified, deviation), value, error in zip(
        m.metadata["parameters"], fit.values, fit.errors, strict=True
    ):
        note = f"certified {certified:.10g}, standard deviation {deviation:.10g}"
        how = f"{_HOW}; start {start}"
        rows.append(Quantity(file, name, float(value), float(error), "1", how, fit.flags, m.name, note))
        values.append(_digits(value, certified))
        errors.append(_digits(error, deviation))
    deviation = math.sqrt(fit.chi2 / fit.dof) if fit.dof > 0 else math.nan
    rows += [
        Quantity(file, "residual_sum_of_squares", fit.chi2, convention="at the fit", sample=m.name),
        Quantity(file, "residual_sd", deviation, convention="sqrt(sum of squares/degrees of freedom)", sample=m.name),
        Quantity(
            file, "digits_of_values", min(values), convention="-log10 of the largest relative error", sample=m.name
        ),
        Quantity(
            file, "digits_of_errors", min(errors), convention="-log10 of the largest relative error", sample=m.name
        ),
    ]
    return rows


def _digits(value: float, certified: float) -> float:
    """Digits in agreement; the certified numbers have eleven."""
    if certified == 0.0:
        return min(11.0, -math.log10(max(abs(value), 1e-11)))
    return min(11.0, -math.log10(max(abs(value / certified - 1.0), 1e-11))) if math.isfinite(value) else 0.0
