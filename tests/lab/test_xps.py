"""XPS: VAMAS and the other formats in every dialect, backgrounds, doublets, charge reference, rigid shift."""

import contextlib
import json
import re

import numpy as np
import pytest

import peqled
from peqled.lab.measurement import LabFileError
from peqled.lab.readers import kherve_json, thermo_vgd, vamas, xps_text
from peqled.lab.xps.assign import candidates
from peqled.lab.xps.background import linear, shirley, tougaard
from peqled.lab.xps.charge_reference import from_c1s
from peqled.lab.xps.core_levels import LEVELS, level_name
from peqled.lab.xps.doniach_sunjic import ABOVE, BELOW, broadened, doniach_sunjic
from peqled.lab.xps.fit import fit_level, runs_z
from peqled.lab.xps.lineshape import pseudo_voigt, voigt
from peqled.lab.xps.quantify import atomic_ratio, atomic_shares
from peqled.lab.xps.reduction import figures
from peqled.lab.xps.region import label_source_energy
from peqled.lab.xps.rigid_shift import rigid_shift
from tests.lab import structure_files as files

HV = 1486.6


def doublet(energy, name, *, shift=0.0, area=4000.0, fwhm=0.95, share=0.25):
    """Counts of a level with its template's splitting and ratio."""
    level = LEVELS[name]
    line = pseudo_voigt(energy, centre=level.position + shift, fwhm=fwhm, lorentzian_share=share)
    if level.doublet:
        partner = pseudo_voigt(
            energy, centre=level.position + shift + level.splitting, fwhm=fwhm, lorentzian_share=share
        )
        line = (line + level.ratio * partner) / (1.0 + level.ratio)
    return area * line


def region(name, *, shift=0.0, width=16.0, step=0.05, seed=1, area=4000.0):
    """Noisy counts of a level above a Shirley-like step, on an ascending binding-energy axis."""
    level = LEVELS[name]
    energy = np.arange(level.position - 6.0, level.position + level.splitting + width - 8.0, step)
    signal = doublet(energy, name, shift=shift, area=area)
    background = 500.0 + 0.05 * np.cumsum(signal) * step
    return energy, np.random.default_rng(seed).poisson(signal + background).astype(float)


# Laws ---------------------------------------------------------------------------------------------------------------


def test_xps_lines_have_unit_area_and_the_stated_width():
    """Pseudo-Voigt and Voigt over 400 widths: area 1 but for the Lorentzian tail 2/(400 pi)."""
    energy = np.linspace(-200.0, 200.0, 400001)
    for share in (0.0, 0.4, 1.0):
        line = pseudo_voigt(energy, centre=0.0, fwhm=1.0, lorentzian_share=share)
        assert np.trapezoid(line, energy) == pytest.approx(1.0, abs=2e-3)
        assert np.interp(0.5, energy, line) == pytest.approx(0.5 * line.max(), rel=1e-6)
    assert np.trapezoid(voigt(energy, centre=0.0, sigma=0.4, gamma=0.2), energy) == pytest.approx(1.0, abs=1e-3)


def test_xps_shirley_background_of_a_step_is_the_step():
    """A line on the step that its own area draws: the Shirley background is that step exactly, since it is the fixed
    point.

    The line vanishes at both ends to 1e-6; the end levels are means of three points, which costs less than 1e-3 of it.
    """
    energy = np.linspace(280.0, 292.0, 601)
    line = 1000.0 * np.exp(-(((energy - 285.0) / 0.7) ** 2))
    step = 100.0 + 60.0 * np.concatenate(([0.0], np.cumsum(0.5 * (line[1:] + line[:-1])))) / np.sum(
        0.5 * (line[1:] + line[:-1])
    )
    assert shirley(energy, line + step) == pytest.approx(step, abs=0.06)


