"""Layouts of tables that laboratories write, each with a known truth: lifetimes, stability, angles, particles, maps,
decays, correlation functions, powder patterns, electron and infrared spectra, quantum yields."""

import numpy as np
import pytest

import peqled
from peqled.lab.registry import recognise
from tests.lab.device_files import table

# Operational lifetime ------------------------------------------------------------------------------------------------

HOURS = np.linspace(0.0, 3.0, 200)
LIGHT = np.exp(-((HOURS / 1.2) ** 0.8))
T50 = 1.2 * np.log(2.0) ** (1 / 0.8)


def clock(hours):
    seconds = round(3600 * hours)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def lines(head, form):
    return head + "".join(form(t, y) for t, y in zip(HOURS, LIGHT, strict=True))


LIFETIMES = {
    "names with units": (table(["time_h", "luminance_norm", "voltage_V"], [HOURS, LIGHT, HOURS + 4]), [T50]),
    "clock": (lines("Time,Luminance (cd/m2)\n", lambda t, y: f"{clock(t)},{1000 * y:.4f}\n"), [T50]),
    "clock past midnight": (
        lines("Time,Luminance (cd/m2)\n", lambda t, y: f"{clock((22 + t) % 24)},{1000 * y:.4f}\n"), [T50]),
    "dates": (
        lines("Timestamp;Luminance (cd/m2)\n", lambda t, y: f"31.01.2024 {clock(10 + t)};{1000 * y:.3f}\n"), [T50]),
    "month first": (
        lines("Date,L (cd/m2)\n", lambda t, y: f"2/{13 + t // 2:.0f}/2024 {clock(t % 2)},{y:.5f}\n"), [T50]),
    "two devices": (table(["Time (h)", "D1 L/L0", "D2 L/L0"], [HOURS, LIGHT, LIGHT]), [T50, T50]),
    "time in front of each": (
        lines("D1,,D2,\nTime (h),L/L0,Time (h),L/L0\n", lambda t, y: f"{t:.6f},{y:.6f},{2 * t:.6f},{y:.6f}\n"),
        [T50, 2 * T50]),
}  # fmt: skip


@pytest.mark.parametrize("layout", LIFETIMES)
def test_lifetime_tables(tmp_path, layout):
    """A stretched decay in each layout gives its T50 = tau (ln 2)^(1/beta); the step of 0.9 min allows 0.5 %."""
    content, expected = LIFETIMES[layout]
    (tmp_path / "life.csv").write_text(content)
    reading = peqled.read(tmp_path)
    assert {m.kind for m in reading.measurements} == {"lifetime"}
    assert sorted(row.value for row in reading.find("t50_h")) == pytest.approx(expected, rel=5e-3)


def test_a_table_without_time_beside_one_with_it(tmp_path):
    """Two blocks in a file, the second of other columns: the first is read, the other gives nothing and no failure."""
    content = table(["Time (h)", "L/L0"], [HOURS, LIGHT]) + "\n" + table(["CIE x", "CIE y"], [LIGHT[:5], LIGHT[:5]])
    (tmp_path / "life.csv").write_text(content)
    jvl = table(["Voltage (V)", "J (mA/cm2)", "L (cd/m2)"], [[1, 2, 3, 4], [0.1, 1, 2, 3], [0, 1, 20, 30]])
    (tmp_path / "jvl.csv").write_text(jvl + "\n" + table(["CIE x", "CIE y"], [LIGHT[:5], LIGHT[:5]]))
    reading = peqled.read(tmp_path)
    assert sorted(m.kind for m in reading.measurements) == ["jvl", "lifetime"]


