"""What the laboratory says beside its files: ``lab.toml`` and ``--set``, and mappings of columns.

Keys at the top of a ``lab.toml`` hold for all files below its folder; a table whose name is a pattern holds for the
files (path below the folder, name, or sample) that match it. The innermost folder wins, ``--set`` wins over all::

    area = "4 mm^2"
    ["*_EL.csv"]
    slit = "2 nm"
    ["odd/*.dat"]
    kind = "jvl"
    columns = { voltage = "Bias", "lab.current" = 2, "led.luminance" = "Lum" }
    units = { "lab.current" = "mA" }
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, dataset, relative
from peqled.lab.text import read_table
from peqled.lab.units import factor_to
from peqled.vocabulary import observable

__all__ = ["NAME", "Settings", "parse_assignments", "read_mapped"]

NAME = "lab.toml"
VALUES = ("plate", "columns", "units", "slits")
"""Tables that are values of a key, not patterns of files."""


@dataclass(frozen=True)
class Settings:
    """Answers of the profile files and the command line.

    Attributes:
        root: folder of the call: profiles above it are not read.
        assigned: (pattern, key, value) of the command line, later ones win.
        home: a profile of the user, read last, or None.
        asked: keys that anything asked for, to find those that nothing did.
    """

    root: Path
    assigned: tuple[tuple[str, str, Any], ...] = ()
    home: Path | None = None
    asked: set[str] = field(default_factory=set, compare=False)
    _found: dict[Path, tuple[Path, ...]] = field(default_factory=dict, compare=False)

    def lookup(self, measurement: Measurement, key: str) -> Any:
        """Value of a key for a measurement, or None."""
        return self.of_file(measurement.source, key, measurement.name)

    def of_file(self, path: Path, key: str, name: str = "") -> Any:
        """Value of a key for a file (and a sample in it), or None."""
        self.asked.add(key)
        for pattern, assigned, value in reversed(self.assigned):
            if assigned == key and _matches(path, self.root, pattern, name):
                return value
        for file in self._profiles(path.parent):
            profile, base = _load(file, file.stat().st_mtime_ns), file.parent if file != self.home else self.root
            for pattern, entries in reversed(list(profile.items())):
                if _is_pattern(pattern, entries) and key in entries and _matches(path, base, pattern, name):
                    return entries[key]
            if key in profile and not _is_pattern(key, profile[key]):
                return profile[key]
        return None

    def unused(self, folders: Iterable[Path]) -> list[str]:
        """Keys of the command line and of the profiles of these folders that nothing asked for: misspelled, mostly."""
        given = {key for _, key, _ in self.assigned}
        for file in {profile for folder in folders for profile in self._profiles(folder) if profile != self.home}:
            for key, value in _load(file, file.stat().st_mtime_ns).items():
                given |= set(value) if _is_pattern(key, value) else {key}
        return sorted(given - self.asked)

    def fingerprint(self, folders: Iterable[Path]) -> str:
        """Everything that is said: the command line, the text of every profile, and the state of files named there."""
        files = sorted({profile for folder in folders for profile in self._profiles(folder)})
        said = [(str(file), file.read_bytes()) for file in files]
        loaded = [_load(file, file.stat().st_mtime_ns) for file in files]
        named = [self._state(value) for value in _texts([value for *_, value in self.assigned] + loaded)]
        return hashlib.sha256(repr((self.assigned, said, named)).encode("utf-8", "surrogatepass")).hexdigest()

    def _state(self, value: str) -> tuple[int, int] | None:
        """Size and time of a file that a setting names, such as a response."""
        try:
            about = (self.root / value).stat()
        except (OSError, ValueError):
            return None
        return about.st_size, about.st_mtime_ns

    def mapping(self, path: Path) -> str:
        """What a profile says about the columns of a file, as text; "" where it says nothing."""
        said = [self.of_file(path, key) for key in ("kind", "columns", "units")]
        return "" if said[0] is None else repr(said)

    def check(self, folders: Iterable[Path]) -> None:
        """Load all profiles of these folders.

        Raises:
            LabFileError: one of them is no TOML.
        """
        for file in {profile for folder in folders for profile in self._profiles(folder)}:
            _load(file, file.stat().st_mtime_ns)

    def _profiles(self, folder: Path) -> tuple[Path, ...]:
        """Profiles that hold for a folder, innermost first; for members of an archive, those of the root."""
        if folder not in self._found:
            parents = [p for p in (folder, *folder.parents) if p == self.root or self.root in p.parents] or [self.root]
            files = [parent / NAME for parent in parents] + ([self.home] if self.home is not None else [])
            self._found[folder] = tuple(file for file in files if file.is_file())
        return self._found[folder]


def _texts(value: Any) -> Iterator[str]:
    """All texts among the values of nested tables and lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(each)