def test_xps_backgrounds_meet_the_spectrum_at_both_ends():
    energy = np.linspace(0.0, 20.0, 401)
    spectrum = 50.0 + 3.0 * energy + 500.0 * np.exp(-((energy - 8.0) ** 2))
    for background in (linear, shirley, tougaard):
        drawn = background(energy, spectrum)
        assert drawn[0] == pytest.approx(spectrum[:3].mean(), rel=0.01)
        assert drawn[-1] == pytest.approx(spectrum[-3:].mean(), rel=0.02)


def test_xps_tougaard_background_is_the_loss_integral():
    """Delta-like line: the background behind it is the universal cross-section B T/(C + T^2)^2 at the loss T."""
    energy = np.linspace(0.0, 60.0, 1201)
    spectrum = np.where(np.abs(energy - 5.0) < 0.15, 1e5, 0.0)
    loss = energy - 5.0
    tail = np.where(loss > 1.0, loss / (1643.0 + loss**2) ** 2, 0.0)
    spectrum = spectrum + tail / tail[-1]
    drawn = tougaard(energy, spectrum)
    inside = (loss > 5.0) & (loss < 50.0)
    assert drawn[inside] == pytest.approx(tail[inside] / tail[-1], rel=0.03)


@pytest.mark.parametrize("name", ["Pb 4f", "Br 3d", "Cs 3d", "S 2p", "N 1s"])
def test_xps_fit_returns_what_was_put_in(name):
    """Counts of a level with Poisson noise on a known background, shifted by 0.37 eV: position within 3u and 0.02 eV,
    splitting within 0.03 eV, ratio within 5 %, area within 2 %."""
    level = LEVELS[name]
    energy = np.arange(level.position - 6.0, level.position + level.splitting + 7.0, 0.05)
    signal = doublet(energy, name, shift=0.37)
    counts = np.random.default_rng(3).poisson(signal + 200.0) - 200.0
    fit = fit_level(energy, counts, np.sqrt(signal + 200.0), level, max_components=1)
    assert fit.positions[0] == pytest.approx(level.position + 0.37, abs=0.02)
    assert abs(fit.positions[0] - level.position - 0.37) < 4.0 * fit.uncertainty["position"][0]
    assert fit.areas.sum() == pytest.approx(4000.0, rel=0.03)
    assert fit.splitting == pytest.approx(level.splitting, abs=0.03)
    assert fit.ratio == pytest.approx(level.ratio, rel=0.06) if level.doublet else fit.ratio == 0.0
    assert 0.5 < fit.reduced_chi2 < 1.5


def test_xps_number_of_components_follows_the_data():
    """Two nitrogen states 2.4 eV apart (RNH3+ and R4N+ differ by less, amine and R4N+ by as much), 60:40, and one
    alone.
    """
    energy = np.arange(394.0, 408.0, 0.05)
    for shares in ((1.0,), (0.6, 0.4)):
        signal = sum(
            3000.0 * s * pseudo_voigt(energy, centre=399.8 + 2.4 * i, fwhm=1.2, lorentzian_share=0.2)
            for i, s in enumerate(shares)
        )
        counts = np.random.default_rng(5).poisson(signal + 300.0) - 300.0
        fit = fit_level(energy, counts, np.sqrt(signal + 300.0), LEVELS["N 1s"])
        assert len(fit.positions) == len(shares)
        assert fit.areas / fit.areas.sum() == pytest.approx(sorted(shares, reverse=True), abs=0.03)


