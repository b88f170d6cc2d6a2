"""The parameter book: every material, ligand and process of the data folder, looked up by ``material.parameter``.

    book = load_book()
    book["PO-T2T.mobility_electron"].value     # 1e-7 m^2/V/s
    book.material("PEDOT:PSS")["work_function"]

A file that says ``inherits = "other"`` takes what it does not state from the other file, except the names it lists
under ``without``. A borrowed number keeps its range, but its evidence becomes ``default`` and its note says from where.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from peqled.materials.dispersion import IndexDataError, IndexLaw, read_index_law
from peqled.materials.names import REQUIRED
from peqled.materials.parameter import Parameter, ParameterError, read_parameter

__all__ = ["DATA", "Book", "BookError", "Material", "UnknownName", "load_book", "read_material"]

DATA = Path(__file__).parent / "data"
"""Folder of the bundled data files."""

_FIELDS = {"title", "role", "inherits", "without", "parameters", "index"}


class BookError(ValueError):
    """A data file that cannot be read; the message names file and key."""


class UnknownName(BookError, KeyError):
    """A material or parameter that the book does not have; the message names the nearest ones."""

    def __str__(self) -> str:  # KeyError would show the message in quotes
        return str(self.args[0])


@dataclass(frozen=True, kw_only=True)
class Material:
    """What one data file says: parameters by name, and refractive-index laws with the preferred one first."""

    name: str
    title: str
    role: str
    parameters: Mapping[str, Parameter]
    index: tuple[IndexLaw, ...] = ()
    inherits: str | None = None
    without: tuple[str, ...] = ()
    path: Path | None = None

    def __getitem__(self, name: str) -> Parameter:
        if name not in self.parameters:
            raise UnknownName(_no_parameter(self, name))
        return self.parameters[name]

    def __contains__(self, name: object) -> bool:
        return name in self.parameters

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters.values())

    def __len__(self) -> int:
        return len(self.parameters)

    def index_law(self, label: str | None = None) -> IndexLaw:
        """The preferred index law, or the alternative of that label."""
        if not self.index:
            raise UnknownName(f"{self.name} has no refractive index")
        for law in self.index:
            if label is None or law.label == label:
                return law
        labels = ", ".join(law.label for law in self.index)
        raise UnknownName(f"{self.name} has no index {label!r}; it has {labels}")


class Book:
    """All parameters, looked up by ``material.parameter``; immutable. Iterating gives the parameters themselves."""

    def __init__(self, materials: Mapping[str, Material]):
        self._materials = MappingProxyType(dict(materials))
        self._titles = {material.title: material for material in materials.values()}

    @property
    def materials(self) -> Mapping[str, Material]:
        """Materials by file name, in alphabetical order."""
        return self._materials

    def material(self, name: str) -> Material:
        """A material by its name (``PEDOT-PSS``) or its title (``PEDOT:PSS``)."""
        found = self._materials.get(name, self._titles.get(name))
        if found is None:
            raise UnknownName(f"no material {name!r}; {_nearest(name, [*self._materials, *self._titles])}")
        return found

    def get(self, key: str) -> Parameter | None:
        """The parameter of that key, or None."""
        try:
            return self[key]
        except UnknownName:
            return None

    def items(self) -> Iterator[tuple[str, Parameter]]:
        """Keys and parameters."""
        return ((parameter.key, parameter) for parameter in self)

    def __getitem__(self, key: str) -> Parameter:
        material, dot, name = key.rpartition(".")
        if not dot:
            raise UnknownName(f"{key!r} is not a key; expected material.parameter, such as PTAA.thickness")
        return self.material(material)[name]

    def __contains__(self, key: object) -> bool:
        return self.get(str(key)) is not None

    def __iter__(self) -> Iterator[Parameter]:
        return (parameter for material in self._materials.values() for parameter in material)

    def __len__(self) -> int:
        return sum(len(material) for material in self._materials.values())


@lru_cache(maxsize=8)
def load_book(*folders: Path) -> Book:
    """The bundled book, with the materials of further folders added to it or replacing its own; parsed once."""
    for folder in folders:
        if not folder.is_dir():
            raise BookError(f"no folder {str(folder)!r} of material files")
    raw = {path.stem: read_material(path) for folder in (DATA, *folders) for path in sorted(folder.glob("*.toml"))}
    return Book({name: _inherit(raw, name, ()) for name in sorted(raw, key=str.lower)})


def read_material(path: Path) -> Material:
    """One data file, on its own (nothing inherited yet). Raises `BookError` naming file and key."""
    try:
        text = tomllib.loads(path.read_text(encoding="utf-8"))
        return _material(path, text)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, ParameterError, IndexDataError) as error:
        raise BookError(f"{path.name}: {error}") from error


def _material(path: Path, text: Mapping[str, Any]) -> Material:
    name = path.stem
    if unknown := sorted(set(text) - _FIELDS):
        raise ParameterError(f"{name}.{unknown[0]}: unknown field; expected some of {', '.join(sorted(_FIELDS))}")
    if text.get("role") not in REQUIRED:
        raise ParameterError(f"{name}.role: {text.get('role')!r}; expected one of {', '.join(REQUIRED)}")
    for key, kind in (("parameters", dict), ("index", dict), ("without", list), ("inherits", str)):
        if not isinstance(text.get(key, kind()), kind):
            raise ParameterError(f"{name}.{key}: expected a {kind.__name__}, got {text[key]!r}")
    entries = text.get("parameters", {}).items()
    return Material(
        name=name,
        title=str(text.get("title", name)),
        role=text["role"],
        parameters=MappingProxyType({key: read_parameter(name, key, entry) for key, entry in entries}),
        index=_index_laws(name, text["index"]) if "index" in text else (),
        inherits=text.get("inherits"),
        without=tuple(text.get("without", ())),
        path=path,
    )


def _index_laws(name: str, entry: Mapping[str, Any]) -> tuple[IndexLaw, ...]:
    alternatives = entry.get("alternatives", ())
    laws = [read_index_law(f"{name}.index", entry)]
    laws += [read_index_law(f"{name}.index.alternatives[{i}]", other) for i, other in enumerate(alternatives)]
    labels = [law.label for law in laws]
    if twice := sorted({label for label in labels if labels.count(label) > 1}):
        raise IndexDataError(f"{name}.index: two laws are labelled {twice[0]!r}")
    return tuple(laws)


def _inherit(raw: Mapping[str, Material], name: str, line: tuple[str, ...]) -> Material:
    """The material with what it borrows from its parents filled in."""
    material = raw[name]
    if material.inherits is None:
        return material
    file = f"{name}.toml: {name}.inherits"
    if material.inherits not in raw:
        raise BookError(f"{file}: no material {material.inherits!r}; {_nearest(material.inherits, list(raw))}")
    if material.inherits in (*line, name):
        raise BookError(f"{file}: materials inherit from each other: {' -> '.join((*line, name, material.inherits))}")
    parent = _inherit(raw, material.inherits, (*line, name))
    borrowed = {p.name: _borrow(p, name) for p in parent if p.name not in material.without}
    parameters = MappingProxyType(borrowed | dict(material.parameters))
    return replace(material, parameters=parameters, index=material.index or parent.index)


def _borrow(parameter: Parameter, name: str) -> Parameter:
    twice = parameter.note.startswith("borrowed")  # then the note already names the file that states the number
    note = parameter.note if twice else f"borrowed from {parameter.key}: {parameter.note}"
    return replace(parameter, key=f"{name}.{parameter.name}", material=name, evidence="default", note=note)


def _no_parameter(material: Material, name: str) -> str:
    close = difflib.get_close_matches(name, material.parameters, n=3, cutoff=0.4) or list(material.parameters)[:3]
    listed = ", ".join(f"{near} ({material.parameters[near].unit})" for near in close)
    return f"{material.name} has no parameter {name!r}; nearest: {listed or 'it has none'}"


def _nearest(name: str, names: list[str]) -> str:
    lowered = {known.lower(): known for known in names}
    close = difflib.get_close_matches(name.lower(), lowered, n=3, cutoff=0.4)
    if not close:
        return "peqled materials list shows all"
    return "nearest: " + ", ".join(dict.fromkeys(lowered[near] for near in close))
