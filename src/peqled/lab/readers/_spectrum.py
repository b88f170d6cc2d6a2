"""One spectrum of a general container (SPC, JCAMP-DX, SPA, ASC): what it measures follows from its axes.

Wavenumbers are infrared spectra, wavelengths of 180 to 2000 nm are absorption or emission by the name of the ordinate,
everything else (Raman shift, mass, time, frequency) is kept as a `spectrum` that is shown and not interpreted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peqled.lab.ftir.spectrum import LARGEST, ftir_measurement
from peqled.lab.measurement import LabFileError, Measurement, dataset

__all__ = ["KINDS", "optical_variables", "spectrum_measurement"]

KINDS = ("ftir", "absorption", "pl_spectrum", "spectrum")
_WAVENUMBER = re.compile(r"^(?:1 ?/ ?cm|cm\s*\^?-1|cm⁻¹|wave ?numbers?.*)$", re.IGNORECASE)
_OTHER_METHOD = re.compile(r"raman|nmr|mass|neutron|mobility|x-ray|xrd|chromatogr|epr|esr", re.IGNORECASE)
_INFRARED = re.compile(r"infrared|\bf?t?-?ir\b", re.IGNORECASE)
_ABSORBANCE = re.compile(r"^a$|^abs|absorb|optical density|^o\.?d\.?$|log\(1/", re.IGNORECASE)
_TRANSMITTANCE = re.compile(r"transm|^ ?%? ?t ?%?$", re.IGNORECASE)
_EMISSION = re.compile(r"emission|fluor|lumin|counts|intensity|energy|cps", re.IGNORECASE)
_INFRARED_FROM = 2e-6  # m; longer wavelengths are reported as wavenumbers
_VISIBLE_FROM_CM = 9000.0  # cm-1; an axis that begins above it is no infrared spectrum


def spectrum_measurement(
    *,
    name: str,
    abscissa: NDArray[np.float64],
    values: NDArray[np.float64],
    unit: str,
    said: str,
    source: Path,
    reader: str,
    method: str = "",
    metadata: Mapping[str, Any] | None = None,
    notes: tuple[str, ...] = (),
) -> Measurement:
    """The measurement that axis, ordinate and method name.

    Args:
        abscissa: as written, in `unit`.
        values: ordinate as written.
        unit: what the file calls the unit of the abscissa.
        said: what it calls the ordinate.
        method: what it calls the technique ("INFRARED SPECTRUM", "Raman"), "" where it says nothing.
    """
    if np.size(abscissa) != np.size(values) or not np.isfinite(abscissa).any():
        held = f"{np.size(abscissa)} abscissae and {np.size(values)} ordinates"
        raise LabFileError(source, name or "spectrum", held, "as many of one as of the other, finite")
    told = {"method": method, "abscissa_unit": unit, "ordinate_said": said, **(metadata or {})}
    unit = re.sub(r"^wavelength\s*\((.*)\)$", r"\1", unit.strip(), flags=re.IGNORECASE).lower()
    common = {"source": source, "reader": reader, "metadata": told, "notes": notes}
    if not _OTHER_METHOD.search(f"{method} {unit}"):
        if _WAVENUMBER.match(unit):
            if np.nanmin(abscissa) < _VISIBLE_FROM_CM:
                return ftir_measurement(name=name, wavenumber_cm=abscissa, values=values, said=said, **common)
            return _optical(name, _inverse(abscissa, 1e-2), values, said, **common)
        metres = _METRES.get(unit)
        if metres is not None:
            wavelength = abscissa * metres
            if _INFRARED.search(method) or np.nanmin(wavelength) >= _INFRARED_FROM:
                wavenumber = _inverse(wavelength, 1e-2)
                return ftir_measurement(name=name, wavenumber_cm=wavenumber, values=values, said=said, **common)
            return _optical(name, wavelength, values, said, **common)
    return _general(name, abscissa, values, unit, said, **common)


def _inverse(values: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    return np.divide(scale, values, out=np.full(values.shape, np.nan), where=values > 0.0)


_METRES = {
    **dict.fromkeys(("nm", "nanometers", "nanometer", "nanometre", "nanometres", "wavelength"), 1e-9),
    **dict.fromkeys(("um", "µm", "μm", "micrometers", "micrometer", "micrometres", "microns", "micron"), 1e-6),
    **dict.fromkeys(("å", "angstrom", "angstroms"), 1e-10),
}


def _ordered(
    name: str, x: NDArray[np.float64], y: NDArray[np.float64], source: Path
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ascending abscissa without repeats or damage."""
    good = (np.abs(x) < LARGEST) & (np.abs(y) < LARGEST)  # false for NaN as well
    axis, first = np.unique(x[good], return_index=True)
    if axis.size < 5:
        raise LabFileError(source, name or "spectrum", f"{axis.size} different points", "at least 5")
    return axis, y[good][first]


