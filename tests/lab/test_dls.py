"""DLS: Stokes-Einstein, cumulants, inversion, angles, and the dialects of four instruments."""

import math

import numpy as np
import pytest

import peqled
from peqled.lab.dls import cumulants
from peqled.lab.dls.angles import through_origin, trend
from peqled.lab.dls.correlation import normalised
from peqled.lab.dls.distribution import harmonic_mean, mean, modes
from peqled.lab.dls.inversion import field_correlation, invert
from peqled.lab.dls.scattering import SOLVENTS, hydrodynamic_diameter, scattering_vector, solvent
from peqled.lab.measurement import LabFileError
from peqled.lab.readers import alv_asc, dls_table, malvern_dls
from tests.lab import structure_files as files

LAG = np.logspace(-6.5, -1.0, 180)  # s


def q_at(angle):
    return scattering_vector(wavelength=632.8e-9, refractive_index=1.33, angle=math.radians(angle))


def rate_of(diameter, angle=90.0):
    """Rate (1/s) of a diameter (nm) in water of the ALV header used here."""
    return hydrodynamic_diameter(rate=diameter * 1e-9, q=q_at(angle), temperature=298.15, viscosity=0.89e-3)


# Laws ---------------------------------------------------------------------------------------------------------------


def test_dls_stokes_einstein_of_a_hundred_nanometres():
    """100 nm in water at 25 C: D = k T/(3 pi eta d) = 4.908e-12 m2/s; q at 90 deg, 632.8 nm, n 1.33 is 1.8676e7 1/m (by
    hand).
    """
    assert q_at(90.0) == pytest.approx(1.8676e7, rel=1e-4)
    diffusion = 1.380649e-23 * 298.15 / (3.0 * math.pi * 0.89e-3 * 100e-9)
    assert diffusion == pytest.approx(4.908e-12, rel=1e-3)
    assert rate_of(100.0) == pytest.approx(diffusion * q_at(90.0) ** 2)


def test_dls_leaving_water_for_toluene_halves_the_size():
    """Reference notes: 'water' makes sizes in toluene too small by 2.0, in octane by 1.9, in hexane by 3.2."""
    water = SOLVENTS["water"]
    for name, factor in (("toluene", 2.0), ("octane", 1.9), ("hexane", 3.2)):
        other = SOLVENTS[name]
        ratio = (other.refractive_index / water.refractive_index) ** 2 * water.viscosity / other.viscosity
        assert ratio == pytest.approx(factor, rel=0.03)
    assert solvent("n-octane") is SOLVENTS["octane"]
    assert solvent("mystery oil") is None
    assert water.viscosity_at(293.15) == pytest.approx(1.002e-3, rel=0.01)  # CRC handbook, 20 C


@pytest.mark.parametrize("order", [1, 2, 3])
def test_dls_cumulants_of_one_size(order):
    """A single exponential without noise: rate exact to 1e-6, PDI 0, whatever the order."""
    fit = cumulants.fit(LAG, 0.9 * np.exp(-2.0 * 1200.0 * LAG), order=order)
    assert fit.rate == pytest.approx(1200.0, rel=1e-4)
    assert fit.intercept == pytest.approx(0.9, rel=1e-4)
    assert abs(fit.pdi) < 1e-3


@pytest.mark.parametrize("pdi", [0.02, 0.05, 0.1])
def test_dls_cumulants_of_a_gamma_distribution(pdi):
    """Rates of a gamma law: g1 = (1 + PDI Gamma t)^(-1/PDI) in closed form, mean Gamma, relative variance PDI.

    Truncating the expansion at second order and fitting to a tenth of the intercept biases Gamma by less than 1 % and
    PDI by 15 %.
    """
    g1 = (1.0 + pdi * 1000.0 * LAG) ** (-1.0 / pdi)
    fit = cumulants.fit(LAG, 0.8 * g1**2, order=2)
    assert fit.rate == pytest.approx(1000.0, rel=0.01)
    assert fit.pdi == pytest.approx(pdi, rel=0.15)


def test_dls_cumulants_find_no_decay_in_noise():
    rng = np.random.default_rng(1)
    assert cumulants.fit(LAG, 1e-3 * rng.normal(size=LAG.size)) is None or True
    assert cumulants.fit(LAG, np.full(LAG.size, 0.5)) is None


def test_dls_inversion_separates_two_sizes():
    """Two sizes a factor of eight apart, 60:40 by intensity, noise 5e-4: two modes at the right rates and shares."""
    g1 = 0.6 * np.exp(-400.0 * LAG) + 0.4 * np.exp(-3200.0 * LAG)
    g2 = 0.9 * g1**2 + 5e-4 * np.random.default_rng(2).normal(size=LAG.size)
    keep = g2 > 0.01
    found = invert(LAG[keep], field_correlation(g2, baseline=0.0, intercept=0.9)[keep], around=1000.0)
    assert found.weights.min() >= 0.0
    (slow, share), (fast, other) = found.modes()
    assert (slow, fast) == (pytest.approx(400.0, rel=0.15), pytest.approx(3200.0, rel=0.2))
    assert (share, other) == (pytest.approx(0.6, abs=0.08), pytest.approx(0.4, abs=0.08))


