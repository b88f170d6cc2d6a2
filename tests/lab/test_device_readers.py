"""Device files in the dialects of instruments, through the public function; the device is the same in each."""

import json

import numpy as np
import pytest

import peqled
from peqled.lab import LabFileError
from peqled.lab.templates import TEMPLATES, write_template
from peqled.lab.text import number, read_tables, split_unit
from peqled.lab.units import factor_to
from tests.lab.device_files import AREA, CE, spectrum, sweep, table

V, J, L = sweep()
GRID, LIGHT = spectrum()
MA = J / 10
EXACT = 24.13 / 80.84 * CE  # % EQE of this line per cd/A (row Z1 of the reference table)

SWEEPS = {
    "tab": table(["Voltage(V)", "Current(A)", "J(mA/cm2)", "L(cd/m2)"], [V, J * AREA, MA, L], delimiter="\t").encode(),
    "german": table(
        ["Spannung [V]", "Stromdichte [mA/cm²]", "Leuchtdichte [cd/m²]"], [V, MA, L], delimiter=";", decimal=","
    ).encode("cp1252"),
    "utf16": table(
        ["Voltage (V)", "Current density (A/m^2)", "Luminance (nits)"], [V, J, L], delimiter="\t", decimal=","
    ).encode("utf-16"),
    "bom": table(["V (V)", "I (mA)", "L (kcd/m2)"], [V, J * AREA * 1e3, L / 1e3], header=["# Area: 4 mm^2"]).encode(
        "utf-8-sig"
    ),
    "unit row": table(["Bias", "Current", "Luminance"], [V, J * AREA, L], header=["Device: D1", "Pixel area (mm2): 4"])
    .replace("Bias,Current,Luminance\n", "Bias,Current,Luminance\nV,A,cd/m2\n")
    .encode(),
    "spaces": table(["V", "J(mA/cm2)", "L(cd/m2)"], [V, MA, L], delimiter="   ").encode(),
    "log below": (
        table(["Voltage (V)", "J (mA/cm2)", "L (cd/m2)"], [V, MA, L]) + "\nMeasurement finished\nOperator, 3\n"
    ).encode(),
    "unit after a comma": table(
        ["Voltage, V", "Current density, mA/cm2", "Luminance, cd/m2"], [V, MA, L], delimiter="\t"
    ).encode(),
    "units for names": table(["V", "mA/cm2", "cd/m2", "cd/A"], [V, MA, L, 0 * L + CE]).encode(),
    "camel case": table(["voltage", "currentDensity", "luminance"], [V, MA, L]).encode(),
    "unit without a slash": table(["Voltage_V", "CurrentDensity_mAcm2", "Luminance_cdm2"], [V, MA, L]).encode(),
    "square centimetres": table(["Bias (Volts)", "J (mA/sq.cm)", "L (Cd/sq.m)"], [V, MA, L]).encode(),
    "bars": table(["V (V)", "I (A)", "|J| (mA/cm2)", "L (cd/m2)"], [V, J * AREA, abs(MA), L]).encode(),
    "row numbers": table(["#", "V", "J", "L"], [np.arange(V.size), V, MA, L], delimiter="\t").encode(),
    "sides of the pixel": table(["V", "I (mA)", "L"], [V, J * AREA * 1e3, L], header=["Area: 2 mm x 2 mm"]).encode(),
    "unit in the key": table(["V", "I (mA)", "L"], [V, J * AREA * 1e3, L], header=["# area_cm2=0.04"]).encode(),
    "terminals turned": table(["V (V)", "J (mA/cm2)", "L (cd/m2)"], [-V, -MA, L]).encode(),
    "current turned": table(["V (V)", "J (mA/cm2)", "L (cd/m2)"], [V, -MA, L]).encode(),
    "semicolon crlf": table(["U (V)", "J (mA/cm2)", "Lum (cd/m2)"], [V, MA, L], delimiter=";")
    .replace("\n", ";\r\n")
    .encode(),
}


def device(folder, data, *, suffix=".txt"):
    (folder / f"D1{suffix}").write_bytes(data)
    (folder / "D1_SPD.csv").write_text(table(["Wavelength (nm)", "Spectral radiance (W/sr/m2/nm)"], [GRID, LIGHT]))
    return peqled.read(folder)


