"""Gradients through the whole chain against central differences, to 1e-4 (flask integrator at 1e-7, coarse grids)."""

import tomllib

import jax
import pytest

from peqled.parameters import parameters_of
from peqled.recipe import bundled_text, read_recipe
from peqled.twin import SHARP_TOLERANCE, gradient, predict

TOLERANCE = 1e-4


def small(name):
    data = tomllib.loads(bundled_text(name))
    data["flask"] |= {"cells": 60, "duration": "60 s"}
    data["drive"] = {"to": "4 V", "points": 9}
    return read_recipe(data)


def central_difference(recipe, of, key, step):
    """Fourth-order difference quotient: its own error is far below the tolerance."""
    parameters = parameters_of(recipe)
    parameters = parameters.with_structure(error_checks=False, tolerance=SHARP_TOLERANCE)
    centre = float(parameters[key])
    h = step * abs(centre)
    value = [float(predict(parameters.replace({key: centre + i * h}), of)) for i in (-2, -1, 1, 2)]
    return (value[0] - 8 * value[1] + 8 * value[2] - value[3]) / (12 * h)


@pytest.mark.parametrize(
    ("name", "of", "key", "step"),
    [
        ("otac-otam", "led.eqe_max", "PO-T2T.thickness", 2e-3),
        ("otac-otam", "led.eqe_max", "CsPbBr3-NC.mobility_electron", 2e-3),
        ("oa-oam", "led.eqe_max", "oleic-acid.binding_constant", 2e-3),
        ("otac-otam", "nanocrystal.pl_centroid", "octanoic-acid.pka_apparent", 2e-3),
    ],
)
def test_gradient_equals_the_difference_quotient(name, of, key, step):
    recipe = small(name)
    exact = gradient(recipe, of=of, wrt=[key])[key]
    assert exact == pytest.approx(central_difference(recipe, of, key, step), rel=TOLERANCE, abs=0)


def test_gradient_refuses_what_is_no_scalar_or_no_parameter():
    recipe = small("otac-otam")
    with pytest.raises(ValueError, match="dimensions"):
        gradient(recipe, of="led.eqe", wrt=["PO-T2T.thickness"])
    with pytest.raises(KeyError, match="nearest"):
        gradient(recipe, of="led.eqe_max", wrt=["PO-T2T.thicknes"])
    assert jax.config.jax_enable_x64
