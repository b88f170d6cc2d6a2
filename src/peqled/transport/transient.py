"""Time-dependent operation: a voltage (or current) that changes with time, with everything that the device stores.

Stored are electrons, holes, excitons, the charge on the electrodes and, where the device has them, mobile ions; traps
follow their carriers at once. Each step is the two-stage diagonally implicit Runge-Kutta method of order two that is
L-stable (Alexander, SIAM J. Numer. Anal. 14, 1006 (1977), 10.1137/0714068), gamma = 1 - 1/sqrt(2): both stages are
Newton solves of the same balances with the term

    alpha S(u) - history,    alpha = 1/(gamma dt).

The difference of the two stage slopes bounds the error of a step; it sets the next one.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.numerics.compensated import Compensated
from peqled.numerics.mesh import MeshOptions
from peqled.programs import stored
from peqled.transport import status
from peqled.transport.assembly import (
    Moving,
    Stack,
    ambient_of,
    circuit_current,
    lay_out,
    local_values,
    terminal_current,
    with_ions,
)
from peqled.transport.cell import EXCITON_SCALE, carriers, ion_densities
from peqled.transport.circuit import Drive, external_current
from peqled.transport.device import Device
from peqled.transport.ions import ion_levels
from peqled.transport.newton import Point, SolverOptions, newton, sweep_states
from peqled.transport.observables import photon_flux

GAMMA = 1.0 - 2.0**-0.5
DIM = 1e12
"""1/m3; excitons fewer than this need no accuracy: in 100 nm with 1e8 radiative decays per second each they give 1e13
photons/(m2 s), a thousandth of 1 cd/m2 of green light."""


class Trace(status.Solved):
    """What is read at the wanted times. SI: s, V (at the terminals), A/m2, photons per (m2 s); ``ions`` at the nodes,
    1/m3; ``status`` as of a bias point; ``steps`` taken so far."""

    time: Float[Array, " time"]
    voltage: Float[Array, " time"]
    current: Float[Array, " time"]
    photon_flux: Float[Array, " time"]
    electrons: Float[Array, "time node"]
    holes: Float[Array, "time node"]
    ions: Float[Array, "time species node"]
    steps: Array


class Steps(NamedTuple):
    """Tolerance of a step relative to the largest density of each kind (of excitons, at least ``DIM``), its first
    length and its least (s)."""

    tolerance: float = 1e-3
    first: float = 1e-12
    smallest: float = 1e-16


class _Moment(NamedTuple):
    """The state at one time, what it stores, and how to go on."""

    time: Array
    state: Compensated
    voltage: Array
    stored: Array
    current: Array
    step: Array
    status: Array
    steps: Array


def stored_amounts(stack: Stack, state: Compensated, voltage) -> Float[Array, "stored layer node"]:
    """Densities of electrons, holes, excitons and ions at the nodes, 1/m3; ``stack`` with the terms of a time step."""
    u = tuple(state.high)
    ambient = ambient_of(stack, voltage)
    c = carriers(u, stack.layers, ambient)
    ions = ion_densities(u, with_ions(stack, u[0]).data, ambient)
    return jnp.stack([c.n.density, c.p.density, u[3] * EXCITON_SCALE, *ions])


def rested(
    device: Device, voltage: Float[Array, ""], options: MeshOptions, solver: SolverOptions
) -> tuple[Stack, Point]:
    """Steady state at the first external voltage, with the ions' levels as unknowns of the nodes."""
    if device.left.image_force or device.right.image_force or device.heated:
        raise ValueError("image_force and heated are known for steady solutions only: set them to False")
    stack = lay_out(device, options)
    ladder = voltage * jnp.linspace(0.0, 1.0, 9)[1:]
    point = jax.tree.map(lambda leaf: leaf[-1], sweep_states(stack, ladder, solver))
    levels = ion_levels(stack, point.state.high[0])
    levels = jnp.where(jnp.isfinite(levels), levels, 0.0)
    high = jnp.concatenate([point.state.high, levels])
    low = jnp.concatenate([point.state.low, 0.0 * levels])
    return stack, point._replace(state=Compensated(high, low))


def still(stack: Stack, alpha: float) -> Stack:
    """The stack with the terms of a time step at no history."""
    nothing = jnp.zeros((3 + len(stack.device.ions), *stack.position.shape))
    return _moving(stack, jnp.asarray(alpha), nothing, jnp.zeros(()))


def _moving(stack: Stack, alpha, history, voltage_history) -> Stack:
    return stack._replace(moving=Moving(alpha, history, voltage_history))


