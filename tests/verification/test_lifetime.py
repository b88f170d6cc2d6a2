"""The local rate law against its closed forms in a uniform film (lifetime reference, section 2)."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import least_squares

from peqled.lifetime.damage import Damage, arrhenius
from peqled.lifetime.exponential import phi
from peqled.lifetime.extrapolation import acceleration_exponent, local_exponent, power_law, power_law_range
from peqled.lifetime.frozen import Fresh, life_at
from peqled.lifetime.operation import fresh, operate, rest, time_to
from peqled.lifetime.uniform_film import UniformFilm

RADIATIVE, NONRADIATIVE, QUENCH = 3.7e7, 2e6, 1e-15
LOSS = RADIATIVE + NONRADIATIVE
CHARGE, EPS0 = 1.602176634e-19, 8.8541878128e-12
CAPTURE = CHARGE * 2e-7 / (6.0 * EPS0)
"""gamma_L of 1e-3 cm2/Vs for either carrier and a permittivity of 6, m^3/s."""
ANCHOR = 1e4 / 80.8 / (CHARGE * 20e-9)
"""Pair rate at 10000 cd/m2: 80.8 cd/A in 20 nm, 1/(m^3 s)."""
HOUR = 3600.0


def coefficients(**given) -> Damage:
    zero = dict.fromkeys(("exciton", "polaron", "exciton_polaron", "exciton_exciton", "healing"), 0.0)
    values = zero | {"quench_coefficient": QUENCH, "activation_energy": 0.5, "reference_temperature": 298.15} | given
    return Damage(**{name: jnp.asarray(value) for name, value in values.items()})


def film_at(pair_rate: float, temperature: float = 298.15) -> UniformFilm:
    return UniformFilm(*map(jnp.asarray, (pair_rate, RADIATIVE, NONRADIATIVE, CAPTURE, temperature)))


def age(damage: Damage, pair_rate: float, *, temperature: float = 298.15, start=None, **options):
    film = film_at(pair_rate, temperature)
    state = fresh(1) if start is None else start
    return operate(lambda defects: film.solve(damage, defects), damage, state, **options)


def initial_loss(mechanism: str, coefficient: float, pair_rate: float) -> float:
    """D = k_Q/k times the growth of the fresh film."""
    excitons, carriers = pair_rate / LOSS, np.sqrt(pair_rate / CAPTURE)
    growth = {
        "polaron": carriers,
        "exciton": excitons,
        "exciton_polaron": excitons * carriers,
        "exciton_exciton": excitons**2,
        "ion_loss": pair_rate,
        "ligand_loss": 1.0,
    }
    return QUENCH / LOSS * coefficient * growth[mechanism]


MECHANISMS = [
    ("polaron", 1.5e-3, 0, 0.5),
    ("exciton", 1.82e-2, 1, 1.0),
    ("exciton_polaron", 2.28e-24, 1, 1.5),
    ("exciton_exciton", 2.86e-23, 2, 2.0),
    ("ion_loss", 4.7e-10, 0, 1.0),
    ("ligand_loss", 1.2e19, 0, 0.0),
]
"""Mechanism, coefficient, order in the excitons, exponent n."""


def test_no_damage_leaves_the_luminance_constant():
    decay = age(coefficients(), ANCHOR)
    assert not decay.finished
    assert time_to(decay, 0.5) == np.inf
    np.testing.assert_array_equal(decay.luminance, 1.0)


@pytest.mark.parametrize(("mechanism", "coefficient", "order", "exponent"), MECHANISMS)
def test_each_mechanism_alone_follows_its_closed_form(mechanism, coefficient, order, exponent):
    """T_x = [x^-(p+1) - 1]/[(p+1) D] at x = 0.95, 0.8 and 0.5; the fourth-order error at 5 % steps is below 1e-6."""
    decay = age(coefficients(**{mechanism: coefficient}), ANCHOR, shares=(0.95, 0.8, 0.5))
    rate = initial_loss(mechanism, coefficient, ANCHOR)
    for share in (0.95, 0.8, 0.5):
        exact = (share ** -(order + 1) - 1) / ((order + 1) * rate)
        assert time_to(decay, share) / exact == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(("mechanism", "coefficient", "order", "exponent"), MECHANISMS)
def test_each_mechanism_alone_has_its_exponent(mechanism, coefficient, order, exponent):
    """R ~ L0: carriers ~ L0^0.5, excitons and crossing charges ~ L0, hence n = 0.5, 1, 1.5, 2; ligands know no L0."""
    rates = ANCHOR * np.array([0.01, 0.1, 1.0])
    lifetimes = np.array([time_to(age(coefficients(**{mechanism: coefficient}), rate), 0.5) for rate in rates])
    assert acceleration_exponent(rates, lifetimes) == pytest.approx(exponent, abs=1e-5)
    np.testing.assert_allclose(local_exponent(rates, lifetimes), exponent, atol=1e-5)


def stretched_exponent(decay) -> float:
    """Least squares of ln(L/L0) = -(t/tau)^beta over L/L0 > 0.5 on a logarithmic time grid."""
    time = np.geomspace(1e-3 * decay.time[-1], decay.time[-1], 60)
    depth = np.interp(time, decay.time, -np.log(decay.luminance))
    fit = least_squares(lambda q: (time / np.exp(q[0])) ** q[1] - depth, [np.log(2 * decay.time[-1]), 0.8])
    return float(fit.x[1])


TABLE = [
    ({"polaron": 1.5e-3}, 0.86, 19.0, 2.85, 9.0),
    ({"exciton": 1.82e-2}, 0.74, 28.0, 9.0, 90.0),
    ({"exciton_polaron": 2.28e-24}, 0.74, 28.0, 28.5, 900.0),
    ({"exciton_polaron": 1.58e-24, "exciton_exciton": 8.53e-24}, 0.70, 32.0, 35.9, 1240.0),
    ({"exciton": 7.2e-3, "exciton_exciton": 1.7e-23}, 0.67, 36.0, 19.7, 223.0),
    ({"exciton_exciton": 2.86e-23}, 0.64, 42.0, 90.0, 9000.0),
]
"""Coefficients (SI), beta, T50/T95, T50 at 1000 and 100 cd/m2 in hours: lifetime reference, table of section 2."""


@pytest.mark.parametrize(("given", "beta", "ratio", "at_1000", "at_100"), TABLE)
def test_table_of_the_reference(given, beta, ratio, at_1000, at_100):
    """Every row: T50 = 54 min at 10000 cd/m2 and the four columns, to the digits printed (2 % of the lifetimes); beta
    moves by 0.01 with the ends of the time grid, which the table does not state."""
    runs = [age(coefficients(**given), ANCHOR * level, shares=(0.95, 0.5), drop=0.01) for level in (1.0, 0.1, 0.01)]
    t50 = [time_to(run, 0.5) / HOUR for run in runs]
    assert t50[0] == pytest.approx(0.9, rel=0.02)
    assert stretched_exponent(runs[0]) == pytest.approx(beta, abs=0.015)
    assert time_to(runs[0], 0.5) / time_to(runs[0], 0.95) == pytest.approx(ratio, abs=0.6)
    assert t50[1] == pytest.approx(at_1000, rel=0.02)
    assert t50[2] == pytest.approx(at_100, rel=0.02)


def test_mixed_damage_bends_the_power_law():
    """0.6 XP + 0.4 XX of the rate at 10000 cd/m2: n between 1.5 and 2 and lower at low luminance (reference: 1.53 to
    1.68), so that the power law from 10000 cd/m2 holds over a limited range and overestimates T50(100)."""
    damage = coefficients(exciton_polaron=1.58e-24, exciton_exciton=8.53e-24)
    levels = np.array([1e2, 3e2, 1e3, 3e3, 1e4, 3e4])
    lifetimes = np.array([time_to(age(damage, ANCHOR * level / 1e4), 0.5) for level in levels])
    low, high = (acceleration_exponent(levels[part], lifetimes[part]) for part in (slice(0, 2), slice(4, 6)))
    assert low == pytest.approx(1.53, abs=0.02)
    assert high == pytest.approx(1.68, abs=0.02)
    span = power_law_range(levels, lifetimes, reference=1e4, exponent=1.7)
    assert 1e2 < span[0] < 1e4 <= span[1]
    with pytest.raises(ValueError, match="both sides"):
        power_law_range(levels, lifetimes, reference=1e6, exponent=1.7)


def test_power_law_range_of_an_exact_law():
    """A law of n = 1.7 compared with n = 1.7 + d leaves 10 % where |d ln(L/L_ref)| = ln 1.1; a grid of 1 % in L."""
    levels = np.geomspace(1e2, 1e4, 40)
    low, high = power_law_range(levels, levels**-1.7, reference=1e3, exponent=1.75)
    assert low == pytest.approx(1e3 * 1.1 ** (-1 / 0.05), rel=0.02)
    assert high == pytest.approx(1e3 * 1.1 ** (1 / 0.05), rel=0.02)


def test_step_size_independence():
    """T50 of the mixture at steps of 5 % against steps of 0.6 %: 1e-4 is asked for, fourth order gives 1e-7."""
    damage = coefficients(exciton_polaron=1.58e-24, exciton_exciton=8.53e-24)
    coarse, fine = (time_to(age(damage, ANCHOR, drop=drop), 0.5) for drop in (0.05, 0.006))
    assert coarse / fine == pytest.approx(1.0, abs=1e-6)


def test_the_integrator_is_of_fourth_order():
    """Q of exciton damage after a fixed time, in one, two and four steps: the error falls by about 16 each time."""
    damage, errors = coefficients(exciton=1.82e-2), []
    rate = initial_loss("exciton", 1.82e-2, ANCHOR)
    end = 1.0 / rate
    for steps in (1, 2, 4):
        state = fresh(1)._replace(step=end / steps)
        for _ in range(steps):  # one step at a time: a drop that never binds
            decay = age(damage, ANCHOR, start=state, drop=10.0, longest=state.time + end / steps, shares=(1e-3,))
            state = decay.state._replace(step=end / steps)
        exact = LOSS / QUENCH * (np.sqrt(1.0 + 2.0 * rate * end) - 1.0)
        errors.append(abs(float(state.defects[0, 0]) / exact - 1.0))
    assert 10.0 < errors[0] / errors[1] < 26.0
    assert 10.0 < errors[1] / errors[2] < 26.0


def test_restart_from_a_saved_state():
    """Stopped at 80 % and taken up again: every later point is the same number."""
    damage = coefficients(exciton_polaron=1.58e-24, exciton_exciton=8.53e-24)
    whole = age(damage, ANCHOR, shares=(0.8, 0.5))
    first = age(damage, ANCHOR, shares=(0.8,))
    second = age(damage, ANCHOR, start=first.state, shares=(0.5,))
    np.testing.assert_array_equal(second.time, whole.time[first.time.size - 1 :])
    np.testing.assert_array_equal(second.luminance, whole.luminance[first.time.size - 1 :])


def test_dose_reciprocity_holds_without_heat_and_fails_with_it():
    """Exciton damage: J T50 is constant. With T = T_0 + r J the dose falls by s(T) of each current, exactly."""
    damage, rates = coefficients(exciton=1.82e-2), ANCHOR * np.array([0.1, 1.0, 10.0])
    dose = np.array([rate * time_to(age(damage, rate), 0.5) for rate in rates])
    np.testing.assert_allclose(dose, dose[0], rtol=1e-5)
    warm = 298.15 + 2.0 * rates / ANCHOR
    hot = [rate * time_to(age(damage, rate, temperature=T), 0.5) for rate, T in zip(rates, warm, strict=True)]
    factors = [float(arrhenius(damage, T)) for T in warm]
    np.testing.assert_allclose(hot, dose[0] / factors, rtol=1e-5)
    assert hot[2] < 0.4 * dose[0]


def test_healing_follows_its_closed_form():
    """Polaron damage is the same at all times, hence Q = g/k_heal (1 - e^-kt): the exponential scheme has no error, at
    any step, also where k_heal times the step is 50."""
    for healing in (1e-4, 1.0):
        damage = coefficients(polaron=3.0, healing=healing)
        decay = age(damage, ANCHOR, longest=50.0 / healing, shares=(1e-9,))
        growth = 3.0 * np.sqrt(ANCHOR / CAPTURE)
        exact = growth / healing * -np.expm1(-healing * decay.time)
        np.testing.assert_allclose(decay.damage[:, 0], exact, rtol=1e-9)


def test_healing_stops_the_decay():
    """dQ/dt = a N - k_heal Q has a fixed point: the luminance settles and T50 is infinite."""
    decay = age(coefficients(exciton=1.8e-2, healing=1.0), ANCHOR)
    assert not decay.finished
    balance = decay.defects[0] - 1.8e-2 * decay.excitons[-1, 0] / 1.0
    assert abs(balance) < 1e-6 * decay.defects[0]


def test_phi_functions_against_quadrature():
    """phi_j(z) = int_0^1 e^((1-s) z) s^(j-1)/(j-1)! ds for small and large -z."""
    for z in (0.0, -1e-8, -0.3, -0.999, -1.001, -7.0, -300.0):
        exact = [
            quad(lambda s, z=z, j=j: np.exp((1 - s) * z) * s ** (j - 1) / (1, 1, 2)[j - 1], 0, 1, points=[0.99])[0]
            for j in (1, 2, 3)
        ]
        np.testing.assert_allclose(phi(np.array(z)), exact, rtol=1e-9)


def test_a_rest_in_the_dark_heals():
    """Q e^-kt, and g (1 - e^-kt)/k of ligands that leave meanwhile."""
    damage = coefficients(healing=2e-3, ligand_loss=1e18)
    state = rest(damage, fresh(1)._replace(defects=np.full((1, 1), 5e21)), 700.0, temperature=298.15)
    exact = 5e21 * np.exp(-1.4) + 1e18 / 2e-3 * -np.expm1(-1.4)
    assert state.defects[0, 0] == pytest.approx(exact, rel=1e-12)
    assert state.time == 700.0


def test_duty_without_healing_counts_the_time_on():
    """A pulsed device ages by its time on: T50 of a duty of 25 % is four times that of direct current."""
    damage = coefficients(exciton_exciton=2.86e-23)
    direct, pulsed = (time_to(age(damage, ANCHOR, duty=duty), 0.5) for duty in (1.0, 0.25))
    assert pulsed / direct == pytest.approx(4.0, rel=1e-6)


def test_slow_cycles_tend_to_the_mean_of_fast_pulses():
    """On and off in turn, with healing: the shorter the period against 1/k_heal, the nearer to the averaged law."""
    damage = coefficients(exciton=1.82e-2, healing=1e-4)
    end, errors = 4000.0, []
    mean = age(damage, ANCHOR, duty=0.5, longest=end, shares=(0.01,)).defects[0]
    for cycles in (5, 20):
        state, part = fresh(1), end / cycles / 2
        for _ in range(cycles):
            state = age(damage, ANCHOR, start=state, longest=state.time + part, shares=(0.01,)).state
            state = rest(damage, state, part, temperature=298.15)
        errors.append(abs(state.defects[0, 0] / mean - 1.0))
    assert errors[1] < 0.3 * errors[0] < 0.03


def test_a_reversible_pool_gives_back_its_light():
    """A pool filled beforehand empties in operation: the luminance rises to 1 + k_Q R_0/k of its start and stays."""
    pools = coefficients(healing=jnp.array([[0.0], [1e-2]]))
    filled = fresh(1, pools=2)
    filled.defects[1] = 0.3 * LOSS / QUENCH
    decay = age(pools, ANCHOR, start=filled, longest=1e4, shares=(0.5,))
    assert decay.luminance[-1] == pytest.approx(1.3, rel=1e-9)
    between = 1.3 / (1.0 + 0.3 * np.exp(-1e-2 * decay.time))
    np.testing.assert_allclose(decay.luminance, between, rtol=1e-9)


def test_temperature_shortens_life_by_arrhenius():
    warm = age(coefficients(exciton=1.8e-2), ANCHOR, temperature=308.15)
    cold = age(coefficients(exciton=1.8e-2), ANCHOR)
    factor = float(arrhenius(coefficients(), 308.15))
    assert factor == pytest.approx(np.exp(0.5 / 8.617333262e-5 * (1 / 298.15 - 1 / 308.15)))
    assert time_to(cold, 0.5) / time_to(warm, 0.5) == pytest.approx(factor, rel=1e-5)


def test_power_law_of_the_paper():
    """54 min at 10000 cd/m2 and n = 1.7 give 2261 h at 100 cd/m2."""
    assert power_law(0.9, luminance=1e4, target=100.0, exponent=1.7) == pytest.approx(2261, abs=1)
    with pytest.raises(ValueError, match="two finite lifetimes"):
        acceleration_exponent(np.array([1.0, 2.0]), np.array([1.0, np.inf]))


# --- lifetimes of the frozen device


def uniform_fresh(rates: np.ndarray, *, nodes: int = 3) -> Fresh:
    excitons = np.repeat(rates[:, None] / LOSS, nodes, axis=1)
    carriers = np.repeat(np.sqrt(rates / CAPTURE)[:, None], nodes, axis=1)
    crossing = np.repeat(rates[:, None], nodes, axis=1)
    weight, loss = np.ones(nodes), np.full(rates.shape, LOSS)
    return Fresh(*map(jnp.asarray, (excitons, carriers, crossing, weight, loss, 298.15)))


@pytest.mark.parametrize(("mechanism", "coefficient", "order", "exponent"), MECHANISMS)
def test_frozen_device_is_exact_in_a_uniform_film(mechanism, coefficient, order, exponent):
    rates = ANCHOR * np.array([0.01, 1.0])
    exact = [(2.0 ** (order + 1) - 1) / ((order + 1) * initial_loss(mechanism, coefficient, rate)) for rate in rates]
    found = life_at(uniform_fresh(rates), coefficients(**{mechanism: coefficient}))
    np.testing.assert_allclose(found, exact, rtol=1e-5)


def test_frozen_device_of_two_regions():
    """Half of the light from a region that ages ten times as fast as the other: T50 from the closed form of either
    region, L(t) = [(1 + 2 D t)^-1/2 + (1 + 20 D t)^-1/2]/2, by root finding."""
    from scipy.optimize import brentq

    base = uniform_fresh(np.array([ANCHOR]), nodes=2)
    coefficient = jnp.array([1.82e-2, 1.82e-1])
    damage = eqx.tree_at(lambda d: d.exciton, coefficients(), coefficient)
    rate = initial_loss("exciton", 1.82e-2, ANCHOR)
    light = lambda t: 0.5 * ((1 + 2 * rate * t) ** -0.5 + (1 + 20 * rate * t) ** -0.5) - 0.5  # noqa: E731
    assert float(life_at(base, damage)[0]) == pytest.approx(brentq(light, 0, 10 / rate), rel=1e-5)


def test_frozen_device_without_damage_lives_for_ever():
    assert np.isinf(life_at(uniform_fresh(np.array([ANCHOR])), coefficients())).all()