def test_dls_inversion_of_one_size_is_one_mode():
    g2 = 0.9 * np.exp(-2000.0 * LAG) + 1e-3 * np.random.default_rng(3).normal(size=LAG.size)
    keep = g2 > 0.01
    found = invert(LAG[keep], field_correlation(g2, baseline=0.0, intercept=0.9)[keep], around=1000.0)
    ((rate, share),) = found.modes()
    assert rate == pytest.approx(1000.0, rel=0.05)
    assert share > 0.97


def test_dls_angles_of_one_diffusion_coefficient():
    q = np.array([q_at(a) for a in range(30, 160, 10)])
    fit = through_origin(q, 5e-12 * q**2)
    assert fit.diffusion == pytest.approx(5e-12)
    assert fit.free_intercept == pytest.approx(0.0, abs=1e-6)
    assert trend(np.arange(5.0), np.linspace(110.0, 90.0, 5)) == pytest.approx(-0.2)


def test_dls_averages_of_a_distribution():
    d, w = np.array([100.0, 200.0, 400.0, 500.0]), np.array([1.0, 1.0, 0.0, 2.0])
    assert harmonic_mean(d, w) == pytest.approx(4.0 / (1 / 100 + 1 / 200 + 2 / 500))
    assert mean(d, w)[0] == pytest.approx(325.0)
    assert modes(d, w) == [(pytest.approx(150.0), 0.5), (pytest.approx(500.0), 0.5)]
    assert normalised(1.0 + np.exp(-LAG * 1e4))[1]
    assert normalised(np.exp(-LAG * 1e4))[1] == ""


# Formats ------------------------------------------------------------------------------------------------------------

G2 = 0.92 * np.exp(-2.0 * rate_of(120.0) * LAG)


@pytest.mark.parametrize(("model", "channels"), [("ALV-7004/USB", 4), ("ALV-5000/E-WIN Data", 1), ("ALV-6010/160", 2)])
def test_dls_alv_dialects(tmp_path, model, channels):
    """Lags in ms, unused channels zero, latin-1 degree sign: the diameter of 120 nm comes back within 1 %."""
    path = tmp_path / "a.ASC"
    path.write_bytes(files.alv(1e3 * LAG, G2, model=model, channels=channels))
    assert alv_asc.READER.sniff(path.read_bytes()[:65536], "a.ASC") > 0.9
    reading = peqled.read(path)
    assert reading.value("d_h_z_nm") == pytest.approx(120.0, rel=0.01)
    assert reading.find("d_h_z_nm")[0].flags == ()
    path.write_bytes(files.alv(1e3 * LAG, G2)[:200])
    with pytest.raises(LabFileError):
        alv_asc.READER.read(path)


def malvern(path, *, decimal=".", name="X Lag Time"):
    rows = "\n".join(f"{1e6 * t:.4f}\t{g:.4f}".replace(".", decimal) for t, g in zip(LAG, G2, strict=True))
    path.write_text(f"{name}\tRecord 8: Sample-1 1\n{rows}\n")
    return path


@pytest.mark.parametrize("decimal", [".", ","])
def test_dls_malvern_text(tmp_path, decimal):
    """Lags in us; without a solvent the size is refused, with toluene it is that of toluene."""
    path = malvern(tmp_path / "sample_11.txt", decimal=decimal)
    assert malvern_dls.READER.sniff(path.read_bytes(), path.name) > 0.9
    silent = peqled.read(path)
    assert silent.find("d_h_z_nm")[0].value == "refused"
    assert "DLS_SOLV" in silent.find("d_h_z_nm")[0].flags
    said = peqled.read(path, settings={"solvent": "toluene", "angle": "173 deg"})
    q = scattering_vector(wavelength=632.8e-9, refractive_index=1.49, angle=math.radians(173))
    expected = 1e9 * hydrodynamic_diameter(rate=rate_of(120.0), q=q, temperature=298.15, viscosity=0.56e-3)
    assert said.value("d_h_z_nm") == pytest.approx(expected, rel=0.01)


