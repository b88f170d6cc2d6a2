"""Verification of the film room: mixing rules, packing, energy transfer, hopping, ageing."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.linalg import expm

import peqled  # noqa: F401  (sets float64)
from peqled.film import (
    Ageing,
    Barrier,
    BulkIndex,
    Environment,
    Foerster,
    Hopping,
    bruggeman,
    effective_index,
    film_decay,
    film_lifetimes,
    foerster_radius,
    hopping_mobility,
    hopping_rate,
    humidity_loss,
    loss_rate,
    maxwell_garnett,
    network,
    oxygen_loss,
    packing,
    relative_dose,
    retained,
    retained_behind,
    scale_extinction,
    spectral_overlap,
    static_permittivity,
    steady_populations,
    thermal_loss,
    time_to,
    transfer_rates,
    ultraviolet_loss,
)
from peqled.nanocrystal import (
    FWHM_PER_SIGMA,
    AbsorptionShape,
    DotModel,
    area,
    class_absorption,
    class_photoluminescence,
    ensemble_decay,
    normal_ensemble,
    photon_energy,
    quantum_yield,
)

NM = 1.0e-9
HOUR = 3600.0
BULK = 2.256 + 0.279j  # CsPbBr3 at 517 nm, 10.1557/s43579-024-00576-x
RADIATIVE, TRAP = 1.0 / 25.75e-9, 1.0e8
TIME = jnp.linspace(0.0, 100.0e-9, 201)

# --- mixing ---------------------------------------------------------------------------------------------------------


@given(
    n1=st.floats(1.0, 4.0),
    k1=st.floats(0.0, 3.0),
    n2=st.floats(0.05, 3.0),
    k2=st.floats(0.0, 7.0),
    fill=st.floats(0, 1),
)
@settings(deadline=None, max_examples=60)
def test_bruggeman_satisfies_its_equation_and_is_passive(n1, k1, n2, k2, fill):
    """Any two passive media, metals included: the root obeys the defining equation to rounding and does not amplify."""
    one, two = complex(n1, k1) ** 2, complex(n2, k2) ** 2
    mixed = complex(bruggeman(one, two, fill))
    residual = fill * (one - mixed) * (two + 2 * mixed) + (1 - fill) * (two - mixed) * (one + 2 * mixed)
    assert abs(residual) < 1e-11 * (abs(one) + abs(two) + abs(mixed)) ** 2
    assert mixed.imag >= -1e-11 * abs(mixed)


def test_bruggeman_has_the_maxwell_garnett_limits():
    """To first order in a small share both rules agree, with either medium as the host: difference of order share²."""
    one, two, share = BULK**2, 1.46**2, 1.0e-5
    assert complex(bruggeman(one, two, share)) == pytest.approx(complex(maxwell_garnett(one, two, share)), abs=1e-9)
    assert complex(bruggeman(one, two, 1 - share)) == pytest.approx(complex(maxwell_garnett(two, one, share)), abs=1e-9)
    assert complex(bruggeman(one, two, 0.0)) == pytest.approx(two, abs=1e-13)
    assert complex(bruggeman(one, two, 1.0)) == pytest.approx(one, abs=1e-13)


@pytest.mark.parametrize(("gap", "index", "separate"), [(3.0, 1.81, 1.80), (2.0, 1.91, 1.89), (1.0, 2.05, 2.04)])
def test_optics_2_10_film_index(gap, index, separate):
    """Bulk CsPbBr3 at 517 nm, edge 10 nm, ligand n 1.46: values of the optics reference, section 2.10, two decimals."""
    fill = packing(jnp.array([10.0 * NM]), jnp.ones(1), gap=gap * NM).fill_factor
    assert float(effective_index(jnp.asarray(BULK), 1.46, fill).real) == pytest.approx(index, abs=0.006)
    mixed = maxwell_garnett(BULK**2, 1.46**2, fill)
    assert float(jnp.sqrt(mixed).real) == pytest.approx(separate, abs=0.006)


def test_static_permittivity_of_the_film():
    """Dots of 20 in ligand of 2.3 at share 0.46: 5.7 and 7.6 (device reference, section 3), two digits."""
    value = static_permittivity(core=20.0, ligand=2.3, fill=0.46)
    assert float(value.separate) == pytest.approx(5.7, abs=0.05)
    assert float(value.symmetric) == pytest.approx(7.6, abs=0.05)


def test_bulk_index_is_shifted_and_scaled():
    """A linear table stays linear: n(E - shift) exactly. Scaling puts the mean k on its target and leaves n alone."""
    wavelength = jnp.linspace(450.0, 600.0, 11) * NM
    energy = np.linspace(1.5, 3.5, 5)
    bulk = BulkIndex.from_wavelength(photon_energy(energy), 2.0 + 0.1 * energy + 0.05j * energy)
    source = photon_energy(wavelength) - 0.05
    moved = bulk.at(source)
    np.testing.assert_allclose(moved, 2.0 + 0.1 * source + 0.05j * source, rtol=1e-13)
    emission = jnp.exp(-0.5 * ((wavelength / NM - 515.0) / 8.0) ** 2)
    scaled, factor = scale_extinction(moved, emission, 0.04)
    assert float((scaled.imag * emission).sum() / emission.sum()) == pytest.approx(0.04, rel=1e-12)
    np.testing.assert_array_equal(scaled.real, moved.real)
    np.testing.assert_allclose(scaled.imag, factor * moved.imag, rtol=1e-13)
    assert not bool(bulk.covers(jnp.asarray(3.6)))


# --- packing, hopping -----------------------------------------------------------------------------------------------


def test_packing_of_the_default_film():
    """Edge 8.5 nm, gap 2.5 nm: N = D⁻³ = 7.5e17 per cm3, share 0.46, 1.5e18 states per band (device reference, 3)."""
    film = packing(jnp.array([8.5 * NM]), jnp.ones(1), gap=2.5 * NM)
    assert float(film.centre_distance) / NM == pytest.approx(11.0)
    assert float(film.number_density) == pytest.approx(7.5e23, rel=5e-3)
    assert float(film.fill_factor) == pytest.approx(0.46, abs=2e-3)
    assert float(film.site_density) == pytest.approx(1.5e24, rel=5e-3)


@given(edge=st.floats(3.0, 20.0), gap=st.floats(0.5, 4.0), spread=st.floats(0.01, 0.3))
@settings(deadline=None, max_examples=30)
def test_packing_ties_its_numbers(edge, gap, spread):
    """For any ensemble: N D³ = 1, sites 2N, share = N <L³> below one and at least that of the mean size (convexity)."""
    edges = jnp.linspace(0.3, 1.7, 15) * edge * NM
    number = normal_ensemble(edges, mean=edge * NM, variation=spread)
    film = packing(edges, number, gap=gap * NM)
    assert float(film.number_density * film.centre_distance**3) == pytest.approx(1.0, rel=1e-12)
    assert float(film.site_density / film.number_density) == pytest.approx(2.0, rel=1e-12)
    assert (edge / (edge + gap)) ** 3 * (1.0 - 1e-9) <= float(film.fill_factor) < 1.0


def test_hopping_mobility():
    """6 μ kT/(q D²) = 6e7 1/s at 5e-4 cm2/Vs and 11 nm (device reference, section 4); ν falls by e over 1/β of gap."""
    rate = float(hopping_rate(5e-8, distance=11.0 * NM, temperature=298.0))
    assert rate == pytest.approx(6.4e7, rel=0.01)
    assert float(hopping_mobility(rate, distance=11.0 * NM, temperature=298.0)) / 5e-8 == pytest.approx(1.0, rel=1e-12)
    law = Hopping()
    assert float(law.rate(2.5 * NM + 1.0 / law.decay) / law.rate(2.5 * NM)) == pytest.approx(np.exp(-1.0))


# --- energy transfer ------------------------------------------------------------------------------------------------

EDGE = jnp.linspace(4.0, 16.0, 49) * NM
NUMBER = normal_ensemble(EDGE, mean=9.0 * NM, variation=0.15)


@jax.jit
def rates_of(gap, radius):
    return transfer_rates(EDGE, NUMBER, gap=gap, dots=DotModel(), foerster=Foerster(radius=radius))


def make_network(transfer, traps):
    return network(transfer, radiative_rate=RADIATIVE, traps=traps, trap_rate=TRAP)


def test_transfer_of_two_classes():
    """No traps, rates k12 and k21, generation G1 and G2. Exact: p1 = [G1 (k_r + k21) + G2 k21]/[k_r (k_r + k12 + k21)]
    and the same with 1 and 2 exchanged. Diagonal transfer changes nothing. Tolerance rounding.
    """
    k12, k21, made = 3e7, 5e6, jnp.array([0.7, 0.3])
    rates = make_network(jnp.array([[1e7, k12], [k21, 2e7]]), jnp.zeros(2))
    population = steady_populations(rates, rates.share * made).sum(axis=0)
    scale = RADIATIVE * (RADIATIVE + k12 + k21)
    expected = [
        (made[0] * (RADIATIVE + k21) + made[1] * k21) / scale,
        (made[1] * (RADIATIVE + k12) + made[0] * k12) / scale,
    ]
    np.testing.assert_allclose(population, expected, rtol=1e-12)


def test_transfer_obeys_detailed_balance():
    """x_i exp(-E_i/kT) K_ij is symmetric for every pair; tolerance rounding of the largest element."""
    rate = rates_of(2.5 * NM, 8.0 * NM)
    energy = DotModel().emission_energy(EDGE)
    thermal = NUMBER * jnp.exp(-(energy - energy.min()) / (1.380649e-23 * 298.0 / 1.602176634e-19))
    flow = thermal[:, None] * rate
    np.testing.assert_allclose(flow, flow.T, rtol=1e-10, atol=1e-14 * float(flow.max()))


def test_fast_transfer_reaches_the_boltzmann_distribution():
    """With R0 so large that transfer outruns decay a thousand times and more, p_i goes to x_i exp(-E_i/kT)/Z."""
    rate = rates_of(2.5 * NM, 60.0 * NM)
    rates = make_network(rate, jnp.zeros(EDGE.size))
    population = steady_populations(rates, rates.share * NUMBER * EDGE**2.9)
    energy = DotModel().emission_energy(EDGE)
    thermal = NUMBER * jnp.exp(-energy / (1.380649e-23 * 298.0 / 1.602176634e-19))
    shares = population.sum(axis=0) / population.sum()
    np.testing.assert_allclose(shares, thermal / thermal.sum(), atol=2e-4)


def test_transfer_conserves_excitons():
    """With traps: light and loss together equal generation, Σ p_im (k_r + m k_t) = Σ G, to rounding."""
    rate = rates_of(2.0 * NM, 8.0 * NM)
    rates = make_network(rate, 1.2 * (EDGE / EDGE.mean()) ** 2)
    generation = rates.share * NUMBER
    population = steady_populations(rates, generation)
    assert float((population * rates.loss[:, None]).sum()) == pytest.approx(float(generation.sum()), rel=1e-12)


def test_isolated_dots_are_recovered():
    """Without transfer the film is the solution: PLQY and decay of the Poisson trap model, which are closed forms. The
    integrator's second-order error at steps of 0.25 ns is below 1e-4 of the initial intensity.
    """
    traps = jnp.linspace(0.2, 2.0, EDGE.size)
    rates = make_network(jnp.zeros((EDGE.size, EDGE.size)), traps)
    generation = rates.share * NUMBER
    light = RADIATIVE * steady_populations(rates, generation).sum()
    exact = (NUMBER * quantum_yield(radiative_rate=RADIATIVE, traps=traps, trap_rate=TRAP)).sum()
    assert float(light) == pytest.approx(float(exact), rel=1e-12)
    curve = ensemble_decay(TIME, share=NUMBER, radiative_rate=RADIATIVE, traps=traps, trap_rate=TRAP)
    np.testing.assert_allclose(film_decay(TIME, rates, generation), curve, atol=1e-4)


def test_film_decay_against_the_full_matrix():
    """Two classes with 0.6 and 1.5 traps, all (trap number, class) states written out and propagated by the matrix
    exponential (scipy): curve to 1e-4, lifetimes ∫p dt/p0 and ∫t p dt/∫p dt from matrix inverses to 1e-10.
    """
    rates = make_network(jnp.array([[1e7, 6e7], [2e7, 3e7]]), jnp.array([0.6, 1.5]))
    generation = rates.share * jnp.array([0.4, 0.6])
    transfer, share, loss = (np.asarray(value) for value in (rates.transfer, rates.share, rates.loss))
    gain = np.einsum("ij,nj->nji", transfer, share)  # into state (n, j) from any dot of class i
    matrix = np.repeat(gain[:, :, None, :], loss.size, axis=2).reshape(2 * loss.size, 2 * loss.size)
    matrix -= np.diag((loss[:, None] + transfer.sum(axis=1)).reshape(-1))
    start = np.asarray(generation).reshape(-1)
    exact = [(expm(matrix * float(time)) @ start).sum() for time in TIME[::50]]
    decay = film_decay(TIME, rates, generation)
    np.testing.assert_allclose(decay[::50], exact, atol=1e-4)
    first = -np.linalg.solve(matrix, start)
    second = -np.linalg.solve(matrix, first)
    lifetimes = film_lifetimes(TIME, decay, rates, generation)
    assert float(lifetimes.amplitude) / first.sum() == pytest.approx(1.0, rel=1e-10)
    assert float(lifetimes.intensity) * first.sum() / second.sum() == pytest.approx(1.0, rel=1e-10)


def test_film_decay_is_of_second_order():
    """One class, one trap on average: halving the step cuts the largest error against the closed form by four (3-5)."""
    errors = []
    for count in (41, 81):
        time = jnp.linspace(0.0, 80.0e-9, count)
        rates = make_network(jnp.zeros((1, 1)), jnp.ones(1))
        exact = jnp.exp(-RADIATIVE * time + jnp.expm1(-TRAP * time))
        errors.append(float(jnp.abs(film_decay(time, rates, rates.share) - exact).max()))
    assert 3.0 < errors[0] / errors[1] < 5.0


def test_spectral_overlap_against_quadrature():
    """Emission at 2.41 eV, absorbers from 80 meV below to 80 meV above: the closed form takes the slow powers of E at
    the donor, an error of order (width/E)² x exponents for the line and (width/E) for its flank; 2 % of the largest.
    """
    shape, donor, width = AbsorptionShape(), 2.41, 0.072
    sigma = width / FWHM_PER_SIGMA
    closed, exact = [], []
    for edge in (2.33, 2.41, 2.45, 2.49):
        value, _ = quad(
            lambda e, edge=edge: (
                float(shape(e, edge, width))
                * np.exp(-0.5 * ((e - donor) / sigma) ** 2)
                / (sigma * np.sqrt(2 * np.pi))
                / e**4
            ),
            2.1,
            2.8,
            limit=200,
        )
        exact.append(value)
        closed.append(float(spectral_overlap(donor, width, edge, width, shape)))
    np.testing.assert_allclose(closed, exact, atol=0.02 * max(exact))


def test_foerster_radius_from_the_dots_own_spectra():
    """R0 of 10 nm dots from their own emission and cross-section at n 1.82 falls in the range of the parameter book,
    6.4-10 nm: a consistency check of two independent estimates, not a precise value.
    """
    wavelength = jnp.linspace(400.0, 650.0, 1001) * NM
    one, edge = jnp.ones(1), jnp.array([10.0 * NM])
    emission = class_photoluminescence(edge, one, wavelength, model=DotModel())
    section = class_absorption(edge, one, wavelength, model=DotModel())
    overlap = area(wavelength, emission * section * wavelength**4)
    radius = foerster_radius(overlap_area=overlap, refractive_index=1.82)
    assert 6.4 < float(radius) / NM < 10.0


# --- ageing ---------------------------------------------------------------------------------------------------------

MODEL = Ageing()


def test_ageing_of_the_paper():
    """80 % RH in air for 16 h: 90 % left; with 365 nm as well: 60 % (10.1002/advs.202304696). Rates kept to five
    digits.
    """
    humid, lamp = Environment(), Environment(ultraviolet=1.0)
    assert float(retained(16 * HOUR, MODEL, humid)) == pytest.approx(0.90, abs=1e-5)
    assert float(retained(16 * HOUR, MODEL, lamp)) == pytest.approx(0.60, abs=1e-5)
    assert float(time_to(0.5, MODEL, humid)) / HOUR == pytest.approx(105.0, abs=0.5)
    assert float(time_to(0.5, MODEL, lamp)) / HOUR == pytest.approx(22.0, abs=0.5)


@given(irradiance=st.floats(0.1, 10.0), factor=st.floats(0.2, 5.0), hours=st.floats(0.1, 50.0))
@settings(deadline=None, max_examples=30)
def test_ageing_reciprocity(irradiance, factor, hours):
    """At order one the ultraviolet loss depends on the dose alone; at order p, on irradiance^p x time."""
    for order in (1.0, 0.7):
        model = Ageing(irradiance_order=order)
        once = ultraviolet_loss(model, Environment(ultraviolet=irradiance)) * hours
        other = ultraviolet_loss(model, Environment(ultraviolet=irradiance * factor)) * hours / factor**order
        assert float(other) == pytest.approx(float(once), rel=1e-12)


def test_ageing_switches():
    """No oxygen: no ultraviolet loss. Dark or dry: no humidity loss. 0.6 eV and +10 K near 298 K: a factor 2.1."""
    assert float(loss_rate(MODEL, Environment(oxygen=0.0, ultraviolet=5.0))) == 0.0
    assert float(humidity_loss(MODEL, Environment(light=0.0))) == 0.0
    assert float(humidity_loss(MODEL, Environment(humidity=0.0))) == 0.0
    assert float(time_to(0.9, MODEL, Environment(humidity=0.0))) == np.inf
    ratio = humidity_loss(MODEL, Environment(temperature=308.0)) / humidity_loss(MODEL, Environment())
    assert float(ratio) == pytest.approx(2.1, abs=0.05)


def test_ageing_solves_its_equation():
    """d ln I/dt equals minus the rate at any time: the derivative by jax against the law, to rounding."""
    environment = Environment(humidity=0.55, ultraviolet=0.4, temperature=310.0)
    value, slope = jax.jvp(lambda time: retained(time, MODEL, environment), (5e4,), (1.0,))
    assert float(slope / value) / float(-loss_rate(MODEL, environment)) == pytest.approx(1.0, rel=1e-12)


def test_ageing_channels_are_separate():
    """Oxygen needs light but no humidity, temperature needs neither; the rates of all channels add up."""
    model = Ageing(oxygen_rate=1e-6, thermal_rate=2e-7, thermal_activation=1.0)
    dry = Environment(humidity=0.0, temperature=318.0)
    assert float(loss_rate(model, dry)) == pytest.approx(1e-6 + float(thermal_loss(model, dry)), rel=1e-12)
    dark = Environment(humidity=0.0, light=0.0, oxygen=0.0, temperature=318.0)
    assert float(loss_rate(model, dark)) == float(thermal_loss(model, dark)) > 0
    factor = np.exp(1.602176634e-19 / 1.380649e-23 * (1 / 298.0 - 1 / 318.0))
    assert float(thermal_loss(model, dark)) == pytest.approx(2e-7 * factor, rel=1e-3)
    parts = (humidity_loss, ultraviolet_loss, oxygen_loss, thermal_loss)
    humid = Environment(ultraviolet=0.7, temperature=303.0)
    assert float(loss_rate(model, humid)) == pytest.approx(sum(float(p(model, humid)) for p in parts), rel=1e-12)


def test_photobrightening_passes_a_maximum():
    """(1 + b [1 - e^-rt]) e^-kt: its maximum lies at t = ln[b (r + k)/(k (1 + b))]/r."""
    model = Ageing(brightening=0.2, brightening_rate=1e-3)
    loss = float(loss_rate(model, Environment()))
    top = np.log(0.2 * (1e-3 + loss) / (loss * 1.2)) / 1e-3
    times = jnp.array([0.9 * top, top, 1.1 * top])
    values = retained(times, model, Environment())
    assert float(values[1]) > max(float(values[0]), float(values[2])) > 1.1
    np.testing.assert_array_equal(retained(times, model, Environment(light=0.0)), 1.0)


def test_a_barrier_delays_the_loss():
    """Linear in the humidity, no ultraviolet: behind a barrier without getter the lost logarithm is that of
    k h^m o with h = o = 1 - e^(-t/tau), int (1 - e^-x)^2 dx tau = tau [x - 2 (1 - e^-x) + (1 - e^-2x)/2]; a getter
    shifts it by G/W. Trapezia of 2049 points: 1e-5."""
    barrier = Barrier(transmission=1e-10, getter=1e-5)
    start, lag = float(barrier.breakthrough), float(barrier.lag)
    time = start + lag * jnp.array([0.0, 0.5, 2.0, 6.0])
    x = (time - start) / lag
    exact = float(humidity_loss(MODEL, Environment())) * lag * (x + 2 * jnp.expm1(-x) - 0.5 * jnp.expm1(-2 * x))
    np.testing.assert_allclose(-jnp.log(retained_behind(time, MODEL, Environment(), barrier)), exact, atol=2e-5)
    open_air = Barrier(transmission=1.0, space=1e-9)
    np.testing.assert_allclose(
        retained_behind(jnp.array([0.0, 16 * HOUR]), MODEL, Environment(), open_air), [1.0, 0.9], atol=1e-4
    )


def test_dose_of_a_line_and_of_a_lamp():
    """The reference line itself counts 1; a line where the film absorbs half as much counts half; photons beyond the
    absorption count nothing. A line is a narrow normal curve of 1 nm, on a grid of 0.1 nm."""
    wavelength = jnp.linspace(300e-9, 700e-9, 4001)
    share = jnp.where(wavelength < 400e-9, 0.8, jnp.where(wavelength < 520e-9, 0.4, 0.0))
    film = -jnp.log10(1.0 - share)

    def dose(centre):
        line = jnp.exp(-0.5 * ((wavelength - centre) / 1e-9) ** 2) / (1e-9 * np.sqrt(2 * np.pi))
        return float(relative_dose(wavelength=wavelength, photons=3e20 * line, absorbance=film, reference=3e20))

    assert dose(365e-9) == pytest.approx(1.0, rel=1e-6)
    assert dose(450e-9) == pytest.approx(0.5, rel=1e-6)
    assert dose(600e-9) == 0.0
