"""Drift-diffusion against closed forms, independent numbers and conservation.

Numbers of independent programs come with truncated constants, which the devices are given. Every sweep has six bias
points and a fixed node count, so that devices of equally many layers share compiled code.
"""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.special import beta

from peqled import programs
from peqled.transport import Constants, Contact, Device, Exciton, Interface, Layer, MeshOptions, Trap, Tunnel, solve_jv

TRUNCATED = Constants(q=1.6022e-19, boltzmann=1.3807e-23, eps0=8.8542e-12)
THERMAL = 1.3807e-23 * 300.0 / 1.6022e-19
FINE = MeshOptions(cells_per_layer=511, even_share=0.5)
COARSE = MeshOptions(cells_per_layer=47)


def single_layer(*, contacts, left=(jnp.inf, jnp.inf), right=(jnp.inf, jnp.inf), **layer):
    """One Boltzmann layer between a left cathode and a right anode at 300 K; `contacts` are their work functions."""
    material = Layer(degeneracy=0.0, **layer)
    return Device(
        layers=(material,),
        interfaces=(),
        left=Contact(work_function=contacts[0], velocity_n=left[0], velocity_p=left[1]),
        right=Contact(work_function=contacts[1], velocity_n=right[0], velocity_p=right[1]),
        temperature=300.0,
        constants=TRUNCATED,
        left_is_anode=False,
    )


def electron_only():
    """100 nm, eps_r 3, 1e-8 m2/Vs, electrons at 1e26 1/m3 at both contacts, holes 3 eV away."""
    bands = {"affinity": 3.0, "ionisation": 6.0, "sites_n": 1e26, "sites_p": 1e26}
    return single_layer(
        contacts=(3.0, 3.0), thickness=100e-9, eps_r=3.0, mobility_n=1e-8, mobility_p=1e-8, langevin=0.0, **bands
    )


def diode(velocity, **changes):
    """300 nm, 1.6 eV gap, N 1e24, mu 1e-4, k 1e-16; contacts ideal for majorities, `velocity` for minorities."""
    values = {"direct": 1e-16, "thickness": 300e-9, "eps_r": 25.0, "affinity": 3.9, "ionisation": 5.5}
    values |= {"sites_n": 1e24, "sites_p": 1e24, "mobility_n": 1e-4, "mobility_p": 1e-4} | changes
    return single_layer(contacts=(3.9, 5.5), left=(jnp.inf, velocity), right=(velocity, jnp.inf), **values)


def currents(device, voltages, *, mesh=FINE):
    sweep = solve_jv(device, jnp.asarray(voltages, float), mesh_options=mesh, mesh_error=True)
    assert bool(sweep.converged.all()), sweep.messages
    return np.asarray(sweep.extrapolated), sweep


def test_transport_B1_space_charge_limited_current_with_diffusion():
    """Exact boundary-value problem (two independent codes, 1e-5 with Richardson): J at 0.02, 1, 2, 5, 10 V."""
    found, sweep = currents(electron_only(), [0.02, 0.5, 1.0, 2.0, 5.0, 10.0])
    exact = np.array([5.3384, np.nan, 586.613, 1852.06, 9480.82, 34593.3])
    known = np.isfinite(exact)
    np.testing.assert_allclose(found[known], exact[known], rtol=1e-5)
    assert np.all(np.asarray(sweep.mesh_error)[known] < 1e-3 * exact[known])


def test_transport_B1a_ratio_to_mott_gurney():
    """9/8 eps mu V^2/L^3 is approached from above: 1.963, 1.549, 1.269, 1.158 at 1, 2, 5, 10 V."""
    voltages = np.array([0.02, 0.5, 1.0, 2.0, 5.0, 10.0])
    found, _ = currents(electron_only(), voltages)
    law = 9 / 8 * 3.0 * 8.8542e-12 * 1e-8 * voltages**2 / 100e-9**3
    np.testing.assert_allclose((found / law)[2:], [1.963, 1.549, 1.269, 1.158], atol=1e-3)


def test_transport_B3_parmenter_ruppel_mobility():
    """Bipolar space charge with Langevin recombination, closed form in Beta functions: the reference's numbers."""
    for ratio, reduction, expected in ((1, 1, 1.441012), (10, 1, 1.158069), (1, 0.1, 3.815277), (1, 10, 1.017922)):
        mu_n, mu_p = ratio / (1 + ratio), 1 / (1 + ratio)
        recombination = 0.5 * reduction
        a, b = mu_n / recombination, mu_p / recombination
        effective = 4 / 9 * recombination * a * b * beta(a, b) ** 3 / beta(1.5 * a, 1.5 * b) ** 2
        assert effective == pytest.approx(expected, rel=1e-6)


