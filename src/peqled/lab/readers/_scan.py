"""A scan of a diffractometer: over 2 theta a pattern; over omega, phi or chi alone it is shown, not interpreted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.measurement import Measurement
from peqled.lab.readers._spectrum import spectrum_measurement
from peqled.lab.xrd.pattern import xrd_measurement

__all__ = ["scan_measurement"]

_TWO_THETA = re.compile(r"2[\s_-]*theta|two[\s_-]*theta|gonio|psd", re.IGNORECASE)


def scan_measurement(
    *,
    axis: str,
    name: str,
    angle: np.ndarray,
    intensity: np.ndarray,
    source: Path,
    reader: str,
    metadata: Mapping[str, Any] | None = None,
    notes: tuple[str, ...] = (),
) -> Measurement:
    """The measurement of a scan over `axis`, which is 2 theta where the file does not say ("")."""
    common: dict[str, Any] = {"name": name, "source": source, "reader": reader, "metadata": metadata, "notes": notes}
    if not axis.strip() or _TWO_THETA.search(axis):
        return xrd_measurement(two_theta=angle, intensity=intensity, **common)
    return spectrum_measurement(
        abscissa=np.asarray(angle, float),
        values=np.asarray(intensity, float),
        unit="deg",
        said="diffracted intensity",
        method=f"x-ray scan over {axis.strip()}",
        **common,
    )
