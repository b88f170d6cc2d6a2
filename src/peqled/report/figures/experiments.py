"""What the named experiments of the device show: hysteresis, pulses, impedance, single carriers, light."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from peqled.report.display import axis_label, number
from peqled.report.figures.axes import legend_of_runs, log_x, log_y, note, twin
from peqled.report.figures.registry import Run, along, figure, scalar, shown
from peqled.report.figures.style import BLUE, FULL, GREY, RED

_UP, _DOWN = "experiments.scan_current_up", "experiments.scan_current_down"
_PULSE, _CAPACITANCE, _CONDUCTANCE = "experiments.pulse_luminance", "experiments.capacitance", "experiments.conductance"
_CARRIER, _SLOPE = "experiments.single_carrier_current", "experiments.single_carrier_slope"
_LIGHT, _DARK = "experiments.light_current", "experiments.dark_current"
_SET = "experiments.set_luminance"


@figure(
    "hysteresis",
    needs=(_UP, _DOWN),
    title="Scan up and down",
    caption="Current density on the way up (full) and down (dashed); what they differ by is charge and ions that the"
    " scan did not wait for.",
    section="device",
)
def hysteresis(ax: Axes, runs: Sequence[Run]) -> None:
    """J against V in both directions."""
    currents = []
    for run in runs:
        voltage = along(run.tree, _UP, "scan_voltage")
        for name, dash, label in ((_UP, "-", run.label), (_DOWN, "--", None)):
            currents.append(np.abs(shown(run.tree, name)))
            ax.plot(voltage, currents[-1], dash, color=run.colour, label=label)
    log_y(ax, np.concatenate(currents))
    ax.set(xlabel=axis_label("scan_voltage"), ylabel=axis_label(_UP, "|current density|"))
    note(ax, f"index {number(scalar(runs[0].tree, 'experiments.hysteresis_index'), 3)}")
    legend_of_runs(ax, runs)


@figure(
    "pulse",
    needs=(_PULSE,),
    title="Transient electroluminescence",
    caption="Luminance during a voltage pulse and after it; the time is logarithmic from the flank on.",
    section="device",
    width=FULL,
    panels=True,
)
def pulse(ax: Axes, run: Run) -> None:
    """Luminance from the rising flank and from the falling one, both over the logarithm of the time since it."""
    time, light = along(run.tree, _PULSE, "pulse_time"), shown(run.tree, _PULSE)
    half = time.size // 2
    end = light[half - 1]
    share = light / end if end > 0 else light
    ax.plot(time[:half], share[:half], color=BLUE, label="after switching on")
    ax.plot(time[half:] - time[half - 1], share[half:], color=RED, label="after switching off")
    log_x(ax, time[:half], decades=12.0)
    ax.set(xlabel="time since the flank (s)", ylabel="luminance over its end value")
    words = [f"{text} {number(scalar(run.tree, f'experiments.pulse_{name}'), 3)} s" for name, text in _TIMES.items()]
    note(ax, "\n".join(words), y=0.6)
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))


_TIMES = {"delay": "delay", "rise": "rise", "decay": "decay"}


@figure(
    "impedance",
    needs=(_CAPACITANCE, _CONDUCTANCE),
    title="Capacitance and conductance",
    caption="Small-signal capacitance (blue) and conductance (grey) about a steady voltage; dotted: the stack as a"
    " plate capacitor.",
    section="device",
    panels=True,
)
def impedance(ax: Axes, run: Run) -> None:
    """C and G against frequency."""
    frequency = along(run.tree, _CAPACITANCE, "frequency")
    ax.plot(frequency, 1e5 * shown(run.tree, _CAPACITANCE), color=BLUE)
    ax.axhline(1e5 * scalar(run.tree, "experiments.geometric_capacitance"), color=BLUE, linestyle=":", linewidth=0.9)
    log_x(ax, frequency, decades=12.0)
    ax.set(xlabel=axis_label("frequency"), ylabel="capacitance (nF/mm²)")
    right = twin(ax, "conductance (S/m²)")
    conductance = shown(run.tree, _CONDUCTANCE)
    right.plot(frequency, conductance, color=GREY)
    log_y(right, conductance)


@figure(
    "single_carrier",
    needs=(_CARRIER, _SLOPE),
    title="Single-carrier current",
    caption="Current density of one layer between ohmic contacts; grey: slope d ln J/d ln V, 2 where the Mott-Gurney"
    " law may be read.",
    section="device",
    panels=True,
)
def single_carrier(ax: Axes, run: Run) -> None:
    """J on logarithmic axes with its slope."""
    voltage, current = along(run.tree, _CARRIER, "single_carrier_voltage"), shown(run.tree, _CARRIER)
    ax.plot(voltage, current, color=BLUE)
    log_x(ax, voltage)
    log_y(ax, current)
    ax.set(xlabel=axis_label("single_carrier_voltage"), ylabel=axis_label(_CARRIER, "current density"))
    right = twin(ax, "slope")
    right.plot(voltage, shown(run.tree, _SLOPE), color=GREY, linewidth=1.0)
    right.axhline(2.0, color=GREY, linestyle=":", linewidth=0.8)
    read = shown(run.tree, "experiments.single_carrier_apparent_mobility")[-1]
    put_in = scalar(run.tree, "experiments.single_carrier_mobility")
    note(ax, f"read at the end {number(read, 3)} cm²/(V s)\nput in {number(put_in, 3)} cm²/(V s)", y=0.9)


@figure(
    "light_curve",
    needs=(_LIGHT, _DARK),
    title="Under light",
    caption="Current density with pairs generated in the emitter (full) and in the dark (dashed).",
    section="device",
)
def light_curve(ax: Axes, runs: Sequence[Run]) -> None:
    """J under light and in the dark, linear about zero."""
    for run in runs:
        voltage, light = along(run.tree, _LIGHT, "light_voltage"), shown(run.tree, _LIGHT)
        ax.plot(voltage, light, color=run.colour, label=run.label)
        ax.plot(voltage, shown(run.tree, _DARK), "--", color=run.colour)
    ax.axhline(0.0, color=GREY, linewidth=0.6)
    first = runs[0].tree
    scale = scalar(first, "experiments.short_circuit_current")
    ax.set(xlabel=axis_label("light_voltage"), ylabel=axis_label(_LIGHT, "current density"))
    if np.isfinite(scale) and scale > 0:
        ax.set_ylim(-1.3 * scale, 2 * scale)
    words = (
        f"V_oc {number(scalar(first, 'experiments.open_circuit_voltage'), 4)} V",
        f"J_sc {number(scale, 3)} mA/cm²",
        f"FF {number(scalar(first, 'experiments.fill_factor'), 3)} %",
    )
    note(ax, "\n".join(words))
    legend_of_runs(ax, runs)


@figure(
    "constant_current",
    needs=(_SET,),
    title="At given currents",
    caption="Luminance where the device is driven by current.",
    section="device",
)
def constant_current(ax: Axes, runs: Sequence[Run]) -> None:
    """Luminance against the driven current density."""
    for run in runs:
        ax.plot(along(run.tree, _SET, "set_current"), shown(run.tree, _SET), "o-", color=run.colour, label=run.label)
    log_x(ax, np.concatenate([along(run.tree, _SET, "set_current") for run in runs]))
    log_y(ax, np.concatenate([shown(run.tree, _SET) for run in runs]))
    ax.set(xlabel=axis_label("set_current"), ylabel=axis_label(_SET))
    legend_of_runs(ax, runs)
