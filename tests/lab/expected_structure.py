"""Rows D1 to D3, X1, X4, X5, F1, R1, S1, M2, M3 of the reference table: structure, chemistry, size, transport."""

import csv

import numpy as np

from peqled.lab.xps.core_levels import LEVELS
from tests.lab.reference import Reached, Reference, Row, near, yes


def rows_of(reference: Reference, row: str):
    with (reference.root / "expected.csv").open(encoding="utf-8") as file:
        return [entry for entry in csv.DictReader(file) if entry["id"] == row]


def within(what, value, expected, share):
    return Reached(what, float(value), expected * (1.0 - share), expected * (1.0 + share))


def zetasizer(reference):
    """Cumulants against the harmonic mean of the instrument; the solvent is refused as long as nobody says it."""
    silent = reference.read("dls/malvern_text")
    (refused,) = silent.find("d_h_z_nm", file="sample_11")
    yield yes("no solvent, no size", refused.value == "refused" and "DLS_SOLV" in refused.flags)
    said = reference.read(
        "dls/malvern_text", solvent="water", temperature="25 C", viscosity="0.8872 mPa s", refractive_index=1.33
    )
    yield within("z-average", said.value("d_h_z_nm", file="sample_11"), 286.2, 0.05)
    yield within("harmonic mean of the instrument", said.value("d_harmonic_nm", file="Sample_12"), 286.2, 0.001)
    yield near("PDI", said.value("pdi", file="sample_11"), 0.051, 0.01)


def polydisperse(reference):
    said = reference.read(
        "dls/malvern_text", solvent="water", temperature="25 C", viscosity="0.8872 mPa s", refractive_index=1.33
    )
    (row,) = said.find("d_h_z_nm", file="sample_41")
    yield yes("no single size", row.value == "refused" and "DLS_PDI" in row.flags)
    yield Reached("PDI", said.value("pdi", file="sample_41"), 0.5, 2.0)


def angles(reference):
    """Thirteen angles, each against the instrument; rate against q squared; what must be flagged."""
    reading = reference.read("dls/alv_multiangle")
    expected = rows_of(reference, "D3")
    for number, diameter in enumerate(expected[0]["reference"].split(), start=27):
        rows = reading.find("d_h_z_nm", file=f"{number:04d}")
        yield within(f"file {number}", rows[0].value, float(diameter), 0.06)
    (together,) = reading.find("d_h_multiangle_nm")
    yield within("through the origin", together.value, float(expected[1]["reference"]), 0.05)
    yield yes("angle dependence flagged", "DLS_ANG" in together.flags)
    yield yes("intercepts flagged", all("DLS_B" in row.flags for row in reading.find("intercept")))


def strontium(reference):
    reading = reference.read("xps/STO_Sr3d.json")
    yield near("Sr 3d5/2", reading.value("be_ev"), 132.49, 0.02)
    yield near("splitting", reading.value("splitting_ev"), 1.75, 0.02)
    yield near("ratio", reading.value("area_ratio"), 0.689, 0.01)
    (row,) = reading.find("be_ev_ref_c1s284p8")
    yield yes("no reference, refused", row.value == "refused" and "XPS_REF" in row.flags)


def templates(reference):
    """Fitted models of another program: read as they are, and our templates start within 0.1 eV."""
    reading = reference.read("xps/perovskite_models")
    for entry in rows_of(reference, "X4"):
        file = entry["file"].rpartition("/")[2]
        position, splitting, ratio = (float(v) for v in entry["reference"].split(" / "))
        name = file[:2].rstrip("3") + " " + entry["quantity"].split()[1][:2]
        yield near(f"{file[:4]} splitting", reading.value("splitting_ev", file=file), splitting, 1e-6)
        yield near(f"{file[:4]} ratio", reading.value("area_ratio", file=file), ratio, 1e-3)
        level = LEVELS[name]
        yield near(f"{name} template position", level.position, position, 0.1)
        yield near(f"{name} template splitting", level.splitting, splitting, 0.1)


POINTS = {
    "0-150W": "wide 1206; Ni 2p 601; O 1s 251; C 1s 301; W 4f 251",
    "Mutlipak": "C 1s 601; O 1s 601; S 2p 501; N 1s 401; Mo 3d 401",
    "irregular": "Survey 1351",
    "mjr9_59c": "Wide 1101; Wide 601; O 1s 231; N 1s 211; C 1s 231; S 2p 181; Au 4f 301; S 2p 181; Au 4f 301",
}
MAXIMA = {
    "0-150W": {"O 1s": 528.4, "C 1s": 282.5, "W 4f": 33.6, "Ni 2p": 856.8},
    "Mutlipak": {"C 1s": 284.85, "O 1s": 531.6, "S 2p": 161.4, "N 1s": 399.25, "Mo 3d": 228.45},
    "mjr9_59c": {"O 1s": 531.6, "N 1s": 399.8, "C 1s": 284.9, "Au 4f [7]": 84.0, "Au 4f [9]": 83.9},
}


