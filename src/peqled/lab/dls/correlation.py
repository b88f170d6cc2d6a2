"""A correlation function or a size distribution of an instrument as a `Measurement`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, dataset


def correlation_measurement(
    *,
    name: str,
    lag: np.ndarray,
    g2: np.ndarray,
    source: Path,
    reader: str,
    metadata: Mapping[str, Any] | None = None,
    notes: tuple[str, ...] = (),
    flags: tuple[str, ...] = (),
) -> Measurement:
    """Build it from lags (s) and g2 - 1; pairs that are not finite, and lags that are not positive, are left out."""
    t, y = np.asarray(lag, dtype=float), np.asarray(g2, dtype=float)
    keep = np.isfinite(t) & np.isfinite(y) & (t > 0.0) if t.size == y.size else np.zeros(0, dtype=bool)
    if keep.sum() < 10:
        raise LabFileError(source, name, f"{int(keep.sum())} lags with a value", "at least 10")
    order = np.argsort(t[keep], kind="stable")
    values = {"lag_time": t[keep][order], "lab.dls_correlation": y[keep][order]}
    told = {key: value for key, value in (metadata or {}).items() if value is not None}
    return Measurement("dls_correlation", name, dataset(values), source, reader, told, notes, flags)


def distribution_measurement(
    *,
    name: str,
    diameter: np.ndarray,
    weight: np.ndarray,
    source: Path,
    reader: str,
    metadata: Mapping[str, Any] | None = None,
) -> Measurement:
    """Build it from diameters (m) and intensity weights."""
    d, w = np.asarray(diameter, dtype=float), np.asarray(weight, dtype=float)
    keep = np.isfinite(d) & np.isfinite(w) & (d > 0.0) & (w >= 0.0) if d.size == w.size else np.zeros(0, dtype=bool)
    if keep.sum() < 3 or not w[keep].sum() > 0.0:
        raise LabFileError(source, name, f"{int(keep.sum())} classes", "a distribution with weights")
    values = {"diameter": d[keep], "lab.dls_distribution": w[keep]}
    return Measurement("dls_distribution", name, dataset(values), source, reader, dict(metadata or {}))


def normalised(g2: np.ndarray) -> tuple[np.ndarray, str]:
    """g2 - 1 from a column that may be g2 itself: one that decays to 1 from above is shifted, and it is said."""
    count = max(3, g2.size // 10)
    tail = float(np.nanmedian(g2[-count:]))
    if abs(tail - 1.0) < 0.05 and float(np.nanmax(g2)) > 1.05:
        return g2 - 1.0, "column decays to 1: taken as g2, 1 subtracted"
    return g2, ""
