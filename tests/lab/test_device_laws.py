"""Efficiency, colour, angular and lifetime laws against closed forms."""

import numpy as np
import pytest

import peqled
from peqled.lab.angular.lambertian import pattern
from peqled.lab.batch.statistics import expected_maximum, summarise_values, wilson
from peqled.lab.jvl.budget import Term, combine, largest
from peqled.lab.jvl.curve import hysteresis, leakage, roll_off, turn_on
from peqled.lab.jvl.efficiency import (
    current_efficiency,
    eqe_from_luminance,
    luminance_factor,
    luminous_efficacy,
    wavelength_sensitivity,
)
from peqled.lab.jvl.photodiode import (
    collected_share,
    eqe_from_photocurrent,
    eqe_from_photon_rate,
    eqe_from_power,
    mean_responsivity,
)
from peqled.lab.lifetime.acceleration import fit_acceleration
from peqled.lab.lifetime.decay import crossing, fit_stretched, stretched_time, time_u
from peqled.lab.spectrum.colour import chromaticity
from peqled.lab.spectrum.peak import line, slit_corrected
from peqled.lifetime.extrapolation import power_law

GRID = np.arange(380.0, 780.05, 0.1) * 1e-9
GAUSS = np.exp(-4 * np.log(2) * ((GRID - 517e-9) / 16.1e-9) ** 2)
LORENTZ = 1 / (1 + ((GRID - 517e-9) / 8.05e-9) ** 2)


@pytest.mark.parametrize(
    ("energy", "candela", "density", "efficacy", "xy"),
    [(GAUSS, 80.84, 12.37, 438.9, (0.0662, 0.7998)), (LORENTZ, 76.03, 13.15, 414.1, (0.1298, 0.6746))],
)
def test_z1_numbers_of_the_paper(energy, candela, density, efficacy, xy):
    """24.13 % at 517 nm and 16.1 nm FWHM (10.1002/advs.202304696), for both ideal lines. The reference carries four
    figures; tails of the Lorentzian beyond 380 to 780 nm are left out by both."""
    factor = float(luminance_factor(GRID, energy))
    assert 0.2413 / factor == pytest.approx(candela, abs=0.1)
    assert 10000 * factor / 0.2413 / 10 == pytest.approx(density, abs=0.02)
    assert luminous_efficacy(GRID, energy) == pytest.approx(efficacy, abs=0.5)
    assert chromaticity(GRID, energy)[:2] == pytest.approx(xy, abs=0.001)


def test_z1_wavelength_error():
    """At fixed L and J a spectrum read 1 nm too long lowers the EQE by 2.61 %, 1 nm too short raises it by 2.81 %."""
    base = luminance_factor(GRID, GAUSS)
    up, down = (luminance_factor(GRID + d, GAUSS) / base - 1 for d in (1e-9, -1e-9))
    assert (100 * up, 100 * down) == pytest.approx((-2.61, 2.81), abs=0.05)
    assert wavelength_sensitivity(GRID, GAUSS) * 1e-9 == pytest.approx(-0.027, abs=0.001)


def test_eqe_of_monochromatic_light():
    """One wavelength: EQE = pi e lambda L/(K_m V h c J) in closed form; at 555 nm, V = 1, K_m 683.002 lm/W. A line of
    0.4 nm on a 0.1 nm grid has V within 1e-4 of its centre."""
    narrow = np.exp(-0.5 * ((GRID - 555e-9) / 0.2e-9) ** 2)
    exact = np.pi * 1.602176634e-19 * 555e-9 * 1000 / (683.002 * 6.62607015e-34 * 2.99792458e8 * 100)
    value = eqe_from_luminance(np.array([1000.0]), np.array([100.0]), luminance_factor(GRID, narrow))
    assert value[0] == pytest.approx(exact, rel=2e-4)
    assert current_efficiency(np.array([1000.0]), np.array([100.0]))[0] == 10.0


def test_photodiode_and_sphere_agree_with_a_known_photon_rate():
    """A source of N photons per second and current I has EQE N e/I. Its power, and the photocurrent of a diode that
    collects r^2/(r^2+d^2) of it, follow without approximation; all three routes return the EQE."""
    rate, current = 3.0e14, 1e-3
    exact = rate * 1.602176634e-19 / current
    energy_per_photon = 6.62607015e-34 * 2.99792458e8
    mean_wavelength = np.trapezoid(GAUSS * GRID, GRID) / np.trapezoid(GAUSS, GRID)
    power = rate * energy_per_photon / mean_wavelength
    share = collected_share(5e-3, 50e-3)
    responsivity = mean_responsivity(GRID, GAUSS, np.array([400e-9, 700e-9]), np.array([0.2, 0.4]))
    assert share == pytest.approx(25 / 2525)
    assert responsivity == pytest.approx(
        np.trapezoid(GAUSS * (0.2 + 0.2 * (GRID - 400e-9) / 300e-9), GRID) / np.trapezoid(GAUSS, GRID)
    )
    shape = {"wavelength": GRID, "energy": GAUSS}
    assert eqe_from_photon_rate(np.array([rate]), np.array([current]))[0] == pytest.approx(exact)
    assert eqe_from_power(np.array([power]), np.array([current]), **shape)[0] == pytest.approx(exact)
    found = eqe_from_photocurrent(
        np.array([power * share * responsivity]), np.array([current]), responsivity=responsivity, share=share, **shape
    )
    assert found[0] == pytest.approx(exact)


