"""Aggregation of dots in pairs: Smoluchowski's equation with a kernel that is constant or follows Brownian motion.

    dN_k/dt = ½ Σ_{i+j=k} β_ij N_i N_j - N_k Σ_j β_kj N_j,     β_ij = β b_ij

* `constant`: b_ij = 1, β given.
* `brownian`: spheres or cubes that diffuse as Stokes and Einstein say, with D ~ 1/L and a reach ~ L (Smoluchowski),
  slowed by the stability ratio W of Fuchs: β_ij = (2 k_B T/3 η W)(L_i + L_j)(1/L_i + 1/L_j), hence
  b_ij = (L_i + L_j)²/(4 L_i L_j) and β = 8 k_B T/(3 η W), the kernel of two dots of equal size.

Fixed pivots (Kumar and Ramkrishna, 10.1016/0009-2509(96)88489-2): a pair of pivots makes a cube of edge
(L_i³ + L_j³)^{1/3}, shared between the two pivots around it so that number and volume are both kept. A product beyond
the last pivot keeps its volume and sits on the last pivot.
"""

from typing import Literal, NamedTuple, get_args

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from peqled.synthesis.crystal import BOLTZMANN

Collisions = Literal["constant", "brownian"]
COLLISIONS: tuple[Collisions, ...] = get_args(Collisions)


class PairTable(NamedTuple):
    """Products of all pairs of cells: the pivot below, its share and the next pivot's, and how readily they meet.

    `first`, `second` list each pair i <= j once; a like pair meets half as often. The square tables hold ordered pairs.
    `affinity` is b_ij.
    """

    first: Int[np.ndarray, " pair"]
    second: Int[np.ndarray, " pair"]
    below: Int[np.ndarray, "cell cell"]
    share_below: Float[np.ndarray, "cell cell"]
    share_above: Float[np.ndarray, "cell cell"]
    affinity: Float[np.ndarray, "cell cell"]


def pair_table(pivot_volume: Float[np.ndarray, " cell"], collisions: str = "constant") -> PairTable:
    """Where the products of all pairs go, and the size dependence of the kernel; depends on the grid alone.

    Raises:
        ValueError: `collisions` is no kernel.
    """
    if collisions not in COLLISIONS:
        raise ValueError(f"unknown kernel {collisions!r}; choose one of {', '.join(COLLISIONS)}")
    total = pivot_volume[:, None] + pivot_volume[None, :]
    below = np.clip(np.searchsorted(pivot_volume, total, side="right") - 1, 0, pivot_volume.size - 2)
    above = (total - pivot_volume[below]) / (pivot_volume[below + 1] - pivot_volume[below])
    beyond = total > pivot_volume[-1]
    share_above = np.where(beyond, total / pivot_volume[-1], above)
    first, second = np.triu_indices(pivot_volume.size)
    edge = np.cbrt(pivot_volume)
    affinity = brownian_affinity(edge[:, None], edge[None, :]) if collisions == "brownian" else np.ones_like(total)
    return PairTable(first, second, below, np.where(beyond, 0.0, 1.0 - above), share_above, np.asarray(affinity))


def brownian_affinity(first, second):
    """b = (L_1 + L_2)²/(4 L_1 L_2): the Brownian kernel of two edges over that of equal ones (1)."""
    return (first + second) ** 2 / (4 * first * second)


def brownian_kernel(
    temperature: float | Array, *, viscosity: float | Array, stability: float | Array
) -> Float[Array, ""]:
    """β = 8 k_B T/(3 η W) of two dots of equal size, m3/s: Smoluchowski's rate over Fuchs's stability ratio W."""
    return jnp.asarray(8 * BOLTZMANN * temperature / (3 * viscosity * stability))


def aggregation_rate(number: Float[Array, " cell"], kernel: float | Array, table: PairTable) -> Float[Array, " cell"]:
    """dN/dt of every cell for β = `kernel` (volume/s): births from each pair once, deaths β N_i Σ_j b_ij N_j."""
    pair = table.first, table.second
    like = np.where(table.first == table.second, 0.5, 1.0)
    meetings = number[table.first] * number[table.second] * (table.affinity[pair] * like)
    below = table.below[pair]
    births = jnp.zeros_like(number).at[below].add(table.share_below[pair] * meetings)
    births = births.at[below + 1].add(table.share_above[pair] * meetings)
    return kernel * (births - number * (table.affinity @ number))


def aggregation_jacobian(
    number: Float[Array, " cell"], kernel: float | Array, table: PairTable
) -> Float[Array, "cell cell"]:
    """∂(dN_i/dt)/∂N_j of `aggregation_rate`: one more particle of cell j meets all others."""
    cells = number.shape[0]
    column = np.broadcast_to(np.arange(cells)[None, :], (cells, cells))
    met = table.affinity * number[:, None]
    births = jnp.zeros((cells, cells)).at[table.below, column].add(table.share_below * met)
    births = births.at[table.below + 1, column].add(table.share_above * met)
    return kernel * (births - jnp.diag(table.affinity @ number) - met)
