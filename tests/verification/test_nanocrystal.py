"""Verification of the nanocrystal room against closed forms, quadrature and published constants."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

import peqled  # noqa: F401  (sets float64)
from peqled.nanocrystal import (
    ClusterBand,
    CrossSection,
    Diffraction,
    DotModel,
    HomogeneousWidth,
    Micrograph,
    PLMap,
    Scattering,
    Surface,
    TemperatureShift,
    absorbance,
    angular_width,
    area,
    bragg_angle,
    bright_number,
    class_photoluminescence,
    cluster_photoluminescence,
    count_dots,
    cumulants,
    decay_exponent,
    edge_variation,
    ensemble_decay,
    ensemble_lifetimes,
    exposure_weights,
    histogram,
    integral_breadth_size,
    langmuir_coverage,
    line_profile,
    lognormal_ensemble,
    mean_edge,
    normal_ensemble,
    phonon_number,
    photon_energy,
    quantum_yield,
    reabsorption_factor,
    reciprocal_fwhm,
    sites_per_dot,
    sizing_curve,
    spectrum_shape,
    with_photon_noise,
)

NM = 1.0e-9
RADIATIVE, TRAP = 1.0 / 25.75e-9, 1.0e8
WAVELENGTH = jnp.linspace(400.0, 600.0, 401) * NM
EDGE = jnp.linspace(2.0, 30.0, 1121) * NM
TIME = jnp.linspace(0.0, 200.0e-9, 201)

CURVES = {
    "S1": sizing_curve("S1"),
    "S2": sizing_curve("S2"),
    "S3": sizing_curve("S3", exciton_energy=2.365, dead_layer=1.0 * NM),
}

yield_of = jax.jit(lambda traps: quantum_yield(radiative_rate=RADIATIVE, traps=traps, trap_rate=TRAP))
lifetimes_of = jax.jit(
    lambda traps: ensemble_lifetimes(share=jnp.ones(1), radiative_rate=RADIATIVE, traps=traps[None], trap_rate=TRAP)
)
shape_of = jax.jit(spectrum_shape)
sum_of = jax.jit(lambda edge, weight: class_photoluminescence(edge, weight, WAVELENGTH, model=DotModel()))


# --- B12: decay and quantum yield -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("traps", "plqy", "one_over_e"),
    [(0.5, 0.705288255690, 0.6052), (1.0, 0.509331786221, 0.3779), (2.0, 0.287287177634, 0.1988)],
)
def test_synthesis_b12_poisson_traps(traps, plqy, one_over_e):
    """k_r = 1/25.75 ns, k_t = 1e8 1/s. Exact: the Poisson series (synthesis reference, B12), here also by quadrature of
    the decay curve, a different route. The series is summed to rounding and the 1/e time is a root: 1e-9 and 1e-4.
    """
    mean = jnp.asarray(traps)
    by_quadrature, _ = quad(
        lambda u: float(np.exp(-u + traps * np.expm1(-u * TRAP / RADIATIVE))), 0.0, 60.0, epsabs=1e-13, limit=200
    )
    lifetimes = lifetimes_of(mean)
    assert float(yield_of(mean)) == pytest.approx(plqy, abs=1e-9)
    assert by_quadrature == pytest.approx(plqy, abs=1e-9)
    assert float(lifetimes.one_over_e * RADIATIVE) == pytest.approx(one_over_e, abs=1e-4)
    assert float(lifetimes.amplitude * RADIATIVE) == pytest.approx(plqy, abs=1e-9)


def test_intensity_lifetime_is_the_mean_arrival_time():
    """One trap on average; exact answer the ratio of ∫t I dt to ∫I dt by quadrature, tolerance 1e-8 of it."""

    def curve(time):
        return np.exp(-RADIATIVE * time + np.expm1(-TRAP * time))

    moment, _ = quad(lambda u: u * curve(u / RADIATIVE), 0.0, 80.0, epsabs=1e-13, limit=300)
    whole, _ = quad(lambda u: curve(u / RADIATIVE), 0.0, 80.0, epsabs=1e-13, limit=300)
    assert float(lifetimes_of(jnp.asarray(1.0)).intensity * RADIATIVE) == pytest.approx(moment / whole, rel=1e-8)


@given(traps=st.floats(0.0, 300.0))
@settings(deadline=None, max_examples=40)
def test_yield_lies_between_all_dark_and_jensen(traps):
    """e^-λ <= PLQY (only trap-free dots shine) and, as 1/(k_r + m k_t) is convex in m, PLQY >= k_r/(k_r + λ k_t)."""
    value = float(yield_of(jnp.asarray(traps)))
    assert value <= 1.0 + 1e-12
    assert value >= np.exp(-traps) * (1.0 - 1e-12)
    assert value >= RADIATIVE / (RADIATIVE + traps * TRAP) * (1.0 - 1e-9)


def test_one_over_e_and_its_derivative():
    """The root satisfies k_r t + λ(1 - e^{-k_t t}) = 1 to rounding; dt/dλ = -(1 - e^{-k_t t})/(k_r + λ k_t e^{-k_t
    t}).
    """
    traps = jnp.asarray(0.8)
    time, slope = jax.jvp(lambda mean: lifetimes_of(mean).one_over_e, (traps,), (jnp.ones(()),))
    exponent = decay_exponent(time, radiative_rate=RADIATIVE, traps=traps, trap_rate=TRAP)
    survived = jnp.exp(-TRAP * time)
    assert float(exponent) == pytest.approx(1.0, abs=1e-12)
    assert float(slope) == pytest.approx(float(-(1 - survived) / (RADIATIVE + traps * TRAP * survived)), rel=1e-9)


def test_ensemble_decay_is_the_weighted_sum():
    """Two classes, trap-free and trapped, with shares 1:3: the sum of two closed forms, tolerance rounding."""
    curve = ensemble_decay(
        TIME,
        share=jnp.array([1.0, 3.0]),
        radiative_rate=RADIATIVE,
        traps=jnp.array([0.0, 2.0]),
        trap_rate=TRAP,
    )
    expected = np.exp(-RADIATIVE * TIME) * (0.25 + 0.75 * np.exp(2.0 * np.expm1(-TRAP * TIME)))
    np.testing.assert_allclose(curve, expected, rtol=1e-13)


# --- B13, B14: diffraction and scattering ---------------------------------------------------------------------------

LOGNORMAL = lognormal_ensemble(EDGE, median=10.0 * NM, sigma=0.1)


def test_synthesis_b13_diffraction_breadth():
    """Lognormal, median 10 nm, sigma 0.1. Exact Scherrer size from the integral breadth: 10 exp(3.5 sigma²) =
    10.3562 nm; the breadth is also integrated from the line profile itself. Tolerance 0.5 % (integration range of
    the tails).
    """
    distance = jnp.linspace(-4.0e9, 4.0e9, 4001)
    profile = jax.jit(line_profile)(distance, edge=EDGE, number=LOGNORMAL)
    exact = 10.0 * np.exp(3.5 * 0.01)
    assert float(integral_breadth_size(EDGE, LOGNORMAL)) / NM == pytest.approx(exact, rel=1e-6)
    assert 1.0 / float(area(distance, profile)) / NM == pytest.approx(exact, rel=5e-3)


def test_diffraction_of_one_cube():
    """10 nm cube: FWHM constant 0.8859 (root of sinc² = 1/2); (100) at 15.09°, (200) at 30.46°, 0.789° and 0.810°
    wide.
    """
    edge, number = jnp.array([10.0 * NM]), jnp.ones(1)
    width = reciprocal_fwhm(edge, number)
    assert float(width * edge[0]) == pytest.approx(0.8858929413789, rel=1e-10)
    for order, angle, breadth in [(1, 15.09, 0.789), (2, 30.46, 0.810)]:
        assert np.degrees(bragg_angle(order, Diffraction())) == pytest.approx(angle, abs=0.01)
        assert np.degrees(angular_width(width, order, Diffraction())) == pytest.approx(breadth, abs=1e-3)


def test_synthesis_b14_light_scattering():
    """Same ensemble with D = L. Exact: D_z = 10 exp(5.5 sigma²) nm, PDI = exp(sigma²) - 1; tolerance 0.1 %."""
    bare = cumulants(EDGE, LOGNORMAL, Scattering(cube_factor=1.0, shell=0.0))
    assert float(bare.z_average) / NM == pytest.approx(10.0 * np.exp(0.055), rel=1e-3)
    assert float(bare.polydispersity) == pytest.approx(np.expm1(0.01), rel=1e-3)


def test_shell_lowers_the_polydispersity():
    """Edge 10 nm, spread 0.1, shell 1.6 nm: 17.2 nm and 0.0066, a full sum made for the synthesis reference (section
    3.6).
    """
    coated = cumulants(EDGE, LOGNORMAL, Scattering())
    assert float(coated.z_average) / NM == pytest.approx(17.2, abs=0.05)
    assert float(coated.polydispersity) == pytest.approx(0.0066, abs=5e-5)


# --- B19: photoluminescence -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edge", "variation", "width", "peak"),
    [(10.0, 0.0, 15.37, 514.72), (10.0, 0.1, 15.87, 515.11), (10.0, 0.2, 16.51, 516.28), (5.0, 0.1, 21.32, 490.75)],
)
def test_synthesis_b19_photoluminescence_sum(edge, variation, width, peak):
    """Curve S1, Γ = 60 meV + 120 meV nm/L, normal number distribution, weight L³. Exact: the full sum on a 0.01 nm
    grid. Our grid is 0.5 nm with interpolated peak and half heights; their error is below 0.02 nm, the tolerance
    0.05 nm.
    """
    if variation:
        weight = normal_ensemble(EDGE, mean=edge * NM, variation=variation) * EDGE**3
    else:
        weight = jnp.where(jnp.abs(EDGE - edge * NM) < 1e-14, 1.0, 0.0)
    shape = shape_of(WAVELENGTH, sum_of(EDGE, weight))
    assert float(shape.fwhm) / NM == pytest.approx(width, abs=0.05)
    assert float(shape.peak) / NM == pytest.approx(peak, abs=0.05)


def test_energy_jacobian_keeps_the_area():
    """Photons do not depend on the axis: ∫I(λ)dλ equals Σ w and the mean of E under I(λ) the mean of the class centres.
    The trapezoidal rule is spectrally accurate for lines inside the grid: tolerance 1e-9.
    """
    weight = normal_ensemble(EDGE, mean=9.0 * NM, variation=0.08, total=3.0)
    spectrum = sum_of(EDGE, weight)
    energy = DotModel().emission_energy(EDGE)
    mean = area(WAVELENGTH, spectrum * photon_energy(WAVELENGTH)) / area(WAVELENGTH, spectrum)
    assert float(area(WAVELENGTH, spectrum)) == pytest.approx(3.0, rel=1e-9)
    assert float(mean) == pytest.approx(float((weight * energy).sum() / 3.0), rel=1e-9)


@given(centre=st.floats(470.0, 540.0), sigma=st.floats(4.0, 12.0))
@settings(deadline=None, max_examples=30)
def test_shape_of_a_normal_line_is_exact(centre, sigma):
    """A normal line in wavelength: peak = centroid = centre, FWHM = 2.3548 sigma. Peak and crossings interpolate the
    logarithm to second order, hence without error; the moments see only the cut tails. Tolerance 1e-4 nm.
    """
    shape = shape_of(WAVELENGTH, jnp.exp(-0.5 * ((WAVELENGTH / NM - centre) / sigma) ** 2))
    assert float(shape.peak) / NM == pytest.approx(centre, abs=1e-4)
    assert float(shape.fwhm) / NM == pytest.approx(2.3548200450309493 * sigma, abs=1e-4)
    assert float(shape.centroid) / NM == pytest.approx(centre, abs=1e-3)
    assert float(shape.deviation) / NM == pytest.approx(sigma, abs=1e-2)


def test_cluster_band_fills_its_window():
    """Centre and width put the printed window, 400-460 nm, at two standard deviations: 95.4 % of the band inside."""
    wavelength = jnp.linspace(330.0, 560.0, 2301) * NM
    band = cluster_photoluminescence(wavelength, ClusterBand(), 2.0)
    inside = (wavelength >= 400.0 * NM) & (wavelength <= 460.0 * NM)
    assert float(area(wavelength, band)) == pytest.approx(2.0 * ClusterBand().brightness, rel=1e-5)
    assert float(area(wavelength, jnp.where(inside, band, 0.0))) / 40.0 == pytest.approx(0.954, abs=0.01)


# --- sizing, widths, ensemble, surface, absorption ------------------------------------------------------------------


@pytest.mark.parametrize("identifier", CURVES)
@given(edge=st.floats(2.5, 25.0))
@settings(deadline=None, max_examples=25)
def test_sizing_inverse_round_trip(identifier, edge):
    """edge(energy(L)) = L: closed forms both ways; rounding is amplified by E/|L dE/dL|, at most about 1e4."""
    curve = CURVES[identifier]
    assert float(curve.edge(curve.energy(edge * NM))) / NM == pytest.approx(edge, rel=1e-10)


def test_sizes_read_from_515_nm():
    """515 nm = 2.4075 eV reads 10.1 nm on S1 and 8.0 nm on S2, the confinement and Coulomb terms of S2 being 8.95 eV
    nm² and 0.602 eV nm (synthesis reference, 3.2). Two printed digits.
    """
    energy = photon_energy(jnp.asarray(515.0 * NM))
    assert float(CURVES["S1"].edge(energy)) / NM == pytest.approx(10.1, abs=0.05)
    assert float(CURVES["S2"].edge(energy)) / NM == pytest.approx(8.0, abs=0.05)
    at_one = float(CURVES["S2"].energy(jnp.asarray(NM))) - 2.342
    assert at_one == pytest.approx(8.95 - 0.602, abs=0.01)


def test_temperature_moves_line_and_width():
    """A dot that reads 515 nm at 298 K reads 506 nm at 443 K for +0.3 meV/K; the phonon width grows 1.69 times."""
    energy = photon_energy(jnp.asarray(515.0 * NM)) + TemperatureShift()(443.0)
    assert float(photon_energy(energy)) / NM == pytest.approx(506.0, abs=0.5)
    assert float(phonon_number(0.018, 443.0) / phonon_number(0.018, 298.0)) == pytest.approx(1.69, abs=0.005)
    width = HomogeneousWidth()
    assert float(width(jnp.asarray(10.0 * NM))) == pytest.approx(0.072, rel=1e-12)
    assert float(width(jnp.asarray(10.0 * NM), 443.0)) == pytest.approx(0.072 * 1.686, rel=1e-3)


def test_ensemble_averages_of_a_normal_distribution():
    """Mean and variation put in come out; the grid holds ±8 standard deviations at 40 points each: rounding."""
    number = normal_ensemble(EDGE, mean=12.0 * NM, variation=0.1, total=5e20)
    assert float(number.sum()) == pytest.approx(5e20, rel=1e-12)
    assert float(mean_edge(EDGE, number)) / NM == pytest.approx(12.0, rel=1e-9)
    assert float(edge_variation(EDGE, number)) == pytest.approx(0.1, rel=1e-9)


def test_cross_section_and_dark_dots():
    """σ = 2e-18 m2 at 10 nm, σ ~ L^2.9; nothing emits below 1.9 nm."""
    section = CrossSection()
    assert float(section(jnp.asarray(10.0 * NM))) / 2e-18 == pytest.approx(1.0)
    assert float(section(jnp.asarray(20.0 * NM)) / section(jnp.asarray(10.0 * NM))) == pytest.approx(2.0**2.9)
    edge = jnp.array([1.0, 1.8, 2.0]) * NM
    np.testing.assert_array_equal(bright_number(edge, jnp.ones(3), section.dark_edge), [0.0, 0.0, 1.0])


def test_langmuir_coverage_and_traps():
    """Two ligands with K c = 3 and 1 hold 3/5 and 1/5 of the sites. A 10 nm cube has 870 sites at 1.45 per nm2; with
    one fifth bare and one trap in a thousand bare sites, 0.174 traps.
    """
    coverage = langmuir_coverage(jnp.array([1.5, 0.1]), jnp.array([2.0, 10.0]))
    np.testing.assert_allclose(coverage, [0.6, 0.2], rtol=1e-14)
    assert float(sites_per_dot(jnp.asarray(10.0 * NM), 1.45e18)) == pytest.approx(870.0)
    assert float(Surface().traps(jnp.asarray(10.0 * NM), coverage.sum())) == pytest.approx(0.174)


def test_reabsorption_factor():
    """(1 - 10^-A)/(A ln 10): 0.39087 at A = 1, 1 - A ln(10)/2 for thin media, equal on both sides of the switch."""
    assert float(reabsorption_factor(jnp.asarray(1.0))) == pytest.approx(0.9 / np.log(10.0), rel=1e-14)
    thin = jnp.array([0.0, 4.3e-5, 4.4e-5])
    np.testing.assert_allclose(reabsorption_factor(thin), 1.0 - 0.5 * np.log(10.0) * thin, rtol=3e-9)
    assert float(absorbance(jnp.log(jnp.asarray(10.0)), 1.0)) == pytest.approx(1.0)


def test_absorption_reaches_the_measured_cross_section():
    """At 3.1 eV the continuum of 10 nm dots is complete: coefficient = N σ. Below the edge nothing is absorbed."""
    from peqled.nanocrystal import class_absorption

    wavelength = photon_energy(jnp.array([3.1, 1.9]))
    coefficient = class_absorption(jnp.array([10.0 * NM]), jnp.array([1e21]), wavelength, model=DotModel())
    assert float(coefficient[0]) == pytest.approx(2000.0, rel=1e-9)
    assert float(coefficient[1]) < 1e-6


@given(end=st.floats(-0.5, 4.0), exposure=st.floats(0.01, 2.0))
@settings(deadline=None, max_examples=40)
def test_exposure_average_of_a_linear_signal(end, exposure):
    """Weights are positive and sum to one; a straight line sampled on an uneven grid averages exactly to its value
    at the middle of the exposure as long as the frame lies inside the grid, and to its ends outside.
    """
    time = jnp.array([0.0, 0.1, 0.4, 1.5, 3.0])
    weights = exposure_weights(time, jnp.asarray([end]), exposure)[0]
    fine = np.linspace(end - exposure, end, 20001)
    expected = np.trapezoid(np.clip(fine, 0.0, 3.0), fine) / exposure
    assert float(weights.sum()) == pytest.approx(1.0, abs=1e-12)
    assert float(weights.min()) >= -1e-12
    assert float(weights @ time) == pytest.approx(expected, abs=1e-6)


# --- what is counted ------------------------------------------------------------------------------------------------


def test_counting_dots():
    """20 000 dots of a normal distribution, mean 10 nm, CV 0.1: mean to 0.3 % and CV to 2 % (four standard errors).

    The expected errors are sigma/sqrt(n) and CV/sqrt(2 n); a smallest visible edge at the mean leaves the upper half,
    of mean 10 (1 + 0.1 sqrt(2/pi)) nm.
    """
    number = normal_ensemble(EDGE, mean=10.0 * NM, variation=0.1)
    found = count_dots(EDGE, number, Micrograph(counted=20000))
    assert float(found.edges.mean()) / NM == pytest.approx(10.0, rel=3e-3)
    assert float(found.edges.std()) / NM == pytest.approx(1.0, rel=2e-2)
    assert float(found.mean_error) / NM == pytest.approx(1.0 / np.sqrt(20000), rel=1e-3)
    half = count_dots(EDGE, number, Micrograph(smallest=10.0 * NM))
    assert float(half.mean) / NM == pytest.approx(10.0 + np.sqrt(2 / np.pi), rel=2e-3)
    bounds = jnp.linspace(5.0, 15.0, 11) * NM
    assert int(histogram(found.edges, bounds).sum()) == 20000


def test_photon_noise():
    """Two frames of a flat spectrum at 400 photons: relative scatter 1/sqrt(400) = 5 %; 10 % of that for 402 pixels."""
    flat = jnp.full((2, WAVELENGTH.size), 3.0)
    shape = jax.vmap(spectrum_shape, in_axes=(None, 0))(WAVELENGTH, flat)
    frames = PLMap(jnp.arange(2.0), WAVELENGTH, flat, flat, shape, jnp.zeros(2))
    noisy = with_photon_noise(frames, 400.0).intensity
    assert float(noisy.mean()) == pytest.approx(3.0, rel=0.01)
    assert float(noisy.std() / noisy.mean()) == pytest.approx(0.05, rel=0.1)


def test_a_crowd_of_traps_is_dark_and_finite():
    """Up to 1e22 traps, as on a crystal of 1 m: a yield of at most k_r/(k_t + k_r) of what a trap-free dot gives."""
    yields = np.asarray(yield_of(jnp.array([600.0, 1e3, 1e22])))
    assert np.isfinite(yields).all()
    assert (yields < RADIATIVE / (RADIATIVE + TRAP)).all()


def test_a_line_beyond_the_grid_has_no_peak():
    """Highest at the first point: the peak lies outside, and nothing is quoted."""
    shape = shape_of(WAVELENGTH, jnp.exp(-0.5 * ((WAVELENGTH / NM - 380.0) / 20.0) ** 2))
    assert np.isnan([shape.peak, shape.fwhm, shape.centroid]).all()


def test_a_cold_line_keeps_a_width():
    """At 1 K no phonon is left: 1 meV, where the law alone would give none."""
    width = HomogeneousWidth()(jnp.asarray(10 * NM), 1.0)
    assert float(width) == pytest.approx(1e-3)
