"""The twin over the data: where the measurement is the prediction itself, nothing deviates; where not, by how much."""

import csv
import io

import numpy as np
import pytest
from typer.testing import CliRunner

import peqled
from peqled.cli import app
from peqled.lab.against import COLUMNS, against_csv, curves, last_stage, numbers
from peqled.lab.templates import write_template
from peqled.report.lab_against import overlay
from tests.behaviour.synthetic_result import synthetic_result
from tests.lab.device_files import table


@pytest.fixture(scope="module")
def tree():
    return synthetic_result()


def value(tree, name):
    stage, short = name.split(".")
    return tree[stage][short]


@pytest.fixture
def perfect(tree, tmp_path):
    """Files that hold the prediction itself: EL as energy, sweep, angle, PL, decay with a background of 7 counts."""
    el, j, lum = value(tree, "led.el"), value(tree, "led.current_density"), value(tree, "led.luminance")
    wavelength = el["wavelength"].values
    (tmp_path / "A_EL.csv").write_text(
        table(["Wavelength (nm)", "Radiance (W/sr/m2/nm)"], [wavelength * 1e9, el.values / wavelength])
    )
    (tmp_path / "A.csv").write_text(
        table(["Voltage (V)", "J (A/m2)", "L (cd/m2)"], [j["voltage"].values, j.values, lum.values])
    )
    pl = value(tree, "nanocrystal.pl")
    (tmp_path / "dots_PL.csv").write_text(table(["Wavelength (nm)", "PL"], [pl["wavelength"].values * 1e9, pl.values]))
    decay = value(tree, "nanocrystal.decay")
    step = float(decay["delay"].values[1])
    counts = np.concatenate([np.zeros(60), 1e9 * decay.values]) + 7.0
    time = np.arange(counts.size) * step * 1e9
    (tmp_path / "dots_decay.csv").write_text(table(["Time (ns)", "Counts"], [time, counts]))
    angle = value(tree, "led.angular_intensity")
    (tmp_path / "A_angle.csv").write_text(
        table(["Angle (deg)", "Intensity"], [np.degrees(angle["angle"].values), 3.0 * angle.values])
    )
    return peqled.read(tmp_path)


def test_a_measurement_of_the_prediction_deviates_by_nothing(perfect, tree):
    """Every curve comes out as predicted after its stated treatment, to the digits of the files."""
    found = {curve.observable: curve for curve in curves(perfect, tree)}
    assert set(found) == {
        "led.el", "led.current_density", "led.luminance", "nanocrystal.pl", "nanocrystal.decay", "led.angular_intensity"
    }  # fmt: skip
    for curve in found.values():
        assert curve.relative < 2e-3, curve.observable
        assert curve.x.size > 10


def test_a_shifted_line_deviates_by_its_shift(tree, tmp_path):
    """EL 3 nm redder: both normalised to area 1, the rms deviation is that of two shifted copies computed here, and the
    peak of the table differs by 3 nm."""
    el = value(tree, "led.el")
    wavelength = el["wavelength"].values
    moved = np.interp(wavelength - 3e-9, wavelength, el.values, left=0.0, right=0.0)
    (tmp_path / "A_EL.csv").write_text(
        table(["Wavelength (nm)", "Radiance (W/sr/m2/nm)"], [wavelength * 1e9, moved / wavelength])
    )
    reading = peqled.read(tmp_path)
    (curve,) = curves(reading, tree)
    expected = np.sqrt(np.mean((moved / np.trapezoid(moved, wavelength) - el.values) ** 2))
    assert curve.rms == pytest.approx(expected, rel=0.01)
    peak = next(pair for pair in numbers(reading, tree) if pair.observable == "led.el_peak")
    line = wavelength[np.argmax(moved)] * 1e9
    assert peak.measured == pytest.approx(line, abs=0.5)
    assert peak.twin == pytest.approx(float(value(tree, "led.el_peak")) * 1e9)


def test_points_outside_of_the_prediction_are_left_out(tree, tmp_path):
    """A sweep from -2 to 12 V over a prediction from 0 to 6 V."""
    v = np.linspace(-2.0, 12.0, 29)
    (tmp_path / "A.csv").write_text(table(["Voltage (V)", "J (A/m2)", "L (cd/m2)"], [v, np.exp(v), 10 * np.exp(v)]))
    for curve in curves(peqled.read(tmp_path), tree):
        assert curve.x.min() >= 0.0
        assert curve.x.max() <= 6.0


def test_in_situ_peaks_are_compared_in_time(tree, tmp_path):
    """Frames whose line stands where the prediction stands: the track agrees to a third of the step."""
    peak = value(tree, "nanocrystal.insitu_peak")
    times = np.array([20.0, 60.0, 120.0, 300.0])
    at = np.interp(times, peak["time"].values, peak.values) * 1e9
    x = np.arange(430.0, 600.0, 1.0)
    columns = [np.exp(-(((x - p) / 15.0) ** 2)) for p in at]
    (tmp_path / "run FL emission.csv").write_text(
        table(["Wavelength (nm)", *(f"{t:g} s" for t in times)], [x, *columns])
    )
    (curve,) = curves(peqled.read(tmp_path), tree)
    assert curve.observable == "nanocrystal.insitu_peak"
    assert curve.measured * 1e9 == pytest.approx(at, abs=0.34)
    assert curve.twin * 1e9 == pytest.approx(at, abs=1e-6)


def test_table_has_every_point_and_number(perfect, tree):
    text = against_csv(curves(perfect, tree), numbers(perfect, tree))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == sum(c.x.size for c in curves(perfect, tree)) + len(numbers(perfect, tree))
    for row in rows:
        assert float(row["measured"]) - float(row["twin"]) == pytest.approx(
            float(row["deviation"]), rel=1e-4, abs=1e-6 * (1 + abs(float(row["twin"])))
        )


def test_the_twin_runs_as_far_as_it_must(tmp_path):
    for kind, stage in (("trpl_decay", "film"), ("jvl", "led"), ("xrd", None), ("lifetime", "lifetime")):
        (tmp_path / kind).mkdir()
        write_template(kind, tmp_path / kind / f"{kind}.csv")
        assert last_stage(peqled.read(tmp_path / kind)) == stage


def test_section_of_the_report(perfect, tree):
    over = overlay(perfect, tree, "a made-up recipe")
    drawings = over.drawings()
    section = over.section(drawings)
    assert len(drawings) == len(over.curves)
    assert "a made-up recipe" in str(section.blocks[0])
    assert "twin" in drawings[0].table


def test_command(tree, tmp_path, monkeypatch):
    """`--against` writes against.csv and a section; an unknown recipe is refused before anything is read."""
    import peqled.twin

    asked = []
    monkeypatch.setattr(peqled.twin, "simulate", lambda recipe, *, only, progress: asked.append(only) or tree)
    write_template("jvl", tmp_path / "jvl.csv")
    out = tmp_path / "out"
    result = CliRunner().invoke(app, ["read", str(tmp_path / "jvl.csv"), "-o", str(out), "--against", "otac-otam"])
    assert result.exit_code == 0, result.output
    assert asked == ["led"]
    assert (out / "against.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "Twin against data" in (out / "report.html").read_text()
    again = CliRunner().invoke(app, ["read", str(tmp_path / "jvl.csv"), "-o", str(out)])
    assert again.exit_code == 0
    assert not (out / "against.csv").exists()
    bad = CliRunner().invoke(
        app, ["read", str(tmp_path / "jvl.csv"), "-o", str(tmp_path / "no"), "--against", "nothing"]
    )
    assert bad.exit_code != 0
    assert not (tmp_path / "no").exists()
