"""Small things that several figures do to their axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import QuadMesh
from matplotlib.colors import LogNorm, Normalize, PowerNorm
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from peqled.report.display import superscript
from peqled.report.figures.registry import Run
from peqled.report.figures.style import GREY, PALETTE


def log_limits(axis_values: np.ndarray, *, decades: float) -> tuple[float, float] | None:
    """Limits of a log axis: the data, but no more than so many decades below its top; None without positive data."""
    positive = axis_values[np.isfinite(axis_values) & (axis_values > 0)]
    if not positive.size or positive.min() == positive.max():
        return None
    return max(float(positive.min()), float(positive.max()) * 10.0**-decades), float(positive.max())


def log_x(ax: Axes, values: np.ndarray, *, decades: float = 6.0) -> None:
    """Logarithmic x axis over the positive part of the data."""
    limits = log_limits(values, decades=decades)
    if limits:
        ax.set_xscale("log", nonpositive="mask")
        ax.set_xlim(limits)
        label_powers(ax.xaxis, *limits)


def log_y(ax: Axes, values: np.ndarray, *, decades: float = 8.0, air: float = 0.05) -> None:
    """Logarithmic y axis over the positive part of the data, with some air above (share of its length)."""
    limits = log_limits(values, decades=decades)
    if limits:
        ax.set_yscale("log", nonpositive="mask")
        ax.set_ylim(limits[0], limits[1] * (limits[1] / limits[0]) ** air)
        label_powers(ax.yaxis, *limits)


def label_powers(axis: Axis, low: float, high: float) -> None:
    """Tick labels of a log axis as plain text: powers of ten, or plain numbers where the axis is short.

    Matplotlib's own labels go through its formula parser, which takes longer than all the rest of a figure.
    """
    plain = low > 0.9e-3 and high < 1.1e4
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}" if plain else power_of_ten(x)))
    shown = (
        (lambda x, _: f"{x:g}" if round(x / 10 ** np.floor(np.log10(x))) in (2, 5) else "") if high < 20 * low else None
    )
    axis.set_minor_formatter(FuncFormatter(shown) if shown else NullFormatter())


def power_of_ten(value: float) -> str:
    """10ⁿ as text."""
    return "10" + superscript(round(np.log10(value))) if value > 0 else ""


def cell_edges(centres: np.ndarray) -> np.ndarray:
    """Edges of the cells around increasing centres: geometric where all are positive and unevenly spaced."""
    if centres.size < 2:
        return np.array([centres[0] * 0.9 - 1e-9, centres[0] * 1.1 + 1e-9])
    steps = np.diff(centres)
    if centres[0] > 0 and steps.max() > 3 * steps.min():
        return np.exp(cell_edges(np.log(centres)))
    middle = 0.5 * (centres[1:] + centres[:-1])
    return np.concatenate([[centres[0] - steps[0] / 2], middle, [centres[-1] + steps[-1] / 2]])


def draw_map(ax: Axes, x: np.ndarray, y: np.ndarray, values: np.ndarray, *, label: str, log: float = 0.0) -> QuadMesh:
    """Map of values[y, x] with its colour bar; pixels even in SVG. `log`: decades of a log scale, 0: square root."""
    finite = values[np.isfinite(values)]
    top = float(finite.max()) if finite.size and finite.max() > 0 else 1.0
    norm: Normalize = LogNorm(top * 10.0**-log, top, clip=True) if log else PowerNorm(0.5, 0.0, top, clip=True)
    if log:
        values = np.where(np.isfinite(values), np.maximum(values, top * 10.0**-log), np.nan)
    mesh = ax.pcolormesh(cell_edges(x), cell_edges(y), values, norm=norm, rasterized=True, shading="flat")
    bar = ax.figure.colorbar(mesh, ax=ax, label=label, pad=0.02)
    if log:
        label_powers(bar.ax.yaxis, top * 10.0**-log, top)
    else:
        bar.set_ticks([share * top for share in (0.0, 0.1, 0.5, 1.0)])
    return mesh


def legend_of_runs(ax: Axes, runs: Sequence[Run], *, columns: int = 2, lift: float = 0.0) -> None:
    """Legend above the axes, only when there is more than one result; `lift` clears an axis on top."""
    if len(runs) > 1:
        legend_above(ax, ax.get_legend_handles_labels()[0], columns=columns, lift=lift)


def legend_above(ax: Axes, handles: Sequence[Artist], *, columns: int = 2, lift: float = 0.0) -> None:
    """Legend between the axes and the upper edge of the figure, where it covers no data."""
    ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.02 + lift), ncols=columns, borderaxespad=0.0)


def legend_of_family(ax: Axes, names: Sequence[str], runs: Sequence[Run], *, corner: Any = "") -> None:
    """Legend above the axes, or in a free `corner`: colours stand for the names, dashes for several results."""
    handles = [Line2D([], [], color=PALETTE[i % len(PALETTE)], label=name) for i, name in enumerate(names)]
    if len(runs) > 1:
        handles += [Line2D([], [], color=GREY, linestyle=run.dash, label=run.label) for run in runs]
    if corner:
        ax.legend(handles=handles, loc=corner)
    else:
        legend_above(ax, handles)


def twin(ax: Axes, label: str, *, colour: str = GREY) -> Axes:
    """Second y axis on the right, coloured like what it measures."""
    right = ax.twinx()
    right.spines["right"].set(visible=True, color=colour)
    right.set_ylabel(label, color=colour)
    right.tick_params(axis="y", colors=colour, which="both")
    return right


def note(ax: Axes, text: str, *, x: float = 0.03, y: float = 0.97, **style: Any) -> None:
    """A few words inside the axes, in the upper left corner unless told otherwise."""
    place = {"ha": "left", "va": "top", "fontsize": 8, "color": GREY, "linespacing": 1.3} | style
    ax.text(x, y, text, transform=ax.transAxes, **place)


def normalised(values: np.ndarray) -> np.ndarray:
    """Values over their largest finite one."""
    finite = values[np.isfinite(values)]
    return values / finite.max() if finite.size and finite.max() > 0 else values
