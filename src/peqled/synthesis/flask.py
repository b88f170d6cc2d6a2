"""One flask from the precursor to the quenched dots, in time.

Sources and equations are with each law; the numerical rules are those of reference note 4: discrete fluxes feed the
monomer, the integrator restarts at each event, and a published width needs n and 2n cells.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from peqled.numerics import arrow
from peqled.numerics.finite_volume import Scheme, make_grid
from peqled.numerics.rosenbrock import Algebra, StiffOptions, solve_stiff
from peqled.programs import stored
from peqled.synthesis.aggregation import pair_table
from peqled.synthesis.equations import CellEquations, beginning, breaks_of, head_tolerances
from peqled.synthesis.history import FlaskResult, history_of
from peqled.synthesis.population import Population
from peqled.synthesis.precursor import Flask, as_precursor
from peqled.synthesis.speciation import Equilibrium

L_MIN, L_MAX = 0.9e-9, 30e-9  # m; geometric cells, because nuclei are born in a spike near 2 nm
ARROW = Algebra(arrow.factor, arrow.solve, arrow.product)


def default_times() -> Float[np.ndarray, " time"]:
    """80 instants from 0 to 600 s, fine in the first two seconds."""
    early = np.concatenate([[0.0], np.geomspace(1e-3, 0.02, 9), np.linspace(0.03, 0.3, 20), np.linspace(0.4, 2.0, 17)])
    return np.concatenate([early, [3.0], np.geomspace(3.2, 600.0, 32)])


def times_until(duration: float) -> Float[np.ndarray, " time"]:
    """As many instants as `default_times`, from 0 to `duration` (s) and spread like it: one program serves them all."""
    standard = default_times()
    kept = np.append(standard[standard < duration], duration)
    if kept.size == standard.size:
        return kept
    return np.interp(np.linspace(0, kept.size - 1, standard.size), np.arange(kept.size), kept)


def simulate_flask(
    flask: Flask,
    times: Float[Array, " time"] | None = None,
    *,
    cells: int = 200,
    scheme: Scheme = "weno",
    rtol: float = 1e-5,
    largest: float = L_MAX,
) -> FlaskResult:
    """Run a flask from injection (t = 0) to the last of `times` (s, increasing), dots from 0.9 nm to `largest` (m)."""
    times = jnp.asarray(default_times() if times is None else times, float)
    aggregates = _aggregates(flask)
    flask = jax.tree.map(lambda x: jnp.asarray(x, float), flask)
    return _simulate(
        flask, times, jnp.asarray(rtol), cells=cells, scheme=scheme, aggregates=aggregates, largest=largest
    )


def _aggregates(flask: Flask) -> bool:
    """Whether dots may aggregate: not where the constant kernel is a known zero."""
    kernel = flask.kinetics.aggregation
    zero = not isinstance(kernel, jax.core.Tracer) and not np.any(np.asarray(kernel) != 0)
    return not (zero and flask.collisions == "constant")


@stored(static_argnames=("cells", "scheme", "aggregates", "largest"))
def _simulate(
    flask: Flask, times: Array, rtol: Array, *, cells: int, scheme: Scheme, aggregates: bool, largest: float
) -> FlaskResult:
    model, y0, rest = _assemble(flask, times[-1], cells=cells, scheme=scheme, aggregates=aggregates, largest=largest)
    found = solve_stiff(
        model.rhs,
        y0,
        times,
        options=_options(cells, rtol),
        jacobian=model.jacobian,
        algebra=ARROW,
        breaks=breaks_of(flask, times[-1]),
        jump=model.jump,
    )
    return history_of(model, times, y0, found, as_precursor(rest))


def _assemble(
    flask: Flask, end: Array, *, cells: int, scheme: Scheme, aggregates: bool, largest: float
) -> tuple[CellEquations, Array, Equilibrium]:
    """The equations of a flask, its state at injection, and the precursor at rest."""
    rest, head, mixture, starts, portions = beginning(flask, end)
    grid = make_grid(L_MIN, largest, cells, "geometric")
    pairs = pair_table(grid.pivot**3, flask.collisions)
    population = Population(grid, pairs, flask.kinetics, scheme, aggregates)
    model = CellEquations(flask, mixture, population, starts, portions)
    return model, jnp.concatenate([head, jnp.zeros(cells)]), rest


class Problem(NamedTuple):
    """The bare initial value problem of a flask, for integrators other than its own.

    y' = rhs(y, segment) between `breaks` (s); at the start of each segment `jump(y, segment)` replaces y.
    """

    rhs: Callable[[Array, Array], Array]
    jump: Callable[[Array, Array], Array]
    initial: Float[Array, " state"]
    breaks: Float[Array, " segment"]
    atol: Float[Array, " state"]


def flask_problem(flask: Flask, times: Float[Array, " time"], *, cells: int = 200, largest: float = L_MAX) -> Problem:
    """The equations that `simulate_flask` solves, without aggregation where its kernel is zero."""
    flask = jax.tree.map(lambda x: jnp.asarray(x, float), flask)
    aggregates = _aggregates(flask)
    model, y0, _ = _assemble(flask, times[-1], cells=cells, scheme="weno", aggregates=aggregates, largest=largest)
    atol = jnp.asarray(_options(cells, jnp.asarray(1e-5)).atol)
    return Problem(model.rhs, model.jump, y0, breaks_of(flask, times[-1]), atol)


def _options(cells: int, rtol: Array) -> StiffOptions:
    """Tolerances per state; at the default rtol 1e-8 mol/m3, 1e-3 K, and 1e-6 of a count unit per cell."""
    sharp = rtol / 1e-5
    atol = jnp.concatenate([head_tolerances(), jnp.full(cells, 1e-6)])
    return StiffOptions(rtol=rtol, atol=sharp * atol, max_steps=20000)
