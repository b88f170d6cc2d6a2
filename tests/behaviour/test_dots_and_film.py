"""Behaviour of the assembled dots and film: gradients, leading time axis, empty ensembles, in-situ map."""

import tomllib

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import peqled
from peqled import film as film_room
from peqled import nanocrystal as nanocrystal_room
from peqled.film import BulkIndex, FilmModel, Foerster, Hopping, film
from peqled.nanocrystal import (
    DotModel,
    HomogeneousWidth,
    InSitu,
    InverseSquare,
    Surface,
    class_photoluminescence,
    dots,
    normal_ensemble,
    pl_map,
    sizing_curve,
    spectrum_shape,
)
from peqled.recipe import bundled_text, read_recipe
from peqled.result import warnings_of

NM = 1.0e-9
EDGE = jnp.linspace(0.9, 30.0, 200) * NM
WAVELENGTH = jnp.linspace(400.0, 600.0, 401) * NM
TIME = jnp.linspace(0.0, 150.0e-9, 151)
BULK = BulkIndex.from_wavelength(
    np.array([400.0, 450.0, 500.0, 517.0, 530.0, 550.0, 700.0]) * NM,
    np.array([2.35 + 0.55j, 2.30 + 0.42j, 2.20 + 0.33j, 2.256 + 0.279j, 2.318 + 0.032j, 2.186, 2.05]),
)
DEFAULT = {
    "mean": 9.5e-9,
    "variation": 0.12,
    "coverage": 0.6,
    "gap": 2.5e-9,
    "radius": 8.0e-9,
    "trap_rate": 1.0e8,
    "width": 0.06,
    "bulk_limit": 2.365,
    "temperature": 300.0,
}


def models(value):
    model = DotModel(
        sizing=InverseSquare(bulk_limit=value["bulk_limit"]),
        width=HomogeneousWidth(constant=value["width"]),
        surface=Surface(trap_rate=value["trap_rate"]),
    )
    return model, FilmModel(gap=value["gap"], foerster=Foerster(radius=value["radius"]), hopping=Hopping())


def evaluate(value):
    """Dots and film of one set of parameters, the function all tests here share."""
    number = normal_ensemble(EDGE, mean=value["mean"], variation=value["variation"], total=1e21)
    model, layer = models(value)
    common = {"coverage": value["coverage"], "temperature": value["temperature"], "decay_time": TIME}
    seen = dots(EDGE, number, WAVELENGTH, model=model, **common)
    return seen, film(EDGE, number, WAVELENGTH, bulk=BULK, dots=model, model=layer, **common)


def summary(value):
    seen, layer = evaluate(value)
    scalars = [
        seen.shape.peak,
        seen.shape.fwhm,
        seen.shape.centroid,
        seen.homogeneous_fwhm,
        seen.plqy,
        seen.lifetimes.one_over_e,
        seen.lifetimes.intensity,
        seen.edge_variation,
        seen.diffraction_fwhm,
        seen.scattering.z_average,
        layer.plqy,
        layer.shape.centroid,
        layer.shape.fwhm,
        layer.lifetimes.amplitude,
        layer.lifetimes.intensity,
        layer.mobility,
        layer.packing.fill_factor,
        layer.emission_extinction,
        layer.index[240].real,
        layer.index[240].imag,
        layer.decay[30],
    ]
    return jnp.log(jnp.stack(scalars))


READ = np.array([1, 3, 12])  # widths read between grid points
SMOOTH = np.setdiff1d(np.arange(21), READ)
run, logs = jax.jit(evaluate), jax.jit(summary)
seen_in_situ = jax.jit(pl_map)
slope = jax.jit(lambda value, direction: jax.jvp(summary, (value,), (direction,))[1])


