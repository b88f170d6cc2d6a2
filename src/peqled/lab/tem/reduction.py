"""Particle sizes: histogram, moments, lognormal parameters; border particles left out and counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from peqled.lab.measurement import Context, Measurement, Quantity
from peqled.lab.tem.segmentation import Particles, foreground, is_mask, label_mask, measure, segment_grey
from peqled.lab.tem.statistics import SizeStatistics, lognormal_fits, statistics

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("tem_particles", "tem_mask")
ENOUGH = 200


def reduce(measurements: Sequence[Measurement], context: Context) -> list[Quantity]:
    """Rows of each table and image."""
    rows: list[Quantity] = []
    for m in measurements:
        rows += _image_rows(m, context) if m.kind == "tem_mask" else _table_rows(m, context)
    return rows


def scale_of(m: Measurement, context: Context) -> float:
    """Nanometres per pixel, NaN where unknown; a plain number is taken in nm."""
    value = context.number(m, "scale", "m")
    return value * 1e9 if value < 1e-3 else value


def sizes_of(m: Measurement, context: Context) -> tuple[np.ndarray, str, str]:
    """Sizes, their unit (nm or px) and what they are."""
    what = str(m.metadata.get("size_is", "size"))
    if "lab.tem_size" in m.data:
        return 1e9 * m.data["lab.tem_size"].to_numpy(), "nm", what
    area = m.data["lab.tem_area_px"].to_numpy() if "lab.tem_area_px" in m.data else None
    pixels = np.sqrt(4.0 * area / np.pi) if area is not None else m.data["lab.tem_size_px"].to_numpy()
    scale = scale_of(m, context)
    name = "equivalent circle diameter" if area is not None else what
    return (pixels * scale, "nm", name) if np.isfinite(scale) else (pixels, "px", name)


def _table_rows(m: Measurement, context: Context) -> list[Quantity]:
    sizes, unit, what = sizes_of(m, context)
    file = context.file(m)
    flags = ("TEM_N",) if sizes.size < ENOUGH else ()
    rows = [Quantity(file, "particles", float(sizes.size), convention="rows of the table", flags=flags, sample=m.name)]
    if "lab.tem_area_px" in m.data:
        area = float(np.median(m.data["lab.tem_area_px"]))
        rows.append(
            Quantity(
                file, "area_median_px", area, unit="px", convention="median projected area", flags=flags, sample=m.name
            )
        )
    return rows + (_size_rows(file, m.name, sizes, unit, what, flags, "") if sizes.size >= 3 else [])


def particles_of(m: Measurement, context: Context) -> Particles:
    """Particles of an image: a mask as it is, a grey image by the proposed segmentation."""
    image = m.data["lab.tem_image"].to_numpy()
    if is_mask(image):
        return measure(label_mask(foreground(image, str(context.setting(m, "particles_are", "")).lower())))
    return measure(segment_grey(image), proposed=True)


def _image_rows(m: Measurement, context: Context) -> list[Quantity]:
    found, file = particles_of(m, context), context.file(m)
    inner, scale = found.inner, scale_of(m, context)
    convention = "8-connected regions" + (
        ", Otsu and watershed, to be accepted by a person" if found.proposed else " of the mask"
    )
    flags = ("TEM_N",) if inner.sum() < ENOUGH else ()
    rows = [
        Quantity(
            file, "particles_all", float(found.area.size), convention=f"{convention}, border included", sample=m.name
        ),
        Quantity(
            file,
            "particles",
            float(inner.sum()),
            convention=f"{convention}, none at the border",
            flags=flags,
            sample=m.name,
        ),
    ]
    if not inner.any():
        return rows
    all_median, median = float(np.median(found.area)), float(np.median(found.area[inner]))
    rows += [
        Quantity(
            file, "area_median_px", median, unit="px", convention="none at the border", flags=flags, sample=m.name
        ),
        Quantity(file, "area_median_all_px", all_median, unit="px", convention="border included", sample=m.name),
    ]
    sizes = found.diameter[inner]
    unit = "nm" if np.isfinite(scale) else "px"
    note = "" if np.isfinite(scale) else "no scale in the file: give scale = 'x nm' a pixel"
    if inner.sum() >= 3:
        rows += _size_rows(
            file, m.name, sizes * (scale if unit == "nm" else 1.0), unit, "equivalent circle diameter", flags, note
        )
        short = float(np.median(found.short_axis[inner] / found.long_axis[inner]))
        rows.append(
            Quantity(
                file,
                "aspect_ratio_median",
                short,
                convention="short over long axis of the equal ellipse",
                sample=m.name,
            )
        )
    return rows


def _size_rows(
    file: str, sample: str, sizes: np.ndarray, unit: str, what: str, flags: tuple[str, ...], note: str
) -> list[Quantity]:
    s: SizeStatistics = statistics(sizes)
    fits = lognormal_fits(sizes)
    better = "lognormal" if fits[0] < fits[1] else "normal"
    told = f"n = {s.count}; {better} fits better (distances {fits[0]:.3f} and {fits[1]:.3f}); {note}".rstrip("; ")

    def row(quantity: str, value: float, u: float, convention: str, *, of: str = unit) -> Quantity:
        return Quantity(file, quantity, value, u, of, f"{what}, {convention}", flags, sample, told)

    return [
        row(f"size_mean_{unit}", s.mean, s.u_mean, "number mean"),
        row(f"size_sd_{unit}", s.deviation, s.u_deviation, "standard deviation"),
        row(f"size_median_{unit}", s.median, s.u_median, "median"),
        row("size_cv_pct", 100.0 * s.variation, 100.0 * s.u_deviation / s.mean, "sd over mean", of="%"),
        row(f"size_gm_{unit}", s.geometric_mean, s.u_geometric_mean, "lognormal geometric mean"),
        row(
            "size_gsd", s.geometric_deviation, s.u_geometric_deviation, "lognormal geometric standard deviation", of="1"
        ),
        row(f"size_scattering_mean_{unit}", s.scattering_mean, float("nan"), "d^6 over d^5, to compare with DLS"),
    ]


def figures(measurements: Sequence[Measurement], quantities: Sequence[Quantity]) -> list[tuple[str, str, Figure]]:
    """Histogram with the lognormal law of each table or image (at most 16)."""
    from pathlib import Path

    from matplotlib.figure import Figure

    context, drawn = Context(Path(".")), []
    for m in list(measurements)[:16]:
        if m.kind == "tem_mask":
            found = particles_of(m, context)
            sizes, unit = found.diameter[found.inner], "px"
        else:
            sizes, unit, _ = sizes_of(m, context)
        if sizes.size < 3:
            continue
        s = statistics(sizes)
        figure = Figure(figsize=(4.2, 3.0), layout="constrained")
        axes = figure.subplots()
        axes.hist(sizes, bins="auto", density=True, alpha=0.5)
        x = np.linspace(sizes.min(), sizes.max(), 300)
        width = max(np.log(s.geometric_deviation), 1e-9)
        axes.plot(
            x, np.exp(-0.5 * (np.log(x / s.geometric_mean) / width) ** 2) / (x * width * np.sqrt(2 * np.pi)), lw=1.0
        )
        axes.set_xlabel(f"size ({unit})")
        axes.set_ylabel("density")
        drawn.append(
            (
                f"Sizes {m.name}",
                f"n = {s.count}, mean {s.mean:.3g} {unit}, sd {s.deviation:.2g} {unit}; line: lognormal.",
                figure,
            )
        )
    return drawn


FIGURES = figures
