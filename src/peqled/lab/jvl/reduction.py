"""J-V-L sweeps to efficiencies with a budget, turn-on, leakage, roll-off and hysteresis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peqled.lab.angular.reduction import patterns
from peqled.lab.jvl.budget import Term, combine, describe
from peqled.lab.jvl.curve import roll_off
from peqled.lab.jvl.drawing import draw_sweeps
from peqled.lab.jvl.efficiency import current_efficiency, eqe_from_luminance, luminous_efficacy, power_efficiency
from peqled.lab.jvl.joining import spectra_of
from peqled.lab.jvl.readings import FLOOR, electrical_rows, turn_on_rows
from peqled.lab.jvl.routes import other_routes
from peqled.lab.jvl.rows import Efficiency, Rows, device_terms, efficiency_rows
from peqled.lab.jvl.sweep import NAN, Spectrum, Sweep, budget, prepare, spectrum_for
from peqled.lab.measurement import Context, Measurement, Quantity
from peqled.lab.names import place

KINDS = ("jvl", "el_spectrum", "angular")
LAMBERTIAN = "luminance method, Lambertian"
Array = NDArray[np.float64]


def group(measurements: Sequence[Measurement]) -> list[list[Measurement]]:
    """Each sweep with the spectra and angular patterns that belong to it."""
    spectra = [m for m in measurements if m.kind == "el_spectrum"]
    angular = [m for m in measurements if m.kind == "angular"]
    near: dict[Any, list[Measurement]] = {}
    for m in spectra:
        near.setdefault(m.source.parent, []).append(m)
    groups = []
    for sweep in (m for m in measurements if m.kind == "jvl"):
        folder = sweep.source.parent
        candidates = near.get(folder, []) + (near.get(folder.parent, []) if folder.parent != folder else [])
        groups.append([sweep, *spectra_of(sweep, candidates), *spectra_of(sweep, angular)])
    return groups


def reduce(group: Sequence[Measurement], context: Context) -> list[Quantity]:
    """All quantities of a sweep."""
    sweep = group[0]
    if sweep.kind != "jvl":
        return []
    columns = prepare(sweep, context)
    spectra = [m for m in group if m.kind == "el_spectrum"]
    angular = [m for m in group if m.kind == "angular"]
    spectrum, missing = spectrum_for(sweep, columns, spectra, context)
    rows = Rows(sweep, context)
    if not _is_single(sweep):
        electrical_rows(rows, columns)
    if np.isfinite(columns.luminance).any():
        _luminous(rows, sweep, columns, context)
        _eqe_luminance(rows, sweep, columns, (spectrum, missing), angular, context)
    other_routes(rows, sweep, columns, spectrum, missing, context)
    _instrument(rows, sweep, columns, spectrum)
    return rows.rows


def _is_single(sweep: Measurement) -> bool:
    """One operating point, no sweep."""
    return sweep.metadata.get("points") == "single"


def _luminous(rows: Rows, sweep: Measurement, c: Sweep, context: Context) -> None:
    """Brightness, turn-on, CE and PE."""
    single = _is_single(sweep)
    top = float(np.nanmax(c.luminance))
    u = context.number(sweep, "luminance_uncertainty", "1", 0.03) * top
    if single:
        rows.add("luminance_cdm2", top, "cd/m2", "as measured", u=u)
    else:
        rows.add("luminance_max_cdm2", top, "cd/m2", "highest of the sweep", u=u)
        turn_on_rows(rows, c)
    if np.isnan(c.density).all():
        rows.add("ce_cd_a", "refused", "cd/A", "CE = L/J", flags=["AREA"])
        return
    terms = device_terms(sweep, context)
    efficiency = current_efficiency(c.luminance, c.density)
    efficiency_rows(rows, c, efficiency, Efficiency("ce_cd_a", "cd/A", "CE = L/J", terms), single=single)
    power = power_efficiency(c.luminance, c.density, c.voltage)
    wide = [*terms, Term("Lambertian assumption", 0.03)]
    kind = Efficiency("pe_lambertian_lm_w", "lm/W", "PE = pi L/(J V), Lambertian", wide)
    efficiency_rows(rows, c, power, kind, single=single)
    usable = _above_floor(c)
    if usable.any() and not single:
        best = float(np.max(efficiency[usable]))
        text = "highest L/J of the points with L > 2 cd/m2"
        rows.add("ce_max_cd_a_above_2cdm2", best, "cd/A", text, u=best * combine(terms))


def _above_floor(c: Sweep) -> NDArray[np.bool_]:
    return (c.luminance > FLOOR) & (c.density > 0)


def _eqe_luminance(
    rows: Rows,
    sweep: Measurement,
    c: Sweep,
    found: tuple[Spectrum | None, tuple[str, ...]],
    angular: Sequence[Measurement],
    context: Context,
) -> None:
    """EQE by luminance, and what follows from it at its peak."""
    spectrum, missing = found
    if np.isnan(c.density).all():
        rows.add("eqe_lambertian_pct", "refused", "%", LAMBERTIAN, flags=["AREA"])
        return
    if spectrum is None:
        why = "a calibrated EL spectrum is needed: name it like the sweep, or set spectrum or response in lab.toml"
        rows.add("eqe_lambertian_pct", "refused", "%", LAMBERTIAN, flags=missing, note=why)
        return
    file = context.file(sweep, spectrum.source)
    values = eqe_from_luminance(c.luminance, c.density, spectrum.factor)
    terms = budget(sweep, c, spectrum, context, method="luminance")
    flags = () if angular else ("LAMB",)
    kind = Efficiency("eqe_lambertian_pct", "%", LAMBERTIAN, terms, 100.0, flags, spectrum.note, file)
    top = efficiency_rows(rows, c, values, kind, single=_is_single(sweep))
    if top is None:
        return
    if not _is_single(sweep):
        _over_the_sweep(rows, c, values, kind)
    _at_the_peak(rows, c, spectrum, top, kind)
    if angular:
        _eqe_corrected(rows, sweep, c, spectrum, float(values[top]), angular[0], context)


def _over_the_sweep(rows: Rows, c: Sweep, values: Array, kind: Efficiency) -> None:
    """Roll-off and mean of an EQE."""
    half = roll_off(c.density, values, c.good) / 10.0
    text = "J at which the EQE has fallen to half of its peak"
    rows.add("j_half_ma_cm2", half, "mA/cm2", text, u=0.02 * half, file=kind.file)
    usable = _above_floor(c)
    if usable.any():
        mean = 100.0 * float(np.mean(values[usable]))
        text = "mean over points with L > 2 cd/m2"
        name = "eqe_lambertian_mean_pct_above_2cdm2"
        rows.add(name, mean, "%", text, u=mean * combine(kind.terms), file=kind.file)


def _at_the_peak(rows: Rows, c: Sweep, spectrum: Spectrum, top: int, kind: Efficiency) -> None:
    """Luminous efficacy of the light, radiance and wall-plug efficiency."""
    relative = combine(kind.terms)
    efficacy = luminous_efficacy(spectrum.wavelength, spectrum.energy)
    radiance = float(c.luminance[top]) / efficacy
    wall = 100.0 * math.pi * radiance / float(c.density[top] * c.voltage[top])
    rows.add("luminous_efficacy_lm_w", efficacy, "lm/W", "K_m int S V / int S", u=0.01 * efficacy, file=kind.file)
    text = "L over efficacy, at the peak of the EQE"
    rows.add("radiance_w_sr_m2", radiance, "W/sr/m2", text, u=radiance * relative, file=kind.file)
    text = "pi R/(J V) at the peak of the EQE"
    rows.add("wall_plug_lambertian_pct", wall, "%", text, u=wall * relative, file=kind.file)


def _eqe_corrected(
    rows: Rows, sweep: Measurement, c: Sweep, spectrum: Spectrum, value: float, angular: Measurement, context: Context
) -> None:
    """EQE with the measured angular factor, weighted by photons where spectra were taken."""
    found = patterns(angular, context)
    result = found.get("photons") or found["signal"]
    terms = budget(sweep, c, spectrum, context, method="luminance", angular=result.factor_u / result.factor)
    flags = ["LAMB_F"] if abs(result.factor - 1.0) >= 2.0 * result.factor_u else []
    corrected = 100.0 * value * result.factor
    text = f"F_ph x EQE_lambertian, F = {result.factor:.4f}"
    file = context.file(sweep, spectrum.source, angular)
    u = corrected * combine(terms)
    rows.add("eqe_corrected_pct", corrected, "%", text, u=u, flags=flags, note=describe(terms), file=file)


def _instrument(rows: Rows, sweep: Measurement, c: Sweep, spectrum: Spectrum | None) -> None:
    """What the instrument itself printed, above the floor only (below it is noise divided by noise), and our numbers
    against it."""
    strong = (c.luminance > 100.0) & (c.density > 0)
    if "lab.instrument_power_efficiency" in sweep.data and strong.any():
        printed = np.asarray(sweep.data["lab.instrument_power_efficiency"].values, float)[strong]
        ratio = power_efficiency(c.luminance, c.density, c.voltage)[strong] / printed
        rows.add(
            "pe_over_instrument",
            float(np.mean(ratio)),
            "1",
            "pi L/(J V) over the printed PE, points with L > 100 cd/m2",
            u=float(np.max(np.abs(ratio - 1.0))),
            note=f"{len(ratio)} points; the uncertainty is the largest deviation from 1",
        )
    if "lab.instrument_eqe" in sweep.data and spectrum is not None:
        printed = np.asarray(sweep.data["lab.instrument_eqe"].values, float)
        usable = strong & (printed > 0)
        if usable.any():
            ratio = eqe_from_luminance(c.luminance, c.density, spectrum.factor)[usable] / printed[usable]
            rows.add(
                "eqe_over_instrument",
                float(np.mean(ratio)),
                "1",
                "our EQE over the printed EQE, points with L > 100 cd/m2",
                u=float(np.std(ratio)) if len(ratio) > 1 else NAN,
                file="",
            )
    if "lab.instrument_eqe" not in sweep.data:
        return
    printed = 100.0 * np.asarray(sweep.data["lab.instrument_eqe"].values, float)
    if sweep.metadata.get("points") == "single":
        rows.add("eqe_instrument_pct", float(printed[0]), "%", "as the instrument printed it")
        return
    above = (c.luminance > FLOOR) & np.isfinite(printed)
    if above.any():
        rows.add(
            "eqe_instrument_mean_pct_above_2cdm2",
            float(np.mean(printed[above])),
            "%",
            "mean of the printed EQE, points with L > 2 cd/m2",
        )
        rows.add("eqe_instrument_max_pct", float(np.max(printed[above])), "%", "printed EQE, points with L > 2 cd/m2")
    wild = float(np.nanmin(printed))
    if wild < 0.0 or np.nanmax(printed) > 100.0:
        rows.add(
            "eqe_instrument_min_pct",
            wild,
            "%",
            "printed EQE, all points: noise divided by noise",
            flags=["NOISE_L", "NEG_EQE"],
        )


def figure_groups(measurements: Sequence[Measurement]) -> list[list[Measurement]]:
    """Folders with one sweep; several pixels are drawn as a batch."""
    folders: dict[Any, list[Measurement]] = {}
    for m in measurements:
        if m.kind == "jvl" and m.metadata.get("points") != "single":
            folders.setdefault(m.source.parent, []).append(m)
    return [sweeps for sweeps in folders.values() if len({place(m.name).pixel for m in sweeps}) == 1]


def FIGURES(group: Sequence[Measurement], quantities: Sequence[Quantity]) -> list[tuple[str, str, Any]]:
    """J-V, L-V and CE-J of one pixel."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.7, 2.4), layout="constrained")
    draw_sweeps(group, figure.subplots(1, 3))
    return [(f"Sweep {group[0].name}", "Luminance and efficiency of the points with L > 2 cd/m².", figure)]
