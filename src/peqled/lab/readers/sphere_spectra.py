"""Spectra of an integrating sphere for the quantum yield: two bare columns whose file name says which measurement it
is.

a: empty sphere; b: sample beside the beam; c: sample in the beam; ``dilute``: emission without reabsorption. Names
such as ``A1``/``B2``/``C2`` (1 excitation, 2 emission) or words (``blank``, ``indirect``, ``direct``) are understood;
``CF`` or ``response`` is the correction. One table may hold all of them as columns of these words.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, Reader, dataset
from peqled.lab.text import Table, head_table, read_table

_BARE = re.compile(r"L?(?P<role>[ABCabc])[ _-]?(?P<band>[12])?")
_LETTER = re.compile(r"(?P<run>.*?)[ _-](?P<role>[ABCabc])[ _-]?(?P<band>[12])?")
_SPHERE = re.compile(r"plqy|sphere|quantum[ _-]*yield|(?<![a-z])qy(?![a-z])", re.IGNORECASE)
_RESPONSE = re.compile(r"^cf$|(?<![a-z])cf(?![a-z])|response|correction|calib", re.IGNORECASE)
_WORDS = (
    ("dilute", r"dilute"),
    ("a", r"blank|empty|laser[ _-]*only|no[ _-]*sample|reference|(?<![a-z])ref(?![a-z])"),
    ("b", r"indirect|off[ _-]*beam|out[ _-]*of[ _-]*beam|off[ _-]*axis|diffuse|(?<=[ _-])out$"),
    ("c", r"(?<!in)direct|in[ _-]*beam|on[ _-]*beam|on[ _-]*axis|(?<=[ _-])in$"),
)
_PLACED = re.compile(
    r"empty|indirect|sample[ _-]*direct|(?:off|on|in|out[ _-]*of)[ _-]*(?:beam|axis)|laser[ _-]*only", re.IGNORECASE
)
"""Words that say where the sample is in a sphere, and nothing else of a spectrum."""
_NO_RUN = re.compile(r"(?<![a-z])(?:sphere|sample|measurement)(?![a-z])", re.IGNORECASE)
_BANDS = (
    ("1", r"(?<![a-z])(?:exc?|excitation|laser)(?![a-z])(?!.*only)"),
    ("2", r"(?<![a-z])(?:em|emission|pl)(?![a-z])"),
)


def role_of(stem: str) -> tuple[str, str, str] | None:
    """(role a/b/c or response, band 1/2 or "" for both, what is left of the name), None where the name says nothing."""
    bare = _BARE.fullmatch(stem)
    if bare:
        return bare["role"].lower(), bare["band"] or "", ""
    for role, pattern in _WORDS:
        if re.search(pattern, stem, re.IGNORECASE):
            rest = re.sub(pattern, "", stem, flags=re.IGNORECASE)
            band = next((b for b, p in _BANDS if re.search(p, rest, re.IGNORECASE)), "")
            for _, p in _BANDS:
                rest = re.sub(p, "", rest, flags=re.IGNORECASE)
            return role, band, re.sub(r"[ _-]+", " ", _NO_RUN.sub("", rest)).strip()
    if _RESPONSE.search(stem):
        return "response", "", ""
    letter = _LETTER.fullmatch(stem)
    return (letter["role"].lower(), letter["band"] or "", letter["run"]) if letter else None


def sniff(head: bytes, name: str) -> float:
    """By the name, on a two-column table with a wavelength axis; single letters alone are a weak sign."""
    stem = Path(name).stem
    role = role_of(stem)
    table = head_table(head)
    if table is not None and _role_columns(table):
        return 0.9
    table = table if role else None
    if role is None or table is None or table.values.shape[1] != 2 or len(table.values) < 10:
        return 0.0
    if any(re.search(r"abs|volt|curr|time|2.?theta", n, re.IGNORECASE) for n in table.names):
        return 0.0
    axis = table.values[:, 0]
    if not (np.isfinite(axis).all() and axis.min() >= 150 and axis.max() <= 3000 and np.all(np.diff(axis) > 0)):
        return 0.0
    if role[0] == "response":
        return 0.8
    if _SPHERE.search(name) or _SPHERE.search(" ".join(table.header)):
        return 0.9
    if _PLACED.search(stem):
        return 0.85
    alone = _BARE.fullmatch(stem) or any(re.fullmatch(pattern, stem, re.IGNORECASE) for _, pattern in _WORDS)
    return 0.6 if alone else 0.0


def _role_columns(table: Table) -> dict[int, str]:
    """Roles of the columns of a wavelength table named blank, indirect and direct; none without the first and last."""
    axis = table.values[:, 0]
    if table.values.shape[1] < 3 or axis.size < 10 or not np.isfinite(axis).all():
        return {}
    if axis.min() < 150 or axis.max() > 3000:
        return {}
    found = {
        i: role
        for i, name in enumerate(table.names)
        for role, pattern in (*_WORDS, ("c", "sample"))
        if i and re.fullmatch(pattern, re.sub(r"[ _-]*(?:counts|intensity|signal)$", "", name.strip()), re.IGNORECASE)
    }
    letters = {i: name.strip().lower() for i, name in enumerate(table.names) if i}
    found = letters if set(letters.values()) == {"a", "b", "c"} else found
    return found if {"a", "c"} <= set(found.values()) else {}


def read(path: Path) -> list[Measurement]:
    """One measurement with its role in the metadata."""
    table = read_table(path)
    if columns := _role_columns(table):
        return [_measurement(path, table, i, (role, "", path.stem)) for i, role in columns.items()]
    role = role_of(path.stem)
    if role is None or table.values.shape[1] < 2:
        raise LabFileError(path, "name", path.stem, "a name with the role a, b or c, on two columns")
    return [_measurement(path, table, 1, role)]


def _measurement(path: Path, table: Table, column: int, role: tuple[str, str, str]) -> Measurement:
    good = (table.values[:, 0] > 0) & (table.values[:, 0] < 1e5) & (np.abs(table.values[:, column]) < 1e30)
    order = np.argsort(table.values[good, 0])
    wavelength, signal = table.values[good, 0][order] * 1e-9, table.values[good, column][order]
    variable = "lab.sphere_response" if role[0] == "response" else "lab.sphere_counts"
    metadata = {"role": role[0], "band": role[1], "run": role[2]}
    name = role[2] or path.parent.name
    data = dataset({"wavelength": wavelength, variable: signal})
    return Measurement("plqy_run", name, data, path, "sphere_spectra", metadata, table.notes())


READER = Reader(
    "sphere_spectra",
    "Integrating-sphere spectra for the quantum yield",
    ("plqy_run",),
    (".txt", ".csv"),
    sniff,
    read,
    "independent file",
)
