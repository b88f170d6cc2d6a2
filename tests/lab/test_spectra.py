"""Containers that hold any spectrum: the axes decide what it is; what no reduction knows is shown, never guessed."""

import struct

import numpy as np
import pytest

import peqled
from peqled.lab.measurement import LabFileError
from peqled.lab.readers import (
    bruker_brml,
    bruker_opus,
    galactic_spc,
    jcamp_dx,
    optical_table,
    rigaku_rasx,
    thermo_spa,
)
from peqled.lab.xrd.pattern import MAP_SCANS
from tests.lab import structure_files as files

WAVELENGTH = np.arange(400.0, 701.0, 1.0)
LINE = np.exp(-4.0 * np.log(2.0) * ((WAVELENGTH - 517.3) / 18.0) ** 2)
EDGE = 1.2 / (1.0 + np.exp((WAVELENGTH - 505.0) / 6.0))


def spc(x, y, *, x_type, y_type, method=0):
    raw = bytearray(files.spc(x, [y], y_type=y_type))
    raw[28], raw[2] = x_type, method
    return bytes(raw)


@pytest.mark.parametrize(
    ("x_type", "y_type", "kind"),
    [(3, 4, "pl_spectrum"), (3, 2, "absorption"), (3, 128, "absorption"), (1, 2, "ftir"), (13, 4, "spectrum"),
     (9, 12, "spectrum"), (0, 0, "spectrum")],
)  # fmt: skip
def test_spc_is_what_its_axes_say(tmp_path, x_type, y_type, kind):
    """One curve under seven pairs of axis codes of the format: kind by the codes, numbers unchanged."""
    path = tmp_path / "a.spc"
    path.write_bytes(spc(WAVELENGTH, LINE, x_type=x_type, y_type=y_type))
    (found,) = galactic_spc.READER.read(path)
    assert found.kind == kind
    values = next(found.data[name] for name in ("lab.pl_intensity", "lab.transmittance", "lab.absorbance",
                  "lab.ftir_absorbance", "lab.spectrum") if name in found.data)  # fmt: skip
    assert values.to_numpy() == pytest.approx(LINE.astype("<f4"), abs=1e-9)


def test_spc_of_one_spectrum_without_points_keeps_the_others(tmp_path):
    """A mass run whose second scan is empty: the first and the third are read."""
    x, y = np.array([27.9, 31.0, 43.9]), np.array([1.0, 5.0, 2.0])
    full = files.spc(x, [y, y, y], own_axes=True)
    size = 32 + 2 * 4 * 3
    empty = bytearray(full[512 + size : 512 + size + 32])
    struct.pack_into("<i", empty, 16, 0)
    raw = bytearray(full[: 512 + size] + bytes(empty) + full[512 + 2 * size :])
    raw[28] = 9
    path = tmp_path / "run.spc"
    path.write_bytes(bytes(raw))
    assert [m.name for m in galactic_spc.READER.read(path)] == ["run [1]", "run [3]"]


@pytest.mark.parametrize(
    ("unit", "method", "ordinate", "kind"),
    [("NANOMETERS", "UV/VIS SPECTRUM", "ABSORBANCE", "absorption"), ("nm", "FLUORESCENCE", "COUNTS", "pl_spectrum"),
     ("1/CM", "RAMAN SPECTRUM", "ARBITRARY UNITS", "spectrum"), ("M/Z", "MASS SPECTRUM", "ABUNDANCE", "spectrum"),
     ("1/CM", "INFRARED SPECTRUM", "ABSORBANCE", "ftir")],
)  # fmt: skip
def test_jcamp_is_what_its_units_say(tmp_path, unit, method, ordinate, kind):
    """The same table under five headers; Raman shifts are no infrared spectrum although both are in cm-1."""
    text = files.jcamp(WAVELENGTH, EDGE, y_units=ordinate)
    path = tmp_path / "a.jdx"
    path.write_text(text.replace("XUNITS=1/CM", f"XUNITS={unit}").replace("INFRARED SPECTRUM", method))
    (found,) = jcamp_dx.READER.read(path)
    assert found.kind == kind
    assert optical_table.READER.sniff(path.read_bytes(), "a.jdx") == 0.0


