"""One parameter of the book: a number with its unit, range, source and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peqled.materials.names import UNITS
from peqled.materials.units import UnitError, parse_quantity

__all__ = ["EVIDENCE", "SCALES", "Parameter", "ParameterError", "read_parameter"]

EVIDENCE = ("paper", "data", "literature", "computed", "default")
"""From printed in the paper under study, through public data, literature and own calculation, to a mere default."""

SCALES = ("linear", "log")

_FIELDS = {"symbol", "value", "range", "scale", "source", "evidence", "note"}


class ParameterError(ValueError):
    """An entry that cannot be read; the message names the key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """A value in its working unit (SI, levels and gaps in eV), with the range over which it may be sampled."""

    key: str
    material: str
    name: str
    symbol: str
    value: float
    unit: str
    low: float
    high: float
    scale: str
    source: str
    evidence: str
    note: str
    value_text: str
    range_text: str

    @property
    def fixed(self) -> bool:
        """Whether the range is a single point: a constant, not something to sample."""
        return self.low == self.high

    def __str__(self) -> str:
        return f"{self.key} = {self.value_text}  [{self.evidence}: {self.source}]"


def read_parameter(material: str, name: str, entry: Mapping[str, Any]) -> Parameter:
    """A `Parameter` from its TOML table; without ``range`` it is a constant. Raises `ParameterError`."""
    key = f"{material}.{name}"
    if name not in UNITS:
        raise ParameterError(f"{key}: not a name of the vocabulary (peqled.materials.names)")
    if not isinstance(entry, Mapping):
        raise ParameterError(f"{key}: expected a table with value, source, evidence; got {entry!r}")
    if unknown := sorted(set(entry) - _FIELDS):
        raise ParameterError(f"{key}: unknown field {unknown[0]!r}; expected some of {', '.join(sorted(_FIELDS))}")
    if "value" not in entry:
        raise ParameterError(f"{key}: no value")
    unit = UNITS[name]
    low, high = _range(key, entry.get("range", [entry["value"]] * 2), unit)
    return Parameter(
        key=key,
        material=material,
        name=name,
        symbol=str(entry.get("symbol", name)),
        value=_quantity(f"{key}.value", entry["value"], unit),
        unit=unit,
        low=low,
        high=high,
        scale=_choice(f"{key}.scale", entry.get("scale", "linear"), SCALES),
        source=str(entry.get("source", "")),
        evidence=_choice(f"{key}.evidence", entry.get("evidence"), EVIDENCE),
        note=str(entry.get("note", "")),
        value_text=str(entry["value"]),
        range_text=" to ".join(str(end) for end in entry["range"]) if "range" in entry else "constant",
    )


def _quantity(key: str, text: Any, unit: str) -> float:
    if not isinstance(text, str | int | float):
        raise ParameterError(f"{key}: expected a text with a unit, got {text!r}")
    try:
        return parse_quantity(text, unit)
    except UnitError as error:
        raise ParameterError(f"{key}: {error}") from error


def _range(key: str, pair: Any, unit: str) -> tuple[float, float]:
    if not isinstance(pair, list) or len(pair) != 2:
        raise ParameterError(f"{key}.range: expected [low, high], got {pair!r}")
    low, high = (_quantity(f"{key}.range", end, unit) for end in pair)
    if low > high:
        raise ParameterError(f"{key}.range: low {pair[0]!r} is above high {pair[1]!r}")
    return low, high


def _choice(key: str, value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ParameterError(f"{key}: {value!r}; expected one of {', '.join(allowed)}")
    return value
