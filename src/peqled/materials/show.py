"""The book for the eye: tables for the terminal, JSON for programs, figures of ranges and of n and k."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from peqled.materials.book import Book, BookError, Material, load_book
from peqled.materials.check import check_book
from peqled.materials.dispersion import IndexLaw, evaluate, wavelength_range
from peqled.materials.parameter import Parameter

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = [
    "book_table",
    "list_book",
    "material_record",
    "material_table",
    "plot_index",
    "plot_material",
    "plot_parameters",
    "show_findings",
    "show_material",
    "to_text",
]

_SHOWN = (380e-9, 800e-9)  # m, wavelengths of the figure
_GREEN = 517e-9  # m, where the table reads n and k
_COLOURS = {"paper": "C2", "data": "C0", "literature": "C1", "computed": "C4", "default": "C7"}


def list_book(*, as_json: bool = False) -> None:
    """Print one row per material of the bundled book."""
    book = load_book()
    _print([_summary(material) for material in book.materials.values()] if as_json else book_table(book))


def show_material(name: str, *, output: Path | None = None, as_json: bool = False) -> None:
    """Print a material and, with ``output``, draw it into a svg, png or pdf file. Raises `BookError`."""
    material = load_book().material(name)
    if output is not None:
        try:
            plot_material(material).savefig(output)
        except (OSError, ValueError) as error:
            raise BookError(f"the drawing can't be written to {str(output)!r}: {error}") from error
    _print(material_record(material) if as_json else material_table(material))


def show_findings(*, as_json: bool = False) -> bool:
    """Print all findings on the bundled book; whether one of them is an error."""
    findings = check_book()
    _print([dataclasses.asdict(finding) for finding in findings] if as_json else _findings_table(findings))
    return any(finding.severity == "error" for finding in findings)


def book_table(book: Book) -> Table:
    """One row per material: name, title, role, how many parameters, which index laws."""
    table = _table("material", "title", "role", "parameters", "index", "inherits")
    for material in book.materials.values():
        row = _summary(material)
        table.add_row(*(", ".join(cell) if isinstance(cell, list) else str(cell) for cell in row.values()))
    return table


def material_table(material: Material) -> Table:
    """Parameters and index laws of a material."""
    table = _table("parameter", "symbol", "value", "range", "evidence", "source", "note", title=_heading(material))
    for parameter in material:
        cells = (parameter.name, parameter.symbol, parameter.value_text, parameter.range_text)
        table.add_row(*cells, parameter.evidence, parameter.source, parameter.note)
    for position, law in enumerate(material.index):
        low, high = wavelength_range(law)
        name = "alternative index" if position else "index"
        cells = (name, law.label, _green(law), f"{low * 1e9:.0f} to {high * 1e9:.0f} nm")
        table.add_row(*cells, law.evidence, law.source, law.note)
    return table


def material_record(material: Material) -> dict[str, Any]:
    """All of a material as plain data, values in working units."""
    parameters = {parameter.name: dataclasses.asdict(parameter) for parameter in material}
    laws = [
        {"label": law.label, "kind": law.kind, "range": wavelength_range(law), "at_517_nm": _green(law)}
        | {"source": law.source, "evidence": law.evidence, "note": law.note}
        for law in material.index
    ]
    about = {"name": material.name, "title": material.title, "role": material.role, "inherits": material.inherits}
    return about | {"parameters": parameters, "index": laws}


def to_text(table: Table, *, width: int = 160) -> str:
    """A table as plain text."""
    from rich.console import Console

    text = io.StringIO()
    Console(file=text, width=width, no_color=True).print(table)
    return text.getvalue()


def plot_material(material: Material) -> Figure:
    """Parameters over their ranges beside n and k."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, max(3.5, 0.28 * len(material) + 1)), layout="constrained")
    left, right = figure.subplots(1, 2)
    plot_parameters(material, left)
    plot_index(material, right)
    figure.suptitle(_heading(material))
    return figure


def plot_parameters(material: Material, axes: Axes) -> Axes:
    """Each parameter as a point on its own range, drawn from low to high (on a log scale where it is sampled so)."""
    parameters = [parameter for parameter in material if not parameter.fixed]
    for row, parameter in enumerate(parameters):
        colour = _COLOURS[parameter.evidence]
        axes.plot([0, 1], [row, row], color=colour, alpha=0.3, linewidth=4, solid_capstyle="butt")
        axes.plot(_position(parameter), row, "o", color=colour, markersize=5)
        axes.annotate(parameter.value_text, (1.03, row), fontsize=7, va="center")
    axes.set_yticks(range(len(parameters)), [parameter.name for parameter in parameters], fontsize=7)
    axes.set(xlim=(-0.05, 1.5), xticks=[0, 1], xticklabels=["low", "high"])
    axes.invert_yaxis()
    for evidence in dict.fromkeys(parameter.evidence for parameter in parameters):
        axes.plot([], [], "o", color=_COLOURS[evidence], label=evidence)
    if parameters:
        axes.legend(fontsize=7, loc="upper right")
    return axes


def plot_index(material: Material, axes: Axes) -> Axes:
    """n (solid) and k (dashed) of the preferred law and its alternatives, each over its own range."""
    for position, law in enumerate(material.index):
        low, high = wavelength_range(law)
        wavelength = np.linspace(max(low, _SHOWN[0]), min(high, _SHOWN[1]), 211)
        index, width = evaluate(law, wavelength), 1.0 if position else 2.0
        axes.plot(wavelength * 1e9, index.real, color=f"C{position}", linewidth=width, label=law.label)
        axes.plot(wavelength * 1e9, index.imag, color=f"C{position}", linewidth=width, linestyle="--")
    axes.set(xlabel="wavelength (nm)", ylabel="n (solid), k (dashed)")
    if material.index:
        axes.legend(fontsize=8)
    else:
        axes.text(0.5, 0.5, "no refractive index", ha="center", transform=axes.transAxes)
    return axes


def _findings_table(findings: list) -> Table:
    table = _table("severity", "material", "what", "expected")
    for finding in findings:
        table.add_row(finding.severity, finding.material, finding.what, finding.expected)
    return table


def _summary(material: Material) -> dict[str, Any]:
    labels = [law.label for law in material.index]
    row = {"name": material.name, "title": material.title, "role": material.role, "parameters": len(material)}
    return row | {"index": labels, "inherits": material.inherits or ""}


def _green(law: IndexLaw) -> str:
    low, high = wavelength_range(law)
    wavelength = min(max(_GREEN, low), high)
    value = complex(evaluate(law, np.asarray(wavelength)))
    return f"{value.real:.4g} + {value.imag:.3g}i at {wavelength * 1e9:.4g} nm"


def _position(parameter: Parameter) -> float:
    """Place of the value between low (0) and high (1)."""
    scale = np.log if parameter.scale == "log" else np.asarray
    low, value, high = (float(scale(x)) for x in (parameter.low, parameter.value, parameter.high))
    return (value - low) / (high - low)


def _heading(material: Material) -> str:
    heritage = f", inherits {material.inherits}" if material.inherits else ""
    return f"{material.title} ({material.role}{heritage})"


def _table(*columns: str, title: str | None = None) -> Table:
    from rich.table import Column, Table

    return Table(*(Column(name, overflow="fold") for name in columns), title=title)


def _print(content: Any) -> None:
    from rich.console import Console

    if isinstance(content, dict | list):
        print(json.dumps(content, indent=1, ensure_ascii=False))
    else:
        Console().print(content)
