"""Interfaces, excitons, current drive and derivatives of the transport solver against independent answers."""

from dataclasses import replace

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_bvp

from peqled.transport import (
    Constants,
    Contact,
    Device,
    Exciton,
    Interface,
    Ion,
    Layer,
    MeshOptions,
    Trap,
    Tunnel,
    solve_at_current,
    solve_jv,
)
from peqled.transport.recombination import interface_trapping, shockley_read_hall
from peqled.transport.tunnel import transmission

CONSTANTS = Constants()
THERMAL = 1.380649e-23 * 300.0 / 1.602176634e-19
SITES = 1e26
SMALL = MeshOptions(cells_per_layer=47, first_cell=5e-11)


def electron_junction():
    """Electrons only: 50 nm of eps 3 and 50 nm of eps 7, a step of 0.15 eV up between them, ohmic contacts at 3 eV."""
    layers = tuple(
        Layer(
            thickness=50e-9,
            eps_r=eps,
            affinity=chi,
            ionisation=6.5,
            sites_n=SITES,
            sites_p=SITES,
            mobility_n=mu,
            mobility_p=mu,
            degeneracy=0.0,
        )
        for eps, chi, mu in ((3.0, 3.0, 1e-8), (7.0, 2.85, 1e-7))
    )
    contact = Contact(work_function=3.0)
    return Device(layers=layers, interfaces=(Interface(),), left=contact, right=contact, left_is_anode=False)


def junction_boundary_problem(voltage, position, psi, field, density, current):
    """J (A/m2) of the same junction by collocation: psi/kT, D and ln n in both layers, the flux as a parameter."""
    q, eps0, length, unit = 1.602176634e-19, 8.8541878128e-12, 50e-9, 1e21
    eps, mu, step = (3 * eps0, 7 * eps0), (1e-8, 1e-7), -0.15 / THERMAL

    def equations(_, y, p):
        out = []
        for i in (0, 1):
            slope, n = -y[3 * i + 1] * 1e-2 / eps[i] / THERMAL, SITES * np.exp(y[3 * i + 2])
            flux = np.exp(p[0]) * unit
            out += [length * slope, -length * q * n / 1e-2, length * (slope - flux / (mu[i] * THERMAL * n))]
        return np.array(out)

    def ends(a, b, p):
        left, right = SITES * np.exp(b[2]), SITES * np.exp(a[5])
        law_a = 1e3 * (left * -step / np.expm1(-step) - right * step / np.expm1(step))
        contact = (a[0], a[2], b[3] - voltage / THERMAL, b[5] - step)
        return np.array([*contact, b[0] - a[3], b[1] - a[4], law_a / np.exp(p[0]) / unit - 1])

    half = position.size // 2
    t = position[:half] / length
    columns = [psi / THERMAL, field * np.repeat(eps, half) / 1e-2, np.log(density / SITES)]
    start = np.array(
        [c[:half] for c in columns] + [np.interp(t, position[half:] / length - 1, c[half:]) for c in columns]
    )
    guess = [np.log(current / q / unit)]
    solution = solve_bvp(equations, ends, t, start, p=guess, tol=1e-7, max_nodes=50000)
    assert solution.success
    return np.exp(solution.p[0]) * unit * q


def test_transport_interface_against_a_boundary_value_problem():
    """Space-charge-limited electrons over a 0.15 eV step with transfer law A, eps 3 to 7. Independent answer: SciPy's
    collocation of the continuous equations (start profile from the solver, tolerance 1e-7). Extrapolated mesh: 1e-5."""
    voltages = jnp.array([0.5, 1.0, 2.0, 3.0, 4.0, 6.0])
    mesh = MeshOptions(cells_per_layer=255, even_share=0.5)
    sweep = solve_jv(electron_junction(), voltages, mesh_options=mesh, mesh_error=True)
    for i in (1, 3, 5):
        seen = jax.tree.map(lambda v: np.asarray(v[i]), sweep.at.profiles)  # noqa: B023
        answer = junction_boundary_problem(
            float(voltages[i]),
            np.asarray(sweep.position),
            seen.psi - seen.psi[0],
            seen.field,
            seen.n,
            float(sweep.current[i]),
        )
        assert float(sweep.extrapolated[i]) == pytest.approx(answer, rel=1e-5)


