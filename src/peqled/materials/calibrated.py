"""Parameters that were fitted to the paper, at most ten, the same for both flasks.

``calibrated.toml`` is written by ``calibration/calibrate.py`` and never by hand. Each entry says which rows of the
paper's table it was fitted to; such a row never counts as a prediction.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from peqled.materials.units import parse_quantity

__all__ = ["FILE", "Fitted", "load_calibrated"]

FILE = Path(__file__).parent / "calibrated.toml"
"""Where the calibration script writes."""


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """One fitted parameter: its key in the book, value in working units, unit, and the rows that it was fitted to."""

    parameter: str
    value: float
    unit: str
    rows: tuple[str, ...]


@lru_cache(maxsize=1)
def load_calibrated() -> tuple[Fitted, ...]:
    """All fitted parameters, in the order of the calibration."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8")).get("fitted", [])
    return tuple(
        Fitted(
            parameter=entry["parameter"],
            value=parse_quantity(entry["value"], entry["unit"]),
            unit=entry["unit"],
            rows=tuple(entry["rows"]),
        )
        for entry in entries
    )