def test_jcamp_pages_of_another_method_are_shown(tmp_path):
    """Real and imaginary part of a free induction decay, each with the factor of its own variable: two spectra that are
    shown and not interpreted; a page too short to be one is refused in one line."""
    head = (
        "##TITLE=x\n##JCAMP-DX=5\n##DATA TYPE=NMR FID\n##NTUPLES=NMR FID\n##SYMBOL=X, R, I, N\n##UNITS=SECONDS, A, A,\n"
    )
    head += "##FIRST=0, 1, 1, 1\n##LAST=0.3, 4, 4, 2\n##FACTOR=0.1, 2, 3, 1\n"
    page = "##PAGE=N={0}\n##DATA TABLE=(X++({1}..{1})), XYDATA\n0 1 2 3 4\n"
    pages = page.format(1, "R") + page.format(2, "I")
    path = tmp_path / "nmr.dx"
    path.write_text(f"{head}{pages}##END NTUPLES=\n##END=\n")
    real, imaginary = jcamp_dx.READER.read(path)
    assert (real.kind, imaginary.kind) == ("spectrum", "spectrum")
    np.testing.assert_allclose(real.data["abscissa"], [0.0, 0.1, 0.2, 0.3])
    np.testing.assert_allclose(real.data["lab.spectrum"], [2.0, 4.0, 6.0, 8.0])
    np.testing.assert_allclose(imaginary.data["lab.spectrum"], [3.0, 6.0, 9.0, 12.0])
    path.write_text(f"{head}##PAGE=N=1\n##DATA TABLE=(X++(R..R))\n1 2\n##END=\n")
    with pytest.raises(LabFileError, match="at least 2"):
        jcamp_dx.READER.read(path)


def asc(said, values):
    """UV WinLab text: header without keys, units behind #GR."""
    head = ["PE UV       SUBTECH     SPECTRUM    ASCII       PEDS        4.00        ", "-1", "a.asc", *["0"] * 70]
    rows = [f"{a:.6f}\t{b:.6f}" for a, b in zip(WAVELENGTH[::-1], values[::-1], strict=True)]
    return "\r\n".join([*head, "#HDR", "-1", "#GR", "nm", said, "1.0", "0.0", "#DATA", *rows])


@pytest.mark.parametrize(("said", "values"), [("A", EDGE), ("%T", 100.0 * 10.0**-EDGE)])
def test_perkin_elmer_text_is_absorption(tmp_path, said, values):
    """An edge stored as absorbance and as transmittance: the same absorbance to the six digits of the file."""
    path = tmp_path / "a.asc"
    path.write_text(asc(said, values))
    reading = peqled.read(path)
    assert reading.files[0].reader == "perkin_elmer_asc"
    (found,) = reading.measurements
    assert found.kind == "absorption"
    assert found.data["lab.absorbance"].to_numpy() == pytest.approx(EDGE, abs=1e-5)
    assert reading.value("wavelength_max_nm") == pytest.approx(700.0)


def test_other_spectra_have_size_range_and_maximum(tmp_path):
    """A Raman line at 520.7 cm-1 on a grid of 1 cm-1: the highest point as written, and no band."""
    x = np.arange(100.0, 1000.0)
    y = np.exp(-(((x - 520.7) / 4.0) ** 2))
    path = tmp_path / "si.spc"
    path.write_bytes(spc(x, y, x_type=13, y_type=4, method=11))
    reading = peqled.read(path)
    assert reading.value("points") == 900
    assert reading.value("abscissa_at_max") == pytest.approx(521.0)
    assert not reading.find("band_cm1")


def test_opus_takes_the_present_spectrum_not_the_earlier(tmp_path):
    """A file with two blocks of one type, the first marked as an earlier state (bit 30): the other one is read."""
    x = np.linspace(4000.0, 600.0, 1701)
    old, new = np.full(x.size, 0.1), np.full(x.size, 0.2) + 0.01 * np.sin(x / 50.0)
    raw = files.opus(x, old)
    start, _, count = struct.unpack_from("<3i", raw, 12)
    table = [struct.unpack_from("<3i", raw, start + 12 * i) for i in range(count)]
    (first,) = [entry for entry in table if entry[0] >> 10 & 127 == 4 and not entry[0] >> 4 & 63]
    marked = [(first[0] | 1 << 30, *first[1:]), *[e for e in table if e is not first]]
    body = raw[start + 12 * count :] + np.asarray(new, "<f4").tobytes()
    entries = [*marked, (first[0], first[1], len(raw))]
    moved = [(c, size, offset + 12) for c, size, offset in entries]
    packed = b"".join(struct.pack("<3i", *entry) for entry in moved)
    path = tmp_path / "a.0"
    path.write_bytes(raw[:12] + struct.pack("<3i", start, 40, count + 1) + packed + body)
    (found,) = bruker_opus.READER.read(path)
    assert found.data["lab.ftir_absorbance"].to_numpy()[::-1] == pytest.approx(new.astype("<f4"), abs=1e-9)


def test_reflectance_is_named_and_its_bands_are_found(tmp_path):
    """A dip of 20 % at 1720 cm-1 in a reflectance of 0.9: band of -log10 R within a third of the step."""
    x = np.linspace(4000.0, 600.0, 1701)
    y = 0.9 - 0.2 * np.exp(-(((x - 1720.0) / 12.0) ** 2))
    path = tmp_path / "a.0"
    path.write_bytes(files.opus(x, y, kind=12))
    reading = peqled.read(path)
    assert reading.find("ordinate")[0].value == "reflectance"
    assert reading.value("band_cm1") == pytest.approx(1720.0, abs=2.0 / 3.0)


