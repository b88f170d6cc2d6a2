"""`read`: from files and folders to quantities, every file accounted for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from peqled.lab.checkpoint import checkpoint
from peqled.lab.files import FileEntry, Files
from peqled.lab.folder import common_root, scratch, walk
from peqled.lab.jvl.sweep import with_density
from peqled.lab.measurement import Context, LabFileError, Measurement, Quantity, dataset
from peqled.lab.names import plain
from peqled.lab.profile import Settings, parse_assignments, user_profile
from peqled.lab.readers.sclc_table import from_sweep
from peqled.lab.reduce import Group, Memory, reduce_all
from peqled.lab.registry import broken_plugins, readers

__all__ = ["FileEntry", "Reading", "formats", "read"]

Progress = Callable[[str, float], Any]


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
        run = Files(answers, folder, store, progress)
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


def _settled(measurement: Measurement, everything: Sequence[Measurement]) -> Measurement:
    """What the neighbours of a file decide: an emission spectrum of no stated kind is EL where a sweep of the same
    sample lies beside it; a dark current-voltage curve belongs to a single-carrier device where its folder says so."""
    if measurement.kind == "jvl":
        return from_sweep(measurement) or measurement
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
