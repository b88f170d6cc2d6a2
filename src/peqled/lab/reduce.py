"""From measurements to quantities: each topic groups and reduces its kinds; a failure is a row of the results."""

from __future__ import annotations

import pkgutil
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from peqled.lab.checkpoint import Checkpoint, group_key
from peqled.lab.extras import missing_library, needs
from peqled.lab.measurement import Context, Measurement, Quantity
from peqled.lab.profile import Settings

__all__ = ["Group", "Memory", "reduce_all", "topics"]

Progress = Callable[[str, float], Any]


@dataclass(frozen=True)
class Group:
    """Measurements that were reduced together and what came out; `topic` names the module of the reduction."""

    topic: str
    measurements: tuple[Measurement, ...]
    quantities: tuple[Quantity, ...]


@lru_cache(maxsize=1)
def topics() -> dict[str, ModuleType]:
    """Modules ``peqled.lab.<topic>.reduction`` by topic; those without KINDS (batches) come last."""
    package = import_module("peqled.lab")
    found = {}
    for entry in pkgutil.iter_modules(package.__path__):
        if entry.ispkg and entry.name != "readers":
            home = import_module(f"peqled.lab.{entry.name}")
            if any(module.name == "reduction" for module in pkgutil.iter_modules(home.__path__)):
                found[entry.name] = import_module(f"peqled.lab.{entry.name}.reduction")
    return dict(sorted(found.items(), key=lambda item: (not item[1].KINDS, item[0])))


class Memory:
    """Groups that an earlier run reduced, by their members and all settings."""

    def __init__(self, store: Checkpoint, settings: Settings, said: str, digests: Mapping[Path, str]) -> None:
        self.store, self.settings, self.said, self.digests = store, settings, said, digests
        self.keys: set[str] = set()

    def rows(
        self, topic: str, group: Sequence[Measurement], context: Context, reduce: Callable[[], list[Quantity]]
    ) -> tuple[Quantity, ...]:
        """Rows of the group, remembered or reduced now; the settings it asks for count as asked either way."""
        members = [(context.file(m), self.digests.get(m.source, ""), m.name, m.kind) for m in group]
        key = group_key(topic, self.said, members)
        self.keys.add(key)
        if all(digest for _, digest, *_ in members) and (held := self._held(key)) is not None:
            self.settings.asked.update(held[1])
            return held[0]
        before = set(self.settings.asked)
        self.settings.asked.clear()
        rows = tuple(reduce())
        self.store.keep_group(key, rows, set(self.settings.asked))
        self.settings.asked.update(before)
        return rows

    def _held(self, key: str) -> tuple[tuple[Quantity, ...], set[str]] | None:
        try:
            return self.store.group(key)
        except (ValueError, KeyError, TypeError):  # a damaged store: reduced as if new
            return None


def reduce_all(
    measurements: Sequence[Measurement],
    context: Context,
    progress: Progress | None = None,
    memory: Memory | None = None,
) -> tuple[list[Group], bool]:
    """All groups of all topics, then the summaries over groups (batches of devices); and whether a person stopped it,
    which leaves the groups that were not reached without numbers."""
    done: list[Group] = []
    try:
        for name, module in topics().items():
            for group in _reported(name, module, measurements, progress):
                reduce = partial(_reduced, module, group, context)
                rows = tuple(reduce()) if memory is None else memory.rows(name, group, context, reduce)
                done.append(Group(name, tuple(group), rows))
        for name, module in topics().items():
            if (summarise := getattr(module, "summarise", None)) is not None:
                done += [
                    Group(name, tuple(group), tuple(rows)) for group, rows in _guarded_summary(summarise, done, context)
                ]
    except KeyboardInterrupt:
        return done, True
    return done, False


def _reported(
    name: str, module: ModuleType, measurements: Sequence[Measurement], progress: Progress | None
) -> Iterator[list[Measurement]]:
    groups = list(_groups(module, [m for m in measurements if m.kind in module.KINDS]))
    for i, group in enumerate(groups):
        if progress and i % 10 == 0:
            progress(f"reducing: {name}", i / max(len(groups), 1))
        yield group


def _groups(module: ModuleType, own: list[Measurement]) -> Iterator[list[Measurement]]:
    group = getattr(module, "group", None)
    if group is None or not own:
        yield from ([m] for m in own)
        return
    try:
        yield from group(own)
    except Exception:  # grouping by names must never lose a file: each is then reduced alone
        yield from ([m] for m in own)


def _reduced(module: ModuleType, group: Sequence[Measurement], context: Context) -> list[Quantity]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rows = list(module.reduce(group, context))
    except Exception as error:  # one odd file must not end the batch
        text = str(error) or type(error).__name__
        library = missing_library(error)
        return [
            Quantity(
                context.file(*group),
                "reduction",
                "failed",
                flags=("LIB_MISSING" if library else "REDUCE_FAIL",),
                sample=group[0].name,
                note=needs("this reduction", library) if library else f"{type(error).__name__}: {text}"[:400],
            )
        ]
    raised = tuple(flag for m in group for flag in m.flags)
    return [_complete(row, raised) for row in rows]


def _complete(row: Quantity, raised: tuple[str, ...]) -> Quantity:
    flags = tuple(flag for flag in dict.fromkeys((*row.flags, *(f for f in raised if f.startswith("READ_")))))
    value = row.value if isinstance(row.value, str) else float(row.value)
    return replace(row, flags=flags, value=value, uncertainty=abs(float(row.uncertainty)))


def _guarded_summary(
    summarise: Callable[..., Any], done: list[Group], context: Context
) -> list[tuple[Sequence[Measurement], Sequence[Quantity]]]:
    try:
        return list(summarise(done, context))
    except Exception as error:
        row = Quantity("", "reduction", "failed", flags=("REDUCE_FAIL",), note=f"{type(error).__name__}: {error}"[:400])
        return [((), [row])]
