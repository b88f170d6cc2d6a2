"""Levels, carriers and excitons through the stack."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from peqled.report.display import number
from peqled.report.figures.axes import log_y, normalised
from peqled.report.figures.registry import Run, along, figure, holds, lit_efficiency, shown
from peqled.report.figures.style import BLACK, BLUE, FULL, GREEN, GREY, ORANGE, RED

_ZONE = "led.recombination_zone"
_LEVELS = ("led.conduction_band", "led.valence_band", "led.electron_quasi_fermi", "led.hole_quasi_fermi")
_DENSITIES = {
    "led.electron_density": ("electrons", BLUE, "-"),
    "led.hole_density": ("holes", RED, "-"),
    "led.exciton_density": ("excitons", GREEN, "-"),
}


@figure(
    "band_diagram",
    needs=_LEVELS,
    title="Levels of the device in operation",
    caption="Conduction and valence levels (black) and quasi-Fermi levels of electrons (blue) and holes (orange,"
    " dashed), at the voltage written below; shaded: where pairs recombine. The anode is on the left.",
    section="device",
    width=FULL,
    height=78.0,
    panels=True,
)
def band_diagram(ax: Axes, run: Run, *, voltage: float | None = None) -> None:
    """Levels against depth at the drawn voltage nearest to `voltage` (V), by default that of the peak EQE."""
    row = _row(run, _LEVELS[0], voltage)
    depth = along(run.tree, _LEVELS[0], "position")
    conduction, valence, electrons, holes = (shown(run.tree, name)[row] for name in _LEVELS)
    ax.plot(depth, conduction, color=BLACK, linewidth=1.2, label="levels")
    ax.plot(depth, valence, color=BLACK, linewidth=1.2)
    ax.fill_between(depth, valence, conduction, color="#f2f2f2", linewidth=0, zorder=0)
    ax.plot(depth, electrons, "--", color=BLUE, linewidth=1.1, label="electrons")
    ax.plot(depth, holes, "--", color=RED, linewidth=1.1, label="holes")
    _shade_zone(ax, run, row)
    ax.set(xlabel=_depth_label(run, _LEVELS[0], row), ylabel="energy (eV)")
    ax.margins(x=0.0, y=0.12)
    _name_layers(ax, run, depth)
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))


@figure(
    "profiles",
    needs=(tuple(_DENSITIES),),
    title="Carriers and excitons through the stack",
    caption="Densities of electrons, holes and excitons at the voltage written below; shaded: where pairs"
    " recombine (linear, arbitrary height).",
    section="device",
    width=FULL,
    height=72.0,
    panels=True,
)
def profiles(ax: Axes, run: Run, *, voltage: float | None = None) -> None:
    """Densities against depth at the drawn voltage nearest to `voltage` (V), by default that of the peak EQE."""
    drawn = {name: style for name, style in _DENSITIES.items() if holds(run.tree, name)}
    name = next(iter(drawn))
    row = _row(run, name, voltage)
    depth = along(run.tree, name, "position")
    for name, (text, colour, dash) in drawn.items():
        ax.plot(depth, shown(run.tree, name)[row], dash, color=colour, label=text)
    densities = [shown(run.tree, name)[row] for name in drawn]
    log_y(ax, np.concatenate(densities), decades=_decades(densities), air=0.1)
    _shade_zone(ax, run, row)
    ax.set(xlabel=_depth_label(run, name, row), ylabel="density (cm⁻³)")
    ax.margins(x=0.0)
    _name_layers(ax, run, depth)
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))


def _decades(densities: list[np.ndarray]) -> float:
    """Decades below the highest density that show the upper three of the lowest curve, between 6 and 14."""
    tops = [np.nanmax(np.nan_to_num(density)) for density in densities]
    tops = [top for top in tops if top > 0]
    return float(np.clip(np.log10(max(tops) / min(tops)) + 3.0, 6.0, 14.0)) if tops else 6.0


def _depth_label(run: Run, name: str, row: int) -> str:
    """Label of the depth axis with the voltage that is drawn."""
    return f"depth from the anode (nm), at {number(float(along(run.tree, name, 'shown_voltage')[row]), 3)} V"


def _row(run: Run, name: str, voltage: float | None) -> int:
    """Index of the drawn voltage: nearest to the one asked for, else to that of the peak EQE, else the last."""
    drawn = along(run.tree, name, "shown_voltage")
    known = holds(run.tree, "led.eqe") and holds(run.tree, "led.luminance")
    if voltage is None and known and np.isfinite(lit_efficiency(run.tree)).any():
        voltage = float(along(run.tree, "led.eqe", "voltage")[np.nanargmax(lit_efficiency(run.tree))])
    return len(drawn) - 1 if voltage is None else int(np.argmin(np.abs(drawn - voltage)))


def _shade_zone(ax: Axes, run: Run, row: int) -> None:
    """Recombination rate as a shape that stands on the floor of the axes."""
    if not holds(run.tree, _ZONE):
        return
    floor = ax.twinx()
    depth, rate = along(run.tree, _ZONE, "position"), normalised(shown(run.tree, _ZONE)[row])
    floor.fill_between(depth, np.nan_to_num(rate), color=ORANGE, alpha=0.35, linewidth=0)
    floor.set(ylim=(0.0, 2.2))
    floor.set_axis_off()


def _name_layers(ax: Axes, run: Run, depth: np.ndarray) -> None:
    """Lines at the faces, where the mesh has two nodes, and the layers' names above if the result holds them."""
    faces = depth[:-1][np.diff(depth) <= 1e-9 * depth[-1]]
    for face in faces:
        ax.axvline(face, color="#b0b0b0", linewidth=0.6, zorder=0.5)
    ends = np.concatenate([depth[:1], faces, depth[-1:]])
    names = run.tree["led"].coords.get("layer")
    if names is None or names.size != ends.size - 1:
        return
    for start, end, text in zip(ends[:-1], ends[1:], names.values, strict=True):
        thin = (end - start) < 0.12 * depth[-1]
        ax.annotate(
            str(text), ((start + end) / 2, 1.0), (0, 3), xycoords=("data", "axes fraction"), textcoords="offset points",
            ha="left" if thin else "center", va="bottom", fontsize=8, color=GREY, rotation=30 if thin else 0,
        )  # fmt: skip
