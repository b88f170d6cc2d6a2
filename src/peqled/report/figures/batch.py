"""The spread of a batch of devices (counterpart of Fig. 4f)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from peqled.report.display import number
from peqled.report.figures.axes import legend_of_runs, note
from peqled.report.figures.registry import Run, figure, scalar, shown

_BATCH = "batch.eqe"


@figure(
    "eqe_histogram",
    needs=(_BATCH,),
    title="Peak EQE of a batch",
    caption="Peak EQE of devices drawn from the fabrication tolerances. Line: mean; arrow: champion. Shorted and"
    " dead devices are left out of both and lower the yield.",
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
