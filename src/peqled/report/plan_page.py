"""The plan of a test: a table, a figure of how the uncertainty falls with the hours, and a page."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from matplotlib import rc_context

from peqled.design.plan import Plan
from peqled.report.figures.axes import label_powers
from peqled.report.figures.style import BLUE, GREY, HALF, STYLE, Drawing, to_svg
from peqled.report.html import Figure, Number, Section, Tiles, render_page
from peqled.report.tables import Column, Sheet, Value
from peqled.result import prepare_folder, write_text


def plan_sheets(plan: Plan) -> list[Sheet]:
    """Tests to run, and what they give."""
    return [_tests(plan), _gain(plan)]


def _tests(plan: Plan) -> Sheet:
    columns = [
        Column("luminance", "L₀", "cd/m²"),
        Column("temperature", "T", "K"),
        Column("stop", "stop at", "%", 3),
        Column("devices", "devices"),
        Column("hours", "hours each", "h", 3),
        Column("device_hours", "device-hours", "h", 3),
    ]
    rows: list[list[Value]] = []
    for cell, count in zip(plan.cells, plan.allocation.counts, strict=True):
        if count:
            hours = cell.time / 3600
            row: list[Value] = [
                cell.luminance,
                cell.temperature,
                100 * cell.stop,
                int(count),
                hours,
                hours * int(count),
            ]
            rows.append(row)
    return Sheet("plan", "Tests to run", columns, sorted(rows, key=lambda row: (row[0], row[1], row[2])))  # type: ignore[arg-type,return-value]


def _gain(plan: Plan) -> Sheet:
    columns = [Column("quantity", "quantity"), Column("value", "value"), Column("unit", "unit")]
    place = f"{plan.use.luminance:g} cd/m² and {plan.use.temperature:g} K"
    rows: list[list[Value]] = [
        [f"T50 at {place}, as the recipe has it", plan.t50 / 3600, "h"],
        ["90 % factor before the tests", factor(plan.before), "×/÷"],
        ["90 % factor after the plan", factor(plan.after), "×/÷"],
        ["90 % factor after three luminances at the use temperature, same budget", factor(plan.even), "×/÷"],
        ["device-hours used", plan.hours, "h"],
        ["devices used", float(plan.allocation.counts.sum()), ""],
    ]
    return Sheet("gain", "What the plan gives", columns, rows)


def factor(deviation: float) -> float:
    """Factor up and down that holds 90 % of a lognormal quantity with this deviation of its logarithm."""
    return math.exp(1.645 * deviation)


def plan_notes(plan: Plan) -> list[str]:
    """What the plan rests on."""
    return [
        "hours are those of the recipe's own damage: a device that ages differently needs others, so plan again after "
        "the first results",
        "unknown beforehand: which mechanisms act (each absent or present with equal odds, over four decades), the "
        "activation energy (range of the book), and the size of the damage (a factor of 3)",
        f"tests end at {', '.join(f'{100 * s:g} %' for s in sorted({c.stop for c in plan.cells}))} of the luminance or "
        "are left out; a test stopped early reads its time less well",
    ]


def draw_plan(plan: Plan) -> Drawing:
    """90 % factor of T50 at use against the device-hours spent."""
    with rc_context(STYLE):
        figure = Drawing(figsize=(HALF / 25.4, 62.0 / 25.4), layout="constrained")
        ax = figure.add_subplot()
        hours = plan.allocation.spent / 3600
        ax.step(hours, [factor(math.sqrt(v)) for v in plan.allocation.path], where="post", color=BLUE, label="plan")
        if np.isfinite(plan.even):
            ax.plot(plan.hours, factor(plan.even), "D", color=GREY, label="three luminances, use temperature")
        ax.set_yscale("log")
        label_powers(ax.yaxis, *ax.get_ylim())
        ax.set(xlabel="device-hours", ylabel="90 % factor of T50 at use")
        ax.legend(loc="upper right")
    return figure


def write_plan(plan: Plan, folder: Path, *, title: str) -> list[Sheet]:
    """Write plan.csv, gain.csv, figures/plan.svg and report.html; returns the tables."""
    sheets, svg = plan_sheets(plan), to_svg(draw_plan(plan))
    for sheet in sheets:
        write_text(folder / f"{sheet.name}.csv", sheet.csv())
    write_text(prepare_folder(folder / "figures") / "plan.svg", svg)
    tiles = Tiles(
        [
            ("factor before", Number(factor(plan.before), digits=3), "predicted"),
            ("factor after", Number(factor(plan.after), digits=3), "predicted"),
        ]
    )
    drawing = Figure(svg, "What the hours buy", "90 % factor of T50 at use after each device of the plan.")
    sections = [
        Section("At a glance", [tiles, *plan_notes(plan)]),
        Section("Tests", [*(sheet.page() for sheet in sheets), drawing]),
    ]
    write_text(folder / "report.html", render_page(title, sections))
    return sheets