@pytest.mark.parametrize("dialect", SWEEPS)
def test_sweep_dialects(tmp_path, dialect):
    """Every dialect gives the EQE of the closed form. The spectrum is cut at 420 to 640 nm: 1e-6; the file holds 8
    figures."""
    reading = device(tmp_path, SWEEPS[dialect])
    assert reading.value("eqe_lambertian_pct") == pytest.approx(EXACT, rel=2e-3)
    assert reading.value("ce_cd_a") == pytest.approx(CE, rel=1e-6)
    assert 2.2 < reading.value("turn_on_v_at_1cdm2") < 2.4  # between the last dark and the first bright point
    (row,) = reading.find("eqe_lambertian_pct")
    assert {"LAMB"} <= set(row.flags)
    assert "largest: " in row.note
    assert 0.03 < row.uncertainty / row.value < 0.07


def test_workbook_and_formula_cells(tmp_path):
    """A workbook is read by its values; a formula without a cached value is an empty cell and is never evaluated."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Voltage (V)", "J (mA/cm2)", "L (cd/m2)", "note"])
    for row in zip(V, MA, L, strict=True):
        sheet.append([float(value) for value in row] + ["=1+1"])
    book.save(tmp_path / "D1.xlsx")
    (tmp_path / "D1_SPD.csv").write_text(table(["Wavelength (nm)", "Spectral radiance (W/sr/m2/nm)"], [GRID, LIGHT]))
    assert peqled.read(tmp_path).value("eqe_lambertian_pct") == pytest.approx(EXACT, rel=2e-3)


def test_two_devices_side_by_side_and_two_blocks(tmp_path):
    """Columns repeated for a second device, and a second sweep under its own header, become sweeps of their own."""
    names = ["Voltage (V)", "J (mA/cm2)", "L (cd/m2)"]
    (tmp_path / "pair.csv").write_text(table(names * 2, [V, MA, L, V, 2 * MA, 2 * L]))
    (tmp_path / "blocks.csv").write_text(table(names, [V, MA, L]) + "\nSweep 2\n" + table(names, [V, MA, L]))
    reading = peqled.read(tmp_path)
    assert [entry.measurements for entry in reading.files] == [2, 2]
    assert [row.value for row in reading.find("ce_cd_a", file="pair")] == pytest.approx([CE, CE])


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        (["V", "J", "L", "", "V", "J", "L"], [V, MA, L, np.full(V.size, np.nan), V, 2 * MA, 2 * L]),
        (["Voltage (V)", "J1 (mA/cm2)", "L1 (cd/m2)", "J2 (mA/cm2)", "L2 (cd/m2)"], [V, MA, L, 2 * MA, 2 * L]),
    ],
    ids=["an empty column between", "one voltage for both"],
)
def test_devices_in_one_table(tmp_path, names, columns):
    """Two devices of one efficiency, the second twice as bright: two sweeps, no column lost."""
    (tmp_path / "pair.csv").write_text(table(names, columns).replace("nan", ""))
    reading = peqled.read(tmp_path)
    assert [row.value for row in reading.find("ce_cd_a")] == pytest.approx([CE, CE])
    assert [row.value for row in reading.find("luminance_max_cdm2")] == pytest.approx([L.max(), 2 * L.max()])


def test_missing_area_is_refused_and_can_be_given(tmp_path):
    """Current alone has no current density: refused with AREA; a setting, a pattern or lab.toml gives the area."""
    data = table(["Voltage (V)", "Current (A)", "L (cd/m2)"], [V, J * AREA, L]).encode()
    reading = device(tmp_path, data)
    (row,) = reading.find("eqe_lambertian_pct")
    assert row.value == "refused"
    assert row.flags == ("AREA",)
    for settings in ({"area": "4 mm^2"}, {"D1*:area": "0.04 cm2"}, ["area=4 mm2"]):
        assert peqled.read(tmp_path, settings=settings).value("ce_cd_a") == pytest.approx(CE)
    (tmp_path / "lab.toml").write_text('area = "9 mm^2"\n["D1.*"]\narea = "4 mm^2"\narea_uncertainty = 0.01\n')
    reading = peqled.read(tmp_path)
    assert reading.value("eqe_lambertian_pct") == pytest.approx(EXACT, rel=2e-3)
    assert "AREA_U" not in reading.find("eqe_lambertian_pct")[0].flags


def test_mapping_of_unknown_columns(tmp_path):
    """A table that says nothing is listed with the reason; a profile maps its columns once."""
    (tmp_path / "odd.dat").write_text(table(["alpha", "beta", "gamma"], [V, J * AREA * 1e3, L]))
    (entry,) = peqled.read(tmp_path).files
    assert entry.status == "not recognised"
    assert "alpha, beta, gamma" in entry.reason
    (tmp_path / "lab.toml").write_text(
        'area = "4 mm^2"\n["*.dat"]\nkind = "jvl"\n'
        'columns = { voltage = "alpha", "lab.current" = 2, "led.luminance" = "gamma" }\n'
        'units = { "lab.current" = "mA" }\n'
    )
    assert peqled.read(tmp_path).value("ce_cd_a") == pytest.approx(CE)


def test_a_profile_that_is_no_toml_is_an_error(tmp_path):
    """The laboratory's own file must not be skipped silently: it names the line."""
    (tmp_path / "x.csv").write_text("1,2\n")
    (tmp_path / "lab.toml").write_text("area = 4 mm^2\n")
    with pytest.raises(LabFileError, match=r"lab\.toml, TOML: .*line 1"):
        peqled.read(tmp_path)


