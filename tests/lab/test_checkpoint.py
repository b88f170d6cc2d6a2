"""A second run does only what is new, a stopped one keeps what it has, and neither changes a number."""

import csv
import os

import numpy as np
import pytest
from typer.testing import CliRunner

import peqled.lab.files as engine
import peqled.report.lab_page as page
from peqled.cli import app
from peqled.lab.checkpoint import NAME
from peqled.lab.files import CANCELLED
from peqled.lab.reading import read
from tests.lab import structure_files as files
from tests.lab.device_files import AREA, spectrum, sweep, table

V, J, L = sweep()
GRID, LIGHT = spectrum()
BASE = ["--set", "area=4 mm^2"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A day of measurements; figures and PDF, which have tests of their own, are left out."""
    monkeypatch.setattr(page, "draw_all", lambda *given: {})
    monkeypatch.setattr(page, "write_pdf", lambda *given: None)
    source = tmp_path / "monday"
    source.mkdir()
    for i in range(12):
        (source / f"D{i}.csv").write_text(
            table(["Voltage (V)", "Current (A)", "L (cd/m2)"], [V, J * AREA, L * (1 + i)])
        )
        (source / f"D{i}_EL.csv").write_text(table(["Wavelength (nm)", "Radiance (W/sr/m2/nm)"], [GRID, LIGHT]))
    x = np.linspace(600.0, 3800.0, 801)
    (source / "film.spc").write_bytes(files.spc(x, [np.exp(-(((x - 1720.0) / 20.0) ** 2)) + 0.01]))
    (source / "letter.txt").write_text("Dear colleague,\n")
    return source


@pytest.fixture
def opened(monkeypatch):
    """Names of the files that are really read."""
    names = []
    real = engine.read_item

    def counted(item, *rest):
        names.append(item.path.name)
        return real(item, *rest)

    monkeypatch.setattr(engine, "read_item", counted)
    return names


def run(folder, out, *more):
    result = CliRunner().invoke(app, ["read", str(folder), "-o", str(out), *BASE, *more])
    return result, (out / "results.csv").read_text()


def test_second_run_reads_what_changed(folder, tmp_path, opened):
    """Nothing changed: no file is opened and the numbers are the same to the byte; one file made brighter: it alone is
    read, and its EQE follows; one deleted: it is gone from the tables."""
    out = tmp_path / "out"
    _, first = run(folder, out)
    assert len(opened) == 26
    opened.clear()
    result, second = run(folder, out)
    assert opened == []
    assert first == second
    assert "26 files unchanged" in result.output
    changed = folder / "D3.csv"
    changed.write_text(changed.read_text().replace("L (cd/m2)", "L (kcd/m2)"))
    (folder / "D5.csv").unlink()
    (folder / "D5_EL.csv").unlink()
    run(folder, out)
    assert opened == ["D3.csv"]
    values = {row.sample: row.value for row in read(folder, settings={"area": "4 mm^2"}).find("luminance_max_cdm2")}
    with (out / "results.csv").open() as file:
        rows = {r["sample"]: float(r["value"]) for r in csv.DictReader(file) if r["quantity"] == "luminance_max_cdm2"}
    assert rows == pytest.approx(values)
    assert "D5" not in rows
    assert rows["D3"] == pytest.approx(4000 * L.max())
    opened.clear()
    run(folder, out, "--fresh")
    assert len(opened) == 24


def test_a_touched_file_is_read_again_a_renamed_one_too(folder, tmp_path, opened):
    out = tmp_path / "out"
    run(folder, out)
    opened.clear()
    os.utime(folder / "D1.csv", (1e9, 1e9))
    (folder / "D2.csv").rename(folder / "E2.csv")
    run(folder, out)
    assert sorted(opened) == ["D1.csv", "E2.csv"]


def test_settings_change_numbers_not_files(folder, tmp_path, opened):
    """Half of the area doubles J: no file is opened, every EQE of the luminance route halves. A profile beside the
    files counts as well, and what nothing asked for is still named in a run that reduces nothing."""
    out = tmp_path / "out"
    run(folder, out, "--set", "aera=3")
    opened.clear()
    result, _ = run(folder, out, "--set", "aera=3")
    assert "aera" in result.output
    full = peak(out)
    run(folder, out, "--set", "area=2 mm^2")
    assert opened == []
    assert peak(out) == pytest.approx(full / 2, rel=1e-6)
    CliRunner().invoke(app, ["read", str(folder), "-o", str(out)])
    (folder / "lab.toml").write_text('area = "4 mm^2"\n')
    CliRunner().invoke(app, ["read", str(folder), "-o", str(out)])
    assert opened == []
    assert peak(out) == pytest.approx(full, rel=1e-6)


def peak(out):
    with (out / "results.csv").open() as file:
        rows = [r for r in csv.DictReader(file) if r["quantity"] == "eqe_lambertian_pct" and r["sample"] == "D0"]
    return float(rows[0]["value"])


def test_a_stopped_run_keeps_what_it_has_and_goes_on(folder, tmp_path, opened, monkeypatch):
    """Ctrl-C at the tenth file: exit status 130, a message, tables of what was read; the same command reads the rest
    only, and ends with the numbers of a run that nobody stopped."""
    _, whole = run(folder, tmp_path / "whole")
    opened.clear()
    real = engine.Files._one

    def stopped(self, item):
        if len(self.entries) == 10:
            raise KeyboardInterrupt
        return real(self, item)

    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(engine.Files, "_one", stopped)
        result, part = run(folder, out)
    assert result.exit_code == 130
    assert "cancelled: 16 of 26 files were not read" in result.output
    assert "eqe_lambertian_pct" in part
    with (out / "files.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert sum(row["reason"] == CANCELLED for row in rows) == 16
    assert len(rows) == 26
    opened.clear()
    result, rest = run(folder, out)
    assert result.exit_code == 0
    assert len(opened) == 16
    assert rest == whole


def test_a_reduction_can_be_stopped(folder, monkeypatch):
    """Ctrl-C in the third group: the first two keep their numbers, and the reading says that it was stopped."""
    import peqled.lab.reduce as reduction

    real, count = reduction._reduced, []

    def stopped(*given):
        count.append(1)
        if len(count) == 3:
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(reduction, "_reduced", stopped)
    reading = read(folder, settings={"area": "4 mm^2"})
    assert reading.cancelled
    assert len(reading.groups) == 2
    assert reading.quantities


@pytest.mark.parametrize("content", [b"", b"garbage" * 100, b"SQLite format 3\0" + bytes(200)])
def test_a_damaged_store_is_made_anew(folder, tmp_path, content):
    out = tmp_path / "out"
    out.mkdir()
    (out / NAME).write_bytes(content)
    result, first = run(folder, out)
    assert result.exit_code == 0, result.output
    assert run(folder, out)[1] == first


def test_a_stop_while_writing_says_how_to_go_on(folder, tmp_path, opened, monkeypatch):
    """Ctrl-C in the figures: exit status 130, the numbers are there already, and the next run reads nothing again."""

    def stopped(*given):
        raise KeyboardInterrupt

    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(page, "draw_all", stopped)
        result, numbers = run(folder, out)
    assert result.exit_code == 130
    assert "goes on from what was read" in result.output
    assert "eqe_lambertian_pct" in numbers
    opened.clear()
    assert run(folder, out)[0].exit_code == 0
    assert opened == []
