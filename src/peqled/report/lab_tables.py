"""Tables of the report of measured files: numbers, batches, verdicts, checklist, files."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import peqled
from peqled.lab.batch.reduction import METRICS
from peqled.lab.checklist import checklist
from peqled.lab.measurement import Quantity
from peqled.lab.reading import Reading
from peqled.lab.rules import rule
from peqled.report.html import Cell, Number, Section, Table

HEADLINES = {
    "eqe_corrected_pct": "EQE, angular factor",
    "eqe_lambertian_pct": "EQE, Lambertian",
    "eqe_sphere_pct": "EQE, sphere",
    "eqe_photodiode_pct": "EQE, photodiode",
    "ce_cd_a": "current efficiency",
    "luminance_max_cdm2": "highest luminance",
    "turn_on_v_at_1cdm2": "turn-on at 1 cd/m²",
    "peak_nm_fit": "emission peak",
    "fwhm_nm_halfheight": "emission width",
    "lambertian_factor": "Lambertian factor",
    "t50_h": "T50",
    "acceleration_exponent": "acceleration exponent",
    "tau_int_ns": "lifetime, intensity average",
    "plqy_pct": "PLQY",
    "scherrer_size_nm": "Scherrer size",
    "d_h_z_nm": "hydrodynamic diameter",
    "mobility_cm2_vs": "mobility",
}
"""Quantities that a reader looks for first, in this order, and what they are called."""
_LEVELS = {"refuse": 0, "warn": 1, "inform": 2}


def status_text(reading: Reading) -> str:
    count = Counter(entry.status for entry in reading.files)
    return ", ".join(
        f"{count[state]} {state}" for state in ("read", "not recognised", "failed", "skipped") if count[state]
    )


def quantities_table(rows: Sequence[Quantity], caption: str, *, folded: bool) -> Table:
    header = ("sample", "quantity", "value", "convention", "flags", "note")
    return Table(header, [_row(row) for row in rows], caption=f"{caption} ({len(rows)} rows)", folded=folded)


def _row(row: Quantity) -> list[Cell]:
    value: Cell = row.value if isinstance(row.value, str) else shown_number(row)
    return [row.sample or row.file, row.quantity, value, row.convention, " ".join(row.flags), row.note]


def shown_number(row: Quantity) -> Number:
    value = float(row.value)
    unit = "" if row.unit == "1" else row.unit.replace("cd/m2", "cd/m²").replace("/cm2", "/cm²")
    u = row.uncertainty if math.isfinite(row.uncertainty) else None
    return Number(value, unit, u, digits=_digits(value, u))


def _digits(value: float, u: float | None) -> int:
    """Figures that show the value to the second figure of its uncertainty."""
    if not u or not math.isfinite(value) or value == 0.0:
        return 4
    return min(8, max(2, math.floor(math.log10(abs(value))) - math.floor(math.log10(u)) + 2))


def digest_table(rows: Sequence[Quantity]) -> Table:
    """Of many samples: count, smallest, median and largest per quantity."""
    names = dict.fromkeys(row.quantity for row in rows)
    body: list[list[Cell]] = []
    for name in names:
        own = [row for row in rows if row.quantity == name]
        numbers = sorted(float(row.value) for row in own if not isinstance(row.value, str) and math.isfinite(row.value))
        words = Counter(row.value for row in own if isinstance(row.value, str))
        unit = "" if own[0].unit == "1" else own[0].unit
        relative = [
            row.uncertainty / abs(row.value)
            for row in own
            if not isinstance(row.value, str) and row.value and math.isfinite(row.uncertainty)
        ]
        middle = numbers[len(numbers) // 2] if numbers else math.nan
        u = sorted(relative)[len(relative) // 2] * abs(middle) if relative and numbers else None
        cells: list[Cell] = [
            Number(v) if numbers else None for v in ((numbers or [math.nan])[0], (numbers or [math.nan])[-1])
        ]
        other = ", ".join(f"{count} {word}" for word, count in words.most_common(3))
        body.append(
            [
                str(len(numbers)),
                name,
                Number(middle, unit, u, _digits(middle, u)) if numbers else None,
                *cells,
                own[0].convention.partition(";")[0],
                other,
            ]
        )
    header = ("n", "quantity", "median ± typical u", "smallest", "largest", "convention", "without a number")
    return Table(header, body, caption=f"{len(rows)} numbers, by quantity")


SWEEP_HEADLINES = [name for name in HEADLINES if name in METRICS]


def batches_table(rows: Sequence[Quantity]) -> Table:
    """One line per batch and metric: mean, spread, median, champion."""
    found = {(row.sample, row.quantity): row for row in rows}
    body: list[list[Cell]] = []
    for sample in dict.fromkeys(row.sample for row in rows if row.quantity == "n_working"):
        pixels = found[sample, "n_devices"]
        for metric in SWEEP_HEADLINES:
            if (sample, f"{metric}_mean") in found:
                cells = [
                    _optional(found.get((sample, f"{metric}_{what}"))) for what in ("mean", "sd", "median", "champion")
                ]
                mean = found[sample, f"{metric}_mean"]
                share = f"{mean.convention.split()[2]} of {float(pixels.value):.0f}"
                body.append([sample, HEADLINES[metric], share, *cells, mean.note.partition(",")[0]])
    header = ("batch", "quantity", "pixels", "mean", "sd", "median", "champion", "interval of the mean")
    caption = "Batches; the uncertainty of mean and median holds what all devices share, the interval does not"
    return Table(header, body, caption=caption)


def _optional(row: Quantity | None) -> Cell:
    return None if row is None else row.value if isinstance(row.value, str) else shown_number(row)


def sweeps_table(rows: Sequence[Quantity]) -> Table:
    """One line per sweep with its main numbers."""
    names = [name for name in SWEEP_HEADLINES if any(row.quantity == name for row in rows)]
    found: dict[str, dict[str, Quantity]] = {}
    for row in rows:
        found.setdefault(row.file.partition(";")[0] + " " + row.sample, {})[row.quantity] = row
    body: list[list[Cell]] = [[sample, *(_optional(own.get(name)) for name in names)] for sample, own in found.items()]
    return Table(
        ("file and sample", *(HEADLINES[name] for name in names)), body, caption=f"All {len(body)} sweeps", folded=True
    )


def warnings_section(reading: Reading) -> Section:
    counts: dict[str, list[str]] = {}
    for row in reading.quantities:
        for flag in row.flags:
            counts.setdefault(flag, []).append(row.sample or row.file)
    if not counts:
        return Section("Verdicts and warnings", ["No rule was broken."])
    ordered = sorted(counts, key=lambda flag: (_LEVELS[rule(flag).level], flag))
    body: list[list[Cell]] = [
        [flag, rule(flag).level, rule(flag).sentence, str(len(counts[flag])), _some(counts[flag])] for flag in ordered
    ]
    return Section("Verdicts and warnings", [Table(("code", "level", "meaning", "numbers", "samples"), body)])


def _some(samples: Sequence[str]) -> str:
    names = list(dict.fromkeys(samples))
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def checklist_section(reading: Reading) -> Section:
    items = checklist(reading)
    body: list[list[Cell]] = [[str(item.number), item.what, item.state, item.found] for item in items]
    missing = [item for item in items if item.state in ("missing", "partly")]
    measured = sum(item.state != "not measured" for item in items)
    text = f"{len(missing)} of {measured} points need something that the files do not say; lab.toml takes it."
    return Section("Reporting checklist", [text, Table(("", "what a reviewer asks for", "state", "found"), body)])


def files_section(reading: Reading) -> Section:
    used = {entry.reader: entry.checked for entry in reading.files if entry.reader}
    readers: list[list[Cell]] = [[name, checked] for name, checked in sorted(used.items())]
    body: list[list[Cell]] = [
        [e.file, e.status, e.reader, e.kinds, str(e.measurements or ""), e.reason or e.notes] for e in reading.files
    ]
    blocks: list[Any] = [
        Table(
            ("reader", "checked against"),
            readers,
            caption="Readers used; unverified: only the tests of the project wrote what it reads",
        ),
        Table(
            ("file", "status", "reader", "kinds", "measurements", "reason or note"),
            body,
            caption=f"All {len(body)} files",
            folded=len(body) > 30,
        ),
        f"Written by peqled {peqled.__version__}.",
    ]
    return Section("Files", blocks)