def test_counts_are_refused_and_a_response_makes_them_energy(tmp_path):
    """Counts = energy/response: refused as they are, right with the response file."""
    response = 1 + (GRID - 420) / 100
    (tmp_path / "D1.txt").write_bytes(SWEEPS["tab"])
    (tmp_path / "D1_counts.csv").write_text(table(["Wavelength (nm)", "Counts"], [GRID, 1e4 * LIGHT / response]))
    (row,) = peqled.read(tmp_path).find("eqe_lambertian_pct")
    assert (row.value, row.flags) == ("refused", ("SPEC_UNCAL",))
    (tmp_path / "cal").mkdir()
    (tmp_path / "cal" / "response.txt").write_text(table(["a", "b"], [GRID, response], delimiter="\t"))
    reading = peqled.read(tmp_path / "D1.txt", tmp_path / "D1_counts.csv", settings={"response": "cal/response.txt"})
    assert reading.value("eqe_lambertian_pct") == pytest.approx(EXACT, rel=2e-3)


def test_spectra_of_a_sweep_as_a_matrix(tmp_path):
    """Two filler columns, then one spectrum per point: a line that moves with the voltage changes the factor point by
    point."""
    centre = 517 + np.clip(V - 3, 0, None)
    grid = np.arange(380, 780.1, 0.5)
    matrix = [np.zeros_like(grid)] * 2 + [
        light * np.exp(-4 * np.log(2) * ((grid - c) / 16.1) ** 2) for c, light in zip(centre, L, strict=True)
    ]
    (tmp_path / "A1-1.txt").write_bytes(SWEEPS["tab"])
    (tmp_path / "A1-1_SPD.txt").write_text(
        "\n".join("\t".join(f"{v:.5E}" for v in row) for row in zip(*matrix, strict=True))
    )
    reading = peqled.read(tmp_path)
    low, high = (reading.value(f"eqe_lambertian_pct_at_{level}cdm2") for level in (1000, 10000))
    assert low == pytest.approx(EXACT, rel=5e-3)
    assert high < 0.99 * low  # the line has moved to where the eye is more sensitive
    assert reading.value("peak_nm_fit", file="SPD") == pytest.approx(517, abs=0.3)


