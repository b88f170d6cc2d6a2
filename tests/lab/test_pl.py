"""Emission, absorption and maps: closed forms for Jacobian, lines, edges and trends, and files of every dialect."""

import numpy as np
import pytest

from peqled.lab.pl.baseline import baseline
from peqled.lab.pl.edge import exciton_peak, scattering, steepest_fall, tauc
from peqled.lab.pl.energy import LIGHT_EV, to_energy
from peqled.lab.pl.lines import count_lines
from peqled.lab.pl.track import band_signal, frame, trend
from peqled.lab.reading import read
from peqled.lab.spectrum.peak import line

NM = 1e-9
X = np.arange(450.0, 601.0, 0.5) * NM


def gauss(x, centre, fwhm):
    return np.exp(-4 * np.log(2) * ((x - centre) / fwhm) ** 2)


def test_jacobian_moves_the_peak_by_two_variances_over_the_energy():
    """Gaussian in energy at 2.4 eV, s 0.05 eV, seen per wavelength: peak moves by 2 s^2/E = 2.08 meV to the blue
    (first order, error s^4/E^3 below 1e-6 eV); turned back it is where it was, and areas agree."""
    x = np.linspace(400, 700, 30001) * NM
    e = LIGHT_EV / x
    per_energy = np.exp(-0.5 * ((e - 2.4) / 0.05) ** 2)
    per_wavelength = per_energy * LIGHT_EV / x**2
    assert LIGHT_EV / x[np.argmax(per_wavelength)] - 2.4 == pytest.approx(2 * 0.05**2 / 2.4, abs=3e-5)
    energy, back = to_energy(x, per_wavelength)
    assert energy[np.argmax(back)] == pytest.approx(2.4, abs=2e-4)
    np.testing.assert_allclose(back, per_energy[::-1], rtol=1e-12)
    assert np.trapezoid(back, energy) == pytest.approx(np.trapezoid(per_wavelength, x), rel=1e-6)


def test_baseline():
    """A line on a slope is freed of it; a spectrum cut in its flank is left alone; least squares follows a curved
    ground."""
    y = gauss(X, 517 * NM, 18 * NM)
    slope = 0.05 + 0.05 * (X - X[0]) / np.ptp(X)
    np.testing.assert_allclose(baseline(X, y + slope), slope, atol=2e-3)
    assert not np.any(baseline(X[X > 515 * NM], y[X > 515 * NM]))
    curved = 0.1 * ((X - X[0]) / np.ptp(X)) ** 2
    assert np.max(np.abs(baseline(X, y + curved, "asls") - curved)) < 0.05


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_number_of_lines(noise):
    """Two lines 60 meV apart of 50 and 60 meV width, and a single one: the BIC finds two and one; centres within 3
    meV."""
    rng = np.random.default_rng(0)
    e = np.linspace(2.1, 2.7, 400)
    two = gauss(e, 2.36, 0.05) + 0.6 * gauss(e, 2.44, 0.06)
    kept, every = count_lines(e, two + noise * rng.normal(size=e.size))
    assert len(every) == 3
    np.testing.assert_allclose(kept.centres, [2.36, 2.44], atol=3e-3)
    single, _ = count_lines(e, gauss(e, 2.4, 0.08) + max(noise, 1e-4) * rng.normal(size=e.size))
    assert single.centres.size == 1


def test_tauc_of_a_direct_gap():
    """A E = sqrt(E - 2.4): the line through (A E)^2 cuts at 2.4 eV exactly; a Rayleigh ground is removed above the
    edge."""
    x = np.arange(350.0, 701.0) * NM
    e = LIGHT_EV / x
    a = np.sqrt(np.maximum(e - 2.4, 0.0)) / e
    assert tauc(x, a).gap == pytest.approx(2.4, abs=2e-3)
    ground = 0.02 + 0.1 * (x / (500 * NM)) ** -4
    assert tauc(x, a + ground - scattering(x, a + ground, above=550 * NM)).gap == pytest.approx(2.4, abs=5e-3)


