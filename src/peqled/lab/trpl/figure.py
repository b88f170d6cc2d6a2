"""Drawing of a decay: counts, response, the model rebuilt from the numbers of the results, residuals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from peqled.lab.measurement import Measurement, Quantity
from peqled.lab.trpl.deviance import deviance_residuals
from peqled.lab.trpl.histogram import prepare, rebin
from peqled.lab.trpl.kernel import exponential_response, shifted

__all__ = ["decay_figure"]


def decay_figure(measurements: Sequence[Measurement], quantities: Sequence[Quantity]) -> list[tuple[str, str, Figure]]:
    """Title, caption and figure of a decay; nothing for a response alone."""
    decay = next((m for m in measurements if m.kind == "trpl_decay"), None)
    if decay is None:
        return []
    response = next((m for m in measurements if m.kind == "trpl_irf"), None)
    held = {q.quantity: q for q in quantities}

    def value(name: str, default: float = np.nan) -> float:
        return default if name not in held or isinstance(held[name].value, str) else float(held[name].value)

    counts = decay.data["lab.decay_counts" if "lab.decay_counts" in decay.data else "lab.decay_signal"].to_numpy()
    factor, width = int(value("bins_summed", 1.0)), value("bin_width_ns")
    if not np.isfinite(width):
        return []
    y = rebin(counts, factor)
    time = np.arange(y.size) * width * factor
    figure = Figure(figsize=(4.6, 3.8), layout="constrained")
    model = _model(counts, width, response, value) if response is not None else None
    if model is None:
        above = figure.subplots()
        last = above
    else:
        above, last = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    above.semilogy(time, np.where(y > 0, y, np.nan), ".", ms=2, color="0.55", label="decay")
    if model is not None and response is not None:
        curve, irf, window = model
        part = slice(*window)
        above.semilogy(time[: irf.size], np.where(irf > 0, irf, np.nan) * y.max() / irf.max(), lw=0.7, label="response")
        above.semilogy(time[part], curve[part], lw=1.2, label="fit")
        last.plot(time[part], deviance_residuals(y[part], curve[part]), lw=0.5)
        last.axhline(0.0, lw=0.5, color="0.3")
        last.set_ylabel("residual")
    above.set_ylim(bottom=0.3 if y.max() >= 10 else 1e-3 * y.max())
    above.legend(frameon=False, fontsize=7)
    above.set_ylabel("counts per bin" if "lab.decay_counts" in decay.data else "signal")
    last.set_xlabel("time (ns)")
    return [(f"Decay {decay.name}", _caption(held), figure)]


def _model(counts: NDArray[np.float64], width: float, response: Measurement, value):
    """Model curve, response and window from the rows of the results; None where there was no reconvolution."""
    n = int(value("n_components", 0.0))
    taus = np.array([value(f"tau_{j + 1}_ns") for j in range(n)])
    shares = np.array([value(f"photon_share_{j + 1}", 1.0) for j in range(n)])
    if not n or not np.isfinite(taus).all() or not np.isfinite(value("irf_shift_bins")):
        return None
    rate = value("repetition_rate_hz")
    period = 1.0 / rate if np.isfinite(rate) else np.inf
    raw = response.data["lab.decay_counts" if "lab.decay_counts" in response.data else "lab.decay_signal"].to_numpy()
    irf_width = float(response.metadata["bin_width"])
    data, _ = prepare(counts, bin_width=width * 1e-9, response=raw, response_bin_width=irf_width, period=period)
    irf = shifted(data.response, value("irf_shift_bins"))
    parts = [exponential_response(irf, tau * 1e-9, bin_width=data.bin_width, period=period) for tau in taus]
    curve = value("background_counts") + value("fitted_photons") * (shares @ np.array(parts))
    return curve, data.response, data.window


def _caption(held: dict[str, Quantity]) -> str:
    names = ("tau_amp_ns", "tau_int_ns", "deviance_per_dof")
    shown = [name for name in names if name in held and not isinstance(held[name].value, str)]
    parts = [f"{name} {float(held[name].value):.4g}" for name in shown]
    flags = sorted({flag for name in names if name in held for flag in held[name].flags})
    return "; ".join(parts) + (f" ({', '.join(flags)})" if flags else "") + "."
