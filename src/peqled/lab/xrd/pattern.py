"""A powder pattern as a `Measurement`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, dataset


def xrd_measurement(
    *,
    name: str,
    two_theta: np.ndarray,
    intensity: np.ndarray,
    source: Path,
    reader: str,
    metadata: Mapping[str, Any] | None = None,
    notes: tuple[str, ...] = (),
) -> Measurement:
    """Build it from angles (deg 2 theta) and intensity as written."""
    x, y = np.asarray(two_theta, dtype=float), np.asarray(intensity, dtype=float)
    if x.size < 10 or x.size != y.size:
        raise LabFileError(source, name, f"{x.size} angles and {y.size} intensities", "a pattern of at least 10 points")
    keep = np.isfinite(x) & np.isfinite(y)
    if keep.sum() < 10 or np.ptp(x[keep]) <= 0.0:
        raise LabFileError(source, name, f"{int(keep.sum())} finite points", "at least 10 at different angles")
    order = np.argsort(x[keep], kind="stable")
    values = {"two_theta": np.radians(x[keep][order]), "lab.xrd_intensity": y[keep][order]}
    told = {"points": int(x.size), **{k: v for k, v in (metadata or {}).items() if v is not None}}
    return Measurement("xrd", name, dataset(values), source, reader, told, notes)


MAP_SCANS = 6  # scans over one 2 theta window from which a file is a map


def collapsed(scans: Sequence[Measurement]) -> list[Measurement]:
    """A file of many scans over the same window is a map (reciprocal space, rocking, positions): kept as one pattern,
    the sum of its scans, which shows where intensity lies and has no widths of a powder."""
    if any(m.kind != "xrd" for m in scans):
        return list(scans)
    first = scans[0].data["two_theta"].to_numpy()
    axes = [m.data["two_theta"].to_numpy() for m in scans]
    if len(scans) < MAP_SCANS or any(a.size != first.size or not np.allclose(a, first, atol=1e-5) for a in axes):
        return list(scans)
    total = np.sum([m.data["lab.xrd_intensity"].to_numpy() for m in scans], axis=0)
    data = dataset({"two_theta": first, "lab.xrd_intensity": total})
    note = f"a map of {len(scans)} scans over the same angles: summed, no sizes"
    name = scans[0].name.rpartition(" [")[0] or scans[0].name
    told = {**scans[0].metadata, "scans": len(scans)}
    return [replace(scans[0], name=name, data=data, metadata=told, notes=(*scans[0].notes, note), flags=("XRD_MAP",))]
