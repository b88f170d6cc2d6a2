"""Current-voltage sweeps: the two functions most callers need.

``solve_jv`` walks through voltages from equilibrium, ``solve_at_current`` finds the points of given currents. Both
return
a ``Sweep`` whose every number can be differentiated with respect to every number of the device (``jax.jvp``).
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.numerics.compensated import Compensated
from peqled.numerics.mesh import MeshOptions, boxes, prolong
from peqled.programs import stored
from peqled.transport import status
from peqled.transport.assembly import Stack, lay_out, local_values, terminal_current
from peqled.transport.circuit import Drive, external_current
from peqled.transport.device import Device
from peqled.transport.heat import attached_rise, settle, warmed
from peqled.transport.newton import Point, SolverOptions, polish, sweep_states
from peqled.transport.observables import Observed, observe
from peqled.transport.sensitivity import attach


class Sweep(status.Solved):
    """Solved bias points, point first. ``at``: all observables; ``status``: see ``messages``; ``position``, ``box``:
    node
    positions and box widths, m; ``extrapolated``: current (A/m2) at zero mesh width, ``mesh_error``: its distance
    estimate
    |J_fine - J_coarse|/3 (nan where only one mesh was used); ``temperature``: of the stack, K."""

    at: Observed
    iterations: Array
    position: Float[Array, " node"]
    box: Float[Array, " node"]
    extrapolated: Float[Array, " point"]
    mesh_error: Float[Array, " point"]
    temperature: Float[Array, " point"]

    @property
    def voltage(self) -> Float[Array, " point"]:
        """External voltage, V."""
        return self.at.voltage

    @property
    def current(self) -> Float[Array, " point"]:
        """External current density, A/m2, positive in forward direction."""
        return self.at.current

    @property
    def photon_flux(self) -> Float[Array, " point"]:
        """Photons leaving, 1/(m2 s)."""
        return self.at.photon_flux


LARGEST_SPREAD = 1e-6
"""Of J_n + J_p along the stack, relative to the current, in a point that counts as solved; Newton's method leaves the
square of its last increment, far less."""
NOISE = 1e-3
"""A/m2; a smaller current is held to the spread of this one."""


def _conserved(device: Device, code: Array, at: Observed) -> Array:
    """The status of points, revoked where the last increment was small and the current still is not conserved."""
    conduction = jnp.abs(at.current - external_current(device, voltage=at.internal_voltage, current=0.0))
    lost = at.certificates.spread * conduction > LARGEST_SPREAD * jnp.maximum(conduction, NOISE)
    return jnp.where((code == status.CONVERGED) & lost, status.NOT_CONSERVED, code)


def _fixed(tree):
    return jax.tree.map(jax.lax.stop_gradient, tree)


def _observe_points(device: Device, options: MeshOptions, by_current: bool, targets, points: Point, rises) -> Sweep:
    """Attach the derivatives and evaluate every point, ``rises`` (K) above the device's temperature."""

    def one(target, point, rise):
        own = device
        if device.heated:
            own = warmed(device, attached_rise(device, options, by_current, target, point, rise))
        high, voltage = attach(options, by_current, own, target, point.state, point.voltage)
        return observe(lay_out(own, options), Compensated(high, point.state.low), voltage), own.temperature

    at, temperature = jax.vmap(one)(targets, points, rises)
    stack = lay_out(device, options)
    ends = jnp.cumsum(stack.position[:, -1])
    position = jnp.concatenate([jnp.zeros(1), ends[:-1]])[:, None] + stack.position
    box = boxes(stack.width)
    unknown = jnp.full_like(points.voltage, jnp.nan)
    code = _conserved(device, points.status, at)
    return Sweep(code, at, points.iterations, position.ravel(), box.ravel(), at.current, unknown, temperature)


def _prolonged(y: Float[Array, "field layer node"]) -> Float[Array, "field layer fine"]:
    """Unknowns on the nested mesh. What varies less between two nodes is averaged, as a density: the level, where it is
    flat next to a contact, or the carriers, where level and potential run against each other in the drift."""
    psi, a, b, x = y
    between = prolong(psi)[..., 1::2]

    def mean(values):
        return jnp.logaddexp(values[..., :-1], values[..., 1:]) - jnp.log(2.0)

    def refined(level, potential, middle):
        filling = level + potential
        flat = jnp.abs(jnp.diff(level)) < jnp.abs(jnp.diff(filling))
        return prolong(level).at[..., 1::2].set(jnp.where(flat, mean(level), mean(filling) - middle))

    return jnp.stack([prolong(psi), refined(a, psi, between), -refined(-b, -psi, -between), prolong(x)])


