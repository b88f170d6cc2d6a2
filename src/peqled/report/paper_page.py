"""The report of the comparison with the paper: table, fitted parameters, and the counterparts of Figs. 1 to 4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from peqled.report.cells import cells
from peqled.report.comparison import PAPER_LUMINANCE, Comparison
from peqled.report.figures import FIGURES, plot, to_svg
from peqled.report.figures.style import FULL
from peqled.report.html import Badge, Figure, Notice, Number, Section, Table, Tiles, render_page
from peqled.report.readings import CONTROL, IMPROVED, Trees
from peqled.report.rows import paper_doi
from peqled.result import read_value, warnings_of

SECTIONS = {
    "flask": "Flask",
    "dots": "Nanocrystals",
    "film": "Film",
    "light": "Light",
    "device": "Device",
    "lifetime": "Lifetime",
}
BOTH = ("flask", "dots", "film")
"""Parts in which both flasks are drawn; the paper's device is made of the improved one."""


def draw_flasks(trees: Trees) -> dict[str, Figure]:
    """Figures of both flasks, their dots and films, which can be drawn while the devices are still simulated."""
    both = [trees[IMPROVED], trees[CONTROL]]
    return {name: _figure(both, [IMPROVED, CONTROL], name) for part in BOTH for name in _names(part, both)}


def paper_page(comparison: Comparison, table: Mapping[str, Any], flasks: Mapping[str, Figure] | None = None) -> str:
    """HTML text of the comparison; `flasks` are the figures of `draw_flasks`, drawn now where they are not given."""
    drawn = draw_flasks(comparison.trees) if flasks is None else flasks
    sections = [_overview(comparison, table), _table(table), _fitted(table)]
    sections += [_figures(comparison, part, drawn) for part in SECTIONS]
    sections.append(Section("What was assumed", _assumptions(comparison)))
    subtitle = f"Zhang et al., Adv. Sci. 2023, {paper_doi()}"
    return render_page("The paper and its digital twin", sections, subtitle=subtitle)


def _overview(comparison: Comparison, table: Mapping[str, Any]) -> Section:
    tree = comparison.trees[IMPROVED]

    def tile(text: str, name: str, factor: float, unit: str, role: str) -> tuple[str, Number, str]:
        variable = read_value(tree, name)
        value = float(variable if variable.ndim == 0 else variable.sel(initial_luminance=1e4))
        return text, Number(value * factor, unit, digits=4), role

    counted = Counter(row["verdict"] for row in table["rows"] if not row["verdict"].startswith("counts with"))
    words = ", ".join(f"{number} {verdict}" for verdict, number in counted.most_common())
    return Section(
        "At a glance",
        [
            Tiles(
                [
                    tile("PL peak", "nanocrystal.pl_peak", 1e9, "nm", "calibrated"),
                    tile("PL width", "nanocrystal.pl_fwhm", 1e9, "nm", "calibrated"),
                    tile("of which homogeneous", "nanocrystal.pl_fwhm_homogeneous", 1e9, "nm", "predicted"),
                    tile("peak EQE", "led.eqe_max", 100, "%", "predicted"),
                    tile("mean EQE of the batch", "batch.eqe_mean", 100, "%", "predicted"),
                    tile("Lambertian factor", "led.lambertian_factor", 1, "", "predicted"),
                    tile("T50 at 10\u202f000 cd/m²", "lifetime.t50", 1 / 60, "min", "calibrated"),
                    tile("acceleration exponent", "lifetime.acceleration_exponent", 1, "", "calibrated"),
                ]
            ),
            "Both flasks share every parameter but those that their ligands and the resurfacing agent make different. "
            "A calibrated row was used to fit a parameter or to choose a default, so its agreement shows nothing; a "
            "predicted row was not. A row that repeats a measurement counts with the row that holds it.",
            f"Rows by verdict: {words}.",
            _interval_note(comparison.samples),
        ],
    )


def _interval_note(samples: int) -> str:
    if samples == 0:
        return "No draws were made: the intervals are open."
    return (
        f"Intervals hold 90 % of {samples} draws from the ranges of the parameter book, fitted parameters held. They "
        "are priors carried through the model and hold no model error. Lifetimes of the draws are to first order."
    )


