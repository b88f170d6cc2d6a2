"""Reflection, transmission and absorption of random stacks.

Energy, the independent package tmm; budgets and gradients of random stacks.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import tmm

from peqled.optics import Orientation, Stack, emission, plane_wave, purcell_factor

LAYERS, WAVELENGTHS = 6, 12
ANGLE = jnp.array([0.0, 0.35, 0.8, 1.2])


def random_stack(seed: int) -> Stack:
    """Six layers; at each of twelve "wavelengths" another set of indices; layer 5 a metal."""
    rng = np.random.default_rng(seed)
    real = rng.uniform(1.35, 2.3, (LAYERS, WAVELENGTHS))
    imaginary = 10.0 ** rng.uniform(-3.0, -1.0, (LAYERS, WAVELENGTHS))
    real[5], imaginary[5] = rng.uniform(0.05, 1.0, WAVELENGTHS), rng.uniform(2.5, 6.0, WAVELENGTHS)
    imaginary[2] = 0.0
    return Stack(
        wavelength=jnp.linspace(450e-9, 650e-9, WAVELENGTHS),
        thickness=jnp.array(rng.uniform(10e-9, 120e-9, LAYERS)),
        index=jnp.array(real + 1j * imaginary),
        substrate_index=jnp.array(rng.uniform(1.4, 1.6, WAVELENGTHS)),
        outside_index=jnp.array(1.0),
        top_index=jnp.ones(WAVELENGTHS, complex),
        emitter=2,
    )


@pytest.mark.parametrize("incidence", ["substrate", "top"])
def test_energy_is_conserved(incidence):
    """R + T + A = 1 for every angle and polarisation, exactly; round-off only."""
    wave = plane_wave(random_stack(1).seen_from(incidence), ANGLE)
    total = wave.reflectance + wave.transmittance + wave.absorptance.sum(0)
    np.testing.assert_allclose(total, 1.0, atol=1e-12)
    assert float(wave.absorptance.min()) > -1e-13


@pytest.mark.parametrize("incidence", ["substrate", "top"])
def test_optics_13_reflection_against_tmm(incidence):
    """R, T and the absorption of every layer against tmm (Byrnes, arXiv:1603.02720); total reflection too."""
    stack = random_stack(2)
    wave = plane_wave(stack.seen_from(incidence), ANGLE)
    for i in range(0, WAVELENGTHS, 4):
        layers = np.array(stack.index[:, i])
        media = np.concatenate([[complex(stack.substrate_index[i])], layers, [complex(stack.top_index[i])]])
        lengths = np.concatenate([[np.inf], np.array(stack.thickness) * 1e9, [np.inf]])
        if incidence == "top":
            media, lengths = media[::-1], lengths[::-1]
        for j, angle in enumerate(np.array(ANGLE)):
            for k, name in enumerate("sp"):
                found = tmm.coh_tmm(name, list(media), list(lengths), angle, float(stack.wavelength[i]) * 1e9)
                absorbed = np.array(tmm.absorp_in_each_layer(found))[1:-1]
                assert float(wave.reflectance[k, i, j]) == pytest.approx(found["R"], abs=1e-12)
                assert float(wave.transmittance[k, i, j]) == pytest.approx(found["T"], abs=1e-12)
                np.testing.assert_allclose(wave.absorptance[:, k, i, j], absorbed, atol=1e-12)


@pytest.mark.parametrize("seed", [3, 4, 5, 6])
def test_budget_closes_on_random_stacks(seed):
    """With every mode damped, power by place on the real axis adds up to F from the contour: the "guided" entry is
    below 1e-6 F.

    Indices 1.35-2.3, k 1e-3 to 0.1, emitter index above and below its neighbours and the glass.
    """
    stack = random_stack(seed)
    position = stack.thickness[2] * jnp.array([0.1, 0.5, 0.9])
    emitted = emission(stack, position)
    guided = emitted.place.index("guided")
    for budget, purcell in ((emitted.budget_v, emitted.purcell_v), (emitted.budget_h, emitted.purcell_h)):
        gap = jnp.abs(budget[:, :, guided].sum((-1, -2))) / purcell
        assert float(gap.max()) < 1e-6
        assert float(budget[:, :, :guided].min()) > -1e-9
        np.testing.assert_allclose(budget.sum((2, 3, 4)), purcell, rtol=1e-12)


def test_gradients_against_central_differences():
    """Derivatives of the out-coupled fraction and of F with respect to thickness, index and position, to 1e-6.

    Reverse through the whole emission, forward through the Purcell factor; steps of 1e-4 of the tangent leave 1e-8.
    """
    stack, isotropic = random_stack(3), Orientation.isotropic()
    position = stack.thickness[2] * jnp.array([0.3, 0.5, 0.7])
    tangent, step = jnp.array([0.4, 0.02, 0.3, -0.7]), 1e-4

    def moved(change):
        thickness = stack.thickness + 1e-9 * jnp.pad(change[:1], (3, 2))
        index = stack.index + jnp.pad(change[1:2], (0, 5))[:, None] + 1j * jnp.pad(change[2:3], (5, 0))[:, None]
        return eqx.tree_at(lambda s: (s.thickness, s.index), stack, (thickness, index)), position + 1e-9 * change[3]

    def outcoupled(change):
        emitted = emission(*moved(change))
        return jnp.mean(emitted.outcoupled(isotropic) / emitted.purcell(isotropic))

    def purcell(change):
        return jnp.mean(isotropic.mix(*purcell_factor(*moved(change))))

    def central(function):
        return (function(step * tangent) - function(-step * tangent)) / (2.0 * step)

    reverse = jax.jit(jax.grad(outcoupled))(jnp.zeros(4)) @ tangent
    assert float(reverse) == pytest.approx(float(central(outcoupled)), rel=1e-6)
    forward = jax.jit(lambda t: jax.jvp(purcell, (jnp.zeros(4),), (t,))[1])(tangent)
    assert float(forward) == pytest.approx(float(central(purcell)), rel=1e-6)
