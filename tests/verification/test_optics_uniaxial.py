"""Emission with uniaxial layers, optic axis along the normal: emitter and transport layers."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from peqled.optics import Layer, Orientation, Stack, emission, field, purcell_factor

ISOTROPIC = Orientation.isotropic()
POSITION = jnp.array([6e-9, 15e-9, 28e-9])


def device(*, along_dots=1.8, along_transport=1.6, dots=2.0, **changes) -> Stack:
    """An LED with birefringent dots (negative) and electron transport layer (negative)."""
    layers = [
        *(Layer(1.887 + 0.0076j, 120e-9, name="ITO"), Layer(1.7, 40e-9, name="HTL")),
        Layer(dots, 30e-9, extraordinary=along_dots, name="dots"),
        *(Layer(1.8, 45e-9, extraordinary=along_transport, name="ETL"), Layer(0.68 + 5.5j, 100e-9, name="Al")),
    ]
    return Stack.of(layers, **({"emitter": "dots", "wavelength": [517e-9, 540e-9], "substrate": 1.5} | changes))


@pytest.mark.parametrize("along", [1.8, 2.3])
def test_power_adds_up_in_a_uniaxial_emitter(along):
    """F from the contour and the powers by place from the real axis, two integrals with other roots: equal to 1e-8."""
    emitted = emission(device(along_dots=along), POSITION)
    guided = emitted.place.index("guided")
    for budget, purcell in ((emitted.budget_v, emitted.purcell_v), (emitted.budget_h, emitted.purcell_h)):
        np.testing.assert_allclose(budget[:, :, :guided].sum((2, 3, 4)), purcell, rtol=1e-8)


def test_reciprocity_in_a_uniaxial_emitter():
    """Power per solid angle = 3/(8 pi) (n_s/n_o) |E|² with E the field of a unit plane wave, which knows nothing of
    dipoles; units of a dipole in n_o. Exact, 1e-9.
    """
    stack = device().with_half_ball()
    angle = jnp.radians(jnp.array([0.0, 25.0, 50.0, 80.0]))
    emitted = emission(stack, jnp.array([15e-9]), angle=angle, trapped=False)
    inside = field(stack.seen_from("substrate"), angle, points=1)
    scale = 3.0 / (8.0 * np.pi) * 1.5 / 2.0
    here = stack.layers.index("dots")
    np.testing.assert_allclose(
        emitted.farfield_v[0], scale * jnp.swapaxes(inside.normal[here], 0, 1), rtol=1e-9, atol=1e-15
    )
    np.testing.assert_allclose(
        emitted.farfield_h[0], 0.5 * scale * jnp.swapaxes(inside.in_plane[here], 0, 1), rtol=1e-9
    )


def test_a_thick_uniaxial_medium_without_reflections():
    """Dipoles in the middle of 40 um of a slightly absorbing medium see no faces: F_v = 1, F_h = 3/4 + n_e²/(4 n_o²)
    (Penninck et al., Opt. Express 19, 18558 (2011)). The half spaces differ from it by 0.1 only; 3e-3 of interference.
    """
    layers = [Layer(2.0, 40e-6, extraordinary=2.2, name="dots")]
    wavelengths = np.linspace(500e-9, 540e-9, 9)
    stack = Stack.of(layers, emitter="dots", wavelength=wavelengths, substrate=2.05, outside=2.05, top=2.05)
    vertical, horizontal = purcell_factor(stack, jnp.linspace(18e-6, 22e-6, 5))
    assert float(vertical.mean()) == pytest.approx(1.0, abs=3e-3)
    assert float(horizontal.mean()) == pytest.approx(0.75 + 0.25 * 1.21, abs=3e-3)


def test_equal_indices_are_the_isotropic_stack():
    """Extraordinary = ordinary index in every layer: the same numbers as without (1e-12)."""
    plain = device(along_dots=None, along_transport=None)
    same = dataclasses.replace(plain, extraordinary=plain.index)
    here, there = emission(plain, POSITION), emission(same, POSITION)
    np.testing.assert_allclose(here.purcell_v, there.purcell_v, rtol=1e-12)
    np.testing.assert_allclose(here.outcoupled(ISOTROPIC), there.outcoupled(ISOTROPIC), rtol=1e-10)


def test_emission_beside_fine_layers():
    """Dots beside a stack of 1 nm layers and beside the uniaxial medium with their mean permittivities.

    The dipoles are 15 nm away, many periods; the first correction is of the order of period over wavelength, 1e-2 of
    the effect of the layer's anisotropy: 5e-4.
    """
    low, high = 1.5, 2.1
    eps_o, over_e = 0.5 * (low**2 + high**2), 0.5 * (low**-2 + high**-2)
    ends = [Layer(2.0, 30e-9, name="dots")], [Layer(0.68 + 5.5j, 100e-9)]
    fine = [Layer(n, 1e-9) for _ in range(20) for n in (low, high)]
    whole = [Layer(np.sqrt(eps_o), 40e-9, extraordinary=np.sqrt(1.0 / over_e))]
    shares = []
    for middle in (fine, whole):
        stack = Stack.of([*ends[0], *middle, *ends[1]], emitter="dots", wavelength=[517e-9], substrate=1.5)
        emitted = emission(stack, jnp.array([15e-9]), trapped=False)
        shares.append(float(emitted.outcoupled(ISOTROPIC)[0, 0]))
    assert shares[0] == pytest.approx(shares[1], rel=5e-3)


def test_horizontal_emitters_profit_from_a_low_extraordinary_index():
    """A transport layer with n_e < n_o pushes the plasmon to lower index: less power for it, more in air (Yokoyama, J.
    Mater. Chem. 21, 19187 (2011)); 1.6 against 1.8 here.
    """
    low, none = (
        emission(device(along_dots=None), POSITION),
        emission(device(along_dots=None, along_transport=1.8), POSITION),
    )
    assert float(low.into("Al", ISOTROPIC).mean()) < float(none.into("Al", ISOTROPIC).mean())
