"""Checks of the parameter book: what a careful reader would question in a value or an index table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from peqled.materials.book import Book, BookError, Material, load_book, read_material
from peqled.materials.dispersion import IndexDataError, IndexLaw, evaluate, has_extinction, wavelength_range
from peqled.materials.names import REQUIRED, UNITS
from peqled.materials.parameter import Parameter

__all__ = [
    "EMISSION_WINDOW",
    "Finding",
    "check_book",
    "check_folder",
    "check_index",
    "check_material",
    "check_parameters",
    "check_table",
]

EMISSION_WINDOW = (470e-9, 590e-9)
"""Wavelengths (m) of green emission that an index table has to cover."""

PLANCK_LIGHT = 1.239841984e-6  # h c / q in eV m
PAPER = "10.1002/advs.202304696"
_METALS = {"cathode"}
_ABSORBERS = {"emitter", "bulk perovskite", "anode", "cathode"}
_DIELECTRIC = (1.3, 2.6)  # plausible n of glasses, organics, oxides and perovskites in the visible
_METAL = (0.01, 5.0)
_TRANSPARENT = 0.01  # largest believable k below the gap of a transport layer
_STEP = 0.05  # largest believable change of n or k from one nanometre to the next
_FLAT = (1e-6, 100e-9)  # change of n, and the span over which no real material stays below it


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt: how serious (error, warning, info), about which material, what was found and what was expected."""

    severity: str
    material: str
    what: str
    expected: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.material}: {self.what} (expected {self.expected})"


def check_book(book: Book | None = None) -> list[Finding]:
    """Findings on every material of the book, the gravest first."""
    book = load_book() if book is None else book
    findings = []
    for material in book.materials.values():
        findings += check_parameters(material)
        parent = book.materials.get(material.inherits or "")
        if parent is None or material.index != parent.index:  # a borrowed index is judged once, where it is stated
            findings += check_index(material)
    return sorted(findings, key=lambda finding: ("error", "warning", "info").index(finding.severity))


def check_folder(folder: Path) -> list[Finding]:
    """One error per data file of a folder that cannot be read at all (bad TOML, unit, name or field)."""
    findings = []
    for path in sorted(folder.glob("*.toml")):
        try:
            read_material(path)
        except BookError as error:
            findings.append(Finding("error", path.stem, str(error), "a file that can be read"))
    return findings


def check_material(material: Material) -> list[Finding]:
    """Findings on the parameters of a material, on what its role misses, and on all its index laws."""
    return check_parameters(material) + check_index(material)


def check_parameters(material: Material) -> list[Finding]:
    """Findings on the parameters of a material and on what its role misses."""
    findings = [finding for parameter in material for finding in _check_parameter(parameter)]
    if missing := [name for name in REQUIRED[material.role] if name not in material]:
        needed = f"all that {material.role} needs"
        findings.append(Finding("error", material.name, f"no {', '.join(missing)}", needed))
    if {"homo", "lumo"} <= set(material.parameters) and material["homo"].value >= material["lumo"].value:
        findings.append(Finding("error", material.name, "homo at or above lumo", "homo below lumo"))
    return findings


def _check_parameter(parameter: Parameter) -> list[Finding]:
    key, findings = parameter.key, []
    if not parameter.low <= parameter.value <= parameter.high:
        found = f"{key} = {parameter.value:g} lies outside its own range"
        findings.append(Finding("error", parameter.material, found, f"{parameter.low:g} to {parameter.high:g}"))
    if not parameter.source.strip():
        findings.append(Finding("error", parameter.material, f"{key} has no source", "a DOI or a text"))
    if parameter.unit != UNITS.get(parameter.name):
        found = f"{key} is held in {parameter.unit}"
        findings.append(Finding("error", parameter.material, found, f"{UNITS.get(parameter.name, 'a known name')}"))
    if parameter.scale == "log" and parameter.low <= 0:
        found = f"{key} has a log scale from {parameter.low:g}"
        findings.append(Finding("error", parameter.material, found, "low above 0"))
    if parameter.evidence == "paper" and PAPER not in parameter.source:
        findings.append(Finding("warning", parameter.material, f"{key} claims the paper", f"source {PAPER}"))
    return findings


def check_index(material: Material, window: tuple[float, float] = EMISSION_WINDOW) -> list[Finding]:
    """Findings on every index law of a material; the preferred law has to cover the window (m)."""
    findings = []
    for position, law in enumerate(material.index):
        try:
            findings += _check_law(material, law, window, preferred=position == 0)
        except IndexDataError as error:
            findings.append(Finding("error", material.name, f"index {law.label}: {error}", "an index that evaluates"))
    return findings


