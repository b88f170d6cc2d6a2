"""Rankings, champions and claims against closed forms and simulation."""

import numpy as np
import pytest
from scipy.stats import norm

from peqled.design.claims import (
    Spread,
    champion,
    devices_for_champion,
    devices_for_difference,
    devices_for_mean,
    resampled_champion,
    skewness,
    spread_of,
)
from peqled.design.tolerance import rank


def sample(count, deviations=4, seed=1):
    scores = np.random.default_rng(seed).standard_normal((count, deviations))
    return scores, np.arange(count) // 4


def test_shapley_effects_of_a_polynomial():
    """y = 2 z1 + sqrt2 (z2^2 - 1)/sqrt2 + z1 z3: variances 4, 2 and 1, so effects (4 + 1/2)/7, 2/7, 1/14 and 0.
    The fit is exact, and so are the squares of its coefficients."""
    scores, group = sample(600)
    y = 2 * scores[:, 0] + (scores[:, 1] ** 2 - 1) + scores[:, 0] * scores[:, 2]
    found = rank(("a", "b", "c", "d"), scores, y, group)
    assert found.names[:3] == ("a", "b", "c")
    np.testing.assert_allclose(found.effect, [4.5 / 7, 2 / 7, 0.5 / 7, 0.0], atol=1e-9)
    assert found.unexplained == pytest.approx(0.0, abs=1e-12)


def test_shapley_effects_with_noise_add_up_to_one():
    """y = 3 z1 + z2 + noise of variance 4: shares 9/14, 1/14 and 4/14; the sampling error of 400 devices is 0.04."""
    scores, group = sample(400)
    y = 3 * scores[:, 0] + scores[:, 1] + 2 * np.random.default_rng(2).standard_normal(400)
    found = rank(("a", "b", "c", "d"), scores, y, group)
    assert found.effect[0] == pytest.approx(9 / 14, abs=0.06)
    assert found.effect.sum() + found.unexplained == pytest.approx(1.0, abs=1e-9)
    assert found.low[0] < 9 / 14 < found.high[0]
    assert found.slope[0] == pytest.approx(3.0, abs=0.3)


def test_few_samples_are_ranked_by_lines_alone():
    scores, group = sample(24)
    found = rank(("a", "b", "c", "d"), scores, scores @ np.array([1.0, 2.0, 0.0, 0.0]), group)
    assert found.terms == 4
    np.testing.assert_allclose(found.effect[:2], [0.8, 0.2], atol=1e-9)
    with pytest.raises(ValueError, match="more than 5 devices"):
        rank(("a", "b", "c", "d"), scores[:5], scores[:5, 0], group[:5])
    with pytest.raises(ValueError, match="nothing to rank"):
        rank(("a", "b", "c", "d"), scores, np.ones(24), group)


def test_expected_champion_of_independent_devices():
    """Expected maximum of 40 normal numbers: 2.1608 deviations (Harter 1961, 10.1093/biomet/48.1-2.151)."""
    found = champion(Spread(10.0, 0.0, 2.0, 4.0), 40, 10.0 + 2.0 * 2.1608)
    assert (found.expected - 10.0) / 2.0 == pytest.approx(2.1608, abs=2e-4)
    assert found.chance == pytest.approx(norm.cdf(2.1608) ** 40, abs=1e-6)
    assert found.low < found.expected < found.high


def test_expected_champion_of_shared_substrates():
    """Ten substrates of four: against 200000 simulated batches, whose mean is known to 0.002."""
    random = np.random.default_rng(3)
    common, own = random.standard_normal((200_000, 10, 1)), random.standard_normal((200_000, 10, 4))
    best = (1.2 * common + 0.9 * own).max(axis=(1, 2))
    found = champion(Spread(0.0, 1.2, 0.9, 4.0), 40, 0.0)
    assert found.expected == pytest.approx(best.mean(), abs=0.006)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(best, [0.05, 0.95])), abs=0.02)


def test_variance_components_are_found_again():
    """2000 substrates of four, deviations 1.2 and 0.9: the components to 3 %."""
    random = np.random.default_rng(4)
    values = 5.0 + 1.2 * np.repeat(random.standard_normal(2000), 4) + 0.9 * random.standard_normal(8000)
    found = spread_of(values, np.arange(8000) // 4)
    assert (found.between, found.within) == pytest.approx((1.2, 0.9), rel=0.03)
    assert found.design_effect == pytest.approx(1.0 + 3.0 * 1.44 / 2.25, rel=0.03)


def test_devices_for_a_mean():
    """Independent devices of deviation 1 to +-0.5: t(0.975, N - 1)/sqrt(N) = 0.5 first at N = 18 (tables of Student's
    t: 2.110 at 17 degrees of freedom); shared substrates need more."""
    assert devices_for_mean(Spread(10.0, 0.0, 1.0, 4.0), 0.5) == 18
    assert devices_for_mean(Spread(10.0, 0.8, 0.6, 4.0), 0.5) > 2 * 18


def test_devices_for_a_difference_and_for_a_champion():
    """2 (1.96 + 0.8416)^2 = 15.7 at one deviation, so 16 each. A device beats mu + 2 sigma with 2.275 %:
    ln 0.05/ln 0.97725 = 130.2, so 131 (one device per substrate)."""
    assert devices_for_difference(Spread(10.0, 0.0, 1.0, 4.0), 1.0) == 16
    assert devices_for_champion(Spread(0.0, 0.0, 1.0, 1.0), 2.0) == 131
    assert devices_for_champion(Spread(0.0, 0.0, 1.0, 1.0), 9.0) == np.inf


def test_resampled_champion_and_skewness():
    """4000 normal devices, one per substrate: the expected best of 40 is 2.1608 deviations, resampled to 0.05; minus
    the exponential distribution has the skewness -2."""
    values = np.random.default_rng(5).standard_normal(4000)
    expected, low, high = resampled_champion(values, np.arange(4000), 40)
    assert expected == pytest.approx(2.1608, abs=0.05)
    assert low < expected < high
    assert skewness(-np.random.default_rng(6).exponential(size=200_000)) == pytest.approx(-2.0, abs=0.1)
