"""Batches of devices: one sweep per pixel, stated exclusions, yield, statistics over substrates, champion."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from peqled.lab.batch.statistics import Summary, summarise_values, wilson
from peqled.lab.jvl.drawing import draw_sweeps
from peqled.lab.measurement import Context, Measurement, Quantity, relative
from peqled.lab.names import Place, place
from peqled.lab.reduce import Group

KINDS: tuple[str, ...] = ()
METRICS = {
    "eqe_corrected_pct": "%",
    "eqe_lambertian_pct": "%",
    "eqe_sphere_pct": "%",
    "eqe_photodiode_pct": "%",
    "eqe_lambertian_mean_pct_above_2cdm2": "%",
    "eqe_instrument_max_pct": "%",
    "eqe_instrument_mean_pct_above_2cdm2": "%",
    "ce_cd_a": "cd/A",
    "ce_max_cd_a_above_2cdm2": "cd/A",
    "pe_lambertian_lm_w": "lm/W",
    "luminance_max_cdm2": "cd/m2",
    "turn_on_v_at_1cdm2": "V",
    "turn_on_first_v_at_2cdm2": "V",
    "leakage_ma_cm2_at_1v": "mA/cm2",
}
UNSTATED = 0.047
"""Relative uncertainty that all devices share where none is stated: the defaults of the budget in quadrature."""


@dataclass(frozen=True)
class Device:
    """A pixel of a batch: its place, status and numbers."""

    group: Group
    place: Place
    status: str
    values: dict[str, Quantity]
    repeats: int

    @property
    def sweep(self) -> Measurement:
        return self.group.measurements[0]


def batches(done: Sequence[Group], context: Context) -> dict[str, list[Device]]:
    """Devices by batch: the laboratory's ``batch`` or plate map, else the folder (its path where two share a name)."""
    found: dict[str, dict[str, list[Group]]] = {}
    for group in done:
        if group.topic != "jvl" or not group.measurements or group.measurements[0].metadata.get("points") == "single":
            continue
        sweep = group.measurements[0]
        where = _place(sweep, context)
        pixels = found.setdefault(_batch(sweep, where, context), {})
        pixels.setdefault(where.pixel, []).append(group)
    short = Counter(name.rpartition("/")[2] for name in found)
    return {
        (name.rpartition("/")[2] if short[name.rpartition("/")[2]] == 1 else name): [
            _device(groups, context) for groups in pixels.values()
        ]
        for name, pixels in sorted(found.items())
    }


def _place(sweep: Measurement, context: Context) -> Place:
    rule = context.setting(sweep, "name_rule")
    return place(sweep.name, str(rule) if rule else None)


def _batch(sweep: Measurement, where: Place, context: Context) -> str:
    said = context.setting(sweep, "batch")
    plate = context.setting(sweep, "plate")
    if isinstance(plate, dict):
        said = plate.get(where.pixel) or plate.get(where.substrate) or said
    if said:
        return str(said)
    folder = context.shown.get(sweep.source, "").rpartition("/")[0] or relative(sweep.source.parent, context.root)
    return context.root.name if folder in ("", ".") else folder


def _device(groups: list[Group], context: Context) -> Device:
    """The counted sweep of a pixel: the first by number (or the last, if the laboratory says so)."""
    ordered = sorted(
        groups, key=lambda group: (_place(group.measurements[0], context).sweep, group.measurements[0].source.name)
    )
    last = str(context.setting(ordered[0].measurements[0], "counted_sweep", "first")) == "last"
    group = ordered[-1 if last else 0]
    values = {row.quantity: row for row in group.quantities}
    sweep = group.measurements[0]
    return Device(group, _place(sweep, context), _status(sweep, values, context), values, len(groups) - 1)


def _status(sweep: Measurement, values: dict[str, Quantity], context: Context) -> str:
    current, light = _number(values, "current_max_a"), _number(values, "luminance_max_cdm2")
    if math.isnan(light):
        return "dark"
    if current > context.number(sweep, "short_current", "A", 10e-3) and light < context.number(
        sweep, "short_luminance", "cd/m^2", 50.0
    ):
        return "shorted"
    enough = not current < context.number(sweep, "working_current", "A", 10e-6)
    return "working" if enough and light >= context.number(sweep, "working_luminance", "cd/m^2", 100.0) else "dead"


def _number(values: dict[str, Quantity], name: str) -> float:
    value = values[name].value if name in values else math.nan
    return value if isinstance(value, float) else math.nan