def _check_law(material: Material, law: IndexLaw, window: tuple[float, float], *, preferred: bool) -> list[Finding]:
    found = []
    low, high = wavelength_range(law)
    if low > window[0] or high < window[1]:
        what = f"index {law.label} covers {low * 1e9:.0f} to {high * 1e9:.0f} nm"
        wanted = f"{window[0] * 1e9:.0f} to {window[1] * 1e9:.0f} nm"
        found.append(Finding("warning" if preferred else "info", material.name, what, wanted))
    if not law.source.strip():
        found.append(Finding("error", material.name, f"index {law.label} has no source", "a DOI or a text"))
    if not has_extinction(law):
        found.append(Finding("info", material.name, f"index {law.label} holds n alone", "n and k; k = 0 is used"))
    if law.kind == "constant" and material.role != "medium":
        found.append(Finding("info", material.name, f"index {law.label} is one number", "a dispersion"))
    start, stop = max(low, window[0] - 50e-9), min(high, window[1] + 110e-9)
    if start < stop:
        wavelength = np.arange(start, stop, 1e-9)
        table = check_table(material, law.label, wavelength, evaluate(law, wavelength))
        found += [finding for finding in table if law.kind != "constant" or "does not change" not in finding.what]
    if preferred:
        found += _against_range(material, law)
    return found


def check_table(material: Material, label: str, wavelength: np.ndarray, index: np.ndarray) -> list[Finding]:
    """Findings on n + i k sampled at wavelengths (m): sign, jumps, placeholder, plausible n, absorption in the gap."""
    found = []

    def report(severity: str, what: str, expected: str) -> None:
        found.append(Finding(severity, material.name, f"index {label}: {what}", expected))

    n, k = np.real(index), np.imag(index)
    if not np.all(np.isfinite(index)):
        report("error", "not a number at some wavelengths", "finite n and k")
        return found
    if k.min() < 0:
        report("error", f"k = {k.min():.3g} at {wavelength[k.argmin()] * 1e9:.0f} nm", "k >= 0, with n + i k")
    for name, values in (("n", n), ("k", k)):
        slope = np.abs(np.diff(values) / np.diff(wavelength)) * 1e-9
        if slope.size and slope.max() > _STEP:
            where = wavelength[slope.argmax()] * 1e9
            report("warning", f"{name} changes by {slope.max():.2g} per nm at {where:.0f} nm", f"below {_STEP} per nm")
    if np.ptp(n) < _FLAT[0] and np.ptp(wavelength) > _FLAT[1]:
        report("warning", f"n does not change over {np.ptp(wavelength) * 1e9:.0f} nm", "a dispersion")
    low, high = _METAL if material.role in _METALS else _DIELECTRIC
    if material.role != "medium" and (n.min() < low or n.max() > high):
        report("warning", f"n from {n.min():.3g} to {n.max():.3g}", f"n within {low} to {high}")
    if (below := _below_gap(material, wavelength)).any() and k[below].max() > _TRANSPARENT:
        where = wavelength[below][k[below].argmax()] * 1e9
        report("warning", f"k = {k[below].max():.3g} at {where:.0f} nm, below the gap", f"k below {_TRANSPARENT}")
    return found


def _below_gap(material: Material, wavelength: np.ndarray) -> np.ndarray:
    """Where a transport layer must be transparent: photon energy 0.3 eV or more below its gap."""
    gap = material["band_gap"].value if "band_gap" in material else np.nan
    if {"homo", "lumo"} <= set(material.parameters):
        gap = material["lumo"].value - material["homo"].value
    if material.role in _ABSORBERS or ("doping_hole" in material and material["doping_hole"].value > 1e25):
        gap = np.nan
    return PLANCK_LIGHT / wavelength < gap - 0.3


def _against_range(material: Material, law: IndexLaw) -> list[Finding]:
    """Compare the preferred law at 517 nm with the range the file gives for n and k there."""
    found, value = [], complex(evaluate(law, np.asarray(517e-9)))
    for name, number in (("refractive_index", value.real), ("extinction_coefficient", value.imag)):
        if name in material and not material[name].low - 1e-3 <= number <= material[name].high + 1e-3:
            what = f"index {law.label} gives {number:.4g} at 517 nm for {name}"
            wanted = f"{material[name].low:g} to {material[name].high:g}"
            found.append(Finding("warning", material.name, what, wanted))
    return found
