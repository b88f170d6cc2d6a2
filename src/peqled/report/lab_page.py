"""The report of measured files: key numbers, warnings, figures, tables, the checklist, and every file accounted for."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from peqled.lab.exchange import write_eln, write_nomad
from peqled.lab.reading import Reading
from peqled.lab.reduce import topics
from peqled.lab.results import not_written, write_reading
from peqled.report.display import number
from peqled.report.html import Figure, Notice, Number, Section, Tiles, render_page
from peqled.report.lab_against import Overlay
from peqled.report.lab_figures import FIGURES_PER_TOPIC, Drawn, draw_all, write_figures
from peqled.report.lab_pdf import write_pdf
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
from peqled.result import write_text

__all__ = ["lab_sections", "write_lab"]

Progress = Callable[[str, float], Any]
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


def write_lab(reading: Reading, folder: Path, *, over: Overlay | None = None, progress: Progress | None = None) -> Path:
    """Tables, measurements, figures, report.html and report.pdf of a reading; the numbers are written first. With a
    prediction laid `over` it, against.csv and a section of the report as well."""
    write_reading(reading, folder)
    drawings = draw_all(reading, progress)
    (folder / "against.csv").unlink(missing_ok=True)  # one of an earlier run
    if over is not None:
        over.write(folder)
        drawings["against"] = over.drawings()
    write_figures(drawings, folder / "figures")
    title, sections = f"Measurements in {reading.root.name}", lab_sections(reading, drawings)
    if over is not None:
        sections.insert(1, over.section(drawings["against"]))
    write_text(folder / "report.html", render_page(title, sections, subtitle=status_text(reading)))
    if progress:
        progress("writing the report", 0.95)
    write_pdf(folder / "report.pdf", f"{title}: {status_text(reading)}", sections, drawings)
    write_nomad(reading, folder / "nomad.archive.json")
    write_eln(reading, folder, folder / "measurements.eln")
    if progress:
        progress("written", 1.0)
    return folder


def lab_sections(reading: Reading, drawings: dict[str, list[Drawn]]) -> list[Section]:
    """The report: an overview, a section per topic, verdicts, the checklist, and every file."""
    present = [name for name in (*ORDER, *topics()) if any(group.topic == name for group in reading.groups)]
    sections = [_overview(reading)]
    for name in dict.fromkeys(present):
        sections.append(_topic(reading, name, [drawing.figure for drawing in drawings.get(name, [])]))
    return [*sections, warnings_section(reading), checklist_section(reading), files_section(reading)]


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
                spread = f"± {number(row.uncertainty, 2)}" if math.isfinite(row.uncertainty) else ""
                share = f"1 of {len(found)}" if len(found) > 1 else ""
                words = [spread, role if role != "measured" or not spread else "", share]
                tiles.append((label, shown_number(row), ", ".join(word for word in words if word)))
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
