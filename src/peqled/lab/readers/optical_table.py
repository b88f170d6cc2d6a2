"""Emission and absorption spectra as columns: single spectra, several samples, and maps against reaction time.

Instruments write the wavelength descending, put a log below the data, repeat the wavelength before every sample, and
name columns by the reaction time (``30 s reaction``); three or more distinct times make an in-situ map, which may also
come as a bare matrix or as a list of (time, wavelength, value). An axis in eV is turned into wavelength; transmittance
is named as such.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from peqled.lab.measurement import LabFileError, Measurement, Reader, dataset
from peqled.lab.pl.energy import LIGHT_EV
from peqled.lab.readers._columns import header_metadata
from peqled.lab.readers._maps import as_map
from peqled.lab.readers._spectrum import optical_variables
from peqled.lab.text import Table, head_table, read_tables
from peqled.lab.units import factor_to

_WAVELENGTH = re.compile(r"^(?:wave ?length|wl|lambda|λ|wellenl[äa]nge|nm)(?:$|[ (\[/])", re.IGNORECASE)
_ENERGY = re.compile(r"^(?:photon )?energ(?:y|ie)", re.IGNORECASE)
_EL = re.compile(r"(?<![a-z])(?:el|spd|electrolumin\w*|jvl|oled|peled|qled|led)(?![a-z])", re.IGNORECASE)
_PL = re.compile(r"(?<![a-z])(?:pl|ple|photolumin\w*|fluor\w*|fl|emission|em)(?![a-z])", re.IGNORECASE)
_EXCITATION = re.compile(r"(?<![a-z])(?:ple|excitation)(?![a-z])", re.IGNORECASE)
_EXCITED = "an excitation spectrum: positions are those of the excitation, not of the emission"
_ABS = re.compile(
    r"(?<![a-z])(?:abs|absorb\w*|absorption|a\.?u\.? ?abs|od|optical density|uv|uv ?vis|uvvis)(?![a-z])", re.IGNORECASE
)
_TIME = re.compile(r"(?<![\w.])(-?\d+(?:[.,]\d+)?)[ \-]?(ms|s|sec|min|h)(?![a-z])", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


class Pair(NamedTuple):
    """Column of an axis and a column of values on it."""

    axis: int
    values: int
    name: str


def _axis_columns(table: Table) -> list[int]:
    """Columns that are a wavelength or energy axis: by name, else an even first column in the range of wavelengths."""
    named = [i for i, n in enumerate(table.names) if _WAVELENGTH.search(_plain(n)) or _ENERGY.search(_plain(n))]
    named = [i for i in named if _monotone(table.values[:, i])]  # a key of the header may look like a name
    if named:
        return named
    first = table.values[:, 0]
    inside = _monotone(first) and np.nanmin(first) >= 180 and np.nanmax(first) <= 2600
    return [0] if inside and np.count_nonzero(np.isfinite(first)) > 20 else []


def _monotone(values: NDArray[np.float64]) -> bool:
    """Rising or falling throughout, one damaged cell in fifty allowed."""
    steps = np.diff(values[np.isfinite(values)])
    wrong = min(np.count_nonzero(steps <= 0), np.count_nonzero(steps >= 0))
    return bool(steps.size >= 2 and wrong <= steps.size // 50)


def _plain(text: str) -> str:
    return re.sub(r"[_\-\s]+", " ", text).strip()


def _pairs(table: Table) -> list[Pair]:
    axes = _axis_columns(table)
    labels = _labels(table)
    found = []
    for i in range(table.values.shape[1]):
        before = [a for a in axes if a < i]
        if i in axes or not before or not np.isfinite(table.values[:, i]).any():
            continue
        if re.search(r"std|error|sigma|resid|^fit", table.names[i], re.IGNORECASE):
            continue
        found.append(Pair(before[-1], i, labels[i]))
    return found


def _labels(table: Table) -> list[str]:
    """Names of the columns; of paired columns (Wavelength, Abs, Wavelength, Abs) the sample names of the row above."""
    names = [
        f"{n.strip()} {u.strip()}".strip() if factor_to(u or "-", "s") else n.strip()
        for n, u in zip(table.names, table.units, strict=True)
    ]
    axes = _axis_columns(table)
    if len(axes) > 1 and len(table.header) >= 2:
        above = [
            c.strip().strip('"') for c in table.header[-2].split(table.delimiter if table.delimiter != " " else "\t")
        ]
        above += [""] * (len(names) - len(above))
        return [above[i] or (above[i - 1] if i else "") or names[i] for i in range(len(names))]
    return names


def sniff(head: bytes, name: str) -> float:
    """High with a wavelength column and a word or a time that says emission or absorption; low without."""
    table = None if head.lstrip().startswith(b"##") else head_table(head)  # JCAMP-DX is no table
    table = None if table is None else as_map(table)
    if table is not None and _transposed(table):
        return 0.7
    if table is None or len(table.values) < 20:
        return 0.0
    pairs = _pairs(table)
    if not pairs:
        return 0.0
    own = _plain(Path(name).stem)
    text = " ".join([own, *map(_plain, table.names), *map(_plain, table.header[:30])])
    if _EL.search(own) or re.search(r"radiance|irradiance|W/m|W/sr", text):
        return 0.0
    if _times([p.name for p in pairs]) is not None:
        return 0.85
    if _PL.search(own) or _ABS.search(own):
        return 0.8
    if (_PL.search(text) or _ABS.search(text)) and not _EL.search(text):
        return 0.75
    named = bool(_WAVELENGTH.search(_plain(table.names[pairs[0].axis])))
    return 0.45 if named and not _EL.search(text) else 0.4 if not any(table.names) and len(pairs) <= 3 else 0.0


def _times(names: list[str]) -> list[float] | None:
    """Times (s) of three or more columns, all different, else None."""
    found = []
    for name in names:
        match = _TIME.search(re.sub(r"[_\s]+", " ", name))  # the sign of a time before the injection is kept
        bare = _NUMBER.fullmatch(name.strip())
        if match:
            found.append(float(match[1].replace(",", ".")) * (factor_to(match[2].lower(), "s") or 1.0))
        elif bare:
            found.append(float(bare[0]))
        else:
            return None
    return found if len(found) >= 3 and len(set(found)) == len(found) else None


def _transposed(table: Table) -> bool:
    """Rows of times under a header of wavelengths."""
    numbers = [n for n in table.names[1:] if re.fullmatch(r"\d{3,4}(?:\.\d+)?", n.strip())]
    return (
        len(numbers) >= 20
        and len(numbers) >= len(table.names) - 2
        and bool(re.search("time|^t$", table.names[0], re.IGNORECASE))
    )


def read(path: Path) -> list[Measurement]:
    """Spectra of all columns, or one map."""
    try:
        return _measurements(path)
    except ValueError as error:
        if isinstance(error, LabFileError):
            raise
        raise LabFileError(path, "table", str(error)[:80], "spectra on a wavelength axis") from None


def _measurements(path: Path) -> list[Measurement]:
    tables = [t for t in map(as_map, read_tables(path)) if _transposed(t) or (len(t.values) >= 10 and _pairs(t))]
    if not tables:
        raise LabFileError(path, "columns", "no wavelength axis", "a column such as Wavelength (nm)")
    return [m for t in tables for m in (_from_rows(path, t) if _transposed(t) else _from_columns(path, t))]


def _from_rows(path: Path, table: Table) -> list[Measurement]:
    time = table.values[:, 0] * (factor_to(table.units[0], "s") or 1.0)
    columns = [i for i in range(1, len(table.names)) if re.fullmatch(r"\d{3,4}(?:\.\d+)?", table.names[i].strip())]
    wavelength = np.array([float(table.names[i]) for i in columns]) * 1e-9
    flags = () if table.units[0] else ("READ_UNIT",)
    return [_map(path, table, time, wavelength, table.values[:, columns], flags)]


def _from_columns(path: Path, table: Table) -> list[Measurement]:
    pairs = _pairs(table)
    times = _times([p.name for p in pairs])
    if times is not None and len({p.axis for p in pairs}) == 1:
        wavelength, order = _wavelength(table, pairs[0].axis)
        spectra = table.values[order][:, [p.values for p in pairs]].T
        bare = all(_NUMBER.fullmatch(p.name.strip()) for p in pairs)
        return [_map(path, table, np.array(times), wavelength, spectra, ("READ_UNIT",) if bare else ())]
    return [_single(path, table, pair, len(pairs)) for pair in pairs]


def _map(path: Path, table: Table, time, wavelength, spectra: NDArray[np.float64], flags) -> Measurement:
    absorbing = _quantity(path, table, "", spectra) == "absorbance"
    variable = "lab.absorbance_map" if absorbing else "nanocrystal.insitu_pl"
    order, across = np.argsort(time), np.argsort(wavelength)
    data = dataset(
        {
            "time": time[order],
            "insitu_wavelength": wavelength[across],
            variable: np.where(np.abs(spectra) < 1e30, spectra, 0.0)[order][:, across],
        }
    )
    metadata = {**header_metadata(table.header), "rows": len(table.values), "spectra": len(time)}
    excited = (_EXCITED,) if _EXCITATION.search(_plain(path.stem)) else ()
    return Measurement(
        "insitu_map", path.stem, data, path, "optical_table", metadata, (*table.notes(), *excited), tuple(flags)
    )


def _single(path: Path, table: Table, pair: Pair, count: int) -> Measurement:
    wavelength, order = _wavelength(table, pair.axis)
    values = table.values[order, pair.values]
    good = np.abs(values) < 1e30
    wavelength, values = wavelength[good], values[good]
    if wavelength.size < 10:
        raise ValueError(f"column {pair.name or pair.values}: fewer than ten values")
    spectrum_note: tuple[str, ...] = ()
    if _EXCITATION.search(_plain(f"{path.stem} {pair.name}")):
        spectrum_note = (*spectrum_note, _EXCITED)
    quantity = _quantity(path, table, pair.name, values)
    metadata: dict[str, Any] = {**header_metadata(table.header), "rows": len(table.values), "spectra": count}
    name = path.stem if count == 1 or not pair.name else pair.name if count > 1 else path.stem
    if quantity == "emission":
        if table.units[pair.axis].strip().lower() in ("ev", "mev"):
            values = values * (float(np.mean(wavelength)) / wavelength) ** 2  # dE/dlambda, any scale
            spectrum_note = (*spectrum_note, "energy axis: values per energy turned into values per wavelength")
        metadata["scale"] = (
            "counts" if re.search(r"count|cts|cps", _all_text(path, table), re.IGNORECASE) else "unknown"
        )
    kind = "pl_spectrum" if quantity == "emission" else "absorption"
    data = dataset({"wavelength": wavelength, **optical_variables(wavelength, values, quantity)})
    return Measurement(kind, name, data, path, "optical_table", metadata, (*table.notes(), *spectrum_note))


def _wavelength(table: Table, axis: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Wavelengths (m), ascending and without repeats, and the rows they come from."""
    raw = table.values[:, axis]
    unit = table.units[axis].strip()
    if unit.lower() in ("ev", "mev") or (not unit and _ENERGY.search(_plain(table.names[axis]))):
        raw = np.where(raw > 0, raw, np.nan)
        wavelength = LIGHT_EV / (raw * (1e-3 if unit.lower() == "mev" else 1.0))
    else:
        wavelength = raw * (factor_to(unit, "m") or (1e-6 if np.nanmax(raw) < 10 else 1e-9))
    order = np.argsort(wavelength, kind="stable")
    order = order[(wavelength[order] > 1e-8) & (wavelength[order] < 1e-3)]  # a damaged cell is no wavelength
    if order.size < 5:
        raise ValueError("fewer than five wavelengths")
    keep = np.concatenate([[True], np.diff(wavelength[order]) > 0])
    return wavelength[order][keep], order[keep]


