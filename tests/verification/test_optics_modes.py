"""Modes, reciprocity, thick glass and random stacks of the dipole emission."""

import jax.numpy as jnp
import numpy as np
import pytest

from peqled.optics import Layer, Orientation, Stack, emission, field, modes

from .optics_stacks import ISOTROPIC, PAPER, emit, paper_stack, stack_of
from .test_optics_dipole import slab_mode_power


def device(layers=PAPER, **changes) -> Stack:
    """The stack of the paper without padding."""
    listed = [Layer(n, d * 1e-9, name=name) for name, (n, d) in layers.items()]
    return Stack.of(listed, **({"emitter": "NC", "wavelength": [517e-9], "substrate": 1.527} | changes))


def test_plasmon_of_one_interface():
    """n = 1.75 on a metal: one TM pole at sqrt(e_m e_d/(e_m + e_d)), exact, loss included."""
    metal, dielectric = (0.05 + 3.3j) ** 2, 1.75**2
    stack = stack_of((1.75, 900.0), substrate=1.75, outside=1.75, top=0.05 + 3.3j)
    rows = modes(stack, jnp.array([840e-9])).table(ISOTROPIC)
    assert [row.polarisation for row in rows] == ["TM"]
    assert rows[0].index == pytest.approx(np.sqrt(metal * dielectric / (metal + dielectric)), abs=1e-9)


def test_guided_mode_without_loss():
    """The slab of benchmark 10 (n = 2, 200 nm, between 1.5 and 1): power from the residue as from the mode sum."""
    rows = modes(stack_of((2.0, 200.0), substrate=1.5), jnp.array([70e-9])).table(Orientation.horizontal())
    te = [row for row in rows if row.polarisation == "TE"]
    assert len(te) == 1
    assert te[0].length == np.inf
    assert te[0].power == pytest.approx(slab_mode_power(2.0, 200.0, 1.5, 1.0, 517.0, 70.0), abs=1e-8)


@pytest.mark.parametrize(("index", "expected"), [(1.8, 1.81), (1.9, 1.83), (2.0, 1.84), (2.1, 1.86)])
def test_plasmon_of_the_paper_stack(index, expected):
    """TM plasmon of the paper's stack (optics reference, section 2.5): below the dots' index from 1.9 on.

    Printed to two decimals.
    """
    found = modes(paper_stack(emitter_index=index), jnp.array([15e-9])).table(ISOTROPIC)
    plasmon = next(row for row in found if row.polarisation == "TM")
    assert plasmon.index.real == pytest.approx(expected, abs=6e-3)


def test_lossless_modes_are_the_guided_entry():
    """Without loss the power that the real axis cannot see is the sum over the poles, mode by mode: 1e-7."""
    layers = [Layer(1.9, 150e-9), Layer(2.1, 260e-9, name="dots"), Layer(1.7, 90e-9)]
    stack = Stack.of(layers, emitter="dots", wavelength=[480e-9, 560e-9], substrate=1.5)
    position = jnp.array([60e-9, 200e-9])
    emitted, found = emission(stack, position), modes(stack, position)
    guided = emitted.budget(ISOTROPIC)[:, :, emitted.place.index("guided")].sum(-1)
    power = jnp.nansum(ISOTROPIC.mix(found.power_v, found.power_h), -1)
    np.testing.assert_allclose(jnp.moveaxis(power, 1, 2), guided, atol=1e-7)


