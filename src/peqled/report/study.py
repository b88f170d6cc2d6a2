"""What `peqled lifetime`, `batch` and `plan-test` leave behind: tables as CSV, figures, the result and a page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from peqled.report.figures import FIGURES, applicable_figures, plot, to_svg
from peqled.report.figures.style import FULL
from peqled.report.html import Figure, Notice, Number, Section, Tiles, render_page
from peqled.report.page import provenance_section
from peqled.report.tables import Sheet
from peqled.result import prepare_folder, warnings_of, write_result, write_text

Tile = tuple[str, Number, str]
Progress = Callable[[str, float], Any]


def write_study(
    tree: xr.DataTree,
    sheets: Sequence[Sheet],
    folder: Path,
    *,
    title: str,
    tiles: Sequence[Tile] = (),
    text: Sequence[str] = (),
    progress: Progress | None = None,
) -> None:
    """Write result.nc, NAME.csv of every sheet, figures/*.svg and report.html, each whole or not at all.

    Args:
        tree: the labelled result; its figures are those that apply to it.
        sheets: tables, in the order of the page.
        folder: where to; created if needed.
        title: heading of the page.
        tiles: key numbers.
        text: paragraphs under them.
        progress: called with a text and the share done.
    """
    prepare_folder(folder)
    write_result(tree, folder / "result.nc")
    for sheet in sheets:
        write_text(folder / f"{sheet.name}.csv", sheet.csv())
    drawings = _draw(tree, progress)
    prepare_folder(folder / "figures")
    for name, svg in drawings.items():
        write_text(folder / "figures" / f"{name}.svg", svg)
    sections = [_overview(tree, tiles, text), _figures(drawings), _tables(sheets)]
    recipe = json.loads(tree.attrs["recipe"])
    sections.append(provenance_section(tree, recipe))
    write_text(folder / "report.html", render_page(title, sections, subtitle=recipe.get("title", "")))
    if progress:
        progress("written", 1.0)


def as_json(sheets: Sequence[Sheet], notes: Sequence[str] = ()) -> str:
    """All sheets by name, and what stands beside them, as strict JSON."""
    content: dict[str, Any] = {sheet.name: sheet.records() for sheet in sheets}
    return json.dumps(content | {"notes": list(notes)}, indent=1, allow_nan=False, ensure_ascii=False)


def show(sheets: Sequence[Sheet], folder: Path | None, *, notes: Sequence[str] = ()) -> None:
    """Print the sheets, the notes, and where the files are."""
    from rich.console import Console

    for sheet in sheets:
        sheet.show()
    console = Console()
    for note in notes:
        console.print(f"- {note}", highlight=False, markup=False)
    if folder is not None:
        kinds = (".csv", ".html", ".jsonl", ".nc")
        files = ", ".join(sorted(path.name for path in folder.iterdir() if path.suffix in kinds))
        console.print(
            f"{files} and figures/ are in {folder}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


def _draw(tree: xr.DataTree, progress: Progress | None) -> dict[str, str]:
    specs, drawings = applicable_figures(tree), {}
    for i, spec in enumerate(specs):
        if progress:
            progress(f"figure {spec.name}", i / len(specs))
        drawings[spec.name] = to_svg(plot(tree, spec.name))
    return drawings


def _overview(tree: xr.DataTree, tiles: Sequence[Tile], text: Sequence[str]) -> Section:
    blocks: list[Any] = [Tiles(list(tiles))] if tiles else []
    blocks += text
    if warnings := warnings_of(tree):
        blocks.append(Notice("Outside the range of the model, or assumed", warnings))
    return Section("At a glance", blocks)


def _figures(drawings: Mapping[str, str]) -> Section:
    return Section("Figures", [_figure(name, svg) for name, svg in drawings.items()])


def _figure(name: str, svg: str) -> Figure:
    spec = FIGURES[name]
    reference = f"paper: {spec.counterpart}" if spec.counterpart else ""
    return Figure(svg, spec.title, spec.caption, reference=reference, wide=spec.width >= FULL)


def _tables(sheets: Sequence[Sheet]) -> Section:
    return Section("Tables", [sheet.page(folded=len(sheet.rows) > 60) for sheet in sheets])
