"""Ageing of the drift-diffusion device: what must hold whatever the parameters, on the bundled recipe's device."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest

from peqled.lifetime.frozen import fresh_at, life_at
from peqled.lifetime.mixtures import Known, mixtures, weighted_interval
from peqled.lifetime.operation import time_to
from peqled.lifetime.stage import Operation, age, current_at, damage_of, start_of
from peqled.parameters import parameters_of
from peqled.recipe import load_recipe
from peqled.twin import evaluate

ANCHOR = np.array([1e4])


@pytest.fixture(scope="module")
def parameters():
    return parameters_of(load_recipe("otac-otam")).with_structure(error_checks=False)


@pytest.fixture(scope="module")
def results(parameters):
    return evaluate(parameters, until="led", skip=("batch",))


@pytest.fixture(scope="module")
def run(parameters, results):
    """A run at the current of 10000 cd/m2, with changed parameters and options."""
    current = current_at(results["led"], ANCHOR)[0]

    def go(changes=None, *, damage=None, **options):
        own = parameters.replace(changes or {})
        return age(own, results["led"], damage or damage_of(own), current, **options)

    return go


def test_no_damage_no_change(parameters, run):
    """Without any coefficient L and V stay where they are."""
    names = ("exciton", "polaron", "exciton_polaron", "exciton_exciton")
    none = eqx.tree_at(lambda d: [getattr(d, name) for name in names], damage_of(parameters), [jnp.zeros(())] * 4)
    decay = run(damage=none)
    assert not decay.finished
    np.testing.assert_allclose(decay.luminance, 1.0, rtol=1e-12)
    np.testing.assert_allclose(decay.voltage, decay.voltage[0], rtol=1e-12)


def test_step_size_independence(run):
    """T95 and T50 at steps of 5 % against steps of 2 %: 1e-4."""
    coarse, fine = run(), run(drop=0.02)
    for share in (0.95, 0.5):
        assert time_to(coarse, share) / time_to(fine, share) == pytest.approx(1.0, abs=1e-4)


def test_restart_gives_the_same_trajectory(run):
    """Stopped at 80 % and taken up from its state: the times of the straight run, up to the guess of Newton's method
    (1e-6)."""
    whole, first = run(shares=(0.8, 0.5)), run(shares=(0.8,))
    second = run(start=first.state, shares=(0.5,))
    np.testing.assert_allclose(second.time, whole.time[first.time.size - 1 :], rtol=1e-6)
    np.testing.assert_allclose(second.luminance, whole.luminance[first.time.size - 1 :], rtol=1e-6)


def test_time_stretches_with_the_coefficients(parameters, run):
    """All coefficients twice as large: the same curve in half the time, exactly."""
    damage = damage_of(parameters)
    twice = eqx.tree_at(
        lambda d: (d.exciton_polaron, d.exciton_exciton),
        damage,
        (2 * damage.exciton_polaron, 2 * damage.exciton_exciton),
    )
    assert time_to(run(damage=twice), 0.5) / time_to(run(), 0.5) == pytest.approx(0.5, rel=1e-5)


def test_temperature_rises_by_the_heat_that_is_left(parameters, results, run):
    """T - T_amb = R_th A (J V - E_ph flux), with the photons that leave taken from the EQE of the sweep (1 %)."""
    decay, led = run(shares=(0.9,)), results["led"]
    efficiency = np.interp(decay.current[0], led.sweep.current, np.nan_to_num(led.operation.eqe))
    photon = 2.398  # eV, device reference section 8
    power = decay.current[0] * (decay.voltage[0] - efficiency * photon)
    rise = float(parameters["thermal.resistance"] * parameters["device.area"]) * power
    assert decay.temperature[0] - float(parameters["device.temperature"]) == pytest.approx(rise, rel=0.01)


def test_defects_of_either_sign_move_the_voltage_apart(run):
    """The field of few fixed charges adds to that of the device: the part of dV odd in the charge outweighs the even
    one, and without charge the voltage moves less than with either."""
    shift = {
        z: np.subtract(*run({"degradation.charge_per_defect": z}, shares=(0.8,)).voltage[[-1, 0]])
        for z in (-0.02, 0.0, 0.02)
    }
    odd, even = 0.5 * (shift[0.02] - shift[-0.02]), 0.5 * (shift[0.02] + shift[-0.02]) - shift[0.0]
    assert abs(odd) > 5 * abs(even)
    assert abs(shift[0.0]) < max(abs(shift[-0.02]), abs(shift[0.02]))


def test_slowed_carriers_raise_the_voltage_and_traps_take_light(run):
    """At constant current a lower mobility needs more voltage; electron traps give pairs another way out."""
    plain = run(shares=(0.8,))
    slow = run({"degradation.slowing_volume": 1e-23}, shares=(0.8,))
    assert slow.voltage[-1] - slow.voltage[0] > plain.voltage[-1] - plain.voltage[0] + 1e-3
    trapped = run({"degradation.traps_per_defect": 1.0}, shares=(0.8,))
    assert time_to(trapped, 0.8) < time_to(plain, 0.8)


def test_constant_voltage_keeps_the_voltage(run):
    """With slowed carriers the current falls, and the light with it, faster than at constant current."""
    changes = {"degradation.slowing_volume": 1e-23}
    kept = run(changes, operation=Operation(constant_current=False), shares=(0.8,))
    np.testing.assert_allclose(kept.voltage, kept.voltage[0], rtol=1e-9)
    assert kept.current[-1] < 0.99 * kept.current[0]
    assert time_to(kept, 0.8) < time_to(run(changes, shares=(0.8,)), 0.8)


def test_a_filled_reversible_pool_lets_the_luminance_rise(parameters, results, run):
    decay = run({"degradation.initial_reversible": 1e22, "degradation.reversible_healing": 1.0})
    assert decay.luminance.max() > 1.05
    assert decay.finished
    assert start_of(parameters, results["led"]).defects.max() == 0.0


def test_a_pulsed_device_is_cooler_and_ages_by_its_time_on(run):
    """Duty of 10 %: T50 of ten times the direct one, longer by the heat that is missing (s(T) of 0.5 K, 3 %)."""
    ratio = time_to(run(operation=Operation(duty=0.1)), 0.5) / time_to(run(), 0.5)
    assert 10.0 < ratio < 10.6


def test_frozen_device_is_near_the_full_run(parameters, results, run):
    """Frozen zones and carriers shorten or lengthen T50 by tens of per cent, not by factors."""
    frozen = float(life_at(fresh_at(results["led"], ANCHOR), damage_of(parameters))[0])
    assert frozen / time_to(run(), 0.5) == pytest.approx(1.0, abs=0.3)


def test_mixtures_meet_what_is_known(parameters, results):
    """Every mixture has the known T50, but those that never lose half of the light (ions taken from the last dots
    alone); the weighted exponents lie around the known one where the device allows it."""
    levels = np.array([1e2, 1e3, 1e4])
    known = Known(1e4, 3240.0, 1e3, 1.5, 0.05)
    found = mixtures(results["led"], damage_of(parameters), known, levels, samples=512)
    ages = np.isfinite(found.t50[:, 2])
    assert ages.mean() > 0.9
    np.testing.assert_allclose(found.t50[ages, 2], 3240.0, rtol=1e-12)
    low, high = weighted_interval(found.exponent, found.weight)
    assert 1.36 < low < high < 1.64  # 1.645 u either side, and a tail of the prior
    np.testing.assert_allclose(found.shares.sum(axis=1), 1.0)


def test_weighted_interval_of_equal_weights():
    """Even numbers from 0 to 1: the 90 % interval is 0.05 to 0.95."""
    low, high = weighted_interval(np.linspace(0, 1, 2001), np.ones(2001))
    assert (low, high) == pytest.approx((0.05, 0.95), abs=1e-3)
