"""The folder of reference measurements and what `expected_*.py` modules say about it.

Each such module holds ``ROWS``: an id of the reference table, a text, and a function of a `Reference` that yields
what was reached with the range it must lie in. The folder is named by PEQLED_LAB_FILES or lies beside the checkout;
without it these tests are skipped.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import peqled
from peqled.lab import Reading


def folder() -> Path | None:
    """Where the reference measurements are, or None."""
    named = os.environ.get("PEQLED_LAB_FILES")
    found = Path(named) if named else Path(__file__).parents[3] / "shared" / "lab"
    return found if (found / "expected.csv").is_file() else None


@dataclass
class Reference:
    """The folder, read topic by topic through the public function, each once."""

    root: Path
    _readings: dict[tuple[str, ...], Reading] = field(default_factory=dict)

    def read(self, *below: str, **settings: object) -> Reading:
        """Reading of subfolders or files."""
        key = (*below, *(f"{k}={v}" for k, v in settings.items()))
        if key not in self._readings:
            self._readings[key] = peqled.read(*(self.root / name for name in below), settings=settings)
        return self._readings[key]


class Reached(NamedTuple):
    """A number and the range it must lie in."""

    what: str
    value: float
    low: float
    high: float


class Row(NamedTuple):
    """One row, or several that belong together, of the reference table."""

    id: str
    text: str
    check: Callable[[Reference], Iterable[Reached]]


def near(what: str, value: float, expected: float, tolerance: float) -> Reached:
    """A number within an absolute tolerance."""
    return Reached(what, float(value), expected - tolerance, expected + tolerance)


def yes(what: str, holds: bool) -> Reached:
    """A statement that must hold."""
    return Reached(what, float(holds), 1.0, 1.0)