def vamas(reference):
    """Blocks, points, and the binding energy of the maximum, which no work function may move."""
    reading = reference.read("xps/vamas")
    for file, text in POINTS.items():
        found = [(row.sample.split(" [")[0], int(row.value)) for row in reading.find("points", file=file)]
        expected = [(part.rsplit(" ", 1)[0].strip(), int(part.rsplit(" ", 1)[1])) for part in text.split(";")]
        yield yes(f"{file}: {len(expected)} blocks and their points", found == expected)
    for file, levels in MAXIMA.items():
        for sample, expected in levels.items():
            yield near(f"{file} {sample}", reading.value("be_at_max_ev", file=file, sample=sample), expected, 0.0501)
    for quantity, expected in (("ke_min_ev", 136.61), ("ke_max_ev", 1486.61), ("ke_at_max_ev", 1180.61)):
        yield near(f"irregular {quantity}", reading.value(quantity, file="irregular"), expected, 1e-6)
    yield near("irregular maximum", reading.value("intensity_max", file="irregular"), 108366, 0.5)


def polystyrene(reference):
    """Certified bands; the binary file and its copy as text hold the same numbers."""
    reading = reference.read("ftir")
    found = np.array([row.value for row in reading.find("band_cm1", file=".SPC")])
    for entry in rows_of(reference, "F1")[:-1]:
        expected = float(entry["reference"])
        yield near(f"band {expected}", found[np.argmin(np.abs(found - expected))], expected, 0.7)
    binary, text = (next(m for m in reading.measurements if m.source.suffix == end) for end in (".SPC", ".csv"))
    difference = np.abs(binary.data["lab.ftir_absorbance"].values - text.data["lab.ftir_absorbance"].values).max()
    yield near("points", reading.value("points", file=".SPC"), 1844, 0)
    yield near("first", reading.value("wavenumber_min_cm1", file=".SPC"), 447.484, 1e-3)
    yield near("last", reading.value("wavenumber_max_cm1", file=".SPC"), 4002.282, 1e-3)
    yield Reached("largest difference", difference, 0.0, 1e-7)


def quartz(reference):
    reading = reference.read("xrd")
    (row,) = reading.find("two_theta_shift_deg")
    yield near("shift of quartz", row.value, -0.038, 0.005)
    yield yes("on 100 101 110 112 211", "100 101 110 112 211" in row.note)
    yield near("points", reading.value("points"), 5027, 0)
    yield near("first", reading.value("two_theta_min_deg"), 4.00656514, 1e-6)
    yield near("last", reading.value("two_theta_max_deg"), 69.99936587, 1e-6)


def mobility(reference):
    for permittivity in ({}, {"permittivity": 3.6}):
        reading = reference.read("sclc", **permittivity)
        for file, expected in (("PCDTBT", 1.81e-4), ("P3HT", 4.29e-5)):
            value = reading.value("mobility_zero_field_cm2_vs", file=file)
            yield Reached(f"{file} {permittivity or 'permittivity assumed'}", value, expected / 1.5, expected * 1.5)


def generated(reference):
    reading = reference.read("tem/test_gen_lognormal_particles.csv")
    yield within("geometric mean", reading.value("size_gm_nm"), 50.0, 0.01)
    yield within("geometric standard deviation", reading.value("size_gsd"), 1.2, 0.01)


def mask(reference):
    """Our regions of the mask against the table of another program."""
    reading = reference.read("tem")
    yield near("all particles", reading.value("particles_all", file="Binary"), 39, 0)
    yield near("not at the border", reading.value("particles", file="Binary"), 35, 0)
    yield within("median area", reading.value("area_median_px", file="Binary"), 2574, 0.02)
    yield near("median area, border included", reading.value("area_median_all_px", file="Binary"), 2494, 0.02 * 2494)
    images = [int(row.value) for row in reading.find("particles", file="All_Results")]
    yield yes("five images, 128 rows", len(images) == 5 and sum(images) == 128)


ROWS = [
    Row("D1", "z-average", zetasizer),
    Row("D2", "polydisperse refused", polydisperse),
    Row("D3", "thirteen angles", angles),
    Row("X1", "Sr 3d", strontium),
    Row("X4", "templates", templates),
    Row("X5", "VAMAS dialects", vamas),
    Row("F1", "polystyrene", polystyrene),
    Row("R1", "quartz", quartz),
    Row("S1", "mobility", mobility),
    Row("M2", "lognormal sizes", generated),
    Row("M3", "mask of particles", mask),
]
