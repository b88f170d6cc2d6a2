"""J-V, L-V and CE-J curves of sweeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from peqled.lab.measurement import Measurement

__all__ = ["draw_sweeps"]

FLOOR = 2.0  # cd/m2: below it the efficiency is noise
DEPTH = (
    1e-9  # of the largest current: what lies below is the zero of the source, and a logarithmic axis would end there
)


def draw_sweeps(sweeps: Sequence[Measurement], axes: Sequence[Any]) -> None:
    """|J| and L against voltage and CE against J of all sweeps on three axes."""
    jv, lv, ce = axes
    thin = {"linewidth": 0.6, "alpha": 0.7} if len(sweeps) > 3 else {"linewidth": 1.0, "marker": ".", "markersize": 2.5}
    for sweep in sweeps:
        _draw(sweep, jv, lv, ce, thin)
    jv.set(xlabel="voltage (V)", ylabel="|J| (mA/cm²)", yscale="log")
    lv.set(xlabel="voltage (V)", ylabel="L (cd/m²)", yscale="log")
    ce.set(xlabel="J (mA/cm²)", ylabel="CE = L/J (cd/A)", xscale="log")


def _draw(sweep: Measurement, jv: Any, lv: Any, ce: Any, style: dict[str, Any]) -> None:
    data = sweep.data
    voltage = np.asarray(data["voltage"].values)
    density = _density(sweep)
    if density is not None:
        amplitude = np.abs(density)
        seen = amplitude > DEPTH * np.nanmax(amplitude, initial=0.0)
        jv.plot(voltage[seen], amplitude[seen], label=sweep.name, **style)
    if "led.luminance" not in data:
        return
    luminance = np.asarray(data["led.luminance"].values)
    bright = luminance > FLOOR
    lv.plot(voltage[bright], luminance[bright], **style)
    if density is not None:
        good = bright & (density > 0)
        ce.plot(density[good], luminance[good] / density[good] / 10.0, **style)


def _density(sweep: Measurement) -> np.ndarray | None:
    """Current density in mA/cm2 where the file gives it."""
    if "led.current_density" not in sweep.data:
        return None
    return np.asarray(sweep.data["led.current_density"].values) / 10.0
