"""`read`: from files and folders to quantities, every file accounted for."""

from __future__ import annotations

import hashlib
import re
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from peqled.lab.checkpoint import Checkpoint, checkpoint
from peqled.lab.extras import missing_library, needs
from peqled.lab.folder import Item, common_root, extract, scratch, walk
from peqled.lab.jvl.sweep import with_density
from peqled.lab.measurement import Context, LabFileError, Measurement, Quantity, dataset
from peqled.lab.names import plain
from peqled.lab.profile import Settings, parse_assignments, read_mapped, user_profile
from peqled.lab.reduce import Group, Memory, reduce_all
from peqled.lab.registry import broken_plugins, readers, recognise
from peqled.lab.workbook import WorkbookError

__all__ = ["FileEntry", "Reading", "formats", "read"]

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


@dataclass(frozen=True)
class Reading:
    """Everything that came out of a call of `read`.

    `cancelled` says that a person stopped it, `reused` how many files were unchanged since an earlier run.
    """

    root: Path
    files: tuple[FileEntry, ...]
    measurements: tuple[Measurement, ...]
    groups: tuple[Group, ...]
    context: Context
    settings: Settings
    cancelled: bool = False
    reused: int = 0

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """All rows of results.csv."""
        return tuple(row for group in self.groups for row in group.quantities)

    def unused_settings(self) -> list[str]:
        """Settings that nothing asked for, each with the nearest key that something did."""
        from peqled.lab.checklist import checklist

        checklist(self)
        unused = self.settings.unused({m.source.parent for m in self.measurements} | {self.root})
        near = {key: get_close_matches(key, self.settings.asked, n=1, cutoff=0.5) for key in unused}
        return [f"{key} (nearest known: {found[0]})" if found else key for key, found in near.items()]

    def find(self, quantity: str, *, file: str = "", sample: str = "") -> list[Quantity]:
        """Rows of this quantity whose file contains `file` and whose sample is `sample` (or any)."""
        return [
            row
            for row in self.quantities
            if row.quantity == quantity and file in row.file and sample in ("", row.sample)
        ]

    def value(self, quantity: str, *, file: str = "", sample: str = "") -> float:
        """The number of the only such row.

        Raises:
            KeyError: there is none, or more than one; the message lists what there is.
        """
        rows = self.find(quantity, file=file, sample=sample)
        if len(rows) != 1:
            held = sorted({row.quantity for row in self.quantities if file in row.file and sample in ("", row.sample)})
            raise KeyError(
                f"{len(rows)} rows of '{quantity}' for file '{file}', sample '{sample}'; held: {', '.join(held)[:1500]}"
            )
        return float(rows[0].value)

    def table(self) -> Any:
        """The quantities as a pandas table."""
        import pandas as pd

        return pd.DataFrame([asdict(row) for row in self.quantities])


def read(
    *paths: str | Path,
    settings: Mapping[str, Any] | Sequence[str] = (),
    exclude: Path | None = None,
    progress: Progress | None = None,
    resume: Path | None = None,
) -> Reading:
    """Read files and folders, recognised by content, and reduce what they hold.

    An interrupt (Ctrl-C) ends the reading: what was read is reduced, the rest is listed as cancelled. A second one ends
    the reduction.

    Args:
        paths: files or folders; a folder is read with all below it, an archive with its members.
        settings: what the files do not say, such as ``{"area": "4 mm^2"}``; a key may carry a pattern in front,
            as ``"A1*:area"``. They win over ``lab.toml`` files.
        exclude: a folder to leave out (the output folder).
        progress: called with a text and the share done.
        resume: folder of an earlier run; unchanged files and groups are taken from there (see `peqled.lab.checkpoint`).

    Raises:
        LabFileError: a path that does not exist, or a ``lab.toml`` that can't be read. No other file raises: each is in
            `Reading.files` with its reason.
    """
    named = [Path(path).expanduser().absolute() for path in paths]
    for path in named:
        if not path.exists():
            raise LabFileError(path, "path", str(path), "a file or folder that exists")
    root = common_root(named)
    assigned = [f"{key}={value}" for key, value in settings.items()] if isinstance(settings, Mapping) else settings
    answers = Settings(root, parse_assignments(assigned), user_profile())
    with scratch() as folder, checkpoint(resume) as store:
        items = list(walk(named, root, exclude.resolve() if exclude else None))
        folders = {item.path.parent for item in items}
        answers.check(folders)
        run = _Run(answers, folder, store, progress)
        run.read(items)
        measurements = [_settled(m, run.measurements) for m in run.measurements]
        context = Context(root, answers.lookup, run.shown)
        measurements = [with_density(m, context) for m in measurements]
        memory = store and Memory(store, answers, answers.fingerprint(folders), run.digests)
        groups, stopped = reduce_all(measurements, context, progress, memory)
        if store and not (run.cancelled or stopped):
            store.keep_only((item.shown for item in items), memory.keys if memory else ())
    cancelled, reused = run.cancelled or stopped, store.reused if store else 0
    return Reading(root, tuple(run.entries), tuple(measurements), tuple(groups), context, answers, cancelled, reused)


class _Run:
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


def _settled(measurement: Measurement, everything: Sequence[Measurement]) -> Measurement:
    """An emission spectrum whose file does not say which kind is EL where a sweep of the same sample lies beside it."""
    if measurement.kind != "pl_spectrum" or "lab.pl_intensity" not in measurement.data:
        return measurement
    if re.search(r"(?<![a-z])pl(?![a-z])|photolum|fluor", measurement.source.stem.lower().replace("_", " ")):
        return measurement
    own = plain(measurement.name)
    folder = measurement.source.parent
    if not any(m.kind == "jvl" and m.source.parent == folder and plain(m.name) == own for m in everything):
        return measurement
    values = {
        "wavelength": measurement.data["wavelength"].values,
        "lab.el_counts": measurement.data["lab.pl_intensity"].values,
    }
    note = "taken as EL: a sweep of the same name lies beside it; nothing says whether it is calibrated"
    return replace(
        measurement,
        kind="el_spectrum",
        data=dataset(values),
        flags=("SPEC_AU",),
        notes=(*measurement.notes, note),
        metadata={**measurement.metadata, "scale": "unknown"},
    )


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


def formats() -> list[dict[str, str]]:
    """All readers: name, title, kinds, usual suffixes, how well checked; and plug-ins that could not be loaded."""
    rows = [
        {
            "name": r.name,
            "title": r.title,
            "kinds": ";".join(r.kinds),
            "suffixes": " ".join(r.suffixes),
            "checked": r.checked,
            "note": r.note,
        }
        for r in readers()
    ]
    broken = [
        {
            "name": text.partition(" ")[0],
            "title": "",
            "kinds": "",
            "suffixes": "",
            "checked": "not loaded",
            "note": text,
        }
        for text in broken_plugins()
    ]
    return rows + broken
