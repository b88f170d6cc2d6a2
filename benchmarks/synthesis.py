"""Speed of the flask: CPU seconds per run, growth with the number of size classes, a derivative, and SciPy's BDF.

    python benchmarks/synthesis.py [--quick]

The control flask of the paper from injection to 600 s. Times are CPU seconds of a warm program (best of three), which
a busy machine changes little; compiling is listed apart. SciPy's BDF integrates the same right-hand side (the same
compiled function) with the same tolerances and its own dense finite-difference Jacobian, restarted at the same events.
"""

from __future__ import annotations

import json
import platform
import sys
import time

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from scipy.integrate import solve_ivp

import peqled
from peqled.parameters import parameters_of
from peqled.recipe import load_recipe
from peqled.synthesis import default_times, simulate_flask
from peqled.synthesis.flask import flask_problem
from peqled.synthesis.precursor import Flask
from peqled.synthesis.stage import build_flask

TIMES = jnp.asarray(default_times())
BUDGET = {"run_200": 0.5, "aggregating_200": 3.0, "gradient_ratio": 5.0, "scipy_ratio": 3.0}


def control(*, aggregation: bool) -> Flask:
    """The paper's control flask, with or without aggregation."""
    flask = build_flask(parameters_of(load_recipe("oa-oam")))
    return flask if aggregation else eqx.tree_at(lambda f: f.kinetics.aggregation, flask, jnp.zeros(()))


def cpu_seconds(call, *, repeats: int = 3) -> tuple[float, float]:
    """First call in wall seconds, best of `repeats` further ones in CPU seconds."""
    begun = time.perf_counter()
    jax.block_until_ready(call())
    first, best = time.perf_counter() - begun, np.inf
    for _ in range(repeats):
        begun = time.process_time()
        jax.block_until_ready(call())
        best = min(best, time.process_time() - begun)
    return first, best


def by_classes(counts: tuple[int, ...]) -> list[dict[str, float]]:
    """Cost against the number of classes, without aggregation."""
    flask, rows = control(aggregation=False), []
    for cells in counts:
        first, warm = cpu_seconds(lambda n=cells: simulate_flask(flask, TIMES, cells=n))
        steps = int(simulate_flask(flask, TIMES, cells=cells).steps)
        rows.append(
            {"classes": cells, "first_s": first, "cpu_s": warm, "steps": steps, "ms_per_step": 1e3 * warm / steps}
        )
    return rows


def gradient(cells: int = 200) -> dict[str, float]:
    """Mean size and its derivative with respect to the attachment coefficient, in one pass."""
    flask = control(aggregation=False)

    def size(attachment):
        return simulate_flask(
            eqx.tree_at(lambda f: f.kinetics.attachment, flask, attachment), TIMES, cells=cells
        ).mean_edge[-1]

    value = flask.kinetics.attachment
    run = jax.jit(size)
    slope = jax.jit(lambda x: jax.jvp(size, (x,), (jnp.ones(()),)))
    _, alone = cpu_seconds(lambda: run(value))
    first, both = cpu_seconds(lambda: slope(value))
    return {"first_s": first, "run_cpu_s": alone, "with_derivative_cpu_s": both, "ratio": both / alone}


def against_scipy(cells: int = 200) -> dict[str, float]:
    """The same equations by SciPy's BDF with a dense finite-difference Jacobian."""
    flask = control(aggregation=False)
    problem = flask_problem(flask, TIMES, cells=cells)
    rhs = jax.jit(lambda y, segment: problem.rhs(y, segment))
    rhs(problem.initial, jnp.array(0)).block_until_ready()
    begun, y, start, calls = time.process_time(), np.asarray(problem.initial), 0.0, 0
    for k, end in enumerate(np.asarray(problem.breaks)):
        y = np.asarray(problem.jump(jnp.asarray(y), jnp.array(k)))
        if end > start:
            found = solve_ivp(
                lambda _, z, k=k: np.asarray(rhs(z, k)),
                (start, end),
                y,
                "BDF",
                rtol=1e-5,
                atol=np.asarray(problem.atol),
            )
            y, start, calls = found.y[:, -1], end, calls + found.nfev
    peer = time.process_time() - begun
    _, own = cpu_seconds(lambda: simulate_flask(flask, TIMES, cells=cells))
    counts = simulate_flask(flask, TIMES, cells=cells).number[-1] / 1e21
    apart = float(np.abs(y[-cells:] - counts).sum() / counts.sum())
    return {"scipy_cpu_s": peer, "own_cpu_s": own, "ratio": peer / own, "rhs_calls": calls, "counts_apart": apart}


if __name__ == "__main__":
    peqled.use_compilation_cache()
    counts = (100, 200) if "--quick" in sys.argv else (100, 200, 400, 800, 1600)
    aggregating = control(aggregation=True)
    first, warm = cpu_seconds(lambda: simulate_flask(aggregating, TIMES, cells=200))
    report = {
        "machine": f"{platform.machine()}, {platform.python_version()}, jax {jax.__version__}",
        "classes": by_classes(counts),
        "aggregating_200": {"first_s": first, "cpu_s": warm},
        "gradient_200": gradient(),
        "scipy_bdf_200": against_scipy(),
        "budget": BUDGET,
    }
    print(json.dumps(report, indent=1))
