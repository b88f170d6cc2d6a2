"""Angular emission: signal, or spectra, against the viewing angle."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, Reader, dataset
from peqled.lab.readers._columns import header_metadata
from peqled.lab.readers.el_spectrum import _axis
from peqled.lab.text import Table, head_table, read_table

ANGLE = r"(?:viewing |emission |detector |polar |goniometer |observation )?(?:angle|theta|θ|winkel)"
SIGNAL = re.compile(
    r"^(?:i|l|lv|intensity|luminance|radiance|signal|counts?|photo ?current|power|el.*|norm.*|intensit[äa]t"
    r"|leuchtdichte|relative.*|spectral.*|integr.*)(?: ?\d+)?$",
    re.IGNORECASE,
)
DEGREES = re.compile(r"^(?:.*[ _=])?([+-]?\d+(?:\.\d+)?)\s*(?:°|deg(?:rees?)?)\)?$", re.IGNORECASE)


def _angle_column(table: Table) -> int | None:
    if table.column(r"2 ?theta|2θ|psi|wave|energy") is not None:
        return None
    return next(
        (
            i
            for i, name in enumerate(table.names)
            if re.fullmatch(ANGLE, re.sub(r"[_\s]+", " ", name).strip(), re.IGNORECASE)
        ),
        None,
    )


def _degree_columns(table: Table) -> list[tuple[int, float]]:
    full = [f"{n} {u}".strip() for n, u in zip(table.names, table.units, strict=True)]
    return [(i, float(m[1])) for i, text in enumerate(full) if (m := DEGREES.match(text.replace("_", " ")))]


def sniff(head: bytes, name: str) -> float:
    """High for an angle column with a signal, or a wavelength column with columns named by degrees."""
    table = head_table(head)
    if table is None:
        return 0.0
    axis = _angle_column(table)
    if axis is not None and np.nanmax(np.abs(table.values[:, axis])) <= 180 and len(table.names) >= 2:
        signal = any(SIGNAL.match(n.strip()) for i, n in enumerate(table.names) if i != axis)
        return 0.9 if signal and not re.search(r"dls|xrd|correl", name, re.IGNORECASE) else 0.4
    return 0.9 if len(_degree_columns(table)) >= 3 and _axis(table) is not None else 0.0


def read(path: Path) -> list[Measurement]:
    """One measurement: a signal per visit of an angle, or a spectrum per visit."""
    table = read_table(path)
    metadata: dict[str, Any] = {**header_metadata(table.header)}
    axis = _angle_column(table)
    if axis is None:
        columns = _degree_columns(table)
        wave = _axis(table)
        if len(columns) < 3 or wave is None:
            raise LabFileError(path, "columns", ", ".join(table.names), "an angle column and a signal")
        wavelength = table.values[:, wave] * 1e-9
        order = np.argsort(wavelength)
        spectra = np.nan_to_num(table.values[order][:, [i for i, _ in columns]].T)
        data = dataset(
            {
                "wavelength": wavelength[order],
                "angle": np.radians([a for _, a in columns]),
                "lab.angular_spectrum": spectra,
            }
        )
        return [Measurement("angular", path.stem, data, path, "angular_table", metadata, table.notes())]
    unit = table.units[axis].strip().lower()
    radians = unit == "rad" or (not unit and np.nanmax(np.abs(table.values[:, axis])) < 1.6)
    angle = table.values[:, axis] if radians else np.radians(table.values[:, axis])
    signals = [i for i, n in enumerate(table.names) if i != axis and (SIGNAL.match(n.strip()) or len(table.names) == 2)]
    if not signals:
        raise LabFileError(path, "columns", ", ".join(table.names), "a signal such as Intensity beside the angle")
    chosen = signals[0]
    good = np.isfinite(angle) & np.isfinite(table.values[:, chosen])
    metadata["signal"] = f"{table.names[chosen]} ({table.units[chosen]})".replace(" ()", "")
    metadata["quantity"] = (
        "luminance" if re.search(r"lumin|leucht|cd/m|^lv?$", metadata["signal"], re.IGNORECASE) else "signal"
    )
    data = dataset({"angle": angle[good], "lab.angular_signal": table.values[good, chosen]})
    return [
        Measurement(
            "angular", str(metadata.get("sample") or path.stem), data, path, "angular_table", metadata, table.notes()
        )
    ]


READER = Reader(
    "angular_table", "angular emission as a table", ("angular",), (".csv", ".txt", ".dat", ".xlsx"), sniff, read
)
