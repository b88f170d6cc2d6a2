"""The least-squares route: closed forms, certified problems where they are present, and withheld errors."""

import numpy as np
import pytest

from peqled.lab.least_squares import least_squares, runs_z
from tests.lab.nist import MODELS, problem
from tests.lab.reference import folder


def test_straight_line_has_the_textbook_errors():
    """Ten points: slope, intercept and both standard errors equal the closed form of linear regression."""
    rng = np.random.default_rng(0)
    x = np.arange(10.0)
    y = 2 * x + 1 + rng.normal(size=10)
    fit = least_squares(lambda t, p: p[0] * t + p[1], x, y, np.array([0.0, 0.0]))
    (slope, level), covariance = np.polyfit(x, y, 1, cov=True)
    np.testing.assert_allclose(fit.values, [slope, level], rtol=1e-9)
    np.testing.assert_allclose(fit.errors, np.sqrt(np.diag(covariance)), rtol=1e-6)


def test_known_noise_gives_unscaled_errors():
    """A constant with sigma 2 and 25 points: error 2/5 whatever the scatter."""
    fit = least_squares(lambda t, p: p[0] + 0 * t, np.arange(25.0), np.zeros(25), np.array([1.0]), sigma=2.0)
    assert fit.errors[0] == pytest.approx(0.4, rel=1e-6)


def test_errors_are_withheld_with_a_reason():
    """On a bound, and where two parameters do the same."""
    x, y = np.arange(20.0), np.linspace(-1, -2, 20)
    bound = least_squares(lambda t, p: p[0] + 0 * t, x, y, np.array([1.0]), bounds=(np.array([0.0]), np.array([5.0])))
    assert (bound.flags, np.isnan(bound.errors[0])) == (("FIT_BOUND",), True)
    assert "bound" in bound.reason
    twice = least_squares(lambda t, p: p[0] + p[1] + 0 * t, x, y, np.array([1.0, 1.0]))
    assert "FIT_BOUND" in twice.flags


def test_incomplete_model_is_flagged():
    """A parabola fitted by a line with small known noise: chi2 above 5 and residuals that run."""
    x = np.linspace(-1, 1, 60)
    fit = least_squares(lambda t, p: p[0] * t + p[1], x, x**2, np.zeros(2), sigma=0.01)
    assert "FIT_CHI" in fit.flags
    assert abs(runs_z(np.random.default_rng(0).normal(size=2000))) < 4


@pytest.mark.parametrize("name", MODELS)
def test_certified_values(name):
    """NIST StRD from the second start: parameters to 1e-5, standard deviations to 1e-3 (their files are needed)."""
    root = folder()
    if root is None:
        pytest.skip("no reference measurements (PEQLED_LAB_FILES)")
    x, y, start, values, errors = problem(root / "nist" / f"{name}.dat")
    fit = least_squares(MODELS[name], x, y, start)
    np.testing.assert_allclose(fit.values, values, rtol=1e-5)
    np.testing.assert_allclose(fit.errors, errors, rtol=1e-3)