def _refine(stack: Stack, by_current: bool, targets, points: Point, solver: SolverOptions) -> Point:
    """Carry coarse solutions to the nested mesh and finish them there; what the mesh changed at one point is a good
    guess of what it changes at the next."""

    def one(changed, arguments):
        target, point = arguments
        carried = _prolonged(point.state.high)
        high = carried + changed
        fine = polish(stack, Drive(jnp.array(by_current), target), Compensated(high, 0.0 * high), point.voltage, solver)
        changed = jnp.where(fine.status == status.CONVERGED, fine.state.high - carried, 0.0)
        return changed, fine._replace(
            status=jnp.maximum(fine.status, point.status), iterations=fine.iterations + point.iterations
        )

    none = jnp.zeros((4, *stack.position.shape))
    return jax.lax.scan(one, none, (targets, points))[1]


def _finish(
    device: Device, options: MeshOptions, solver: SolverOptions, by_current: bool, targets, points, mesh_error
) -> Sweep:
    """Observe on the mesh, and on the nested one where an error estimate is wanted."""

    def seen(options: MeshOptions, points: Point) -> Sweep:
        rises = jnp.zeros_like(points.voltage)
        if device.heated:
            points, rises = settle(_fixed(device), options, by_current, _fixed(targets), points, solver)
        return _observe_points(device, options, by_current, targets, points, rises)

    coarse = seen(options, points)
    if not mesh_error:
        return coarse
    fine_options = options.refined()
    fine = seen(
        fine_options, _refine(lay_out(_fixed(device), fine_options), by_current, _fixed(targets), points, solver)
    )
    difference = (fine.current - coarse.current) / 3.0
    better = (fine.current + difference, jnp.abs(difference))
    return eqx.tree_at(lambda s: (s.extrapolated, s.mesh_error), fine, better)


@stored(static_argnames=("mesh_options", "solver", "mesh_error"))
def solve_jv(
    device: Device,
    voltages: Float[Array, " point"],
    *,
    mesh_options: MeshOptions = MeshOptions(),
    solver: SolverOptions = SolverOptions(),
    mesh_error: bool = False,
) -> Sweep:
    """Solve at external ``voltages`` (V), in the order given, starting from equilibrium.

    With ``mesh_error`` every point is solved again on the nested mesh with half the spacings; profiles and currents are
    those
    of the finer mesh.
    """
    points = sweep_states(lay_out(_fixed(device), mesh_options), _fixed(voltages), solver)
    return _finish(device, mesh_options, solver, False, voltages, points, mesh_error)


def _points_at_currents(stack: Stack, currents, ladder: Point, solver: SolverOptions) -> Point:
    """Start each current from the two ladder points around it (in log J) and finish with the bordered Newton."""

    def conduction(state, voltage):
        return terminal_current(stack, local_values(stack, state, voltage))

    known = external_current(
        stack.device, voltage=ladder.voltage, current=jax.vmap(conduction)(ladder.state, ladder.voltage)
    )
    logs = jnp.log(jnp.maximum(known, 1e-300))

    def one(current):
        upper = jnp.clip(jnp.searchsorted(known, current), 1, known.size - 1)
        share = jnp.clip((jnp.log(current) - logs[upper - 1]) / (logs[upper] - logs[upper - 1]), 0.0, 1.0)
        low, high = (jax.tree.map(lambda v, i=i: v[i], (ladder.state.high, ladder.voltage)) for i in (upper - 1, upper))
        y, voltage = jax.tree.map(lambda a, b: (1.0 - share) * a + share * b, low, high)
        point = polish(stack, Drive(jnp.array(True), current), Compensated(y, 0.0 * y), voltage, solver)
        inside = (current <= known[-1]) & (current > 0.0)
        return point._replace(status=jnp.where(inside, point.status, status.OUT_OF_RANGE))

    return jax.lax.map(one, currents)


@stored(static_argnames=("mesh_options", "solver", "mesh_error", "voltage_limit", "rungs"))
def solve_at_current(
    device: Device,
    currents: Float[Array, " point"],
    *,
    voltage_limit: float = 10.0,
    rungs: int = 40,
    mesh_options: MeshOptions = MeshOptions(),
    solver: SolverOptions = SolverOptions(),
    mesh_error: bool = False,
) -> Sweep:
    """Solve at external ``currents`` (A/m2, positive), found between ``rungs`` voltages up to ``voltage_limit`` (V)."""
    stack = lay_out(_fixed(device), mesh_options)
    ladder = sweep_states(stack, jnp.linspace(0.0, voltage_limit, rungs + 1)[1:], solver)
    points = _points_at_currents(stack, _fixed(currents), ladder, solver)
    return _finish(device, mesh_options, solver, True, currents, points, mesh_error)
