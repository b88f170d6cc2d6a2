"""Quantum yields: the three-measurement balance against spectra made from a known yield, statistics, absolute files."""

import numpy as np
import pytest

from peqled.lab.plqy.absolute import excitation_flux, luminescence_yield, rounding_share
from peqled.lab.plqy.combinations import weighted_yield
from peqled.lab.plqy.reabsorption import corrected, reabsorbed_share
from peqled.lab.plqy.three_measurement import Band, Sphere, photons, quantum_yield
from peqled.lab.readers.sphere_spectra import role_of
from peqled.lab.reading import read

LASER, LINE = 400e-9, 517e-9


def spectra(eta, absorbed, indirect, *, noise=0.0, seed=0, laser=1e6):
    """Photon spectra of the three measurements for a yield and two absorbed shares; the response is 1 +
    lambda/micron."""
    x = np.arange(380.0, 621.0) * 1e-9
    rng = np.random.default_rng(seed)
    excitation = np.exp(-0.5 * ((x - LASER) / 1.5e-9) ** 2)
    emission = np.exp(-0.5 * ((x - LINE) / 8e-9) ** 2)
    excitation, emission = (s / np.trapezoid(s, x) for s in (excitation, emission))
    left = {"a": 1.0, "b": 1.0 - indirect, "c": (1.0 - absorbed) * (1.0 - indirect)}
    taken = {key: 1.0 - share for key, share in left.items()}
    response = 1.0 / (1.0 + x * 1e6)
    found = {}
    for key in "abc":
        photon = laser * (left[key] * excitation + eta * taken[key] * emission)
        signal = photon / (response * x)
        found[key] = signal + noise * rng.normal(size=x.size)
    return x, found, response


@pytest.mark.parametrize(("eta", "absorbed"), [(0.93, 0.65), (0.2, 0.1), (1.0, 0.999)])
def test_balance_returns_the_yield_it_was_made_with(eta, absorbed):
    """De Mello's two unknowns are exact for ideal spectra; limits 3 % below the tails of the bands cost 1e-6."""
    x, s, response = spectra(eta, absorbed, 0.3)
    band = {k: photons(x, s[k], response, (385e-9, 420e-9)) for k in "abc"}
    light = {k: photons(x, s[k], response, (450e-9, 610e-9)) for k in "bc"}
    found = quantum_yield(Sphere(band["a"], band["b"], band["c"], light["b"], light["c"]))
    assert found.absorptance == pytest.approx(absorbed, rel=1e-5)
    assert found.eta == pytest.approx(eta, rel=1e-5)


def test_uncertainty_by_repeats():
    """Propagated errors of A and eta against the scatter of 200 noisy sets, within 25 %."""
    found = []
    for seed in range(200):
        x, s, response = spectra(0.8, 0.5, 0.3, noise=3e17, seed=seed)
        band = {k: photons(x, s[k], response, (382e-9, 440e-9)) for k in "abc"}
        light = {k: photons(x, s[k], response, (450e-9, 610e-9)) for k in "bc"}
        found.append(quantum_yield(Sphere(band["a"], band["b"], band["c"], light["b"], light["c"])))
    etas = [y.eta for y in found]
    assert np.median([y.eta_u for y in found]) == pytest.approx(np.std(etas), rel=0.25)


def test_weighted_mean_of_combinations():
    """Identical runs return themselves; scattered ones a mean inside their range with u of the mean."""
    run = Sphere(Band(100, 1), Band(90, 1), Band(45, 1), Band(5, 0.5), Band(40, 0.5))
    assert weighted_yield([run, run]).eta == pytest.approx(quantum_yield(run).eta, rel=1e-9)
    runs = [run._replace(pc=Band(40 + d, 0.5)) for d in (-2, 0, 2)]
    each = [quantum_yield(r).eta for r in runs]
    found = weighted_yield(runs)
    assert min(each) < found.eta < max(each)
    assert found.eta_u == pytest.approx(np.std(each, ddof=1) / np.sqrt(3), rel=1e-9)


def test_reabsorption():
    """A unit yield stays 1, none stays none; a half taken back at 2/3 observed: eta' = (2/3)/(1/2 + 1/3) = 0.8. The
    share comes back from a spectrum whose blue half is cut."""
    assert corrected(1.0, 0.4) == pytest.approx(1.0)
    assert corrected(2 / 3, 0.5) == pytest.approx(0.8)
    x = np.linspace(480e-9, 600e-9, 481)
    dilute = np.exp(-0.5 * ((x - LINE) / 8e-9) ** 2)
    seen = 3.0 * dilute * np.where(x < LINE, 0.6, 1.0)
    assert reabsorbed_share(x, seen, dilute, tail_from=525e-9) == pytest.approx(0.2, abs=5e-3)


