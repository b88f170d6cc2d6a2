"""Series of published recipes: from a table of weighed amounts to the size of the dots of every row.

    rows = read_series("recipes.csv")
    results = run_series(rows)

A row is one synthesis. Columns: ``T_C`` (reaction temperature), ``t_s`` (time until the quench), ``n_NAME_mmol`` (one
per substance, empty where absent) and, if known, ``edge_nm`` (measured), ``shape`` ("cube" or "sphere"), ``series`` and
``point``. NAME is an abbreviation of `SUBSTANCES` or a material of the parameter book; an acid counts all acid, also
what the caesium carboxylate holds. Other columns are kept out. Every row runs with the same constants, those of
``constants = "published-recipes"``; `calibration/series.py` says which rows they were fitted to.
"""

from __future__ import annotations

import csv
import difflib
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import jax.numpy as jnp
import numpy as np

from peqled.materials import load_book
from peqled.parameters import Parameters, parameters_of
from peqled.recipe import Recipe, RecipeError, bundled_text, read_recipe
from peqled.synthesis.flask import simulate_flask
from peqled.synthesis.history import FINISHED, MESSAGES, FlaskResult
from peqled.synthesis.stage import build_flask

SUBSTANCES = {
    "OA": "oleic-acid",
    "OLA": "oleylamine",
    "OAm": "oleylamine",
    "HA": "hexanoic-acid",
    "OctAc": "octanoic-acid",
    "OTAc": "octanoic-acid",
    "LA": "lauric-acid",
    "OCT": "octylamine",
    "OctAm": "octylamine",
    "OTAm": "octylamine",
    "DDA": "dodecylamine",
    "ODE": "octadecene",
    "DMF": "dimethylformamide",
    "OLA-HBr": "oleylamine",
    "OCT-HBr": "octylamine",
}
"""Abbreviations of tables, and the material of the book behind them; ``-HBr`` is the hydrobromide of an amine."""

CUBE_IN_SPHERE = (6 / np.pi) ** (1 / 3)
"""Diameter of the sphere that has the volume of a cube of edge 1."""
LARGEST = 80e-9  # m, of the size grid: published dots reach 25 nm
ROOM = 298.15  # K, towards which a quench cools


@dataclass(frozen=True)
class Preparation:
    """One row: amounts in mol by substance, temperature in K, time in s, measured edge in m (NaN if there is none)."""

    label: str
    series: str
    temperature: float
    time: float
    amounts: dict[str, float]
    edge: float = float("nan")
    shape: Literal["cube", "sphere"] = "cube"


@dataclass(frozen=True)
class Prepared:
    """What the twin says of one row. ``edge`` in m: number mean, or the diameter of equal volume for spheres."""

    preparation: Preparation
    edge: float
    variation: float
    caesium_yield: float
    number: float
    notes: tuple[str, ...] = ()
    status: int = FINISHED

    @property
    def deviation(self) -> float:
        """ln(twin/measured); NaN where either is missing."""
        ratio = self.edge / self.preparation.edge
        return float(np.log(ratio)) if ratio > 0 else float("nan")


@dataclass
class _Charge:
    """Amounts of one row, sorted by what they are (mol)."""

    acids: dict[str, float] = field(default_factory=dict)
    amines: dict[str, float] = field(default_factory=dict)
    bromides: dict[str, float] = field(default_factory=dict)
    solvents: dict[str, float] = field(default_factory=dict)
    lead: float = 0.0
    caesium: float = 0.0
    caesium_bromide: float = 0.0
    notes: list[str] = field(default_factory=list)


def read_series(path: str | Path) -> list[Preparation]:
    """The rows of a table.

    Raises:
        RecipeError: the file can't be read, or a cell or column can't be used; the message says where.
    """
    path = Path(path)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RecipeError(f"'{path}' can't be read: {error}") from None
    if not table:
        raise RecipeError(f"'{path}' holds no rows below its header")
    return [preparation(row, label=f"{path.name}, line {i + 2}") for i, row in enumerate(table)]


