"""Ageing in operation: lifetime curves and how they scale with luminance (counterparts of Fig. 4e and S11)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from peqled.report.display import axis_label, number, quantity
from peqled.report.figures.axes import label_powers, legend_of_family, legend_of_runs, log_x
from peqled.report.figures.registry import Run, along, figure, holds, scalar, shown
from peqled.report.figures.style import GREY, PALETTE
from peqled.result import read_value

_LUMINANCE, _TIME, _T50 = "lifetime.luminance", "lifetime.time", "lifetime.t50"
_EXPONENT = "lifetime.acceleration_exponent"


@figure(
    "lifetime",
    needs=(_LUMINANCE, _TIME),
    title="Operational lifetime",
    caption="Luminance over its start at constant current, for each initial luminance, from its start at the left edge."
    " Dots: T50.",
    counterpart="Fig. 4e",
    section="lifetime",
)
def lifetime(ax: Axes, runs: Sequence[Run]) -> None:
    """L/L0 against the logarithm of the operating time."""
    names: list[str] = []
    everything = np.concatenate([shown(run.tree, _TIME).ravel() for run in runs])
    log_x(ax, everything, decades=4.0)
    for run in runs:
        hours, curves = np.maximum(shown(run.tree, _TIME), ax.get_xlim()[0]), shown(run.tree, _LUMINANCE)
        for i, start in enumerate(along(run.tree, _LUMINANCE, "initial_luminance")):
            colour = PALETTE[i % len(PALETTE)]
            half = float(read_value(run.tree, _T50)[i]) if holds(run.tree, _T50) else float("nan")
            text = f"{start:,.0f} cd/m²".replace(",", "\u2009")
            names.append(f"{text}, {quantity(_T50, half, 3)}" if np.isfinite(half) and len(runs) == 1 else text)
            ax.plot(hours[i], curves[i], run.dash, color=colour)
            if np.isfinite(half):
                ax.plot(half / 3600.0, 50.0, "o", color=colour)
    ax.axhline(50.0, color=GREY, linewidth=0.8, linestyle=":", zorder=0)
    ax.set(xlabel="operating time (h)", ylabel="L / L₀ (%)", ylim=(0.0, 103.0))
    legend_of_family(ax, list(dict.fromkeys(names)), runs, corner="lower left")


@figure(
    "acceleration",
    needs=(_T50,),
    title="Lifetime against luminance",
    caption="T50 of each initial luminance and the power law L₀ⁿ T50 = const through them, drawn on to 100 cd/m²"
    " (dashed: extrapolated, no result).",
    counterpart="Fig. S11",
    section="lifetime",
)
def acceleration(ax: Axes, runs: Sequence[Run]) -> None:
    """Points, and the power law with the exponent of the result."""
    for run in runs:
        luminance, hours = along(run.tree, _T50, "initial_luminance"), shown(run.tree, _T50)
        exponent = scalar(run.tree, _EXPONENT)
        words = [run.label] if run.label else []
        words += [f"n = {number(exponent, 3)}"] if np.isfinite(exponent) else []
        ax.plot(luminance, hours, "o", color=run.colour, label=", ".join(words) or None)
        known = np.isfinite(hours) & (hours > 0)
        if np.isfinite(exponent) and known.any():
            level = np.exp(np.mean(np.log(hours[known]) + exponent * np.log(luminance[known])))
            for span, dash in ((luminance[known], "-"), (np.array([100.0, luminance[known].min()]), "--")):
                ends = np.array([span.min(), span.max()])
                ax.plot(ends, level * ends**-exponent, dash, color=run.colour, linewidth=1.0)
    if ax.dataLim.minposx < np.inf and ax.dataLim.minposy < np.inf:
        _log_both(ax)
    ax.set(xlabel=axis_label("initial_luminance"), ylabel="T50 (h)")
    if len(runs) > 1:
        legend_of_runs(ax, runs, columns=1)
    elif ax.get_legend_handles_labels()[1]:
        ax.legend(loc="upper right")


def _log_both(ax: Axes) -> None:
    """Logarithmic axes around everything drawn so far."""
    ax.set(xscale="log", yscale="log")
    label_powers(ax.xaxis, *ax.get_xlim())
    label_powers(ax.yaxis, *ax.get_ylim())
