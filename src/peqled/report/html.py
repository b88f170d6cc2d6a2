"""One self-contained HTML page: style and figures inline, nothing fetched, fit for screen, dark mode and paper.

A page is a title and sections; a section holds paragraphs, tables, figures, notices, tiles and further sections. All
text is escaped; SVG is taken as it is, with its ids made unique to the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from peqled.report.display import number
from peqled.report.page_style import CSS

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What a browser may load for the page: nothing that is not in it."""
ROLES = ("input", "calibrated", "predicted", "bound", "declined", "not_modelled")


@dataclass(frozen=True)
class Number:
    """A cell with a number: value, unit as shown, and its uncertainty in the same unit."""

    value: float
    unit: str = ""
    uncertainty: float | None = None
    digits: int = 4


@dataclass(frozen=True)
class Badge:
    """A cell with the role of a number: input, calibrated, predicted, bound, declined or not_modelled."""

    role: str


Cell = str | Number | Badge | None


@dataclass(frozen=True)
class Table:
    """Rows under a header. `folded` hides it behind its caption until it is opened; numbers align right."""

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Figure:
    """An SVG drawing. `wide` gives it both columns; `reference` names a counterpart elsewhere."""

    svg: str
    title: str
    caption: str = ""
    reference: str = ""
    wide: bool = False


@dataclass(frozen=True)
class Notice:
    """A block that must not be overlooked: a heading and its points."""

    title: str
    points: Sequence[str]


@dataclass(frozen=True)
class Tiles:
    """Key numbers side by side: name, number and role of each."""

    tiles: Sequence[tuple[str, Number, str]]


@dataclass(frozen=True)
class Preformatted:
    """Text as it was written, such as a recipe, hidden behind its caption."""

    text: str
    caption: str


@dataclass(frozen=True)
class Section:
    """A heading with what belongs under it; strings are paragraphs."""

    title: str
    blocks: Sequence[str | Table | Figure | Notice | Tiles | Preformatted | Section] = ()


def render_page(title: str, sections: Sequence[Section], *, subtitle: str = "", language: str = "en") -> str:
    """The page as one HTML text.

    Args:
        title: heading of the page and of the browser's tab.
        sections: what stands under it, listed in the table of contents.
        subtitle: one line under the title.
        language: of the text, for readers that speak it.
    """
    page = _Page()
    body = "\n".join(page.section(section, level=2) for section in sections)
    lead = f'<p class="subtitle">{escape(subtitle)}</p>' if subtitle else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="color-scheme" content="light dark">\n<link rel="icon" href="data:,">\n'
        f"<title>{escape(title)}</title>\n<style>{CSS}</style>\n</head>\n<body>\n"
        f'<a class="skip" href="#content">Skip to the content</a>\n'
        f"<header><h1>{escape(title)}</h1>{lead}</header>\n{page.contents()}\n"
        f'<main id="content">\n{body}\n</main>\n</body>\n</html>\n'
    )


