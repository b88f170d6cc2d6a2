"""Exchanging only the ligands in the recipe moves band, nuclei and size, whatever the cluster hypothesis."""

import tomllib

import numpy as np
import pytest

from peqled.recipe import bundled_text, read_recipe
from peqled.result import read_value, warnings_of
from peqled.twin import simulate


def flask(hypothesis, acid, amine):
    data = tomllib.loads(bundled_text("oa-oam"))
    data["flask"] |= {"cluster_hypothesis": hypothesis, "duration": "2 s", "cells": 60}
    data["flask"] |= {"acids": {acid: "240.6 mol/m3"}, "amines": {amine: "235 mol/m3"}}
    return simulate(read_recipe(data), only="synthesis")


@pytest.mark.parametrize("hypothesis", ["acid-strength", "salt-aggregation", "cluster-solubility"])
def test_exchanging_the_ligands_moves_band_nuclei_and_size(hypothesis):
    """Oleyl to octyl, nothing else: the band goes, fewer nuclei form, and the dots are larger after 2 s."""
    oleyl, octyl = flask(hypothesis, "oleic-acid", "oleylamine"), flask(hypothesis, "octanoic-acid", "octylamine")
    band = [float(read_value(tree, "synthesis.cluster_band_ratio")) for tree in (oleyl, octyl)]
    number, edge = (
        [float(read_value(tree, f"synthesis.{name}")[-1]) for tree in (oleyl, octyl)]
        for name in ("particle_number", "mean_edge")
    )
    assert band[0] > 0.1
    assert band[1] < 0.005
    assert number[0] > 2 * number[1]
    assert edge[1] > 1.2 * edge[0]
    assert any(hypothesis in text for text in warnings_of(octyl))
    assert np.max(read_value(octyl, "synthesis.balance_error")) < 1e-12
