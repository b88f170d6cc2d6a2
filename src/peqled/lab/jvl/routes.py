"""EQE by photodiode and by integrating sphere, where a sweep has their columns."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peqled.lab.jvl.budget import Term
from peqled.lab.jvl.photodiode import collected_share, eqe_from_photocurrent, eqe_from_photon_rate, eqe_from_power
from peqled.lab.jvl.rows import Efficiency, Rows, efficiency_rows
from peqled.lab.jvl.sweep import NAN, Spectrum, Sweep, budget
from peqled.lab.measurement import Context, Measurement

__all__ = ["other_routes"]

DETECTOR = ("lab.photocurrent", "lab.photodiode_voltage")
SPHERE = "lab.radiant_power"


def other_routes(
    rows: Rows, sweep: Measurement, c: Sweep, spectrum: Spectrum | None, missing: tuple[str, ...], context: Context
) -> None:
    """EQE by photodiode and by integrating sphere, where the file has their columns."""
    data = sweep.data
    if np.isnan(c.current).all():
        return
    light = replace(c, good=_lit(c, data), dark=NAN)
    if "lab.photon_rate" in data:
        kind = Efficiency(
            "eqe_sphere_pct", "%", "integrating sphere, photon rate", _sphere_terms(sweep, c, context), 100.0
        )
        efficiency_rows(rows, light, eqe_from_photon_rate(_column(sweep, "lab.photon_rate"), c.current), kind)
    if SPHERE in data and spectrum is None:
        rows.add("eqe_sphere_pct", "refused", "%", "integrating sphere, needs the EL spectrum", flags=missing)
    elif SPHERE in data and spectrum is not None:
        kind = Efficiency(
            "eqe_sphere_pct",
            "%",
            "integrating sphere, radiant power",
            _sphere_terms(sweep, c, context),
            100.0,
            file=context.file(sweep, spectrum.source),
        )
        power = _column(sweep, SPHERE)
        values = eqe_from_power(power, c.current, wavelength=spectrum.wavelength, energy=spectrum.energy)
        efficiency_rows(rows, light, values, kind)
    if any(key in data for key in DETECTOR):
        _photodiode(rows, sweep, light, spectrum, missing, context)


def _sphere_terms(sweep: Measurement, c: Sweep, context: Context) -> list[Term]:
    return budget(sweep, c, None, context, method="sphere")


def _column(sweep: Measurement, key: str) -> NDArray[np.float64]:
    return np.asarray(sweep.data[key].values, float)


def _lit(c: Sweep, data: Any) -> NDArray[np.bool_]:
    """Points whose light stands ten times above its noise up to 1 V."""
    key = next((k for k in (*DETECTOR, SPHERE, "lab.photon_rate") if k in data), None)
    if key is None:
        return c.good
    signal = np.asarray(data[key].values, float)
    dark = signal[c.voltage <= 1.0]
    noise = 1.4826 * float(np.median(np.abs(dark - np.median(dark)))) if dark.size >= 4 else 0.0
    offset = float(np.median(dark)) if dark.size >= 4 else 0.0
    return (signal - offset > 10.0 * noise) & (signal > 0) & (c.voltage > 0)


def _photodiode(
    rows: Rows, sweep: Measurement, c: Sweep, spectrum: Spectrum | None, missing: tuple[str, ...], context: Context
) -> None:
    responsivity = context.number(sweep, "responsivity", "A/W")
    share = _share(sweep, context)
    photocurrent = _photocurrent(sweep, context)
    lacking = [
        text
        for text, lacks in (
            ("the EL spectrum", spectrum is None),
            ("responsivity (A/W)", math.isnan(responsivity)),
            ("collected_share, or detector_radius and distance", math.isnan(share)),
            ("photodiode_gain (V/A)", photocurrent is None),
        )
        if lacks
    ]
    if lacking or spectrum is None or photocurrent is None:
        flags = missing if spectrum is None else ()
        rows.add(
            "eqe_photodiode_pct", "refused", "%", "photodiode method", flags=flags, note=f"needs {', '.join(lacking)}"
        )
        return
    dark = photocurrent[c.voltage <= 1.0]
    values = eqe_from_photocurrent(
        photocurrent - (float(np.median(dark)) if dark.size >= 4 else 0.0),
        c.current,
        wavelength=spectrum.wavelength,
        energy=spectrum.energy,
        responsivity=responsivity,
        share=share,
    )
    terms = [*budget(sweep, c, spectrum, context, method="photodiode"), Term("collected share", 0.02)]
    file = context.file(sweep, spectrum.source)
    convention = f"photodiode, share {share:.4g}"
    efficiency_rows(
        rows, c, values, Efficiency("eqe_photodiode_pct", "%", convention, terms, 100.0, ("LAMB",), file=file)
    )


def _share(sweep: Measurement, context: Context) -> float:
    share = context.number(sweep, "collected_share", "1")
    radius, distance = context.number(sweep, "detector_radius", "m"), context.number(sweep, "distance", "m")
    return collected_share(radius, distance) if math.isnan(share) else share


def _photocurrent(sweep: Measurement, context: Context) -> NDArray[np.float64] | None:
    """Photocurrent, A: as read, or the voltage behind an amplifier over its gain."""
    if "lab.photocurrent" in sweep.data:
        return _column(sweep, "lab.photocurrent")
    gain = context.number(sweep, "photodiode_gain", "V/A")
    return None if math.isnan(gain) else np.abs(_column(sweep, "lab.photodiode_voltage")) / gain
