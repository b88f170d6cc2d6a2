"""Laws fitted to an index table, and whether its n and k belong together.

Cauchy (transparent materials), lambda in um:          n = sum_j c_j/lambda^(2j)
Lorentz oscillators (absorbing ones), E in eV:         eps = eps_inf + sum_j f_j E_j²/(E_j² - E² - i g_j E)

Kramers-Kronig: the absorption within the table determines n but for what lies outside, which is smooth there:

    n(E) = n_KK(E) + c_0 + c_1/E² + sum_j b_j/(E_j² - E²),     n_KK = (2/pi) P integral E' k(E')/(E'² - E²) dE'

with the integral over the table and a few poles E_j beyond its last energy for the absorption there
(Lucarini et al., Kramers-Kronig Relations in Optical Materials Research, Springer 2005, chapter 2); the residue of that
fit is what n and k disagree by.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Complex, Float

from peqled.materials.index_file import MeasuredIndex

__all__ = ["CauchyFit", "OscillatorFit", "fit_cauchy", "fit_oscillators", "kramers_kronig_gap"]

_EV_METRE = 1.239841984e-6
_BEYOND = (1.02, 1.08, 1.25, 1.7, 4.0)
"""Places of absorption beyond the table, over its last energy."""


class CauchyFit(NamedTuple):
    """Coefficients (um^(2j)), one standard deviation of each, and of the table about the law."""

    coefficients: Float[np.ndarray, " order"]
    error: Float[np.ndarray, " order"]
    residual: float

    def at(self, wavelength: Float[np.ndarray, "*shape"]) -> Complex[np.ndarray, "*shape"]:
        """n at wavelengths (m); meant for the range of the fit."""
        powers = (np.asarray(wavelength)[..., None] * 1e6) ** (-2.0 * np.arange(self.coefficients.size))
        return (powers @ self.coefficients).astype(complex)


class OscillatorFit(NamedTuple):
    """Strengths f, energies and widths (eV) of Lorentz oscillators, and the spread of n and k about them."""

    background: float
    strength: Float[np.ndarray, " oscillator"]
    energy: Float[np.ndarray, " oscillator"]
    width: Float[np.ndarray, " oscillator"]
    residual: float

    def at(self, wavelength: Float[np.ndarray, "*shape"]) -> Complex[np.ndarray, "*shape"]:
        """n + ik at wavelengths (m); obeys Kramers-Kronig at any."""
        energy = _EV_METRE / np.asarray(wavelength, float)
        return np.sqrt(_permittivity(energy, self.background, self.strength, self.energy, self.width))


def fit_cauchy(table: MeasuredIndex, *, order: int = 3) -> CauchyFit:
    """Least squares of `order` coefficients. Raises ValueError where the material absorbs (k > 0.01)."""
    if table.index.imag.max() > 0.01:
        where = table.wavelength[np.argmax(table.index.imag)] * 1e9
        raise ValueError(
            f"{table.name}: k = {table.index.imag.max():.3g} at {where:.0f} nm; a Cauchy law needs k < 0.01"
        )
    if table.wavelength.size <= order:
        raise ValueError(f"{table.name}: {table.wavelength.size} rows for {order} coefficients")
    design = (table.wavelength[:, None] * 1e6) ** (-2.0 * np.arange(order))
    coefficients, *_ = np.linalg.lstsq(design, table.index.real, rcond=None)
    rest = design @ coefficients - table.index.real
    variance = rest @ rest / (rest.size - order)
    error = np.sqrt(variance * np.diag(np.linalg.pinv(design.T @ design)))
    return CauchyFit(coefficients, error, float(np.sqrt(variance)))


def fit_oscillators(table: MeasuredIndex, *, count: int = 2) -> OscillatorFit:
    """Nonlinear least squares of n and k with `count` oscillators, from starts spread over the table and beyond it."""
    from scipy.optimize import least_squares

    if 2 * table.wavelength.size <= 3 * count + 1:
        raise ValueError(f"{table.name}: {table.wavelength.size} rows for {count} oscillators")
    energy = _EV_METRE / table.wavelength
    low, high = energy.min(), energy.max()

    def unpacked(p):
        rest = np.exp(p[1:]).reshape(3, count)
        return np.exp(p[0]), *rest

    def residuals(p):
        off = np.sqrt(_permittivity(energy, *unpacked(p))) - table.index
        return np.concatenate([off.real, off.imag])

    def solve(top):
        places = np.linspace(low + 0.3 * (high - low), top, count)
        start = np.log(np.concatenate([[2.0], np.full(count, 0.5), places, np.full(count, 0.2)]))
        return least_squares(residuals, start, xtol=1e-13, ftol=1e-13, max_nfev=2000)

    best = min((solve(top) for top in (0.9 * high, 1.2 * high, 2.0 * high)), key=lambda found: found.cost)
    background, strength, place, width = unpacked(best.x)
    order = np.argsort(place)
    spread = float(np.sqrt(2.0 * best.cost / (residuals(best.x).size - best.x.size)))
    return OscillatorFit(float(background), strength[order], place[order], width[order], spread)


def kramers_kronig_gap(table: MeasuredIndex) -> Float[np.ndarray, " wavelength"]:
    """What n of the table differs by from the n that its k gives; a few 0.01 near the ends come from the cut there."""
    energy = _EV_METRE / table.wavelength[::-1]
    n, k = table.index.real[::-1], table.index.imag[::-1]
    rest = n - _dispersion_of(energy, k)
    scaled = energy / energy.max()
    design = np.stack([np.ones_like(scaled), scaled**-2, *(1.0 / (place**2 - scaled**2) for place in _BEYOND)], 1)
    smooth, *_ = np.linalg.lstsq(design, rest, rcond=None)
    return (rest - design @ smooth)[::-1]


def _permittivity(energy, background, strength, place, width) -> np.ndarray:
    energy = np.asarray(energy)[..., None]
    return background + np.sum(strength * place**2 / (place**2 - energy**2 - 1j * width * energy), -1)


def _dispersion_of(energy: np.ndarray, k: np.ndarray) -> np.ndarray:
    """n_KK: the integral of E' k(E') - E k(E) is regular, the principal value of the rest is known."""
    weight = np.gradient(energy)
    weight[[0, -1]] *= 0.5
    here, there = energy[:, None], energy[None, :]
    gap = there**2 - here**2
    same = np.eye(energy.size, dtype=bool)
    numerator = there * k[None, :] - here * k[:, None]
    slope = (k + energy * np.gradient(k, energy)) / (2.0 * energy)
    regular = np.where(same, slope[:, None], numerator / np.where(same, 1.0, gap)) @ weight
    low, high = energy[0], energy[-1]
    inner = np.clip(energy, low + 0.25 * (energy[1] - low), high - 0.25 * (high - energy[-2]))
    known = 0.5 * k * np.log(np.abs((high - inner) * (low + inner) / ((high + inner) * (inner - low))))
    return 2.0 / np.pi * (regular + known)