def test_luminances_for_names_give_the_acceleration(tmp_path):
    """L/L0 under columns that are named by the initial luminance, T50 falling as L0^-1.7: the exponent comes back."""
    start = [1000.0, 2000.0, 5000.0, 10000.0]
    scale = [(level / 1000.0) ** -1.7 for level in start]
    hours = np.linspace(0.0, 60.0, 4000)
    columns = [np.exp(-(hours / (40.0 * s))) for s in scale]
    (tmp_path / "life.csv").write_text(table(["Time (h)", *(f"{s:g} cd/m2" for s in start)], [hours, *columns]))
    reading = peqled.read(tmp_path)
    assert reading.value("acceleration_exponent") == pytest.approx(1.7, abs=0.02)


# Emission against time ----------------------------------------------------------------------------------------------

TRACES = {
    "fraction": (table(["t / h", "I/I0"], [HOURS, np.exp(-HOURS / 5)]), 1),
    "unit behind a slash": (table(["Time/min", "Normalized PL"], [60 * HOURS, np.exp(-HOURS / 5)]), 1),
    "conditions": (table(["Time (h)", "80% RH", "80% RH + UV"], [HOURS, np.exp(-HOURS / 5), np.exp(-HOURS / 5)]), 2),
    "area and place": (table(["Time_h", "PL_area", "PL_peak_nm"], [HOURS, 1e5 * np.exp(-HOURS / 5), HOURS + 517]), 1),
    "clock": ("Time,PL intensity\n" + "".join(f"{clock(t)},{np.exp(-t / 5):.6f}\n" for t in HOURS), 1),
}  # fmt: skip


@pytest.mark.parametrize("layout", TRACES)
def test_stability_tables(tmp_path, layout):
    """An exponential of 5 h falls to 90 % after 5 ln(1/0.9) h."""
    content, count = TRACES[layout]
    (tmp_path / "film_PL_stability.csv").write_text(content)
    reading = peqled.read(tmp_path)
    assert [m.kind for m in reading.measurements] == ["stability"] * count
    assert [row.value for row in reading.find("t90_start_h")] == pytest.approx([-5 * np.log(0.9)] * count, rel=5e-3)


# Angles ---------------------------------------------------------------------------------------------------------------

ANGLE = np.arange(-80.0, 81.0, 5.0)
COSINE = np.cos(np.radians(ANGLE))
WAVE = np.arange(450.0, 601.0, 1.0)
GREEN = np.exp(-(((WAVE - 517) / 8) ** 2))
ANGULAR = {
    "per cent": ("ang.csv", table(["Angle [deg]", "Rel. Intensity [%]"], [ANGLE, 100 * COSINE]), "lambertian_factor"),
    "no names": ("angular_profile.txt", table(["a", "b"], [ANGLE, COSINE], delimiter="\t").partition("\n")[2],
                 "lambertian_factor"),
    "spectra under bare angles": (
        "EL_angular.csv",
        table(["Wavelength (nm)", *(f"{a:g}" for a in ANGLE)], [WAVE, *np.outer(COSINE, GREEN)]),
        "lambertian_factor_photon"),
}  # fmt: skip


@pytest.mark.parametrize("layout", ANGULAR)
def test_angular_tables(tmp_path, layout):
    """A Lambertian source has F = 1; nothing is measured beyond 80 degrees: 2 %."""
    name, content, quantity = ANGULAR[layout]
    (tmp_path / name).write_text(content)
    reading = peqled.read(tmp_path)
    assert [m.kind for m in reading.measurements] == ["angular"]
    assert reading.value(quantity) == pytest.approx(1.0, abs=0.02)


# Particles ------------------------------------------------------------------------------------------------------------

