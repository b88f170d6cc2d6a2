"""What a reader yields (`Measurement`), what a reduction yields (`Quantity`), and what both may ask for (`Context`).

A measurement carries the variables that the twin predicts, under the same dotted names of the vocabulary and in the
same units; `dataset` builds it and refuses a name the vocabulary does not hold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from peqled.vocabulary import observable

if TYPE_CHECKING:
    import xarray as xr


class LabFileError(ValueError):
    """A file that cannot be read as what it seems to be: where, what was held, what was expected."""

    def __init__(self, path: Path | str, where: str, held: object, expected: str) -> None:
        self.path, self.where, self.held, self.expected = Path(path), where, held, expected
        shown = repr(held) if isinstance(held, str) else str(held)
        super().__init__(f"{Path(path).name}, {where}: {shown[:120]}; expected {expected}")


@dataclass(frozen=True)
class Measurement:
    """One measured curve, spectrum, map or table, in the units of the vocabulary.

    Attributes:
        kind: what was measured ("jvl", "el_spectrum", "trpl_decay", ...); decides which topic reduces it.
        name: sample, pixel or region, from the content of the file or its stem.
        data: variables under their names of the vocabulary.
        source: the file.
        reader: name of the reader.
        metadata: what the file says beside the data; keys carry a unit suffix where not SI.
        notes: what the reader ignored or assumed, in words.
        flags: codes of `peqled.lab.rules` raised on reading.
    """

    kind: str
    name: str
    data: xr.Dataset
    source: Path
    reader: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantity:
    """One row of results.csv.

    Attributes:
        file: file or files it comes from, joined by ``;``, relative to the folder that was read.
        quantity: name with unit suffix and convention, such as ``eqe_lambertian_pct`` or ``tau_int_ns``.
        value: the number, or a word for a verdict.
        uncertainty: standard uncertainty (k = 1) in the same unit, NaN where there is none.
        unit: unit of value and uncertainty, "1" for pure numbers.
        convention: the choice that another laboratory could have made differently.
        flags: codes of `peqled.lab.rules`.
        sample: sample, pixel or region.
        note: one sentence for the reader of the report: budget, window, why an error bar is missing.
    """

    file: str
    quantity: str
    value: float | str
    uncertainty: float = math.nan
    unit: str = "1"
    convention: str = ""
    flags: tuple[str, ...] = ()
    sample: str = ""
    note: str = ""


@dataclass(frozen=True)
class Reader:
    """A format that can be read.

    Attributes:
        name: short name, such as ``vamas``.
        title: what a person calls it.
        kinds: kinds of measurement it yields.
        suffixes: usual suffixes, a hint for messages only.
        sniff: score 0 to 1 from the first 64 kB and the file name; a workbook comes as tab-separated text.
        read: the measurements of a file; raises `LabFileError` on bad content.
        checked: "independent file", "library: NAME" or "unverified".
        note: licence of a plug-in, limits.
    """

    name: str
    title: str
    kinds: tuple[str, ...]
    suffixes: tuple[str, ...]
    sniff: Callable[[bytes, str], float]
    read: Callable[[Path], Sequence[Measurement]]
    checked: str = "unverified"
    note: str = ""


@dataclass(frozen=True)
class Context:
    """What a reduction knows beside its measurements.

    Attributes:
        root: folder that was read; names in results are relative to it.
        lookup: answers of ``lab.toml`` files and ``--set``: (measurement, key) to value or None.
        shown: names of files that lie elsewhere (members of an archive).
    """

    root: Path
    lookup: Callable[[Measurement, str], Any] = lambda measurement, key: None
    shown: Mapping[Path, str] = field(default_factory=dict)

    def setting(self, measurement: Measurement, key: str, default: Any = None) -> Any:
        """What the user says (sidecar or ``--set``), else what the file says, else `default`."""
        said = self.lookup(measurement, key)
        if said is None:
            said = measurement.metadata.get(key)
        return default if said is None else said

    def number(self, measurement: Measurement, key: str, unit: str, default: float = math.nan) -> float:
        """A setting as a number in `unit` (of `peqled.materials.units`); plain numbers are taken in `unit`."""
        from peqled.materials.units import UnitError, parse_quantity, working_unit_factor

        said = self.setting(measurement, key)
        if said is None:
            return default
        if isinstance(said, int | float) and not isinstance(said, bool):
            return float(said)
        try:
            return float(said)
        except (TypeError, ValueError):
            pass
        try:
            if unit == "degC":
                return parse_quantity(str(said), "K") - 273.15
            return parse_quantity(str(said), unit) / working_unit_factor(unit)
        except UnitError as error:
            raise LabFileError(
                measurement.source, f"setting {key}", str(said), f"a value in {unit} ({error})"
            ) from None

    def file(self, *measurements: Measurement) -> str:
        """Names of the files, relative to the root, joined by ``;`` without repeats."""
        return ";".join(dict.fromkeys(self.shown.get(m.source) or relative(m.source, self.root) for m in measurements))


def relative(path: Path, root: Path) -> str:
    """`path` below `root` with forward slashes, or its name where it lies elsewhere."""
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return path.name


def dataset(values: Mapping[str, Any]) -> xr.Dataset:
    """Variables and coordinates under their names of the vocabulary, with ``units``, ``long_name``, ``convention``.

    Coordinates are the names without a dot. An observable is laid on the dimensions that its entry names; a leading
    dimension that the values do not have is left out (``led.el`` of one voltage, for instance).
    """
    import xarray as xr

    variables, coordinates = {}, {}
    for name, value in values.items():
        entry = observable(name)
        array = np.asarray(value)
        if array.ndim > len(entry.dims):
            raise ValueError(f"'{name}' has {array.ndim} dimensions, the vocabulary says {entry.dims}")
        attributes = {"units": entry.unit, "long_name": entry.long_name, "convention": entry.convention}
        dims = entry.dims[len(entry.dims) - array.ndim :]
        (variables if "." in name else coordinates)[name] = xr.Variable(dims, array, attributes)
    return xr.Dataset(variables, coords=coordinates)
