"""Exact answers for the arrow solver (benchmark B17 of the flask)."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from peqled.numerics.arrow import Arrow, FullBlock, band_of, column_sums, dense, factor, product, solve, square_of

HEAD, WIDTH = 11, 3


def random_arrow(cells, *, full=None, seed=0):
    """Standard normal entries; with a shift of 12, sI - J leans on its diagonal as the flask's does."""
    draw = np.random.default_rng(seed).normal
    square = jnp.asarray(draw(size=(cells, cells)))
    scale = 1 / np.sqrt(cells)  # head and cells couple through sums over all cells
    return Arrow(
        jnp.asarray(draw(size=(HEAD, HEAD))),
        jnp.asarray(draw(size=(HEAD, cells))) * scale,
        jnp.asarray(draw(size=(cells, HEAD))),
        band_of(square, WIDTH),
        full,
    )


@pytest.mark.parametrize("cells", [20, 199, 1600])
def test_b17_arrow_against_dense(cells):
    """Random arrow of 11 + n unknowns, half band 3: equal to LAPACK's dense solution; 1e-12 (reference note B17)."""
    matrix, shift = random_arrow(cells), jnp.asarray(12.0)
    rhs = jnp.asarray(np.random.default_rng(1).normal(size=HEAD + cells))
    found = jax.jit(lambda m, s, b: solve(factor(m, s), b))(matrix, shift, rhs)
    exact = np.linalg.solve(12.0 * np.eye(HEAD + cells) - np.asarray(dense(matrix)), rhs)
    assert np.abs(found - exact).max() < 1e-12 * np.abs(exact).max()


@pytest.mark.parametrize("present", [False, True])
def test_full_block(present):
    """A full block that is present is part of the matrix, an absent one costs nothing; both against LAPACK, 1e-12."""
    block = jnp.asarray(np.random.default_rng(2).normal(size=(60, 60))) * (0.1 if present else 0.0)
    matrix = random_arrow(60, full=FullBlock(block, jnp.asarray(present)))
    rhs = jnp.arange(1.0, HEAD + 61)
    found = solve(factor(matrix, jnp.asarray(12.0)), rhs)
    exact = np.linalg.solve(12.0 * np.eye(HEAD + 60) - np.asarray(dense(matrix)), rhs)
    assert np.abs(found - exact).max() < 1e-12 * np.abs(exact).max()


def test_products_and_diagonals():
    """J x, the diagonals of a square matrix and back, and weighted column sums equal their dense forms; exact."""
    matrix = random_arrow(31)
    x = jnp.arange(1.0, HEAD + 32) / 7
    np.testing.assert_allclose(product(matrix, x), dense(matrix) @ x, rtol=1e-12, atol=1e-12)
    square = np.asarray(square_of(matrix.band))
    np.testing.assert_array_equal(band_of(jnp.asarray(square), WIDTH), matrix.band)
    assert np.all(np.triu(square, WIDTH + 1) == 0)
    weight = jnp.arange(1.0, 32.0)
    np.testing.assert_allclose(column_sums(matrix.band, weight), weight @ square, rtol=1e-12, atol=1e-12)