def _table(table: Mapping[str, Any]) -> Section:
    header = ("id", "quantity", "paper", "twin", "role", "verdict and reason")
    rows = []
    for row in table["rows"]:
        identity, quantity, sample, paper, twin, interval, _, _, verdict, reason = cells(row)
        rows.append(
            (
                identity,
                f"{quantity} ({sample})",
                paper,
                f"{twin}, {interval}" if interval else twin,
                Badge(row["role"]),
                f"{verdict}: {reason}" if reason else verdict,
            )
        )
    caption = f"{len(rows)} rows, in the order of the paper; after the twin's number its interval."
    return Section("Every number of the paper", [Table(header, rows, caption=caption)])


def _fitted(table: Mapping[str, Any]) -> Section:
    rows = [
        (entry["parameter"], Number(entry["value"], entry["unit"], digits=5), ", ".join(entry["rows"]))
        for entry in table["fitted"]
    ]
    text = "The same values serve both flasks; calibration/calibrate.py fits them again."
    return Section("Fitted parameters", [text, Table(("parameter", "value", "rows it was fitted to"), rows)])


def _figures(comparison: Comparison, part: str, flasks: Mapping[str, Figure]) -> Section:
    improved = [comparison.trees[IMPROVED]]
    if part in BOTH:
        return Section(SECTIONS[part], [flasks[name] for name in flasks if FIGURES[name].section == part])
    drawn = [_figure(improved, [IMPROVED], name) for name in _names(part, improved)]
    return Section(SECTIONS[part], [*drawn, _devices(comparison)] if part == "device" else drawn)


def _names(part: str, trees: Sequence[Any]) -> list[str]:
    """Figures of a part that these results hold what is needed for."""
    fitting = (spec for spec in FIGURES.values() if spec.section == part)
    return [spec.name for spec in fitting if all(spec.missing(tree) is None for tree in trees)]


DEVICE_ROWS = (
    ("led.eqe_max", "peak EQE", 100.0, "%"),
    ("led.current_efficiency_max", "peak current efficiency", 1.0, "cd/A"),
    ("led.turn_on_voltage", "turn-on voltage", 1.0, "V"),
    ("led.luminance_max", "highest luminance", 1.0, "cd/m²"),
    ("led.el_peak", "EL peak", 1e9, "nm"),
    ("lifetime.t50", "T50 at 10\u202f000 cd/m²", 1 / 60, "min"),
)


def _devices(comparison: Comparison) -> Table:
    """The same stack on the dots of either flask; the paper prints numbers of the first one alone."""

    def cell(name: str, factor: float, unit: str, tree: Any) -> Number:
        variable = read_value(tree, name)
        value = variable if variable.ndim == 0 else variable.sel(initial_luminance=PAPER_LUMINANCE)
        return Number(float(value) * factor, unit, digits=4)

    rows = [
        (text, *(cell(name, factor, unit, comparison.trees[which]) for which in (IMPROVED, CONTROL)))
        for name, text, factor, unit in DEVICE_ROWS
    ]
    caption = "The same stack on the dots of either flask. The paper prints nothing of a device of the second."
    return Table(("", IMPROVED, CONTROL), rows, caption=caption)


def _figure(trees: Sequence[Any], labels: Sequence[str], name: str) -> Figure:
    spec = FIGURES[name]
    single = len(trees) == 1
    drawing = plot(trees[0], name) if single else plot(trees, name, labels=labels)
    reference = f"Counterpart of {spec.counterpart} of the paper." if spec.counterpart else ""
    wide = spec.width >= FULL or (spec.panels and not single)
    return Figure(to_svg(drawing), spec.title, spec.caption, reference, wide)


def _assumptions(comparison: Comparison) -> list[Any]:
    notices = [
        Notice(f"{name}: outside the range of the model, or assumed", warnings_of(tree))
        for name, tree in comparison.trees.items()
        if warnings_of(tree)
    ]
    rows = [
        (entry["name"], Number(entry["value"], entry["unit"], digits=5), entry["evidence"], entry["source"])
        for entry in comparison.parameters[IMPROVED].provenance()
        if entry["evidence"] != "default" or not entry["name"].startswith("fabrication")
    ]
    header = ("parameter", "value", "evidence", "source")
    return [
        *notices,
        Table(header, rows, caption="Every parameter of the book that the recipes can reach.", folded=True),
    ]
