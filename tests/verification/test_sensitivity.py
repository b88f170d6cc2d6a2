"""What an output leans on: slopes against closed forms, and the verdict against the algebra of the posterior."""

import tomllib

import numpy as np
import pytest

from peqled.inference.posterior import READINGS, informed_slopes
from peqled.inference.sampling import Range
from peqled.inference.sensitivity import _sensitivity, _stated, flask_sensitivities
from peqled.parameters import parameters_of
from peqled.recipe import bundled_text, load_recipe, read_recipe
from peqled.report.sensitivity import keep, sensitivity_table, verdict
from peqled.synthesis import cluster_band_ratio, precursor_of
from peqled.synthesis.stage import build_flask, precursor_bands


def short(name="oa-oam"):
    """The control flask until 2 s on few cells: sizes are not at issue, and the command line's test has the program."""
    data = tomllib.loads(bundled_text(name))
    data["flask"] |= {"duration": "2 s", "cells": 60}
    return read_recipe(data)


@pytest.fixture(scope="module")
def found():
    return {each.output: each for each in flask_sensitivities(short(), until="synthesis")}


def test_slope_of_the_cluster_band(found):
    """d ln(band)/d ln K: the same number from the precursor alone, by a difference of 1e-4 of the parameter; 1 %."""
    lean = {each.parameter: each for each in found["synthesis.cluster_band_ratio"].leans}["clusters.cooperativity"]
    parameters = parameters_of(short())

    def band(factor):
        value = float(parameters["clusters.cooperativity"]) * factor
        changed = parameters.replace({"clusters.cooperativity": value})
        return np.log(float(cluster_band_ratio(precursor_of(build_flask(changed)), precursor_bands(changed))))

    assert lean.slope == pytest.approx((band(1 + 1e-4) - band(1 - 1e-4)) / 2e-4, rel=0.01)


def test_a_precursor_knows_nothing_of_growth(found):
    """What happens after the injection cannot move the precursor; exact."""
    leans = {each.parameter: each.change for each in found["synthesis.cluster_band_ratio"].leans}
    assert leans["growth.attachment"] == 0
    assert leans["flask.mixing_time"] == 0
    assert leans["speciation.log10_k2"] != 0


def test_the_band_is_informed_by_its_row_and_the_number_of_dots_is_not_a_result(found):
    """P031 is the band itself, read to a fifth. After it only that fifth is left, or less: an exact bound."""
    band = found["synthesis.cluster_band_ratio"]
    assert band.informed
    assert band.rows[0] == "P031"
    assert band.posterior <= READINGS[0].deviation * 1.05
    assert all(each.posterior <= each.prior * (1 + 1e-12) for each in found.values())


def test_one_parameter_alone_keeps_its_own_ratio():
    """An output that leans on a single parameter is as wide as that parameter: ratio of the posterior of it alone."""
    parameters = parameters_of(load_recipe("otac-otam"))
    each = Range("flask.temperature", 413.0, 473.0, "linear")
    slopes = informed_slopes()[each.key]
    one = _sensitivity("synthesis.mean_edge", 1e-8, np.array([0.3]), [each], parameters, fitted=True)
    assert one.prior == pytest.approx(0.3)
    assert one.posterior == pytest.approx(0.3 / np.sqrt(1 + slopes @ slopes), rel=1e-9)
    assert one.leans[0].slope == pytest.approx(0.3 * 443.0 / (60.0 / np.sqrt(12)))


def test_what_a_recipe_states_is_known():
    data = tomllib.loads(bundled_text("otac-otam"))
    data["flask"]["temperature"] = "450 K"
    data["parameters"] = {"growth.attachment": "1e-4 m/s"}
    assert _stated(read_recipe(data)) == {"flask.temperature", "growth.attachment"}


def test_verdicts():
    entry = {"posterior": 0.9, "prior": 1.0, "rows": []}
    assert verdict(entry) == "declined: not informed by the data (90% of the width left)"
    assert verdict(entry | {"posterior": 0.2, "rows": ["P048"]}) == "informed by P048 (20% of the width left)"
    assert "published sizes" in verdict(entry | {"posterior": None})
    assert verdict(entry | {"posterior": 0.004, "prior": 0.005}).startswith("follows from the recipe")


def test_a_declined_output_shows_no_value(found):
    from tests.behaviour.synthetic_result import synthetic_result

    tree = synthetic_result()
    keep(tree, list(found.values()))
    table = sensitivity_table(tree, "synthesis")
    assert table is not None
    assert len(table.rows) == len(found)
    assert all((row[1] is None) == str(row[4]).startswith("declined") for row in table.rows)
    assert sensitivity_table(tree, "nanocrystal") is None
