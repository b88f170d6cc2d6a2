"""Drawings of emission, absorption and maps against time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from peqled.lab.measurement import Measurement
from peqled.lab.pl.thin import thinned
from peqled.lab.pl.track import frame

__all__ = ["optical_figures"]


def optical_figures(measurements: Sequence[Measurement]) -> list[tuple[str, str, Figure]]:
    """One figure per measurement."""
    return [_map(m) if m.kind == "insitu_map" else _spectrum(m) for m in measurements]


def _spectrum(m: Measurement) -> tuple[str, str, Figure]:
    figure = Figure(figsize=(4.2, 3.0), layout="constrained")
    axes = figure.subplots()
    variable = "lab.pl_intensity" if m.kind == "pl_spectrum" else "lab.absorbance"
    wavelength, values = thinned(m.data["wavelength"].to_numpy(), m.data[variable].to_numpy())
    axes.plot(wavelength * 1e9, values, lw=1.0)
    axes.set_xlabel("wavelength (nm)")
    axes.set_ylabel("emission (as written)" if m.kind == "pl_spectrum" else "absorbance")
    return (f"{'Emission' if m.kind == 'pl_spectrum' else 'Absorption'} {m.name}", f"{m.source.name}.", figure)


def _map(m: Measurement) -> tuple[str, str, Figure]:
    figure = Figure(figsize=(4.6, 4.4), layout="constrained")
    above, below = figure.subplots(2, 1, height_ratios=(2, 1))
    emission = "nanocrystal.insitu_pl" in m.data
    spectra = m.data["nanocrystal.insitu_pl" if emission else "lab.absorbance_map"].to_numpy()
    time = m.data["time"].to_numpy()
    wavelength, spectra = thinned(m.data["insitu_wavelength"].to_numpy(), spectra)
    colours = np.linspace(0.1, 0.9, time.size)
    from matplotlib import colormaps

    for spectrum, shade in zip(spectra, colours, strict=True):
        above.plot(wavelength * 1e9, spectrum, lw=0.7, color=colormaps["viridis"](shade))
    above.set_xlabel("wavelength (nm)")
    above.set_ylabel("emission (as written)" if emission else "absorbance")
    if emission:
        peaks = np.array([frame(wavelength, y, most=1).argmax for y in spectra])
        below.plot(time, peaks * 1e9, "o-", ms=3, lw=0.7)
        below.set_ylabel("highest point (nm)")
    else:
        below.plot(time, spectra.max(axis=1), "o-", ms=3, lw=0.7)
        below.set_ylabel("highest absorbance")
    below.set_xlabel("time (s)")
    return (
        f"{'Emission' if emission else 'Absorption'} against time {m.name}",
        "Early spectra dark, late spectra light.",
        figure,
    )
