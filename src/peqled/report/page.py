"""The report of one run: key numbers, warnings, figures and tables in the order of the chain, and what they rest on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import xarray as xr

from peqled.report.figures import FIGURES
from peqled.report.figures.style import FULL
from peqled.report.html import Badge, Cell, Figure, Notice, Number, Preformatted, Section, Table, Tiles, render_page
from peqled.report.sensitivity import sensitivity_table
from peqled.report.summary import Summary, describe, shown_entry
from peqled.result import warnings_of

PAPER = "10.1002/advs.202304696"
_PARTS = {
    "flask": ("Flask", "synthesis"),
    "dots": ("Nanocrystals", "nanocrystal"),
    "film": ("Film", "film"),
    "light": ("Light", "optics"),
    "device": ("Device", "led"),
    "lifetime": ("Lifetime", "lifetime"),
}
"""Heading of each part of the report and the stage whose numbers it lists."""
_KEY_NUMBERS = {
    "nanocrystal.pl_peak": "PL peak",
    "nanocrystal.pl_fwhm": "PL width",
    "nanocrystal.plqy": "PLQY in solution",
    "film.plqy": "PLQY of the film",
    "led.eqe_max": "peak EQE",
    "led.outcoupling_efficiency": "out-coupling",
    "led.turn_on_voltage": "turn-on voltage",
    "led.luminance_max": "highest luminance",
    "led.el_peak": "EL peak",
    "led.el_fwhm": "EL width",
    "batch.eqe_mean": "mean EQE of the batch",
    "lifetime.t50[10000 cd/m2]": "T50 at 10\u202f000 cd/m²",
}


def run_page(tree: xr.DataTree, summary: Summary, drawings: Mapping[str, str]) -> str:
    """HTML text of a run: `summary` as of `summary_of`, `drawings` the SVG text of each figure by name."""
    recipe = json.loads(tree.attrs["recipe"])
    title = f"{recipe.get('name', 'peqled')}: from the flask to the T50"
    sections = [_overview(tree, summary)]
    sections += [part for key in _PARTS if (part := _part(key, tree, summary, drawings)).blocks]
    sections.append(provenance_section(tree, recipe))
    return render_page(title, sections, subtitle=recipe.get("title", ""))


def _overview(tree: xr.DataTree, summary: Summary) -> Section:
    tiles = []
    for name, text in _KEY_NUMBERS.items():
        if name in summary:
            value, unit, _ = shown_entry(name, summary[name])
            tiles.append((text, Number(float("nan") if value is None else value, unit), summary[name]["role"]))
    blocks: list[Any] = [Tiles(tiles)] if tiles else []
    blocks.append(
        "Predicted numbers follow from the recipe and the parameter book. Calibrated ones were fitted to the paper"
        f" ({PAPER}), so their agreement with it shows nothing. Declined means that the model has no answer."
    )
    if warnings := warnings_of(tree):
        blocks.append(Notice("Outside the range of the model, or assumed", warnings))
    return Section("At a glance", blocks)


def _part(key: str, tree: xr.DataTree, summary: Summary, drawings: Mapping[str, str]) -> Section:
    heading, stage = _PARTS[key]
    stages = (stage, "experiments", "batch") if key == "device" else (stage,)
    figures = [_figure(name, svg) for name, svg in drawings.items() if FIGURES[name].section == key]
    rows = [_row(name, entry) for name, entry in summary.items() if name.partition(".")[0] in stages]
    header = ("observable", "value", "role", "name")
    tables = [Table(header, rows, caption="Numbers of this stage; ± is the numerical error.")] if rows else []
    leans = sensitivity_table(tree, stage)
    return Section(heading, [*figures, *tables, *([leans] if leans else [])])


def _figure(name: str, svg: str) -> Figure:
    spec = FIGURES[name]
    reference = f"paper: {spec.counterpart}" if spec.counterpart else ""
    return Figure(svg, spec.title, spec.caption, reference=reference, wide=spec.width >= FULL)


def _row(name: str, entry: Mapping[str, Any]) -> list[Cell]:
    value, unit, error = shown_entry(name, entry)
    cell = None if value is None else Number(value, unit, error)
    return [describe(name), cell, Badge(entry["role"]), name]


def provenance_section(tree: xr.DataTree, recipe: Mapping[str, Any]) -> Section:
    """What a result rests on: parameters with their sources, the recipe and the versions."""
    parameters = json.loads(tree.attrs["parameters"])
    changed = [entry for entry in parameters if entry["changed"]]
    header = ("parameter", "value", "evidence", "source")
    versions = json.loads(tree.attrs["versions"])
    blocks: list[Any] = [
        f"{len(parameters)} parameters, {len(changed)} of them set by the recipe, the others defaults of the book."
        f" Hash of recipe and parameters: {tree.attrs['hash'][:16]}.",
        Table(header, [_parameter(entry) for entry in changed], caption="Parameters set by the recipe", folded=True),
        Table(
            header,
            [_parameter(entry) for entry in parameters],
            caption="All parameters with their sources",
            folded=True,
        ),
        Preformatted(json.dumps(recipe, indent=1, ensure_ascii=False), caption="Recipe"),
        Table(
            ("package", "version"), [[name, text] for name, text in versions.items()], caption="Versions", folded=True
        ),
    ]
    return Section("What this rests on", blocks)


def _parameter(entry: Mapping[str, Any]) -> list[Cell]:
    unit = "" if entry["unit"] == "1" else str(entry["unit"])
    return [str(entry["name"]), Number(float(entry["value"]), unit), str(entry["evidence"]), str(entry["source"])]
