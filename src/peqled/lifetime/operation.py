"""Ageing of a driven device: L(t), V(t) and where the damage sits, until the luminance has fallen to a share.

The device is solved for the defects it has; the local rate law gives the growth g(Q), and

    dQ/dt = g(Q) - k_heal Q

is stepped with the exponential Runge-Kutta scheme of fourth order of Cox and Matthews (2002, 10.1006/jcph.2002.6995),
which takes healing exactly, so that a fast reversible pool does not dictate the step. Steps are chosen so that the
luminance changes by a fixed share of itself, and end exactly on the shares asked for. The law of the device is passed
in as a function: the same integrator ages a drift-diffusion device and the uniform film of `uniform_film`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from peqled.lifetime.damage import Damage, OperatingPoint, arrhenius, growth_rate
from peqled.lifetime.exponential import weights

LANDED = 1e-7
"""Relative distance of the luminance from a share at which the share counts as reached."""
SMALLEST = 1e-6
"""Least share of a step to which a step is cut before a device counts as lost."""

Solver = Callable[[Float[Array, "pool cell"]], OperatingPoint]


class State(NamedTuple):
    """Where a run stands: time (s), defects (1/m^3), the step it would take next (s, 0 if none yet) and the luminance
    at its start; enough to go on as if it had never stopped."""

    time: float
    defects: Float[np.ndarray, "pool cell"]
    step: float = 0.0
    initial: float = float("nan")


class Decay(NamedTuple):
    """A lifetime run, per step: time (s), luminance over its start, voltage (V), current density (A/m^2), temperature
    (K), excitons and defects of all pools (1/m^3); and the state from which it can go on."""

    time: Float[np.ndarray, " step"]
    luminance: Float[np.ndarray, " step"]
    voltage: Float[np.ndarray, " step"]
    current: Float[np.ndarray, " step"]
    temperature: Float[np.ndarray, " step"]
    excitons: Float[np.ndarray, "step cell"]
    damage: Float[np.ndarray, "step cell"]
    state: State
    finished: bool

    @property
    def defects(self) -> Float[np.ndarray, " cell"]:
        """Defects of all pools at the end, 1/m^3."""
        return self.damage[-1]


class _Run(NamedTuple):
    solve: Solver
    damage: Damage
    duty: float


class _Moment(NamedTuple):
    time: float
    defects: Float[Array, "pool cell"]
    point: OperatingPoint
    initial: float

    @property
    def share(self) -> float:
        return float(self.point.luminance) / self.initial


def fresh(cells: int, *, pools: int = 1) -> State:
    """A device without defects."""
    return State(0.0, np.zeros((pools, cells)))


def operate(
    solve: Solver,
    damage: Damage,
    start: State,
    *,
    shares: Sequence[float] = (0.5,),
    drop: float = 0.05,
    longest: float = 1e10,
    most_steps: int = 400,
    duty: float = 1.0,
) -> Decay:
    """Age a device until L/L0 has come down to the smallest of `shares`.

    Args:
        solve: operating point of the device for given defects (1/m^3); a luminance that is not a number ends the run
            (`finished` is then False).
        damage: rate coefficients.
        start: defects to begin with, from `fresh` or from an earlier run.
        shares: luminances over the initial one that the run stops at for a point, the last one for good.
        drop: relative change of the luminance per step; the error is of fourth order in it.
        longest: time in s at which the run ends at the latest (`finished` is then False).
        most_steps: steps after which to give up (`finished` is then False).
        duty: share of the time for which a fast pulsed device is on; `solve` gives its state while it is on.
    """
    run = _Run(solve, damage, duty)
    defects = jnp.asarray(start.defects)
    point = solve(defects)
    initial = start.initial if np.isfinite(start.initial) else float(point.luminance)
    history = [_Moment(start.time, defects, point, initial)]
    marks = [share for share in sorted(shares, reverse=True) if share < history[0].share * (1 - LANDED)]
    step = start.step or _first_step(run, history[0], drop, longest)
    while marks and history[-1].time < longest and len(history) <= most_steps and np.isfinite(history[-1].share):
        left = longest - history[-1].time
        moment, following = _advance(run, history[-1], min(step, left), marks[0], drop)
        step = following if step <= left else step
        history.append(moment)
        while marks and moment.share <= marks[0] * (1 + LANDED):
            marks.pop(0)
    return _decay(history, step, finished=not marks and bool(np.isfinite(history[-1].share)))


def rest(damage: Damage, state: State, time: float, *, temperature: float) -> State:
    """A device left in the dark for `time` (s): its pools heal, its ligands go on leaving."""
    heal = np.asarray(damage.healing, dtype=float)
    gain = float(arrhenius(damage, temperature)) * np.asarray(damage.ligand_loss, dtype=float)
    filled = gain * time * _relaxed(heal * time)
    return state._replace(time=state.time + time, defects=state.defects * np.exp(-heal * time) + filled)


def time_to(decay: Decay, share: float) -> float:
    """Time (s) at which L/L0 first falls to `share`; infinity when the run ended before that.

    Exact where the run stopped for this share, else the crossing of a monotone cubic in ln(L/L0).
    """
    below = np.nonzero(decay.luminance <= share * (1 + LANDED))[0]
    if not below.size:
        return float("inf")
    last = below[0]
    window = slice(max(last - 3, 0), min(last + 1, decay.time.size))
    depth, time = -np.log(decay.luminance[window]), decay.time[window]
    if np.any(np.diff(depth) <= 0):
        window = slice(last - 1, last + 1)
        depth, time = -np.log(decay.luminance[window]), decay.time[window]
    return float(np.polyval(np.polyfit(depth - depth[0], time, depth.size - 1), -np.log(share) - depth[0]))


def _advance(run: _Run, now: _Moment, step: float, mark: float, drop: float) -> tuple[_Moment, float]:
    """One accepted step and the length of the next; a device that can't be solved for is returned as it is then."""
    least = SMALLEST * step
    while True:
        new = _stepped(run, now, step)
        change = float(np.log(new.share / now.share)) if new.share > 0 else float("nan")
        if step > least and not abs(change) <= 2.0 * drop:
            step *= float(np.clip(drop / abs(change), 0.05, 0.7)) if np.isfinite(change) else 0.1
            continue
        following = step * float(np.clip(drop / max(abs(change), 1e-3 * drop), 0.3, 3.0))
        if new.share < mark * (1 - LANDED):
            new = _landed(run, now, step, change, mark)
        return new, following


