"""Gaussian disorder: the Gauss-Fermi integral, its device limits and the EGDM mobility."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad

from peqled.transport import Contact, Device, Layer, MeshOptions, solve_jv
from peqled.transport.mobility import disorder_factor
from peqled.transport.statistics import gauss_fermi, surplus

MESH = MeshOptions(cells_per_layer=63, even_share=0.5)


def integral(eta, s):
    """Gauss-Fermi integral by adaptive quadrature around both of its humps."""

    def integrand(x):
        return np.exp(-0.5 * (x / s) ** 2) / (1.0 + np.exp(np.clip(x - eta, -700, 700)))

    points = sorted({-(s**2), eta, 0.0})
    low, high = -(s**2) - 12 * s, 12 * s
    inside = [p for p in points if low < p < high]
    return quad(integrand, low, high, points=inside, epsabs=0, epsrel=1e-12, limit=400)[0] / (s * np.sqrt(2 * np.pi))


@pytest.mark.parametrize("s", [0.5, 1.0, 2.5, 4.0, 6.0])
@pytest.mark.parametrize("eta", [-30.0, -8.0, -2.0, 0.0, 3.0, 12.0])
def test_gauss_fermi_integral(s, eta):
    """Adaptive quadrature is good to 1e-12. The trapezoid sum errs by exp(-2 pi^2/step) times the residue at the pole
    of the Fermi function over F, which stays below 10: 3e-9 at s = 6 (step 0.9), nothing below s = 4."""
    step = (s**2 + 18 * s) / 160
    bound = max(1e-11, 10 * np.exp(-2 * np.pi**2 / step))
    found = gauss_fermi(jnp.array(eta), sites=1.0, spread=jnp.array(s))
    assert float(found.density) == pytest.approx(integral(eta, s), rel=bound)
    assert float(found.excess) == pytest.approx(np.log(float(found.density)) - eta, abs=1e-12)


def test_gauss_fermi_is_boltzmann_when_dilute():
    """F -> exp(eta + s^2/2) far below the states (transport reference 2.4)."""
    s = jnp.array([1.0, 3.0, 5.0])
    found = gauss_fermi(jnp.full(3, -60.0), sites=1.0, spread=s)
    assert np.allclose(found.density, np.exp(-60.0 + np.asarray(s) ** 2 / 2), rtol=1e-9)


@pytest.mark.parametrize("delta", [1e-14, 1e-6, 0.1, 5.0, -2.0])
def test_surplus_keeps_small_differences(delta):
    """n(eta) - n(eta - delta): for small delta it is delta dn/deta, which a plain difference would lose."""
    eta, s = jnp.array(-1.0), jnp.array(3.0)
    found = float(surplus(jnp.array(delta), eta=eta, sites=1.0, gamma=1.0, spread=s))
    if abs(delta) > 1e-3:
        before = gauss_fermi(eta - delta, sites=1.0, spread=s).density
        assert found == pytest.approx(float(gauss_fermi(eta, sites=1.0, spread=s).density - before), rel=1e-11)
    else:
        slope = jax.grad(lambda x: gauss_fermi(x, sites=1.0, spread=s).density)(eta)
        assert found == pytest.approx(delta * float(slope), rel=1e-5)


def disordered_layer(sigma, **other):
    values = {
        "thickness": 1e-7,
        "eps_r": 3.0,
        "affinity": 3.0,
        "ionisation": 6.5,
        "sites_n": 1e26,
        "sites_p": 1e26,
        "mobility_n": 1e-8,
        "mobility_p": 1e-8,
        "disorder_n": sigma,
        "disorder_p": sigma,
    }
    return Layer(**values | other)


def diode(layer):
    contact = Contact(work_function=3.4)
    return Device(layers=(layer,), interfaces=(), left=contact, right=contact, left_is_anode=False, disordered=True)


def test_a_dilute_gaussian_is_a_boltzmann_layer_with_a_deeper_level():
    """Below 1e-6 of the sites the Gaussian acts as one level with N exp(s^2/2): equal currents to its own filling."""
    voltages, sigma, heat = jnp.array([0.1, 0.3, 0.5]), 0.075, 1.380649e-23 * 300 / 1.602176634e-19
    contact = Contact(work_function=3.75)
    gaussian = diode(disordered_layer(sigma))
    plain = diode(disordered_layer(0.0, sites_n=1e26 * np.exp((sigma / heat) ** 2 / 2), degeneracy=0.0))
    currents = [
        np.asarray(solve_jv(Device(d.layers, (), contact, contact, left_is_anode=False, disordered=True), voltages,
                            mesh_options=MESH).current)
        for d in (gaussian, plain)
    ]  # fmt: skip
    assert np.allclose(currents[0], currents[1], rtol=3e-3)


def test_disordered_device_is_flat_at_rest_and_conserves_current():
    """V = 0: J = 0; under bias the two carriers' current is the same everywhere, for any statistics."""
    sweep = solve_jv(diode(disordered_layer(0.1, lattice=1.8e-9)), jnp.array([0.0, 1.0, 4.0]), mesh_options=MESH)
    assert bool(sweep.converged.all())
    assert abs(float(sweep.current[0])) < 1e-20
    assert float(sweep.at.certificates.spread[1:].max()) < 1e-8


def test_egdm_mobility_rises_with_density_and_field_from_one():
    """Pasveer's factor is 1 in the dilute limit at no field, and 1 where there is no lattice."""
    common = {"spread": jnp.array(4.0), "thermal_voltage": jnp.array(0.02585)}
    dilute = disorder_factor(density=jnp.array(0.0), field=jnp.array(0.0), lattice=jnp.array(1.8e-9), **common)
    dense = disorder_factor(density=jnp.array(1e25), field=jnp.array(0.0), lattice=jnp.array(1.8e-9), **common)
    strong = disorder_factor(density=jnp.array(0.0), field=jnp.array(1e8), lattice=jnp.array(1.8e-9), **common)
    none = disorder_factor(density=jnp.array(1e25), field=jnp.array(1e8), lattice=jnp.array(0.0), **common)
    exponent = 2 * (np.log(12.0) - np.log(np.log(4.0))) / 16.0
    assert float(dense) == pytest.approx(np.exp(0.5 * 12.0 * (2 * 1e25 * 1.8e-9**3) ** exponent), rel=1e-12)
    assert float(dilute) == pytest.approx(1.0, abs=1e-6)
    reduced = 1e8 * 1.8e-9 / (4.0 * 0.02585)
    assert float(strong / dilute) == pytest.approx(np.exp(0.44 * 5.8 * (np.sqrt(1 + 0.8 * reduced**2) - 1)), rel=1e-9)
    assert float(none) == 1.0
