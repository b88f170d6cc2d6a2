"""An adaptive, L-stable integrator for stiff ordinary differential equations.

Rodas5P, eight stages, order 5 with an embedded order 4: Steinebach, BIT 63, 27 (2023), 10.1007/s10543-023-00967-x.
For the autonomous system y' = f(y), with W = 1/(γh) - ∂f/∂y factored once per step,

    W k_i = f(y + Σ_j a_ij k_j) + Σ_j c_ij k_j / h,     y_new = y + Σ_j a_8j k_j + k_8,     error = k_8 .

The method is linear in f, so every linear invariant of f (an element balance) is kept to round-off provided the
Jacobian keeps it too. Outputs come from the method's own fourth-order interpolant. Time enters as a state if it must.

Derivatives are forward mode through the loop. The step sizes are taken as constants (`stop_gradient`): the derivative
is then that of the discrete solution on a fixed mesh. The factors of W are held constant as well, which is exact
because the derivative of the solve is written with the solve itself.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

GAMMA = 0.21193756319429014
_A6 = [-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256, 0.030198172008377946]
_A = [
    [],
    [3.0],
    [2.849394379747939, 0.45842242204463923],
    [-6.954028509809101, 2.489845061869568, -10.358996098473584],
    [2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641],
    _A6,
    [*_A6, 1.0],
    [*_A6, 1.0, 1.0],
]
_C = [
    [],
    [-14.155112264123755],
    [-17.97296035885952, -2.859693295451294],
    [147.12150275711716, -1.41221402718213, 71.68940251302358],
    [165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306],
    [24.854864614690072, -3.0009227002832186, 47.4931110020768, 5.5814197821558125, -0.6610691825249471],
    [
        30.91273214028599,
        -3.1208243349937974,
        77.79954646070892,
        34.28646028294783,
        -19.097331116725623,
        -28.087943162872662,
    ],
    [
        37.80277123390563,
        -3.2571969029072276,
        112.26918849496327,
        66.9347231244047,
        -40.06618937091002,
        -54.66780262877968,
        -9.48861652309627,
    ],
]
_H = [
    [
        25.948786856663858,
        -2.5579724845846235,
        10.433815404888879,
        -2.3679251022685204,
        0.524948541321073,
        1.1241088310450404,
        0.4272876194431874,
        -0.17202221070155493,
    ],
    [
        -9.91568850695171,
        -0.9689944594115154,
        3.0438037242978453,
        -24.495224566215796,
        20.176138334709044,
        15.98066361424651,
        -6.789040303419874,
        -6.710236069923372,
    ],
    [
        11.419903575922262,
        2.8879645146136994,
        72.92137995996029,
        80.12511834622643,
        -52.072871366152654,
        -59.78993625266729,
        -0.15582684282751913,
        4.883087185713722,
    ],
]
STAGES = 8

OK, MAX_STEPS, STEP_TOO_SMALL = 0, 1, 2
MESSAGES = {
    OK: "finished",
    MAX_STEPS: "step budget used up: loosen rtol, raise max_steps, or look for a rate that oscillates",
    STEP_TOO_SMALL: "step size vanished: a rate is not finite or not continuous near this state",
}


class StiffOptions(eqx.Module):
    """Tolerances and limits of a run. `atol` is a scalar or one value per state."""

    rtol: float | Array = 1e-5
    atol: float | Float[Array, " state"] = 1e-8
    first_step: float | Array = 1e-6
    max_steps: int = eqx.field(static=True, default=4000)


class StiffSolution(NamedTuple):
    value: Float[Array, "time state"]
    steps: Int[Array, ""]
    rejected: Int[Array, ""]
    status: Int[Array, ""]


class Algebra(NamedTuple):
    """How a Jacobian J of some structure is used: `factor(J, s)` of sI - J, `solve(factors, b)`, `product(J, x)`."""

    factor: Callable[[Any, Array], Any]
    solve: Callable[[Any, Array], Array]
    product: Callable[[Any, Array], Array]


DENSE = Algebra(
    lambda j, shift: jax.scipy.linalg.lu_factor(shift * jnp.eye(j.shape[0]) - j),
    lambda factors, b: jax.scipy.linalg.lu_solve(factors, b),
    lambda j, x: j @ x,
)


class _Carry(NamedTuple):
    t: Array
    y: Array
    h: Array
    value: Array
    steps: Array
    rejected: Array
    status: Array


def _lower(rows: list[list[float]]) -> np.ndarray:
    return np.array([row + [0.0] * (STAGES - len(row)) for row in rows])


def _stages(
    rhs: Callable[[Array], Array], jacobian: Any, y: Array, h: Array, algebra: Algebra
) -> Float[Array, "stage state"]:
    shift = 1 / (GAMMA * h)
    factors = algebra.factor(*jax.lax.stop_gradient((jacobian, shift)))

    def solve(b: Array) -> Array:
        return jax.lax.custom_linear_solve(
            lambda x: shift * x - algebra.product(jacobian, x), b, solve=lambda _, r: algebra.solve(factors, r)
        )

    def stage(k: Array, row: tuple[Array, Array, Array]) -> tuple[Array, None]:
        i, a, c = row
        return k.at[i].set(solve(rhs(y + a @ k) + c @ k / h)), None

    rows = (jnp.arange(STAGES), jnp.asarray(_lower(_A)), jnp.asarray(_lower(_C)))
    k, _ = jax.lax.scan(stage, jnp.zeros((STAGES, y.shape[0])), rows)
    return k


def _interpolate(y: Array, y_new: Array, k: Array, theta: Float[Array, " time"]) -> Float[Array, "time state"]:
    d = jnp.asarray(_H) @ k
    x = theta[:, None]
    return (1 - x) * y + x * (y_new + (1 - x) * (d[0] + x * (d[1] + x * d[2])))


def _error_norm(error: Array, y: Array, y_new: Array, options: StiffOptions) -> Array:
    scale = options.atol + options.rtol * jnp.maximum(jnp.abs(y), jnp.abs(y_new))
    return jax.lax.stop_gradient(jnp.sqrt(jnp.mean((error / scale) ** 2)))


def _attempt(
    carry: _Carry,
    end: Array,
    rhs: Callable,
    jacobian: Callable,
    algebra: Algebra,
    times: Array,
    options: StiffOptions,
) -> _Carry:
    left = end - carry.t
    last = carry.h >= left
    h = jnp.where(last, left, carry.h)
    k = _stages(rhs, jacobian(carry.y), carry.y, h, algebra)
    y_new = carry.y + jnp.asarray(_lower(_A))[-1] @ k + k[-1]
    norm = _error_norm(k[-1], carry.y, y_new, options)
    finite = jnp.isfinite(norm) & jnp.all(jnp.isfinite(y_new))
    ok = finite & (norm <= 1.0)
    factor = jnp.where(finite, jnp.clip(0.9 * jnp.maximum(norm, 1e-12) ** -0.2, 0.2, 5.0), 0.2)
    t_new = jnp.where(last, end, carry.t + h)
    due = ok & (times > carry.t) & (times <= t_new)
    y_end = jnp.where(ok, y_new, carry.y)
    dense = _interpolate(carry.y, y_end, jnp.where(ok, k, 0.0), (times - carry.t) / h)
    h_next = jax.lax.stop_gradient(jnp.where(ok & last, jnp.maximum(carry.h, h * factor), h * factor))
    tiny = (~ok) & (h_next < 1e-15 * jnp.maximum(end, 1e-3))
    steps = carry.steps + 1
    status = jnp.where(tiny, STEP_TOO_SMALL, jnp.where(steps >= options.max_steps, MAX_STEPS, OK))
    return _Carry(
        jnp.where(ok, t_new, carry.t),
        y_end,
        h_next,
        jnp.where(due[:, None], dense, carry.value),
        steps,
        carry.rejected + jnp.where(ok, 0, 1),
        status,
    )


def solve_stiff(
    rhs: Callable[[Float[Array, " state"], Int[Array, ""]], Float[Array, " state"]],
    initial: Float[Array, " state"],
    times: Float[Array, " time"],
    *,
    options: StiffOptions,
    jacobian: Callable[[Float[Array, " state"], Int[Array, ""]], Any] | None = None,
    algebra: Algebra = DENSE,
    breaks: Float[Array, " segment"],
    jump: Callable[[Float[Array, " state"], Int[Array, ""]], Float[Array, " state"]] | None = None,
) -> StiffSolution:
    """Integrate y' = rhs(y, segment) from 0 to the last of `breaks`, and report y at `times` (s, increasing).

    breaks : ends of the segments (s), increasing; the integrator restarts behind each with a small step, after
        `jump(y, segment)` has changed the state at the start of that segment. Segments of no length are skipped.
    jacobian : ∂rhs/∂y in the form that `algebra` takes; a dense matrix by forward differentiation when absent.
    """
    jac = jacobian or (lambda y, k: jax.jacfwd(lambda z: rhs(z, k))(y))

    def segment(carry: _Carry, row: tuple[Array, Array]) -> tuple[_Carry, None]:
        index, end = row
        y = carry.y if jump is None else jump(carry.y, index)
        start = carry._replace(y=y, h=jnp.asarray(options.first_step))
        done = jax.lax.while_loop(
            lambda c: (c.t < end) & (c.status == OK),
            lambda c: _attempt(c, end, lambda z: rhs(z, index), lambda z: jac(z, index), algebra, times, options),
            start,
        )
        return done, None

    zero = jnp.zeros((), dtype=int)
    value = jnp.broadcast_to(initial, (times.shape[0], initial.shape[0]))
    start = _Carry(jnp.zeros(()), initial, jnp.asarray(options.first_step), value, zero, zero, zero)
    done, _ = jax.lax.scan(segment, start, (jnp.arange(breaks.shape[0]), breaks))
    return StiffSolution(done.value, done.steps, done.rejected, done.status)
