"""PicoHarp 300 histograms (.phd, file format 2.0): text header, binary header, one header per curve, then counts.

Offsets follow the record layout that PicoQuant publishes with its file-access examples; the counts of a curve are
unsigned 32-bit little-endian integers at the offset that its header names. Curves without counts are left out.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, Reader
from peqled.lab.readers._decay import decay, is_response

_TEXT, _BINARY, _BOARD, _CURVE = 328, 208, 156, 172  # bytes of the four kinds of headers
_MOST_BINS = 65536


def sniff(head: bytes, name: str) -> float:
    """Certain by signature (the .pt2 and .pt3 files of the same device hold 32-bit records instead of curves)."""
    if not head.startswith(b"PicoHarp 300\0") or len(head) < _TEXT + 28:
        return 0.0
    mode = struct.unpack_from("<i", head, _TEXT + 20)[0]
    return 0.95 if mode == 0 else 0.0


def read(path: Path) -> list[Measurement]:
    """One measurement per curve that holds counts."""
    if path.stat().st_size > 256_000_000:
        raise LabFileError(path, "size", f"{path.stat().st_size} bytes", "below 256 MB")
    data = path.read_bytes()
    try:
        curves, _, _, boards = struct.unpack_from("<4i", data, _TEXT)
    except struct.error:
        raise LabFileError(path, "binary header", f"{len(data)} bytes", "at least 344 bytes") from None
    first = _TEXT + _BINARY + boards * _BOARD
    if not (1 <= curves <= 512 and 1 <= boards <= 8) or first + curves * _CURVE > len(data):
        raise LabFileError(
            path, "binary header", f"{curves} curves, {boards} boards", "1 to 512 curves that fit the file"
        )
    comment = data[72:328].split(b"\0")[0].decode("latin-1").strip()
    found = [_curve(path, data, first + i * _CURVE, i, curves, comment) for i in range(curves)]
    held = [m for m in found if m is not None]
    if not held:
        raise LabFileError(path, "curves", "no counts", "at least one curve with counts")
    return held


def _curve(path: Path, data: bytes, at: int, index: int, curves: int, comment: str) -> Measurement | None:
    resolution = struct.unpack_from("<f", data, at + 92)[0]
    channels, milliseconds = struct.unpack_from("<2i", data, at + 96)
    sync, _, count_rate = struct.unpack_from("<3i", data, at + 112)
    offset = struct.unpack_from("<i", data, at + 136)[0]
    if not 1 <= channels <= _MOST_BINS or not 0 < offset <= len(data) - 4 * channels:
        raise LabFileError(path, f"curve {index}", f"{channels} channels at byte {offset}", "counts inside the file")
    counts = np.frombuffer(data, "<u4", channels, offset)
    if not counts.any():
        return None
    name = path.stem if curves == 1 else f"{path.stem} curve {index}"
    metadata = {
        "repetition_rate": float(sync) if sync > 0 else None,
        "count_rate": float(count_rate) or None,
        "acquisition_time": milliseconds / 1e3,
        "date": data[52:70].decode("latin-1").strip("\0\r\n "),
        "comment": comment,
        "instrument": "PicoHarp 300",
    }
    return decay(
        path,
        "picoharp_phd",
        name,
        counts,
        bin_width=resolution * 1e-9,
        metadata=metadata,
        response=is_response(path.stem, comment),
    )


READER = Reader(
    "picoharp_phd", "PicoHarp 300 histogram", ("trpl_decay", "trpl_irf"), (".phd",), sniff, read, "independent file"
)
