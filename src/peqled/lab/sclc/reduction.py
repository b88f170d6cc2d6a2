"""Single-carrier currents: slope map, mobility in the validity window, trap-filled limit, hand-over to transport."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from peqled.lab.measurement import Context, Measurement, Quantity
from peqled.lab.sclc import mott_gurney, murgatroyd
from peqled.lab.sclc.slope import quadratic_window, slope_map
from peqled.lab.sclc.trap_filled import trap_density, trap_filled_voltage
from peqled.lab.thinning import spread_indices

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("sclc",)
MAX_POINTS = 2000  # of one sweep
DEFAULT_PERMITTIVITY, DEFAULT_PERMITTIVITY_U = 3.5, 0.15  # organic layers, relative uncertainty [default]
THICKNESS_U, PERMITTIVITY_U = 0.03, 0.05  # relative [default]
_IONIC = re.compile(r"perovskite|pvsk|pvk|pbbr|pbi|pbcl|snbr|sni3|cspb|mapb|fapb", re.I)
_THICKNESS = re.compile(r"(?<![\d.])(\d{1,4}(?:[.,]\d+)?)\s*(nm|um|µm)(?![a-z])", re.I)


@dataclass(frozen=True)
class Branch:
    """One sweep direction of one polarity: voltage (V, positive, ascending), current density (A/m2), its name."""

    voltage: np.ndarray
    current: np.ndarray
    name: str


@dataclass(frozen=True)
class Device:
    """What the laws need beside the curve, and what of it was assumed."""

    thickness: float
    permittivity: float
    u_permittivity: float
    built_in: float
    resistance: float
    flags: tuple[str, ...]
    words: str


def thickness_in(name: str) -> float:
    """Thickness (m) that a file name says ("_080nm_"), NaN if it says none."""
    match = _THICKNESS.search(name)
    if not match:
        return float("nan")
    return float(match[1].replace(",", ".")) * (1e-9 if match[2].lower() == "nm" else 1e-6)


def device_of(m: Measurement, context: Context) -> Device:
    """Thickness, permittivity, built-in voltage and series resistance of a device."""
    thickness = context.number(m, "thickness", "m")
    thickness = thickness * 1e-9 if thickness > 1e-3 else thickness
    origin = "given"
    if not np.isfinite(thickness):
        thickness, origin = thickness_in(m.source.stem), "from the file name"
    permittivity = context.number(m, "permittivity", "1")
    assumed = not np.isfinite(permittivity)
    permittivity = DEFAULT_PERMITTIVITY if assumed else permittivity
    built_in = context.number(m, "built_in_voltage", "V", 0.0)
    resistance = context.number(m, "series_resistance", "ohm m^2", 0.0)
    flags = (("SCLC_EPS",) if assumed else ()) + (("SCLC_ION",) if _IONIC.search(f"{m.source.name} {m.name}") else ())
    words = (
        f"L {1e9 * thickness:.1f} nm ({origin}), eps_r {permittivity:g}{' (assumed)' if assumed else ''}, "
        f"V_bi {built_in:g} V, R_s {resistance:g} ohm m2"
    )
    u = DEFAULT_PERMITTIVITY_U if assumed else PERMITTIVITY_U
    return Device(thickness, permittivity, u, built_in, resistance, flags, words)


def branches(m: Measurement, context: Context) -> list[Branch]:
    """Sweeps by direction and polarity; empty where the file gives a current and nobody the area."""
    voltage = m.data["bias"].to_numpy()
    if "lab.sclc_current_density" in m.data:
        current = m.data["lab.sclc_current_density"].to_numpy()
    else:
        area = context.number(m, "area", "m^2")
        if not np.isfinite(area) or area <= 0.0:
            return []
        current = m.data["lab.sclc_current"].to_numpy() / area
    found = []
    for sign, polarity in ((1.0, ""), (-1.0, " negative")):
        chosen = sign * voltage > 0.0
        turn = int(np.argmax(np.where(chosen, sign * voltage, -np.inf))) if chosen.any() else 0
        index = np.arange(voltage.size)
        for part, direction in ((index <= turn, "up"), (index > turn, "down")):
            keep = chosen & part & (sign * current > 0.0)
            if keep.sum() >= 8:
                v, j = sign * voltage[keep], sign * current[keep]
                order = np.argsort(v, kind="stable")
                unique = np.concatenate(([True], np.diff(v[order]) > 0.0))
                v, j = v[order][unique], j[order][unique]
                few = spread_indices(v.size, limit=MAX_POINTS)
                found.append(Branch(v[few], j[few], f"{direction}{polarity}"))
    return found


def effective(branch: Branch, device: Device) -> Branch:
    """Voltage over the layer: built-in voltage and series resistance taken off."""
    voltage = branch.voltage - device.built_in - branch.current * device.resistance
    keep = voltage > 0.0
    order = np.argsort(voltage[keep], kind="stable")
    return Branch(voltage[keep][order], branch.current[keep][order], branch.name)


def reduce(measurements: Sequence[Measurement], context: Context) -> list[Quantity]:
    """Rows of each device."""
    return [row for m in measurements for row in _rows(m, context)]


def _rows(m: Measurement, context: Context) -> list[Quantity]:
    file, device = context.file(m), device_of(m, context)
    found = branches(m, context)
    if not found:
        note = "the file gives a current; give area = 'x mm^2'"
        return [Quantity(file, "mobility_cm2_vs", "refused", unit="cm2/Vs", flags=("AREA",), sample=m.name, note=note)]
    rows: list[Quantity] = []
    values = {}
    for branch in found:
        own, value = _branch_rows(m, effective(branch, device), device, context, several=len(found) > 1)
        rows += own
        if value is not None:
            values[branch.name] = value
    if "up" in values and "down" in values:
        ratio = values["down"] / values["up"]
        flags = ("HYST",) if abs(ratio - 1.0) > 0.1 else ()
        rows.append(
            Quantity(
                file, "mobility_hysteresis", ratio, convention="backward over forward sweep", flags=flags, sample=m.name
            )
        )
    return rows


def _branch_rows(
    m: Measurement, branch: Branch, device: Device, context: Context, *, several: bool
) -> tuple[list[Quantity], float | None]:
    file = context.file(m)
    sample = f"{m.name} {branch.name}" if several else m.name
    slopes = slope_map(branch.voltage, branch.current)
    rows = []
    if np.isfinite(slopes).any():
        top = int(np.nanargmax(slopes))
        note = f"steepest {slopes[top]:.2f} at {branch.voltage[top]:.3g} V"
        last = float(slopes[np.isfinite(slopes)][-1])
        rows.append(
            Quantity(
                file,
                "slope_end",
                last,
                unit="1",
                convention="d ln J/d ln V at the end of the sweep",
                sample=sample,
                note=note,
            )
        )
    rows += _trap_rows(file, sample, branch, slopes, device)
    window = quadratic_window(branch.voltage, slopes)
    if window is None or not np.isfinite(device.thickness):
        why = (
            "no thickness: give thickness = 'x nm'"
            if window is not None
            else "slope nowhere 2.0 +- 0.1 over half a decade"
        )
        flags = ("SCLC_SLOPE" if window is None else "SCLC_L", *device.flags)
        rows.append(
            Quantity(
                file,
                "mobility_cm2_vs",
                "refused",
                unit="cm2/Vs",
                flags=flags,
                sample=sample,
                note=f"{why}; {device.words}",
            )
        )
        return rows, None
    own, value = _mobility_rows(file, sample, branch, window, device)
    return rows + own, value


def _mobility_rows(
    file: str, sample: str, branch: Branch, window: np.ndarray, device: Device
) -> tuple[list[Quantity], float]:
    v, j = branch.voltage[window], branch.current[window]
    layer = {"permittivity": device.permittivity, "thickness": device.thickness}
    plain, u_plain = mott_gurney.mobility(v, j, **layer)
    zero, u_zero, gamma, u_gamma = murgatroyd.fit(v, j, **layer)
    model = math.hypot(3.0 * THICKNESS_U, device.u_permittivity)
    note = f"{v[0]:.2f}..{v[-1]:.2f} V, {v.size} points; {device.words}; budget: thickness 3 % (cubed), permittivity"
    flags = device.flags

    def row(quantity: str, value: float, u: float, unit: str, convention: str) -> Quantity:
        return Quantity(file, quantity, value, u, unit, convention, flags, sample, note)

    rows = [
        row(
            "mobility_cm2_vs",
            1e4 * plain,
            1e4 * plain * math.hypot(u_plain / plain, model),
            "cm2/Vs",
            "Mott-Gurney inside the window of slope 2.0 +- 0.1",
        ),
        row(
            "mobility_zero_field_cm2_vs",
            1e4 * zero,
            1e4 * zero * math.hypot(u_zero / zero, model),
            "cm2/Vs",
            "Murgatroyd, zero field",
        ),
        row("gamma_sqrt_cm_v", 10.0 * gamma, 10.0 * u_gamma, "sqrt(cm/V)", "Murgatroyd"),
        row(
            "transport_mobility_m2_vs",
            zero,
            zero * math.hypot(u_zero / zero, model),
            "m2/Vs",
            "hand-over: starting value of the layer's mobility for drift-diffusion, zero field",
        ),
        row(
            "thickness_nm",
            1e9 * device.thickness,
            1e9 * device.thickness * THICKNESS_U,
            "nm",
            "hand-over: thickness of the layer",
        ),
    ]
    return rows, plain


def _trap_rows(file: str, sample: str, branch: Branch, slopes: np.ndarray, device: Device) -> list[Quantity]:
    limit = trap_filled_voltage(branch.voltage, branch.current, slopes)
    if limit is None:
        return []
    rows = [Quantity(file, "v_tfl_v", limit, 0.1 * limit, "V", "ohmic line meets the steep rise", device.flags, sample)]
    if np.isfinite(device.thickness):
        density = 1e-6 * trap_density(limit, permittivity=device.permittivity, thickness=device.thickness)
        u = density * math.hypot(0.1, 2.0 * THICKNESS_U, device.u_permittivity)
        rows.append(
            Quantity(file, "trap_density_cm3", density, u, "cm-3", "from V_TFL", device.flags, sample, device.words)
        )
    return rows


def figures(measurements: Sequence[Measurement], quantities: Sequence[Quantity]) -> list[tuple[str, str, Figure]]:
    """Current and slope map of each device (at most 24)."""
    from pathlib import Path

    from matplotlib.figure import Figure

    context, drawn = Context(Path(".")), []
    for m in list(measurements)[:24]:
        figure = Figure(figsize=(4.2, 4.0), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        for branch in branches(m, context):
            slopes = slope_map(branch.voltage, branch.current)
            drawn_line = upper.loglog(branch.voltage, branch.current, lw=0.9, label=branch.name)[0]
            lower.semilogx(branch.voltage, slopes, lw=0.9, color=drawn_line.get_color())
            window = quadratic_window(branch.voltage, slopes)
            if window is not None:
                upper.axvspan(branch.voltage[window][0], branch.voltage[window][-1], alpha=0.1)
        lower.axhspan(1.9, 2.1, alpha=0.15)
        lower.set_ylim(0.0, 5.0)
        upper.set_ylabel("J (A m⁻²)")
        lower.set_ylabel("d ln J/d ln V")
        lower.set_xlabel("voltage (V)")
        drawn.append((f"SCLC {m.name}", "Shaded: slope 2.0 ± 0.1 over half a decade, where the law holds.", figure))
    return drawn


FIGURES = figures
