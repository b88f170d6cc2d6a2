"""Block-tridiagonal solver and graded mesh against independent answers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from peqled.numerics.block_tridiagonal import factor, solve
from peqled.numerics.mesh import MeshOptions, cell_widths, layer_nodes, prolong


def random_system(nodes, size=4, seed=0):
    rng = np.random.default_rng(seed)
    lower, diagonal, upper = rng.normal(size=(3, size, size, nodes))
    diagonal += 6.0 * np.eye(size)[:, :, None]
    lower[..., 0] = upper[..., -1] = 0.0
    return lower, diagonal, upper, rng.normal(size=(size, 2, nodes))


def dense(lower, diagonal, upper):
    size, _, nodes = diagonal.shape
    matrix = np.zeros((nodes, size, nodes, size))
    for k in range(nodes):
        matrix[k, :, k, :] = diagonal[:, :, k]
        if k > 0:
            matrix[k, :, k - 1, :] = lower[:, :, k]
        if k < nodes - 1:
            matrix[k, :, k + 1, :] = upper[:, :, k]
    return matrix.reshape(nodes * size, nodes * size)


@pytest.mark.parametrize("nodes", [1, 7, 64, 129])
def test_numerics_block_tridiagonal_dense(nodes):
    """Random blocks, two right-hand sides, rows scaled over 20 decades; exact: dense LU of the unscaled matrix."""
    lower, diagonal, upper, rhs = random_system(nodes)
    expected = np.linalg.solve(dense(lower, diagonal, upper), rhs.transpose(2, 0, 1).reshape(-1, 2))
    scale = 10.0 ** np.random.default_rng(1).uniform(-10, 10, size=(4, nodes))
    blocks = (block * scale[:, None, :] for block in (lower, diagonal, upper))
    x = jax.jit(lambda a, b, c, r: solve(factor(a, b, c), r, refinements=1))(*blocks, rhs * scale[:, None, :])
    np.testing.assert_allclose(np.asarray(x).transpose(2, 0, 1).reshape(-1, 2), expected, rtol=1e-11, atol=1e-13)


def test_numerics_block_tridiagonal_leak():
    """Diffusion chain that leaks 1e-20 of its coupling at one end, a unit source in each node: in steady state all
    crosses every edge, so x_k - x_{k+1} = k + 1 and x_last = N/leak. The diagonal alone cannot hold the leak; the row
    sum does. Tolerance: rounding."""
    nodes, leak = 200, 1e-20
    lower = -np.ones((1, 1, nodes))
    upper = -np.ones((1, 1, nodes))
    lower[..., 0] = upper[..., -1] = 0.0
    row_sum = np.zeros((1, 1, nodes))
    row_sum[..., -1] = leak
    x = solve(factor(lower, None, upper, row_sum=row_sum), np.ones((1, 1, nodes)))
    np.testing.assert_allclose(np.asarray(x)[0, 0], nodes / leak, rtol=1e-12)


def test_numerics_block_tridiagonal_gradient():
    """Derivative of the solution to a factor t on one block against the exact -A^-1 (dA/dt) x."""
    lower, diagonal, upper, rhs = random_system(7)

    def solution(t):
        return solve(factor(lower, diagonal.at[:, :, 3].multiply(t), upper), rhs)

    diagonal = jnp.asarray(diagonal)
    x, tangent = jax.jvp(solution, (1.0,), (1.0,))
    change = np.zeros_like(rhs)
    change[:, :, 3] = np.asarray(diagonal[:, :, 3]) @ np.asarray(x)[:, :, 3]
    expected = -np.linalg.solve(dense(lower, np.asarray(diagonal), upper), change.transpose(2, 0, 1).reshape(-1, 2))
    np.testing.assert_allclose(np.asarray(tangent).transpose(2, 0, 1).reshape(-1, 2), expected, rtol=1e-10, atol=1e-13)


def test_numerics_mesh_nested():
    """The refined mesh contains the coarse one, fills the layers exactly, halves the cells and grows smoothly."""
    lengths = jnp.array([5e-9, 25e-9, 50e-9])
    options = MeshOptions()
    coarse, fine = layer_nodes(lengths, options), layer_nodes(lengths, options.refined())
    np.testing.assert_allclose(fine[:, ::2], coarse, rtol=1e-12, atol=1e-24)
    np.testing.assert_allclose(jnp.sum(cell_widths(coarse), axis=1), lengths, rtol=1e-13)
    widths = np.asarray(cell_widths(coarse))
    assert (widths > 0).all()
    np.testing.assert_allclose(widths, widths[:, ::-1], rtol=1e-9)
    assert widths[:, 0] == pytest.approx(options.first_cell, rel=0.4)
    assert (widths[:, 1:64] / widths[:, :63]).max() < 1.25
    assert np.asarray(cell_widths(fine))[:, 0] == pytest.approx(0.5 * widths[:, 0], rel=0.05)


def test_numerics_mesh_prolong():
    """A straight line on an even mesh stays a straight line."""
    np.testing.assert_allclose(prolong(jnp.linspace(0.0, 1.0, 5)), np.linspace(0.0, 1.0, 9))
