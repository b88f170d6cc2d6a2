"""What the paper's numbers know of the flask: the linear-Gaussian posterior and the file that holds it."""

import numpy as np
import pytest

from peqled.inference import posterior
from peqled.inference.posterior import READINGS, posterior_over_prior, prior_ranges, width_ratios
from peqled.report.comparison import _informed
from peqled.report.rows import paper_rows


def test_one_reading_of_one_parameter_has_the_textbook_width():
    """Prior 1, slope s in units of the noise: the posterior deviation is 1/sqrt(1 + s^2); unread parameters keep 1."""
    slopes = np.zeros((len(READINGS), 3))
    slopes[0, 0] = 3.0
    found = posterior_over_prior(slopes)
    assert found == pytest.approx([1 / np.sqrt(10), 1.0, 1.0], rel=1e-12)


def test_two_parameters_behind_one_number_stay_almost_as_wide_as_they_were():
    """Only their sum is measured: each keeps sqrt((1 + s^2)/(1 + 2 s^2)), 1/sqrt 2 for an exact reading."""
    slopes = np.zeros((len(READINGS), 2))
    slopes[1] = 50.0
    expected = np.sqrt((1 + 50.0**2) / (1 + 2 * 50.0**2))
    assert posterior_over_prior(slopes) == pytest.approx([expected, expected], rel=1e-9)


def test_the_file_holds_every_parameter_that_is_sampled_or_fitted():
    assert set(width_ratios()) == {each.key for each in prior_ranges()}
    assert all(0.0 < ratio <= 1.0 for ratio in width_ratios().values())


def test_a_row_that_rests_on_uninformed_parameters_says_so(monkeypatch):
    row = next(row for row in paper_rows() if row.id == "P020")
    verdict, reason = _informed(row)
    assert verdict == "not informed by the data"
    assert "resurfacing.attachment_factor 1.00" in reason
    monkeypatch.setattr("peqled.report.comparison.NOT_INFORMED", 1.1)
    assert _informed(row)[0] == "declined"
    assert posterior.NOT_INFORMED == 0.8
