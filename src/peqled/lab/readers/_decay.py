"""What all readers of decays share: which record is an instrument response, and the measurement they build."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peqled.lab.measurement import LabFileError, Measurement, dataset

__all__ = ["DECAY_NAME", "decay", "is_response"]

MAX_BINS = 20_000_000
_RESPONSE = re.compile(
    r"(?<![a-z])irf(?![a-z])|(?<![a-z])irf(?=[A-Z0-9_])|(?<=[a-z0-9_])IRF|prompt"
    r"|instrument(?:al)?[ _-]*resp|lamp[ _-]*profile"
)
_FOLDER = re.compile(r"irfs?|prompts?|responses?", re.IGNORECASE)
DECAY_NAME = re.compile(r"(?<![a-z])(?:tr-?pl|tcspc|decay|irf|prompt|flim)", re.IGNORECASE)


def is_response(*texts: str) -> bool:
    """Whether a name or header calls the record an instrument response."""
    return any(_RESPONSE.search(text) or _RESPONSE.search(text.lower()) for text in texts if text)


def decay(
    path: Path,
    reader: str,
    name: str,
    values: NDArray[Any],
    *,
    bin_width: float,
    start: float = 0.0,
    response: bool = False,
    metadata: Mapping[str, Any] | None = None,
    notes: tuple[str, ...] = (),
    flags: tuple[str, ...] = (),
) -> Measurement:
    """Measurement of one record; photon counts and other signals under different names.

    Args:
        values: one value per bin.
        bin_width: s.
        start: delay of the first bin, s.
    """
    values = np.asarray(values, dtype=float)
    values = np.where(np.abs(values) < 1e30, values, 0.0)  # NaN, infinities and "not given"
    if not (np.isfinite(bin_width) and bin_width > 0):
        raise LabFileError(path, "bin width", bin_width, "a positive time per bin")
    if not 5 <= values.size <= MAX_BINS:
        raise LabFileError(path, "record", f"{values.size} bins", f"5 to {MAX_BINS} bins")
    if not values.max() > 0:
        raise LabFileError(path, "record", "no counts at all", "a decay")
    whole = bool(values.min() >= 0 and values.max() >= 10 and np.all(values == np.round(values)))
    raw = "lab.decay_counts" if whole else "lab.decay_signal"
    delay = start + bin_width * np.arange(values.size)
    data = dataset({"delay": delay, raw: values, "nanocrystal.decay": values / values.max()})
    response = response or bool(_FOLDER.fullmatch(path.parent.name))
    known = {key: value for key, value in (metadata or {}).items() if value not in (None, "")}
    return Measurement(
        "trpl_irf" if response else "trpl_decay",
        name,
        data,
        path,
        reader,
        {"bin_width": bin_width, **known},
        notes,
        flags,
    )
