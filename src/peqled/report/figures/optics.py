"""Figures of optics alone, for stacks that belong to no run: each draws arrays of `peqled.optics` on given axes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import LogNorm

from peqled.report.figures.style import BLACK, BLUE, GREEN, GREY, MAP, ORANGE, PALE, PALETTE, PINK, RED, SKY

_FLOWS = {
    "air": GREEN,
    "trapped in the substrate": SKY,
    "absorbed, leaky": ORANGE,
    "absorbed, guided TE": BLUE,
    "absorbed, guided TM and plasmon": RED,
    "lossless guides": PINK,
    "top": GREY,
}


def flows(budget: Any, places: Sequence[str]) -> dict[str, np.ndarray]:
    """The sums of a mode budget [... place polarisation window] that `budget_against` stacks; names are its legend.

    Leaky: what layers absorb below the substrate's light line. Guided: beyond it, by polarisation, because no bound of
    the effective index tells the plasmon from TM modes.
    """
    budget = np.asarray(budget)
    at = {name: budget[..., places.index(name), :, :].sum((-2, -1)) for name in ("air", "substrate", "top", "guided")}
    layers = budget[..., : places.index("air"), :, :].sum(-3)
    return {
        "air": at["air"],
        "trapped in the substrate": at["substrate"],
        "absorbed, leaky": layers[..., :2].sum((-2, -1)),
        "absorbed, guided TE": layers[..., 0, 2:].sum(-1),
        "absorbed, guided TM and plasmon": layers[..., 1, 2:].sum(-1),
        "lossless guides": at["guided"],
        "top": at["top"],
    }


def budget_against(ax: Axes, values: Any, shares: dict[str, Any], *, label: str) -> None:
    """Mode budget as stacked areas against `values`, for instance a thickness in nm; `shares` come from `flows`."""
    kept = {name: np.asarray(y) for name, y in shares.items() if np.max(y) > 5e-4}
    colours = [_FLOWS[name] for name in kept]
    ax.stackplot(values, *(100.0 * y for y in kept.values()), labels=list(kept), colors=colours, linewidth=0.0)
    ax.set(
        xlabel=label, ylabel="share of the dipole's power (%)", ylim=(0.0, 100.0), xlim=(np.min(values), np.max(values))
    )
    handles, names = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], names[::-1], loc="center left", bbox_to_anchor=(1.02, 0.5))


def dissipation_map(ax: Axes, effective: Any, wavelength: Any, power: Any, *, lines: dict[str, float]) -> QuadMesh:
    """Power per effective index [wavelength effective index], logarithmic; `lines` are light lines to name."""
    power = np.asarray(power)
    top = float(np.nanmax(power))
    mesh = ax.pcolormesh(
        effective,
        np.asarray(wavelength) * 1e9,
        np.clip(power, 1e-4 * top, None),
        norm=LogNorm(1e-4 * top, top),
        cmap=MAP,
        shading="gouraud",
        rasterized=True,
    )
    for name, index in lines.items():
        ax.axvline(index, color="white", linewidth=0.7, linestyle="--")
        ax.annotate(name, (index, 1.01), xycoords=("data", "axes fraction"), ha="center", fontsize=7, color=BLACK)
    ax.set(xlabel="effective index", ylabel="wavelength (nm)")
    return mesh


def field_in_stack(
    ax: Axes, depth: Any, intensity: dict[str, Any], *, thickness: Any, labels: Sequence[str], incident: float = 1.0
) -> None:
    """|E|² over that of the incident wave against the depth; layers are shaded, and named where there is room."""
    edges = np.concatenate([[0.0], np.cumsum(thickness)]) * 1e9
    for i, (start, stop) in enumerate(itertools.pairwise(edges)):
        ax.axvspan(start, stop, color=PALE if i % 2 else "white", linewidth=0.0, zorder=0)
        if stop - start > 0.045 * edges[-1]:
            place = (0.5 * (start + stop), 0.99)
            style = {"rotation": 90, "fontsize": 7, "color": GREY, "ha": "center", "va": "top"}
            ax.annotate(labels[i], place, xycoords=("data", "axes fraction"), **style)
    for (name, values), colour in zip(intensity.items(), PALETTE, strict=False):
        ax.plot(np.asarray(depth) * 1e9, values, color=colour, label=name)
    ax.axhline(incident, color=GREY, linewidth=0.6, linestyle=":")
    ax.set(xlabel="depth (nm)", ylabel="|E|² / |E|² incident", xlim=(0.0, edges[-1]))
    ax.set_ylim(0.0, 1.25 * ax.get_ylim()[1])
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=len(intensity))


def least_yield(
    ax: Axes, horizontal: Any, needed: Any, *, lambertian: Any, tolerance: float = 0.05, target: float
) -> None:
    """Least quantum yield for an EQE of `target` against the horizontal share, over sampled stacks.

    `needed` and `lambertian` are [stack orientation]. Band: the middle half of the stacks that reach it; line: the best
    one; dashed: the best one whose pattern is Lambertian within `tolerance`; bars: share of stacks that reach it.
    """
    x, needed = np.asarray(horizontal), np.asarray(needed)
    possible = np.where(np.isfinite(needed), needed, np.nan)
    reached = np.isfinite(needed).mean(0)
    flat = np.abs(np.asarray(lambertian) - 1.0) <= tolerance
    some = np.isfinite(possible).any(0)
    low, high = (np.full(x.shape, np.nan) for _ in range(2))
    low[some], high[some] = np.nanpercentile(possible[:, some], [25, 75], axis=0)
    ax.fill_between(x, low, high, color=SKY, alpha=0.4, linewidth=0.0, label="middle half of the stacks that reach it")
    ax.plot(x, _best(possible), color=BLUE, label="best stack")
    ax.plot(
        x,
        _best(np.where(flat, possible, np.nan)),
        color=RED,
        linestyle="--",
        label="best stack with a Lambertian pattern",
    )
    ax.bar(x, reached, width=0.02, color=PALE, zorder=0, label="share of stacks that reach it")
    ax.set(
        xlabel="horizontal share of the dipoles",
        ylabel=f"least quantum yield for {100 * target:.4g} %",
        ylim=(0.0, 1.02),
    )
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=1)


def _best(needed: np.ndarray) -> np.ndarray:
    """Least value of every column, NaN where there is none."""
    found = np.min(np.where(np.isfinite(needed), needed, np.inf), axis=0)
    return np.where(np.isfinite(found), found, np.nan)