def test_transport_B3a_bipolar_space_charge():
    """1 um, 2 x 1e-8 m2/Vs, Langevin: J at 50, 100, 200 V of an independent program (5e-3), its ratio to Parmenter and
    Ruppel at V - V_bi falls to 1 from above."""
    layer = {"affinity": 3.6, "ionisation": 4.4, "sites_n": 1e27, "sites_p": 1e27, "eps_r": 3.0, "thickness": 1e-6}
    device = single_layer(contacts=(3.6, 4.4), mobility_n=1e-8, mobility_p=1e-8, langevin=1.0, **layer)
    voltages = np.array([1.0, 5.0, 20.0, 50.0, 100.0, 200.0])
    found, _ = currents(device, voltages)
    np.testing.assert_allclose(found[3:], [2275, 8938, 35341], rtol=5e-3)
    law = 9 / 8 * 3.0 * 8.8542e-12 * 1.441012 * 2e-8 * (voltages - 0.8) ** 2 / 1e-18
    np.testing.assert_allclose((found / law)[3:], [1.091, 1.055, 1.034], rtol=5e-3)


def test_transport_B5_radiative_open_circuit_voltage():
    """Without surface loss V_oc = E_g - Vt ln(k N_c N_v/G) = 1.30236 V for G = 1e27 1/(m3 s); tolerance 1 mV."""
    found, _ = currents(diode(0.0, generation=1e27), [0.5, 1.0, 1.30, 1.302, 1.303, 1.31])
    law = 1.6 - THERMAL * np.log(1e-16 * 1e48 / 1e27)
    assert law == pytest.approx(1.30236, abs=1e-5)
    assert np.interp(0.0, found[2:], [1.30, 1.302, 1.303, 1.31]) == pytest.approx(law, abs=1e-3)


def test_transport_B7_trap_filled_limit():
    """Deep acceptors, 1e23 1/m3 in 100 nm of eps_r 7: the steepest tangent of log J meets the trap-free law near
    q N_t L^2/(2 eps) = 1.293 V; 20 %, since the two regimes overlap at this density."""
    trap = Trap(density=1e23, level=4.0, capture_n=1e-13, capture_p=1e-20, charge=-1.0)
    layer = {"affinity": 3.0, "ionisation": 6.0, "sites_n": 1e26, "sites_p": 1e26, "eps_r": 7.0, "thickness": 1e-7}
    device = single_layer(contacts=(3.0, 3.0), mobility_n=1e-8, mobility_p=1e-8, trap=trap, **layer)
    voltages = np.array([0.3, 0.35, 0.41, 0.48, 0.56, 0.66])
    found, _ = currents(device, voltages)
    slopes = np.diff(np.log(found)) / np.diff(np.log(voltages))
    k = int(np.argmax(slopes))
    middle = np.sqrt(voltages[k] * voltages[k + 1])
    level = 0.5 * (np.log(found[k]) + np.log(found[k + 1])) - slopes[k] * np.log(middle)
    law = np.log(9 / 8 * 7.0 * 8.8542e-12 * 1e-8 / 1e-21)
    assert np.exp((law - level) / (slopes[k] - 2)) == pytest.approx(1.293, rel=0.2)


def test_transport_B4_radiative_diode():
    """J = q L k n_i^2 (exp(V/Vt) - 1) without surface recombination; finite Fermi slopes lower it by 4e-4 at 1 V."""
    voltages = np.array([0.5, 0.6, 0.8, 0.98, 1.0, 1.02])
    found, _ = currents(diode(0.0), voltages)
    law = 1.6022e-19 * 300e-9 * 1e-16 * 1e48 * np.exp(-1.6 / THERMAL) * np.expm1(voltages / THERMAL)
    np.testing.assert_allclose(found, law, rtol=1e-3)
    assert found[4] == pytest.approx(4.00257e-4, rel=1e-4)
    ideality = np.diff(voltages[3:]) / np.diff(np.log(found[3:])) / THERMAL
    np.testing.assert_allclose(ideality, 1.0, atol=2e-3)


