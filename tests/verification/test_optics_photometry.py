"""Photometry and colour (optics reference, benchmark 23; device reference, section 8)."""

import jax.numpy as jnp
import numpy as np
import pytest

from peqled import optics

from .optics_stacks import PAPER

WAVELENGTH = jnp.arange(440.0, 620.0, 0.5) * 1e-9


def gaussian(centre, width):
    return jnp.exp(-4.0 * np.log(2.0) * ((WAVELENGTH * 1e9 - centre) / width) ** 2)


def test_optics_23_photon_spectrum():
    """Gaussian photon spectrum 517/16 nm, Lambertian: 334.24 cd/A per unit efficiency, 437.8 lm/W, CIE (0.0655,
    0.7997).

    The 1 nm table of the observer is linear between its points: 1e-5.
    """
    line = {"photon_spectrum": gaussian(517.0, 16.0), "wavelength": WAVELENGTH}
    assert float(optics.current_efficiency(1.0, **line)) == pytest.approx(334.24, rel=1e-3)
    assert float(optics.current_efficiency(0.2413, **line)) == pytest.approx(80.65, abs=0.1)
    assert float(optics.photon_spectrum_efficacy(**line)) == pytest.approx(437.8, rel=1e-3)
    xy = optics.chromaticity(optics.as_power(**line), WAVELENGTH)
    np.testing.assert_allclose(xy, [0.0655, 0.7997], atol=5e-4)


def test_power_spectrum():
    """Gaussian power spectrum 517/16.1 nm.

    80.84 cd/A at 24.13 %, 438.9 lm/W, mean photon 2.398 eV, 12.4 mA/cm² at 10 000 cd/m².
    """
    line = {"photon_spectrum": optics.as_photons(gaussian(517.0, 16.1), WAVELENGTH), "wavelength": WAVELENGTH}
    assert float(optics.current_efficiency(0.2413, **line)) == pytest.approx(80.84, abs=0.1)
    assert float(optics.power_spectrum_efficacy(gaussian(517.0, 16.1), WAVELENGTH)) == pytest.approx(438.9, abs=0.2)
    assert float(optics.mean_photon_energy(**line)) / 1.602176634e-19 == pytest.approx(2.398, abs=1e-3)
    assert float(optics.luminance(0.2413, 124.0, **line)) == pytest.approx(10_000.0, rel=5e-3)
    assert float(optics.radiance(0.2413, 124.0, **line)) == pytest.approx(22.8, abs=0.1)
    assert float(optics.power_efficiency(0.2413, 4.0, **line)) == pytest.approx(63.0, abs=0.6)
    assert float(optics.wall_plug_efficiency(0.2413, 4.0, **line)) == pytest.approx(0.145, abs=1e-3)


@pytest.mark.parametrize(("centre", "ratio"), [(515, 3.16), (517, 3.33), (525, 3.97), (530, 4.28), (540, 4.67)])
def test_candela_per_ampere_and_percent(centre, ratio):
    """cd/A per per cent for a Gaussian of 20 nm (device reference, section 8), printed to two decimals."""
    photons = optics.as_photons(gaussian(centre, 20.0), WAVELENGTH)
    found = optics.current_efficiency(0.01, photon_spectrum=photons, wavelength=WAVELENGTH)
    assert float(found) == pytest.approx(ratio, abs=0.006)


def test_luminance_and_efficiency_are_inverse():
    """EQE -> luminance -> EQE; and a wider pattern (f_L > 1) means more efficiency behind the same luminance."""
    line = {"photon_spectrum": gaussian(517.0, 16.0), "wavelength": WAVELENGTH}
    bright = optics.luminance(0.2, 50.0, lambertian=1.267, **line)
    assert float(optics.efficiency_from_luminance(bright, 50.0, lambertian=1.267, **line)) == pytest.approx(
        0.2, rel=1e-12
    )
    assert float(optics.efficiency_from_luminance(bright, 50.0, **line)) == pytest.approx(0.2 / 1.267, rel=1e-12)


def test_lambertian_factor_of_known_patterns():
    """cos: 1; constant: 2; cos²: 2/3. Linear interpolation between 2 degrees costs 2e-4 at most."""
    angle = jnp.linspace(0.0, 0.5 * jnp.pi, 46)
    patterns = jnp.stack([jnp.cos(angle), jnp.ones_like(angle), jnp.cos(angle) ** 2])
    np.testing.assert_allclose(optics.lambertian_factor(angle, patterns), [1.0, 2.0, 2.0 / 3.0], atol=2e-4)


