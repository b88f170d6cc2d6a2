"""The report of measured files as a PDF: text pages and one page per figure, by matplotlib alone, no browser needed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure as Canvas

from peqled.report.figures.style import STYLE
from peqled.report.html import Cell, Notice, Number, Section, Table, Tiles, number_text
from peqled.report.lab_figures import Drawn
from peqled.result import write_atomically

__all__ = ["text_lines", "write_pdf"]

A4 = (8.27, 11.69)  # inch
COLUMNS, LINES = 116, 92  # characters across and lines down a page
ROWS = 120  # of a table; the rest is in the csv files
_BOLD = "\x01"
_STYLE: dict[Any, Any] = {**STYLE, "pdf.fonttype": 42, "font.monospace": ["DejaVu Sans Mono"]}


def write_pdf(path: Path, title: str, sections: Sequence[Section], drawings: dict[str, list[Drawn]]) -> Path:
    """Pages of text made of the sections, then the figures in their journal widths."""

    lines = [f"{_BOLD}{title}", "", *text_lines(sections), ""]
    listed = len(_captions(drawings, 0))
    lines += _captions(drawings, -(-(len(lines) + listed) // LINES))

    def write(temporary: Path) -> None:
        with rc_context(_STYLE), PdfPages(temporary, metadata={"Title": title, "CreationDate": None}) as pages:
            for start in range(0, len(lines), LINES):
                pages.savefig(_text_page(lines[start : start + LINES]))
            for drawing in (drawing for each in drawings.values() for drawing in each):
                drawing.canvas.set_layout_engine("none")  # laid out already, for the SVG
                pages.savefig(drawing.canvas)

    return write_atomically(path, write)


def _text_page(lines: Sequence[str]) -> Canvas:
    page = Canvas(figsize=A4)
    for number, line in enumerate(lines):
        bold = line.startswith(_BOLD)
        page.text(0.07, 0.96 - 0.92 * number / LINES, line.removeprefix(_BOLD), family="monospace", fontsize=6.6,
                  fontweight="bold" if bold else "normal", va="top", parse_math=False)  # fmt: skip
    return page


def _captions(drawings: dict[str, list[Drawn]], before: int) -> list[str]:
    """A line per figure with the page that it has, the pages of text counted."""
    figures = [drawing.figure for each in drawings.values() for drawing in each]
    lines = [f"{_BOLD}Figures", ""] if figures else []
    for number, figure in enumerate(figures, before + 1):
        lines += _hanging(f"page {number}: {figure.title}. {figure.caption}")
    return lines


def text_lines(sections: Iterable[Section]) -> list[str]:
    """What sections say as lines of at most `COLUMNS` characters; figures are left to their own pages."""
    lines: list[str] = []
    for section in sections:
        lines += ["", f"{_BOLD}{section.title}", ""]
        for block in section.blocks:
            lines += _block(block)
    return lines


def _block(block: Any) -> list[str]:
    match block:
        case str():
            return [*textwrap.wrap(block, COLUMNS), ""]
        case Notice():
            points = [line for point in block.points for line in _hanging(f"- {point}")]
            return [f"{_BOLD}{block.title}", *points, ""]
        case Tiles():
            plain = [(name, Number(v.value, v.unit, digits=v.digits), role) for name, v, role in block.tiles]
            return [*(f"{name:<44} {number_text(value)}, {role}" for name, value, role in plain), ""]
        case Table():
            return _table(block)
        case Section():
            return text_lines([block])
    return []


def _table(table: Table) -> list[str]:
    if table.folded:
        return [f"{table.caption}: in the csv files", ""]
    rows = [[_cell(cell) for cell in row] for row in table.rows[:ROWS]]
    widths = [min(max([len(head), *(len(row[i]) for row in rows)]), 46) for i, head in enumerate(table.header)]
    lines = [f"{_BOLD}{table.caption}"] if table.caption else []
    lines += _hanging(_joined(table.header, widths))
    for row in rows:
        lines += _hanging(_joined(row, widths))
    if len(table.rows) > ROWS:
        lines.append(f"... and {len(table.rows) - ROWS} more rows in the csv files")
    return [*lines, ""]


def _joined(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _hanging(text: str) -> list[str]:
    return textwrap.wrap(text, COLUMNS, subsequent_indent="    ", drop_whitespace=True, break_long_words=True) or [""]


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return "–"
        case Number():
            return number_text(cell)
        case str():
            return " ".join(cell.split())
    return cell.role