def test_transport_B4a_mid_gap_traps():
    """N_t 1e21, E_t 4.7 eV, c 1e-14, no direct loss: J(1 V) = 0.34772 A/m2, ideality 1.790 (two independent codes)."""
    trap = Trap(density=1e21, level=4.7, capture_n=1e-14, capture_p=1e-14)
    found, _ = currents(diode(0.0, direct=0.0, trap=trap), [0.5, 0.6, 0.8, 0.98, 1.0, 1.02])
    assert found[4] == pytest.approx(0.34772, rel=1e-3)
    assert 0.04 / np.log(found[5] / found[3]) / THERMAL == pytest.approx(1.790, abs=5e-3)


def test_transport_B4b_current_rises_with_surface_velocity():
    """J at 1 V: 4.00257e-4, 4.26759e-4, 1.11096e-2 A/m2 for S = 0, 1 m/s, infinite, and monotone in between."""
    voltages = [0.5, 0.6, 0.8, 0.98, 1.0, 1.02]
    velocities = [0.0, 0.1, 1.0, 10.0, 1e3, jnp.inf]
    found = np.array([currents(diode(velocity), voltages)[0][4] for velocity in velocities])
    np.testing.assert_allclose(found[[0, 2, 5]], [4.00257e-4, 4.26759e-4, 1.11096e-2], rtol=1e-3)
    assert np.all(np.diff(found) > 0)


def test_transport_blocking_contacts_pass_what_recombines():
    """Without minority outflow J equals q times the recombination in the layer, to rounding."""
    _, sweep = currents(diode(0.0), [0.5, 0.6, 0.8, 0.98, 1.0, 1.02])
    pairs = np.asarray(sweep.at.pairs.direct + sweep.at.pairs.trapping)[:, 0]
    np.testing.assert_allclose(np.asarray(sweep.current), 1.6022e-19 * pairs, rtol=1e-8)


def test_transport_B11_second_order():
    """Three nested meshes on B1: the error falls by four each time."""
    base = MeshOptions(cells_per_layer=255, even_share=0.5)
    meshes = [base, base.refined()]
    voltages = jnp.asarray([0.02, 0.5, 1.0, 2.0, 5.0, 10.0])
    coarse, middle = (np.asarray(solve_jv(electron_only(), voltages, mesh_options=mesh).current) for mesh in meshes)
    fine = np.asarray(solve_jv(electron_only(), voltages, mesh_options=meshes[1], mesh_error=True).current)
    order = np.log2(np.abs(coarse - middle) / np.abs(middle - fine))
    assert np.all(order[2:] > 1.9), order


FOUR_LAYERS = (
    (3e-8, 3.0, 2.3, 5.25, 1e-11, 1e-7, 1e-17),
    (2.5e-8, 7.0, 3.0, 5.4, 1e-8, 1e-8, 5e-16),
    (2e-8, 3.0, 2.7, 6.2, 5e-9, 1e-11, 1e-17),
    (3e-8, 3.0, 2.9, 6.9, 1e-7, 1e-11, 1e-17),
)


def four_layer_led(degeneracy, *, thermionic=False):
    """Hole transport layer, dots, two electron transport layers; transfer velocity 1e3 m/s at each interface."""
    layers = tuple(
        Layer(
            thickness=d,
            eps_r=eps,
            affinity=chi,
            ionisation=ip,
            sites_n=1e26,
            sites_p=1e26,
            mobility_n=mu_n,
            mobility_p=mu_p,
            direct=k,
            degeneracy=degeneracy,
        )
        for d, eps, chi, ip, mu_n, mu_p, k in FOUR_LAYERS
    )
    return Device(
        layers=layers,
        interfaces=(Interface(thermionic=thermionic),) * 3,
        left=Contact(work_function=5.15),
        right=Contact(work_function=3.0),
        temperature=300.0,
        constants=TRUNCATED,
    )


@pytest.mark.parametrize(
    ("degeneracy", "expected"),
    [
        (0.0, [np.nan, 0.0346542, 37.6938, 340.338, 1200.65, 2872.12]),
        (1.0, [np.nan, 0.0346613, 38.1713, 359.446, 1360.20, 3559.47]),
    ],
    ids=["boltzmann", "blakemore"],
)
def test_transport_B9_four_layer_led(degeneracy, expected):
    """J at 2 to 6 V of an independent program, for Boltzmann and for site-limited statistics; 1e-3 at 500 nodes."""
    found, _ = currents(four_layer_led(degeneracy), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], mesh=MeshOptions())
    np.testing.assert_allclose(found[1:], expected[1:], rtol=1e-3)