def summarise(done: Sequence[Group], context: Context) -> list[tuple[Sequence[Measurement], Sequence[Quantity]]]:
    """Quantities of each batch with at least two pixels, and the batches against the first."""
    found = {name: devices for name, devices in batches(done, context).items() if len(devices) > 1}
    results: list[tuple[Sequence[Measurement], Sequence[Quantity]]] = []
    summaries: dict[str, dict[str, Summary]] = {}
    for name, devices in found.items():
        rows, summaries[name] = _of_batch(name, devices, context)
        results.append(([device.sweep for device in devices], rows))
    if len(summaries) > 1:
        everything = [device.sweep for devices in found.values() for device in devices if device.status == "working"]
        results.append((everything, _comparison(summaries)))
    return results


def _of_batch(name: str, devices: list[Device], context: Context) -> tuple[list[Quantity], dict[str, Summary]]:
    folder = (context.file(devices[0].sweep).rpartition("/")[0] or context.root.name) + "/"
    own: dict[str, Any] = {"file": folder, "sample": name}
    working = [device for device in devices if device.status == "working"]
    rows = _counts(devices, working, own)
    summaries: dict[str, Summary] = {}
    for metric, unit in METRICS.items():
        pairs = [(number, device) for device in working if math.isfinite(number := _number(device.values, metric))]
        if len(pairs) >= 2:
            summaries[metric] = summarise_values(np.array([p[0] for p in pairs]), [p[1].place.substrate for p in pairs])
            rows += _statistics(metric, unit, summaries[metric], pairs, own)
    for device in devices:
        rows += _device_rows(device, context)
    return rows, summaries


def _counts(devices: list[Device], working: list[Device], own: dict[str, Any]) -> list[Quantity]:
    share, share_u = wilson(len(working), len(devices))
    rule = "working: current >= 10 uA and L >= 100 cd/m2; shorted: current > 10 mA and L < 50 cd/m2 (or as set)"
    substrates = {device.place.substrate for device in devices}
    flags = ("CLUSTER",) if len(substrates) < 3 else ()
    repeats = sum(device.repeats for device in devices)
    return [
        Quantity(
            quantity="n_devices",
            value=float(len(devices)),
            convention="pixels, each counted once",
            flags=("REPEAT",) if repeats else (),
            note=f"{repeats} further sweeps of the same pixels not counted",
            **own,
        ),
        Quantity(quantity="n_working", value=float(len(working)), convention=rule, **own),
        Quantity(
            quantity="n_shorted", value=float(sum(d.status == "shorted" for d in devices)), convention=rule, **own
        ),
        Quantity(
            quantity="n_substrates",
            value=float(len(substrates)),
            convention="by the names of the files",
            flags=flags,
            **own,
        ),
        Quantity(
            quantity="yield_pct",
            value=100.0 * share,
            uncertainty=100.0 * share_u,
            unit="%",
            convention="working over all pixels, Wilson",
            **own,
        ),
    ]


def _statistics(
    metric: str, unit: str, s: Summary, pairs: list[tuple[float, Device]], own: dict[str, Any]
) -> list[Quantity]:
    flags = ("CLUSTER",) if s.clusters < 3 else ()
    shared = _shared(metric, unit, pairs)
    how = f"bootstrap over {s.clusters} substrates" if s.clusters > 1 else "bootstrap over pixels"
    best = max(pairs, key=lambda pair: pair[0])[1]
    champion_flags = ("CHAMP",) if s.champion > s.mean + 3.0 * s.sd else ()

    def row(
        name: str, value: float, u: float, convention: str, note: str = "", raised: tuple[str, ...] = ()
    ) -> Quantity:
        return Quantity(
            quantity=f"{metric}_{name}",
            value=value,
            uncertainty=u,
            unit=unit,
            convention=convention,
            flags=raised,
            note=note,
            **own,
        )

    spread = f"95 % {s.low:.4g} to {s.high:.4g}, {how}; common to all {100 * shared:.2g} %"
    expected = f"expected maximum of {s.n} normal devices {s.expected_champion:.4g}; pixel {best.place.pixel}"
    rows = [
        row("mean", s.mean, math.hypot(s.mean_se, shared * s.mean), f"mean of {s.n} working pixels", spread, flags),
        row("sd", s.sd, s.sd / math.sqrt(2.0 * max(s.n - 1, 1)), f"sample standard deviation of {s.n} working pixels"),
        row(
            "median",
            s.median,
            math.hypot(s.median_se, shared * s.median),
            f"median of {s.n} working pixels",
            f"quartiles {s.quartiles[0]:.4g} and {s.quartiles[1]:.4g}",
            flags,
        ),
    ]
    if unit in ("V", "mA/cm2"):  # where the highest is not the best
        return rows
    return [*rows, row("champion", s.champion, shared * s.champion, "highest of the batch", expected, champion_flags)]