SIZES = np.random.default_rng(1).lognormal(np.log(10.0), 0.1, 300)
EDGES = np.arange(5.75, 15.0, 0.5)
COUNTS = np.histogram(SIZES, EDGES)[0]
MIDDLE = (EDGES[1:] + EDGES[:-1]) / 2
IMAGEJ = " ,Area,Mean,Min,Max,Circ.,Feret,MinFeret,Round,Solidity\n"
PARTICLES = {
    "imagej without labels": ("Results.csv", IMAGEJ + "".join(
        f"{i},{np.pi * d * d / 0.04:.3f},255,255,255,1,{10 * d:.3f},{10 * d:.3f},1,1\n" for i, d in enumerate(SIZES)),
        {"scale": "0.1 nm"}, SIZES.mean()),
    "imagej lines": ("Results.xls", " \tArea\tMean\tMin\tMax\tAngle\tLength\n" + "".join(
        f"{i}\t0.1\t10\t1\t20\t45\t{10 * d:.4f}\n" for i, d in enumerate(SIZES)), {"scale": "0.1 nm"}, SIZES.mean()),
    "no name": ("TEM_sizes_nm.txt", "".join(f"{d:.4f}\n" for d in SIZES), {}, SIZES.mean()),
    "german": ("TEM.csv", "Nr.;Länge (nm)\n" + "".join(f"{i};{d:.4f}\n".replace(".", ",") for i, d in enumerate(SIZES)),
               {}, SIZES.mean()),
    "areas": ("TEM.csv", table(["Label", "Area (nm^2)"], [np.arange(300), np.pi * SIZES**2 / 4]), {}, SIZES.mean()),
    "label in words": ("TEM.csv", " ,Label,Area (nm²),Feret (nm)\n" + "".join(
        f"{i},img.tif,{np.pi * d * d / 4:.4f},{d:.4f}\n" for i, d in enumerate(SIZES)), {}, SIZES.mean()),
    "imagej, decimal commas": ("Results.csv", IMAGEJ.replace(",", ";") + "".join(
        f"{i};{np.pi * d * d / 0.04:.3f};255;255;255;1;{10 * d:.3f};{10 * d:.3f};1;1\n".replace(".", ",")
        for i, d in enumerate(SIZES)), {"scale": "0.1 nm"}, SIZES.mean()),
    "imagej, commas in quotes": ("Results.csv", IMAGEJ + "".join(
        f'{i},"{np.pi * d * d / 0.04:.3f}",255,255,255,1,"{10 * d:.3f}","{10 * d:.3f}",1,1\n'.replace(".", ",")
        for i, d in enumerate(SIZES)), {"scale": "0.1 nm"}, SIZES.mean()),
    "histogram": ("TEM.csv", table(["Size (nm)", "Count"], [MIDDLE, COUNTS]), {}, np.average(MIDDLE, weights=COUNTS)),
}  # fmt: skip


@pytest.mark.parametrize("layout", PARTICLES)
def test_particle_tables(tmp_path, layout):
    """Mean size of 300 particles, in nm whichever way the table says it; a histogram has the mean of its bins."""
    name, content, settings, mean = PARTICLES[layout]
    (tmp_path / name).write_text(content)
    reading = peqled.read(tmp_path, settings=settings)
    assert reading.value("size_mean_nm") == pytest.approx(mean, rel=1e-4)
    assert reading.value("particles") == 300


def test_imagej_areas_are_pixels_until_a_scale_is_given(tmp_path):
    """Without a scale no size in nm appears: the columns of ImageJ do not say their unit."""
    (tmp_path / "Results.csv").write_text(PARTICLES["imagej without labels"][1])
    reading = peqled.read(tmp_path)
    assert not reading.find("size_mean_nm")
    assert reading.value("size_mean_px") == pytest.approx(10 * SIZES.mean(), rel=1e-4)


# Maps -----------------------------------------------------------------------------------------------------------------

SECONDS = np.arange(-2.0, 28.0)
PEAK = 480.0 + 35.0 * (1.0 - np.exp(-(SECONDS + 2.0) / 6.0))
MAP = np.exp(-4 * np.log(2) * ((WAVE[None, :] - PEAK[:, None]) / 20.0) ** 2)


