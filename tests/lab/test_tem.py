"""TEM: statistics of known laws, masks with border particles, tables of other programs, images."""

import numpy as np
import pytest
from PIL import Image

import peqled
from peqled.lab.measurement import LabFileError
from peqled.lab.readers import particle_image, particle_table
from peqled.lab.tem.segmentation import foreground, is_mask, label_mask, measure, segment_grey
from peqled.lab.tem.statistics import lognormal, lognormal_fits, statistics


def discs(centres, radius=9.0, shape=(160, 200)):
    """Boolean image of discs."""
    rows, columns = np.indices(shape)
    return np.any([(rows - r) ** 2 + (columns - c) ** 2 <= radius**2 for r, c in centres], axis=0)


CENTRES = ((30, 30), (30, 80), (80, 50), (120, 150), (0, 150), (100, 199))  # the last two touch the border


def test_tem_lognormal_parameters_of_a_sample():
    """5000 lognormal diameters, GM 12, GSD 1.15: both within 4 standard errors; the bootstrap gives those errors to 20
    %.
    """
    d = 12.0 * np.exp(np.log(1.15) * np.random.default_rng(1).normal(size=5000))
    s = statistics(d)
    error = 12.0 * np.log(1.15) / np.sqrt(5000)
    assert abs(s.geometric_mean - 12.0) < 4.0 * error
    assert s.u_geometric_mean == pytest.approx(error, rel=0.2)
    assert s.geometric_deviation == pytest.approx(1.15, abs=0.008)
    assert lognormal(np.array([1.0, np.e])) == (pytest.approx(np.exp(0.5)), pytest.approx(np.exp(np.sqrt(0.5))))
    wide = 12.0 * np.exp(0.5 * np.random.default_rng(2).normal(size=3000))
    assert lognormal_fits(wide)[0] < lognormal_fits(wide)[1]


def test_tem_scattering_mean_of_two_sizes():
    """Equal numbers of 10 and 20: sum d^6/sum d^5 = (1 + 64)/(1 + 32) x 10 = 19.70."""
    assert statistics(np.array([10.0, 20.0] * 10)).scattering_mean == pytest.approx(10.0 * 65.0 / 33.0)


def test_tem_mask_counts_border_particles_apart():
    """Six discs, two cut by the border: six regions, four inside; area pi r^2 within the pixel raster, axes equal to 2
    %.
    """
    found = measure(label_mask(discs(CENTRES)))
    assert found.area.size == 6
    assert found.inner.sum() == 4
    assert found.area[found.inner] == pytest.approx(np.pi * 81.0, rel=0.02)
    assert found.long_axis[found.inner] == pytest.approx(18.0, rel=0.03)
    assert found.short_axis[found.inner] == pytest.approx(18.0, rel=0.03)


def test_tem_regions_are_eight_connected_and_holes_are_filled():
    mask = np.zeros((30, 30), dtype=bool)
    mask[5:10, 5:10] = True
    mask[10:15, 10:15] = True  # meets the first at a corner
    mask[20:28, 20:28] = True
    mask[23:25, 23:25] = False  # a hole
    found = measure(label_mask(mask))
    assert sorted(found.area) == [50.0, 64.0]


def test_tem_foreground_is_what_covers_less_of_the_border():
    image = np.where(discs(CENTRES), 0, 255)
    assert np.array_equal(foreground(image), discs(CENTRES))
    assert np.array_equal(foreground(255 - image), discs(CENTRES))
    assert np.array_equal(foreground(image, "bright"), ~discs(CENTRES))
    assert is_mask(image)
    assert not is_mask(np.arange(100).reshape(10, 10))


def test_tem_grey_image_with_touching_particles():
    """Dark discs on a noisy bright ground, two of them touching: all five are found, the touching ones apart."""
    pytest.importorskip("skimage")
    centres = ((40, 40), (40, 100), (110, 60), (110, 77), (60, 160))
    rng = np.random.default_rng(1)
    image = np.where(discs(centres, radius=9.0), 60.0, 160.0) + 12.0 * rng.normal(size=(160, 200))
    found = measure(segment_grey(image))
    assert found.area.size == 5
    assert np.median(found.diameter) == pytest.approx(18.0, rel=0.08)


@pytest.mark.parametrize("suffix", [".tif", ".png"])
def test_tem_image_with_scale(tmp_path, suffix):
    """Mask as file: counts, and sizes in nm as soon as the scale is known (0.5 nm a pixel: 9 nm)."""
    path = tmp_path / f"mask{suffix}"
    Image.fromarray(np.where(discs(CENTRES), 255, 0).astype(np.uint8)).save(path)
    assert particle_image.READER.sniff(path.read_bytes()[:65536], path.name) >= 0.5
    plain = peqled.read(path)
    assert plain.value("particles_all") == 6
    assert plain.value("particles") == 4
    assert "TEM_N" in plain.find("particles")[0].flags
    assert plain.value("size_mean_px") == pytest.approx(18.0, rel=0.02)
    assert peqled.read(path, settings={"scale": "0.5 nm"}).value("size_mean_nm") == pytest.approx(9.0, rel=0.02)


def test_tem_imagej_scale_of_a_tiff(tmp_path):
    """ImageJ writes pixels per unit into the resolution and the unit into the description."""
    path = tmp_path / "tem a.tif"
    image = Image.fromarray(np.where(discs(CENTRES), 255, 0).astype(np.uint8))
    image.save(path, tiffinfo={270: "ImageJ=1.52n\nunit=nm\n", 282: 4.0, 283: 4.0})
    assert peqled.read(path).value("size_mean_nm") == pytest.approx(18.0 / 4.0, rel=0.02)


def test_tem_tables(tmp_path):
    """ImageJ results of two images in one table; a list of diameters; edge lengths with comma and unit row."""
    rows = "".join(f"{i},image {1 + i % 2}.tif:0001,{100 + i},{12.0 + i}\n" for i in range(20))
    (tmp_path / "Results.csv").write_text(" ,Label,Area,Feret,Circ.,Round\n" + rows.replace("\n", ",0.9,0.9\n"))
    reading = peqled.read(tmp_path / "Results.csv")
    assert sorted(row.sample for row in reading.find("particles")) == ["image 1.tif", "image 2.tif"]
    assert reading.value("area_median_px", sample="image 1.tif") == 109.0
    d = 10.0 * np.exp(0.1 * np.random.default_rng(3).normal(size=300))
    (tmp_path / "sizes.csv").write_text("num,ECD nm\n" + "\n".join(f"{i},{v:.4f}" for i, v in enumerate(d)))
    reading = peqled.read(tmp_path / "sizes.csv")
    assert reading.value("size_gm_nm") == pytest.approx(lognormal(d)[0], rel=1e-4)
    assert reading.find("size_gm_nm")[0].flags == ()
    (tmp_path / "edges.txt").write_text(
        "particle;edge length\n1;nm\n" + "\n".join(f"{i};{v:.3f}".replace(".", ",") for i, v in enumerate(d))
    )
    (one,) = particle_table.READER.read(tmp_path / "edges.txt")
    assert one.data["lab.tem_size"].values.size == 300


def test_tem_damaged_images(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(np.zeros((40, 40), dtype=np.uint8)).save(path)
    raw = path.read_bytes()
    for cut in (8, 20, len(raw) // 2):
        path.write_bytes(raw[:cut])
        with pytest.raises(LabFileError):
            particle_image.READER.read(path)
