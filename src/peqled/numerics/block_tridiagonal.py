"""Block-tridiagonal linear systems by block cyclic reduction, vectorised over the nodes.

    lower[k] x[k-1] + diagonal[k] x[k] + upper[k] x[k+1] = rhs[k],    k = 0 … N-1

Every second node is eliminated at once; the remaining half is again block tridiagonal (Golub & Van Loan, *Matrix
Computations*, block cyclic reduction). Once 64 nodes are left the rounds go on in arrays of equal shape with the
finished nodes masked, which costs the same time there and compiles once. All arrays keep the node on the
*last* axis, so each small matrix product is a handful of long vector operations. A ``lax.scan`` over nodes (Thomas)
costs a dozen tiny kernels per node and is several times slower on a CPU.

The elimination carries the block row sum s = lower + diagonal + upper in place of the diagonal. A diffusion operator
that hardly leaks has s many orders below its entries, and s is what fixes the level of the solution; it would drown in
the rounding of the diagonal. Under elimination of a node e from row o the sums combine as s_o - P s_e, without the
cancellation (the block form of Grassmann, Taksar & Heyman, Oper. Res. 33, 1107 (1985)). For the same reason every node
is computed from its
neighbours on the way back, never on its own (as parallel cyclic reduction would): an error of the common level is
harmless, one of the differences is not.

Rows are scaled to unit sum first and blocks are inverted down their diagonal without row exchanges: put the equation
that determines an unknown in that unknown's row. ``solve`` may repeat on its own residual (iterative refinement).
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Blocks = Float[Array, "b b node"]
Columns = Float[Array, "b column node"]


_MASKED_NODES = 64


class _Round(NamedTuple):
    """One halving: inverse pivots and couplings of the eliminated nodes, multipliers of the kept ones."""

    inverse: Blocks
    lower: Blocks
    upper: Blocks
    left: Blocks
    right: Blocks


class _Masked(NamedTuple):
    """Rounds of equal shape: multipliers of the kept nodes per round, couplings and inverse pivot of each node when it
    went."""

    left: Float[Array, "round b b node"]
    right: Float[Array, "round b b node"]
    lower: Blocks
    upper: Blocks
    inverse: Blocks


class Factors(NamedTuple):
    """What ``solve`` needs: the row scale, the scaled blocks, one entry per halving, the masked rounds."""

    scale: Float[Array, "b node"]
    lower: Blocks
    row_sum: Blocks
    upper: Blocks
    rounds: tuple[_Round, ...]
    last: _Masked


def _product(a: Blocks, b: Columns) -> Columns:
    """Node-wise matrix product, written as a sum of outer products so that it vectorises over the nodes."""
    return sum((a[:, j, None, :] * b[None, j, :, :] for j in range(a.shape[1])), start=jnp.zeros(()))


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


_STRIDES = tuple(2**i for i in range(_MASKED_NODES.bit_length() - 1))  # 1, 2, 4 … half the masked nodes


def _neighbours(a: Array, stride: Array) -> tuple[Array, Array]:
    """Values one stride before and after; what wraps around meets a zero coupling."""
    return jnp.roll(a, stride, -1), jnp.roll(a, -stride, -1)


def _padded(a: Array, identity: bool = False) -> Array:
    """Decoupled nodes appended up to the masked size."""
    missing = _MASKED_NODES - a.shape[-1]
    eye = jnp.eye(a.shape[0]) if identity else jnp.zeros(a.shape[:2])
    return jnp.concatenate([a, jnp.broadcast_to(eye[:, :, None], (*a.shape[:2], missing))], axis=-1)


def _factor_masked(lower: Blocks, row_sum: Blocks, upper: Blocks) -> _Masked:
    """Rounds with stride s: nodes s-1, 3s-1 … go, nodes 2s-1, 4s-1 … stay, all others are left alone."""
    node = jnp.arange(_MASKED_NODES)

    def one_round(blocks, stride):
        lower, row_sum, upper = blocks
        stays = node % (2 * stride) == 2 * stride - 1
        before, after = _neighbours(_inverse(row_sum - lower - upper), stride)
        left = jnp.where(stays, _product(lower, before), 0.0)
        right = jnp.where(stays, _product(upper, after), 0.0)
        (low_before, _), (_, up_after) = _neighbours(lower, stride), _neighbours(upper, stride)
        sum_before, sum_after = _neighbours(row_sum, stride)
        new_sum = row_sum - _product(left, sum_before) - _product(right, sum_after)
        new_lower = jnp.where(stays, -_product(left, low_before), lower)
        new_upper = jnp.where(stays, -_product(right, up_after), upper)
        return (new_lower, new_sum, new_upper), (left, right)

    start = (_padded(lower), _padded(row_sum, identity=True), _padded(upper))
    (lower, row_sum, upper), (left, right) = jax.lax.scan(one_round, start, jnp.array(_STRIDES))
    return _Masked(left, right, lower, upper, _inverse(row_sum - lower - upper))


def _solve_masked(factors: _Masked, rhs: Columns) -> Columns:
    """Reduce through the masked rounds, take the last node, then go back stride by stride."""
    node, strides, nodes = jnp.arange(_MASKED_NODES), jnp.array(_STRIDES), rhs.shape[-1]

    def reduce(rhs, entry):
        stride, left, right = entry
        before, after = _neighbours(rhs, stride)
        return rhs - _product(left, before) - _product(right, after), None

    def go_back(x, stride):
        before, after = _neighbours(x, stride)
        mine = _product(factors.inverse, rhs - _product(factors.lower, before) - _product(factors.upper, after))
        return jnp.where(node % (2 * stride) == stride - 1, mine, x), None

    rhs, _ = jax.lax.scan(reduce, _padded(rhs), (strides, factors.left, factors.right))
    last = jnp.where(node == _MASKED_NODES - 1, _product(factors.inverse, rhs), 0.0)
    x, _ = jax.lax.scan(go_back, last, strides[::-1])
    return x[..., :nodes]


def factor(lower: Blocks, diagonal: Blocks | None, upper: Blocks, *, row_sum: Blocks | None = None) -> Factors:
    """Factorise; ``lower[..., 0]`` and ``upper[..., -1]`` must be zero. Blocks are [b, b, node].

    Give ``row_sum`` instead of ``diagonal`` where it is known to better relative accuracy than their difference.
    """
    if row_sum is None:
        assert diagonal is not None, "give the diagonal or the row sum"
        row_sum = lower + diagonal + upper
    weight = sum(jnp.sum(jnp.abs(block), axis=1) for block in (lower, row_sum, upper))
    scale = 1.0 / jnp.where(weight > 0.0, weight, 1.0)
    lower, row_sum, upper = (block * scale[:, None, :] for block in (lower, row_sum, upper))
    scaled, rounds = (lower, row_sum, upper), []
    while row_sum.shape[-1] > _MASKED_NODES:
        entry, lower, row_sum, upper = _halve(lower, row_sum, upper)
        rounds.append(entry)
    return Factors(scale, *scaled, tuple(rounds), _factor_masked(lower, row_sum, upper))


def _reduce_and_substitute(rounds: tuple[_Round, ...], last: _Masked, rhs: Columns) -> Columns:
    """Forward reduction through the rounds, then back substitution."""
    if not rounds:
        return _solve_masked(last, rhs)
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
