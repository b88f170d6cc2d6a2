"""Newton's method for the coupled balances, and bias continuation with a predictor.

Each step solves the block-tridiagonal system for two right-hand sides, the residual and the derivative to the internal
voltage; the circuit equation (one bordered row) then fixes the voltage change. Increments of psi are limited; those of
the levels are taken as linear in the density (log1p for increases, bounded for decreases), which is exact for the
continuity equations at fixed potential (transport reference 3.3).
"""

from dataclasses import dataclass
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.numerics.block_tridiagonal import factor, solve
from peqled.numerics.compensated import Compensated, add
from peqled.transport import status
from peqled.transport.assembly import (
    Stack,
    State,
    change_of_pieces,
    circuit_current,
    contact_of,
    linearise,
    moving_current,
    terminal_current,
)
from peqled.transport.circuit import Drive, mismatch
from peqled.transport.ions import charge_columns, eliminate

_LARGEST_VOLTAGE_STEP = 0.3  # V
_SETTLED = 1.0  # kT: at a given current the voltage waits until the state belongs to it, since J means nothing before
_EMPTY = 0.02  # share of a density below which its relative fall is no longer followed exactly


@dataclass(frozen=True)
class SolverOptions:
    """``tolerance``: largest last increment of psi, E_Fn, E_Fp in kT (the error left is its square);
    ``iterations``: Newton steps per attempt; ``psi_limit``, ``drop_limit``: largest change of psi and largest fall of a
    level
    per step, kT; ``first_step``, ``smallest_step``: bias steps, V."""

    tolerance: float = 1e-8
    iterations: int = 40
    psi_limit: float = 20.0
    drop_limit: float = 20.0
    first_step: float = 0.2
    smallest_step: float = 1e-4


class Limits(NamedTuple):
    """Largest change per step: of psi, fall of a level, rise of a level, kT; Newton steps per attempt."""

    psi: Array
    drop: Array
    rise: Array
    iterations: Array


def usual(options: SolverOptions) -> Limits:
    """Limits of a step towards a solution that continuation has brought near."""
    return Limits(*(jnp.asarray(x) for x in (options.psi_limit, options.drop_limit, jnp.inf, options.iterations)))


_CAREFUL = (1.0, 2.0, 2.0, 120), (0.4, 0.8, 0.8, 300)
"""Limits of further attempts, from a guess that is not near: slow, and hardly ever lost."""


class Bordered(NamedTuple):
    """Response of the unknowns to minus the residual and to the voltage, and the current's part in each."""

    free: Float[Array, "field layer node"]
    by_voltage: Float[Array, "field layer node"]
    current: Float[Array, ""]
    current_free: Float[Array, ""]
    current_by_voltage: Float[Array, ""]


class Attempt(NamedTuple):
    """Running state of a Newton solve."""

    state: State
    voltage: Float[Array, ""]
    change: Float[Array, ""]
    count: Array


class Point(NamedTuple):
    """A solved bias point."""

    state: State
    voltage: Float[Array, ""]
    status: Array
    iterations: Array


def respond(stack: Stack, state: State, voltage, tangent=None, *, refinements: int = 0) -> Bordered:
    """Solve the linearised balances for minus the present residual and for a unit of voltage.

    With ``tangent``, a change of the residual, that is solved for in place of the residual, and apart from the rest:
    what is mixed with a tangent in one array counts as one, and reverse differentiation could not transpose it.
    """
    system = linearise(stack, state, voltage)
    factors = factor(system.lower, None, system.upper, row_sum=system.row_sum)
    shape = state.high.shape
    at_rest = bool(stack.device.ions) and stack.moving is None
    columns, rows = charge_columns(stack, state.high[0]) if at_rest else (jnp.zeros((0, *shape[1:])),) * 2
    pinned = jnp.zeros(shape[1:], bool).at[0, 0].set(True).at[-1, -1].set(True)  # psi at the electrodes
    charges = [
        jnp.zeros((shape[0], column.size)).at[0].set(-jnp.where(pinned, 0.0, column).ravel()) for column in columns
    ]

    def answers(*sides) -> Float[Array, "side field layer node"]:
        solved = solve(factors, jnp.stack(sides, axis=1), refinements=refinements)
        return jnp.moveaxis(solved, 1, 0).reshape(-1, *shape)

    if tangent is None:
        free, by_voltage, *by_level = answers(-system.residual, -system.by_voltage, *charges)
    else:
        (free,), (by_voltage, *by_level) = answers(-tangent), answers(-system.by_voltage, *charges)
    if at_rest:
        free, by_voltage = (eliminate(one, jnp.stack(by_level), rows) for one in (free, by_voltage))

    def slope(change, dv):
        pieces = change_of_pieces(system.columns, change, dv)
        moving = stack.moving
        return terminal_current(stack, pieces) if moving is None else moving_current(stack, pieces, moving.alpha * dv)

    now = circuit_current(stack, system.pieces, voltage)
    return Bordered(free, by_voltage, now, slope(free, 0.0), slope(by_voltage, 1.0))


