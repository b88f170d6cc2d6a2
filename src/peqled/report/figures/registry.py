"""The registry of figures: what each is called, what it needs, how it is laid out, and the function that draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from peqled.report.display import display
from peqled.report.figures.style import HALF
from peqled.result import read_value

SECTIONS = ("flask", "dots", "film", "light", "device", "lifetime")
"""Parts of the report, in the order of the chain."""

Needs = tuple[str | tuple[str, ...], ...]


class Run(NamedTuple):
    """One result in a drawing: the tree, what the legend calls it, and its line colour and dash."""

    tree: xr.DataTree
    label: str
    colour: str
    dash: Any


@dataclass(frozen=True)
class FigureSpec:
    """One figure.

    Attributes:
        name: what `plot` is asked for.
        draw: ``draw(axes, runs)``, or ``draw(axes, run)`` when it is drawn in panels.
        needs: observables that must be there; a tuple among them means any one of its names.
        title: headline in the report.
        caption: what is drawn, and how it was computed where that matters.
        counterpart: the figure of the paper that shows the same measurement, "" if none does.
        section: part of the report.
        width, height: mm, of one panel.
        panels: one panel per result instead of all results on the same axes; panels of full width are stacked.
        rows: relative heights of the stacked axes.
        polar: whether the axes are polar.
        several: whether it only makes sense for several results; reports of one leave it out.
    """

    name: str
    draw: Callable[..., Any]
    needs: Needs
    title: str
    caption: str = ""
    counterpart: str = ""
    section: str = ""
    width: float = HALF
    height: float = 62.0
    panels: bool = False
    rows: tuple[float, ...] = (1.0,)
    polar: bool = False
    several: bool = False

    def missing(self, tree: xr.DataTree) -> str | None:
        """First observable that this figure needs and the result lacks."""
        for need in self.needs:
            names = (need,) if isinstance(need, str) else need
            if not any(holds(tree, name) for name in names):
                return " or ".join(names)
        return None


REGISTERED: dict[str, FigureSpec] = {}


def figure(name: str, *, needs: Needs, title: str, section: str, **layout: Any) -> Callable[[Callable], Callable]:
    """Register the decorated function as the figure `name`; see `FigureSpec`."""

    def register(draw: Callable) -> Callable:
        REGISTERED[name] = FigureSpec(name, draw, needs, title, section=section, **layout)
        return draw

    return register


def holds(tree: xr.DataTree, name: str) -> bool:
    """Whether a result holds an observable."""
    stage, _, short = name.rpartition(".")
    return stage in tree.children and short in tree[stage].data_vars


def first_of(tree: xr.DataTree, *names: str) -> str:
    """The first of these observables that the result holds."""
    return next(name for name in names if holds(tree, name))


def shown(tree: xr.DataTree, name: str) -> np.ndarray:
    """Values of an observable in display units; what is infinite can't be drawn and becomes NaN."""
    values = np.asarray(read_value(tree, name), dtype=float)
    return np.where(np.isfinite(values), values, np.nan) * display(name).factor


def once_there(tree: xr.DataTree, name: str, weight: str) -> np.ndarray:
    """Values in time (display units) with NaN while `weight` is below a thousandth of its maximum."""
    values = shown(tree, name)
    if not holds(tree, weight):
        return values
    amount = np.nan_to_num(shown(tree, weight))
    amount = amount.reshape(amount.shape[0], -1).max(axis=1)
    return np.where(amount > 1e-3 * amount.max(), values, np.nan)


def along(tree: xr.DataTree, name: str, dim: str) -> np.ndarray:
    """Values of one coordinate of an observable in display units."""
    return np.asarray(read_value(tree, name)[dim], dtype=float) * display(dim).factor


def names_along(tree: xr.DataTree, name: str, dim: str) -> list[str]:
    """Labels along a coordinate that holds text."""
    return [str(label) for label in read_value(tree, name)[dim].values]


def scalar(tree: xr.DataTree, name: str) -> float:
    """A scalar in display units; NaN where the result does not hold it."""
    return float(shown(tree, name)) if holds(tree, name) else float("nan")


def lit_efficiency(tree: xr.DataTree) -> np.ndarray:
    """EQE in display units where the device is turned on (1 cd/m^2), as for the peak EQE; all of it if it never is."""
    efficiency = shown(tree, "led.eqe")
    lit = np.asarray(read_value(tree, "led.luminance"), dtype=float) >= 1.0
    return np.where(lit, efficiency, np.nan) if (lit & np.isfinite(efficiency)).any() else efficiency
