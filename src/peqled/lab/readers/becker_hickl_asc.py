"""ASCII exports of Becker & Hickl: blocks of counts between ``*BLOCK`` and ``*END``.

The bin width stands behind the block's name, ``( 0.050 ns/ch )``, or follows from the setup before the blocks:
``SP_TAC_R / (SP_TAC_G x SP_ADC_RE)``, in seconds.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, Reader
from peqled.lab.readers._decay import decay, is_response
from peqled.lab.text import number, read_lines
from peqled.lab.units import factor_to

_BLOCK = re.compile(
    r"\*BLOCK\s+(?P<number>\d+)\s*(?P<name>[^(]*?)\s*(?:\(\s*(?P<width>[\d.eE+-]+)\s*(?P<unit>[a-zµ]s)/ch\s*\))?\s*$"
)
_SETTING = re.compile(r"\[SP_(?P<key>TAC_R|TAC_G|ADC_RE),\w,(?P<value>[^\]]+)\]")


def sniff(head: bytes, name: str) -> float:
    """Certain by a block's first line with whole numbers below it."""
    lines = [line.strip() for line in head[:60000].decode("latin-1").splitlines()]
    at = next((i for i, line in enumerate(lines) if _BLOCK.match(line)), None)
    return 0.95 if at is not None and at + 1 < len(lines) and re.match(r"\d+\b", lines[at + 1]) else 0.0


def read(path: Path) -> list[Measurement]:
    """One measurement per block that holds counts; a block has one column, or counts in its first."""
    setup: dict[str, float] = {}
    blocks: list[tuple[str, float, list[float]]] = []
    inside = False
    for line in (line.strip() for line in read_lines(path)):
        if match := _BLOCK.match(line):
            width = (number(match["width"]) or 0.0) * (factor_to(match["unit"], "s") or 0.0) if match["width"] else 0.0
            blocks.append((match["name"] or match["number"], width, []))
            inside = True
        elif line.startswith("*"):
            inside = False
        elif inside and line:
            blocks[-1][2].append(number(line.split()[0]) or 0.0)
        elif match := _SETTING.search(line):
            setup[match["key"]] = number(match["value"]) or 0.0
    channels = setup.get("TAC_G", 0.0) * setup.get("ADC_RE", 0.0)
    common = setup.get("TAC_R", 0.0) / channels if channels else 0.0
    held = [(name, width or common, np.array(counts)) for name, width, counts in blocks if any(counts)]
    if not held:
        raise LabFileError(path, "blocks", "no counts", "*BLOCK with counts below it")
    for name, width, _ in held:
        if not width > 0:
            raise LabFileError(path, f"block {name}", "no bin width", "( x ns/ch ) or SP_TAC_R, SP_TAC_G and SP_ADC_RE")
    return [
        decay(
            path,
            "becker_hickl_asc",
            path.stem if len(held) == 1 else f"{path.stem} {name}",
            counts,
            bin_width=width,
            response=is_response(path.stem, name),
            metadata={},
            notes=(),
        )
        for name, width, counts in held
    ]


READER = Reader(
    "becker_hickl_asc",
    "Becker & Hickl ASCII",
    ("trpl_decay", "trpl_irf"),
    (".asc", ".txt"),
    sniff,
    read,
    "unverified",
)