def test_budget_in_quadrature():
    """L 3 %, area 2 %, 0.3 nm x 2.7 %/nm, Lambertian 3 %, J 0.5 %: 24.1 +- 1.2 % (k = 1), led by the luminance
    meter."""
    terms = [
        Term("luminance", 0.03),
        Term("area", 0.02),
        Term("axis", 0.3 * 0.027),
        Term("Lambertian", 0.03),
        Term("J", 0.005),
    ]
    assert 24.1 * combine(terms) == pytest.approx(1.2, abs=0.05)
    assert largest(terms).relative == 0.03


@pytest.mark.parametrize(("m", "expected"), [(1.0, 1.0), (1.2, 0.9091), (0.8, 1.1111), (2.0, 0.6667)])
def test_a2_lambertian_factor(tmp_path, m, expected):
    """cos^m in steps of 5 degrees has F = 2/(m + 1) and exponent m. A spline through 5 degree steps is good to 1e-3
    where cos^0.8 leaves 90 degrees with an infinite slope."""
    angle = np.arange(0, 91, 5.0)
    signal = np.cos(np.radians(angle)) ** m
    (tmp_path / "far field.csv").write_text(
        "Angle (deg),Intensity\n" + "\n".join(f"{a:g},{s:.8f}" for a, s in zip(angle, signal, strict=True))
    )
    reading = peqled.read(tmp_path)
    assert reading.value("lambertian_factor") == pytest.approx(expected, abs=0.001)
    assert reading.value("lambertian_exponent_m") == pytest.approx(m, abs=0.01)
    (row,) = reading.find("lambertian_factor")
    assert ("LAMB_F" in row.flags) == (m != 1.0)


def test_drift_between_repeated_visits_is_removed():
    """A source that fades by 20 % over the scan, its normal revisited after every angle: F is that of the pattern."""
    angles, signals = [], []
    for i, angle in enumerate(np.radians(np.arange(0, 90, 5.0))):
        for visit in (angle, 0.0):
            angles.append(visit)
            signals.append(np.cos(visit) * (1 - 0.2 * len(angles) / 36))
        del i
    found = pattern(np.array(angles), np.array(signals))
    assert found.factor == pytest.approx(1.0, abs=0.003)
    assert found.drift == pytest.approx(-0.195, abs=0.02)


def test_slit_and_width():
    """16.1 nm through Gaussian slits of 5 and 8 nm reads 16.9 and 18.0 nm; the correction turns it back."""
    for slit, read in ((5.0, 16.86), (8.0, 17.98)):
        assert np.hypot(16.1, slit) == pytest.approx(read, abs=0.01)
        assert slit_corrected(read, slit) == pytest.approx(16.1, abs=0.02)
    assert np.isnan(slit_corrected(4.0, 5.0))


def test_line_of_a_noisy_spectrum():
    """An 80 nm wide Gaussian with 3 % noise on 0.5 nm: the raw maximum scatters by some nm, smoothed maximum and fit
    do not. Over 20 draws the fit is unbiased within three of its stated uncertainties of the mean."""
    grid = np.arange(380, 780.1, 0.5) * 1e-9
    clean = np.exp(-4 * np.log(2) * ((grid - 562e-9) / 80e-9) ** 2)
    rng = np.random.default_rng(3)
    draws = [clean + rng.normal(0, 0.03, grid.size) for _ in range(20)]
    found = [line(grid, draw) for draw in draws]
    raw = np.std([grid[np.argmax(draw)] for draw in draws])
    fits = np.array([f.fit for f in found])
    assert np.mean(fits) == pytest.approx(562e-9, abs=3 * np.mean([f.fit_u for f in found]) / np.sqrt(20))
    assert np.std([f.argmax for f in found]) < 0.7 * raw
    assert np.std(fits) < 0.2 * raw
    assert np.mean([f.halfheight for f in found]) == pytest.approx(80e-9, rel=0.02)
    assert line(grid, rng.normal(0, 1, grid.size)) is None


def test_clean_line_is_exact():
    """Without noise nothing is smoothed: width and peak of a Gaussian to the square of the step."""
    found = line(GRID[::5], GAUSS[::5])
    assert found.smoothing == 0.0
    assert (found.fit, found.fit_width) == pytest.approx((517e-9, 16.1e-9), rel=1e-6)
    assert found.halfheight == pytest.approx(16.1e-9, rel=2e-3)


