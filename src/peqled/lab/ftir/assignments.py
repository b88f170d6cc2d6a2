"""Candidate assignments of infrared bands, ranked with their evidence; never one verdict.

Ranges: Socrates, Infrared and Raman Characteristic Group Frequencies, 3rd ed., Wiley 2001; Nakamoto, Infrared and Raman
Spectra of Inorganic and Coordination Compounds, 6th ed., Wiley 2009 (carboxylates, sulfonates). Bands of polystyrene:
NIST SRM 1921. A group whose companion bands are seen as well ranks before one that stands alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SOCRATES, NAKAMOTO, SRM = "Socrates 2001", "Nakamoto 2009", "NIST SRM 1921"


@dataclass(frozen=True)
class Group:
    """A vibration: name, range (cm-1), source, and ranges of which one should be seen as well."""

    name: str
    low: float
    high: float
    source: str
    companions: tuple[tuple[float, float], ...] = ()


_CH = ((2840.0, 2960.0),)
GROUPS = (
    Group("CH2 asymmetric stretch", 2915.0, 2936.0, SOCRATES, ((2843.0, 2863.0),)),
    Group("CH2 symmetric stretch", 2843.0, 2863.0, SOCRATES, ((2915.0, 2936.0),)),
    Group("CH3 asymmetric stretch", 2950.0, 2975.0, SOCRATES, ((2865.0, 2885.0),)),
    Group("CH3 symmetric stretch", 2865.0, 2885.0, SOCRATES, ((2950.0, 2975.0),)),
    Group("=C-H stretch (alkene, oleyl)", 3000.0, 3015.0, SOCRATES, ((1640.0, 1665.0), (960.0, 975.0))),
    Group("aromatic C-H stretch", 3010.0, 3105.0, SOCRATES, ((1580.0, 1610.0), (1485.0, 1505.0))),
    Group("O-H stretch, water", 3200.0, 3550.0, SOCRATES, ((1625.0, 1650.0),)),
    Group("H-O-H deformation, water", 1625.0, 1650.0, SOCRATES, ((3200.0, 3550.0),)),
    Group("N-H stretch, NH2", 3280.0, 3400.0, SOCRATES, ((1580.0, 1650.0),)),
    Group("N-H stretch, NH3+", 3000.0, 3200.0, SOCRATES, ((1560.0, 1625.0), (1480.0, 1520.0))),
    Group("NH3+ asymmetric deformation", 1560.0, 1625.0, SOCRATES, ((3000.0, 3200.0), (1480.0, 1520.0))),
    Group("NH3+ symmetric deformation", 1480.0, 1520.0, SOCRATES, ((1560.0, 1625.0),)),
    Group("NH2 deformation", 1580.0, 1650.0, SOCRATES, ((3280.0, 3400.0),)),
    Group("C=O stretch, carboxylic acid", 1700.0, 1725.0, SOCRATES, ((1210.0, 1320.0),)),
    Group("C=O stretch, ester", 1730.0, 1750.0, SOCRATES, ((1160.0, 1240.0),)),
    Group("COO- asymmetric stretch", 1510.0, 1590.0, NAKAMOTO, ((1380.0, 1440.0),)),
    Group("COO- symmetric stretch", 1380.0, 1440.0, NAKAMOTO, ((1510.0, 1590.0),)),
    Group("C=C stretch, alkene", 1640.0, 1665.0, SOCRATES, ((3000.0, 3015.0),)),
    Group("aromatic ring stretch", 1575.0, 1612.0, SOCRATES, ((3010.0, 3105.0), (1485.0, 1505.0))),
    Group("aromatic ring stretch", 1485.0, 1505.0, SOCRATES, ((1575.0, 1612.0), (3010.0, 3105.0))),
    Group("CH2 scissoring, CH3 asymmetric deformation", 1440.0, 1475.0, SOCRATES, _CH),
    Group("CH3 symmetric deformation (umbrella)", 1370.0, 1385.0, SOCRATES, ((2950.0, 2975.0),)),
    Group("N-CH3 deformation, quaternary ammonium", 1475.0, 1492.0, SOCRATES, ((900.0, 975.0),)),
    Group("C-N stretch, quaternary ammonium", 900.0, 975.0, SOCRATES, ((1475.0, 1492.0),)),
    Group("C-N stretch, amine", 1020.0, 1090.0, SOCRATES, ((3280.0, 3400.0),)),
    Group("S=O asymmetric stretch, sulfonate", 1130.0, 1250.0, NAKAMOTO, ((1020.0, 1070.0),)),
    Group("S=O symmetric stretch, sulfonate", 1020.0, 1070.0, NAKAMOTO, ((1130.0, 1250.0),)),
    Group("P=O stretch", 1140.0, 1260.0, SOCRATES, ((900.0, 1060.0),)),
    Group("P-O stretch", 950.0, 1060.0, SOCRATES, ((1140.0, 1260.0),)),
    Group("C-O stretch", 1000.0, 1260.0, SOCRATES),
    Group("Si-O-Si stretch", 1010.0, 1110.0, SOCRATES, ((790.0, 820.0),)),
    Group("trans =C-H wag", 960.0, 975.0, SOCRATES, ((3000.0, 3015.0),)),
    Group("CH2 rocking, long chain", 718.0, 732.0, SOCRATES, ((2915.0, 2936.0),)),
    Group("aromatic C-H out of plane", 690.0, 770.0, SOCRATES, ((1485.0, 1505.0),)),
    Group("CO2 of the air", 2300.0, 2380.0, SOCRATES),
    *(
        Group(f"polystyrene {position}", position - 1.5, position + 1.5, SRM, ((1600.0, 1602.5), (3024.0, 3028.0)))
        for position in (539.9, 842.0, 906.82, 1028.35, 1069.20, 1154.64, 1583.02, 1601.35, 2849.48, 3001.40, 3026.40,
                         3060.03, 3082.19)
    ),
)  # fmt: skip


def candidates(position: float, others: Sequence[float], *, tolerance: float = 3.0) -> list[tuple[Group, int, int]]:
    """Groups whose range holds the band (cm-1, with `tolerance`): (group, companions seen, companions expected).

    Ranked by the share of companions seen among `others`, then by the narrowness of the range.
    """
    found = []
    for group in GROUPS:
        if group.low - tolerance <= position <= group.high + tolerance:
            seen = sum(any(low <= other <= high for other in others) for low, high in group.companions)
            if group.source != SRM or seen == len(group.companions):  # a standard is named by its whole pattern
                found.append((group, seen, len(group.companions)))
    return sorted(found, key=lambda entry: (-(entry[1] + 0.5) / (entry[2] + 1.0), entry[0].high - entry[0].low))


def sentence(position: float, others: Sequence[float], *, width: float = 20.0) -> str:
    """Candidates of a band in one line: name, companions seen, source; regions where the air or the crystal show."""
    found = candidates(position, others)
    parts = [f"{g.name} ({seen}/{expected} companions; {g.source})" for g, seen, expected in found[:4]]
    named = "candidates: " + "; ".join(parts) if parts else "no candidate in the table"
    return named + doubt(position, width)


def doubt(position: float, width: float) -> str:
    """Warning where CO2, water vapour (lines below 6 cm-1 wide) or the phonons of a diamond crystal may be meant."""
    if 2300.0 <= position <= 2380.0 or 660.0 <= position <= 674.0:
        return "; CO2 of the air shows here"
    if width < 6.0 and (1350.0 <= position <= 1900.0 or 3550.0 <= position <= 3950.0):
        return "; narrow, in the region of water vapour"
    if 1900.0 <= position <= 2250.0:
        return "; a diamond ATR crystal absorbs here"
    return ""
