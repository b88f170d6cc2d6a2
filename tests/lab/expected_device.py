"""Rows J1 to J5 and C1 of the reference table: efficiency, batches, EL spectra, colour."""

import csv

import numpy as np

from peqled.lab.jvl.efficiency import eqe_from_luminance, luminance_factor
from tests.lab.reference import Reached, Reference, Row, near, yes

SAMPLES = (
    "OLED-003/A1-1",
    "OLED-006/A1-1",
    "OLED-006/A2-1",
    "OLED-006/A3-1",
    "OLED-016/A1-1",
    "OLED-016/A2-1",
    "OLED-033/A1-1",
    "OLED-033/A2-1",
)


def rows_of(reference: Reference, row: str):
    with (reference.root / "expected.csv").open(encoding="utf-8") as file:
        return [entry for entry in csv.DictReader(file) if entry["id"] == row]


def eqe(reference):
    """Our EQE of the eight operating points against the instrument's."""
    reading = reference.read("jvl")
    ratios = []
    for entry in rows_of(reference, "J1")[:8]:
        sample = entry["quantity"].split(", ")[-1]
        value, expected = (
            reading.value("eqe_lambertian_pct", file="spectra_info", sample=sample),
            float(entry["reference"]),
        )
        ratios.append(value / expected)
        yield near(f"EQE {sample}", value, expected, 0.03 * expected)
    yield Reached("mean over the instrument's", float(np.mean(ratios)), 0.985, 1.0)


def counts(reference):
    """The refusal, and the size of the error it protects from."""
    alone = reference.read("jvl/spectra_counts.csv", "jvl/spectra_info.csv")
    expected = {entry["quantity"].split(", ")[-1]: float(entry["reference"]) for entry in rows_of(reference, "J2")[1:]}
    for sample in SAMPLES:
        (row,) = alone.find("eqe_lambertian_pct", sample=sample)
        yield yes(f"refused {sample}", row.value == "refused" and "SPEC_UNCAL" in row.flags)
        spectrum = next(m for m in alone.measurements if m.kind == "el_spectrum" and m.name == sample)
        point = next(m for m in alone.measurements if m.kind == "jvl" and m.name == sample)
        factor = luminance_factor(spectrum.data["wavelength"].values, spectrum.data["lab.el_counts"].values)
        ours = eqe_from_luminance(point.data["led.luminance"].values, point.data["led.current_density"].values, factor)
        yield near(
            f"EQE from counts {sample}",
            float(ours[0] / point.data["lab.instrument_eqe"].values[0]),
            expected[sample],
            0.005,
        )


def power(reference):
    """pi L/(J V) against the printed power efficiency, all points above 100 cd/m2."""
    for batch, points in (("OLED-006", 695), ("OLED-016", 395), ("OLED-033", 403)):
        rows = reference.read("jvl").find("pe_over_instrument", file=f"{batch}/")
        yield Reached(f"{batch} points", sum(int(row.note.split()[0]) for row in rows), points, points)
        yield Reached(f"{batch} largest deviation", max(row.uncertainty for row in rows), 0.0, 1e-4)


BATCHES = {
    "OLED-006": (20, 9186.0, 0.5, 2.8, 13.4, 0.05, 2.95, 0.005),
    "OLED-016": (20, 555.0, 0.5, 3.6, 1.95, 0.005, 0.19, 0.005),
    "OLED-033": (19, 682.08, 0.005, 3.4, 0.932, 0.0005, 0.2269, 0.00005),
}


def batches(reference):
    """The published log of three batches: one sweep per pixel, not all sweeps."""
    reading = reference.read("jvl")
    for name, (n, luminance, du, volts, ce, dce, eqe_mean, deqe) in BATCHES.items():
        own = {"sample": name}
        yield near(f"{name} working", reading.value("n_working", **own), n, 0)
        yield near(f"{name} median L", reading.value("luminance_max_cdm2_median", **own), luminance, du)
        yield near(f"{name} median turn-on", reading.value("turn_on_first_v_at_2cdm2_median", **own), volts, 0.05)
        yield near(f"{name} best CE", reading.value("ce_max_cd_a_above_2cdm2_champion", **own), ce, dce)
        yield near(
            f"{name} median EQE", reading.value("eqe_instrument_mean_pct_above_2cdm2_median", **own), eqe_mean, deqe
        )
    worst = min(reading.find("eqe_instrument_min_pct"), key=lambda row: row.value)
    yield near("most negative printed EQE", worst.value, -152720.0, 0.5)
    yield yes("and it is flagged", {"NOISE_L", "NEG_EQE"} <= set(worst.flags))


def spectra(reference):
    """Peak and width of the per-pixel spectra at the first voltage with 250 cd/m2; shape of the calibrated matrix."""
    reading = reference.read("jvl")
    for entry in rows_of(reference, "J5"):
        file = entry["file"].split(";")[0].removeprefix("jvl/")
        if "matrix shape" in entry["quantity"]:
            (matrix,) = [m for m in reading.measurements if m.source.name == "A2-1_SPD.txt"]
            yield yes("2028 x 56", matrix.metadata["shape"] == "2028 x 56")
            continue
        quantity, tolerance = (
            ("peak_nm_argmax", 1.5) if entry["quantity"].startswith("peak") else ("fwhm_nm_halfheight", 2.0)
        )
        yield near(f"{quantity} {file}", reading.value(quantity, file=file), float(entry["reference"]), tolerance)


def colour(reference):
    """Chromaticity of the eight calibrated spectra."""
    for entry in rows_of(reference, "C1"):
        axis, sample = entry["quantity"].split(", ")[0][-1], entry["quantity"].split(", ")[-1]
        value = reference.read("jvl").value(f"cie_{axis}", file="spectra_spd", sample=sample)
        yield near(f"{axis} {sample}", value, float(entry["reference"]), 0.001)


ROWS = [
    Row("J1", "EQE against the instrument", eqe),
    Row("J2", "counts are refused", counts),
    Row("J3", "power efficiency", power),
    Row("J4", "batches", batches),
    Row("J5", "EL spectra of sweeps", spectra),
    Row("C1", "CIE 1931", colour),
]