def test_exciton_on_a_slope():
    """Gaussian of 25 nm at 505 nm on a steep band: the maximum moves to the blue, the second derivative stays within
    2 nm; beyond the edge the noise makes no peak."""
    x = np.arange(350.0, 701.0) * NM
    rng = np.random.default_rng(1)
    band = 1.0 / (1 + np.exp((x - 470 * NM) / (12 * NM)))
    found = exciton_peak(x, band + 0.3 * gauss(x, 505 * NM, 25 * NM) + 1e-4 * rng.normal(size=x.size))
    assert found.second / NM == pytest.approx(505, abs=2)
    flat = exciton_peak(x, 2e-4 * rng.normal(size=x.size) + band)
    assert not flat.parabola > 500 * NM


def test_frame_with_a_cut_flank():
    """Peak 10 nm before the end of the axis on a high ground: no width, but the top gives the peak within 0.5 nm."""
    x = np.arange(480.0, 561.0) * NM
    found = frame(x, 1.0 + gauss(x, 550 * NM, 30 * NM))
    assert found.cut
    assert found.peak / NM == pytest.approx(550, abs=0.5)
    assert np.isnan(found.width)


def test_trend_verdicts():
    """Growth 2 nm/s for 10 s, then shrinking 0.1 nm/s, read to 0.2 nm: both slopes within four errors; flat noise is
    no shift."""
    t = np.arange(0.0, 41.0)
    peak = np.where(t < 10, 480 + 2 * t, 500 - 0.1 * (t - 10)) * NM
    rng = np.random.default_rng(2)
    found = trend(t, peak + 0.2 * NM * rng.normal(size=t.size), np.full(t.size, 0.2 * NM))
    assert found.verdict == "red shift (growth), then blue shift (shrinking)"
    assert found.turn == pytest.approx(10, abs=2)
    assert abs(found.late + 0.1 * NM) < 4 * found.late_u
    still = trend(t, 500 * NM + 0.2 * NM * rng.normal(size=t.size), np.full(t.size, 0.2 * NM))
    assert "growth" not in still.verdict or "shrinking" not in still.verdict
    assert trend(t[:3], peak[:3], np.ones(3)).verdict == "too few frames"


def test_band_of_clusters():
    """A bump of 20 counts at 430 nm on 100: seen; without it below three sigma; outside the axis nothing is said."""
    x = np.arange(360.0, 601.0) * NM
    rng = np.random.default_rng(3)
    ground = 100 + rng.normal(size=x.size)
    value, u = band_signal(x, ground + 20 * gauss(x, 430 * NM, 25 * NM))
    assert value > 3 * u
    value, u = band_signal(x, ground)
    assert abs(value) < 3 * u
    assert np.isnan(band_signal(X, np.ones(X.size))[0])


# Files --------------------------------------------------------------------------------------------------------------


def rows(x, *columns, sep=",", dec="."):
    return "\n".join(sep.join(f"{v:.6f}".replace(".", dec) for v in row) for row in zip(x / NM, *columns, strict=True))


LINE = 1000 * gauss(X, 517 * NM, 18 * NM)


@pytest.mark.parametrize("dialect", ["plain", "descending german", "bare", "utf-16", "micrometre"])
def test_emission_files(tmp_path, dialect):
    """The same line through every dialect: peak 517 nm, width 18 nm, and what follows from them in meV."""
    name, encoding = "film PL.csv", "utf-8"
    if dialect == "plain":
        text = "Wavelength (nm),PL intensity (a.u.)\n" + rows(X, LINE)
    elif dialect == "descending german":
        text, encoding = "Wellenlänge [nm];Intensität PL\n" + rows(X[::-1], LINE[::-1], sep=";", dec=","), "cp1252"
    elif dialect == "bare":
        text = rows(X, LINE, sep="\t")
    elif dialect == "utf-16":
        text, encoding = "Wavelength\tEmission\nnm\ta.u.\n" + rows(X, LINE, sep="\t"), "utf-16"
    else:
        text = "Wavelength (um),PL\n" + "\n".join(f"{a * 1e6:.5f},{b:.4f}" for a, b in zip(X, LINE, strict=True))
    (tmp_path / name).write_text(text, encoding=encoding)
    found = read(tmp_path)
    assert found.value("peak_nm_fit") == pytest.approx(517, abs=0.05)
    assert found.value("peak_nm_argmax") == pytest.approx(517, abs=0.1)
    assert found.value("fwhm_nm_halfheight") == pytest.approx(18, abs=0.05)
    assert found.value("fwhm_mev") == pytest.approx(1239.84 * 18 / 517**2 * 1e3, rel=0.005)
    assert found.value("n_lines") == 1
    assert "SLIT" in found.find("fwhm_nm_halfheight")[0].flags
    (measurement,) = found.measurements
    assert float(np.trapezoid(measurement.data["nanocrystal.pl"], measurement.data["wavelength"])) == pytest.approx(
        1.0, rel=1e-3
    )


