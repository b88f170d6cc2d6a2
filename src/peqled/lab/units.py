"""Units as instruments write them, to the units of the vocabulary."""

from __future__ import annotations

import math
import re
from functools import lru_cache

__all__ = ["factor_to", "is_unit"]

_SUPER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")
_WORDS = {
    "nit": "cd/m2",
    "nits": "cd/m2",
    "knit": "kcd/m2",
    "hour": "h",
    "hours": "h",
    "hr": "h",
    "hrs": "h",
    "std": "h",
    "sec": "s",
    "secs": "s",
    "second": "s",
    "seconds": "s",
    "minute": "min",
    "minutes": "min",
    "mins": "min",
    "days": "d",
    "day": "d",
    "volt": "V",
    "volts": "V",
    "amp": "A",
    "ampere": "A",
    "deg": "deg",
    "°": "deg",
    "degree": "deg",
    "degrees": "deg",
    "nanometer": "nm",
    "nanometers": "nm",
    "ev": "eV",
    "v": "V",
    "a": "A",
    "ma": "mA",
    "percent": "%",
    "pct": "%",
    "h": "h",
    "min": "min",
}
_SIMPLE = {
    "V": ("V", 1.0),
    "mV": ("V", 1e-3),
    "kV": ("V", 1e3),
    "uV": ("V", 1e-6),
    "A": ("A", 1.0),
    "mA": ("A", 1e-3),
    "uA": ("A", 1e-6),
    "nA": ("A", 1e-9),
    "pA": ("A", 1e-12),
    "A/m2": ("A/m^2", 1.0),
    "mA/cm2": ("A/m^2", 10.0),
    "A/cm2": ("A/m^2", 1e4),
    "uA/cm2": ("A/m^2", 1e-2),
    "mA/mm2": ("A/m^2", 1e3),
    "nA/cm2": ("A/m^2", 1e-5),
    "mA/m2": ("A/m^2", 1e-3),
    "cd/m2": ("cd/m^2", 1.0),
    "kcd/m2": ("cd/m^2", 1e3),
    "mcd/m2": ("cd/m^2", 1e-3),
    "cd/cm2": ("cd/m^2", 1e4),
    "W": ("W", 1.0),
    "mW": ("W", 1e-3),
    "uW": ("W", 1e-6),
    "nW": ("W", 1e-9),
    "1/s": ("1/s", 1.0),
    "s-1": ("1/s", 1.0),
    "photons/s": ("1/s", 1.0),
    "ph/s": ("1/s", 1.0),
    "lm/W": ("lm/W", 1.0),
    "cd/A": ("cd/A", 1.0),
    "%": ("1", 0.01),
    "1": ("1", 1.0),
    "": ("1", 1.0),
    "s": ("s", 1.0),
    "ms": ("s", 1e-3),
    "us": ("s", 1e-6),
    "ns": ("s", 1e-9),
    "ps": ("s", 1e-12),
    "min": ("s", 60.0),
    "h": ("s", 3600.0),
    "d": ("s", 86400.0),
    "m": ("m", 1.0),
    "cm": ("m", 1e-2),
    "mm": ("m", 1e-3),
    "um": ("m", 1e-6),
    "nm": ("m", 1e-9),
    "A_": ("m", 1e-10),
    "m2": ("m^2", 1.0),
    "cm2": ("m^2", 1e-4),
    "mm2": ("m^2", 1e-6),
    "um2": ("m^2", 1e-12),
    "deg": ("rad", math.pi / 180),
    "rad": ("rad", 1.0),
    "eV": ("eV", 1.0),
    "meV": ("eV", 1e-3),
}


@lru_cache(maxsize=1024)
def factor_to(written: str, unit: str) -> float | None:
    """What a number in the `written` unit is multiplied by to be in `unit` of the vocabulary; None if it is another
    kind of quantity or no unit at all."""
    text = _plain(written)
    kind, factor = _SIMPLE.get(text, ("", math.nan))
    if kind:
        return factor if kind == unit else None
    return _by_pint(written, unit)


def is_unit(written: str) -> bool:
    """Whether a text is one of the units that instruments write, spelt in one of their ways."""
    return bool(written.strip()) and _plain(written) in _SIMPLE


def _plain(written: str) -> str:
    text = written.strip().strip("()[]").translate(_SUPER).replace("µ", "u").replace("μ", "u").replace("**", "^")
    text = re.sub(r"\s*[·*⋅]\s*|\s+", " ", text).replace("^", "")
    text = re.sub(r"\bCd\b", "cd", text)
    text = re.sub(r"\bsq\.? ?([cmu]?m)\b", r"\g<1>2", text)
    text = re.sub(r"\s*/\s*", "/", text)
    text = re.sub(r" ([a-z]*m)-2\b", r"/\g<1>2", text)  # "cd m-2" is "cd/m2"
    text = re.sub(r" ([AWV])-1\b", r"/\1", text)
    text = re.sub(r"/\(([^()]*)\)", r"/\1", text)
    return _WORDS.get(text, _WORDS.get(text.lower(), text) if len(text) > 2 else text)


def _by_pint(written: str, unit: str) -> float | None:
    from peqled.materials.units import UnitError, parse_quantity

    try:
        return parse_quantity(f"1 {written.strip().translate(_SUPER)}", unit)
    except UnitError:
        return None
