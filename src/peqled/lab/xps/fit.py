"""Lines of one core level: components that share width, shape, splitting and ratio, on a background.

Each component of a doublet is ``A [p(E; E0) + r p(E; E0 + Delta)]`` with p a pseudo-Voigt of unit area; splitting
Delta and ratio r are held to physical bounds, widths are equal (Major et al., JVST A 2020, 38, 061203, on the errors
that follow from free ones). Least squares with weights of counting statistics, the covariance scaled by the reduced
chi-squared; the number of components of a singlet by BIC.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from peqled.lab.xps.core_levels import CoreLevel
from peqled.lab.xps.lineshape import pseudo_voigt

SPLITTING_REACH = 0.35  # eV, about the template
RATIO_REACH = 0.20  # relative, about the template
FWHM_BOUNDS = (0.25, 4.0)  # eV


@dataclass(frozen=True)
class LevelFit:
    """Result of `fit_level`: values, standard uncertainties and what limits them.

    Attributes:
        positions: position of the stronger line of each component, eV, largest area first.
        areas: area of each component, both lines of a doublet together, intensity times eV.
        fwhm: width of every line, eV.
        splitting: of the doublet, eV (0 for a singlet).
        ratio: area of the weaker over the stronger line (0 for a singlet).
        uncertainty: standard uncertainties by the same names.
        reduced_chi2: of the weighted residuals.
        runs_z: runs test of the residuals, standard deviations (negative: too few runs).
        at_bound: names of parameters that ended at a bound.
        curve: fitted signal on the energies of the fit.
    """

    positions: np.ndarray
    areas: np.ndarray
    fwhm: float
    lorentzian_share: float
    splitting: float
    ratio: float
    uncertainty: dict[str, np.ndarray | float]
    reduced_chi2: float
    runs_z: float
    bic: float
    at_bound: tuple[str, ...] = ()
    curve: np.ndarray = field(default_factory=lambda: np.zeros(0))


def model(energy: np.ndarray, parameters: np.ndarray, *, components: int, doublet: bool) -> np.ndarray:
    """Signal of `components` lines; parameters: positions, areas, fwhm, share [, splitting, ratio]."""
    positions, areas = parameters[:components], parameters[components : 2 * components]
    fwhm, share = parameters[2 * components : 2 * components + 2]
    total = np.zeros_like(energy)
    for position, area in zip(positions, areas, strict=True):
        line = pseudo_voigt(energy, centre=position, fwhm=fwhm, lorentzian_share=share)
        if doublet:
            splitting, ratio = parameters[-2:]
            partner = pseudo_voigt(energy, centre=position + splitting, fwhm=fwhm, lorentzian_share=share)
            line = (line + ratio * partner) / (1.0 + ratio)
        total = total + area * line
    return total


def fit_level(
    energy: np.ndarray,
    signal: np.ndarray,
    noise: np.ndarray,
    level: CoreLevel,
    *,
    max_components: int = 3,
) -> LevelFit | None:
    """Fit a level to background-free `signal` (ascending `energy`, eV); None where no line stands out.

    More components are taken only while BIC falls by more than 10 and each holds 3 % of the area.
    """
    if energy.size < 10 or not signal.max() > 0.0:
        return None
    best = _fit(energy, signal, noise, level, _starts(energy, signal, level, []))
    for _ in range(1, max_components):
        if best is None:
            return None
        residual = signal - best.curve
        found = [float(p) for p in best.positions]
        candidate = _fit(energy, signal, noise, level, _starts(energy, residual, level, found))
        if candidate is None or candidate.bic > best.bic - 10.0 or not _credible(candidate):
            break
        best = candidate
    return best if best is not None and _significant(best) else None


def _significant(fit: LevelFit) -> bool:
    """The lines together stand out of the noise by five standard uncertainties."""
    return bool(fit.areas.sum() > 5.0 * np.linalg.norm(fit.uncertainty["area"]))


def _credible(fit: LevelFit) -> bool:
    apart = np.diff(np.sort(fit.positions))
    return bool(fit.areas.min() > 0.03 * fit.areas.sum() and (apart.size == 0 or apart.min() > 0.4 * fit.fwhm))


def _starts(energy: np.ndarray, signal: np.ndarray, level: CoreLevel, found: list[float]) -> list[float]:
    inside = energy <= energy[-1] - level.splitting if level.doublet else np.ones_like(energy, dtype=bool)
    smooth = np.convolve(signal, np.ones(3) / 3.0, mode="same")
    if not found and level.doublet:
        smooth = smooth + level.ratio * np.interp(energy + level.splitting, energy, smooth)
    return [*found, float(energy[inside][np.argmax(smooth[inside])])]


def _bounds(energy: np.ndarray, level: CoreLevel, components: int, area: float) -> tuple[np.ndarray, np.ndarray]:
    low = [energy[0]] * components + [0.0] * components + [FWHM_BOUNDS[0], 0.0]
    high = [energy[-1]] * components + [20.0 * area] * components + [FWHM_BOUNDS[1], 1.0]
    if level.doublet:
        low += [level.splitting - SPLITTING_REACH, level.ratio * (1.0 - RATIO_REACH)]
        high += [level.splitting + SPLITTING_REACH, level.ratio * (1.0 + RATIO_REACH)]
    return np.array(low), np.array(high)


def _fit(
    energy: np.ndarray, signal: np.ndarray, noise: np.ndarray, level: CoreLevel, starts: list[float]
) -> LevelFit | None:
    from scipy.optimize import least_squares

    count, area = len(starts), float(np.trapezoid(np.clip(signal, 0.0, None), energy))
    if not area > 0.0:
        return None
    low, high = _bounds(energy, level, count, area)
    width = float(np.clip(0.9 * area / signal.max() / (1.0 + level.ratio), 0.6, 2.5))
    guess = [*starts, *([area / count] * count), width, 0.3, *([level.splitting, level.ratio] if level.doublet else [])]
    span = high - low
    start = np.clip(guess, low + 1e-6 * span, high - 1e-6 * span)

    def residuals(parameters: np.ndarray) -> np.ndarray:
        return (model(energy, parameters, components=count, doublet=level.doublet) - signal) / noise

    found = least_squares(residuals, start, bounds=(low, high), x_scale=np.maximum(np.abs(start), 0.1), max_nfev=300)
    return _result(found.x, found.jac, found.fun, energy, level, count, (low, high))


def _result(
    x: np.ndarray,
    jacobian: np.ndarray,
    residual: np.ndarray,
    energy: np.ndarray,
    level: CoreLevel,
    count: int,
    bounds: tuple[np.ndarray, np.ndarray],
) -> LevelFit:
    freedom = max(residual.size - x.size, 1)
    chi2 = float(residual @ residual)
    scale = np.maximum(np.linalg.norm(jacobian, axis=0), 1e-300)
    covariance = np.linalg.pinv((jacobian / scale).T @ (jacobian / scale)) / np.outer(scale, scale)
    u = np.sqrt(np.clip(np.diag(covariance), 0.0, None) * max(chi2 / freedom, 1.0))
    names = [f"position {i + 1}" for i in range(count)] + [f"area {i + 1}" for i in range(count)]
    names += ["fwhm", "lorentzian share", "splitting", "ratio"][: 4 if level.doublet else 2]
    near = 1e-4 * (bounds[1] - bounds[0])
    bound = [
        name
        for name, value, low, high, margin in zip(names, x, *bounds, near, strict=True)
        if name != "lorentzian share" and (value - low < margin or high - value < margin)
    ]
    order = np.argsort(-x[count : 2 * count])
    uncertainty: dict[str, np.ndarray | float] = {
        "position": u[:count][order],
        "area": u[count : 2 * count][order],
        "fwhm": float(u[2 * count]),
        "splitting": float(u[-2]) if level.doublet else 0.0,
        "ratio": float(u[-1]) if level.doublet else 0.0,
    }
    return LevelFit(
        positions=x[:count][order],
        areas=x[count : 2 * count][order],
        fwhm=float(x[2 * count]),
        lorentzian_share=float(x[2 * count + 1]),
        splitting=float(x[-2]) if level.doublet else 0.0,
        ratio=float(x[-1]) if level.doublet else 0.0,
        uncertainty=uncertainty,
        reduced_chi2=chi2 / freedom,
        runs_z=runs_z(residual),
        bic=residual.size * float(np.log(chi2 / residual.size)) + x.size * float(np.log(residual.size)),
        at_bound=tuple(bound),
        curve=model(energy, x, components=count, doublet=level.doublet),
    )


def runs_z(residual: np.ndarray) -> float:
    """Wald-Wolfowitz runs test of the signs: (runs - expected)/sd; below -3 the residuals have structure."""
    signs = residual > 0.0
    positive, negative = int(signs.sum()), int((~signs).sum())
    if positive == 0 or negative == 0:
        return -float(np.sqrt(residual.size))
    runs = 1 + int((signs[1:] != signs[:-1]).sum())
    n = positive + negative
    mean = 2.0 * positive * negative / n + 1.0
    variance = (mean - 1.0) * (mean - 2.0) / max(n - 1.0, 1.0)
    return float((runs - mean) / np.sqrt(max(variance, 1e-12)))
