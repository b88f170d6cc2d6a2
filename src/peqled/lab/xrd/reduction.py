"""Powder patterns: lines, shift against a standard, Scherrer sizes with the instrument taken off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from peqled.lab.measurement import Context, Measurement, Quantity
from peqled.lab.thinning import averaged
from peqled.lab.xrd.bragg import ANODES, CU_KALPHA1, CU_KALPHA2, spacing
from peqled.lab.xrd.displacement import Calibration, recognise
from peqled.lab.xrd.peaks import Peak, fit_all
from peqled.lab.xrd.profile import Source, integral_breadth
from peqled.lab.xrd.scherrer import K_FACTOR, instrument_width, scherrer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("xrd",)
MAX_POINTS = 50_000


def group(measurements: Sequence[Measurement]) -> list[list[Measurement]]:
    """Patterns of one folder together: a standard among them gives the width of the instrument."""
    folders: dict[str, list[Measurement]] = {}
    for m in measurements:
        folders.setdefault(str(m.source.parent), []).append(m)
    return list(folders.values())


def radiation(m: Measurement, context: Context) -> tuple[Source, bool]:
    """Wavelengths (A) of a pattern: said by the user, by the file, by its anode, else copper (second value False)."""
    ratio = context.number(m, "alpha2_ratio", "1", float("nan"))
    said = context.number(m, "wavelength_angstrom", "1")
    if np.isfinite(said):
        return Source(said, 0.0, 0.0), True
    first = context.number(m, "wavelength_alpha1_angstrom", "1")
    second = context.number(m, "wavelength_alpha2_angstrom", "1")
    if np.isfinite(first) and 0.2 < first < 4.0:
        has_second = np.isfinite(second) and first < second < 1.02 * first
        return Source(
            first, second if has_second else 0.0, (ratio if np.isfinite(ratio) else 0.5) if has_second else 0.0
        ), True
    anode = str(m.metadata.get("anode", "")).strip()[:2].capitalize()
    known = anode in ANODES
    alpha1, alpha2 = ANODES.get(anode, (CU_KALPHA1, CU_KALPHA2))
    return Source(alpha1, alpha2, ratio if np.isfinite(ratio) else 0.5), known


def lines_of(m: Measurement, context: Context) -> tuple[Source, bool, list[Peak], Calibration | None]:
    """Radiation, whether it is known, fitted lines and the standard they belong to."""
    source, known = radiation(m, context)
    angle, counts = np.degrees(m.data["two_theta"].to_numpy()), m.data["lab.xrd_intensity"].to_numpy()
    angle, counts = averaged(angle, counts, limit=MAX_POINTS)
    peaks = fit_all(angle, counts, source)
    return source, known, peaks, recognise(peaks, wavelength=source.alpha1)


def reduce(measurements: Sequence[Measurement], context: Context) -> list[Quantity]:
    """Rows of every pattern; sizes need the width of the instrument, from the folder's standard or a setting."""
    found = [(m, *lines_of(m, context)) for m in measurements]
    standards = [(m, calibration) for m, _, _, _, calibration in found if calibration is not None]
    rows: list[Quantity] = []
    for m, source, known, peaks, calibration in found:
        rows += _pattern_rows(m, context)
        rows += _calibration_rows(m, calibration, context)
        nearest = [c for other, c in standards if other is m] or [c for _, c in standards]
        for peak in peaks:
            rows += _line_rows(m, peak, source, known, context)
            if "XRD_MAP" in m.flags:
                continue
            if calibration is not None and peak in calibration.peaks:
                continue
            width, origin = _instrument(m, peak, nearest, context)
            rows.append(_size_row(m, peak, source, (width, origin), known, context))
    return rows


def _pattern_rows(m: Measurement, context: Context) -> list[Quantity]:
    file, angle = context.file(m), np.degrees(m.data["two_theta"].to_numpy())
    return [
        Quantity(
            file, "points", float(m.metadata.get("points", angle.size)), convention="points of the scan", sample=m.name
        ),
        Quantity(file, "two_theta_min_deg", float(angle[0]), unit="deg", convention="first point", sample=m.name),
        Quantity(file, "two_theta_max_deg", float(angle[-1]), unit="deg", convention="last point", sample=m.name),
        Quantity(
            file,
            "n_scans",
            float(m.metadata.get("scans", 1)),
            convention="scans summed",
            flags=m.flags,
            sample=m.name,
            note=m.notes[-1] if m.notes else "",
        ),
    ]


def _calibration_rows(m: Measurement, c: Calibration | None, context: Context) -> list[Quantity]:
    """Shift, zero, displacement and width of the instrument from a recognised standard."""
    if c is None:
        return []
    each = ", ".join(f"{s:+.4f}" for s in c.shifts)
    names = " ".join("".join(map(str, hkl)) for hkl in c.lines)
    note = f"{c.phase.name} {names}: {each} deg; sd {np.std(c.shifts, ddof=1):.4f}"
    widths = [peak.fwhm for peak in c.peaks]
    span = f"mean of the calibrating lines, {min(widths):.3f}..{max(widths):.3f}"

    def row(quantity: str, value: float | str, u: float, unit: str, convention: str) -> Quantity:
        return Quantity(context.file(m), quantity, value, u, unit, convention, sample=m.name, note=note)

    rows = [
        row("two_theta_shift_deg", c.mean, c.uncertainty, "deg", "mean of fitted minus calculated"),
        row("standard", c.phase.name, float("nan"), "1", "recognised by the pattern"),
        row("two_theta_zero_deg", c.zero, c.u_zero, "deg", "zero and displacement fitted together"),
        row("instrument_fwhm_deg", float(np.mean(widths)), float(np.std(widths)), "deg", span),
    ]
    radius = context.number(m, "goniometer_radius_mm", "1")
    if np.isfinite(radius):
        half, said = 0.5 * radius, f"sample above the axis, radius {radius:g} mm, fitted with the zero"
        rows.append(row("displacement_mm", half * c.displacement_ratio, half * c.u_displacement_ratio, "mm", said))
    return rows


