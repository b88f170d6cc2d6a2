"""Speed and accuracy of the optics beside its peers: ``python benchmarks/optics.py [--peers PYTHON]``.

The peers `tmm` and `tmm_fast` are used where they can be imported; with ``--peers`` they are timed by another Python
interpreter, for instance of a virtual environment that has them. Missing ones are skipped with a message.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from timing import Timing, measure, table

WAVELENGTHS, ANGLES = 200, 90
LAYERS = [
    *((1.887 + 0.0076j, 120.0), (1.521 + 0.0058j, 35.0), (1.7125, 25.0), (1.496, 2.0), (2.0 + 0.05j, 30.0)),
    *((1.767, 8.0), (1.727, 45.0), (1.394, 1.0), (0.679 + 5.503j, 100.0)),
]
"""Index and thickness in nm of the nine layers of a perovskite LED on glass (fixed indices at 517 nm)."""
GLASS = 1.527
TARGETS = {"reflectance": 20.0, "budget": 40.0, "gradient": 4.0, "tmm": 100.0, "tmm_fast": 5.0}
"""ms, ms, and ratios."""


def grids() -> tuple[np.ndarray, np.ndarray]:
    """Wavelengths (m) and angles (rad)."""
    return np.linspace(400e-9, 800e-9, WAVELENGTHS), np.linspace(0.0, np.radians(89.0), ANGLES)


def ours() -> tuple[list[Timing], np.ndarray]:
    """R and T, mode budget and gradient of this package, and the reflectances [polarisation wavelength angle]."""
    import jax
    import jax.numpy as jnp

    from peqled.optics import Layer, Multilayer, Orientation, Stack, emission, plane_wave, purcell_factor

    wavelength, angle = grids()
    layers = [Layer(n, d * 1e-9) for n, d in LAYERS]
    film = Multilayer.of(layers, wavelength=wavelength, first=GLASS)
    lines = np.linspace(490e-9, 545e-9, 21)
    device = Stack.of([Layer(complex(n).real if i == 4 else n, d * 1e-9) for i, (n, d) in enumerate(LAYERS)],
                      emitter=4, wavelength=lines, substrate=GLASS)  # fmt: skip
    position = jnp.linspace(3e-9, 27e-9, 5)
    isotropic = Orientation.isotropic()

    def share(thickness):
        emitted = emission(jax.tree.unflatten(tree, [leaves[0], thickness, *leaves[2:]]), position)
        return jnp.mean(emitted.outcoupled(isotropic) / emitted.purcell(isotropic))

    leaves, tree = jax.tree.flatten(device)
    value, slope = jax.jit(share), jax.jit(jax.value_and_grad(share))
    ready = jax.block_until_ready
    timings = [
        measure("R, T, A: 200 x 90 x 9 layers", lambda: ready(plane_wave(film, angle))),
        measure("mode budget, 21 wavelengths x 5 positions", lambda: ready(emission(device, position))),
        measure("the same, light that can leave alone", lambda: ready(emission(device, position, trapped=False))),
        measure("Purcell factor alone", lambda: ready(purcell_factor(device, position))),
        measure("out-coupled share", lambda: ready(value(device.thickness))),
        measure("out-coupled share and gradient, 9 thicknesses", lambda: ready(slope(device.thickness))),
    ]
    emitted = emission(device, position)
    rest = jnp.abs(emitted.budget(isotropic)[:, :, emitted.place.index("guided")].sum((-1, -2)))
    print(f"mode budget: F from the contour less the sum over places, at most {float(rest.max()):.1e}")
    return timings, np.asarray(plane_wave(film, angle).reflectance)


def tmm_all() -> np.ndarray:
    """tmm, its loops."""
    import tmm

    wavelength, angle = grids()
    index, lengths = [GLASS, *(n for n, _ in LAYERS), 1.0], [np.inf, *(d for _, d in LAYERS), np.inf]
    return np.array([
        [[tmm.coh_tmm(p, index, lengths, a, w * 1e9)["R"] for a in angle] for w in wavelength] for p in "sp"
    ])  # fmt: skip


def tmm_fast_all() -> np.ndarray:
    """tmm_fast on torch, one thread."""
    import torch
    from tmm_fast import coh_tmm

    torch.set_num_threads(1)
    wavelength, angle = grids()
    index = np.array([GLASS, *(n for n, _ in LAYERS), 1.0])[None, :, None] * np.ones(WAVELENGTHS)
    lengths = np.array([[np.inf, *(d * 1e-9 for _, d in LAYERS), np.inf]])
    found = [coh_tmm(p, torch.tensor(index), torch.tensor(lengths), torch.tensor(angle), torch.tensor(wavelength))
             for p in "sp"]  # fmt: skip
    return np.array([np.asarray(one["R"])[0].T for one in found])


PEERS = {"tmm": (tmm_all, 1), "tmm_fast": (tmm_fast_all, 10)}


def peer(name: str) -> dict:
    """Time one peer here; its reflectances go along for comparison."""
    call, repeats = PEERS[name]
    timing = measure(name, call, repeats=repeats, warm=0 if repeats == 1 else 2)
    return {"timing": timing, "reflectance": call().tolist()}


def peer_elsewhere(name: str, interpreter: str) -> dict | None:
    """The same in another interpreter; None, with a message, where it is missing."""
    done = subprocess.run([interpreter, __file__, "--only", name], capture_output=True, text=True)
    if done.returncode:
        print(f"{name}: skipped ({done.stderr.strip().splitlines()[-1]})")
        return None
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Print the table and what was asked of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default=sys.executable, help="Python interpreter that has tmm and tmm_fast")
    parser.add_argument("--only", choices=PEERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(peer(options.only)))
        return
    timings, reflectance = ours()
    reference = timings[0]
    for name in PEERS:
        if found := peer_elsewhere(name, options.peers):
            timings.append(Timing(*found["timing"]))
            worst = np.abs(np.array(found["reflectance"]) - reflectance).max()
            ratio = timings[-1].cpu / reference.cpu
            print(
                f"{name}: largest difference of R {worst:.1e}; {ratio:.0f} times our time (asked: {TARGETS[name]:.0f})"
            )
    print(table(timings, reference=reference.name))
    print(f"R, T: {reference.cpu * 1e3:.1f} ms (asked: {TARGETS['reflectance']:.0f} ms)")
    print(f"mode budget: {timings[1].cpu * 1e3:.1f} ms (asked: {TARGETS['budget']:.0f} ms)")
    print(f"gradient: {timings[5].cpu / timings[4].cpu:.1f} times the value (asked: {TARGETS['gradient']:.0f})")


if __name__ == "__main__":
    main()
