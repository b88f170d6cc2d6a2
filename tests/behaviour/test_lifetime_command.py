"""`peqled lifetime`: the tables on screen, in files and in JSON say the same, and what can't be is said in one line."""

import csv
import json
import os
import subprocess
import sys

import pytest


def peqled(*arguments):
    command = [sys.executable, "-c", "from peqled.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ, timeout=1200)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("aged")
    levels = [word for level in (1e3, 1e4) for word in ("--luminance", level)]
    warm = [word for kelvin in (298, 318) for word in ("--temperature", kelvin)]
    found = peqled("lifetime", "otac-otam", *levels, *warm, "--devices", 2, "-o", folder, "--json")
    assert found.returncode == 0, found.stderr
    return folder, json.loads(found.stdout)


def test_the_calibrated_lifetime_and_its_neighbours(study):
    """54 min at 10000 cd/m2 and n = 1.7 to 1000 cd/m2 are what the damage was fitted to; 20 K shorten life by more than
    a factor 2 and less than 5 (0.5 eV: 3.4)."""
    _, tables = study
    cold, warm = tables["lifetime"][:2], tables["lifetime"][2:]
    assert cold[1]["t50 [h]"] == pytest.approx(0.9, rel=2e-3)
    assert cold[0]["t50 [h]"] == pytest.approx(0.9 * 10**1.7, rel=5e-3)
    assert 2 < cold[1]["t50 [h]"] / warm[1]["t50 [h]"] < 5
    assert all(row["low [h]"] <= row["t50 [h]"] * 1.001 for row in cold)


def test_every_mechanism_names_its_parameter(study):
    _, tables = study
    assert all(row["parameter"].count(".") == 1 for row in tables["mechanisms"])
    unseen = [row for row in tables["mechanisms"] if row["mechanism"] in ("healing", "temperature", "quenching")]
    assert len(unseen) == 3
    assert all(row["verdict"].startswith("not informed by the data") for row in unseen)
    (reason,) = (note for note in tables["notes"] if "T50 at 100 cd/m2" in note)
    law = float(reason.split("The power law says ")[1].split(" h")[0])
    assert law == pytest.approx(2261, rel=0.01)  # 54 min and n = 1.7, met by the calibration


def test_files_agree_with_the_screen(study):
    folder, tables = study
    with (folder / "lifetime.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["t50 [h]"]) for row in rows] == [row["t50 [h]"] for row in tables["lifetime"]]
    for name in ("mechanisms.csv", "published.csv", "curves.csv", "result.nc", "report.html", "figures/lifetime.svg"):
        assert (folder / name).stat().st_size > 0


def test_a_luminance_out_of_reach_is_an_error_in_words(tmp_path):
    found = peqled("lifetime", "otac-otam", "--luminance", 1e9, "-o", tmp_path / "aged")
    assert found.returncode == 2
    assert "none of the luminances" in found.stderr
    assert "drive.to" in found.stderr
    assert "Traceback" not in found.stderr
