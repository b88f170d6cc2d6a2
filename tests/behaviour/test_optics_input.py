"""What the optics room refuses, accepts and names."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from peqled.optics import (
    Layer,
    Orientation,
    Stack,
    emission,
    external_efficiency,
    plane_wave,
    purcell_factor,
    spectral_average,
)

LABEL = ("ITO", "dots", "Al")


def small_stack(**changes) -> Stack:
    one = jnp.ones(2)
    fields = {
        "wavelength": jnp.array([510e-9, 520e-9]),
        "thickness": jnp.array([100e-9, 30e-9, 100e-9]),
        "index": jnp.array([[1.9 + 0.01j], [2.0], [0.7 + 5.5j]]) * one,
        "substrate_index": 1.5 * one,
        "outside_index": jnp.array(1.0),
        "top_index": one + 0j,
        "emitter": 1,
        "label": LABEL,
    }
    return Stack(**(fields | changes))


POSITION = jnp.array([10e-9, 20e-9])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"thickness": jnp.array([100e-9, 30e-9, -1e-9])}, "Al: thickness"),
        ({"emitter": 2}, "Al: a dipole cannot radiate inside a metal"),
        ({"index": small_stack().index.at[0, 1].set(jnp.nan)}, r"ITO: index must be .* at 520.0 nm"),
        ({"index": small_stack().index.at[0, 0].set(1.9 - 0.1j)}, "ITO: index"),
        ({"emitter": 3}, "emitter must be a layer number in 0..2"),
        ({"label": ("ITO",)}, "label must name 3 layers"),
        ({"top_index": jnp.array([jnp.nan, 1.0 + 0j])}, "top: index"),
    ],
)
def test_bad_stack_is_refused_by_name(changes, message):
    with pytest.raises(ValueError, match=message):
        emission(small_stack(**changes), POSITION)


def test_position_outside_the_emitter_is_refused():
    with pytest.raises(ValueError, match="dots: positions"):
        emission(small_stack(), jnp.array([10e-9, 40e-9]))


def test_plane_wave_checks_too():
    with pytest.raises(ValueError, match="Al: thickness"):
        plane_wave(small_stack(thickness=jnp.array([1e-7, 1e-8, jnp.nan])).seen_from("top"), jnp.array([0.0]))


def test_tracing_skips_the_checks():
    vertical, _ = eqx.filter_jit(purcell_factor)(small_stack(), POSITION)
    assert vertical.shape == (2, 2)
    assert bool(jnp.all(jnp.isfinite(vertical)))


def test_budget_names_its_places():
    emitted = emission(small_stack(), POSITION)
    assert emitted.place == (*LABEL, "air", "substrate", "top", "guided")
    assert emitted.budget_v.shape == (2, 2, 7, 2, 4)
    assert emitted.farfield_h.shape == (2, 2, 2, 46)
    assert float(jnp.abs(emitted.budget_v[..., 0, :]).max()) == 0.0  # a vertical dipole has no TE field
    assert float(emitted.farfield_v[0, 0, 1, 0]) == pytest.approx(0.0, abs=1e-12)  # nor emits along its axis
    assert all(bool(jnp.all(jnp.isfinite(x))) for x in jax.tree.leaves(emitted))


def test_orientations_are_one_number():
    same = [
        Orientation.isotropic(),
        Orientation.from_vertical_fraction(1 / 3),
        Orientation.from_horizontal_share(2 / 3),
        Orientation.from_order_parameter(0.0),
    ]
    np.testing.assert_allclose([o.vertical for o in same], 1 / 3, atol=1e-15)
    assert Orientation.horizontal().vertical == 0.0
    with pytest.raises(ValueError, match="horizontal share must lie between"):
        Orientation.from_horizontal_share(72.0)


def test_external_efficiency_limits():
    """At unit yield the efficiency is the out-coupled fraction.

    At small yield it is eta0 times the out-coupled power.
    """
    stack = small_stack()
    emitted, isotropic = emission(stack, POSITION), Orientation.isotropic()
    spectrum = {"wavelength": stack.wavelength, "photon_spectrum": jnp.array([1.0, 3.0])}
    common = {"zone": jnp.array([1.0, 1.0]), "photon_spectrum": spectrum["photon_spectrum"]}
    power = spectral_average(emitted.outcoupled(isotropic), **spectrum)
    purcell = spectral_average(emitted.purcell(isotropic), **spectrum)
    full = external_efficiency(emitted, isotropic, plqy=1.0, **common)
    weak = external_efficiency(emitted, isotropic, plqy=1e-9, balance=0.5, **common)
    assert float(full) == pytest.approx(float(jnp.mean(power / purcell)), rel=1e-12)
    assert float(weak) == pytest.approx(0.5e-9 * float(jnp.mean(power)), rel=1e-6)


def test_shares_are_means_of_powers():
    """By name, adding up to 1, powers averaged before they are divided; without positions the emitter is sliced."""
    stack, isotropic = small_stack(), Orientation.isotropic()
    emitted = emission(stack)
    np.testing.assert_allclose(emitted.position, 30e-9 * (np.arange(5) + 0.5) / 5, rtol=1e-12)
    zone, spectrum = jnp.array([1.0, 2.0, 0.0, 0.0, 1.0]), jnp.array([1.0, 3.0])
    found = emitted.shares(isotropic, zone=zone, photon_spectrum=spectrum)
    air, total = (
        np.average(np.average(x, axis=1, weights=spectrum), weights=zone)
        for x in (emitted.outcoupled(isotropic), emitted.purcell(isotropic))
    )
    assert tuple(found) == emitted.place
    assert float(sum(found.values())) == pytest.approx(1.0, abs=1e-12)
    assert float(found["air"]) == pytest.approx(air / total, rel=1e-9)
    assert float(emitted.pattern(isotropic)[0]) == 1.0


def test_a_film_alone_is_a_stack():
    """One layer, transparent, between glass and air: all power leaves or is guided, and adds up to F."""
    film = small_stack(thickness=jnp.array([30e-9]), index=jnp.full((1, 2), 2.0 + 0j), emitter=0, label=("dots",))
    emitted, isotropic = emission(film, POSITION), Orientation.isotropic()
    assert float(jnp.abs(emitted.into("dots", isotropic)).max()) < 1e-15  # rounding
    total = emitted.budget(isotropic).sum((-3, -2, -1))
    np.testing.assert_allclose(total, emitted.purcell(isotropic), rtol=1e-12)
    shares = emitted.shares(isotropic)
    assert float(shares["air"] + shares["substrate"] + shares["top"] + shares["guided"]) == pytest.approx(1.0)


DOTS = Layer(2.0, 30e-9, name="dots")


@pytest.mark.parametrize(
    ("layers", "options", "message"),
    [
        ([Layer("ITO", 120.0), DOTS], {}, r"ITO: thickness is in metres \(45 nm is 45e-9\), got 120"),
        ([Layer("ITO", "120 nm"), DOTS], {}, "ITO: thickness must be a number of metres, got '120 nm'"),
        ([DOTS], {"wavelength": [517.0]}, r"wavelengths are in metres \(517 nm is 517e-9\), got 517"),
        ([DOTS, Layer(np.ones(7), 1e-8, name="ETL")], {}, "ETL: index must be one number or 1, one at each wavelength"),
        ([Layer("Alq4", 1e-8), DOTS], {}, "no material 'Alq4'"),
        ([Layer("ITO", 1e-7), DOTS], {"wavelength": [150e-9]}, "ITO .* 150 nm asked, table from 191.5"),
        ([], {}, "a stack needs at least the layer that emits"),
    ],
)
def test_what_a_newcomer_writes_is_refused_with_a_word(layers, options, message):
    with pytest.raises(ValueError, match=message):
        Stack.of(layers, **({"emitter": "dots", "wavelength": [517e-9]} | options))


def test_what_a_newcomer_asks_is_refused_with_a_word():
    """Degrees, per cent, a place or a spectrum of another stack."""
    emitted, isotropic = emission(small_stack(), POSITION), Orientation.isotropic()
    with pytest.raises(ValueError, match="given in rad"):
        emission(small_stack(), POSITION, angle=jnp.array([0.0, 30.0]))
    with pytest.raises(ValueError, match="plqy must lie between 0 and 1, got 90"):
        external_efficiency(emitted, isotropic, plqy=90.0)
    with pytest.raises(ValueError, match="no place 'glass'; places are ITO, dots, Al, air"):
        emitted.into("glass", isotropic)
    with pytest.raises(ValueError, match=r"photon_spectrum must be given at the 2 wavelengths, got \(5,\)"):
        emitted.shares(isotropic, photon_spectrum=jnp.ones(5))
    with pytest.raises(ValueError, match=r"zone must be given at the 2 positions, got \(5,\)"):
        emitted.shares(isotropic, zone=jnp.ones(5))
