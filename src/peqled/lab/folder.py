"""The files below what the user names: every one listed, none opened that is no ordinary file, no link followed out."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from peqled.lab.profile import NAME
from peqled.lab.workbook import WorkbookError, check_archive

__all__ = ["Item", "common_root", "extract", "scratch", "walk"]

JUNK = {".ds_store", "thumbs.db", "desktop.ini", NAME}
OUTPUT = "results.csv"
OWN = frozenset(
    (
        *("results.csv", "files.csv", "results.xlsx", "measurements.nc", "measurements.eln", "nomad.archive.json"),
        *("against.csv", "report.html", "report.pdf", "checkpoint.sqlite", "figures"),
    )
)
"""What `peqled read` writes."""
DEPTH = 40


@dataclass(frozen=True)
class Item:
    """A file, or why it is not looked at.

    Attributes:
        path: where its bytes are (a member of an archive lies in a scratch folder).
        shown: name in tables: relative to the root, ``archive.zip/member`` for members.
        reason: why it is skipped, "" for a file to read.
    """

    path: Path
    shown: str
    reason: str = ""


def common_root(paths: Sequence[Path]) -> Path:
    """Folder that names are relative to: the folder itself, or the nearest that holds all."""
    folders = [path if path.is_dir() else path.parent for path in paths]
    return Path(os.path.commonpath(folders))


def walk(paths: Iterable[Path], root: Path, exclude: Path | None = None) -> Iterator[Item]:
    """All files below `paths`, sorted, each once; `exclude` (the output folder) and folders of results are left out."""
    seen: set[Path] = set()
    for path in paths:
        for item in _below(path, root, exclude, 0):
            if item.path not in seen:
                seen.add(item.path)
                yield item


def _below(path: Path, root: Path, exclude: Path | None, depth: int) -> Iterator[Item]:
    shown = _shown(path, root)
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        yield Item(path, shown, f"can't be opened: {error.strerror}")
        return
    if stat.S_ISLNK(mode) and depth:
        yield _link(path, root, shown)
    elif path.is_dir():
        if exclude is not None and path.resolve() == exclude and depth:
            return
        if depth and (path / OUTPUT).is_file() and (path / "files.csv").is_file():
            yield Item(path, shown, "a folder of results, written by peqled read")
            return
        yield from _children(path, root, exclude, depth)
    elif not path.is_file():
        yield Item(path, shown, "no ordinary file")
    elif path.name.lower() in JUNK or path.name.startswith(("._", "~$")):
        yield Item(
            path,
            shown,
            "settings of the laboratory" if path.name == NAME else "a file of the operating system or editor",
        )
    else:
        yield Item(path, shown)


def _children(path: Path, root: Path, exclude: Path | None, depth: int) -> Iterator[Item]:
    if depth > DEPTH:
        yield Item(path, _shown(path, root), f"deeper than {DEPTH} folders")
        return
    try:
        entries = sorted(path.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        yield Item(path, _shown(path, root), f"can't be listed: {error.strerror}")
        return
    own = OWN if exclude is not None and path.resolve() == exclude else frozenset()
    for entry in entries:
        if entry.name in own:  # results beside the data: those of an earlier run
            continue
        if entry.name.startswith(".") and entry.is_dir():
            yield Item(entry, _shown(entry, root), "a hidden folder")
        else:
            yield from _below(entry, root, exclude, depth + 1)


def _link(path: Path, root: Path, shown: str) -> Item:
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return Item(path, shown, "a link that leads nowhere")
    if target.is_dir():
        return Item(path, shown, "a link to a folder; name the folder itself")
    if root.resolve() not in target.parents:
        return Item(path, shown, "a link out of the folder")
    return Item(path, shown, "a link to a file that is read itself")


def _shown(path: Path, root: Path) -> str:
    try:
        return path.relative_to(root).as_posix() or path.name
    except ValueError:
        return path.name


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for members of archives, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="peqled-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def extract(item: Item, folder: Path) -> list[Item]:
    """Members of a zip archive in a scratch folder, by safe names; an archive in an archive is listed, not opened.

    Raises:
        WorkbookError: damaged, encrypted, or beyond the limits of expansion.
    """
    target = Path(tempfile.mkdtemp(dir=folder))
    found: list[Item] = []
    try:
        with zipfile.ZipFile(item.path) as archive:
            check_archive(archive)
            for member in archive.infolist():
                if not member.is_dir():
                    found.append(_member(archive, member, item, target))
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, ValueError, NotImplementedError, EOFError) as error:
        if isinstance(error, WorkbookError):
            raise
        raise WorkbookError(f"damaged or encrypted archive: {error}") from None
    return found


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, item: Item, target: Path) -> Item:
    parts = [
        part for part in PurePosixPath(member.filename.replace("\\", "/")).parts if part not in ("", "/", "..", ".")
    ]
    shown = f"{item.shown}/{'/'.join(parts)}"
    if ".." in member.filename or member.filename.startswith(("/", "\\")):
        return Item(item.path / member.filename.replace("\0", ""), shown, "a path outside of its archive")
    if parts[-1].lower().endswith((".zip", ".7z", ".rar", ".gz", ".tar")):
        return Item(item.path.joinpath(*parts), shown, "an archive inside of an archive")
    if parts[-1].startswith(("._", ".")) or "__MACOSX" in parts:
        return Item(item.path.joinpath(*parts), shown, "a file of the operating system or editor")
    path = target.joinpath(*(part[:120] for part in parts))
    path.parent.mkdir(parents=True, exist_ok=True)
    left = member.file_size
    with archive.open(member) as source, path.open("wb") as sink:
        while left > 0 and (block := source.read(min(left, 1 << 20))):
            sink.write(block)
            left -= len(block)
    return Item(path, shown)
