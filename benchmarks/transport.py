"""Speed and accuracy of the transport solver beside its peers: ``python benchmarks/transport.py [--peers PYTHON]``.

Two problems: the space-charge-limited current of one layer (exact answers: benchmark B1 of the tests), and the 61-point
sweep of a four-layer LED with level offsets (answers of an independent solver). The peers ``deltapv`` and ``devsim``
are timed by another Python interpreter that has them (``--peers``), each on what it can express; without one they are
left out and the table says so. ``--plot FILE`` draws time against nodes and against bias points.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")  # one core
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from problems import LED_CURRENTS, LED_LAYERS, LED_VOLTAGES, SCLC, SCLC_EXACT
from timing import Timing, measure, table

TARGETS = """asked: LED sweep 150 ms at a mesh error of 1e-3; with ions 1.5 times; gradient of the sum of ln J
to all inputs 3 times; 20 times deltapv; ahead of devsim"""


def led(*, ions: bool = False):
    """The four-layer LED, Boltzmann statistics, transfer velocity 1e3 m/s."""
    from peqled.transport import Contact, Device, Interface, Ion, Layer

    names = ("thickness", "eps_r", "affinity", "ionisation", "mobility_n", "mobility_p", "direct")
    sites = {"sites_n": 1e26, "sites_p": 1e26, "degeneracy": 0.0}
    layers = tuple(Layer(**dict(zip(names, row, strict=True)), **sites) for row in LED_LAYERS)
    inside = (-1, 0, -1, -1)
    ion = Ion(density=[0.0, 1e23, 0.0, 0.0], mobility=[0.0, 1e-14, 0.0, 0.0], charge=1, region=inside)
    return Device(
        layers,
        (Interface(),) * 3,
        Contact(work_function=5.15),
        Contact(work_function=3.0),
        temperature=300.0,
        ions=(ion,) if ions else (),
    )


def sclc():
    """Electrons only, 100 nm."""
    from peqled.transport import Contact, Device, Layer

    layer = Layer(**SCLC, degeneracy=0.0)
    return Device((layer,), (), Contact(work_function=3.0), Contact(work_function=3.0), left_is_anode=False)


def ours() -> tuple[list[Timing], dict[str, float]]:
    """Timings and largest relative deviations."""
    import jax
    import jax.numpy as jnp

    from peqled.transport import MeshOptions, SolverOptions, solve_jv

    options = {
        "mesh_options": MeshOptions(cells_per_layer=40, first_cell=1e-10, even_share=0.5),
        "solver": SolverOptions(tolerance=1e-4),
    }
    volts = jnp.asarray(LED_VOLTAGES)
    ready = jax.block_until_ready

    def sweep(device, voltages=volts):
        return solve_jv(device, voltages, mesh_error=True, **options)

    def total(device):
        return jnp.sum(jnp.log(solve_jv(device, volts[10:], **options).current))

    value = jax.jit(total)
    slope = jax.jit(jax.value_and_grad(total))
    plain, ionic, single = led(), led(ions=True), sclc()
    steps = jnp.asarray(list(SCLC_EXACT))
    timings = [
        measure("peqled: LED, 61 points, with mesh error", lambda: ready(sweep(plain).current), repeats=7),
        measure("peqled: LED with mobile ions", lambda: ready(sweep(ionic).current), repeats=7),
        measure("peqled: sum of ln J, 51 points", lambda: ready(value(plain)), repeats=7),
        measure("peqled: the same and its gradient to all inputs", lambda: ready(slope(plain)), repeats=7),
        measure("peqled: space charge, 6 points, mesh error", lambda: ready(sweep(single, steps).current), repeats=7),
    ]
    found, exact = sweep(plain), np.array(list(LED_CURRENTS.values()))
    at = np.searchsorted(LED_VOLTAGES, np.array(list(LED_CURRENTS)) - 1e-9)
    error = {
        "LED": float(np.max(np.abs(np.asarray(found.extrapolated)[at] / exact - 1))),
        "LED, own estimate": float(np.max(np.asarray(found.mesh_error / found.current)[at])),
        "space charge": float(
            np.max(np.abs(np.asarray(sweep(single, steps).extrapolated) / list(SCLC_EXACT.values()) - 1))
        ),
    }
    return timings, error


def scaling(file: Path) -> None:
    """Processor time against nodes and against bias points, as a picture."""
    import jax
    import jax.numpy as jnp
    from matplotlib import pyplot as plt

    from peqled.transport import MeshOptions, solve_jv

    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3), layout="constrained")
    cells, points = [31, 63, 127, 255], [16, 31, 61, 121]

    def run(count: int, number: int) -> float:
        volts, mesh = jnp.linspace(0.1, 6.0, number), MeshOptions(cells_per_layer=count, first_cell=1e-10)
        call = lambda: jax.block_until_ready(solve_jv(led(), volts, mesh_options=mesh).current)  # noqa: E731
        return measure("", call, repeats=5).cpu * 1e3

    left.plot([4 * (n + 1) for n in cells], [run(n, 61) for n in cells], "o-")
    left.set(xlabel="nodes", ylabel="processor time (ms)", xlim=(0, None), ylim=(0, None), title="61 bias points")
    right.plot(points, [run(63, n) for n in points], "o-")
    right.set(xlabel="bias points", xlim=(0, None), ylim=(0, None), title="256 nodes")
    figure.savefig(file)
    print(f"drawn: {file}")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", help="Python interpreter that has deltapv and devsim")
    parser.add_argument("--plot", type=Path, help="file for the picture of the scaling")
    options = parser.parse_args()
    timings, errors = ours()
    if options.peers:
        script = Path(__file__).with_name("transport_peers.py")
        answer = subprocess.run([options.peers, script], capture_output=True, text=True, check=False)
        print(answer.stderr[-2000:] if answer.returncode else "", end="")
        for line in answer.stdout.splitlines():
            if line.startswith("{"):
                entry = json.loads(line)
                timings.append(Timing(entry["name"], entry["wall"], entry["cpu"]))
                errors[entry["name"]] = entry["error"]
    else:
        print("peers left out: give --peers PYTHON")
    print(table(timings, reference=timings[0].name))
    print("largest relative deviation: " + ", ".join(f"{name} {value:.1e}" for name, value in errors.items()))
    print(TARGETS)
    if options.plot:
        scaling(options.plot)


if __name__ == "__main__":
    main()
