"""FTIR: five binary and text formats in their dialects, absorbance against transmittance, bands, candidates."""

import io

import numpy as np
import pytest

import peqled
from peqled.lab.ftir.assignments import candidates, sentence
from peqled.lab.ftir.bands import bands, noise_level, vertex
from peqled.lab.ftir.baseline import baseline
from peqled.lab.ftir.quantity import absorbance, decide
from peqled.lab.readers import bruker_opus, ftir_csv, galactic_spc, jcamp_dx, thermo_spa
from tests.lab import structure_files as files
from tests.lab.damage import read_or_refuse

GRID = np.linspace(600.0, 3800.0, 1601)
BANDS = ((2925.3, 24.0, 0.60), (2854.6, 18.0, 0.40), (1709.2, 20.0, 0.50), (1465.8, 12.0, 0.20))


def spectrum(grid=GRID):
    """Absorbance of four Gaussian bands (position, width, height) on a weak slope."""
    y = 0.02 + 1e-5 * (grid - 600.0)
    return y + sum(h * np.exp(-4.0 * np.log(2.0) * ((grid - p) / w) ** 2) for p, w, h in BANDS)


def numbers(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# Laws ---------------------------------------------------------------------------------------------------------------


def test_ftir_vertex_of_a_parabola_is_exact():
    """Points of y = 3 - 2 (x - 10.27)^2: vertex and height are those of the parabola, to rounding."""
    x = np.array([9.0, 10.0, 11.0, 12.0])
    position, height = vertex(x, 3.0 - 2.0 * (x - 10.27) ** 2, 1)
    assert (position, height) == (pytest.approx(10.27, abs=1e-12), pytest.approx(3.0, abs=1e-12))


def test_ftir_bands_of_known_positions():
    """Four Gaussian bands on a slope, step 2 cm-1: the vertex lies within a third of the step, and nothing else is
    found.
    """
    y = spectrum()
    found = sorted(bands(GRID, y - baseline(y)), key=lambda b: b.position)
    assert [b.position for b in found] == pytest.approx(sorted(p for p, _, _ in BANDS), abs=0.67)
    assert all(b.uncertainty == pytest.approx(2.0 / 3.0) for b in found)
    assert [b.fwhm for b in found] == pytest.approx([12.0, 20.0, 18.0, 24.0], rel=0.1)


def test_ftir_noise_is_local():
    """White noise of 1e-4 in one half and 1e-3 in the other, below a smooth band: found to 20 % away from the seam."""
    rng = np.random.default_rng(1)
    x = np.arange(2000.0)
    y = np.exp(-(((x - 900.0) / 150.0) ** 2)) + np.where(x < 1000, 1e-4, 1e-3) * rng.normal(size=x.size)
    noise = noise_level(y)
    assert np.median(noise[:900]) == pytest.approx(1e-4, rel=0.2)
    assert np.median(noise[1100:]) == pytest.approx(1e-3, rel=0.2)


def test_ftir_baseline_follows_the_slope_below_the_bands():
    """The slope of 1e-5 per cm-1 is recovered to 5e-3 where no band is near."""
    drawn = baseline(spectrum())
    quiet = (GRID > 1900.0) & (GRID < 2700.0)
    assert drawn[quiet] == pytest.approx(0.02 + 1e-5 * (GRID[quiet] - 600.0), abs=5e-3)


def test_ftir_quantity_is_decided_by_the_data():
    """Per cent, transmittance, absorbance, and headers that lie."""
    a = spectrum()
    t = 10.0**-a
    assert decide(a) == ("absorbance", 1.0, "rests near 0, bands upwards")
    assert decide(t)[:2] == ("transmittance", 1.0)
    assert decide(100.0 * t, "%T")[:2] == ("transmittance", 0.01)
    assert decide(100.0 * t)[:2] == ("transmittance", 0.01)
    assert decide(a, "transmittance")[0] == "absorbance"
    assert decide(100.0 * t, "absorbance")[0] == "transmittance"
    assert decide(1e4 * np.exp(-(((GRID - 2000.0) / 900.0) ** 2)), "single beam")[0] == "single_beam"
    assert absorbance(np.array([0.1, 1.0, 0.0])) == pytest.approx([1.0, 0.0, np.nan], nan_ok=True)


def test_ftir_candidates_are_ranked_by_their_companions():
    """1589 cm-1 of the paper: with the N-H bands of RNH3+ seen it ranks before the carboxylate, alone it is one of
    several; a quaternary ammonium has no N-H, so no candidate is ever the only one.
    """
    with_ammonium = [g.name for g, _, _ in candidates(1589.0, [1589.0, 3150.0, 1510.0])]
    alone = [g.name for g, _, _ in candidates(1589.0, [1589.0])]
    assert with_ammonium[0] == "NH3+ asymmetric deformation"
    assert {"COO- asymmetric stretch", "NH3+ asymmetric deformation"} <= set(alone)
    assert "CO2" in sentence(2349.0, [2349.0])
    assert "diamond" in sentence(2050.0, [2050.0])
    assert not any("polystyrene" in g.name for g, _, _ in candidates(1601.0, [1601.0]))


# Formats ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["float", "i32", "i16"])
@pytest.mark.parametrize("axis", ["even", "listed", "own"])
def test_ftir_spc_dialects(tmp_path, form, axis):
    """Floats, 32- and 16-bit fractions, even, listed and own axes: values to one unit of the last integer (2^-15 for 16
    bits).
    """
    x, y = GRID[::-1], spectrum()[::-1]
    content = files.spc(
        x, [y, 1.5 * y][: 2 if axis == "own" else 1], form=form, listed=axis == "listed", own_axes=axis == "own"
    )
    path = numbers(tmp_path / "a.SPC", content)
    assert galactic_spc.READER.sniff(content[:65536], "a.SPC") > 0.9
    one, *more = galactic_spc.READER.read(path)
    assert len(more) == (1 if axis == "own" else 0)
    assert one.data["wavenumber"].values == pytest.approx(100.0 * GRID, rel=1e-6)
    assert one.data["lab.ftir_absorbance"].values == pytest.approx(spectrum(), abs=1e-4 if form == "i16" else 1e-6)


def test_ftir_spc_old_format(tmp_path):
    """LabCalc: float point count, words of the integers exchanged."""
    path = numbers(tmp_path / "a.spc", files.spc_old(GRID, spectrum()))
    (one,) = galactic_spc.READER.read(path)
    assert one.data["lab.ftir_absorbance"].values == pytest.approx(spectrum(), abs=1e-8)


def test_ftir_spa(tmp_path):
    path = numbers(tmp_path / "a.spa", files.spa(GRID[::-1], 100.0 * 10.0 ** -spectrum()[::-1], y_code=16))
    (one,) = thermo_spa.READER.read(path)
    assert one.name == "a film"
    assert absorbance(one.data["lab.ftir_transmittance"].values) == pytest.approx(spectrum(), abs=1e-5)


@pytest.mark.parametrize("kind", ["absorbance", "transmittance in the absorbance block"])
def test_ftir_opus(tmp_path, kind):
    """Our numbers against the brukeropus library on one file; an AB block that holds transmittance is recognised."""
    y = spectrum() if kind == "absorbance" else 100.0 * 10.0 ** -spectrum()
    path = numbers(tmp_path / "a.0", files.opus(GRID[::-1], y[::-1]))
    (one,) = bruker_opus.READER.read(path)
    assert one.name == "film A"
    if kind == "absorbance":
        library = pytest.importorskip("brukeropus").read_opus(str(path))
        assert one.data["lab.ftir_absorbance"].values == pytest.approx(np.asarray(library.a.y)[::-1], abs=1e-7)
        assert one.data["wavenumber"].values == pytest.approx(100.0 * np.asarray(library.a.wn)[::-1], rel=1e-9)
    else:
        assert "lab.ftir_transmittance" in one.data
        assert one.flags == ("READ_UNIT",)


@pytest.mark.parametrize("form", ["plain", "packed", "squeezed", "difference", "pairs"])
def test_ftir_jcamp_forms(tmp_path, form):
    """Every compression form holds the same integers; compared with the jcamp library where that one reads the form."""
    content = files.jcamp(GRID, spectrum(), form=form)
    path = numbers(tmp_path / "a.jdx", content)
    (one,) = jcamp_dx.READER.read(path)
    ours = one.data["lab.ftir_absorbance"].values
    assert ours == pytest.approx(np.round(spectrum(), 4), abs=1e-9)
    if form in ("plain", "difference"):
        jcamp = pytest.importorskip("jcamp")
        assert ours == pytest.approx(jcamp.read(io.BytesIO(content.encode()))["y"], abs=1e-9)


@pytest.mark.parametrize("pairs", [False, True])
def test_ftir_jcamp_pages(tmp_path, pairs):
    """NTUPLES of three times, in difference form and as pairs: a spectrum a page with the axis, factors and units that
    stand above all pages."""
    x = np.arange(300.0, 701.0)
    pages = {0.0: np.exp(-((x - 400) ** 2) / 800), 1.5: np.exp(-((x - 450) ** 2) / 800), 3.0: 0.5 + 0 * x}
    path = numbers(tmp_path / "a.jdx", files.jcamp_pages(x, pages, pairs=pairs))
    found = jcamp_dx.READER.read(path)
    assert [m.name for m in found] == ["a run [T=0.0]", "a run [T=1.5]", "a run [T=3.0]"]
    assert {m.kind for m in found} == {"absorption"}
    for m, values in zip(found, pages.values(), strict=True):
        assert m.data["wavelength"].values == pytest.approx(x * 1e-9)
        assert m.data["lab.absorbance"].values == pytest.approx(np.round(values, 4), abs=1e-9)


def test_ftir_jcamp_repeats_compounds_and_micrometres(tmp_path):
    assert jcamp_dx.decode_line("400A2T%K5j3") == (400.0, [12.0, 12.0, 12.0, 37.0, 24.0], True)
    assert jcamp_dx.decode_line("99 +1-2?")[1][:2] == [1.0, -2.0]
    single = files.jcamp(GRID, spectrum())
    path = numbers(tmp_path / "a.dx", f"##TITLE=both\n##DATA TYPE=LINK\n{single}\n{single}\n##END=")
    assert len(jcamp_dx.READER.read(path)) == 2
    path = numbers(
        tmp_path / "b.dx",
        single.replace("1/CM", "MICROMETERS").replace("FIRSTX=600.0", "FIRSTX=2.5").replace("LASTX=3800.0", "LASTX=15"),
    )
    (one,) = jcamp_dx.READER.read(path)
    assert one.data["wavenumber"].values[-1] == pytest.approx(4e5)


TEXTS = {
    "csv": ("wavenumber_cm-1,absorbance\n", lambda x, y: f"{x:.3f},{y:.6f}"),
    "german": ("Wellenzahl (cm-1);Absorbance\n", lambda x, y: f"{x:.3f};{y:.6f}".replace(".", ",")),
    "per cent": ("cm-1\t%T\n", lambda x, y: f"{x:.3f}\t{100 * 10**-y:.5f}"),
    "nameless dpt": ("", lambda x, y: f"{x:.3f}\t{y:.6f}"),
}


@pytest.mark.parametrize("dialect", TEXTS)
def test_ftir_text_dialects(tmp_path, dialect):
    head, row = TEXTS[dialect]
    path = numbers(tmp_path / "film_ftir.csv", head + "\n".join(row(*p) for p in zip(GRID, spectrum(), strict=True)))
    assert ftir_csv.READER.sniff(path.read_bytes()[:65536], path.name) > 0.5
    reading = peqled.read(path)
    found = np.array([row.value for row in reading.find("band_cm1")])
    assert sorted(found) == pytest.approx(sorted(p for p, _, _ in BANDS), abs=0.67)
    assert reading.find("ordinate")[0].value == ("transmittance" if dialect == "per cent" else "absorbance")


@pytest.mark.parametrize(
    ("reader", "content"),
    [
        (galactic_spc, files.spc(GRID, [spectrum()], form="i32")),
        (thermo_spa, files.spa(GRID, spectrum())),
        (bruker_opus, files.opus(GRID, spectrum())),
        (jcamp_dx, files.jcamp(GRID, spectrum()).encode()),
    ],
    ids=["spc", "spa", "opus", "jcamp"],
)
def test_ftir_damaged_files_raise_one_clear_error(tmp_path, reader, content):
    """Cut at many places and with bytes spoiled: read or refused in one clear line, and refused without its head."""
    path, rng = tmp_path / "a", np.random.default_rng(1)
    for cut in (0, 1, 30, 200, 400, 600, len(content) // 2):
        path.write_bytes(content[:cut])
        refusal = read_or_refuse(reader.READER, path)
        assert refusal or cut > 30
    for _ in range(60):
        spoiled = bytearray(content)
        for at in rng.integers(0, min(1200, len(content)), 6):
            spoiled[at] = int(rng.integers(0, 256))
        path.write_bytes(bytes(spoiled))
        read_or_refuse(reader.READER, path)