def test_curve_readings():
    """Turn-on interpolated in log L between 0.1 and 10 cd/m2 is half-way at 1; leakage, roll-off and loop by
    construction."""
    voltage = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    luminance = np.array([-0.01, 0.02, 0.1, 10.0, 1000.0])
    assert turn_on(voltage, luminance, 1.0) == pytest.approx(2.5)
    assert np.isnan(turn_on(voltage, luminance, 1e5))
    assert leakage(np.array([0.0, 2.0]), np.array([0.0, -4.0])) == 2.0
    density = np.linspace(1, 100, 100)
    assert roll_off(density, 1 / (1 + density / 50), np.ones(100, bool)) == pytest.approx(52.0, abs=0.5)
    up = np.linspace(0, 4, 41)
    loop = np.concatenate([up, up[-2::-1]])
    values = np.exp(loop) * np.where(np.arange(len(loop)) < 41, 1.0, 1.2)
    assert hysteresis(loop, values) == pytest.approx(np.log(1.2), abs=0.01)
    assert np.isnan(hysteresis(up, np.exp(up)))


def test_batch_statistics():
    """E[max of 40 normal] = 2.16 sd; clusters of equal devices: the error of the mean follows the number of
    substrates, not of devices (sd of substrate means/2 for four substrates); Wilson keeps an uncertainty at 20 of
    20."""
    assert expected_maximum(40) == pytest.approx(2.16, abs=0.01)
    rng = np.random.default_rng(0)
    substrates = rng.normal(20.0, 1.0, 400)
    many = summarise_values(np.repeat(substrates, 10), np.repeat(np.arange(400), 10).astype(str).tolist())
    assert many.mean_se == pytest.approx(1.0 / np.sqrt(400), rel=0.1)
    assert many.mean == pytest.approx(np.mean(substrates))
    share, u = wilson(20, 20)
    assert share == 1.0
    assert 0.01 < u < 0.05


def test_l2_extrapolation():
    """54 min at 10000 cd/m2: 45.1 h at 1000 and 2260.7 h at 100 cd/m2 with n = 1.7; 3583.0 and 1426.4 h with 1.8 and
    1.6."""
    hours = 54 / 60
    assert power_law(hours, luminance=1e4, target=1e3, exponent=1.7) == pytest.approx(45.1, abs=0.05)
    assert [power_law(hours, luminance=1e4, target=1e2, exponent=n) for n in (1.7, 1.8, 1.6)] == pytest.approx(
        [2260.7, 3583.0, 1426.4], abs=0.5
    )


def test_stretched_exponential():
    """Data of a known KWW with 0.5 % noise: parameters and T50 within three stated uncertainties, over 20 draws."""
    time = np.linspace(0, 2e4, 400)
    clean = np.exp(-((time / 8000) ** 0.7))
    pulls = []
    for seed in range(20):
        fit = fit_stretched(time, clean + np.random.default_rng(seed).normal(0, 0.005, time.size))
        exact = stretched_time(8000, 0.7, 0.5)
        pulls.append((stretched_time(fit.tau, fit.beta, 0.5) - exact) / time_u(fit, 0.5))
    assert 0.5 < np.sqrt(np.mean(np.square(pulls))) < 1.6
    assert crossing(time, clean, 0.5) == pytest.approx(exact, rel=1e-3)
    assert np.isnan(crossing(time[:10], clean[:10], 0.5))
    assert fit_stretched(time, np.ones_like(time)) is None


def test_acceleration_with_censored_devices():
    """T50 = C L0^-1.7 with 10 % scatter; the six devices of the dimmest luminance are stopped early. Dropping them
    would leave a shorter lever, taking their end as T50 would bias n low by some tenths; the censored fit stays
    within 2u."""
    rng = np.random.default_rng(4)
    luminance = np.repeat([300.0, 1000.0, 3000.0, 10000.0], 6)
    time = 3240 * (1e4 / luminance) ** 1.7 * np.exp(rng.normal(0, 0.1, luminance.size))
    exact = fit_acceleration(luminance, time, np.ones(luminance.size, bool))
    assert exact.n == pytest.approx(1.7, abs=2 * exact.n_u)
    assert exact.low < 1.7 < exact.high
    stopped = np.minimum(time, 3e5)
    fit = fit_acceleration(luminance, stopped, time < 3e5)
    naive = fit_acceleration(luminance, stopped, np.ones(luminance.size, bool))
    assert fit.censored == 6
    assert fit.n == pytest.approx(1.7, abs=2.5 * fit.n_u)
    assert abs(naive.n - 1.7) > 0.2
    assert fit_acceleration(luminance[:6], time[:6], np.ones(6, bool)) is None