@pytest.mark.parametrize("name", DEFAULT)
def test_gradient_against_central_differences(name):
    """d ln(output)/d ln(parameter) by forward mode and by central differences with a relative step of 1e-4, whose error
    is of order 1e-8 times the third derivative plus rounding / 1e-4: tolerance 1e-4, with the same absolute floor. A
    FWHM is read from the grid and jumps by some 1e-5 nm where its parabola changes cell: 5e-3 for the three of them.
    """
    step = 1.0e-4
    zero = dict.fromkeys(DEFAULT, 0.0)
    exact = slope(DEFAULT, zero | {name: DEFAULT[name]})
    up, down = (logs(DEFAULT | {name: DEFAULT[name] * (1.0 + sign * step)}) for sign in (1.0, -1.0))
    difference = (up - down) / (2.0 * step)
    assert bool(jnp.isfinite(exact).all())
    np.testing.assert_allclose(exact[SMOOTH], difference[SMOOTH], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(exact[READ], difference[READ], rtol=5e-3, atol=5e-3)


def test_film_shifts_to_the_red_and_loses_yield():
    """Transfer moves light to larger dots and to dots with traps: longer wavelength, lower PLQY, faster decay than in
    solution; all of it grows with R0 and vanishes without transfer.
    """
    seen, layer = run(DEFAULT)
    _, near = run(DEFAULT | {"radius": 10.0e-9})
    _, none = run(DEFAULT | {"radius": 1.0e-12})
    assert 0.0 < float(layer.red_shift) < float(near.red_shift) < 10.0 * NM
    assert float(near.plqy) < float(layer.plqy) < float(seen.plqy)
    assert float(near.lifetimes.amplitude) < float(layer.lifetimes.amplitude) < float(seen.lifetimes.amplitude)
    assert float(none.plqy) == pytest.approx(float(seen.plqy), rel=1e-9)
    assert float(none.red_shift) / NM == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(none.pl, seen.pl, atol=1e-9 * float(seen.pl.max()))
    np.testing.assert_allclose(none.decay, seen.decay, atol=1e-3)


def test_full_coverage_is_radiative():
    """No bare site, no trap: yield 1 and all three lifetimes 1/k_r, in solution and in the film."""
    for layer in run(DEFAULT | {"coverage": 1.0}):
        assert float(layer.plqy) == pytest.approx(1.0, abs=1e-12)
        assert float(layer.lifetimes.amplitude * Surface().radiative_rate) == pytest.approx(1.0, rel=1e-10)
        assert float(layer.lifetimes.intensity * Surface().radiative_rate) == pytest.approx(1.0, rel=1e-10)
        assert float(layer.lifetimes.one_over_e * Surface().radiative_rate) == pytest.approx(1.0, rel=1e-3)


def test_one_over_e_of_film_and_dots_agree_without_transfer():
    """Read from a curve at 1 ns against a root of the closed form: second-order step error, 0.5 %."""
    seen, _ = run(DEFAULT)
    _, none = run(DEFAULT | {"radius": 1.0e-12})
    assert float(none.lifetimes.one_over_e / seen.lifetimes.one_over_e) == pytest.approx(1.0, rel=5e-3)


def test_film_values_are_in_the_range_of_the_parameter_book():
    """Index 1.7-2.1, k 0-0.13, permittivity 5-11, mobility 5e-5 to 5e-3 cm2/Vs at the default gap."""
    _, layer = run(DEFAULT)
    at_line = layer.index[234]
    assert 1.7 < float(at_line.real) < 2.1
    assert 0.0 < float(at_line.imag) < 0.13
    assert 5.0 < float(layer.permittivity.separate) < float(layer.permittivity.symmetric) < 11.0
    assert 5e-9 < float(layer.mobility) < 5e-7
    assert bool(layer.index_covered[100:].all())


def test_time_axis_and_empty_ensemble():
    """vmap over time; the empty first frame has a spectrum of zeros, NaN where nothing is defined, and spoils no
    other.
    """
    number = jnp.stack([jnp.zeros(EDGE.size), normal_ensemble(EDGE, mean=8.0 * NM, variation=0.1, total=1e21)])
    model, _ = models(DEFAULT)
    both = jax.jit(
        jax.vmap(lambda n: dots(EDGE, n, WAVELENGTH, model=model, coverage=0.5, decay_time=TIME), in_axes=0)
    )(number)
    assert not np.asarray(both.pl[0]).any()
    assert not np.asarray(both.absorption[0]).any()
    assert np.isnan(both.shape.peak[0])
    assert np.isnan(both.mean_edge[0])
    assert float(both.mean_edge[1]) / NM == pytest.approx(8.0, rel=1e-6)
    assert 490.0 < float(both.shape.peak[1]) / NM < 520.0


def test_in_situ_map_follows_the_flask():
    """Clusters vanish at once while dots grow from 5 to 9 nm: the cluster window empties, the dot peak moves to the
    red, a frame before injection holds clusters only, and frames of a steady flask equal the instantaneous spectrum.
    """
    time = jnp.linspace(-1.0, 4.0, 51)
    size = jnp.clip(5.0 + 4.0 * time / 2.0, 5.0, 9.0) * NM
    number = jax.vmap(lambda mean: normal_ensemble(EDGE, mean=mean, variation=0.1, total=1e21))(size)
    number = jnp.where(time[:, None] < 0.0, 0.0, number)
    setup = InSitu(path=1.0e-9, exposure=0.2)
    model = DotModel()
    seen = seen_in_situ(
        EDGE,
        number,
        clusters=jnp.where(time < 0.0, 5.0, 0.0),
        temperature=jnp.full(51, 298.0),
        coverage=jnp.ones(51),
        time=time,
        frame=jnp.array([-0.5, 0.2, 2.0, 4.0]),
        wavelength=WAVELENGTH,
        model=model,
        setup=setup,
    )
    assert np.isnan(seen.shape.peak[0])
    peaks = np.asarray(seen.shape.peak[1:])
    assert (np.diff(peaks) > 0.0).all()
    assert float(seen.cluster_intensity[0]) > 10.0 * float(seen.cluster_intensity[3])
    weight = number[-1] * (EDGE >= 1.9 * NM) * model.cross_section(EDGE)
    steady = class_photoluminescence(EDGE, weight, WAVELENGTH, model=model)
    np.testing.assert_allclose(seen.intensity[3], steady, rtol=1e-6, atol=1e-9 * float(steady.max()))


def test_reabsorption_moves_the_peak_to_the_red():
    """A longer path through the flask absorbs the blue side of the line more: dimmer and redder."""
    number = normal_ensemble(EDGE, mean=9.0 * NM, variation=0.1, total=1e22)[None]
    common = {
        "clusters": jnp.zeros(2),
        "temperature": jnp.full(2, 298.0),
        "coverage": jnp.ones(2),
        "time": jnp.array([0.0, 1.0]),
        "frame": jnp.ones(1),
        "wavelength": WAVELENGTH,
        "model": DotModel(),
    }
    thin, thick = (
        seen_in_situ(EDGE, jnp.repeat(number, 2, axis=0), setup=InSitu(path=path), **common) for path in (1e-6, 1e-2)
    )
    assert float(thick.shape.peak[0]) > float(thin.shape.peak[0]) + 1.0 * NM
    assert float(thick.intensity.sum()) < float(thin.intensity.sum())


def test_homogeneous_share():
    """Nearly one size: the width is homogeneous. A broad ensemble of small dots: it is not."""
    narrow, _ = run(DEFAULT | {"variation": 0.03})
    broad, _ = run(DEFAULT | {"mean": 6.0e-9, "variation": 0.25})
    assert float(narrow.homogeneous_share) == pytest.approx(1.0, abs=0.01)
    assert float(broad.homogeneous_share) < 0.8


def test_peak_needs_both_half_heights():
    """A line cut off by the grid has a peak but no width: NaN, not a number."""
    shape = spectrum_shape(WAVELENGTH, jnp.exp(-0.5 * ((WAVELENGTH / NM - 597.0) / 8.0) ** 2))
    assert float(shape.peak) / NM == pytest.approx(597.0, abs=1e-3)
    assert np.isnan(shape.fwhm)


def test_unknown_sizing_curve_names_the_choices():
    with pytest.raises(ValueError, match="S1, S2, S3"):
        sizing_curve("S9")


@pytest.mark.parametrize("room", [nanocrystal_room, film_room])
def test_public_names_exist(room):
    assert len(set(room.__all__)) == len(room.__all__)
    assert all(hasattr(room, name) for name in room.__all__)


def test_results_are_immutable():
    seen, _ = run(DEFAULT)
    with pytest.raises(AttributeError):
        seen.plqy = 1.0
    assert eqx.is_array(seen.plqy)


COLD = {"time": "5 s", "temperature": "298 K"}


@pytest.mark.parametrize(
    ("change", "dots_there", "words"),
    [
        ({"lead_bromide": "0 mol/m3"}, False, "no dots that emit"),
        ({"amines": {"octylamine": "0 mol/m3"}, "acids": {"octanoic-acid": "6000 mol/m3"}}, False, "no dots that emit"),
        ({"temperature": "1 K"}, False, "no dots that emit"),
        ({"duration": "1 ns"}, False, "no dots that emit"),
        ({"acids": {"octanoic-acid": "0 mol/m3"}}, True, "outside 440 to 600 nm"),
        ({"duration": "30 day"}, True, ""),
        ({"injection": {"duration": "1 h"}, "duration": "2 h"}, True, ""),
        (
            {"steps": [{"time": "1 s", "temperature": "470 K"}], "quench": {"time": "5 s", "temperature": "298 K"}},
            True,
            "",
        ),
    ],
)
def test_extreme_recipes_give_an_answer_or_a_word(change, dots_there, words):
    """No lead, all acid, 1 K, an instant, no acid, a month, slow addition, a programme with a quench: recipe to dots.

    Counts are never negative and the map holds no NaN; what can't be answered is said in words.
    """
    data = tomllib.loads(bundled_text("otac-otam"))
    data["flask"] |= {"cells": 60} | change
    tree = peqled.simulate(read_recipe(data), only="nanocrystal")
    flask, seen = tree["synthesis"], tree["nanocrystal"]
    assert float(flask["size_distribution"].min()) >= 0
    assert float(flask["balance_error"].max()) < 1e-12
    assert np.isfinite(flask["species_concentration"]).all()
    assert np.isfinite(seen["insitu_pl"]).all()
    assert bool(flask["particle_number"][-1] > 0) == dots_there
    assert words in " ".join(warnings_of(tree))
    assert bool(np.isfinite(seen["pl_peak"])) == (not words)
