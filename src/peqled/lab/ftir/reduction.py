"""Infrared spectra: bands with position and uncertainty, and ranked candidates for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from peqled.lab.ftir.assignments import sentence
from peqled.lab.ftir.bands import Band, bands
from peqled.lab.ftir.baseline import baseline
from peqled.lab.ftir.quantity import absorbance
from peqled.lab.ftir.spectrum import PER_CM
from peqled.lab.measurement import Context, Measurement, Quantity
from peqled.lab.thinning import averaged

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("ftir",)
MAX_POINTS = 50_000
_POSITION = "vertex of a parabola through three points, above an arPLS baseline"


def spectrum(m: Measurement) -> tuple[np.ndarray, np.ndarray] | None:
    """Wavenumber (cm-1) and absorbance (of a reflectance its -log10, as in ATR), None for a single beam."""
    x = m.data["wavenumber"].to_numpy() / PER_CM
    if "lab.ftir_absorbance" in m.data:
        return x, m.data["lab.ftir_absorbance"].to_numpy()
    for name in ("lab.ftir_transmittance", "lab.ftir_reflectance"):
        if name in m.data:
            y = absorbance(m.data[name].to_numpy())
            keep = np.isfinite(y)
            return (x[keep], y[keep]) if keep.sum() >= 5 else None
    return None


def find(m: Measurement) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[Band]] | None:
    """Axis (cm-1), absorbance, baseline, bands."""
    found = spectrum(m)
    if found is None:
        return None
    x, y = averaged(*found, limit=MAX_POINTS)
    base = baseline(y)
    return x, y, base, bands(x, y - base)


def reduce(measurements: Sequence[Measurement], context: Context) -> list[Quantity]:
    """Rows of each spectrum."""
    return [row for m in measurements for row in _rows(m, context)]


def _rows(m: Measurement, context: Context) -> list[Quantity]:
    file, x = context.file(m), m.data["wavenumber"].to_numpy() / PER_CM
    step = float(np.median(np.diff(x)))
    kind = str(m.metadata.get("ordinate_is"))
    why = m.notes[-1] if m.notes else ""
    rows = [
        Quantity(file, "points", float(x.size), convention="points of the spectrum", sample=m.name),
        Quantity(file, "wavenumber_min_cm1", float(x[0]), unit="cm-1", convention="first point", sample=m.name),
        Quantity(file, "wavenumber_max_cm1", float(x[-1]), unit="cm-1", convention="last point", sample=m.name),
        Quantity(file, "spacing_cm1", step, unit="cm-1", convention="median step of the grid", sample=m.name),
        Quantity(
            file, "ordinate", kind, convention="decided from the data range", flags=m.flags, sample=m.name, note=why
        ),
    ]
    found = find(m)
    if found is None:
        return rows
    positions = [band.position for band in found[3]]
    for number, band in enumerate(sorted(found[3], key=lambda b: b.position), start=1):
        named = sentence(band.position, positions, width=band.fwhm)
        note = f"height {band.height:.4g}, width {band.fwhm:.1f} cm-1; {named}"
        convention = f"band {number}; {_POSITION}"
        rows.append(
            Quantity(file, "band_cm1", band.position, band.uncertainty, "cm-1", convention, sample=m.name, note=note)
        )
    return rows


def figures(measurements: Sequence[Measurement], quantities: Sequence[Quantity]) -> list[tuple[str, str, Figure]]:
    """Absorbance, baseline and bands of each spectrum (at most 24)."""
    from matplotlib.figure import Figure

    drawn = []
    for m in list(measurements)[:24]:
        found = find(m)
        if found is None:
            continue
        x, y, base, marks = found
        figure = Figure(figsize=(6.0, 3.2), layout="constrained")
        axes = figure.subplots()
        axes.plot(x, y, lw=0.8, label="absorbance")
        axes.plot(x, base, lw=0.8, ls="--", label="baseline (arPLS)")
        for band in marks[:14]:
            at = float(np.interp(band.position, x, y))
            axes.annotate(
                f"{band.position:.0f}", (band.position, at), rotation=90, fontsize=6, ha="center", va="bottom"
            )
        axes.set_xlabel("wavenumber (cm⁻¹)")
        axes.set_ylabel("absorbance (decadic)")
        axes.margins(y=0.15)
        axes.invert_xaxis()
        axes.legend(frameon=False, fontsize=7)
        drawn.append((f"FTIR {m.name}", f"{len(marks)} bands; {m.notes[-1] if m.notes else ''}.", figure))
    return drawn


FIGURES = figures
