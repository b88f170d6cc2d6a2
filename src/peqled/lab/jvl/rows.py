"""Rows of results of one sweep: numbers with budget, peak and levels of an efficiency."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peqled.lab.jvl.budget import Term, combine, common, describe
from peqled.lab.jvl.curve import at_luminance
from peqled.lab.jvl.sweep import NAN, Sweep
from peqled.lab.measurement import Context, Measurement, Quantity
from peqled.lab.names import plain

__all__ = ["LEVELS", "Efficiency", "Rows", "device_terms", "efficiency_rows"]

LEVELS = (100.0, 1000.0, 10000.0)  # cd/m2
Array = NDArray[np.float64]


class Rows:
    """Collects the quantities of one sweep."""

    def __init__(self, sweep: Measurement, context: Context) -> None:
        self._own: dict[str, Any] = {"file": context.file(sweep), "sample": plain(sweep.name)}
        self.rows: list[Quantity] = []

    def add(
        self,
        quantity: str,
        value: float | str,
        unit: str,
        convention: str,
        *,
        u: float = NAN,
        flags: Sequence[str] = (),
        note: str = "",
        file: str = "",
    ) -> None:
        """One row; a number that is NaN is left out."""
        if isinstance(value, str) or math.isfinite(value):
            own = {**self._own, "file": file} if file else self._own
            self.rows.append(
                Quantity(
                    quantity=quantity,
                    value=value,
                    unit=unit,
                    convention=convention,
                    uncertainty=abs(u),
                    flags=tuple(dict.fromkeys(flags)),
                    note=note,
                    **own,
                )
            )


def device_terms(sweep: Measurement, context: Context) -> list[Term]:
    return [
        Term("luminance meter", context.number(sweep, "luminance_uncertainty", "1", 0.03)),
        Term("pixel area", context.number(sweep, "area_uncertainty", "1", 0.02)),
        Term("current", context.number(sweep, "current_uncertainty", "1", 0.003)),
    ]


@dataclass(frozen=True)
class Efficiency:
    """What an efficiency is called and what its uncertainty rests on.

    Attributes:
        name: name of the quantity at its peak.
        unit: as shown.
        convention: method and assumption.
        terms: budget of the relative uncertainty.
        scale: from the values to the unit (100 for per cent).
        flags: rule codes that hold for all of its numbers.
        note: what it rests on, before the budget.
        file: files it comes from, "" for that of the sweep alone.
    """

    name: str
    unit: str
    convention: str
    terms: Sequence[Term]
    scale: float = 1.0
    flags: tuple[str, ...] = ()
    note: str = ""
    file: str = ""


def efficiency_rows(rows: Rows, c: Sweep, values: Array, kind: Efficiency, *, single: bool = False) -> int | None:
    """Peak of an efficiency, and its values at 100, 1000, 10000 cd/m2 and at the highest luminance of a sweep.

    Returns:
        Index of the peak, None where no point counts.
    """
    if np.isnan(values).all():
        return None
    good = c.good & np.isfinite(values)
    flags = [*(f for f in c.flags if f in ("AREA_U", "NOISE_L")), *kind.flags]
    if not good.any():
        why = f"{kind.convention}; no point above ten of the dark noise"
        rows.add(kind.name, "not accepted", kind.unit, why, flags=[*flags, "NOISE_L"], file=kind.file)
        return None
    top = int(np.flatnonzero(good)[np.argmax(values[good])])
    repeat = c.dark / c.luminance[top] if np.isfinite(c.dark) and np.isfinite(c.luminance[top]) else 0.0
    if kind.name.startswith("eqe") and (values[good].max() > 1.0 or values[good].min() < 0.0):
        flags.append("NEG_EQE")
    value = kind.scale * values[top]
    note = f"{kind.note}; {describe(kind.terms)}; common to the batch {100 * common(kind.terms):.2g} %".lstrip("; ")
    where = "" if single else f"; peak, at {_point(c, top)}"
    u = value * math.hypot(combine(kind.terms), repeat)
    rows.add(kind.name, value, kind.unit, kind.convention + where, u=u, flags=flags, note=note, file=kind.file)
    if not single:
        _level_rows(rows, c, values, kind, flags)
    return top


def _level_rows(rows: Rows, c: Sweep, values: Array, kind: Efficiency, flags: Sequence[str]) -> None:
    relative = combine(kind.terms)
    for level in LEVELS:
        value = kind.scale * at_luminance(level, c.luminance, values, c.good)
        text = f"{kind.convention}; at {level:.0f} cd/m2"
        rows.add(
            f"{kind.name}_at_{level:.0f}cdm2", value, kind.unit, text, u=value * relative, flags=flags, file=kind.file
        )
    bright = np.where(c.good & np.isfinite(values), c.luminance, -np.inf)
    if np.isfinite(bright).any():
        last = int(np.argmax(bright))
        value = kind.scale * values[last]
        text = f"{kind.convention}; at the highest luminance, {_point(c, last)}"
        rows.add(f"{kind.name}_at_lmax", value, kind.unit, text, u=value * relative, flags=flags, file=kind.file)


def _point(c: Sweep, index: int) -> str:
    return f"{c.voltage[index]:.4g} V, {c.density[index] / 10:.4g} mA/cm2, {c.luminance[index]:.4g} cd/m2"
