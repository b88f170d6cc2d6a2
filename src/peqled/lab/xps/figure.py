"""Drawing of one XPS region: points, background, fit, components, residuals."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from peqled.lab.xps.analyse import Region


def draw_region(region: Region) -> tuple[str, str, Figure]:
    """Title, caption and figure; binding energy falls to the right, as usual."""
    figure = Figure(figsize=(4.2, 3.4), layout="constrained")
    fit, title = region.fit, f"XPS {region.measurement.name}"
    if fit is None or region.background.size == 0:
        axes = figure.subplots()
        data = region.measurement.data
        axes.plot(data["binding_energy"], data["lab.xps_intensity"], lw=0.8)
        caption = "Spectrum; no core level of the table, so no fit."
    else:
        axes, below = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
        axes.plot(region.energy, region.intensity, ".", ms=3, label="measured")
        axes.plot(region.energy, region.background, lw=0.8, label=region.background_name)
        axes.plot(region.energy, region.background + fit.curve, lw=1.2, label="fit")
        for position in fit.positions:
            axes.axvline(float(position), lw=0.5, ls=":")
        axes.legend(frameon=False, fontsize=7)
        residual = (region.intensity - region.background - fit.curve) / np.sqrt(np.maximum(region.intensity, 1.0))
        below.plot(region.energy, residual, lw=0.7)
        below.axhline(0.0, lw=0.5)
        below.set_ylabel("res./√I")
        line = region.level.component if region.level else ""
        caption = f"{line}: reduced chi² {fit.reduced_chi2:.1f}, no charge correction."
    axes.set_ylabel("intensity (as written)")
    figure.axes[-1].set_xlabel("binding energy (eV)")
    axes.invert_xaxis()
    return title, caption, figure