def _instrument(
    m: Measurement, peak: Peak, standards: Sequence[Calibration], context: Context
) -> tuple[float | None, str]:
    said = context.number(m, "instrument_fwhm", "deg")
    if np.isfinite(said):
        return said, f"instrument {said:.3f} deg given by the user"
    if standards:
        width = instrument_width(standards[0].peaks, peak.position)
        return width, f"instrument {width:.3f} deg from {standards[0].phase.name}"
    return None, "no instrument width: lower bound"


def _line_rows(m: Measurement, peak: Peak, source: Source, known: bool, context: Context) -> list[Quantity]:
    file, label = context.file(m), f"line at {peak.position:.2f} deg"
    flags = tuple(
        code
        for code, on in (("XRD_SPLIT", peak.split), ("FIT_BOUND", peak.at_bound), ("FIT_CHI", peak.reduced_chi2 > 5.0))
        if on
    )
    nan = float("nan")
    u, v = (nan, nan) if peak.at_bound else (peak.u_position, peak.u_fwhm)
    d = float(spacing(peak.position, wavelength=source.alpha1))
    u_d = d * np.radians(0.5 * peak.u_position) / np.tan(np.radians(0.5 * peak.position))
    wavelength = f"lambda {source.alpha1} A" + ("" if known else ", copper assumed")
    unit = () if known else ("READ_UNIT",)
    fit = f"pseudo-Voigt, K-alpha 2 at ratio {source.ratio:g}, reduced chi2 {peak.reduced_chi2:.1f}"
    breadth = integral_breadth(peak.fwhm, peak.lorentzian_share)
    note = f"{label}; Lorentzian share {peak.lorentzian_share:.2f}; integral breadth {breadth:.4f} deg"
    return [
        Quantity(
            file,
            "two_theta_deg",
            peak.position,
            u,
            "deg",
            f"K-alpha 1, no zero correction; {fit}",
            flags,
            m.name,
            label,
        ),
        Quantity(file, "fwhm_deg", peak.fwhm, v, "deg", f"2 theta, instrument included; {fit}", flags, m.name, note),
        Quantity(
            file,
            "d_spacing_angstrom",
            d,
            float(u_d),
            "A",
            f"no zero correction, {wavelength}",
            (*flags, *unit),
            m.name,
            label,
        ),
    ]


def _size_row(
    m: Measurement, peak: Peak, source: Source, instrument: tuple[float | None, str], known: bool, context: Context
) -> Quantity:
    file, label = context.file(m), f"line at {peak.position:.2f} deg"
    k_factor = context.number(m, "scherrer_k", "1", K_FACTOR)
    convention = f"Scherrer, FWHM, K {k_factor:g}, size part only, strain not separated"
    if peak.split:
        note = f"{label}: doublet or satellites in the window, no size"
        return Quantity(
            file,
            "scherrer_size_nm",
            "refused",
            unit="nm",
            convention=convention,
            flags=("XRD_SPLIT",),
            sample=m.name,
            note=note,
        )
    size = scherrer(peak, wavelength=source.alpha1, instrument=instrument[0], k_factor=k_factor)
    if size is None:
        note = f"{label}: no broader than the instrument ({instrument[1]})"
        return Quantity(
            file, "scherrer_size_nm", "above the range", unit="nm", convention=convention, sample=m.name, note=note
        )
    flags = (
        (("XRD_INST",) if size.lower_bound else ())
        + (() if known else ("READ_UNIT",))
        + (("FIT_BOUND",) if peak.at_bound else ())
    )
    u = float("nan") if peak.at_bound else size.uncertainty
    note = f"{label}; beta {size.beta:.4f} deg; {instrument[1]}"
    return Quantity(file, "scherrer_size_nm", size.diameter, u, "nm", convention, flags, m.name, note)


def figures(measurements: Sequence[Measurement], quantities: Sequence[Quantity]) -> list[tuple[str, str, Figure]]:
    """Pattern with the fitted lines marked (at most 24)."""
    from matplotlib.figure import Figure

    drawn = []
    for m in list(measurements)[:24]:
        angle, counts = np.degrees(m.data["two_theta"].to_numpy()), m.data["lab.xrd_intensity"].to_numpy()
        rows = [
            q for q in quantities if q.sample == m.name and q.quantity == "two_theta_deg" and isinstance(q.value, float)
        ]
        figure = Figure(figsize=(6.0, 3.0), layout="constrained")
        axes = figure.subplots()
        axes.plot(angle, np.sqrt(np.maximum(counts, 0.0)), lw=0.7)
        for q in rows:
            colour = "tab:red" if "XRD_SPLIT" in q.flags else "0.5"
            axes.axvline(float(q.value), lw=0.5, ls=":", color=colour)
        axes.set_xlabel("2θ (deg)")
        axes.set_ylabel("√intensity")
        drawn.append((f"XRD {m.name}", f"{len(rows)} lines; red: doublet or satellites.", figure))
    return drawn


FIGURES = figures
