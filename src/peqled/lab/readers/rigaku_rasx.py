"""Rigaku SmartLab container (.rasx): ``DataN/ProfileM.txt`` with byte-order mark, and its conditions as XML.

The member of the conditions is really named ``MesurementConditionsM.xml``. Columns: angle, intensity, attenuation
factor.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.readers import _xml
from peqled.lab.readers._archive import MAX_SCANS, archive, member, names_in, natural
from peqled.lab.readers._scan import scan_measurement
from peqled.lab.registry import Reader
from peqled.lab.xrd.pattern import collapsed

_PROFILE = re.compile(r"Data(\d+)/Profile(\d+)\.txt$", re.I)


def _sniff(head: bytes, name: str) -> float:
    if not head.startswith(b"PK"):
        return 0.0
    members = names_in(head)
    if any(_PROFILE.search(entry) or "MesurementConditions" in entry for entry in members):
        return 0.97
    return 0.5 if name.lower().endswith(".rasx") else 0.0


def _columns(raw: bytes, name: str, path: Path) -> np.ndarray:
    text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", errors="replace")
    rows = [re.split(r"[\t ,;]+", line.strip()) for line in text.splitlines() if line.strip()]
    width = min((len(row) for row in rows), default=0)
    try:
        table = np.array([row[: min(width, 3)] for row in rows], dtype=float)
    except ValueError as error:
        raise LabFileError(path, name, str(error)[:80], "columns of numbers") from None
    if table.ndim != 2 or table.shape[1] < 2:
        raise LabFileError(path, name, f"{width} columns", "angle and intensity")
    return table


def _conditions(raw: bytes | None, path: Path) -> dict[str, float | str | None]:
    if raw is None:
        return {}
    root = _xml.parse(raw, path)
    axis = next((e.get("Name", "") or (e.text or "") for e in _xml.all_named(root, "AxisName")), "")
    return {
        "wavelength_alpha1_angstrom": _xml.number(root, "WavelengthKalpha1"),
        "wavelength_alpha2_angstrom": _xml.number(root, "WavelengthKalpha2"),
        "anode": _xml.text(root, "TargetName")[:2],
        "scan_axis": axis.strip(),
        "unit": _xml.text(root, "IntensityUnit"),
        "sample": _xml.text(root, "SampleName"),
    }


def _read(path: Path) -> list[Measurement]:
    with archive(path) as container:
        names = container.namelist()
        profiles = natural(name for name in names if _PROFILE.search(name))
        if not profiles:
            raise LabFileError(path, "members", ", ".join(names)[:80], "Data0/Profile0.txt")
        found = []
        for name in profiles[:MAX_SCANS]:
            folder = name.rpartition("/")[0]
            about = next(
                (n for n in names if n.startswith(f"{folder}/") and "Conditions" in n and n.endswith(".xml")), None
            )
            told = _conditions(None if about is None else member(container, about, path), path)
            found.append(_pattern(path, name, _columns(member(container, name, path), name, path), told, len(profiles)))
    return collapsed(found)


def _pattern(path: Path, name: str, table: np.ndarray, told: dict[str, float | str | None], count: int) -> Measurement:
    factor = table[:, 2] if table.shape[1] > 2 else np.ones(len(table))
    attenuated = bool(np.any((factor > 0.0) & (factor != 1.0)))
    return scan_measurement(
        axis=str(told.get("scan_axis") or ""),
        name=str(told.get("sample") or path.stem) + (f" [{name.partition('/')[0]}]" if count > 1 else ""),
        angle=table[:, 0],
        intensity=table[:, 1] * np.where(factor > 0.0, factor, 1.0),
        source=path,
        reader="rigaku_rasx",
        metadata=told,
        notes=("intensity multiplied by the attenuation factors",) if attenuated else (),
    )


READER = Reader(
    name="rigaku_rasx",
    title="Rigaku SmartLab container (.rasx)",
    kinds=("xrd", "spectrum"),
    suffixes=(".rasx",),
    sniff=_sniff,
    read=_read,
    checked="independent file; library: fairmat-readers-xrd",
)
