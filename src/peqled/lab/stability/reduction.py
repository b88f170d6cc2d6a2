"""Rows of results for emission traces, against their start and against their maximum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from peqled.lab.measurement import Context, Measurement, Quantity
from peqled.lab.stability.crossing import crossing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("stability",)
_HOUR = 3600.0
_LEVELS = (0.95, 0.9, 0.8, 0.6, 0.5)
_CONDITIONS = ("temperature", "humidity", "irradiance", "atmosphere", "encapsulation", "substrate")


def reduce(measurements: Sequence[Measurement], context: Context) -> list[Quantity]:
    """Rows of each trace."""
    return [row for m in measurements for row in _rows(m, context)]


def _rows(m: Measurement, context: Context) -> list[Quantity]:
    time, signal = m.data["ageing_time"].to_numpy(), m.data["lab.pl_trace"].to_numpy()
    file = context.file(m)
    start, peak = float(signal[0]), int(np.argmax(signal))
    top = float(signal[peak])
    step = float(np.median(np.diff(time)))
    missing = [c for c in _CONDITIONS if context.setting(m, c) is None]
    note = f"not stated: {', '.join(missing)}" if missing else ""
    flags = ("NORM",) if start > 0 and top / start > 1.05 else ()

    def row(
        name: str, value: float | str, u: float, unit: str, how: str, extra: tuple[str, ...] = (), text: str = ""
    ) -> Quantity:
        shown = value if isinstance(value, str) else float(value)
        return Quantity(file, name, shown, u, unit, how, (*flags, *extra, *m.flags), m.name, text)

    rows = [
        row("n_points", time.size, np.nan, "1", "samples of the trace"),
        row("t_end_h", time[-1] / _HOUR, np.nan, "h", "end of the record", (), note),
        row("time_of_max_h", time[peak] / _HOUR, step / np.sqrt(12) / _HOUR, "h", "from the first sample on"),
        row("i_end_over_max", signal[-1] / top, np.nan, "1", "last value over the maximum"),
    ]
    if start > 0:
        rows += [
            row("i_max_over_start", top / start, np.nan, "1", "maximum over the first value"),
            row("i_end_over_start", signal[-1] / start, np.nan, "1", "last value over the first value"),
        ]
    for level in _LEVELS:
        rows += _fall_rows(row, time, signal, level, start)
    return rows


def _fall_rows(row, time, signal, level: float, start: float) -> list[Quantity]:
    """Times of the fall to `level` of the first value and of the maximum, "> end" where it is not reached."""
    rows, peak = [], int(np.argmax(signal))
    for name, reference, first in (("start", start, 0), ("max", float(signal[peak]), peak)):
        if reference <= 0:
            continue
        found = crossing(time, signal, level * reference, first=first)
        how = f"fall to {level:g} of the {'first value' if name == 'start' else 'maximum'}, linear between samples"
        flags, text = ((), "") if found.reached else (("CENS",), "not reached: later than the end of the record")
        origins = (("", 0.0, ""), ("_after_max", float(time[peak]), ", counted from the maximum"))
        for suffix, origin, more in origins[: 2 if name == "max" else 1]:
            hours = (found.time - origin) / _HOUR
            value = hours if found.reached else f"> {hours:.4g}"
            rows.append(row(f"t{level * 100:g}_{name}{suffix}_h", value, found.u / _HOUR, "h", how + more, flags, text))
    return rows


def FIGURES(measurements: Sequence[Measurement], quantities: Sequence[Quantity]) -> list[tuple[str, str, Figure]]:
    """Traces under both normalisations."""
    from peqled.lab.stability.figure import trace_figure

    return trace_figure(measurements)