def _shared(metric: str, unit: str, pairs: list[tuple[float, Device]]) -> float:
    """Relative uncertainty that does not average down: calibration and mask are the same for all devices of a batch."""
    if unit == "V":
        return 0.0
    stated = [
        d.values[metric].uncertainty / abs(v) for v, d in pairs if v and math.isfinite(d.values[metric].uncertainty)
    ]
    return float(np.median(stated)) if stated else UNSTATED


def _device_rows(device: Device, context: Context) -> list[Quantity]:
    own: dict[str, Any] = {"file": context.file(device.sweep), "sample": device.place.pixel}
    flags = (("REPEAT",) if device.repeats else ()) + (("EXCLUDED",) if device.status != "working" else ())
    note = f"{device.repeats} further sweeps of this pixel not counted" if device.repeats else ""
    return [
        Quantity(
            quantity="device_status", value=device.status, convention="rule of the batch", flags=flags, note=note, **own
        )
    ]


def _comparison(summaries: dict[str, dict[str, Summary]]) -> list[Quantity]:
    """Difference of the means against the first batch; what is common to the batches cancels."""
    first, *others = summaries
    metric = next((m for m in METRICS if m in summaries[first] and all(m in summaries[o] for o in others)), None)
    if metric is None:
        return []
    base = summaries[first][metric]
    rows = []
    for name in others:
        s = summaries[name][metric]
        error = math.hypot(s.mean_se, base.mean_se)
        verdict = "differs beyond 2u" if abs(s.mean - base.mean) > 2.0 * error else "no difference beyond 2u"
        rows.append(
            Quantity(
                "",
                f"{metric}_mean_difference",
                s.mean - base.mean,
                error,
                METRICS[metric],
                f"mean of {name} minus mean of {first}",
                sample=f"{name} - {first}",
                note=verdict,
            )
        )
    return rows


def FIGURES(group: Sequence[Measurement], quantities: Sequence[Quantity]) -> list[tuple[str, str, Any]]:
    """J-V, L-V, CE-J and the distribution of a batch; for several batches, their distributions side by side."""
    from matplotlib.figure import Figure

    if quantities and quantities[0].quantity.endswith("_difference"):
        return _comparison_figure(group)
    figure = Figure(figsize=(6.7, 4.6), layout="constrained")
    (jv, lv), (ce, spread) = figure.subplots(2, 2)
    draw_sweeps(group, (jv, lv, ce))
    best = [value for sweep in group if math.isfinite(value := _best_efficiency(sweep))]
    if best:
        spread.hist(best, bins="auto" if len(best) > 7 else 5, alpha=0.6)
        top = spread.get_ylim()[1]
        spread.boxplot(best, orientation="horizontal", positions=[1.12 * top], widths=0.12 * top, manage_ticks=False)
        spread.set(xlabel="highest CE of a pixel (cd/A)", ylabel="pixels", ylim=(0, 1.3 * top))
    name = quantities[0].sample if quantities else group[0].source.parent.name
    caption = f"{len(group)} pixels, one sweep each; points with L > 2 cd/m²; box: quartiles, whiskers 1.5 ranges."
    return [(f"Batch {name}", caption, figure)]


def _best_efficiency(sweep: Measurement) -> float:
    data = sweep.data
    if "led.luminance" not in data or "led.current_density" not in data:
        return math.nan
    luminance, density = np.asarray(data["led.luminance"].values), np.asarray(data["led.current_density"].values)
    good = (luminance > 2.0) & (density > 0)
    return float(np.max(luminance[good] / density[good])) if good.any() else math.nan


def _comparison_figure(group: Sequence[Measurement]) -> list[tuple[str, str, Any]]:
    from matplotlib.figure import Figure

    batches: dict[str, list[float]] = {}
    for sweep in group:
        if math.isfinite(value := _best_efficiency(sweep)):
            batches.setdefault(sweep.source.parent.name, []).append(value)
    if len(batches) < 2:
        return []
    figure = Figure(figsize=(6.7, 2.6), layout="constrained")
    axes = figure.subplots()
    axes.boxplot(list(batches.values()), tick_labels=list(batches), widths=0.5)
    for i, values in enumerate(batches.values(), 1):
        axes.plot(np.full(len(values), i), values, ".", markersize=2.5, alpha=0.5, color="C0")
    axes.set(ylabel="highest CE of a pixel (cd/A)")
    axes.tick_params(axis="x", rotation=60 if len(batches) > 8 else 0)
    return [
        (
            "Batches side by side",
            "All working pixels, one sweep each; box: quartiles, whiskers 1.5 interquartile ranges.",
            figure,
        )
    ]
