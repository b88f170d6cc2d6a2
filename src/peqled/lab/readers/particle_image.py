"""Electron micrographs and masks as images (TIFF, PNG, JPEG, BMP), with the scale that an ImageJ TIFF may carry."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from peqled.lab.measurement import LabFileError, Measurement, dataset
from peqled.lab.registry import Reader
from peqled.lab.tem.segmentation import is_mask

MAX_PIXELS = 80_000_000
_SIGNATURES = (b"II*\x00", b"MM\x00*", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM")
_HINT = re.compile(r"tem(?![a-z])|stem|sem(?![a-z])|mask|binary|particle|micrograph|haadf|segment|label", re.I)
_UNITS = {
    "nm": 1e-9,
    "um": 1e-6,
    "µm": 1e-6,
    "micron": 1e-6,
    "\\u00b5m": 1e-6,
    "mm": 1e-3,
    "m": 1.0,
    "pm": 1e-12,
    "å": 1e-10,
}


def _sniff(head: bytes, name: str) -> float:
    tiff = head[:4] in _SIGNATURES[:2]
    if not head.startswith(_SIGNATURES[:4]) and not (head.startswith(b"BM") and name.lower().endswith(".bmp")):
        return 0.0
    told = _HINT.search(name)
    return 0.6 if told else 0.45 if tiff else 0.2  # other pictures are figures and photographs as often as not


def _scale(image: Any) -> float | None:
    """Metres per pixel from an ImageJ description (``unit=nm``) and the resolution tag, None where not said."""
    tags = getattr(image, "tag_v2", None)
    if tags is None:
        return None
    description = str(tags.get(270, ""))
    unit = re.search(r"unit=(\S+)", description)
    resolution = tags.get(282)
    try:
        per_unit = float(resolution) if resolution is not None else 0.0
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    factor = _UNITS.get(unit[1].lower()) if unit else None
    return factor / per_unit if factor is not None and per_unit > 0.0 else None


def _read(path: Path) -> list[Measurement]:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise LabFileError(path, "size", f"{image.width} x {image.height}", f"at most {MAX_PIXELS} pixels")
                scale = _scale(image)
                pixels = np.asarray(
                    image.convert("L") if image.mode in ("RGB", "RGBA", "P", "1", "LA", "CMYK") else image
                )
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise LabFileError(path, "image", str(error)[:80], "an image of ordinary size") from None
    except (OSError, SyntaxError, ValueError, EOFError, TypeError, ArithmeticError, KeyError) as error:
        if isinstance(error, LabFileError):
            raise
        raise LabFileError(path, "image", str(error)[:80], "an undamaged image") from None
    if pixels.ndim != 2 or min(pixels.shape) < 8:
        raise LabFileError(path, "image", str(pixels.shape), "a grey image of at least 8 x 8 pixels")
    mask = is_mask(pixels)
    axes = {"row": np.arange(pixels.shape[0]), "column": np.arange(pixels.shape[1])}
    metadata = {"image": path.stem, **({"scale": scale} if scale is not None else {})}
    data = dataset({**axes, "lab.tem_image": pixels})
    notes = () if mask else ("a grey image: the segmentation is a proposal that a person has to accept",)
    return [Measurement("tem_mask", path.stem, data, path, "particle_image", metadata, notes)]


READER = Reader(
    name="particle_image",
    title="electron micrograph or particle mask (TIFF, PNG, JPEG)",
    kinds=("tem_mask",),
    suffixes=(".tif", ".tiff", ".png", ".jpg", ".bmp"),
    sniff=_sniff,
    read=_read,
    checked="independent file",
)
