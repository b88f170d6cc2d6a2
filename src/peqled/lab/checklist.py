"""The reporting checklist of a light-emitting diode, filled from what was read (Anaya et al., Nat. Photon. 2019, 13,
818; Jeong et al., Joule 2020, 4, 1206; Forrest et al., Adv. Mater. 2003, 15, 1043; IEC 60747-5-8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from peqled.lab.reading import Reading

__all__ = ["Item", "checklist"]


class Item(NamedTuple):
    """One point: what must be stated, what the files and settings state, and whether that suffices."""

    number: int
    what: str
    found: str
    state: str


class _Point(NamedTuple):
    """What a point asks for, of which kinds, and where each of its parts is found."""

    what: str
    kinds: frozenset[str]
    parts: tuple[str, ...]


def _point(what: str, kinds: str, *parts: str) -> _Point:
    return _Point(what, frozenset(kinds.split()), parts)


_DEVICE = "jvl el_spectrum angular lifetime"
_POINTS = (
    _point("pixel area, how defined, mask", _DEVICE, "said area area_from_columns", "said area_definition mask"),
    _point("stack with thicknesses", _DEVICE, "said stack"),
    _point(
        "method, instrument, calibration date, field angle, distance",
        _DEVICE,
        "said method",
        "said instrument",
        "said calibration_date",
        "said distance field_angle",
    ),
    _point(
        "spectrum calibrated, slit, step, wavelength uncertainty",
        _DEVICE,
        "spectra",
        "said slit",
        "said wavelength_uncertainty",
    ),
    _point("angular data or Lambertian factor", _DEVICE, "have lambertian_factor lambertian_factor_photon"),
    _point(
        "sweep rate, direction, dwell, pre-bias, hysteresis",
        _DEVICE,
        "said sweep_rate dwell",
        "said direction",
        "have hysteresis_j_ln",
    ),
    _point(
        "atmosphere, temperature, encapsulation, age",
        _DEVICE,
        "said atmosphere",
        "said temperature",
        "said encapsulation",
        "said age",
    ),
    _point(
        "J-V-L with leakage below turn-on, turn-on defined",
        "jvl",
        "have leakage_ma_cm2_at_1v",
        "have turn_on_v_at_1cdm2 turn_on_v_at_2cdm2",
    ),
    _point(
        "EQE, CE, PE against J and L, at 100, 1000, 10000 cd/m2",
        "jvl",
        "have eqe_lambertian_pct eqe_sphere_pct eqe_photodiode_pct",
        "have ce_cd_a",
        "have pe_lambertian_lm_w",
    ),
    _point(
        "devices, substrates, batches, yield, exclusions, mean, sd, histogram",
        "jvl",
        "have n_devices",
        "have n_substrates",
        "have yield_pct",
    ),
    _point("EL against voltage and time, CIE", "el_spectrum", "have peak_drift_nm", "have cie_x"),
    _point(
        "lifetime: mode, L0, measured or extrapolated, n with u, devices",
        "lifetime",
        "said mode",
        "have initial_luminance_cdm2",
        "have t50_h",
        "have acceleration_exponent",
    ),
    _point(
        "PLQY with absorptance, geometry, excitation density",
        "plqy_run",
        "have plqy_pct plqy_mean_pct",
        "have absorptance_pct",
        "said geometry",
        "said excitation_density",
    ),
    _point(
        "TRPL: fluence, repetition rate, IRF, model, which average",
        "trpl_decay",
        "said fluence",
        "said repetition_rate",
        "response",
        "have tau_int_ns tau_amp_ns",
    ),
    _point("XPS: reference, background, constraints", "xps_region", "said charge_reference", "said background"),
    _point("raw data and code", "", "files", "said data_doi"),
)


def checklist(reading: Reading) -> list[Item]:
    """All sixteen points; state is "given", "partly", "missing", or "not measured" where no such file was read."""
    kinds = {m.kind for m in reading.measurements}
    return [
        _item(i, point.what, not point.kinds or bool(point.kinds & kinds), [_found(reading, p) for p in point.parts])
        for i, point in enumerate(_POINTS, 1)
    ]


def _found(reading: Reading, part: str) -> str:
    """What is known of one part of a point."""
    how, *names = part.split()
    match how:
        case "said":
            return _said(reading, *names)
        case "have":
            return _have(reading, *names)
        case "spectra":
            return _spectra(reading)
        case "response":
            return "IRF read" if any(m.kind == "trpl_irf" for m in reading.measurements) else ""
    return f"{sum(entry.status == 'read' for entry in reading.files)} files with sha256 in files.csv"


def _item(number: int, what: str, measured: bool, found: Sequence[str]) -> Item:
    given = [text for text in found if text]
    state = (
        "not measured" if not measured else "given" if len(given) == len(found) else "partly" if given else "missing"
    )
    return Item(number, what, "; ".join(given), state)


def _said(reading: Reading, *keys: str) -> str:
    """Values of a setting or of the files' metadata, without repeats."""
    values = []
    for key in keys:
        found = {
            _short(value) for m in reading.measurements[:2000] if (value := reading.context.setting(m, key)) is not None
        }
        if found:
            shown = sorted(found)
            values.append(f"{key.replace('_', ' ')}: {', '.join(shown[:3])}{' ...' if len(shown) > 3 else ''}")
    return "; ".join(values)


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)[:60]


def _have(reading: Reading, *names: str) -> str:
    for name in names:
        rows = [row for row in reading.quantities if row.quantity == name]
        numbers = [row for row in rows if isinstance(row.value, int | float)]
        if numbers:
            return f"{name} ({len(numbers)})"
        if rows:
            return ""
    return ""


def _spectra(reading: Reading) -> str:
    spectra = [m for m in reading.measurements if m.kind == "el_spectrum"]
    good = sum("lab.el_energy" in m.data for m in spectra)
    return f"{good} of {len(spectra)} spectra calibrated" if good else ""