def led(**circuit):
    """Hole layer, thin insulator, dots with excitons, electron layer; every law switched on."""
    exciton = Exciton(
        share=0.9,
        radiative=4e7,
        nonradiative=2e6,
        diffusivity=1e-9,
        dots=7e23,
        auger_n=4e9,
        auger_p=3e9,
        annihilation=1e-15,
        attempt=1e8,
        overlap_field=2e8,
        ionisation_rate=1e8,
        quench_right=1e-2,
        purcell=(1.1, 1.3),
        outcoupled=(0.2, 0.3),
    )
    common = {"langevin": 1.0, "poole_frenkel_n": 1e-4, "poole_frenkel_p": 1e-4}
    levels = ((2.3, 5.2, 1e27, 1e-11, 5e-8), (3.4, 5.5, 1.5e24, 5e-8, 5e-8), (3.1, 6.2, 1e27, 1e-7, 1e-11))
    extra = ({}, {"exciton": exciton, "trap": Trap(density=1e21, level=4.5, charge=-1.0)}, {"polarisation": 5e-4})
    layers = tuple(
        Layer(
            thickness=20e-9,
            eps_r=eps,
            affinity=chi,
            ionisation=ip,
            sites_n=sites,
            sites_p=sites,
            mobility_n=mu_n,
            mobility_p=mu_p,
            **common,
            **more,
        )
        for eps, (chi, ip, sites, mu_n, mu_p), more in zip((3.2, 7.0, 3.0), levels, extra, strict=True)
    )
    insulator = Tunnel(thickness=0.6e-9)
    junction = Interface(trap=Trap(density=1e14, level=4.4), sheet_charge=1e-4)
    interfaces = (Interface(velocity_n=1e4, velocity_p=1e4, tunnel=insulator, thermionic=True), junction)
    contacts = {"left": Contact(work_function=5.1, velocity_n=1e2), "right": Contact(work_function=2.95)}
    return Device(layers=layers, interfaces=interfaces, **contacts, **circuit)


def test_transport_mirrored_device_carries_the_same_current():
    """The same LED with its layers reversed and the cathode on the left: nothing but signs may change, to rounding."""
    device = led()
    turned = eqx.tree_at(lambda d: d.layers[2].polarisation, device, -device.layers[2].polarisation)
    exciton = device.layers[1].exciton
    swap = (exciton.quench_right, exciton.quench_left, exciton.purcell[::-1], exciton.outcoupled[::-1])

    def faces(device):
        exciton = device.layers[1].exciton
        return exciton.quench_left, exciton.quench_right, exciton.purcell, exciton.outcoupled

    turned = eqx.tree_at(faces, turned, swap)
    turned = Device(turned.layers[::-1], turned.interfaces[::-1], device.right, device.left, left_is_anode=False)
    voltages = jnp.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    one, other = (solve_jv(d, voltages, mesh_options=SMALL) for d in (device, turned))
    assert bool(one.converged.all() & other.converged.all())
    np.testing.assert_allclose(other.current, one.current, rtol=1e-9)
    np.testing.assert_allclose(other.photon_flux, one.photon_flux, rtol=1e-9)
    assert float(one.current[0]) == 0.0
    assert np.asarray(one.at.certificates.power)[2:].max() < 1e-9


def test_transport_current_drive_inverts_the_sweep():
    """With series and shunt resistance: the voltage found at the current of a sweep point is that of the sweep."""
    device = led(series_resistance=1e-3, shunt_resistance=1e3)
    voltages = jnp.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    sweep = solve_jv(device, voltages, mesh_options=SMALL)
    back = solve_at_current(device, sweep.current[2:], voltage_limit=8.0, mesh_options=SMALL)
    assert bool(back.converged.all())
    np.testing.assert_allclose(back.voltage, voltages[2:], rtol=1e-9)
    np.testing.assert_allclose(back.photon_flux, sweep.photon_flux[2:], rtol=1e-8)
    beyond = solve_at_current(device, jnp.full(4, 1e12), voltage_limit=8.0, mesh_options=SMALL)
    assert "voltage_limit" in beyond.messages[0]


LEAVES = {
    "thickness": (lambda d: d.layers[1].thickness, 1e-4),
    "ionisation": (lambda d: d.layers[1].ionisation, 1e-6),
    "temperature": (lambda d: d.temperature, 1e-5),
    "insulator": (lambda d: d.interfaces[0].tunnel.thickness, 1e-4),
    "polarisation": (lambda d: d.layers[2].polarisation, 1e-3),
    "trap": (lambda d: d.interfaces[1].trap.density, 1e-3),
    "diffusivity": (lambda d: d.layers[1].exciton.diffusivity, 1e-3),
    "series resistance": (lambda d: d.series_resistance, 1e-3),
}


@pytest.mark.parametrize("name", LEAVES)
def test_transport_B11_gradients_are_central_differences(name):
    """Implicit derivatives of ln J and ln(photons) at 3, 4, 5 V against fourth-order central differences; 1e-6 of the
    larger of the derivative and 1 % change per parameter unit (rounding of the differences)."""
    leaf, step = LEAVES[name]
    device = led(series_resistance=1e-3)
    value = leaf(device)

    def outputs(device):
        sweep = solve_jv(device, jnp.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0]), mesh_options=SMALL)
        return jnp.log(jnp.stack([sweep.current[3:], sweep.photon_flux[3:]]))

    tangent = eqx.tree_at(leaf, jax.tree.map(jnp.zeros_like, device), value)
    exact = np.asarray(jax.jvp(outputs, (device,), (tangent,))[1])
    at = [np.asarray(outputs(eqx.tree_at(leaf, device, value * (1 + i * step)))) for i in (-2, -1, 1, 2)]
    difference = (at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * step)
    np.testing.assert_allclose(exact, difference, rtol=1e-6, atol=1e-8)


