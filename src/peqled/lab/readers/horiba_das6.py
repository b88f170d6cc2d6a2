"""Horiba DAS6 text: a header with ``Time calibration``, then channel and counts.

The calibration is written ``2.743484E-02ns/ch`` by one version and ``55E-03ns/ch`` by another; seconds, ps and us
occur. Further columns may hold the prompt (instrument response), which becomes a record of its own, and fits, which
are left.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, Reader
from peqled.lab.readers._decay import decay, is_response
from peqled.lab.text import decode, read_table
from peqled.lab.units import factor_to

_CALIBRATION = re.compile(
    r"time\s*calibration\s*[:=]?\s*([0-9.,]+(?:[eE][+-]?\d+)?)\s*([a-zµμ]+)\s*/\s*ch", re.IGNORECASE
)


def sniff(head: bytes, name: str) -> float:
    """Certain where the calibration line and the channel column are there."""
    text = head[:4000].decode("latin-1").replace("\0", "")
    if _CALIBRATION.search(text) and re.search(r"^\W*Chan", text, re.MULTILINE):
        return 0.95
    return 0.6 if re.search(r"^\W*Chan\s*[,;\t]\s*Data", text, re.MULTILINE) else 0.0


def read(path: Path) -> list[Measurement]:
    """The decay, and the prompt where the file holds both."""
    table = read_table(path)
    with path.open("rb") as file:
        header = decode(file.read(65536))[0][:4000]
    width = _bin_width(path, header)
    item = _field(header, "Item name")
    metadata = {
        "item": item,
        "live_time": _seconds(header, "Live time"),
        "real_time": _seconds(header, "Real time"),
        "comment": _field(header, "Comment"),
        "bin_width_unknown": None if width else True,
    }
    flags = () if width else ("READ_UNIT",)
    notes = () if width else ("the file gives no time per channel: set bin_width",)
    if table.values.shape[1] < 2:
        raise LabFileError(path, "columns", "one column", "channel and counts")
    found = []
    for index in range(1, table.values.shape[1]):
        column = table.names[index]
        if re.search(r"fit|resid|weight", column, re.IGNORECASE):
            continue
        values = table.values[:, index]
        if not np.nanmax(np.nan_to_num(values)) > 0:
            continue
        response = is_response(path.stem, item, column) if index == 1 else is_response(column)
        name = path.stem if index == 1 else f"{path.stem} {column}".strip()
        found.append(
            decay(
                path,
                "horiba_das6",
                name,
                values,
                bin_width=width or 1.0,
                response=response,
                metadata=metadata,
                notes=(*table.notes(), *notes),
                flags=flags,
            )
        )
    if not found:
        raise LabFileError(path, "columns", "no counts", "channel and counts")
    return found


def _bin_width(path: Path, header: str) -> float | None:
    """Seconds per channel; None where the header says nothing of it."""
    match = _CALIBRATION.search(header)
    if match is None:
        return None
    factor = factor_to(match[2].replace("sec", "s"), "s")
    if factor is None:
        raise LabFileError(path, "Time calibration", match[2], "s, ms, us, ns or ps per channel")
    return float(match[1].replace(",", ".")) * factor


def _field(header: str, key: str) -> str:
    match = re.search(rf"^{key}[ \t]*:[ \t]*(.*)$", header, re.IGNORECASE | re.MULTILINE)
    return match[1].strip() if match else ""


def _seconds(header: str, key: str) -> float | None:
    match = re.match(r"([0-9.]+)", _field(header, key))
    return float(match[1]) if match and float(match[1]) > 0 else None


READER = Reader(
    "horiba_das6", "Horiba DAS6 decay text", ("trpl_decay", "trpl_irf"), (".txt",), sniff, read, "independent file"
)
