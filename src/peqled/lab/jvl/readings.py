"""What a sweep says before any efficiency: currents, leakage, turn-on, driving voltage, hysteresis, brightness."""

from __future__ import annotations

import math

import numpy as np

from peqled.lab.jvl.curve import at_luminance, first_above, hysteresis, leakage, split_directions, turn_on
from peqled.lab.jvl.rows import LEVELS, Rows
from peqled.lab.jvl.sweep import NAN, Sweep

__all__ = ["FLOOR", "electrical_rows", "turn_on_rows"]

FLOOR = 2.0  # cd/m2: the level from which means over a sweep are taken
TURN_ON = (1.0, 2.0, 10.0)  # cd/m2


def electrical_rows(rows: Rows, c: Sweep) -> None:
    """Highest current and current density, leakage at 1 and -1 V, hysteresis of the current."""
    if np.isfinite(c.current).any():
        rows.add("current_max_a", float(np.nanmax(c.current)), "A", "highest of the sweep")
    if np.isnan(c.density).all():
        rows.add("current_density_max_ma_cm2", "refused", "mA/cm2", "highest of the sweep", flags=["AREA"])
        return
    flags = [f for f in c.flags if f == "AREA_U"]
    top = float(np.nanmax(c.density)) / 10.0
    rows.add("current_density_max_ma_cm2", top, "mA/cm2", "highest of the sweep", u=0.02 * top, flags=flags)
    leak = leakage(c.voltage, c.density) / 10.0
    rows.add("leakage_ma_cm2_at_1v", leak, "mA/cm2", "|J| at 1 V, below turn-on", u=0.02 * leak, flags=flags)
    with np.errstate(invalid="ignore"):
        reverse = float(np.interp(-1.0, c.voltage, np.abs(c.density))) / 10.0 if np.nanmin(c.voltage) <= -0.99 else NAN
    rows.add("leakage_ma_cm2_at_minus_1v", reverse, "mA/cm2", "|J| at -1 V", u=0.02 * abs(reverse), flags=flags)
    loop = hysteresis(c.voltage, c.density)
    rows.add(
        "hysteresis_j_ln", loop, "1", "largest |ln(J down / J up)| at one voltage", flags=["HYST"] if loop > 0.1 else []
    )


def turn_on_rows(rows: Rows, c: Sweep) -> None:
    """Dark noise, turn-on by three levels and as tables print it, voltage at 100 to 10000 cd/m2, hysteresis of L."""
    rows.add("luminance_dark_noise_cdm2", c.dark, "cd/m2", "1.4826 MAD of the points up to 1 V")
    up = split_directions(c.voltage).up
    branch = up if up.size > 3 else np.arange(len(c.voltage))
    volts, light = c.voltage[branch], c.luminance[branch]
    step = float(np.median(np.abs(np.diff(c.voltage)))) if len(c.voltage) > 1 else NAN
    u = step / math.sqrt(12.0)
    for level in TURN_ON:
        noisy = ["NOISE_L"] if np.isfinite(c.dark) and level < 3.0 * c.dark else []
        text = f"L = {level:.0f} cd/m2, interpolated in log L"
        rows.add(f"turn_on_v_at_{level:.0f}cdm2", turn_on(volts, light, level), "V", text, u=u / 2.0, flags=noisy)
    first = first_above(volts, light, FLOOR)
    rows.add("turn_on_first_v_at_2cdm2", first, "V", "first point with L > 2 cd/m2, rounded to 0.1 V", u=u)
    for level in LEVELS:
        found = at_luminance(level, c.luminance, c.voltage, c.good)
        text = f"at {level:.0f} cd/m2, interpolated in log L"
        rows.add(f"voltage_v_at_{level:.0f}cdm2", found, "V", text, u=u / 2.0)
    loop = hysteresis(c.voltage, np.clip(c.luminance, 0.0, None))
    flags = ["HYST"] if loop > 0.1 else []
    rows.add("hysteresis_l_ln", loop, "1", "largest |ln(L down / L up)| at one voltage", flags=flags)