class _Page:
    """Renders blocks and hands out the ids of one page."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._outline: list[tuple[int, str, str]] = []

    def identify(self, text: str) -> str:
        """An id made of the text, unique on the page."""
        base = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "part"
        ident = base
        count = 1
        while ident in self._used:
            count += 1
            ident = f"{base}-{count}"
        self._used.add(ident)
        return ident

    def contents(self) -> str:
        """Table of contents of the sections rendered so far, two levels deep."""
        entries = [
            f'<li class="level{level}"><a href="#{ident}">{escape(text)}</a></li>'
            for level, ident, text in self._outline
            if level <= 3
        ]
        return f'<nav aria-label="Contents"><ul>{"".join(entries)}</ul></nav>'

    def section(self, section: Section, *, level: int) -> str:
        ident = self.identify(section.title)
        self._outline.append((level, ident, section.title))
        heading = f"h{min(level, 6)}"
        blocks = "\n".join(self._blocks(section.blocks, level))
        return (
            f'<section aria-labelledby="{ident}">\n<{heading} id="{ident}">{escape(section.title)}</{heading}>\n'
            f"{blocks}\n</section>"
        )

    def _blocks(self, blocks: Sequence[object], level: int) -> Iterator[str]:
        """Blocks in order, neighbouring figures in one grid."""
        figures: list[str] = []
        for block in blocks:
            if isinstance(block, Figure):
                figures.append(self._figure(block))
                continue
            if figures:
                yield f'<div class="figures">{"".join(figures)}</div>'
                figures = []
            yield self._block(block, level)
        if figures:
            yield f'<div class="figures">{"".join(figures)}</div>'

    def _block(self, block: object, level: int) -> str:
        match block:
            case str():
                return f"<p>{escape(block)}</p>"
            case Section():
                return self.section(block, level=level + 1)
            case Table():
                return _table(block)
            case Notice():
                points = "".join(f"<li>{escape(point)}</li>" for point in block.points)
                title = f"<p><strong>{escape(block.title)}</strong></p>"
                return f'<aside class="notice" role="note">{title}<ul>{points}</ul></aside>'
            case Tiles():
                return f'<dl class="tiles">{"".join(_tile(*tile) for tile in block.tiles)}</dl>'
            case Preformatted():
                return f"<details><summary>{escape(block.caption)}</summary><pre>{escape(block.text)}</pre></details>"
        raise TypeError(f"a page can't hold a {type(block).__name__}")

    def _figure(self, figure: Figure) -> str:
        ident = self.identify(f"figure {figure.title}")
        reference = f' <span class="reference">{escape(figure.reference)}</span>' if figure.reference else ""
        caption = f"<strong>{escape(figure.title)}.</strong> {escape(figure.caption)}{reference}"
        kind = ' class="wide"' if figure.wide else ""
        drawing = inline_svg(figure.svg, ident=ident, label=f"{figure.title}. {figure.caption}")
        return f'<figure id="{ident}"{kind}>{drawing}<figcaption>{caption}</figcaption></figure>'


def inline_svg(svg: str, *, ident: str, label: str) -> str:
    """SVG text for use inside a page: ids and styles of its own, a spoken label, size left to the page."""
    text = svg[svg.index("<svg") :]
    text = re.sub(r'\bid="([^"]+)"', rf'id="{ident}-\1"', text)
    text = re.sub(r"url\(#", f"url(#{ident}-", text)
    text = re.sub(r'href="#', f'href="#{ident}-', text)
    text = re.sub(r"(<style[^>]*>)\s*\*", rf"\1#{ident} svg *", text)
    opening, rest = text.split(">", 1)
    opening = re.sub(r'\s(width|height|version|id)="[^"]*"', "", opening)
    return f'{opening} role="img" aria-label="{escape(label)}">{rest}'.strip()


def _table(table: Table) -> str:
    right = [any(isinstance(row[i], Number) for row in table.rows) for i in range(len(table.header))]
    head = "".join(
        f'<th scope="col"{_align(side)}>{escape(text)}</th>' for text, side in zip(table.header, right, strict=True)
    )
    rows = "\n".join(_row(row, right) for row in table.rows)
    caption = f"<caption>{escape(table.caption)}</caption>" if table.caption and not table.folded else ""
    text = f'<div class="scroll"><table>{caption}<thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></div>'
    return f"<details><summary>{escape(table.caption)}</summary>{text}</details>" if table.folded else text


def _row(row: Sequence[Cell], right: Sequence[bool]) -> str:
    cells = (f"<td{_align(side)}>{_cell(cell)}</td>" for cell, side in zip(row, right, strict=True))
    return f"<tr>{''.join(cells)}</tr>"


def _align(right: bool) -> str:
    return ' class="number"' if right else ""


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return "–"
        case Number():
            return escape(number_text(cell))
        case Badge():
            return badge(cell.role)
    return escape(cell)


def number_text(cell: Number) -> str:
    """Value, uncertainty (two figures) and unit as text."""
    text = number(cell.value, cell.digits)
    if cell.uncertainty is not None:
        text += f" ± {number(cell.uncertainty, 2)}"
        text = f"({text})" if cell.unit and cell.unit != "°" else text
    return f"{text}\u00a0{cell.unit}".replace("\u00a0°", "°").rstrip("\u00a0")


def badge(role: str) -> str:
    """A role as a coloured word; the word alone says it."""
    kind = role if role in ROLES else "other"
    return f'<span class="badge {kind}">{escape(role.replace("_", " "))}</span>'


def _tile(name: str, value: Number, role: str) -> str:
    unit = f' <span class="unit">{escape(value.unit)}</span>' if value.unit else ""
    shown = escape(number(value.value, value.digits))
    return f"<div><dt>{escape(name)}</dt><dd>{shown}{unit}</dd><dd>{badge(role)}</dd></div>"
