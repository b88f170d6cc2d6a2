"""Linear systems of an arrow: a few dense unknowns (the head) that all others feel, and a band among the others.

    J = [[A, B],     A head on head          B head on cells
         [C, D]]     C cells on head         D cells on cells, a band of half-width w (and, where given, a full block)

For W = sI - J the band is eliminated first (block cyclic reduction of blocks of w cells, `block_tridiagonal`), then the
Schur complement of the head, sI - A - B (sI - D)⁻¹ C, is solved densely: work grows with the number of cells, not with
its cube. Golub & Van Loan, *Matrix Computations*, bordered band systems. Where D has a full block that is not zero (its
flag says so), W is factored densely instead.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from peqled.numerics import block_tridiagonal as blocks

Dense = tuple[Array, Array]


class FullBlock(NamedTuple):
    """A dense addition to the band, and whether any of it differs from zero."""

    matrix: Float[Array, "cell cell"]
    present: Bool[Array, ""]


class Arrow(NamedTuple):
    """The four parts of J. `band[k, i]` is the entry of row i and column i + k - w."""

    head: Float[Array, "head head"]
    row: Float[Array, "head cell"]
    column: Float[Array, "cell head"]
    band: Float[Array, "diagonal cell"]
    full: FullBlock | None = None


class ArrowFactors(NamedTuple):
    """What `solve` needs: the band's factors, (sI - D)⁻¹C, the row B and the factored Schur complement."""

    band: blocks.Factors
    spread: Float[Array, "cell head"]
    row: Float[Array, "head cell"]
    schur: Dense


class Factors(NamedTuple):
    """Of the arrow, or of the whole matrix where its full block is present."""

    arrow: ArrowFactors
    whole: tuple[Dense, Bool[Array, ""]] | None


def band_of(matrix: Float[Array, "cell cell"], width: int) -> Float[Array, "diagonal cell"]:
    """The diagonals -w … w of a square matrix; outside it they are zero."""
    cells = matrix.shape[0]
    column = np.arange(cells)[None, :] + np.arange(-width, width + 1)[:, None]
    inside = (column >= 0) & (column < cells)
    return jnp.where(inside, matrix[np.arange(cells)[None, :], np.clip(column, 0, cells - 1)], 0.0)


def column_sums(band: Float[Array, "diagonal cell"], weight: Float[Array, " cell"]) -> Float[Array, " cell"]:
    """Σ_i weight_i D_ij of every column j."""
    width, cells = band.shape[0] // 2, band.shape[1]
    weighted = jnp.pad(band * weight, ((0, 0), (width, width)))
    return sum((weighted[k, 2 * width - k : 2 * width - k + cells] for k in range(2 * width + 1)), start=jnp.zeros(()))


def square_of(band: Float[Array, "diagonal cell"]) -> Float[Array, "cell cell"]:
    """The square matrix of a band."""
    width, cells = band.shape[0] // 2, band.shape[1]
    index = np.arange(cells)
    offset = index[None, :] - index[:, None]
    entry = band[np.clip(offset + width, 0, 2 * width), index[:, None]]
    return jnp.where(np.abs(offset) <= width, entry, 0.0)


def dense(matrix: Arrow) -> Float[Array, "state state"]:
    """The whole matrix."""
    cells = square_of(matrix.band)
    if matrix.full is not None:
        cells = cells + matrix.full.matrix
    return jnp.block([[matrix.head, matrix.row], [matrix.column, cells]])


def product(matrix: Arrow, x: Float[Array, " state"]) -> Float[Array, " state"]:
    """J x."""
    size, width = matrix.head.shape[0], matrix.band.shape[0] // 2
    head, cells = x[:size], x[size:]
    padded = jnp.pad(cells, width)
    below = sum((matrix.band[k] * padded[k : k + cells.shape[0]] for k in range(2 * width + 1)), start=jnp.zeros(()))
    below = below + matrix.column @ head
    if matrix.full is not None:
        below = below + matrix.full.matrix @ cells
    return jnp.concatenate([matrix.head @ head + matrix.row @ cells, below])


