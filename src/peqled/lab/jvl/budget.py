"""Uncertainty budget of an efficiency (GUM, JCGM 100:2008): relative terms in quadrature, the largest named.

A term is *common* when the same instrument or mask makes it for every device of a batch: it does not average down.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["DEFAULTS", "Term", "combine", "common", "describe", "largest"]


class Term(NamedTuple):
    """One contribution: name, relative standard uncertainty (k = 1), common to a batch or not."""

    name: str
    relative: float
    common: bool = True


DEFAULTS = {
    "luminance": 0.03,
    "area": 0.02,
    "current": 0.003,
    "wavelength_nm": 0.3,
    "response": 0.02,
    "lambertian": 0.03,
}
"""Relative (wavelength: nm) standard uncertainties where the laboratory states none: the middle of the usual ranges."""


def combine(terms: Sequence[Term]) -> float:
    """Relative standard uncertainty of a product: the root of the sum of squares."""
    return math.sqrt(sum(term.relative**2 for term in terms))


def common(terms: Sequence[Term]) -> float:
    """The part of `combine` that all devices of a batch share."""
    return combine([term for term in terms if term.common])


def largest(terms: Sequence[Term]) -> Term:
    """The term that leads the budget."""
    return max(terms, key=lambda term: term.relative)


def describe(terms: Sequence[Term]) -> str:
    """The budget as one line, largest first."""
    ordered = sorted((term for term in terms if term.relative > 0), key=lambda term: -term.relative)
    parts = ", ".join(f"{term.name} {100 * term.relative:.2g} %" for term in ordered)
    return f"budget (k = 1): {parts}; largest: {ordered[0].name}" if ordered else ""
