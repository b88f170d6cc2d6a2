"""PicoQuant tagged files through `ptufile`: histograms (.phu) and time-tagged photons (.ptu) in T3 and T2 mode.

A .ptu file becomes one histogram per detector channel that saw photons. In T3 mode each photon carries its delay; in T2
mode it is the time since the last excitation pulse, where the pulses are among the records: on the sync input, as a
marker, or on a channel whose events come at one period. Without pulses there is no decay.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peqled.lab.measurement import LabFileError, Measurement, Reader
from peqled.lab.readers._decay import decay, is_response

MAX_BYTES = 2_000_000_000
MAX_T2_BYTES = 400_000_000  # decoded whole, five times as large in memory
MAX_BINS = 16384  # of a T2 histogram
PULSES = 100  # fewest events in which a period is looked for
PICOHARP_T2 = 0x00010203
OVERFLOW, SYNC, MARKER = -1, 0, 100  # what a T2 record is, beside channels from 1


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
    except (
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        OSError,
        MemoryError,
        AttributeError,
        OverflowError,
        UnboundLocalError,
    ) as error:  # the last from tags without an end
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
        for tag in ("ImgHdr_LineStart", "ImgHdr_LineStop", "ImgHdr_Frame"):  # powers of two are taken of these
            if not 0 <= int(ptu.tags.get(tag) or 0) <= 64:
                raise LabFileError(path, tag, ptu.tags[tag], "a marker of 1 to 4")
        if not ptu.is_t3:
            return _pulsed(path, ptu)
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


def _pulsed(path: Path, ptu: Any) -> list[Measurement]:
    """Histograms of a T2 file: delays of the photons of each channel behind the last pulse."""
    if path.stat().st_size > MAX_T2_BYTES:
        raise LabFileError(path, "size", f"{path.stat().st_size} bytes", f"a T2 file below {MAX_T2_BYTES} bytes")
    raw = ptu.read_records()
    times = ptu.decode_records(raw)
    kinds = _kinds(raw, int(ptu.tags["TTResultFormat_TTTRRecType"]))
    found = _pulses(times["time"].astype(np.int64), kinds)
    if found is None:
        raise LabFileError(path, "mode", "T2 without sync recorded", "pulses among the records: no decay without them")
    source, pulses, period = found
    divider = max(int(ptu.tags.get("HWSync_Divider") or 1), 1) if source == SYNC else 1
    resolution, comment = float(ptu.global_resolution), ptu.comment or ""
    step = 1
    while period > step * MAX_BINS * divider:
        step *= 2
    bins = max(int(period / divider) // step, 1)
    seconds = float(pulses[-1] - pulses[0]) * resolution
    made = []
    for channel in (int(kind) for kind in np.unique(kinds) if 0 < kind < MARKER and kind != source):
        arrived = times["time"][kinds == channel].astype(np.int64)
        arrived = arrived[(arrived >= pulses[0]) & (arrived <= pulses[-1])]
        delay = (arrived - pulses[np.searchsorted(pulses, arrived, side="right") - 1]) % (period / divider)
        counts = np.bincount((delay // step).astype(np.int64), minlength=bins)[:bins]
        if counts.any():
            made.append((_called(channel), counts))
    note = f"T2 mode: delays behind the last pulse ({_called(source)}), {len(pulses)} pulses" + (
        f", folded by the sync divider of {divider}" if divider > 1 else ""
    )
    return [
        decay(
            path,
            "picoquant_tagged",
            path.stem if len(made) == 1 else f"{path.stem} {channel}",
            counts,
            bin_width=step * resolution,
            response=is_response(path.stem, comment),
            notes=(note,),
            metadata={
                "repetition_rate": divider / (period * resolution),
                "acquisition_time": seconds,
                "comment": comment,
                "count_rate": float(counts.sum()) / seconds,
            },
        )
        for channel, counts in made
    ]


def _kinds(raw: NDArray[np.uint32], form: int) -> NDArray[np.int16]:
    """What each T2 record is: SYNC, a channel from 1 as printed on the inputs, MARKER and its number, or OVERFLOW."""
    if form == PICOHARP_T2:  # channel in 4 bits, 15 is special; the marker in the low bits of the time
        channel = (raw >> 28).astype(np.int16)
        special = channel == 15
        marker, sync = np.where(special, (raw & 15).astype(np.int16), 0), channel == 0
    else:  # a special bit, channel in 6 bits: 0 is the sync, 63 an overflow
        channel, special = (raw >> 25 & 63).astype(np.int16), raw >> 31 == 1
        marker, sync = np.where(special & (channel < 16), channel, 0), special & (channel == 0)
        channel = channel + 1
    return np.select([sync, marker > 0, special], [SYNC, MARKER + marker, OVERFLOW], channel)


def _pulses(time: NDArray[np.int64], kinds: NDArray[np.int16]) -> tuple[int, NDArray[np.int64], float] | None:
    """Which records are the pulses, their times and period (units of the clock): those that come at one period."""
    present = [int(kind) for kind in np.unique(kinds) if kind != OVERFLOW]
    for kind in sorted(present, key=lambda k: (k != SYNC, k < MARKER, k)):
        at = np.sort(time[kinds == kind])
        if at.size < PULSES:
            continue
        period = float(np.median(np.diff(at)))
        turns = np.diff(at) / max(period, 1.0)
        whole = np.round(turns)
        if period > 0.0 and np.mean(np.abs(turns - whole) < 0.02) > 0.98:
            return kind, at, float((at[-1] - at[0]) / max(whole.sum(), 1.0))
    return None


def _called(kind: int) -> str:
    return "sync" if kind == SYNC else f"marker {kind - MARKER}" if kind > MARKER else f"channel {kind}"


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
