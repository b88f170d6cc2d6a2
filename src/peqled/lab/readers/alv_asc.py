"""ALV correlators (.ASC): header lines, ``"Correlation"`` with lags in ms, count rates, results of the instrument.

ALV-7004 writes four channels, of which unused ones are zero; ALV-5000 and 6000 write one or two, or, as "Correlation
(Multi, Averaged)", averages and single runs under a line of column names, of which the averages are taken. Latin-1
degree signs, or UTF-16 with and without a byte-order mark. The mean of the channels that carry a signal is taken.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.dls.correlation import correlation_measurement
from peqled.lab.encoding import NotText, decode
from peqled.lab.measurement import LabFileError, Measurement
from peqled.lab.registry import Reader

MAX_BYTES = 50_000_000
_KEYS = {
    "temperature": (r"Temperature\s*\[K\]", 1.0),
    "viscosity": (r"Viscosity\s*\[cp\]", 1e-3),
    "refractive_index": (r"Refractive\s*Index", 1.0),
    "wavelength": (r"Wavelength\s*\[nm\]", 1e-9),
    "angle": (r"Angle\s*\[.{1,3}\]", np.pi / 180.0),
}


def _sniff(head: bytes, name: str) -> float:
    plain = head.replace(b"\0", b"")  # of UTF-16
    if re.match(rb"[\xfe\xff\s]*ALV-[4567]\d{3}", plain[:200]):
        return 0.97
    return 0.7 if b'"Correlation' in plain and b"Viscosity [cp]" in plain else 0.0


def _header(lines: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in lines:
        for key, (pattern, factor) in _KEYS.items():
            match = re.match(rf"{pattern}\s*:?\s*([-+\d.,Ee]+)", line.strip())
            if match:
                try:
                    found[key] = factor * float(match[1].replace(",", "."))
                except ValueError:
                    continue
        if match := re.match(r'(Samplename|Date|Time|Mode)\s*:\s*"?([^"]*)"?', line.strip()):
            found[{"Samplename": "sample"}.get(match[1], match[1].lower())] = match[2].strip()
    return found


def _block(lines: list[str], title: str) -> tuple[list[str], list[list[float]]]:
    """Names of the columns, where the block has them, and the rows of numbers after a quoted title, of which only the
    beginning must fit ("Correlation (Multi, Averaged)")."""
    start = next((i for i, line in enumerate(lines) if line.strip().lower().startswith(f'"{title.lower()}')), None)
    names: list[str] = []
    rows: list[list[float]] = []
    for line in lines[start + 1 :] if start is not None else []:
        if not rows and not names and line.strip().startswith('"'):
            names = re.findall(r'"([^"]*)"', line)
            continue
        try:
            values = [float(cell.replace(",", ".")) for cell in line.split()]
        except ValueError:
            break
        if not values:
            if rows:
                break
            continue
        rows.append(values)
    return names, rows


def _results(lines: list[str]) -> dict[str, float]:
    """Rates and radii that the instrument computed, by order of its cumulants."""
    found: dict[str, float] = {}
    order = ""
    for line in lines:
        if match := re.match(r'"Cumulant (\d)\.\s*Order"', line.strip()):
            order = match[1]
        elif order and (match := re.match(r"(Fluctuation|Hydrodyn)[^\]]*\]\s*:?\s*([-+\d.Ee]+)", line.strip())):
            key, factor = ("instrument_rate", 1e3) if match[1] == "Fluctuation" else ("instrument_diameter_nm", 2.0)
            found[f"{key}_{order}"] = factor * float(match[2])
        elif line.strip().startswith('"'):
            order = ""
    return found


def _read(path: Path) -> list[Measurement]:
    if path.stat().st_size > MAX_BYTES:
        raise LabFileError(path, "size", f"{path.stat().st_size} bytes", f"at most {MAX_BYTES} bytes")
    raw = path.read_bytes()
    try:
        lines = decode(raw)[0].splitlines()
    except NotText:
        lines = raw.decode("latin-1").splitlines()
    names, rows = _block(lines, "Correlation")
    if len(rows) < 10:
        raise LabFileError(path, '"Correlation"', f"{len(rows)} rows", "lags and correlations")
    width = min(len(row) for row in rows)
    table = np.array([row[:width] for row in rows])
    if width < 2:
        raise LabFileError(path, '"Correlation"', "one column", "lags and correlations")
    averages = [i for i, name in enumerate(names[:width]) if name.strip().lower().startswith("average")]
    channels = table[:, averages] if averages else table[:, 1:]
    used = np.abs(channels[: max(5, len(channels) // 5)]).max(axis=0) > 1e-6
    if not used.any():
        raise LabFileError(path, '"Correlation"', "only zeros", "a correlation function")
    metadata = {**_header(lines[:80]), **_results(lines), "channels": int(used.sum())}
    sample = str(metadata.get("sample", ""))
    angle = f" {np.degrees(metadata['angle']):.0f} deg" if "angle" in metadata else ""
    return [
        correlation_measurement(
            name=f"{path.stem}{angle}",
            lag=1e-3 * table[:, 0],
            g2=channels[:, used].mean(axis=1),
            source=path,
            reader="alv_asc",
            metadata={**metadata, "sample": sample},
            notes=(f"mean of {int(used.sum())} of {channels.shape[1]} channels",),
        )
    ]


READER = Reader(
    name="alv_asc",
    title="ALV correlator (.ASC)",
    kinds=("dls_correlation",),
    suffixes=(".asc",),
    sniff=_sniff,
    read=_read,
    checked="independent file",
    note="ALV-5000 and 6000: layouts as other readers describe them",
)