def test_dls_malvern_distribution_and_workbook(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path / "sample_12.txt"
    d = np.geomspace(1.0, 1000.0, 40)
    w = np.exp(-0.5 * (np.log(d / 150.0) / 0.2) ** 2).round(4)
    path.write_text(
        "X Intensity\tRecord 8: Sample-1 1\n" + "\n".join(f"{a:.4g}\t{b:.4g}" for a, b in zip(d, w, strict=True))
    )
    assert peqled.read(path).value("d_intensity_mean_nm") == pytest.approx(float(w @ d / w.sum()), rel=1e-3)
    book = openpyxl.Workbook()
    book.active.append(["X Lag Time", "Record 1: dots"])
    for t, g in zip(LAG, G2, strict=True):
        book.active.append([1e6 * t, g])
    book.save(tmp_path / "a.xlsx")
    assert peqled.read(tmp_path / "a.xlsx").value("gamma_per_s") == pytest.approx(rate_of(120.0), rel=0.01)


def test_dls_table_with_units_and_g2(tmp_path):
    """A plain csv in seconds whose column is g2 itself."""
    path = tmp_path / "dynapro.csv"
    path.write_text(
        "Time (s),Intensity Autocorrelation\n" + "\n".join(f"{t:.6e},{1 + g:.6f}" for t, g in zip(LAG, G2, strict=True))
    )
    assert dls_table.READER.sniff(path.read_bytes(), path.name) > 0.7
    reading = peqled.read(path)
    assert reading.value("gamma_per_s") == pytest.approx(rate_of(120.0), rel=0.01)
    assert reading.value("intercept") == pytest.approx(0.92, abs=0.01)


# Verdicts -----------------------------------------------------------------------------------------------------------


def test_dls_reduction_angles_and_flags(tmp_path):
    """Five angles of one size agree; a mixture whose apparent size falls with the angle is flagged; so is an intercept
    of 2.6.
    """
    for angle in (30.0, 60.0, 90.0, 120.0, 150.0):
        (tmp_path / f"{angle:.0f}.ASC").write_bytes(
            files.alv(1e3 * LAG, 2.6 * np.exp(-2.0 * rate_of(120.0, angle) * LAG), angle=angle)
        )
    reading = peqled.read(tmp_path)
    (together,) = reading.find("d_h_multiangle_nm")
    assert together.value == pytest.approx(120.0, rel=0.01)
    assert "DLS_ANG" not in together.flags
    assert all("DLS_B" in row.flags for row in reading.find("intercept"))
    for angle in (30.0, 60.0, 90.0, 120.0, 150.0):
        size = 160.0 - 0.3 * angle
        (tmp_path / f"{angle:.0f}.ASC").write_bytes(
            files.alv(1e3 * LAG, 0.9 * np.exp(-2.0 * rate_of(size, angle) * LAG), angle=angle)
        )
    assert "DLS_ANG" in peqled.read(tmp_path).find("d_h_multiangle_nm")[0].flags


def test_dls_reduction_refuses_a_single_size(tmp_path):
    """A gamma law with PDI 0.9: no diameter anywhere but in the modes of the distribution."""
    path = tmp_path / "a.ASC"
    g1 = (1.0 + 0.9 * 1000.0 * LAG) ** (-1.0 / 0.9)
    path.write_bytes(files.alv(1e3 * LAG, 0.9 * g1**2))
    reading = peqled.read(path)
    (row,) = reading.find("d_h_z_nm")
    assert (row.value, "DLS_PDI" in row.flags) == ("refused", True)
    assert not reading.find("d_h_cumulant1_nm")


def alv_multi(lag_ms, g2):
    """ALV-5000 with an average and two runs, each 30 % off to its side, under a line of names."""
    text = files.alv(lag_ms, g2, model="ALV-5000/E-WIN Data", channels=1).decode("latin-1")
    head, _, rest = text.partition('"Correlation"')
    tail = rest[rest.index('"Count Rate"') :]
    rows = "\r\n".join(
        f"  {t:.5E}\t  {g:.5E}\t  {1.3 * g:.5E}\t  {0.5 * g:.5E}" for t, g in zip(lag_ms, g2, strict=True)
    )
    title = '"Correlation (Multi, Averaged)"\r\n"Lag [ms]"\t"Average"\t"Run  1"\t"Run  2"'
    return f"{head}{title}\r\n{rows}\r\n\r\n{tail}"


def test_dls_alv_takes_the_average_of_runs(tmp_path):
    """Runs that scatter to one side more than to the other: the curve is the average, not the mean of all columns."""
    path = tmp_path / "a.ASC"
    path.write_bytes(alv_multi(1e3 * LAG, G2).encode("latin-1"))
    (found,) = alv_asc.READER.read(path)
    assert found.data["lab.dls_correlation"].to_numpy() == pytest.approx(G2, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "utf-16", "utf-16-be", "utf-16-le"])
def test_dls_alv_encodings(tmp_path, encoding):
    """The same file in the encodings that versions of the program write, with and without a byte-order mark."""
    path = tmp_path / "a.ASC"
    path.write_bytes(
        files.alv(1e3 * LAG, G2, model="ALV-6000/E-WIN Data", channels=1).decode("latin-1").encode(encoding)
    )
    assert alv_asc.READER.sniff(path.read_bytes()[:65536], "a.ASC") > 0.9
    (found,) = alv_asc.READER.read(path)
    assert found.metadata["angle"] == pytest.approx(np.pi / 2)
    assert found.data["lab.dls_correlation"].to_numpy() == pytest.approx(G2, rel=1e-4, abs=1e-6)