def user_profile() -> Path:
    """The profile of the user: ``peqled/lab.toml`` under the folder for settings."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "peqled" / NAME


def _is_pattern(key: str, value: Any) -> bool:
    return isinstance(value, Mapping) and key not in VALUES


@lru_cache(maxsize=256)
def _load(file: Path, changed: int) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            return tomllib.load(stream)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LabFileError(file, "TOML", str(error), 'a lab profile such as: area = "4 mm^2"') from None


def _matches(path: Path, base: Path, pattern: str, name: str) -> bool:
    shown = relative(path, base)
    return pattern in ("", "*") or any(fnmatch(text, pattern) for text in (shown, path.name, name, path.stem))


def parse_assignments(texts: Sequence[str]) -> tuple[tuple[str, str, Any], ...]:
    """``key=value`` and ``PATTERN:key=value`` of the command line.

    Raises:
        LabFileError: no ``=``.
    """
    found = []
    for text in texts:
        left, sign, value = text.partition("=")
        if not sign or not left.strip():
            raise LabFileError("--set", "setting", text, 'key=value or PATTERN:key=value, such as area="4 mm^2"')
        pattern, _, key = left.rpartition(":")
        found.append((pattern.strip(), key.strip(), _value(value.strip())))
    return tuple(found)


def _value(text: str) -> Any:
    text = text.strip("\"'")
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        return float(text)
    except ValueError:
        return text


def read_mapped(path: Path, settings: Settings) -> list[Measurement] | None:
    """The file as its profile maps it (``kind`` and ``columns``), or None where no profile does.

    Raises:
        LabFileError: a column, unit or variable of the mapping does not exist.
    """
    kind, columns = settings.of_file(path, "kind"), settings.of_file(path, "columns")
    if kind is None or columns is None:
        return None
    table = read_table(path)
    units = settings.of_file(path, "units") or {}
    values: dict[str, Any] = {}
    for variable, column in columns.items():
        index = _index(path, table.names, column)
        try:
            entry = observable(variable)
        except KeyError as error:
            raise LabFileError(path, f"columns.{variable} of {NAME}", variable, str(error.args[0])) from None
        written = str(units.get(variable, table.units[index] or entry.unit))
        if (factor := factor_to(written, entry.unit)) is None:
            raise LabFileError(path, f"units.{variable} of {NAME}", written, f"a unit like {entry.unit}")
        values[variable] = table.values[:, index] * factor
    good = np.isfinite(np.stack(list(values.values()))).all(axis=0)
    data = dataset({variable: column[good] for variable, column in values.items()})
    return [Measurement(str(kind), path.stem, data, path, "profile", {}, (*table.notes(), f"columns mapped by {NAME}"))]


def _index(path: Path, names: Sequence[str], column: str | int) -> int:
    if isinstance(column, int):
        if not 1 <= column <= len(names):
            raise LabFileError(path, f"column of {NAME}", str(column), f"1 to {len(names)}")
        return column - 1
    if column not in names:
        raise LabFileError(path, f"column of {NAME}", column, f"one of {', '.join(names)}")
    return names.index(column)
