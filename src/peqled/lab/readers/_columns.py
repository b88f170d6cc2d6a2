"""Columns of device tables by meaning: name and unit in the languages and habits of instruments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from peqled.lab.cells import split_unit
from peqled.lab.units import factor_to, is_unit

__all__ = ["Role", "find_roles", "header_metadata", "named_by_unit"]


class Role(NamedTuple):
    """What a column may be: vocabulary name, names as patterns, unit, and the factor where the file gives no unit."""

    variable: str
    patterns: tuple[str, ...]
    unit: str
    assumed: float = 1.0


def find_roles(names: Sequence[str], units: Sequence[str], roles: Sequence[Role]) -> dict[str, tuple[int, float, bool]]:
    """Column, factor to the vocabulary's unit, and whether the unit was assumed, by variable; first match wins."""
    found: dict[str, tuple[int, float, bool]] = {}
    taken: set[int] = set()
    for role in roles:
        for pattern in role.patterns:
            index = next(
                (
                    i
                    for i, name in enumerate(names)
                    if i not in taken and _match(pattern, name) and _fits(units[i], role)
                ),
                None,
            )
            if index is not None:
                factor = factor_to(units[index], role.unit) if units[index] else None
                found[role.variable] = (index, role.assumed if factor is None else factor, factor is None)
                taken.add(index)
                break
    return found


def _match(pattern: str, name: str) -> bool:
    words = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", name)  # currentDensity
    return re.fullmatch(pattern, re.sub(r"[\s_.|\-]+", " ", words).strip(), re.IGNORECASE) is not None


def named_by_unit(names: Sequence[str], units: Sequence[str], unit: str) -> int | None:
    """Number of the first column that has a unit of this kind for a name: ``V, mA/cm2, cd/m2``."""
    return next(
        (
            i
            for i, (name, said) in enumerate(zip(names, units, strict=True))
            if not said and is_unit(name) and factor_to(name, unit) is not None
        ),
        None,
    )


_SIDES = re.compile(r"([\d.,]+) ?([a-zµ]*m)? ?(?:x|×|\*|by) ?([\d.,]+) ?([a-zµ]*m)", re.IGNORECASE)


def _product(value: str) -> str:
    """Area of ``2 mm x 2 mm``; any other text as it is."""
    sides = _SIDES.fullmatch(value.strip())
    if sides is None:
        return value
    scale = (factor_to(sides[2] or sides[4], "m") or 1.0) / (factor_to(sides[4], "m") or 1.0)
    first, second = (float(text.replace(",", ".")) for text in (sides[1], sides[3]))
    return f"{first * scale * second:g} {sides[4]}^2"


def _fits(written: str, role: Role) -> bool:
    return not written or factor_to(written, role.unit) is not None or written.lower() in {"a.u.", "au", "arb. u."}


_KEYS: Mapping[str, str] = {
    "area": r"(?:pixel|device|active|emitting|emission)?[\s_]*area|fl[äa]che",
    "slit": r"slit(?:[\s_]*width)?|bandwidth|fwhm resolution|spalt",
    "date": r"date|datum|acquired|measured on",
    "instrument": r"instrument|device model|spectrometer|model",
    "operator": r"operator|user",
    "temperature": r"temp(?:erature)?",
    "responsivity": r"responsivity",
    "distance": r"distance",
    "integration_time": r"integration[\s_]*time",
    "sample": r"sample(?:[\s_]*(?:name|id))?|device(?:[\s_]*(?:name|id))?|pixel(?:[\s_]*(?:name|id))?",
    "initial_luminance": r"(?:initial[\s_]*luminance|L0|start[\s_]*luminance)",
    "current_density": r"(?:drive[\s_]*|driving[\s_]*)?current[\s_]*density",
    "angle": r"(?:viewing|detector)?[\s_]*angle",
    "voltage": r"(?:drive[\s_]*|driving[\s_]*)?voltage|bias",
    "thickness": r"(?:film|layer|active[\s_]*layer)?[\s_]*thickness|(?:schicht)?dicke",
    "permittivity": r"(?:relative[\s_]*)?permittivity|dielectric[\s_]*constant|eps(?:ilon)?[\s_]*r?",
}


def header_metadata(lines: Sequence[str]) -> dict[str, str]:
    """What header lines of the form ``key: value`` say, under the names that settings use."""
    found: dict[str, str] = {}
    for line in lines:
        parts = re.split(r"\s*[:=\t;,]\s*", line.strip().lstrip("#%!/ ").strip(), maxsplit=1)
        if len(parts) != 2 or not parts[1].strip(" ;,\t\"'"):
            continue
        key, unit = parts[0].strip().strip("\"'"), ""
        if bracket := re.search(r"[\(\[]([^\)\]]+)[\)\]]\s*$", key):
            key, unit = key[: bracket.start()].strip(), bracket[1]
        elif is_unit(split_unit(key)[1]):  # area_cm2
            key, unit = split_unit(key)
        value = parts[1].strip(" ;,\t\"'")
        for name, pattern in _KEYS.items():
            if name not in found and re.fullmatch(pattern, key, re.IGNORECASE):
                value = re.sub(r"^([+-]?\d+),(\d+)(?!\d*[,.])", r"\1.\2", re.split(r"[\t;]", value)[0].strip())
                value = _product(value) if name == "area" else value
                found[name] = (
                    f"{value} {unit}" if unit and re.fullmatch(r"[+-]?[\d.]+(?:[eE][+-]?\d+)?", value) else value
                )
    return found