def _try_step(
    stack: Stack, moment: _Moment, step: Array, target: Array, middle: Array, by_current: bool, solver: SolverOptions
) -> tuple[_Moment, Array]:
    """Both stages over ``step``; the new moment and the error of the step relative to its tolerance of one."""
    alpha = 1.0 / (GAMMA * step)
    early = alpha * moment.stored, alpha * moment.voltage
    one = _moving(stack, alpha, *early)
    first = newton(one, Drive(jnp.array(by_current), middle), moment.state, moment.voltage, solver)
    between = stored_amounts(one, first.state, first.voltage)
    share = (1.0 - GAMMA) / GAMMA
    late = (
        alpha * (moment.stored + share * (between - moment.stored)),
        alpha * (moment.voltage + share * (first.voltage - moment.voltage)),
    )
    two = _moving(stack, alpha, *late)
    second = newton(two, Drive(jnp.array(by_current), target), first.state, first.voltage, solver)
    final = stored_amounts(two, second.state, second.voltage)
    slopes = alpha * (between - moment.stored), alpha * final - late[0]
    largest = jnp.max(jnp.maximum(final, moment.stored), axis=(1, 2), keepdims=True)
    error = jnp.max(jnp.abs(step * (1.0 - GAMMA) * (slopes[0] - slopes[1])) / (largest + 1.0).at[2].add(DIM))
    settled = (first.change <= solver.tolerance) & (second.change <= solver.tolerance)
    flowing = circuit_current(two, local_values(two, second.state, second.voltage), second.voltage)
    current = external_current(stack.device, voltage=second.voltage, current=flowing)
    new = moment._replace(
        time=moment.time + step, state=second.state, voltage=second.voltage, stored=final, current=current
    )
    return new, jnp.where(settled & jnp.isfinite(error), error, jnp.inf)


@stored(static_argnames=("by_current", "mesh_options", "solver", "steps"))
def transient(
    device: Device,
    times: Float[Array, " time"],
    drive: Float[Array, " time"],
    *,
    initial: Float[Array, ""] | float = 0.0,
    by_current: bool = False,
    mesh_options: MeshOptions = MeshOptions(cells_per_layer=63),
    solver: SolverOptions = SolverOptions(tolerance=1e-6),
    steps: Steps = Steps(),
) -> Trace:
    """Follow a drive in time.

    Args:
        device: the device; mobile ions drift and diffuse with their mobilities.
        times: s, increasing, the first one after 0.
        drive: voltage at the terminals (V), or current density (A/m2) if ``by_current``, at ``times``; linear between,
            and from its value at rest, at time 0, to the first of them: a short first time makes a step.
        initial: voltage (V) at which the device has rested before time 0.
        by_current: which of the two is given.
    """
    begin = jnp.asarray(initial, float)
    stack, start = rested(device, begin, mesh_options, solver)
    calm = still(stack, 0.0)
    held = stored_amounts(calm, start.state, start.voltage)
    flowing = terminal_current(calm, local_values(calm, start.state, start.voltage))
    current = external_current(device, voltage=start.voltage, current=flowing)
    knots = jnp.concatenate([jnp.zeros(1), times])
    levels = jnp.concatenate([(current if by_current else begin)[None], drive])
    moment = _Moment(
        jnp.zeros(()),
        start.state,
        start.voltage,
        held,
        current,
        jnp.array(steps.first),
        start.status,
        jnp.array(0),
    )

    def to_time(moment: _Moment, end: Array) -> tuple[_Moment, tuple]:
        def advance(moment: _Moment) -> _Moment:
            left = end - moment.time
            step = jnp.where(moment.step > 0.99 * left, left, jnp.minimum(moment.step, 0.5 * left))
            at = lambda time: jnp.interp(time, knots, levels)  # noqa: E731
            new, error = _try_step(
                stack, moment, step, at(moment.time + step), at(moment.time + GAMMA * step), by_current, solver
            )
            good = error <= steps.tolerance
            factor = jnp.clip(0.9 * jnp.sqrt(steps.tolerance / jnp.maximum(error, 1e-30)), 0.2, 4.0)
            factor = jnp.where(jnp.isfinite(error), factor, 0.2)
            kept = jax.tree.map(lambda a, b: jnp.where(good, a, b), new, moment)
            lost = ~good & (step * factor < steps.smallest)
            whole = good & (step < moment.step)  # cut short by the wanted time: keep the longer step for later
            return kept._replace(
                time=jnp.where(good & (step == left), end, kept.time),
                step=jnp.where(whole, jnp.maximum(moment.step, step * factor), step * factor),
                status=jnp.where(lost, status.TIME_STEP_TOO_SMALL, moment.status),
                steps=moment.steps + 1,
            )

        done = jax.lax.while_loop(lambda m: (m.time < end) & (m.status == status.CONVERGED), advance, moment)
        return done, _read(stack, done)

    _, seen = jax.lax.scan(to_time, moment, times)
    return Trace(*seen)


def _read(stack: Stack, moment: _Moment) -> tuple:
    """What the instruments show, in the order of ``Trace``."""
    device = stack.device
    photons = photon_flux(still(stack, 0.0), moment.state.high, moment.voltage)
    outside = moment.voltage + device.series_resistance * moment.current
    n, p, _, *ions = moment.stored.reshape(len(moment.stored), -1)
    ions = jnp.stack(ions) if ions else jnp.zeros((0, n.size))
    return moment.status, moment.time, outside, moment.current, photons, n, p, ions, moment.steps
