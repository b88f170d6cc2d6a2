"""The decay as an instrument records it: closed forms of responses and pulse trains (issue: TRPL of the ensemble)."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erfc

from peqled.nanocrystal import (
    GaussianResponse,
    MeasuredResponse,
    NoResponse,
    RateSpectrum,
    ensemble_decay,
    rate_spectrum,
)
from peqled.nanocrystal.response import SINGLE_PULSE

LIFE, FWHM, PERIOD = 25.75e-9, 2e-9, 50e-9
ONE = RateSpectrum(jnp.array([1 / LIFE]), jnp.ones(1))
TRAPPED = {
    "share": jnp.array([1.0, 3.0]),
    "radiative_rate": 1 / LIFE,
    "traps": jnp.array([0.3, 2.0]),
    "trap_rate": 1e8,
}
TIME = np.linspace(-4e-9, 46e-9, 201)
record = jax.jit(lambda response, time, rates, period: response.record(time, rates, period))


def test_exponential_behind_a_gaussian():
    """e^{-kt} convolved with a Gaussian of unit area: ½ exp(k²σ²/2 - kt) erfc[(kσ - t/σ)/√2]; rounding, 1e-12."""
    sigma, k = FWHM / (2 * math.sqrt(2 * math.log(2))), 1 / LIFE
    exact = 0.5 * np.exp(0.5 * (k * sigma) ** 2 - k * TIME) * erfc((k * sigma - TIME / sigma) / math.sqrt(2))
    found = record(GaussianResponse(FWHM), TIME, ONE, SINGLE_PULSE)
    np.testing.assert_allclose(found, exact, rtol=1e-11, atol=1e-15)


def test_trapped_ensemble_behind_a_gaussian():
    """Two classes with Poisson traps, convolved by adaptive quadrature of the decay itself: 1e-7."""
    sigma = FWHM / (2 * math.sqrt(2 * math.log(2)))

    def decay(t):
        known = 0.25 * np.exp(0.3 * np.expm1(-1e8 * t)) + 0.75 * np.exp(2.0 * np.expm1(-1e8 * t))
        return np.exp(-t / LIFE) * known

    def convolved(t):
        weight = lambda s: np.exp(-0.5 * (s / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))  # noqa: E731
        low, high = max(-8 * sigma, t - 1e-6), min(8 * sigma, t)
        return quad(lambda s: weight(s) * decay(t - s), low, high, epsabs=1e-12)[0] if high > low else 0.0

    found = record(GaussianResponse(FWHM), TIME, rate_spectrum(**TRAPPED), SINGLE_PULSE)
    np.testing.assert_allclose(found[::20], [convolved(t) for t in TIME[::20]], rtol=1e-7, atol=1e-10)


def test_without_response_the_exponentials_are_the_decay():
    """The rate spectrum sums to `ensemble_decay`: rounding."""
    time = np.linspace(0, 200e-9, 201)
    found = record(NoResponse(), time, rate_spectrum(**TRAPPED), SINGLE_PULSE)
    np.testing.assert_allclose(found, ensemble_decay(jnp.asarray(time), **TRAPPED), rtol=1e-12)


@pytest.mark.parametrize("response", [NoResponse(), GaussianResponse(FWHM)])
def test_earlier_pulses_wrap_around(response):
    """Period of two lifetimes: the sum over 60 explicit pulses, the next one's leading edge included; 1e-11."""
    rates = rate_spectrum(**TRAPPED)
    time = TIME[TIME >= 0] if isinstance(response, NoResponse) else TIME
    pulses = range(60) if isinstance(response, NoResponse) else range(-1, 60)
    summed = sum(np.asarray(record(response, time + n * PERIOD, rates, SINGLE_PULSE)) for n in pulses)
    np.testing.assert_allclose(record(response, time, rates, PERIOD), summed, rtol=1e-11, atol=1e-15)


def test_box_response():
    """One bin of width w: (1 - e^{-kt})/(kw) inside it, (e^{kw} - 1) e^{-kt}/(kw) after it; rounding. Scale is free."""
    k, w = 1 / LIFE, 5e-9
    time = np.linspace(0, 40e-9, 81)
    exact = np.where(time < w, -np.expm1(-k * time), np.expm1(k * w) * np.exp(-k * time)) / (k * w)
    found = record(MeasuredResponse(w, np.array([700.0])), time, ONE, SINGLE_PULSE)
    np.testing.assert_allclose(found, exact, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("period", [SINGLE_PULSE, PERIOD])
def test_a_measured_gaussian_is_the_gaussian(period):
    """A Gaussian sampled in bins of σ/40 around 8 ns, shifted back: second order in the bin, 2e-4 of the maximum."""
    sigma = FWHM / (2 * math.sqrt(2 * math.log(2)))
    width = sigma / 40
    centres = (np.arange(round(16e-9 / width)) + 0.5) * width
    trace = MeasuredResponse(width, np.exp(-0.5 * ((centres - 8e-9) / sigma) ** 2))
    time = np.linspace(4e-9, 45e-9, 165)
    rates = rate_spectrum(**TRAPPED)
    exact = np.asarray(record(GaussianResponse(FWHM), time - 8e-9, rates, period))
    found = np.asarray(record(trace, time, rates, period))
    np.testing.assert_allclose(found, exact, atol=2e-4 * exact.max())


def test_a_period_holds_the_area_of_the_decay():
    """Unit area of the response: one period of any record has the area Σ p/k; trapezoids of 0.025 ns, 1e-4."""
    rates = rate_spectrum(**TRAPPED)
    area = float(rates.share @ (1 / rates.rate))
    for response, start in ((GaussianResponse(FWHM), -5e-9), (MeasuredResponse(1e-9, np.array([1.0, 4.0, 2.0])), 0.0)):
        time = np.linspace(start, start + PERIOD, 2001)
        assert np.trapezoid(record(response, time, rates, PERIOD), time) == pytest.approx(area, rel=1e-4)
