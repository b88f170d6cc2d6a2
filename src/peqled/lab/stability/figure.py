"""Drawing of emission traces under both normalisations."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from peqled.lab.measurement import Measurement

__all__ = ["trace_figure"]


def trace_figure(measurements: Sequence[Measurement]) -> list[tuple[str, str, Figure]]:
    """One figure per trace."""
    return [_trace(m) for m in measurements]


def _trace(m: Measurement) -> tuple[str, str, Figure]:
    figure = Figure(figsize=(4.2, 3.0), layout="constrained")
    axes = figure.subplots()
    hours, signal = m.data["ageing_time"].to_numpy() / 3600.0, m.data["lab.pl_trace"].to_numpy()
    axes.plot(hours, signal / signal.max(), lw=1.0, label="I/I(max)")
    if signal[0] > 0 and signal.max() / signal[0] < 5:
        axes.plot(hours, signal / signal[0], lw=1.0, ls="--", label="I/I(0)")
    for level in (0.9, 0.5):
        axes.axhline(level, lw=0.4, color="0.6")
    axes.set_xlabel("time (h)")
    axes.set_ylabel("normalised emission")
    axes.set_ylim(bottom=0.0)
    axes.legend(frameon=False, fontsize=7)
    return (
        f"Emission trace {m.name}",
        f"Maximum over start {signal.max() / signal[0]:.3g}." if signal[0] > 0 else "",
        figure,
    )
