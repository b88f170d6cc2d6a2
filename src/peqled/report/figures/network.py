"""The reaction network with live rates (counterpart of Fig. 1), drawn by hand."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from peqled.report.display import number
from peqled.report.figures.axes import note
from peqled.report.figures.registry import Run, along, figure, holds, names_along, shown
from peqled.report.figures.style import BLUE, FULL, GREEN, GREY, RED
from peqled.result import read_value

_RATE, _CONCENTRATION = "synthesis.reaction_rate", "synthesis.species_concentration"
_SLOWEST = 1e-6
"""Rate over the fastest one below which an arrow is only dashed."""


class Node(NamedTuple):
    """A box of the drawing: centre, first line, and the species counted in the second line."""

    x: float
    y: float
    text: str
    species: tuple[str, ...]


class Arrow(NamedTuple):
    """An arrow of the drawing: the reactions whose net rates it adds, and where its label sits along it."""

    start: str
    end: str
    reactions: tuple[str, ...]
    colour: str
    bend: float = 0.0
    label: tuple[float, float] = (0.0, 0.0)


NODES = {
    "salt": Node(0.9, 5.4, "acid–base pair", ("BHA",)),
    "PbBr2": Node(0.9, 3.2, "PbBr₂", ("PbBr2", "PbBr2(s)")),
    "BHPbBr3": Node(4.3, 3.2, "BHPbBr₃", ("BHPbBr3",)),
    "M": Node(7.7, 5.4, "CsPbBr₃ monomer", ("M",)),
    "CsA": Node(7.7, 3.2, "Cs-oleate", ("CsA", "CsA(unmixed)")),
    "Cl": Node(7.7, 1.0, "PbBr₂ clusters", ("Cl",)),
    "S": Node(11.1, 3.2, "nanocrystals", ()),
    "ZHBr": Node(0.9, 1.0, "resurfacing agent", ("ZHBr",)),
    "BHBr": Node(4.3, 1.0, "BHBr", ("BHBr",)),
}
ARROWS = (
    Arrow("PbBr2", "BHPbBr3", ("R1", "R2"), BLUE, label=(0.45, 0.72)),
    Arrow("BHPbBr3", "M", ("R4",), BLUE, -0.12, (-0.55, 0.45)),
    Arrow("M", "S", ("R6",), BLUE, -0.12, (0.55, 0.45)),
    Arrow("BHPbBr3", "Cl", ("R3",), RED, 0.12, (0.62, 0.3)),
    Arrow("Cl", "S", ("R5",), RED, 0.12, (0.55, -0.45)),
    Arrow("ZHBr", "BHBr", ("R7",), GREEN, label=(-0.1, 0.72)),
    Arrow("BHBr", "BHPbBr3", ("R8",), GREEN, label=(-0.72, 0.15)),
)
_FEEDS = (("salt", (2.6, 3.35)), ("CsA", (7.7, 4.9)), ("CsA", (9.7, 2.1)))
"""Second reactants: from a node to a point on the arrow they join."""
_HALF_WIDTH, _HALF_HEIGHT = 1.22, 0.45


@figure(
    "network",
    needs=(_RATE, _CONCENTRATION),
    title="Reaction network at the height of nucleation",
    caption="Net rates (R1–R8 of the model, in mM/s of lead) and concentrations at one moment, by default that of the"
    " fastest nucleation. R6 follows from the balance of the monomer between stored times. Arrow width: logarithm of"
    " the rate; an arrow turns round when its net rate is negative and is dashed below a millionth of the fastest."
    " Blue: monomer route, orange: cluster route, green: resurfacing.",
    counterpart="Fig. 1a, b",
    section="flask",
    width=FULL,
    height=88.0,
    panels=True,
)
def network(ax: Axes, run: Run, *, time: float | None = None) -> None:
    """Species as boxes, reactions as arrows, at `time` (s)."""
    moment = _moment(run, time)
    rates = _rates(run, moment)
    flows = [_flow(rates, arrow) for arrow in ARROWS]
    sizes = [abs(flow) for flow in flows if flow is not None and np.isfinite(flow)]
    fastest = max(sizes, default=0.0)
    ax.set(xlim=(-0.4, 12.4), ylim=(0.4, 6.0))
    ax.set_axis_off()
    for key, end in _FEEDS:
        _feed(ax, NODES[key], end)
    for arrow, flow in zip(ARROWS, flows, strict=True):
        _draw_arrow(ax, arrow, flow, fastest)
    for key, node in NODES.items():
        _draw_node(ax, node, _second_line(run, key, node, moment))
    when = along(run.tree, _RATE, "time")[moment]
    note(ax, f"t = {number(float(when), 3)} s", x=0.99, ha="right", color="black", fontsize=9)


def _moment(run: Run, time: float | None) -> int:
    """Index of the time shown: nearest to `time`, else that of the fastest nucleation, else of the fastest rate."""
    if time is not None:
        return int(np.argmin(np.abs(along(run.tree, _RATE, "time") - time)))
    if holds(run.tree, "synthesis.nucleation_rate"):
        return int(np.argmax(np.nan_to_num(shown(run.tree, "synthesis.nucleation_rate"))))
    return int(np.argmax(np.nan_to_num(np.abs(shown(run.tree, _RATE))).max(axis=1)))


def _rates(run: Run, moment: int) -> dict[str, float]:
    """Net rate of each reaction; R6 from the balance of the monomer where the result does not report it."""
    rates = dict(zip(names_along(run.tree, _RATE, "reaction"), shown(run.tree, _RATE)[moment], strict=True))
    species = names_along(run.tree, _CONCENTRATION, "species")
    if "R6" not in rates and "R4" in rates and "M" in species:
        monomer = shown(run.tree, _CONCENTRATION)[:, species.index("M")]
        rates["R6"] = rates["R4"] - float(np.gradient(monomer, along(run.tree, _RATE, "time"))[moment])
    return rates


def _flow(rates: dict[str, float], arrow: Arrow) -> float | None:
    """Net rate of an arrow; None when the result does not hold its reactions."""
    known = [rates[reaction] for reaction in arrow.reactions if reaction in rates]
    return float(sum(known)) if known else None


def _draw_arrow(ax: Axes, arrow: Arrow, flow: float | None, fastest: float) -> None:
    start, end = NODES[arrow.start], NODES[arrow.end]
    share = abs(flow) / fastest if flow is not None and np.isfinite(flow) and fastest > 0 else 0.0
    flows = share > _SLOWEST
    backwards = flow is not None and flow < 0
    width = 0.8 + 3.7 * (1.0 + np.log10(share) / 6.0) if flows else 0.8
    a, b = (end, start) if backwards else (start, end)
    patch = FancyArrowPatch(
        _face(a, b), _face(b, a), connectionstyle=f"arc3,rad={-arrow.bend if backwards else arrow.bend}",
        arrowstyle="-|>,head_length=5,head_width=2.6", mutation_scale=1.0 + 0.15 * width, linewidth=width,
        linestyle="-" if flows else (0, (3, 2)), color=arrow.colour if flows else GREY, shrinkA=1, shrinkB=1,
    )  # fmt: skip
    ax.add_patch(patch)
    x, y = 0.5 * (start.x + end.x) + arrow.label[0], 0.5 * (start.y + end.y) + arrow.label[1]
    rate = "" if flow is None else f"\n{number(abs(flow), 2)} mM/s" if flows else "\n≈ 0"
    ax.text(
        x, y, "+".join(arrow.reactions) + rate, ha="center", va="center", fontsize=8,
        color=arrow.colour if flows else GREY, linespacing=1.15,
    )  # fmt: skip


def _face(node: Node, other: Node) -> tuple[float, float]:
    """Point on the edge of a box that looks towards another box."""
    dx, dy = other.x - node.x, other.y - node.y
    if abs(dx) < 0.5:
        return node.x, node.y + np.sign(dy) * _HALF_HEIGHT
    rise = np.clip(dy, -0.5 * _HALF_HEIGHT, 0.5 * _HALF_HEIGHT)
    return node.x + np.sign(dx) * _HALF_WIDTH, node.y + rise


def _feed(ax: Axes, node: Node, end: tuple[float, float]) -> None:
    """Thin line from a second reactant to the arrow that it joins."""
    ax.annotate(
        "", end, (node.x, node.y), zorder=0.5,
        arrowprops={"arrowstyle": "-|>,head_width=0.15,head_length=0.3", "color": GREY, "linewidth": 0.7},
    )  # fmt: skip


def _draw_node(ax: Axes, node: Node, second: str) -> None:
    box = FancyBboxPatch(
        (node.x - _HALF_WIDTH + 0.08, node.y - _HALF_HEIGHT + 0.08), 2 * _HALF_WIDTH - 0.16, 2 * _HALF_HEIGHT - 0.16,
        boxstyle="round,pad=0.08,rounding_size=0.15", facecolor="#f4f6f8", edgecolor="#444444", linewidth=0.8,
    )  # fmt: skip
    ax.add_patch(box)
    ax.text(node.x, node.y + 0.16, node.text, ha="center", va="center", fontsize=8, fontweight="bold")
    ax.text(node.x, node.y - 0.19, second, ha="center", va="center", fontsize=8, color=GREY)


def _second_line(run: Run, key: str, node: Node, moment: int) -> str:
    """Concentration of a species, or number density of the nanocrystals."""
    if key == "S":
        if not holds(run.tree, "synthesis.particle_number"):
            return ""
        return f"{number(float(shown(run.tree, 'synthesis.particle_number')[moment]), 2)} cm⁻³"
    names = names_along(run.tree, _CONCENTRATION, "species")
    present = [name for name in node.species if name in names]
    if not present:
        return ""
    values = read_value(run.tree, _CONCENTRATION).values[moment]
    total = float(sum(values[names.index(name)] for name in present))
    return f"{number(total, 3)} mM" if abs(total) >= 1e-6 or not np.isfinite(total) else "0 mM"
