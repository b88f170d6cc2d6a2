"""Tables of recipes: what a stranger's file may hold, what is refused, and the trends the constants must carry."""

import math
from pathlib import Path

import numpy as np
import pytest

from peqled.inference.series import as_recipe, preparation, read_series, run_row, run_series
from peqled.parameters import parameters_of
from peqled.recipe import RecipeError
from peqled.synthesis.stage import build_flask

TABLE = Path(__file__).parents[3] / "shared" / "lab" / "synthesis" / "cspbbr3_recipes_calibration.csv"
ROW = {
    "T_C": "160",
    "t_s": "5",
    "n_PbBr2_mmol": "0.2",
    "n_Cs2CO3_mmol": "0.03",
    "n_OA_mmol": "1.733",
    "n_OLA_mmol": "1.52",
    "n_OLA-HBr_mmol": "0.1",
    "n_ODE_mmol": "17.031",
}


def row(**changes):
    return preparation(ROW | changes)


def test_amounts_become_concentrations():
    """Volume by hand: molar volumes 320.0, 315.6 and 329 cm3/mol, 8e-4 per K above 298.15 K, salts without volume.

    The acid of the table counts that in the caesium oleate; the hydrobromide's amine is an amine too. Exact.
    """
    volume = (17.031 * 0.3200 + 1.733 * 0.3156 + (1.52 + 0.1) * 0.3290) * 1e-6 * (1 + 8e-4 * 135)
    flask = build_flask(parameters_of(as_recipe(row())[0]))
    assert float(flask.lead) == pytest.approx(0.2e-3 / volume, rel=1e-4)
    assert float(flask.caesium) == pytest.approx(0.06e-3 / volume, rel=1e-4)
    assert float(flask.ammonium_bromide) == pytest.approx(0.1e-3 / volume, rel=1e-4)
    assert float(flask.ligands.acid.sum()) == pytest.approx(1.733e-3 / volume, rel=1e-4)
    assert float(flask.ligands.amine.sum()) == pytest.approx(1.62e-3 / volume, rel=1e-4)


def test_caesium_bromide_brings_an_ammonium_bromide():
    """CsBr + HA + B = CsA + B.HBr: one acid and one amine fewer per CsBr, the bromide kept."""
    flask = build_flask(parameters_of(as_recipe(row(**{"n_Cs2CO3_mmol": "", "n_CsBr_mmol": "0.06"}))[0]))
    other = build_flask(parameters_of(as_recipe(row(**{"n_OLA-HBr_mmol": "0.16", "n_OLA_mmol": "1.46"}))[0]))
    for name in ("lead", "caesium", "ammonium_bromide"):
        assert float(getattr(flask, name)) == pytest.approx(float(getattr(other, name)), rel=1e-6)


def test_a_sphere_is_read_by_its_diameter():
    """Same flask, same volume: diameter over edge is (6/pi)^(1/3); exact."""
    cube, sphere = (run_row(row(shape=shape), cells=60) for shape in ("cube", "sphere"))
    assert sphere.edge / cube.edge == pytest.approx((6 / np.pi) ** (1 / 3), rel=1e-12)


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({"T_C": ""}, ["T_C", "missing"]),
        ({"t_s": "soon"}, ["t_s", "soon", "number"]),
        ({"n_OA_mmol": "-1"}, ["n_OA_mmol", "at least 0"]),
        ({"n_OAA_mmol": "1"}, ["n_OAA_mmol", "OA"]),
        ({"shape": "rod"}, ["shape", "rod", "cube"]),
        ({"n_ODE_mmol": ""}, ["no solvent"]),
        ({"n_TPBi_mmol": "1"}, ["TPBi", "no acid, amine"]),
    ],
)
def test_what_can_not_be_used_is_named(change, parts):
    with pytest.raises(RecipeError) as error:
        as_recipe(row(**change))
    assert all(part in str(error.value) for part in parts), error.value
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["", "T_C,t_s\n", "\x00\x01"])
def test_an_empty_table_is_refused(text, tmp_path):
    file = tmp_path / "table.csv"
    file.write_text(text)
    with pytest.raises(RecipeError, match=r"table\.csv"):
        read_series(file)


@pytest.mark.parametrize(
    "change",
    [
        {"n_PbBr2_mmol": ""},
        {"n_Cs2CO3_mmol": ""},
        {"n_OA_mmol": ""},
        {"n_OLA_mmol": "", "n_OLA-HBr_mmol": ""},
        {"t_s": "0"},
        {"T_C": "-272"},
        {"n_OLA-HBr_mmol": "50"},
    ],
)
def test_hopeless_recipes_end_with_a_word(change):
    """Nothing of one ingredient, no time, no heat, bromide far beyond the lead: a size or a reason, no stray NaN."""
    found = run_row(row(**change), cells=60)
    assert found.notes or (found.edge > 0 and found.variation >= 0)
    assert math.isfinite(found.caesium_yield)
    assert 0 <= found.caesium_yield <= 1 + 1e-9


def test_trends_of_published_recipes():
    """Hotter flasks give larger dots, ammonium bromide smaller ones: published slopes 80 kJ/mol of volume, -2.5/mmol.

    Half to twice the first. Of the second a quarter at least: flasks without bromide differ by a factor of two between
    groups, and the one set of constants lies between them. The constants were fitted to such recipes, so this guards
    the wiring and is no prediction.
    """
    cold, hot = (run_row(row(**{"T_C": t, "n_OLA-HBr_mmol": ""}), cells=60).edge for t in ("140", "190"))
    energy = 3 * math.log(hot / cold) * 8.314 / (1 / 413.15 - 1 / 463.15)
    assert 40e3 < energy < 160e3
    little, much = (run_row(row(**{"n_OLA-HBr_mmol": n}), cells=60).edge for n in ("0.05", "0.45"))
    assert -5.0 < math.log(much / little) / 0.4 < -0.6


@pytest.mark.skipif(not TABLE.exists(), reason="the table of published recipes is not part of the repository")
def test_published_recipes_run():
    """Every row of the four published series ends with dots, all with one set of constants; rms of ln(size) below 0.4.

    Nearly the same recipe without bromide gives 8.6 nm in one series (190 C) and 24.8 nm in another (180 C), so no set
    meets both; the worst row is held to a factor of 2.7.
    """
    results = run_series(read_series(TABLE))
    assert len(results) == 47
    deviations = np.array([r.deviation for r in results])
    assert np.all(np.isfinite(deviations))
    assert np.abs(deviations).max() < np.log(2.7)
    assert np.sqrt(np.mean(deviations**2)) < 0.4
