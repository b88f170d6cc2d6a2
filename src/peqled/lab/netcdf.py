"""Measurements as one NetCDF-4 file, a group per measurement (`xarray.open_datatree` opens it).

NetCDF-4 is HDF5 with dimension scales. The groups are written with h5py: building the same file through the NetCDF
layers takes several times as long for the hundreds of small groups of a batch.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from peqled.lab.measurement import Context, Measurement

__all__ = ["write_measurements"]

_NO_VARIABLE = "This is a netCDF dimension but not a netCDF variable."
"""Name by which the format marks a dimension without coordinates; its length follows, ten wide."""


def write_measurements(measurements: Sequence[Measurement], context: Context, path: Path) -> None:
    """Write all measurements; groups are named by file, and by sample where a file holds several."""
    used: set[str] = set()
    with h5py.File(path, "w", track_order=True) as file:
        file.attrs["title"] = "measurements read by peqled"
        for measurement in measurements:
            name = _group_name(measurement, context, used)
            group = file.create_group(name, track_order=True)
            _write_variables(group, measurement)
            for key, value in _attributes(measurement, context).items():
                group.attrs[key] = value


def _group_name(measurement: Measurement, context: Context, used: set[str]) -> str:
    source = context.file(measurement)
    parts = [*source.split("/")[:-1], Path(source).name]
    if measurement.name != Path(source).stem:
        parts.append(measurement.name)
    name = "/".join(re.sub(r"[^\w.\- ()+=]", "_", _utf8(part)).strip(" .") or "_" for part in parts)
    unique, count = name, 1
    while unique in used:
        count += 1
        unique = f"{name} ({count})"
    used.add(unique)
    return unique


def _write_variables(group: h5py.Group, measurement: Measurement) -> None:
    data = measurement.data
    made = {str(name): _create(group, str(name), variable) for name, variable in data.variables.items()}
    for dim, length in data.sizes.items():
        scale = made.get(str(dim))
        if scale is None:
            scale = made[str(dim)] = group.create_dataset(str(dim), data=np.zeros(length, ">f4"))
            scale.make_scale(f"{_NO_VARIABLE}{length:10d}")
        else:
            scale.make_scale(str(dim))
    for name, variable in data.variables.items():
        for axis, dim in enumerate(variable.dims):
            if str(name) != str(dim):
                made[str(name)].dims[axis].attach_scale(made[str(dim)])


def _create(group: h5py.Group, name: str, variable: Any) -> h5py.Dataset:
    values = np.asarray(variable.values)
    if values.dtype.kind in "UO":
        dataset = group.create_dataset(name, data=[_utf8(str(v)) for v in values.ravel()], dtype=h5py.string_dtype())
    else:
        dataset = group.create_dataset(name, data=values.astype("i1") if values.dtype.kind == "b" else values)
    for key, value in variable.attrs.items():
        if value != "":
            dataset.attrs[key] = value
    return dataset


def _attributes(measurement: Measurement, context: Context) -> dict[str, Any]:
    found: dict[str, Any] = {
        "kind": measurement.kind,
        "name": _utf8(measurement.name),
        "source": _utf8(context.file(measurement)),
        "reader": measurement.reader,
        "notes": _utf8("; ".join(measurement.notes)),
        "flags": ";".join(measurement.flags),
    }
    for key, value in measurement.metadata.items():
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        found[f"meta_{re.sub('[^0-9A-Za-z_]', '_', str(key))}"] = value if plain else _utf8(str(value)[:4000])
    return found


def _utf8(text: str) -> str:
    """Text that any file takes: no zero characters, no halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
