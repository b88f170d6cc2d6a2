"""Where the photons go: the mode budget and the angular pattern (counterpart of Fig. S10)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from peqled.report.display import number
from peqled.report.figures.registry import Run, along, figure, first_of, names_along, scalar, shown
from peqled.report.figures.style import BLACK, BLUE, FULL, GREY, ORANGE, PINK, SKY

_BUDGETS = ("led.mode_budget", "optics.mode_budget")
_WINDOW_COLOURS = (BLUE, SKY, ORANGE, PINK)
_EXITS = ("air", "substrate", "guided", "top")
_LEAST = 0.05
"""Share in % below which a place is left off."""
_PATTERN, _FACTOR = "led.angular_intensity", "led.lambertian_factor"


@figure(
    "mode_budget",
    needs=(_BUDGETS,),
    title="Where the photons go",
    caption="Share of all photons by the place where they end, split by effective-index window (colour) and"
    " polarisation (TM hatched). Air is what leaves the device; the layers absorb the rest. Places below 0.05 % are"
    " left off. Weighted over the recombination zone where the result has one, else over a uniform film.",
    section="light",
    width=FULL,
    height=78.0,
    panels=True,
)
def mode_budget(ax: Axes, run: Run) -> None:
    """One bar per place, air first."""
    name = first_of(run.tree, *_BUDGETS)
    places, polarisations, windows = (names_along(run.tree, name, dim) for dim in ("place", "polarisation", "window"))
    shares = shown(run.tree, name)
    totals = np.nan_to_num(shares).sum(axis=(1, 2))
    exits = [places.index(place) for place in _EXITS if place in places and totals[places.index(place)] >= _LEAST]
    kept = exits + [i for i, place in enumerate(places) if place not in _EXITS and totals[i] >= _LEAST]
    for row, i in enumerate(kept):
        left = 0.0
        for j, polarisation in enumerate(polarisations):
            for k in range(len(windows)):
                value = float(np.nan_to_num(shares[i, j, k]))
                hatch = "////" if polarisation == "TM" else None
                style = {"color": _WINDOW_COLOURS[k % 4], "edgecolor": "white", "linewidth": 0.4, "hatch": hatch}
                ax.barh(row, value, left=left, height=0.72, **style)
                left += value
        weight, colour = ("bold", BLACK) if places[i] == "air" else ("normal", GREY)
        ax.text(left + 0.4, row, f"{number(totals[i], 3)} %", va="center", fontsize=8, fontweight=weight, color=colour)
    _dress_budget(ax, [places[i] for i in kept], windows, polarisations, longest=float(totals.max()))


def _dress_budget(ax: Axes, places: list[str], windows: list[str], polarisations: list[str], *, longest: float) -> None:
    ax.set_yticks(range(len(places)), places)
    for label in ax.get_yticklabels():
        if label.get_text() == "air":
            label.set_fontweight("bold")
    if "air" in places:
        row = places.index("air")
        ax.axhspan(row - 0.5, row + 0.5, color="#eaf3ee", zorder=0)
    ax.invert_yaxis()
    ax.set_xlim(0.0, max(1.13 * longest, 1.0))
    ax.set_xlabel("share of all photons (%)")
    handles = [Patch(color=_WINDOW_COLOURS[k % 4], label=window) for k, window in enumerate(windows)]
    hatches = {"TE": None, "TM": "////"}
    handles += [Patch(facecolor=GREY, edgecolor="white", hatch=hatches.get(name), label=name) for name in polarisations]
    ax.legend(handles=handles, title="effective index", alignment="left", loc="center left", bbox_to_anchor=(1.02, 0.5))


@figure(
    "angular",
    needs=(_PATTERN,),
    title="Angular pattern",
    caption="Photons per solid angle in air over the value at normal incidence, against a Lambertian source (dashed"
    " circle). The factor compares the whole flux with that of a Lambertian source of the same forward luminance.",
    counterpart="Fig. S10",
    section="light",
    height=54.0,
    polar=True,
)
def angular(ax: Axes, runs: Sequence[Run]) -> None:
    """Half circle, normal upwards."""
    circle = np.linspace(-np.pi / 2, np.pi / 2, 181)
    ax.plot(circle, np.cos(circle), "--", color=GREY, linewidth=0.9, label="Lambertian")
    for run in runs:
        angle, curve = np.radians(along(run.tree, _PATTERN, "angle")), shown(run.tree, _PATTERN)
        both = np.concatenate([-angle[::-1], angle]), np.concatenate([curve[::-1], curve])
        factor = scalar(run.tree, _FACTOR)
        words = [run.label] if run.label else []
        words += [f"factor {number(factor, 3)}"] if np.isfinite(factor) else []
        ax.plot(*both, run.dash, color=run.colour, label=", ".join(words) or "this device")
    ax.set_theta_zero_location("N")
    ax.set_theta_direction(-1)
    ax.set(thetamin=-90, thetamax=90, ylim=(0.0, 1.15), xticks=np.radians([-90, -60, -30, 0, 30, 60, 90]))
    ax.set_rgrids([0.5, 1.0], angle=90, fontsize=7, color=GREY)
    ax.grid(linewidth=0.4, color="#c8c8c8")
    ax.spines["polar"].set_linewidth(0.5)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0.16), ncols=min(2, 1 + len(runs)))
