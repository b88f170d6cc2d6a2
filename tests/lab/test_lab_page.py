"""The report of measured files names quantities that reductions give."""

from pathlib import Path

import pytest

import peqled
from peqled.lab.templates import TEMPLATES, write_template
from peqled.report.lab_tables import HEADLINES, SWEEP_HEADLINES

SOURCES = "\n".join(
    file.read_text(encoding="utf-8")
    for topic in ("jvl", "lifetime", "plqy")
    for file in (Path(peqled.__file__).parent / "lab" / topic).glob("*.py")
)
"""Of what one file of one kind can't give: other routes to the EQE, several luminances, a set of sphere spectra."""


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Names of all quantities that come of the filled templates."""
    root = tmp_path_factory.mktemp("templates")
    for kind in TEMPLATES:
        (root / kind).mkdir()
        write_template(kind, root / kind / f"{kind}.csv")
    return {row.quantity for row in peqled.read(root).quantities}


@pytest.mark.parametrize("name", HEADLINES)
def test_a_headline_is_the_name_of_a_quantity(given, name):
    """A tile of the report that no reduction can fill is a tile that nobody ever sees."""
    assert name in given or f'"{name}"' in SOURCES


def test_sweeps_are_listed_by_what_batches_compare():
    assert SWEEP_HEADLINES[0] == "eqe_corrected_pct"
    assert "turn_on_v_at_1cdm2" in SWEEP_HEADLINES
