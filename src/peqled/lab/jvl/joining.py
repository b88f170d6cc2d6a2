"""Which spectrum and which angular pattern belong to a sweep: by sample, folder and number of points."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from peqled.lab.measurement import Measurement
from peqled.lab.names import place, plain

__all__ = ["points_of", "spectra_of"]


def spectra_of(sweep: Measurement, others: Sequence[Measurement]) -> list[Measurement]:
    """Measurements of light that belong to a sweep, best first: same sample in the same folder, the sample under its
    folder's name (``batch/A1-1``), the same pixel, then a measurement of the folder that names no pixel."""
    ranked = []
    for index, other in enumerate(others):
        if (rank := _rank(sweep, other)) is not None:
            ranked.append((rank, index, other))
    return [other for _, _, other in sorted(ranked, key=lambda entry: entry[:2])]


def _rank(sweep: Measurement, other: Measurement) -> int | None:
    own, its = plain(sweep.name), plain(other.name)
    near = sweep.source.parent == other.source.parent
    if own == its and near:
        return 0
    if f"{sweep.source.parent.name}/{own}" == its and _related(sweep.source, other.source):
        return 1
    if near and place(own).substrate and place(own)[:2] == place(its)[:2]:
        return 2
    if (
        near
        and other.metadata.get("columns", 1) == 1
        and not place(its).substrate
        and other.metadata.get("join") != "points"
    ):
        return 3
    return None


def _related(one: Path, other: Path) -> bool:
    """Whether the other file lies in the folder above."""
    return one.parent.parent == other.parent


def points_of(spectrum: Measurement, sweep: Measurement) -> bool:
    """Whether a matrix has one spectrum per point of the sweep."""
    key = "lab.el_energy" if "lab.el_energy" in spectrum.data else "lab.el_counts"
    return spectrum.data[key].ndim == 2 and spectrum.data[key].shape[0] == sweep.data.sizes.get("voltage")