def _as_blocks(band: Array, shift: Array) -> tuple[Array, Array, Array]:
    """sI - D as block rows (lower, diagonal, upper) of w cells each; the last block is filled up with s."""
    width, cells = band.shape[0] // 2, band.shape[1]
    nodes = -(-cells // width)
    filled = jnp.pad(-band, ((0, 0), (0, nodes * width - cells))).at[width].add(shift)
    rows = filled.reshape(2 * width + 1, nodes, width)  # diagonal, node, row in block

    def block(first: int) -> Array:
        """Entries whose column lies in the block that starts `first` cells from this one's start."""
        entry = [
            [
                rows[first + c - a + width, :, a] if abs(first + c - a) <= width else jnp.zeros(nodes)
                for c in range(width)
            ]
            for a in range(width)
        ]
        return jnp.stack([jnp.stack(line) for line in entry])

    return block(-width), block(0), block(width)


def _band_solve(factors: blocks.Factors, rhs: Float[Array, "cell column"], width: int) -> Float[Array, "cell column"]:
    cells, columns = rhs.shape
    nodes = -(-cells // width)
    split = jnp.pad(rhs, ((0, nodes * width - cells), (0, 0))).reshape(nodes, width, columns)
    found = blocks.solve(factors, split.transpose(1, 2, 0))
    return found.transpose(2, 0, 1).reshape(nodes * width, columns)[:cells]


def _factor_arrow(matrix: Arrow, shift: Array) -> ArrowFactors:
    width = matrix.band.shape[0] // 2
    lower, diagonal, upper = _as_blocks(matrix.band, shift)
    band = blocks.factor(lower, diagonal, upper)
    spread = _band_solve(band, matrix.column, width)
    schur = shift * jnp.eye(matrix.head.shape[0]) - matrix.head - matrix.row @ spread
    return ArrowFactors(band, spread, matrix.row, jax.scipy.linalg.lu_factor(schur))


def _solve_arrow(factors: ArrowFactors, rhs: Array) -> Array:
    """[x_h; x_c] of (sI - A) x_h - B x_c = f, -C x_h + (sI - D) x_c = g."""
    size, width = factors.row.shape[0], factors.band.lower.shape[0]
    cells = _band_solve(factors.band, rhs[size:, None], width)[:, 0]
    head = jax.scipy.linalg.lu_solve(factors.schur, rhs[:size] + factors.row @ cells)
    return jnp.concatenate([head, cells + factors.spread @ head])


def factor(matrix: Arrow, shift: Float[Array, ""]) -> Factors:
    """Factors of sI - J."""
    if matrix.full is None:
        return Factors(_factor_arrow(matrix, shift), None)
    blank = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), jax.eval_shape(_factor_arrow, matrix, shift))
    size = matrix.head.shape[0] + matrix.band.shape[1]
    nothing = jnp.zeros((size, size)), jnp.zeros(size, dtype=jnp.int32)

    def whole() -> Factors:
        found = jax.scipy.linalg.lu_factor(shift * jnp.eye(size) - dense(matrix))
        return Factors(blank, (found, jnp.array(True)))

    return jax.lax.cond(
        matrix.full.present, whole, lambda: Factors(_factor_arrow(matrix, shift), (nothing, jnp.array(False)))
    )


def solve(factors: Factors, rhs: Float[Array, " state"]) -> Float[Array, " state"]:
    """(sI - J)⁻¹ rhs."""
    if factors.whole is None:
        return _solve_arrow(factors.arrow, rhs)
    lu, present = factors.whole
    return jax.lax.cond(present, lambda: jax.scipy.linalg.lu_solve(lu, rhs), lambda: _solve_arrow(factors.arrow, rhs))
