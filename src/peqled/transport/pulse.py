"""A voltage pulse and its light: transient electroluminescence."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from peqled.numerics.mesh import MeshOptions
from peqled.transport.device import Device
from peqled.transport.transient import Steps, transient

_MESH = MeshOptions(cells_per_layer=63)


class Pulse(NamedTuple):
    """Time (s, 0 when the pulse begins), current (A/m2) and photons (1/(m2 s)); ``on``: length of the pulse, s;
    ``complete``: whether every time step was solved."""

    time: Float[np.ndarray, " time"]
    current: Float[np.ndarray, " time"]
    photons: Float[np.ndarray, " time"]
    on: float
    complete: bool

    @property
    def delay(self) -> float:
        """Time to a tenth of the light at the end of the pulse, s."""
        return self._rise_to(0.1)

    @property
    def rise(self) -> float:
        """Time from a tenth to nine tenths of the light at the end of the pulse, s."""
        return self._rise_to(0.9) - self._rise_to(0.1)

    @property
    def decay(self) -> float:
        """Time after the pulse in which the light falls to a tenth, s; NaN if it does not."""
        after = self.time > self.on
        level = np.log(np.maximum(self.photons[after] / self._end, 1e-300))
        if not np.any(level <= np.log(0.1)):
            return float("nan")
        first = int(np.argmax(level <= np.log(0.1)))
        times = np.concatenate([[0.0], self.time[after] - self.on])
        levels = np.concatenate([[0.0], level])
        return float(np.interp(-np.log(0.1), -levels[first : first + 2], times[first : first + 2]))

    @property
    def _end(self) -> float:
        return float(self.photons[self.time <= self.on][-1])

    def _rise_to(self, share: float) -> float:
        during = self.time <= self.on
        level = self.photons[during] / self._end
        first = int(np.argmax(level >= share))
        times, levels = np.concatenate([[0.0], self.time[during]]), np.concatenate([[0.0], level])
        return float(np.interp(share, levels[first : first + 2], times[first : first + 2]))


def pulse(
    device: Device,
    *,
    voltage: float,
    on: float,
    off: float,
    base: float = 0.0,
    edge: float = 1e-9,
    points: int = 40,
    mesh_options: MeshOptions = _MESH,
    steps: Steps = Steps(),
) -> Pulse:
    """From rest at ``base`` (V) to ``voltage`` (V) for ``on`` (s), then ``off`` (s) at the base again.

    ``edge``: time of either flank, s; ``points``: readings of each half, even in the logarithm of the time.

    Raises:
        ValueError: a time is not longer than its flank.
    """
    if not min(on, off) > 4.0 * edge > 0.0:
        raise ValueError(f"a pulse of {on} s and {off} s needs flanks of less than a quarter of either, got {edge} s")
    during, after = (np.geomspace(edge, length, points) for length in (on, off))
    times = np.concatenate([during, on + after])
    drive = np.concatenate([np.full(points, voltage), np.full(points, base)])
    trace = transient(device, times, drive, initial=base, mesh_options=mesh_options, steps=steps)
    current, photons = np.asarray(trace.current), np.asarray(trace.photon_flux)
    return Pulse(times, current, photons, on, bool(np.all(trace.converged)))
