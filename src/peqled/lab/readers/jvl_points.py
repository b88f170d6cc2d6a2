"""Operating points of several devices: one record per device with luminance and current density."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, Reader, dataset
from peqled.lab.readers._columns import Role, find_roles
from peqled.lab.text import Records, head_records, read_records

ROLES = (
    Role("led.luminance", (r"l|lv|luminance",), "cd/m^2"),
    Role("led.current_density", (r"j|current density",), "A/m^2", 10.0),
    Role("voltage", (r"v|voltage",), "V"),
    Role("lab.current", (r"i|current",), "A"),
    Role("lab.instrument_eqe", (r"eqe.*",), "1", 0.01),
)
LABEL = (r"^label$", r"^(?:device|pixel|sample|name|oled id|id)(?:[ _](?:name|id))?$")


def _shape(records: Records | None) -> tuple[int, dict[str, tuple[int, float, bool]]] | None:
    if records is None or (label := records.column(*LABEL)) is None:
        return None
    found = find_roles(records.names, records.units, ROLES)
    if {"led.luminance", "led.current_density"} - set(found) or np.isfinite(records.numbers(label)).all():
        return None
    return label, found


def sniff(head: bytes, name: str) -> float:
    """High for a label column with luminance and current density beside it."""
    return 0.9 if _shape(head_records(head)) else 0.0


def read(path: Path) -> list[Measurement]:
    """One measurement of one point per record."""
    records = read_records(path)
    shape = _shape(records)
    if shape is None:
        raise LabFileError(path, "columns", ", ".join(records.names), "label, L (cd/m2) and J (mA/cm2)")
    label, found = shape
    columns = {key: records.numbers(index) * factor for key, (index, factor, _) in found.items()}
    columns.setdefault("voltage", np.full(len(records.rows), np.nan))
    assumed = [key for key, (_, _, guess) in found.items() if guess]
    notes = (f"units taken from the usual layout: {', '.join(assumed)}",) if assumed else ()
    return [
        Measurement(
            "jvl",
            text,
            dataset({key: column[i : i + 1] for key, column in columns.items()}),
            path,
            "jvl_points",
            {"points": "single"},
            notes,
            ("READ_UNIT",) if assumed else (),
        )
        for i, text in enumerate(records.texts(label))
    ]


READER = Reader(
    "jvl_points",
    "operating points, one device per row",
    ("jvl",),
    (".csv", ".txt", ".xlsx"),
    sniff,
    read,
    "independent file",
)
