"""J-V-L tables: voltage with current or current density, and luminance, photocurrent or radiant power."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, Reader, dataset
from peqled.lab.readers._columns import Role, find_roles, header_metadata, named_by_unit
from peqled.lab.text import Table, head_table, read_tables
from peqled.lab.units import factor_to

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
        (
            rf"(?:j|jd|current density|stromdichte|abs j|j abs|curr?(?:ent)? dens.*){_COUNT}",
            rf"{_WHOSE}current density",
        ),
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
    found = _named_by_units(find_roles(names, units, ROLES), names, units)
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


def _named_by_units(
    found: dict[str, tuple[int, float, bool]], names: Sequence[str], units: Sequence[str]
) -> dict[str, tuple[int, float, bool]]:
    """The roles, and those of columns whose names are units: ``V, mA/cm2, cd/m2``."""
    for key, unit in (
        ("voltage", "V"),
        ("led.current_density", "A/m^2"),
        ("lab.current", "A"),
        ("led.luminance", "cd/m^2"),
    ):
        index = named_by_unit(names, units, unit)
        if key not in found and index is not None and index not in {i for i, _, _ in found.values()}:
            found[key] = (index, factor_to(names[index], unit) or 1.0, False)
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
    return [made for columns in _column_sets(table) if (made := _sweep(path, table, columns)) is not None]


def _column_sets(table: Table) -> list[list[int]]:
    """Columns of each device: of the whole table, or of several devices side by side, each with its voltage or all with
    the first."""
    starts = [
        i
        for i, (name, unit) in enumerate(zip(table.names, table.units, strict=True))
        if "voltage" in find_roles([name], [unit], ROLES[:1])
    ]
    if not starts:
        return [list(range(len(table.names)))]
    sets = [
        [i for i in range(a, b) if table.names[i] or table.units[i] or np.isfinite(table.values[:, i]).any()]
        for a, b in zip(starts, [*starts[1:], len(table.names)], strict=True)
    ]
    if len(sets) > 1 and len({len(columns) for columns in sets}) == 1:
        return sets
    return _shared_voltage(table, starts) if len(starts) == 1 else [list(range(len(table.names)))]


def _shared_voltage(table: Table, starts: list[int]) -> list[list[int]]:
    """``V, J1, L1, J2, L2``: one set for each pair of a current density and a luminance."""
    dense, light = (
        [i for i in range(len(table.names)) if role.variable in find_roles([table.names[i]], [table.units[i]], [role])]
        for role in ROLES
        if role.variable in ("led.current_density", "led.luminance")
    )
    if len(dense) < 2 or len(dense) != len(light):
        return [list(range(len(table.names)))]
    return [[starts[0], j, b] for j, b in zip(dense, light, strict=True)]


def _sweep(path: Path, table: Table, columns: list[int]) -> Measurement | None:
    found = _roles([table.names[i] for i in columns], [table.units[i] for i in columns])
    if not _is_sweep(found) or len(table.values) < 2:
        return None
    values = {key: table.values[:, columns[index]] * factor for key, (index, factor, _) in found.items()}
    good = np.isfinite(values["voltage"])
    values, turned = _forward({key: column[good] for key, column in values.items()})
    assumed = [key for key, (_, _, guess) in found.items() if guess and key != "lab.instrument_eqe"]
    notes = [*table.notes(), *turned]
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


def _forward(values: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Columns with the sign that light is emitted at positive voltage and current; what was turned round, in words."""
    key = next((key for key in LIGHT if key in values), None)
    if key is None or not np.isfinite(values[key]).any():
        return values, ()
    light = np.abs(np.nan_to_num(values[key]))
    bright = light > 0.5 * light.max(initial=0.0)
    names = ("voltage", "led.current_density", "lab.current")
    turned = [n for n in names if n in values and bright.any() and np.nanmedian(values[n][bright]) < 0.0]
    words = ", ".join(n.rpartition(".")[2].replace("_", " ") for n in turned)
    note = (f"sign of {words} turned: the light was negative in it, the terminals are the other way round",)
    return {key: -column if key in turned else column for key, column in values.items()}, note if turned else ()


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
