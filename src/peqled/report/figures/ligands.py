"""Flasks that differ in their ligands, side by side: clusters before injection, then number, size and spread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from peqled.report.display import axis_label
from peqled.report.figures.axes import log_y
from peqled.report.figures.registry import Run, figure, shown
from peqled.report.figures.style import BLUE, GREY, RED

_SHARE, _NUMBER = "synthesis.cluster_share", "synthesis.particle_number"
_EDGE, _CV = "synthesis.mean_edge", "synthesis.size_cv"


@figure(
    "ligand_comparison",
    needs=(_SHARE, _NUMBER, _EDGE, _CV),
    title="Flasks side by side",
    caption="One column per result: share of the lead in clusters before injection (log scale, down to 10⁻⁶), then dots"
    " per volume, number-mean edge length and its coefficient of variation at the end of the run. The bar on the edge"
    " length is one standard deviation of the sizes, no uncertainty.",
    section="flask",
    height=130.0,
    rows=(1.0, 1.0, 1.0, 1.0),
    several=True,
)
def ligand_comparison(axes: tuple[Axes, ...], runs: Sequence[Run]) -> None:
    """Four stacked axes over one column per result."""
    place = np.arange(len(runs))
    share = np.array([float(shown(run.tree, _SHARE)) for run in runs])
    number, edge, spread = (
        np.array([shown(run.tree, name)[-1] for run in runs], dtype=float) for name in (_NUMBER, _EDGE, _CV)
    )
    unit = 100.0 if axis_label(_CV).endswith("(%)") else 1.0
    axes[0].plot(place, share, "o", color=RED)
    log_y(axes[0], share, decades=6.0)
    axes[0].set_ylabel("clusters\n" + axis_label(_SHARE, "share"))
    axes[1].plot(place, number, "o", color=GREY)
    axes[1].set_ylim(0.0, None)
    axes[1].set_ylabel(axis_label(_NUMBER, "dots"))
    axes[2].errorbar(place, edge, edge * spread / unit, fmt="o", color=BLUE, capsize=2.0)
    axes[2].set_ylabel(axis_label(_EDGE, "edge"))
    axes[3].plot(place, spread, "o", color=BLUE)
    axes[3].set_ylabel(axis_label(_CV, "size CV"))
    axes[3].set_ylim(0.0, None)
    axes[3].set_xticks(place, [run.label for run in runs], rotation=30 if len(runs) > 4 else 0)
    axes[3].set_xlim(-0.5, len(runs) - 0.5)
