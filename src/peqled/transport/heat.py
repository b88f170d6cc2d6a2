"""Self-heating: one temperature for the stack, fed back into every law that depends on it.

    T = T_ambient + R_th (J V - h nu Phi)         (transport reference 2.16, lumped and steady; R_th in K m2/W)

The balances are solved at a trial temperature, from the last trial's unknowns carried on along their derivative; the
rise follows by the secant method. Its derivatives come from the same equation (implicit function theorem).
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.numerics.compensated import Compensated
from peqled.numerics.mesh import MeshOptions
from peqled.transport import status
from peqled.transport.assembly import lay_out, local_values, terminal_current
from peqled.transport.circuit import Drive, external_current, external_voltage
from peqled.transport.device import Device
from peqled.transport.newton import Point, SolverOptions, polish
from peqled.transport.observables import photon_flux
from peqled.transport.sensitivity import attach

_TRIALS = 40
_FIRST_STEP = 3.0  # K; over which the unknowns are extrapolated from one trial to the next
_HOTTEST = 1000.0  # K of rise; no layer of such a stack survives a fraction of it
_SETTLED = 1e-7  # K


class _Trial(NamedTuple):
    """Secant iteration: the solution at a rise (K), what that rise should be less what it is, the trial before."""

    point: Point
    rise: Array
    excess: Array
    old_rise: Array
    old_excess: Array
    count: Array


def warmed(device: Device, rise: Float[Array, ""]) -> Device:
    """The device at its temperature plus ``rise`` (K)."""
    return eqx.tree_at(lambda d: d.temperature, device, device.temperature + rise)


def heat(device: Device, options: MeshOptions, y: Float[Array, "field layer node"], low, voltage) -> Float[Array, ""]:
    """Electrical power that does not leave as light, W/m2, at an internal voltage (V)."""
    stack = lay_out(device, options)
    conduction = terminal_current(stack, local_values(stack, Compensated(y, low), voltage))
    electrical = external_current(device, voltage=voltage, current=conduction) * external_voltage(
        device, voltage=voltage, current=conduction
    )
    return electrical - device.photon_energy * device.constants.q * photon_flux(stack, y, voltage)


def settle(
    device: Device, options: MeshOptions, by_current: bool, targets, points: Point, solver: SolverOptions
) -> tuple[Point, Float[Array, " point"]]:
    """Solutions at their own temperatures and the rises (K), from solutions at the ambient temperature."""

    def solved(target, guess: Point, old_rise, rise) -> tuple[Point, Array]:
        hot = warmed(device, rise)

        def unknowns(r):
            return attach(options, by_current, warmed(device, r), target, guess.state, guess.voltage)

        (high, voltage), (change, shift) = jax.jvp(unknowns, (old_rise,), (rise - old_rise,))
        state = Compensated(high + change, 0.0 * high)
        found = polish(lay_out(hot, options), Drive(jnp.array(by_current), target), state, voltage + shift, solver)
        rise_wanted = device.thermal_resistance * heat(hot, options, found.state.high, found.state.low, found.voltage)
        return found, rise_wanted - rise

    def one(arguments):
        target, cold = arguments
        zero = jnp.zeros(())
        point, excess = solved(target, cold, zero, zero)
        start = _Trial(point, zero, excess, zero, jnp.array(jnp.nan), jnp.array(0))

        def better(trial: _Trial) -> _Trial:
            step = -trial.excess * (trial.rise - trial.old_rise) / (trial.excess - trial.old_excess)
            first = trial.count == 0
            step = jnp.where(first | ~jnp.isfinite(step), trial.excess, step)
            limit = _FIRST_STEP + 0.2 * jnp.abs(trial.rise)
            rise = jnp.maximum(trial.rise + jnp.clip(step, -limit, limit), -0.5 * device.temperature)
            point, excess = solved(target, trial.point, trial.rise, rise)
            return _Trial(point, rise, excess, trial.rise, trial.excess, trial.count + 1)

        def open_(trial: _Trial):
            sound = (trial.point.status == status.CONVERGED) & (trial.rise < _HOTTEST)
            return sound & (jnp.abs(trial.excess) > _SETTLED) & (trial.count < _TRIALS)

        last = jax.lax.while_loop(open_, better, start)
        rests = (jnp.abs(last.excess) <= _SETTLED) & (last.point.status == status.CONVERGED)
        warm = jnp.where(rests, status.CONVERGED, status.THERMAL_RUNAWAY)
        code = jnp.where(cold.status == status.CONVERGED, warm, cold.status)
        return last.point._replace(status=code, iterations=cold.iterations + last.point.iterations), last.rise

    return jax.lax.map(one, (targets, points))


def attached_rise(
    device: Device, options: MeshOptions, by_current: bool, target, point: Point, rise: Float[Array, ""]
) -> Float[Array, ""]:
    """The rise (K), unchanged, made a differentiable function of ``device`` and ``target``."""

    def excess(device, target, rise):
        hot = warmed(device, rise)
        high, voltage = attach(options, by_current, hot, target, point.state, point.voltage)
        return rise - device.thermal_resistance * heat(hot, options, high, point.state.low, voltage)

    fixed = jax.tree.map(jax.lax.stop_gradient, (device, target, rise))
    slope = jax.jvp(lambda r: excess(fixed[0], fixed[1], r), (fixed[2],), (jnp.ones(()),))[1]
    change = excess(device, target, fixed[2]) / slope
    return fixed[2] - (change - jax.lax.stop_gradient(change))
