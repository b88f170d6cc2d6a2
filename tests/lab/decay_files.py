"""Decay files in the dialects of the instruments, written here byte by byte for the readers' tests, and photon
histograms drawn event by event (which knows nothing of the kernels of the fit)."""

import struct
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np


def photons(rng, lifetimes, shares, *, number, bin_width, bins, irf_width, arrival, background=0.0, period=None):
    """Histogram of `number` photons: Gaussian excitation at `arrival`, then an exponential delay; times in s.

    `shares` are photon shares. With a `period`, later light wraps into the record.
    """
    component = rng.choice(len(lifetimes), size=number, p=np.asarray(shares) / np.sum(shares))
    times = rng.normal(arrival, irf_width, number) + rng.exponential(np.asarray(lifetimes)[component])
    if period is not None:
        times = np.mod(times, period)
    counts = np.histogram(times, bins=np.arange(bins + 1) * bin_width)[0]
    return counts + rng.poisson(background, bins)


def response(rng, *, number, bin_width, bins, irf_width, arrival):
    times = rng.normal(arrival, irf_width, number)
    return np.histogram(times, bins=np.arange(bins + 1) * bin_width)[0]


def das6(path: Path, counts, calibration: str, *, item="Decay", separator="\t", encoding="utf-8"):
    rows = "\n".join(f"{i}{separator}{c}" for i, c in enumerate(counts, 1))
    head = f"Item name: {item}\n\nReal time: 12.5\nLive time: 0\nTime calibration: {calibration}\n\nComment: \n\n\n"
    path.write_text(f"{head}Chan{separator}Data\n{rows}\n", encoding=encoding)


def picoquant(path: Path, curves, ns_per_bin, *, title="TimeHarp 260 Histogram Data"):
    rows = "\n".join("\t".join(str(int(v)) for v in row) + "\t\t" for row in np.transpose(curves))
    width = "\t".join(f"{w:g}" for w in ns_per_bin)
    numbers = "\t".join(str(i) for i in range(len(curves)))
    path.write_text(
        f"#{title}\n#channels per curve\n{len(curves[0])}\t\n#display curve no.\n{numbers}\t\n"
        f"#memory block no.\n{numbers}\t\n#ns/bin\n{width}\t\n#counts\n{rows}\n"
    )


def phd(path: Path, curves, *, resolution_ns=0.004, sync=2_000_000, rate=30_000):
    """PicoHarp 300, format 2.0, from the published record layout."""
    text = b"PicoHarp 300".ljust(16, b"\0") + b"2.0".ljust(6, b"\0") + b"PicoHarp Software".ljust(18, b"\0")
    text += (
        b"2.3.0.0".ljust(12, b"\0")
        + b"01/02/23 10:00:00".ljust(18, b"\0")
        + b"\r\n"
        + b"made by a test".ljust(256, b"\0")
    )
    binary = struct.pack("<6i", len(curves), 32, 1, 1, 0, 0).ljust(208, b"\0")
    board = b"PicoHarp 300".ljust(16, b"\0").ljust(156, b"\0")
    start = len(text) + len(binary) + len(board) + 172 * len(curves)
    headers, data = b"", b""
    for i, counts in enumerate(curves):
        header = bytearray(172)
        struct.pack_into("<i", header, 0, i)
        struct.pack_into("<f2i", header, 92, resolution_ns, len(counts), 60_000)
        struct.pack_into("<3i", header, 112, sync, rate, rate)
        struct.pack_into("<q", header, 124, int(np.sum(counts)))
        struct.pack_into("<i", header, 136, start + len(data))
        headers += bytes(header)
        data += np.asarray(counts, "<u4").tobytes()
    path.write_bytes(text + binary + board + headers + data)


def phu(path: Path, curves, *, resolution=16e-12, sync=10_000_000):
    """PicoQuant unified tags, one histogram after the other."""
    from ptufile.ptufile import encode_tag

    def tags(offset: int) -> bytes:
        found = encode_tag("HistoResult_NumberOfCurves", len(curves)) + encode_tag("MeasDesc_AcquisitionTime", 1000)
        for i, counts in enumerate(curves):
            found += encode_tag("HistResDscr_DataOffset", offset + sum(4 * len(c) for c in curves[:i]), i)
            found += encode_tag("HistResDscr_HistogramBins", len(counts), i)
            found += encode_tag("HistResDscr_MDescResolution", resolution, i)
            found += encode_tag("HistResDscr_SyncRate", sync, i)
        return b"PQHISTO\0" + b"1.0.00\0\0" + found + encode_tag("Header_End", None)

    head = tags(len(tags(0)))
    path.write_bytes(head + b"".join(np.asarray(c, "<u4").tobytes() for c in curves))


