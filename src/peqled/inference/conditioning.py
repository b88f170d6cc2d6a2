"""The device nearest to the parameter book that conducts and lights like published stacks of its kind.

Tabulated levels of single layers, put side by side, need not make a working device: barriers that are each uncertain
by half an electronvolt then decide whether any current flows. The set of smallest distance

    sum u_i^2,   u_i = (x_i - default_i)/(half the range on that side)

that meets electrical targets is found by the iteration of Hasofer-Lind and Rackwitz-Fiessler, u <- G^T (G G^T)^-1 (G u - g)
with the derivatives G of the misses g (Rackwitz and Fiessler 1978, 10.1016/0045-7949(78)90046-9). The targets are typical
of such stacks, not of the paper's device, and no efficiency is among them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from peqled.led.operation import read_out
from peqled.led.stage import device_of, emitter_position
from peqled.materials import load_book
from peqled.optics import stage as optics
from peqled.parameters import Parameters
from peqled.transport import MeshOptions, solve_jv

CURRENT_TARGET = (4.5, 316.0)
"""Voltage and current density: 31.6 mA/cm^2, the middle of the 10 to 100 mA/cm^2 usual at 4 to 5 V."""
TURN_ON_TARGET = 2.7
"""Voltage of 1 cd/m^2: the middle of the usual 2.4 to 3 V."""
MESH = MeshOptions(cells_per_layer=63)


class Conditioned(NamedTuple):
    """Parameter values that meet the targets, their distance u per parameter, and the misses left."""

    values: dict[str, float]
    distance: dict[str, float]
    misses: Float[np.ndarray, " target"]


def free_parameters(parameters: Parameters) -> list[str]:
    """Levels, contacts, tunnel layer and majority mobilities: what injection hangs on."""
    layers = parameters.structure.layers
    keys = []
    for layer in layers:
        names = {
            "hole injection layer": ("work_function",),
            "hole transport layer": ("homo", "mobility_hole"),
            "tunnel layer": ("thickness", "tunnelling_barrier_hole"),
            "emitter": ("homo", "mobility_hole", "mobility_electron"),
            "electron transport layer": ("lumo", "mobility_electron"),
        }.get(layer.role, ())
        keys += [f"{layer.key}.{name}" for name in names]
    return [*keys, "LiF-Al.work_function"]


def condition(
    parameters: Parameters, results: Mapping[str, Any], *, iterations: int = 12, log: Callable[[str], Any] = print
) -> Conditioned:
    """Nearest device that meets `CURRENT_TARGET` and `TURN_ON_TARGET`, on the film of `results`.

    The emitter's conduction level moves with its valence level: their difference is optical gap plus binding energy.
    """
    keys = free_parameters(parameters)
    move = _Move(parameters, keys)
    distance = jnp.zeros(len(keys))
    misses = lambda u: _misses(move.apply(u), results)  # noqa: E731
    for step in range(iterations):
        g, derivative = misses(distance), jax.jacfwd(misses)(distance)
        log(f"{step}: misses {np.round(np.asarray(g), 3)}, distance {float(jnp.linalg.norm(distance)):.3f}")
        if float(jnp.abs(g).max()) < 1e-3:
            break
        goal = derivative.T @ jnp.linalg.solve(derivative @ derivative.T, derivative @ distance - g)
        change = goal - distance
        distance = jnp.clip(distance + change * jnp.minimum(1.0, 0.5 / jnp.abs(change).max()), -1.0, 1.0)
    final = move.apply(distance)
    moved = {key: float(final[key]) for key in [*keys, move.follower]}
    return Conditioned(moved, dict(zip(keys, np.asarray(distance).tolist(), strict=True)), np.asarray(g))


class _Move:
    """Maps distances u to parameters: linear, or in the logarithm, with the half range of the side moved to."""

    def __init__(self, parameters: Parameters, keys: list[str]) -> None:
        book = load_book()
        self.parameters, self.keys = parameters, keys
        self.emitter = parameters.structure.layer("emitter").key
        self.follower = f"{self.emitter}.lumo"
        self.entries = [book[key] for key in keys]

    def apply(self, u: Float[Array, " key"]) -> Parameters:
        values: dict[str, Any] = {}
        for i, entry in enumerate(self.entries):
            side = jnp.where(u[i] > 0, entry.high, entry.low)
            if entry.scale == "log":
                values[entry.key] = entry.value * (side / entry.value) ** jnp.abs(u[i])
            else:
                values[entry.key] = entry.value + (side - entry.value) * jnp.abs(u[i])
        shift = values[f"{self.emitter}.homo"] - self.parameters[f"{self.emitter}.homo"]
        values[self.follower] = self.parameters[self.follower] + shift
        return self.parameters.replace(values)


def _misses(parameters: Parameters, results: Mapping[str, Any]) -> Float[Array, " target"]:
    """ln of current and luminance over their targets."""
    film = results["film"].film
    emission = results["optics"] if "optics" in results else optics.run(parameters, results)
    volt, target = CURRENT_TARGET
    voltages = jnp.sort(jnp.append(jnp.linspace(0.3, volt, 15), TURN_ON_TARGET))
    sweep = solve_jv(device_of(parameters, film, emission), voltages, mesh_options=MESH)
    seen = read_out(
        sweep, emission, emitter=emitter_position(parameters), wavelength=film.wavelength, pl=film.pl
    )
    lit = jnp.searchsorted(voltages, TURN_ON_TARGET)
    return jnp.stack([jnp.log(sweep.current[-1] / target), jnp.log(seen.luminance[lit])])
