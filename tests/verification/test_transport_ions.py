"""Mobile ions: screening, conserved number, regions and the time they take (transport benchmark B6)."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_bvp

from peqled.transport import Contact, Device, Interface, Ion, Layer, MeshOptions, small_signal, solve_jv, transient

Q, BOLTZMANN, EPS0 = 1.602176634e-19, 1.380649e-23, 8.8541878128e-12
HEAT = BOLTZMANN * 300.0 / Q
EPS, NUMBER, LENGTH, MOBILITY = 24.1, 1.6e25, 4e-7, 1e-14
DEBYE = np.sqrt(EPS * EPS0 * HEAT / (Q * NUMBER))
MESH = MeshOptions(cells_per_layer=127, even_share=0.2)
STACK_MESH = MeshOptions(cells_per_layer=63, even_share=0.2)


def carrierless(*, thickness, acceptors, eps_r=EPS):
    """A layer whose bands lie 4 eV from its contacts, so that no carriers take part."""
    bands = {"affinity": 1.0, "ionisation": 9.0, "sites_n": 1e20, "sites_p": 1e20}
    return Layer(thickness=thickness, eps_r=eps_r, acceptors=acceptors, mobility_n=1e-20, mobility_p=1e-20, **bands)


def ionic_film(*, pair=False, number=NUMBER):
    """Ions between two equal contacts.

    One positive species on a fixed negative background, or a symmetric pair.
    """
    layer = carrierless(thickness=LENGTH, acceptors=0.0 if pair else number)
    charges = (1, -1) if pair else (1,)
    ions = tuple(Ion(density=[number], mobility=[MOBILITY], charge=z, region=(0,)) for z in charges)
    contact = Contact(work_function=5.0)
    return Device(layers=(layer,), interfaces=(), left=contact, right=contact, ions=ions)


def one_species(drop):
    """Capacitance (F/m2) of a diffuse layer of one species on a fixed background (transport B6)."""
    v = drop / HEAT
    small = abs(v) < 1e-6
    return EPS * EPS0 / DEBYE * (1.0 if small else abs(1 - np.exp(-v)) / np.sqrt(2 * (np.exp(-v) + v - 1)))


@pytest.mark.parametrize("voltage", [0.0, 0.2, 0.5, 1.0])
def test_transport_b6_capacitance_of_one_species(voltage):
    """Two diffuse layers in series, each at its own potential drop; Debye length 1.467 nm. The bulk charge moved by
    1 V is 0.5 % of the ions, the mesh error 1e-3: tolerance 1 % of the reference."""
    assert pytest.approx(1.467e-9, rel=1e-3) == DEBYE
    device = ionic_film()
    slow = small_signal(device, voltage, jnp.array([1e-8]), mesh_options=MESH)
    psi = np.asarray(solve_jv(device, jnp.array([max(voltage, 1e-9)]), mesh_options=MESH).at.profiles.psi[0])
    middle = psi[len(psi) // 2]
    expected = 1 / (1 / one_species(psi[0] - middle) + 1 / one_species(psi[-1] - middle))
    assert bool(slow.converged)
    assert float(slow.capacitance[0]) == pytest.approx(expected, rel=1e-2)


def test_transport_b6_capacitance_of_a_pair():
    """Symmetric pair at rest: L_D is smaller by sqrt 2, both layers count."""
    slow = small_signal(ionic_film(pair=True), 0.0, jnp.array([1e-8, 1e9]), mesh_options=MESH)
    assert float(slow.capacitance[0]) == pytest.approx(0.5 * EPS * EPS0 / (DEBYE / np.sqrt(2)), rel=5e-3)
    assert float(slow.capacitance[1]) == pytest.approx(float(slow.geometric), rel=1e-9)


def test_transport_b6_relaxation_time():
    """A step of 5 mV: the current dies with tau = L_D L/(2 D), to first order in L_D/L; tolerance 3 %."""
    tau = DEBYE * LENGTH / (2 * MOBILITY * HEAT)
    times = jnp.asarray(np.concatenate([[1e-3 * tau], np.linspace(0.2, 2.2, 11) * tau]))
    trace = transient(ionic_film(), times, jnp.full(times.shape, 5e-3), mesh_options=MESH)
    assert bool(trace.converged.all())
    rate = -np.polyfit(np.asarray(times[1:]), np.log(np.asarray(trace.current[1:])), 1)[0]
    assert rate * tau == pytest.approx(1.0, rel=3e-2)
    amount = np.trapezoid(np.asarray(trace.ions[:, 0]), np.asarray(solve_jv(ionic_film(), jnp.array([0.1]),
                          mesh_options=MESH).position), axis=1)  # fmt: skip
    assert np.allclose(amount, NUMBER * LENGTH, rtol=1e-9)


def stack(region, *, density=(0.0, 1e24, 0.0)):
    """Three layers without carriers, ions on an equal background in the middle one and where `region` lets them go."""
    layers = tuple(
        carrierless(thickness=L, eps_r=e, acceptors=n)
        for L, e, n in ((3e-8, 3.0, 0.0), (5e-8, 20.0, density[1]), (3e-8, 4.0, 0.0))
    )
    ion = Ion(density=density, mobility=[MOBILITY] * 3, charge=1, region=region)
    return Device(
        layers=layers,
        interfaces=(Interface(), Interface()),
        left=Contact(work_function=5.0),
        right=Contact(work_function=5.0),
        ions=(ion,),
    )


@pytest.mark.parametrize("region", [(-1, 0, -1), (-1, 0, 0)])
def test_ions_stay_in_their_region_in_conserved_number(region):
    """The number is a constraint that Newton's method meets to rounding; blocked layers hold none."""
    sweep = solve_jv(stack(region), jnp.array([0.5, 2.0]), mesh_options=STACK_MESH)
    assert bool(sweep.converged.all())
    held = np.asarray(sweep.at.profiles.ions[:, 0] * sweep.box).reshape(2, 3, -1).sum(axis=2)
    assert np.allclose(held.sum(axis=1), 1e24 * 5e-8, rtol=1e-12)
    for layer, place in enumerate(region):
        assert place == 0 or np.all(held[:, layer] == 0.0)
    assert region[2] == -1 or np.all(held[:, 2] > 0)


