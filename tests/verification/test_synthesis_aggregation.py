"""Aggregation with the Brownian kernel: the discrete equation, dots that meet by chance."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.signal import fftconvolve

from peqled.numerics.rosenbrock import OK, StiffOptions, solve_stiff
from peqled.synthesis.aggregation import aggregation_jacobian, aggregation_rate, brownian_kernel, pair_table

CELLS = 120


GRID = np.geomspace(1.0, 3e4, CELLS)  # of volume; the first pivot is the unit itself
SIZE = np.arange(1.0, 3001.0)
BROWNIAN = pair_table(GRID, "brownian")


@jax.jit
def _run(start, times):
    return solve_stiff(
        lambda n, _: aggregation_rate(n, 1.0, BROWNIAN),
        start,
        times,
        options=StiffOptions(rtol=1e-7, atol=1e-12),
        jacobian=lambda n, _: aggregation_jacobian(n, 1.0, BROWNIAN),
        breaks=times[-1:],
    )


def aggregated(times):
    """Numbers per pivot at `times` (of the kernel of equal sizes) from one unit dot per volume."""
    found = _run(jnp.zeros(CELLS).at[0].set(1.0), jnp.asarray(times))
    assert int(found.status) == OK
    return np.asarray(found.value)


def affinity(i, j):
    """(i^{1/3} + j^{1/3})(i^{-1/3} + j^{-1/3})/4 of two volumes, as Smoluchowski writes it."""
    return (np.cbrt(i) + np.cbrt(j)) * (1 / np.cbrt(i) + 1 / np.cbrt(j)) / 4


def test_kernel_of_equal_dots():
    """8 kT/3η at 443 K and 6e-4 Pa s: 2.718e-17 m3/s; the stability ratio divides it. Closed form."""
    assert float(brownian_kernel(443.0, viscosity=6e-4, stability=1.0)) == pytest.approx(2.71834e-17, rel=1e-5)
    assert float(brownian_kernel(443.0, viscosity=6e-4, stability=1e6)) == pytest.approx(2.71834e-23, rel=1e-5)


def test_first_pairs():
    """After a time t ≪ 1 from single dots: N_1 = 1 - t, N_2 = t/2 with an error of order t²; t = 1e-4, 3e-4 of each.

    The pivots that share the double dot hold its number and volume; between them they are N_2.
    """
    t = 1e-4
    number = aggregated([t])[-1]
    assert number[0] == pytest.approx(1 - t, abs=2 * t**2)
    doubles = number[1:]
    assert doubles.sum() == pytest.approx(t / 2, rel=3e-4)
    assert doubles @ GRID[1:] == pytest.approx(t, rel=3e-4)


def one_by_one(times):
    """Sizes 1, 2, 3 … 3000 at `times` by SciPy: b = (2 + (i/j)^{1/3} + (j/i)^{1/3})/4, births by convolution."""
    root = np.cbrt(SIZE)

    def rhs(_, n):
        pairs = fftconvolve(n, n) + fftconvolve(n * root, n / root)
        births = np.append(0.0, pairs[: SIZE.size - 1]) / 4
        return births - n * (2 * n.sum() + root * (n / root).sum() + (n * root).sum() / root) / 4

    start = np.zeros(SIZE.size)
    start[0] = 1.0
    found = solve_ivp(rhs, (0, times[-1]), start, t_eval=times, rtol=1e-8, atol=1e-14).y.T
    np.testing.assert_allclose(found @ SIZE, 1.0, rtol=1e-7)  # nothing has grown beyond the last size
    return found


def test_against_the_discrete_equation():
    """Number at t = 6, 60 and 200 to 1e-3, 0.5 and 0.5 %, second moment of volume at t = 6 to 1 %.

    Fixed pivots 9 % apart keep number and volume; they overestimate the second moment by the square of that spacing.
    """
    times = [6.0, 60.0, 200.0]
    exact, number = one_by_one(times), aggregated(times)
    np.testing.assert_allclose(number @ GRID, 1.0, rtol=1e-12)
    assert number[0].sum() == pytest.approx(exact[0].sum(), rel=1e-3)
    np.testing.assert_allclose(number[1:].sum(1), exact[1:].sum(1), rtol=5e-3)
    assert number[0] @ GRID**2 == pytest.approx(exact[0] @ SIZE**2, rel=0.01)


def test_the_shape_preserves_itself():
    """Once the shape rests (Friedlander and Wang, 10.1016/0021-9797(66)90073-7) 1/N grows at a constant rate, that of
    the sizes one by one, above the 1/2 of equal dots; 1 %, the error of the pivots' shape."""
    times = [60.0, 200.0]
    rate, exact = (np.diff(1 / n.sum(1))[0] / 140.0 for n in (aggregated(times), one_by_one(times)))
    assert rate == pytest.approx(exact, rel=0.01)
    assert exact > 0.53


def by_chance(dots, end, rng):
    """Marcus-Lushnikov: pairs of single dots meet by chance at the rate b/dots; accepted against the largest b."""
    volume, time = np.ones(dots), 0.0
    while True:
        n, bound = volume.size, affinity(volume.min(), volume.max())
        time += rng.exponential(dots / (0.5 * n * (n - 1) * bound))
        if time > end:
            return volume
        i, j = rng.choice(n, 2, replace=False)
        if rng.random() < affinity(volume[i], volume[j]) / bound:
            volume[i] += volume[j]
            volume = np.delete(volume, j)


def test_dots_that_meet_by_chance():
    """Eight flasks of 1500 dots until t = 6: number and second moment of volume; chance 0.5 and 2 %, three times that.

    An independent route to the same law: no grid and no equation for a mean.
    """
    rng = np.random.default_rng(5)
    flasks = [by_chance(1500, 6.0, rng) for _ in range(8)]
    number = aggregated([6.0])[-1]
    assert np.mean([f.size for f in flasks]) / 1500 == pytest.approx(number.sum(), rel=0.015)
    assert np.mean([f @ f for f in flasks]) / 1500 == pytest.approx(number @ GRID**2, rel=0.06)


def test_jacobian_is_the_derivative():
    """The hand-written Jacobian equals forward differentiation of the rate; exact up to round-off."""
    table = pair_table(np.linspace(1.0, 9.0, 17) ** 3, "brownian")
    number = jnp.asarray(np.random.default_rng(0).uniform(0, 1, 17))
    exact = jax.jacfwd(lambda n: aggregation_rate(n, 0.7, table))(number)
    np.testing.assert_allclose(aggregation_jacobian(number, 0.7, table), exact, atol=1e-12)


def test_unknown_kernel_names_the_choices():
    with pytest.raises(ValueError, match="constant, brownian"):
        pair_table(GRID, "shear")
