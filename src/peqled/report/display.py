"""What people read: the units of axes and tables, chosen per observable, and numbers as short text.

Results hold SI (energies eV). The lab reads nm, mA/cm², ns, h and %; only this module converts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from peqled.vocabulary import observable

_PERCENT = {
    "synthesis.cluster_share",
    "synthesis.size_cv",
    "synthesis.size_cv_coarse",
    "synthesis.yield_cs",
    "synthesis.yield_pb",
    "nanocrystal.plqy",
    "nanocrystal.size_cv",
    "nanocrystal.zwitterion_coverage",
    "nanocrystal.ligand_coverage",
    "film.fill_factor",
    "film.plqy",
    "film.pl_retained",
    "film.wash_yield",
    "film.wash_coverage",
    "film.wash_plqy",
    "film.wash_precipitated",
    "film.wash_size_cv",
    "optics.mode_budget",
    "optics.outcoupling_efficiency",
    "led.mode_budget",
    "led.outcoupling_efficiency",
    "led.eqe",
    "led.eqe_max",
    "led.eqe_recycled",
    "led.eqe_recycled_max",
    "led.eqe_lambertian",
    "led.charge_balance",
    "led.loss_share",
    "led.mesh_error",
    "experiments.set_eqe",
    "experiments.fill_factor",
    "batch.eqe",
    "batch.eqe_mean",
    "batch.eqe_deviation",
    "batch.eqe_champion",
    "batch.yield",
    "batch.tolerance_share",
    "batch.tolerance_low",
    "batch.tolerance_high",
    "lifetime.luminance",
    "lifetime.eqe",
    "lifetime.mechanism_share",
    "life_share",
}


@dataclass(frozen=True)
class Display:
    """Unit in which an observable is shown; ``factor`` times the SI value is the number shown."""

    factor: float
    unit: str


_BY_UNIT = {
    "1": Display(1.0, ""),
    "m": Display(1e9, "nm"),
    "rad": Display(180.0 / math.pi, "°"),
    "A/m^2": Display(0.1, "mA/cm²"),
    "cd/m^2": Display(1.0, "cd/m²"),
    "W/sr/m^2": Display(1.0, "W/(sr m²)"),
    "mol/m^3": Display(1.0, "mM"),
    "mol/m^3/s": Display(1.0, "mM/s"),
    "1/m": Display(1e-9, "1/nm"),
    "1/m^3": Display(1e-6, "cm⁻³"),
    "1/m^3/s": Display(1e-6, "cm⁻³ s⁻¹"),
    "1/m^4": Display(1e-15, "cm⁻³ nm⁻¹"),
    "m^2/V/s": Display(1e4, "cm²/(V s)"),
}
_NANOSECONDS, _HOURS = Display(1e9, "ns"), Display(1 / 3600, "h")
_BY_NAME = {
    "delay": _NANOSECONDS,
    "record_time": _NANOSECONDS,
    "ageing_time": _HOURS,
    "lifetime.time": _HOURS,
    **dict.fromkeys(("lifetime.t50", "lifetime.t50_low", "lifetime.t50_high"), _HOURS),
    **dict.fromkeys(("batch.t50", "lifetime.time_to", "lifetime.t50_of_temperature"), _HOURS),
    "nanocrystal.absorption": Display(1e-2, "1/cm"),
    **{f"{stage}.lifetime_{kind}": _NANOSECONDS for stage in ("nanocrystal", "film") for kind in ("1e", "amplitude")},
    "nanocrystal.lifetime_intensity": _NANOSECONDS,
    **dict.fromkeys(_PERCENT, Display(100.0, "%")),
}


def display(name: str) -> Display:
    """Display unit of an observable or coordinate."""
    unit = observable(name).unit
    return _BY_NAME.get(name) or _BY_UNIT.get(unit) or Display(1.0, unit)


def axis_label(name: str, text: str = "") -> str:
    """Axis label with the display unit; `text` replaces the long name where that is too long."""
    unit = display(name).unit
    label = text or observable(name).long_name
    return f"{label} ({unit})" if unit else label


def shown_value(name: str, value: float) -> tuple[float, str]:
    """One number in the unit people read it in; operating times choose between s, min and h."""
    chosen = display(name)
    if chosen is _HOURS and abs(value) < 3 * 3600:
        chosen = Display(1 / 60, "min") if abs(value) >= 120 else Display(1.0, "s")
    return value * chosen.factor, chosen.unit


_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def superscript(exponent: int) -> str:
    """An exponent as raised characters."""
    return str(exponent).translate(_SUPERSCRIPT)


def number(value: float, digits: int = 4) -> str:
    """A number as text with `digits` significant figures: 24.13, 3.2×10¹⁶, -0.5 with a true minus sign."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if value != 0 and not 1e-3 <= abs(value) < 1e5:
        mantissa, exponent = f"{value:.{min(digits, 3) - 1}e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{mantissa}×10{superscript(int(exponent))}".replace("-", "−")
    text = f"{value:.{digits}g}"
    if "e" in text:
        text = f"{value:.0f}"
    return text.replace("-", "−")


def quantity(name: str, value: float, digits: int = 4) -> str:
    """Value (SI) of an observable as text with its display unit."""
    shown, unit = shown_value(name, value)
    text = number(shown, digits)
    return f"{text} {unit}".replace(" °", "°").strip()
