"""Index tables from files, fits, Kramers-Kronig, and what the uncertainty of an index does to the out-coupling."""

import jax.numpy as jnp
import numpy as np
import pytest

from peqled.materials.dispersion import IndexDataError
from peqled.materials.index import IndexRangeError
from peqled.materials.index_file import MeasuredIndex, read_index, write_index
from peqled.materials.index_fit import fit_cauchy, fit_oscillators, kramers_kronig_gap
from peqled.optics import Layer, Multilayer, Orientation, Stack, index_uncertainty, plane_wave

WAVELENGTH = np.linspace(400e-9, 700e-9, 61)
N, K = 1.6 + 0.01 / (WAVELENGTH * 1e6) ** 2, 0.02 * np.exp(-(((WAVELENGTH - 450e-9) / 30e-9) ** 2))


def rows(*columns) -> str:
    return "\n".join("\t".join(f"{value:.9g}" for value in row) for row in np.stack(columns, 1))


FILES = {
    "three.txt": "# ellipsometry, sample 3\nlambda n k\n" + rows(WAVELENGTH * 1e9, N, K),
    "metres.dat": rows(WAVELENGTH, N, K),
    "setfos.nk": "Wavelength[nm] n k\n" + rows(WAVELENGTH * 1e9, N, K).replace("\t", " "),
    "export.csv": "wl,n\n" + rows(WAVELENGTH * 1e6, N).replace("\t", ",") + "\nwl,k\n"
    + rows(WAVELENGTH * 1e6, K).replace("\t", ","),
    "backwards.csv": "nm;n;k\n" + rows(WAVELENGTH[::-1] * 1e9, N[::-1], K[::-1]).replace("\t", ";"),
    "page.yml": "DATA:\n  - type: tabulated nk\n    data: |\n"
    + "\n".join("        " + row for row in rows(WAVELENGTH * 1e6, N, K).replace("\t", " ").split("\n")),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_formats(tmp_path, name):
    """Every format gives the same table, to the nine digits of the file."""
    (tmp_path / name).write_text(FILES[name])
    found = read_index(tmp_path / name)
    np.testing.assert_allclose(found.at(WAVELENGTH), N + 1j * K, atol=1e-8)
    assert found.extraordinary is None


def test_oghma_folder_and_uniaxial_columns(tmp_path):
    """k = alpha lambda/(4 pi) of OghmaNano; five columns are a uniaxial material; what is written is read again."""
    (tmp_path / "n.csv").write_text("#n\n" + rows(WAVELENGTH, N).replace("\t", ","))
    (tmp_path / "alpha.csv").write_text("#alpha\n" + rows(WAVELENGTH, 4 * np.pi * K / WAVELENGTH).replace("\t", ","))
    np.testing.assert_allclose(read_index(tmp_path).at(WAVELENGTH), N + 1j * K, atol=1e-8)
    (tmp_path / "film.txt").write_text(rows(WAVELENGTH * 1e9, N, K, N - 0.2, 0.5 * K))
    film = read_index(tmp_path / "film.txt")
    write_index(tmp_path / "again.csv", film)
    again = read_index(tmp_path / "again.csv")
    np.testing.assert_allclose(again.extraordinary_at(WAVELENGTH), N - 0.2 + 0.5j * K, atol=1e-8)
    np.testing.assert_allclose(again.index, film.index, atol=1e-9)
    layers = [Layer(again.at(WAVELENGTH), 80e-9, extraordinary=again.extraordinary_at(WAVELENGTH))]
    assert plane_wave(Multilayer.of(layers, wavelength=WAVELENGTH), 0.5).reflectance.shape == (2, 61, 1)


def test_n_alone_says_so(tmp_path):
    (tmp_path / "n.txt").write_text(rows(WAVELENGTH * 1e9, N))
    found = read_index(tmp_path / "n.txt")
    assert found.warnings == ("n.txt: the table holds n alone; k = 0 is used",)
    assert not found.index.imag.any()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no numbers here", "bad.txt: no rows of numbers"),
        ("500 1.5 0\n500 1.6 0", "no wavelength twice"),
        ("500 1.5 0\n600 1.6 -0.1", r"bad.txt: 1.6-0.1j at 600.0 nm"),
        ("500 1.5 0 1\n600 1.6 0 1", "4 columns; expected wavelength n"),
        ("1 1.5 0\n1000 1.6 0", "give unit="),
        ("500 1.5\n\nk\n500 0.1\n\nx\n500 2\n600 3", "3 tables of numbers"),
    ],
)
def test_bad_files_are_refused(tmp_path, text, message):
    (tmp_path / "bad.txt").write_text(text)
    with pytest.raises(IndexDataError, match=message):
        read_index(tmp_path / "bad.txt")


