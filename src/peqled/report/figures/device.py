"""What the source-measure unit and the spectrometer would show (counterparts of Fig. 4b-d)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from peqled.report.display import axis_label, number
from peqled.report.figures.axes import legend_of_runs, log_x, log_y, normalised, note, twin
from peqled.report.figures.registry import Run, along, figure, holds, lit_efficiency, names_along, scalar, shown
from peqled.report.figures.style import FULL, GREEN, GREY

_EL, _EQE, _CURRENT, _LUMINANCE = "led.el", "led.eqe", "led.current_density", "led.luminance"
_LOSSES = "led.loss_share"
_LOSS_COLOURS = ("#a5d9c6", "#E69F00", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#0072B2", "#9a9a9a")


@figure(
    "el",
    needs=(_EL,),
    title="Electroluminescence",
    caption="EL photon spectrum over its maximum, and the PL of the film (thin grey): the stack filters what the dots"
    " emit.",
    counterpart="Fig. 4b",
    section="device",
)
def el(ax: Axes, runs: Sequence[Run]) -> None:
    """EL with its peak and width, film PL behind."""
    words: list[str] = []
    for run in runs:
        if holds(run.tree, "film.pl"):
            film = normalised(shown(run.tree, "film.pl"))
            ax.plot(along(run.tree, "film.pl", "wavelength"), film, run.dash, color=GREY, linewidth=0.8)
        curve = normalised(shown(run.tree, _EL))
        peak, width = scalar(run.tree, "led.el_peak"), scalar(run.tree, "led.el_fwhm")
        words = [f"{number(peak, 4)} nm"] if np.isfinite(peak) else []
        words += [f"FWHM {number(width, 3)} nm"] if np.isfinite(width) else []
        text = f"{run.label}: {', '.join(words)}"
        ax.plot(along(run.tree, _EL, "wavelength"), curve, run.dash, color=run.colour, label=text)
    ax.set(xlabel=axis_label("wavelength"), ylabel="EL (norm.)", xlim=(460.0, 600.0), ylim=(0.0, 1.12))
    if len(runs) == 1:
        note(ax, "\n".join(words), x=0.985, ha="right")
    legend_of_runs(ax, runs, columns=1)


@figure(
    "eqe_current",
    needs=(_EQE, _CURRENT, _LUMINANCE),
    title="External quantum efficiency",
    caption="EQE from all photons that leave into the air side against current density, from 1 cd/m² on. Dot: peak.",
    counterpart="Fig. 4c",
    section="device",
)
def eqe_current(ax: Axes, runs: Sequence[Run]) -> None:
    """EQE against the logarithm of the current density."""
    currents, decades = [], 7.0
    for run in runs:
        current, eqe = shown(run.tree, _CURRENT), lit_efficiency(run.tree)
        ax.plot(current, eqe, run.dash, color=run.colour, label=run.label)
        emitting = np.nan_to_num(eqe) > 0
        currents.append(current[emitting])
        if emitting.any():
            best = int(np.nanargmax(eqe))
            decades = max(decades, np.log10(np.nanmax(current) / current[best]) + 1.0) if current[best] > 0 else decades
            ax.plot(current[best], eqe[best], "o", color=run.colour)
            ax.annotate(
                f"{number(float(eqe[best]), 4)} %", (current[best], eqe[best]), (0, 5),
                textcoords="offset points", ha="center", fontsize=8, color=run.colour,
            )  # fmt: skip
    log_x(ax, np.concatenate(currents), decades=decades)
    ax.set(xlabel=axis_label(_CURRENT), ylabel="EQE (%)")
    ax.set_ylim(0.0, ax.get_ylim()[1] * 1.1)
    legend_of_runs(ax, runs)


@figure(
    "jvl",
    needs=(_CURRENT, _LUMINANCE),
    title="Current and luminance against voltage",
    caption="Current density (solid, left) and forward luminance (dashed, right). Dotted: turn-on at 1 cd/m².",
    counterpart="Fig. 4d",
    section="device",
)
def jvl(ax: Axes, runs: Sequence[Run]) -> None:
    """Both on log axes; with one result the colours tell the quantities apart, with several the results."""
    words = ""
    right = twin(ax, axis_label(_LUMINANCE), colour=GREEN if len(runs) == 1 else GREY)
    for run in runs:
        voltage = along(run.tree, _CURRENT, "voltage")
        turn_on = scalar(run.tree, "led.turn_on_voltage")
        words = f"turn-on {number(turn_on, 3)} V" if np.isfinite(turn_on) else ""
        ax.plot(voltage, shown(run.tree, _CURRENT), "-", color=run.colour, label=f"{run.label}: {words}")
        right.plot(voltage, shown(run.tree, _LUMINANCE), "--", color=GREEN if len(runs) == 1 else run.colour)
    log_y(ax, np.concatenate([shown(run.tree, _CURRENT) for run in runs]), decades=8.0)
    log_y(right, np.concatenate([shown(run.tree, _LUMINANCE) for run in runs]), decades=7.0)
    right.axhline(1.0, color=GREY, linestyle=":", linewidth=0.8)
    if len(runs) == 1:
        note(ax, words)
    ax.set(xlabel=axis_label("voltage"), ylabel=axis_label(_CURRENT))
    ax.margins(x=0.0)
    legend_of_runs(ax, runs, columns=1)


@figure(
    "losses",
    needs=(_LOSSES, _CURRENT),
    title="What becomes of the injected charge",
    caption="Shares of the injected charge by fate, against current density; they add up to 1. Green: the photons that"
    " leave the device, hence the EQE.",
    section="device",
    width=FULL,
    height=76.0,
    panels=True,
)
def losses(ax: Axes, run: Run) -> None:
    """Stacked shares, light at the bottom."""
    current, shares, causes = (
        shown(run.tree, _CURRENT),
        shown(run.tree, _LOSSES),
        names_along(run.tree, _LOSSES, "cause"),
    )
    sound = (current > 0) & np.isfinite(shares).all(axis=1)
    light = [i for i, cause in enumerate(causes) if cause == "light in air"]
    order = light + [i for i in range(len(causes)) if i not in light]
    colours = [GREEN] * len(light) + [_LOSS_COLOURS[i % len(_LOSS_COLOURS)] for i in range(len(causes) - len(light))]
    if sound.sum() > 1:
        stack = [shares[sound, i] for i in order]
        ax.stackplot(
            current[sound], stack, colors=colours, labels=[causes[i] for i in order], linewidth=0.3, edgecolor="w"
        )
        log_x(ax, current[_emitting(run, sound)], decades=7.0)
        handles, texts = ax.get_legend_handles_labels()
        ax.legend(handles[::-1], texts[::-1], loc="center left", bbox_to_anchor=(1.01, 0.5))
    ax.set(xlabel=axis_label(_CURRENT), ylabel="share of the injected charge (%)", ylim=(0.0, 100.0))


def _emitting(run: Run, sound: np.ndarray) -> np.ndarray:
    """Points with more than 1e-5 of the highest luminance: below turn-on the shares are those of a leak."""
    if not holds(run.tree, _LUMINANCE):
        return sound
    luminance = np.nan_to_num(shown(run.tree, _LUMINANCE))
    lit = sound & (luminance > 1e-5 * luminance.max())
    return lit if lit.sum() > 1 else sound