def _landed(run: _Run, now: _Moment, step: float, change: float, mark: float) -> _Moment:
    """The step cut so that it ends on the share `mark`, by the secant method between 0 and `step`."""
    goal = float(np.log(mark / now.share))
    ends, falls = [0.0, step], [0.0, change]
    length = step * goal / change
    new = _stepped(run, now, length)
    for _ in range(20):
        fall = float(np.log(new.share / now.share))
        if abs(fall - goal) < 0.5 * LANDED:
            break
        ends, falls = [ends[1], length], [falls[1], fall]
        length = float(np.clip(length + (goal - fall) * (ends[1] - ends[0]) / (falls[1] - falls[0]), 0.0, step))
        new = _stepped(run, now, length)
    return new


def _stepped(run: _Run, now: _Moment, step: float) -> _Moment:
    """The fourth-order scheme; a reversible pool that overshoots zero is empty."""
    w = weights(np.asarray(run.damage.healing, dtype=float), step)
    here = _growth(run, now.point)
    first = jnp.asarray(w.half * now.defects + w.half_growth * here)
    at_first = _growth(run, run.solve(first))
    second = jnp.asarray(w.half * now.defects + w.half_growth * at_first)
    at_second = _growth(run, run.solve(second))
    third = jnp.asarray(w.half * first + w.half_growth * (2.0 * at_second - here))
    at_third = _growth(run, run.solve(third))
    defects = jnp.maximum(
        w.whole * now.defects + w.first * here + w.middle * (at_first + at_second) + w.last * at_third, 0.0
    )
    return _Moment(now.time + step, defects, run.solve(defects), now.initial)


def _growth(run: _Run, point: OperatingPoint) -> Float[Array, "pool cell"]:
    return growth_rate(run.damage, point, run.duty)


def _first_step(run: _Run, now: _Moment, drop: float, longest: float) -> float:
    """Step that changes the luminance by about a quarter of `drop`, found from the device's own response."""
    rate = _growth(run, now.point)
    step, goal = 1.0, 0.25 * drop
    for _ in range(40):
        change = abs(1.0 - float(run.solve(now.defects + step * rate).luminance) / float(now.point.luminance))
        if 0.5 * goal < change < 2.0 * goal or step > longest or not np.isfinite(change):
            break
        step *= float(np.clip(goal / max(change, 1e-3 * goal), 0.02, 50.0))
    return step


def _decay(history: list[_Moment], step: float, *, finished: bool) -> Decay:
    last, points = history[-1], [moment.point for moment in history]

    def column(name: str) -> np.ndarray:
        return np.array([getattr(point, name) for point in points], dtype=float)

    return Decay(
        time=np.array([moment.time for moment in history]),
        luminance=column("luminance") / last.initial,
        voltage=column("voltage"),
        current=column("current"),
        temperature=column("temperature"),
        excitons=column("excitons"),
        damage=np.array([np.asarray(moment.defects).sum(axis=0) for moment in history]),
        state=State(last.time, np.asarray(last.defects), step, last.initial),
        finished=finished,
    )


def _relaxed(x: np.ndarray) -> np.ndarray:
    """(1 - exp(-x))/x."""
    return np.where(x > 1e-12, -np.expm1(-x) / np.where(x > 1e-12, x, 1.0), 1.0 - 0.5 * x)