def ptu(path: Path, counts, *, resolution=64e-12, period=25e-9):
    """T3 photons of one pixel through the writer of `ptufile`."""
    import ptufile

    stack = np.asarray(counts, dtype=np.uint16).reshape(1, 1, -1)
    ptufile.imwrite(
        path, stack, global_resolution=period, tcspc_resolution=resolution, pixel_time=period * (int(stack.sum()) + 8)
    )


def ptu_t2(path: Path, records, *, form=0x00010207, resolution=5e-12, divider=1):
    """T2 records of one of the layouts that PicoQuant publishes; `records` are encoded by `t2_record`."""
    from ptufile.ptufile import encode_tag

    tags = {
        "TTResultFormat_TTTRRecType": form,
        "TTResultFormat_BitsPerRecord": 32,
        "Measurement_Mode": 2,
        "Measurement_SubMode": 0,
        "MeasDesc_GlobalResolution": resolution,
        "MeasDesc_Resolution": resolution,
        "TTResult_NumberOfRecords": len(records),
        "HWSync_Divider": divider,
    }
    head = b"PQTTTR\0\0" + b"1.0.00\0\0" + b"".join(encode_tag(key, value) for key, value in tags.items())
    path.write_bytes(head + encode_tag("Header_End", None) + np.asarray(records, "<u4").tobytes())


def t2_records(events, *, form=0x00010207):
    """Records of (time in clock units, what) events: "sync", "marker" or a channel from 1, with overflows between."""
    picoharp, wrap = (
        form == 0x00010203,
        210698240 if form == 0x00010203 else 33552000 if form == 0x00010204 else 1 << 25,
    )
    found, turns = [], 0
    for time, what in sorted(events, key=lambda event: event[0]):
        while time - turns * wrap >= wrap:
            found.append(15 << 28 if picoharp else (1 << 31) | (63 << 25) | (0 if form == 0x00010204 else 1))
            turns += 1
        left = time - turns * wrap
        if picoharp:
            found.append(
                (left & ~15) | (15 << 28) | 1 if what == "marker" else (0 if what == "sync" else what) << 28 | left
            )
        else:
            code = {"sync": 1 << 31, "marker": (1 << 31) | (1 << 25)}
            found.append((code[what] if what in code else (what - 1) << 25) | left)
    return found


def sdt(path: Path, counts, *, tac_range=50e-9, gain=1, packed=False, next_block=None):
    """Becker & Hickl, one decay block, revision 15; `packed` as a zip member."""
    import sdtfile.sdtfile as module

    info = b"*IDENTIFICATION\r\n  ID        : SPC Setup & Data File\r\n  Title     : test\r\n*END\r\n\r\n"
    measure = np.zeros(1, dtype=module.record_dtype(module.MEASURE_INFO, 512))
    measure["tac_r"], measure["tac_g"], measure["adc_re"] = tac_range, gain, len(counts)
    measure["col_t"], measure["mod_type"] = 10.0, b"SPC-150"
    described = measure.tobytes()
    data = np.asarray(counts, "<u2").tobytes()
    if packed:
        buffer = BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("data_block", data)
        data = buffer.getvalue()
    at_measure = 42 + len(info)
    at_block = at_measure + len(described)
    at_data = at_block + 22
    end = at_data + len(data) if next_block is None else next_block
    block = struct.pack("<BBIIHhII", 0, 0, at_data, end, 0x1000 * packed, 0, 0, 2 * len(counts))
    header = struct.pack(
        "<hihiHihIihhHIHH",
        0x280F,
        42,
        len(info),
        0,
        0,
        at_block,
        1 if next_block is None else 3,
        2 * len(counts),
        at_measure,
        1,
        len(described),
        0x5555,
        0,
        0,
        0x55AA,
    )
    path.write_bytes(header + info + described + block + data)


def qutag(path: Path, time, counts):
    rows = "\n".join(f"{t:.6e};{int(c)}" for t, c in zip(time, counts, strict=True))
    path.write_text(f"# Time Tags Distribution\n# Start channel 1, stop channel 2\n# Time;Counts\n{rows}\n")
