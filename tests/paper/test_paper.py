"""The paper table: all 95 rows with their roles, calibrated rows met, and the right reasons behind the flask's rows."""

import json

import numpy as np
import pytest

from peqled.report.comparison import build_table, compare_with_paper
from peqled.report.paper import markdown, write_paper
from peqled.report.readings import CONTROL, IMPROVED
from peqled.report.rows import Role, paper_rows
from peqled.report.statements import cluster_share
from peqled.result import read_value
from tests.browser import assert_opens_without_requests, needs_browser


@pytest.fixture(scope="module")
def comparison():
    return compare_with_paper(samples=2)


@pytest.fixture(scope="module")
def table(comparison):
    return build_table(comparison)


def row_of(table, identity):
    return next(row for row in table["rows"] if row["id"] == identity)


def test_every_row_of_the_paper_is_there_once():
    rows = paper_rows()
    assert [row.id for row in rows] == [f"P{i:03d}" for i in range(1, 96)]
    known = {row.id: row for row in rows}
    for row in rows:
        if row.repeats:
            origin = known[row.repeats]
            assert not origin.repeats
            assert origin.role is row.role
            assert origin.sample == row.sample


def test_the_table_has_the_fields_and_roles_that_readers_expect(table):
    fields = [
        "id",
        "quantity",
        "sample",
        "paper",
        "twin",
        "low",
        "high",
        "unit",
        "deviation",
        "role",
        "verdict",
        "reason",
    ]
    roles = {role.value for role in Role}
    for row in table["rows"]:
        assert list(row) == fields
        assert row["role"] in roles
        assert row["verdict"]
        assert row["reason"] or row["role"] == "input" or row["verdict"].startswith("counts with")
    json.dumps(table, allow_nan=False)


def test_at_most_ten_parameters_are_fitted_and_only_to_calibrated_rows(table):
    assert 0 < len(table["fitted"]) <= 10
    roles = {row["id"]: row["role"] for row in table["rows"]}
    used = {row for entry in table["fitted"] for row in entry["rows"]}
    assert {roles[row] for row in used} == {"calibrated"}
    assert not used & {row.id for row in paper_rows() if row.twin in ("led.eqe_max", "batch.eqe_mean")}


@pytest.mark.parametrize(
    ("identity", "tolerance"),
    [
        ("P048", 0.3),
        ("P049", 0.3),
        ("P050", 0.1),
        ("P051", 0.1),
        ("P054", 0.1),
        ("P059", 0.1),
        ("P085", 0.6),
        ("P086", 0.02),
    ],
)
def test_calibrated_rows_are_met(table, identity, tolerance):
    """The fit is a root in each row; what is left is the order in which the roots were taken (rows' own units)."""
    assert abs(row_of(table, identity)["deviation"]) < tolerance


def test_measurement_rows_name_their_reduction(table):
    for number, reduction in ((64, "ftir"), (68, "xps"), (74, "xps"), (40, "tem")):
        assert reduction in row_of(table, f"P{number:03d}")["reason"]


def test_predictions_carry_an_interval_and_the_eqe_its_frozen_default(table):
    eqe = row_of(table, "P007")
    assert eqe["role"] == "predicted"
    assert eqe["low"] < eqe["high"]
    assert 0 < eqe["twin"] < 100
    assert "middle of its range" in eqe["reason"]


def test_what_is_not_reproduced_says_so(table):
    """The later decrease of P043 has no mechanism in the model."""
    shrinking = row_of(table, "P043")
    assert shrinking["verdict"] == "not reproduced"
    assert "later decrease" in shrinking["twin"]


def test_the_flasks_differ_for_the_right_reasons(comparison):
    """Band, routes, number, size and spread at 2 s and at the end, with one parameter set."""
    improved, control = (comparison.trees[name] for name in (IMPROVED, CONTROL))

    def at(tree, name, time):
        return float(read_value(tree, name).sel(time=time, method="nearest"))

    assert float(read_value(control, "synthesis.cluster_band_ratio")) > 0.1
    assert float(read_value(improved, "synthesis.cluster_band_ratio")) < 0.005
    assert cluster_share(improved) < 1e-3
    assert 1e-3 < cluster_share(control) < 1 - 1e-3
    assert at(control, "synthesis.particle_number", 2.0) > 3 * at(improved, "synthesis.particle_number", 2.0)
    assert at(control, "synthesis.mean_edge", 2.0) < at(improved, "synthesis.mean_edge", 2.0)
    assert at(control, "nanocrystal.insitu_peak", 600.0) > at(control, "nanocrystal.insitu_peak", 2.0) + 5e-9
    assert float(read_value(control, "nanocrystal.size_cv")) > float(read_value(improved, "nanocrystal.size_cv"))
    assert abs(float(read_value(improved, "nanocrystal.pl_peak")) * 1e9 - 515) < 3
    assert abs(float(read_value(improved, "nanocrystal.pl_fwhm")) * 1e9 - 18) < 3
    coarse, fine = (
        float(np.atleast_1d(read_value(improved, f"synthesis.{name}"))[-1]) for name in ("size_cv_coarse", "size_cv")
    )
    assert fine == pytest.approx(coarse, rel=0.05)


@pytest.mark.parametrize("name", [IMPROVED, CONTROL])
def test_everything_conserved_is_conserved(comparison, name):
    """Elements 1e-12, photons 1e-6, current 1e-8 where it is above 1e-3 A/m2, injected pairs by fate 1e-6."""
    tree = comparison.trees[name]
    assert float(np.max(read_value(tree, "synthesis.balance_error"))) < 1e-12
    assert abs(float(read_value(tree, "led.mode_budget").sum()) - 1) < 1e-6
    assert float(read_value(tree, "optics.budget_error")) < 1e-6
    current = read_value(tree, "led.current_density").values
    flowing = current > 1e-3
    assert flowing.sum() > 10
    assert np.all(read_value(tree, "led.current_spread").values[flowing] < 1e-8)
    assert abs(current[0]) < 1e-12
    np.testing.assert_allclose(read_value(tree, "led.loss_share").values[flowing].sum(axis=1), 1.0, atol=1e-6)


def test_the_table_is_written_whole(comparison, tmp_path):
    table = write_paper(comparison, tmp_path)
    assert json.loads((tmp_path / "paper.json").read_text()) == table
    assert sorted(file.name for file in tmp_path.iterdir()) == ["paper.json", "paper.md", "report.html"]
    assert markdown(table, samples=2).count("\n| P") == 95
    page = (tmp_path / "report.html").read_text()
    assert "P095" in page
    assert page.count("<figure") >= 15
    assert 'src="http' not in page


@needs_browser
def test_the_report_opens_in_a_browser_without_requests(comparison, tmp_path):
    write_paper(comparison, tmp_path)
    assert_opens_without_requests(tmp_path / "report.html", tmp_path)
