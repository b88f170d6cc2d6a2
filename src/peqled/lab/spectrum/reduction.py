"""EL spectra to peak, width and colour, each by a named method."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from peqled.lab.jvl.joining import points_of
from peqled.lab.jvl.sweep import calibrated
from peqled.lab.measurement import Context, Measurement, Quantity
from peqled.lab.names import plain
from peqled.lab.spectrum.colour import chromaticity
from peqled.lab.spectrum.peak import LIGHT_EV, Line, line, slit_corrected, width_ev
from peqled.materials.observer import uniform_coordinates

KINDS = ("el_spectrum", "jvl")
AXIS_U = 0.3e-9  # m, default standard uncertainty of a spectrometer's axis
LEVELS = (100.0, 1000.0, 10000.0)  # cd/m2, where a sweep reaches them


def group(measurements: Sequence[Measurement]) -> list[list[Measurement]]:
    """Each spectrum with the sweep that it belongs to, if there is one."""
    from peqled.lab.jvl.joining import spectra_of

    sweeps = [m for m in measurements if m.kind == "jvl"]
    spectra = [m for m in measurements if m.kind == "el_spectrum"]
    owner: dict[int, Measurement] = {}
    if any(m.metadata.get("join") == "points" or "voltage" in m.data.coords for m in spectra):
        for sweep in sweeps:
            for spectrum in spectra_of(sweep, [m for m in spectra if m.source.parent == sweep.source.parent]):
                if points_of(spectrum, sweep):
                    owner.setdefault(id(spectrum), sweep)
    return [[m, owner[id(m)]] if id(m) in owner else [m] for m in spectra]


def reduce(group: Sequence[Measurement], context: Context) -> list[Quantity]:
    """Peak, width, colour: of the spectrum, or of a series at stated luminances, with its drift."""
    spectrum, sweep = group[0], group[1] if len(group) > 1 else None
    wavelength = np.asarray(spectrum.data["wavelength"].values, float)
    energy = calibrated(spectrum, context)
    signal = energy if energy is not None else np.asarray(spectrum.data["lab.el_counts"].values, float)
    flags = () if energy is not None else ("SPEC_AU",) if _unstated(spectrum) else ("SPEC_UNCAL",)
    if signal.ndim == 1:
        return _of_one(spectrum, context, wavelength, signal, flags, "", "")
    rows: list[Quantity] = []
    for index, suffix, where in _chosen(spectrum, sweep, wavelength, signal, context):
        rows += _of_one(spectrum, context, wavelength, signal[index], flags, suffix, where)
    return rows + _drift(spectrum, context, wavelength, signal)


def _unstated(spectrum: Measurement) -> bool:
    """Arbitrary units: neither counts nor a stated scale."""
    return spectrum.metadata.get("scale") == "unknown"


def _chosen(
    spectrum: Measurement, sweep: Measurement | None, wavelength: Any, signal: Any, context: Context
) -> list[tuple[int, str, str]]:
    """Rows of a series: the first at the level of the laboratory (250 cd/m2), others, or the strongest."""
    top = int(np.argmax(np.trapezoid(signal, wavelength, axis=1)))
    if sweep is None or "led.luminance" not in sweep.data:
        return [(top, "", "strongest spectrum of the series")]
    luminance, voltage = np.asarray(sweep.data["led.luminance"].values), np.asarray(sweep.data["voltage"].values)
    level = context.number(spectrum, "spectrum_luminance", "cd/m^2", 250.0)
    found = []
    for wanted, suffix in ((level, ""), *((value, f"_at_{value:.0f}cdm2") for value in LEVELS)):
        above = np.flatnonzero(luminance >= wanted)
        if above.size:
            i = int(above[0])
            found.append(
                (i, suffix, f"first point with L >= {wanted:g} cd/m2: {voltage[i]:.5g} V, {luminance[i]:.4g} cd/m2")
            )
    return found or [(top, "", "strongest spectrum of the series")]


def _of_one(
    spectrum: Measurement,
    context: Context,
    wavelength: Any,
    signal: Any,
    flags: tuple[str, ...],
    suffix: str,
    where: str,
) -> list[Quantity]:
    own: dict[str, Any] = {"file": context.file(spectrum), "sample": plain(spectrum.name), "note": where}
    found = line(wavelength, signal)
    if found is None:
        return [
            Quantity(
                quantity=f"peak_nm_argmax{suffix}",
                value="not found",
                unit="nm",
                convention="no line above five times the noise",
                **own,
            )
        ]
    colours = _colour_rows(wavelength, signal, flags, suffix, own)
    return _line_rows(spectrum, context, found, flags, suffix, own) + colours


def _line_rows(
    spectrum: Measurement, context: Context, found: Line, flags: tuple[str, ...], suffix: str, own: dict[str, Any]
) -> list[Quantity]:
    axis = context.number(spectrum, "wavelength_uncertainty", "nm", AXIS_U * 1e9) * 1e-9
    slit = context.number(spectrum, "slit", "nm") * 1e-9
    smoothing = f"smoothed over {found.smoothing * 1e9:.0f} nm" if found.smoothing else "not smoothed"
    wide = flags + (("SPEC_STEP",) if found.step > 0.2 * found.halfheight else ())
    wide += ("SLIT",) if not slit <= 0.5 * found.halfheight else ()
    jitter = float(np.hypot(axis, found.step / np.sqrt(12.0)))
    noisy = float(np.hypot(jitter, found.noise * found.halfheight / 2.0))

    def row(name: str, value: float, u: float, unit: str, convention: str, raised: tuple[str, ...] = flags) -> Quantity:
        return Quantity(
            quantity=name + suffix, value=value, uncertainty=u, unit=unit, convention=convention, flags=raised, **own
        )

    rows = [
        row("peak_nm_argmax", found.argmax * 1e9, noisy * 1e9, "nm", f"maximum, {smoothing}"),
        row(
            "peak_nm_fit", found.fit * 1e9, float(np.hypot(axis, found.fit_u)) * 1e9, "nm", f"Gaussian on {found.part}"
        ),
        row("centroid_nm", found.centroid * 1e9, axis * 1e9, "nm", "first moment above a tenth of the maximum"),
        row(
            "fwhm_nm_halfheight",
            found.halfheight * 1e9,
            found.halfheight_u * 1e9,
            "nm",
            f"between half heights, {smoothing}",
            wide,
        ),
        row("fwhm_nm_fit", found.fit_width * 1e9, found.fit_width_u * 1e9, "nm", "Gaussian on the upper half", wide),
        row(
            "fwhm_mev",
            width_ev(found.halfheight, found.argmax) * 1e3,
            width_ev(found.halfheight_u, found.argmax) * 1e3,
            "meV",
            "half height, hc w/lambda^2",
            wide,
        ),
        row(
            "peak_ev",
            LIGHT_EV / found.argmax,
            width_ev(noisy, found.argmax),
            "eV",
            "of the maximum per wavelength, no Jacobian",
        ),
    ]
    if np.isfinite(slit):
        corrected = slit_corrected(found.halfheight, slit)
        rows.append(
            row(
                "fwhm_nm_slitcorr",
                corrected * 1e9,
                found.halfheight_u * found.halfheight / corrected * 1e9,
                "nm",
                f"sqrt(w^2 - w_slit^2), slit {slit * 1e9:g} nm",
                wide,
            )
        )
    return rows


def _colour_rows(
    wavelength: Any, signal: Any, raised: tuple[str, ...], suffix: str, own: dict[str, Any]
) -> list[Quantity]:
    if "SPEC_UNCAL" in raised:
        return [
            Quantity(
                quantity=f"cie_{axis}{suffix}",
                value="refused",
                convention="CIE 1931, 2 deg",
                flags=("SPEC_UNCAL",),
                **own,
            )
            for axis in "xy"
        ]
    x, y, negative = chromaticity(wavelength, signal)
    shifted = [chromaticity(wavelength + d, signal)[:2] for d in (AXIS_U, -AXIS_U)]
    errors = np.hypot(np.abs(np.subtract(shifted[0], shifted[1])) / 2.0, 0.001)
    u, v = uniform_coordinates(x, y)
    flags = (*raised, *(("SPEC_NEG",) if negative else ()))
    note = "; ".join(
        text for text in (own["note"], f"{negative} negative values set to zero" if negative else "") if text
    )
    convention = "CIE 1931, 2 deg, 380 to 780 nm, 1 nm"
    rows = [("cie_x", x, errors[0]), ("cie_y", y, errors[1]), ("cie_u_prime", u, np.nan), ("cie_v_prime", v, np.nan)]
    return [
        Quantity(
            quantity=name + suffix,
            value=value,
            uncertainty=float(error),
            convention=convention,
            flags=flags,
            **{**own, "note": note},
        )
        for name, value, error in rows
    ]


def _drift(spectrum: Measurement, context: Context, wavelength: Any, signal: Any) -> list[Quantity]:
    """Shift of peak and width over a series, between its first clear and its last spectrum."""
    power = np.trapezoid(signal, wavelength, axis=1)
    strong = np.flatnonzero(power > 0.2 * power.max())
    if strong.size < 3:
        return []
    first, last = line(wavelength, signal[strong[0]]), line(wavelength, signal[strong[-1]])
    if first is None or last is None:
        return []
    own: dict[str, Any] = {
        "file": context.file(spectrum),
        "sample": plain(spectrum.name),
        "unit": "nm",
        "convention": "last minus first spectrum above a fifth of the strongest",
    }
    return [
        Quantity(
            quantity="peak_drift_nm",
            value=(last.fit - first.fit) * 1e9,
            uncertainty=float(np.hypot(first.fit_u, last.fit_u)) * 1e9,
            **own,
        ),
        Quantity(
            quantity="fwhm_drift_nm",
            value=(last.halfheight - first.halfheight) * 1e9,
            uncertainty=float(np.hypot(first.halfheight_u, last.halfheight_u)) * 1e9,
            **own,
        ),
    ]


def figure_groups(measurements: Sequence[Measurement]) -> list[list[Measurement]]:
    """One drawing per folder."""
    folders: dict[Any, list[Measurement]] = {}
    for m in measurements:
        if m.kind == "el_spectrum":
            folders.setdefault(m.source.parent, []).append(m)
    return list(folders.values())


def FIGURES(group: Sequence[Measurement], quantities: Sequence[Quantity]) -> list[tuple[str, str, Any]]:
    """Spectra of a folder, each with its maximum at 1; of a series the strongest."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.35, 2.6), layout="constrained")
    axes = figure.subplots()
    for m in group[:12]:
        key = "lab.el_energy" if "lab.el_energy" in m.data else "lab.el_counts"
        values = np.asarray(m.data[key].values)
        values = values[int(np.argmax(values.sum(axis=1)))] if values.ndim == 2 else values
        style = "-" if key == "lab.el_energy" else ":"
        axes.plot(m.data["wavelength"].values * 1e9, values / np.max(values), style, linewidth=0.9, label=m.name[:24])
    axes.set(xlabel="wavelength (nm)", ylabel="EL (maximum 1)", ylim=(-0.05, 1.08))
    if len(group) <= 8:
        axes.legend(fontsize=6)
    shown = f"{len(group)} spectra" if len(group) <= 12 else f"the first 12 of {len(group)} spectra"
    return [(f"EL spectra, {group[0].source.parent.name}", f"{shown}; dotted: not known to be calibrated.", figure)]