def matrix(corner, across, down, values):
    rows = [[corner, *(f"{x:g}" for x in across)]]
    rows += [[f"{x:g}", *(f"{v:.6g}" for v in row)] for x, row in zip(down, values, strict=True)]
    return "\n".join("\t".join(row) for row in rows) + "\n"


MAPS = {
    "times across, no corner": matrix("", SECONDS, WAVE, MAP.T),
    "wavelengths across, no corner": matrix("", WAVE, SECONDS, MAP),
    "zero in the corner": matrix("0", SECONDS, WAVE, MAP.T),
    "zero in the corner, turned": matrix("0", WAVE, SECONDS, MAP),
    "a row of times": "Time (s)\t" + "\t".join(f"{t:g}" for t in SECONDS) + "\n"
    + "Wavelength (nm)" + "\t" * 30 + matrix("", [], WAVE, MAP.T),
    "list of points": table(["Time (s)", "Wavelength (nm)", "Intensity"],
                            [np.repeat(SECONDS, WAVE.size), np.tile(WAVE, SECONDS.size), MAP.ravel()]),
    "times with units": table(["Wavelength (nm)", *(f"{t:g} s" for t in SECONDS)], [WAVE, *MAP]),
}  # fmt: skip


@pytest.mark.parametrize("layout", MAPS)
def test_map_layouts(tmp_path, layout):
    """One map of 30 spectra, two of them before the injection, in each layout: axes and values as written."""
    path = tmp_path / "insitu_PL.txt"
    path.write_text(MAPS[layout])
    reader = recognise(path).reader
    assert reader is not None
    (found,) = reader.read(path)
    assert found.kind == "insitu_map"
    np.testing.assert_allclose(found.data["time"], SECONDS)
    np.testing.assert_allclose(found.data["insitu_wavelength"], WAVE * 1e-9)
    np.testing.assert_allclose(found.data["nanocrystal.insitu_pl"], MAP, atol=1e-5)


# Decays ---------------------------------------------------------------------------------------------------------------

DELAY = 0.05 * np.arange(400)
DECAY = np.round(5000 * np.exp(-DELAY / 4.0)) + 3
EDINBURGH = "Labels,{}\nType,TCSPC\nChannels,400\nTime calibration,0.05\nXaxis,Time,(ns)\nYaxis,Counts\n\n"
DECAYS = {
    "one curve": (EDINBURGH.format("film,") + "".join(f"{t:.6E},{y:.0f},\n" for t, y in zip(DELAY, DECAY, strict=True)),
                  ["trpl_decay"]),
    "response beside it": (EDINBURGH.format("IRF,film,") + "".join(
        f"{t:.6E},{y // 2:.0f},{y:.0f},\n" for t, y in zip(DELAY, DECAY, strict=True)), ["trpl_irf", "trpl_decay"]),
}  # fmt: skip


@pytest.mark.parametrize("layout", DECAYS)
def test_labels_above_decays(tmp_path, layout):
    """Edinburgh text: labels in a line of the header say which curve is the response; the axis is in its own line."""
    content, kinds = DECAYS[layout]
    path = tmp_path / "s.txt"
    path.write_text(content)
    reader = recognise(path).reader
    assert reader is not None
    found = reader.read(path)
    assert [m.kind for m in found] == kinds
    np.testing.assert_allclose(found[-1].data["lab.decay_counts"], DECAY)
    assert found[-1].metadata["bin_width"] == pytest.approx(50e-12)


def test_channels_without_a_calibration_ask_for_the_bin_width(tmp_path):
    path = tmp_path / "s.txt"
    path.write_text("Chan\tData\n" + "".join(f"{i}\t{y:.0f}\n" for i, y in enumerate(DECAY)))
    reader = recognise(path).reader
    assert reader is not None
    (found,) = reader.read(path)
    assert found.metadata["bin_width_unknown"]
    np.testing.assert_allclose(found.data["lab.decay_counts"], DECAY)


# Correlation functions and size distributions ------------------------------------------------------------------------

