"""A diffraction line: pseudo-Voigt of K-alpha 1 with its K-alpha 2 companion of the same width, on a straight
background.

The companion lies at the angle that the same spacing has at the second wavelength, with the intensity ratio of the
source (0.5 unless the file says otherwise).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peqled.lab.xps.lineshape import pseudo_voigt


@dataclass(frozen=True)
class Source:
    """Wavelengths (A) and the intensity of K-alpha 2 over K-alpha 1 (0: monochromatic)."""

    alpha1: float
    alpha2: float
    ratio: float = 0.5

    def companion(self, angle: float | np.ndarray) -> float | np.ndarray:
        """Angle 2 theta (deg) of the K-alpha 2 line of a K-alpha 1 line."""
        sine = np.sin(np.radians(np.asarray(angle) / 2.0)) * self.alpha2 / self.alpha1
        return np.degrees(2.0 * np.arcsin(np.minimum(sine, 1.0)))


def line(
    angle: np.ndarray, *, centre: float, area: float, fwhm: float, lorentzian_share: float, source: Source
) -> np.ndarray:
    """Intensity of one line: `area` is that of K-alpha 1 (counts deg), `fwhm` in deg."""
    main = pseudo_voigt(angle, centre=centre, fwhm=fwhm, lorentzian_share=lorentzian_share)
    if source.ratio <= 0.0 or source.alpha2 <= 0.0:
        return area * main
    second = float(source.companion(centre))
    return area * (
        main + source.ratio * pseudo_voigt(angle, centre=second, fwhm=fwhm, lorentzian_share=lorentzian_share)
    )


def integral_breadth(fwhm: float, lorentzian_share: float) -> float:
    """Area over height of a pseudo-Voigt, in the unit of `fwhm`."""
    gauss, lorentz = np.sqrt(4.0 * np.log(2.0) / np.pi), 2.0 / np.pi
    return fwhm / (lorentzian_share * lorentz + (1.0 - lorentzian_share) * gauss)
