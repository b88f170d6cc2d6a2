"""Columns that no reader knows, asked for once and remembered in the laboratory's profile.

Only a person at a terminal is asked. The answers become tables of the ``lab.toml`` in the folder that was read, where
the next run finds them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from peqled.lab.encoding import head_of
from peqled.lab.profile import NAME
from peqled.lab.reading import Reading
from peqled.lab.registry import HEAD
from peqled.lab.text import Table, head_table
from peqled.lab.units import factor_to
from peqled.result import write_text
from peqled.vocabulary import observable

__all__ = ["MAPS", "ask", "remember"]

Ask = Callable[[str], str]
Say = Callable[[str], object]
MAPS: Mapping[str, tuple[str, ...]] = {
    "jvl": ("voltage", "led.current_density", "lab.current", "led.luminance"),
    "el_spectrum": ("wavelength", "lab.el_energy", "lab.el_counts"),
    "pl_spectrum": ("wavelength", "lab.pl_intensity"),
    "absorption": ("wavelength", "lab.absorbance"),
    "angular": ("angle", "lab.angular_signal"),
    "stability": ("ageing_time", "lab.pl_trace"),
    "sclc": ("bias", "lab.sclc_current_density"),
    "ftir": ("wavenumber", "lab.ftir_absorbance"),
    "xrd": ("two_theta", "lab.xrd_intensity"),
}
"""Kinds that columns can be mapped to: the coordinate, which is needed, and what may be measured along it."""
MOST = 12  # different tables asked for in one run


def ask(reading: Reading, answer: Ask, say: Say) -> dict[str, str]:
    """Answers for the tables that no reader knows: text of a profile table by file name. Files with the same columns
    are asked for once."""
    found: dict[str, str] = {}
    for files, table in list(_unknown(reading).values())[:MOST]:
        names = [f"{i}: {name or 'no name'}" for i, name in enumerate(table.names, 1)]
        say(f"{files[0]}{f' and {len(files) - 1} more' if len(files) > 1 else ''}: columns {', '.join(names)}")
        kind = _choice(answer, say, f"What was measured? {', '.join(MAPS)}, or nothing to skip: ", ("", *MAPS))
        text = _mapped(kind, table, answer, say) if kind else ""
        found |= dict.fromkeys(files, text) if text else {}
    return found


def remember(root: Path, answers: Mapping[str, str]) -> Path:
    """Append the answers to the profile of a folder."""
    path = root / NAME
    held = path.read_text("utf-8") if path.is_file() else ""
    held += "\n" if held and not held.endswith("\n") else ""
    added = "".join(f"\n[{_quoted(file)}]\n{text}" for file, text in answers.items())
    return write_text(path, held + added)


def _unknown(reading: Reading) -> dict[tuple[str, ...], tuple[list[str], Table]]:
    """Files that were not recognised and hold a table with two or more columns, by their columns."""
    found: dict[tuple[str, ...], tuple[list[str], Table]] = {}
    for entry in reading.files:
        path = reading.root / entry.file
        if entry.status != "not recognised" or not path.is_file():
            continue
        table = head_table(head_of(path, HEAD))
        if table is not None and table.values.shape[1] >= 2 and len(table.values) >= 5:
            found.setdefault((path.suffix, *table.names), ([], table))[0].append(entry.file)
    return found


def _mapped(kind: str, table: Table, answer: Ask, say: Say) -> str:
    """The profile's lines for a kind; "" where the coordinate or everything along it is missing."""
    columns, units = dict(_columns(kind, table, answer, say)), {}
    coordinate = MAPS[kind][0]
    if coordinate not in columns or len(columns) < 2:
        say("skipped: it needs a column for the axis and one for what was measured")
        return ""
    for variable, column in columns.items():
        written = table.units[column - 1]
        if not written or factor_to(written, observable(variable).unit) is None:
            units[variable] = _unit(variable, answer, say)
    lines = [
        f"kind = {_quoted(kind)}",
        f"columns = {_table(columns)}",
        *([f"units = {_table(units)}"] if units else []),
    ]
    return "\n".join(lines) + "\n"


def _columns(kind: str, table: Table, answer: Ask, say: Say) -> Iterator[tuple[str, int]]:
    numbers = ("", *(str(i + 1) for i in range(len(table.names))))
    for variable in MAPS[kind]:
        entry = observable(variable)
        said = _choice(answer, say, f"  column of {entry.long_name} (number, or nothing): ", numbers)
        if said:
            yield variable, int(said)


def _unit(variable: str, answer: Ask, say: Say) -> str:
    entry = observable(variable)
    if entry.unit == "1":
        return "1"
    while True:
        said = answer(f"  unit of {entry.long_name} [{entry.unit}]: ").strip() or entry.unit
        if factor_to(said, entry.unit) is not None:
            return said
        say(f"  '{said}' is no unit like {entry.unit}")


def _choice(answer: Ask, say: Say, question: str, allowed: Sequence[str]) -> str:
    while (said := answer(question).strip()) not in allowed:
        say(f"  '{said}' is none of {', '.join(text for text in allowed if text)}")
    return said


def _table(values: Mapping[str, object]) -> str:
    cells = (
        f"{_quoted(key)} = {value if isinstance(value, int) else _quoted(str(value))}" for key, value in values.items()
    )
    return f"{{ {', '.join(cells)} }}"


def _quoted(text: str) -> str:
    """A TOML basic string."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in plain) + '"'
