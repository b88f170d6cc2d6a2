"""KherveFitting projects (.json): spectra with background and fitted peaks, or fitted peak models alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, dataset
from peqled.lab.registry import Reader
from peqled.lab.xps.region import region_measurement, together

MAX_BYTES = 100_000_000


def _sniff(head: bytes, name: str) -> float:
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if not text.startswith(b"{"):
        return 0.0
    return 0.95 if b'"Core levels"' in text else 0.0


def _read(path: Path) -> list[Measurement]:
    if path.stat().st_size > MAX_BYTES:
        raise LabFileError(path, "size", f"{path.stat().st_size} bytes", f"at most {MAX_BYTES} bytes")
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise LabFileError(path, "json", str(error)[:80], "a complete JSON document") from None
    levels = content.get("Core levels") if isinstance(content, dict) else None
    if not isinstance(levels, dict) or not levels:
        raise LabFileError(path, "Core levels", type(levels).__name__, "an object with at least one core level")
    return together([_level(path, str(name), entry) for name, entry in levels.items() if isinstance(entry, dict)])


def _peaks(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Fitted peaks as plain numbers, in the order of the file."""
    fitting = entry.get("Fitting")
    peaks = fitting.get("Peaks") if isinstance(fitting, dict) else None
    found = []
    for name, peak in (peaks or {}).items():
        if isinstance(peak, dict) and isinstance(peak.get("Position"), int | float):
            keys = ("Position", "FWHM", "Area", "Height", "L/G")
            numbers = {key: float(peak[key]) for key in keys if isinstance(peak.get(key), int | float)}
            found.append({"name": str(name), "model": str(peak.get("Fitting Model", "")), **numbers})
    return found


def _array(entry: Any) -> np.ndarray:
    try:
        return np.array(entry if isinstance(entry, list) else [], dtype=float)
    except (TypeError, ValueError):
        return np.zeros(0)


def _level(path: Path, name: str, entry: dict[str, Any]) -> Measurement:
    peaks = _peaks(entry)
    axis, counts = _array(entry.get("B.E.")), _array(entry.get("Raw Data"))
    metadata: dict[str, Any] = {"peaks": peaks, "block_name": name, "level": name}
    if axis.size < 2 or axis.size != counts.size:
        if not peaks:
            raise LabFileError(path, name, f"{axis.size} energies, {counts.size} counts", "a spectrum or fitted peaks")
        notes = ("a fitted peak model without a spectrum",)
        return Measurement("xps_model", name, dataset({}), path, "kherve_json", metadata, notes)
    said = entry.get("Background")
    drawn: dict[str, Any] = said if isinstance(said, dict) else {}
    background = _array(drawn.get("Bkg Y"))
    metadata["background_type"] = str(drawn.get("Bkg Type", ""))
    return region_measurement(
        name=name,
        axis=axis,
        axis_label="Binding energy",
        intensity=counts,
        background=background if background.size == axis.size else None,
        photon_energy=float("nan"),
        source=path,
        reader="kherve_json",
        metadata=metadata,
    )


READER = Reader(
    name="kherve_json",
    title="KherveFitting project (JSON)",
    kinds=("xps_region", "xps_model"),
    suffixes=(".json",),
    sniff=_sniff,
    read=_read,
    checked="independent file",
)
