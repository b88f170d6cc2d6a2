"""Templates: for each measurement a blank table and a filled example that the readers take as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.constants import epsilon_0

from peqled.result import write_text

__all__ = ["TEMPLATES", "Template", "write_template"]


class Template(NamedTuple):
    """Columns of a table, what to state above it, and the rows of the example."""

    title: str
    columns: tuple[str, ...]
    header: tuple[str, ...]
    rows: Callable[[], Iterable[tuple[float, ...]]]


def _jvl() -> Iterable[tuple[float, ...]]:
    for voltage in np.arange(-1.0, 5.01, 0.2):
        drive = max(voltage - 2.2, 0.0)
        density = 2e-4 * voltage + 4.0 * drive**3 / (1.0 + drive)
        luminance = 10.0 * density * 76.0 * (1.0 - np.exp(-4.0 * drive)) / (1.0 + density / 100.0) + 0.03 * np.sin(
            40.0 * voltage
        )
        yield round(voltage, 3), float(f"{density:.5g}"), float(f"{luminance:.5g}")


def _line(
    centre: float, width: float, start: float, stop: float, step: float, scale: float = 1.0
) -> Callable[[], Iterable[tuple[float, ...]]]:
    def rows() -> Iterable[tuple[float, ...]]:
        for x in np.arange(start, stop + step / 2, step):
            yield round(float(x), 3), float(f"{scale * np.exp(-4 * np.log(2) * ((x - centre) / width) ** 2):.5g}")

    return rows


def _angular() -> Iterable[tuple[float, ...]]:
    return ((float(a), float(f"{np.cos(np.radians(a)) ** 1.2:.4g}")) for a in range(-85, 90, 5))


def _lifetime() -> Iterable[tuple[float, ...]]:
    for minutes in np.linspace(0, 90, 91):
        yield (
            round(minutes / 60, 4),
            float(f"{10000 * np.exp(-((minutes / 85) ** 0.8)):.5g}"),
            round(3.4 + 0.004 * minutes, 3),
        )


def _decay() -> Iterable[tuple[float, ...]]:
    time = np.arange(0, 200, 0.5)
    expected = 5 + 4000 * np.where(time >= 10, 0.6 * np.exp(-(time - 10) / 25) + 0.4 * np.exp(-(time - 10) / 7), 0.0)
    return ((float(t), float(n)) for t, n in zip(time, np.random.default_rng(1).poisson(expected), strict=True))


def _absorption() -> Iterable[tuple[float, ...]]:
    for x in np.arange(350, 651, 1.0):
        edge = 0.6 / (1 + np.exp((x - 505) / 5)) * (1 + (505 - x) / 300)
        yield x, float(f"{0.01 + edge + 0.25 * np.exp(-(((x - 502) / 8) ** 2)):.5g}")


def _stability() -> Iterable[tuple[float, ...]]:
    return (
        (round(t, 3), float(f"{1000 * (1 + 0.2 * (1 - np.exp(-t))) * np.exp(-t / 40):.5g}"))
        for t in np.arange(0, 24.1, 0.25)
    )


def _sclc() -> Iterable[tuple[float, ...]]:
    mobility, thickness, permittivity = 1e-8, 100e-9, 5 * epsilon_0
    return (
        (round(v, 3), float(f"{9 / 8 * permittivity * mobility * v**2 / thickness**3 / 10:.5g}"))
        for v in np.geomspace(0.1, 8, 60)
    )


def _infrared() -> Iterable[tuple[float, ...]]:
    bands = ((2925, 25, 0.6), (2854, 20, 0.4), (1710, 18, 0.5), (1465, 12, 0.2), (1165, 20, 0.15))
    for x in np.arange(800, 3602, 2.0):
        yield x, float(f"{0.02 + sum(a * np.exp(-((x - c) ** 2) / (2 * (w / 2.355) ** 2)) for c, w, a in bands):.5g}")


def _diffraction() -> Iterable[tuple[float, ...]]:
    lines = ((15.19, 0.8, 900), (21.55, 0.8, 500), (30.64, 0.85, 1000))
    for x in np.arange(10, 40.01, 0.02):
        yield round(x, 3), round(20 + sum(a / (1 + ((x - c) / (w / 2)) ** 2) for c, w, a in lines), 2)


def _photoelectrons() -> Iterable[tuple[float, ...]]:
    for x in np.arange(148, 132, -0.1):
        lines = 5000 * np.exp(-(((x - 138.4) / 0.6) ** 2)) + 3750 * np.exp(-(((x - 143.26) / 0.6) ** 2))
        yield round(x, 2), round(800 + lines + 300 / (1 + np.exp(-(x - 141))), 1)


def _correlation() -> Iterable[tuple[float, ...]]:
    return ((float(f"{t:.5g}"), float(f"{0.85 * np.exp(-2 * t / 400):.5g}")) for t in np.geomspace(0.5, 1e5, 160))


def _particles() -> Iterable[tuple[float, ...]]:
    sizes = np.random.default_rng(2).lognormal(np.log(10.0), 0.1, 300)
    return ((float(i), float(f"{size:.4g}")) for i, size in enumerate(sizes, 1))


TEMPLATES: dict[str, Template] = {
    "jvl": Template("J-V-L sweep", ("Voltage (V)", "J (mA/cm2)", "L (cd/m2)"), ("# Area: 4 mm^2",), _jvl),
    "el_spectrum": Template(
        "EL spectrum",
        ("Wavelength (nm)", "Spectral radiance (W/sr/m2/nm)"),
        ("# Slit: 2 nm",),
        _line(517, 16.1, 440, 620, 0.5, 0.02),
    ),
    "angular": Template("angular emission", ("Angle (deg)", "Intensity (a.u.)"), (), _angular),
    "lifetime": Template(
        "operational lifetime",
        ("Time (h)", "Luminance (cd/m2)", "Voltage (V)"),
        ("# Mode: constant current",),
        _lifetime,
    ),
    "trpl_decay": Template("time-resolved PL", ("Time (ns)", "Counts"), ("# Repetition rate: 1 MHz",), _decay),
    "pl_spectrum": Template(
        "PL spectrum",
        ("Wavelength (nm)", "PL intensity (a.u.)"),
        ("# Slit: 2 nm",),
        _line(515, 18, 450, 600, 0.5, 1000),
    ),
    "absorption": Template("absorption spectrum", ("Wavelength (nm)", "Absorbance"), (), _absorption),
    "stability": Template(
        "PL stability", ("Time (h)", "PL intensity (counts)"), ("# Relative humidity: 80 %",), _stability
    ),
    "sclc": Template(
        "single-carrier device",
        ("Voltage (V)", "J (mA/cm2)"),
        ("# Thickness: 100 nm", "# Single carrier: electron"),
        _sclc,
    ),
    "ftir": Template("FTIR spectrum", ("Wavenumber (cm-1)", "Absorbance"), (), _infrared),
    "xrd": Template(
        "X-ray diffraction", ("2theta (deg)", "Intensity (counts)"), ("# Wavelength: 1.5406 A",), _diffraction
    ),
    "xps_region": Template("XPS region", ("Binding Energy (eV)", "Counts"), ("# Region: Pb 4f",), _photoelectrons),
    "dls_correlation": Template(
        "DLS correlation", ("Lag time (us)", "g2-1"), ("# Solvent: toluene", "# Angle: 90"), _correlation
    ),
    "tem_particles": Template("particle sizes", ("num", "ECD nm"), (), _particles),
}


def write_template(kind: str, path: Path) -> tuple[Path, Path]:
    """Write the filled example to `path` and the blank one beside it; returns both.

    Raises:
        ValueError: no such kind; the message names the known ones.
    """
    if kind not in TEMPLATES:
        raise ValueError(f"no template for '{kind}'; known: {', '.join(TEMPLATES)}")
    template = TEMPLATES[kind]
    head = "".join(f"{line}\n" for line in template.header) + ",".join(template.columns) + "\n"
    rows = "".join(",".join(f"{value:.10g}" for value in row) + "\n" for row in template.rows())
    blank = path.with_name(f"{path.stem}_blank{path.suffix}")
    return write_text(path, head + rows), write_text(blank, head)
