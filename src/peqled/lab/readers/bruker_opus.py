"""Bruker OPUS (.0, .1, ...): a directory of typed blocks; parameters as three-letter keys, ordinates as float32.

The type of a block is a bit field: complex part (2 bits), sample/reference/ratioed (2), parameter kind (6), data kind
(7), derivative (2), extension (3). A data block belongs to the parameter block of the same type with kind 1, which
holds ``NPT`` points, ``FXV`` and ``LXV`` (first and last abscissa), ``CSF`` (factor) and ``DXU`` (unit). Checked
against the `brukeropus` library; written anew because a damaged length makes that one loop for ever.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.ftir.spectrum import ftir_measurement
from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.registry import Reader

SIGNATURE = b"\x0a\x0a\xfe\xfe"
MAX_BYTES = 300_000_000
_DATA_PARAMETERS = 1
_EARLIER = 1 << 30
KINDS = {4: "absorbance", 5: "transmittance", 16: "ATR absorbance", 12: "reflectance", 1: "single beam",
         18: "transmittance", 19: "absorbance", 6: "Kubelka-Munk"}  # fmt: skip
PREFERENCE = (4, 16, 19, 5, 18, 12, 6, 1)


@dataclass(frozen=True)
class Block:
    """Entry of the directory: type as (complex, origin, parameter, data, derivative, extension), its bytes, and whether
    it is an earlier state that the file keeps beside the present one of the same type."""

    kind: tuple[int, int, int, int, int, int]
    raw: bytes
    earlier: bool = False


def block_type(code: int) -> tuple[int, int, int, int, int, int]:
    """Six numbers of the bit field."""
    return (code & 3, code >> 2 & 3, code >> 4 & 63, code >> 10 & 127, code >> 17 & 3, code >> 19 & 7)


def directory(raw: bytes) -> list[Block]:
    """All blocks of a file.

    Raises:
        ValueError: the directory lies outside the file.
    """
    if len(raw) < 24:
        raise ValueError(f"{len(raw)} bytes")
    start, _, count = struct.unpack_from("<3i", raw, 12)
    if not 24 <= start < len(raw) or not 0 < count < 10000:
        raise ValueError(f"directory of {count} blocks at byte {start}")
    found = []
    for number in range(count):
        at = start + 12 * number
        if at + 12 > len(raw):
            break
        code, size, offset = struct.unpack_from("<3i", raw, at)
        if offset <= 0:
            break
        if size > 0 and offset + 4 * size <= len(raw):
            found.append(Block(block_type(code & 0xFFFFFFFF), raw[offset : offset + 4 * size], bool(code & _EARLIER)))
    return sorted(found, key=lambda block: block.earlier)


def parameters(raw: bytes) -> dict[str, Any]:
    """Key to value of a parameter block."""
    found: dict[str, Any] = {}
    at = 0
    while at + 8 <= len(raw):
        key = raw[at : at + 3].decode("latin-1")
        kind, words = struct.unpack_from("<2H", raw, at + 4)
        value = raw[at + 8 : at + 8 + 2 * words]
        if key == "END" or len(value) < 2 * words:
            break
        if kind == 0 and len(value) >= 4:
            found[key] = struct.unpack_from("<i", value)[0]
        elif kind == 1 and len(value) >= 8:
            found[key] = struct.unpack_from("<d", value)[0]
        else:
            found[key] = value.split(b"\x00")[0].decode("latin-1").strip()
        at += 8 + 2 * words
    return found


def spectra(raw: bytes) -> list[tuple[int, np.ndarray, np.ndarray, dict[str, Any]]]:
    """Data kind, abscissa, ordinate and parameters of every one-dimensional spectrum in cm-1."""
    blocks = directory(raw)
    described = {}
    for block in blocks:
        if block.kind[2] == _DATA_PARAMETERS:
            described.setdefault((block.kind[1], block.kind[3]), parameters(block.raw))
    found = []
    for block in blocks:
        kind = block.kind[3]
        about = described.get((block.kind[1], kind))
        if block.kind[2] or kind not in KINDS or about is None or block.kind[4] or block.kind[5] in (2, 4):
            continue
        points, unit = int(about.get("NPT", 0)), str(about.get("DXU", "WN"))
        if points < 2 or 4 * points > len(block.raw) or unit not in ("WN", ""):
            continue
        first, last, factor = (
            float(about.get(key, default)) for key, default in (("FXV", 0), ("LXV", 0), ("CSF", 1.0))
        )
        if np.isfinite([first, last, factor]).all() and first != last:
            values = np.frombuffer(block.raw, "<i4" if about.get("DPF") == 2 else "<f4", points) * (factor or 1.0)
            found.append((kind, np.linspace(first, last, points), values.astype(float), about))
    return sorted(found, key=lambda entry: PREFERENCE.index(entry[0]))


def _sniff(head: bytes, name: str) -> float:
    return 0.95 if head.startswith(SIGNATURE) else 0.0


def _read(path: Path) -> list[Measurement]:
    if path.stat().st_size > MAX_BYTES:
        raise LabFileError(path, "size", f"{path.stat().st_size} bytes", f"at most {MAX_BYTES} bytes")
    raw = path.read_bytes()
    try:
        with np.errstate(all="ignore"):  # a damaged float may be a signalling NaN
            found = spectra(raw)
        names = [parameters(block.raw).get("SNM", "") for block in directory(raw) if block.kind[2] == 10]
    except (ValueError, struct.error) as error:
        raise LabFileError(path, "directory", str(error), "an OPUS file") from None
    ratioed = [entry for entry in found if entry[0] != 1] or found
    if not ratioed:
        raise LabFileError(path, "blocks", "no spectrum in cm-1 with its parameters", "absorbance or transmittance")
    kind, x, y, _ = ratioed[0]
    sample = next((str(name) for name in names if name), "")
    others = ", ".join(KINDS[entry[0]] for entry in found[1:])
    return [
        ftir_measurement(
            name=sample or path.name,
            wavenumber_cm=x,
            values=y,
            said=KINDS[kind],
            source=path,
            reader="bruker_opus",
            metadata={"sample": sample},
            notes=(f"other blocks not read: {others}",) if others else (),
        )
    ]


READER = Reader(
    name="bruker_opus",
    title="Bruker OPUS spectrum",
    kinds=("ftir",),
    suffixes=(".0", ".1", ".2", ".3", ".opus"),
    sniff=_sniff,
    read=_read,
    checked="independent file; library: brukeropus",
)
