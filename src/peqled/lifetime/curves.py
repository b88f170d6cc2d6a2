"""Runs as curves of equally many points: what a lifetime set-up records, and where in the device the damage sits."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from peqled.led.operation import el_spectrum
from peqled.led.stage import LedResult
from peqled.lifetime.aged_device import emitter_nodes, node_positions
from peqled.lifetime.operation import Decay
from peqled.nanocrystal.photoluminescence import spectrum_shape
from peqled.optics.stage import OpticsResult
from peqled.programs import stored

STEPS = 64
"""Points to which every lifetime curve is brought, evenly in the square root of its time: it falls fast at first."""


def operation_curves(
    runs: Sequence[Decay], led: LedResult, optics: OpticsResult, pl: Float[Array, " wavelength"]
) -> dict[str, Float[np.ndarray, "level step"]]:
    """Time (s), L/L0, voltage (V), EQE and EL peak (m) of every run under the names of the vocabulary.

    Args:
        runs: of one device.
        led: the device as it was before.
        optics: emission of its stack.
        pl: photon spectrum of the film on the wavelengths of the EL, any scale.
    """
    flowing, efficiency = np.asarray(led.sweep.current), np.nan_to_num(np.asarray(led.operation.eqe))
    curves: dict[str, list[np.ndarray]] = {}
    for decay in runs:
        fresh = np.interp(decay.current[0], flowing, efficiency)
        columns = {
            "time": decay.time,
            "luminance": decay.luminance,
            "voltage": decay.voltage,
            "eqe": fresh * decay.luminance * decay.current[0] / decay.current,
            "el_peak": el_peaks(decay, led, optics, pl),
        }
        for name, column in columns.items():
            curves.setdefault(f"lifetime.{name}", []).append(np.interp(_times(decay), decay.time, column))
    return {name: np.stack(rows) for name, rows in curves.items()}


def el_peaks(
    decay: Decay, led: LedResult, optics: OpticsResult, pl: Float[Array, " wavelength"]
) -> Float[np.ndarray, " step"]:
    """EL peak (m) at every step: the zone moves through the stack's fields as the damage grows; NaN in the dark."""
    nodes = emitter_nodes(led)
    depth = node_positions(led.device)[nodes]
    edges = np.concatenate([[depth[0]], 0.5 * (depth[1:] + depth[:-1]), [depth[-1]]])
    spacing = float(optics.depth[1] - optics.depth[0])
    hats = np.maximum(1.0 - np.abs((depth - depth[0])[:, None] - np.asarray(optics.depth)[None, :]) / spacing, 0.0)
    zones = (decay.excitons[:, nodes] * np.diff(edges)) @ hats
    lit = zones.sum(axis=1) > 0
    steps, places = np.arange(lit.size), np.linspace(0, lit.size - 1, STEPS)  # one shape for every run: one program
    rows = np.stack([np.interp(places, steps, np.where(lit, column, 1.0)) for column in zones.T], axis=1)
    peaks = np.asarray(_peaks_of_zones(optics, jnp.asarray(rows), led.operation.wavelength, pl))
    return np.where(lit, np.interp(steps, places, peaks), np.nan)


def damage_map(decay: Decay) -> Float[np.ndarray, "step cell"]:
    """Defects (1/m^3) of all pools at every point of a run's curve."""
    return np.stack([np.interp(_times(decay), decay.time, cell) for cell in decay.damage.T], axis=1)


@stored()
def _peaks_of_zones(
    optics: OpticsResult,
    zones: Float[Array, "step emitter_depth"],
    wavelength: Float[Array, " wavelength"],
    pl: Float[Array, " wavelength"],
) -> Float[Array, " step"]:
    return jax.vmap(lambda zone: spectrum_shape(wavelength, el_spectrum(optics, zone, wavelength, pl)).peak)(zones)


def _times(decay: Decay) -> Float[np.ndarray, " step"]:
    return decay.time[-1] * np.linspace(0.0, 1.0, STEPS) ** 2
