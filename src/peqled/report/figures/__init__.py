"""Figures of a result: `plot` draws one by name, `figure_names` lists them.

A name is a figure of the registry (``eqe_current``, ``insitu_map``, ...) or any observable of the vocabulary, which is
then drawn by its dimensions. Two results lie on the same axes, or in panels side by side, when both are given.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import xarray as xr
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from peqled.report.figures import (
    batch,
    colours,
    device,
    dots,
    experiments,
    insitu,
    ligands,
    light,
    network,
    operation,
    population,
    precursor,
    profiles,
    washing,
)
from peqled.report.figures.generic import spec_of
from peqled.report.figures.registry import REGISTERED, FigureSpec, Run
from peqled.report.figures.style import DASHES, FULL, PALETTE, STYLE, Drawing, to_svg
from peqled.vocabulary import observables

__all__ = ["FIGURES", "FigureSpec", "applicable_figures", "figure_names", "plot", "to_svg"]

_CHEMISTRY = (precursor, network, insitu, population, ligands, dots, washing)
_MODULES = (*_CHEMISTRY, light, profiles, device, experiments, colours, batch, operation)
_ORDER = [module.__name__ for module in _MODULES]
FIGURES = dict(sorted(REGISTERED.items(), key=lambda item: _ORDER.index(item[1].draw.__module__)))
"""All figures by name, in the order of the report."""


def figure_names() -> list[str]:
    """Names of all figures, in the order of the report."""
    return list(FIGURES)


def applicable_figures(tree: xr.DataTree) -> list[FigureSpec]:
    """Figures of one result whose observables it holds, in the order of the report."""
    return [spec for spec in FIGURES.values() if not spec.several and spec.missing(tree) is None]


def plot(
    tree: xr.DataTree | Sequence[xr.DataTree],
    name: str,
    *,
    ax: Axes | None = None,
    labels: Sequence[str] | None = None,
    **options: Any,
) -> Figure:
    """Draw a figure or an observable of one result, or of several for comparison.

    Args:
        tree: what `peqled.simulate` or `peqled.open_result` returns, or several of these.
        name: a figure name (`figure_names`) or an observable such as ``led.eqe``.
        ax: axes to draw on (single-axes figures only); a new figure is made without it.
        labels: what the legend calls the results.
        options: choices of one figure: ``time`` (s) of `network`, ``voltage`` (V) of `band_diagram` and `profiles`.

    Raises:
        KeyError: no such figure or observable, or a result does not hold what it needs.
        ValueError: `ax` for a figure that needs several axes, or `labels` that do not match the results.
    """
    spec = _spec(name)
    runs = _runs(tree if isinstance(tree, Sequence) else [tree], labels)
    for run in runs:
        if (missing := spec.missing(run.tree)) is not None:
            raise KeyError(f"'{name}' needs {missing}: this result's stages are {', '.join(run.tree.children)}")
    with rc_context(STYLE):
        if ax is None:
            return _new_figure(spec, runs, options)
        if len(spec.rows) > 1 or (spec.panels and len(runs) > 1):
            raise ValueError(f"'{name}' of {len(runs)} result(s) draws several axes: leave out 'ax'")
        if spec.polar != (ax.name == "polar"):
            raise ValueError(f"'{name}' needs {'polar' if spec.polar else 'rectangular'} axes, got {ax.name}")
        spec.draw(ax, runs[0] if spec.panels else runs, **options)
        figure = ax.get_figure(root=True)
        assert figure is not None
        return figure


def _spec(name: str) -> FigureSpec:
    if name in FIGURES:
        return FIGURES[name]
    known = [entry.name for entry in observables() if entry.stage]
    if name in known:
        return spec_of(name)
    near = difflib.get_close_matches(name, [*FIGURES, *known], n=3, cutoff=0.4)
    raise KeyError(f"no figure or observable '{name}'; the nearest are: {', '.join(near) or 'none'}")


def _runs(trees: Sequence[xr.DataTree], labels: Sequence[str] | None) -> list[Run]:
    if labels is None:
        labels = [""] if len(trees) == 1 else [f"result {i + 1}" for i in range(len(trees))]
    if len(labels) != len(trees):
        raise ValueError(f"{len(trees)} results need as many labels, got {len(labels)}")
    return [
        Run(tree, label, PALETTE[i % len(PALETTE)], DASHES[i % len(DASHES)])
        for i, (tree, label) in enumerate(zip(trees, labels, strict=True))
    ]


def _new_figure(spec: FigureSpec, runs: list[Run], options: dict[str, Any]) -> Drawing:
    """Panels of full width lie below each other, the others side by side."""
    count = len(runs) if spec.panels else 1
    stacked = spec.width >= FULL
    width = spec.width if stacked else min(spec.width * count, FULL)
    legend_rows = len(runs) + 1 if len(runs) > 1 and not spec.panels else 0
    height = spec.height * (count if stacked else 1) + 4.5 * legend_rows  # mm
    drawing = Drawing(figsize=(width / 25.4, height / 25.4), layout="constrained")
    shape = (count, 1) if stacked else (len(spec.rows), count)
    grid = drawing.subplots(
        *shape,
        squeeze=False,
        sharex="col" if len(spec.rows) > 1 else False,
        height_ratios=None if stacked else spec.rows,
        subplot_kw={"projection": "polar"} if spec.polar else None,
    )
    for i in range(count):
        column = grid[i] if stacked else grid[:, i]
        spec.draw(column[0] if len(column) == 1 else tuple(column), runs[i] if spec.panels else runs, **options)
        if spec.panels and runs[i].label:
            column[0].set_title(runs[i].label, loc="left", fontweight="bold", pad=14 if stacked else 5)
    return drawing