def test_transport_B11_one_backward_pass_gives_the_gradient_to_all_inputs():
    """With mobile ions too: w J t from the backward pass and from the forward one, for a direction t in which every
    number of the device that is not zero or infinite changes; 1e-9, the rounding of the linear solves."""
    ion = Ion(density=[0.0, 1e22, 0.0], mobility=[0.0, 1e-15, 0.0], charge=1, region=(-1, 0, -1))
    device = replace(led(series_resistance=1e-3), ions=(ion,))
    weights = jnp.array([0.3, -1.0])

    def output(device):
        sweep = solve_jv(device, jnp.array([1.0, 2.0, 3.0, 4.0]), mesh_options=SMALL)
        return jnp.log(sweep.current[2:]) @ weights

    leaves, tree = jax.tree.flatten(device)
    draws = np.random.default_rng(5).normal(size=len(leaves))
    some = [jnp.where(jnp.isfinite(leaf), leaf * draw, 0.0) for leaf, draw in zip(leaves, draws, strict=True)]
    along = jax.tree.unflatten(tree, some)
    forward = float(jax.jvp(output, (device,), (along,))[1])
    slopes = jax.tree.leaves(jax.grad(output)(device))
    backward = sum(float(jnp.vdot(slope, change)) for slope, change in zip(slopes, some, strict=True))
    assert backward == pytest.approx(forward, rel=1e-9)


def test_transport_exciton_diffusion_profile():
    """Flat quasi-Fermi levels (blocking minority contacts) make excitons evenly; one face quenches. Exact: X = G tau
    [1 - A cosh(x/L)], A = s/(s cosh(d/L) + (D/L) sinh(d/L)). Levels are flat to 4e-5; tolerance 2e-4."""
    rate, diffusivity, speed, thickness = 1e8, 1e-6, 20.0, 300e-9
    layer = Layer(
        thickness=thickness,
        eps_r=25.0,
        affinity=3.9,
        ionisation=5.5,
        sites_n=1e24,
        sites_p=1e24,
        mobility_n=1e-4,
        mobility_p=1e-4,
        degeneracy=0.0,
        direct=1e-16,
        exciton=Exciton(
            share=1.0, radiative=rate, nonradiative=0.0, diffusivity=diffusivity, quench_right=speed, trion_ratio=1.0
        ),
    )
    left = Contact(work_function=3.9, velocity_p=0.0)
    right = Contact(work_function=5.5, velocity_n=0.0)
    device = Device(layers=(layer,), interfaces=(), left=left, right=right, left_is_anode=False)
    voltages = jnp.array([0.5, 0.6, 0.7, 0.8, 0.85, 0.9])
    sweep = solve_jv(device, voltages, mesh_options=MeshOptions(cells_per_layer=255))
    made = 1e-16 * 1e48 * np.exp(-1.6 / THERMAL) * np.expm1(np.asarray(voltages) / THERMAL)
    length = np.sqrt(diffusivity / rate)
    ratio = thickness / length
    share = speed / (speed * np.cosh(ratio) + diffusivity / length * np.sinh(ratio))
    shape = 1.0 - share * np.cosh(np.asarray(sweep.position) / length)
    np.testing.assert_allclose(sweep.at.profiles.excitons[0], made[0] / rate * shape, rtol=2e-4)
    surface = np.asarray(sweep.at.excitons.surface)[:, 0] / np.asarray(sweep.at.pairs.capture)[:, 0]
    np.testing.assert_allclose(surface, share * length / thickness * np.sinh(ratio), rtol=2e-4)


@pytest.mark.parametrize(
    ("barrier", "drop", "expected"), [(2.0, 0.0, 1.10e-8), (1.0, 0.0, 2.35e-6), (1.5, 1.0, 1.38e-7)]
)
def test_transport_transmission_of_2_nm(barrier, drop, expected):
    """WKB through 2 nm at 0.4 electron masses: square 2 eV, square 1 eV, trapezoid 2 to 1 eV (computed by hand)."""
    tunnel = Tunnel(thickness=2e-9, mass=0.4)
    passed = transmission(tunnel, barrier=jnp.array(barrier), drop=jnp.array(drop), constants=CONSTANTS)
    assert float(passed) == pytest.approx(expected, rel=5e-3)


def test_transport_interface_traps_between_equal_nodes_are_bulk_traps():
    """Two nodes in equilibrium act as one bulk point of twice the densities: Shockley-Read-Hall, exact."""
    trap = Trap(density=1e14, level=4.5, capture_n=2e-14, capture_p=5e-15)
    n, p, n1, p1, split = 1e21, 3e20, 1e15, 2e16, 40.0
    found = interface_trapping(
        trap, n=(n, n), p=(p, p), n1=(n1, n1), p1=(p1, p1), delta_n=0.0, delta_p=0.0, split=[[split] * 2] * 2
    )
    bulk = shockley_read_hall(trap, n=2 * n, p=2 * p, n1=2 * n1, p1=2 * p1, split=split)
    assert sum(found.electrons) == pytest.approx(float(bulk.rate), rel=1e-12)
    assert sum(found.holes) == pytest.approx(float(bulk.rate), rel=1e-12)
    assert float(found.filled) == pytest.approx(float(bulk.filled), rel=1e-12)
