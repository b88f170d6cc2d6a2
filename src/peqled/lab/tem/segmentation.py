"""Particles of an image: connected regions of a mask; grey images by Otsu's threshold and a watershed.

Regions are 8-connected, holes are filled; a region that touches the border is cut and is counted apart. The grey-image
route (Otsu, IEEE Trans. SMC 1979, 9, 62, then a watershed on the distance to the edge) is a proposal: a person has to
look at it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

EIGHT = np.ones((3, 3), dtype=int)
SMALLEST = 8  # px, below is noise


@dataclass(frozen=True)
class Particles:
    """Regions of an image, in pixels: area, minimum and maximum Feret-like axes, and whether they touch the border."""

    area: np.ndarray
    long_axis: np.ndarray
    short_axis: np.ndarray
    border: np.ndarray
    proposed: bool

    @property
    def inner(self) -> np.ndarray:
        """Mask of the particles that do not touch the border."""
        return ~self.border

    @property
    def diameter(self) -> np.ndarray:
        """Diameter of the circle of equal area, px."""
        return np.sqrt(4.0 * self.area / np.pi)


def is_mask(image: np.ndarray) -> bool:
    """Whether an image has two grey values only."""
    sample = image[:: max(1, image.shape[0] // 400), :: max(1, image.shape[1] // 400)]
    return bool(np.unique(sample).size <= 2 and np.unique(image).size <= 2)


def foreground(mask: np.ndarray, polarity: str = "") -> np.ndarray:
    """Particles of a two-valued image: the value said, else the one that covers less of the border."""
    high = mask == mask.max()
    if polarity in ("bright", "white"):
        return high
    if polarity in ("dark", "black"):
        return ~high
    frame = np.concatenate((high[0], high[-1], high[:, 0], high[:, -1]))
    return high if frame.mean() <= 0.5 else ~high


def label_mask(mask: np.ndarray, *, smallest: int = SMALLEST) -> np.ndarray:
    """Labels of 8-connected regions of a boolean mask, holes filled, tiny ones dropped."""
    from scipy import ndimage

    labels = np.zeros(mask.shape, dtype=np.int32)
    count = int(ndimage.label(ndimage.binary_fill_holes(mask), structure=EIGHT, output=labels))  # type: ignore[arg-type]
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    keep = sizes >= smallest
    keep[0] = False
    renumber = np.cumsum(keep) * keep
    return renumber[labels]


def segment_grey(image: np.ndarray, *, smallest: int = SMALLEST) -> np.ndarray:
    """Labels of particles in a grey image (needs scikit-image)."""
    from scipy import ndimage
    from skimage.feature import peak_local_max
    from skimage.filters import gaussian, threshold_otsu
    from skimage.segmentation import watershed

    smooth = gaussian(image.astype(float), sigma=1.0, preserve_range=True)
    mask = foreground((smooth > threshold_otsu(smooth)).astype(np.uint8))
    coarse = label_mask(mask, smallest=smallest)
    distance = np.asarray(ndimage.distance_transform_edt(coarse > 0))
    typical = float(np.sqrt(np.median(np.bincount(coarse.ravel())[1:]) / np.pi)) if coarse.max() else 1.0
    seeds = peak_local_max(gaussian(distance, 1.0), min_distance=max(2, int(0.7 * typical)), labels=coarse)
    markers = np.zeros(image.shape, dtype=int)
    markers[tuple(seeds.T)] = np.arange(1, len(seeds) + 1)
    return watershed(-distance, markers, mask=coarse > 0)


def measure(labels: np.ndarray, *, proposed: bool = False) -> Particles:
    """Areas, axes of the ellipse of equal second moments, and border contact of labelled regions."""
    count = int(labels.max())
    flat = labels.ravel()
    area = np.bincount(flat, minlength=count + 1)[1:].astype(float)
    rows, columns = np.indices(labels.shape)

    def moment(values: np.ndarray) -> np.ndarray:
        return np.bincount(flat, weights=values.ravel(), minlength=count + 1)[1:] / np.maximum(area, 1.0)

    y, x = moment(rows.astype(float)), moment(columns.astype(float))
    yy, xx = moment(rows.astype(float) ** 2) - y**2 + 1.0 / 12.0, moment(columns.astype(float) ** 2) - x**2 + 1.0 / 12.0
    xy = moment(rows.astype(float) * columns) - x * y
    middle, half = 0.5 * (xx + yy), np.sqrt(0.25 * (xx - yy) ** 2 + xy**2)
    touching = np.unique(np.concatenate((labels[0], labels[-1], labels[:, 0], labels[:, -1])))
    border = np.isin(np.arange(1, count + 1), touching)
    axes = 4.0 * np.sqrt(middle + half), 4.0 * np.sqrt(np.maximum(middle - half, 0.0))
    return Particles(area, axes[0], axes[1], border, proposed)
