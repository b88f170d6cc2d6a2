"""The colour of the light on the CIE 1931 diagram."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from peqled.report.display import number
from peqled.report.figures.axes import legend_of_runs
from peqled.report.figures.registry import Run, figure, scalar
from peqled.report.figures.style import GREY

REC_2020 = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
"""Red, green and blue primaries (x, y) of ITU-R BT.2020."""
_MARKED = (460, 480, 500, 520, 540, 560, 580, 600, 620)


@figure(
    "cie",
    needs=("led.cie_x", "led.cie_y"),
    title="Colour",
    caption="CIE 1931 chromaticity of the EL against the spectral locus (2° observer, wavelengths in nm) and the"
    " Rec. 2020 triangle, whose green primary is the display maker's goal.",
    section="device",
    height=80.0,
)
def cie(ax: Axes, runs: Sequence[Run]) -> None:
    """Point of each result inside the locus."""
    wavelength, x, y = spectral_locus()
    ax.plot(np.append(x, x[0]), np.append(y, y[0]), color=GREY, linewidth=0.8)
    for mark in _MARKED:
        i = int(np.argmin(np.abs(wavelength - mark)))
        side = "right" if x[i] < 0.1 else "left"
        shift = (-4, 0) if side == "right" else (4, 1)
        ax.plot(x[i], y[i], "o", color=GREY, markersize=2)
        ax.annotate(
            str(mark), (x[i], y[i]), shift, textcoords="offset points", fontsize=7, color=GREY, ha=side, va="center"
        )
    corners = np.array([*REC_2020, REC_2020[0]])
    ax.plot(*corners.T, "--", color="black", linewidth=0.8, label="Rec. 2020")
    for run in runs:
        point = scalar(run.tree, "led.cie_x"), scalar(run.tree, "led.cie_y")
        words = f"{run.label} ({number(point[0], 3)}, {number(point[1], 3)})".strip()
        ax.plot(*point, "o", color=run.colour, markersize=6, markeredgecolor="white", label=words)
    ax.set(xlabel="CIE x", ylabel="CIE y", xlim=(-0.06, 0.8), ylim=(-0.02, 0.9), aspect="equal")
    legend_of_runs(ax, runs, columns=1) if len(runs) > 1 else ax.legend(loc="upper right")


def spectral_locus() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Wavelength (nm) and chromaticities (x, y) of monochromatic light from 380 to 700 nm."""
    from peqled.materials.observer import observer_table  # loads colour-science, which takes a second

    wavelength, observer = observer_table()
    seen = (wavelength > 379.5e-9) & (wavelength < 700.5e-9)
    x, y, _ = (observer[seen] / observer[seen].sum(axis=1, keepdims=True)).T
    return wavelength[seen] * 1e9, x, y
