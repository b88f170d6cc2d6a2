"""Series of recipes on the screen, as JSON and as a table on disk: measured size beside the twin's, row by row."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from peqled.inference.series import Prepared
from peqled.materials.calibrated import load_published
from peqled.result import write_text

FIELDS: tuple[str, ...] = (
    "label",
    "series",
    "T_C",
    "t_s",
    "measured_nm",
    "twin_nm",
    "ln_ratio",
    "cv",
    "yield_cs",
    "dots_per_m3",
    "notes",
)


def records(results: Sequence[Prepared]) -> list[dict[str, Any]]:
    """One dictionary per row; None where there is no number."""
    return [
        {
            "label": r.preparation.label,
            "series": r.preparation.series,
            "T_C": r.preparation.temperature - 273.15,
            "t_s": r.preparation.time,
            "measured_nm": _number(1e9 * r.preparation.edge),
            "twin_nm": _number(1e9 * r.edge),
            "ln_ratio": _number(r.deviation),
            "cv": _number(r.variation),
            "yield_cs": r.caesium_yield,
            "dots_per_m3": r.number,
            "notes": "; ".join(r.notes),
        }
        for r in results
    ]


def deviations(results: Sequence[Prepared]) -> list[dict[str, Any]]:
    """Root mean square and mean of ln(twin/measured) by series, over the rows that have both."""
    found = []
    for series in dict.fromkeys(r.preparation.series for r in results):
        some = [r.deviation for r in results if r.preparation.series == series and math.isfinite(r.deviation)]
        rms, mean = (float(np.sqrt(np.mean(np.square(some)))), float(np.mean(some))) if some else (None, None)
        found.append({"series": series, "rows": len(some), "rms": rms, "mean": mean})
    return found


def write_series(results: Sequence[Prepared], path: Path) -> None:
    """The records as comma-separated values."""
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records(results))
    write_text(path, text.getvalue())


def print_series(results: Sequence[Prepared]) -> None:
    """Rows and deviations as tables."""
    from rich.console import Console
    from rich.table import Table as Screen

    console, columns = Console(), ("row", "T / C", "t / s", "measured / nm", "twin / nm", "ln(twin/measured)", "notes")
    table = Screen(*columns, box=None, header_style="bold")
    for row in records(results):
        numbers = [_shown(row[key]) for key in ("T_C", "t_s", "measured_nm", "twin_nm", "ln_ratio")]
        table.add_row(row["label"], *numbers, row["notes"])
    console.print(table)
    for row in deviations(results):
        if row["rows"]:
            console.print(f"{row['series'] or 'all'}: {row['rows']} rows, rms ln(twin/measured) {row['rms']:.2f}")
    fitted = {name for entry in load_published() for name in entry.rows}
    used = sum(r.preparation.label in fitted for r in results)
    if used:
        console.print(
            f"{used} of these rows carry the name of one that the constants were fitted to: no prediction there"
        )


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"
