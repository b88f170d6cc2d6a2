"""Rows of results for emission and absorption spectra and for maps against time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from peqled.lab.measurement import Context, Measurement, Quantity
from peqled.lab.pl.baseline import baseline
from peqled.lab.pl.edge import exciton_peak, scattering, steepest_fall, tauc
from peqled.lab.pl.energy import LIGHT_EV, to_energy
from peqled.lab.pl.lines import count_lines
from peqled.lab.pl.thin import thinned
from peqled.lab.pl.track import Frame, frame, trend
from peqled.lab.spectrum.peak import Line, line, slit_corrected

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("pl_spectrum", "absorption", "insitu_map")
_NM = 1e9


def reduce(measurements: Sequence[Measurement], context: Context) -> list[Quantity]:
    """Rows of each spectrum or map."""
    rows: list[Quantity] = []
    for m in measurements:
        rows += {"pl_spectrum": _emission, "absorption": _absorption, "insitu_map": _map}[m.kind](m, context)
    return rows


def _maker(m: Measurement, context: Context):
    file = context.file(m)

    def row(name, value, u=np.nan, unit="nm", how="", flags=(), note="", sample=None) -> Quantity:
        shown = value if isinstance(value, str) else float(value)
        return Quantity(file, name, shown, float(u), unit, how, (*flags, *m.flags), sample or m.name, note)

    return row


def _size(m: Measurement, row) -> list[Quantity]:
    return [
        row("n_rows", m.metadata.get("rows", 0), unit="1", how="numeric rows of the file"),
        row("n_spectra", m.metadata.get("spectra", 1), unit="1", how="spectra of the file"),
    ]


# Emission -----------------------------------------------------------------------------------------------------------


def _emission(m: Measurement, context: Context) -> list[Quantity]:
    row = _maker(m, context)
    x, y = thinned(m.data["wavelength"].to_numpy(), m.data["lab.pl_intensity"].to_numpy())
    method = str(context.setting(m, "baseline", "edges"))
    floor = baseline(x, y, method)
    found = line(x, y - floor)
    rows = _size(m, row)
    if found is None:
        return [*rows, row("peak_nm_fit", np.nan, note="no line stands out of the noise")]
    ground = f"baseline {method}" if np.any(floor) else "no baseline"
    rows += _line_rows(row, found, ground, m, context)
    energy, per_energy = to_energy(x, y - floor)
    in_ev = line(energy, per_energy)
    if in_ev is not None:
        how = f"I(E) = I(lambda) lambda^2/(h c), Gaussian on {in_ev.part}, {ground}"
        rows += [
            row("peak_ev_fit", in_ev.fit, max(in_ev.fit_u, in_ev.step / 6), "eV", how),
            row(
                "fwhm_mev_halfheight",
                1e3 * in_ev.halfheight,
                1e3 * in_ev.halfheight_u,
                "meV",
                f"half of the maximum on the energy axis, {ground}",
            ),
        ]
    return rows + _several(row, energy, per_energy)


def _line_rows(row, found: Line, ground: str, m: Measurement, context: Context) -> list[Quantity]:
    """Positions and widths of the strongest line, each by its named method."""
    smooth = f"smoothed over {found.smoothing * _NM:.3g} nm" if found.smoothing else "not smoothed"
    return _positions(row, found, smooth, ground, m) + _widths(row, found, smooth, ground, m, context)


def _positions(row, found: Line, smooth: str, ground: str, m: Measurement) -> list[Quantity]:
    scale = ("SPEC_UNCAL",) if m.metadata.get("scale") == "counts" else ()
    fitted = f"Gaussian on {found.part}, wavelength axis, {ground}"
    moment = f"first moment above a tenth of the maximum, {ground}"
    u = max(found.fit_u, found.step / 6.0)
    skew, step = _skew(found.fit, found.argmax, found.halfheight), found.step * _NM
    return [
        row("peak_nm_argmax", found.argmax * _NM, step / 12**0.5, how=f"vertex at the maximum, {smooth}, {ground}"),
        row("peak_nm_fit", found.fit * _NM, u * _NM, how=fitted, note=skew),
        row("centroid_nm", found.centroid * _NM, step / 3, how=moment, flags=scale),
    ]


def _widths(row, found: Line, smooth: str, ground: str, m: Measurement, context: Context) -> list[Quantity]:
    slit = context.number(m, "slit", "m")
    coarse = ("SPEC_STEP",) if found.step > 0.2 * found.halfheight else ()
    wide = ("SLIT",) if not np.isfinite(slit) or slit > 0.5 * found.halfheight else ()
    flags = (*coarse, *wide)
    width, u = found.halfheight * _NM, found.halfheight_u * _NM
    in_mev = 1e-6 * LIGHT_EV / found.fit**2  # meV per nm
    half = f"half of the maximum, {smooth}, {ground}"
    fitted = f"Gaussian on the upper half, {ground}"
    rows = [
        row("fwhm_nm_halfheight", width, u, how=half, flags=flags),
        row("fwhm_nm_fit", found.fit_width * _NM, found.fit_width_u * _NM, how=fitted, flags=flags),
        row("fwhm_mev", in_mev * width, in_mev * u, "meV", "h c FWHM/lambda^2 from fwhm_nm_halfheight", flags),
    ]
    if np.isfinite(slit):
        how = f"sqrt(w^2 - w_slit^2), slit {slit * _NM:g} nm"
        rows.append(row("fwhm_nm_slitcorr", slit_corrected(found.halfheight, slit) * _NM, u, how=how, flags=flags))
    return rows


def _several(row, energy, per_energy) -> list[Quantity]:
    """Number of lines by the BIC, and each line where there are several."""
    part = per_energy > 0.005 * np.max(per_energy)
    first, last = np.flatnonzero(part)[[0, -1]]
    e, s = energy[first : last + 1], per_energy[first : last + 1]
    if e.size < 20:
        return []
    stride = max(e.size // 600, 1)
    kept, candidates = count_lines(e[::stride], s[::stride])
    how = "Gaussians and a constant on the energy axis, BIC"
    rows = [row("n_lines", kept.centres.size, unit="1", how=how)]
    rows += [row(f"bic_{n}lines", c.bic, unit="1", how=how) for n, c in enumerate(candidates, 1)]
    if kept.centres.size == 1:
        return rows
    share = kept.areas / np.sum(kept.areas)
    for k in range(kept.centres.size):
        centre = kept.centres[k]
        u = LIGHT_EV / centre**2 * kept.centre_errors[k] * _NM
        rows += [
            row(f"line_{k + 1}_nm", LIGHT_EV / centre * _NM, u, how=f"{how}; ascending energy", flags=kept.fit.flags),
            row(f"line_{k + 1}_fwhm_mev", 1e3 * kept.widths[k], unit="meV", how=how),
            row(f"line_{k + 1}_share", share[k], unit="1", how="share of the area"),
        ]
    return rows


# Absorption ---------------------------------------------------------------------------------------------------------


def _absorption(m: Measurement, context: Context) -> list[Quantity]:
    row = _maker(m, context)
    x, y = thinned(m.data["wavelength"].to_numpy(), m.data["lab.absorbance"].to_numpy())
    rows = [
        *_size(m, row),
        row("absorbance_max", np.max(y), unit="1", how="as written"),
        row("wavelength_min_nm", x[0] * _NM),
        row("wavelength_max_nm", x[-1] * _NM),
    ]
    rows += _edge_rows(row, x, y)
    peak = exciton_peak(x, y)
    for name, value, u in (
        ("parabola", peak.parabola, peak.parabola_u),
        ("second_derivative", peak.second, peak.second_u),
    ):
        if np.isfinite(value):
            how = {
                "parabola": "first maximum from long wavelengths, parabola",
                "second_derivative": "minimum of the second derivative",
            }[name]
            rows.append(row(f"exciton_nm_{name}", value * _NM, u * _NM, how=how))
            rows.append(row(f"exciton_ev_{name}", LIGHT_EV / value, LIGHT_EV * u / value**2, "eV", how))
    clear = context.number(m, "scatter_above", "m")
    ground, text = np.zeros(x.size), "no scatter baseline"
    if np.isfinite(clear):
        ground, text = scattering(x, y, above=clear), f"a + b lambda^-4 fitted above {clear * _NM:g} nm subtracted"
    gap = str(context.setting(m, "gap", "direct"))
    for name, power in (("direct", 2.0), ("indirect", 0.5)):
        edge = tauc(x, y - ground, power=power)
        if np.isfinite(edge.gap) and name == gap:
            rows.append(
                row(
                    f"tauc_{name}_ev",
                    edge.gap,
                    edge.gap_u,
                    "eV",
                    f"(A E)^{power:g} linear over {edge.low:.3f} to {edge.high:.3f} eV, {text}",
                    note="u of the line only; model and window dominate",
                )
            )
    return rows


def _edge_rows(row, x, y, sample: str | None = None) -> list[Quantity]:
    """Where the absorbance falls most steeply behind its last shoulder."""
    position, u = steepest_fall(x, y)
    how = "steepest fall of the absorbance towards long wavelengths, smoothed over 15 nm"
    return [row("edge_nm_steepest", position * _NM, u * _NM, how=how, sample=sample)] if np.isfinite(position) else []


# Maps ---------------------------------------------------------------------------------------------------------------


def _map(m: Measurement, context: Context) -> list[Quantity]:
    row = _maker(m, context)
    rows = _size(m, row)
    variable = "nanocrystal.insitu_pl" if "nanocrystal.insitu_pl" in m.data else "lab.absorbance_map"
    time = m.data["time"].to_numpy()
    x, spectra = thinned(m.data["insitu_wavelength"].to_numpy(), m.data[variable].to_numpy())
    rows += [row("time_first_s", time[0], unit="s"), row("time_last_s", time[-1], unit="s")]
    if variable == "lab.absorbance_map":
        return rows + _absorption_track(row, time, x, spectra, m.name)
    frames = [frame(x, y) for y in spectra]
    for t, f in zip(time, frames, strict=True):
        rows += _frame_rows(row, f"{m.name} t={t:g} s", f)
    return rows + _track_rows(row, time, frames, float(np.median(np.diff(x))))


def _skew(fit: float, highest: float, width: float) -> str:
    """A word where the fitted centre and the highest point of a line differ by more than 5 % of its width."""
    apart = abs(fit - highest)
    return f"skewed line: centre and highest point differ by {apart * _NM:.2g} nm" if apart > 0.05 * width else ""


def _frame_rows(row, sample: str, f: Frame) -> list[Quantity]:
    note = _skew(f.peak, f.argmax, f.width)
    how = "parabola through the top, a flank is cut" if f.cut else f"Gaussian on {f.part}, wavelength axis, no baseline"
    rows = [
        row("peak_nm_fit", f.peak * _NM, f.peak_u * _NM, how=how, sample=sample, note=note),
        row("peak_nm_argmax", f.argmax * _NM, how="highest point, smoothed where noisy", sample=sample),
        row("fwhm_nm_halfheight", f.width * _NM, how="half of the maximum", sample=sample),
        row("area", f.area, unit="1", how="above the lowest twentieth", sample=sample),
        row("n_lines", f.lines, unit="1", how="1 or 2 Gaussians on the energy axis, BIC", sample=sample),
    ]
    if np.isfinite(f.band):
        seen = "seen" if f.band > 3 * f.band_u else "below 3 sigma"
        rows += [
            row("band_400_460nm", f.band, f.band_u, "1", "mean of 400 to 460 nm above its surroundings", sample=sample),
            row("band_400_460nm_verdict", seen, unit="1", how="3 standard errors", sample=sample),
        ]
    return rows


def _track_rows(row, time, frames: Sequence[Frame], step: float) -> list[Quantity]:
    """Movement of the highest point, which a sloping flank does not drag along as it does a fitted centre."""
    peak, fitted = np.array([f.argmax for f in frames]), np.array([f.peak_u for f in frames])
    u = np.hypot(fitted, step / np.sqrt(12.0))
    good = np.flatnonzero(np.isfinite(peak))
    if good.size < 2:
        return [row("growth_verdict", "too few frames with a peak", unit="1")]
    first, last = good[0], good[-1]
    found = trend(time, peak, u)
    how = "straight lines on both sides of the extremum, 2 standard errors"
    rows = [
        row(
            "peak_shift_nm",
            (peak[last] - peak[first]) * _NM,
            np.hypot(u[last], u[first]) * _NM,
            how="last minus first frame",
        ),
        row("growth_verdict", found.verdict, unit="1", how=how),
        row("peak_slope_early_nm_per_s", found.early * _NM, found.early_u * _NM, "nm/s", how),
    ]
    if np.isfinite(found.late):
        rows += [
            row("peak_slope_late_nm_per_s", found.late * _NM, found.late_u * _NM, "nm/s", how),
            row("peak_extremum_s", found.turn, unit="s", how=how),
            row(
                "peak_extremum_nm",
                peak[time == found.turn][0] * _NM,
                u[time == found.turn][0] * _NM,
                how="at that time",
            ),
        ]
    return rows


def _absorption_track(row, time, x, spectra, name: str) -> list[Quantity]:
    rows = []
    for t, y in zip(time, spectra, strict=True):
        peak, sample = exciton_peak(x, y), f"{name} t={t:g} s"
        rows += _edge_rows(row, x, y, sample)
        for label, value, u in (
            ("parabola", peak.parabola, peak.parabola_u),
            ("second_derivative", peak.second, peak.second_u),
        ):
            if np.isfinite(value):
                rows.append(
                    row(
                        f"exciton_nm_{label}",
                        value * _NM,
                        u * _NM,
                        how="first peak from long wavelengths",
                        sample=sample,
                    )
                )
    return rows


def FIGURES(measurements: Sequence[Measurement], quantities: Sequence[Quantity]) -> list[tuple[str, str, Figure]]:
    """Spectra, or the map with its track."""
    from peqled.lab.pl.figure import optical_figures

    return optical_figures(measurements)
