"""The output folder of a run: result.nc, summary.json, figures/*.svg and report.html, each file whole or absent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import xarray as xr

from peqled.report.figures import applicable_figures, figure_names, plot, to_svg
from peqled.report.page import run_page
from peqled.report.summary import Summary, print_summary, summary_of
from peqled.result import prepare_folder, write_json, write_result, write_text

__all__ = ["print_summary", "summary_of", "write_run"]

Progress = Callable[[str, float], Any]


def write_run(tree: xr.DataTree, folder: Path, *, progress: Progress | None = None) -> Summary:
    """Write everything that `peqled run` leaves behind; returns the summary.

    The numbers come first: they are safe before anything is drawn. Figures of an earlier run that do not apply to this
    one are removed; other files in the folder are left alone.

    Args:
        tree: the result.
        folder: where to; created if needed.
        progress: called with a text and the share done.
    """
    prepare_folder(folder)
    summary = summary_of(tree)
    write_result(tree, folder / "result.nc")
    write_json(folder / "summary.json", summary)
    drawings = _draw(tree, progress)
    page = run_page(tree, summary, drawings)
    _write_figures(drawings, prepare_folder(folder / "figures"))
    write_text(folder / "report.html", page)
    if progress:
        progress("written", 1.0)
    return summary


def _draw(tree: xr.DataTree, progress: Progress | None) -> dict[str, str]:
    """SVG text of every figure that applies."""
    specs = applicable_figures(tree)
    drawings = {}
    for i, spec in enumerate(specs):
        if progress:
            progress(f"figure {spec.name}", i / len(specs))
        drawings[spec.name] = to_svg(plot(tree, spec.name))
    return drawings


def _write_figures(drawings: dict[str, str], folder: Path) -> None:
    for name in figure_names():
        if name not in drawings:
            (folder / f"{name}.svg").unlink(missing_ok=True)
    for name, svg in drawings.items():
        write_text(folder / f"{name}.svg", svg)
