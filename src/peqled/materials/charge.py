"""What is weighed and pipetted into a flask, as amounts per volume of the hot mixture.

    c = n / V,   V = Σ_k n_k V_m,k [1 + β (T - 298 K)]

The sum runs over solvents and ligands, with the acid that the caesium brings; that of the salts is neglected, and β is
the mean of the solvents by volume. A
quantity may be an amount of substance ("0.18 mmol"), a volume of a liquid ("0.5 mL") or a mass ("69 mg"): molar volumes
and masses are those of the parameter book.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from peqled.materials.book import Book, load_book
from peqled.materials.units import UnitError, parse_quantity

__all__ = ["LIGANDS", "SALTS", "ChargeError", "concentrations"]

ROOM = 298.15
"""K, at which volumes are measured."""
DENSITY_UNIT = "mol/m^3"
SALTS = {"lead_bromide": 0.36701, "cesium": 0.132905}
"""Keys of single amounts in a flask, and molar mass (kg/mol): PbBr2, and Cs as the element."""
LIGANDS = ("acids", "amines", "ammonium_bromides")
"""Keys of tables of amounts, by material of the book; a hydrobromide goes by the name of its amine."""
POLAR = 15.0
"""Permittivity above which a solvent keeps its ions apart."""
BROMIDE = 0.080912  # kg/mol of HBr, what a hydrobromide weighs more than its amine


class ChargeError(ValueError):
    """An amount that can't be used; `key` says where it stands."""

    def __init__(self, key: str, value: Any, message: str):
        super().__init__(message)
        self.key, self.value = key, value


def concentrations(flask: Mapping[str, Any], *, temperature: float) -> dict[str, Any]:
    """The amounts of a flask that names its `solvents`, as texts in mol/m3 of the mixture at `temperature` (K).

    Raises:
        ChargeError: a solvent is unknown, an amount has no usable unit, or there is no volume.
    """
    book = load_book()
    solvents = {
        name: _moles(book, name, text, f"solvents.{name}", role="solvent") for name, text in flask["solvents"].items()
    }
    ligands = {
        key: {name: _moles(book, name, text, f"{key}.{name}", extra=_extra(key)) for name, text in _table(flask, key)}
        for key in LIGANDS
    }
    salts = {key: _salt(key, flask[key], mass) for key, mass in SALTS.items() if key in flask}
    oleate = {str(flask.get("cesium_acid", "oleic-acid")): salts.get("cesium", 0.0)}
    volume = hot_volume(book, solvents, ligands | {"carboxylate": oleate}, temperature)
    if not volume > 0:
        raise ChargeError("solvents", flask["solvents"], "the flask holds no volume")
    changed: dict[str, Any] = {
        key: {name: f"{n / volume!r} {DENSITY_UNIT}" for name, n in table.items()}
        for key, table in ligands.items()
        if key in flask
    }
    changed |= {key: f"{n / volume!r} {DENSITY_UNIT}" for key, n in salts.items()}
    return changed | {"polar_share": repr(polar_share(book, solvents))}


def hot_volume(
    book: Book, solvents: Mapping[str, float], ligands: Mapping[str, Mapping[str, float]], temperature: float
) -> float:
    """Volume (m3) at `temperature` (K) of amounts in mol."""
    parts = {name: n * book[f"{name}.molar_volume"].value for name, n in solvents.items()}
    solvent = sum(parts.values())
    rest = sum(n * book[f"{name}.molar_volume"].value for table in ligands.values() for name, n in table.items())
    swelling = sum(v * book[f"{name}.solvent_expansion"].value for name, v in parts.items())
    expansion = swelling / solvent if solvent > 0 else 0.0
    return (solvent + rest) * (1 + expansion * (temperature - ROOM))


def polar_share(book: Book, solvents: Mapping[str, float]) -> float:
    """Share of the solvents' volume whose permittivity is above `POLAR`."""
    volumes = {name: n * book[f"{name}.molar_volume"].value for name, n in solvents.items()}
    polar = sum(v for name, v in volumes.items() if book[f"{name}.permittivity"].value > POLAR)
    return polar / max(sum(volumes.values()), 1e-30)


def _table(flask: Mapping[str, Any], key: str) -> list[tuple[str, Any]]:
    table = flask.get(key, {})
    if not isinstance(table, Mapping):
        raise ChargeError(key, table, "expected a table of names and amounts")
    return list(table.items())


def _extra(key: str) -> float:
    return BROMIDE if key == "ammonium_bromides" else 0.0


def _moles(book: Book, name: str, text: Any, key: str, *, role: str | None = None, extra: float = 0.0) -> float:
    """Amount of a material of the book (mol)."""
    if name not in book.materials or (role and book.materials[name].role != role):
        known = ", ".join(m for m in book.materials if book.materials[m].role == (role or "acid ligand"))
        raise ChargeError(key, text, f"no {role or 'ligand'} of that name in the book; known are {known}")
    material = book.materials[name]
    for wanted in ("molar_mass", "molar_volume"):
        if wanted not in material:
            raise ChargeError(key, text, f"'{name}' has no {wanted} in the book")
    per_volume = None if extra else material["molar_volume"].value
    return _amount(key, text, mass=material["molar_mass"].value + extra, volume=per_volume)


def _salt(key: str, text: Any, mass: float) -> float:
    return _amount(key, text, mass=mass, volume=None)


def _amount(key: str, text: Any, *, mass: float, volume: float | None) -> float:
    """Amount (mol) from a text in mol, in kg, or in m3 where the material is a liquid."""
    if not isinstance(text, str):
        raise ChargeError(key, text, 'expected a quoted amount with its unit, such as "0.2 mmol"')
    ways = [("mol", 1.0), ("kg", 1 / mass), *([("m^3", 1 / volume)] if volume else [])]
    for unit, factor in ways:
        try:
            value = parse_quantity(text, unit) * factor
        except UnitError:
            continue
        if not value >= 0:
            raise ChargeError(key, text, "expected at least 0")
        return value
    liquid = ", a volume" if volume else ""
    raise ChargeError(key, text, f"with solvents given, expected an amount of substance{liquid} or a mass")
