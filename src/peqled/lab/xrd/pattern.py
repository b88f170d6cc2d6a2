"""A powder pattern as a `Measurement`."""

from __future__ import annotations

from collections.abc import Mapping
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