def test_photodiode_route(tmp_path):
    """Photocurrent of a diode at a distance: EQE by the closed form of the share; without its data it is refused."""
    responsivity, radius, distance = 0.3, 5e-3, 0.05
    share = radius**2 / (radius**2 + distance**2)
    current = J * AREA
    mean = np.trapezoid(LIGHT * GRID * 1e-9, GRID) / np.trapezoid(LIGHT, GRID)
    photo = (
        np.where(
            V > 2.2, 0.2 * current * share * responsivity * 6.62607015e-34 * 2.99792458e8 / (1.602176634e-19 * mean), 0
        )
        + 1e-11
    )
    (tmp_path / "D1.csv").write_text(table(["Voltage (V)", "Current (A)", "Photocurrent (A)"], [V, current, photo]))
    (tmp_path / "D1_SPD.csv").write_text(table(["Wavelength (nm)", "Spectral radiance (W/sr/m2/nm)"], [GRID, LIGHT]))
    assert peqled.read(tmp_path).find("eqe_photodiode_pct")[0].value == "refused"
    reading = peqled.read(tmp_path, settings={"responsivity": "0.3 A/W", "detector_radius": "5 mm", "distance": "5 cm"})
    assert reading.value("eqe_photodiode_pct") == pytest.approx(20.0, rel=1e-3)


def test_photodiode_behind_an_amplifier(tmp_path):
    """Names of an open lab program (`OLED Voltage / V`, `OLED Current / mA`, `PD Voltage / V`): the gain turns volts
    into the same photocurrent."""
    current, share, responsivity, gain = J * AREA, 0.1, 0.3, 1e6
    mean = np.trapezoid(LIGHT * GRID * 1e-9, GRID) / np.trapezoid(LIGHT, GRID)
    per_ampere = 0.2 * share * responsivity * 6.62607015e-34 * 2.99792458e8 / (1.602176634e-19 * mean)
    names = ["OLED Voltage / V", "OLED Current / mA", "PD Voltage / V"]
    volts = np.where(V > 2.2, current * per_ampere * gain, 0.0) + 1e-4
    (tmp_path / "d1_p1.csv").write_text(table(names, [V, current * 1e3, volts], delimiter="\t"))
    (tmp_path / "d1_p1_spd.csv").write_text(table(["Wavelength (nm)", "Intensity (W/nm)"], [GRID, LIGHT]))
    said = {"responsivity": 0.3, "collected_share": 0.1, "area": "4 mm^2"}
    (row,) = peqled.read(tmp_path, settings=said).find("eqe_photodiode_pct")
    assert row.value == "refused"
    assert "photodiode_gain" in row.note
    reading = peqled.read(tmp_path, settings={**said, "photodiode_gain": "1e6 V/A", "aera": "4 mm^2"})
    assert reading.value("eqe_photodiode_pct") == pytest.approx(20.0, rel=1e-3)
    assert reading.unused_settings() == ["aera (nearest known: area)"]


def test_batch_counts_each_pixel_once_and_excludes_by_rule(tmp_path):
    """Three substrates of two pixels, one repeated, one shorted, one dead: 4 of 6 work; the plate map names batches."""
    for i, name in enumerate(["A1-1", "A1-2", "A2-1", "B1-1", "B2-1", "C1-1", "C2-1"]):
        volts, density, light = sweep(scale=1 + 0.01 * i)
        light = {"B2-1": 0.001 * light, "C2-1": 0.0 * light}.get(name, light)
        density = 100 * density if name == "C2-1" else density
        (tmp_path / f"{name}.txt").write_text(
            table(
                ["Voltage (V)", "Current (A)", "J (mA/cm2)", "L (cd/m2)"], [volts, density * AREA, density / 10, light]
            )
        )
    reading = peqled.read(tmp_path)
    found = {name: reading.value(name) for name in ("n_devices", "n_working", "n_shorted", "n_substrates")}
    assert found == {"n_devices": 6, "n_working": 4, "n_shorted": 1, "n_substrates": 3}
    assert "REPEAT" in reading.find("n_devices")[0].flags
    assert reading.value("ce_cd_a_mean") == pytest.approx(CE)
    assert {row.value for row in reading.find("device_status")} == {"working", "shorted", "dead"}
    (tmp_path / "lab.toml").write_text('[plate]\nA = "control"\nB = "control"\nC = "new"\n')
    assert peqled.read(tmp_path).value("n_devices", sample="control") == 4


