"""Draws from the ranges of the parameter book: how far the twin's numbers move when its parameters do.

A Latin hypercube over the stated ranges (McKay, Beckman and Conover 1979, 10.1080/00401706.1979.10489755), uniform or
uniform in the logarithm as the book says. Ranges are priors, not posteriors: an interval made of them holds parameter
uncertainty and no model error, and fitted parameters stay at their fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from peqled.materials import load_book
from peqled.parameters import Parameters

FLASK = (
    "flask.temperature",
    "flask.lead_bromide",
    "flask.cesium",
    "flask.mixing_time",
    "speciation.log10_ion_pair_constant",
    "speciation.log10_k1",
    "speciation.log10_k2",
    "clusters.cooperativity",
    "clusters.units_per_nucleus",
    "nucleation.interfacial_energy",
    "growth.solubility",
    "growth.attachment",
    "growth.attachment_exponent",
    "growth.monomer_rate",
    "growth.cluster_rate",
    "aggregation.kernel",
    "resurfacing.attachment_factor",
    "resurfacing.solubility_factor",
    "spectroscopy.s1_bulk_limit",
    "spectroscopy.s1_coefficient",
    "spectroscopy.homogeneous_width_slope",
    "surface.trap_rate",
    "film.ligand_gap",
)
"""Parameters of flask, dots and film that the paper does not fix and no row was fitted to."""

EMITTER = ("trion_lifetime", "foerster_radius", "horizontal_dipole_fraction")
"""Constants of the dots' excitons that are sampled with the stack."""


class Range(NamedTuple):
    """A parameter, the ends of its range in working units, and how to sample it ("linear" or "log")."""

    key: str
    low: float
    high: float
    scale: str


def flask_ranges() -> list[Range]:
    """Ranges of `FLASK`."""
    return _ranges(FLASK)


def device_ranges(parameters: Parameters) -> list[Range]:
    """Thickness and index of every layer, none of which the paper states, and the emitter's exciton constants.

    Levels stay where the recipe puts them: over their full ranges most stacks conduct no current. The effective
    thickness of a tunnel layer is one of these levels.
    """
    book, ranges = load_book(), []
    for layer in parameters.structure.layers:
        material = book.materials[layer.material]
        names = ["thickness"] if layer.role != "tunnel layer" else []
        names += EMITTER if layer.role == "emitter" else ()
        found = _ranges(f"{layer.material}.{name}" for name in names if name in material)
        ranges += [r._replace(key=f"{layer.key}.{r.key.rpartition('.')[2]}") for r in found]
        if "refractive_index" in material and not material["refractive_index"].fixed:
            index = material["refractive_index"]
            ranges.append(
                Range(f"{layer.key}.index_shift", index.low - index.value, index.high - index.value, "linear")
            )
    return ranges


def _ranges(keys: Iterable[str]) -> list[Range]:
    book = load_book()
    entries = (book[key] for key in keys)
    return [Range(entry.key, entry.low, entry.high, entry.scale) for entry in entries if not entry.fixed]


def draw(ranges: Sequence[Range], *, samples: int, seed: int) -> list[dict[str, float]]:
    """`samples` draws of working-unit values by parameter name.

    Raises:
        ValueError: a range on a logarithmic scale does not lie above zero.
    """
    from scipy.stats import qmc  # slow to import, and only needed here

    unit = qmc.LatinHypercube(d=max(len(ranges), 1), rng=np.random.default_rng(seed)).random(samples)
    columns = {r.key: _stretch(r, unit[:, i]) for i, r in enumerate(ranges)}
    return [{key: float(column[i]) for key, column in columns.items()} for i in range(samples)]


def interval(values: Sequence[float], *, share: float = 0.9) -> tuple[float, float]:
    """Central interval that holds `share` of the finite values; NaN when there are fewer than two."""
    finite = np.asarray(values, dtype=float)
    finite = finite[np.isfinite(finite)]
    if finite.size < 2:
        return float("nan"), float("nan")
    low, high = np.quantile(finite, [0.5 * (1 - share), 0.5 * (1 + share)])
    return float(low), float(high)


def _stretch(r: Range, unit: Float[np.ndarray, " sample"]) -> Float[np.ndarray, " sample"]:
    if r.scale == "log":
        if r.low <= 0:
            raise ValueError(f"'{r.key}' is sampled on a logarithmic scale but its range starts at {r.low:g}")
        return r.low * (r.high / r.low) ** unit
    return r.low + (r.high - r.low) * unit
