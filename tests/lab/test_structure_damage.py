"""Damaged files of every format of this part: a measurement or one `LabFileError`, never anything else, and findings of
fuzzing.
"""

import io
import json
import random
import zipfile

import numpy as np
import pytest
from PIL import Image

import peqled
from peqled.lab.measurement import LabFileError
from peqled.lab.registry import reader
from tests.lab import structure_files as files
from tests.lab.damage import read_or_refuse

GRID = np.linspace(600.0, 3800.0, 201)
FILM = 0.02 + 0.6 * np.exp(-(((GRID - 2925.0) / 20.0) ** 2))
ANGLE = np.arange(10.0, 40.0, 0.05)
COUNTS = np.round(60.0 + 900.0 * np.exp(-(((ANGLE - 15.2) / 0.4) ** 2)))
LAG = np.logspace(-6.5, -1.0, 80)
ENERGY = np.arange(1190.0, 1205.0, 0.1)


def _image():
    buffer = io.BytesIO()
    Image.fromarray((np.random.default_rng(0).random((40, 40)) > 0.7).astype(np.uint8) * 255).save(buffer, "TIFF")
    return buffer.getvalue()


def _rows(head, *columns, sign="\t"):
    return (head + "\n" + "\n".join(sign.join(f"{v:.6g}" for v in row) for row in zip(*columns, strict=True))).encode()


SEEDS = {
    "vamas": files.vamas([("C 1s", "C", "1s", ENERGY, [100.0 + ENERGY, ENERGY], 1486.6)] * 2, mode="MAPDP").encode(),
    "kherve_json": json.dumps({"Core levels": {"Pb4f": {"B.E.": list(ENERGY), "Raw Data": list(ENERGY)}}}).encode(),
    "thermo_vgd": files.thermo_vgd(1196.0 + 0.1 * np.arange(600), np.arange(600.0)),
    "xps_text": _rows("C1s\nBinding Energy (eV)\tCounts", ENERGY - 900.0, ENERGY),
    "galactic_spc": files.spc(GRID, [FILM, FILM], form="i32", own_axes=True),
    "thermo_spa": files.spa(GRID, FILM),
    "bruker_opus": files.opus(GRID, FILM),
    "jcamp_dx": files.jcamp(GRID, FILM, form="difference").encode(),
    "ftir_csv": _rows("cm-1,absorbance", GRID, FILM, sign=","),
    "panalytical_xrdml": files.xrdml(10.0, 39.95, COUNTS).encode(),
    "rigaku_rasx": files.rasx(ANGLE, COUNTS),
    "bruker_brml": files.brml(ANGLE, COUNTS),
    "bruker_raw": files.bruker_raw(4, 10.0, 0.05, COUNTS),
    "xrd_text": _rows("2theta,counts", ANGLE, COUNTS, sign=","),
    "malvern_dls": _rows("X Lag Time\tRecord 1: a", 1e6 * LAG, 0.9 * np.exp(-2000.0 * LAG)),
    "alv_asc": files.alv(1e3 * LAG, 0.9 * np.exp(-2000.0 * LAG)),
    "dls_table": _rows("Time (s),g2-1", LAG, 0.9 * np.exp(-2000.0 * LAG), sign=","),
    "particle_table": _rows("num,ECD nm", np.arange(40), 10.0 + np.arange(40), sign=","),
    "particle_image": _image(),
    "sclc_table": _rows("Voltage (V)\tJ (mA/cm2)", np.geomspace(0.05, 8.0, 60), np.geomspace(0.05, 8.0, 60) ** 2),
}


def damaged(content, rng):
    """Cut, shortened inside, or with some bytes replaced by awkward ones."""
    raw, way = bytearray(content), rng.random()
    if way < 0.25:
        return bytes(raw[: rng.randrange(len(raw))])
    if way < 0.4:
        start = rng.randrange(len(raw))
        del raw[start : start + rng.randrange(1, 500)]
        return bytes(raw)
    for _ in range(rng.choice((1, 4, 20))):
        raw[rng.randrange(min(len(raw), rng.choice((200, 1000, len(raw)))))] = rng.choice(
            (0, 255, 127, 128, 48, 57, 45, 46, 10)
        )
    return bytes(raw)


@pytest.mark.parametrize("name", SEEDS)
def test_structure_damaged_files(tmp_path, name):
    """Thirty damaged copies of a small file, always the same ones."""
    rng, path = random.Random(name), tmp_path / "a.dat"
    for _ in range(30):
        path.write_bytes(damaged(SEEDS[name], rng))
        read_or_refuse(reader(name), path)


@pytest.mark.parametrize("name", SEEDS)
def test_structure_recognised_among_all_readers(tmp_path, name):
    """Every seed goes to its own reader when all readers are asked, and what comes out carries only known flags."""
    path = tmp_path / {"sclc_table": "hole-only_100nm.txt", "particle_image": "mask.tif"}.get(name, "a.dat")
    path.write_bytes(SEEDS[name])
    reading = peqled.read(path)
    assert [entry.reader for entry in reading.files] == [name]
    assert reading.quantities
    assert not reading.find("reduction")


def test_structure_findings_of_fuzzing(tmp_path):
    """Exponent of an old SPC beyond any float, a viscosity of zero, a member name that is no UTF-8, a bare carriage
    return.
    """
    old = bytearray(files.spc_old(GRID, FILM))
    old[2:4] = b"\xff\x7f"
    (tmp_path / "a.spc").write_bytes(bytes(old))
    with pytest.raises(LabFileError, match="exponent"):
        reader("galactic_spc").read(tmp_path / "a.spc")
    (tmp_path / "a.ASC").write_bytes(files.alv(1e3 * LAG, 0.9 * np.exp(-2000.0 * LAG)).replace(b"0.89", b"0.00"))
    assert not peqled.read(tmp_path / "a.ASC").find("reduction")
    (tmp_path / "a.rasx").write_bytes(files.rasx(ANGLE, COUNTS).replace(b"Data0", b"\xb8ata0"))
    with pytest.raises(LabFileError):
        reader("rigaku_rasx").read(tmp_path / "a.rasx")
    (tmp_path / "R.csv").write_bytes(
        b" ,Label,Area,Feret,Circ.,Round\n1,i.tif:1,50,9,1,1\r2,i.tif:2,60,9,1,1\n3,i.tif:3,70,9,1,1"
    )
    assert reader("particle_table").read(tmp_path / "R.csv")


def test_structure_containers_that_expand_are_refused(tmp_path):
    """A profile of 300 MB of zeros in a few hundred kB."""
    path = tmp_path / "a.rasx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("Data0/Profile0.txt", "w") as member:
        for _ in range(300):
            member.write(b"0" * 1_000_000)
    with pytest.raises(LabFileError):
        reader("rigaku_rasx").read(path)