LAG = np.logspace(-7, 0, 120)
RATE = 1.380649e-23 * 298.15 / (3 * np.pi * 0.56e-3 * 15e-9) * (4 * np.pi * 1.49 / 633e-9) ** 2 / 2  # 90 degrees


RADIUS = np.logspace(-0.4, 3, 70)


def marked_record():
    """Text of one record: a name for a whole array, the name of the sample behind each, decimal commas, radii."""
    g2 = 0.9 * np.exp(-2 * RATE * LAG)
    weight = 30 * np.exp(-((np.log(RADIUS / 7.5) / 0.2) ** 2))
    head = (
        "Type Sample_Name Temperature_(°C) Viscosity_(cP) Scattering_Angle_(°) Correlation_Delay_Times_(µs) Sample_Name"
    )
    head += " Correlation_Data Sample_Name Sizes_(r.nm) Sample_Name Intensities_(%) Sample_Name"
    arrays = ["\t".join([*(f"{x:.6g}" for x in values), "QD"]) for values in (1e6 * LAG, g2, RADIUS, weight)]
    row = "\t".join(["Size", "QD", "25.0", "0.56", "90", *arrays]).replace(".", ",")
    return (head.replace(" ", "\t").replace("_", " ") + f"\n{row}\n").encode("cp1252")


def test_zetasizer_rows_with_marks(tmp_path):
    """A record as a Zetasizer Nano writes it: what the row says of temperature, viscosity and angle is used, the index
    has to be told; 15 nm to 1 %."""
    (tmp_path / "z.txt").write_bytes(marked_record())
    reading = peqled.read(tmp_path, settings={"refractive_index": 1.49, "vacuum_wavelength": "633 nm"})
    assert sorted(m.kind for m in reading.measurements) == ["dls_correlation", "dls_distribution"]
    assert reading.value("d_h_z_nm") == pytest.approx(15.0, rel=0.01)
    distribution = next(m for m in reading.measurements if m.kind == "dls_distribution")
    np.testing.assert_allclose(distribution.data["diameter"], 2e-9 * RADIUS, rtol=1e-5)


def test_zetasizer_table_of_records(tmp_path):
    """One record a row with numbered columns: the Stokes-Einstein diameter of 15 nm in toluene comes back to 1 %."""
    g2 = 0.9 * np.exp(-2 * RATE * LAG)
    names = ["Record", "Sample Name", *(f"Correlation Delay Times[{i}] (µs)" for i in range(1, 121))]
    names += [f"Correlation Data[{i}]" for i in range(1, 121)]
    rows = ["\t".join([str(k), f"QD {k}", *(f"{x * 1e6:.6g}" for x in LAG), *(f"{y:.6f}" for y in g2)]) for k in (1, 2)]
    (tmp_path / "z.txt").write_text("\n".join(["\t".join(names), *rows]) + "\n", encoding="utf-8")
    told = {"viscosity": "0.56 mPa s", "refractive_index": 1.49, "angle": "90 deg", "vacuum_wavelength": "633 nm",
            "temperature": "298.15 K"}  # fmt: skip
    reading = peqled.read(tmp_path, settings=told)
    assert [m.name for m in reading.measurements] == ["QD 1", "QD 2"]
    assert [row.value for row in reading.find("d_h_z_nm")] == pytest.approx([15.0, 15.0], rel=0.01)


@pytest.mark.parametrize(("unit", "scale"), [("d.nm", 1e-9), ("r.nm", 2e-9)])
def test_zetasizer_distribution(tmp_path, unit, scale):
    """Sizes beside weights in per cent; a radius becomes a diameter."""
    size = np.logspace(-0.4, 4, 70)
    weight = 30 * np.exp(-((np.log(size / 15) / 0.2) ** 2))
    path = tmp_path / "z.txt"
    path.write_text(table([f"Sizes ({unit})", "Intensity (%)"], [size, weight], delimiter="\t"))
    reader = recognise(path).reader
    assert reader is not None
    (found,) = reader.read(path)
    assert found.kind == "dls_distribution"
    top = found.data["lab.dls_distribution"].to_numpy().argmax()
    assert found.data["diameter"].to_numpy()[top] == pytest.approx(size[weight.argmax()] * scale, rel=1e-6)