def test_transport_B9b_thermionic_interfaces():
    """The same stack with emission law B, v = 1e3 m/s: J at 2 to 6 V of an independent program; 1e-3."""
    device = four_layer_led(0.0, thermionic=True)
    found, _ = currents(device, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], mesh=MeshOptions())
    np.testing.assert_allclose(found[1:], [0.0346538, 37.6892, 340.254, 1200.21, 2870.78], rtol=1e-3)


finite = {"allow_nan": False, "allow_infinity": False}
levels = st.tuples(
    st.floats(2.2, 3.2, **finite),
    st.floats(5.2, 6.4, **finite),
    st.floats(-10, -7, **finite),
    st.floats(-10, -7, **finite),
)


def random_stack(first, second, third, work):
    """Three site-limited layers with excitons in the middle one."""

    def layer(values, *, excitons=False):
        chi, ip, mu_n, mu_p = values
        exciton = (
            Exciton(share=1.0, radiative=4e7, nonradiative=1e6, diffusivity=1e-9, auger_n=4e9, auger_p=4e9, dots=6e23)
            if excitons
            else Exciton()
        )
        sites = 1.2e24 if excitons else 1e27
        return Layer(
            thickness=25e-9,
            eps_r=3.5,
            affinity=chi,
            ionisation=ip,
            sites_n=sites,
            sites_p=sites,
            mobility_n=10.0**mu_n,
            mobility_p=10.0**mu_p,
            langevin=1.0,
            exciton=exciton,
        )

    return Device(
        layers=(layer(first), layer(second, excitons=True), layer(third)),
        interfaces=(Interface(), Interface()),
        left=Contact(work_function=work[0]),
        right=Contact(work_function=work[1]),
        temperature=300.0,
    )


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(levels, levels, levels, st.tuples(st.floats(4.6, 5.2, **finite), st.floats(2.8, 3.6, **finite)))
def test_transport_B10_invariants_of_random_stacks(first, second, third, work):
    """No NaN without a status; J = 0 at 0 V; J constant; pairs and excitons accounted for; no inward minorities."""
    certified(random_stack(first, second, third, work))


def any_stack(draw):
    """Three layers of any physical kind between any contacts; all numbers of one draw of a generator."""

    def between(low, high):
        return float(draw.uniform(low, high))

    def some(share, low, high):
        return 10.0 ** between(low, high) if draw.random() < share else 0.0

    def layer():
        affinity = between(1.5, 4.2)
        gap = between(1.5, 4.0)
        trap = Trap(
            density=some(0.5, 20, 23.5),
            level=affinity + gap * between(0.2, 0.8),
            capture_n=10.0 ** between(-17, -13),
            capture_p=10.0 ** between(-17, -13),
            charge=float(draw.integers(-1, 2)),
        )
        exciton = Exciton(
            share=between(0, 1),
            radiative=10.0 ** between(6, 8.5),
            nonradiative=10.0 ** between(5, 9),
            diffusivity=some(0.7, -11, -7),
            dots=10.0 ** between(23, 25),
            auger_n=some(0.5, 8, 10),
            auger_p=some(0.5, 8, 10),
            annihilation=some(0.5, -20, -16),
            attempt=some(0.5, 6, 11),
            quench_left=some(0.3, -2, 2),
        )
        return Layer(
            thickness=10.0 ** between(-8.3, -6.9),
            eps_r=between(2.5, 25.0),
            affinity=affinity,
            ionisation=affinity + gap,
            sites_n=10.0 ** between(24, 27.3),
            sites_p=10.0 ** between(24, 27.3),
            mobility_n=10.0 ** between(-11, -5),
            mobility_p=10.0 ** between(-11, -5),
            poole_frenkel_n=between(0, 5e-4),
            poole_frenkel_p=between(0, 5e-4),
            donors=some(0.3, 20, 24),
            acceptors=some(0.3, 20, 24),
            polarisation=between(-1.5e-3, 1.5e-3) * (draw.random() < 0.3),
            langevin=some(0.8, -4, 0.3),
            direct=some(0.3, -19, -15),
            auger_n=some(0.2, -42, -38),
            trap=trap,
            exciton=exciton,
        )

    def interface():
        trap = Trap(density=some(0.3, 13, 16.5), level=between(3.0, 5.5), charge=float(draw.integers(-1, 2)))
        tunnel = Tunnel(
            thickness=between(0, 3e-9) * (draw.random() < 0.4), barrier_n=between(0.2, 3), barrier_p=between(0.2, 3)
        )
        speeds = {"velocity_n": 10.0 ** between(0, 5), "velocity_p": 10.0 ** between(0, 5)}
        return Interface(**speeds, sheet_charge=between(-1e-3, 1e-3), trap=trap, tunnel=tunnel)

    def contact(low, high):
        speeds = [jnp.inf if draw.random() < 0.6 else some(0.8, -3, 5) for _ in "np"]
        return Contact(work_function=between(low, high), velocity_n=speeds[0], velocity_p=speeds[1])

    return Device(
        layers=tuple(layer() for _ in range(3)),
        interfaces=(interface(), interface()),
        left=contact(4.4, 6.0),
        right=contact(2.5, 4.3),
        temperature=between(200.0, 400.0),
        series_resistance=some(0.3, -6, -3),
    )


