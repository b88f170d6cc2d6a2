"""The twin's prediction laid over a reading: curves of the same vocabulary name, and numbers that both give.

Curves are compared on the points of the measurement inside the range of the prediction; what was done to make them
comparable (area, background, time zero) is said with each. Nothing is fitted and nothing is shifted to agree.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from peqled.lab.measurement import Measurement
from peqled.lab.pl.track import frame
from peqled.lab.reading import Reading
from peqled.lab.thinning import averaged
from peqled.vocabulary import observable

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["COLUMNS", "Curve", "Pair", "against_csv", "curves", "last_stage", "numbers"]

Array = NDArray[np.float64]
COLUMNS = ("file", "sample", "observable", "coordinate", "x", "x_unit", "measured", "u_measured", "twin", "deviation",
           "unit", "treatment")  # fmt: skip
LONGEST = 4000  # points of a curve


@dataclass(frozen=True)
class Curve:
    """A measured curve and the predicted one at the same points, in the unit of the vocabulary.

    Attributes:
        file: where it comes from.
        sample: sample or pixel.
        observable: name of the prediction.
        coordinate: name of the abscissa.
        x: abscissa.
        measured: as measured, after `treatment`.
        twin: as predicted, after `treatment`.
        treatment: what made them comparable.
    """

    file: str
    sample: str
    observable: str
    coordinate: str
    x: Array
    measured: Array
    twin: Array
    treatment: str

    @property
    def rms(self) -> float:
        """Root mean square of measured minus predicted."""
        return float(np.sqrt(np.mean((self.measured - self.twin) ** 2)))

    @property
    def relative(self) -> float:
        """`rms` over the largest measured value."""
        return self.rms / max(float(np.max(np.abs(self.measured))), 1e-300)


@dataclass(frozen=True)
class Pair:
    """A number of results.csv and the twin's, in the unit of results.csv."""

    file: str
    sample: str
    quantity: str
    observable: str
    measured: float
    uncertainty: float
    twin: float
    unit: str


NUMBERS: Mapping[str, tuple[str, float]] = {
    "eqe_lambertian_pct": ("led.eqe_lambertian", 100.0),
    "eqe_corrected_pct": ("led.eqe_max", 100.0),
    "eqe_sphere_pct": ("led.eqe_max", 100.0),
    "ce_cd_a": ("led.current_efficiency_max", 1.0),
    "luminance_max_cdm2": ("led.luminance_max", 1.0),
    "turn_on_v_at_1cdm2": ("led.turn_on_voltage", 1.0),
    "lambertian_factor": ("led.lambertian_factor", 1.0),
    "cie_x": ("led.cie_x", 1.0),
    "cie_y": ("led.cie_y", 1.0),
    "tau_amp_ns": ("nanocrystal.lifetime_amplitude", 1e9),
    "tau_int_ns": ("nanocrystal.lifetime_intensity", 1e9),
    "tau_1e_ns": ("nanocrystal.lifetime_1e", 1e9),
    "plqy_mean_pct": ("nanocrystal.plqy", 100.0),
    "d_h_z_nm": ("nanocrystal.hydrodynamic_diameter", 1e9),
    "size_mean_nm": ("nanocrystal.mean_edge", 1e9),
    "acceleration_exponent": ("lifetime.acceleration_exponent", 1.0),
}
"""Quantities that the twin predicts as well: its name for them, and the factor to the unit of results.csv."""
LINES = {"el_spectrum": ("led.el_peak", "led.el_fwhm"), "pl_spectrum": ("nanocrystal.pl_peak", "nanocrystal.pl_fwhm")}
"""Peak and width (m) of the spectra of each kind."""
_FILM = re.compile(r"(?<![a-z])film", re.IGNORECASE)


def last_stage(reading: Reading) -> str | None:
    """The stage up to which the twin must run for what was read; None where it predicts nothing of it."""
    order = ("nanocrystal", "film", "led", "lifetime")
    stages = {"pl_spectrum": "film", "trpl_decay": "film", "insitu_map": "nanocrystal", "el_spectrum": "led",
              "jvl": "led", "angular": "led", "plqy_run": "nanocrystal", "dls_correlation": "nanocrystal",
              "tem_particles": "nanocrystal", "lifetime": "lifetime"}  # fmt: skip
    needed = {stages[m.kind] for m in reading.measurements if m.kind in stages}
    return max(needed, key=order.index, default=None)


