"""Lifetimes: kernels and averages against closed forms, fits against photons drawn one by one."""

import numpy as np
import pytest

from peqled.lab.trpl.averages import amplitude_average, intensity_average, one_over_e, stretched_averages
from peqled.lab.trpl.deviance import poisson_deviance
from peqled.lab.trpl.differential import differential_lifetime
from peqled.lab.trpl.histogram import clean_response, fwhm_bins, is_counts, prepare, tail
from peqled.lab.trpl.kernel import exponential_response, shifted, stretched_response
from peqled.lab.trpl.pairing import words
from peqled.lab.trpl.reconvolution import fit_exponentials, fit_stretched
from peqled.lab.trpl.selection import decide
from peqled.lab.trpl.waveform import Waveform, fit_exponentials_unweighted, fit_stretched_unweighted
from tests.lab import decay_files as make

NS = 1e-9
BIN = 0.05 * NS


def test_averages_of_two_components():
    """A = 3, 1 and tau = 1, 5 ns: tau_amp = 8/4 = 2 ns, tau_int = (3 + 25)/8 = 3.5 ns; tau_1/e solves the decay
    itself."""
    amplitudes, taus = np.array([3.0, 1.0]), np.array([1.0, 5.0])
    assert amplitude_average(amplitudes, taus) == pytest.approx(2.0, rel=1e-14)
    assert intensity_average(amplitudes, taus) == pytest.approx(3.5, rel=1e-14)
    t = one_over_e(amplitudes, taus)
    assert (3 * np.exp(-t) + np.exp(-t / 5)) / 4 == pytest.approx(np.exp(-1), rel=1e-10)


def test_averages_of_the_stretched_exponential():
    """Published film decay tau 168.37 ns, beta 0.6192: 243.4 and 469.7 ns by the Gamma functions; beta = 1 gives tau
    twice, beta = 1/2 gives 2 tau and 6 tau (Gamma(2) = 1, Gamma(4) = 6)."""
    assert stretched_averages(168.37, 0.6192) == pytest.approx((243.4, 469.7), abs=0.2)
    assert stretched_averages(7.0, 1.0) == pytest.approx((7.0, 7.0), rel=1e-14)
    assert stretched_averages(1.0, 0.5) == pytest.approx((2.0, 6.0), rel=1e-12)


@pytest.mark.parametrize("x", [1e-7, 0.01, 0.5, 3.0])
def test_exact_kernel_is_the_double_integral(x):
    """One filled bin of excitation, counts in bins: the double integral of exp(-t/tau) over both bins by a fine
    midpoint sum (error of order 1/n^2 = 1e-6 of a bin)."""
    pulse = np.zeros(400)
    pulse[3] = 1.0
    found = exponential_response(pulse, 1.0 / x, bin_width=1.0)
    s = (np.arange(1000) + 0.5) / 1000
    inside = np.mean(-np.expm1(-(1 - s) * x))
    assert found[3] == pytest.approx(inside, rel=1e-5)
    assert found[4] == pytest.approx(np.mean(np.exp(-(1 - s) * x) * -np.expm1(-x)), rel=1e-5)
    assert found[10] / found[9] == pytest.approx(np.exp(-x), rel=1e-9)
    if x > 0.1:
        assert found.sum() == pytest.approx(1.0, abs=1e-12)
        assert np.sum(found * np.arange(400)) - 3 == pytest.approx(1 / x, rel=1e-9)


def test_trapezoid_kernel_recursion():
    """The trapezoid rule written as a sum over the response, scaled to unit area, is the recursion."""
    rng = np.random.default_rng(0)
    h, tau = rng.random(60), 4.0
    q = np.exp(-1 / tau)
    direct = np.array([sum(h[k] * q ** (i - k) * (1.0 if k < i else 0.5) for k in range(i + 1)) for i in range(60)])
    direct = direct / (0.5 + q / (1 - q))
    np.testing.assert_allclose(exponential_response(h, tau, bin_width=1.0, kernel="trapezoid"), direct, rtol=1e-12)


def test_periodic_excitation_is_the_sum_over_earlier_pulses():
    """Period of 300 bins, tau of 120 bins: the record is the sum of 40 shifted single-pulse responses."""
    pulse = np.zeros(300)
    pulse[5:9] = 0.25
    long = np.zeros(300 * 40)
    long[:300] = pulse
    direct = exponential_response(long, 120.0, bin_width=1.0).reshape(40, 300).sum(axis=0)
    np.testing.assert_allclose(exponential_response(pulse, 120.0, bin_width=1.0, period=300.0), direct, rtol=1e-9)


