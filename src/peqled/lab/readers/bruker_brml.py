"""Bruker DIFFRAC container (.brml): ``Experiment*/RawData*.xml`` with one ``Datum`` per step, or one for a whole scan.

A ``Datum`` is a comma-separated row; the ``RawDataView`` elements say which columns hold what (planned and measured
time, varying axes, recorded counts). Where they are missing the usual order is taken: times, 2 theta, theta, counts.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.readers import _xml
from peqled.lab.readers._archive import MAX_SCANS, archive, member, names_in, natural
from peqled.lab.registry import Reader
from peqled.lab.xrd.pattern import collapsed, xrd_measurement

_RAW = re.compile(r"(?:^|/)RawData\d*\.xml$", re.I)


def _sniff(head: bytes, name: str) -> float:
    if not head.startswith(b"PK"):
        return 0.0
    if any(_RAW.search(entry) or entry.startswith("Experiment") for entry in names_in(head)):
        return 0.95
    return 0.6 if name.lower().endswith(".brml") else 0.0


def _rows(route: ElementTree.Element, path: Path) -> np.ndarray:
    texts = [(datum.text or "").strip() for datum in _xml.all_named(route, "Datum")]
    rows = [text.split(",") for text in texts if text]
    if not rows:
        raise LabFileError(path, "Datum", "none", "rows of numbers")
    width = min(len(row) for row in rows)
    try:
        return np.array([row[:width] for row in rows], dtype=float)
    except ValueError as error:
        raise LabFileError(path, "Datum", str(error)[:80], "numbers") from None


def _views(route: ElementTree.Element) -> list[tuple[int, int, str]]:
    """Start column, length and meaning of each view of a row."""
    found = []
    for view in _xml.all_named(route, "RawDataView"):
        kind = next((value for key, value in view.attrib.items() if key.rpartition("}")[2] == "type"), "")
        names = " ".join(
            [
                view.get("LogicName", ""),
                *(e.get("LogicName", "") for e in view.iter()),
                *(e.get("FieldName", "") for e in view.iter()),
            ]
        )
        try:
            found.append((int(view.get("Start", "")), int(view.get("Length", "")), f"{kind} {names}"))
        except ValueError:
            continue
    return found


def _axes(route: ElementTree.Element) -> dict[str, tuple[float, float, float]]:
    """Start, stop and increment of each scan axis by its identifier; those of a resting detector count from where it
    stands."""
    found = {}
    still = _xml.text(route, "ScanMode") == "StillScan"
    for axis in _xml.all_named(route, "ScanAxisInfo"):
        name = (axis.get("AxisId") or axis.get("AxisName") or "").replace(" ", "").lower()
        start, stop, step = (_xml.number(axis, key) for key in ("Start", "Stop", "Increment"))
        if start is not None and stop is not None:
            at = (_xml.number(axis, "Reference") or 0.0) if still else 0.0
            found[name] = (at + start, at + stop, step or 0.0)
    return found


def _pattern(route: ElementTree.Element, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Angles (deg) and counts of a route."""
    rows, views, axes = _rows(route, path), _views(route), _axes(route)
    scanned = next((axes[key] for key in ("twotheta", "2theta") if key in axes), None)
    recording = sorted(("Counter" not in what, s, n) for s, n, what in views if "Record" in what or "Counter" in what)
    recorded = recording[0][1:] if recording else None
    if len(rows) == 1:  # a whole scan of a detector in one row
        start, length = recorded if recorded and recorded[1] > 1 else (2, rows.shape[1] - 2)
        counts = rows[0, start : start + length]
        if scanned is None:
            raise LabFileError(path, "ScanAxes", "no 2 theta", "start and stop of 2 theta")
        return np.linspace(scanned[0], scanned[1], counts.size), counts
    varying = next((s for s, n, what in views if "Varying" in what), 2 if rows.shape[1] >= 4 else None)
    counts = rows[:, recorded[0] if recorded and recorded[0] < rows.shape[1] else -1]
    if varying is not None and varying < rows.shape[1] - 1 and np.ptp(rows[:, varying]) > 0.0:
        return _two_theta(rows, varying, scanned), counts
    if scanned is None:
        raise LabFileError(path, "ScanAxes", "no 2 theta", "start and stop of 2 theta")
    return np.linspace(scanned[0], scanned[1], len(rows)), counts


def _two_theta(rows: np.ndarray, varying: int, scanned: tuple[float, float, float] | None) -> np.ndarray:
    """Column of 2 theta: the one that fits the announced range, else the first varying one."""
    if scanned is not None:
        for column in range(varying, min(varying + 3, rows.shape[1])):
            if (
                abs(rows[0, column] - scanned[0]) < max(0.05, 2 * scanned[2])
                and abs(rows[-1, column] - scanned[1]) < 1.0
            ):
                return rows[:, column]
    return rows[:, varying]


def _read(path: Path) -> list[Measurement]:
    found = []
    with archive(path) as container:
        names = natural(name for name in container.namelist() if _RAW.search(name))
        if not names:
            raise LabFileError(path, "members", ", ".join(container.namelist())[:80], "Experiment0/RawData0.xml")
        for name in names[:MAX_SCANS]:
            root = _xml.parse(member(container, name, path), path)
            routes = list(_xml.all_named(root, "DataRoute")) or [root]
            for route in routes:
                if _xml.first(route, "Datum") is not None:
                    found.append(_measurement(path, root, route, len(found) + 1))
    if not found:
        raise LabFileError(path, "DataRoute", "no data", "rows of a scan")
    return collapsed(found)


def _measurement(path: Path, root: ElementTree.Element, route: ElementTree.Element, number: int) -> Measurement:
    angle, counts = _pattern(route, path)
    metadata = {
        "wavelength_alpha1_angstrom": _xml.number(root, "WaveLengthAlpha1"),
        "wavelength_alpha2_angstrom": _xml.number(root, "WaveLengthAlpha2"),
        "alpha2_ratio": _xml.number(root, "WaveLengthRatio"),
        "anode": next((e.get("Value", "") or (e.text or "") for e in _xml.all_named(root, "TubeMaterial")), "")[:2],
        "date": _xml.text(root, "TimeStampStarted"),
    }
    return xrd_measurement(
        name=path.stem if number == 1 else f"{path.stem} [{number}]",
        two_theta=angle,
        intensity=counts,
        source=path,
        reader="bruker_brml",
        metadata=metadata,
    )


READER = Reader(
    name="bruker_brml",
    title="Bruker DIFFRAC container (.brml)",
    kinds=("xrd",),
    suffixes=(".brml",),
    sniff=_sniff,
    read=_read,
    checked="independent file; library: fairmat-readers-xrd",
)
