"""Operational lifetime: luminance against time at constant current, with or without voltage."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, Reader, dataset
from peqled.lab.readers._clock import head_table_with_clock, read_tables_with_clock
from peqled.lab.readers._columns import Role, find_roles, header_metadata
from peqled.lab.text import Table, number
from peqled.lab.units import factor_to

TIME = r"(?:operat\w+ |elapsed |test |run |stress )?(?:time|t|zeit|dauer|duration|hours|hrs|minutes)"
LUMINANCE = (
    Role("absolute", (r"(?:l|lv|lum|luminance|brightness|leuchtdichte|helligkeit)(?: ?\d+)?",), "cd/m^2"),
    Role(
        "relative",
        (
            r"l ?/ ?l ?\(?0\)?|l ?t? ?/ ?l ?0"
            r"|(?:rel(?:ative)?|norm(?:alised|alized)?) ?(?:l|lum.*|brightness|el.*|int.*)?|l ?norm"
            r"|(?:lum(?:inance)?|brightness|el) ?(?:ratio|retention|maintenance|norm\w*|rel\w*).*"
            r"|lumen maintenance|l ?rel|l|lum(?:inance)?|brightness",
        ),
        "1",
    ),
    Role("signal", (r"photo ?(?:current|diode).*|i ?ph|i ?pd|el(?: int.*)?|el ?signal|detector.*",), "A"),
)
VOLTAGE = Role("voltage", (r"(?:drive |driving )?(?:voltage|v|spannung)",), "V")


SAMPLE = re.compile(r"(?P<sample>\S+(?: \d+)?) (?P<what>.+)")


class Light(NamedTuple):
    """A column of light: what it is, its factor to the vocabulary's unit, the sample or luminance its name gives."""

    column: int
    key: str
    factor: float
    sample: str = ""
    initial: float = np.nan


class Columns(NamedTuple):
    """Columns of one trace or of several that share their time."""

    time: int
    lights: list[Light]
    voltage: tuple[int, float] | None


def _sets(table: Table) -> list[Columns]:
    """Columns of each trace: one time for all, or a time in front of each; empty without a time or without light."""
    plain = [re.sub(r"[_\s]+", " ", name).strip() for name in table.names]
    times = [i for i, name in enumerate(plain) if re.fullmatch(TIME, name, re.IGNORECASE)]
    times = [i for i in times if not table.units[i] or factor_to(table.units[i], "s") is not None]
    found = []
    if not times:
        return []
    for first, stop in zip(times, [*times[1:], len(plain)], strict=True):
        inside = [i for i in range(0 if first == times[0] else first, stop) if i not in times]
        lights = [light for i in inside if (light := _light(table, i)) is not None]
        best = next((key for key in ("absolute", "relative", "signal") if key in {light.key for light in lights}), "")
        voltage = find_roles([table.names[i] for i in inside], [table.units[i] for i in inside], (VOLTAGE,))
        volts = (inside[voltage["voltage"][0]], voltage["voltage"][1]) if voltage else None
        if lights := [light for light in lights if light.key == best]:
            found.append(Columns(first, lights, volts))
    return found


def _light(table: Table, i: int) -> Light | None:
    """What a column of light is: by its name, by its name behind that of a sample, or by a luminance for a name."""
    name, unit = table.names[i].rstrip(". "), table.units[i]
    if (value := number(name)) is not None and (factor := factor_to(unit, "cd/m^2")) is not None:  # "1000 cd/m2"
        return Light(i, "relative", 1.0, f"{name} {unit}", value * factor)
    if found := find_roles([name], [unit], LUMINANCE):
        key, (_, factor, _) = next(iter(found.items()))
        return Light(i, key, factor)
    behind = SAMPLE.fullmatch(re.sub(r"[_\s]+", " ", name).strip())
    if behind and (found := find_roles([behind["what"]], [unit], LUMINANCE)):
        key, (_, factor, _) = next(iter(found.items()))
        return Light(i, key, factor, behind["sample"])
    return None


def sniff(head: bytes, name: str) -> float:
    """High for time with luminance or L/L0, unless a name says photoluminescence or the table is a J-V-L sweep."""
    table = head_table_with_clock(head)
    if table is None or not (sets := _sets(table)) or len(table.values) < 3:
        return 0.0
    if re.search(
        r"(?<![a-z])(?:pl|plqy|trpl|tcspc|decay|ir[fF])(?![a-z])", re.sub(r"[_\-]", " ", Path(name).stem), re.IGNORECASE
    ):
        return 0.0
    time = table.values[:, sets[0].time]
    if not (np.diff(time[np.isfinite(time)]) >= 0).all():
        return 0.0
    unit = table.units[sets[0].time]
    if unit in ("ns", "ps", "us", "µs"):
        return 0.0
    return 0.9 if sets[0].lights[0].key != "signal" else 0.6


def read(path: Path) -> list[Measurement]:
    """One measurement per block and column of light."""
    found = [
        trace
        for table in read_tables_with_clock(path)
        for columns in _sets(table)
        for light in columns.lights
        if (trace := _trace(path, table, columns, light)) is not None
    ]
    if not found:
        raise LabFileError(
            path, "columns", "no time with luminance", "columns such as Time (h) and Luminance (cd/m2) or L/L0"
        )
    names = [m.name for m in found]
    if len(set(names)) == len(names):
        return found
    return [replace(m, name=f"{m.name}#{i}") for i, m in enumerate(found, 1)]


def _trace(path: Path, table: Table, columns: Columns, light: Light) -> Measurement | None:
    name = table.names[columns.time].lower()
    unit = table.units[columns.time] or ("h" if name.startswith("h") else "min" if name.startswith("min") else "")
    seconds = table.values[:, columns.time] * ((factor_to(unit, "s") if unit else None) or 3600.0)
    notes, flags = list(table.notes()), []
    if not unit:
        notes.append("the unit of time is not given: hours assumed")
        flags.append("READ_UNIT")
    values = table.values[:, light.column] * light.factor
    good = np.isfinite(seconds) & np.isfinite(values)
    seconds, values = seconds[good], values[good]
    if len(values) < 3 or values[0] <= 0:
        return None
    metadata: dict[str, Any] = {**header_metadata(table.header)}
    if light.key == "absolute":
        metadata["initial_luminance"] = float(values[0])
    elif np.isfinite(light.initial):
        metadata["initial_luminance"] = light.initial
    elif "initial_luminance" not in metadata:
        match = re.search(r"(\d+(?:[.,]\d+)?)\s?(k?)\s?(?:cd[ _/]?m-?[2²]?|nits?)(?![a-z])", path.stem, re.IGNORECASE)
        if match:
            metadata["initial_luminance"] = (number(match[1].replace(",", ".")) or np.nan) * (1000 if match[2] else 1)
    data: dict[str, Any] = {
        "life_step": np.arange(len(values)),
        "lifetime.time": seconds - seconds[0],
        "lifetime.luminance": values / values[0],
    }
    if columns.voltage is not None and len(columns.lights) == 1:
        data["lifetime.voltage"] = table.values[good, columns.voltage[0]] * columns.voltage[1]
    name = f"{path.stem} {light.sample}" if light.sample else str(metadata.get("sample") or path.stem)
    return Measurement("lifetime", name, dataset(data), path, "lifetime_table", metadata, tuple(notes), tuple(flags))


READER = Reader(
    "lifetime_table", "operational lifetime as a table", ("lifetime",), (".csv", ".txt", ".dat", ".xlsx"), sniff, read
)
