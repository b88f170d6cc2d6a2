"""Emission against time (stability of photoluminescence): a time column and one or more columns of PL or PLQY."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, Reader, dataset
from peqled.lab.readers._clock import head_table_with_clock, with_clock
from peqled.lab.readers._columns import header_metadata
from peqled.lab.text import Records, Table, head_records, read_records, read_table
from peqled.lab.units import factor_to

_TIME = re.compile(
    r"^(?:t|time|zeit|elapsed(?: time)?|ageing time|aging time|exposure(?: time)?|duration)$", re.IGNORECASE
)
_TRACE = re.compile(r"(?<![a-z])(?:plqy|pl|photolumin\w*|qy|fluor\w*|emission)(?![a-z])", re.IGNORECASE)
_LOOSE = re.compile(r"intensity|retained|remaining|normali[sz]ed|signal|^i ?/ ?i ?\(?(?:0|max)\)?$", re.IGNORECASE)
_HINT = re.compile(
    r"stabil|age?ing|degrad|photo ?stab|(?<![a-z])pl(?![a-z])|plqy|humid|(?<![a-z])rh(?![a-z])|thermal", re.IGNORECASE
)
_NOT = re.compile(
    r"luminance|voltage|current|wavelength|cd/m|std|error|cts$|peak|nm|fwhm|width|centroid|(?<![a-z])ev(?![a-z])|tau|decay|rate",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\d ?%? ?rh\b|(?<![a-z])(?:air|n2|nitrogen|argon|vacuum|dark|uv|ambient)(?![a-z])", re.IGNORECASE
)


def _plain(text: str) -> str:
    return re.sub(r"[_\-\s]+", " ", text).strip()


def _columns(table: Table, name: str) -> tuple[int, list[int]] | None:
    """Time column and trace columns."""
    time = next((i for i, n in enumerate(table.names) if _TIME.match(_plain(n))), None)
    if time is None or table.units[time].strip().lower() in ("ns", "ps", "us", "µs"):
        return None
    others = [i for i, n in enumerate(table.names) if i != time and not _NOT.search(_plain(n))]
    traces = [i for i in others if _TRACE.search(_plain(table.names[i]))]
    if not traces and (_HINT.search(_plain(Path(name).stem)) or _HINT.search(" ".join(map(_plain, table.header[:20])))):
        traces = [i for i in others if _LOOSE.search(_plain(table.names[i]))] or _conditions_for_names(table, others)
    return (time, traces) if traces else None


def _conditions_for_names(table: Table, columns: list[int]) -> list[int]:
    """Columns that are named by what the films stand in: ``80% RH``, ``N2``, ``80% RH + UV``."""
    named = [i for i in columns if _CONDITION.search(_plain(table.names[i]))]
    return named if len(named) == len(columns) else []


def _from_records(records: Records) -> Table:
    """Table of records that mix numbers with words such as True and False, which become NaN."""
    values = np.column_stack([records.numbers(i) for i in range(len(records.names))])
    return Table(records.names, records.units, values, records.header)


def sniff(head: bytes, name: str) -> float:
    """High where a time in s to days stands beside PL or PLQY; nothing where the table holds a current or luminance."""
    table = head_table_with_clock(head)
    if table is None and (records := head_records(head)) is not None and len(records.rows) <= 100_000:
        table = _from_records(records)
    found = _columns(table, name) if table is not None and len(table.values) >= 4 else None
    if (
        table is None
        or found is None
        or any(re.search(r"luminance|cd/m|voltage|wave ?length", n, re.IGNORECASE) for n in table.names)
    ):
        return 0.0
    time = table.values[:, found[0]]
    if not np.isfinite(time).all() or np.any(np.diff(time) < 0):
        return 0.0
    unit = table.units[found[0]].strip().lower()
    return 0.82 if unit in ("min", "h", "hours", "d", "days", "s", "hr", "hrs") else 0.7


def read(path: Path) -> list[Measurement]:
    """One measurement per trace."""
    try:
        table = read_table(path)
    except LabFileError:
        records = read_records(path)
        table = with_clock(records) or _from_records(records)
    found = _columns(table, path.name)
    if found is None:
        raise LabFileError(path, "columns", ", ".join(table.names)[:80], "a time and an emission column")
    column, traces = found
    written = table.units[column]
    factor = factor_to(written, "s") if written else None
    notes = () if factor is not None else ("no unit of time: taken in s",)
    flags = () if factor is not None else ("READ_UNIT",)
    time = table.values[:, column] * (1.0 if factor is None else factor)
    metadata = {**header_metadata(table.header), **_conditions(str(path.parent.name) + " " + path.stem)}
    found_traces = []
    for i in traces:
        good = (np.abs(time) < 1e12) & (np.abs(table.values[:, i]) < 1e300)
        values = table.values[good, i]
        if values.size < 4 or not np.any(values > 0):
            continue
        data = dataset(
            {
                "ageing_time": time[good] - time[good][0],
                "lab.pl_trace": values,
                **({"film.pl_retained": values / values[0]} if values[0] > 0 else {}),
            }
        )
        name = path.stem if len(traces) == 1 else f"{path.stem} {table.names[i]}"
        found_traces.append(
            Measurement(
                "stability",
                name,
                data,
                path,
                "emission_trace",
                {**metadata, "column": table.names[i]},
                (*table.notes(), *notes),
                flags,
            )
        )
    if not found_traces:
        raise LabFileError(path, "columns", "no positive emission", "a trace of four or more values")
    return found_traces


def _conditions(text: str) -> dict[str, str]:
    """Conditions that names carry: ``25C``, ``40RH``, ``air``, ``1sun``."""
    found = {}
    for key, pattern in (
        ("temperature", r"(?<![\w.])(-?\d+(?:\.\d+)?) ?°?C(?![a-z])"),
        ("humidity", r"(\d+) ?%? ?RH"),
        ("irradiance", r"(\d+(?:\.\d+)?) ?sun"),
        ("atmosphere", r"(?<![a-z])(air|N2|nitrogen|argon|vacuum|O2)(?![a-z])"),
    ):
        match = re.search(pattern, re.sub(r"[_]", " ", text), re.IGNORECASE)
        if match:
            found[key] = match[1] + {"temperature": " degC", "humidity": " %", "irradiance": " sun"}.get(key, "")
    return found


READER = Reader(
    "emission_trace",
    "Emission against time",
    ("stability",),
    (".csv", ".txt", ".dat", ".xlsx"),
    sniff,
    read,
    "independent file",
)