def curves(reading: Reading, tree: xr.DataTree) -> list[Curve]:
    """All curves that both have."""
    found: list[Curve] = []
    for m in reading.measurements:
        compare = _COMPARED.get(m.kind)
        if compare is not None:
            file = reading.context.file(m)
            found += [curve for curve in compare(m, tree, file) if curve.x.size >= 2]
    return found


def numbers(reading: Reading, tree: xr.DataTree) -> list[Pair]:
    """All numbers that both have."""
    kinds = {reading.context.file(m): m.kind for m in reading.measurements if m.kind in LINES}
    found: list[Pair] = []
    for row in reading.quantities:
        name, factor = NUMBERS.get(row.quantity, ("", 1.0))
        lines = LINES.get(kinds.get(row.file, ""))
        if lines and row.quantity in ("peak_nm_fit", "fwhm_nm_halfheight"):
            name, factor = lines[row.quantity != "peak_nm_fit"], 1e9
        value = _scalar(tree, name) if name else None
        if value is not None and not isinstance(row.value, str) and math.isfinite(row.value):
            measured, u = float(row.value), float(row.uncertainty)
            found.append(Pair(row.file, row.sample, row.quantity, name, measured, u, factor * value, row.unit))
    return found


def against_csv(compared: list[Curve], pairs: list[Pair]) -> str:
    """Numbers first, then every point of every curve."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for p in pairs:
        u = p.uncertainty if math.isfinite(p.uncertainty) else ""
        cells = (p.measured, u, p.twin, p.measured - p.twin, p.unit)
        writer.writerow(
            [p.file, p.sample, p.observable, p.quantity, "", "", *map(_short, cells), "a number of results.csv"]
        )
    for c in compared:
        entry, axis = observable(c.observable), observable(c.coordinate)
        for x, a, b in zip(c.x, c.measured, c.twin, strict=True):
            cells = (x, axis.unit, a, "", b, a - b, entry.unit, c.treatment)
            writer.writerow([c.file, c.sample, c.observable, c.coordinate, *map(_short, cells)])
    return buffer.getvalue()


def _short(cell: object) -> object:
    return f"{cell:.8g}" if isinstance(cell, float) else cell


def _predicted(tree: xr.DataTree, name: str) -> xr.DataArray | None:
    stage, short = name.split(".", 1)
    return tree[stage][short] if stage in tree.children and short in tree[stage].data_vars else None  # type: ignore[return-value]


def _scalar(tree: xr.DataTree, name: str) -> float | None:
    found = _predicted(tree, name)
    return float(found) if found is not None and found.ndim == 0 and np.isfinite(float(found)) else None


def _on(x: Array, tree: xr.DataTree, name: str, coordinate: str) -> tuple[NDArray[np.bool_], Array] | None:
    """Points inside the range of a predicted curve, and its values there."""
    found = _predicted(tree, name)
    if found is None or found.dims != (coordinate,):
        return None
    axis, values = np.asarray(found[coordinate].values, float), np.asarray(found.values, float)
    good = np.isfinite(axis) & np.isfinite(values)
    if good.sum() < 2:
        return None
    inside = (x >= axis[good].min()) & (x <= axis[good].max())
    return inside, np.interp(x[inside], axis[good], values[good])


# Kinds ----------------------------------------------------------------------------------------------------------------


def _spectrum(m: Measurement, tree: xr.DataTree, file: str) -> Iterator[Curve]:
    x = m.data["wavelength"].to_numpy()
    if m.kind == "el_spectrum":
        name, photons, treatment = "led.el", *_el_photons(m)
    else:
        name = "film.pl" if _FILM.search(f"{m.source.stem} {m.name}") else "nanocrystal.pl"
        photons, treatment = m.data["lab.pl_intensity"].to_numpy(), "as written, taken for photons"
    x, photons = averaged(x, np.maximum(np.nan_to_num(photons), 0.0), limit=LONGEST)
    found = _on(x, tree, name, "wavelength")
    if found is None or np.count_nonzero(found[0]) < 5:
        return
    inside, twin = found
    area, predicted = np.trapezoid(photons[inside], x[inside]), np.trapezoid(twin, x[inside])
    if area > 0.0 and predicted > 0.0:
        text = f"{treatment}; both with area 1 over the common range"
        yield Curve(file, m.name, name, "wavelength", x[inside], photons[inside] / area, twin / predicted, text)


def _el_photons(m: Measurement) -> tuple[Array, str]:
    """Photons per wavelength of the brightest spectrum, any scale."""
    calibrated = "lab.el_energy" in m.data
    values = np.atleast_2d(m.data["lab.el_energy" if calibrated else "lab.el_counts"].to_numpy())
    brightest = values[int(np.argmax(np.nansum(values, axis=1)))]
    if not calibrated:
        return brightest, "detector counts, no response correction"
    return brightest * m.data["wavelength"].to_numpy(), "energy turned into photons"


def _sweep(m: Measurement, tree: xr.DataTree, file: str) -> Iterator[Curve]:
    voltage = m.data["voltage"].to_numpy()
    for name in ("led.current_density", "led.luminance"):
        found = _on(voltage, tree, name, "voltage") if name in m.data else None
        if found is not None:
            inside, twin = found
            measured = m.data[name].to_numpy()[inside]
            good = np.isfinite(measured)
            yield Curve(file, m.name, name, "voltage", voltage[inside][good], measured[good], twin[good], "as measured")


def _decay(m: Measurement, tree: xr.DataTree, file: str) -> Iterator[Curve]:
    variable = "lab.decay_counts" if "lab.decay_counts" in m.data else "lab.decay_signal"
    delay, signal = averaged(m.data["delay"].to_numpy(), m.data[variable].to_numpy(), limit=LONGEST)
    top = int(np.argmax(signal))
    before = signal[: max(top // 2, 1)]
    ground = float(np.median(before)) if top > 20 else float(np.percentile(signal, 1))
    if not signal[top] > ground:
        return
    name = "film.decay" if _FILM.search(f"{m.source.stem} {m.name}") else "nanocrystal.decay"
    x, measured = delay[top:] - delay[top], (signal[top:] - ground) / (signal[top] - ground)
    found = _on(x, tree, name, "delay")
    if found is not None:
        inside, twin = found
        text = "background taken off, 1 at the maximum, time from the maximum; the response is still in it"
        yield Curve(file, m.name, name, "delay", x[inside], measured[inside], twin, text)


def _track(m: Measurement, tree: xr.DataTree, file: str) -> Iterator[Curve]:
    if "nanocrystal.insitu_pl" not in m.data:
        return
    time, x = m.data["time"].to_numpy(), m.data["insitu_wavelength"].to_numpy()
    peaks = np.array([frame(x, y, most=1).argmax for y in m.data["nanocrystal.insitu_pl"].to_numpy()])
    time, peaks = time[np.isfinite(peaks)], peaks[np.isfinite(peaks)]
    found = _on(time, tree, "nanocrystal.insitu_peak", "time")
    if found is not None:
        inside, twin = found
        text = "highest point of each frame; time as in the file"
        yield Curve(file, m.name, "nanocrystal.insitu_peak", "time", time[inside], peaks[inside], twin, text)


def _angular(m: Measurement, tree: xr.DataTree, file: str) -> Iterator[Curve]:
    if "lab.angular_signal" not in m.data:
        return
    angle, signal = np.abs(m.data["angle"].to_numpy()), m.data["lab.angular_signal"].to_numpy()
    normal = float(np.mean(signal[angle <= np.min(angle) + 1e-9]))
    found = _on(angle, tree, "led.angular_intensity", "angle")
    if found is not None and normal > 0.0:
        inside, twin = found
        order = np.argsort(angle[inside], kind="stable")
        x, measured = angle[inside][order], signal[inside][order] / normal
        text = "both sides together, 1 at the smallest angle"
        yield Curve(file, m.name, "led.angular_intensity", "angle", x, measured, twin[order], text)


_COMPARED: Mapping[str, Callable[[Measurement, Any, str], Iterator[Curve]]] = {
    "el_spectrum": _spectrum,
    "pl_spectrum": _spectrum,
    "jvl": _sweep,
    "trpl_decay": _decay,
    "insitu_map": _track,
    "angular": _angular,
}
