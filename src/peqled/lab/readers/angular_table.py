"""Angular emission: signal, or spectra, against the viewing angle."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peqled.lab.measurement import LabFileError, Measurement, Reader, dataset
from peqled.lab.readers._columns import header_metadata
from peqled.lab.readers.el_spectrum import _axis
from peqled.lab.text import Table, head_table, number, read_table

ANGLE = r"(?:viewing |emission |detector |polar |goniometer |observation )?(?:angle|theta|θ|winkel)"
SIGNAL = re.compile(
    r"^(?:i|l|lv|intensity|luminance|radiance|signal|counts?|photo ?current|power|el.*|norm.*|intensit[äa]t"
    r"|leuchtdichte|rel(?:ative)?\b.*|spectral.*|integr.*)(?: ?\d+)?$",
    re.IGNORECASE,
)
HINT = re.compile(r"angular|angle|lambert|gonio|far[ _-]?field|(?<![a-z])deg(?:rees?)?(?![a-z])|winkel", re.IGNORECASE)
DIFFRACTION = re.compile(r"xrd|diffract|anode|k-?alpha|goniometer|scan ?points|dls|correl", re.IGNORECASE)
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


def _degree_columns(table: Table, name: str) -> list[tuple[int, float]]:
    """Columns named by an angle: with its unit, or by bare numbers where the name of the file speaks of angles."""
    full = [f"{n} {u}".strip() for n, u in zip(table.names, table.units, strict=True)]
    found = [(i, float(m[1])) for i, text in enumerate(full) if (m := DEGREES.match(text.replace("_", " ")))]
    if found or not HINT.search(name):
        return found
    bare = [(i, angle) for i, text in enumerate(table.names) if (angle := number(text)) is not None]
    return bare if all(abs(angle) <= 90.0 for _, angle in bare) else []


def _bare(table: Table, name: str) -> bool:
    """Two nameless columns, angles within 90 degrees and light, in a file whose name speaks of angles."""
    if any(table.names) or table.values.shape[1] != 2 or len(table.values) < 5 or not HINT.search(name):
        return False
    angle = table.values[:, 0]
    return bool(np.isfinite(angle).all() and np.abs(angle).max() <= 90.0 and np.ptp(angle) >= 30.0)


def _diffraction(table: Table, angle: NDArray[np.float64], name: str) -> bool:
    """Hundreds of fine steps on one side, or words of a diffractometer: a powder pattern, not a viewing angle."""
    known = angle[np.isfinite(angle)]
    fine = known.size >= 200 and known.min() > 0.0 and float(np.median(np.abs(np.diff(known)))) <= 0.2
    return fine or DIFFRACTION.search(" ".join((name, *table.header[:40]))) is not None


def sniff(head: bytes, name: str) -> float:
    """High for an angle column with a signal, or a wavelength column with columns named by degrees."""
    table = head_table(head)
    if table is None:
        return 0.0
    if _bare(table, name):
        return 0.7
    axis = _angle_column(table)
    if axis is not None and np.nanmax(np.abs(table.values[:, axis])) <= 180 and len(table.names) >= 2:
        signal = any(SIGNAL.match(n.strip()) for i, n in enumerate(table.names) if i != axis)
        return 0.9 if signal and not _diffraction(table, table.values[:, axis], name) else 0.4
    return 0.9 if len(_degree_columns(table, name)) >= 3 and _axis(table) is not None else 0.0


def read(path: Path) -> list[Measurement]:
    """One measurement: a signal per visit of an angle, or a spectrum per visit."""
    table = read_table(path)
    metadata: dict[str, Any] = {**header_metadata(table.header)}
    axis = 0 if _bare(table, path.name) else _angle_column(table)
    if axis is None:
        columns = _degree_columns(table, path.name)
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