def preparation(row: dict[str, Any], *, label: str = "row") -> Preparation:
    """One row of a table, checked.

    Raises:
        RecipeError: a needed column is missing, a cell is no number, or a substance is unknown.
    """
    amounts = {
        _substance(column, label): 1e-3 * _number(row, column, label, least=0.0)
        for column in row
        if column and column.startswith("n_") and column.endswith("_mmol") and str(row[column] or "").strip()
    }
    shape = str(row.get("shape") or "cube").strip()
    if shape not in ("cube", "sphere"):
        raise RecipeError(f'{label}: shape = "{shape}": expected "cube" or "sphere"')
    measured = str(row.get("edge_nm") or "").strip()
    point = str(row.get("point") or "").strip()
    return Preparation(
        label=f"{row.get('series') or ''} {point}".strip() or label,
        series=str(row.get("series") or "").strip(),
        temperature=_number(row, "T_C", label, least=-273.0) + 273.15,
        time=_number(row, "t_s", label, least=0.0),
        amounts={name: n for name, n in amounts.items() if n > 0},
        edge=1e-9 * _number(row, "edge_nm", label, least=0.0) if measured else float("nan"),
        shape="sphere" if shape == "sphere" else "cube",
    )


def _number(row: dict[str, Any], column: str, label: str, *, least: float) -> float:
    text = str(row.get(column) or "").strip()
    if not text:
        raise RecipeError(f"{label}: column '{column}' is missing or empty")
    try:
        value = float(text)
    except ValueError:
        raise RecipeError(f'{label}: {column} = "{text}": expected a number') from None
    if not (np.isfinite(value) and value >= least):
        raise RecipeError(f'{label}: {column} = "{text}": expected a number of at least {least:g}')
    return value


def _substance(column: str, label: str) -> str:
    name = column.removeprefix("n_").removesuffix("_mmol")
    known = [*SUBSTANCES, "PbBr2", "Cs2CO3", "CsBr", *load_book().materials]
    if name in known or name.removesuffix("-HBr") in known:
        return name
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    raise RecipeError(f"{label}: column '{column}': no substance '{name}'; the nearest are {', '.join(near) or 'none'}")


def _sorted(row: Preparation) -> _Charge:
    """Amounts by their part in the flask. CsBr + HA + B = CsA + B.HBr: its bromide is that of an ammonium salt."""
    book, charge = load_book(), _Charge()
    places = {"acid ligand": charge.acids, "amine ligand": charge.amines, "solvent": charge.solvents}
    for name, amount in row.amounts.items():
        if name == "PbBr2":
            charge.lead += amount
        elif name in ("Cs2CO3", "CsBr"):
            charge.caesium += amount * (2 if name == "Cs2CO3" else 1)
            charge.caesium_bromide += amount if name == "CsBr" else 0.0
        else:
            material = SUBSTANCES.get(name) or SUBSTANCES.get(name.removesuffix("-HBr"), name.removesuffix("-HBr"))
            place = charge.bromides if name.endswith("-HBr") else places.get(book.materials[material].role)
            if place is None:
                raise RecipeError(f"{row.label}: '{name}' is no acid, amine, hydrobromide or solvent")
            place[material] = place.get(material, 0.0) + amount
    return charge