def test_lifetimes_and_acceleration(tmp_path):
    """KWW decays at three luminances with n = 1.7: T50 measured at two, not reached at the dimmest (a lower bound); n
    and the extrapolation to 1000 cd/m2 agree with the law."""
    for luminance, end in ((10000, 3.0), (4000, 12.0), (1000, 20.0)):
        t50 = 0.9 * (1e4 / luminance) ** 1.7
        hours = np.linspace(0, end, 300)
        level = 0.5 ** ((hours / t50) ** 0.8)
        (tmp_path / f"life {luminance}.csv").write_text(
            table(["Time (h)", "Luminance (cd/m2)", "Voltage (V)"], [hours, luminance * level, 3 + 0.1 * hours])
        )
    reading = peqled.read(tmp_path)
    assert reading.value("t50_h", sample="life 10000") == pytest.approx(0.9, rel=1e-3)
    assert reading.value("t90_h", sample="life 1000") == pytest.approx(
        0.9 * 10**1.7 * (np.log(0.9) / np.log(0.5)) ** 1.25, rel=0.01
    )
    (censored,) = reading.find("t50_h", sample="life 1000")
    assert (censored.value, censored.flags) == ("> 20", ("CENS",))
    assert reading.value("t50_h_kww", sample="life 1000") == pytest.approx(45.1, rel=0.01)
    assert reading.value("kww_beta", sample="life 4000") == pytest.approx(0.8, abs=0.01)
    assert reading.value("acceleration_exponent") == pytest.approx(1.7, abs=0.02)
    assert "CENS" in reading.find("acceleration_exponent")[0].flags
    assert reading.value("t50_h_at_1000cdm2") == pytest.approx(45.1, rel=0.05)


def test_burn_in_gives_both_normalisations(tmp_path):
    """A trace that first rises by 30 %: T50 against the start and against the maximum are two numbers, flagged NORM."""
    hours = np.linspace(0, 10, 400)
    level = (1 + 0.3 * (1 - np.exp(-hours / 0.2))) * np.exp(-hours / 4)
    (tmp_path / "burn.csv").write_text(table(["Time (h)", "L/L0"], [hours, level]))
    reading = peqled.read(tmp_path)
    assert reading.value("t50_h") == pytest.approx(4 * np.log(2 * 1.3), rel=0.01)
    assert reading.value("t50_h_rel_max") < reading.value("t50_h")
    assert "NORM" in reading.find("t50_h")[0].flags


@pytest.mark.parametrize("kind", TEMPLATES)
def test_templates_are_read_as_what_they_are(tmp_path, kind):
    """The filled example of every measurement is recognised, read and reduced without a failure."""
    write_template(kind, tmp_path / f"{kind}.csv")
    reading = peqled.read(tmp_path / f"{kind}.csv")
    assert reading.files[0].kinds == kind
    assert reading.quantities
    assert not reading.find("reduction")


@pytest.mark.parametrize(
    ("cell", "decimal", "value"),
    [
        ("1,5", ",", 1.5),
        ("1.234,5", ",", 1234.5),
        ("1,234.5", ".", 1234.5),
        ("1 234,5", ",", 1234.5),
        ("-1.5D-03", ".", -1.5e-3),
        ("12 %", ".", None),
        ("Old: 3", ".", None),
        ("1_000", ".", None),
        ("", ".", None),
        ("+.5", ".", 0.5),
    ],
)
def test_numbers(cell, decimal, value):
    assert number(cell, decimal) == value


@pytest.mark.parametrize(
    ("written", "unit", "factor"),
    [
        ("mA/cm²", "A/m^2", 10.0),
        ("mA cm-2", "A/m^2", 10.0),
        ("cd m^-2", "cd/m^2", 1.0),
        ("µA", "A", 1e-6),
        ("nit", "cd/m^2", 1.0),
        ("hours", "s", 3600.0),
        ("°", "rad", np.pi / 180),
        ("%", "1", 0.01),
        ("cd/m2", "A/m^2", None),
        ("a.u.", "A", None),
    ],
)
def test_units(written, unit, factor):
    found = factor_to(written, unit)
    assert found == (None if factor is None else pytest.approx(factor))


def test_unit_spellings_in_names():
    assert [split_unit(text) for text in ("J (mA/cm2)", "Wavelength / nm", "t_ns", "L_cd_m2", "A1")] == [
        ("J", "mA/cm2"),
        ("Wavelength", "nm"),
        ("t", "ns"),
        ("L", "cd/m2"),
        ("A1", ""),
    ]