@pytest.mark.parametrize(
    ("stem", "role"),
    [
        ("A1", ("a", "1", "")),
        ("c2", ("c", "2", "")),
        ("CF", ("response", "", "")),
        ("film3_blank", ("a", "", "film3")),
        ("film3_indirect_em", ("b", "2", "film3")),
        ("film3 direct ex", ("c", "1", "film3")),
        ("filmX_b", ("b", "", "filmX")),
        ("notes", None),
    ],
)
def test_roles_of_names(stem, role):
    assert role_of(stem) == role


def write(path, x, y):
    path.write_text("\r\n".join(f"{a * 1e9:.0f}\t{b:.6e}" for a, b in zip(x, y, strict=True)))


def sets(folder, runs, **options):
    for k, eta in enumerate(runs, 1):
        below = folder / str(k)
        below.mkdir(parents=True)
        x, s, response = spectra(eta, options.get("absorbed", 0.6), 0.3, noise=options.get("noise", 1e9), seed=k)
        low, high = x < 430e-9, x > 450e-9
        for role, band, part in (("A", 1, low), ("B", 1, low), ("C", 1, low), ("B", 2, high), ("C", 2, high)):
            write(below / f"{role}{band}.txt", x[part], s[role.lower()][part])
    if options.get("response", True):
        write(folder / "CF.txt", x, response * 1e6)


def test_runs_in_folders(tmp_path):
    """Three runs of 88, 90 and 92 % with one response above them: each, mean, both standard deviations."""
    sets(tmp_path / "plqy", [0.88, 0.90, 0.92])
    found = read(tmp_path)
    for run, eta in zip("123", (88, 90, 92), strict=True):
        assert found.value("plqy_pct", sample=run) == pytest.approx(eta, abs=0.05)
    assert found.value("plqy_mean_pct") == pytest.approx(90.0, abs=0.05)
    assert found.value("plqy_sd_pct") == pytest.approx(2.0, abs=0.05)
    assert found.value("plqy_sd_population_pct") == pytest.approx(2.0 * np.sqrt(2 / 3), abs=0.05)
    assert found.value("plqy_weighted_mean_pct") == pytest.approx(90.0, abs=0.3)
    assert found.find("plqy_pct", sample="1")[0].flags == ()


def test_whole_spectra_are_split_at_the_laser(tmp_path):
    """One file per measurement over both bands, named by words, reabsorbed share given."""
    x, s, response = spectra(0.7, 0.5, 0.2)
    for role, word in (("a", "blank"), ("b", "indirect"), ("c", "direct")):
        write(tmp_path / f"plqy film_{word}.txt", x, s[role])
    write(tmp_path / "plqy response.txt", x, response * 1e6)
    found = read(tmp_path, settings={"reabsorbed_share": 0.2})
    assert found.value("plqy_pct") == pytest.approx(70.0, abs=0.1)
    assert found.value("absorptance_pct") == pytest.approx(50.0, abs=0.1)
    assert found.value("plqy_reabsorption_corrected_pct") == pytest.approx(70 / 0.94, abs=0.1)


def test_verdicts(tmp_path):
    """Above 100 %; absorptance in the noise; no response; a set with a missing file."""
    sets(tmp_path / "over", [1.05])
    assert "PLQY_100" in read(tmp_path / "over").find("plqy_pct")[0].flags
    sets(tmp_path / "thin", [0.5], absorbed=0.004, noise=1e19)
    assert "PLQY_A" in read(tmp_path / "thin").find("plqy_pct")[0].flags
    sets(tmp_path / "raw", [0.5], response=False)
    assert "SPEC_UNCAL" in read(tmp_path / "raw").find("plqy_pct")[0].flags
    (tmp_path / "over" / "1" / "C2.txt").unlink()
    (row,) = read(tmp_path / "over").find("plqy_pct")
    assert row.value == "refused"
    assert "c (emission)" in row.note


def test_absolute_law():
    """20 mA/cm2 at one sun and 80 % are 1.56e21 photons per m2 and s; a flux of 1e-3 of it is 0.1 %; zero suns
    refuse."""
    flux = excitation_flux(suns=1.0, current_density=200.0, laser_eqe=0.8)
    assert flux == pytest.approx(200.0 / 1.602176634e-19 / 0.8, rel=1e-12)
    assert luminescence_yield(1e-3 * flux, flux) == pytest.approx(1e-3)
    assert np.isnan(luminescence_yield(1.0, excitation_flux(suns=0.0, current_density=200.0, laser_eqe=0.8)))
    assert rounding_share("2.0") == pytest.approx(0.05 / np.sqrt(3) / 2)
    assert np.isinf(rounding_share("0.00"))


