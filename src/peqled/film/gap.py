"""Distance between dots in the film from the length of the ligands between them.

    g = g_18 + i l (n_C - 18),     l = 0.1265 nm per carbon

l is the length that one CH2 adds to a stretched chain (Tanford 1972, 10.1021/j100665a018). Shells that interdigitate
fully leave one chain length between two dots (i = 1), chains that fold leave less; i = 1/2 is an engineering default.
"""

from __future__ import annotations

from jaxtyping import Array, Float

LENGTH_PER_CARBON = 1.265e-10
"""Length of a CH2 in a stretched chain, m."""
REFERENCE_CARBONS = 18.0


def ligand_gap(carbons: Float[Array, ""], *, reference: Float[Array, ""], stretch: float = 0.5) -> Float[Array, ""]:
    """Gap (m) for a mean number of carbons; `reference` is the gap (m) for 18 of them, `stretch` the factor i."""
    return reference + stretch * LENGTH_PER_CARBON * (carbons - REFERENCE_CARBONS)
