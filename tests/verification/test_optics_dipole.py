"""Dipole emission against closed formulas (optics reference, section 4, benchmarks 1-12)."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest

from peqled.optics import dissipation, purcell_factor
from peqled.optics.budget import strength_and_flux
from peqled.optics.fresnel import TE, TM

from .optics_stacks import ISOTROPIC, MIRROR, SIDE, emit, paper_stack, stack_of


def over(emitted, place, orientation=ISOTROPIC):
    return float(emitted.into(place, orientation)[0, 0])


@pytest.mark.parametrize("index", [1.0, 1.5, 2.3])
def test_optics_01_homogeneous_medium(index):
    """A dipole in an infinite medium: F_v = F_h = 1 and all of it is radiated, exactly.

    The quadrature is exact to 1e-12.
    """
    emitted = emit(stack_of((index, 500.0), substrate=index, top=index, outside=index), 30.0, 250.0, 470.0)
    np.testing.assert_allclose(emitted.purcell_v, 1.0, atol=1e-12)
    np.testing.assert_allclose(emitted.purcell_h, 1.0, atol=1e-12)
    radiated = emitted.into("air", ISOTROPIC) + emitted.into("top", ISOTROPIC)
    np.testing.assert_allclose(radiated, 1.0, atol=1e-9)


def test_optics_02_escape_cone():
    """Isotropic dipole, n = 2, no reflection.

    Power within the escape cone of both sides is 1 - sqrt(1 - 1/n²), not 1/(2n²).
    """
    emitted = emit(stack_of((2.0, 500.0), substrate=2.0, top=2.0, outside=1.0), 250.0)
    cone = float(jnp.sum(emitted.budget(ISOTROPIC)[0, 0, ..., 0]))
    assert cone == pytest.approx(1.0 - np.sqrt(0.75), abs=1e-12)


@pytest.mark.parametrize("x", [0.05, 1.0, 5.0])
def test_optics_03_perfect_mirror(x):
    """Dipole at distance d from a perfect mirror, x = 2kd; image-dipole formulas (Novotny & Hecht, Principles of
    Nano-Optics).

    The mirror's index 1e8 i leaves an error of order 1e-8/x; tolerance 1e-6.
    """
    wavelength = 500.0
    distance = x * wavelength / (4.0 * np.pi)
    emitted = emit(stack_of((1.0, 900.0), top=MIRROR, wavelength=wavelength), 900.0 - distance)
    sin, cos = np.sin(x), np.cos(x)
    assert float(emitted.purcell_v[0, 0]) == pytest.approx(1.0 + 3.0 * (sin / x**3 - cos / x**2), abs=1e-6)
    assert float(emitted.purcell_h[0, 0]) == pytest.approx(1.0 - 1.5 * (sin / x + cos / x**2 - sin / x**3), abs=1e-6)


def test_optics_04_dipole_above_glass():
    """Dipole in air, k0 z = 0.3 above n = 1.5: Sommerfeld integrals evaluated to 1e-14 (reference, benchmark 4)."""
    emitted = emit(stack_of((1.0, 500.0), substrate=1.5), 0.3 * 517.0 / (2.0 * np.pi))
    assert float(emitted.purcell_v[0, 0]) == pytest.approx(1.841519479, abs=1e-8)
    assert float(emitted.purcell_h[0, 0]) == pytest.approx(1.151873721, abs=1e-8)


@pytest.mark.parametrize(("index", "vertical", "parallel"), [(1.5, 2.303574, 1.388095), (2.0, 3.448514, 1.902269)])
def test_optics_05_dipole_on_glass(index, vertical, parallel):
    """Dipole in air touching a dielectric: the limits of benchmark 5 (Lukosz & Kunz, J.

    Opt. Soc. Am. 67, 1607 (1977)).
    """
    emitted = emit(stack_of((1.0, 500.0), substrate=index, outside=index), 0.0)
    assert float(emitted.purcell_v[0, 0]) == pytest.approx(vertical, abs=1e-5)
    assert float(emitted.purcell_h[0, 0]) == pytest.approx(parallel, abs=1e-5)
    if index == 1.5:
        into_glass = emitted.budget_v[0, 0], emitted.budget_h[0, 0]
        air = emitted.place.index("air")
        assert float(into_glass[0][air].sum()) / vertical == pytest.approx(0.86137, abs=1e-5)
        assert float(into_glass[1][air].sum()) / parallel == pytest.approx(0.83659, abs=1e-5)


@pytest.mark.parametrize(
    ("phase", "vertical", "parallel", "tolerance"),
    [(1.0, 0.719320857, 0.995729874, 1e-8), (0.0, 0.303351, 0.925396, 1e-6)],
)
def test_optics_06_dipole_below_air(phase, vertical, parallel, tolerance):
    """Dipole in n = 1.5 below air, n k0 z = 1 and in contact (reference, benchmark 6)."""
    depth = phase * 517.0 / (2.0 * np.pi * 1.5)
    emitted = emit(stack_of((1.5, 500.0), substrate=1.5), 500.0 - depth)
    assert float(emitted.purcell_v[0, 0]) == pytest.approx(vertical, abs=tolerance)
    assert float(emitted.purcell_h[0, 0]) == pytest.approx(parallel, abs=tolerance)


@pytest.mark.parametrize(("size", "expected"), [(0.75, 1.444444444), (1.0, 0.9375), (2.0, 0.984375)])
def test_optics_09_planar_cavity(size, expected):
    """Parallel dipole in the middle of two perfect mirrors n L/lambda apart.

    Sums over the modes (Abram et al., IEEE JQE 34, 71 (1998)).
    """
    length = size * 517.0 / 1.5
    emitted = emit(stack_of((1.5, length), below=[(MIRROR, 100.0)], top=MIRROR), 0.5 * length)
    assert float(emitted.purcell_h[0, 0]) == pytest.approx(expected, abs=1e-6)


def slab_mode_power(index, thickness, low, high, wavelength, position):
    """TE power of a parallel dipole in the guided mode: 3 pi E²/(4 n k0), integral of E² = 1 (one mode only).

    From Im G of the mode sum, G = sum E(z)² (i/4) H_0: 1/8 for the in-plane average, against n k0/(6 pi) in the bulk.
    """
    k0 = 2.0 * np.pi / wavelength

    def decays(neff):
        return k0 * np.sqrt([index**2 - neff**2, neff**2 - low**2, neff**2 - high**2])

    def mismatch(neff):
        q, left, right = decays(neff)
        return q * thickness - np.arctan(left / q) - np.arctan(right / q)

    a, b = max(low, high) + 1e-12, index - 1e-12
    for _ in range(200):
        middle = 0.5 * (a + b)
        a, b = (middle, b) if mismatch(middle) > 0.0 else (a, middle)
    q, left, right = decays(0.5 * (a + b))
    field = np.cos(q * position - np.arctan(left / q)) ** 2
    norm = 0.5 * (thickness + 1.0 / left + 1.0 / right)
    return 3.0 * np.pi * field / norm / (4.0 * index * k0)


def test_optics_10_lossless_slab():
    """Slab n = 2, 200 nm, between 1.5 and 1, one guided TE mode without loss: its power from the mode sum, 0.556869806.

    The real axis can't see this mode; the entry "guided" (contour minus real axis) must hold it to 1e-8.
    """
    exact = slab_mode_power(2.0, 200.0, 1.5, 1.0, 517.0, 70.0)
    assert exact == pytest.approx(0.556869806, abs=1e-9)
    emitted = emit(stack_of((2.0, 200.0), substrate=1.5), 70.0)
    guided = emitted.budget_h[0, 0, emitted.place.index("guided")]
    assert float(guided[0, 2]) == pytest.approx(exact, abs=1e-8)
    assert float(jnp.abs(guided[:, :2]).max()) < 1e-8
    total = float(jnp.sum(emitted.budget_h[0, 0]))
    assert total == pytest.approx(float(emitted.purcell_h[0, 0]), abs=1e-12)


def test_optics_11_plasmon_peak():
    """K_v over a metal peaks at the surface plasmon, u = Re sqrt(e_m/(e_m + e_d)) (damping shifts it by < 2e-3)."""
    metal, dielectric = (0.05 + 3.3j) ** 2, 1.75**2
    expected = np.sqrt(metal / (metal + dielectric)).real
    u = jnp.linspace(1.1, 1.3, 2001)
    stack = stack_of((1.75, 900.0), substrate=1.75, top=0.05 + 3.3j)
    power = eqx.filter_jit(dissipation)(stack, u, jnp.array([840e-9]))
    assert float(u[jnp.argmax(power[0, 0, 0])]) == pytest.approx(expected, abs=2e-3)
    assert expected == pytest.approx(1.179291, abs=1e-6)


def test_optics_12_poynting():
    """Flux through the faces of the emitter layer equals the dissipated power at every u, near and far."""
    stack, position = paper_stack(), jnp.array([5.0, 15.0, 29.0]) * 1e-9
    u = jnp.concatenate([jnp.linspace(0.01, 0.99, 60), jnp.linspace(1.01, 4.0, 60)])

    @eqx.filter_jit
    def both(stack):
        waves = jnp.broadcast_to(u, (2, 1, u.size))
        strength, flux = strength_and_flux(stack, waves, position)
        leaving = [jnp.einsum("spwn,swn->pwn", x, flux[0, :, p]) for x, p in zip(strength, (TM, TM, TE), strict=True)]
        return jnp.stack(leaving), dissipation(stack, u, position)

    flux, power = both(stack)
    np.testing.assert_allclose(flux, power, rtol=1e-9, atol=1e-12)


def test_purcell_factor_alone_agrees():
    """The short cut gives the same F as the full emission."""
    stack = paper_stack()
    emitted = emit(stack, 15.0)
    vertical, parallel = purcell_factor(stack, jnp.full(5, 15e-9))
    np.testing.assert_allclose(vertical, emitted.purcell_v, rtol=1e-13)
    np.testing.assert_allclose(parallel, emitted.purcell_h, rtol=1e-13)
    assert stack.emitter == SIDE
