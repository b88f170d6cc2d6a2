"""Tables as instruments and their software name things, each with a known truth: decays, spheres, source meters,
lifetime testers."""

import numpy as np
import pytest

import peqled
from tests.lab.device_files import table

DELAY = 0.05 * np.arange(2000)
COUNTS = np.round(5000 * np.exp(-DELAY / 8.0)) + 3
PLAIN = "\n".join(f"{y:.0f}" for y in COUNTS) + "\n"
DECAYS = {
    "names with a slash": ("QD.txt", "EasyTau\n" + table(["t/ns", "I/cts"], [DELAY, COUNTS])),
    "the sample's name": ("film.txt", table(["Time (ns)", "OTAc film"], [DELAY, COUNTS])),
    "width behind the block": ("film.asc", f"*BLOCK 1 Decay  ( 0.050 ns/ch )\n{PLAIN}*END\n"),
    "width from the setup": (
        "film.asc",
        "Title : film\n#SP [SP_TAC_R,F,1.0e-07]\n#SP [SP_TAC_G,I,1]\n#SP [SP_ADC_RE,I,2000]\n\n*BLOCK 1 M1\n"
        f"{PLAIN}*END\n",
    ),
}


@pytest.mark.parametrize("layout", DECAYS)
def test_a_decay_of_eight_nanoseconds(tmp_path, layout):
    name, content = DECAYS[layout]
    (tmp_path / name).write_text(content)
    (measured,) = peqled.read(tmp_path).measurements
    assert measured.kind == "trpl_decay"
    assert measured.metadata["bin_width"] == pytest.approx(50e-12)
    np.testing.assert_array_equal(measured.data["lab.decay_counts"], COUNTS)


def test_a_block_without_a_bin_width_says_what_is_missing(tmp_path):
    (tmp_path / "film.asc").write_text(f"*BLOCK 1 M1\n{PLAIN}*END\n")
    (file,) = peqled.read(tmp_path).files
    assert "SP_TAC_R" in file.reason


GRID = np.arange(350.0, 651.0, 1.0)
ABSORBED, YIELD, STRAY = 0.4, 0.8, 0.05
SPHERES = [
    ("empty sphere", "sample indirect", "sample direct"),
    ("PLQY_QD1_blank", "PLQY_QD1_out", "PLQY_QD1_in"),
    ("film1_empty", "film1_offaxis", "film1_onaxis"),
    ("La", "Lb", "Lc"),
]


def sphere_signals() -> list[np.ndarray]:
    """Signals (photons over wavelength) of the empty sphere, of a sample beside the beam and of one in the beam."""
    laser, glow = (np.exp(-(((GRID - at) / width) ** 2)) for at, width in ((405, 2), (517, 9)))
    glow *= np.trapezoid(laser, GRID) / np.trapezoid(glow, GRID)
    stray = YIELD * ABSORBED * STRAY
    kept = 1 - ABSORBED
    photons = [
        laser,
        (1 - STRAY) * laser + stray * glow,
        (1 - STRAY) * kept * laser + (YIELD * ABSORBED + kept * stray) * glow,
    ]
    return [1e6 * values / GRID for values in photons]


@pytest.mark.parametrize("names", SPHERES)
def test_three_files_of_a_sphere(tmp_path, names):
    for name, signal in zip(names, sphere_signals(), strict=True):
        (tmp_path / f"{name}.csv").write_text(table(["Wavelength (nm)", "Counts"], [GRID, signal]))
    assert peqled.read(tmp_path).value("plqy_pct") == pytest.approx(100 * YIELD, rel=0.01)


def test_three_letters_above_a_table_of_a_sphere(tmp_path):
    (tmp_path / "film.csv").write_text(table(["Wavelength (nm)", "a", "b", "c"], [GRID, *sphere_signals()]))
    assert peqled.read(tmp_path).value("plqy_pct") == pytest.approx(100 * YIELD, rel=0.01)


VOLTS = np.linspace(0.05, 8.0, 160)
DENSITY = 9 / 8 * 3.5 * 8.8541878e-12 * 1e-8 * VOLTS**2 / 100e-9**3  # A/m2; mobility 1e-4 cm2/(V s), 100 nm
DUMP = "".join(
    f"{v:+.6E},{4e-6 * j:+.6E},+9.910000E+37,{0.1 * i:+.6E},+2.150800E+04\n"
    for i, (v, j) in enumerate(zip(VOLTS, DENSITY, strict=True))
)
SINGLE_CARRIER = {
    "a header of the layer": (
        "EOD_1.txt",
        "# Thickness: 100 nm\n# Permittivity: 3.5\n" + table(["V (V)", "J (A/m2)"], [VOLTS, DENSITY]),
    ),
    "units in brackets": (
        "electron-only 3.csv",
        "Thickness (nm),100\nRelative permittivity,3.5\nArea (mm2),4\n"
        + table(["Voltage", "Current (A)"], [VOLTS, 4e-6 * DENSITY]),
    ),
    "VOLT and CURR": (
        "hole-only_100nm.csv",
        table(["Index", "Time (s)", "VOLT", "CURR"], [np.arange(160), VOLTS, VOLTS, 4e-6 * DENSITY]),
    ),
    "lines of the source meter": ("hod 100nm.txt", DUMP),
}


@pytest.mark.parametrize("layout", SINGLE_CARRIER)
def test_mobility_of_a_single_carrier_device(tmp_path, layout):
    """9/8 eps mu V^2/L^3 of 1e-4 cm2/(V s); what the file says of the layer is taken, the rest is told."""
    name, content = SINGLE_CARRIER[layout]
    (tmp_path / name).write_text(content)
    told = {} if "hickness" in content else {"permittivity": 3.5, "area": "4 mm^2"}
    assert peqled.read(tmp_path, settings=told).value("mobility_cm2_vs") == pytest.approx(1e-4, rel=0.01)


def test_a_lifetime_with_voltage_and_current_beside_it(tmp_path):
    """``Lum.(%)`` against ``Time(hr)`` is an ageing run, though the table holds a voltage and a current."""
    hours = np.linspace(0.0, 3.0, 200)
    light = np.exp(-((hours / 1.2) ** 0.8))
    names = ["Time(hr)", "Voltage(V)", "Current(mA)", "Lum.(%)"]
    content = "Initial Luminance (cd/m2),10000\n\n" + table(names, [hours, 3 + hours, 0 * hours + 0.5, 100 * light])
    (tmp_path / "M6000_life.csv").write_text(content)
    assert peqled.read(tmp_path).value("t50_h") == pytest.approx(1.2 * np.log(2.0) ** (1 / 0.8), rel=2e-3)
