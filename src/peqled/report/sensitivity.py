"""The table that says what each output of the flask leans on, and whether anything informs it."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import xarray as xr

from peqled.inference.posterior import NOT_INFORMED
from peqled.inference.sensitivity import Sensitivity
from peqled.report.display import number, shown_value
from peqled.report.html import Cell, Number, Table
from peqled.result import read_value
from peqled.vocabulary import observable

ATTRIBUTE = "sensitivity"
NOT_BY_DATA = "not informed by the data"
KNOWN = 0.01
"""Deviation of the logarithm below which an output needs no data."""
SHOWN = 4
"""Parameters named per output; the file holds all."""
HEADER = ("output", "value", "before", "after the paper's numbers", "verdict", "leans on")
CAPTION = (
    "What the numbers rest on, at the end of the flask: deviation of an output within the ranges of the book, before"
    " and after the paper's numbers; the parameters that move it most, with d ln(output)/d ln(parameter) and the change"
    f" per prior deviation. What keeps more than {NOT_INFORMED:.0%} of its width is {NOT_BY_DATA}; such an output is"
    " declined. What the recipe states counts as known."
)


def keep(tree: xr.DataTree, found: Sequence[Sensitivity]) -> None:
    """Store sensitivities with the result."""
    tree.attrs[ATTRIBUTE] = json.dumps([_finite(asdict(each)) for each in found])


def _finite(value: Any) -> Any:
    """Strict JSON: a number that is none becomes null."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def kept(tree: xr.DataTree) -> list[dict[str, Any]]:
    """Sensitivities of a result; none where it holds none."""
    return json.loads(tree.attrs.get(ATTRIBUTE, "[]"))


def verdict(entry: dict[str, Any]) -> str:
    """Whether the data inform an output, and which rows of the paper do."""
    if entry["posterior"] is None:
        return "constants fitted to published sizes: no posterior here"
    if entry["prior"] < KNOWN:
        return "follows from the recipe: the ranges hardly move it"
    share = entry["posterior"] / entry["prior"]
    if share > NOT_INFORMED:
        return f"declined: {NOT_BY_DATA} ({share:.0%} of the width left)"
    return f"informed by {', '.join(entry['rows'])} ({share:.0%} of the width left)"


def sensitivity_table(tree: xr.DataTree, stage: str) -> Table | None:
    """Rows of one stage; None where the result holds none."""
    entries = [entry for entry in kept(tree) if entry["output"].startswith(f"{stage}.")]
    if not entries:
        return None
    return Table(HEADER, [_row(tree, entry) for entry in entries], caption=CAPTION)


def _row(tree: xr.DataTree, entry: dict[str, Any]) -> list[Cell]:
    said = verdict(entry)
    last = float(read_value(tree, entry["output"]).values.ravel()[-1])
    value, unit = shown_value(entry["output"], last)
    return [
        observable(entry["output"]).long_name,
        None if said.startswith("declined") else Number(value, unit),
        _width(entry["prior"]),
        "–" if entry["posterior"] is None else _width(entry["posterior"]),
        said,
        "; ".join(_lean(lean) for lean in entry["leans"][:SHOWN] if abs(lean["change"]) > 0.02 * entry["prior"]),
    ]


def _width(deviation: float) -> str:
    """A deviation of the logarithm: per cent while small, a factor beyond."""
    return f"± {100 * deviation:.2g} %" if deviation < 0.5 else f"factor {number(math.exp(deviation), 2)}"


def _lean(lean: dict[str, Any]) -> str:
    slope = "" if lean["slope"] is None else f"{lean['slope']:+.2g}, "
    known = "" if lean["ratio"] is None else f", {'informed' if lean['ratio'] <= NOT_INFORMED else NOT_BY_DATA}"
    return f"{lean['parameter']} ({slope}{100 * lean['change']:+.2g} %{known})"


def print_sensitivities(tree: xr.DataTree) -> None:
    """The verdicts on the screen, where the result holds any."""
    from rich import box
    from rich.console import Console
    from rich.table import Table as Screen

    entries = kept(tree)
    if not entries:
        return
    table = Screen(box=box.SIMPLE_HEAD, pad_edge=False)
    for header in ("output", "before", "after", "verdict", "leans most on"):
        table.add_column(header, no_wrap=header in ("output", "before", "after"))
    for entry in entries:
        after = "–" if entry["posterior"] is None else _width(entry["posterior"])
        first = entry["leans"][0]["parameter"].replace(".", ". ") if entry["prior"] else "–"
        said = verdict(entry).partition(" (")[0].partition(": the")[0]
        table.add_row(entry["output"].partition(".")[2], _width(entry["prior"]), after, said, first)
    Console().print(table)
