"""Refractive index n + i k of a material at given wavelengths, never extrapolated in silence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peqled.materials.book import Material, load_book
from peqled.materials.dispersion import IndexDataError, IndexLaw, evaluate, has_extinction, wavelength_range

__all__ = ["IndexRangeError", "IndexTable", "index_table", "refractive_index"]

_ROUNDING = 1e-9  # relative slack at the ends of a table, for unit conversion


class IndexRangeError(IndexDataError):
    """A wavelength outside the range of the table."""


@dataclass(frozen=True, kw_only=True)
class IndexTable:
    """n + i k (``index``) at ``wavelength`` (m), with the law it came from and what has to be said about it."""

    wavelength: np.ndarray
    index: np.ndarray
    material: str
    law: IndexLaw
    warnings: tuple[str, ...]


def refractive_index(
    material: Material | str, wavelength: np.ndarray | float, *, alternative: str | None = None
) -> np.ndarray:
    """Complex refractive index n + i k at wavelengths (m); `IndexRangeError` outside the range of the table."""
    return index_table(material, wavelength, alternative=alternative).index


def index_table(
    material: Material | str,
    wavelength: np.ndarray | float,
    *,
    alternative: str | None = None,
    extrapolate: bool = False,
) -> IndexTable:
    """As `refractive_index`, with provenance and warnings.

    ``extrapolate`` holds the end values of the table outside its range, and adds a warning that says so.
    """
    material = load_book().material(material) if isinstance(material, str) else material
    law = material.index_law(alternative)
    wavelength = np.asarray(wavelength, dtype=float)
    low, high = wavelength_range(law)
    inside, outside = np.clip(wavelength, low, high), _outside(wavelength, low, high)
    if outside and not extrapolate:
        raise IndexRangeError(f"{material.name} ({law.label}): {outside}; choose an alternative or extrapolate=True")
    warnings = [f"{material.name} ({law.label}): {outside}; end value held"] if outside else []
    if not has_extinction(law):
        warnings.append(f"{material.name} ({law.label}): the table holds n alone; k = 0 is used")
    if law.evidence == "default":
        warnings.append(f"{material.name} ({law.label}): index not measured, an engineering default")
    index = evaluate(law, inside)
    return IndexTable(wavelength=wavelength, index=index, material=material.name, law=law, warnings=tuple(warnings))


def _outside(wavelength: np.ndarray, low: float, high: float) -> str:
    """What to say of wavelengths outside the table; empty if there are none."""
    if not np.all(np.isfinite(wavelength) & (wavelength > 0)):
        raise IndexDataError("wavelengths must be positive and finite, in metres")
    if np.all((wavelength >= low * (1 - _ROUNDING)) & (wavelength <= high * (1 + _ROUNDING))):
        return ""
    asked = f"{wavelength.min() * 1e9:.4g} to {wavelength.max() * 1e9:.4g} nm"
    return f"{asked} asked, table from {low * 1e9:.4g} to {high * 1e9:.4g} nm"