def circuit_response(stack: Stack, drive: Drive, voltage, border: Bordered) -> tuple[Array, Array, Array]:
    """The circuit mismatch, its change by the free response, and its slope to the internal voltage."""

    def equation(v, j):
        return mismatch(stack.device, drive, voltage=v, current=j)

    value, by_free = jax.jvp(equation, (voltage, border.current), (jnp.zeros(()), border.current_free))
    _, slope = jax.jvp(equation, (voltage, border.current), (jnp.ones(()), border.current_by_voltage))
    return value, by_free, slope


def _damped(change: Float[Array, "field layer node"], limits: Limits) -> Float[Array, "field layer node"]:
    """Limit psi; make level changes linear in density: E_Fn rises (a up) and E_Fp falls (b down) when carriers
    arrive."""

    def linear_in_density(gain):
        relative = jnp.log1p(jnp.maximum(gain, _EMPTY - 1.0)) + jnp.minimum(gain - (_EMPTY - 1.0), 0.0)
        return jnp.clip(relative, -limits.drop, limits.rise)

    psi = jnp.clip(change[0], -limits.psi, limits.psi)
    ions = [linear_in_density(level) for level in change[4:]]
    return jnp.stack([psi, linear_in_density(change[1]), -linear_in_density(-change[2]), change[3], *ions])


def newton_step(stack: Stack, drive: Drive, attempt: Attempt, limits: Limits) -> Attempt:
    """One damped step."""
    border = respond(stack, attempt.state, attempt.voltage)
    value, by_free, slope = circuit_response(stack, drive, attempt.voltage, border)
    dv = jnp.clip(-(value + by_free) / slope, -_LARGEST_VOLTAGE_STEP, _LARGEST_VOLTAGE_STEP)
    settled = jnp.max(jnp.abs(border.free[:3])) < _SETTLED
    dv = jnp.where(drive.by_current & ~settled, 0.0, dv)
    dv = jnp.where(drive.by_current | (stack.device.series_resistance > 0.0), dv, drive.target - attempt.voltage)
    change = border.free + dv * border.by_voltage
    state = add(attempt.state, _damped(change, limits))
    exciton = jnp.max(jnp.abs(change[3])) / (jnp.max(jnp.abs(state.high[3])) + 1e-30)
    levels = jnp.concatenate([change[:3], change[4:]])
    size = jnp.maximum(jnp.max(jnp.abs(levels)), jnp.maximum(exciton, jnp.abs(dv)))
    return Attempt(state, attempt.voltage + dv, size, attempt.count + 1)


def newton(
    stack: Stack, drive: Drive, state: State, voltage, options: SolverOptions, limits: Limits | None = None
) -> Attempt:
    """Iterate until the last increment is below tolerance, is not finite, or the count is used up."""

    limits = usual(options) if limits is None else limits

    def unsettled(attempt: Attempt):
        unconverged = attempt.change > options.tolerance  # false for nan: stop there
        return unconverged & (attempt.count < limits.iterations)

    start = Attempt(state, voltage, jnp.array(jnp.inf), jnp.array(0))
    return jax.lax.while_loop(unsettled, lambda a: newton_step(stack, drive, a, limits), start)


def equilibrium_guess(stack: Stack) -> State:
    """Straight potential between the electrodes at zero voltage, flat levels, no excitons."""
    zero = jnp.zeros(())
    left, right = (contact_of(stack, side, zero)[1].psi for side in ("left", "right"))
    layers, nodes = stack.position.shape
    ends = jnp.cumsum(stack.position[:, -1])
    place = (jnp.concatenate([jnp.zeros(1), ends[:-1]])[:, None] + stack.position) / ends[-1]
    y = jnp.zeros((4, layers, nodes)).at[0].set(left + (right - left) * place)
    return Compensated(y, jnp.zeros_like(y))


_LN_NO_CHARGE, _SMALLEST_CHARGING = -40.0, 0.01


def charged(stack: Stack, ln_share: Float[Array, ""]) -> Stack:
    """The stack with a share of all its charges, of ions, traps, dopants and sheets too: they count over eps alone."""
    inverse = jnp.exp(-ln_share)
    stack = stack._replace(layers=eqx.tree_at(lambda a: a.eps_r, stack.layers, stack.layers.eps_r * inverse))
    if stack.interfaces is None:
        return stack
    insulator = stack.interfaces.tunnel.eps_r * inverse
    return stack._replace(interfaces=eqx.tree_at(lambda a: a.tunnel.eps_r, stack.interfaces, insulator))


class _Walk(NamedTuple):
    """Continuation: last and last but one solution, their drive values, the step, and what happened.

    Before the first bias step the charges are let in, all at once or else little by little: ``charge`` is ln of the
    share that is in. At once, Newton's method may swing for ever between two states of a potential well.
    """

    state: State
    voltage: Array
    bias: Array
    old: Float[Array, "field layer node"]
    old_voltage: Array
    old_bias: Array
    step: Array
    charge: Array
    charge_step: Array
    arrived: Array
    status: Array
    iterations: Array


