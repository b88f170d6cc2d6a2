"""The device of the default recipe: its level offsets keep Boltzmann codes from ever converging with the mesh."""

import jax.numpy as jnp
import numpy as np
import pytest

from peqled.led.operation import BEST_SHUNT, faint
from peqled.led.stage import device_of
from peqled.numerics.mesh import MeshOptions
from peqled.parameters import parameters_of
from peqled.recipe import load_recipe
from peqled.transport import solve_jv
from peqled.twin import evaluate

VOLTAGES = np.array([1.0, 1.5, 2.0, 2.4, 2.8, 3.2, 3.6, 4.0, 4.3, 4.6, 5.0, 6.0])


@pytest.fixture(scope="module")
def sweep():
    """The mesh that a result is read on, the nested one of the default, and its own nested mesh."""
    parameters = parameters_of(load_recipe("otac-otam"))
    results = evaluate(parameters, until="optics")
    device = device_of(parameters, results["film"].film, results["optics"])
    return solve_jv(device, jnp.asarray(VOLTAGES), mesh_options=MeshOptions().refined(), mesh_error=True)


def test_transport_default_device_converges_with_the_mesh(sweep):
    """J changes by less than 0.1 % when the mesh of the result (1016 nodes) doubles, at every bias from 2 V on; below,
    where J falls to 1e-19 A/m2, by less than 0.01 %: no noise, no pile-up of carriers beyond the sites."""
    assert bool(sweep.converged.all()), sweep.messages
    change = np.asarray(3.0 * sweep.mesh_error / sweep.current, dtype=float)
    assert np.all(change[VOLTAGES >= 2.0] < 1e-3), change
    assert np.all(change[VOLTAGES < 2.0] < 1e-4), change
    assert np.all(np.diff(np.asarray(sweep.current)) > 0.0)


def test_transport_default_device_says_what_limits_small_currents(sweep):
    """The best shunt of the book passes V/1000 Ohm m2, more than this device up to 2 V and less than it from 2.4 V on:
    the words name the last such voltage, and there are none for a sweep without such points."""
    points = np.stack([np.asarray(values) for values in (sweep.voltage, sweep.current, sweep.mesh_error)])
    small = points[1] < points[0] / BEST_SHUNT
    assert points[0][small].max() == 2.0
    words = faint(*points)
    assert words is not None
    assert "up to 2.00 V" in words
    assert "shunt" in words
    assert float(words.split("mesh error at most ")[1].split("%")[0]) <= 0.01
    assert faint(*points[:, ~small]) is None