def _optical(
    name: str,
    wavelength: NDArray[np.float64],
    values: NDArray[np.float64],
    said: str,
    source: Path,
    reader: str,
    metadata: Mapping[str, Any],
    notes: tuple[str, ...],
) -> Measurement:
    x, y = _ordered(name, wavelength, values, source)
    text = said.strip()
    method = str(metadata.get("method", ""))
    if _TRANSMITTANCE.search(text):
        quantity = "transmittance"
    elif _ABSORBANCE.search(text):
        quantity = "absorbance"
    elif _EMISSION.search(f"{text} {method}"):
        quantity = "emission"
    else:
        quantity = "absorbance" if np.percentile(y, 1) > -0.5 and np.percentile(y, 99) < 6.0 else "emission"
        notes = (*notes, f"the ordinate ('{said}') says little: taken as {quantity} from its range")
    told = {**metadata, "rows": x.size, "spectra": 1, "scale": "counts" if "count" in text.lower() else "unknown"}
    kind = "pl_spectrum" if quantity == "emission" else "absorption"
    return Measurement(
        kind, name, dataset({"wavelength": x, **optical_variables(x, y, quantity)}), source, reader, told, notes
    )


def optical_variables(
    wavelength: NDArray[np.float64], values: NDArray[np.float64], quantity: str
) -> dict[str, NDArray[np.float64]]:
    """Variables of the vocabulary for "absorbance", "transmittance" or "emission" on a wavelength axis (m).

    An emission spectrum also goes under the name that the twin predicts, as photons per wavelength with area 1, where
    it holds anything positive.
    """
    if quantity == "absorbance":
        return {"lab.absorbance": values}
    if quantity == "transmittance":
        share = values / 100.0 if np.nanmax(values) > 2 else values
        return {"lab.transmittance": share, "lab.absorbance": -np.log10(np.maximum(share, 1e-6))}
    area = float(np.trapezoid(np.maximum(values, 0.0), wavelength))
    return {"lab.pl_intensity": values, **({"nanocrystal.pl": values / area} if area > 0 else {})}


def _general(
    name: str,
    abscissa: NDArray[np.float64],
    values: NDArray[np.float64],
    unit: str,
    said: str,
    source: Path,
    reader: str,
    metadata: Mapping[str, Any],
    notes: tuple[str, ...],
) -> Measurement:
    good = np.flatnonzero((np.abs(abscissa) < LARGEST) & (np.abs(values) < LARGEST))
    if good.size < 2:
        raise LabFileError(source, name or "spectrum", f"{good.size} finite points", "at least 2")
    order = good[np.argsort(abscissa[good], kind="stable")]
    data = dataset({"abscissa": abscissa[order], "lab.spectrum": values[order]})
    told = {**metadata, "points": int(np.size(values)), "abscissa_unit": unit or "1", "ordinate_said": said}
    note = "read and shown, not interpreted: no reduction for this kind of spectrum"
    return Measurement("spectrum", name, data, source, reader, told, (*notes, note))
