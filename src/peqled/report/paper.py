"""The paper table on screen and on disk: paper.json, paper.md and report.html."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from peqled.report.cells import cells
from peqled.report.comparison import Comparison, Progress, build_table, compare_with_paper
from peqled.report.html import Figure
from peqled.report.paper_page import draw_flasks, paper_page
from peqled.report.rows import paper_doi
from peqled.result import write_json, write_text

__all__ = ["compare_with_paper", "draw_flasks", "markdown", "print_table", "write_paper"]


def write_paper(
    comparison: Comparison,
    folder: Path,
    *,
    flasks: Mapping[str, Figure] | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write paper.json, paper.md and report.html into `folder`, each whole or not at all; returns the table.

    `flasks` are figures that `draw_flasks` has drawn before.
    """
    table = build_table(comparison)
    if progress:
        progress("drawing the report", 1.0)
    write_json(folder / "paper.json", table)
    write_text(folder / "paper.md", markdown(table, samples=comparison.samples))
    write_text(folder / "report.html", paper_page(comparison, table, flasks))
    return table


def markdown(table: Mapping[str, Any], *, samples: int) -> str:
    """The table as Markdown."""
    lines = [
        f"# The paper and the twin\n\nPaper: https://doi.org/{paper_doi()}. Draws for the intervals: {samples}.\n",
        "| id | quantity | sample | paper | twin | interval | deviation | role | verdict | reason |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in cells(row)) + " |" for row in table["rows"]]
    lines += ["\n## Fitted parameters\n", "| parameter | value | unit | rows |", "|---|---|---|---|"]
    lines += [
        f"| {entry['parameter']} | {entry['value']:.6g} | {entry['unit']} | {', '.join(entry['rows'])} |"
        for entry in table["fitted"]
    ]
    return "\n".join(lines) + "\n"


def print_table(table: Mapping[str, Any], folder: Path) -> None:
    """The table on the terminal, then a count of the verdicts and where the files are."""
    from collections import Counter

    from rich.console import Console
    from rich.table import Table

    console = Console()
    shown = Table(title="The paper and the twin", header_style="bold", row_styles=["", "dim"])
    for name in ("id", "quantity", "sample", "paper", "twin", "interval", "role", "verdict"):
        shown.add_column(name, overflow="fold")
    for row in table["rows"]:
        text = cells(row)
        shown.add_row(*text[:6], *text[7:9])
    console.print(shown)
    counted = Counter(row["verdict"] for row in table["rows"] if not row["verdict"].startswith("counts with"))
    console.print(", ".join(f"{number} {verdict}" for verdict, number in counted.most_common()))
    console.print(f"fitted parameters: {len(table['fitted'])}; written to {folder}/paper.json, paper.md, report.html")
