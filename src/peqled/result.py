"""The labelled result: an `xarray.DataTree` with one node per stage, written as NetCDF-4.

Root attributes carry the recipe, the versions, a hash of both and the provenance of the parameters; every variable
carries the unit, long name and convention of the vocabulary. Files are written under a temporary name and renamed.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import numpy as np
import xarray as xr

import peqled
from peqled.vocabulary import Observable, observable


class OutputError(ValueError):
    """A folder or file can't be written; the message says which and why."""


def label(stage: str, values: Mapping[str, Any], warnings: list[str]) -> xr.Dataset:
    """Observables and coordinates of one stage as a labelled dataset.

    Args:
        stage: name of the stage.
        values: numbers by vocabulary name, observables and the coordinates that they need.
        warnings: what is out of the model's range, kept with the numbers.

    Raises:
        KeyError: a name is not in the vocabulary.
        ValueError: an array does not have the dimensions of its entry.
    """
    entries = {name: observable(name) for name in values}
    coordinates = {name: _variable(entry, values[name]) for name, entry in entries.items() if not entry.stage}
    variables = {entry.short: _variable(entry, values[name]) for name, entry in entries.items() if entry.stage}
    return xr.Dataset(variables, coords=coordinates, attrs={"stage": stage, "warnings": json.dumps(warnings)})


def _variable(entry: Observable, values: Any) -> xr.Variable:
    array = np.asarray(values)
    if array.ndim != len(entry.dims):
        raise ValueError(f"'{entry.name}' has {array.ndim} dimensions, the vocabulary says {entry.dims}")
    if array.dtype.kind == "U":
        array = array.astype(object)
    attributes = {"units": entry.unit, "long_name": entry.long_name}
    if entry.convention:
        attributes["convention"] = entry.convention
    return xr.Variable(entry.dims, array, attributes)


def build_tree(stages: Mapping[str, xr.Dataset], *, recipe_text: str, provenance: list[dict[str, Any]]) -> xr.DataTree:
    """Result of a run: the stages' datasets under one root."""
    tree = xr.DataTree.from_dict({f"/{stage}": dataset for stage, dataset in stages.items()})
    versions = {name: version(name) for name in ("jax", "numpy", "xarray", "equinox")}
    versions |= {"peqled": peqled.__version__, "python": platform.python_version()}
    tree.attrs = {
        "title": "peqled result",
        "recipe": recipe_text,
        "versions": json.dumps(versions, sort_keys=True),
        "parameters": json.dumps(provenance),
        "hash": hashlib.sha256((recipe_text + json.dumps(provenance)).encode()).hexdigest(),
    }
    return tree


def read_value(tree: xr.DataTree, name: str) -> xr.DataArray:
    """Variable of a result by its vocabulary name.

    Raises:
        KeyError: the vocabulary does not know the name, or this run did not compute it.
    """
    entry = observable(name)
    if entry.stage not in tree.children or entry.short not in tree[entry.stage].data_vars:
        raise KeyError(f"this result holds no '{name}': its stages are {', '.join(tree.children)}")
    return cast(xr.DataArray, tree[entry.stage][entry.short])


def warnings_of(tree: xr.DataTree) -> list[str]:
    """Warnings of all stages, each with its stage in front."""
    return [
        f"{stage}: {text}"
        for stage, node in tree.children.items()
        for text in json.loads(node.attrs.get("warnings", "[]"))
    ]


def open_result(path: str | Path) -> xr.DataTree:
    """Open a result written by ``peqled run`` (a folder or its ``result.nc``).

    Raises:
        OutputError: there is no such file, or it is no result.
    """
    file = Path(path) / "result.nc" if Path(path).is_dir() else Path(path)
    if not file.exists():
        raise OutputError(f"no result at '{file}'")
    try:
        with xr.open_datatree(file, engine="h5netcdf") as tree:
            return tree.load()
    except (OSError, ValueError) as error:
        raise OutputError(f"'{file}' is no result of peqled: {error}") from None


def prepare_folder(folder: str | Path) -> Path:
    """Create the folder and prove that it takes a file, before hours are spent on what would go there.

    Raises:
        OutputError: it can't be created or written.
    """
    path = Path(folder)
    probe = path / f".peqled-{os.getpid()}"
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OutputError(f"folder '{path}' can't be written: {error.strerror or error}") from None
    return path


def write_atomically(path: Path, write: Callable[[Path], Any]) -> Path:
    """Let `write` fill a temporary neighbour of `path`, then rename it: the file is whole or absent."""
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        write(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def write_text(path: Path, text: str) -> Path:
    """Write UTF-8 text, whole or not at all."""
    return write_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def write_json(path: Path, value: Any) -> Path:
    """Write strict JSON (no NaN), whole or not at all."""
    return write_text(path, json.dumps(value, indent=1, allow_nan=False) + "\n")


def write_result(tree: xr.DataTree, path: Path) -> Path:
    """Write the tree as NetCDF-4."""
    return write_atomically(path, lambda temporary: tree.to_netcdf(temporary, engine="h5netcdf"))
