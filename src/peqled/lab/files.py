"""The files of a call, one after the other: recognised, read, unpacked or listed with a reason; none stops another."""

from __future__ import annotations

import hashlib
import warnings
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from peqled.lab.checkpoint import Checkpoint
from peqled.lab.extras import missing_library, needs
from peqled.lab.folder import Item, extract
from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.profile import Settings, read_mapped
from peqled.lab.registry import recognise
from peqled.lab.workbook import WorkbookError

__all__ = ["CANCELLED", "FileEntry", "Files", "read_item"]

Progress = Callable[[str, float], Any]
CANCELLED = "cancelled before it was read"


@dataclass(frozen=True)
class FileEntry:
    """What became of one file.

    Attributes:
        file: name relative to the root.
        status: "read", "not recognised", "failed" or "skipped".
        reader: reader that took it, or that failed.
        checked: how well this reader is checked.
        kinds: kinds of measurement found, joined by ``;``.
        measurements: how many.
        size: bytes.
        sha256: of the bytes of a file that was read.
        reason: why it was not read.
        nearest: nearest known format of a file that was not recognised.
        notes: what was ignored or assumed on reading.
    """

    file: str
    status: str
    reader: str = ""
    checked: str = ""
    kinds: str = ""
    measurements: int = 0
    size: int = 0
    sha256: str = ""
    reason: str = ""
    nearest: str = ""
    notes: str = ""


class Files:
    """The files of a call, one after the other."""

    def __init__(self, settings: Settings, folder: Path, store: Checkpoint | None, progress: Progress | None) -> None:
        self.settings, self.folder, self.store, self.progress = settings, folder, store, progress
        self.entries: list[FileEntry] = []
        self.measurements: list[Measurement] = []
        self.shown: dict[Path, str] = {}
        self.digests: dict[Path, str] = {}
        self.cancelled = False

    def read(self, items: Sequence[Item]) -> None:
        queue = list(reversed(items))
        while queue:
            item = queue.pop()
            try:
                if self.progress and len(self.entries) % 10 == 0:
                    done = len(self.entries)
                    self.progress(f"reading {item.shown[-25:]}", done / (done + len(queue) + 1))
                queue += reversed(self._one(item))
            except KeyboardInterrupt:
                self.cancelled = True
                left = [item, *reversed(queue)]
                self.entries += [FileEntry(i.shown, "skipped", reason=i.reason or CANCELLED) for i in left]
                return

    def _one(self, item: Item) -> list[Item]:
        if item.reason:
            self.entries.append(FileEntry(item.shown, "skipped", reason=item.reason))
            return []
        entry, found, members = self._remembered(item) if self.store else read_item(item, self.settings, self.folder)
        self.shown[item.path] = item.shown
        self.digests[item.path] = entry.sha256
        self.entries.append(entry)
        self.measurements += found
        return members

    def _remembered(self, item: Item) -> tuple[FileEntry, list[Measurement], list[Item]]:
        """From the store, or read and kept there; members of archives lie elsewhere in each run."""
        store, inside = self.store, self.folder in item.path.parents
        mapping = self.settings.mapping(item.path)
        try:
            held = None if store is None or inside else store.file(item.shown, item.path, mapping)
        except (OSError, ValueError, KeyError, TypeError):  # gone since, or a damaged store: read as if new
            held = None
        if held is not None:
            return FileEntry(**held[0]), held[1], []
        entry, found, members = read_item(item, self.settings, self.folder)
        lasting = entry.status in ("read", "not recognised") and entry.reader != "zip"
        if store is not None and not inside and lasting and item.path.is_file():
            store.keep_file(item.shown, item.path, mapping, asdict(entry), found)
        return entry, found, members


def read_item(item: Item, settings: Settings, folder: Path) -> tuple[FileEntry, list[Measurement], list[Item]]:
    """One file: its entry, its measurements, and the members of an archive that no reader takes as it is."""
    try:
        size = item.path.stat().st_size
        mapped = read_mapped(item.path, settings)
        if mapped is not None:
            return _entry(item, size, mapped, "profile", "mapped by the laboratory"), mapped, []
        recognition = recognise(item.path)
    except (LabFileError, OSError, MemoryError, ImportError) as error:
        return FileEntry(item.shown, "failed", reason=_message(error)), [], []
    if not recognition.candidates:
        if _is_archive(item.path):
            return _unpack(item, size, folder)
        return (
            FileEntry(item.shown, "not recognised", size=size, reason=recognition.reason, nearest=recognition.nearest),
            [],
            [],
        )
    failures = []
    for reader in recognition.candidates:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = list(reader.read(item.path))
        except Exception as error:  # whatever a damaged file makes a parser raise: the file is listed with it
            failures.append((reader, _message(error)))
            continue
        if found:
            return _entry(item, size, found, reader.name, reader.checked), found, []
        failures.append((reader, "no measurement in the file"))
    if _is_archive(item.path):
        return _unpack(item, size, folder)
    reader, reason = failures[0]
    return FileEntry(item.shown, "failed", reader.name, reader.checked, size=size, reason=reason), [], []


def _entry(item: Item, size: int, found: Sequence[Measurement], reader: str, checked: str) -> FileEntry:
    kinds = ";".join(dict.fromkeys(m.kind for m in found))
    notes = "; ".join(dict.fromkeys(note for m in found for note in m.notes))
    with item.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileEntry(item.shown, "read", reader, checked, kinds, len(found), size, digest, notes=notes)


def _is_archive(path: Path) -> bool:
    try:
        return zipfile.is_zipfile(path) and path.suffix.lower() not in (
            ".docx",
            ".pptx",
            ".odt",
            ".ods",
            ".opju",
            ".xlsx",
            ".xlsm",
        )
    except OSError:
        return False


def _unpack(item: Item, size: int, folder: Path) -> tuple[FileEntry, list[Measurement], list[Item]]:
    try:
        members = extract(item, folder)
    except WorkbookError as error:
        return FileEntry(item.shown, "failed", "zip", size=size, reason=str(error)), [], []
    return (
        FileEntry(item.shown, "read", "zip", size=size, kinds="archive", notes=f"{len(members)} members"),
        [],
        members,
    )


def _message(error: BaseException) -> str:
    if library := missing_library(error):
        return needs("this format", library)
    text = str(error).strip().splitlines()[0] if str(error).strip() else ""
    return text[:300] if isinstance(error, LabFileError) else f"{type(error).__name__}: {text[:240]}".rstrip(": ")
