"""Block-tridiagonal linear systems by block cyclic reduction, vectorised over the nodes.

    lower[k] x[k-1] + diagonal[k] x[k] + upper[k] x[k+1] = rhs[k],    k = 0 … N-1

Every second node is eliminated at once; the remaining half is again block tridiagonal (Golub & Van Loan, *Matrix
Computations*, block cyclic reduction). Once 64 nodes are left, all of them are decoupled together in log2 rounds of equal
shape (parallel cyclic reduction), which costs the same time there and compiles once. All arrays keep the node on the
*last* axis, so each small matrix product is a handful of long vector operations. A ``lax.scan`` over nodes (Thomas)
costs a dozen tiny kernels per node and is several times slower on a CPU.

The elimination carries the block row sum s = lower + diagonal + upper in place of the diagonal. A diffusion operator
that hardly leaks has s many orders below its entries, and s is what fixes the level of the solution; it would drown in
the rounding of the diagonal. Under elimination of a node e from row o the sums combine as s_o - P s_e, without the
cancellation (the block form of Grassmann, Taksar & Heyman, Oper. Res. 33, 1107 (1985)).

Rows are scaled to unit sum first and blocks are inverted down their diagonal without row exchanges: put the equation
that determines an unknown in that unknown's row. ``solve`` may repeat on its own residual (iterative refinement).
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Blocks = Float[Array, "b b node"]
Columns = Float[Array, "b column node"]


_PARALLEL_NODES = 64


class _Round(NamedTuple):
    """One halving: inverse pivots and couplings of the eliminated nodes, multipliers of the kept ones."""

    inverse: Blocks
    lower: Blocks
    upper: Blocks
    left: Blocks
    right: Blocks


class _Decoupled(NamedTuple):
    """Parallel rounds: multipliers of the nodes one stride before and after, and the inverse diagonal that is left."""

    left: Float[Array, "round b b node"]
    right: Float[Array, "round b b node"]
    inverse: Blocks


class Factors(NamedTuple):
    """What ``solve`` needs: the row scale, the scaled blocks, one entry per halving, the parallel rounds."""

    scale: Float[Array, "b node"]
    lower: Blocks
    row_sum: Blocks
    upper: Blocks
    rounds: tuple[_Round, ...]
    last: _Decoupled


def _product(a: Blocks, b: Columns) -> Columns:
    """Node-wise matrix product, written as a sum of outer products so that it vectorises over the nodes."""
    return sum(a[:, j, None, :] * b[None, j, :, :] for j in range(a.shape[1]))


def _inverse(a: Blocks) -> Blocks:
    """Node-wise inverse by Gauss-Jordan elimination down the diagonal (no row exchange: see the module text)."""
    size = a.shape[0]
    work = jnp.concatenate([a, jnp.broadcast_to(jnp.eye(size)[:, :, None], a.shape)], axis=1)
    for j in range(size):
        pivot_row = work[j] / work[j, j]
        work = work - work[:, j, None] * pivot_row
        work = work.at[j].set(pivot_row)
    return work[:, size:]


def _shift_left(a: Array) -> Array:
    """Value of the next node, zero beyond the end."""
    return jnp.concatenate([a[..., 1:], jnp.zeros_like(a[..., :1])], axis=-1)


def _shift_right(a: Array) -> Array:
    """Value of the previous node, zero before the start."""
    return jnp.concatenate([jnp.zeros_like(a[..., :1]), a[..., :-1]], axis=-1)


def _pad_to_even(a: Array, identity: bool = False) -> Array:
    """Append one decoupled node where the count is odd."""
    if a.shape[-1] % 2 == 0:
        return a
    tail = jnp.eye(a.shape[0])[:, :, None] if identity else jnp.zeros((*a.shape[:-1], 1))
    return jnp.concatenate([a, tail], axis=-1)


def _halve(lower: Blocks, row_sum: Blocks, upper: Blocks) -> tuple[_Round, Blocks, Blocks, Blocks]:
    """Eliminate the even nodes; return the multipliers and the system of the odd ones."""
    lower, row_sum, upper = _pad_to_even(lower), _pad_to_even(row_sum, identity=True), _pad_to_even(upper)
    lower_even, sum_even, upper_even = lower[..., 0::2], row_sum[..., 0::2], upper[..., 0::2]
    inverse = _inverse(sum_even - lower_even - upper_even)
    left = _product(lower[..., 1::2], inverse)
    right = _product(upper[..., 1::2], _shift_left(inverse))
    new_sum = row_sum[..., 1::2] - _product(left, sum_even) - _product(right, _shift_left(sum_even))
    new_lower, new_upper = -_product(left, lower_even), -_product(right, _shift_left(upper_even))
    return _Round(inverse, lower_even, upper_even, left, right), new_lower, new_sum, new_upper


def _strides(nodes: int) -> Array:
    """1, 2, 4 … below the number of nodes."""
    return 2 ** jnp.arange(max(nodes - 1, 0).bit_length())


def _decouple(lower: Blocks, row_sum: Blocks, upper: Blocks) -> _Decoupled:
    """Eliminate both neighbours of every node, then the ones two away, and so on.

    Couplings that would reach beyond the ends are zero, so the cyclic shift brings in nothing.
    """

    def one_round(blocks, stride):
        lower, row_sum, upper = blocks
        before, after = (lambda a: jnp.roll(a, stride, -1)), (lambda a: jnp.roll(a, -stride, -1))
        inverse = _inverse(row_sum - lower - upper)
        left, right = _product(lower, before(inverse)), _product(upper, after(inverse))
        new_sum = row_sum - _product(left, before(row_sum)) - _product(right, after(row_sum))
        return (-_product(left, before(lower)), new_sum, -_product(right, after(upper))), (left, right)

    (_, row_sum, _), (left, right) = jax.lax.scan(one_round, (lower, row_sum, upper), _strides(row_sum.shape[-1]))
    return _Decoupled(left, right, _inverse(row_sum))


def _solve_decoupled(factors: _Decoupled, rhs: Columns) -> Columns:
    """Right-hand sides through the parallel rounds."""

    def one_round(rhs, entry):
        stride, left, right = entry
        before, after = jnp.roll(rhs, stride, -1), jnp.roll(rhs, -stride, -1)
        return rhs - _product(left, before) - _product(right, after), None

    rhs, _ = jax.lax.scan(one_round, rhs, (_strides(rhs.shape[-1]), factors.left, factors.right))
    return _product(factors.inverse, rhs)


def factor(lower: Blocks, diagonal: Blocks | None, upper: Blocks, *, row_sum: Blocks | None = None) -> Factors:
    """Factorise; ``lower[..., 0]`` and ``upper[..., -1]`` must be zero. Blocks are [b, b, node].

    Give ``row_sum`` instead of ``diagonal`` where it is known to better relative accuracy than their difference.
    """
    if row_sum is None:
        row_sum = lower + diagonal + upper
    weight = sum(jnp.sum(jnp.abs(block), axis=1) for block in (lower, row_sum, upper))
    scale = 1.0 / jnp.where(weight > 0.0, weight, 1.0)
    lower, row_sum, upper = (block * scale[:, None, :] for block in (lower, row_sum, upper))
    scaled, rounds = (lower, row_sum, upper), []
    while row_sum.shape[-1] > _PARALLEL_NODES:
        entry, lower, row_sum, upper = _halve(lower, row_sum, upper)
        rounds.append(entry)
    return Factors(scale, *scaled, tuple(rounds), _decouple(lower, row_sum, upper))


def _reduce_and_substitute(rounds: tuple[_Round, ...], last: _Decoupled, rhs: Columns) -> Columns:
    """Forward reduction through the rounds, then back substitution."""
    if not rounds:
        return _solve_decoupled(last, rhs)
    entry, nodes = rounds[0], rhs.shape[-1]
    rhs = _pad_to_even(rhs)
    even, odd = rhs[..., 0::2], rhs[..., 1::2]
    reduced = odd - _product(entry.left, even) - _product(entry.right, _shift_left(even))
    x_odd = _reduce_and_substitute(rounds[1:], last, reduced)
    coupling = _product(entry.lower, _shift_right(x_odd)) + _product(entry.upper, x_odd)
    x_even = _product(entry.inverse, even - coupling)
    both = jnp.stack([x_even, x_odd], axis=-1)
    return both.reshape(*both.shape[:-2], -1)[..., :nodes]


def _apply(factors: Factors, x: Columns) -> Columns:
    """The scaled matrix applied to columns, by differences to the neighbours so that row sums keep their accuracy."""
    down, up = _shift_right(x) - x, _shift_left(x) - x
    return _product(factors.lower, down) + _product(factors.row_sum, x) + _product(factors.upper, up)


def solve(factors: Factors, rhs: Columns, *, refinements: int = 0) -> Columns:
    """Solve for right-hand sides [b, column, node]; each refinement costs one product and one substitution more."""
    rhs = rhs * factors.scale[:, None, :]
    x = _reduce_and_substitute(factors.rounds, factors.last, rhs)
    for _ in range(refinements):
        residual = rhs - _apply(factors, x)
        x = x + _reduce_and_substitute(factors.rounds, factors.last, residual)
    return x
