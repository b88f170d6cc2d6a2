"""PANalytical XRDML (.xrdml): intensities under ``counts`` (raw, to be multiplied by the attenuation) or
``intensities``.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.readers import _xml
from peqled.lab.readers._scan import scan_measurement
from peqled.lab.registry import Reader
from peqled.lab.xrd.pattern import collapsed


def _sniff(head: bytes, name: str) -> float:
    return 0.97 if b"<xrdMeasurements" in head or b"XRDMeasurement" in head[:2000] else 0.0


def _numbers(element: ElementTree.Element, path: Path) -> np.ndarray:
    try:
        return np.array((element.text or "").split(), dtype=float)
    except ValueError as error:
        raise LabFileError(path, _xml.local(element), str(error)[:80], "numbers") from None


def _scanned(scan: ElementTree.Element, points: int, path: Path) -> tuple[str, np.ndarray]:
    """Axis of a scan and its angles: 2 theta where it moves, else the first axis that does."""
    try:
        return "2Theta", _angles(scan, points, path)
    except LabFileError as error:
        for positions in _xml.all_named(scan, "positions"):
            start, end = _xml.number(positions, "startPosition"), _xml.number(positions, "endPosition")
            if start is not None and end is not None and start != end and positions.get("unit", "deg") == "deg":
                return positions.get("axis", ""), np.linspace(start, end, points)
        raise error


def _angles(scan: ElementTree.Element, points: int, path: Path) -> np.ndarray:
    for positions in _xml.all_named(scan, "positions"):
        if positions.get("axis", "").replace(" ", "").lower() not in ("2theta", "twotheta"):
            continue
        listed = _xml.first(positions, "listPositions")
        if listed is not None:
            return _numbers(listed, path)
        start, end = _xml.number(positions, "startPosition"), _xml.number(positions, "endPosition")
        if start is not None and end is not None:
            return np.linspace(start, end, points)
        common = _xml.number(positions, "commonPosition")
        if common is not None:
            raise LabFileError(path, "2Theta", f"fixed at {common} deg", "a scan over 2Theta")
    raise LabFileError(path, "positions", "no 2Theta axis", "start and end, or a list, of 2Theta")


def _read(path: Path) -> list[Measurement]:
    if path.stat().st_size > _xml.MAX_BYTES:
        raise LabFileError(path, "size", f"{path.stat().st_size} bytes", f"at most {_xml.MAX_BYTES} bytes")
    root = _xml.parse(path.read_bytes(), path)
    title = _xml.text(root, "id") or _xml.text(root, "name")
    found = []
    for measurement in _xml.all_named(root, "xrdMeasurement"):
        scans = list(_xml.all_named(measurement, "scan"))
        for number, scan in enumerate(scans, start=1):
            found.append(_scan(path, measurement, scan, title, number if len(scans) > 1 else 0))
    if not found:
        raise LabFileError(path, "scan", "no xrdMeasurement with a scan", "at least one")
    return collapsed(found)


def _scan(path: Path, about: ElementTree.Element, scan: ElementTree.Element, title: str, number: int) -> Measurement:
    notes: list[str] = []
    values = _xml.first(scan, "intensities")
    raw = _xml.first(scan, "counts") if values is None else None
    element = values if values is not None else raw
    if element is None:
        raise LabFileError(path, "dataPoints", "neither 'intensities' nor 'counts'", "one of them")
    intensity = _numbers(element, path)
    attenuation = _xml.first(scan, "beamAttenuationFactors")
    if raw is not None and attenuation is not None:
        factors = _numbers(attenuation, path)
        if factors.size == intensity.size:
            intensity = intensity * factors
            notes.append("counts multiplied by the beam attenuation factors")
    if intensity.size > 5_000_000:
        raise LabFileError(path, "dataPoints", f"{intensity.size} points", "a one-dimensional scan")
    anode = _xml.text(about, "anodeMaterial")
    metadata = {
        "wavelength_alpha1_angstrom": _xml.number(about, "kAlpha1"),
        "wavelength_alpha2_angstrom": _xml.number(about, "kAlpha2"),
        "alpha2_ratio": _xml.number(about, "ratioKAlpha2KAlpha1"),
        "anode": anode,
        "goniometer_radius_mm": _xml.number(about, "radius"),
        "time_per_step": _xml.number(scan, "commonCountingTime"),
        "intended": next((e.get("intended", "") for e in _xml.all_named(about, "usedWavelength")), ""),
        "unit": element.get("unit", ""),
        "element": _xml.local(element),
        "date": _xml.text(scan, "startTimeStamp"),
    }
    name = (title or path.stem) + (f" [{number}]" if number else "")
    axis, angle = _scanned(scan, intensity.size, path)
    return scan_measurement(
        axis=axis,
        name=name,
        angle=angle,
        intensity=intensity,
        source=path,
        reader="panalytical_xrdml",
        metadata=metadata,
        notes=tuple(notes),
    )


READER = Reader(
    name="panalytical_xrdml",
    title="PANalytical XRDML",
    kinds=("xrd", "spectrum"),
    suffixes=(".xrdml",),
    sniff=_sniff,
    read=_read,
    checked="independent file; library: fairmat-readers-xrd",
)