def test_nothing_is_extrapolated(tmp_path):
    (tmp_path / "three.txt").write_text(FILES["three.txt"])
    with pytest.raises(IndexRangeError, match=r"three.txt: 350 to 350 nm asked, table from 400 to 700 nm"):
        read_index(tmp_path / "three.txt").at(np.array([350e-9]))


def test_cauchy_fit():
    """The law itself comes back exactly; with noise of 1e-3 within four of its own standard deviations."""
    clear = MeasuredIndex(wavelength=WAVELENGTH, index=N + 0j, name="film")
    np.testing.assert_allclose(fit_cauchy(clear, order=2).coefficients, [1.6, 0.01], rtol=1e-9)
    noise = 1e-3 * np.random.default_rng(2).standard_normal(N.size)
    found = fit_cauchy(MeasuredIndex(wavelength=WAVELENGTH, index=N + noise + 0j), order=2)
    assert np.all(np.abs(found.coefficients - [1.6, 0.01]) < 4.0 * found.error)
    assert found.residual == pytest.approx(1e-3, rel=0.3)
    np.testing.assert_allclose(found.at(WAVELENGTH), N, atol=1e-3)
    with pytest.raises(ValueError, match="a Cauchy law needs k < 0"):
        fit_cauchy(MeasuredIndex(wavelength=WAVELENGTH, index=N + 1j * K, name="film"))


def lorentz() -> MeasuredIndex:
    """Two oscillators, at 2.5 and 3.6 eV, seen from 1.5 to 4.5 eV."""
    energy = np.linspace(4.5, 1.5, 301)
    one = 0.15 * 2.5**2 / (2.5**2 - energy**2 - 0.15j * energy)
    two = 1.2 * 3.6**2 / (3.6**2 - energy**2 - 0.5j * energy)
    return MeasuredIndex(wavelength=1.239841984e-6 / energy, index=np.sqrt(2.2 + one + two), name="film")


def test_oscillator_fit():
    """Two Lorentz oscillators come back from their own table."""
    found = fit_oscillators(lorentz(), count=2)
    np.testing.assert_allclose(found.energy, [2.5, 3.6], rtol=1e-5)
    np.testing.assert_allclose(found.width, [0.15, 0.5], rtol=1e-4)
    np.testing.assert_allclose(found.strength, [0.15, 1.2], rtol=1e-4)
    assert found.residual < 1e-6


def test_kramers_kronig():
    """A causal law, cut off at 4.5 eV on the flank of its absorption, agrees with itself to 8e-3 away from the ends; k
    doubled or n shifted in wavelength is off by ten times more.
    """
    table = lorentz()
    inside = slice(40, -40)
    fine = np.abs(kramers_kronig_gap(table))[inside].max()
    assert fine < 8e-3
    doubled = MeasuredIndex(wavelength=table.wavelength, index=table.index.real + 2j * table.index.imag)
    moved = MeasuredIndex(wavelength=table.wavelength, index=np.roll(table.index.real, 20) + 1j * table.index.imag)
    for wrong in (doubled, moved):
        assert np.abs(kramers_kronig_gap(wrong))[inside].max() > 10.0 * fine


def test_uncertainty_of_the_index_in_the_out_coupling():
    """First order: a layer's part is |d share/dn| sigma, against central differences (1e-4); parts add in squares."""
    layers = [Layer(1.9, 100e-9, name="ITO"), Layer(2.0, 30e-9, name="dots"), Layer(1.73, 45e-9, name="ETL")]
    stack = Stack.of(
        [*layers, Layer(0.68 + 5.5j, 100e-9, name="Al")], emitter="dots", wavelength=[517e-9], substrate=1.5
    )
    sigma, position = {"ITO": 0.05, "ETL": 0.06}, jnp.array([10e-9, 20e-9])
    found = index_uncertainty(stack, position, Orientation.isotropic(), sigma)
    step = 1e-4
    for name in sigma:
        ends = []
        for sign in (1.0, -1.0):
            index = stack.index.at[stack.layers.index(name)].add(sign * step)
            moved = Stack(stack.wavelength, stack.thickness, index, *_rest(stack))
            ends.append(float(index_uncertainty(moved, position, Orientation.isotropic(), sigma).value))
        slope = (ends[0] - ends[1]) / (2.0 * step)
        assert found.parts[name] == pytest.approx(abs(slope) * sigma[name], rel=1e-4)
    assert found.total == pytest.approx(np.hypot(found.parts["ITO"], found.parts["ETL"]), rel=1e-12)
    with pytest.raises(ValueError, match="no layer 'HTL'"):
        index_uncertainty(stack, position, Orientation.isotropic(), {"HTL": 0.1})


def _rest(stack):
    return stack.substrate_index, stack.outside_index, stack.top_index, stack.emitter, stack.label