def test_ionic_film_equals_an_independent_boundary_value_problem():
    """psi'' = -q (c - N)/eps with c = N L e^-psi/int e^-psi, by collocation, the integral an unknown function."""
    voltage, scale = 0.3, LENGTH / 20  # a shorter film, so that depletion reaches the middle
    device, short = ionic_film(), carrierless(thickness=scale, acceptors=NUMBER)
    sweep = solve_jv(Device((short,), (), device.left, device.right, ions=device.ions), jnp.array([voltage]),
                     mesh_options=MESH)  # fmt: skip
    gain = Q * NUMBER * scale**2 / (EPS * EPS0 * HEAT)

    def slopes(x, y, p):
        amount = np.exp(p[0] - y[0])
        return np.vstack([y[1], -gain * (amount - 1.0), amount])

    def ends(a, b, p):
        return np.array([a[0], b[0] + voltage / HEAT, a[2], b[2] - 1.0])

    x = np.linspace(0, 1, 2001)
    guess = np.vstack([-voltage / HEAT * x, np.full_like(x, -voltage / HEAT), x])
    exact = solve_bvp(slopes, ends, x, guess, p=[-0.5 * voltage / HEAT], tol=1e-9, max_nodes=200000)
    assert exact.success
    psi = np.asarray(sweep.at.profiles.psi[0] - sweep.at.profiles.psi[0, 0]) / HEAT
    sign = np.sign(psi[-1]) * -1.0
    assert np.allclose(sign * psi, exact.sol(np.asarray(sweep.position) / scale)[0], atol=2e-3 * voltage / HEAT)


def test_a_species_of_no_ions_is_no_species():
    """Zero density is a film without charge, at rest, in time and at small signal, not a number of 0/0: the field is
    even, the capacitance eps/L, and once the voltage rests no current flows. Exact, since carriers are 4 eV away."""
    film, times = ionic_film(number=0.0), jnp.geomspace(1e-6, 1e-3, 12)
    sweep = solve_jv(film, jnp.array([0.5]), mesh_options=MESH)
    assert bool(sweep.converged.all())
    psi = np.asarray(sweep.at.profiles.psi[0])
    even = psi[0] + (psi[-1] - psi[0]) * np.asarray(sweep.position) / LENGTH
    np.testing.assert_allclose(psi, even, atol=1e-9)
    assert abs(psi[-1] - psi[0]) == pytest.approx(0.5, rel=1e-12)
    assert np.all(np.asarray(sweep.at.profiles.ions) == 0.0)
    response = small_signal(film, 0.5, jnp.array([1.0]), mesh_options=MESH)
    assert float(response.capacitance[0]) == pytest.approx(EPS * EPS0 / LENGTH, rel=1e-9)
    trace = transient(film, times, jnp.full(times.shape, 0.5), mesh_options=MESH)
    assert bool(trace.converged.all())
    np.testing.assert_allclose(trace.current[1:], 0.0, atol=1e-9 * EPS * EPS0 / LENGTH * 0.5 / 1e-6)
    between = solve_jv(stack((-1, 0, -1), density=(0.0, 0.0, 0.0)), jnp.array([0.5, 2.0]), mesh_options=STACK_MESH)
    assert bool(between.converged.all())
    assert np.all(np.asarray(between.at.profiles.ions) == 0.0)


def test_an_ion_without_a_layer_is_refused():
    with pytest.raises(ValueError, match="no layer lets in"):
        stack((-1, -1, -1))