def _predict(walk: _Walk, bias) -> tuple[State, Array]:
    """Linear extrapolation in the drive from the last two solutions (the last one itself at the start)."""
    span = walk.bias - walk.old_bias
    share = jnp.where(span == 0.0, 0.0, (bias - walk.bias) / jnp.where(span == 0.0, 1.0, span))
    y = walk.state.high + share * (walk.state.high - walk.old)
    same = share == 0.0
    state = Compensated(jnp.where(same, walk.state.high, y), jnp.where(same, walk.state.low, 0.0))
    return state, walk.voltage + share * (walk.voltage - walk.old_voltage)


def _advance(stack: Stack, target, walk: _Walk, options: SolverOptions) -> _Walk:
    """Try one step of the bias (or, before that, of the charge); keep it and lengthen the next, or shorten it."""
    charging = walk.charge < 0.0
    charge = jnp.minimum(walk.charge + walk.charge_step, 0.0)
    bias = jnp.where(charging, walk.bias, walk.bias + jnp.clip(target - walk.bias, -walk.step, walk.step))
    state, voltage = _predict(walk, bias)
    attempt = newton(charged(stack, charge), Drive(jnp.array(False), bias), state, voltage, options)
    good = attempt.change <= options.tolerance
    finite = jnp.isfinite(attempt.change)
    step = jnp.where(good, jnp.minimum(1.5 * walk.step, 1.0), 0.5 * jnp.minimum(walk.step, jnp.abs(target - walk.bias)))
    step = jnp.where(charging, walk.step, step)
    charge_step = jnp.where(good, 1.5, 0.3) * walk.charge_step
    short = jnp.where(charging, charge_step < _SMALLEST_CHARGING, step < options.smallest_step)
    code = jnp.where(~good & short, jnp.where(finite, status.STEP_TOO_SMALL, status.NOT_FINITE), status.CONVERGED)
    pick = lambda new, old: jax.tree.map(lambda a, b: jnp.where(good, a, b), new, old)  # noqa: E731
    moved = walk._replace(
        state=attempt.state,
        voltage=attempt.voltage,
        bias=bias,
        old=walk.state.high,
        old_voltage=walk.voltage,
        old_bias=walk.bias,
        charge=charge,
    )
    return pick(moved, walk)._replace(
        step=step,
        charge_step=charge_step,
        arrived=good & (bias == target) & (charge == 0.0),
        status=code,
        iterations=walk.iterations + attempt.count,
    )


def sweep_states(stack: Stack, voltages: Float[Array, " point"], options: SolverOptions) -> Point:
    """Solve at each external voltage (V) in turn, starting from equilibrium; arrays of points."""
    guess, zero = equilibrium_guess(stack), jnp.zeros(())
    first = _Walk(
        guess,
        zero,
        zero,
        guess.high,
        zero,
        zero,
        jnp.array(options.first_step),
        jnp.array(_LN_NO_CHARGE),
        jnp.array(-_LN_NO_CHARGE),
        jnp.array(False),
        jnp.array(0),
        jnp.array(0),
    )

    def to_target(walk: _Walk, target):
        walk = walk._replace(arrived=jnp.array(False), status=jnp.array(status.CONVERGED), iterations=jnp.array(0))
        walk = walk._replace(step=jnp.maximum(walk.step, 10.0 * options.smallest_step))
        walk = jax.lax.while_loop(
            lambda w: ~w.arrived & (w.status == status.CONVERGED), lambda w: _advance(stack, target, w, options), walk
        )
        return walk, Point(walk.state, walk.voltage, walk.status, walk.iterations)

    targets = jnp.concatenate([jnp.zeros(1), voltages])
    _, points = jax.lax.scan(to_target, first, targets)
    return jax.tree.map(lambda v: v[1:], points)


def polish(stack: Stack, drive: Drive, state: State, voltage, options: SolverOptions) -> Point:
    """Solve from a near state, without continuation; again with ever smaller steps where that fails."""

    ladder = [usual(options), *(Limits(*map(jnp.asarray, limits)) for limits in _CAREFUL)]

    def attempt(tried):
        number, _, iterations = tried
        limits = Limits(*(jnp.stack(values)[number] for values in zip(*ladder, strict=True)))
        found = newton(stack, drive, state, voltage, options, limits)
        return number + 1, found, iterations + found.count

    start = Attempt(state, voltage, jnp.array(jnp.inf), jnp.array(0))
    _, found, iterations = jax.lax.while_loop(
        lambda tried: (tried[0] < len(ladder)) & ~(tried[1].change <= options.tolerance),
        attempt,
        (jnp.array(0), start, jnp.array(0)),
    )
    good = found.change <= options.tolerance
    failure = jnp.where(jnp.isfinite(found.change), status.NOT_CONVERGED, status.NOT_FINITE)
    return Point(found.state, found.voltage, jnp.where(good, status.CONVERGED, failure), iterations)
