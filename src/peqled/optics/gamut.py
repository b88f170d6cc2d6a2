"""Colour of a device against its display: share of a gamut's triangle, and how the colour moves with the angle."""

from typing import Literal

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from peqled.materials.observer import uniform_coordinates
from peqled.optics.averages import zone_mean
from peqled.optics.colour import chromaticity, uniform_chromaticity
from peqled.optics.emission import Emission
from peqled.optics.orientation import Orientation
from peqled.optics.photometry import as_power

REC2020 = {"red": (0.708, 0.292), "green": (0.170, 0.797), "blue": (0.131, 0.046)}
"""CIE 1931 (x, y) of the primaries (ITU-R Recommendation BT.2020-2)."""

Triangle = dict[str, tuple[float, float]]


def gamut_coverage(
    *, target: Triangle | None = None, plane: Literal["xy", "u'v'"] = "xy", **primaries: tuple[float, float]
) -> float:
    """Share of the target's triangle (Rec.2020 by default) that a display can show.

    Give the CIE 1931 (x, y) of its primaries as `red`, `green` and `blue`; those left out are the target's own, so that
    one emitter can be judged alone. `plane` is the diagram in which areas are measured.
    """
    target = REC2020 if target is None else target
    if unknown := sorted(set(primaries) - set(target)):
        raise ValueError(f"primaries are {', '.join(target)}, got {unknown[0]!r}")
    wanted, own = (_polygon(x, plane) for x in (target, {**target, **primaries}))
    return _area(_clipped(own, wanted)) / _area(wanted)


def angular_chromaticity(
    emission: Emission,
    orientation: Orientation,
    *,
    photon_spectrum: Float[Array, " wavelength"],
    zone: Float[Array, " position"] | None = None,
) -> Float[Array, "angle xy"]:
    """CIE 1931 (x, y) at each angle of `emission`, of dipoles with the intrinsic `photon_spectrum` (any scale) spread
    over its positions by `zone`, evenly without it.

    Powers of different positions add as P, not as P/F: the rate of emission into a direction per exciton.
    """
    pattern = zone_mean(emission.farfield(orientation).sum(2), zone)
    spectra = as_power(pattern.T * photon_spectrum, emission.wavelength)
    return chromaticity(spectra, emission.wavelength)


def colour_shift(xy: Float[Array, "angle xy"]) -> Float[Array, " angle"]:
    """Distance in CIE 1976 (u', v') from the colour at the first angle; about 0.004 can be seen side by side."""
    uv = uniform_chromaticity(xy)
    return jnp.linalg.norm(uv - uv[..., :1, :], axis=-1)


def _polygon(primaries: Triangle, plane: str) -> np.ndarray:
    """Corners in the diagram, counter-clockwise."""
    corners = np.array([primaries[name] for name in ("red", "green", "blue")], float)
    if plane not in ("xy", "u'v'"):
        raise ValueError(f"""plane must be "xy" or "u'v'", got {plane!r}""")
    if plane == "u'v'":
        corners = np.stack(uniform_coordinates(corners[:, 0], corners[:, 1]), -1)
    return corners if _signed_area(corners) > 0.0 else corners[::-1]


def _signed_area(corners: np.ndarray) -> float:
    """Shoelace formula, positive counter-clockwise."""
    x, y = corners.T
    return 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _area(corners: np.ndarray) -> float:
    return abs(_signed_area(corners)) if len(corners) > 2 else 0.0


def _clipped(subject: np.ndarray, window: np.ndarray) -> np.ndarray:
    """The part of a convex polygon within another one (Sutherland & Hodgman, Commun. ACM 17, 32 (1974))."""
    for start, stop in zip(window, np.roll(window, -1, axis=0), strict=True):
        along = stop - start
        side = along[0] * (subject[:, 1] - start[1]) - along[1] * (subject[:, 0] - start[0])
        kept = []
        for i in range(len(subject)):
            j = (i + 1) % len(subject)
            if side[i] >= 0.0:
                kept.append(subject[i])
            if side[i] * side[j] < 0.0:
                kept.append(subject[i] + (subject[j] - subject[i]) * side[i] / (side[i] - side[j]))
        subject = np.array(kept).reshape(-1, 2)
    return subject