def test_xps_doniach_sunjic_limits():
    """Without asymmetry it is a Lorentzian, and a Voigt once broadened; its maximum lies g tan(pi a/(2(2 - a))) above
    the threshold; far above, it falls as e^(a - 1); its area is one (Doniach and Sunjic 1970; grid of 0.01 eV: 1e-3).
    """
    offset = np.linspace(-3.0, 3.0, 60001)
    flat = doniach_sunjic(offset, half_width=0.2, asymmetry=0.0)
    assert flat / flat.max() == pytest.approx(0.04 / (offset**2 + 0.04), rel=1e-12)
    for asymmetry in (0.05, 0.15, 0.3):
        line = doniach_sunjic(offset, half_width=0.2, asymmetry=asymmetry)
        assert offset[line.argmax()] == pytest.approx(0.2 * np.tan(np.pi * asymmetry / 2 / (2 - asymmetry)), abs=1e-4)
        far = doniach_sunjic(np.array([200.0, 400.0]), half_width=0.2, asymmetry=asymmetry)
        assert far[1] / far[0] == pytest.approx(2 ** (asymmetry - 1), rel=1e-2)
    energy = np.linspace(130.0, 146.0, 1601)
    line = broadened(energy, centre=137.0, half_width=0.15, asymmetry=0.0, gaussian_fwhm=0.8)
    true = voigt(energy, centre=137.0, sigma=0.8 / np.sqrt(8 * np.log(2)), gamma=0.15)
    lost = 1.0 - (np.arctan(BELOW / 0.15) + np.arctan(ABOVE / 0.15)) / np.pi
    assert line * (1.0 - lost) == pytest.approx(true, abs=1e-3 * true.max())
    wide = np.linspace(137.0 - BELOW, 137.0 + ABOVE, 35001)
    line = broadened(wide, centre=137.0, half_width=0.1, asymmetry=0.2, gaussian_fwhm=0.5)
    assert np.trapezoid(line, wide) == pytest.approx(1.0, abs=1e-4)


def lead(*, metal, asymmetry=0.12, seed=2):
    """Counts of Pb 4f with this share of lead, 1.4 eV below lead(II), as a Doniach-Sunjic line."""
    level = LEVELS["Pb 4f"]
    energy = np.arange(132.0, 149.0, 0.05)
    signal = (1.0 - metal) * doublet(energy, "Pb 4f", area=8000.0)
    for shift, weight in ((0.0, 1.0), (level.splitting, level.ratio)):
        line = broadened(energy, centre=level.position - 1.4 + shift, half_width=0.12, asymmetry=asymmetry,
                         gaussian_fwhm=0.85)  # fmt: skip
        signal = signal + metal * 8000.0 * weight / (1.0 + level.ratio) * line
    counts = np.random.default_rng(seed).poisson(signal + 300.0) - 300.0
    return energy, counts, np.sqrt(signal + 300.0), level


def test_xps_metallic_lead_gets_an_asymmetric_line():
    """A fifth of the lead is metal of index 0.12: BIC asks for the asymmetric line, which gives index, share and
    splitting back within three uncertainties; two symmetric lines put too little under the metal, beyond theirs."""
    energy, counts, noise, level = lead(metal=0.2)
    fit = fit_level(energy, counts, noise, level, max_components=2)
    plain = fit_level(energy, counts, noise, level, max_components=2, asymmetric=())
    assert list(fit.asymmetry > 0.0) == [False, True]
    assert abs(fit.asymmetry[1] - 0.12) < 3.0 * fit.uncertainty["asymmetry"][1]
    share, u = fit.areas[1] / fit.areas.sum(), fit.uncertainty["area"][1] / fit.areas.sum()
    assert abs(share - 0.2) < 3.0 * u
    assert share == pytest.approx(0.2, abs=0.02)
    assert fit.positions[0] - fit.positions[1] == pytest.approx(1.4, abs=0.03)
    assert fit.splitting == pytest.approx(level.splitting, abs=0.02)
    assert fit.bic < plain.bic - 10.0
    assert plain.areas[1] / plain.areas.sum() < 0.2 - 3.0 * plain.uncertainty["area"][1] / plain.areas.sum()


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_xps_symmetric_lead_stays_symmetric(seed):
    """Two states of lead without asymmetry at the same distance: no asymmetric line is taken."""
    energy = np.arange(132.0, 149.0, 0.05)
    signal = 0.8 * doublet(energy, "Pb 4f", area=8000.0) + 0.2 * doublet(energy, "Pb 4f", shift=-1.4, area=8000.0)
    counts = np.random.default_rng(seed).poisson(signal + 300.0) - 300.0
    fit = fit_level(energy, counts, np.sqrt(signal + 300.0), LEVELS["Pb 4f"], max_components=2)
    assert not fit.asymmetry.any()


