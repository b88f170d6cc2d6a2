"""Results of numbered jobs on disk, one line each, so that a killed run goes on where it was.

The first line says what the jobs belong to; every other line is one finished job. A line is whole or, when the process
was killed while it wrote, cut short, and then left out and written again.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from peqled.result import OutputError, write_text

Record = dict[str, Any]


class Checkpoint:
    """A file of finished jobs, by number.

    Args:
        path: the file; made if it is not there.
        key: what the jobs belong to, such as a hash of all that decides their results.

    Raises:
        OutputError: the file belongs to other jobs, or can't be written.
    """

    def __init__(self, path: Path, key: str) -> None:
        self.path, self.done = path, {}
        if path.exists():
            self.done = self._read(key)
        whole = "".join(_line(record) for record in ({"key": key}, *self.done.values()))
        write_text(path, whole)  # without a line that was cut short

    def _read(self, key: str) -> dict[int, Record]:
        lines = [record for text in self.path.read_text(encoding="utf-8").splitlines() if (record := _whole(text))]
        if not lines or lines[0].get("key") != key:
            raise OutputError(
                f"'{self.path}' holds results of another recipe, seed or version: choose another folder or delete it"
            )
        return {record["number"]: record for record in lines[1:]}

    def add(self, record: Record) -> None:
        """Keep one finished job, which carries its `number`; on disk when this returns."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(_line(record))
            file.flush()
            os.fsync(file.fileno())
        self.done[record["number"]] = record


def _line(record: Record) -> str:
    return json.dumps(record) + "\n"


def _whole(text: str) -> Record | None:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None
