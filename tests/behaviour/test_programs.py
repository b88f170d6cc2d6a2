"""Programs kept on disk: the same numbers, found again by a new process, made anew when unreadable."""

import time

import jax
import jax.numpy as jnp
import pytest

from peqled import programs


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(programs, "_folder", tmp_path)
    monkeypatch.setattr(programs, "_loaded", {})
    return tmp_path


def make(traces: list[int]):
    """A stored function that counts how often it is traced; built in one place, so that its name stays."""

    @programs.stored(static_argnames=("power",))
    def rise(values, *, shift, power=2):
        traces.append(power)
        return {"up": values["x"] ** power + shift, "kept": (values["x"],)}

    return rise


def test_a_new_process_finds_the_program_without_tracing(folder, monkeypatch):
    first: list[int] = []
    x = {"x": jnp.array([1.0, 2.0, 3.0])}
    out = make(first)(x, shift=1.0)
    assert first
    monkeypatch.setattr(programs, "_loaded", {})  # what a new process starts with
    second: list[int] = []
    again = make(second)(x, shift=1.0)
    assert not second
    assert jax.tree.structure(again) == jax.tree.structure(out)
    assert again["up"].tolist() == [2.0, 5.0, 10.0]


def test_shapes_and_static_arguments_make_programs_of_their_own(folder):
    traces: list[int] = []
    rise = make(traces)
    assert rise({"x": jnp.array([2.0])}, shift=0.0)["up"].tolist() == [4.0]
    assert rise({"x": jnp.array([2.0])}, shift=0.0, power=3)["up"].tolist() == [8.0]
    assert rise({"x": jnp.array([2.0, 3.0])}, shift=0.0)["up"].tolist() == [4.0, 9.0]
    assert len(list(folder.glob("*.program"))) == 3


def test_a_command_loads_ahead_what_it_used_the_last_time(folder, monkeypatch):
    x = {"x": jnp.array([2.0])}
    monkeypatch.setattr(programs, "_used", {})
    with programs.loaded_ahead("rise"):
        make([])(x, shift=0.0)
    (file,) = folder.glob("*.program")
    (listed,) = folder.glob("rise-*.used")
    assert listed.read_text().split() == [file.name]
    monkeypatch.setattr(programs, "_loaded", {})
    with programs.loaded_ahead("rise"):
        while not programs._loaded:  # the thread needs nobody to ask
            time.sleep(0.01)
        assert make([])(x, shift=0.0)["up"].tolist() == [4.0]
    file.write_bytes(b"half a file")
    monkeypatch.setattr(programs, "_loaded", {})
    traces: list[int] = []
    with programs.loaded_ahead("rise"):
        assert make(traces)(x, shift=0.0)["up"].tolist() == [4.0]
    assert traces


def test_an_unreadable_file_is_made_anew(folder, monkeypatch):
    make([])({"x": jnp.ones(2)}, shift=0.0)
    (file,) = folder.glob("*.program")
    file.write_bytes(b"half a file")
    monkeypatch.setattr(programs, "_loaded", {})
    traces: list[int] = []
    assert make(traces)({"x": jnp.ones(2)}, shift=0.0)["up"].tolist() == [1.0, 1.0]
    assert traces
    assert file.read_bytes() != b"half a file"


def test_a_folder_that_cannot_be_written_costs_no_result(folder, monkeypatch):
    blocked = folder / "file"
    blocked.write_text("not a folder")
    monkeypatch.setattr(programs, "_folder", blocked)
    assert make([])({"x": jnp.ones(1)}, shift=2.0)["up"].tolist() == [3.0]


def test_derivatives_pass_through(folder):
    rise = make([])
    slope = jax.jvp(lambda s: rise({"x": jnp.array([3.0])}, shift=s)["up"][0], (0.5,), (1.0,))[1]
    assert float(slope) == 1.0
    assert float(jax.grad(lambda v: rise({"x": v}, shift=0.0)["up"][0])(jnp.array([3.0]))[0]) == 6.0
