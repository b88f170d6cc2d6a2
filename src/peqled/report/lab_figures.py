"""Drawings of a reading in journal widths: SVG, the data behind each as a table, and the pages of a PDF."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure as Canvas

from peqled.lab.measurement import Measurement, Quantity
from peqled.lab.reading import Reading
from peqled.lab.reduce import Group, topics
from peqled.report.figure_table import figure_csv
from peqled.report.figures.style import FULL, HALF, STYLE, to_svg
from peqled.report.html import Figure
from peqled.result import prepare_folder, write_text

__all__ = ["FIGURES_PER_TOPIC", "Drawn", "draw_all", "drawn", "write_figures"]

Progress = Callable[[str, float], Any]
FIGURES_PER_TOPIC = 12
_MM = 1.0 / 25.4  # inch
_NARROW = 4.9  # inch; what is drawn wider gets both columns


@dataclass(frozen=True)
class Drawn:
    """A figure in the width of one or two journal columns, and its data as CSV text."""

    figure: Figure
    canvas: Canvas
    table: str


def drawn(canvas: Canvas, title: str, caption: str) -> Drawn:
    """A matplotlib figure brought to a journal width, its proportions kept."""
    width, height = canvas.get_size_inches()
    wide = width > _NARROW
    target = (FULL if wide else HALF) * _MM
    canvas.set_size_inches(target, height * target / width)
    with rc_context(STYLE):
        return Drawn(Figure(to_svg(canvas), title, caption, wide=wide), canvas, figure_csv(canvas))


def draw_all(reading: Reading, progress: Progress | None = None) -> dict[str, list[Drawn]]:
    """At most `FIGURES_PER_TOPIC` drawings of each topic."""
    found: dict[str, list[Drawn]] = {}
    modules = topics()
    present = [name for name in modules if any(group.topic == name for group in reading.groups)]
    for step, topic in enumerate(present):
        if progress:
            progress(f"drawing: {topic}", step / len(present))
        groups = [group for group in reading.groups if group.topic == topic]
        if figures := list(_of_topic(modules[topic], groups)):
            found[topic] = figures
    return found


def write_figures(drawings: dict[str, list[Drawn]], folder: Path) -> None:
    """``<topic>-NN.svg`` and ``.csv`` of each; those of an earlier run go."""
    target = prepare_folder(folder)
    for stale in (*target.glob("*.svg"), *target.glob("*.csv")):
        stale.unlink()
    for topic, figures in drawings.items():
        for i, figure in enumerate(figures, 1):
            write_text(target / f"{topic}-{i:02d}.svg", figure.figure.svg)
            write_text(target / f"{topic}-{i:02d}.csv", figure.table)


def _of_topic(module: Any, groups: list[Group]) -> Iterator[Drawn]:
    count = 0
    for group in _figure_groups(module, groups):
        for figure in _of_group(module, group):
            if count >= FIGURES_PER_TOPIC:
                return
            count += 1
            yield figure


def _figure_groups(module: Any, groups: list[Group]) -> list[Group]:
    """Groups as the topic wants them drawn; its quantities go with them. A comparison of all comes first."""
    regroup = getattr(module, "figure_groups", None)
    if regroup is None:
        return sorted((group for group in groups if group.measurements), key=lambda group: not _compares(group))
    everything = _unique(groups)
    rows = tuple(row for group in groups for row in group.quantities)
    return [Group(groups[0].topic, tuple(members), rows) for members in regroup(everything)]


def _compares(group: Group) -> bool:
    return bool(group.quantities) and group.quantities[0].quantity.endswith("_difference")


def _unique(groups: Sequence[Group]) -> list[Measurement]:
    return list({id(m): m for group in groups for m in group.measurements}.values())


def _of_group(module: Any, group: Group) -> list[Drawn]:
    draw: Callable[[Sequence[Measurement], Sequence[Quantity]], Any] | None = getattr(module, "FIGURES", None)
    if draw is None:
        return []
    try:
        with rc_context(STYLE):
            made = list(draw(group.measurements, group.quantities))
        return [drawn(canvas, title, caption) for title, caption, canvas in made]
    except Exception:  # a drawing must never cost the numbers
        return []
