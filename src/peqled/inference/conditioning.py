"""Which levels let a stack of tabulated materials work at all.

Levels of single layers, each at the middle of its published range, need not make an LED when put side by side: barriers
that are uncertain by half an electronvolt decide whether carriers meet in the dots. All parameters of the hole side are
moved from their tabulated value towards the end of the range that helps injection, by one common share t_h, those of
the
electron side by t_e. The rule takes the smallest t_h^2 + t_e^2 on a grid at which nearly all pairs meet in the dots, as
they must where the EL is the dots' line alone. No efficiency enters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from peqled.led.operation import CAUSES, read_out
from peqled.led.stage import device_of, emitter_position
from peqled.materials import load_book
from peqled.parameters import Parameters
from peqled.transport import MeshOptions, solve_jv

HOLE_SIDE = {
    "PEDOT-PSS.work_function": "high",
    "PTAA.homo": "low",
    "PMMA.thickness": "low",
    "PMMA.tunnelling_barrier_hole": "low",
    "CsPbBr3-NC.homo": "high",
}
ELECTRON_SIDE = {"TPBi.lumo": "low", "PO-T2T.lumo": "high", "LiF-Al.work_function": "low"}
CURRENT = 100.0
"""Current density at which the pairs are counted, A/m^2: about what 10000 cd/m^2 need."""
OUTSIDE = 0.05
"""Largest share of the pairs that may be lost outside the dots."""
MESH = MeshOptions(cells_per_layer=63)


class Shares(NamedTuple):
    """Shares moved on either side, and the share of the pairs lost outside the dots there."""

    hole: float
    electron: float
    outside: float


def moved_levels(hole: float, electron: float) -> dict[str, float]:
    """Parameters of both sides moved by their shares; the emitter's conduction level follows its valence level."""
    book, values = load_book(), {}
    for side, share in ((HOLE_SIDE, hole), (ELECTRON_SIDE, electron)):
        for key, end in side.items():
            values[key] = book[key].value + share * (getattr(book[key], end) - book[key].value)
    values["CsPbBr3-NC.lumo"] = (
        book["CsPbBr3-NC.lumo"].value + values["CsPbBr3-NC.homo"] - book["CsPbBr3-NC.homo"].value
    )
    return values


def share_outside(parameters: Parameters, results: Mapping[str, Any]) -> float:
    """Share of the injected pairs lost outside the dots at `CURRENT`."""
    film, emission = results["film"].film, results["optics"]
    sweep = solve_jv(device_of(parameters, film, emission), jnp.linspace(1.6, 6.0, 23), mesh_options=MESH)
    seen = read_out(sweep, emission, emitter=emitter_position(parameters), wavelength=film.wavelength, pl=film.pl)
    lost = np.asarray(seen.loss_share)[:, -2:].sum(axis=1)
    assert CAUSES[-2:] == ("recombination outside the film", "leakage")
    return float(np.interp(np.log(CURRENT), np.log(np.maximum(sweep.current, 1e-30)), np.nan_to_num(lost, nan=1.0)))


def smallest_shares(
    parameters: Parameters,
    results: Mapping[str, Any],
    *,
    grid: Iterable[float] = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    log: Callable[[str], Any] = print,
) -> Shares:
    """Nearest point of the grid, in order of distance, at which at most `OUTSIDE` of the pairs miss the dots.

    Raises:
        ValueError: no point of the grid does.
    """
    steps = list(grid)
    points = sorted(((hole, electron) for hole in steps for electron in steps), key=lambda p: p[0] ** 2 + p[1] ** 2)
    for hole, electron in points:
        outside = share_outside(parameters.replace(moved_levels(hole, electron)), results)
        log(f"shares {hole:.1f} and {electron:.1f}: {outside:.1%} outside the dots")
        if outside <= OUTSIDE:
            return Shares(hole, electron, outside)
    raise ValueError(f"no shares up to {max(steps)} bring the losses outside the dots below {OUTSIDE:.0%}")
