"""Charge reference: shift that brings adventitious carbon, C 1s, to 284.8 eV.

The reference is good to 0.1-0.2 eV at best (Greczynski and Hultman, Prog. Mater. Sci. 2020, 107, 100591); the
uncertainty that is added here covers differences within one sample, not the absolute scale.
"""

from __future__ import annotations

from dataclasses import dataclass

C1S_REFERENCE = 284.8  # eV
REFERENCE_UNCERTAINTY = 0.05  # eV, reading of the reference line itself


@dataclass(frozen=True)
class ChargeReference:
    """Shift to add to every binding energy of a sample (eV), its uncertainty and where it comes from."""

    shift: float
    uncertainty: float
    origin: str


def from_c1s(position: float, *, uncertainty: float, reference: float = C1S_REFERENCE) -> ChargeReference:
    """Reference from the fitted position of the main C 1s line (eV)."""
    u = (uncertainty**2 + REFERENCE_UNCERTAINTY**2) ** 0.5
    return ChargeReference(reference - position, u, f"main C 1s line at {position:.3f} eV set to {reference} eV")
