"""The rows of the paper's table: what the paper prints, and how each row is read from the twin."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).parent / "paper_numbers.toml"


class Role(StrEnum):
    """What a number of the twin is worth as evidence."""

    INPUT = "input"
    CALIBRATED = "calibrated"
    PREDICTED = "predicted"
    BOUND = "bound"
    DECLINED = "declined"
    NOT_MODELLED = "not_modelled"


@dataclass(frozen=True, kw_only=True)
class PaperRow:
    """One line of the paper.

    Attributes:
        id: P001 and on, in the order of the paper.
        where: section or figure.
        quantity: what is printed, in our words.
        sample: the flask or device that it is about.
        value: the number as printed, or "qualitative", or a ratio such as "2:1".
        unit: as printed, "" for none.
        role: class of the twin's number.
        twin: how to read it from the twin: a vocabulary name, a parameter or a statement; "" when it is not read.
        repeats: row that holds the same measurement; such rows count once.
        rests_on: parameters without which there is no answer; the table says what the data know of them.
        reason: why the role is what it is.
    """

    id: str
    where: str
    quantity: str
    sample: str
    value: float | str
    unit: str = ""
    role: Role
    twin: str = ""
    repeats: str = ""
    rests_on: tuple[str, ...] = ()
    reason: str = ""

    @property
    def numeric(self) -> bool:
        """Whether the paper prints a plain number."""
        return not isinstance(self.value, str)


@lru_cache(maxsize=1)
def paper_rows() -> tuple[PaperRow, ...]:
    """All rows, in the order of the paper."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))["row"]
    return tuple(
        PaperRow(**{**entry, "role": Role(entry["role"]), "rests_on": tuple(entry.get("rests_on", ()))})
        for entry in entries
    )


def paper_doi() -> str:
    """DOI of the paper."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))["doi"]
