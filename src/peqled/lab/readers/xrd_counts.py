"""Powder patterns as a first angle, a step and a list of counts: Philips .udf, Bruker .uxd, Rigaku .asc, Sietronics
.cpi.

A .uxd file may hold several ranges, each under its own keys, and pairs of angle and counts instead of counts alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.readers._lines import text_lines
from peqled.lab.readers.xrd_text import metadata_of
from peqled.lab.registry import Reader
from peqled.lab.xrd.pattern import xrd_measurement

_MARKS = (
    (re.compile(rb"^\s*_2?(?:THETA)?(?:COUNTS|CPS)\b", re.MULTILINE), "uxd"),
    (re.compile(rb"^\s*RawScan\b", re.MULTILINE), "udf"),
    (re.compile(rb"^\s*\*COUNT\s*=", re.MULTILINE), "asc"),
    (re.compile(rb"\A\s*SIETRONICS XRD SCAN"), "cpi"),
)
_NUMBER = r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?"


def _format(head: bytes) -> str:
    return next((name for pattern, name in _MARKS if pattern.search(head)), "")


def _sniff(head: bytes, name: str) -> float:
    return 0.96 if _format(head) else 0.0


def _read(path: Path) -> list[Measurement]:
    with path.open("rb") as file:
        form = _format(file.read(65536))
    lines = text_lines(path)
    scans = list({"uxd": _uxd, "udf": _udf, "asc": _asc, "cpi": _cpi}.get(form, _none)(path, lines))
    if not scans:
        raise LabFileError(path, "counts", "no block of counts", "a .udf, .uxd, .asc or .cpi pattern")
    header = "\n".join(line for line in lines[:200] if re.search("[A-Za-z]", line))
    return [
        xrd_measurement(
            name=path.stem if len(scans) == 1 else f"{path.stem} [{i}]",
            two_theta=angle,
            intensity=counts,
            source=path,
            reader="xrd_counts",
            metadata=metadata_of(header),
        )
        for i, (angle, counts) in enumerate(scans, 1)
    ]


Scan = tuple[NDArray[np.float64], NDArray[np.float64]]


def _uxd(path: Path, lines: list[str]) -> Iterator[Scan]:
    keys: dict[str, float] = {}
    block, data = "", []
    for line in [*lines, "; end"]:
        key = re.match(rf"\s*_(\w+)\s*(?:=\s*'?({_NUMBER})?)?", line)
        if (key or line.lstrip().startswith(";")) and data:
            yield _pairs(path, data) if block.startswith("2THETA") else _grid(path, keys, data)
            data, block = [], ""
        if key and re.fullmatch(r"(?:2THETA)?(?:COUNTS|CPS)", key[1]):
            block = key[1]
        elif key and key[2]:
            keys[key[1]] = float(key[2])
        elif block:
            data += _numbers(path, line)


def _grid(path: Path, keys: dict[str, float], counts: list[float]) -> Scan:
    start = keys.get("START", keys.get("2THETA", np.nan))
    return _scan(path, start, keys.get("STEPSIZE", np.nan), counts)


def _pairs(path: Path, data: list[float]) -> Scan:
    if len(data) % 2:
        raise LabFileError(path, "_2THETACOUNTS", f"{len(data)} numbers", "pairs of angle and counts")
    table = np.array(data).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _udf(path: Path, lines: list[str]) -> Iterator[Scan]:
    at = next(i for i, line in enumerate(lines) if line.strip().startswith("RawScan"))
    head = "\n".join(lines[:at])
    counts = [n for line in lines[at + 1 :] for n in _numbers(path, line.replace("/", " "))]
    yield _scan(path, _key(path, head, "DataAngleRange"), _key(path, head, "ScanStepSize"), counts)


def _asc(path: Path, lines: list[str]) -> Iterator[Scan]:
    starts = [i for i, line in enumerate(lines) if re.match(r"\s*\*COUNT\s*=", line)]
    for begin, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        head = "\n".join(lines[:begin])
        stop = next((i for i in range(begin + 1, end) if lines[i].lstrip().startswith("*")), end)
        counts = [n for line in lines[begin + 1 : stop] for n in _numbers(path, line)]
        yield _scan(path, _key(path, head, r"\*START"), _key(path, head, r"\*STEP"), counts)


def _cpi(path: Path, lines: list[str]) -> Iterator[Scan]:
    at = next((i for i, line in enumerate(lines) if line.strip() == "SCANDATA"), None)
    if at is None or at < 4:
        raise LabFileError(path, "SCANDATA", "missing", "the line before the counts")
    start, step = (_numbers(path, lines[i])[:1] or [np.nan] for i in (1, 3))
    yield _scan(path, start[0], step[0], [n for line in lines[at + 1 :] for n in _numbers(path, line)])


def _none(path: Path, lines: list[str]) -> Iterator[Scan]:
    return iter(())


def _key(path: Path, head: str, key: str) -> float:
    """Last value of a key, so that each block has that of its own header."""
    found = re.findall(rf"^\s*{key}\s*[,=]\s*({_NUMBER})", head, re.MULTILINE)
    if not found:
        raise LabFileError(path, key.lstrip("\\"), "missing", "a number behind the key")
    return float(found[-1])


def _numbers(path: Path, line: str) -> list[float]:
    try:
        return [float(cell) for cell in re.split(r"[\s,]+", line.strip()) if cell]
    except ValueError:
        raise LabFileError(path, "counts", line.strip()[:60], "numbers") from None


def _scan(path: Path, start: float, step: float, counts: list[float]) -> Scan:
    if not (np.isfinite(start) and step > 0.0) or len(counts) < 2:
        held = f"first angle {start:g}, step {step:g}, {len(counts)} counts"
        raise LabFileError(path, "axis", held, "a first angle, a positive step and counts")
    return start + step * np.arange(len(counts), dtype=np.float64), np.array(counts)


READER = Reader(
    name="xrd_counts",
    title="powder pattern as a list of counts (udf, uxd, asc, cpi)",
    kinds=("xrd",),
    suffixes=(".udf", ".uxd", ".asc", ".cpi"),
    sniff=_sniff,
    read=_read,
    checked="unverified",
)
