"""Members of a zip container, by directory first: nothing is unpacked to disk, sizes are checked before reading."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from peqled.lab.measurement import LabFileError

MAX_MEMBER = 200_000_000
MAX_SCANS = 2000  # scans of a container that are read


@contextmanager
def archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """An open container whose expansion has been judged.

    Raises:
        LabFileError: no container, damaged, or it expands beyond the limits.
    """
    from peqled.lab.workbook import check_archive

    try:
        with zipfile.ZipFile(path) as container:
            check_archive(container)
            yield container
    except LabFileError:
        raise
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise LabFileError(path, "container", str(error)[:80], "an undamaged zip container of ordinary size") from None


def member(container: zipfile.ZipFile, name: str, path: Path) -> bytes:
    """Bytes of a member, at most `MAX_MEMBER`."""
    import zlib

    if container.getinfo(name).file_size > MAX_MEMBER:
        raise LabFileError(path, name, f"{container.getinfo(name).file_size} bytes", f"at most {MAX_MEMBER} bytes")
    try:
        with container.open(name) as stream:
            raw = stream.read(MAX_MEMBER + 1)
    except (zlib.error, zipfile.BadZipFile, OSError) as error:
        raise LabFileError(path, name, str(error)[:80], "an undamaged member") from None
    if len(raw) > MAX_MEMBER:
        raise LabFileError(path, name, f"more than {MAX_MEMBER} bytes", "what its directory announces")
    return raw


def names_in(head: bytes) -> set[str]:
    """Names of the members whose local headers lie in the first bytes of a container."""
    found, at = set(), 0
    while (at := head.find(b"PK\x03\x04", at)) >= 0 and at + 30 <= len(head):
        length = int.from_bytes(head[at + 26 : at + 28], "little")
        found.add(head[at + 30 : at + 30 + length].decode("utf-8", errors="replace"))
        at += 30 + length
    return found


def natural(names: Iterable[str]) -> list[str]:
    """Sorted by the numbers in the names: ``Data2`` before ``Data10``."""
    return sorted(names, key=lambda name: [int(p) if p.isdigit() else p for p in re.split(r"(\d+)", name)])