def test_odd_rows_are_listed(tmp_path):
    """A text cell among the numbers and a log below them are ignored and named, the rows around them kept."""
    rows = [f"{i},{i * i}" for i in range(20)]
    rows[7] = "7, Old:  200.0"
    (tmp_path / "x.csv").write_text("a,b\n" + "\n".join(rows) + "\n\nInstrument log\nScan rate, 600\n")
    (table_found,) = read_tables(tmp_path / "x.csv")
    assert table_found.values.shape == (19, 2)
    assert len(table_found.ignored) == 3


def test_results_are_strict_json(tmp_path):
    """Records of a reading hold no NaN."""
    from peqled.lab.results import as_records

    records = as_records(device(tmp_path, SWEEPS["tab"]))
    assert json.loads(json.dumps(records, allow_nan=False))["results"][0]["file"] == "D1.txt"


def test_arbitrary_units_give_shape_and_colour_but_no_efficiency(tmp_path):
    """One spectrum under three headings: radiance gives all, a.u. gives peak, width and colour with a flag and no EQE,
    counts give no colour either. The numbers that are given agree."""
    import peqled

    v, j, lum = sweep()
    grid, light = spectrum()
    found = {}
    for heading in ("Radiance (W/sr/m2/nm)", "Intensity (a.u.)", "Counts"):
        folder = tmp_path / heading.split()[0]
        folder.mkdir()
        (folder / "D1.csv").write_text(table(["Voltage (V)", "J (A/m2)", "L (cd/m2)"], [v, j, lum]))
        (folder / "D1_EL.csv").write_text(table(["Wavelength (nm)", heading], [grid, 1e4 * light / light.max()]))
        rows = {row.quantity: row for row in peqled.read(folder).quantities}
        found[heading.split()[0]] = rows
    radiance, unstated, counts = found["Radiance"], found["Intensity"], found["Counts"]
    assert isinstance(radiance["eqe_lambertian_pct"].value, float)
    for rows in (unstated, counts):
        assert rows["eqe_lambertian_pct"].value == "refused"
        assert "SPEC_UNCAL" in rows["eqe_lambertian_pct"].flags
        assert rows["peak_nm_fit"].value == pytest.approx(radiance["peak_nm_fit"].value, abs=1e-6)
    assert unstated["cie_x"].value == pytest.approx(radiance["cie_x"].value, abs=1e-6)
    assert "SPEC_AU" in unstated["cie_x"].flags
    assert "SPEC_AU" in unstated["fwhm_nm_halfheight"].flags
    assert counts["cie_x"].value == "refused"


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("V\tJ\tL\nV\tmA/cm\\+(2)\tcd/m\\+(2)", "utf-8"),
        ("Voltage\tCurrent Density\tLuminance\nV\tmA cm\\+(-2)\tcd m\\+(-2)\n\tA1\tA1", "utf-8"),
        ("\\i(V)\\-(bias) (V)\tCurrent density (mA cm\\+(-2))\tLuminance (cd m\\+(-2))", "utf-8"),
        ("电压(V)\t电流密度(mA/cm2)\t亮度(cd/m2)", "utf-8"),
        ("电压（V）\t电流密度（mA/cm2）\t亮度（cd/m2）", "gb18030"),
        ("電圧 (V)\t電流密度 (mA/cm2)\t輝度 (cd/m2)", "utf-8"),
        ("전압 (V)\t전류밀도 (mA/cm2)\t휘도 (cd/m2)", "utf-8"),
    ],
)
def test_headers_with_marks_and_in_other_scripts(tmp_path, header, encoding):
    """Origin's raised letters in a row of units, Chinese, Japanese and Korean names: the same CE of 76 cd/A."""
    import peqled

    v, j, lum = sweep()
    rows = "\n".join("\t".join(f"{x:.8g}" for x in row) for row in zip(v, j / 10.0, lum, strict=True))
    (tmp_path / "D1.txt").write_bytes(f"{header}\n{rows}\n".encode(encoding))
    reading = peqled.read(tmp_path)
    assert reading.files[0].reader == "jvl_table"
    assert reading.value("ce_cd_a") == pytest.approx(76.0, rel=1e-6)
