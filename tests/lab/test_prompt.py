"""Columns asked for once: the answers make the unknown table readable, now and in the next run."""

import tomllib

import numpy as np
import pytest
from typer.testing import CliRunner

import peqled
from peqled.cli import measured
from peqled.lab.prompt import MAPS, ask, remember
from tests.lab.device_files import AREA, sweep, table

V, J, L = sweep()


@pytest.fixture
def folder(tmp_path):
    """Two tables of one odd set-up and one of another."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.dat").write_text(table(["Qx", "Qy", "Qz"], [V, 1e3 * J * AREA, L]))
    x = np.linspace(0.0, 1.0, 30)
    (tmp_path / "c.dat").write_text(table(["Foo", "Bar"], [x, x**2]))
    return tmp_path


def answers(*texts):
    given = iter(texts)
    asked = []

    def answer(question):
        asked.append(question)
        return next(given)

    return answer, asked


def test_answers_become_a_profile_that_reads_the_files(folder):
    """Bias, current in mA and luminance are named for both files at once; the other table is skipped. A misspelt kind
    and a unit of the wrong sort are asked for again."""
    answer, asked = answers("jlv", "jvl", "1", "", "2", "3", "V", "nm", "mA", "cd/m2", "")
    said = []
    found = ask(peqled.read(folder), answer, said.append)
    assert set(found) == {"a.dat", "b.dat"}
    assert any("none of" in text for text in said)
    assert any("no unit like" in text for text in said)
    remember(folder, found)
    reading = peqled.read(folder, settings={"area": "4 mm^2"})
    assert sorted(m.name for m in reading.measurements) == ["a", "b"]
    current = reading.measurements[0].data["lab.current"].to_numpy()
    assert current == pytest.approx(J * AREA, rel=1e-4, abs=1e-12)
    assert len(reading.find("luminance_max_cdm2")) == 2
    assert not any("Qx" in question for question in asked)


def test_what_is_remembered_stays_beside_what_was_there(tmp_path):
    """A profile with a key, without an end of line: both stand in the new one, and odd names survive."""
    (tmp_path / "lab.toml").write_text('area = "4 mm^2"')
    remember(tmp_path, {'odd "name"\\1.dat': 'kind = "jvl"\ncolumns = { "voltage" = 1 }\n'})
    held = tomllib.loads((tmp_path / "lab.toml").read_text())
    assert held["area"] == "4 mm^2"
    assert held['odd "name"\\1.dat'] == {"kind": "jvl", "columns": {"voltage": 1}}


@pytest.mark.parametrize("kind", MAPS)
def test_every_kind_that_is_offered_is_reduced(kind, tmp_path):
    """An axis and one curve, mapped by column numbers to each kind: read, and the reduction does not fail."""
    ranges = {"wavelength": (400e-9, 700e-9), "angle": (0.0, 1.4), "ageing_time": (0.0, 36000.0), "bias": (0.1, 8.0),
              "wavenumber": (60000.0, 380000.0), "two_theta": (0.2, 1.2), "voltage": (0.0, 5.0)}  # fmt: skip
    x = np.linspace(*ranges[MAPS[kind][0]], 301)
    y = np.exp(-(((x - x.mean()) / (0.1 * np.ptp(x))) ** 2)) + 0.01
    (tmp_path / "odd.dat").write_text(table(["Foo", "Bar"], [x, y]))
    variables = f'"{MAPS[kind][0]}" = 1, "{MAPS[kind][1]}" = 2'
    remember(tmp_path, {"odd.dat": f'kind = "{kind}"\ncolumns = {{ {variables} }}\n'})
    reading = peqled.read(tmp_path)
    assert [m.kind for m in reading.measurements] == [kind]
    assert not [row.note for row in reading.quantities if row.quantity == "reduction"]


def test_only_a_terminal_is_asked(folder, tmp_path, monkeypatch):
    """Without a terminal nothing is asked and nothing written; with one the command reads the tables at once."""
    out = tmp_path / "out"
    result = CliRunner().invoke(measured.app, ["read", str(folder), "-o", str(out)])
    assert result.exit_code == 0
    assert not (folder / "lab.toml").exists()
    monkeypatch.setattr(measured, "_at_terminal", lambda: True)
    given = "\n".join(["jvl", "1", "", "2", "3", "V", "mA", "cd/m2", ""]) + "\n"
    result = CliRunner().invoke(measured.app, ["read", str(folder), "-o", str(out)], input=given)
    assert result.exit_code == 0, result.output
    assert "remembered in" in result.output
    assert "2 read" in result.output
