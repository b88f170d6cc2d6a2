"""Photons taken up again by the emitting film (optics reference, section 5.6)."""

from types import SimpleNamespace
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from peqled.led.operation import exciton_yield
from peqled.optics import (
    Layer,
    Orientation,
    Stack,
    radiative_yield,
    recycled_efficiency,
    recycled_share,
    recycling,
)
from peqled.optics.stage import film_emission, film_recycling, recycling_gain
from peqled.transport.observables import ExcitonBudget

from .optics_stacks import PAPER

ISOTROPIC = Orientation.isotropic()


def film(extinction: float, *, thickness: float = 30.0) -> Stack:
    layers = {**PAPER, "NC": (2.0 + 1j * extinction, thickness)}
    listed = [Layer(n, d * 1e-9, name=name) for name, (n, d) in layers.items()]
    return Stack.of(listed, emitter="NC", wavelength=[517e-9], substrate=1.527)


def found_at(stack, *nanometres, slices=1):
    place = jnp.array(nanometres) * 1e-9
    return recycling(stack, place, ISOTROPIC, photon_spectrum=jnp.ones(1), slices=slices)


@pytest.mark.parametrize(
    ("extinction", "again", "full", "most"),
    [(0.0, 0.0, 21.4, 19.5), (0.02, 5.8, 21.8, 19.8), (0.05, 13.0, 22.4, 20.2), (0.1, 22.0, 23.1, 20.5)],
)
def test_recycling_in_the_paper_stack(extinction, again, full, most):
    """Re-absorbed share, EQE at a yield of 1 and of 0.9, middle of the film, in %, against an independent program.

    That one divides by F of the film without absorption, which the photons of the absorbing film miss by up to 4 %
    (k = 0.1); here they add up to 1. Tolerance 4.5 % of each number, 0.06 where nothing is absorbed.
    """
    found = found_at(film(extinction), 15.0)
    assert 100.0 * float(found.reabsorbed[0]) == pytest.approx(again, rel=0.045)
    for plqy, expected in ((1.0, full), (0.9, most)):
        emitted = radiative_yield(jnp.asarray(plqy), found.purcell)
        share = 100.0 * float(recycled_share(emitted, found.out, found.reabsorbed)[0])
        assert share == pytest.approx(expected, rel=0.045 if extinction else 0.003)


def test_one_place_is_the_geometric_form():
    """The matrix equation with a single place is e p_out/(1 - e p_re); and without re-absorption nothing is gained."""
    found = found_at(film(0.05), 15.0)
    before, after = recycled_efficiency(found, plqy=0.9, zone=jnp.ones(1))
    emitted = radiative_yield(jnp.asarray(0.9), found.purcell)[0]
    assert float(before) == pytest.approx(float(emitted * found.out[0]), rel=1e-12)
    assert float(after) == pytest.approx(float(recycled_share(emitted, found.out[0], found.reabsorbed[0])), rel=1e-12)
    clear = recycled_efficiency(found_at(film(0.0), 15.0), plqy=0.9, zone=jnp.ones(1))
    assert float(clear[1]) == pytest.approx(float(clear[0]), rel=1e-12)


def test_emission_and_absorption_are_in_balance():
    """w(z, z') F(z') is symmetric (reciprocity of the Green tensor), for two slices that both dipoles see from afar.

    The sheets, each in another place, break it by their share of the film, 3 of 60 nm, times the change of absorption.
    """
    found = found_at(film(0.02, thickness=60.0), 7.5, 52.5, slices=2)
    exchange = found.again * found.purcell
    assert float(exchange[3, 0]) == pytest.approx(float(exchange[0, 1]), rel=0.02)


def test_every_photon_is_counted_once():
    """In a film that absorbs all that does not leave (no other loss), a yield of 1 brings every photon out."""
    layers = [Layer(1.9 + 0.05j, 200e-9, name="dots")]
    stack = Stack.of(layers, emitter="dots", wavelength=[517e-9], substrate=1.5, top=1e-3 + 1e8j).with_half_ball()
    found = found_at(stack, 100.0)
    assert float(recycled_efficiency(found, plqy=1.0, zone=jnp.ones(1))[1]) == pytest.approx(1.0, abs=2e-4)
    np.testing.assert_allclose(found.out + found.reabsorbed, 1.0, atol=1e-4)


def test_a_film_as_thin_as_its_sheet_is_refused():
    with pytest.raises(ValueError, match="NC: 2e-09 m is no thicker than the sheet"):
        found_at(film(0.1, thickness=2.0), 1.0)


def gains(stack: Stack, extinction: float, *yields: float) -> tuple[np.ndarray, float]:
    """What the LED stage multiplies its EQE by, and A/F without absorption, for the middle of the film."""
    one = jnp.ones(1)
    plain = film_emission(stack, ISOTROPIC, wavelength=stack.wavelength, pl=one, trapped=False)
    again = film_recycling(stack, extinction * one, ISOTROPIC, photon_spectrum=one)
    middle = plain.depth.size // 2
    found = recycling_gain(plain._replace(recycling=again), jnp.array(yields))
    return np.asarray(found), float(plain.outcoupled[middle] / plain.purcell[middle])


def test_gain_of_an_led_that_loses_no_photon():
    """The film absorbs all that does not leave: a yield of 1 brings every photon out, so the gain is F/A; 2e-4 by the
    sheet, as above. At a yield of 0 what is taken up is lost, and the gain is below 1.
    """
    stack = Stack.of(
        [Layer(1.9, 200e-9, name="dots")], emitter="dots", wavelength=[517e-9], substrate=1.5, top=1e-3 + 1e8j
    ).with_half_ball()
    (full, none), plain = gains(stack, 0.05, 1.0, 0.0)
    assert full * plain == pytest.approx(1.0, abs=2e-4)
    assert none < 1.0 < full


def test_a_film_that_absorbs_nothing_gains_nothing():
    """Whatever the yield; to the accuracy of the two integrals of F, 1e-6."""
    stack = film(0.0)
    found, _ = gains(stack, 0.0, 0.0, 0.5, 1.0)
    np.testing.assert_allclose(found, 1.0, atol=1e-6)


def test_yield_of_an_exciton():
    """Radiative share of all losses of the emitter alone; zero, not nan, where there are no excitons."""
    emitter = {"radiative": 3.0, "nonradiative": 0.5, "trion": 0.1, "annihilation": 0.2, "field": 0.1, "extra": 0.05}
    budget = ExcitonBudget(**{k: jnp.array([[9.0, v], [0.0, 0.0]]) for k, v in (emitter | {"surface": 0.05}).items()})
    sweep: Any = SimpleNamespace(at=SimpleNamespace(excitons=budget))
    np.testing.assert_allclose(exciton_yield(sweep, emitter=1), [0.75, 0.0], rtol=1e-12)
