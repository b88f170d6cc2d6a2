"""Quantities as text with a unit, and the floats the physics uses.

Working units are coherent SI, with one exception: where the expected unit is written in electronvolts, energies stay
in electronvolts (``eV``, ``eV m^2``, ``eV/K``). ``parse_quantity("45 nm", "m")`` is 4.5e-8 and ``parse_quantity("80
meV", "eV")`` is 0.08. Products are formed in decimal arithmetic, so that a text and the literal agree to the last bit.
Pint is imported on first use.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pint

__all__ = ["UnitError", "parse_quantity", "split_quantity", "unit_registry", "working_unit_factor"]

ELEMENTARY_CHARGE = 1.602176634e-19  # C, exact: joules per electronvolt
ZERO_CELSIUS = Decimal("273.15")  # K

_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.DOTALL)
_CELSIUS = re.compile(r"°\s*C|℃|C|deg\s?C|celsius", re.IGNORECASE)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
# From what laboratories write to what pint reads, in this order (m0 before the digits become exponents).
_SPELLINGS = (
    (r"[·⋅×]", "*"),
    (r"[\u2126\u03a9]", "ohm"),
    (r"[\u00b5\u03bc]", "u"),
    (r"\bm[0₀]\b", "electron_mass"),
    (r"\bVs\b", "(V*s)"),
    (r"\bohms?\s*/\s*(?:sq|square)\b", "ohm"),
    (r"(?<=[A-Za-z])([+-]?\d+(?:\.\d+)?)", r"^\1"),
)
_TOWER = re.compile(r"\*\*|\d\s*\^|\^\s*\(|\d{4}")  # powers of powers, which a parser would work on for ever
_KINDS = {
    "1": "a pure number", "m": "a length", "m^2": "an area", "m^3": "a volume", "s": "a time", "1/s": "a rate",
    "K": "a temperature", "J": "an energy", "V": "a voltage", "V/m": "an electric field", "m^2/V/s": "a mobility",
    "1/m^3": "a number density", "1/m^2": "an areal density", "mol/m^3": "a concentration", "C/m^2": "an areal charge",
    "A/m^2": "a current density", "cd/m^2": "a luminance", "kg": "a mass", "m^2/s": "a diffusivity", "m/s": "a speed",
    "ohm": "a resistance", "ohm m^2": "an area resistance", "W/m^2": "an irradiance", "Pa": "a pressure",
}  # fmt: skip


class UnitError(ValueError):
    """A quantity that cannot be read: no number, an unknown unit, or another dimension than expected."""


class _Unit(NamedTuple):
    factor: float  # to coherent SI
    dimension: str
    electronvolts: float  # power of the electronvolt in the unit as written


@lru_cache(maxsize=1)
def unit_registry() -> pint.UnitRegistry:
    """The one pint registry of the package."""
    import pint

    try:
        return pint.UnitRegistry(cache_folder=":auto:")  # its definitions, read: in the user's cache folder
    except OSError:
        return pint.UnitRegistry()


def parse_quantity(text: str | float, expected_unit: str) -> float:
    """The working-unit float of a quantity such as ``"45 nm"``, ``"25 C"``, ``"80 %"`` or ``"10000 cd/m2"``.

    ``expected_unit`` gives the dimension, and electronvolts if it is written with them; its prefix plays no role.
    A plain number is accepted only where a pure number is expected. Raises `UnitError`.
    """
    number, unit = split_quantity(text if isinstance(text, str) else _plain(text))
    expected = _read_unit(expected_unit)
    if expected.dimension == "[temperature]" and _CELSIUS.fullmatch(unit):
        return _finite(number + ZERO_CELSIUS, text)
    if not unit and expected.dimension != "dimensionless":
        raise UnitError(f"{text!r} has no unit; expected {_kind(expected, expected_unit)}, such as '1 {expected_unit}'")
    held = _read_unit(unit)
    if held.dimension != expected.dimension:
        wanted = f"expected {_kind(expected, expected_unit)}, in {expected_unit} for example"
        raise UnitError(f"{text!r} is {_kind(held, unit)}; {wanted}")
    return _finite(number * _decimal(held.factor / ELEMENTARY_CHARGE**expected.electronvolts), text)


def split_quantity(text: str) -> tuple[Decimal, str]:
    """The number and the unit text of ``"1e-3 cm^2/V/s"``; the unit is empty for a plain number."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise UnitError(f"{text!r} does not start with a number; expected a value and a unit, such as '45 nm'")
    if match[2].startswith(","):
        raise UnitError(f"{text!r} has a decimal comma; expected a decimal point, such as '45.5 nm'")
    return Decimal(match[1]), match[2]


def working_unit_factor(unit: str) -> float:
    """What one ``unit`` is in working units: 1e-9 for nm, 1 for eV, 0.01 for %."""
    read = _read_unit(unit)
    return float(_decimal(read.factor / ELEMENTARY_CHARGE**read.electronvolts))


@lru_cache(maxsize=4096)
def _read_unit(unit: str) -> _Unit:
    if unit in {"", "1", "-"}:
        return _Unit(1.0, "dimensionless", 0.0)
    spelled = unit.translate(_SUPERSCRIPTS)
    for pattern, replacement in _SPELLINGS:
        spelled = re.sub(pattern, replacement, spelled)
    registry = unit_registry()
    if _TOWER.search(spelled):
        raise UnitError(f"{unit!r} is not a plain unit; powers are written once, such as m^2")
    try:
        parsed = registry.parse_expression(f"1{spelled}" if spelled.startswith("/") else spelled)
        one = registry.Quantity(1.0, parsed.units)
        base, origin = one.to_base_units(), registry.Quantity(0.0, parsed.units).to_base_units()
    except Exception as error:
        raise UnitError(f"unknown unit {unit!r}") from error
    if parsed.magnitude != 1 or origin.magnitude != 0:
        raise UnitError(f"{unit!r} is not a plain unit; write one number and one unit (temperatures in K or C)")
    volts = sum(float(str(power)) for name, power in one.unit_items() if name.endswith("electron_volt"))
    return _Unit(float(base.magnitude), str(base.dimensionality), volts)


def _kind(unit: _Unit, written: str) -> str:
    """The dimension in words, for messages."""
    for name, words in _KINDS.items():
        if _read_unit(name).dimension == unit.dimension:
            return words
    return f"a quantity in {written}"


def _plain(value: float) -> str:
    if isinstance(value, bool) or not math.isfinite(value):
        raise UnitError(f"{value!r} is not a finite number")
    return repr(float(value))


def _decimal(factor: float) -> Decimal:
    """Fifteen digits: the exact decimal of every SI prefix, free of the rounding of products of them."""
    return Decimal(f"{factor:.15g}")


def _finite(number: Decimal, text: object) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise UnitError(f"{text!r} is too large for a floating-point number")
    return value