# Powder patterns ------------------------------------------------------------------------------------------------------

THETA = 10.0 + 0.02 * np.arange(1000)
INTENSITY = np.round(50 + 3000 * np.exp(-(((THETA - 15.2) / 0.4) ** 2)))


def counts(per_line, sign=" "):
    cells = [f"{y:.0f}" for y in INTENSITY]
    return "\n".join(sign.join(cells[i : i + per_line]) for i in range(0, len(cells), per_line))


PAIRS = "".join(f"{t:.4f} {y:.0f}\n" for t, y in zip(THETA, INTENSITY, strict=True))
PATTERNS = {
    "a.udf": "Anode,Cu,/\nLabdaAlpha1,1.54060,/\nDataAngleRange,  10.0000,  29.9800,/\nScanStepSize,    0.020,/\n"
    f"RawScan\n{counts(8, ', ')}/\n",
    "a.uxd": f"_WL1=1.54060\n; (Data for Range number 1)\n_STEPSIZE=0.02\n_START=10.0\n_COUNTS\n{counts(8)}\n",
    "b.uxd": f"_WL1=1.54060\n; (Data for Range number 1)\n_STEPSIZE=0.02\n_START=10.0\n_2THETACOUNTS\n{PAIRS}",
    "a.asc": "*SAMPLE = a\n*WAVE_LENGTH1 = 1.54060\n*START = 10.0\n*STOP = 29.98\n*STEP = 0.02\n*COUNT = 1000\n"
    f"{counts(4, ', ')}\n*END\n",
    "a.cpi": f"SIETRONICS XRD SCAN\n10.00\n29.98\n0.02\nCu\n1.54060\n1-1-2024\n1.0\ncomment\nSCANDATA\n{counts(1)}\n",
    "a.txt": ";KAlpha1 = 1.540600\n;KAlpha2 = 1.544414\n" + PAIRS,
    "a.csv": "Anode material,Cu\nK-Alpha1 wavelength,1.5406000\n[Scan points]\nAngle,Intensity\n"
    + PAIRS.replace(" ", ","),
}  # fmt: skip


@pytest.mark.parametrize("name", PATTERNS)
def test_powder_patterns(tmp_path, name):
    """The same scan in each layout: angles, counts and wavelength as written, whoever wrote them."""
    path = tmp_path / name
    path.write_text(PATTERNS[name])
    reader = recognise(path).reader
    assert reader is not None
    (found,) = reader.read(path)
    assert found.kind == "xrd"
    np.testing.assert_allclose(np.degrees(found.data["two_theta"]), THETA, atol=1e-9)
    np.testing.assert_allclose(found.data["lab.xrd_intensity"], INTENSITY)
    if name != "a.cpi":  # its wavelength stands in a line without a key
        assert found.metadata["wavelength_alpha1_angstrom"] == pytest.approx(1.5406)


def test_two_ranges_of_a_uxd_file(tmp_path):
    path = tmp_path / "a.uxd"
    path.write_text(PATTERNS["a.uxd"] + PATTERNS["a.uxd"].replace("_START=10.0", "_START=40.0"))
    reader = recognise(path).reader
    assert reader is not None
    first, second = reader.read(path)
    assert np.degrees(second.data["two_theta"][0] - first.data["two_theta"][0]) == pytest.approx(30.0)


# Electron and infrared spectra ----------------------------------------------------------------------------------------

