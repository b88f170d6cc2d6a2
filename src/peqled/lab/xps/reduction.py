"""XPS: positions, doublets, charge reference, atomic shares, and the rigid-shift test between samples."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from peqled.lab.measurement import Context, Measurement, Quantity
from peqled.lab.xps.analyse import Region, analyse, seconds_of
from peqled.lab.xps.assign import sentence
from peqled.lab.xps.background import BACKGROUNDS
from peqled.lab.xps.charge_reference import ChargeReference, from_c1s
from peqled.lab.xps.core_levels import LEVELS, level_name
from peqled.lab.xps.fit import LevelFit
from peqled.lab.xps.quantify import atomic_ratio, atomic_shares
from peqled.lab.xps.rigid_shift import rigid_shift

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("xps_region", "xps_model")
MAX_PAIRS = 10
_LEVEL_IN_NAME = re.compile(r"(?<![A-Za-z])[A-Z][a-z]?[\s_-]*[1-5][spdf](?![a-z])(?:\s*[1357]/2)?")
_SCAN_WORDS = re.compile(r"(?<![a-z])(?:scan|snap|survey|region|xps|narrow|high\s?res)(?![a-z])", re.I)
_AXIS = "binding energy h nu - KE, no charge correction, work function not applied"


def group(measurements: Sequence[Measurement]) -> list[list[Measurement]]:
    """All XPS regions of a call together: samples are compared with each other."""
    return [list(measurements)] if measurements else []


def sample_key(measurement: Measurement) -> tuple[str, str]:
    """What belongs to one sample: regions of one file with one sample label; files of one region by folder and name.

    Of a name like ``film A_Pb4f Scan`` the level and words for scans are left out; what remains names the sample.
    """
    label = str(measurement.metadata.get("sample", ""))
    if int(measurement.metadata.get("regions_in_file", 1)) > 1:
        return str(measurement.source), label
    rest = _SCAN_WORDS.sub(" ", _LEVEL_IN_NAME.sub(" ", measurement.source.stem))
    words = [word for word in re.split(r"[\s_.-]+", rest.lower()) if word and not word.isdigit()]
    return str(measurement.source.parent / " ".join(words)), label


def reduce(measurements: Sequence[Measurement], context: Context) -> list[Quantity]:
    """Rows of every region, then of every sample, then of every pair of samples."""
    rows: list[Quantity] = []
    samples: dict[tuple[str, str], list[Region]] = {}
    for m in measurements:
        rows += _axis_rows(m, context)
        if m.kind == "xps_model":
            rows += _model_rows(m, context)
        elif "lab.xps_intensity" in m.data:
            background = str(context.setting(m, "background", "shirley")).lower()
            try:
                region = _analysed(m, background, context)
            except (ValueError, ArithmeticError, np.linalg.LinAlgError) as error:  # one odd region, not all samples
                rows.append(
                    Quantity(
                        context.file(m), "reduction", "failed", flags=("REDUCE_FAIL",), sample=m.name, note=str(error)
                    )
                )
                continue
            samples.setdefault(sample_key(m), []).append(region)
            rows += _region_rows(region, context)
            if m.metadata.get("peaks"):
                rows += _model_rows(m, context)
    references = {key: _reference(regions, context) for key, regions in samples.items()}
    for key, regions in samples.items():
        rows += _referenced_rows(regions, references[key], context)
        rows += _share_rows(regions, context)
    return rows + _pair_rows(samples, references, context)


def _analysed(m: Measurement, background: str, context: Context) -> Region:
    asymmetric = str(context.setting(m, "asymmetric", ""))
    return analyse(m, background=background if background in BACKGROUNDS else "shirley", asymmetric=asymmetric)


def _axis_rows(m: Measurement, context: Context) -> list[Quantity]:
    """What the reader found: points, range and the maximum."""
    if m.kind == "xps_model":
        return []
    file, kinetic = context.file(m), "lab.xps_intensity_kinetic" in m.data
    axis = m.data["kinetic_energy" if kinetic else "binding_energy"].to_numpy()
    y = m.data["lab.xps_intensity_kinetic" if kinetic else "lab.xps_intensity"].to_numpy()
    top, step = float(axis[int(np.argmax(y))]), float(np.median(np.diff(axis)))
    u, hv = abs(step) / 12.0**0.5, m.metadata.get("photon_energy_ev")
    row = _row(file, m.name)
    rows = [row("points", float(m.metadata.get("points", axis.size)), convention="points of the region as written")]
    if not kinetic:
        rows.append(row("be_at_max_ev", top, u, "eV", _AXIS, note="position of the highest point"))
    if kinetic or (m.metadata.get("axis_is_kinetic") and hv):
        ke = axis if kinetic else float(hv or 0.0) - axis[::-1]
        rows += [
            row("ke_min_ev", float(ke.min()), unit="eV", convention="as written in the file", flags=m.flags),
            row("ke_max_ev", float(ke.max()), unit="eV", convention="as written in the file", flags=m.flags),
            row("ke_at_max_ev", top if kinetic else float(hv or 0.0) - top, u, "eV", "position of the highest point"),
        ]
    else:
        rows += [
            row("be_min_ev", float(axis.min()), unit="eV", convention="as written in the file"),
            row("be_max_ev", float(axis.max()), unit="eV", convention="as written in the file"),
        ]
    return [*rows, row("intensity_max", float(y.max()), convention="as written: counts or counts per second")]


def _row(file: str, sample: str):
    def make(
        quantity: str,
        value: float | str,
        uncertainty: float = float("nan"),
        unit: str = "1",
        convention: str = "",
        flags: tuple[str, ...] = (),
        note: str = "",
    ) -> Quantity:
        return Quantity(file, quantity, value, uncertainty, unit, convention, tuple(flags), sample, note)

    return make


def _fit_flags(region: Region) -> tuple[str, ...]:
    fit, level = region.fit, region.level
    if fit is None or level is None:
        return ()
    flags = ["FIT_BOUND"] if fit.at_bound else []
    if fit.reduced_chi2 > 5.0 and fit.runs_z < -3.0:
        flags.append("FIT_CHI")
    if level.doublet:
        template = LEVELS[level.name]
        off = abs(fit.splitting - template.splitting) > 0.05 or abs(fit.ratio / template.ratio - 1.0) > 0.05
        flags += ["XPS_DOUBLET"] if off else []
    return tuple(flags)


def _shapes(fit: LevelFit) -> str:
    metal = [f"{i + 1}" for i in np.flatnonzero(fit.asymmetry)]
    return f"pseudo-Voigt, Doniach-Sunjic with Gaussian for component {', '.join(metal)}" if metal else "pseudo-Voigt"


def _region_rows(region: Region, context: Context) -> list[Quantity]:
    """Fitted position, width, area and doublet of a region, not yet referenced."""
    fit, level, m = region.fit, region.level, region.measurement
    if fit is None or level is None:
        return []
    row, flags = _row(context.file(m), m.name), _fit_flags(region)
    u = {k: (float("nan") if fit.at_bound else float(np.ravel(v)[0])) for k, v in fit.uncertainty.items()}
    bound = f"; at bound: {', '.join(fit.at_bound)}" if fit.at_bound else ""
    other = (
        f"; left out as another element's: {', '.join(f'{p:.2f} eV' for p in region.foreign)}" if region.foreign else ""
    )
    how = (
        f"{level.component}, {_shapes(fit)}, {region.background_name}, "
        f"{region.energy[0]:.2f}..{region.energy[-1]:.2f} eV, "
        f"{len(fit.positions)} component(s), reduced chi2 {fit.reduced_chi2:.1f}{bound}{other}"
    )

    def total(name: str) -> float:
        return float(np.hypot(u[name], region.spread[name]))

    rows = [
        row("be_ev", float(fit.positions[0]), region.position_uncertainty, "eV", _AXIS, flags, how),
        row("fwhm_ev", fit.fwhm, u["fwhm"], "eV", "full width of one line, instrument included", flags, how),
        row(
            "area",
            float(fit.areas.sum()),
            total("area"),
            "eV",
            "intensity x eV, whole level, background off",
            flags,
            how,
        ),
    ]
    if level.doublet:
        rows += [
            row("splitting_ev", fit.splitting, total("splitting"), "eV", "spin-orbit, equal widths", flags, how),
            row("area_ratio", fit.ratio, total("ratio"), "1", "weaker over stronger line", flags, how),
        ]
    for i in np.flatnonzero(fit.asymmetry):
        u_index = float("nan") if fit.at_bound else float(np.ravel(fit.uncertainty["asymmetry"])[i])
        convention = "Doniach-Sunjic index; position is the threshold, area to 10 eV above it"
        rows.append(row(f"component_{i + 1}_asymmetry", float(fit.asymmetry[i]), u_index, "1", convention, flags, how))
    return rows


def _model_rows(m: Measurement, context: Context) -> list[Quantity]:
    """Peaks that another program fitted; doublets are pairs of one level. Names say whose fit it is."""
    row, peaks = _row(context.file(m), m.name), m.metadata.get("peaks") or []
    prefix = "be_ev" if m.kind == "xps_model" else "other_program_be_ev"
    rows = []
    for peak in peaks:
        convention = f"{peak['name']}, fitted by KherveFitting ({peak['model']}), as written"
        rows.append(row(prefix, peak["Position"], unit="eV", convention=convention))
    for first, second in zip(peaks[::2], peaks[1::2], strict=False):
        names = level_name(first["name"]), level_name(second["name"])
        spin = "/2" in first["name"] and "/2" in second["name"]
        if not spin or names[0] is None or names[0] != names[1] or not first.get("Area") or "Area" not in second:
            continue
        known, level = "" if m.kind == "xps_model" else "other_program_", LEVELS.get(names[0])
        splitting, ratio = second["Position"] - first["Position"], second["Area"] / max(first["Area"], 1e-300)
        note = (
            ""
            if level is None
            else f"template: {level.position} eV, splitting {level.splitting}, ratio {level.ratio:.3f}"
        )
        off = level is not None and (abs(splitting - level.splitting) > 0.05 or abs(ratio / level.ratio - 1.0) > 0.05)
        flags = ("XPS_DOUBLET",) if off else ()
        convention = f"{first['name']} and {second['name']}, fitted by KherveFitting"
        rows.append(row(f"{known}splitting_ev", splitting, unit="eV", convention=convention, flags=flags, note=note))
        rows.append(row(f"{known}area_ratio", ratio, convention=convention, flags=flags, note=note))
    return rows


def _reference(regions: Sequence[Region], context: Context) -> ChargeReference | None:
    """Charge reference of a sample: said by the user, else its C 1s line."""
    for region in regions:
        said = context.number(region.measurement, "charge_shift", "eV")
        if np.isfinite(said):
            return ChargeReference(said, 0.05, f"shift of {said} eV given by the user")
    carbon = [r for r in regions if r.level is not None and r.level.name == "C 1s" and r.fit is not None]
    if not carbon or carbon[0].fit is None:
        return None
    position = float(carbon[0].fit.positions[0])
    return from_c1s(position, uncertainty=carbon[0].position_uncertainty)


def _referenced_rows(regions: Sequence[Region], reference: ChargeReference | None, context: Context) -> list[Quantity]:
    """Positions on the C 1s scale with candidates; the components of a level with their shares."""
    rows = []
    if reference is not None and regions:
        row = _row(context.file(*(r.measurement for r in regions)), "all regions")
        rows.append(
            row(
                "charge_shift_ev", reference.shift, reference.uncertainty, "eV", "added to be_ev", note=reference.origin
            )
        )
    for region in regions:
        fit, level = region.fit, region.level
        if fit is None or level is None:
            continue
        row = _row(context.file(region.measurement), region.measurement.name)
        if reference is None:
            message = "no C 1s region and no charge_shift given: not comparable between samples"
            rows.append(
                row(
                    "be_ev_ref_c1s284p8",
                    "refused",
                    unit="eV",
                    convention="C 1s 284.8 eV",
                    flags=("XPS_REF",),
                    note=message,
                )
            )
            continue
        share = fit.areas / fit.areas.sum()
        for i, position in enumerate(fit.positions):
            u = float(np.hypot(region.position_uncertainty, reference.uncertainty))
            value = float(position + reference.shift)
            name = "be_ev_ref_c1s284p8" if i == 0 else f"component_{i + 1}_be_ev_ref_c1s284p8"
            rows.append(
                row(
                    name,
                    value,
                    u,
                    "eV",
                    "C 1s 284.8 eV",
                    _fit_flags(region),
                    sentence(level.name, value, uncertainty=u),
                )
            )
            if len(share) > 1:
                area_u = float(np.ravel(fit.uncertainty["area"])[i] / fit.areas.sum())
                rows.append(
                    row(f"component_{i + 1}_area_share", float(share[i]), area_u, "1", "of the level, equal widths")
                )
    return rows


def _areas(regions: Sequence[Region]) -> dict[str, tuple[float, float]]:
    """Area of every level, corrected for the transmission where the file gives it; the first region of a level."""
    areas: dict[str, tuple[float, float]] = {}
    for region in regions:
        fit, level = region.fit, region.level
        if fit is None or level is None or level.name in areas or LEVELS[level.name].doublet != level.doublet:
            continue
        data, gain = region.measurement.data, 1.0
        if "lab.xps_transmission" in data:
            found = data["lab.xps_transmission"].to_numpy()
            gain = float(np.interp(fit.positions[0], data["binding_energy"].to_numpy(), found))
        seconds = 1.0 if region.measurement.metadata.get("is_rate") else seconds_of(region.measurement)
        scale = (gain if gain > 0.0 else 1.0) * seconds
        total = float(fit.areas.sum())
        u = float(np.hypot(np.linalg.norm(fit.uncertainty["area"]), region.spread["area"]))
        areas[level.name] = (total / scale, u / scale)
    return areas


def _share_rows(regions: Sequence[Region], context: Context) -> list[Quantity]:
    areas = _areas(regions)
    if len(areas) < 2:
        return []
    row = _row(context.file(*(r.measurement for r in regions)), "all regions")
    convention = "Scofield factors, transmission of the file where given, no mean free path"
    rows = []
    for name, (share, u) in atomic_shares(areas).items():
        element = name.split()[0].lower()
        rows.append(row(f"atomic_share_{element}_pct", 100.0 * share, 100.0 * u, "%", convention, note=f"from {name}"))
    for first, second in combinations(areas, 2):
        pair = (first, second) if second == "Pb 4f" else (second, first)
        if "Pb 4f" not in pair:
            continue
        value, u = atomic_ratio(areas[pair[0]], areas[pair[1]], names=pair)
        element = pair[0].split()[0].lower()
        rows.append(row(f"atomic_ratio_{element}_pb", value, u, "1", convention, note=f"{pair[0]} over {pair[1]}"))
    return rows


def _levels(regions: Sequence[Region]) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    for region in regions:
        if region.fit is not None and region.level is not None and region.level.name not in found:
            position = float(region.fit.positions[0])
            found[region.level.name] = (position, float(np.hypot(region.position_uncertainty, 0.03)))
    return found


def _pair_rows(
    samples: dict[tuple[str, str], list[Region]],
    references: dict[tuple[str, str], ChargeReference | None],
    context: Context,
) -> list[Quantity]:
    """Shifts between samples: are they rigid, and what is left once C 1s is taken off."""
    rows = []
    keys = [key for key, regions in samples.items() if len(_levels(regions)) >= 3]
    for first, second in list(combinations(keys, 2))[:MAX_PAIRS]:
        result = rigid_shift(_levels(samples[first]), _levels(samples[second]))
        if result is None:
            continue
        members = [r.measurement for key in (first, second) for r in samples[key]]
        names = " -> ".join(key[1] or key[0].replace("\\", "/").rpartition("/")[2] for key in (first, second))
        row = _row(context.file(*members), names)
        each = ", ".join(f"{n} {s:+.2f}({u:.2f})" for n, (s, u) in result.shifts.items())
        verdict = "rigid" if result.rigid else "not rigid" if result.probability <= 0.05 else "no shift"
        flags = ("XPS_RIGID",) if result.rigid else ()
        note = f"{each} eV; p(all equal) = {result.probability:.3g}: {verdict}"
        rows.append(
            row("rigid_shift_ev", result.mean, result.uncertainty, "eV", "second minus first, uncorrected", flags, note)
        )
        rows.append(
            row("rigid_shift_verdict", verdict, convention="all levels equal within u (chi2, p > 0.05)", flags=flags)
        )
        a, b = references[first], references[second]
        if a is None or b is None:
            continue
        for name, (shift, u) in result.shifts.items():
            if name != "C 1s":
                value, total = shift + b.shift - a.shift, float(np.sqrt(u**2 + a.uncertainty**2 + b.uncertainty**2))
                label = f"be_shift_{name.replace(' ', '').lower()}_ev"
                rows.append(row(label, value, total, "eV", "second minus first, both on C 1s 284.8 eV", flags))
    return rows


def figures(measurements: Sequence[Measurement], quantities: Sequence[Quantity]) -> list[tuple[str, str, Figure]]:
    """Spectrum, background and fit of every region with a known level (at most 24), as the rows were made."""
    from peqled.lab.xps.figure import draw_region

    drawn = []
    for m in measurements:
        if m.kind == "xps_region" and "lab.xps_intensity" in m.data and len(drawn) < 24:
            rows = [q for q in quantities if q.sample == m.name and m.source.name in q.file]
            drawn.append(draw_region(analyse(m, **_made_with(rows))))
    return drawn


def _made_with(rows: Sequence[Quantity]) -> dict[str, str]:
    """Background and lines of metal of the fit that these rows came from."""
    note = next((row.note for row in rows if row.quantity == "be_ev"), "")
    level = level_name(note) or ""
    numbers = [row.quantity.split("_")[1] for row in rows if row.quantity.endswith("_asymmetry")]
    background = next((name for name in BACKGROUNDS if f", {name}, " in note), "shirley")
    return {"background": background, "asymmetric": ", ".join(f"{level} {n}" for n in numbers) or "none"}


FIGURES = figures
