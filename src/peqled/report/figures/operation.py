"""Ageing in operation: lifetime curves and how they scale with luminance (counterparts of Fig. 4e and S11)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from peqled.report.display import axis_label, number, quantity
from peqled.report.figures.axes import draw_map, label_powers, legend_of_family, legend_of_runs, log_x, log_y
from peqled.report.figures.registry import Run, along, figure, holds, names_along, scalar, shown
from peqled.report.figures.style import GREY, PALETTE
from peqled.result import read_value

_LUMINANCE, _TIME, _T50 = "lifetime.luminance", "lifetime.time", "lifetime.t50"
_MAP, _OF_TEMPERATURE = "lifetime.damage_map", "lifetime.t50_of_temperature"
_MECHANISMS = "lifetime.mechanism_share"
PAPER_POINT = (1e4, 0.9)
"""Initial luminance (cd/m2) and T50 (h) that the paper prints."""
_EXPONENT = "lifetime.acceleration_exponent"


@figure(
    "lifetime",
    needs=(_LUMINANCE, _TIME),
    title="Operational lifetime",
    caption="Luminance over its start at constant current, for each initial luminance, from its start at the left edge."
    " Dots: T50; diamond: the T50 that the paper prints.",
    counterpart="Fig. 4e",
    section="lifetime",
)
def lifetime(ax: Axes, runs: Sequence[Run]) -> None:
    """L/L0 against the logarithm of the operating time."""
    names: list[str] = []
    everything = np.concatenate([shown(run.tree, _TIME).ravel() for run in runs])
    log_x(ax, everything, decades=6.0)
    for run in runs:
        hours, curves = np.maximum(shown(run.tree, _TIME), ax.get_xlim()[0]), shown(run.tree, _LUMINANCE)
        for i, start in enumerate(along(run.tree, _LUMINANCE, "initial_luminance")):
            colour = PALETTE[i % len(PALETTE)]
            half = float(read_value(run.tree, _T50)[i]) if holds(run.tree, _T50) else float("nan")
            text = f"{start:,.0f} cd/m²".replace(",", "\u2009")
            names.append(f"{text}, {quantity(_T50, half, 3)}" if np.isfinite(half) and len(runs) == 1 else text)
            ax.plot(hours[i], curves[i], run.dash, color=colour)
            if np.isfinite(half):
                ax.plot(half / 3600.0, 50.0, "o", color=colour, clip_on=False)
            if start == PAPER_POINT[0]:
                ax.plot(PAPER_POINT[1], 50.0, "D", color=GREY, markerfacecolor="none", markersize=7)
    ax.axhline(50.0, color=GREY, linewidth=0.8, linestyle=":", zorder=0)
    ax.set(xlabel="operating time (h)", ylabel="L / L₀ (%)", ylim=(0.0, 103.0))
    few = len(set(names)) <= 3
    legend_of_family(ax, list(dict.fromkeys(names)), runs, corner="lower left" if few else "")


@figure(
    "acceleration",
    needs=(_T50,),
    title="Lifetime against luminance",
    caption="T50 of each initial luminance and the power law L₀ⁿ T50 = const through them, drawn on to 100 cd/m²"
    " (dashed: extrapolated, no result). Band, where there is one: 90 % of the mixtures of mechanisms that agree with"
    " the calibrated T50 and exponent. Diamond: the paper.",
    counterpart="Fig. S11",
    section="lifetime",
)
def acceleration(ax: Axes, runs: Sequence[Run]) -> None:
    """Points, interval, and the power law with the exponent of the result."""
    for run in runs:
        luminance, hours = along(run.tree, _T50, "initial_luminance"), shown(run.tree, _T50)
        exponent = scalar(run.tree, _EXPONENT)
        words = [run.label] if run.label else []
        words += [f"n = {number(exponent, 3)}"] if np.isfinite(exponent) else []
        _interval(ax, run, luminance)
        ax.plot(luminance, hours, "o", color=run.colour, label=", ".join(words) or None)
        known = np.isfinite(hours) & (hours > 0)
        if np.isfinite(exponent) and known.any():
            level = np.exp(np.mean(np.log(hours[known]) + exponent * np.log(luminance[known])))
            for span, dash in ((luminance[known], "-"), (np.array([100.0, luminance[known].min()]), "--")):
                ends = np.array([span.min(), span.max()])
                ax.plot(ends, level * ends**-exponent, dash, color=run.colour, linewidth=1.0)
    if ax.dataLim.minposx < np.inf and ax.dataLim.minposy < np.inf:
        ax.plot(*PAPER_POINT, "D", color=GREY, markerfacecolor="none", label="paper" if len(runs) == 1 else None)
        _log_both(ax)
    ax.set(xlabel=axis_label("initial_luminance"), ylabel="T50 (h)")
    if len(runs) > 1:
        legend_of_runs(ax, runs, columns=1)
    elif ax.get_legend_handles_labels()[1]:
        ax.legend(loc="upper right")


def _interval(ax: Axes, run: Run, luminance: np.ndarray) -> None:
    """Band of the mixtures of mechanisms, where the result has one."""
    if not holds(run.tree, f"{_T50}_low") or not holds(run.tree, f"{_T50}_high"):
        return
    low, high = (shown(run.tree, f"{_T50}_{end}") for end in ("low", "high"))
    order = np.argsort(luminance)
    known = order[np.isfinite(low[order]) & np.isfinite(high[order]) & (low[order] > 0)]
    if known.size > 1:
        ax.fill_between(luminance[known], low[known], high[known], color=run.colour, alpha=0.2, linewidth=0)


@figure(
    "arrhenius",
    needs=(_OF_TEMPERATURE,),
    title="Lifetime against temperature",
    caption="T50 of each initial luminance against the temperature of the surroundings. Self-heating is included;"
    " temperature acts on the damage and on the transport.",
    section="lifetime",
)
def arrhenius(ax: Axes, runs: Sequence[Run]) -> None:
    """ln T50 against 1/T."""
    names: list[str] = []
    values = np.concatenate([shown(run.tree, _OF_TEMPERATURE).ravel() for run in runs])
    log_y(ax, values, decades=12.0)
    for run in runs:
        inverse = 1e3 / along(run.tree, _OF_TEMPERATURE, "test_temperature")
        curves = shown(run.tree, _OF_TEMPERATURE)
        for i, start in enumerate(along(run.tree, _OF_TEMPERATURE, "initial_luminance")):
            names.append(f"{start:,.0f} cd/m²".replace(",", "\u2009"))
            ax.plot(inverse, curves[:, i], run.dash, marker="o", color=PALETTE[i % len(PALETTE)])
    ax.set(xlabel="1000 K / T", ylabel="T50 (h)")
    legend_of_family(ax, list(dict.fromkeys(names)), runs)


@figure(
    "damage_map",
    needs=(_MAP, _TIME),
    title="Where the damage sits",
    caption="Defects against depth and operating time, at the highest luminance that has a T50.",
    section="lifetime",
    panels=True,
)
def damage_map(ax: Axes, run: Run) -> None:
    """Depth times time; only the depths that take damage."""
    times, t50 = shown(run.tree, _TIME), shown(run.tree, _T50)
    luminance = along(run.tree, _T50, "initial_luminance")
    hours = times[int(np.argmax(np.where(np.isfinite(t50), luminance, -1.0)))]
    depth, grown = along(run.tree, _MAP, "damage_depth"), np.nan_to_num(shown(run.tree, _MAP))
    hurt = grown.max(axis=0) > 1e-6 * grown.max() if grown.max() > 0 else np.ones(depth.size, dtype=bool)
    known = np.isfinite(hours)
    if known.sum() > 1:
        draw_map(ax, hours[known], depth[hurt], grown[known][:, hurt].T, label=axis_label(_MAP))
    ax.set(xlabel="operating time (h)", ylabel=axis_label("damage_depth"))


@figure(
    "mechanisms",
    needs=(_MECHANISMS,),
    title="What ages the device",
    caption="Share of each mechanism of the initial loss of luminance. The paper informs it at two luminances only.",
    section="lifetime",
)
def mechanisms(ax: Axes, runs: Sequence[Run]) -> None:
    """Shares against luminance, those that act at all."""
    names: list[str] = []
    for run in runs:
        luminance, shares = along(run.tree, _MECHANISMS, "initial_luminance"), shown(run.tree, _MECHANISMS)
        order = np.argsort(luminance)
        for i, name in enumerate(names_along(run.tree, _MECHANISMS, "mechanism")):
            if np.nan_to_num(shares[:, i]).max() > 0 or not np.isfinite(shares).any():
                names.append(name)
                place = list(dict.fromkeys(names)).index(name)
                ax.plot(luminance[order], shares[order, i], run.dash, marker="o", color=PALETTE[place % len(PALETTE)])
    ax.set_xscale("log")
    label_powers(ax.xaxis, *ax.get_xlim())
    ax.set(xlabel=axis_label("initial_luminance"), ylabel="share of the initial loss (%)", ylim=(0.0, 103.0))
    legend_of_family(ax, list(dict.fromkeys(names)), runs)


def _log_both(ax: Axes) -> None:
    """Logarithmic axes around everything drawn so far."""
    ax.set(xscale="log", yscale="log")
    label_powers(ax.xaxis, *ax.get_xlim())
    label_powers(ax.yaxis, *ax.get_ylim())
