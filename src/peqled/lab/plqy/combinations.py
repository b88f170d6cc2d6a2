"""Quantum yield from repeats: the weighted mean over all combinations of the a, b and c measurements.

Every a, b, c of the same sample in the same sphere may be combined with every other; each combination gets the weight
1/u^2 of its own propagated uncertainty, where scatter of the bands between repeats is part of u. Reference: F. Fries
and S. Reineke, Sci. Rep. 2019, 9, 15638, 10.1038/s41598-019-51718-4.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, product

import numpy as np

from peqled.lab.plqy.three_measurement import Band, Sphere, Yield, quantum_yield

__all__ = ["weighted_yield"]

_MOST = 4096


def weighted_yield(runs: Sequence[Sphere]) -> Yield:
    """Weighted mean of all combinations; its uncertainty is the larger of the scatter of complete runs over sqrt(n) and
    the propagated one over sqrt(n)."""
    n = len(runs)
    scattered = [_scattered(runs, k) for k in range(n)]
    sets = islice(product(scattered, repeat=3), _MOST)
    found = [quantum_yield(Sphere(a.la, b.lb, c.lc, b.pb, c.pc)) for a, b, c in sets]
    values = np.array([(y.absorptance, y.eta) for y in found])
    errors = np.maximum(np.array([(y.absorptance_u, y.eta_u) for y in found]), 1e-12)
    mean = np.average(values, axis=0, weights=1.0 / errors**2)
    own = np.array([(y.absorptance, y.eta) for y in map(quantum_yield, runs)])
    spread = np.std(own, axis=0, ddof=1) if n > 1 else np.zeros(2)
    u = np.maximum(spread, np.median(errors, axis=0) if n == 1 else 0.0) / np.sqrt(n)
    return Yield(float(mean[0]), float(u[0]), float(mean[1]), float(u[1]))


def _scattered(runs: Sequence[Sphere], k: int) -> Sphere:
    """Run k with the scatter between runs added to the uncertainty of each band."""
    bands = []
    for name in Sphere._fields:
        band: Band = getattr(runs[k], name)
        spread = float(np.std([getattr(r, name).value for r in runs], ddof=1)) if len(runs) > 1 else 0.0
        bands.append(Band(band.value, float(np.hypot(band.u, spread))))
    return Sphere(*bands)
