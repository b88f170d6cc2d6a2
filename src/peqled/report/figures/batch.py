"""The spread of a batch of devices (counterpart of Fig. 4f)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from peqled.report.display import number
from peqled.report.figures.axes import legend_of_runs, note
from peqled.report.figures.registry import Run, figure, names_along, scalar, shown
from peqled.report.figures.style import GREY

_BATCH, _SHARE = "batch.eqe", "batch.tolerance_share"
PAPER_MEAN, PAPER_CHAMPION = 23.10, 24.13
"""Of 40 devices, %."""


@figure(
    "eqe_histogram",
    needs=(_BATCH,),
    title="Peak EQE of a batch",
    caption="Peak EQE of devices drawn from the fabrication tolerances. Line: mean; arrow: champion. Devices"
    " that are dead or stay dark are left out of both and lower the yield. Grey: mean (dashed) and champion (dotted) of"
    " the paper.",
    counterpart="Fig. 4f",
    section="device",
)
def eqe_histogram(ax: Axes, runs: Sequence[Run]) -> None:
    """Histogram with mean and champion."""
    values = [shown(run.tree, _BATCH) for run in runs]
    values = [batch[np.isfinite(batch) & (batch > 0)] for batch in values]
    everything = np.concatenate(values)
    if everything.size:
        bins = np.histogram_bin_edges(everything, bins=int(np.clip(np.sqrt(everything.size) * 2, 6, 40)))
        words = [_draw(ax, run, batch, bins) for run, batch in zip(runs, values, strict=True) if batch.size]
        if len(runs) == 1:
            note(ax, "\n".join(words[0]))
        legend_of_runs(ax, runs, columns=1)
        for value, dash in ((PAPER_MEAN, "--"), (PAPER_CHAMPION, ":")):
            ax.axvline(value, color=GREY, linewidth=1.0, linestyle=dash, zorder=0)
        ax.set_ylim(0.0, ax.get_ylim()[1] * 1.15)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="peak EQE (%)", ylabel="number of devices")


def _draw(ax: Axes, run: Run, batch: np.ndarray, bins: np.ndarray) -> list[str]:
    """One batch; returns its numbers in words."""
    working = scalar(run.tree, "batch.yield")
    words = [
        f"{batch.size} devices",
        f"mean {number(float(batch.mean()), 4)} %",
        f"best {number(float(batch.max()), 4)} %",
    ]
    words += [f"yield {number(working, 3)} %"] if np.isfinite(working) else []
    text = f"{run.label}: {', '.join(words[1:3])}"
    ax.hist(batch, bins=list(bins), color=run.colour, alpha=0.55, edgecolor="white", linewidth=0.6, label=text)
    ax.axvline(float(batch.mean()), color=run.colour, linewidth=1.2)
    style = {"arrowstyle": "-|>", "color": run.colour, "linewidth": 0.8}
    ax.annotate("", (batch.max(), 0.0), (0, 16), textcoords="offset points", arrowprops=style)
    return words


@figure(
    "tolerances",
    needs=(_SHARE, "batch.tolerance_low", "batch.tolerance_high"),
    title="Which tolerance costs most",
    caption="Shapley effect of each tolerance: its share of the variance of the peak EQE, over the devices that work"
    " and have no shunt. Lines: 90 %, by resampling substrates.",
    section="device",
)
def tolerances(ax: Axes, runs: Sequence[Run]) -> None:
    """Bars, the largest on top."""
    height = 0.8 / len(runs)
    for i, run in enumerate(runs):
        share, low, high = (shown(run.tree, f"batch.tolerance_{end}") for end in ("share", "low", "high"))
        place = np.arange(share.size) + (i - 0.5 * (len(runs) - 1)) * height
        ax.barh(place, np.nan_to_num(share), height=height, color=run.colour, alpha=0.7, label=run.label or None)
        ax.hlines(place, low, high, color=GREY, linewidth=1.0)
    names = names_along(runs[0].tree, _SHARE, "tolerance")
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.set(xlabel="share of EQE variance (%)")
    legend_of_runs(ax, runs, columns=1)
