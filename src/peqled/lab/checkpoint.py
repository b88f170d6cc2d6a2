"""What an earlier run on the same output folder has read and reduced, so that a second run does only what is new.

A file is taken as unchanged if its name, size and time of modification are those of the earlier run (the rule of make);
a group of measurements is reduced again if any of its files, their names, or any setting changed. Another version of
the package or another set of readers drops everything. The store is an SQLite file with JSON and plain numbers in it:
nothing in it is ever executed. Members of archives are read again.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

import peqled
from peqled.lab.extras import LIBRARIES, installed
from peqled.lab.measurement import Measurement, Quantity, dataset
from peqled.lab.registry import readers

__all__ = ["NAME", "Checkpoint", "checkpoint", "group_key"]

NAME = "checkpoint.sqlite"
LARGEST = 64_000_000  # bytes of a file's curves; beyond it reading again is the lesser evil
EVERY = 25  # entries between commits
_TABLES = """
create table if not exists about (engine text);
create table if not exists files (name text primary key, stamp text, entry text, measurements blob);
create table if not exists groups (key text primary key, rows text, asked text);
"""


class Checkpoint:
    """The store of an output folder; made by `checkpoint`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._pending = 0
        self.reused = 0

    def file(self, name: str, path: Path, mapping: str) -> tuple[dict[str, Any], list[Measurement]] | None:
        """Entry and measurements of an unchanged file, None for a new or changed one."""
        found = self._row(
            "select entry, measurements from files where name = ? and stamp = ?", name, _stamp(path, mapping)
        )
        if found is None:
            return None
        self.reused += 1
        return json.loads(found[0]), list(_unpacked(found[1], path))

    def keep_file(
        self, name: str, path: Path, mapping: str, entry: dict[str, Any], found: Sequence[Measurement]
    ) -> None:
        """Remember what a file gave."""
        packed = _packed(found)
        if packed is not None:
            values = (name, _stamp(path, mapping), json.dumps(entry), packed)
            self._write("insert or replace into files values (?, ?, ?, ?)", values)

    def group(self, key: str) -> tuple[tuple[Quantity, ...], set[str]] | None:
        """Rows of a group and the settings that its reduction asked for."""
        found = self._row("select rows, asked from groups where key = ?", key)
        if found is None:
            return None
        rows = tuple(Quantity(**{**row, "flags": tuple(row["flags"])}) for row in json.loads(found[0]))
        return rows, set(json.loads(found[1]))

    def keep_group(self, key: str, rows: Iterable[Quantity], asked: set[str]) -> None:
        """Remember what a group gave."""
        values = (key, json.dumps([asdict(row) for row in rows]), json.dumps(sorted(asked)))
        self._write("insert or replace into groups values (?, ?, ?)", values)

    def keep_only(self, names: Iterable[str], keys: Iterable[str]) -> None:
        """Forget the files and groups of earlier runs that this one did not meet."""
        for table, column, kept in (("files", "name", set(names)), ("groups", "key", set(keys))):
            held = {row[0] for row in self._connection.execute(f"select {column} from {table}")}
            self._connection.executemany(f"delete from {table} where {column} = ?", [(n,) for n in held - kept])
        self._connection.commit()

    def _row(self, query: str, *values: str) -> Any:
        try:
            return self._connection.execute(query, values).fetchone()
        except sqlite3.Error:  # a damaged store is no reason to stop: the file is read again
            return None

    def _write(self, query: str, values: tuple[Any, ...]) -> None:
        try:
            self._connection.execute(query, values)
            self._pending += 1
            if self._pending >= EVERY:
                self._connection.commit()
                self._pending = 0
        except sqlite3.Error:
            return


@contextmanager
def checkpoint(folder: Path | None) -> Iterator[Checkpoint | None]:
    """The store of an output folder, emptied if another engine wrote it; None without a folder."""
    if folder is None:
        yield None
        return
    connection = _opened(folder / NAME)
    try:
        yield Checkpoint(connection)
    finally:
        try:
            connection.commit()
        finally:
            connection.close()


def _opened(path: Path) -> sqlite3.Connection:
    engine = _engine()
    for attempt in (1, 2):
        connection = sqlite3.connect(path)
        try:
            connection.executescript(_TABLES)
            held = connection.execute("select engine from about").fetchall()
            if held != [(engine,)]:
                connection.executescript("delete from about; delete from files; delete from groups;")
                connection.execute("insert into about values (?)", (engine,))
                connection.commit()
            return connection
        except sqlite3.Error:
            connection.close()
            path.unlink(missing_ok=True)
            if attempt == 2:
                raise
    raise AssertionError("two attempts return or raise")


def _engine() -> str:
    """Package, its files as they lie on the disk, readers and libraries: what decides a result beside the data."""
    home = Path(__file__).parent
    code = [(str(p.relative_to(home)), p.stat().st_size, p.stat().st_mtime_ns) for p in sorted(home.rglob("*.py"))]
    names = [entry.name for entry in readers()]
    return _digest(peqled.__version__, code, names, [library for library in LIBRARIES if installed(library)])


def _digest(*parts: Any) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


def group_key(topic: str, settings: str, members: Iterable[tuple[str, ...]]) -> str:
    """Key of a group: its topic, all settings, and file, digest, sample and kind of each member."""
    return _digest(topic, settings, tuple(members))


def _stamp(path: Path, mapping: str) -> str:
    about = path.stat()
    return f"{about.st_size} {about.st_mtime_ns} {mapping}"


def _packed(found: Sequence[Measurement]) -> bytes | None:
    """A line of JSON, then the numbers of all variables; None for what this does not hold."""
    about, blocks = [], []
    for m in found:
        arrays = {str(name): np.ascontiguousarray(variable.values) for name, variable in m.data.variables.items()}
        if any(a.dtype.kind not in "biuf" for a in arrays.values()):
            return None
        told = {"kind": m.kind, "name": m.name, "reader": m.reader, "metadata": dict(m.metadata), "notes": m.notes,
                "flags": m.flags, "arrays": [(n, a.dtype.str, a.shape) for n, a in arrays.items()]}  # fmt: skip
        about.append(told)
        blocks += [a.tobytes() for a in arrays.values()]
    if sum(map(len, blocks)) > LARGEST:
        return None
    try:
        return json.dumps(about, default=_plain).encode("utf-8", "surrogatepass") + b"\n" + b"".join(blocks)
    except (TypeError, ValueError):
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} is not kept")


def _unpacked(raw: bytes, path: Path) -> Iterator[Measurement]:
    head, _, body = raw.partition(b"\n")
    at = 0
    for told in json.loads(head.decode("utf-8", "surrogatepass")):
        values = {}
        for name, kind, shape in told["arrays"]:
            count = int(np.prod(shape))
            values[name] = np.frombuffer(body, kind, count, at).reshape(shape)
            at += count * np.dtype(kind).itemsize
        data = dataset(values)
        notes, flags = tuple(told["notes"]), tuple(told["flags"])
        yield Measurement(told["kind"], told["name"], data, path, told["reader"], told["metadata"], notes, flags)
