"""Tables of a lifetime study: lifetimes, mechanisms, published devices, curves."""

from __future__ import annotations

import numpy as np

from peqled.design.lifetime import Study
from peqled.inference.posterior import NOT_INFORMED
from peqled.lifetime.extrapolation import local_exponent, power_law, power_law_range
from peqled.lifetime.mixtures import COEFFICIENTS
from peqled.lifetime.operation import time_to
from peqled.lifetime.stage import SHARES
from peqled.materials.published import published_lifetimes
from peqled.report.html import Number
from peqled.report.study import Tile
from peqled.report.tables import Column, Sheet, Value

HOUR = 3600.0
PAPER_T50, PAPER_EXPONENT, PAPER_LUMINANCE = 0.9 * HOUR, 1.7, 1e4
"""T50, exponent and luminance (cd/m^2) that the paper prints and the calibration uses."""
RESTS_ON = {
    "exciton": "degradation.exciton_damage",
    "polaron": "degradation.polaron_damage",
    "exciton-polaron": "degradation.exciton_polaron",
    "exciton-exciton": "degradation.exciton_exciton",
    "ion loss": "degradation.ion_loss",
    "ligand loss": "degradation.ligand_loss",
}
UNSEEN = {
    "quenching": ("degradation.quench_coefficient", "only its products with the damage coefficients act on L(t)"),
    "healing": ("degradation.healing_rate", "no rest or recovery is printed"),
    "reversible pool": ("degradation.reversible_polaron", "no early part of L(t) and no recovery is printed"),
    "temperature": ("degradation.activation_energy", "one temperature, which is not printed"),
    "self-heating": ("thermal.resistance", "no pixel area and no mounting is printed"),
    "charge of defects": ("degradation.charge_per_defect", "no V(t) is printed"),
    "traps of defects": ("degradation.traps_per_defect", "no V(t) is printed"),
    "slowed carriers": ("degradation.slowing_volume", "no V(t) is printed"),
    "transport layers": ("degradation.transport_polaron_damage", "no V(t) is printed"),
}
"""What the luminance data can't see, the parameter it rests on, and why."""


def study_sheets(study: Study) -> list[Sheet]:
    """All tables of a study."""
    return [lifetime_sheet(study), mechanism_sheet(study), published_sheet(study), curve_sheet(study)]


def lifetime_sheet(study: Study) -> Sheet:
    """A row per temperature and luminance."""
    columns = [
        Column("luminance", "L₀", "cd/m²"),
        Column("temperature", "T", "K"),
        Column("current_density", "J", "mA/cm²", 3),
        Column("voltage", "V", "V", 3, on_screen=False),
        *(Column(f"t{share * 100:g}", f"T{share * 100:g}", "h", 3, share in (0.95, 0.5)) for share in SHARES),
        Column("low", "from", "h", 3),
        Column("high", "to", "h", 3),
        Column("local_exponent", "local n", "", 3),
        Column("power_law", "paper's law", "h", 3),
    ]
    rows: list[list[Value]] = []
    for i, (kelvin, result) in enumerate(zip(study.temperature, study.results, strict=True)):
        exponents = local_exponent(result.luminance, result.t50)
        for j, level in enumerate(result.luminance):
            run = result.runs[j]
            law = power_law(PAPER_T50, luminance=PAPER_LUMINANCE, target=level, exponent=PAPER_EXPONENT)
            row: list[Value] = [float(level), float(kelvin), float(result.current[j]) / 10, float(run.voltage[0])]
            row += [time_to(run, share) / HOUR for share in SHARES]
            ends = _ends(study, level) if i == 0 else (float("nan"), float("nan"))
            row += [*ends, float(exponents[j]), law / HOUR]
            rows.append(row)
    return Sheet("lifetime", "Lifetimes", columns, rows)


def _ends(study: Study, level: float) -> tuple[float, float]:
    if study.interval is None:
        return float("nan"), float("nan")
    i = int(np.argmin(np.abs(study.interval.luminance - level)))
    return float(study.interval.widest.low[i]) / HOUR, float(study.interval.widest.high[i]) / HOUR


def mechanism_sheet(study: Study) -> Sheet:
    """What each mechanism does, the parameter it rests on, and what the data know of it."""
    columns = [
        Column("mechanism", "mechanism"),
        Column("parameter", "rests on"),
        Column("value", "value", on_screen=False),
        Column("share", "share of the loss", "%", 3),
        Column("verdict", "what the data know"),
    ]
    brightest = int(np.argmax(np.where(np.isfinite(study.result.t50), study.result.luminance, -1.0)))
    verdicts = {v.mechanism: v for v in study.interval.verdicts} if study.interval else {}
    rows: list[list[Value]] = []
    for name in COEFFICIENTS:
        share = 100.0 * float(study.result.mechanisms[name][brightest])
        rows.append([name, *_parameter(study, RESTS_ON[name]), share, _verdict(verdicts.get(name))])
    for name, (key, reason) in UNSEEN.items():
        rows.append([name, *_parameter(study, key), None, f"not informed by the data: {reason}"])
    level = f"{study.result.luminance[brightest]:g} cd/m²"
    return Sheet("mechanisms", f"Mechanisms, shares at {level}", columns, rows)


