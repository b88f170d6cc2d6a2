"""Operational lifetime: luminance against time at constant current, with or without voltage."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, Reader, dataset
from peqled.lab.readers._columns import Role, find_roles, header_metadata
from peqled.lab.text import Table, head_table, number, read_tables
from peqled.lab.units import factor_to

TIME = r"(?:operat\w+ |elapsed |test |run |stress )?(?:time|t|zeit|dauer|duration|hours|hrs|minutes)"
LUMINANCE = (
    Role("absolute", (r"(?:l|lv|lum|luminance|brightness|leuchtdichte|helligkeit)(?: ?\d+)?",), "cd/m^2"),
    Role(
        "relative",
        (
            r"l ?/ ?l ?\(?0\)?|l ?t? ?/ ?l ?0"
            r"|(?:rel(?:ative)?|norm(?:alised|alized)?) ?(?:l|lum.*|brightness|el.*|int.*)?|l ?norm"
            r"|luminance ?(?:ratio|retention|maintenance).*|lumen maintenance|l ?rel",
        ),
        "1",
    ),
    Role("signal", (r"photo ?(?:current|diode).*|i ?ph|i ?pd|el(?: int.*)?|el ?signal|detector.*",), "A"),
)
VOLTAGE = Role("voltage", (r"(?:drive |driving )?(?:voltage|v|spannung)",), "V")


def _columns(table: Table) -> tuple[int, dict[str, tuple[int, float, bool]]] | None:
    time = next(
        (
            i
            for i, name in enumerate(table.names)
            if re.fullmatch(TIME, re.sub(r"[_\s]+", " ", name).strip(), re.IGNORECASE)
        ),
        None,
    )
    if time is None or (table.units[time] and factor_to(table.units[time], "s") is None):
        return None
    found = find_roles(table.names, table.units, (*LUMINANCE, VOLTAGE))
    return (time, found) if {"absolute", "relative", "signal"} & set(found) else None


def sniff(head: bytes, name: str) -> float:
    """High for time with luminance or L/L0, unless a name says photoluminescence or the table is a J-V-L sweep."""
    table = head_table(head)
    if table is None or (columns := _columns(table)) is None or len(table.values) < 3:
        return 0.0
    if re.search(
        r"(?<![a-z])(?:pl|plqy|trpl|tcspc|decay|ir[fF])(?![a-z])", re.sub(r"[_\-]", " ", Path(name).stem), re.IGNORECASE
    ):
        return 0.0
    time = table.values[:, columns[0]]
    if not (np.diff(time[np.isfinite(time)]) >= 0).all():
        return 0.0
    unit = table.units[columns[0]]
    if unit in ("ns", "ps", "us", "µs"):
        return 0.0
    return 0.9 if {"absolute", "relative"} & set(columns[1]) else 0.6


def read(path: Path) -> list[Measurement]:
    """One measurement per block."""
    found = [m for table in read_tables(path) if (columns := _columns(table)) for m in _traces(path, table, columns)]
    if not found:
        raise LabFileError(
            path, "columns", "no time with luminance", "columns such as Time (h) and Luminance (cd/m2) or L/L0"
        )
    return found


def _traces(path: Path, table: Table, columns: tuple[int, Any]) -> list[Measurement]:
    time, found = columns
    name = table.names[time].lower()
    unit = table.units[time] or ("h" if name.startswith("h") else "min" if name.startswith("min") else "")
    seconds = table.values[:, time] * ((factor_to(unit, "s") if unit else None) or 3600.0)
    notes, flags = list(table.notes()), []
    if not unit:
        notes.append("the unit of time is not given: hours assumed")
        flags.append("READ_UNIT")
    key = next(k for k in ("absolute", "relative", "signal") if k in found)
    index, factor, _ = found[key]
    light = table.values[:, index] * factor
    good = np.isfinite(seconds) & np.isfinite(light)
    seconds, light = seconds[good], light[good]
    if len(light) < 3 or light[0] <= 0:
        return []
    metadata: dict[str, Any] = {**header_metadata(table.header)}
    if key == "absolute":
        metadata["initial_luminance"] = float(light[0])
    elif "initial_luminance" not in metadata:
        match = re.search(r"(\d+(?:[.,]\d+)?)\s?(k?)\s?(?:cd[ _/]?m-?[2²]?|nits?)(?![a-z])", path.stem, re.IGNORECASE)
        if match:
            metadata["initial_luminance"] = (number(match[1].replace(",", ".")) or np.nan) * (1000 if match[2] else 1)
    if key == "relative" and light[0] > 5:  # percent without a unit
        light = light / 100.0
    values: dict[str, Any] = {
        "life_step": np.arange(len(light)),
        "lifetime.time": seconds - seconds[0],
        "lifetime.luminance": light / light[0],
    }
    if "voltage" in found:
        values["lifetime.voltage"] = table.values[good, found["voltage"][0]] * found["voltage"][1]
    return [
        Measurement(
            "lifetime",
            str(metadata.get("sample") or path.stem),
            dataset(values),
            path,
            "lifetime_table",
            metadata,
            tuple(notes),
            tuple(flags),
        )
    ]


READER = Reader(
    "lifetime_table", "operational lifetime as a table", ("lifetime",), (".csv", ".txt", ".dat", ".xlsx"), sniff, read
)
