"""Washing with antisolvent: what precipitates at which ratio, and what each cycle leaves of dots, ligands and light."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from peqled.report.figures.axes import legend_of_family, legend_of_runs
from peqled.report.figures.registry import Run, along, figure, shown
from peqled.report.figures.style import PALETTE

_FALLS = "film.wash_precipitated"
_LEFT = {"film.wash_yield": "yield", "film.wash_coverage": "ligand coverage", "film.wash_plqy": "PLQY in solution"}


@figure(
    "precipitation",
    needs=(_FALLS,),
    title="Antisolvent",
    caption="Share of the crystal in the crude dispersion that precipitates. Where it sets in rests on a factor that"
    " was chosen for practice.",
    section="dots",
)
def precipitation(ax: Axes, runs: Sequence[Run]) -> None:
    """Precipitated share against the ratio."""
    for run in runs:
        ratio = along(run.tree, _FALLS, "antisolvent_ratio")
        ax.plot(ratio, shown(run.tree, _FALLS), run.dash, color=run.colour, label=run.label)
    ax.set(xlabel="volumes of antisolvent per volume", ylabel="precipitated (%)", ylim=(-3.0, 103.0))
    legend_of_runs(ax, runs)


@figure(
    "washing",
    needs=tuple(_LEFT),
    title="Washing",
    caption="Yield, ligand coverage and PLQY in solution after each cycle of the recipe; the last yield counts what"
    " disperses again. Ligands leave by dilution alone.",
    section="dots",
)
def washing(ax: Axes, runs: Sequence[Run]) -> None:
    """What is left, against the cycles."""
    for run in runs:
        for name, colour in zip(_LEFT, PALETTE, strict=False):
            ax.plot(along(run.tree, name, "wash"), shown(run.tree, name), run.dash, color=colour, marker="o")
    ax.set(xlabel="cycles", ylabel="left (%)", ylim=(0.0, 103.0))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend_of_family(ax, list(_LEFT.values()), runs, corner="lower left")