def _parameter(study: Study, key: str) -> tuple[str, str]:
    from peqled.materials import load_book

    unit = load_book()[key].unit
    return key, f"{float(study.parameters[key]):.4g} {unit if unit != '1' else ''}".strip()


def _verdict(verdict) -> str:
    if verdict is None:
        return "not asked"
    high = f"{100 * verdict.high:.3g} %"
    if verdict.ratio > NOT_INFORMED:
        return f"not informed by the data: {100 * verdict.low:.2g} % to {high} of the loss agree"
    return f"at most {high} of the loss" if verdict.low < 0.01 else f"{100 * verdict.low:.2g} % to {high} of the loss"


def published_sheet(study: Study) -> Sheet:
    """Published lifetimes of green dot devices beside the twin's at the same luminance."""
    columns = [
        Column("device", "device"),
        Column("luminance", "L₀", "cd/m²"),
        Column("published", "published", "h", 3),
        Column("twin", "twin", "h", 3),
        Column("low", "from", "h", 3),
        Column("high", "to", "h", 3),
        Column("ratio", "twin/publ.", "", 3),
        Column("source", "source", on_screen=False),
        Column("note", "note"),
    ]
    rows: list[list[Value]] = []
    for each in published_lifetimes():
        found = [float("nan")] * 3
        if study.interval is not None:
            i = int(np.argmin(np.abs(study.interval.luminance - each.luminance)))
            widest = study.interval.widest
            found = [float(x[i]) / HOUR for x in (study.interval.full, widest.low, widest.high)]
        hours = each.t50 / HOUR
        rows.append([each.device, each.luminance, hours, *found, found[0] / hours, each.source, each.note])
    return Sheet("published", "Published lifetimes", columns, rows)


def curve_sheet(study: Study) -> Sheet:
    """L(t), V(t), current, temperature of every run, step by step."""
    columns = [
        Column("surroundings", "surroundings", "K", 6),
        Column("luminance", "L₀", "cd/m²"),
        Column("time", "t", "h", 5),
        Column("share", "L/L₀", "", 5),
        Column("voltage", "V", "V", 6),
        Column("current_density", "J", "mA/cm²"),
        Column("temperature", "T", "K", 6),
    ]
    rows: list[list[Value]] = []
    for kelvin, result in zip(study.temperature, study.results, strict=True):
        for level, run in zip(result.luminance, result.runs, strict=True):
            steps = zip(run.time / HOUR, run.luminance, run.voltage, run.current / 10, run.temperature, strict=True)
            for step in steps:
                row: list[Value] = [float(kelvin), float(level), *map(float, step)]
                rows.append(row)
    return Sheet("curves", "Curves, step by step", columns, rows)


def study_notes(study: Study) -> list[str]:
    """What the tables leave unsaid: the reach of the power law and the reason for the interval's width."""
    result, notes = study.result, []
    known = np.isfinite(result.t50)
    if known.sum() > 1 and known.any() and result.luminance[known].min() <= 1e4 <= result.luminance[known].max():
        exponent = study.interval.known.exponent if study.interval else PAPER_EXPONENT
        low, high = power_law_range(result.luminance, result.t50, reference=1e4, exponent=exponent)
        notes.append(
            f"the power law with n = {exponent:.2f} through T50 at 10000 cd/m2 holds within 10 % from {low:.3g} to "
            f"{high:.3g} cd/m2 of the {result.luminance[known].min():g} to {result.luminance[known].max():g} run"
        )
    if study.interval is not None:
        notes.append(study.interval.reason(float(study.interval.luminance.min())))
    far = study.result.luminance[known & (result.luminance < 1e3)]
    if far.size:
        notes.append("below 1000 cd/m2 every T50 is an extrapolation: nothing was calibrated there")
    return notes


def study_tiles(study: Study) -> list[Tile]:
    """Key numbers of the page."""
    tiles: list[Tile] = []
    for level, t50 in zip(study.result.luminance, study.result.t50, strict=True):
        role = "calibrated" if level == 1e4 else "predicted" if np.isfinite(t50) else "declined"
        tiles.append((f"T50 at {level:,.0f} cd/m²".replace(",", "\u202f"), Number(t50 / HOUR, "h", digits=3), role))
    return tiles
