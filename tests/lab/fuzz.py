"""Fuzzing of every reader, by hand: ``python -m tests.lab.fuzz [-s SECONDS] [-o FOLDER] [NAME...]``.

Valid files of each format are changed by mutations that hypothesis draws: bytes turned over, cut, doubled, filled,
numbers and lengths replaced, parts of another format spliced in. A reader may read the result or refuse it with a
`LabFileError` of one line; anything else, or more than ten seconds, is a finding and its file is kept in FOLDER.
Files of the reference folder (PEQLED_LAB_FILES) serve as further seeds where they are present.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import tempfile
import time
import traceback
import warnings
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import peqled
from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.registry import reader, readers, recognise
from peqled.lab.templates import TEMPLATES, write_template
from tests.lab import decay_files, structure_files
from tests.lab.test_certified import problem
from tests.lab.test_dialects import PATTERNS, marked_record
from tests.lab.test_spectra import asc
from tests.lab.test_structure_damage import SEEDS

SLOW = 10.0  # s; longer is a hang
NUMBERS = [b"nan", b"inf", b"-1", b"1e999", b"0", b"99999999999"]
LENGTHS = [bytes.fromhex(text) for text in ("ffffffff", "00000000", "ffffff7f", "00000080", "0000c07f")]
SIGNS = [b"\0", b"\n", b"\r\n\r\n", b",", b";", b"\t", b"\xef\xbb\xbf", "é".encode(), b"(" * 200]
ACTIVE = [b"<!ENTITY a 'b'>", b"&a;", b"=cmd()"]
WORDS = [*NUMBERS, *LENGTHS, *SIGNS, *ACTIVE]


def seeds(folder: Path) -> dict[str, list[bytes]]:
    """Valid contents by reader."""
    found: dict[str, list[bytes]] = {name: [content] for name, content in SEEDS.items()}
    counts = np.round(1000 * np.exp(-np.arange(400) / 60.0)).astype(int) + 3
    makers = {
        "phd": lambda p: decay_files.phd(p, [counts]),
        "phu": lambda p: decay_files.phu(p, [counts]),
        "ptu": lambda p: decay_files.ptu(p, counts[:300] // 4),
        "sdt": lambda p: decay_files.sdt(p, counts, packed=True),
        "dat": lambda p: decay_files.picoquant(p, [counts], [0.05]),
        "txt": lambda p: decay_files.das6(p, counts, "1ns/ch"),
        "csv": lambda p: decay_files.qutag(p, np.arange(counts.size) * 1e-9, counts),
    }
    for suffix, make in makers.items():
        path = folder / f"seed.{suffix}"
        make(path)
        _add(found, path)
    for kind in TEMPLATES:
        path = folder / f"{kind}.csv"
        write_template(kind, path)
        _add(found, path)
    x = np.linspace(1.0, 9.0, 30)
    found["nist_strd"] = [
        problem("y = b1*exp[-b2*x]", ("b1", "b2"), (np.exp(-x), x), [(1, 2, 1, 0), (1, 2, 1, 0)]).encode()
    ]
    found["xrd_counts"] = [text.encode() for name, text in PATTERNS.items() if name not in ("a.txt", "a.csv")]
    found["malvern_records"] = [marked_record()]
    found["jcamp_dx"].append(structure_files.jcamp_pages(x, {0.0: x, 1.0: x * x}).encode())
    found["perkin_elmer_asc"] = [asc("A", np.linspace(0.0, 1.0, 301)).encode()]
    found["galactic_spc"] += [structure_files.spc_old(x, x / 10), structure_files.spc(x, [x], form="i16")]
    root = Path(os.environ.get("PEQLED_LAB_FILES", "/nonexistent"))
    for path in sorted(p for p in root.rglob("*") if p.is_file() and p.stat().st_size < 300_000):
        _add(found, path)
    return found


def _add(found: dict[str, list[bytes]], path: Path) -> None:
    known = recognise(path).reader
    if known is not None and len(found.setdefault(known.name, [])) < 6:
        found[known.name].append(path.read_bytes())


position = st.floats(0.0, 1.0, exclude_max=True)
mutation = st.one_of(
    st.tuples(st.just("turn"), position, st.integers(0, 255)),
    st.tuples(st.just("word"), position, st.sampled_from(WORDS)),
    st.tuples(st.just("insert"), position, st.sampled_from(WORDS)),
    st.tuples(st.just("cut"), position, st.integers(1, 64)),
    st.tuples(st.just("end"), position, st.just(0)),
    st.tuples(st.just("double"), position, st.integers(1, 4096)),
    st.tuples(st.just("fill"), position, st.integers(1, 256)),
    st.tuples(st.just("head"), st.floats(0.0, 0.999), st.integers(0, 255)),
    st.tuples(st.just("bytes"), position, st.binary(min_size=1, max_size=12)),
)


def mutated(content: bytes, steps: list[tuple[str, float, int | bytes]]) -> bytes:
    """The content after these mutations."""
    data = bytearray(content)
    for what, share, value in steps:
        at = int(share * len(data)) if data else 0
        if what == "head":  # headers decide more than data
            at = int(share * min(len(data), 600))
        match what, value:
            case (("turn" | "head"), int()) if at < len(data):
                data[at] = value
            case (("word" | "bytes"), bytes()):
                data[at : at + len(value)] = value
            case "insert", bytes():
                data[at:at] = value
            case "cut", int():
                del data[at : at + value]
            case "end", _:
                del data[at:]
            case "double", int():
                data[at:at] = data[at : at + value]
            case "fill", int():
                data[at : at + value] = bytes(len(data[at : at + value]))
    return bytes(data)


class Findings:
    """What went wrong, once per place in the code, with the file that showed it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: dict[str, str] = {}

    def add(self, name: str, content: bytes, error: BaseException | str) -> None:
        where = error if isinstance(error, str) else _place(error)
        key = f"{name} {where}"
        if key not in self.seen:
            path = self.folder / f"{name}-{len(self.seen):03d}"
            path.write_bytes(content)
            self.seen[key] = path.name
            print(f"  FOUND {key} ({path.name})", flush=True)


