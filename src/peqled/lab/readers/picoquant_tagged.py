"""PicoQuant tagged files through `ptufile`: histograms (.phu) and time-tagged photons in T3 mode (.ptu).

A .ptu file becomes one histogram per detector channel that saw photons. T2 files hold arrival times without a pulse
and are refused.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, Reader
from peqled.lab.readers._decay import decay, is_response

MAX_BYTES = 2_000_000_000


def sniff(head: bytes, name: str) -> float:
    """Certain by signature."""
    return 0.97 if head.startswith((b"PQTTTR", b"PQHISTO")) else 0.0


def read(path: Path) -> list[Measurement]:
    """One measurement per histogram or channel that holds counts."""
    if path.stat().st_size > MAX_BYTES:
        raise LabFileError(path, "size", f"{path.stat().st_size} bytes", f"below {MAX_BYTES} bytes")
    with path.open("rb") as file:
        histogram = file.read(8).startswith(b"PQHISTO")
    import ptufile

    logging.getLogger("ptufile").setLevel(logging.CRITICAL)  # what it complains about is said in one line below
    try:
        found = _histograms(path, ptufile) if histogram else _photons(path, ptufile)
    except LabFileError:
        raise
    except (ValueError, KeyError, IndexError, TypeError, OSError, MemoryError, AttributeError, OverflowError) as error:
        raise LabFileError(path, "content", f"{type(error).__name__}: {error}"[:100], "an intact file") from None
    if not found:
        raise LabFileError(path, "curves", "no counts", "at least one curve with counts")
    return found


def _histograms(path: Path, ptufile: Any) -> list[Measurement]:
    with path.open("rb") as file, ptufile.PhuFile(file) as phu:
        tags = phu.tags
        number = phu.number_histograms
        size = path.stat().st_size
        bins = np.atleast_1d(tags["HistResDscr_HistogramBins"])
        if not 0 < number <= 512 or np.any(bins <= 0) or 4 * int(np.sum(bins)) > size:
            raise LabFileError(path, "histograms", f"{number} of {bins[:4]} bins", "histograms that fit the file")
        counts = phu.histograms()
        widths = _per_curve(tags, "HistResDscr_MDescResolution", number, phu.tcspc_resolution)
        rates = _per_curve(tags, "HistResDscr_SyncRate", number, tags.get("TTResult_SyncRate", 0))
        totals = _per_curve(tags, "HistResDscr_HistCountRate", number, 0)
        common = {
            "acquisition_time": float(tags.get("MeasDesc_AcquisitionTime", 0)) / 1e3 or None,
            "comment": phu.comment,
            "instrument": str(tags.get("HW_Type", "")),
        }
    return [
        decay(
            path,
            "picoquant_tagged",
            path.stem if number == 1 else f"{path.stem} curve {i}",
            y,
            bin_width=float(widths[i]),
            response=is_response(path.stem, str(common["comment"] or "")),
            metadata={**common, "repetition_rate": float(rates[i]) or None, "count_rate": float(totals[i]) or None},
        )
        for i, y in enumerate(counts)
        if np.any(y)
    ]


def _per_curve(tags: Any, key: str, number: int, default: Any) -> list[float]:
    held = np.atleast_1d(tags.get(key, default))
    return [float(held[min(i, held.size - 1)]) for i in range(number)]


def _photons(path: Path, ptufile: Any) -> list[Measurement]:
    with path.open("rb") as file, ptufile.PtuFile(file) as ptu:
        if not ptu.is_t3:
            raise LabFileError(path, "mode", "T2 (no excitation pulses)", "T3 time tags")
        width, rate = float(ptu.tcspc_resolution), float(ptu.frequency or ptu.syncrate)
        counts = ptu.decode_histogram(asxarray=False)
        seconds, comment = float(ptu.acquisition_time), ptu.comment or ""
        channels = [int(c) for c in ptu.active_channels]
    counts = np.atleast_2d(counts)
    held = [i for i in range(len(counts)) if counts[i].any()]
    return [
        decay(
            path,
            "picoquant_tagged",
            path.stem if len(held) == 1 else f"{path.stem} channel {_channel(channels, i)}",
            counts[i],
            bin_width=width,
            response=is_response(path.stem, comment),
            metadata={
                "repetition_rate": rate or None,
                "acquisition_time": seconds or None,
                "comment": comment,
                "count_rate": float(counts[i].sum()) / seconds if seconds > 0 else None,
            },
        )
        for i in held
    ]


def _channel(channels: list[int], index: int) -> int:
    return channels[index] if index < len(channels) else index


READER = Reader(
    "picoquant_tagged",
    "PicoQuant tagged histogram or photons",
    ("trpl_decay", "trpl_irf"),
    (".ptu", ".phu"),
    sniff,
    read,
    "independent file; library: ptufile",
    note=".phu: files written through the library only",
)
