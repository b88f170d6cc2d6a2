"""The report of measured files: key numbers, warnings, figures, tables, the checklist, and every file accounted for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from matplotlib import rc_context

from peqled.lab.exchange import write_eln, write_nomad
from peqled.lab.reading import Reading
from peqled.lab.reduce import Group, topics
from peqled.lab.results import not_written, write_reading
from peqled.report.display import number
from peqled.report.figures.style import STYLE, to_svg
from peqled.report.html import Figure, Notice, Number, Section, Tiles, render_page
from peqled.report.lab_screen import run_notes
from peqled.report.lab_tables import (
    HEADLINES,
    batches_table,
    checklist_section,
    digest_table,
    files_section,
    quantities_table,
    shown_number,
    status_text,
    sweeps_table,
    warnings_section,
)
from peqled.result import prepare_folder, write_text

__all__ = ["lab_page", "write_lab"]

Progress = Callable[[str, float], Any]
FIGURES_PER_TOPIC = 12
ROWS_PER_TOPIC = 300
TITLES = {
    "jvl": "J-V-L and efficiency",
    "spectrum": "EL spectra and colour",
    "angular": "Angular emission",
    "batch": "Batches of devices",
    "lifetime": "Operational lifetime",
    "trpl": "Time-resolved PL",
    "plqy": "PL quantum yield",
    "pl": "PL and absorption",
    "stability": "PL stability",
    "xps": "XPS",
    "ftir": "FTIR",
    "xrd": "XRD",
    "dls": "DLS",
    "tem": "Particle sizes",
    "sclc": "SCLC",
    "general": "Other spectra",
    "certified": "Certified regression problems",
}
ORDER = tuple(["batch", *(name for name in TITLES if name != "batch")])


def write_lab(reading: Reading, folder: Path, *, progress: Progress | None = None) -> Path:
    """Tables, measurements, figures and report.html of a reading; the numbers are written first."""
    write_reading(reading, folder)
    drawings = dict(_draw(reading, progress))
    target = prepare_folder(folder / "figures")
    for stale in target.glob("*.svg"):
        stale.unlink()
    for topic, figures in drawings.items():
        for i, figure in enumerate(figures, 1):
            write_text(target / f"{topic}-{i:02d}.svg", figure.svg)
    write_text(folder / "report.html", lab_page(reading, drawings))
    write_nomad(reading, folder / "nomad.archive.json")
    write_eln(reading, folder, folder / "measurements.eln")
    if progress:
        progress("written", 1.0)
    return folder


def _draw(reading: Reading, progress: Progress | None) -> Iterator[tuple[str, list[Figure]]]:
    modules = topics()
    for step, topic in enumerate(name for name in modules if any(group.topic == name for group in reading.groups)):
        groups = [group for group in reading.groups if group.topic == topic]
        figures: list[Figure] = []
        for group in _figure_groups(modules[topic], groups):
            if len(figures) >= FIGURES_PER_TOPIC:
                break
            if progress:
                progress(f"drawing: {topic}", step / len(modules))
            figures += _figures(modules[topic], group)
        if figures:
            yield topic, figures[:FIGURES_PER_TOPIC]


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


def _unique(groups: list[Group]) -> list[Any]:
    return list({id(m): m for group in groups for m in group.measurements}.values())


def _figures(module: Any, group: Group) -> list[Figure]:
    draw = getattr(module, "FIGURES", None)
    if draw is None:
        return []
    try:
        with rc_context(STYLE):
            return [
                Figure(to_svg_in_style(figure), title, caption, wide=figure.get_figwidth() > 4.5)
                for title, caption, figure in draw(group.measurements, group.quantities)
            ]
    except Exception:  # a drawing must never cost the numbers
        return []


def to_svg_in_style(figure: Any) -> str:
    """SVG text of any matplotlib figure in the style of the report."""
    with rc_context(STYLE):
        return to_svg(figure)


def lab_page(reading: Reading, drawings: dict[str, list[Figure]]) -> str:
    """HTML text of a reading."""
    present = [name for name in (*ORDER, *topics()) if any(group.topic == name for group in reading.groups)]
    sections = [_overview(reading)]
    sections += [_topic(reading, name, drawings.get(name, [])) for name in dict.fromkeys(present)]
    sections += [warnings_section(reading), checklist_section(reading), files_section(reading)]
    return render_page(f"Measurements in {reading.root.name}", sections, subtitle=status_text(reading))


def _overview(reading: Reading) -> Section:
    lost = [entry for entry in reading.files if entry.status in ("failed", "not recognised")]
    blocks: list[Any] = []
    if tiles := _tiles(reading):
        blocks.append(Tiles(tiles))
    blocks.append(
        "Values are followed by their standard uncertainty (k = 1); the convention stands beside each. What is refused"
        " lacks something that only the laboratory knows: the note says what to set."
    )
    if lost:
        points = [
            f"{entry.file}: {entry.reason}" + (f" (nearest format: {entry.nearest})" if entry.nearest else "")
            for entry in lost[:15]
        ]
        if len(lost) > 15:
            points.append(f"and {len(lost) - 15} more, see the table of files")
        blocks.append(Notice("Files that gave no number", points))
    if absent := [*not_written(), *run_notes(reading)]:
        blocks.append(Notice("About this run", absent))
    if unused := reading.unused_settings():
        blocks.append(Notice("Settings that nothing asked for", unused))
    return Section("At a glance", blocks)


def _tiles(reading: Reading) -> list[tuple[str, Number, str]]:
    tiles: list[tuple[str, Number, str]] = []
    rows = reading.quantities
    for key, title in HEADLINES.items():
        for name, role in ((f"{key}_mean", "mean"), (f"{key}_median", "median"), (key, "measured")):
            found = [
                row
                for row in rows
                if row.quantity == name and isinstance(row.value, float) and math.isfinite(row.value)
            ]
            if found:
                row = found[0]
                label = f"{title}, {row.sample[:24]}"
                spread = f"± {number(row.uncertainty, 2)}, " if math.isfinite(row.uncertainty) else ""
                tiles.append(
                    (label, shown_number(row), spread + (role if len(found) == 1 else f"{role}, 1 of {len(found)}"))
                )
                break
        if len(tiles) >= 8:
            break
    return tiles


def _topic(reading: Reading, name: str, figures: list[Figure]) -> Section:
    rows = [row for group in reading.groups if group.topic == name for row in group.quantities]
    blocks: list[Any] = list(figures)
    groups = sum(1 for group in reading.groups if group.topic == name)
    if len(figures) == FIGURES_PER_TOPIC and groups > FIGURES_PER_TOPIC:
        blocks.append(f"The first {FIGURES_PER_TOPIC} drawings are shown.")
    if name == "batch":
        blocks += [batches_table(rows), quantities_table(rows, "All numbers of the batches", folded=True)]
    elif len(rows) <= ROWS_PER_TOPIC:
        blocks.append(quantities_table(rows, "All numbers", folded=len(rows) > 40))
    else:
        blocks.append(digest_table(rows))
        blocks += [sweeps_table(rows)] if name == "jvl" else []
        blocks.append("Every single number is in results.csv.")
    return Section(TITLES.get(name, name), blocks)