def _place(error: BaseException) -> str:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "peqled" in f.filename]
    last = frames[-1] if frames else traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}: {str(error)[:100]}"


def fuzz(
    name: str, contents: list[bytes], seconds: float, findings: Findings, scratch: Path, *, whole: bool = False
) -> int:
    """Mutate and read for so long; the number of files tried."""
    entry, start, tried = reader(name), time.monotonic(), 0
    suffix = entry.suffixes[0] if entry.suffixes else ".dat"
    path = scratch / f"fuzzed{suffix}"
    round_ = 0
    while time.monotonic() - start < seconds:
        round_ += 1

        @seed(round_)
        @settings(max_examples=200, database=None, deadline=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(which=st.integers(0, len(contents) - 1), steps=st.lists(mutation, min_size=1, max_size=6))
        def once(which: int, steps: list[tuple[str, float, int | bytes]]) -> None:
            nonlocal tried
            if time.monotonic() - start > seconds:
                return
            content = mutated(contents[which], steps)
            path.write_bytes(content)
            tried += 1
            _try(entry, path, content, findings, whole)

        once()
    return tried


def _try(entry, path: Path, content: bytes, findings: Findings, whole: bool) -> None:
    begun = time.monotonic()
    faulthandler.dump_traceback_later(6 * SLOW, exit=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            entry.sniff(content[:65536], path.name)
            found = peqled.read(path).measurements if whole else entry.read(path)
        if not all(isinstance(each, Measurement) for each in found):
            findings.add(entry.name, content, "no measurement")
    except LabFileError as error:
        if "\n" in str(error):
            findings.add(entry.name, content, f"more than one line: {str(error)[:60]!r}")
    except Exception as error:  # what the suite calls a finding
        findings.add(entry.name, content, error)
    finally:
        faulthandler.cancel_dump_traceback_later()
    if (spent := time.monotonic() - begun) > SLOW:
        findings.add(entry.name, content, f"{spent:.0f} s for one file")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="readers; all by default")
    parser.add_argument("-s", "--seconds", type=float, default=60.0, help="for each reader")
    parser.add_argument("-o", "--output", type=Path, default=Path(tempfile.gettempdir()) / "peqled-fuzz")
    parser.add_argument("-w", "--whole", action="store_true", help="recognise and reduce as well, looking for hangs")
    told = parser.parse_args()
    told.output.mkdir(parents=True, exist_ok=True)
    findings = Findings(told.output)
    with tempfile.TemporaryDirectory() as scratch:
        contents = seeds(Path(scratch))
        for name in told.names or [entry.name for entry in readers()]:
            if not contents.get(name):
                print(f"{name}: no seed", flush=True)
                continue
            tried = fuzz(name, contents[name], told.seconds, findings, Path(scratch), whole=told.whole)
            print(f"{name}: {tried} files of {len(contents[name])} seeds", flush=True)
    print(f"{len(findings.seen)} findings in {told.output}")


if __name__ == "__main__":
    main()
