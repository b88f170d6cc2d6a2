"""Core levels that a perovskite LED shows: starting positions, doublets, sensitivity factors.

Positions and splittings of Pb 4f, Br 3d, Cs 3d, I 3d: fits of a lead halide perovskite, Al K-alpha (KherveFitting peak
library). Others: NIST X-ray Photoelectron Spectroscopy Database, doi:10.18434/T4T88K. Doublet ratios are those of the
degeneracies 2 j + 1: 1/2 (p), 2/3 (d), 3/4 (f). Sensitivity factors: Scofield, J. Electron Spectrosc. 1976, 8, 129 (C
1s = 1, whole doublet), without transmission and mean free path: ratios from them are good to about 10-20 %.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class CoreLevel:
    """A level: position of the stronger component (eV), splitting (eV) and area ratio minor : major of a doublet."""

    name: str
    component: str
    position: float
    splitting: float = 0.0
    ratio: float = 0.0
    sensitivity: float = float("nan")
    reach: float = 4.0  # how far the maximum may lie from the position, charging included

    @property
    def doublet(self) -> bool:
        """Whether spin-orbit coupling splits the level."""
        return self.splitting > 0.0


LEVELS = {
    level.name: level
    for level in (
        CoreLevel("C 1s", "C 1s", 284.8, sensitivity=1.00),
        CoreLevel("N 1s", "N 1s", 401.0, sensitivity=1.80),
        CoreLevel("O 1s", "O 1s", 531.8, sensitivity=2.93),
        CoreLevel("F 1s", "F 1s", 688.0, sensitivity=4.43),
        CoreLevel("Pb 4f", "Pb 4f7/2", 137.98, 4.86, 0.75, 22.74),
        CoreLevel("Br 3d", "Br 3d5/2", 68.05, 1.04, 2.0 / 3.0, 2.84),
        CoreLevel("Cs 3d", "Cs 3d5/2", 724.23, 13.94, 2.0 / 3.0, 40.22),
        CoreLevel("I 3d", "I 3d5/2", 618.65, 11.50, 2.0 / 3.0, 33.64),
        CoreLevel("S 2p", "S 2p3/2", 164.0, 1.18, 0.5, 1.68, 6.0),
        CoreLevel("Cl 2p", "Cl 2p3/2", 198.5, 1.60, 0.5, 2.29),
        CoreLevel("P 2p", "P 2p3/2", 133.0, 0.86, 0.5, 1.19),
        CoreLevel("Si 2p", "Si 2p3/2", 103.0, 0.61, 0.5, 0.817, 5.0),
        CoreLevel("Sr 3d", "Sr 3d5/2", 132.5, 1.75, 2.0 / 3.0, 5.05),
        CoreLevel("Mo 3d", "Mo 3d5/2", 229.5, 3.15, 2.0 / 3.0, 9.50, 5.0),
        CoreLevel("Sn 3d", "Sn 3d5/2", 486.6, 8.41, 2.0 / 3.0, 24.7),
        CoreLevel("In 3d", "In 3d5/2", 444.4, 7.54, 2.0 / 3.0, 22.4),
        CoreLevel("Au 4f", "Au 4f7/2", 84.0, 3.67, 0.75, 17.1),
        CoreLevel("Ag 3d", "Ag 3d5/2", 368.2, 6.00, 2.0 / 3.0, 18.0),
        CoreLevel("W 4f", "W 4f7/2", 31.4, 2.18, 0.75, 9.80, 6.0),
        CoreLevel("Ti 2p", "Ti 2p3/2", 458.6, 5.70, 0.5, 7.91),
        CoreLevel("Zn 2p", "Zn 2p3/2", 1021.8, 23.0, 0.5, 28.7),
        CoreLevel("Ni 2p", "Ni 2p3/2", 853.8, 17.3, 0.5, 22.2, 6.0),
        CoreLevel("Cu 2p", "Cu 2p3/2", 932.7, 19.8, 0.5, 25.3),
    )
}

_NAME = re.compile(r"(?<![A-Za-z])([A-Z][a-z]?)[\s_-]*([1-5][spdf])(?![a-z])(?:\s*[1357]/2)?")


def level_name(text: str) -> str | None:
    """Core level that a region's name says ("C1s Scan", "Pb 4f7/2", "Br_3d"), spaced; None if it says none."""
    match = _NAME.search(text)
    return f"{match[1]} {match[2]}" if match else None


def level_of(name: str, low: float, high: float) -> CoreLevel | None:
    """The level that a region shows: by its name where that is a level within the window (eV), else none."""
    said = level_name(name)
    level = LEVELS.get(said) if said else None
    if level is None:
        return None
    return level if low - level.reach <= level.position <= high + level.reach else None
