"""Light of the finished dots and their film (counterparts of Fig. 3a-c)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from peqled.report.display import axis_label, number
from peqled.report.figures.axes import legend_of_family, legend_of_runs, log_y, normalised, note, twin
from peqled.report.figures.registry import Run, along, figure, holds, names_along, scalar, shown
from peqled.report.figures.style import GREY, PALE, PALETTE

_PL, _ABSORPTION, _RETAINED = "nanocrystal.pl", "nanocrystal.absorption", "film.pl_retained"
_RECORD = "nanocrystal.trpl_record"
_DECAYS = {"film.decay": "film", "nanocrystal.decay": "solution"}


@figure(
    "pl",
    needs=(_PL,),
    title="PL and absorption of the dots",
    caption="PL photon spectrum at 298 K over its maximum, and absorption coefficient of the same dots (thin grey)."
    " The width that a single dot size would have at the same peak is the homogeneous share.",
    counterpart="Fig. 3a",
    section="dots",
)
def pl(ax: Axes, runs: Sequence[Run]) -> None:
    """PL with its width, absorption on the right."""
    right = twin(ax, "absorption (norm.)") if any(holds(run.tree, _ABSORPTION) for run in runs) else None
    for run in runs:
        wavelength = along(run.tree, _PL, "wavelength")
        words = f"{run.label}: {', '.join(_peak(run))}"
        ax.plot(wavelength, normalised(shown(run.tree, _PL)), run.dash, color=run.colour, label=words)
        if right is not None and holds(run.tree, _ABSORPTION):
            curve = shown(run.tree, _ABSORPTION)
            right.plot(wavelength, curve / _at_440(wavelength, curve), run.dash, color=GREY, linewidth=0.9)
    ax.set(xlabel=axis_label("wavelength"), ylabel="PL (norm.)", xlim=(430.0, 600.0), ylim=(0.0, 1.12))
    if right is not None:
        right.set(ylim=(0.0, 1.45), yticks=(0.0, 0.5, 1.0))
    if len(runs) == 1:
        note(ax, "\n".join(_peak(runs[0])), x=0.985, ha="right")
    legend_of_runs(ax, runs, columns=1)


def _at_440(wavelength: np.ndarray, curve: np.ndarray) -> float:
    """Absorption at 440 nm, where the curves are made equal: above all excitons of dots of this size."""
    value = float(np.interp(440.0, wavelength, curve))
    return value if value > 0 else 1.0


def _peak(run: Run) -> list[str]:
    """Peak and width in words."""
    peak, width = scalar(run.tree, "nanocrystal.pl_peak"), scalar(run.tree, "nanocrystal.pl_fwhm")
    lines = [f"{number(peak, 4)} nm"] if np.isfinite(peak) else []
    lines += [f"FWHM {number(width, 3)} nm"] if np.isfinite(width) else []
    one = scalar(run.tree, "nanocrystal.pl_fwhm_homogeneous")
    lines += [f"one size {number(one, 3)} nm"] if np.isfinite(one) and not run.label else []
    return lines


@figure(
    "trpl",
    needs=(tuple(_DECAYS),),
    title="PL decay",
    caption="PL intensity after a pulse, 1 at zero delay, of the film (full colour) and of the dots in solution (pale)."
    " Dots: 1/e, with the time in the legend.",
    counterpart="Fig. 3b",
    section="film",
)
def trpl(ax: Axes, runs: Sequence[Run]) -> None:
    """Decay on a log axis, film and solution."""
    last = 0.0
    for run in runs:
        for name, text in _DECAYS.items():
            if not holds(run.tree, name):
                continue
            delay, curve = along(run.tree, name, "delay"), shown(run.tree, name)
            life = scalar(run.tree, f"{name.split('.')[0]}.lifetime_1e")
            words = [word for word in (run.label, text) if word] + [f"{number(life, 3)} ns"] * bool(np.isfinite(life))
            alpha = 1.0 if text == "film" else 0.4
            ax.plot(delay, curve, run.dash, color=run.colour, label=", ".join(words), alpha=alpha)
            if np.isfinite(life):
                ax.plot(life, np.exp(-1.0), "o", color=run.colour, alpha=alpha)
            seen = delay[np.nan_to_num(curve) > 1e-3]
            last = max(last, float(seen.max()) if seen.size else 0.0)
    log_y(ax, np.array([1e-3, 1.0]), air=0.02)
    ax.set(xlabel=axis_label("delay", "delay"), ylabel="PL (norm.)")
    if last > 0:
        ax.set_xlim(0.0, last)
    legend_of_runs(ax, runs, columns=1) if len(runs) > 1 else ax.legend(loc="upper right")


@figure(
    "trpl_record",
    needs=(_RECORD,),
    title="PL decay as recorded",
    caption="PL of the dots in solution behind the instrument of the recipe: its response, and what earlier pulses left"
    " (full colour); the decay itself (pale).",
    section="dots",
)
def trpl_record(ax: Axes, runs: Sequence[Run]) -> None:
    """Record and decay on a log axis."""
    last = 0.0
    for run in runs:
        time, record = along(run.tree, _RECORD, "record_time"), shown(run.tree, _RECORD)
        ax.plot(time, record, run.dash, color=run.colour, label=run.label or "recorded")
        delay, decay = along(run.tree, "nanocrystal.decay", "delay"), shown(run.tree, "nanocrystal.decay")
        ax.plot(delay, decay, run.dash, color=run.colour, alpha=0.4, label=None if run.label else "decay")
        seen = time[np.nan_to_num(record) > 1e-3]
        last = max(last, float(seen.max()) if seen.size else 0.0)
    ax.set(xlabel=axis_label("record_time"), ylabel="PL (norm.)")
    if last > 0:
        log_y(ax, np.array([1e-3, 1.0]), air=0.02)
        ax.set_xlim(right=last)
    ax.legend(loc="upper right")


@figure(
    "stability",
    needs=(_RETAINED,),
    title="PL retained by the ageing film",
    caption="PL intensity over its start while the film lies in humid air, without and with ultraviolet light. The"
    " first-order law of the model is an assumption: the paper prints two points.",
    counterpart="Fig. 3c",
    section="film",
)
def stability(ax: Axes, runs: Sequence[Run]) -> None:
    """Retained PL against hours, one colour per condition, one dash per result."""
    for run in runs:
        hours = along(run.tree, _RETAINED, "ageing_time")
        for i, curve in enumerate(shown(run.tree, _RETAINED)):
            ax.plot(hours, curve, run.dash, color=PALETTE[i % len(PALETTE)])
    ax.axhline(100.0, color=PALE, linewidth=0.8, zorder=0)
    ax.set(xlabel="time of ageing (h)", ylabel=axis_label(_RETAINED), ylim=(0.0, 108.0))
    ax.margins(x=0.0)
    legend_of_family(ax, names_along(runs[0].tree, _RETAINED, "condition"), runs)
