"""J-V-L tables: voltage with current or current density, and luminance, photocurrent or radiant power."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, Reader, dataset
from peqled.lab.readers._columns import Role, find_roles, header_metadata
from peqled.lab.text import Table, head_table, read_tables

_COUNT = r"(?: ?\(?\d+\)?)?"
_WHOSE = (
    r"(?:applied |bias |source |smu ?\d? |device |oled |led |peled |qled |pixel |drive |driving |cell |meas(?:ured)? )*"
)
_TAIL = r" ?(?:bias|app|dev|oled|led|source|meas|d|f)(?: ?ch ?\d)?"
ROLES = (
    Role(
        "voltage",
        (rf"{_WHOSE}(?:voltage|volt|spannung|bias|v|u){_COUNT}", rf"v(?:oltage)?{_TAIL}", r"(?:voltage|spannung) .*"),
        "V",
    ),
    Role(
        "led.current_density",
        (rf"(?:j|jd|current density|stromdichte|j abs|curr(?:ent)? dens.*){_COUNT}", rf"{_WHOSE}current density"),
        "A/m^2",
        10.0,
    ),
    Role(
        "lab.photocurrent",
        (
            r"(?:photo ?current|photodiode(?: current)?|i ?ph(?:oto)?|i ?pd|pd(?: current)?|fotostrom|detector current"
            rf"|diode current){_COUNT}",
        ),
        "A",
    ),
    Role("lab.photodiode_voltage", (r"(?:photo ?diode|pd|detector) ?(?:voltage|signal|output)", r"[vu] ?pd"), "V"),
    Role(
        "lab.current",
        (rf"{_WHOSE}(?:current|curr|strom|i){_COUNT}", rf"i{_TAIL}", r"(?:current|strom) .*"),
        "A",
    ),
    Role(
        "led.luminance",
        (rf"(?:l|lv|lum|luminance|luminanz|leuchtdichte|brightness|luminosity|helligkeit){_COUNT}", r"luminance .*"),
        "cd/m^2",
    ),
    Role("led.radiance", (r"radiance|le",), "W/sr/m^2"),
    Role(
        "lab.radiant_power",
        (r"(?:radiant|optical|light|output) ?(?:power|flux)|p(?:opt| opt)|power|(?:radiant )?flux",),
        "W",
    ),
    Role("lab.photon_rate", (r"photon ?(?:flux|rate)|photons|photons per s(?:econd)?",), "1/s"),
    Role("lab.instrument_eqe", (r"eqe.*|ext(?:ernal)? quantum eff.*|external quantum efficiency",), "1", 0.01),
    Role("lab.instrument_power_efficiency", (r"pe|power eff.*|luminous eff.*|lm ?/ ?w",), "lm/W"),
)
LIGHT = (
    "led.luminance",
    "lab.photocurrent",
    "lab.photodiode_voltage",
    "lab.radiant_power",
    "lab.photon_rate",
    "led.radiance",
)


def _roles(names: Sequence[str], units: Sequence[str]) -> dict[str, tuple[int, float, bool]]:
    found = find_roles(names, units, ROLES)
    if "led.current_density" not in found and "lab.current" in found:  # "Current (mA/cm2)"
        return found
    density = next(
        (
            i
            for i, (n, u) in enumerate(zip(names, units, strict=True))
            if re.fullmatch(r"(?:current|i|strom).*", n, re.IGNORECASE) and "/" in u and "m" in u
        ),
        None,
    )
    if "led.current_density" not in found and density is not None:
        more = find_roles([names[density]], [units[density]], [Role("led.current_density", (".*",), "A/m^2", 10.0)])
        if more:
            found["led.current_density"] = (density, *more["led.current_density"][1:])
    return found


def _is_sweep(found: dict[str, Any]) -> bool:
    return "voltage" in found and ("lab.current" in found or "led.current_density" in found)


def sniff(head: bytes, name: str) -> float:
    """High with voltage, current and light; low for a dark current-voltage table."""
    table = head_table(head)
    if table is None or table.values.shape[1] < 2:
        return 0.0
    found = _roles(table.names, table.units)
    if not _is_sweep(found):
        return 0.0
    if any(key in found for key in LIGHT):
        return 0.95
    return 0.45 if len(table.names) < 8 else 0.0


def read(path: Path) -> list[Measurement]:
    """One measurement per sweep: per block of rows, and per repeated set of columns."""
    found = [m for table in read_tables(path) for m in _of_table(path, table)]
    if not found:
        raise LabFileError(
            path, "columns", "no voltage with a current", "columns such as Voltage (V), J (mA/cm2), L (cd/m2)"
        )
    if len(found) == 1:
        return found
    names = [m.name for m in found]
    unique = names if len(set(names)) == len(names) else [f"{m.name}#{i}" for i, m in enumerate(found, 1)]
    return [
        Measurement(m.kind, name, m.data, path, m.reader, m.metadata, m.notes, m.flags)
        for m, name in zip(found, unique, strict=True)
    ]


def _of_table(path: Path, table: Table) -> list[Measurement]:
    sets = _column_sets(table)
    return [made for first, stop in sets if (made := _sweep(path, table, first, stop)) is not None]


def _column_sets(table: Table) -> list[tuple[int, int]]:
    """Ranges of columns that each begin with a voltage: several devices side by side."""
    starts = [
        i
        for i, (name, unit) in enumerate(zip(table.names, table.units, strict=True))
        if "voltage" in find_roles([name], [unit], ROLES[:1])
    ]
    if len(starts) < 2 or len({b - a for a, b in zip(starts, [*starts[1:], len(table.names)], strict=True)}) > 1:
        return [(0, len(table.names))]
    return list(zip(starts, [*starts[1:], len(table.names)], strict=True))


def _sweep(path: Path, table: Table, first: int, stop: int) -> Measurement | None:
    found = _roles(table.names[first:stop], table.units[first:stop])
    if not _is_sweep(found) or len(table.values) < 2:
        return None
    values = {key: table.values[:, first + index] * factor for key, (index, factor, _) in found.items()}
    good = np.isfinite(values["voltage"])
    values = {key: column[good] for key, column in values.items()}
    assumed = [key for key, (_, _, guess) in found.items() if guess and key != "lab.instrument_eqe"]
    notes = list(table.notes())
    if assumed:
        notes.append("units taken from the usual layout: " + ", ".join(key.rpartition(".")[2] for key in assumed))
    metadata: dict[str, Any] = dict(header_metadata(table.header))
    if area := _area(values):
        metadata["area_from_columns"] = area
    return Measurement(
        "jvl",
        str(metadata.get("sample") or path.stem),
        dataset(values),
        path,
        "jvl_table",
        metadata,
        tuple(notes),
        ("READ_UNIT",) if assumed else (),
    )


def _area(values: dict[str, Any]) -> float | None:
    """Area (m2) that the file's own current and current density imply."""
    if "lab.current" not in values or "led.current_density" not in values:
        return None
    current, density = np.abs(values["lab.current"]), np.abs(values["led.current_density"])
    strong = (density > 1e-3 * np.nanmax(density)) & (current > 0)
    return float(np.median(current[strong] / density[strong])) if strong.any() else None


READER = Reader(
    "jvl_table", "J-V-L sweep as a table", ("jvl",), (".txt", ".csv", ".dat", ".xlsx"), sniff, read, "independent file"
)
