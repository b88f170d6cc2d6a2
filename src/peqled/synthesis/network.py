"""The reaction network as data: what each species is made of, which reactions connect them, and the element count.

Composition is counted over Pb, Br, Cs, A (carboxylate), B (amine), H (the acid proton) and Z (zwitterion, or a
quaternary ammonium cation with its charge). Every
species is neutral. A reaction whose elements do not balance is refused when the module loads, so an edit of the table
cannot create or lose matter. Source of R0-R3: Zhang et al., Adv. Sci. 2023, 10.1002/advs.202304696, eqs 1-3, in their
balanced forms (as printed, eq. 1 loses a bromide and eq. 2 makes a lead and two carboxylates).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

ELEMENTS = ("Pb", "Br", "Cs", "A", "B", "H", "Z")

# The order of the dissolved species is the order of the state vector.
DISSOLVED: dict[str, dict[str, int]] = {
    "PbBr2": {"Pb": 1, "Br": 2},
    "HA": {"A": 1, "H": 1},
    "B": {"B": 1},
    "BHA": {"A": 1, "B": 1, "H": 1},
    "BHPbBr3": {"Pb": 1, "Br": 3, "B": 1, "H": 1},
    "PbBrA": {"Pb": 1, "Br": 1, "A": 1},
    "PbA2": {"Pb": 1, "A": 2},
    "Cl": {"Pb": 1, "Br": 3, "B": 1, "H": 1},  # cluster, counted per Pb
    "CsA": {"Cs": 1, "A": 1},
    "M": {"Cs": 1, "Pb": 1, "Br": 3},  # dissolved CsPbBr3
    "Z": {"Z": 1},
    "ZHBr": {"Z": 1, "H": 1, "Br": 1},
    "BHBr": {"B": 1, "H": 1, "Br": 1},
    "PbBr2(s)": {"Pb": 1, "Br": 2},
    "CsA(unmixed)": {"Cs": 1, "A": 1},
    "HA(unmixed)": {"A": 1, "H": 1},
    "CsA(syringe)": {"Cs": 1, "A": 1},
    "HA(syringe)": {"A": 1, "H": 1},
    "ZBr": {"Z": 1, "Br": 1},  # bromide of a cation without a proton, such as DDAB
    "ZA": {"Z": 1, "A": 1},
}
SPECIES = tuple(DISSOLVED)
INDEX = {name: i for i, name in enumerate(SPECIES)}
COMPOSITION = {
    **DISSOLVED,
    "S": {"Cs": 1, "Pb": 1, "Br": 3},
    "(BH)2PbBr4": {"Pb": 1, "Br": 4, "B": 2, "H": 2},
    "Cs4PbBr6": {"Cs": 4, "Pb": 1, "Br": 6},
}


class Reaction(NamedTuple):
    """Stoichiometry of one reaction and what it stands for."""

    reactants: Mapping[str, int]
    products: Mapping[str, int]
    note: str


# R9 and R10 are rival readings of the 3.15 eV band and a competing solid: balanced here, not integrated by the flask.
REACTIONS: dict[str, Reaction] = {
    "R0": Reaction({"HA": 1, "B": 1}, {"BHA": 1}, "ion pair"),
    "R1": Reaction({"PbBr2": 2, "BHA": 1}, {"BHPbBr3": 1, "PbBrA": 1}, "bromoplumbate, paper eqs 1 and 3"),
    "R2": Reaction({"PbBr2": 1, "PbBrA": 1, "BHA": 1}, {"BHPbBr3": 1, "PbA2": 1}, "R1 + R2 is the paper's eq. 2"),
    "R3": Reaction({"BHPbBr3": 1}, {"Cl": 1}, "cluster, see clusters.py"),
    "R4": Reaction({"BHPbBr3": 1, "CsA": 1}, {"M": 1, "BHA": 1}, "monomer; its reverse is etching"),
    "R5": Reaction({"Cl": 1, "CsA": 1}, {"S": 1, "BHA": 1}, "cluster-born nucleus"),
    "R6": Reaction({"M": 1}, {"S": 1}, "nucleation, growth, dissolution"),
    "R7": Reaction({"ZHBr": 1, "B": 1}, {"Z": 1, "BHBr": 1}, "resurfacing agent releases ammonium bromide"),
    "R8": Reaction({"BHBr": 1, "PbBr2": 1}, {"BHPbBr3": 1}, "bromide feeds bromoplumbate"),
    "R9": Reaction({"BHPbBr3": 2}, {"(BH)2PbBr4": 1, "PbBr2": 1}, "layered phase, exciton near 397 nm"),
    "R10": Reaction({"CsA": 4, "BHPbBr3": 1, "BHBr": 3}, {"Cs4PbBr6": 1, "BHA": 4}, "zero-dimensional solid"),
    "R11": Reaction({"ZBr": 1, "BHA": 1}, {"ZA": 1, "BHBr": 1}, "quaternary bromide swaps its anion with the salt"),
}
DISSOLVED_REACTIONS = ("R0", "R1", "R2", "R3", "R4", "R7", "R8", "R11")


def element_vector(composition: Mapping[str, int]) -> np.ndarray:
    """Atoms (or ligands) per formula over `ELEMENTS`."""
    return np.array([composition.get(element, 0) for element in ELEMENTS], dtype=float)


def imbalance(reaction: Reaction, compositions: Mapping[str, Mapping[str, int]] = COMPOSITION) -> dict[str, int]:
    """Products minus reactants for every element that does not balance; empty for a sound reaction."""
    total = np.zeros(len(ELEMENTS))
    for sign, side in ((-1, reaction.reactants), (1, reaction.products)):
        for name, count in side.items():
            total += sign * count * element_vector(compositions[name])
    return {element: int(x) for element, x in zip(ELEMENTS, total, strict=True) if x}


def check_network(reactions: Mapping[str, Reaction]) -> None:
    """Refuse a network in which any reaction makes or loses an element."""
    faults = {name: gap for name, reaction in reactions.items() if (gap := imbalance(reaction))}
    if faults:
        raise ValueError(f"reactions do not balance (products - reactants): {faults}; correct the stoichiometry")


def element_matrix() -> Float[np.ndarray, "element species"]:
    """Elements per dissolved species: `element_matrix() @ c` is the dissolved total of each element."""
    return np.array([element_vector(DISSOLVED[name]) for name in SPECIES]).T


def stoichiometric_matrix(names: tuple[str, ...] = DISSOLVED_REACTIONS) -> Float[np.ndarray, "reaction species"]:
    """Products minus reactants of the reactions among dissolved species."""
    matrix = np.zeros((len(names), len(SPECIES)))
    for row, name in enumerate(names):
        for species, count in REACTIONS[name].reactants.items():
            matrix[row, INDEX[species]] -= count
        for species, count in REACTIONS[name].products.items():
            matrix[row, INDEX[species]] += count
    return matrix


check_network(REACTIONS)
