"""Malvern Zetasizer tables with one record a row: all lags, all correlation data, all sizes in a line.

The arrays come as numbered columns (``Correlation Data[1]``), or under one name for the whole array and behind each
array the name of the sample as a mark. What the row says of temperature, viscosity and angle goes with it; the
refractive index it does not say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from peqled.lab.cells import number, split_unit
from peqled.lab.dls.correlation import correlation_measurement, distribution_measurement, normalised
from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.readers._lines import text_lines
from peqled.lab.registry import Reader
from peqled.lab.text import NotText, decode

_ARRAYS = {
    "lag": re.compile(r"^correlation delay times?$", re.I),
    "correlation": re.compile(r"^correlation data$", re.I),
    "size": re.compile(r"^sizes?$", re.I),
    "weight": re.compile(r"^intensit(?:y|ies)$", re.I),
}
_NUMBERED = re.compile(r"^(?P<what>.+?)\s*\[(?P<at>\d+)\]\s*(?:\((?P<unit>.*)\))?$")
_SECONDS = {"ms": 1e-3, "s": 1.0, "ns": 1e-9}
_SAMPLE = "sample name"


@dataclass(frozen=True)
class _Record:
    """A row: what it says in single cells, and its arrays with the unit of each."""

    said: dict[str, str]
    arrays: dict[str, tuple[str, NDArray[np.float64]]]
    decimal: str


def _key(name: str) -> str:
    return next((key for key, pattern in _ARRAYS.items() if pattern.match(name.strip())), "")


def _header(lines: list[str]) -> int | None:
    """Number of the line with the names."""
    for i, line in enumerate(lines[:50]):
        names = [cell.strip().strip('"') for cell in line.split("\t")]
        plain = [split_unit(name)[0] for name in names]
        numbered = {_key(cell["what"]) for name in names if (cell := _NUMBERED.match(name))}
        whole = {_key(name) for name in plain}
        for found in (numbered, whole if _SAMPLE in (name.lower() for name in plain) else set()):
            if {"lag", "correlation"} <= found or {"size", "weight"} <= found:
                return i
    return None


def _records(lines: list[str]) -> Iterator[_Record]:
    at = _header(lines)
    if at is None:
        return
    names = [cell.strip().strip('"') for cell in lines[at].split("\t")]
    body = [line for line in lines[at + 1 :] if line.count("\t") >= 20]
    cells = [cell for line in body[:3] for cell in line.split("\t")]
    commas = sum(bool(re.fullmatch(r"-?\d+,\d+", cell.strip())) for cell in cells)
    decimal = "," if commas > sum(bool(re.fullmatch(r"-?\d+\.\d+", cell.strip())) for cell in cells) else "."
    split = _numbered if any(_NUMBERED.match(name) for name in names) else _marked
    for line in body:
        yield split(names, [cell.strip().strip('"') for cell in line.split("\t")], decimal)


def _numbered(names: list[str], row: list[str], decimal: str) -> _Record:
    places: dict[str, list[tuple[int, int]]] = {}
    units: dict[str, str] = {}
    said: dict[str, str] = {}
    for i, name in enumerate(names[: len(row)]):
        cell = _NUMBERED.match(name)
        key = _key(cell["what"]) if cell else ""
        if cell and key:
            places.setdefault(key, []).append((int(cell["at"]), i))
            units.setdefault(key, cell["unit"] or "")
        elif not cell:
            said.setdefault(name, row[i])
    arrays = {key: (units[key], _values([row[i] for _, i in sorted(where)], decimal)) for key, where in places.items()}
    return _Record(said, arrays, decimal)


def _marked(names: list[str], row: list[str], decimal: str) -> _Record:
    """Arrays of unlike lengths, each closed by the name of the sample; the header alternates in the same way."""
    first = next(i for i, name in enumerate(names) if re.search("delay times|^sizes", name, re.I))
    sample = row[[name.lower() for name in names].index(_SAMPLE)]
    arrays: dict[str, tuple[str, NDArray[np.float64]]] = {}
    rest = row[first:]
    for name in (name for name in names[first:] if name.lower() != _SAMPLE):
        stop = rest.index(sample) if sample in rest else len(rest)
        plain, unit = split_unit(name)
        if key := _key(plain):
            arrays[key] = (unit, _values(rest[:stop], decimal))
        rest = rest[stop + 1 :]
    return _Record(dict(zip(names[:first], row[:first], strict=False)), arrays, decimal)


def _values(cells: list[str], decimal: str) -> NDArray[np.float64]:
    return np.array([np.nan if (value := number(cell, decimal)) is None else value for cell in cells], dtype=float)


def _sniff(head: bytes, name: str) -> float:
    try:
        return 0.97 if _header(decode(head)[0].splitlines()) is not None else 0.0
    except NotText:
        return 0.0


def _read(path: Path) -> list[Measurement]:
    found: list[Measurement] = []
    for i, record in enumerate(_records(text_lines(path)), 1):
        sample = next((text for key, text in record.said.items() if key.lower() == _SAMPLE), "")
        found += _measurements(path, sample or f"{path.stem} {i}", record)
    if not found:
        raise LabFileError(path, "rows", "no record with arrays", "rows of lags and correlation data, or of sizes")
    return found


def _measurements(path: Path, name: str, record: _Record) -> list[Measurement]:
    """The correlation function of a record and the distribution that the instrument found."""
    told, made = _conditions(record), []
    common = {"name": name, "source": path, "reader": "malvern_records"}
    if {"lag", "correlation"} <= set(record.arrays):
        (unit, lag), (_, g2) = record.arrays["lag"], record.arrays["correlation"]
        count = min(lag.size, g2.size)
        values, shifted = normalised(g2[:count])
        lag = _SECONDS.get(unit.strip().lower(), 1e-6) * lag[:count]
        notes = (shifted,) if shifted else ()
        made.append(correlation_measurement(lag=lag, g2=values, metadata=told, notes=notes, **common))
    if {"size", "weight"} <= set(record.arrays):
        (unit, size), (_, weight) = record.arrays["size"], record.arrays["weight"]
        count = min(size.size, weight.size)
        scale = 2e-9 if unit.strip().lower().startswith("r") else 1e-9
        if np.nansum(weight[:count]) > 0.0:
            made.append(distribution_measurement(diameter=scale * size[:count], weight=weight[:count], **common))
    return made


def _conditions(record: _Record) -> dict[str, float | str]:
    """Temperature (degC), viscosity (Pa s), angle (rad), index and dispersant that the row says."""
    found: dict[str, float | str] = {}
    for key, pattern, factor in (
        ("temperature", r"^temperature", 1.0),
        ("viscosity", r"^(?:dispersant )?viscosity", 1e-3),
        ("angle", r"^(?:scattering|measurement) angle", np.pi / 180.0),
        ("refractive_index", r"^(?:dispersant )?(?:refractive index|ri)\b", 1.0),
    ):
        text = next((cell for name, cell in record.said.items() if re.match(pattern, name, re.I)), "")
        if (value := number(text, record.decimal)) is not None:
            found[key] = factor * value
    dispersant = next((cell for name, cell in record.said.items() if re.match("dispersant(?: name)?$", name, re.I)), "")
    return {**found, "solvent": dispersant} if dispersant else found


READER = Reader(
    name="malvern_records",
    title="Malvern Zetasizer table, one record a row",
    kinds=("dls_correlation", "dls_distribution"),
    suffixes=(".txt", ".csv"),
    sniff=_sniff,
    read=_read,
    checked="independent file",
    note="numbered columns: unverified",
)