def test_reciprocity_of_emission_and_absorption():
    """A dipole's power per solid angle is 3/(8 pi) (n_s/n_e) |E|² along it, E being the field there of a unit plane
    wave from that direction (reciprocity of the Green tensor; what absorbs there emits there). Exact; 1e-9.
    """
    stack = device(wavelength=[500e-9, 530e-9]).with_half_ball()
    angle = jnp.radians(jnp.array([0.0, 20.0, 35.0, 50.0, 75.0]))
    emitted = emission(stack, jnp.array([15e-9]), angle=angle, trapped=False)
    inside = field(stack.seen_from("substrate"), angle, points=1)
    here = stack.layers.index("NC")
    scale = 3.0 / (8.0 * np.pi) * 1.527 / 2.0
    along = jnp.swapaxes(inside.normal[here], 0, 1)
    across = jnp.swapaxes(inside.in_plane[here], 0, 1)
    np.testing.assert_allclose(emitted.farfield_v[0], scale * along, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(emitted.farfield_h[0], 0.5 * scale * across, rtol=1e-9)


def test_thick_glass_is_coherent_glass_averaged_over_its_phase():
    """Emission through a glass plate of 24 thicknesses, evenly spaced in phase, in the mean: the incoherent substrate.

    Exact for each angle when the phases cover one period; 24 of them leave (R_o R_b)^12, below 1e-9 up to 60 degrees.
    """
    glass, angle = 1.527, np.radians(40.0)
    period = 0.5 * 517e-9 / np.sqrt(glass**2 - np.sin(angle) ** 2)
    patterns = []
    for step in np.arange(24) / 24.0:
        layers = {"glass": (glass, (3e-6 + step * period) * 1e9), **PAPER}
        stack = device(layers, substrate=1.0)
        patterns.append(emission(stack, jnp.array([15e-9]), angle=jnp.array([angle]), trapped=False).farfield_h)
    thick = emission(device(), jnp.array([15e-9]), angle=jnp.array([angle]), trapped=False)
    np.testing.assert_allclose(np.mean(patterns, 0), thick.farfield_h, rtol=1e-8)


def test_top_and_bottom_emission_are_one_stack():
    """Turned round, with the glass as half space, every layer and exit gets the same power, and what leaves by the top
    is what its far field holds. 1e-9; into the glass, beyond the air's light line and hence among the trapped, 1e-6.
    """
    layers = {**PAPER, "Al": (0.679 + 5.503j, 12.0)}
    stack = device(layers).with_half_ball()
    top = stack.flipped()
    here, there = emission(stack, jnp.array([10e-9])), emission(top, jnp.array([20e-9]))
    for name in stack.layers:
        np.testing.assert_allclose(here.into(name, ISOTROPIC), there.into(name, ISOTROPIC), atol=1e-9)
    np.testing.assert_allclose(here.into("top", ISOTROPIC), there.outcoupled(ISOTROPIC), atol=1e-10)
    np.testing.assert_allclose(here.outcoupled(ISOTROPIC), there.into("top", ISOTROPIC), atol=1e-6)
    node, weight = np.polynomial.legendre.leggauss(60)
    angle = 0.25 * np.pi * (node + 1.0)
    pattern = emission(top, jnp.array([20e-9]), angle=jnp.array(angle)).farfield(ISOTROPIC)[0, 0].sum(0)
    power = 2.0 * np.pi * np.sum(0.25 * np.pi * weight * np.array(pattern) * np.sin(angle))
    assert power == pytest.approx(float(there.outcoupled(ISOTROPIC)[0, 0]), abs=1e-9)


def test_half_ball_takes_all_that_enters_the_glass():
    """Launched into the glass of the paper's stack: 0.1842 (TM) and 0.3786 (TE) of F (benchmark 21)."""
    emitted = emit(paper_stack().with_half_ball(), 15.0)
    launched = emitted.budget(ISOTROPIC)[0, 0, emitted.place.index("air")].sum(-1) / emitted.purcell(ISOTROPIC)[0, 0]
    np.testing.assert_allclose(launched, [0.3786, 0.1842], atol=1e-4)


def test_a_metal_half_space_has_no_top_emission():
    stack = stack_of((1.75, 100.0), substrate=1.5, top=0.7 + 5.5j)
    with pytest.raises(ValueError, match="top: no light leaves through an absorbing half space"):
        stack.flipped()


SIDE, SETS, STACKS = 15, 25, 20


def random_stack(seed: int) -> Stack:
    """25 sets of indices (the "wavelengths") on one set of thicknesses: 0 to 15 layers on either side of the emitter.

    Even seeds: every layer but the emitter absorbs, metals are among them, and the emitter has neighbours; odd seeds:
    some layers are without loss.
    """
    rng = np.random.default_rng(seed)
    count = 2 * SIDE + 1
    real, imaginary = rng.uniform(1.35, 2.3, (count, SETS)), 10.0 ** rng.uniform(-2.3, -0.7, (count, SETS))
    thickness = 10.0 ** rng.uniform(-9.0, -7.0 if seed % 3 else -6.0, count)
    away = np.abs(np.arange(count) - SIDE)
    thickness[away > rng.integers(0, SIDE + 1)] = 0.0
    if seed % 2 == 0:
        thickness[[SIDE - 1, SIDE + 1]] = rng.uniform(5e-9, 50e-9, 2)
    thickness[SIDE] = 10.0 ** rng.uniform(-8.0, -6.5)
    metal = (rng.random(count) < 0.1) & (away > 0)
    real[metal], imaginary[metal] = (
        rng.uniform(0.05, 1.0, (metal.sum(), SETS)),
        rng.uniform(2.5, 6.0, (metal.sum(), SETS)),
    )
    imaginary[SIDE] = 0.0
    if seed % 2:
        imaginary[rng.random(count) < 0.3] = 0.0
    return Stack(
        wavelength=jnp.linspace(450e-9, 650e-9, SETS),
        thickness=jnp.array(thickness),
        index=jnp.array(real + 1j * imaginary),
        substrate_index=jnp.array(rng.uniform(1.4, 1.6, SETS)),
        outside_index=jnp.array(1.0),
        top_index=jnp.ones(SETS, complex),
        emitter=SIDE,
    )


def test_modes_sum_to_the_total_in_500_random_stacks():
    """What the contour finds (F) and what ends in layers and exits on the real axis, two independent integrals: equal
    to 1e-6 of F in at least 498 of 500 stacks, to 1e-5 in all.

    The exceptions have a mode within 1e-3 of a light line. No overflow, no power below zero.
    """
    gaps = []
    for seed in range(0, 2 * STACKS, 2):
        stack = random_stack(seed)
        emitted = emission(stack, stack.thickness[SIDE] * jnp.array([0.37]))
        budget, purcell = emitted.budget(ISOTROPIC)[0], emitted.purcell(ISOTROPIC)[0]
        guided = emitted.place.index("guided")
        assert bool(jnp.all(jnp.isfinite(budget)))
        assert float(budget[:, :guided].min()) > -1e-12
        np.testing.assert_allclose(budget.sum((1, 2, 3)), purcell, rtol=1e-12)
        gaps += list(np.array(jnp.abs(budget[:, guided].sum((-1, -2))) / purcell))
    assert len(gaps) == 500
    assert np.sort(gaps)[-3] < 1e-6
    assert max(gaps) < 1e-5
