"""Ageing at constant current: L(t), V(t) and where the damage sits, until the luminance has fallen to a share.

The device is solved at fixed current for the defects it has; the local rate law gives dQ/dt; Heun's method steps on.
The step is chosen so that the luminance falls by a fixed share of itself, which resolves the fast start and the slow
end equally. The law of the device is passed in as a function: the same integrator ages a drift-diffusion device and
the uniform film of `uniform_film`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from peqled.lifetime.damage import Damage, damage_rate


class OperatingPoint(NamedTuple):
    """Device at one moment: densities (1/m^3) per cell, luminance (any unit), voltage (V), temperature (K)."""

    excitons: Float[Array, " cell"]
    carriers: Float[Array, " cell"]
    luminance: Float[Array, ""]
    voltage: Float[Array, ""]
    temperature: Float[Array, ""]


class Decay(NamedTuple):
    """A lifetime run: time (s), luminance over its start, voltage (V) per step, and the last defects (1/m^3)."""

    time: Float[np.ndarray, " step"]
    luminance: Float[np.ndarray, " step"]
    voltage: Float[np.ndarray, " step"]
    defects: Float[np.ndarray, " cell"]
    finished: bool


Solver = Callable[[Float[Array, " cell"]], OperatingPoint]


def operate(
    solve: Solver,
    damage: Damage,
    *,
    cells: int,
    share: float = 0.5,
    drop: float = 0.04,
    longest: float = 1e10,
    most_steps: int = 400,
) -> Decay:
    """Age a device at constant current until L/L0 = `share`.

    Args:
        solve: operating point of the device for given defects per cell (1/m^3); a luminance that is not a number ends
            the run (`finished` is then False).
        damage: rate coefficients.
        cells: number of cells that carry defects.
        share: luminance over initial luminance at which to stop; the last point lies at or below it.
        drop: relative fall of the luminance per step; the error is of second order in it.
        longest: time in s after which a device counts as not ageing (`finished` is then False).
        most_steps: steps after which to give up (`finished` is then False).
    """
    defects = jnp.zeros(cells)
    point = solve(defects)
    start = float(point.luminance)
    history = [(0.0, 1.0, float(point.voltage))]
    time, step = 0.0, None
    while history[-1][1] > share and time < longest and len(history) <= most_steps:
        rate = _rate(damage, point, defects)
        step = _first_step(solve, point, rate, drop, longest) if step is None else step
        trial = solve(defects + step * rate)
        slope = 0.5 * (rate + _rate(damage, trial, defects + step * rate))
        defects = jnp.maximum(defects + step * slope, 0.0)
        time += step
        new = solve(defects)
        fall = 1.0 - float(new.luminance) / float(point.luminance)
        history.append((time, float(new.luminance) / start, float(new.voltage)))
        step *= float(np.clip(drop / max(fall, 1e-3 * drop), 0.2, 2.0))
        point = new
    columns = np.array(history).T
    return Decay(*columns, defects=np.asarray(defects), finished=bool(history[-1][1] <= share))


def time_to(decay: Decay, share: float) -> float:
    """Time (s) at which L/L0 first falls to `share`; infinity when the run ended before that.

    The crossing is a monotone cubic in ln(L/L0), so that its error stays of the order of the integrator's.
    """
    below = np.nonzero(decay.luminance <= share)[0]
    if not below.size:
        return float("inf")
    last = below[0]
    window = slice(max(last - 3, 0), min(last + 1, decay.time.size))
    depth, time = -np.log(decay.luminance[window]), decay.time[window]
    if np.any(np.diff(depth) <= 0):
        window = slice(last - 1, last + 1)
        depth, time = -np.log(decay.luminance[window]), decay.time[window]
    return float(np.polyval(np.polyfit(depth - depth[0], time, depth.size - 1), -np.log(share) - depth[0]))


def _rate(damage: Damage, point: OperatingPoint, defects: Float[Array, " cell"]) -> Float[Array, " cell"]:
    return damage_rate(
        damage,
        excitons=point.excitons,
        carriers=point.carriers,
        defects=defects,
        temperature=point.temperature,
    )


def _first_step(
    solve: Solver, point: OperatingPoint, rate: Float[Array, " cell"], drop: float, longest: float
) -> float:
    """Step that lets the luminance fall by about a tenth of `drop`, found from the device's own response."""
    step, goal = 1.0, 0.1 * drop
    for _ in range(40):
        fall = 1.0 - float(solve(step * rate).luminance) / float(point.luminance)
        if 0.5 * goal < fall < 2.0 * goal or step > longest or not np.isfinite(fall):
            break
        step *= float(np.clip(goal / max(fall, 1e-3 * goal), 0.02, 50.0))
    return step
