"""What the flask absorbs before the injection (counterpart of Fig. 2a)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from peqled.report.display import axis_label
from peqled.report.figures.axes import legend_of_runs
from peqled.report.figures.registry import Run, along, figure, shown
from peqled.report.figures.style import GREY, PALE

_NAME = "synthesis.precursor_absorbance"
_BANDS = {3.15: "clusters", 4.5: "PbBr₂"}  # eV, 10.1002/advs.202304696, Fig. 2a
_HC = 1239.841984  # eV nm, CODATA 2018


@figure(
    "precursor_absorbance",
    needs=(_NAME,),
    title="Absorbance of the precursor",
    caption="Absorbance of the hot precursor before Cs-oleate is added. Marks: the bands that the paper assigns to"
    " PbBr₂ clusters (3.15 eV) and to the precursor (4.5 eV). A flask without clusters shows only the second.",
    counterpart="Fig. 2a",
    section="flask",
)
def precursor_absorbance(ax: Axes, runs: Sequence[Run]) -> None:
    """Absorbance against photon energy, wavelength above."""
    for run in runs:
        ax.plot(along(run.tree, _NAME, "energy"), shown(run.tree, _NAME), run.dash, color=run.colour, label=run.label)
    ax.set(xlabel=axis_label("energy"), ylabel="absorbance (10 µm)")
    ax.margins(x=0.0)
    ax.set_ylim(0.0, ax.get_ylim()[1] * 1.08)
    for energy, text in _BANDS.items():
        if ax.get_xlim()[0] < energy < ax.get_xlim()[1]:
            ax.axvline(energy, color=PALE, linewidth=1.0, zorder=0)
            ax.annotate(
                text, (energy, 1.0), (3, -2), ha="left", va="top", color=GREY, fontsize=8,
                xycoords=("data", "axes fraction"), textcoords="offset points",
            )  # fmt: skip
    top = ax.secondary_xaxis("top", functions=(_convert, _convert))
    top.set_xlabel("wavelength (nm)")
    top.spines["top"].set_visible(True)
    low, high = ax.get_xlim()
    top.set_xticks([x for x in (250, 275, 300, 350, 400, 500, 600) if low < _HC / x < high])
    legend_of_runs(ax, runs, lift=0.25)


def _convert(value: ArrayLike) -> ArrayLike:
    """Energy in eV to wavelength in nm, and back."""
    return _HC / np.maximum(np.asarray(value, float), 1e-9)
