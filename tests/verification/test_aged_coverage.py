"""Lost emission read as lost ligands: the film at the coverage found has the yield that was asked for."""

import numpy as np

from peqled.film.aged_coverage import aged_film
from peqled.film.stage import film_at_coverage
from peqled.parameters import parameters_of
from peqled.recipe import load_recipe
from peqled.twin import evaluate


def test_the_film_at_the_coverage_found_keeps_that_share():
    """Nothing lost, nothing changed; 90 and 60 % kept (the paper's two films) need ever fewer ligands. The table of
    films is linear between its points: 2 % of the yield. A film can't keep more than all of its light."""
    parameters = parameters_of(load_recipe("otac-otam")).with_structure(error_checks=False)
    results = evaluate(parameters, until="film")
    kept = np.array([1.0, 0.9, 0.6, 1.1])
    found = aged_film(parameters, results, kept)
    made = results["film"].film
    assert found.coverage[0] == 1.0
    assert abs(found.peak[0] - float(made.shape.peak)) < 1e-13
    assert 1.0 > found.coverage[1] > found.coverage[2] > 0.2
    assert np.isnan(found.coverage[3])
    own = float(results["nanocrystal"].coverage)
    for share, coverage in zip(kept[1:3], found.coverage[1:3], strict=True):
        aged = film_at_coverage(parameters, results, own * coverage)
        assert abs(float(aged.plqy / made.plqy) - share) < 0.02
