"""Whatever lies in a folder: every file is accounted for, nothing crashes, hangs, is executed or followed out."""

import csv
import os
import zipfile

import numpy as np
import pytest

import peqled
from peqled.lab.registry import readers, recognise
from peqled.lab.results import write_reading
from peqled.lab.rules import RULES
from peqled.lab.workbook import EXPANDED
from tests.lab.device_files import sweep, table

V, J, L = sweep()
SWEEP = table(["Voltage (V)", "J (mA/cm2)", "L (cd/m2)"], [V, J / 10, L])
RNG = np.random.default_rng(11)
NOISE = RNG.integers(0, 256, 70_000, dtype=np.uint8).tobytes()

GARBAGE = {
    "empty.txt": b"",
    "blank.csv": b"\n \n\t\n",
    "zeros.bin": bytes(5000),
    "noise.dat": NOISE,
    "noise.xlsx": NOISE,
    "cut.zip": b"PK\x03\x04" + NOISE[:300],
    "wrong.txt": ("Spannung (V)\tL (cd/m²)\n" * 3).encode("utf-16-be"),
    "lone surrogate.csv": b"\xff\xfe\x00\xd8" * 50,
    "text.txt": b"nothing here\n" * 50,
    "one number.csv": b"42\n",
    "header only.csv": b"Voltage (V),J (mA/cm2),L (cd/m2)\n",
    "deep.json": b"[" * 100_000,
    "nan.csv": b"Voltage (V),J (mA/cm2),L (cd/m2)\n" + b"nan,nan,nan\n" * 30,
    "entities.xml": b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>',
    "long line.txt": b"1," * 400_000 + b"\n",
    "digits.csv": b"Time (ns),Counts\n" + b"0,5\n" * 30 + b"1" * 30_000 + b"x\n" + b"5," * 9_000 + b"\n",
    "letters.csv": b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa aaaaaaaaaa!,b\n" * 3 + b"(" * 5_000 + b"\n1,2\n2,3\n",
    "quotes.csv": b'"a,b\n1,2\n' * 100,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("monday")
    for name, data in GARBAGE.items():
        (root / name).write_bytes(data)
    (root / "good.csv").write_text(SWEEP)
    (root / "sub").mkdir()
    (root / "sub" / "loop").symlink_to(root)
    (root / "sub" / "dangling").symlink_to(root / "nowhere")
    (root / "sub" / "out").symlink_to("/etc/hostname")
    os.mkfifo(root / "sub" / "pipe")
    return root


@pytest.fixture(scope="module")
def reading(folder):
    return peqled.read(folder)


def test_every_file_is_accounted_for(folder, reading):
    named = {entry.file for entry in reading.files}
    assert set(GARBAGE) | {"good.csv", "sub/loop", "sub/dangling", "sub/out", "sub/pipe"} <= named
    status = {entry.file: entry.status for entry in reading.files}
    assert status["good.csv"] == "read"
    assert all(entry.reason for entry in reading.files if entry.status != "read")
    assert {status[f"sub/{name}"] for name in ("loop", "dangling", "out", "pipe")} == {"skipped"}
    assert len(reading.find("ce_cd_a", file="good.csv")) == 1


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_gives_no_number_or_is_refused(reading, name):
    """None of these files holds a measurement with a value that anybody should use."""
    (entry,) = [entry for entry in reading.files if entry.file == name]
    assert entry.status in ("not recognised", "failed") or not [
        r for r in reading.quantities if r.file == name and r.quantity.startswith("eqe")
    ]


def test_truncated_and_damaged_copies(tmp_path):
    """A good file cut at any of forty places, or with a byte turned over, never raises."""
    data = bytearray(SWEEP.encode())
    for i in range(40):
        (tmp_path / f"cut{i}.csv").write_bytes(data[: i * len(data) // 40])
        flipped = bytearray(data)
        flipped[RNG.integers(len(data))] ^= int(RNG.integers(1, 256))
        (tmp_path / f"flip{i}.csv").write_bytes(flipped)
    reading = peqled.read(tmp_path)
    assert len(reading.files) == 80


def test_archives(tmp_path):
    """Members are read under the archive's name; a bomb, a path outside, an archive inside and a lie are listed."""
    with zipfile.ZipFile(tmp_path / "data.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("batch/D1.csv", SWEEP)
        archive.writestr("../../escape.csv", SWEEP)
        archive.writestr("inner.zip", b"PK")
        archive.writestr("__MACOSX/._D1.csv", b"x")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", bytes(30_000_000))
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 30_000_000)
    reading = peqled.read(tmp_path)
    status = {entry.file: (entry.status, entry.reason) for entry in reading.files}
    assert status["data.zip/batch/D1.csv"][0] == "read"
    assert reading.find("ce_cd_a")[0].file == "data.zip/batch/D1.csv"
    assert [text for name, (_, text) in status.items() if "escape" in name] == ["a path outside of its archive"]
    assert not (tmp_path.parent.parent / "escape.csv").exists()
    assert status["data.zip/inner.zip"] == ("skipped", "an archive inside of an archive")
    assert status["bomb.zip"][0] == status["bomb.xlsx"][0] == "failed"
    assert "fold" in status["bomb.zip"][1]
    assert EXPANDED < 1e9


def test_a_large_file_in_bounded_time(tmp_path):
    """A million rows (20 MB) with text among them go through the C parser; the odd rows are counted."""
    block = "".join(f"{i / 1000:.3f},{i % 97}\n" for i in range(100_000))
    with (tmp_path / "trace.csv").open("w") as file:
        file.write("Time (h),Luminance (cd/m2)\n")
        for _ in range(10):
            file.write(block)
        file.write("end of record\n")
    from peqled.lab.text import read_table

    found = read_table(tmp_path / "trace.csv")
    assert found.values.shape == (1_000_000, 2)
    assert "1 rows of text" in found.ignored[0][2]


def test_no_formula_reaches_a_spreadsheet(tmp_path):
    """Names and notes that begin with = + - @ come out as text, in csv and in the workbook."""
    openpyxl = pytest.importorskip("openpyxl")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "=cmd|calc.csv").write_text(SWEEP)
    (tmp_path / "in" / "@x.csv").write_text("# Sample: =HYPERLINK(1)\n" + SWEEP)
    write_reading(peqled.read(tmp_path / "in"), tmp_path / "out")
    with (tmp_path / "out" / "results.csv").open() as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    numbers = ("-", "+")
    assert not [c for c in cells if c[:1] in ("=", "@") or (c[:1] in numbers and not _is_number(c))]
    book = openpyxl.load_workbook(tmp_path / "out" / "results.xlsx")
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_output_inside_the_input_is_left_out(tmp_path):
    """Reading a folder twice with the results inside gives the same files."""
    (tmp_path / "D1.csv").write_text(SWEEP)
    first = peqled.read(tmp_path, exclude=tmp_path / "out")
    write_reading(first, tmp_path / "out")
    assert len(peqled.read(tmp_path, exclude=tmp_path / "out").files) == 1
    assert [e.status for e in peqled.read(tmp_path).files] == ["read", "skipped"]


def test_readers_are_complete_and_flags_have_rules():
    """Every reader has its fields; every flag that the sources of the room raise has a rule."""
    import re
    from pathlib import Path

    names = [entry.name for entry in readers()]
    assert len(set(names)) == len(names) > 25
    assert all(entry.kinds and entry.title and entry.checked for entry in readers())
    raised = set()
    for file in Path(peqled.__file__).parent.joinpath("lab").rglob("*.py"):
        raised |= set(re.findall(r'flags?=?\s*[\(\[+=]+\s*"([A-Z][A-Z0-9_]{2,11})"', file.read_text()))
    assert raised - set(RULES) == set()


def test_recognition_is_by_content(tmp_path):
    """The same sweep under a misleading name is still a sweep."""
    for name in ("spectrum.dat", "decay.phd", "x.vms", "noname"):
        (tmp_path / name).write_text(SWEEP)
        assert recognise(tmp_path / name).reader.name == "jvl_table"


def test_plugin_failure_is_listed(monkeypatch):
    """A plug-in that raises on import is a row of the list of formats, and the others work."""
    from importlib.metadata import EntryPoint

    from peqled.lab import registry

    registry._loaded.cache_clear()
    monkeypatch.setattr(
        registry, "entry_points", lambda group: [EntryPoint("odd", "no_such_module_at_all:READER", group)]
    )
    assert any(text.startswith("odd ") for text in registry.broken_plugins())
    assert len(registry.readers()) > 25
    registry._loaded.cache_clear()


def test_built_in_readers_are_entry_points():
    """The list of the distribution names every module of readers, so that other programs find them too."""
    import tomllib
    from pathlib import Path

    root = Path(__file__).parents[2]
    points = tomllib.loads((root / "pyproject.toml").read_text())["project"]["entry-points"]["peqled.readers"]
    modules = {file.stem for file in (root / "src/peqled/lab/readers").glob("[!_]*.py")}
    assert points == {name: f"peqled.lab.readers.{name}:READER" for name in modules}


def test_a_zip_with_damaged_streams_is_listed(tmp_path):
    """Bytes turned over inside of a deflated member (a finding of fuzzing): failed with a reason, the others
    are read."""
    import io

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Experiment0/odd.txt", "1 2 3\n" * 5000)
    raw = bytearray(buffer.getvalue())
    start = 30 + len("Experiment0/odd.txt")
    for seed in range(20):
        damaged = bytearray(raw)
        for at in np.random.default_rng(seed).integers(start, start + 25, 4):
            damaged[at] ^= 0x5A
        (tmp_path / f"a{seed}.zip").write_bytes(bytes(damaged))
    reading = peqled.read(tmp_path)
    assert len(reading.files) >= 20
    assert {entry.status for entry in reading.files if entry.file.endswith(".zip")} <= {"failed", "read"}
    assert any("damaged" in entry.reason for entry in reading.files)
