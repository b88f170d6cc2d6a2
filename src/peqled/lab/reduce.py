"""From measurements to quantities: each topic groups and reduces its kinds; a failure is a row of the results."""

from __future__ import annotations

import pkgutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Any

from peqled.lab.extras import missing_library, needs
from peqled.lab.measurement import Context, Measurement, Quantity

__all__ = ["Group", "reduce_all", "topics"]

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


def reduce_all(measurements: Sequence[Measurement], context: Context, progress: Progress | None = None) -> list[Group]:
    """All groups of all topics, then the summaries over groups (batches of devices)."""
    done: list[Group] = []
    for name, module in topics().items():
        own = [m for m in measurements if m.kind in module.KINDS]
        groups = list(_groups(module, own))
        for i, group in enumerate(groups):
            if progress and i % 10 == 0:
                progress(f"reducing: {name}", i / max(len(groups), 1))
            done.append(Group(name, tuple(group), tuple(_reduced(module, group, context))))
    for name, module in topics().items():
        if (summarise := getattr(module, "summarise", None)) is not None:
            done += [
                Group(name, tuple(group), tuple(rows)) for group, rows in _guarded_summary(summarise, done, context)
            ]
    return done


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
