"""Operational lifetimes: T95, T90, T80, T50 measured or extrapolated, the stretched exponential, and acceleration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peqled.lab.lifetime.acceleration import Acceleration, fit_acceleration
from peqled.lab.lifetime.decay import Stretched, crossing, fit_stretched, stretched_time, time_u
from peqled.lab.measurement import Context, Measurement, Quantity
from peqled.lab.reduce import Group
from peqled.lifetime.extrapolation import power_law

KINDS = ("lifetime",)
SHARES = (0.95, 0.90, 0.80, 0.50)
TARGETS = (1000.0, 100.0)  # cd/m2
HOUR = 3600.0
Array = NDArray[np.float64]


def trace(measurement: Measurement) -> tuple[Array, Array]:
    """Time (s) and L/L(0) of a lifetime measurement."""
    data = measurement.data
    return np.asarray(data["lifetime.time"].values, float), np.asarray(data["lifetime.luminance"].values, float)


def reduce(group: Sequence[Measurement], context: Context) -> list[Quantity]:
    """Crossing times against the start and, where the trace rises first, against its maximum; fit; voltage drift."""
    measurement = group[0]
    time, level = trace(measurement)
    own: dict[str, Any] = {"file": context.file(measurement), "sample": measurement.name}
    initial = context.number(measurement, "initial_luminance", "cd/m^2")
    rows = [_hours("record_h", float(time[-1]), "length of the record", own)]
    if math.isfinite(initial):
        start = {"unit": "cd/m2", "convention": "at t = 0", **own}
        rows.append(Quantity(quantity="initial_luminance_cdm2", value=initial, uncertainty=0.03 * initial, **start))
    smooth = _smooth(level)
    top = int(np.argmax(smooth))
    rises = float(smooth[top]) > 1.05
    flags = ("NORM",) if rises else ()
    for share in SHARES:
        rows += _times(time, level, share, "", "against L(t = 0)", flags, own)
    fit = fit_stretched(time, level)
    if rises:
        after, relative = time[top:], level[top:] / smooth[top]
        rows += _burn_in(after, relative, float(smooth[top]), own)
        fit = fit_stretched(after - after[0], relative)
    rows += _fit_rows(fit, float(time[-1]), rises, own)
    rows += _voltage_rise(measurement, own)
    return rows + _single_extrapolation(measurement, context, rows, initial, own)


def _hours(quantity: str, seconds: float, convention: str, own: dict[str, Any]) -> Quantity:
    return Quantity(quantity=quantity, value=seconds / HOUR, unit="h", convention=convention, **own)


def _burn_in(time: Array, relative: Array, gain: float, own: dict[str, Any]) -> list[Quantity]:
    """The rise of a trace, and its crossing times against the maximum, with which `time` and `relative` begin."""
    text = "maximum over L(t = 0)"
    note = f"at {time[0] / HOUR:.3g} h"
    rows = [Quantity(quantity="burn_in_max_over_start", value=gain, convention=text, flags=("NORM",), note=note, **own)]
    for share in SHARES:
        rows += _times(time, relative, share, "_rel_max", "against the maximum, from t = 0", ("NORM",), own)
    return rows


def _voltage_rise(measurement: Measurement, own: dict[str, Any]) -> list[Quantity]:
    if "lifetime.voltage" not in measurement.data:
        return []
    volts = np.asarray(measurement.data["lifetime.voltage"].values, float)
    rise = float(np.median(volts[-3:]) - np.median(volts[:3]))
    text = "end minus start of the record"
    return [Quantity(quantity="voltage_rise_v", value=rise, unit="V", convention=text, **own)]


def _smooth(level: Array) -> Array:
    from scipy.ndimage import median_filter

    return np.asarray(median_filter(level, 5, mode="nearest")) if len(level) > 50 else level


def _name(share: float) -> str:
    return f"t{round(100 * share)}_h"


def _times(
    time: Array, level: Array, share: float, suffix: str, convention: str, flags: tuple[str, ...], own: dict[str, Any]
) -> list[Quantity]:
    found = crossing(time, level, share)
    base = {"quantity": _name(share) + suffix, "unit": "h", "convention": f"measured, {convention}", **own}
    if math.isnan(found):
        return [
            Quantity(value=f"> {time[-1] / HOUR:.4g}", flags=(*flags, "CENS"), note="not reached in the record", **base)
        ]
    near = np.abs(time - found) <= max(
        np.partition(np.abs(time - found), min(4, len(time) - 1))[min(4, len(time) - 1)], 1e-12
    )
    slope = abs(np.polyfit(time[near] - found, level[near], 1)[0]) if np.count_nonzero(near) > 2 else math.nan
    noise = float(np.std(np.diff(level))) / math.sqrt(2.0)
    step = float(np.max(np.diff(time)[np.searchsorted(time[1:-1], found) :][:1], initial=0.0)) if len(time) > 2 else 0.0
    u = math.hypot(noise / slope if slope > 0 else 0.0, step / math.sqrt(12.0) / 2.0)
    return [Quantity(value=found / HOUR, uncertainty=u / HOUR, flags=flags, **base)]


def _fit_rows(fit: Stretched | None, end: float, rises: bool, own: dict[str, Any]) -> list[Quantity]:
    if fit is None:
        return [
            Quantity(
                quantity="kww_tau_h",
                value="not fitted",
                unit="h",
                convention="stretched exponential",
                note="fewer than five points, or no decay",
                **own,
            )
        ]
    start = "from the maximum" if rises else "from t = 0, L(0) = L0"
    flags = ("FIT_BOUND",) if fit.at_bound else ()
    nan = math.nan
    u_tau, u_beta = (
        (nan, nan)
        if fit.at_bound
        else (fit.tau * float(np.sqrt(fit.covariance[0, 0])), float(np.sqrt(fit.covariance[1, 1])))
    )
    rows = [
        Quantity(
            quantity="kww_tau_h",
            value=fit.tau / HOUR,
            uncertainty=u_tau / HOUR,
            unit="h",
            convention=f"exp[-(t/tau)^beta], {start}",
            flags=flags,
            note=f"rms residual {fit.residual:.2g}",
            **own,
        ),
        Quantity(
            quantity="kww_beta",
            value=fit.beta,
            uncertainty=u_beta,
            convention=f"exp[-(t/tau)^beta], {start}",
            flags=flags,
            **own,
        ),
    ]
    for share in SHARES:
        value = stretched_time(fit.tau, fit.beta, share)
        kind = "within the record" if value <= end else f"extrapolated {value / end:.2g} x the record"
        raised = (*flags, "LIFE_X") if value > 10.0 * end else flags
        rows.append(
            Quantity(
                quantity=f"{_name(share)}_kww",
                value=value / HOUR,
                uncertainty=time_u(fit, share) / HOUR,
                unit="h",
                convention=f"stretched exponential, {kind}",
                flags=raised,
                **own,
            )
        )
    return rows


def _single_extrapolation(
    measurement: Measurement, context: Context, rows: list[Quantity], initial: float, own: dict[str, Any]
) -> list[Quantity]:
    """T50 at other luminances where the laboratory states the exponent (and its uncertainty)."""
    n = context.number(measurement, "acceleration_exponent", "1")
    t50 = next((row for row in rows if row.quantity == "t50_h" and isinstance(row.value, float)), None)
    if math.isnan(n) or math.isnan(initial) or t50 is None:
        return []
    n_u = context.number(measurement, "acceleration_exponent_uncertainty", "1", 0.1)
    return [
        Quantity(
            quantity=f"t50_h_at_{to:.0f}cdm2",
            value=(value := power_law(float(t50.value), luminance=initial, target=to, exponent=n)),
            uncertainty=value * math.hypot(math.log(initial / to) * n_u, t50.uncertainty / float(t50.value)),
            unit="h",
            convention=f"extrapolated with the stated n = {n:g} +- {n_u:g}",
            flags=("LIFE_N", *(("LIFE_X",) if initial / to > 10.0 else ())),
            **own,
        )
        for to in TARGETS
        if to < initial
    ]


def summarise(done: Sequence[Group], context: Context) -> list[tuple[Sequence[Measurement], Sequence[Quantity]]]:
    """Acceleration exponent of each folder (or ``batch``) with at least two initial luminances."""
    series: dict[str, list[tuple[Measurement, float]]] = {}
    for group in done:
        if group.topic == "lifetime" and len(group.measurements) == 1 and group.measurements[0].kind == "lifetime":
            m = group.measurements[0]
            initial = context.number(m, "initial_luminance", "cd/m^2")
            if math.isfinite(initial) and initial > 0:
                name = str(context.setting(m, "batch") or context.file(m).rpartition("/")[0] or context.root.name)
                series.setdefault(name, []).append((m, initial))
    found = []
    for name, members in series.items():
        if len({round(initial, -1) for _, initial in members}) >= 2:
            found.append(([m for m, _ in members], _acceleration_rows(name, members, context)))
    return found


def _acceleration_rows(name: str, members: list[tuple[Measurement, float]], context: Context) -> list[Quantity]:
    own: dict[str, Any] = {"file": context.file(*(m for m, _ in members)), "sample": name}
    luminance = np.array([initial for _, initial in members])
    share, times, reached = _best_share(members)
    fit = fit_acceleration(luminance, times, reached)
    levels = len({round(float(v), 1) for v in np.log(luminance[reached])})
    few = levels < 3 or luminance.max() / luminance.min() < 10.0
    if fit is None:
        return [
            Quantity(
                quantity="acceleration_exponent",
                value="not determined",
                convention="L0^n T = const",
                flags=("LIFE_N", "CENS"),
                **own,
            )
        ]
    raised = ("LIFE_N",) if few else ()
    raised += ("CENS",) if fit.censored else ()
    what = f"T{round(100 * share)} of {len(members)} devices at {levels} luminances, {fit.censored} censored"
    rows = [
        Quantity(
            quantity="acceleration_exponent",
            value=fit.n,
            uncertainty=math.nan if few and math.isnan(fit.n_u) else fit.n_u,
            convention=f"L0^n T = const, {what}",
            flags=raised,
            note=f"95 % interval {fit.low:.3g} to {fit.high:.3g}; scatter of ln T {fit.scatter:.2g}",
            **own,
        )
    ]
    return rows + [_extrapolated(fit, share, to, float(luminance.min()), raised, own) for to in TARGETS]


def _best_share(members: list[tuple[Measurement, float]]) -> tuple[float, Array, NDArray[np.bool_]]:
    """The lowest level that at least two thirds of the devices reached, else the one reached most."""
    choices = []
    for share in sorted(SHARES):
        times = np.array([crossing(*trace(m), share) for m, _ in members])
        reached = np.isfinite(times)
        ends = np.array([trace(m)[0][-1] for m, _ in members])
        choices.append((share, np.where(reached, times, ends), reached))
        if reached.mean() >= 2.0 / 3.0:
            return choices[-1]
    return max(choices, key=lambda choice: int(choice[2].sum()))


def _extrapolated(
    fit: Acceleration, share: float, to: float, lowest: float, raised: tuple[str, ...], own: dict[str, Any]
) -> Quantity:
    lever = math.log(fit.centre / to)
    log_time = fit.log_time + fit.n * lever
    u = math.hypot(fit.log_time_u, lever * fit.n_u)
    value = math.exp(log_time) / HOUR
    low, high = (
        (value * math.exp(sign * 1.96 * u) for sign in (-1.0, 1.0)) if math.isfinite(u) else (math.nan, math.nan)
    )
    flags = (*raised, "LIFE_X") if to < lowest / 10.0 else raised
    kind = "interpolated" if to >= lowest else f"extrapolated {lowest / to:.3g} x below the lowest luminance"
    return Quantity(
        quantity=f"{_name(share)}_at_{to:.0f}cdm2",
        value=value,
        uncertainty=value * u,
        unit="h",
        convention=f"L0^n T = const, {kind}",
        flags=flags,
        note=f"95 % interval {low:.4g} to {high:.4g} h",
        **own,
    )


def figure_groups(measurements: Sequence[Measurement]) -> list[list[Measurement]]:
    """One drawing per folder."""
    folders: dict[Any, list[Measurement]] = {}
    for m in measurements:
        folders.setdefault(m.source.parent, []).append(m)
    return list(folders.values())


def FIGURES(group: Sequence[Measurement], quantities: Sequence[Quantity]) -> list[tuple[str, str, Any]]:
    """Traces with their fits."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.35, 2.6), layout="constrained")
    axes = figure.subplots()
    for i, m in enumerate(group[:10]):
        time, level = trace(m)
        step = max(1, len(time) // 400)
        axes.plot(time[::step] / HOUR, level[::step], ".", markersize=2, color=f"C{i % 7}", label=m.name[:24])
        if (fit := fit_stretched(time, level)) is not None:
            axes.plot(
                time[::step] / HOUR, np.exp(-((time[::step] / fit.tau) ** fit.beta)), linewidth=0.9, color=f"C{i % 7}"
            )
    axes.axhline(0.5, color="#6b6b6b", linewidth=0.6, linestyle="--")
    axes.set(xlabel="time (h)", ylabel="L/L(0)", ylim=(0, None))
    axes.legend(fontsize=6)
    return [
        (
            f"Operational lifetime, {group[0].source.parent.name}",
            "Points: measured; lines: stretched exponential.",
            figure,
        )
    ]
