"""Mode budgets and patterns of whole devices (optics reference, section 4, benchmarks 14-22).

Independent program, converged to 1e-9.
"""

import jax.numpy as jnp
import numpy as np
import pytest

from peqled.optics import Orientation, lambertian_factor

from .optics_stacks import ISOTROPIC, MIRROR, PAPER, emit, paper_stack, shares, stack_of

NAMES = ["F", "air", "substrate", "absorbed below substrate", "absorbed to emitter", "absorbed above emitter"]


def check(found, expected, tolerance):
    for name, value in zip(NAMES, expected, strict=False):
        assert found[name] == pytest.approx(value, abs=tolerance), name
    assert abs(found["guided"]) < 1e-6


def test_optics_14_farfield_integral():
    """2 pi times the integral of I sin(theta) is the power in air; Gauss nodes in angle, exact to 1e-9."""
    node, weight = np.polynomial.legendre.leggauss(46)
    angle = 0.25 * np.pi * (node + 1.0)
    emitted = emit(paper_stack(), 15.0, angle=jnp.array(angle))
    pattern = np.array(emitted.farfield(ISOTROPIC)[0, 0]).sum(0)
    power = 2.0 * np.pi * np.sum(0.25 * np.pi * weight * pattern * np.sin(angle))
    assert power == pytest.approx(float(emitted.outcoupled(ISOTROPIC)[0, 0]), abs=1e-9)


def test_optics_15_extrema_over_silver():
    """Lifetime oscillations over a silver mirror, n = 1.5, 614 nm: height of four extrema of F(d)."""
    distance = [215.0, 324.0, 429.0, 533.0]
    stack = stack_of((1.5, 900.0), substrate=1.5, outside=1.5, top=0.06 + 4.0j, wavelength=614.0)
    emitted = emit(stack, *[900.0 - d for d in distance])
    np.testing.assert_allclose(emitted.purcell(ISOTROPIC)[:4, 0], [0.8469, 1.1002, 0.9246, 1.0606], atol=1e-3)


def test_optics_16_three_positions():
    """1.5 / 1.9 (100 nm) / 1.75 (100 nm, emitter) / metal at 550 nm, isotropic, three positions."""
    stack = stack_of((1.75, 100.0), below=[(1.9, 100.0)], substrate=1.5, top=0.7 + 5.5j, wavelength=550.0)
    emitted = emit(stack, 25.0, 50.0, 75.0)
    expected = [
        [1.364280, 0.219397, 0.201702, 0.029641, 0.187199, 0.362061],
        [1.422015, 0.190915, 0.174920, 0.031586, 0.107949, 0.494630],
        [1.667337, 0.095649, 0.129865, 0.028564, 0.045791, 0.700132],
    ]
    for i, row in enumerate(expected):
        check(shares(emitted, position=i), row, 1e-5)


def test_optics_17_slab_on_mirror():
    """n = 2.4 slab, 0.7 lambda/n thick, on a perfect mirror, parallel dipole.

    The geometry of the Meep LED tutorial (FDTD to 1e-2).
    """
    thickness = 0.7 * 517.0 / 2.4
    height = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    emitted = emit(stack_of((2.4, thickness), top=MIRROR), *(thickness * (1.0 - height)))
    extraction = emitted.outcoupled(Orientation.horizontal()) / emitted.purcell_h
    np.testing.assert_allclose(emitted.purcell_h[:, 0], [0.12312, 0.79083, 1.12494, 0.91426, 0.75741], atol=1e-4)
    np.testing.assert_allclose(extraction[:, 0], [0.38431, 0.32260, 0.18082, 0.01093, 0.14409], atol=1e-4)