BINDING = np.arange(130.0, 150.0, 0.05)
PB4F = np.round(
    300 + 4000 * np.exp(-(((BINDING - 138.0) / 0.6) ** 2)) + 3000 * np.exp(-(((BINDING - 142.86) / 0.6) ** 2))
)
BARE = "".join(f"{e:.2f},{y:.0f}\n" for e, y in zip(BINDING[::-1], PB4F[::-1], strict=True))
REGIONS = {
    "Pb4f.csv": BARE,
    "a.csv": "Pb4f\n1\n\n" + BARE,
    "b.csv": table(["Bindungsenergie (eV)", "Intensität (counts)"], [BINDING, PB4F], delimiter=";", decimal=","),
    "two.csv": "Pb4f Scan,,Br3d Scan,\nBinding Energy (E),Counts / s,Binding Energy (E),Counts / s\neV,,eV,\n"
    + "".join(f"{e:.2f},{y:.0f},{e - 69.95:.2f},{y:.0f}\n" for e, y in zip(BINDING, PB4F, strict=True)),
}  # fmt: skip


@pytest.mark.parametrize("name", REGIONS)
def test_electron_spectra(tmp_path, name):
    """The highest point of Pb 4f lies at 138.0 eV; a second region beside it has its own name and axis."""
    path = tmp_path / name
    path.write_text(REGIONS[name], encoding="utf-8")
    reader = recognise(path).reader
    assert reader is not None
    found = reader.read(path)
    tops = [float(m.data["binding_energy"][int(m.data["lab.xps_intensity"].values.argmax())]) for m in found]
    assert tops == pytest.approx([138.0] if name != "two.csv" else [138.0, 68.05])
    assert name in ("b.csv", "two.csv") or found[0].name == "Pb 4f"
    assert name != "two.csv" or [m.name for m in found] == ["Pb 4f", "Br 3d"]


WAVENUMBER = np.arange(4000.0, 399.0, -2.0)
BAND = 0.02 + 0.5 / (1 + ((WAVENUMBER - 1710.0) / 7.5) ** 2)
INFRARED = {
    "micrometres": table(["Wavelength (µm)", "Absorbance"], [1e4 / WAVENUMBER, BAND], digits=12),
    "keys above": "TITLE\ta\nDATA TYPE\tINFRARED SPECTRUM\nXUNITS\t1/CM\nYUNITS\t%T\nNPOINTS\t1801\nXYDATA\n"
    + "".join(f"{x:.3f}\t{100 * 10**-y:.6f}\n" for x, y in zip(WAVENUMBER, BAND, strict=True)),
}  # fmt: skip


@pytest.mark.parametrize("layout", INFRARED)
def test_infrared_tables(tmp_path, layout):
    """A Lorentzian band of absorbance 0.5 at 1710 cm-1, from wavelengths or from per cent of transmittance."""
    path = tmp_path / "a.txt"
    path.write_text(INFRARED[layout], encoding="utf-8")
    reader = recognise(path).reader
    assert reader is not None
    (found,) = reader.read(path)
    passed = found.data.get("lab.ftir_transmittance")
    values = found.data["lab.ftir_absorbance"].to_numpy() if passed is None else -np.log10(passed.to_numpy())
    assert (passed is not None) == (layout == "keys above")
    assert values.max() == pytest.approx(0.52, abs=1e-5)
    assert float(found.data["wavenumber"][values.argmax()]) == pytest.approx(171000.0, rel=1e-6)


# EL spectra and quantum yield ----------------------------------------------------------------------------------------

LINE = np.exp(-4 * np.log(2) * ((WAVE - 517) / 16.1) ** 2)


