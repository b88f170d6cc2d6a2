"""Aggregation of dots in pairs, with a kernel that does not depend on size.

Smoluchowski's equation on fixed pivots (Kumar and Ramkrishna, 10.1016/0009-2509(96)88489-2): a pair of pivots makes a
cube of edge (L_i³ + L_j³)^{1/3}, shared between the two pivots around it so that number and volume are both kept. A
product beyond the last pivot keeps its volume and sits on the last pivot.
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int


class PairTable(NamedTuple):
    """Products of all pairs of cells: the pivot below, its share and the next pivot's.

    `first`, `second` list each pair i <= j once; a like pair meets half as often. The square tables hold ordered pairs.
    """

    first: Int[np.ndarray, " pair"]
    second: Int[np.ndarray, " pair"]
    below: Int[np.ndarray, "cell cell"]
    share_below: Float[np.ndarray, "cell cell"]
    share_above: Float[np.ndarray, "cell cell"]


def pair_table(pivot_volume: Float[np.ndarray, " cell"]) -> PairTable:
    """Where the products of all pairs go; depends on the grid alone."""
    total = pivot_volume[:, None] + pivot_volume[None, :]
    below = np.clip(np.searchsorted(pivot_volume, total, side="right") - 1, 0, pivot_volume.size - 2)
    above = (total - pivot_volume[below]) / (pivot_volume[below + 1] - pivot_volume[below])
    beyond = total > pivot_volume[-1]
    share_above = np.where(beyond, total / pivot_volume[-1], above)
    first, second = np.triu_indices(pivot_volume.size)
    return PairTable(first, second, below, np.where(beyond, 0.0, 1.0 - above), share_above)


def aggregation_rate(number: Float[Array, " cell"], kernel: float | Array, table: PairTable) -> Float[Array, " cell"]:
    """dN/dt of every cell for a constant kernel β (volume/s): births from each pair once, deaths β N_i ΣN."""
    pair = table.first, table.second
    meetings = number[table.first] * number[table.second] * np.where(table.first == table.second, 0.5, 1.0)
    below = table.below[pair]
    births = jnp.zeros_like(number).at[below].add(table.share_below[pair] * meetings)
    births = births.at[below + 1].add(table.share_above[pair] * meetings)
    return kernel * (births - number * jnp.sum(number))


def aggregation_jacobian(
    number: Float[Array, " cell"], kernel: float | Array, table: PairTable
) -> Float[Array, "cell cell"]:
    """∂(dN_i/dt)/∂N_j of `aggregation_rate`: one more particle of cell j meets all others."""
    cells = number.shape[0]
    column = np.broadcast_to(np.arange(cells)[None, :], (cells, cells))
    births = jnp.zeros((cells, cells)).at[table.below, column].add(table.share_below * number[:, None])
    births = births.at[table.below + 1, column].add(table.share_above * number[:, None])
    return kernel * (births - jnp.sum(number) * jnp.eye(cells) - number[:, None])