def test_colour_of_equal_energy_and_daylight():
    """Equal energy is (1/3, 1/3) = u'v' (0.2105, 0.4737).

    D65's chromaticity has a temperature of 6504 K (McCamy to 10 K).
    """
    grid = jnp.arange(360.0, 831.0) * 1e-9
    xy = optics.chromaticity(jnp.ones_like(grid), grid)
    np.testing.assert_allclose(xy, 1.0 / 3.0, atol=2e-4)
    np.testing.assert_allclose(optics.uniform_chromaticity(jnp.full(2, 1.0 / 3.0)), [4 / 19, 9 / 19], atol=1e-12)
    assert float(optics.correlated_temperature(jnp.array([0.31272, 0.32903]))) == pytest.approx(6504.0, abs=10.0)


def test_candela_per_ampere_and_efficiency_are_inverse():
    """24.13 % -> cd/A -> 24.13 %, for a pattern wider than Lambert's."""
    line = {"photon_spectrum": gaussian(517.0, 16.0), "wavelength": WAVELENGTH, "lambertian": 1.2}
    candela = optics.current_efficiency(0.2413, **line)
    assert float(optics.efficiency_from_current_efficiency(candela, **line)) == pytest.approx(0.2413, rel=1e-12)


@pytest.mark.parametrize(
    ("primaries", "share"),
    [
        ({}, 1.0),
        ({"red": (0.64, 0.33), "green": (0.30, 0.60), "blue": (0.15, 0.06)}, 0.529),
        ({"red": (0.68, 0.32), "green": (0.265, 0.69), "blue": (0.15, 0.06)}, 0.717),
    ],
)
def test_gamut_coverage(primaries, share):
    """Rec.2020 in itself, sRGB (52.9 %) and DCI-P3 (71.7 %) in it: ratios of triangle areas in (x, y)."""
    assert optics.gamut_coverage(**primaries) == pytest.approx(share, abs=1e-3)


def test_gamut_coverage_of_a_green_emitter():
    """Green moved half way to the red corner halves the triangle; one outside the triangle covers all of it; none lies
    on the other side of the line between blue and red.
    """
    red, green, blue = (np.array(optics.REC2020[name]) for name in ("red", "green", "blue"))
    assert optics.gamut_coverage(green=tuple(0.5 * (red + green))) == pytest.approx(0.5, abs=1e-12)
    assert optics.gamut_coverage(green=tuple(green + 0.1 * (green - 0.5 * (red + blue)))) == pytest.approx(
        1.0, abs=1e-12
    )
    assert optics.gamut_coverage(green=tuple(red - 0.1 * (green - blue))) == pytest.approx(0.0, abs=1e-12)
    assert optics.gamut_coverage(green=(0.17, 0.797), plane="u'v'") == pytest.approx(1.0, abs=1e-12)
    with pytest.raises(ValueError, match="primaries are red, green, blue, got 'amber'"):
        optics.gamut_coverage(amber=(0.5, 0.4))


def test_colour_of_the_paper_stack_hardly_moves():
    """Colour out of the paper's stack (0.068, 0.801), and a shift below 5e-4 from 0 to 80 degrees (optics reference,
    section 5.6); printed to three decimals, from another program with dispersive indices: 2e-3 and 1e-3.
    """
    grid = np.arange(485.0, 556.0, 3.0) * 1e-9
    layers = [optics.Layer(n, d * 1e-9, name=name) for name, (n, d) in PAPER.items()]
    stack = optics.Stack.of(layers, emitter="NC", wavelength=grid, substrate=1.527)
    angle = jnp.radians(jnp.linspace(0.0, 80.0, 9))
    emitted = optics.emission(stack, jnp.array([15e-9]), angle=angle, trapped=False)
    line = np.exp(-4.0 * np.log(2.0) * ((grid * 1e9 - 517.0) / 16.0) ** 2)
    xy = optics.angular_chromaticity(emitted, optics.Orientation.isotropic(), photon_spectrum=line)
    np.testing.assert_allclose(xy[0], [0.068, 0.801], atol=3e-3)
    assert float(optics.colour_shift(xy).max()) < 1e-3