def _all_text(path: Path, table: Table) -> str:
    return " ".join([_plain(path.stem), *map(_plain, table.names), *map(_plain, table.header[:30])])


def _quantity(path: Path, table: Table, column: str, values: NDArray[np.float64]) -> str:
    """emission, absorbance or transmittance: by the column, the file name and header, else by the range of values."""
    for text in (_plain(column), " ".join(map(_plain, table.units)), _plain(path.stem), _all_text(path, table)):
        if re.search(r"transmi|(?<![\w])%\s?t(?![a-z])", text, re.IGNORECASE) and not _PL.search(text):
            return "transmittance"
        if _PL.search(text) and not _ABS.search(text):
            return "emission"
        if _ABS.search(text) and not _PL.search(text):
            return "absorbance"
    low, high = float(np.nanpercentile(values, 1)), float(np.nanpercentile(values, 99))
    body = np.atleast_2d(values)
    ends = float(np.nanmedian(body[:, :5])), float(np.nanmedian(body[:, -5:]))
    return "absorbance" if low > -0.5 and high < 6.0 and max(ends) > 0.3 * high else "emission"


READER = Reader(
    "optical_table",
    "Emission and absorption spectra as columns, also against time",
    ("pl_spectrum", "absorption", "insitu_map"),
    (".csv", ".txt", ".asc", ".dat", ".xlsx"),
    sniff,
    read,
    "independent file",
)
