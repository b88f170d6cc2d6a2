"""The summary of a run: every scalar with its unit, numerical error and role; as a dictionary and as a table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from peqled.report.display import number, shown_value
from peqled.result import read_value
from peqled.vocabulary import observable, observables

CALIBRATED = {
    "synthesis.cluster_band_ratio",
    "nanocrystal.pl_peak",
    "nanocrystal.pl_fwhm",
    "film.lifetime_1e",
    "lifetime.t50[10000 cd/m2]",
    "lifetime.acceleration_exponent",
}
"""Scalars that the calibration script sets: agreement with the paper shows nothing."""
LISTS = {"initial_luminance": "{:g} cd/m2", "element": "{}"}
"""Short coordinates whose observables are listed one by one, and how an entry is written: ``t50[10000 cd/m2]``."""
_MESH_AT = {
    "led.eqe_max": "led.eqe",
    "led.eqe_recycled_max": "led.eqe",
    "led.eqe_lambertian": "led.eqe",
    "led.current_at_eqe_max": "led.eqe",
    "led.current_efficiency_max": "led.eqe",
    "led.luminance_max": "led.luminance",
}
"""Scalars whose error is the mesh error of the current at the maximum of another observable."""

Summary = dict[str, dict[str, Any]]


def summary_of(tree: xr.DataTree) -> Summary:
    """Flat ``name -> {value, unit, uncertainty, role}`` of every scalar that the result holds, SI units.

    A number that is not finite becomes null with the role ``declined``. The uncertainty is the numerical error where
    the result holds one, else null. Observables over initial luminance and element are listed entry by entry.
    """
    entries: Summary = {}
    for name, value in _scalars(tree):
        unit = observable(_plain(name)).unit
        if not math.isfinite(value):
            entries[name] = {"value": None, "unit": unit, "uncertainty": None, "role": "declined"}
            continue
        role = "calibrated" if name in CALIBRATED else "predicted"
        entries[name] = {"value": value, "unit": unit, "uncertainty": _error(tree, name, value), "role": role}
    return entries


def _scalars(tree: xr.DataTree) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for entry in observables():
        if entry.stage not in tree.children or entry.short not in tree[entry.stage].data_vars:
            continue
        array = read_value(tree, entry.name)
        if array.ndim == 0:
            found.append((entry.name, float(array)))
        elif array.ndim == 1 and array.dims[0] in LISTS:
            text = LISTS[str(array.dims[0])]
            labels = (text.format(label) for label in array[array.dims[0]].values)
            found += [(f"{entry.name}[{label}]", float(v)) for label, v in zip(labels, array.values, strict=True)]
    return found


def _plain(name: str) -> str:
    return name.partition("[")[0]


def _error(tree: xr.DataTree, name: str, value: float) -> float | None:
    """Numerical error in the unit of the value, where the result holds one."""
    error: float | None = None
    if name in _MESH_AT and _all_held(tree, "led.mesh_error", _MESH_AT[name]):
        place = int(np.argmax(np.nan_to_num(read_value(tree, _MESH_AT[name]).values, nan=-np.inf)))
        error = abs(value * float(read_value(tree, "led.mesh_error")[place]))
    elif name == "nanocrystal.size_cv" and _all_held(tree, "synthesis.size_cv", "synthesis.size_cv_coarse"):
        fine, coarse = read_value(tree, "synthesis.size_cv"), read_value(tree, "synthesis.size_cv_coarse")
        error = abs(float(fine[-1]) - float(coarse))
    elif name == "optics.outcoupling_efficiency" and _all_held(tree, "optics.budget_error"):
        error = abs(value * float(read_value(tree, "optics.budget_error")))
    return error if error and math.isfinite(error) else None


def _all_held(tree: xr.DataTree, *names: str) -> bool:
    return all(
        entry.stage in tree.children and entry.short in tree[entry.stage].data_vars for entry in map(observable, names)
    )


def shown_entry(name: str, entry: Mapping[str, Any]) -> tuple[float | None, str, float | None]:
    """Value, unit and uncertainty of a summary entry in the units people read."""
    if entry["value"] is None:
        return None, "", None
    value, unit = shown_value(_plain(name), entry["value"])
    uncertainty = entry["uncertainty"]
    if uncertainty is not None:
        uncertainty *= value / entry["value"] if entry["value"] else 1.0
    return value, unit, uncertainty


def describe(name: str) -> str:
    """Long name of a summary entry, with the coordinate it belongs to."""
    plain, bracket, label = name.partition("[")
    return observable(plain).long_name + (f", {label[:-1]}" if bracket else "")


def print_summary(summary: Summary, folder: Path) -> None:
    """Print the summary as a table in the units people read, and where the files are."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for header, side in (
        ("observable", "left"),
        ("value", "right"),
        ("±", "right"),
        ("unit", "left"),
        ("role", "left"),
    ):
        table.add_column(header, justify=side, no_wrap=header == "observable")  # type: ignore[arg-type]
    stage = ""
    for name, entry in summary.items():
        if observable(_plain(name)).stage != stage:
            stage = observable(_plain(name)).stage
            table.add_row(f"[bold]{stage}[/bold]")
        value, unit, error = shown_entry(name, entry)
        text = "–" if value is None else number(value)
        note = "" if error is None else number(error, 2)
        table.add_row(f"  {name.removeprefix(stage + '.')}".replace("[", "\\["), text, note, unit, entry["role"])
    console.print(table)
    console.print(f"result.nc, summary.json, figures/ and report.html are in {folder}", highlight=False, soft_wrap=True)
