"""Supersaturation, nucleation and sizes in one frame: the LaMer plot of the flask."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from peqled.report.display import axis_label
from peqled.report.figures.axes import draw_map, log_x, log_y
from peqled.report.figures.registry import Run, along, figure, holds, once_there, shown
from peqled.report.figures.style import BLUE, GREY, RED

_SIZES, _RATIO, _RATE = "synthesis.size_distribution", "synthesis.supersaturation", "synthesis.nucleation_rate"
_SHOWN_SHARE = 1e-3
"""Share of the largest density below which an edge length is left off the axis."""


@figure(
    "size_distribution",
    needs=(_SIZES, _RATIO, _RATE),
    title="Supersaturation, nucleation and sizes",
    caption="From top to bottom: supersaturation of dissolved CsPbBr₃ over a flat surface (dotted: 1, equilibrium);"
    " nucleation rate of both routes; number density per edge length over four decades, with its mean.",
    section="flask",
    height=120.0,
    panels=True,
    rows=(0.8, 0.8, 1.4),
)
def size_distribution(axes: tuple[Axes, Axes, Axes], run: Run) -> None:
    """Three stacked axes over one logarithmic time axis."""
    top, middle, bottom = axes
    time = along(run.tree, _RATIO, "time")
    top.plot(time, shown(run.tree, _RATIO), color=BLUE)
    log_y(top, shown(run.tree, _RATIO), decades=6.0)
    top.axhline(1.0, color=GREY, linewidth=0.8, linestyle=":")
    top.set_ylabel("supersaturation")
    middle.plot(time, shown(run.tree, _RATE), color=RED)
    log_y(middle, shown(run.tree, _RATE), decades=8.0)
    middle.set_ylabel("nucleation\n(cm⁻³ s⁻¹)")
    _sizes(bottom, run)
    log_x(bottom, time)
    bottom.set(xlabel=axis_label("time"), ylabel=axis_label("edge", "edge length"))


def _sizes(ax: Axes, run: Run) -> None:
    """Map of the size distribution with the mean edge length."""
    density, edge = shown(run.tree, _SIZES).T, along(run.tree, _SIZES, "edge")
    time = along(run.tree, _SIZES, "time")
    late = time > 0
    draw_map(ax, time[late], edge, density[:, late], label=axis_label(_SIZES, "density"), log=4.0)
    if holds(run.tree, "synthesis.mean_edge"):
        ax.plot(
            time[late],
            once_there(run.tree, "synthesis.mean_edge", "synthesis.particle_number")[late],
            color="white",
            linewidth=1.0,
        )
    filled = edge[np.nanmax(np.nan_to_num(density), axis=1) > _SHOWN_SHARE * np.nanmax(np.nan_to_num(density))]
    if filled.size > 1:
        ax.set_ylim(max(edge[0], filled[0] - 0.5), filled[-1] + 0.5)
