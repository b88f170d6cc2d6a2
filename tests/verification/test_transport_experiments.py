"""Named measurements: each against a limit that is known without the program."""

import jax.numpy as jnp
import numpy as np
import pytest

from peqled.transport import (
    Contact,
    Device,
    Exciton,
    Ion,
    Layer,
    MeshOptions,
    Steps,
    light_curve,
    pulse,
    scan,
    single_carrier,
    solve_jv,
    space_charge,
)

MESH = MeshOptions(cells_per_layer=63, even_share=0.5)
COARSE = MeshOptions(cells_per_layer=31, even_share=0.5)
EPS0 = 8.8541878128e-12


def ionic_lamp():
    """A bipolar layer with excitons of 25 ns and slow positive ions."""
    layer = Layer(
        thickness=1e-7,
        eps_r=6.0,
        affinity=2.8,
        ionisation=5.4,
        sites_n=1e26,
        sites_p=1e26,
        mobility_n=2e-8,
        mobility_p=1e-8,
        langevin=1.0,
        acceptors=3e22,
        exciton=Exciton(share=1.0, radiative=2e7, nonradiative=2e7, trion_ratio=1.0),
    )
    ion = Ion(density=[3e22], mobility=[1e-14], charge=1, region=(0,))
    return Device((layer,), (), Contact(work_function=5.1), Contact(work_function=3.1), ions=(ion,))


def test_experiment_scan_has_hysteresis_between_its_two_limits():
    """From 2 V to 4 V and back. Slow scans (1e-4 V/s; ions take L^2/(mu V) = 0.3 s) follow the steady curve both ways.
    Fast ones (1e4 V/s) leave the ions where they rested: less the displacement current C_geo dV/dt both ways are alike,
    to the 3e-3 of their time that the ions have. In between the ways differ. Steps of 4e-3 err by less than 1e-3: what
    a slow scan leaves behind dies out before the next reading."""
    device = ionic_lamp()
    setting = {"to": 4.0, "rest": 2.0, "points": 10, "mesh_options": COARSE, "steps": Steps(tolerance=4e-3)}
    slow, middle, fast = (scan(device, rate=r, **setting) for r in (1e-4, 1.0, 1e4))
    assert slow.complete
    assert middle.complete
    assert fast.complete
    steady = np.asarray(solve_jv(device, jnp.asarray(slow.voltage), mesh_options=COARSE).current)
    np.testing.assert_allclose(slow.current_up, steady, rtol=1e-3)
    np.testing.assert_allclose(slow.current_down, steady, rtol=1e-3)
    lit, displacement = slice(4, -1), 6.0 * EPS0 / 1e-7 * 1e4  # the last point is the turn itself
    up, down = fast.current_up[lit] - displacement, fast.current_down[lit] + displacement
    np.testing.assert_allclose(down, up, rtol=5e-3)
    assert np.max(np.abs(up / steady[lit] - 1)) > 5e-2
    assert abs(slow.hysteresis_index) < 1e-3
    assert abs(middle.hysteresis_index) > 10 * abs(slow.hysteresis_index)


def test_experiment_pulse_light_rises_within_the_pulse_and_decays():
    """The light ends where the steady one is; it cannot rise before carriers meet (a tenth of L^2/(mu V)) and falls
    to a tenth no faster than excitons of 25 ns do (57 ns)."""
    device = ionic_lamp()
    found = pulse(device, voltage=4.0, on=3e-6, off=3e-6, points=20, mesh_options=COARSE)
    assert found.complete
    transit = 1e-14 / (3e-8 * 4.0)
    assert 0.1 * transit < found.delay < found.delay + found.rise < 3e-6
    assert 0.9 * np.log(10) * 25e-9 < found.decay < 3e-6


def test_experiment_pulse_refuses_flanks_longer_than_itself():
    with pytest.raises(ValueError, match="flanks"):
        pulse(ionic_lamp(), voltage=4.0, on=1e-9, off=1e-6)


@pytest.mark.parametrize("carrier", ["electron", "hole"])
def test_experiment_space_charge_reads_the_mobility_back(carrier):
    """Without traps, field or disorder: slope to 2 and the Mott-Gurney reading within the diffusion excess, which falls
    as the voltage rises (reference B1: 16 % at 10 V in 100 nm; 1e26 1/m3 at the contacts)."""
    layer = Layer(
        thickness=1e-7,
        eps_r=3.0,
        affinity=3.0,
        ionisation=6.0,
        sites_n=1e26,
        sites_p=1e26,
        mobility_n=1e-8,
        mobility_p=1e-8,
        degeneracy=0.0,
    )
    found = space_charge(layer, carrier, to=10.0, points=12, mesh_options=MeshOptions(even_share=0.5))
    assert found.complete
    assert found.apparent_mobility[-1] == pytest.approx(1.158e-8, rel=5e-3)
    assert 1.7 < found.slope[-2] < 2.0
    excess = found.apparent_mobility / 1e-8 - 1.0
    assert np.all(np.diff(excess) < 0)
    assert single_carrier(layer, carrier).left_is_anode == (carrier == "hole")


def test_experiment_light_reads_the_radiative_limit():
    """Blocked minorities, radiative recombination only: V_oc = E_g - Vt ln(k N_c N_v/G), J_sc = q G L; the fill factor
    lies near Green's empirical one of an ideal diode (Solid-State Electronics 24, 788 (1981)), 1e-2 by the slopes of
    the quasi-Fermi levels."""
    layer = Layer(
        thickness=3e-7,
        eps_r=25.0,
        affinity=3.9,
        ionisation=5.5,
        sites_n=1e24,
        sites_p=1e24,
        mobility_n=1e-4,
        mobility_p=1e-4,
        direct=1e-16,
        degeneracy=0.0,
    )
    cathode = Contact(work_function=3.9, velocity_p=0.0)
    anode = Contact(work_function=5.5, velocity_n=0.0)
    device = Device((layer,), (), cathode, anode, left_is_anode=False)
    found = light_curve(device, generation=1e27, to=1.4, points=15, mesh_options=MESH)
    assert found.complete
    heat = 1.380649e-23 * 300.0 / 1.602176634e-19
    law = 1.6 - heat * np.log(1e-16 * 1e48 / 1e27)
    assert found.open_circuit_voltage == pytest.approx(law, abs=1e-3)
    assert found.short_circuit_current == pytest.approx(1.602176634e-19 * 1e27 * 3e-7, rel=1e-3)
    reduced = law / heat
    assert found.fill_factor == pytest.approx((reduced - np.log(reduced + 0.72)) / (reduced + 1), abs=1e-2)
