"""Siemens and Bruker .raw: ``RAW4.00``, ``RAW1.01`` (version 3), ``RAW2`` and ``RAW `` (version 1), little-endian.

Offsets follow the published structure of version 3 (DIFFRACplus XCH manual, appendix A) and descriptions of the others.
A header never decides how much is allocated: every range is checked against the length of the file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.registry import Reader
from peqled.lab.xrd.pattern import xrd_measurement

MAX_BYTES = 300_000_000
MAX_RANGES = 2000


@dataclass
class Range:
    """One scan: first angle and step (deg 2 theta), counts, and what the header says."""

    start: float
    step: float
    counts: np.ndarray
    about: dict[str, Any] = field(default_factory=dict)


def _floats(raw: bytes, at: int, count: int) -> np.ndarray:
    if count < 0 or at < 0 or at + 4 * count > len(raw):
        raise ValueError(f"{count} points at byte {at} of {len(raw)}")
    return np.frombuffer(raw, "<f4", count, at).astype(float)


def _waves(alpha1: float, alpha2: float, ratio: float) -> dict[str, Any]:
    sane = 0.2 < alpha1 < 4.0
    return {
        "wavelength_alpha1_angstrom": alpha1 if sane else None,
        "wavelength_alpha2_angstrom": alpha2 if sane and alpha1 < alpha2 < 1.02 * alpha1 else None,
        "alpha2_ratio": ratio if 0.0 < ratio <= 1.0 else None,
    }


def parse(raw: bytes) -> list[Range]:
    """All ranges of a file.

    Raises:
        ValueError: unknown version, or a range beyond the end.
    """
    if raw.startswith(b"RAW4.00"):
        return list(_version4(raw))
    if raw.startswith(b"RAW1.01"):
        return list(_version3(raw))
    if raw.startswith(b"RAW2"):
        return list(_version2(raw))
    if raw.startswith(b"RAW "):
        return list(_version1(raw))
    raise ValueError(f"signature {raw[:8]!r}")


def _version1(raw: bytes) -> Iterator[Range]:
    at, more = 4, 1
    for _ in range(MAX_RANGES):
        if not more:
            return
        if raw[at : at + 4] == b"RAW ":
            at += 4
        steps, _, step, _, _, start = struct.unpack_from("<IffIIf", raw, at)
        alpha1, alpha2 = struct.unpack_from("<ff", raw, at + 68)
        (more,) = struct.unpack_from("<I", raw, at + 148)
        yield Range(start, step, _floats(raw, at + 152, steps), _waves(alpha1, alpha2, 0.5))
        at += 152 + 4 * steps


def _version2(raw: bytes) -> Iterator[Range]:
    (count,) = struct.unpack_from("<H", raw, 4)
    alpha1, alpha2, ratio = struct.unpack_from("<fff", raw, 190)
    at = 256
    for _ in range(min(count, MAX_RANGES)):
        header, steps = struct.unpack_from("<HH", raw, at)
        step, start = struct.unpack_from("<ff", raw, at + 12)
        if header < 48:
            raise ValueError(f"range header of {header} bytes")
        yield Range(start, step, _floats(raw, at + header, steps), _waves(alpha1, alpha2, ratio))
        at += header + 4 * steps


def _version3(raw: bytes) -> Iterator[Range]:
    (count,) = struct.unpack_from("<I", raw, 12)
    alpha1, alpha2, _, ratio = struct.unpack_from("<4d", raw, 624)
    about = {
        "anode": raw[608:610].decode("latin-1"),
        "sample": raw[326:386].split(b"\x00")[0].decode("latin-1").strip(),
    }
    at = 712
    for _ in range(min(count, MAX_RANGES)):
        header, steps = struct.unpack_from("<II", raw, at)
        (start,) = struct.unpack_from("<d", raw, at + 16)
        (step,) = struct.unpack_from("<d", raw, at + 176)
        (extra,) = struct.unpack_from("<I", raw, at + 256)
        if header < 304:
            raise ValueError(f"range header of {header} bytes")
        at += header + extra
        yield Range(start, step, _floats(raw, at, steps), {**about, **_waves(alpha1, alpha2, ratio)})
        at += 4 * steps


def _version4(raw: bytes) -> Iterator[Range]:
    """Segments (type, length) up to the first range; a range is a 160-byte header, its segments, and the data."""
    at, about = 61, dict[str, Any]()
    while at + 8 <= len(raw):
        kind, length = struct.unpack_from("<II", raw, at)
        if kind in (0, 160):
            break
        if length < 8:
            raise ValueError(f"segment of {length} bytes at {at}")
        if kind == 30 and length >= 120:
            alpha1, alpha2, _, ratio = struct.unpack_from("<4d", raw, at + 80)
            about.update(_waves(alpha1, alpha2, ratio), anode=raw[at + 116 : at + 118].decode("latin-1"))
        elif kind == 10 and length > 36 and raw[at + 12 : at + 36].split(b"\x00")[0] == b"SAMPLEID":
            about["sample"] = raw[at + 36 : at + length].split(b"\x00")[0].decode("latin-1").strip()
        at += length
    for _ in range(MAX_RANGES):
        if at + 160 > len(raw) or struct.unpack_from("<I", raw, at)[0] not in (0, 160):
            return
        start, step = struct.unpack_from("<dd", raw, at + 72)
        (steps,) = struct.unpack_from("<I", raw, at + 88)
        datum, extra = struct.unpack_from("<II", raw, at + 136)
        if datum < 4 or datum > 64:
            raise ValueError(f"data of {datum} bytes a point")
        body = at + 160
        two_theta = _drive(raw, body, extra, "2Theta")
        at = body + extra
        if steps * datum > len(raw) - at:
            raise ValueError(f"{steps} points at byte {at} of {len(raw)}")
        counts = _floats(raw, at, steps * datum // 4).reshape(steps, -1)[:, 0] if datum % 4 == 0 else np.zeros(0)
        yield Range(start if start > 0.0 or two_theta is None else two_theta, step, counts, dict(about))
        at += steps * datum


def _drive(raw: bytes, at: int, size: int, name: str) -> float | None:
    """Start of a drive among the segments of a range."""
    end = min(at + size, len(raw))
    while at + 64 <= end:
        kind, length = struct.unpack_from("<II", raw, at)
        if length < 8:
            return None
        if kind == 50 and raw[at + 12 : at + 36].split(b"\x00")[0].decode("latin-1").strip() == name:
            return struct.unpack_from("<d", raw, at + 56)[0]
        at += length
    return None


def _sniff(head: bytes, name: str) -> float:
    if head.startswith((b"RAW4.00", b"RAW1.01")):
        return 0.97
    return 0.7 if head.startswith((b"RAW2", b"RAW ")) and b"\x00" in head[:64] else 0.0


def _read(path: Path) -> list[Measurement]:
    if path.stat().st_size > MAX_BYTES:
        raise LabFileError(path, "size", f"{path.stat().st_size} bytes", f"at most {MAX_BYTES} bytes")
    try:
        with np.errstate(all="ignore"):  # a damaged float may be a signalling NaN
            ranges = parse(path.read_bytes())
    except (ValueError, struct.error) as error:
        raise LabFileError(path, "header", str(error), "a complete Bruker RAW file") from None
    kept = [entry for entry in ranges if entry.counts.size >= 10 and entry.step > 0.0]
    if not kept:
        raise LabFileError(path, "ranges", f"{len(ranges)}, none with 10 points over 2 theta", "a powder scan")
    return [
        xrd_measurement(
            name=str(entry.about.get("sample") or path.stem) + (f" [{number}]" if len(kept) > 1 else ""),
            two_theta=entry.start + entry.step * np.arange(entry.counts.size),
            intensity=entry.counts,
            source=path,
            reader="bruker_raw",
            metadata=entry.about,
        )
        for number, entry in enumerate(kept, start=1)
    ]


READER = Reader(
    name="bruker_raw",
    title="Siemens and Bruker RAW (versions 1 to 4)",
    kinds=("xrd",),
    suffixes=(".raw",),
    sniff=_sniff,
    read=_read,
    checked="independent file; library: fairmat-readers-xrd",
    note="versions 1 to 3: unverified",
)
