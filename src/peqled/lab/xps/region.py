"""One XPS region as a `Measurement`: binding-energy axis ascending, intensity, transmission and background with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, dataset
from peqled.lab.xps.axis import binding_energy, is_binding, is_kinetic

# K-alpha energies, eV (Bearden, Rev. Mod. Phys. 1967, 39, 78; ISO 15472 uses 1486.6)
SOURCE_ENERGIES = {"al": 1486.6, "mg": 1253.6, "ag": 2984.2, "cr": 5414.8, "ga": 9251.7, "he i": 21.22, "he ii": 40.81}


def label_source_energy(label: str) -> float:
    """Photon energy (eV) of a source named in words ("Al (mono)", "Mg Kalpha"), NaN if it names none."""
    plain = label.lower()
    for name in sorted(SOURCE_ENERGIES, key=len, reverse=True):
        if re.search(rf"(?<![a-z]){name}(?![a-jl-z])", plain):
            return SOURCE_ENERGIES[name]
    return float("nan")


def region_measurement(
    *,
    name: str,
    axis: np.ndarray,
    axis_label: str,
    intensity: np.ndarray,
    photon_energy: float,
    source: Path,
    reader: str,
    transmission: np.ndarray | None = None,
    background: np.ndarray | None = None,
    metadata: Mapping[str, Any] | None = None,
    notes: tuple[str, ...] = (),
) -> Measurement:
    """A region from its axis in kinetic or binding energy (eV); points that are not finite are left out and said."""
    axis, intensity = np.asarray(axis, dtype=float), np.asarray(intensity, dtype=float)
    if axis.size < 2 or axis.size != intensity.size:
        raise LabFileError(
            source, name, f"{axis.size} abscissa and {intensity.size} ordinate values", "two or more pairs"
        )
    extra = dict(metadata or {})
    kinetic = is_kinetic(axis_label) or not is_binding(axis_label)
    if kinetic and not is_kinetic(axis_label):
        kinetic = _looks_kinetic(axis, photon_energy)
        notes += (f"axis '{axis_label}' taken as {'kinetic' if kinetic else 'binding'} energy from its range",)
    keep = np.isfinite(axis) & np.isfinite(intensity)
    if not keep.all():
        notes += (f"{int((~keep).sum())} points without a number left out",)
    if keep.sum() < 2:
        raise LabFileError(source, name, f"{int(keep.sum())} finite points", "two or more")
    known = np.isfinite(photon_energy)
    extra.setdefault("photon_energy_ev", float(photon_energy) if known else None)
    flags = () if known or not kinetic else ("READ_HV",)
    energy = binding_energy(axis, photon_energy=photon_energy) if kinetic and known else axis
    coordinate = "kinetic_energy" if kinetic and not known else "binding_energy"
    order = np.argsort(energy[keep], kind="stable")
    values: dict[str, Any] = {coordinate: energy[keep][order]}
    variable = "lab.xps_intensity_kinetic" if coordinate == "kinetic_energy" else "lab.xps_intensity"
    values[variable] = intensity[keep][order]
    if coordinate == "binding_energy":
        for key, column in (("lab.xps_transmission", transmission), ("lab.xps_background", background)):
            if column is not None and np.shape(column) == axis.shape:
                values[key] = np.asarray(column, dtype=float)[keep][order]
    extra["axis_is_kinetic"] = bool(kinetic)
    extra["points"] = int(axis.size)
    return Measurement("xps_region", name, dataset(values), source, reader, extra, notes, flags)


def _looks_kinetic(axis: np.ndarray, photon_energy: float) -> bool:
    """Without a label: an axis written downwards is binding energy; one that passes 1250 eV upwards is kinetic."""
    return bool(axis[-1] > axis[0] and np.isfinite(photon_energy) and np.nanmax(axis) > 0.8 * photon_energy)


def together(regions: list[Measurement]) -> list[Measurement]:
    """Regions of one file: told how many they are, and given their number where a name repeats."""
    names = [region.name for region in regions]
    told = []
    for number, region in enumerate(regions, start=1):
        name = f"{region.name} [{number}]" if names.count(region.name) > 1 else region.name
        told.append(replace(region, name=name, metadata={**region.metadata, "regions_in_file": len(regions)}))
    return told
