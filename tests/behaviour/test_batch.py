"""Batches: the same devices whatever the workers, nothing lost or done twice after a kill, tables that add up."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from peqled.design.checkpoint import Checkpoint
from peqled.design.processes import run_jobs
from peqled.result import OutputError


def square(context, number):
    """A job that notes in the folder that it ran."""
    folder, pause = context
    with (Path(folder) / "ran.txt").open("a") as file:
        file.write(f"{number}\n")
    time.sleep(pause)
    return {"number": number, "value": number**2 + 0.1}


SLOW = """
from pathlib import Path
from peqled.design.checkpoint import Checkpoint
from peqled.design.processes import run_jobs
from tests.behaviour.test_batch import square
if __name__ == "__main__":
    folder = Path({folder!r})
    run_jobs(square, (str(folder), 0.15), range(24), workers=2, checkpoint=Checkpoint(folder / "done.jsonl", "key"))
"""


def test_any_number_of_workers_gives_the_same_records(tmp_path):
    one, two = (run_jobs(square, (str(tmp_path), 0.0), range(7), workers=workers) for workers in (1, 2))
    assert one == two
    assert [record["number"] for record in one] == list(range(7))


def test_a_killed_run_goes_on_without_loss_or_repetition(tmp_path):
    """Killed with SIGKILL half-way: finished jobs are not run again, only those in flight are; the workers of the
    killed run end by themselves; the records are those of a run that was never killed."""
    script = tmp_path / "slow.py"
    script.write_text(SLOW.format(folder=str(tmp_path)))
    root = str(Path(__file__).parents[2])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    running = subprocess.Popen([sys.executable, str(script)], env=environment)
    checkpoint = tmp_path / "done.jsonl"
    patience = time.monotonic() + 300.0
    while not checkpoint.exists() or len(checkpoint.read_text().splitlines()) < 7:
        assert running.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < patience
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()
    time.sleep(1.5)  # a worker looks for its parent five times a second
    before = (tmp_path / "ran.txt").read_text().split()
    time.sleep(1.0)
    assert (tmp_path / "ran.txt").read_text().split() == before, "a worker outlived its parent"
    finished = {json.loads(line)["number"] for line in checkpoint.read_text().splitlines()[1:]}
    assert 6 <= len(finished) < 24

    records = run_jobs(square, (str(tmp_path), 0.0), range(24), workers=1, checkpoint=Checkpoint(checkpoint, "key"))
    after = [int(number) for number in (tmp_path / "ran.txt").read_text().split()[len(before) :]]
    assert sorted(after) == sorted(set(range(24)) - finished)
    assert records == [{"number": i, "value": i**2 + 0.1} for i in range(24)]
    assert len(before) - len(finished) <= 6  # in flight, or begun before the workers saw that they are alone


def test_a_line_cut_short_is_done_again(tmp_path):
    file = tmp_path / "done.jsonl"
    first = Checkpoint(file, "key")
    for number in range(3):
        first.add({"number": number, "value": 1 / 3})
    text = file.read_text()
    file.write_text(text[:-9])
    second = Checkpoint(file, "key")
    assert sorted(second.done) == [0, 1]
    assert second.done[1]["value"] == 1 / 3
    second.add({"number": 2, "value": 1 / 3})
    assert file.read_text() == text


def test_results_of_other_jobs_are_refused(tmp_path):
    Checkpoint(tmp_path / "done.jsonl", "key").add({"number": 0})
    with pytest.raises(OutputError, match="another recipe, seed or version"):
        Checkpoint(tmp_path / "done.jsonl", "other")


def peqled(*arguments):
    command = [sys.executable, "-c", "from peqled.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ, timeout=1200)


def test_the_command_writes_its_files_and_goes_on(tmp_path):
    """Five devices, then seven in the same folder: the first five are taken as they are, to the last digit."""
    first = peqled("batch", "otac-otam", "--devices", 5, "--workers", 1, "--lifetimes", 1, "-o", tmp_path, "--json")
    assert first.returncode == 0, first.stderr
    five = json.loads(first.stdout)
    second = peqled("batch", "otac-otam", "--devices", 7, "--workers", 1, "--lifetimes", 1, "-o", tmp_path, "--json")
    seven = json.loads(second.stdout)
    assert seven["devices"][:5] == five["devices"]
    assert len(seven["devices"]) == 7
    assert five["devices"][0]["t50 [min]"] > 0
    for name in ("statistics.csv", "tolerances.csv", "devices.csv", "jvl.csv", "result.nc", "report.html"):
        assert (tmp_path / name).stat().st_size > 0
    other = peqled("batch", "otac-otam", "--devices", 5, "--seed", 1, "-o", tmp_path)
    assert other.returncode == 2
    assert "another recipe, seed or version" in other.stderr
    assert "Traceback" not in other.stderr