@pytest.mark.parametrize(
    "names", [["Wavelength (nm)", "3 V", "4 V", "5 V"], ["Wavelength (nm)", "V=3.0", "V=4.0", "V=5.0"],
              ["Wavelength (nm) / Voltage (V)", "3", "4", "5"], None],
)  # fmt: skip
def test_spectra_against_voltage(tmp_path, names):
    """Three spectra of one device whose columns, or rows, are voltages: one measurement with that axis."""
    path = tmp_path / "D1_EL.csv"
    spectra = [LINE, 2 * LINE, 3 * LINE]
    rows = table(["Voltage (V)", *(f"{w:g}" for w in WAVE)], [[3, 4, 5], *np.transpose(spectra)])
    path.write_text(rows if names is None else table(names, [WAVE, *spectra]))
    reader = recognise(path).reader
    assert reader is not None
    (found,) = reader.read(path)
    np.testing.assert_allclose(found.data["voltage"], [3, 4, 5])
    np.testing.assert_allclose(found.data["lab.el_counts"], spectra, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("one", [True, False])
def test_quantum_yield_of_blank_indirect_direct(tmp_path, one):
    """Photon spectra of a film with absorptance 0.4 and yield 0.8, written as signal = photons / wavelength, in one
    table or in three files of these names: the yield comes back to the tails of the lines, 1 %."""
    grid = np.arange(350.0, 651.0, 1.0)
    laser, glow = np.exp(-(((grid - 405) / 2) ** 2)), np.exp(-(((grid - 517) / 9) ** 2))
    glow = glow / np.trapezoid(glow, grid) * np.trapezoid(laser, grid)
    stray = 0.8 * 0.4 * 0.05
    spectra = {
        "Blank": laser,
        "Indirect": 0.95 * laser + stray * glow,
        "Direct": 0.95 * 0.6 * laser + (0.8 * 0.4 + 0.6 * stray) * glow,
    }
    signal = {name: 1e6 * values / grid for name, values in spectra.items()}
    folder = tmp_path / "PLQY"
    folder.mkdir()
    if one:
        (folder / "film.csv").write_text(table(["Wavelength (nm)", *signal], [grid, *signal.values()]))
    else:
        for name, values in signal.items():
            (folder / f"{name.lower()}.txt").write_text(table(["Wavelength (nm)", "Counts"], [grid, values]))
    assert peqled.read(folder).value("plqy_pct") == pytest.approx(80.0, rel=0.01)


def test_a_folder_of_single_carrier_devices(tmp_path):
    """A dark curve in a folder SCLC is one, whatever its file is called: mobility of 9/8 eps mu V^2/L^3."""
    folder = tmp_path / "SCLC"
    folder.mkdir()
    volts = np.linspace(0.05, 8.0, 160)
    density = 9 / 8 * 3.5 * 8.8541878e-12 * 1e-8 * volts**2 / 100e-9**3
    (folder / "dev1.csv").write_text(table(["Voltage (V)", "Current density (mA/cm2)"], [volts, density / 10]))
    reading = peqled.read(folder, settings={"thickness": "100 nm", "permittivity": 3.5})
    assert reading.value("mobility_cm2_vs") == pytest.approx(1e-4, rel=0.01)


def test_current_of_a_source_meter_is_in_ampere(tmp_path):
    """A column ``Current`` without a unit is a current, whose density needs the area: mobility of 9/8 eps mu V^2/L^3;
    without the area it is refused, not taken for mA/cm2."""
    volts = np.linspace(0.05, 8.0, 160)
    density = 9 / 8 * 3.5 * 8.8541878e-12 * 1e-8 * volts**2 / 100e-9**3
    content = "Instrument Name,2450\n\n" + table(
        ["Relative Time", "Voltage", "Current"], [volts, volts, 4e-6 * density]
    )
    (tmp_path / "HOD_100nm.csv").write_text(content)
    told = {"permittivity": 3.5, "area": "4 mm^2"}
    assert peqled.read(tmp_path, settings=told).value("mobility_cm2_vs") == pytest.approx(1e-4, rel=0.01)
    (row,) = peqled.read(tmp_path).find("mobility_cm2_vs")
    assert row.value == "refused"
    assert "AREA" in row.flags
