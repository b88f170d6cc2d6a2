"""Becker & Hickl .sdt through `sdtfile`; image blocks are summed over their pixels.

Before the library reads a file its chain of blocks is walked, so that a chain that returns to itself or a packed block
that claims gigabytes is refused.
"""

from __future__ import annotations

import logging
import struct
from pathlib import Path

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, Reader
from peqled.lab.readers._decay import decay, is_response

MAX_BYTES = 1_000_000_000
_MAX_BLOCKS = 4096


def sniff(head: bytes, name: str) -> float:
    """Certain by the mark of a valid header and the identification."""
    valid = len(head) > 42 and struct.unpack_from("<H", head, 32)[0] == 0x5555
    return 0.95 if valid and b"*IDENTIFICATION" in head[:4096] else 0.0


def read(path: Path) -> list[Measurement]:
    """One measurement per block that holds a decay."""
    _check(path)
    import sdtfile

    logging.getLogger("sdtfile").setLevel(logging.CRITICAL)  # what it complains about is said in one line below
    found: list[Measurement] = []
    try:
        with path.open("rb") as file, sdtfile.SdtFile(file) as sdt:
            for index, (values, times) in enumerate(zip(sdt.data, sdt.times, strict=True)):
                info = sdt.measure_info[sdt.block_headers[index].meas_desc_block_no]
                found += _block(path, index, len(sdt.data), np.asarray(values), np.asarray(times), info)
    except LabFileError:
        raise
    except Exception as error:  # the library asserts and indexes on foreign bytes
        raise LabFileError(path, "content", f"{type(error).__name__}: {error}"[:100], "an intact file") from None
    if not found:
        raise LabFileError(path, "blocks", "no decay with counts", "a decay or image block")
    return found


def _block(path: Path, index: int, blocks: int, values: np.ndarray, times: np.ndarray, info) -> list[Measurement]:
    if times.size < 5 or not times[-1] > times[0]:
        return []
    curves = values.reshape(-1, times.size).sum(axis=0, dtype=float)[None] if values.ndim > 2 else np.atleast_2d(values)
    width = float(times[-1] - times[0]) / (times.size - 1)
    seconds = float(getattr(info, "col_t", 0.0)) or None
    stop = getattr(info, "StopInfo", None)
    sync = float(getattr(stop, "max_sync_rate", 0.0) or 0.0) if stop is not None else 0.0
    metadata = {
        "instrument": info.mod_type.decode("latin-1").strip("\0 ") if hasattr(info, "mod_type") else "",
        "acquisition_time": seconds,
        "repetition_rate": sync or None,
    }
    held = [i for i in range(min(len(curves), 512)) if curves[i].any()]
    notes = ("image block summed over its pixels",) if values.ndim > 2 else ()
    return [
        decay(
            path,
            "becker_hickl_sdt",
            _name(path, index, blocks, i, len(held)),
            curves[i],
            bin_width=width,
            response=is_response(path.stem),
            metadata=metadata,
            notes=notes,
        )
        for i in held
    ]


def _name(path: Path, block: int, blocks: int, curve: int, curves: int) -> str:
    return path.stem + (f" block {block}" if blocks > 1 else "") + (f" curve {curve}" if curves > 1 else "")


def _check(path: Path) -> None:
    """Walk the block headers and add up what packed blocks claim to hold."""
    size = path.stat().st_size
    if not 42 <= size <= MAX_BYTES:
        raise LabFileError(path, "size", f"{size} bytes", f"42 to {MAX_BYTES} bytes")
    data = path.read_bytes()
    revision, at = struct.unpack_from("<h", data, 0)[0] & 15, struct.unpack_from("<i", data, 14)[0]
    blocks = struct.unpack_from("<H", data, 18)[0]
    blocks = struct.unpack_from("<I", data, 34)[0] if blocks == 0x7FFF else blocks
    if not 1 <= blocks <= _MAX_BLOCKS:
        raise LabFileError(path, "blocks", blocks, f"1 to {_MAX_BLOCKS} blocks")
    for index in range(blocks):
        if not 0 < at <= size - 22:
            raise LabFileError(path, f"block {index}", f"header at byte {at}", "a header inside the file")
        packed, length = data[at + 11] & 0x10, struct.unpack_from("<I", data, at + 18)[0]
        if length == 0 or (not packed and length > size):  # the library makes a time axis of any length that is claimed
            raise LabFileError(path, f"block {index}", f"{length} bytes of counts", f"1 to the file's {size}")
        following = struct.unpack_from("<I" if revision >= 15 else "<i", data, at + 6)[0]
        if index + 1 < blocks and following <= at:
            raise LabFileError(path, f"block {index}", f"next block at byte {following}", "blocks in ascending order")
        at = following
    position, claimed = data.find(b"PK\x01\x02"), 0
    while position >= 0 and position + 28 <= size:
        claimed += struct.unpack_from("<I", data, position + 24)[0]
        position = data.find(b"PK\x01\x02", position + 4)
    if claimed > MAX_BYTES:
        raise LabFileError(path, "packed blocks", f"{claimed} bytes", f"below {MAX_BYTES} bytes when unpacked")


READER = Reader(
    "becker_hickl_sdt",
    "Becker & Hickl SDT",
    ("trpl_decay", "trpl_irf"),
    (".sdt",),
    sniff,
    read,
    "independent file; library: sdtfile",
)