@pytest.fixture
def quick_to_run(monkeypatch):
    """Optimised code: 3000 bias points run for longer than their program compiles."""
    options = {**programs.COMPILER_OPTIONS, "xla_backend_optimization_level": 3}
    monkeypatch.setattr(programs, "COMPILER_OPTIONS", options)
    monkeypatch.setattr(programs, "_loaded", {})


@pytest.mark.usefixtures("quick_to_run")
def test_transport_B10_500_stacks_of_any_kind():
    """Traps, doping, sheet charges, tunnels, blocking and ideal contacts, offsets up to 3 eV, 200 to 400 K: a point
    converges and is certified, or says what to do; none gives a number without a status. Equilibrium is found for all
    but one in a hundred, the whole sweep for four in five (the others have carriers cut off by such offsets)."""
    draw = np.random.default_rng(3)
    reached = np.array([certified(any_stack(draw)) for _ in range(500)])
    assert np.mean(reached) > 0.8, np.mean(reached)
    assert np.mean(reached > 0.0) > 0.98, np.mean(reached > 0.0)


def certified(device):
    """Share of the bias points that converged; all of them hold the invariants."""
    sweep = solve_jv(device, jnp.asarray([0.0, 1.0, 2.0, 3.0, 4.0, 5.0]), mesh_options=COARSE)
    good = np.asarray(sweep.converged)
    current = np.asarray(sweep.current)
    assert np.all(np.isfinite(current[good]))
    assert all(sweep.messages[i] != "converged" for i in np.nonzero(~good)[0])
    if good[0]:
        assert abs(current[0]) < 1e-12
        levels_at_rest = np.stack([sweep.at.profiles.fermi_n[0], sweep.at.profiles.fermi_p[0]])
        assert np.max(np.abs(levels_at_rest)) < 1e-6
    flowing = good & (current > 1e-3)
    checks = sweep.at.certificates
    assert np.all(np.asarray(checks.spread)[flowing] < 1e-8)
    assert np.all(np.asarray(checks.jump)[flowing] < 1e-8)
    assert np.all(np.asarray(checks.minority)[flowing] > -1e-8 * current[flowing])
    fates = np.sum([np.asarray(part) for part in sweep.at.excitons], axis=0) + np.asarray(sweep.at.pairs.returned)
    made = np.asarray(sweep.at.pairs.capture)
    np.testing.assert_allclose(fates[flowing], made[flowing], rtol=1e-7, atol=1e-7 * np.max(made))
    return np.mean(good)


def test_transport_trion_loss_has_its_two_limits():
    """Mean field for infinite exchange; the loss of excitons falls when they meet charges less often."""
    device = random_stack((2.3, 5.25, -9, -7), (3.0, 5.4, -8, -8), (2.7, 6.2, -8, -9), (5.15, 3.0))
    voltages = jnp.asarray([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])

    def photons(exchange):
        changed = eqx.tree_at(lambda d: d.layers[1].exciton.exchange, device, jnp.asarray(exchange))
        return float(solve_jv(changed, voltages, mesh_options=COARSE).at.excitons.radiative[-1, 1])

    mean_field, fast, slow = photons(jnp.inf), photons(1e16), photons(1e7)
    assert fast == pytest.approx(mean_field, rel=1e-5)
    assert slow > mean_field
