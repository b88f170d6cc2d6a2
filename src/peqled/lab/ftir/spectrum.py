"""An infrared spectrum as a `Measurement`: ascending wavenumber, and the quantity that the data show."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.ftir.quantity import decide
from peqled.lab.measurement import LabFileError, Measurement, dataset

PER_CM = 100.0  # 1/m
LARGEST = 1e30  # beyond it a number is damage


def ftir_measurement(
    *,
    name: str,
    wavenumber_cm: np.ndarray,
    values: np.ndarray,
    said: str,
    source: Path,
    reader: str,
    metadata: Mapping[str, Any] | None = None,
    notes: tuple[str, ...] = (),
) -> Measurement:
    """Build it from wavenumber (cm-1) and ordinate as written; `said` is what the header calls the ordinate."""
    x, y = np.asarray(wavenumber_cm, dtype=float), np.asarray(values, dtype=float)
    if x.size < 5 or x.size != y.size:
        raise LabFileError(source, name, f"{x.size} wavenumbers and {y.size} values", "a spectrum of at least 5 points")
    keep = (np.abs(x) < LARGEST) & (np.abs(y) < LARGEST)  # false for NaN as well
    if keep.sum() < 5:
        raise LabFileError(source, name, f"{int(keep.sum())} finite points", "at least 5")
    x, y = x[keep], y[keep]
    order = np.argsort(x, kind="stable")
    kind, factor, why = decide(y, said)
    told = {"ordinate_said": said, "ordinate_is": kind, "points": int(x.size), **(metadata or {})}
    agree = not said or kind.split("_")[0][:6] in said.lower() or ("header says" in why and "but" not in why)
    flags = () if agree else ("READ_UNIT",)
    values_ = {"wavenumber": PER_CM * x[order], f"lab.ftir_{kind}": factor * y[order]}
    return Measurement("ftir", name, dataset(values_), source, reader, told, (*notes, f"{kind}: {why}"), flags)
