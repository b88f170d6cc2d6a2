"""Candidates for the chemical state of a line, ranked by distance; never one verdict.

Ranges (eV, C 1s at 284.8): NIST XPS Database, doi:10.18434/T4T88K; Beamson and Briggs, High Resolution XPS of Organic
Polymers, Wiley 1992; nitrogen of ligands and lead(0): values of the lead-halide literature collected in the project's
reference notes.
"""

from __future__ import annotations

_RANGES: dict[str, tuple[tuple[str, float, float], ...]] = {
    "C 1s": (("C-C, C-H", 284.6, 285.0), ("C-N", 285.7, 286.2), ("C-O", 286.1, 286.7), ("C=O", 287.6, 288.2),
             ("O-C=O", 288.4, 289.2), ("C-F2", 290.5, 292.0)),
    "N 1s": (("amine C-NH2", 399.3, 400.0), ("amide", 399.9, 400.4), ("RNH3+", 401.3, 402.0), ("R4N+", 402.0, 403.0),
             ("nitrate", 406.5, 407.8)),
    "O 1s": (("metal oxide", 529.5, 530.6), ("C=O, carboxylate", 531.3, 532.1), ("sulfonate", 531.6, 532.3),
             ("C-O", 532.3, 533.2), ("water", 533.2, 535.0)),
    "S 2p": (("sulfide", 160.8, 162.2), ("thiolate", 162.0, 163.0), ("thiol", 163.4, 164.4),
             ("sulfoxide", 165.5, 166.5), ("sulfonate", 167.6, 169.0)),
    "Pb 4f": (("Pb(0)", 136.3, 137.0), ("Pb(II) in a halide perovskite", 137.6, 138.7), ("PbO, Pb(OH)2", 137.2, 138.6),
              ("lead carboxylate or sulfonate", 138.4, 139.4)),
    "Br 3d": (("bromide in a perovskite", 67.6, 68.8), ("C-Br", 69.5, 71.0)),
    "I 3d": (("iodide in a perovskite", 618.3, 619.5), ("I2, triiodide", 619.5, 620.8)),
    "Cs 3d": (("Cs+", 723.6, 725.2),),
}  # fmt: skip


def candidates(level: str, position: float, *, uncertainty: float = 0.1) -> list[tuple[str, float]]:
    """Chemical states of `level` near a charge-referenced position (eV) with their distance from the range (eV).

    Ranked by distance; all within 0.5 eV plus two uncertainties are given, because ranges overlap.
    """
    found = []
    for name, low, high in _RANGES.get(level, ()):
        distance = max(low - position, position - high, 0.0)
        if distance <= 0.5 + 2.0 * uncertainty:
            found.append((name, distance, abs(position - 0.5 * (low + high))))
    return [(name, distance) for name, distance, _ in sorted(found, key=lambda entry: (entry[1], entry[2]))]


def sentence(level: str, position: float, *, uncertainty: float = 0.1) -> str:
    """The candidates as one line for the report."""
    found = candidates(level, position, uncertainty=uncertainty)
    if not found:
        return "no candidate in the table"
    return "candidates: " + "; ".join(
        f"{name} ({distance:.1f} eV outside)" if distance else name for name, distance in found
    )
