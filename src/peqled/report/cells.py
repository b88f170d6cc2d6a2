"""The cells of one row of the paper table as text, the same on screen, in Markdown and in the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def cells(row: Mapping[str, Any]) -> list[str]:
    """Cells of a row as text, in the order of the Markdown header."""
    unit = f" {row['unit']}" if row["unit"] else ""
    interval = f"{_text(row['low'])} to {_text(row['high'])}" if row["low"] is not None else ""
    deviation = f"{row['deviation']:+.3g}{unit}" if row["deviation"] is not None else ""
    twin = _text(row["twin"]) + (unit if isinstance(row["twin"], float) else "")
    paper = _text(row["paper"]) + (unit if not isinstance(row["paper"], str) else "")
    return [
        row["id"],
        row["quantity"],
        row["sample"],
        paper,
        twin,
        interval,
        deviation,
        row["role"],
        row["verdict"],
        row["reason"],
    ]


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
