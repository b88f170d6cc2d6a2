"""Drawing of the spectra of a quantum yield."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from peqled.lab.measurement import Measurement, Quantity

__all__ = ["sphere_figure"]

_LABELS = {"a": "a: empty", "b": "b: beside the beam", "c": "c: in the beam"}


def sphere_figure(measurements: Sequence[Measurement], quantities: Sequence[Quantity]) -> list[tuple[str, str, Figure]]:
    """Excitation and emission spectra of the first run, or the flux of an absolute file."""
    first = measurements[0]
    figure = Figure(figsize=(4.6, 3.2), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel("wavelength (nm)")
    if first.metadata.get("role") == "absolute":
        axes.plot(first.data["wavelength"] * 1e9, first.data["lab.pl_flux"] * 1e-9, lw=1.0)
        axes.set_ylabel("photon flux (m⁻² s⁻¹ nm⁻¹)")
        return [(f"Absolute PL {first.name}", "Spectral photon flux as written by the instrument.", figure)]
    run = [m for m in measurements if m.metadata["role"] in _LABELS and m.source.parent == first.source.parent]
    colours = {"a": "C0", "b": "C1", "c": "C2"}
    seen: set[str] = set()
    for m in run:
        role = m.metadata["role"]
        signal = np.maximum(m.data["lab.sphere_counts"].to_numpy(), 1.0)
        axes.semilogy(
            m.data["wavelength"] * 1e9,
            signal,
            lw=0.8,
            color=colours[role],
            label=None if role in seen else _LABELS[role],
        )
        seen.add(role)
    axes.set_ylabel("signal (as written)")
    axes.legend(frameon=False, fontsize=7)
    row = next((q for q in quantities if q.quantity == "plqy_pct"), None)
    text = (
        f"Quantum yield of this run {float(row.value):.1f} %."
        if row and not isinstance(row.value, str)
        else "Incomplete set."
    )
    return [(f"Quantum yield {first.name}", text, figure)]