def as_recipe(row: Preparation) -> tuple[Recipe, tuple[str, ...]]:
    """The flask of a row as a recipe (its device is the bundled one), and what had to be assumed."""
    charge = _sorted(row)
    _bind_caesium(charge)
    mmol = lambda table: {name: f"{1e3 * n!r} mmol" for name, n in table.items()}  # noqa: E731
    acids, amines = charge.acids or {"oleic-acid": 0.0}, charge.amines or {"oleylamine": 0.0}
    data = tomllib.loads(bundled_text("oa-oam"))
    data["flask"] = {
        "constants": "published-recipes",
        "acids": mmol(acids),
        "amines": mmol(amines),
        "ammonium_bromides": mmol(charge.bromides),
        "cesium_acid": _caesium_acid(acids),
        "solvents": mmol(charge.solvents),
        "lead_bromide": f"{1e3 * charge.lead!r} mmol",
        "cesium": f"{1e3 * charge.caesium!r} mmol",
        "temperature": f"{row.temperature!r} K",
        "largest_edge": f"{LARGEST!r} m",
        "quench": {"time": f"{row.time!r} s", "temperature": f"{min(ROOM, row.temperature)!r} K"},
    }
    if not charge.solvents:
        raise RecipeError(f"{row.label}: no solvent: the amounts have no volume")
    return read_recipe(data, label=row.label), tuple(charge.notes)


def _caesium_acid(acids: dict[str, float]) -> str:
    """The acid that dissolves the caesium carbonate: oleic acid where there is some, else the most abundant one."""
    return "oleic-acid" if "oleic-acid" in acids else max(acids, key=lambda name: acids[name])


def _bind_caesium(charge: _Charge) -> None:
    """Caesium takes one acid each out of the table's total; what finds no acid stays undissolved and is left out."""
    total = sum(charge.acids.values())
    if charge.caesium > total:
        charge.notes.append("less acid than caesium: the rest of the caesium salt stays solid")
        charge.caesium, charge.caesium_bromide = total, min(charge.caesium_bromide, total)
    if charge.caesium_bromide:
        amine = max(charge.amines, key=lambda name: charge.amines[name], default="oleylamine")
        taken = min(charge.caesium_bromide, charge.amines.get(amine, 0.0))
        charge.bromides[amine] = charge.bromides.get(amine, 0.0) + taken
        charge.amines[amine] = charge.amines.get(amine, 0.0) - taken
        if taken < charge.caesium_bromide:
            charge.notes.append("less amine than caesium bromide: the bromide beyond it is left out")
    left = charge.caesium
    first = _caesium_acid(charge.acids) if charge.acids else ""
    for name in sorted(charge.acids, key=lambda acid: acid != first):
        taken = min(left, charge.acids[name])
        charge.acids[name] -= taken
        left -= taken


def run_series(
    rows: Iterable[Preparation],
    *,
    cells: int = 100,
    change: Callable[[Parameters], Parameters] | None = None,
    progress: Callable[[str, float], Any] | None = None,
) -> list[Prepared]:
    """Dots of every row, with `cells` size cells; `change` may replace parameters, as a fit does."""
    rows, found = list(rows), []
    for i, row in enumerate(rows):
        if progress:
            progress(row.label, i / len(rows))
        found.append(run_row(row, cells=cells, change=change))
    if progress:
        progress("done", 1.0)
    return found


def run_row(
    row: Preparation, *, cells: int = 100, change: Callable[[Parameters], Parameters] | None = None
) -> Prepared:
    """One synthesis until its sample is taken, a workup time (book) after the quench began."""
    recipe, notes = as_recipe(row)
    parameters = parameters_of(recipe)
    parameters = change(parameters) if change else parameters
    times = row.time + jnp.array([0.0, float(parameters["flask.workup_time"])])
    result = simulate_flask(build_flask(parameters), times, cells=cells, largest=LARGEST)
    return _prepared(row, result, notes)


def _prepared(row: Preparation, result: FlaskResult, notes: Sequence[str]) -> Prepared:
    status = int(result.status)
    number = float(result.number[-1].sum())
    edge = float(result.mean_edge[-1]) * (CUBE_IN_SPHERE if row.shape == "sphere" else 1.0)
    said = tuple(notes) if status == FINISHED else (*notes, MESSAGES[status])
    if number < 1.0:
        return Prepared(row, float("nan"), float("nan"), 0.0, 0.0, (*said, "no dots form"), status)
    return Prepared(row, edge, float(result.cv[-1]), float(result.caesium_yield[-1]), number, said, status)
