"""Labelled results: units and names of the vocabulary, a round trip through NetCDF, whole files or none."""

import numpy as np
import pytest

from peqled.result import (
    OutputError,
    build_tree,
    label,
    open_result,
    prepare_folder,
    read_value,
    warnings_of,
    write_atomically,
    write_json,
    write_result,
)
from peqled.vocabulary import observable, observables


def small_tree():
    values = {
        "time": np.array([0.0, 1.0]),
        "element": np.array(["Pb", "Br"]),
        "synthesis.mean_edge": np.array([np.nan, 5e-9]),
        "synthesis.balance_error": np.zeros(2),
    }
    return build_tree({"synthesis": label("synthesis", values, ["a warning"])}, recipe_text="{}", provenance=[])


def test_every_observable_has_unit_and_name():
    entries = list(observables())
    assert len({entry.name for entry in entries}) == len(entries)
    assert all(entry.unit and entry.long_name for entry in entries)
    with pytest.raises(KeyError, match=r"led\.eqe"):
        observable("led.eqq")


def test_a_result_survives_the_disk(tmp_path):
    tree = small_tree()
    write_result(tree, tmp_path / "result.nc")
    back = open_result(tmp_path)
    assert read_value(back, "synthesis.mean_edge").attrs["units"] == "m"
    assert read_value(back, "synthesis.mean_edge").attrs["long_name"]
    assert list(back["synthesis"]["element"].values) == ["Pb", "Br"]
    assert {"recipe", "versions", "parameters", "hash"} <= set(back.attrs)
    assert warnings_of(back) == ["synthesis: a warning"]
    with pytest.raises(KeyError, match=r"holds no 'led\.eqe'"):
        read_value(back, "led.eqe")


def test_wrong_dimensions_and_names_are_refused():
    with pytest.raises(ValueError, match="dimensions"):
        label("synthesis", {"synthesis.mean_edge": np.zeros((2, 2))}, [])
    with pytest.raises(KeyError, match="no observable"):
        label("synthesis", {"synthesis.colour": 1.0}, [])


def test_a_failed_write_leaves_nothing(tmp_path):
    def fail(path):
        path.write_text("half")
        raise RuntimeError("disk on fire")

    with pytest.raises(RuntimeError):
        write_atomically(tmp_path / "file.txt", fail)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "file.json", {"value": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="can't be written"):
        prepare_folder(tmp_path / "file" / "below")
    with pytest.raises(OutputError, match="no result at"):
        open_result(tmp_path / "nowhere")
    (tmp_path / "text.nc").write_text("no netcdf")
    with pytest.raises(OutputError, match="no result of peqled"):
        open_result(tmp_path / "text.nc")
