"""`peqled read`, `formats` and `template` as a person uses them."""

import csv
import hashlib
import json
import re
import zipfile

import pytest
import xarray as xr
from typer.testing import CliRunner

from peqled.cli import app, main
from peqled.lab.results import COLUMNS
from tests.lab.device_files import AREA, spectrum, sweep, table

V, J, L = sweep()
GRID, LIGHT = spectrum()


@pytest.fixture(scope="module")
def device(tmp_path_factory):
    folder = tmp_path_factory.mktemp("device")
    (folder / "D1.csv").write_text(table(["Voltage (V)", "Current (A)", "L (cd/m2)"], [V, J * AREA, L]))
    (folder / "D1_EL.csv").write_text(table(["Wavelength (nm)", "Radiance (W/sr/m2/nm)"], [GRID, LIGHT]))
    (folder / "letter.txt").write_text("Dear colleague,\n")
    return folder


@pytest.fixture(scope="module")
def output(device, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    result = CliRunner().invoke(app, ["read", str(device), "-o", str(folder), "--set", "area=4 mm^2"])
    assert result.exit_code == 0, result.output
    assert "eqe_lambertian_pct" in result.output
    return folder


def test_tables(output):
    """results.csv has its fixed columns and a number with an uncertainty; files.csv names every file."""
    with (output / "results.csv").open() as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    assert (
        tuple(reader.fieldnames)
        == COLUMNS
        == ("file", "quantity", "value", "uncertainty", "unit", "convention", "flags", "sample", "note")
    )
    (row,) = [row for row in rows if row["quantity"] == "eqe_lambertian_pct"]
    assert row["file"] == "D1.csv;D1_EL.csv"
    assert float(row["value"]) == pytest.approx(22.69, rel=2e-3)
    assert 0.5 < float(row["uncertainty"]) < 2.0
    assert "LAMB" in row["flags"].split(";")
    with (output / "files.csv").open() as file:
        status = {row["file"]: row["status"] for row in csv.DictReader(file)}
    assert status == {"D1.csv": "read", "D1_EL.csv": "read", "letter.txt": "not recognised"}


def test_measurements_open_as_a_tree(output):
    """The NetCDF holds the measured curves under the names of the twin."""
    with xr.open_datatree(output / "measurements.nc", engine="h5netcdf") as tree:
        luminance = tree["D1.csv"]["led.luminance"]
        assert luminance.attrs["units"] == "cd/m^2"
        assert luminance.values == pytest.approx(L)
        assert tree["D1.csv"].attrs["kind"] == "jvl"


def test_exchange(output):
    """The archive for NOMAD is strict JSON with the device's EQE; the .eln is an RO-Crate whose files carry their hash.
    Neither was opened by the other program: the structure alone is checked."""
    archive = json.loads((output / "nomad.archive.json").read_text())
    (device,) = [d for d in archive["data"]["devices"] if "eqe_lambertian_pct" in d]
    assert device["eqe_lambertian_pct"] == pytest.approx(22.69, rel=2e-3)
    assert set(device) - {"name", "files", "flags"} <= set(
        archive["definitions"]["sections"]["LightEmittingDevice"]["quantities"]
    )
    with zipfile.ZipFile(output / "measurements.eln") as crate:
        graph = {
            entry["@id"]: entry for entry in json.loads(crate.read("measurements/ro-crate-metadata.json"))["@graph"]
        }
        for part in graph["./measurement/"]["hasPart"]:
            data = crate.read("measurements/" + part["@id"].removeprefix("./"))
            assert hashlib.sha256(data).hexdigest() == graph[part["@id"]]["sha256"]
    assert graph["./"]["hasPart"] == [{"@id": "./measurement/"}]


def test_report_is_one_page_that_loads_nothing(output):
    """Figures, verdicts, checklist and the lost file are in it, and no address outside."""
    page = (output / "report.html").read_text()
    for text in (
        "Sweep D1",
        "Verdicts and warnings",
        "Reporting checklist",
        "letter.txt",
        "Lambertian",
        "±",
        "budget (k = 1)",
    ):
        assert text in page
    assert not re.search(r'(?:src|href)="(?!#|data:)', page)
    assert len(list((output / "figures").glob("*.svg"))) >= 2


def test_json(device, tmp_path):
    result = CliRunner().invoke(app, ["read", str(device), "-o", str(tmp_path), "--json"])
    found = json.loads(result.stdout)
    assert {row["file"] for row in found["files"]} == {"D1.csv", "D1_EL.csv", "letter.txt"}
    (row,) = [row for row in found["results"] if row["quantity"] == "eqe_lambertian_pct"]
    assert (row["value"], row["flags"]) == ("refused", "AREA")


@pytest.mark.parametrize(
    "arguments", [["read", "no/such/folder"], ["read", ".", "--set", "area"], ["template", "teapot"]]
)
def test_bad_input_is_exit_status_2(arguments, monkeypatch, tmp_path, capsys):
    """One line that says what is wrong, no traceback."""
    monkeypatch.setattr("sys.argv", ["peqled", *arguments, "-o", str(tmp_path / "out")])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as leaving:
        main()
    assert leaving.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_formats(tmp_path):
    """Every reader says how it was checked."""
    rows = json.loads(CliRunner().invoke(app, ["formats", "--json"]).stdout)
    assert len(rows) > 25
    assert all(re.match(r"independent file|library: |unverified", row["checked"]) for row in rows), rows
    assert "vamas" in CliRunner().invoke(app, ["formats"]).output


def test_template(tmp_path):
    result = CliRunner().invoke(app, ["template", "jvl", "-o", str(tmp_path / "jvl.csv")])
    assert result.exit_code == 0
    assert (tmp_path / "jvl_blank.csv").read_text().splitlines()[-1] == "Voltage (V),J (mA/cm2),L (cd/m2)"


def test_a_spectrum_that_says_nothing_beside_a_sweep_is_el(tmp_path):
    """`B1.csv` with a sweep and `B1 spectrum.csv` with an intensity in a.u.: EL, and refused until it is said to be
    calibrated."""
    (tmp_path / "B1_JV.csv").write_text(table(["Voltage (V)", "J (mA/cm2)", "L (cd/m2)"], [V, J / 10, L]))
    (tmp_path / "B1_spectrum.csv").write_text(table(["Wavelength (nm)", "Intensity (a.u.)"], [GRID, LIGHT]))
    import peqled

    assert peqled.read(tmp_path).find("eqe_lambertian_pct")[0].value == "refused"
    assert peqled.read(tmp_path, settings={"spectrum": "calibrated"}).value("eqe_lambertian_pct") == pytest.approx(
        22.69, rel=2e-3
    )


def test_results_may_lie_among_the_data(tmp_path):
    """Output folder and input folder are one: the data are read, the results of the run before are not."""
    (tmp_path / "D1.csv").write_text(table(["Voltage (V)", "J (A/m2)", "L (cd/m2)"], [V, J, L]))
    for _ in range(2):
        result = CliRunner().invoke(app, ["read", str(tmp_path), "-o", str(tmp_path)])
        assert result.exit_code == 0, result.output
        with (tmp_path / "files.csv").open() as file:
            assert [row["file"] for row in csv.DictReader(file)] == ["D1.csv"]
