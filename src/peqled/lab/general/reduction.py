"""Rows of a spectrum without a reduction of its own: its size, its range and its highest point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from peqled.lab.measurement import Context, Measurement, Quantity

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("spectrum",)
_SHOWN = 12


def reduce(measurements: Sequence[Measurement], context: Context) -> list[Quantity]:
    """Rows of each spectrum."""
    return [row for m in measurements for row in _rows(m, context)]


def _rows(m: Measurement, context: Context) -> list[Quantity]:
    file, unit = context.file(m), str(m.metadata.get("abscissa_unit", "1"))
    x, y = m.data["abscissa"].to_numpy(), m.data["lab.spectrum"].to_numpy()
    top = int(np.argmax(y))
    said = str(m.metadata.get("ordinate_said") or "ordinate")
    values = (
        ("points", float(m.metadata.get("points", x.size)), "1", "points of the spectrum"),
        ("abscissa_min", float(x[0]), unit, "smallest abscissa"),
        ("abscissa_max", float(x[-1]), unit, "largest abscissa"),
        ("ordinate_min", float(np.min(y)), "1", f"{said}, as written"),
        ("ordinate_max", float(y[top]), "1", f"{said}, as written"),
        ("abscissa_at_max", float(x[top]), unit, "highest point as written, no fit"),
    )
    note = m.notes[-1] if m.notes else ""
    return [
        Quantity(file, name, value, unit=u, convention=how, flags=m.flags, sample=m.name, note=note)
        for name, value, u, how in values
    ]


def figures(measurements: Sequence[Measurement], quantities: Sequence[Quantity]) -> list[tuple[str, str, Figure]]:
    """Each spectrum as written (at most 12)."""
    from matplotlib.figure import Figure

    drawn = []
    for m in list(measurements)[:_SHOWN]:
        figure = Figure(figsize=(6.0, 3.0), layout="constrained")
        axes = figure.subplots()
        axes.plot(m.data["abscissa"], m.data["lab.spectrum"], lw=0.8)
        axes.set_xlabel(f"abscissa ({m.metadata.get('abscissa_unit', '1')})")
        axes.set_ylabel(str(m.metadata.get("ordinate_said") or "as written"))
        drawn.append((f"Spectrum {m.name}", str(m.metadata.get("method") or "kept as written"), figure))
    return drawn


FIGURES = figures
