"""Any observable of the vocabulary as a figure: a line, a family of lines, a map, or bars, by its dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from peqled.report.display import axis_label, display, number
from peqled.report.figures.axes import draw_map, legend_of_runs, log_limits, log_x, log_y
from peqled.report.figures.light import mode_budget
from peqled.report.figures.registry import FigureSpec, Run, along, names_along, shown
from peqled.report.figures.style import FULL, GREY, HALF, PALETTE
from peqled.result import read_value
from peqled.vocabulary import observable

_TEXT = (
    "species",
    "reaction",
    "element",
    "condition",
    "layer",
    "place",
    "polarisation",
    "window",
    "cause",
    "mechanism",
    "tolerance",
)
_FEW = (*_TEXT, "shown_voltage", "initial_luminance", "life_share", "test_temperature")
_LOG_UNITS = ("1/m^3", "1/m^3/s", "1/m^4", "mol/m^3", "mol/m^3/s", "A/m^2", "cd/m^2", "W/sr/m^2")
_SPAN = 1e3
"""Ratio of largest to smallest positive value from which an axis is logarithmic."""


def spec_of(name: str) -> FigureSpec:
    """Figure of one observable."""
    entry = observable(name)
    lines = len(entry.dims) == 2 and entry.dims[0] in _FEW
    families = len(entry.dims) == 2 and entry.dims[1] in _FEW
    draw, panels, width = partial(_line, name=name), False, HALF
    if not entry.dims:
        draw = partial(_bars, name=name)
    elif len(entry.dims) == 3:
        draw, panels, width = mode_budget, True, FULL
    elif lines or families:
        draw, width = partial(_family, name=name, over=entry.dims[0 if families else 1]), FULL
    elif len(entry.dims) == 2:
        draw, panels = partial(_map, name=name), True
    return FigureSpec(name, draw, (name,), entry.long_name, width=width, panels=panels)


def _bars(ax: Axes, runs: Sequence[Run], *, name: str) -> None:
    """A scalar: one bar per result, with its number."""
    for i, run in enumerate(runs):
        value = float(shown(run.tree, name))
        ax.barh(i, np.nan_to_num(value, posinf=0.0, neginf=0.0), color=run.colour, height=0.6)
        ax.annotate(
            number(value),
            (max(np.nan_to_num(value, posinf=0.0), 0.0), i),
            (3, 0),
            textcoords="offset points",
            va="center",
        )
    ax.set_yticks(range(len(runs)), [run.label for run in runs])
    ax.set(xlabel=axis_label(name))
    ax.margins(x=0.2)


def _line(ax: Axes, runs: Sequence[Run], *, name: str) -> None:
    """One dimension: a line, or points where the coordinate is a list of names or numbers of devices."""
    dim = observable(name).dims[0]
    for run in runs:
        values = shown(run.tree, name)
        if dim in _TEXT:
            ax.plot(names_along(run.tree, name, dim), values, "o", color=run.colour, label=run.label)
            ax.tick_params(axis="x", rotation=45)
        else:
            x = along(run.tree, name, dim)
            ax.plot(x, values, "o" if dim == "device" else run.dash, color=run.colour, label=run.label)
    ax.set(xlabel=axis_label(dim), ylabel=axis_label(name))
    _choose_scales(ax, runs, name, dim)
    legend_of_runs(ax, runs)


def _family(ax: Axes, runs: Sequence[Run], *, name: str, over: str) -> None:
    """Two dimensions of which one is a short list: a colour for each of its entries, a dash for each result."""
    family = next(dim for dim in observable(name).dims if dim != over)
    for run in runs:
        x, curves = along(run.tree, name, over), shown(run.tree, name)
        for i, curve in enumerate(curves if observable(name).dims[0] == family else curves.T):
            ax.plot(x, curve, run.dash, color=PALETTE[i % len(PALETTE)], alpha=1.0 if i < len(PALETTE) else 0.5)
    ax.set(xlabel=axis_label(over), ylabel=axis_label(name))
    _choose_scales(ax, runs, name, over)
    _legend_beside(ax, [_entry(value, family) for value in read_value(runs[0].tree, name)[family].values], runs)


def _legend_beside(ax: Axes, names: Sequence[str], runs: Sequence[Run]) -> None:
    """Legend on the right, in two columns when it is long."""
    handles = []
    for i, name in enumerate(names):
        style = {"color": PALETTE[i % len(PALETTE)], "alpha": 1.0 if i < len(PALETTE) else 0.5}
        handles.append(Line2D([], [], label=name, **style))
    if len(runs) > 1:
        handles += [Line2D([], [], color=GREY, linestyle=run.dash, label=run.label) for run in runs]
    columns = 1 if len(handles) <= 9 else 2
    ax.legend(handles=handles, loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize=7, ncols=columns)


def _entry(label: object, family: str) -> str:
    return str(label) if family in _TEXT else f"{number(float(label), 3)} {display(family).unit}"  # type: ignore[arg-type]


def _map(ax: Axes, run: Run, *, name: str) -> None:
    """Two long dimensions: a map, the first along x."""
    first, second = observable(name).dims
    x, y, values = along(run.tree, name, first), along(run.tree, name, second), shown(run.tree, name)
    if first == "time":
        x, values = x[x > 0], values[x > 0]
    draw_map(ax, x, y, values.T, label=axis_label(name), log=4.0 if observable(name).unit in _LOG_UNITS else 0.0)
    ax.set(xlabel=axis_label(first), ylabel=axis_label(second))
    if first == "time":
        log_x(ax, x)


def _choose_scales(ax: Axes, runs: Sequence[Run], name: str, dim: str) -> None:
    """Log axes for densities, currents and luminances that span decades, and for time after injection."""
    values = np.concatenate([shown(run.tree, name).ravel() for run in runs])
    limits = log_limits(np.abs(values), decades=30.0)
    if observable(name).unit in _LOG_UNITS and limits and limits[1] > _SPAN * limits[0]:
        log_y(ax, values, decades=10.0)
    if dim == "time":
        log_x(ax, np.concatenate([along(run.tree, name, dim) for run in runs]))
