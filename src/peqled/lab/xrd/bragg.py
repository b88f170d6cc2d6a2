"""Bragg's law, ``lambda = 2 d sin(theta)``, and the lines of a few reference phases.

Cells: quartz a 4.91341, c 5.40523 A (the standard of the checks); LaB6 a 4.15689 A (NIST SRM 660a); Si a 5.43102 A (SRM
640); corundum a 4.7592, c 12.992 A (SRM 676).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CU_KALPHA1, CU_KALPHA2 = 1.540598, 1.544426  # A (Hoelzer et al., Phys. Rev. A 1997, 56, 4554)
ANODES = {
    "Cu": (1.540598, 1.544426),
    "Co": (1.788996, 1.792835),
    "Mo": (0.709317, 0.713607),
    "Cr": (2.289755, 2.293652),
    "Fe": (1.936041, 1.939973),
    "Ag": (0.559422, 0.563813),
}


@dataclass(frozen=True)
class Phase:
    """A cell (A; hexagonal where gamma is 120 deg) and its lines h k l that are strong and free of overlap."""

    name: str
    a: float
    b: float
    c: float
    hexagonal: bool
    calibrants: tuple[tuple[int, int, int], ...]

    def spacing(self, hkl: tuple[int, int, int]) -> float:
        """Spacing d of a line, A."""
        h, k, l = hkl  # noqa: E741 - the names of the indices
        if self.hexagonal:
            inverse = 4.0 / 3.0 * (h * h + h * k + k * k) / self.a**2 + (l / self.c) ** 2
        else:
            inverse = (h / self.a) ** 2 + (k / self.b) ** 2 + (l / self.c) ** 2
        return inverse**-0.5


def _cubic(name: str, a: float, *lines: tuple[int, int, int]) -> Phase:
    return Phase(name, a, a, a, False, lines)


STANDARDS = (
    Phase("quartz", 4.91341, 4.91341, 5.40523, True, ((1, 0, 0), (1, 0, 1), (1, 1, 0), (1, 1, 2), (2, 1, 1))),
    _cubic("LaB6", 4.15689, (1, 0, 0), (1, 1, 0), (1, 1, 1), (2, 0, 0), (2, 1, 0), (2, 1, 1), (2, 2, 0), (3, 0, 0)),
    _cubic("silicon", 5.43102, (1, 1, 1), (2, 2, 0), (3, 1, 1), (4, 0, 0), (3, 3, 1), (4, 2, 2)),
    Phase(
        "corundum", 4.7592, 4.7592, 12.992, True,
        ((0, 1, 2), (1, 0, 4), (1, 1, 0), (1, 1, 3), (0, 2, 4), (1, 1, 6), (2, 1, 4), (3, 0, 0)),
    ),
)  # fmt: skip


def two_theta(spacing: float | np.ndarray, *, wavelength: float) -> float | np.ndarray:
    """Angle 2 theta (deg) of a spacing (A) at a wavelength (A); NaN where it is not reached."""
    sine = np.asarray(wavelength) / (2.0 * np.asarray(spacing, dtype=float))
    return np.degrees(2.0 * np.arcsin(np.where(sine <= 1.0, sine, np.nan)))


def spacing(angle: float | np.ndarray, *, wavelength: float) -> float | np.ndarray:
    """Spacing d (A) of an angle 2 theta (deg)."""
    return wavelength / (2.0 * np.sin(np.radians(np.asarray(angle, dtype=float)) / 2.0))
