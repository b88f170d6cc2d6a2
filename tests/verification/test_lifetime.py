"""The local rate law against its closed forms in a uniform film (lifetime reference, section 2)."""

import jax.numpy as jnp
import numpy as np
import pytest

from peqled.lifetime.damage import Damage, arrhenius
from peqled.lifetime.extrapolation import acceleration_exponent, power_law
from peqled.lifetime.operation import operate, time_to
from peqled.lifetime.uniform_film import UniformFilm

RADIATIVE, NONRADIATIVE, CAPTURE, QUENCH = 3.7e7, 2e6, 6e-16, 1e-15


def coefficients(**given: float) -> Damage:
    zero = dict.fromkeys(("exciton", "polaron", "exciton_polaron", "exciton_exciton", "healing"), 0.0)
    values = zero | {"quench_coefficient": QUENCH, "activation_energy": 0.5, "reference_temperature": 298.15} | given
    return Damage(**{name: jnp.asarray(value) for name, value in values.items()})


def age(damage: Damage, pair_rate: float, *, drop: float = 0.04, temperature: float = 298.15):
    film = UniformFilm(*map(jnp.asarray, (pair_rate, RADIATIVE, NONRADIATIVE, CAPTURE, temperature)))
    return operate(lambda defects: film.solve(damage, defects), damage, cells=1, drop=drop)


def test_no_damage_leaves_the_luminance_constant():
    decay = age(coefficients(), 3.9e28)
    assert not decay.finished
    assert time_to(decay, 0.5) == np.inf
    np.testing.assert_array_equal(decay.luminance, 1.0)


def test_exciton_damage_follows_its_closed_form():
    """T50 = 1.5 k^2/(k_Q a R); Heun's error at 4 % steps is below 1e-3 and falls with the square of the step."""
    rate, loss = 3.9e28, RADIATIVE + NONRADIATIVE
    exact = 1.5 * loss**2 / (QUENCH * 1.8e-2 * rate)
    errors = [
        abs(time_to(age(coefficients(exciton=1.8e-2), rate, drop=drop), 0.5) / exact - 1) for drop in (0.04, 0.02)
    ]
    assert errors[0] < 1e-3
    assert np.log2(errors[0] / errors[1]) > 1.7


@pytest.mark.parametrize(
    ("mechanism", "coefficient", "exponent"),
    [
        ("polaron", 1.5e-3, 0.5),
        ("exciton", 1.8e-2, 1.0),
        ("exciton_polaron", 2.3e-24, 1.5),
        ("exciton_exciton", 2.9e-23, 2.0),
    ],
)
def test_each_mechanism_alone_has_its_exponent(mechanism, coefficient, exponent):
    """R ~ L0: carriers ~ L0^0.5 and excitons ~ L0, hence n = 0.5, 1, 1.5, 2 exactly."""
    rates = np.array([3.9e26, 3.9e27, 3.9e28])
    lifetimes = np.array([time_to(age(coefficients(**{mechanism: coefficient}), rate), 0.5) for rate in rates])
    assert acceleration_exponent(rates, lifetimes) == pytest.approx(exponent, abs=1e-3)


def test_mixed_damage_bends_the_power_law():
    """0.6 XP + 0.4 XX of the rate at 10000 cd/m2: n between 1.5 and 2 and lower at low luminance (reference: 1.53 to
    1.68)."""
    damage = coefficients(exciton_polaron=1.58e-24, exciton_exciton=8.53e-24)
    rates = 3.87e28 * np.array([0.01, 0.03, 1.0, 3.0])
    lifetimes = np.array([time_to(age(damage, rate), 0.5) for rate in rates])
    low, high = (acceleration_exponent(rates[part], lifetimes[part]) for part in (slice(0, 2), slice(2, 4)))
    assert low == pytest.approx(1.53, abs=0.02)
    assert high == pytest.approx(1.68, abs=0.02)
    assert lifetimes[2] == pytest.approx(54 * 60, rel=0.03)


def test_healing_stops_the_decay():
    """dQ/dt = a N - k_heal Q has a fixed point: the luminance settles and T50 is infinite."""
    decay = age(coefficients(exciton=1.8e-2, healing=1.0), 3.9e28)
    assert not decay.finished


def test_temperature_shortens_life_by_arrhenius():
    warm = age(coefficients(exciton=1.8e-2), 3.9e28, temperature=308.15)
    cold = age(coefficients(exciton=1.8e-2), 3.9e28)
    factor = float(arrhenius(coefficients(), 308.15))
    assert factor == pytest.approx(np.exp(0.5 / 8.617333262e-5 * (1 / 298.15 - 1 / 308.15)))
    assert time_to(cold, 0.5) / time_to(warm, 0.5) == pytest.approx(factor, rel=1e-3)


def test_power_law_of_the_paper():
    """54 min at 10000 cd/m2 and n = 1.7 give 2261 h at 100 cd/m2."""
    assert power_law(0.9, luminance=1e4, target=100.0, exponent=1.7) == pytest.approx(2261, abs=1)
    with pytest.raises(ValueError, match="two finite lifetimes"):
        acceleration_exponent(np.array([1.0, 2.0]), np.array([1.0, np.inf]))
