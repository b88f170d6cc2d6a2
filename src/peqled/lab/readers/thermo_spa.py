"""Thermo Nicolet OMNIC spectrum (.spa): a directory of numbered sections, float32 ordinate.

At byte 304 a list of 16-byte entries begins: key (byte 0), offset (uint32 at 2), length (uint32 at 6). Key 2 is the
header of the spectrum (points at 4, unit of the abscissa at 8, of the ordinate at 12, first and last wavenumber as
float32 at 16 and 20), key 3 its values. "Exte" in the first 30 bytes marks entries of 22 bytes with offsets of 64 bits.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.readers._spectrum import KINDS, spectrum_measurement
from peqled.lab.registry import Reader

SIGNATURE = b"Spectral Data File"
MAX_BYTES = 100_000_000
X_UNITS = {1: "cm-1", 2: "points", 3: "nm", 4: "um", 32: "Raman shift cm-1"}
Y_UNITS = {17: "absorbance", 16: "transmittance", 11: "reflectance", 12: "log(1/R)", 20: "Kubelka-Munk", 
           21: "reflectance", 22: "single beam", 26: "photoacoustic", 31: "Raman intensity"}  # fmt: skip
_DIRECTORY, _ENTRY, _LONG_ENTRY, _LIMIT = 304, 16, 22, 200


def parse(raw: bytes) -> tuple[np.ndarray, np.ndarray, str, str, str]:
    """Wavenumber, ordinate, their units and the title.

    Raises:
        ValueError: a section is missing or reaches beyond the end.
    """
    sections: dict[int, tuple[int, int]] = {}
    entry, form = (_LONG_ENTRY, "<QI") if b"Exte" in raw[:30] else (_ENTRY, "<II")
    for number in range(_LIMIT):
        at = _DIRECTORY + entry * number
        if at + entry > len(raw) or raw[at] in (0, 1):
            break
        sections.setdefault(raw[at], struct.unpack_from(form, raw, at + 2))
    if 2 not in sections or 3 not in sections:
        raise ValueError(f"sections {sorted(sections)}, of which 2 and 3 are needed")
    header, (start, length) = sections[2][0], sections[3]
    if header + 24 > len(raw) or start + length > len(raw):
        raise ValueError(f"a section ends beyond byte {len(raw)}")
    (points,) = struct.unpack_from("<I", raw, header + 4)
    first, last = struct.unpack_from("<ff", raw, header + 16)
    count = min(length // 4, (len(raw) - start) // 4)
    if points < 2 or points > count:
        raise ValueError(f"{points} points announced, {count} stored")
    values = np.frombuffer(raw, "<f4", points, start).astype(float)
    title = raw[30:285].split(b"\x00")[0].decode("latin-1").strip()
    x_unit = X_UNITS.get(raw[header + 8], f"code {raw[header + 8]}")
    y_unit = Y_UNITS.get(raw[header + 12], f"code {raw[header + 12]}")
    return np.linspace(first, last, points), values, x_unit, y_unit, title


def _sniff(head: bytes, name: str) -> float:
    return 0.95 if head.startswith(SIGNATURE) else 0.0


def _read(path: Path) -> list[Measurement]:
    if path.stat().st_size > MAX_BYTES:
        raise LabFileError(path, "size", f"{path.stat().st_size} bytes", f"at most {MAX_BYTES} bytes")
    try:
        with np.errstate(all="ignore"):  # a damaged float may be a signalling NaN
            x, y, x_unit, y_unit, title = parse(path.read_bytes())
    except (ValueError, struct.error) as error:
        raise LabFileError(path, "sections", str(error), "a complete OMNIC spectrum") from None
    return [
        spectrum_measurement(
            name=title or path.stem,
            abscissa=x,
            values=y,
            unit=x_unit,
            said=y_unit,
            source=path,
            reader="thermo_spa",
            metadata={"title": title},
        )
    ]


READER = Reader(
    name="thermo_spa",
    title="Thermo Nicolet OMNIC spectrum (.spa)",
    kinds=KINDS,
    suffixes=(".spa",),
    sniff=_sniff,
    read=_read,
    checked="independent file",
    note="extended directories: unverified",
)