def test_xps_lines_of_metal_can_be_chosen(tmp_path):
    """The same spectrum by itself, with `asymmetric` naming the component, and with none: rows, note and figure follow;
    a word that is no level is refused."""
    energy, counts, _, _ = lead(metal=0.2)
    path = tmp_path / "a.vms"
    path.write_text(files.vamas([("Pb 4f", "Pb", "4f", HV - energy, [counts + 300.0], HV)]))
    for told, given in (({}, 1), ({"asymmetric": "Pb 4f 2"}, 1), ({"asymmetric": "none"}, 0)):
        reading = peqled.read(path, settings=told)
        assert len(reading.find("component_2_asymmetry")) == given
        (row,) = reading.find("be_ev")
        assert ("Doniach-Sunjic" in row.note) == bool(given)
        (group,) = (g for g in reading.groups if g.topic == "xps")
        ((_, caption, _),) = figures(group.measurements, group.quantities)
        drawn = re.search(r"reduced chi² ([\d.]+)", caption)
        said = re.search(r"reduced chi2 ([\d.]+)", row.note)
        assert drawn is not None
        assert said is not None
        assert drawn[1] == said[1]
    assert peqled.read(path, settings={"asymmetric": "lead"}).find("reduction")[0].value == "failed"


def test_xps_runs_test():
    """Alternating signs have the most runs, two halves the fewest; coin tosses lie within 3 sd."""
    assert runs_z(np.tile([1.0, -1.0], 50)) > 9.0
    assert runs_z(np.repeat([1.0, -1.0], 50)) < -9.0
    assert abs(runs_z(np.random.default_rng(1).normal(size=400))) < 3.0


def test_xps_rigid_shift_is_told_from_binding():
    """All levels +0.40 eV: rigid. Lead alone +0.40 eV: not rigid. Nothing moves: no shift. Two levels: no verdict."""
    first = {"Pb 4f": (138.0, 0.03), "Br 3d": (68.0, 0.03), "Cs 3d": (724.2, 0.03), "C 1s": (284.8, 0.03)}
    together = {name: (position + 0.4, u) for name, (position, u) in first.items()}
    alone = {**first, "Pb 4f": (138.4, 0.03)}
    assert rigid_shift(first, together).rigid
    assert rigid_shift(first, together).mean == pytest.approx(0.4)
    assert not rigid_shift(first, alone).rigid
    assert rigid_shift(first, alone).probability < 0.05
    assert not rigid_shift(first, first).rigid
    assert rigid_shift({"Pb 4f": (138.0, 0.03)}, together) is None


def test_xps_quantification_of_a_known_composition():
    """Areas proportional to factor times share return CsPbBr3's 1:1:3."""
    shares = {"Cs 3d": 0.2, "Pb 4f": 0.2, "Br 3d": 0.6}
    areas = {name: (share * LEVELS[name].sensitivity, 1e-3) for name, share in shares.items()}
    assert {name: value for name, (value, _) in atomic_shares(areas).items()} == pytest.approx(shares)
    ratio, u = atomic_ratio(areas["Br 3d"], areas["Pb 4f"], names=("Br 3d", "Pb 4f"))
    assert ratio == pytest.approx(3.0)
    assert u == pytest.approx(0.3, rel=0.05)


def test_xps_names_sources_and_candidates():
    for text, name in (
        ("C1s Scan", "C 1s"),
        ("Pb 4f7/2", "Pb 4f"),
        ("Br_3d", "Br 3d"),
        ("Sr3d5/2 p1", "Sr 3d"),
        ("Survey", None),
    ):
        assert level_name(text) == name
    for text, energy in (("Al (mono)", 1486.6), ("Mono(Al (Mono))", 1486.6), ("Mg K-alpha", 1253.6), ("AlKa", 1486.6)):
        assert label_source_energy(text) == energy
    assert np.isnan(label_source_energy("calibrated gun"))
    assert [name for name, _ in candidates("N 1s", 402.0)][:2] == ["R4N+", "RNH3+"] or candidates("N 1s", 402.0)[0][
        1
    ] == 0.0
    assert from_c1s(284.3, uncertainty=0.02).shift == pytest.approx(0.5)


