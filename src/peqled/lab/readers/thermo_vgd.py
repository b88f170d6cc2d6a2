"""Thermo Avantage data space (.vgd): an OLE compound file with raw doubles and binary axis records.

Streams used: ``VGData`` (float64, energy fastest), ``VGDataAxes`` (start, end and number of space axes of each data
axis), ``VGSpaceAxes`` (points, start, width, linear flag, values or type), a property set with photon and pass energy.
The axis is kinetic energy. The layout was learnt from published descriptions; no independent file was at hand.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.registry import Reader
from peqled.lab.xps.core_levels import level_name
from peqled.lab.xps.region import region_measurement, together

SIGNATURE = bytes.fromhex("D0CF11E0A1B11AE1")
MAX_BYTES = 200_000_000
MAX_SPECTRA = 500
_PHOTON, _PASS, _WORK = 0x69, 0x194, 0x196
_ENERGY_AXIS = 1
_FORMS = {2: "<h", 3: "<i", 4: "<f", 5: "<d", 19: "<I", 22: "<i", 23: "<I"}  # OLE variant types of numbers


@dataclass(frozen=True)
class SpaceAxis:
    """One axis record: number of points, first value, increment; explicit values where it is not linear."""

    points: int
    start: float
    width: float
    values: np.ndarray | None
    kind: int

    def coordinates(self) -> np.ndarray:
        """Values of all points."""
        return self.values if self.values is not None else self.start + self.width * np.arange(self.points)


def space_axes(raw: bytes) -> list[SpaceAxis]:
    """Axis records of a ``VGSpaceAxes`` stream: three length-prefixed UTF-16 labels, then numbers, for each axis."""
    try:
        _, count = struct.unpack_from("<2I", raw, 0)
        at, found = 8, []
        for _ in range(min(count, 16)):
            for _ in range(3):
                (length,) = struct.unpack_from("<I", raw, at)
                at += 4 + length
            points, start, width, linear = struct.unpack_from("<Iddb", raw, at)
            at += 21
            values = None
            if not linear:
                if at + 8 * points > len(raw):
                    raise struct.error(f"{points} axis values in {len(raw)} bytes")
                values = np.frombuffer(raw, "<f8", points, at)
                at += 8 * points
            (kind,) = struct.unpack_from("<I", raw, at)
            at += 4
            found.append(SpaceAxis(points, start, width, values, kind))
    except struct.error as error:
        raise ValueError(f"axis record: {error}") from None
    return found


def _sniff(head: bytes, name: str) -> float:
    if not head.startswith(SIGNATURE):
        return 0.0
    return 0.95 if "VGData".encode("utf-16-le") in head else 0.5 if name.lower().endswith(".vgd") else 0.0


def _stream(ole: Any, path: Path, name: str) -> bytes:
    if not ole.exists(name):
        raise LabFileError(path, "stream", f"no '{name}'", "an Avantage data space")
    return ole.openstream(name).read()


def property_set(raw: bytes) -> dict[int, float]:
    """Numbers of the first section of an OLE property set by identifier (olefile reads no floats from them)."""
    found: dict[int, float] = {}
    try:
        (section,) = struct.unpack_from("<I", raw, 44)
        (count,) = struct.unpack_from("<I", raw, section + 4)
        for number in range(min(count, 5000)):
            key, offset = struct.unpack_from("<2I", raw, section + 8 + 8 * number)
            (kind,) = struct.unpack_from("<I", raw, section + offset)
            form = _FORMS.get(kind & 0xFFFF)
            if form is not None:
                found[key] = float(struct.unpack_from(form, raw, section + offset + 4)[0])
    except struct.error:  # a damaged property set costs its metadata, not the spectrum
        return found
    return found


def _properties(ole: Any) -> dict[int, float]:
    found: dict[int, float] = {}
    for entry in ole.listdir():
        if len(entry) == 1 and entry[0].startswith("\x05") and "SummaryInformation" not in entry[0]:
            found.update(property_set(ole.openstream(entry[0]).read()))
    return found


def _read(path: Path) -> list[Measurement]:
    import olefile

    if path.stat().st_size > MAX_BYTES:
        raise LabFileError(path, "size", f"{path.stat().st_size} bytes", f"at most {MAX_BYTES} bytes")
    try:
        with olefile.OleFileIO(str(path)) as ole:
            data, axes_raw = _stream(ole, path, "VGData"), _stream(ole, path, "VGSpaceAxes")
            properties = _properties(ole)
            title = ole.get_metadata().title if ole.exists("\x05SummaryInformation") else None
    except LabFileError:
        raise
    except Exception as error:  # the container library raises many kinds on damaged files
        raise LabFileError(
            path, "container", f"{type(error).__name__}: {error}"[:100], "an OLE compound file"
        ) from None
    try:
        axes = space_axes(axes_raw)
    except ValueError as error:
        raise LabFileError(path, "VGSpaceAxes", str(error), "axis records") from None
    title_text = title.decode("latin-1", "replace") if isinstance(title, bytes) else str(title or "")
    return _measurements(path, data, axes, properties, title_text.strip("\x00 "))


def _measurements(
    path: Path, data: bytes, axes: list[SpaceAxis], properties: dict[int, float], title: str
) -> list[Measurement]:
    if not axes or axes[0].kind not in (0, _ENERGY_AXIS):
        raise LabFileError(path, "axes", f"{len(axes)} axes, no energy axis first", "a spectrum")
    points = axes[0].points
    values = np.frombuffer(data, "<f8", len(data) // 8)
    if points < 2 or values.size < points or values.size % points:
        raise LabFileError(path, "VGData", f"{values.size} values", f"a multiple of {points} points")
    spectra, energy, notes = values.reshape(-1, points), axes[0].coordinates(), []
    if len(spectra) > MAX_SPECTRA:
        notes.append(f"{len(spectra)} spectra of a map summed")
        spectra = spectra.sum(axis=0, keepdims=True)
    photon = properties.get(_PHOTON, float("nan"))
    metadata = {
        "pass_energy_ev": properties.get(_PASS, float("nan")),
        "work_function_field_ev": properties.get(_WORK, float("nan")),
        "title": title,
        "block_name": title,
    }
    name = next((found for text in (title, path.stem) if (found := level_name(text))), title or path.stem)
    regions = [
        region_measurement(
            name=name,
            axis=energy,
            axis_label="Kinetic energy",
            intensity=spectrum,
            photon_energy=photon if photon > 0.0 else float("nan"),
            source=path,
            reader="thermo_vgd",
            metadata={**metadata, "level": number, "sample": path.parent.name},
            notes=tuple(notes),
        )
        for number, spectrum in enumerate(spectra)
    ]
    return together(regions) if len(regions) > 1 else regions


READER = Reader(
    name="thermo_vgd",
    title="Thermo Avantage data space (.vgd)",
    kinds=("xps_region",),
    suffixes=(".vgd",),
    sniff=_sniff,
    read=_read,
    checked="unverified",
)
