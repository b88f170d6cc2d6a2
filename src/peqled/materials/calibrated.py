"""Parameters that were fitted to the paper, at most ten, the same for both flasks.

``calibrated.toml`` is written by ``calibration/calibrate.py`` and never by hand. Each entry says which rows of the
paper's table it was fitted to; such a row never counts as a prediction. ``published.toml`` is its like for flasks whose
amounts are printed: written by ``calibration/series.py``, used where a recipe says ``constants = "published-recipes"``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from peqled.materials.units import parse_quantity

__all__ = ["FILE", "PUBLISHED", "Fitted", "load_calibrated", "load_published"]

FILE = Path(__file__).parent / "calibrated.toml"
"""Where the calibration script writes."""
PUBLISHED = Path(__file__).parent / "published.toml"
"""Where the script that fits the published recipes writes."""


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """One fitted parameter: its key in the book, value in working units, unit, and the rows that it was fitted to."""

    parameter: str
    value: float
    unit: str
    rows: tuple[str, ...]


@lru_cache(maxsize=1)
def load_calibrated() -> tuple[Fitted, ...]:
    """All parameters fitted to the paper, in the order of the calibration."""
    return read_fitted(FILE)


@lru_cache(maxsize=1)
def load_published() -> tuple[Fitted, ...]:
    """All parameters fitted to published recipes."""
    return read_fitted(PUBLISHED)


def read_fitted(file: Path) -> tuple[Fitted, ...]:
    """Entries of one file of fitted parameters."""
    entries = tomllib.loads(file.read_text(encoding="utf-8")).get("fitted", [])
    return tuple(
        Fitted(
            parameter=entry["parameter"],
            value=parse_quantity(entry["value"], entry["unit"]),
            unit=entry["unit"],
            rows=tuple(entry["rows"]),
        )
        for entry in entries
    )
