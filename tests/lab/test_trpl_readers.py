"""Readers of decays on files of every dialect, written by the tests, and on damaged ones."""

import struct

import numpy as np
import pytest

from peqled.lab.measurement import LabFileError
from peqled.lab.registry import recognise
from tests.lab import decay_files as make
from tests.lab.damage import read_or_refuse

RNG = np.random.default_rng(5)
BINS = 1000
COUNTS = make.photons(RNG, [4e-9], [1.0], number=60_000, bin_width=5e-11, bins=BINS, irf_width=1e-10, arrival=5e-9)


def read(path):
    """Through recognition by content, as a user's folder is."""
    reader = recognise(path).reader
    assert reader is not None
    return reader.name, list(reader.read(path))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2.743484E-02ns/ch", 2.743484e-11),
        ("55E-03ns/ch", 55e-12),
        ("1.09E-10 sec/ch", 1.09e-10),
        ("27,5 ps/ch", 27.5e-12),
    ],
)
def test_das6_calibration(tmp_path, text, seconds):
    """All spellings of the time calibration; channel n is column n, nothing is lost."""
    make.das6(
        tmp_path / "dye.txt",
        COUNTS,
        text,
        separator="   " if "sec" in text else "\t",
        encoding="utf-16" if "ps" in text else "utf-8",
    )
    name, (m,) = read(tmp_path / "dye.txt")
    assert (name, m.kind) == ("horiba_das6", "trpl_decay")
    assert m.metadata["bin_width"] == pytest.approx(seconds, rel=1e-12)
    np.testing.assert_array_equal(m.data["lab.decay_counts"], COUNTS)
    assert float(m.data["nanocrystal.decay"].max()) == 1.0


@pytest.mark.parametrize(
    ("stem", "item"),
    [("irfAtto550", "Decay"), ("irf_Fluo", "Decay"), ("x", "IRF"), ("dye prompt", "Decay"), ("DyeIRF", "Decay")],
)
def test_response_by_name(tmp_path, stem, item):
    make.das6(tmp_path / f"{stem}.txt", COUNTS, "0.1ns/ch", item=item)
    assert read(tmp_path / f"{stem}.txt")[1][0].kind == "trpl_irf"


def test_firefly_is_no_response(tmp_path):
    make.das6(tmp_path / "firfly.txt", COUNTS, "0.1ns/ch")
    assert read(tmp_path / "firfly.txt")[1][0].kind == "trpl_decay"


def test_das6_prompt_column(tmp_path):
    """A prompt column beside the decay becomes a response, a fit column is left out."""
    rows = "\n".join(f"{i}\t{c}\t{c // 2}\t{c}.5" for i, c in enumerate(COUNTS, 1))
    (tmp_path / "a.txt").write_text(
        f"Item name: Decay\nTime calibration: 0.1ns/ch\n\nChan\tData\tPrompt\tFit\n{rows}\n"
    )
    assert [m.kind for m in read(tmp_path / "a.txt")[1]] == ["trpl_decay", "trpl_irf"]


def test_picoquant_text(tmp_path):
    """Two curves with trailing tabs and a third without counts; bins of 1 ns and 32 ps."""
    make.picoquant(tmp_path / "b.dat", [COUNTS, COUNTS[::-1], 0 * COUNTS], [1.0, 0.032, 1.0])
    name, found = read(tmp_path / "b.dat")
    assert name == "picoquant_text"
    assert [m.metadata["bin_width"] for m in found] == pytest.approx([1e-9, 3.2e-11])
    np.testing.assert_array_equal(found[1].data["lab.decay_counts"], COUNTS[::-1])
    assert "1 empty" in found[0].notes[0]


def test_bare_column_asks_for_the_bin_width(tmp_path):
    """A PicoHarp column without header: the file gives no time, so the answer is refused until bin_width is given."""
    from peqled.lab.reading import read as read_all

    (tmp_path / "decay 3.dat").write_text("\n".join(map(str, COUNTS)))
    refused = read_all(tmp_path)
    assert [(row.value, row.flags) for row in refused.find("tau_int_ns")] == [("refused", ("READ_UNIT",))]
    given = read_all(tmp_path, settings={"bin_width": "50 ps"})
    assert given.value("tau_int_ns") == pytest.approx(4.0, abs=0.15)


def test_phd(tmp_path):
    """Two curves, one without counts; rates and resolution from the curve headers."""
    make.phd(tmp_path / "c.phd", [COUNTS, 0 * COUNTS], resolution_ns=0.05, sync=4_000_000)
    name, (m,) = read(tmp_path / "c.phd")
    assert name == "picoharp_phd"
    np.testing.assert_array_equal(m.data["lab.decay_counts"], COUNTS)
    assert m.metadata["repetition_rate"] == 4e6
    assert m.metadata["bin_width"] == pytest.approx(5e-11, rel=1e-6)
    assert m.metadata["acquisition_time"] == 60.0


