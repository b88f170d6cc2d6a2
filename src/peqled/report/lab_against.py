"""The twin over the data: a section of the report, and against.csv."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib import rc_context
from matplotlib.figure import Figure as Canvas

from peqled.lab.against import Curve, Pair, against_csv, curves, numbers
from peqled.lab.reading import Reading
from peqled.report.display import axis_label, display
from peqled.report.figures.style import BLUE, RED, STYLE
from peqled.report.html import Cell, Number, Section, Table
from peqled.report.lab_figures import Drawn, drawn
from peqled.result import write_text
from peqled.vocabulary import observable

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Overlay", "overlay"]

TOPIC = "against"
_FIGURES = 24
_LOGARITHMIC = ("led.current_density", "led.luminance", "nanocrystal.decay", "film.decay")


class Overlay:
    """A prediction laid over a reading: its curves and numbers, drawings, and the section of the report."""

    def __init__(self, title: str, compared: list[Curve], pairs: list[Pair]) -> None:
        self.title, self.curves, self.pairs = title, compared, pairs

    def write(self, folder: Path) -> None:
        """against.csv, with a byte-order mark so that spreadsheets know its encoding."""
        write_text(folder / "against.csv", "\ufeff" + against_csv(self.curves, self.pairs))

    def drawings(self) -> list[Drawn]:
        """Each curve with the prediction; at most 24."""
        with rc_context(STYLE):
            return [_drawing(curve) for curve in self.curves[:_FIGURES]]

    def section(self, drawings: Sequence[Drawn]) -> Section:
        """Tables of numbers and curves, and the drawings."""
        if not self.curves and not self.pairs:
            return Section("Twin against data", [f"{self.title} predicts nothing of what was read."])
        text = (
            f"Measured against {self.title}; nothing was fitted to these files. Deviations are measured minus"
            " predicted. Every point is in against.csv."
        )
        blocks: list[Any] = [text, *(drawing.figure for drawing in drawings)]
        if self.pairs:
            header = ("sample", "quantity", "measured", "twin", "deviation", "in uncertainties")
            blocks.append(Table(header, [_pair_row(p) for p in self.pairs], caption="Numbers that both give"))
        if self.curves:
            header = ("sample", "observable", "points", "rms deviation", "of the maximum", "treatment")
            blocks.append(Table(header, [_curve_row(c) for c in self.curves], caption="Curves that both give"))
        return Section("Twin against data", blocks)


def overlay(reading: Reading, tree: xr.DataTree, title: str) -> Overlay:
    """What the prediction and the reading have in common."""
    return Overlay(title, curves(reading, tree), numbers(reading, tree))


def _pair_row(p: Pair) -> list[Cell]:
    u = p.uncertainty if math.isfinite(p.uncertainty) and p.uncertainty > 0 else None
    unit = "" if p.unit == "1" else p.unit
    off = p.measured - p.twin
    return [p.sample, p.quantity, Number(p.measured, unit, u), Number(p.twin, unit), Number(off, unit),
            Number(off / u, digits=2) if u else None]  # fmt: skip


def _curve_row(c: Curve) -> list[Cell]:
    shown = display(c.observable)
    rms = Number(c.rms * shown.factor, shown.unit, digits=3)
    share = Number(100.0 * c.relative, "%", digits=3)
    return [c.sample, observable(c.observable).long_name, str(c.x.size), rms, share, c.treatment]


def _drawing(c: Curve) -> Drawn:
    across, along = display(c.coordinate), display(c.observable)
    canvas = Canvas(figsize=(4.2, 3.0), layout="constrained")
    axes = canvas.subplots()
    x = c.x * across.factor
    axes.plot(x, c.measured * along.factor, ".", ms=2.5, color=BLUE, label="measured")
    axes.plot(x, c.twin * along.factor, lw=1.2, color=RED, label="twin")
    if c.observable in _LOGARITHMIC and (c.measured > 0).any():
        axes.set_yscale("log")
        axes.set_ylim(bottom=max(float(c.measured[c.measured > 0].min()) * along.factor * 0.5, 1e-12))
    axes.set_xlabel(axis_label(c.coordinate))
    axes.set_ylabel(axis_label(c.observable))
    axes.legend()
    return drawn(canvas, f"{observable(c.observable).long_name}, {c.sample}", f"{c.treatment}.")