# VAMAS --------------------------------------------------------------------------------------------------------------


def blocks(*, kinetic=True, ordinates=2, energy=None):
    found = []
    for name, species, transition, n in (("Pb 4f/1", "Pb", "4f", 201), ("C 1s/2", "C", "1s", 151)):
        axis = np.round(1200.0 + 0.1 * np.arange(n), 6) if kinetic else np.round(300.0 - 0.1 * np.arange(n), 6)
        counts = 100.0 + np.arange(n)
        found.append((name, species, transition, axis, [counts + 1000.0 * i for i in range(ordinates)], HV))
    return found


DIALECTS = {
    "plain": {},
    "blank lines before the identifier": {"lead": 3},
    "unix line ends": {"ends": "\n"},
    "map": {"mode": "MAP"},
    "depth profile": {"mode": "SDP"},
    "map with depth profile": {"mode": "MAPDP", "variables": ("x", "y")},
    "line scans": {"mode": "MAPSV", "variables": ()},
    "inclusion list": {"listed": (8, 14, 29, 30, 31, 32)},
    "exclusion list": {"listed": (-1, -2, -9, -25, -38)},
    "no end mark": {"tail": False},
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_vamas_dialects(tmp_path, dialect):
    """Two blocks with two interleaved ordinates: points are values over ordinates, BE = h nu - KE, no work function."""
    path = tmp_path / "a.vms"
    path.write_text(files.vamas(blocks(), **DIALECTS[dialect]), newline="")
    assert vamas.READER.sniff(path.read_bytes(), "a.npl") == 1.0
    first, second = vamas.READER.read(path)
    assert (first.name, second.name) == ("Pb 4f", "C 1s")
    assert (first.data.sizes["binding_energy"], second.data.sizes["binding_energy"]) == (201, 151)
    energy = first.data["binding_energy"].values
    assert energy[0] == pytest.approx(HV - 1220.0)
    assert energy[-1] == pytest.approx(HV - 1200.0)
    assert first.data["lab.xps_intensity"].values[-1] == 100.0
    assert first.data["lab.xps_transmission"].values[-1] == 1100.0
    assert first.metadata["work_function_field_ev"] == -4.5


def test_vamas_irregular_scan_and_missing_values(tmp_path):
    """The first of the interleaved variables is the axis; 1E+37 is no number and is left out, with a note."""
    held = blocks(ordinates=1)
    held[0][4][0][5] = 1e37
    path = tmp_path / "a.vms"
    path.write_text(files.vamas(held, scan="IRREGULAR"))
    first, _ = vamas.READER.read(path)
    assert first.data.sizes["binding_energy"] == 200
    assert any("without a number" in note for note in first.notes)


def test_vamas_binding_energy_axis_descending(tmp_path):
    path = tmp_path / "a.npl"
    path.write_text(files.vamas(blocks(kinetic=False, ordinates=1), label="Binding Energy"))
    first, _ = vamas.READER.read(path)
    energy = first.data["binding_energy"].values
    assert (energy[0], energy[-1]) == (pytest.approx(280.0), pytest.approx(300.0))
    assert first.data["lab.xps_intensity"].values[-1] == 100.0


def test_vamas_without_a_photon_energy(tmp_path):
    """1E+37 as photon energy: taken from the label 'Al (mono)' and said; an unknown source leaves the kinetic axis and
    flags it.
    """
    path = tmp_path / "a.vms"
    text = files.vamas([(*block[:5], "1E+37") for block in blocks()])
    path.write_text(text)
    first, _ = vamas.READER.read(path)
    assert first.metadata["photon_energy_ev"] == 1486.6
    assert any("source label" in note for note in first.notes)
    path.write_text(text.replace("Al (mono)", "synchrotron"))
    first, _ = vamas.READER.read(path)
    assert first.flags == ("READ_HV",)
    assert "kinetic_energy" in first.data.coords
    reading = peqled.read(path)
    assert not reading.find("be_at_max_ev")
    assert reading.find("ke_at_max_ev")[0].value == pytest.approx(1220.0)


def test_vamas_garbage_is_told_not_crashed_on(tmp_path):
    """Cut at every twentieth line, and with single lines spoiled: either blocks come out, or one clear error."""
    path, text = tmp_path / "a.vms", files.vamas(blocks())
    lines = text.split("\r\n")
    for cut in range(1, len(lines) - 2, 20):
        path.write_text("\r\n".join(lines[:cut]))
        with pytest.raises(LabFileError):
            vamas.READER.read(path)
    for spoiled in range(0, 120, 3):
        path.write_text("\r\n".join([*lines[:spoiled], "-99999999999", *lines[spoiled + 1 :]]))
        with contextlib.suppress(LabFileError):
            vamas.READER.read(path)


# Other formats ------------------------------------------------------------------------------------------------------


def test_thermo_vgd(tmp_path):
    """One and two spectra in an OLE container; the photon energy of the property set makes the binding energy."""
    energy, counts = 1196.0 + 0.1 * np.arange(600), 100.0 + np.arange(600)
    path = tmp_path / "C1s Scan.VGD"
    path.write_bytes(files.thermo_vgd(energy, counts))
    assert thermo_vgd.READER.sniff(path.read_bytes()[:65536], path.name) > 0.9
    (one,) = thermo_vgd.READER.read(path)
    assert one.name == "C 1s"
    assert one.data["binding_energy"].values[-1] == pytest.approx(1486.68 - 1196.0, abs=1e-3)
    assert one.data["lab.xps_intensity"].values[-1] == 100.0
    assert one.metadata["pass_energy_ev"] == 20.0
    path.write_bytes(files.thermo_vgd(energy, np.stack([counts, counts + 1])))
    assert len(thermo_vgd.READER.read(path)) == 2
    for cut in (100, 600, 3000):
        path.write_bytes(files.thermo_vgd(energy, counts)[:cut])
        with pytest.raises(LabFileError):
            thermo_vgd.READER.read(path)


TEXTS = {
    "CasaXPS": (
        "Cycle 0:sample:C 1s/4\nCharacteristic Energy eV\t1.486690e+003\tAcquisition Time s\t120\n"
        "K.E.\tCounts\tPeak 1\tBackground\tB.E.\n",
        lambda be, y: f"{1486.69 - be:.3f}\t{y:.1f}\t0\t900\t{be:.3f}",
    ),
    "Avantage": ("C1s Scan\nBinding Energy (E)\tCounts / s\neV\t\n", lambda be, y: f"{be:.2f}\t{y:.1f}"),
    "decimal comma": (
        "C1s\nBinding Energy (eV);Intensity (cps)\n",
        lambda be, y: f"{be:.2f};{y:.1f}".replace(".", ","),
    ),
    "SPECS": (
        "# Region:     C1s\n# Excitation Energy:   1486.61\n# Kinetic Energy:  1195\n"
        "# Energy Axis:   Kinetic Energy\n# ColumnLabels: energy counts/s\n",
        lambda be, y: f"{1486.61 - be:.3f}  {y:.1f}",
    ),
    "Scienta": (
        "[Region 1]\nRegion Name=C1s\nDimension 1 name=Binding Energy [eV]\n"
        "[Info 1]\nExcitation Energy=1486.6\n[Data 1]\n",
        lambda be, y: f" {be:.3f}   {y:.1f}",
    ),
    "commented header": ("# Binding Energy (eV), C1s counts\n", lambda be, y: f"{be:.3f}, {y:.1f}"),
    "kinetic, comma": (
        "C 1s, source Al K-alpha\nKinetic Energy (eV),Counts\n",
        lambda be, y: f"{1486.6 - be:.2f},{y:.1f}",
    ),
}


@pytest.mark.parametrize("dialect", TEXTS)
def test_xps_text_dialects(tmp_path, dialect):
    energy = np.arange(280.0, 292.0, 0.1)[::-1]
    counts = 1000.0 + 5000.0 * np.exp(-(((energy - 285.0) / 0.6) ** 2))
    head, row = TEXTS[dialect]
    path = tmp_path / "x.txt"
    path.write_text(head + "\n".join(row(*pair) for pair in zip(energy, counts, strict=True)))
    assert xps_text.READER.sniff(path.read_bytes(), "x.txt") > 0.5
    (one,) = xps_text.READER.read(path)
    assert one.name == "C 1s"
    assert one.data.sizes["binding_energy"] == energy.size
    top = int(np.argmax(one.data["lab.xps_intensity"].values))
    assert one.data["binding_energy"].values[top] == pytest.approx(285.0, abs=0.01)


def test_xps_text_keeps_the_name_of_a_survey(tmp_path):
    """A region that is no core level keeps the name that the header gives, and its photon energy in any notation."""
    head = "# Region:     Survey\n# Excitation Energy:   1.48661e+03\n# Energy Axis:   Kinetic Energy\n"
    rows = "".join(f"{ke} {1000 + ke}\n" for ke in range(100, 1400, 10))
    (tmp_path / "x.xy").write_text(head + "# ColumnLabels: energy counts/s\n" + rows)
    (found,) = xps_text.READER.read(tmp_path / "x.xy")
    assert found.name == "Survey"
    assert found.data["binding_energy"].values[-1] == pytest.approx(1386.61)


def test_kherve_json(tmp_path):
    """Descending axis, background of the file, fitted peaks of the other program beside ours; a model without a
    spectrum.
    """
    energy, counts = region("Pb 4f", seed=2)
    peaks = {
        f"Pb4f{j} p{i}": {"Position": p, "Area": a, "FWHM": 0.95, "Fitting Model": "Voigt"}
        for i, (j, p, a) in enumerate((("7/2", 138.0, 1000.0), ("5/2", 142.86, 760.0)), start=1)
    }
    level = {"B.E.": list(energy[::-1]), "Raw Data": list(counts[::-1]), "Fitting": {"Peaks": peaks},
             "Background": {"Bkg Y": [500.0] * energy.size}}  # fmt: skip
    path = tmp_path / "p.json"
    path.write_text(json.dumps({"Core levels": {"Pb4f": level, "Br3d": {"Fitting": {"Peaks": peaks}}}}))
    one, model = kherve_json.READER.read(path)
    assert (one.kind, model.kind) == ("xps_region", "xps_model")
    assert one.data["binding_energy"].values[0] == pytest.approx(energy[0])
    reading = peqled.read(path)
    assert reading.value("splitting_ev", sample="Br3d") == pytest.approx(4.86)
    assert reading.value("area_ratio", sample="Br3d") == pytest.approx(0.76)
    assert reading.value("be_ev", sample="Pb4f") == pytest.approx(LEVELS["Pb 4f"].position, abs=0.03)
    for text in ("{", '{"Core levels": 3}', '{"Core levels": {"a": {"B.E.": ["x"]}}}'):
        path.write_text(text)
        with pytest.raises(LabFileError):
            kherve_json.READER.read(path)


# Reduction ----------------------------------------------------------------------------------------------------------


def sample_file(path, *, shift=0.0, moved=None):
    """VAMAS file of four levels, all shifted by `shift`, one more by `moved` (name, eV)."""
    held = []
    for seed, name in enumerate(("C 1s", "Pb 4f", "Br 3d", "Cs 3d")):
        own = shift + (moved[1] if moved and moved[0] == name else 0.0)
        energy, counts = region(name, shift=own, seed=seed)
        element, orbital = name.split()
        held.append((name, element, orbital, HV - energy, [counts], HV))
    path.write_text(files.vamas(held))
    return path


def test_xps_reduction_references_to_carbon(tmp_path):
    """Everything charged by +0.6 eV: the shift is found on C 1s and taken off; positions and doublets as put in."""
    reading = peqled.read(sample_file(tmp_path / "a.vms", shift=0.6))
    assert reading.value("charge_shift_ev") == pytest.approx(-0.6, abs=0.02)
    for name in ("Pb 4f", "Br 3d", "Cs 3d"):
        (row,) = reading.find("be_ev_ref_c1s284p8", sample=name)
        assert row.value == pytest.approx(LEVELS[name].position, abs=0.03)
        assert reading.value("splitting_ev", sample=name) == pytest.approx(LEVELS[name].splitting, abs=0.05)
        assert "XPS_REF" not in row.flags
    assert "candidates" in reading.find("be_ev_ref_c1s284p8", sample="Pb 4f")[0].note


def test_xps_reduction_refuses_to_compare_without_a_reference(tmp_path):
    energy, counts = region("Pb 4f")
    path = tmp_path / "a.vms"
    path.write_text(files.vamas([("Pb 4f", "Pb", "4f", HV - energy, [counts], HV)]))
    (row,) = peqled.read(path).find("be_ev_ref_c1s284p8")
    assert row.value == "refused"
    assert row.flags == ("XPS_REF",)
    (said,) = peqled.read(path, settings={"charge_shift": "0.2 eV"}).find("be_ev_ref_c1s284p8")
    assert said.value == pytest.approx(LEVELS["Pb 4f"].position + 0.2, abs=0.03)


def test_xps_reduction_rigid_shift_between_files(tmp_path):
    """All four levels +0.5 eV in the second sample is charging; lead alone is not, and 0.5 eV remain on the carbon
    scale.
    """
    first = sample_file(tmp_path / "a.vms")
    rigid = peqled.read(first, sample_file(tmp_path / "b.vms", shift=0.5))
    (row,) = rigid.find("rigid_shift_ev")
    assert row.value == pytest.approx(0.5, abs=0.02)
    assert "XPS_RIGID" in row.flags
    binding = peqled.read(first, sample_file(tmp_path / "c.vms", moved=("Pb 4f", 0.5)))
    assert binding.find("rigid_shift_verdict")[0].value == "not rigid"
    assert binding.value("be_shift_pb4f_ev") == pytest.approx(0.5, abs=0.03)
    assert binding.value("be_shift_cs3d_ev") == pytest.approx(0.0, abs=0.03)


def test_xps_reduction_samples_of_single_region_files(tmp_path):
    """One file a region: names without the level tell the samples apart, so each takes its own carbon."""
    for sample, shift in (("film A", 0.0), ("film B", 0.5)):
        for name in ("C 1s", "Pb 4f"):
            energy, counts = region(name, shift=shift, seed=4)
            element, orbital = name.split()
            text = files.vamas([(name, element, orbital, HV - energy, [counts], HV)])
            (tmp_path / f"{sample}_{element}{orbital} Scan.vms").write_text(text)
    reading = peqled.read(tmp_path)
    shifts = {row.file.split("_")[0]: row.value for row in reading.find("charge_shift_ev")}
    assert shifts == {"film A": pytest.approx(0.0, abs=0.02), "film B": pytest.approx(-0.5, abs=0.02)}


def test_xps_reduction_flags_a_doublet_that_physics_forbids(tmp_path):
    """Two equal lines 1.3 eV apart read as Br 3d: ratio and splitting are off and said to be."""
    energy = np.arange(62.0, 76.0, 0.05)
    counts = 300.0 + sum(2000.0 * pseudo_voigt(energy, centre=c, fwhm=0.9, lorentzian_share=0.2) for c in (68.0, 69.3))
    path = tmp_path / "a.vms"
    path.write_text(files.vamas([("Br 3d", "Br", "3d", HV - energy, [counts], HV)]))
    assert "XPS_DOUBLET" in peqled.read(path).find("splitting_ev")[0].flags
