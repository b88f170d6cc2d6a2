"""Which reader takes a file: decided by its content.

Built-in readers are the modules of `peqled.lab.readers`; a laboratory adds its own through the entry point group
``peqled.readers`` (a module attribute that is a `Reader`). A plug-in that fails to load is listed, never fatal.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

import numpy as np

from peqled.lab.measurement import Reader

__all__ = ["GROUP", "HEAD", "THRESHOLD", "Reader", "Recognition", "broken_plugins", "reader", "readers", "recognise"]

GROUP = "peqled.readers"
HEAD = 65536  # bytes that a sniffer sees
THRESHOLD = 0.3  # score from which a reader takes a file


@dataclass(frozen=True)
class Recognition:
    """Outcome for one file: the readers that would take it, best first, or why there is none and the nearest format."""

    candidates: tuple[Reader, ...] = ()
    score: float = 0.0
    nearest: str = ""
    reason: str = ""

    @property
    def reader(self) -> Reader | None:
        """The best candidate."""
        return self.candidates[0] if self.candidates else None


@lru_cache(maxsize=1)
def _loaded() -> tuple[tuple[Reader, ...], tuple[str, ...]]:
    found: dict[str, Reader] = {}
    broken: list[str] = []
    package = import_module("peqled.lab.readers")
    for module in pkgutil.iter_modules(package.__path__, "peqled.lab.readers."):
        if module.name.rpartition(".")[2].startswith("_"):  # shared helpers, no formats
            continue
        try:
            entry = import_module(module.name).READER
            found[entry.name] = entry
        except Exception as error:  # a library of this format is missing: the other readers work
            broken.append(f"{module.name}: {type(error).__name__}: {error}")
    for point in entry_points(group=GROUP):
        try:
            entry = point.load()
            if not isinstance(entry, Reader):
                raise TypeError(f"a {type(entry).__name__}, not a Reader")
            found.setdefault(entry.name, entry)
        except Exception as error:  # foreign code: whatever it raises, the other readers work
            broken.append(f"{point.name} ({point.value}): {type(error).__name__}: {error}")
    return tuple(found[name] for name in sorted(found)), tuple(broken)


def readers() -> tuple[Reader, ...]:
    """All readers, by name."""
    return _loaded()[0]


def broken_plugins() -> tuple[str, ...]:
    """Readers and plug-ins that could not be loaded, with the reason."""
    return _loaded()[1]


def reader(name: str) -> Reader:
    """The reader of this name; KeyError names the known ones."""
    for entry in readers():
        if entry.name == name:
            return entry
    raise KeyError(f"no reader '{name}'; known: {', '.join(entry.name for entry in readers())}")


def recognise(path: Path) -> Recognition:
    """The reader with the highest score on the content of the file, if it reaches the threshold."""
    from peqled.lab.text import head_of

    head = head_of(path, HEAD)
    if not head.strip(b"\0 \t\r\n"):
        return Recognition(reason="the file begins with zeros" if head.strip() else "the file is empty")
    scores = sorted(((_score(entry, head, path.name), entry) for entry in readers()), key=lambda s: -s[0])
    best, entry = scores[0]
    if best >= THRESHOLD:
        return Recognition(tuple(candidate for score, candidate in scores if score >= THRESHOLD), best)
    return Recognition((), best, nearest=entry.name if best > 0.05 else _by_suffix(path), reason=_why(head))


def _score(entry: Reader, head: bytes, name: str) -> float:
    try:
        return float(entry.sniff(head, name))
    except Exception:  # a sniffer that stumbles over foreign bytes has not recognised them
        return 0.0


def _by_suffix(path: Path) -> str:
    """The reader of a suffix that says something: not one of those that every instrument uses."""
    suffix = path.suffix.lower()
    if suffix in ("", ".txt", ".csv", ".dat", ".asc", ".xlsx", ".json", ".xml", ".zip"):
        return ""
    return next((entry.name for entry in readers() if suffix in entry.suffixes), "")


def _why(head: bytes) -> str:
    from peqled.lab.text import NotText, decode, head_records, head_table

    try:
        decode(head)
    except NotText:
        return "binary content without the signature of a known format"
    records = head_records(head)
    numeric = records is not None and any(
        np.isfinite(records.numbers(i)).mean() > 0.5 for i in range(len(records.names))
    )
    table = head_table(head) or (records if numeric else None)
    if table is None:
        return "text without a table of numbers"
    names = ", ".join(name for name in table.names if name)[:70] or "no column names"
    return f"a table of numbers whose columns ({names}) say no known measurement; map them in a lab profile"
