"""PerkinElmer UV WinLab ASCII (.asc, "PEDS"): keyless header lines in a fixed order, then ``#DATA`` and two columns.

The two lines after ``#GR`` are the units of abscissa and ordinate (``nm``, ``%T``, ``A``, ``%R``). Layout as written by
Lambda 900/950/1050 spectrometers and read by the transmission reader of FAIRmat.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, Reader
from peqled.lab.readers._spectrum import KINDS, spectrum_measurement
from peqled.lab.text import number, read_lines


def _sniff(head: bytes, name: str) -> float:
    start = head[:200].lstrip(b"\xef\xbb\xbf")
    return 0.95 if start.startswith(b"PE ") and b"PEDS" in start and b"ASCII" in start else 0.0


def _read(path: Path) -> list[Measurement]:
    lines = [line.strip() for line in read_lines(path)]
    if "#DATA" not in lines:
        raise LabFileError(path, "content", "no line #DATA", "a PerkinElmer ASCII spectrum")
    start = lines.index("#DATA")
    unit, said = _units(lines[:start])
    rows = [[number(cell) for cell in line.split()] for line in lines[start + 1 :] if line]
    pairs = np.array([row[:2] for row in rows if len(row) >= 2 and None not in row[:2]], dtype=float)
    if pairs.shape[0] < 5:
        raise LabFileError(path, "#DATA", f"{pairs.shape[0]} rows of two numbers", "at least 5")
    sample = next((line for line in lines[8:9] if line), "")
    return [
        spectrum_measurement(
            name=path.stem,
            abscissa=pairs[:, 0],
            values=pairs[:, 1],
            unit=unit,
            said=said,
            source=path,
            reader="perkin_elmer_asc",
            method="UV-VIS",
            metadata={"comment": sample, "instrument": next((v for v in lines[:start] if "ambda" in v), "")},
        )
    ]


def _units(header: list[str]) -> tuple[str, str]:
    """Units of abscissa and ordinate: the lines behind ``#GR``, nm and nothing where they are missing."""
    if "#GR" not in header:
        return "nm", ""
    after = [*header[header.index("#GR") + 1 :], "", ""]
    return after[0] or "nm", after[1]


READER = Reader(
    name="perkin_elmer_asc",
    title="PerkinElmer UV WinLab spectrum (.asc)",
    kinds=KINDS,
    suffixes=(".asc",),
    sniff=_sniff,
    read=_read,
    checked="independent file",
)
