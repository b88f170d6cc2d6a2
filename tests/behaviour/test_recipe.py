"""Recipes: what is bundled loads, what is wrong gives one clear line with file, key, value and remedy."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peqled.parameters import parameters_of
from peqled.recipe import BUNDLED, RecipeError, bundled_text, load_recipe, read_recipe


def data(name="otac-otam"):
    return tomllib.loads(bundled_text(name))


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_recipes_load_and_are_short(name):
    assert load_recipe(name).name == name
    assert len(bundled_text(name).splitlines()) < 120


def test_the_two_flasks_differ_only_in_ligands_and_resurfacing():
    first, second = (parameters_of(load_recipe(name)) for name in BUNDLED)
    differing = {key for key in first.values if key in second.values and first.values[key] != second.values[key]}
    assert not differing
    only = set(first.values) ^ set(second.values)
    assert only == {"octanoic-acid.amount", "octylamine.amount", "oleic-acid.amount", "oleylamine.amount"}
    assert first.structure.resurfacing_agent
    assert not second.structure.resurfacing_agent


def faulty(path, value):
    recipe = data()
    place = recipe
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return recipe


@pytest.mark.parametrize(
    ("path", "value", "parts"),
    [
        (("flask", "temprature"), "443 K", ["flask.temprature", "temperature"]),
        (("flask", "temperature"), "443 eV", ["flask.temperature", "443 eV", "temperature"]),
        (("flask", "temperature"), "-3 K", ["flask.temperature", "-3 K", "more than 0 K"]),
        (("flask", "temperature"), 443, ["flask.temperature", "443", "unit"]),
        (("flask", "cluster_hypothesis"), "strength", ["flask.cluster_hypothesis", "strength", "acid-strength"]),
        (("flask", "acids"), {"oleic-acd": "1 mol/m3"}, ["flask.acids.oleic-acd", "oleic-acid"]),
        (("device", "layers", 2, "material"), "PTA", ["device.layers[2].material", "PTA", "PTAA"]),
        (("device", "layers", 2, "thickness"), "25 eV", ["device.layers[2].thickness", "25 eV", "length"]),
        (("device", "layers", 2, "thickness"), "-25 nm", ["device.layers[2].thickness", "-25 nm", "more than 0 m"]),
        (("device", "layers", 2, "parameters"), {"homoo": "-5 eV"}, ["device.layers[2].parameters", "homo"]),
        (("flask", "aggregation"), "brown", ["flask.aggregation", "brown", "brownian"]),
        (("flask", "largest_edge"), "1 m", ["flask.largest_edge", "1 m", "at most"]),
        (("flask", "largest_edge"), "0.5 nm", ["flask.largest_edge", "0.5 nm", "more than"]),
        (("flask", "acids"), {"octylamine": "1 mol/m3"}, ["flask.acids.octylamine", "amine ligand", "acid ligand"]),
        (("flask", "amines"), {"octadecene": "1 mol/m3"}, ["flask.amines.octadecene", "solvent", "amine ligand"]),
        (("flask", "cesium_acid"), "oleylamine", ["flask.cesium_acid", "amine ligand", "acid ligand"]),
        (("flask", "resurfacing"), {"agent": "toluene"}, ["flask.resurfacing.agent", "solvent", "zwitterion ligand"]),
        (("nanocrystals",), {"trpl": {"response_fwhm": "0.3 eV"}}, ["nanocrystals.trpl.response_fwhm", "0.3 eV"]),
        (("nanocrystals",), {"trpl": {"repetition_rate": "1 GHz", "response_fwhm": "0.3 ns"}}, ["a fifth", "0.2 ns"]),
        (("nanocrystals",), {"trpl": {"response_signal": [1, 2]}}, ["nanocrystals.trpl", "response_bin"]),
        (("nanocrystals",), {"trpl": {"response_bin": "1 ns", "response_signal": [0, 0]}}, ["trpl", "all zero"]),
        (("nanocrystals",), {"trpl": {"response_bin": "1 ns", "response_signal": [1, -1]}}, ["trpl", "negative"]),
        (("nanocrystals",), {"trpl": {"response_bin": "1 ns", "response_signal": [1, "a"]}}, ["response_signal"]),
        (
            ("nanocrystals",),
            {"trpl": {"response_bin": "10 ns", "response_signal": [1.0, 2.0], "repetition_rate": "100 MHz"}},
            ["nanocrystals.trpl", "10 ns"],
        ),
        (("drive", "to"), "-2 V", ["drive", "forward"]),
        (("ageing", "humidity"), "120 %", ["ageing.humidity", "at most 1"]),
        (("batch", "devices"), 0, ["batch.devices", "0"]),
        (("experiments",), {"scan": {"rate": "1 V"}}, ["experiments.scan.rate", "1 V"]),
        (("experiments",), {"scan": {"speed": "1 V/s"}}, ["experiments.scan.speed", "rate"]),
        (("experiments",), {"pulse": {"voltage": "-4 V"}}, ["experiments.pulse.voltage", "greater than 0"]),
        (("experiments",), {"impedance": {"lowest": "1 MHz", "highest": "1 Hz"}}, ["experiments.impedance", "highest"]),
        (("experiments",), {"constant_current": {"currents": ["1 A/m2"]}}, ["experiments.constant_current.currents"]),
        (
            ("experiments",),
            {"single_carrier": {"layer": "PTA", "carrier": "hole"}},
            ["experiments.single_carrier.layer", "PTA", "PTAA"],
        ),
    ],
)
def test_bad_input_names_key_value_and_remedy(path, value, parts):
    with pytest.raises(RecipeError) as error:
        read_recipe(faulty(path, value), label="mine.toml")
    message = str(error.value)
    assert message.startswith("mine.toml: ")
    assert "\n" not in message
    assert all(part in message for part in parts), message


def test_a_missing_key_is_named():
    recipe = data()
    del recipe["flask"]["acids"]
    with pytest.raises(RecipeError, match=r"flask\.acids.*missing"):
        read_recipe(recipe)


def test_a_file_that_is_not_there_or_no_toml(tmp_path):
    with pytest.raises(RecipeError, match="did you mean 'otac-otam'"):
        load_recipe("otac-otan")
    broken = tmp_path / "broken.toml"
    broken.write_text("name = ")
    with pytest.raises(RecipeError, match="not valid TOML"):
        load_recipe(broken)
    with pytest.raises(RecipeError, match="is a folder"):
        load_recipe(tmp_path)


def test_a_layer_twice_needs_a_name():
    recipe = data()
    recipe["device"]["layers"].insert(6, {"material": "TPBi"})
    with pytest.raises(RecipeError, match="'TPBi' appears twice"):
        read_recipe(recipe)
    recipe["device"]["layers"][6]["name"] = "second TPBi"
    parameters = parameters_of(read_recipe(recipe))
    assert parameters["second TPBi.thickness"] == parameters["TPBi.thickness"]


def test_recipe_overrides_reach_the_parameters():
    recipe = data()
    recipe["device"]["layers"][6] |= {"thickness": "55 nm", "parameters": {"mobility_electron": "2e-4 cm2/V/s"}}
    recipe["parameters"] = {"growth.solubility": "5e-3 mol/m3"}
    parameters = parameters_of(read_recipe(recipe))
    assert float(parameters["PO-T2T.thickness"]) == pytest.approx(55e-9, rel=1e-12)
    assert float(parameters["PO-T2T.mobility_electron"]) == pytest.approx(2e-8, rel=1e-12)
    assert float(parameters["growth.solubility"]) == pytest.approx(5e-3, rel=1e-12)
    with pytest.raises(KeyError, match="nearest"):
        _ = parameters["PO-T2T.thicknes"]


@given(st.floats(min_value=1e-3, max_value=1e3))
def test_any_positive_thickness_is_read_exactly(nanometres):
    parameters = read_recipe(faulty(("device", "layers", 2, "thickness"), f"{nanometres!r} nm"))
    assert parameters.device.layers[2].thickness * 1e9 == pytest.approx(nanometres, rel=1e-14)