def test_optics_18_oled():
    """An OLED with ITO and Al at 510 nm, for which oledpy gives 0.1956 in air (7 % low)."""
    stack = stack_of(
        (1.7758, 30.0),
        below=[(1.9816 + 0.0014j, 100.0), (1.8074, 35.0)],
        above=[(1.7703, 40.0), (0.6756 + 5.3796j, 100.0)],
        substrate=1.4524,
        wavelength=510.0,
    )
    check(shares(emit(stack, 27.0)), [1.51390, 0.20980, 0.13185, 0.03284, 0.14426, 0.48125], 1e-4)


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (1.8, [1.320068, 0.239525, 0.283269, 0.064039, 0.205356, 0.207812]),
        (2.0, [1.146709, 0.213528, 0.341890, 0.063196, 0.362471, 0.018916]),
        (2.2, [1.026577, 0.177766, 0.387020, 0.062019, 0.365281, 0.007914]),
    ],
)
def test_optics_19_paper_stack(index, expected):
    """The paper's stack with fixed indices, 517 nm, middle of the film, isotropic."""
    check(shares(emit(paper_stack(emitter_index=index), 15.0)), expected, 1e-5)


def test_optics_20_pure_orientations():
    """The same, n = 2.0, horizontal and vertical dipoles apart."""
    emitted = emit(paper_stack(), 15.0)
    check(shares(emitted, Orientation.horizontal()), [1.345038, 0.272711, 0.435430], 1e-5)
    check(shares(emitted, Orientation.from_vertical_fraction(1.0)), [0.750052, 0.001266, 0.006405], 1e-5)


def test_optics_21_layers_and_polarisations():
    """The same, resolved by layer and polarisation, as fractions of F.

    The reference counts one pass: light that comes back from the outer face of the glass is left out by an
    index-matched outside, so that "air" is what is launched into the glass.
    """
    emitted = emit(paper_stack(outside=1.527), 15.0)
    budget = np.array(emitted.budget(ISOTROPIC)[0, 0]) / float(emitted.purcell(ISOTROPIC)[0, 0])
    by_layer = dict(zip([*PAPER, "air", "substrate", "top", "guided"], budget, strict=True))
    expected = {
        ("ITO", 2): (0.0218, 0.0669),
        ("PEDOT", 2): (0.0087, 0.0081),
        ("Al", 2): (0.2443, 0.0127),
        ("Al", 3): (0.0163, 0.0010),
        ("ITO", 0): (0.0052, 0.0111),
        ("Al", 0): (0.0143, 0.0214),
        ("air", 0): (0.1842, 0.3786),
    }
    for (name, window), (tm, te) in expected.items():
        assert by_layer[name][1, window] == pytest.approx(tm, abs=2e-4), name
        assert by_layer[name][0, window] == pytest.approx(te, abs=2e-4), name
    assert budget[:, 1, 2].sum() == pytest.approx(0.2748, abs=2e-4)
    assert budget[:, 0, 2].sum() == pytest.approx(0.0877, abs=2e-4)


@pytest.mark.parametrize(
    ("etl", "factor", "at_60"),
    [(25.0, 1.146, 0.627), (35.0, 1.219, 0.688), (45.0, 1.267, 0.726), (60.0, 1.334, 0.776), (80.0, 1.561, 0.948)],
)
def test_optics_22_lambertian_factor(etl, factor, at_60):
    """Pattern of the paper's stack against the thickness of the electron transport layer.

    Powers averaged over the film (5 Gauss points), not divided by F. Printed to three decimals; tolerance 2e-3.
    """
    node, weight = np.polynomial.legendre.leggauss(5)
    emitted = emit(paper_stack(etl=etl), *(15.0 * (node + 1.0)))
    pattern = emitted.farfield(ISOTROPIC)[:, 0].sum(1)
    mean = jnp.einsum("p,pa->a", jnp.array(0.5 * weight), pattern)
    assert float(lambertian_factor(emitted.angle, mean)) == pytest.approx(factor, abs=2e-3)
    assert float(jnp.interp(np.pi / 3.0, emitted.angle, mean / mean[0])) == pytest.approx(at_60, abs=2e-3)
