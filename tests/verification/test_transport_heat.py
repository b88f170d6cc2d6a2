"""Self-heating against closed forms of electrothermal feedback, and against isothermal solutions."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from peqled.transport import Contact, Device, Layer, MeshOptions, small_signal, solve_at_current, solve_jv

KELVIN = 1.380649e-23 / 1.602176634e-19  # eV/K
ACTIVATION, AMBIENT, LENGTH = 0.3, 300.0, 1e-6
MESH = MeshOptions(cells_per_layer=127, even_share=0.5)


def warm_layer(*, resistance, heated=True):
    """1 um of electrons only, mobility activated by 0.3 eV, ohmic contacts."""
    layer = Layer(
        thickness=LENGTH,
        eps_r=3.0,
        affinity=3.0,
        ionisation=7.0,
        sites_n=1e26,
        sites_p=1e26,
        mobility_n=1e-8,
        mobility_p=1e-8,
        degeneracy=0.0,
        activation_n=ACTIVATION,
    )
    ends = Contact(work_function=3.0)
    return Device(
        (layer,), (), ends, ends, temperature=AMBIENT, thermal_resistance=resistance, heated=heated, left_is_anode=False
    )


def test_transport_heat_is_the_isothermal_solution_at_its_own_temperature():
    """J(V) of the heated device equals that of a cold one put at T = T_0 + R_th J V by hand; 1e-9."""
    resistance = 1e-4
    voltages = jnp.array([10.0, 20.0, 30.0, 40.0, 50.0, 60.0])
    sweep = solve_jv(warm_layer(resistance=resistance), voltages, mesh_options=MESH)
    assert bool(sweep.converged.all()), sweep.messages
    rise = np.asarray(sweep.temperature) - AMBIENT
    np.testing.assert_allclose(rise, resistance * np.asarray(sweep.current * sweep.voltage), rtol=1e-6)
    assert rise[-1] > 5.0
    placed = eqx.tree_at(lambda d: d.temperature, warm_layer(resistance=0.0, heated=False), sweep.temperature[-1])
    alone = solve_jv(placed, voltages, mesh_options=MESH)
    assert float(sweep.current[-1]) == pytest.approx(float(alone.current[-1]), rel=1e-9)


def test_transport_heat_turns_the_voltage_over_at_the_known_temperature():
    """Driven by current, V peaks where E_a (T - T_0)/(k T^2) = 1, whatever power law J follows (Fischer et al., Phys.
    Rev. Lett. 110, 126601 (2013), 10.1103/PhysRevLett.110.126601): 331.6 K here. Diffusion (1/160 of the drift at
    100 V) and the current grid leave 3 % of the rise."""
    currents = jnp.asarray(np.geomspace(500.0, 5000.0, 21))
    sweep = solve_at_current(warm_layer(resistance=2e-4), currents, voltage_limit=200.0, rungs=100, mesh_options=MESH)
    assert bool(sweep.converged.all()), sweep.messages
    voltage, temperature = np.asarray(sweep.voltage), np.asarray(sweep.temperature)
    top = int(np.argmax(voltage))
    assert 0 < top < len(voltage) - 1
    bend = np.polyfit(np.log(np.asarray(currents)[top - 1 : top + 2]), voltage[top - 1 : top + 2], 2)
    at = np.interp(-bend[1] / (2 * bend[0]), np.log(np.asarray(currents)), temperature)
    ratio = 4 * KELVIN * AMBIENT / ACTIVATION
    turnover = ACTIVATION / (2 * KELVIN) * (1 - np.sqrt(1 - ratio))
    assert at - AMBIENT == pytest.approx(turnover - AMBIENT, rel=3e-2)


def test_transport_heat_says_when_it_runs_away():
    """Above the turnover no steady state exists at a fixed voltage: a status with its remedy, no number to believe."""
    sweep = solve_jv(warm_layer(resistance=2e-4), jnp.array([10.0, 20.0, 40.0, 100.0, 150.0, 200.0]), mesh_options=MESH)
    assert bool(sweep.converged[0])
    assert not bool(sweep.converged[-1])
    assert "by current" in sweep.messages[-1]


def test_transport_heat_has_a_derivative():
    """dJ/dR_th through the implicit function theorem against a central difference."""
    voltages = jnp.array([10.0, 20.0, 30.0, 40.0, 50.0, 60.0])

    def current(resistance):
        return solve_jv(warm_layer(resistance=resistance), voltages, mesh_options=MESH).current[-1]

    slope = jax.jvp(current, (jnp.asarray(2e-5),), (jnp.asarray(1.0),))[1]
    step = 1e-8
    assert float(slope) == pytest.approx(float(current(2e-5 + step) - current(2e-5 - step)) / (2 * step), rel=1e-5)


def test_transport_heat_refuses_small_signals():
    """The temperature's own response in time is not modelled: said so."""
    with pytest.raises(ValueError, match="heated"):
        small_signal(warm_layer(resistance=1e-5), 1.0, jnp.array([1.0]))
