"""Text exports of PicoQuant histograms (TimeHarp, PicoHarp, HydraHarp): ``#ns/bin`` and ``#counts`` blocks.

Under ``#ns/bin`` stands one width per curve, under ``#counts`` one column per curve, with tabs trailing on every line.
A PicoHarp variant carries no header at all, one column of counts: its bin width must be given (``bin_width``).
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, Reader
from peqled.lab.readers._decay import DECAY_NAME, decay, is_response
from peqled.lab.text import head_table, number, read_lines, read_table


def sniff(head: bytes, name: str) -> float:
    """Certain with the tagged blocks; weak for one bare column of whole numbers that rises and decays."""
    text = head[:20000].decode("latin-1").replace("\0", "").lower()
    if "#ns/bin" in text and "#counts" in text:
        return 0.97
    table = head_table(head)
    if table is None or table.values.shape[1] != 1 or len(table.values) < 100 or any(table.names):
        return 0.0
    values = np.nan_to_num(table.values[:, 0])
    if values.min() < 0 or np.any(values != np.round(values)) or values.max() < 10:
        return 0.0
    return 0.5 if DECAY_NAME.search(name) else 0.31


def read(path: Path) -> list[Measurement]:
    """One measurement per curve that holds counts."""
    with path.open("rb") as file:
        tagged = b"#" in file.read(4000).replace(b"\0", b"")
    return _tagged(path) if tagged else _bare(path)


def _tagged(path: Path) -> list[Measurement]:
    lines = [line.strip() for line in read_lines(path)]
    keys = [i for i, line in enumerate(lines) if line.startswith("#")]
    blocks = {
        lines[i].lower().split("(")[0].strip(): lines[i + 1 : j]
        for i, j in zip(keys, [*keys[1:], len(lines)], strict=True)
    }
    counts = next((rows for key, rows in blocks.items() if key.startswith("#counts")), None)
    widths = next((rows for key, rows in blocks.items() if key.startswith("#ns/bin")), None)
    if not counts or not widths or not any(widths):
        raise LabFileError(path, "#ns/bin", "no value", "one bin width per curve")
    resolution = [number(cell.replace(",", ".")) or 0.0 for cell in next(row for row in widths if row).split()]
    rows = [row.split() for row in counts if row]
    curves = max((len(row) for row in rows), default=0)
    values = np.array([[number(c) or 0.0 for c in row] + [0.0] * (curves - len(row)) for row in rows]).reshape(
        -1, max(curves, 1)
    )
    labels = next((row for key in blocks if "curve no" in key for row in blocks[key] if row), "").split()
    header = lines[keys[0]].lstrip("# ")
    held = [c for c in range(curves) if values[:, c].max(initial=0.0) > 0]
    if not held:
        raise LabFileError(path, "#counts", "no counts", "at least one curve with counts")
    notes = (f"{curves - len(held)} empty curves left out",) if len(held) < curves else ()
    return [
        decay(
            path,
            "picoquant_text",
            path.stem if len(held) == 1 else f"{path.stem} curve {_label(labels, c)}",
            values[:, c],
            bin_width=resolution[min(c, len(resolution) - 1)] * 1e-9,
            notes=notes,
            response=is_response(path.stem, header),
            metadata={"header": header[:120]},
        )
        for c in held
    ]


def _label(labels: list[str], column: int) -> str:
    return labels[column] if column < len(labels) and re.fullmatch(r"\d+", labels[column]) else str(column)


def _bare(path: Path) -> list[Measurement]:
    table = read_table(path)
    if table.values.shape[1] != 1:
        raise LabFileError(path, "columns", f"{table.values.shape[1]} columns", "one column of counts")
    found = decay(
        path,
        "picoquant_text",
        path.stem,
        table.values[:, 0],
        bin_width=1.0,
        response=is_response(path.stem),
        notes=("the file gives no time per bin: set bin_width",),
        flags=("READ_UNIT",),
    )
    return [replace(found, metadata={"bin_width_unknown": True})]


READER = Reader(
    "picoquant_text",
    "PicoQuant histogram text (TimeHarp, PicoHarp)",
    ("trpl_decay", "trpl_irf"),
    (".dat", ".txt"),
    sniff,
    read,
    "unverified",
)
