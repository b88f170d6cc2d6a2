"""Results for other systems: a NOMAD archive with a section for light-emitting diodes, and an ``.eln`` package.

NOMAD has no class for light-emitting diodes, so the archive carries its own definition beside the data. An ``.eln``
is an RO-Crate 1.1 in a zip container (TheELNConsortium): a folder with ``ro-crate-metadata.json`` and the files that
it names.
"""

from __future__ import annotations

import hashlib
import json
import math
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import peqled
from peqled.lab.measurement import Quantity
from peqled.lab.reading import Reading
from peqled.result import write_atomically, write_json

__all__ = ["write_eln", "write_nomad"]

LED = {
    "eqe_lambertian_pct": "Peak EQE from forward luminance as if Lambertian, %",
    "eqe_corrected_pct": "Peak EQE with the measured angular factor, %",
    "ce_cd_a": "Peak current efficiency, cd/A",
    "luminance_max_cdm2": "Highest luminance, cd/m2",
    "turn_on_v_at_1cdm2": "Turn-on voltage at 1 cd/m2, V",
    "peak_nm_fit": "EL peak wavelength, nm",
    "fwhm_nm_halfheight": "EL width, nm",
    "cie_x": "CIE 1931 x",
    "cie_y": "CIE 1931 y",
    "lambertian_factor": "Lambertian factor",
    "t50_h": "Time to half of the initial luminance, h",
}
"""Quantities of the proposed section, with their description."""


def write_nomad(reading: Reading, path: Path) -> Path:
    """Write ``*.archive.json``: the definition of the section, and an entry per sample that has any of its numbers."""
    quantities: dict[str, Any] = {}
    for name, text in LED.items():
        quantities[name] = {"type": "np.float64", "description": text}
        quantities[f"{name}_uncertainty"] = {
            "type": "np.float64",
            "description": f"Standard uncertainty, {text}",
        }
    device = {"quantities": {"name": {"type": "str"}, "files": {"type": "str"}, "flags": {"type": "str"}, **quantities}}
    series = {
        "base_sections": ["nomad.datamodel.data.EntryData"],
        "sub_sections": {"devices": {"section": "#/LightEmittingDevice", "repeats": True}},
    }
    data = {"m_def": "LightEmittingDiodes", "devices": _devices(reading)}
    definitions = {"name": "peqled LED", "sections": {"LightEmittingDevice": device, "LightEmittingDiodes": series}}
    return write_json(path, {"definitions": definitions, "data": data})


def _devices(reading: Reading) -> list[dict[str, Any]]:
    devices: dict[tuple[str, str], dict[str, Any]] = {}
    for row in reading.quantities:
        if row.quantity in LED and not isinstance(row.value, str) and math.isfinite(row.value):
            _add(devices.setdefault((row.file.rpartition("/")[0], row.sample), {"name": row.sample}), row)
    return list(devices.values())


def _add(device: dict[str, Any], row: Quantity) -> None:
    device.setdefault(row.quantity, row.value)
    if math.isfinite(row.uncertainty):
        device.setdefault(f"{row.quantity}_uncertainty", row.uncertainty)
    for key, texts in (("files", row.file.split(";")), ("flags", list(row.flags))):
        held = device.get(key, "").split(";") if device.get(key) else []
        device[key] = ";".join(dict.fromkeys([*held, *texts]))


def write_eln(reading: Reading, folder: Path, path: Path) -> Path:
    """Pack the tables, the measurements and the page of an output folder as an ``.eln``."""
    names = ("results.csv", "files.csv", "results.xlsx", "measurements.nc", "report.html")
    members = [folder / name for name in names if (folder / name).is_file()]
    crate = json.dumps(_crate(reading, members), indent=1, ensure_ascii=False)
    root = path.stem

    def pack(temporary: Path) -> None:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{root}/ro-crate-metadata.json", crate)
            for member in members:
                archive.write(member, f"{root}/measurement/{member.name}")

    return write_atomically(path, pack)


def _crate(reading: Reading, members: list[Path]) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    files = [_file(member) for member in members]
    kinds = ", ".join(sorted({m.kind for m in reading.measurements}))
    title = f"Measurements in {reading.root.name}"
    author = {"@id": "#peqled", "@type": "SoftwareApplication", "name": "peqled", "version": peqled.__version__}
    entry = {
        "@id": "./measurement/",
        "@type": "Dataset",
        "name": title,
        "text": f"{len(reading.quantities)} numbers from {len(reading.measurements)} measurements: {kinds}",
        "dateCreated": now,
        "author": {"@id": "#peqled"},
        "hasPart": [{"@id": file["@id"]} for file in files],
    }
    top = {"@id": "./", "@type": "Dataset", "name": title, "datePublished": now, "hasPart": [{"@id": "./measurement/"}]}
    about = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "dateCreated": now,
        "sdPublisher": {"@id": "#peqled"},
    }
    return {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": [about, top, entry, author, *files]}


def _file(member: Path) -> dict[str, Any]:
    formats = {".csv": "text/csv", ".html": "text/html", ".nc": "application/x-netcdf"}
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    with member.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "@id": f"./measurement/{member.name}",
        "@type": "File",
        "name": member.name,
        "encodingFormat": formats.get(member.suffix, sheet),
        "contentSize": str(member.stat().st_size),
        "sha256": digest,
    }
