"""Current-voltage curves of single-carrier devices: two columns, told by the name of the file or of its columns."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, dataset
from peqled.lab.readers._columns import header_metadata
from peqled.lab.registry import Reader
from peqled.lab.text import Table, head_table, read_table
from peqled.lab.units import factor_to

_HINT = re.compile(
    r"sclc|(?:hole|electron)[-_ ]?only|single[-_ ]?carrier|(?<![a-z])(?:hod|eod|homo|lumo)(?![a-z])", re.I
)
_LAYER = re.compile(r"\d\s*nm(?![a-z])", re.I)
_TEMPERATURE = re.compile(r"(?<![\d.])(\d{2,3})\s*K(?![a-zA-Z])")
_AMPERE = re.compile(r"current|curr|i|strom|(?:measured|abs) current", re.I)  # a current, not its density
_LIGHT = r"lumin|cd/m|brightness|photocurrent|eqe|radiance|irradiance"


def _columns(table: Table) -> tuple[int, int] | None:
    """Columns of voltage and current; the first two where nothing is named."""
    if table.values.shape[1] < 2:
        return None
    if not any(table.names):
        return (0, 1) if table.values.shape[1] <= 3 or _is_dump(table) else None
    voltage = table.column(r"volt|bias|spannung|^v\b|^u\b")
    current = table.column(r"current\s*dens|stromdichte|^\|?j\b|j_|ma/cm", r"curr|strom|^\|?i\b|^i_")
    return (voltage, current) if voltage is not None and current is not None and voltage != current else None


def _is_dump(table: Table) -> bool:
    """Lines as a Keithley 2400 sends them: voltage, current, no resistance (9.91e37), time, status word."""
    return not any(table.names) and table.values.shape[1] == 5 and bool(np.all(table.values[:, 2] == 9.91e37))


def _rises(voltage: np.ndarray, current: np.ndarray) -> bool:
    """A current that grows over two decades or more with a voltage below 60 V."""
    v, j = np.abs(voltage), np.abs(current)
    good = np.isfinite(v) & np.isfinite(j) & (v > 0.0) & (j > 0.0)
    if good.sum() < 15 or v[good].max() > 60.0:
        return False
    x, y = np.log(v[good]), np.log(j[good])
    return bool(np.ptp(x) > 1.0 and np.ptp(y) > 2.0 and np.corrcoef(x, y)[0, 1] > 0.85)


def _sniff(head: bytes, name: str) -> float:
    table = head_table(head)
    found = _columns(table) if table is not None else None
    if table is None or found is None or re.search(_LIGHT, " ".join((*table.names, *table.units)), re.I):
        return 0.0
    if not _rises(table.values[:, found[0]], table.values[:, found[1]]):
        return 0.0
    if _HINT.search(f"{name} {' '.join(table.header[:10])}"):
        return 0.9
    return 0.6 if _LAYER.search(name) and _TEMPERATURE.search(name) else 0.0


def _read(path: Path) -> list[Measurement]:
    table = read_table(path)
    found = _columns(table)
    if found is None:
        raise LabFileError(path, "columns", ", ".join(table.names)[:80], "voltage and current")
    voltage, current = table.values[:, found[0]], table.values[:, found[1]]
    keep = np.isfinite(voltage) & np.isfinite(current)
    if keep.sum() < 8:
        raise LabFileError(path, "rows", f"{int(keep.sum())} with both numbers", "at least 8")
    unit = table.units[found[1]]
    density, plain = factor_to(unit, "A/m^2"), factor_to(unit, "A")
    notes, flags = list(table.notes()), ()
    if _is_dump(table):
        plain = 1.0
    elif density is None and plain is None and _AMPERE.fullmatch(table.names[found[1]].strip()):
        plain, flags = 1.0, ("READ_UNIT",)
        notes.append("unit of the current not given: A taken, as source meters write it")
    elif density is None and plain is None:
        density, flags = 10.0, ("READ_UNIT",)
        notes.append("unit of the current not given: mA/cm2 taken, the usual layout of such files")
    scale = factor_to(table.units[found[0]], "V") or 1.0
    values = {"bias": scale * voltage[keep]}
    if density is not None:
        values["lab.sclc_current_density"] = density * current[keep]
    else:
        values["lab.sclc_current"] = (plain or 1.0) * current[keep]
    header = header_metadata(table.header)
    given = {key: header[key] for key in ("area", "thickness", "permittivity", "sample") if key in header}
    metadata = {**given, **_said(path.stem)}
    return [Measurement("sclc", path.stem, dataset(values), path, "sclc_table", metadata, tuple(notes), flags)]


def _said(name: str) -> dict[str, float | str]:
    """Temperature and carrier that a name tells."""
    metadata: dict[str, float | str] = {}
    if match := _TEMPERATURE.search(name):
        metadata["temperature"] = float(match[1])
    if match := re.search(r"hole|electron|homo|lumo|hod|eod", name, re.I):
        metadata["carrier"] = "hole" if match[0].lower() in ("hole", "homo", "hod") else "electron"
    return metadata


def from_sweep(m: Measurement) -> Measurement | None:
    """A current-voltage curve without light in a folder whose name says single carriers, as such a curve; else None."""
    folder = m.source.parent.name
    light = any(str(name) not in ("voltage", "lab.current", "led.current_density") for name in m.data.variables)
    if light or not _HINT.search(folder):
        return None
    dense = "led.current_density" in m.data
    current = m.data["led.current_density" if dense else "lab.current"].to_numpy()
    values = {"bias": m.data["voltage"].to_numpy()}
    values["lab.sclc_current_density" if dense else "lab.sclc_current"] = current
    metadata = {**m.metadata, **_said(f"{folder} {m.source.stem}")}
    note = f"taken for a single-carrier device: it lies in the folder {folder}"
    return replace(m, kind="sclc", data=dataset(values), metadata=metadata, notes=(*m.notes, note))


READER = Reader(
    name="sclc_table",
    title="current-voltage curve of a single-carrier device",
    kinds=("sclc",),
    suffixes=(".txt", ".csv", ".dat"),
    sniff=_sniff,
    read=_read,
    checked="independent file",
)
