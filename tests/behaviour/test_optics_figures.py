"""Figures of optics alone draw what they are given, and the flows of a budget are all of it."""

import jax.numpy as jnp
import numpy as np
import pytest
from matplotlib.figure import Figure

from peqled.optics import Layer, Stack
from peqled.report.figures import optics as draw

PLACES = ("ITO", "dots", "Al", "air", "substrate", "top", "guided")


@pytest.fixture
def ax():
    return Figure().add_subplot()


def test_flows_are_the_whole_budget(ax):
    budget = np.random.default_rng(1).random((6, len(PLACES), 2, 4))
    budget /= budget.sum((1, 2, 3), keepdims=True)
    found = draw.flows(budget, PLACES)
    np.testing.assert_allclose(sum(found.values()), 1.0, rtol=1e-14)
    draw.budget_against(ax, np.arange(6.0), found, label="ETL (nm)")
    assert [text.get_text() for text in ax.get_legend().get_texts()][-1] == "air"


def test_map_and_field(ax):
    power = np.abs(np.random.default_rng(2).random((5, 7)))
    mesh = draw.dissipation_map(ax, np.linspace(0, 2, 7), np.linspace(5e-7, 6e-7, 5), power, lines={"air": 1.0})
    assert mesh.get_array().size == 35
    other = Figure().add_subplot()
    draw.field_in_stack(
        other, np.linspace(0, 2e-7, 9), {"TE": np.ones(9)}, thickness=[1e-7, 1e-7], labels=["ITO", "ETL"]
    )
    assert {text.get_text() for text in other.texts} == {"ITO", "ETL"}


def test_least_yield_leaves_out_what_is_not_reached(ax):
    """A column that no stack reaches has no line and no band; the Lambertian line needs a Lambertian stack."""
    needed = np.array([[np.inf, 0.9, 0.6], [np.inf, 0.8, 0.7]])
    draw.least_yield(ax, [0.6, 0.8, 1.0], needed, lambertian=np.array([[1.0] * 3, [1.3] * 3]), target=0.24)
    best, flat = (line.get_ydata() for line in ax.lines)
    np.testing.assert_array_equal(best, [np.nan, 0.8, 0.6])
    np.testing.assert_array_equal(flat, [np.nan, 0.9, 0.6])


def test_a_table_without_k_says_so():
    """PMMA of the book holds n alone: the message names material and table."""
    with pytest.warns(UserWarning, match="PMMA .Beadie.: the table holds n alone"):
        Stack.of(
            [Layer("PMMA", 50e-9), Layer(jnp.asarray(1.7), 30e-9, name="dots")], emitter="dots", wavelength=[517e-9]
        )
