"""Without the libraries of the extra `lab`: what needs none works, what needs one says what to install."""

import csv
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from peqled.cli import app
from peqled.lab.extras import INSTALL, LIBRARIES, missing_library
from tests.lab import decay_files
from tests.lab import structure_files as files
from tests.lab.device_files import AREA, spectrum, sweep, table

V, J, L = sweep()
GRID, LIGHT = spectrum()


@pytest.fixture
def bare(monkeypatch):
    """An interpreter in which no library of the extra can be imported."""
    for name in list(sys.modules):
        if name.partition(".")[0] in LIBRARIES:
            monkeypatch.delitem(sys.modules, name)
    for name in LIBRARIES:
        monkeypatch.setitem(sys.modules, name, None)


@pytest.fixture
def folder(tmp_path):
    source = tmp_path / "monday"
    source.mkdir()
    (source / "D1.csv").write_text(table(["Voltage (V)", "Current (A)", "L (cd/m2)"], [V, J * AREA, L]))
    (source / "D1_EL.csv").write_text(table(["Wavelength (nm)", "Radiance (W/sr/m2/nm)"], [GRID, LIGHT]))
    time = np.arange(0.0, 100.0, 0.1)
    counts = np.random.default_rng(1).poisson(2000 * np.exp(-time / 9.0) + 3)
    (source / "decay.csv").write_text(table(["Time (ns)", "Counts"], [time, counts]))
    x = np.linspace(600.0, 3800.0, 1601)
    (source / "film.spc").write_bytes(files.spc(x, [np.exp(-(((x - 1720.0) / 20.0) ** 2))]))
    (source / "book.xlsx").write_bytes(files.zipped({"xl/workbook.xml": "<workbook/>", "[Content_Types].xml": "<x/>"}))
    return source


def test_reading_without_the_extra(bare, folder, tmp_path):
    """J-V-L gives its EQE; TRPL, FTIR and the workbook name the extra; results.xlsx is left out and said to be; exit
    status 0."""
    out = tmp_path / "out"
    result = CliRunner().invoke(app, ["read", str(folder), "-o", str(out), "--set", "area=4 mm^2"])
    assert result.exit_code == 0, result.output
    assert f"results.xlsx needs {INSTALL}" in result.output
    assert f"results.xlsx needs {INSTALL}" in (out / "report.html").read_text().replace("&#x27;", "'").replace(
        "&#39;", "'"
    )
    assert not (out / "results.xlsx").exists()
    with (out / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    (eqe,) = [row for row in rows if row["quantity"] == "eqe_lambertian_pct"]
    assert float(eqe["value"]) == pytest.approx(22.69, rel=2e-3)
    failed = {row["file"]: row for row in rows if row["quantity"] == "reduction"}
    assert set(failed) == {"decay.csv", "film.spc"}
    for row in failed.values():
        assert row["flags"] == "LIB_MISSING"
        assert INSTALL in row["note"]
    with (out / "files.csv").open() as file:
        status = {row["file"]: row for row in csv.DictReader(file)}
    assert status["book.xlsx"]["status"] == "failed"
    assert INSTALL in status["book.xlsx"]["reason"]


@pytest.fixture
def intact(tmp_path):
    """A folder with a file of each format that a library reads; written while all libraries are there."""
    source = tmp_path / "in"
    source.mkdir()
    (source / "olefile.vgd").write_bytes(files.thermo_vgd(np.linspace(300.0, 280.0, 50), np.ones(50)))
    (source / "ptufile.ptu").write_bytes(b"PQTTTR\0\0" + bytes(100))
    decay_files.sdt(source / "sdtfile.sdt", np.arange(256)[::-1])
    return source


def test_formats_that_need_a_library_name_it(intact, bare, tmp_path):
    """Each is listed as failed, with the extra and the library in its reason."""
    result = CliRunner().invoke(app, ["read", str(intact), "-o", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    with (tmp_path / "out" / "files.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3
    for row in rows:
        library = row["file"].partition(".")[0]
        assert (row["status"], INSTALL in row["reason"], library in row["reason"]) == ("failed", True, True), row


def test_another_missing_module_is_no_library_of_ours():
    assert missing_library(ModuleNotFoundError("no numpy", name="numpy")) is None
    assert missing_library(ModuleNotFoundError("x", name="skimage.feature")) == "skimage"
    assert missing_library(ValueError("x")) is None