def test_stretched_kernel_with_beta_one_is_the_exponential():
    rng = np.random.default_rng(0)
    h = rng.random(300)
    np.testing.assert_allclose(
        stretched_response(h, 25.0, 1.0, bin_width=1.0), exponential_response(h, 25.0, bin_width=1.0), rtol=1e-8
    )


@pytest.mark.parametrize("shift", [0.0, 3.0, -2.0, 0.37, -5.81])
def test_shift_moves_the_centroid_and_keeps_the_area(shift):
    """A Gaussian response of 3 bins: area and centroid are exact, the shape to the error of the cubic (1e-3)."""
    x = np.arange(100.0)
    h = np.exp(-0.5 * ((x - 50) / 3) ** 2)
    moved = shifted(h, shift)
    assert moved.sum() == pytest.approx(h.sum(), rel=1e-12)
    assert moved @ x / moved.sum() == pytest.approx(50 + shift, abs=1e-9)
    np.testing.assert_allclose(moved, np.exp(-0.5 * ((x - 50 - shift) / 3) ** 2), atol=4e-3)


def test_deviance_of_a_poisson_sample():
    """Mean 30 counts: the deviance is near its degrees of freedom, zero at the data, and exact for one bin."""
    rng = np.random.default_rng(1)
    counts = rng.poisson(30.0, 20000).astype(float)
    assert poisson_deviance(counts, np.full(20000, 30.0)) / 20000 == pytest.approx(1.0, abs=0.03)
    assert poisson_deviance(counts, counts) == pytest.approx(0.0, abs=1e-9)
    assert poisson_deviance(np.array([0.0]), np.array([2.0])) == pytest.approx(4.0)


def test_width_and_background_of_a_response():
    """Gaussian of sigma 4 bins on 50 counts per bin: FWHM 9.42 bins (2 %: the highest of noisy bins), background
    removed to 0.3 %, area 1."""
    rng = np.random.default_rng(2)
    x = np.arange(400)
    counts = rng.poisson(5e4 * np.exp(-0.5 * ((x - 200) / 4) ** 2) + 50.0).astype(float)
    assert fwhm_bins(counts) == pytest.approx(2.3548 * 4, rel=0.02)
    clean = clean_response(counts)
    assert clean.sum() == pytest.approx(1.0)
    assert abs(clean[:150].sum()) < 3e-3


def _case(rng, taus, shares, number=300_000, *, arrival=5.0, late=0.13, period=None, background=3.0, bins=1000):
    irf = make.response(rng, number=200_000, bin_width=BIN, bins=bins, irf_width=0.12 * NS, arrival=arrival * NS)
    decay = make.photons(
        rng,
        np.array(taus) * NS,
        shares,
        number=number,
        bin_width=BIN,
        bins=bins,
        irf_width=0.12 * NS,
        arrival=(arrival + late) * NS,
        background=background,
        period=period,
    )
    return decay, irf


def test_reconvolution_finds_what_the_photons_were_drawn_with():
    """Two lifetimes (4.0 and 1.0 ns, 70 and 30 % of 3e5 photons), response late by 2.6 bins, 3 dark counts: all within
    four standard errors, deviance per degree of freedom 1 +- 0.15 (1000 bins; the noise of the response adds a
    little)."""
    decay, irf = _case(np.random.default_rng(3), [4.0, 1.0], [0.7, 0.3])
    data, factor = prepare(decay, bin_width=BIN, response=irf, response_bin_width=BIN)
    found = decide(data)
    fit = found.chosen
    assert (factor, fit.lifetimes.size) == (1, 2)
    errors = fit.errors()[2:4] * fit.lifetimes
    assert np.all(np.abs(fit.lifetimes / NS - [4.0, 1.0]) < 4 * errors / NS)
    assert fit.photons[0] / fit.photons.sum() == pytest.approx(0.7, abs=0.03)
    assert fit.shift == pytest.approx(2.6, abs=0.15)
    assert fit.background == pytest.approx(3.0, abs=0.3)
    assert fit.reduced == pytest.approx(1.0, abs=0.15)
    assert found.flags == ()
    tau_int = (0.7 * 4 + 0.3 * 1) * NS
    assert abs(fit.averages()[1] - tau_int) < 3 * found.uncertainty[1]