def test_slit_correction(tmp_path):
    """18 nm through a 5 nm slit: sqrt(18^2 - 5^2) = 17.29 nm; a 12 nm slit is above half of the width."""
    (tmp_path / "PL.csv").write_text("Wavelength (nm),PL\n" + rows(X, LINE))
    found = read(tmp_path, settings={"slit": "5 nm"})
    assert found.value("fwhm_nm_slitcorr") == pytest.approx(np.sqrt(18**2 - 25), abs=0.05)
    assert "SLIT" not in found.find("fwhm_nm_halfheight")[0].flags
    assert "SLIT" in read(tmp_path, settings={"slit": "12 nm"}).find("fwhm_nm_halfheight")[0].flags


def test_coarse_step_is_flagged(tmp_path):
    x = np.arange(450.0, 601.0, 5) * NM
    (tmp_path / "PL.csv").write_text("Wavelength (nm),PL\n" + rows(x, 1000 * gauss(x, 517 * NM, 18 * NM)))
    assert "SPEC_STEP" in read(tmp_path).find("fwhm_nm_halfheight")[0].flags


@pytest.mark.parametrize("kind", ["pairs", "transmittance", "log"])
def test_absorption_files(tmp_path, kind):
    """Two samples as wavelength pairs, transmittance in %, and a log with numbers below descending data."""
    x = np.arange(350.0, 701.0) * NM
    a = 0.8 / (1 + np.exp((x - 500 * NM) / (8 * NM)))
    if kind == "pairs":
        text = "dots A,,dots B,\nWavelength (nm),Abs,Wavelength (nm),Abs\n" + "\n".join(
            f"{p / NM:.1f},{q:.5f},{p / NM:.1f},{q / 2:.5f}" for p, q in zip(x[::-1], a[::-1], strict=True)
        )
    elif kind == "transmittance":
        text = "Wavelength (nm)\tTransmittance (%)\n" + rows(x, 100 * 10.0**-a, sep="\t")
    else:
        log = "\n".join(["", "Scan settings,", "Start (nm), Old:  200.0", "Time, 12:03:01", "Baseline,   0.0"])
        text = "\ufeffWavelength (nm),film abs\n" + rows(x[::-1], a[::-1]) + "\n" + log
    (tmp_path / "uvvis.csv").write_text(text, encoding="utf-8")
    found = read(tmp_path)
    tops = sorted(row.value for row in found.find("absorbance_max"))
    assert tops == pytest.approx([0.4, 0.8] if kind == "pairs" else [0.8], abs=1e-3)
    assert {m.kind for m in found.measurements} == {"absorption"}
    if kind == "pairs":
        assert {m.name for m in found.measurements} == {"dots A", "dots B"}
    if kind == "log":
        assert found.find("n_rows")[0].value == 351
        assert "ignored" in found.files[0].notes


@pytest.mark.parametrize("layout", ["columns", "rows", "bare numbers"])
def test_maps(tmp_path, layout):
    """A line growing from 500 to 540 nm in ten frames: track within 0.1 nm, shift 40 nm, growth."""
    x = np.arange(460.0, 601.0) * NM
    time = np.arange(10) * 30.0 + 30
    spectra = [500 * gauss(x, (500 + 40 * k / 9) * NM, 30 * NM) for k in range(10)]
    if layout == "rows":
        head = "time (s)," + ",".join(f"{v / NM:.0f}" for v in x)
        text = (
            head + "\n" + "\n".join(",".join(f"{v:.4f}" for v in [t, *s]) for t, s in zip(time, spectra, strict=True))
        )
    else:
        names = [f"{t:g}" if layout == "bare numbers" else f"{t:g} s reaction " for t in time]
        text = "\ufeffWavelength (nm)," + ",".join(names) + "\r\n" + rows(x, *spectra)
    (tmp_path / "run FL emission.csv").write_text(text, encoding="utf-8")
    found = read(tmp_path)
    (measurement,) = found.measurements
    assert measurement.kind == "insitu_map"
    assert dict(measurement.data.sizes) == {"time": 10, "insitu_wavelength": 141}
    peaks = [row.value for row in found.find("peak_nm_fit")]
    np.testing.assert_allclose(peaks, 500 + 40 * np.arange(10) / 9, atol=0.1)
    assert found.value("peak_shift_nm") == pytest.approx(40, abs=0.2)
    assert found.find("growth_verdict")[0].value == "red shift (growth)"
    assert ("READ_UNIT" in found.find("peak_shift_nm")[0].flags) == (layout == "bare numbers")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Wavelength (nm),PL\n",
        b"Wavelength (nm),PL\n450,x\n451,y\n",
        b"\x00\xff" * 3000,
        b"=cmd|' /C calc'!A0,PL\n1,2\n",
    ],
)
def test_garbage_is_listed(tmp_path, content):
    (tmp_path / "PL.csv").write_bytes(content)
    (entry,) = read(tmp_path).files
    assert entry.status in ("not recognised", "failed")
    assert entry.reason


