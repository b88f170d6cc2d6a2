"""A J-V-L sweep with everything that its efficiencies need: area, currents, spectrum factor, mask, budget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from peqled.lab.jvl.budget import DEFAULTS, Term
from peqled.lab.jvl.curve import dark_noise
from peqled.lab.jvl.efficiency import luminance_factor, wavelength_sensitivity
from peqled.lab.jvl.joining import points_of
from peqled.lab.measurement import Context, LabFileError, Measurement, dataset

__all__ = ["Spectrum", "Sweep", "budget", "prepare", "spectrum_for", "with_density"]

Array = NDArray[np.float64]
NAN = float("nan")


@dataclass(frozen=True)
class Spectrum:
    """The spectrum that an efficiency rests on: energy per wavelength, and the factor of each point of the sweep."""

    source: Measurement
    wavelength: Array
    energy: Array
    factor: Array
    note: str


@dataclass(frozen=True)
class Sweep:
    """Columns of a sweep in SI (NaN columns where the file has none), its mask and what it lacks.

    Attributes:
        voltage: V.
        density: A/m2, NaN without area.
        current: A, NaN without area.
        luminance: cd/m2.
        good: points that count: forward, and luminance above ten of its dark noise.
        dark: dark noise of the luminance, cd/m2.
        area: m2.
        flags: rule codes.
    """

    voltage: Array
    density: Array
    current: Array
    luminance: Array
    good: NDArray[np.bool_]
    dark: float
    area: float
    flags: tuple[str, ...]


def with_density(m: Measurement, context: Context) -> Measurement:
    """The sweep with its current density beside its current, where the laboratory says the area that the file does not:
    what is drawn, written and laid beside the twin."""
    if m.kind != "jvl" or "lab.current" not in m.data or "led.current_density" in m.data:
        return m
    try:
        area = context.number(m, "area", "m^2")
    except LabFileError:  # no area: the reduction says so
        return m
    if not area > 0.0:
        return m
    values = {str(name): variable.values for name, variable in m.data.variables.items()}
    density = np.asarray(m.data["lab.current"].values, float) / area
    return replace(m, data=dataset({**values, "led.current_density": density}))


def prepare(sweep: Measurement, context: Context) -> Sweep:
    """Columns, area and mask of a sweep."""
    data = sweep.data
    voltage = np.asarray(data["voltage"].values, float)
    nothing = np.full(len(voltage), NAN)
    current, density, luminance = (
        np.asarray(data[key].values, float) if key in data else nothing
        for key in ("lab.current", "led.current_density", "led.luminance")
    )
    said = context.number(sweep, "area", "m^2")
    area = said if np.isfinite(said) else float(sweep.metadata.get("area_from_columns", NAN))
    flags = []
    if np.isnan(density).all() and np.isfinite(area):
        density = current / area
    elif np.isfinite(said) and np.isfinite(current).any() and "area_from_columns" in sweep.metadata:
        density = current / said  # the laboratory's area wins over the one behind the file's own J
    if np.isnan(density).all():
        flags.append("AREA")
    if np.isnan(current).all() and np.isfinite(area):
        current = density * area
    if np.isnan(context.number(sweep, "area_uncertainty", "1")):
        flags.append("AREA_U")
    dark = context.number(sweep, "dark_noise", "cd/m^2", dark_noise(voltage, luminance))
    amplitude = np.where(np.isfinite(density), density, current)
    forward = (amplitude > 0) & ~(voltage <= 0)
    good = forward & (luminance > (10.0 * dark if np.isfinite(dark) else 0.0))
    if np.any(forward & np.isfinite(luminance) & ~good):
        flags.append("NOISE_L")
    return Sweep(voltage, density, current, luminance, good, dark, area, tuple(flags))


def spectrum_for(
    sweep: Measurement, columns: Sweep, spectra: Sequence[Measurement], context: Context
) -> tuple[Spectrum | None, tuple[str, ...]]:
    """The calibrated spectrum of a sweep, or None and the rule that says why not."""
    usable = [(m, energy) for m in spectra if (energy := calibrated(m, context)) is not None]
    if not usable:
        return None, ("SPEC_UNCAL",) if spectra else ("SPEC_NONE",)
    source, energy = usable[0]
    wavelength = np.asarray(source.data["wavelength"].values, float)
    if energy.ndim == 1:
        factor = np.full(len(columns.voltage), float(luminance_factor(wavelength, energy)))
        return Spectrum(source, wavelength, energy, factor, f"one spectrum, {source.source.name}"), ()
    if not points_of(source, sweep):
        volts = source.data["voltage"].values if "voltage" in source.data.coords else None
        if volts is None:
            return None, ("SPEC_NONE",)
        nearest = np.abs(columns.voltage[:, None] - np.asarray(volts)[None, :]).argmin(axis=1)
        energy = energy[nearest]
    return _per_point(source, wavelength, energy, columns), ()


def _per_point(source: Measurement, wavelength: Array, energy: Array, columns: Sweep) -> Spectrum:
    """The factor of each point: its own spectrum where it is strong, else that of the nearest strong point."""
    signal = np.asarray(np.trapezoid(energy, wavelength, axis=-1))
    strong = np.flatnonzero(signal > 0.02 * signal.max())
    nearest = strong[np.abs(np.arange(len(signal))[:, None] - strong[None, :]).argmin(axis=1)]
    factor = luminance_factor(wavelength, energy)[nearest]
    top = int(np.argmax(signal))
    return Spectrum(source, wavelength, energy[top], factor, f"S(V) of {source.source.name}, one spectrum per point")


def calibrated(spectrum: Measurement, context: Context) -> Array | None:
    """Energy spectrum: as read, counts times a response file, or counts that the laboratory says are calibrated."""
    if "lab.el_energy" in spectrum.data:
        return np.asarray(spectrum.data["lab.el_energy"].values, float)
    counts = np.asarray(spectrum.data["lab.el_counts"].values, float)
    if str(context.setting(spectrum, "spectrum", "")).lower() in ("calibrated", "energy"):
        return counts
    response = context.setting(spectrum, "response")
    if response is None:
        return None
    from peqled.lab.text import read_table

    file = spectrum.source.parent / str(response)
    table = read_table(file if file.exists() else context.root / str(response)).values
    order = np.argsort(table[:, 0])
    wavelength = np.asarray(spectrum.data["wavelength"].values, float) * 1e9
    return counts * np.interp(wavelength, table[order, 0], table[order, 1], left=0.0, right=0.0)


def budget(
    sweep: Measurement,
    columns: Sweep,
    spectrum: Spectrum | None,
    context: Context,
    *,
    method: str,
    angular: float = NAN,
) -> list[Term]:
    """Terms of the relative uncertainty of an EQE (`method` "luminance", "photodiode" or "sphere").

    `angular` is the relative uncertainty of a measured Lambertian factor, which takes the place of the assumption.
    """
    terms = []
    if method == "luminance":
        terms.append(Term("luminance meter", _stated(sweep, context, "luminance")))
    else:
        terms.append(Term(f"{method} calibration", _stated(sweep, context, "luminance")))
    if method == "luminance" or np.isnan(columns.current).all():
        terms.append(Term("pixel area", _stated(sweep, context, "area")))
    terms.append(Term("current", _stated(sweep, context, "current")))
    if spectrum is not None and method == "luminance":
        shift = context.number(sweep, "wavelength_uncertainty", "nm", DEFAULTS["wavelength_nm"])
        slope = wavelength_sensitivity(spectrum.wavelength, np.clip(spectrum.energy, 0.0, None))
        terms.append(Term("wavelength axis", abs(slope) * shift * 1e-9))
        terms.append(Term("spectral response", _stated(sweep, context, "response")))
    if method != "sphere":
        assumed = math.isnan(angular)
        name = "Lambertian assumption" if assumed else "angular factor"
        terms.append(Term(name, _stated(sweep, context, "lambertian") if assumed else angular))
    return terms


def _stated(sweep: Measurement, context: Context, name: str) -> float:
    return context.number(sweep, f"{name}_uncertainty", "1", DEFAULTS[name])