def test_a_map_of_scans_has_no_sizes(tmp_path):
    """Ten equal scans over one window: one pattern of ten times the intensity, lines, and no Scherrer size."""
    x = np.linspace(36.5, 42.5, 301)
    line = 1000.0 * np.exp(-(((x - 39.0) / 0.2) ** 2)) + 10.0
    one = files.zipped  # the members of ten scans
    text = "\ufeff" + "\r\n".join(f"{a:.4f}\t{b}\t1.0" for a, b in zip(x, line, strict=True))
    path = tmp_path / "map.rasx"
    path.write_bytes(one({f"Data{i}/Profile0.txt": text.encode() for i in range(MAP_SCANS + 4)}))
    (found,) = rigaku_rasx.READER.read(path)
    assert found.data["lab.xrd_intensity"].to_numpy().max() == pytest.approx(10 * line.max(), rel=1e-6)
    reading = peqled.read(path)
    assert reading.value("n_scans") == 10
    assert not reading.find("scherrer_size_nm")
    assert {q.quantity for q in reading.quantities} >= {"two_theta_deg", "fwhm_deg"}


def test_a_resting_detector_counts_from_where_it_stands(tmp_path):
    """DIFFRAC writes the axis of a still scan relative to the 2 theta drive: 64 deg is added."""
    x = np.linspace(0.0, 8.7, 300)
    raw = files.brml(x, np.full(300, 5.0), whole=True)
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        text = archive.read("Experiment0/RawData0.xml").decode()
    text = text.replace("<ScanAxes>", "<ScanMode>StillScan</ScanMode><ScanAxes>").replace(
        '<ScanAxisInfo AxisId="TwoTheta">', '<ScanAxisInfo AxisId="TwoTheta"><Reference>64</Reference>'
    )
    path = tmp_path / "a.brml"
    path.write_bytes(files.zipped({"Experiment0/RawData0.xml": text}))
    (found,) = bruker_brml.READER.read(path)
    assert np.degrees(found.data["two_theta"].to_numpy()[[0, -1]]) == pytest.approx([64.0, 72.7])


def test_spa_with_extended_directory(tmp_path):
    """The same spectrum behind entries of 16 and of 22 bytes."""
    x = np.linspace(4000.0, 650.0, 1738)
    y = np.exp(-(((x - 1720.0) / 30.0) ** 2))
    read = []
    for extended in (False, True):
        path = tmp_path / f"{extended}.spa"
        path.write_bytes(files.spa(x, y, extended=extended))
        (found,) = thermo_spa.READER.read(path)
        read.append(found.data["lab.ftir_absorbance"].to_numpy())
    assert np.array_equal(*read)


def test_a_rocking_curve_is_no_powder_pattern(tmp_path):
    """Scans over omega at a fixed 2 theta, in .rasx, .ras and .xrdml: shown as spectra against omega, with no line of a
    powder and no size; the same numbers with 2 theta as the axis are a pattern."""
    x = np.linspace(15.0, 17.0, 201)
    y = np.round(1000.0 * np.exp(-(((x - 16.1) / 0.1) ** 2)) + 5.0)
    for axis, kind in (("Omega", "spectrum"), ("TwoThetaOmega", "xrd")):
        rows = "\n".join(f"{a:.4f} {b:.1f} 1.0" for a, b in zip(x, y, strict=True))
        ras = f'*RAS_DATA_START\n*MEAS_SCAN_AXIS_X "{axis}"\n*RAS_INT_START\n{rows}\n*RAS_INT_END\n'
        (tmp_path / f"{axis}.ras").write_text(ras)
        conditions = f'<M><Axes><AxisName Name="{axis}"/></Axes></M>'
        profile = rows.replace(" ", "\t").encode()
        members = {"Data0/Profile0.txt": profile, "Data0/MesurementConditions0.xml": conditions}
        (tmp_path / f"{axis}.rasx").write_bytes(files.zipped(members))
        xrdml = files.xrdml(15.0, 17.0, y)
        if kind == "spectrum":
            moving = "<startPosition>15.0</startPosition><endPosition>17.0</endPosition>"
            xrdml = xrdml.replace(moving, "<commonPosition>32.1</commonPosition>")
            xrdml = xrdml.replace("<startPosition>1</startPosition><endPosition>2</endPosition>", moving)
        (tmp_path / f"{axis}.xrdml").write_text(xrdml)
        for suffix in ("ras", "rasx", "xrdml"):
            reading = peqled.read(tmp_path / f"{axis}.{suffix}")
            assert [m.kind for m in reading.measurements] == [kind], (axis, suffix, reading.files[0].reason)
            if kind == "spectrum":
                assert reading.value("abscissa_at_max") == pytest.approx(16.1, abs=0.011)
                assert not reading.find("scherrer_size_nm")