def test_errors_are_those_of_repeats():
    """Forty draws of one lifetime: mean pull 0 +- 0.5 and scatter 0.6 to 1.5 of the stated error (chi distribution of
    40)."""
    rng = np.random.default_rng(4)
    pulls = []
    for _ in range(40):
        decay, irf = _case(rng, [3.0], [1.0], number=20_000, background=0.5, bins=600)
        data, _ = prepare(decay, bin_width=BIN, response=irf, response_bin_width=BIN)
        fit = fit_exponentials(data, 1)
        pulls.append((fit.lifetimes[0] / NS - 3.0) / (fit.errors()[1] * fit.lifetimes[0] / NS))
    assert abs(np.mean(pulls)) < 0.5
    assert 0.6 < np.std(pulls) < 1.5


def test_poisson_is_unbiased_where_neyman_weights_are_low():
    """About 100 counts in the peak, tau 3.63 ns: the mean of 20 Poisson fits is true within 1.5 %; squares weighted by
    1/max(y, 1) on the same data come out more than 3 % low."""
    from scipy.optimize import least_squares

    rng = np.random.default_rng(6)
    poisson, neyman = [], []
    for _ in range(20):
        decay, irf = _case(rng, [3.63], [1.0], number=6000, background=0.05, bins=600)
        data, _ = prepare(decay, bin_width=BIN, response=irf, response_bin_width=BIN)
        fit = fit_exponentials(data, 1)
        poisson.append(fit.lifetimes[0] / NS)
        y = data.fitted
        part = slice(*data.window)
        fixed = shifted(data.response, fit.shift)

        def residual(p, y=y, part=part, fixed=fixed):
            model = p[0] * exponential_response(fixed, p[1] * NS, bin_width=BIN)[part] + p[2]
            return (model - y) / np.sqrt(np.maximum(y, 1.0))

        neyman.append(least_squares(residual, [6000.0, 3.6, 0.1]).x[1])
    assert np.mean(poisson) == pytest.approx(3.63, rel=0.015)
    assert np.mean(neyman) < 0.97 * 3.63


def test_a_lifetime_below_the_bin_is_not_identified():
    """20 % of the photons with 0.04 ns in bins of 0.05 ns: kept by the BIC, but TAU_BIN on it and u(tau_int) stays
    true."""
    decay, irf = _case(np.random.default_rng(7), [3.0, 0.04], [0.8, 0.2])
    data, _ = prepare(decay, bin_width=BIN, response=irf, response_bin_width=BIN)
    found = decide(data, most=2)
    assert "TAU_BIN" in found.flags
    assert found.chosen.averages()[1] / NS == pytest.approx(0.8 * 3.0 + 0.2 * 0.04, abs=0.05)


def test_lifetimes_of_a_power_law_move_with_the_window():
    """I = (1 + t/2 ns)^-2 is no sum of exponentials: TAU_WIN; a true double exponential above carried no flag."""
    rng = np.random.default_rng(8)
    time = 2.0 * (rng.random(400_000) ** -1.0 - 1.0) * NS  # inverse of the cumulative 1 - 1/(1 + t/2)
    arrivals = rng.normal(5 * NS, 0.12 * NS, time.size) + time
    decay = np.histogram(arrivals, bins=np.arange(1001) * BIN)[0] + rng.poisson(1.0, 1000)
    irf = make.response(rng, number=200_000, bin_width=BIN, bins=1000, irf_width=0.12 * NS, arrival=5 * NS)
    data, _ = prepare(decay, bin_width=BIN, response=irf, response_bin_width=BIN)
    assert "TAU_WIN" in decide(data).flags


def test_foreign_response_is_flagged():
    """A response that is ten times too wide fits nothing: D/dof above 10."""
    rng = np.random.default_rng(9)
    decay, _ = _case(rng, [1.0], [1.0])
    irf = make.response(rng, number=200_000, bin_width=BIN, bins=1000, irf_width=1.2 * NS, arrival=5 * NS)
    data, _ = prepare(decay, bin_width=BIN, response=irf, response_bin_width=BIN)
    assert "IRF" in decide(data, most=1).flags


def test_periodic_model_where_pulses_come_early():
    """tau 15 ns at 50 MHz (20 ns): single-pulse fits are wrong by more than 10 %, the periodic one within 2 %."""
    rng = np.random.default_rng(10)
    decay, irf = _case(rng, [15.0], [1.0], period=20 * NS, bins=400, background=0.0)
    data, _ = prepare(decay, bin_width=BIN, response=irf, response_bin_width=BIN, period=20 * NS)
    assert fit_exponentials(data, 1).lifetimes[0] / NS == pytest.approx(15.0, rel=0.02)
    single, _ = prepare(decay, bin_width=BIN, response=irf, response_bin_width=BIN)
    assert abs(fit_exponentials(single, 1).lifetimes[0] / NS / 15.0 - 1) > 0.1