def test_tauc_ignores_the_slow_rise_above_the_gap():
    """A sigmoid edge 8 nm wide at 500 nm on constant absorbance with 0.1 % noise: the gap lies below the edge (2.48
    eV) by less than 0.1 eV, not at half of the photon energy where tangents to E^2 cut the axis."""
    x = np.arange(350.0, 801.0) * NM
    a = 1 / (1 + np.exp((x - 500 * NM) / (8 * NM))) + 1e-3 * np.random.default_rng(0).normal(size=x.size)
    assert 2.35 < tauc(x, a).gap < 2.48


def test_keys_in_the_header(tmp_path):
    """A header of keys (Edinburgh style) whose last row looks like names: the axis is still the first column."""
    text = "Labels,film\nType,Emission Scan\nXaxis,Wavelength(nm)\nYaxis,Counts\n\n" + rows(X, LINE)
    (tmp_path / "sample 7.txt").write_text(text)
    assert read(tmp_path).value("peak_nm_fit") == pytest.approx(517, abs=0.05)


def test_energy_axis(tmp_path):
    """Values per energy are turned into one per wavelength: its peak in eV comes back: 2.4 eV, 80 meV."""
    e = np.linspace(2.1, 2.7, 300)
    text = "Energy (eV),PL\n" + "\n".join(
        f"{a:.5f},{b:.5f}" for a, b in zip(e, 1000 * gauss(e, 2.4, 0.08), strict=True)
    )
    (tmp_path / "PL.csv").write_text(text)
    found = read(tmp_path)
    assert found.value("peak_ev_fit") == pytest.approx(2.4, abs=1e-3)
    assert found.value("fwhm_mev_halfheight") == pytest.approx(80, abs=0.5)
    assert found.value("peak_nm_fit") < LIGHT_EV / 2.4 / NM


def test_skewed_line_is_fitted_near_its_top():
    """A line at 500 nm (FWHM 30) with a shoulder at 535 nm of two thirds its height and twice its width: the top of the
    sum, found on a grid of 1 pm, is met to 1 nm, though a symmetric curve on the upper half lies 5 nm beside it. A
    single Gaussian is fitted on its upper half."""

    def shape(x):
        return gauss(x, 500 * NM, 30 * NM) + 0.66 * gauss(x, 535 * NM, 60 * NM)

    fine = np.arange(490.0, 530.0, 0.001) * NM
    top = fine[np.argmax(shape(fine))]
    x = np.arange(400.0, 700.0, 1.0) * NM
    found = line(x, shape(x))
    assert abs(found.fit - top) < 1.0 * NM
    assert found.fit_level > 0.5
    half = shape(x) > 0.5 * shape(top)
    assert abs(np.average(x[half]) - top) > 5 * NM
    assert line(x, gauss(x, 517 * NM, 18 * NM)).fit_level == 0.5


def test_steepest_fall_of_a_logistic_edge():
    """A = 1/(1 + exp((x - 512)/5)) on a Rayleigh ground: its slope is largest at 512 nm; the ground moves it by less
    than 0.1 nm, the step is 1 nm. Nothing but scattering has no edge."""
    x = np.arange(400.0, 700.0, 1.0) * NM
    ground = 0.2 * (x / (400 * NM)) ** -4
    position, _ = steepest_fall(x, 1 / (1 + np.exp((x - 512 * NM) / (5 * NM))) + ground)
    assert position == pytest.approx(512 * NM, abs=0.34 * NM)
    assert np.isnan(steepest_fall(x, ground)[0])