def luqy(path, suns, *, columns=1, encoding="latin-1"):
    """Absolute-PL text: key and value, dashes, table; the flux integrates to 1 % of one sun's photons times the
    suns."""
    x = np.arange(450.0, 601.0)
    unit = np.exp(-0.5 * ((x - 517) / 8) ** 2)
    per_cm2 = 0.01 * 20e-3 / 1.602176634e-19 / 0.8
    values = [per_cm2 * s * unit / np.trapezoid(unit, x) for s in suns]
    line = lambda key, items: key + "\t" + "\t".join(items) + "\n"  # noqa: E731
    text = "8/27/2025 2:03:00 PM\n" + line("Laser intensity (suns)", [f"{s:.2f}" for s in suns])
    text += line("EQE @ laser wavelength", ["0.8"] * columns) + line("Jsc (mA/cm²)", ["20.0"] * columns)
    text += line("LuQY (%)", ["1.0"] * columns) + line("Bandgap (eV)", ["2.40"] * columns) + "--------\n\n"
    text += (
        "Wavelength (nm)" + "\tLuminescence flux density (photons/(s cm² nm))\tRaw spectrum (counts)" * columns + "\n"
    )
    rows = ["\t".join([f"{w:g}", *(f"{v[i]:.5e}\t{10 * v[i] / per_cm2:.4f}" for v in values)]) for i, w in enumerate(x)]
    path.write_text(text + "\n".join(rows), encoding=encoding)


def test_absolute_files(tmp_path):
    """Recomputed yield 1 %; a printed 0.00 suns is refused; two measurements side by side."""
    luqy(tmp_path / "one.txt", [1.0])
    found = read(tmp_path / "one.txt")
    assert found.value("luqy_pct") == pytest.approx(1.0, rel=1e-3)
    assert found.value("luqy_instrument_pct") == 1.0
    luqy(tmp_path / "dim.txt", [0.004])
    (row,) = read(tmp_path / "dim.txt").find("luqy_pct")
    assert row.value == "refused"
    luqy(tmp_path / "two.txt", [1.0, 0.5], columns=2)
    two = read(tmp_path / "two.txt")
    assert [row.value for row in two.find("luqy_pct")] == pytest.approx([1.0, 1.0], rel=1e-3)


def test_reabsorption_against_a_dilute_spectrum(tmp_path):
    """The blue flank of the emission is cut by 40 % in the sample; the dilute spectrum gives the share back (20 % of
    the line within 1 %) and with it the yield it was made with before the cut: 0.7 observed is 0.7/(0.8 + 0.2 x
    0.7)."""
    x, s, response = spectra(0.7 / 0.8, 0.5, 0.0)
    cut = np.where((x > 450e-9) & (x < LINE), 0.6, np.where(x == LINE, 0.8, 1.0))
    for role, word in (("a", "blank"), ("b", "indirect"), ("c", "direct")):
        write(tmp_path / f"plqy film_{word}.txt", x, s[role] * (cut if role == "c" else 1.0))
    write(tmp_path / "plqy film_dilute.txt", x, np.exp(-0.5 * ((x - LINE) / 8e-9) ** 2) / (response * x))
    write(tmp_path / "plqy response.txt", x, response * 1e6)
    found = read(tmp_path)
    assert found.value("reabsorbed_share_pct") == pytest.approx(20, abs=1)
    assert found.value("plqy_pct") == pytest.approx(70, abs=0.5)
    assert found.value("plqy_reabsorption_corrected_pct") == pytest.approx(100 * 0.7 / (0.8 + 0.2 * 0.7), abs=1)


def test_two_measurements(tmp_path):
    """Without b, and with no indirect absorption, the two-measurement balance is exact; its convention says so."""
    x, s, response = spectra(0.7, 0.5, 0.0)
    for role, word in (("a", "blank"), ("c", "direct")):
        write(tmp_path / f"plqy film_{word}.txt", x, s[role])
    write(tmp_path / "plqy response.txt", x, response * 1e6)
    (row,) = read(tmp_path).find("plqy_pct")
    assert row.value == pytest.approx(70.0, abs=0.1)
    assert "two measurements" in row.convention