def test_stretched_reconvolution():
    """tau 3 ns, beta 0.7: counts drawn bin by bin from the density convolved on a grid twenty times finer; both
    parameters within 2 %."""
    from scipy.signal import fftconvolve

    rng = np.random.default_rng(11)
    fine = BIN / 20
    t = (np.arange(20_000) + 0.5) * fine
    dense = fftconvolve(np.exp(-0.5 * ((t - 5 * NS) / (0.12 * NS)) ** 2), np.exp(-((t / (3 * NS)) ** 0.7)))[:20_000]
    decay = rng.poisson(dense.reshape(-1, 20).sum(axis=1) / dense.sum() * 5e5 + 2.0)
    irf = make.response(rng, number=300_000, bin_width=BIN, bins=1000, irf_width=0.12 * NS, arrival=5 * NS)
    data, _ = prepare(decay, bin_width=BIN, response=irf, response_bin_width=BIN)
    fit = fit_stretched(data)
    assert fit.lifetimes[0] / NS == pytest.approx(3.0, rel=0.02)
    assert fit.beta == pytest.approx(0.7, rel=0.02)
    assert fit.reduced < 1.3


def test_tail_fit_and_rebinning():
    """The bins up to the last photon are summed until fewer than 8192 are left; the tail from 1.5 ns behind the peak
    gives the drawn 4.7 ns within 1 %."""
    rng = np.random.default_rng(12)
    decay = make.photons(
        rng, [4.7 * NS], [1.0], number=400_000, bin_width=4e-12, bins=20_000, irf_width=0.05 * NS, arrival=5 * NS
    )
    data, factor = tail(decay, bin_width=4e-12, after_peak=1.5 * NS)
    assert data.window[1] <= 8192 < data.window[1] * factor
    assert decide(data, response=False).chosen.lifetimes[0] / NS == pytest.approx(4.7, rel=0.01)


def test_unequal_bins_and_lengths_of_decay_and_response():
    """A response with bins of 0.02 ns and another length is brought to the bins of 0.05 ns; same lifetime within 2
    %."""
    rng = np.random.default_rng(13)
    decay, _ = _case(rng, [3.0], [1.0])
    irf = make.response(rng, number=300_000, bin_width=0.02 * NS, bins=700, irf_width=0.12 * NS, arrival=5 * NS)
    data, _ = prepare(decay, bin_width=BIN, response=irf, response_bin_width=0.02 * NS)
    assert fit_exponentials(data, 1).lifetimes[0] / NS == pytest.approx(3.0, rel=0.02)


def test_signals_that_are_no_counts():
    """Noise-free stretched exponential normalised to 1: parameters to 1e-6; two exponentials likewise; counts are
    told apart."""
    t = np.arange(200) * 2 * NS
    y = np.exp(-((t / (150 * NS)) ** 0.6))
    fit = fit_stretched_unweighted(Waveform.from_record(t, y))
    assert fit.lifetimes[0] / NS == pytest.approx(150.0, rel=1e-6)
    assert fit.beta == pytest.approx(0.6, rel=1e-6)
    double = fit_exponentials_unweighted(
        Waveform.from_record(t, 0.6 * np.exp(-t / (20 * NS)) + 0.4 * np.exp(-t / (120 * NS))), 2
    )
    np.testing.assert_allclose(double.lifetimes / NS, [120.0, 20.0], rtol=1e-5)
    assert not is_counts(y)
    assert is_counts(np.array([0.0, 12.0, 3.0]))


def test_differential_lifetime_of_bimolecular_recombination():
    """I = (1 + t/T)^-2: -1/(d ln I/dt) = (T + t)/2 = T/2 I^-1/2; at a tenth of the maximum 1.58 T; slopes over half a
    decade average 1/tau, which is within 2 % of the local value."""
    t = np.linspace(0, 20, 4000)
    tau, u = differential_lifetime(t, (1 + t) ** -2.0, np.array([0.1, 1e-9]))
    assert tau[0] == pytest.approx(0.5 * np.sqrt(10), rel=0.03)
    assert np.isnan(tau[1])
    assert np.isfinite(u[0])


def test_words_of_names():
    assert words("irfAtto550") & words("Atto550_DNA") == {"atto550"}
    assert "irf" not in words("c153_irf_2mhz")
