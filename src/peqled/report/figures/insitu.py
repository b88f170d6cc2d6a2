"""Photoluminescence of the hot flask while the dots grow (counterparts of Fig. 2b-f)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from peqled.report.display import axis_label
from peqled.report.figures.axes import draw_map, legend_of_runs, log_x, normalised, twin
from peqled.report.figures.registry import Run, along, figure, holds, once_there, shown
from peqled.report.figures.style import GREY

_MAP, _PEAK, _EDGE = "nanocrystal.insitu_pl", "nanocrystal.insitu_peak", "synthesis.mean_edge"
_NUMBER = "synthesis.particle_number"


@figure(
    "insitu_map",
    needs=(_MAP,),
    title="In-situ PL of the flask",
    caption="PL intensity per wavelength against the time after the injection of Cs-oleate, over its maximum, on a"
    " square-root colour scale so that the faint start shows. White line: peak wavelength, from"
    " a thousandth of the final intensity on.",
    counterpart="Fig. 2b–d",
    section="flask",
    height=68.0,
    panels=True,
)
def insitu_map(ax: Axes, run: Run) -> None:
    """Wavelength against time, one panel per flask."""
    time, wavelength = along(run.tree, _MAP, "time"), along(run.tree, _MAP, "insitu_wavelength")
    late = time > 0
    draw_map(ax, time[late], wavelength, normalised(shown(run.tree, _MAP)[late]).T, label="intensity / maximum")
    if holds(run.tree, _PEAK):
        ax.plot(time[late], once_there(run.tree, _PEAK, _MAP)[late], color="white", linewidth=0.9)
    log_x(ax, time, decades=5.0)
    ax.set(xlabel=axis_label("time"), ylabel=axis_label("wavelength"))
    ax.set(ylim=(max(wavelength[0], 390.0), min(wavelength[-1], 560.0)))


@figure(
    "peak_track",
    needs=(_PEAK,),
    title="Peak wavelength and size in time",
    caption="In-situ PL peak (left) and number-mean edge length of the population (thin grey lines of the same dash,"
    " right), each from a thousandth of its final intensity or number on. The peak is weighted by absorbed light and"
    " includes the heat of the flask, so the two need not move together.",
    counterpart="Fig. 2e, f",
    section="flask",
)
def peak_track(ax: Axes, runs: Sequence[Run]) -> None:
    """PL peak against time, mean edge on the right."""
    for run in runs:
        time = along(run.tree, _PEAK, "time")
        ax.plot(time, once_there(run.tree, _PEAK, _MAP), run.dash, color=run.colour, label=run.label)
    log_x(ax, time, decades=5.0)
    ax.set(xlabel=axis_label("time"), ylabel="PL peak wavelength (nm)")
    sized = [run for run in runs if holds(run.tree, _EDGE) and np.isfinite(shown(run.tree, _EDGE)).any()]
    if sized:
        right = twin(ax, "mean edge length (nm)")
        right.set_zorder(0)
        ax.set_zorder(1)
        ax.patch.set_visible(False)
        for run in sized:
            edge = once_there(run.tree, _EDGE, _NUMBER)
            right.plot(along(run.tree, _EDGE, "time"), edge, run.dash, color=GREY, linewidth=0.9)
    legend_of_runs(ax, runs)