def test_phu_and_ptu(tmp_path):
    """Histograms of unified tags; photons of a T3 file are counted into the histogram they were written from."""
    make.phu(tmp_path / "d.phu", [COUNTS, 2 * COUNTS])
    name, found = read(tmp_path / "d.phu")
    assert (name, len(found)) == ("picoquant_tagged", 2)
    np.testing.assert_array_equal(found[1].data["lab.decay_counts"], 2 * COUNTS)
    assert found[0].metadata["bin_width"] == pytest.approx(16e-12)
    assert found[0].metadata["repetition_rate"] == 1e7
    small = COUNTS[90:390] // 4
    make.ptu(tmp_path / "e.ptu", small)
    name, (m,) = read(tmp_path / "e.ptu")
    assert m.metadata["bin_width"] == pytest.approx(64e-12)
    assert m.metadata["repetition_rate"] == pytest.approx(4e7)
    np.testing.assert_array_equal(m.data["lab.decay_counts"][:300], small)


@pytest.mark.parametrize(
    ("form", "pulse"),
    [(0x00010207, "sync"), (0x00010204, "sync"), (0x00010203, "sync"), (0x00010207, "marker"), (0x00010203, 3)],
)
def test_ptu_of_arrival_times(tmp_path, form, pulse):
    """T2 records in the published layouts, 2000 pulses 20000 clock units apart and photons at drawn delays behind them:
    the histogram is that of the delays, whichever record holds the pulses (sync, marker, a channel of one period)."""
    rng = np.random.default_rng(5)
    period, late = 20000, rng.integers(0, 19000, 3000) // 100 * 100
    pulses = 7 + period * np.arange(2000) // 16 * 16  # the markers of a PicoHarp take the low bits of their time
    events = [(int(t) & ~15 if pulse == "marker" else int(t), pulse) for t in pulses]
    starts = np.array(sorted(t for t, _ in events))[rng.integers(0, 1999, late.size)]
    events += [(int(t), 2) for t in starts + late]
    make.ptu_t2(tmp_path / "t2.ptu", make.t2_records(events, form=form), form=form)
    name, (m,) = read(tmp_path / "t2.ptu")
    assert name == "picoquant_tagged"
    width = m.metadata["bin_width"]
    assert m.metadata["repetition_rate"] == pytest.approx(1e7)
    expected = np.bincount(late // round(width / 5e-12), minlength=m.data.sizes["delay"])
    np.testing.assert_array_equal(m.data["lab.decay_counts"], expected)


def test_ptu_of_arrival_times_without_pulses(tmp_path):
    """Photons of two detectors and no pulses: one reason, no decay."""
    times = np.cumsum(np.random.default_rng(2).exponential(9000.0, 800)).astype(int)
    make.ptu_t2(tmp_path / "t2.ptu", make.t2_records([(int(t), 1 + i % 2) for i, t in enumerate(times)]))
    with pytest.raises(LabFileError, match="T2 without sync recorded"):
        read(tmp_path / "t2.ptu")


def test_ptu_with_impossible_markers(tmp_path):
    """A marker number of 10^12, of which the library would take the power of two, is refused at once."""
    path = tmp_path / "e.ptu"
    make.ptu(path, COUNTS[90:390] // 4)
    raw = bytearray(path.read_bytes())
    at = raw.index(b"ImgHdr_LineStop\0")
    struct.pack_into("<q", raw, at + 40, 10**12)
    path.write_bytes(bytes(raw))
    with pytest.raises(LabFileError, match="ImgHdr_LineStop"):
        read(path)


@pytest.mark.parametrize("packed", [False, True])
def test_sdt(tmp_path, packed):
    """One decay block, plain and packed: bin width is TAC range over gain and channels."""
    counts = np.pad(COUNTS, (0, 24))
    make.sdt(tmp_path / "f.sdt", counts, packed=packed)
    name, (m,) = read(tmp_path / "f.sdt")
    assert name == "becker_hickl_sdt"
    np.testing.assert_array_equal(m.data["lab.decay_counts"], counts)
    assert m.metadata["bin_width"] == pytest.approx(50e-9 / 1024, rel=1e-6)


def test_sdt_chain_that_returns_to_itself(tmp_path):
    make.sdt(tmp_path / "g.sdt", COUNTS, next_block=60)
    with pytest.raises(LabFileError, match="ascending"):
        recognise(tmp_path / "g.sdt").reader.read(tmp_path / "g.sdt")


@pytest.mark.parametrize("length", [0, 0xD8E8_0000])
def test_sdt_block_of_no_or_many_gigabytes(tmp_path, length):
    """Found by fuzzing: a block with a damaged length made a time axis of 14 GB."""
    make.sdt(tmp_path / "h.sdt", COUNTS)
    content = bytearray((tmp_path / "h.sdt").read_bytes())
    at = struct.unpack_from("<i", content, 14)[0]
    struct.pack_into("<I", content, at + 18, length)
    (tmp_path / "h.sdt").write_bytes(content)
    with pytest.raises(LabFileError, match="bytes of counts"):
        recognise(tmp_path / "h.sdt").reader.read(tmp_path / "h.sdt")


def test_qutag_negative_times(tmp_path):
    time = (np.arange(BINS) - 200) * 5e-11
    make.qutag(tmp_path / "h.txt", time, COUNTS)
    name, (m,) = read(tmp_path / "h.txt")
    assert (name, m.flags) == ("decay_table", ())
    np.testing.assert_allclose(m.data["delay"], time, atol=1e-15)


@pytest.mark.parametrize("dialect", ["comma", "german", "brackets", "bare", "excel"])
def test_columns(tmp_path, dialect):
    """Time and counts as columns: comma, decimal comma with semicolon, unit in the header, no header, a byte-order
    mark."""
    ns = np.arange(BINS) * 0.05
    sep, dec, head, encoding = {
        "comma": (",", ".", "time,counts\n", "utf-8"),
        "german": (";", ",", "Zeit [ns];Counts\n", "cp1252"),
        "brackets": ("\t", ".", "Time (ps)\tIntensity\n", "utf-8"),
        "bare": ("\t", ".", "", "utf-8"),
        "excel": (",", ".", "Time [ns],Decay,IRF\n", "utf-8-sig"),
    }[dialect]
    scale = 1000.0 if dialect == "brackets" else 1.0
    rows = [
        f"{t * scale:.4f}".replace(".", dec) + f"{sep}{c}" + (f"{sep}{c // 3}" if dialect == "excel" else "")
        for t, c in zip(ns, COUNTS, strict=True)
    ]
    (tmp_path / "k decay.csv").write_text(head + "\n".join(rows), encoding=encoding)
    name, found = read(tmp_path / "k decay.csv")
    assert name == "decay_table"
    assert found[0].metadata["bin_width"] == pytest.approx(5e-11, rel=1e-6)
    assert ("READ_UNIT" in found[0].flags) == (dialect in ("comma", "bare"))
    assert [m.kind for m in found] == (["trpl_decay", "trpl_irf"] if dialect == "excel" else ["trpl_decay"])


@pytest.mark.parametrize("suffix", ["phd", "phu", "ptu", "sdt", "txt"])
def test_damaged_files_are_refused_in_one_line(tmp_path, suffix):
    """Cut at every sixteenth of the length and with bytes turned over: a reading or a LabFileError, nothing else."""
    path = tmp_path / f"x.{suffix}"
    {
        "phd": lambda: make.phd(path, [COUNTS]),
        "phu": lambda: make.phu(path, [COUNTS]),
        "ptu": lambda: make.ptu(path, COUNTS[90:390] // 4),
        "sdt": lambda: make.sdt(path, COUNTS, packed=True),
        "txt": lambda: make.das6(path, COUNTS, "1ns/ch"),
    }[suffix]()
    whole = path.read_bytes()
    reader = recognise(path).reader
    rng = np.random.default_rng(1)
    broken = [whole[: len(whole) * k // 16] for k in range(1, 16)]
    for _ in range(25):
        data = bytearray(whole)
        for at in rng.integers(0, min(len(data), 1500), 4):
            data[at] = int(rng.integers(256))
        broken.append(bytes(data))
    for data in broken:
        path.write_bytes(data)
        read_or_refuse(reader, path)


def test_keys_in_the_header(tmp_path):
    """A header of keys (Edinburgh style), the axis named by one of them, a bare table below."""
    rows = "\n".join(f"{0.05 * i:.4f},{c}" for i, c in enumerate(COUNTS))
    (tmp_path / "sample 7.txt").write_text(
        f"Labels,film\nType,TCSPC Decay\nStart,0\nXaxis,Time[ns]\nYaxis,Counts\n\n{rows}\n"
    )
    name, (m,) = read(tmp_path / "sample 7.txt")
    assert (name, m.flags) == ("decay_table", ())
    assert m.metadata["bin_width"] == pytest.approx(5e-11, rel=1e-6)


def test_ageing_of_a_device_is_no_decay(tmp_path):
    """Luminance against hours, and against a time without unit, are not taken for photoluminescence decays."""
    for head in ("time (h),luminance", "time,luminance", "t,L/L0"):
        (tmp_path / "lifetime.csv").write_text(head + "\n" + "\n".join(f"{i},{1000 * 0.99**i:.3f}" for i in range(200)))
        reader = recognise(tmp_path / "lifetime.csv").reader
        assert reader is None or reader.name != "decay_table"


def test_responses_in_a_folder_of_their_own(tmp_path):
    """decays/x.txt and irf/x.txt side by side are paired."""
    from peqled.lab.reading import read as read_all

    (tmp_path / "decays").mkdir()
    (tmp_path / "irf").mkdir()
    make.das6(tmp_path / "decays" / "x.txt", COUNTS, "0.05ns/ch")
    irf = make.response(RNG, number=50_000, bin_width=5e-11, bins=BINS, irf_width=1e-10, arrival=5e-9)
    make.das6(tmp_path / "irf" / "x.txt", irf, "0.05ns/ch")
    (row,) = read_all(tmp_path).find("tau_int_ns")
    assert row.file == "decays/x.txt;irf/x.txt"
    assert row.value == pytest.approx(4.0, rel=0.02)
