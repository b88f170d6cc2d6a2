"""Lines of one core level: components that share width, shape, splitting and ratio, on a background.

Each component of a doublet is ``A [p(E; E0) + r p(E; E0 + Delta)]`` with p a pseudo-Voigt of unit area; splitting
Delta and ratio r are held to physical bounds, widths are equal (Major et al., JVST A 2020, 38, 061203, on the errors
that follow from free ones). A component of metal is a Doniach-Sunjic line instead (`doniach_sunjic`), with its own
Lorentzian width and asymmetry and the Gaussian width of the others. Least squares with weights of counting statistics,
the covariance scaled by the reduced chi-squared; the number of components of a singlet by BIC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from peqled.lab.xps.core_levels import CoreLevel
from peqled.lab.xps.doniach_sunjic import broadened, gaussian_part
from peqled.lab.xps.lineshape import pseudo_voigt

SPLITTING_REACH = 0.35  # eV, about the template
RATIO_REACH = 0.20  # relative, about the template
FWHM_BOUNDS = (0.25, 4.0)  # eV
LORENTZ_BOUNDS = (0.05, 1.5)  # eV, full width of a metallic line
ASYMMETRY_BOUNDS = (0.0, 0.4)
METAL_BELOW = (0.8, 2.0)  # eV by which Pb(0) lies under Pb(II): 136.4-137.0 against 137.6-138.7


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
        asymmetry: Doniach-Sunjic index of each component, 0 for a pseudo-Voigt.
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
    asymmetry: np.ndarray = field(default_factory=lambda: np.zeros(0))
    at_bound: tuple[str, ...] = ()
    curve: np.ndarray = field(default_factory=lambda: np.zeros(0))


def model(
    energy: np.ndarray, parameters: np.ndarray, *, components: int, doublet: bool, metallic: Sequence[int] = ()
) -> np.ndarray:
    """Signal of `components` lines; parameters: positions, areas, fwhm, share [, splitting, ratio], and for each of the
    `metallic` ones (numbers from 0) its Lorentzian full width and asymmetry."""
    positions, areas = parameters[:components], parameters[components : 2 * components]
    fwhm, share = parameters[2 * components : 2 * components + 2]
    splitting, ratio = parameters[2 * components + 2 : 2 * components + 4] if doublet else (0.0, 0.0)
    own = parameters[2 * components + (4 if doublet else 2) :].reshape(-1, 2)
    total = np.zeros_like(energy)
    for i, (position, area) in enumerate(zip(positions, areas, strict=True)):
        for shift, weight in ((0.0, 1.0), (splitting, ratio)) if doublet else ((0.0, 1.0),):
            if i in metallic:
                width, asymmetry = own[list(metallic).index(i)]
                line = broadened(energy, centre=position + shift, half_width=0.5 * width, asymmetry=asymmetry,
                                 gaussian_fwhm=gaussian_part(fwhm, share))  # fmt: skip
            else:
                line = pseudo_voigt(energy, centre=position + shift, fwhm=fwhm, lorentzian_share=share)
            total = total + area * weight / (1.0 + ratio) * line
    return total


def fit_level(
    energy: np.ndarray,
    signal: np.ndarray,
    noise: np.ndarray,
    level: CoreLevel,
    *,
    max_components: int = 3,
    asymmetric: Sequence[int] | None = None,
) -> LevelFit | None:
    """Fit a level to background-free `signal` (ascending `energy`, eV); None where no line stands out.

    More components are taken only while BIC falls by more than 10 and each holds 3 % of the area. `asymmetric` are the
    components (from 0, largest first) that are lines of metal; None lets BIC decide for lead below lead(II).
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
    if best is None or not _significant(best):
        return None
    chosen = _metal_of_lead(best, level) if asymmetric is None else [i for i in asymmetric if i < len(best.positions)]
    if not chosen:
        return best
    metal = _fit(energy, signal, noise, level, [float(p) for p in best.positions], metallic=chosen, before=best)
    if metal is None or asymmetric is not None:
        return metal
    index, u = metal.asymmetry.max(), float(np.max(metal.uncertainty["asymmetry"]))
    return metal if metal.bic < best.bic - 10.0 and index > 2.0 * u and _significant(metal) else best


def _metal_of_lead(fit: LevelFit, level: CoreLevel) -> list[int]:
    """Components of Pb 4f that lie below another by what parts lead from lead(II)."""
    if level.name != "Pb 4f":
        return []
    low, high = METAL_BELOW
    return [i for i, p in enumerate(fit.positions) if any(low <= other - p <= high for other in fit.positions)]


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


def _bounds(
    energy: np.ndarray, level: CoreLevel, components: int, area: float, metallic: int
) -> tuple[np.ndarray, np.ndarray]:
    low = [energy[0]] * components + [0.0] * components + [FWHM_BOUNDS[0], 0.0]
    high = [energy[-1]] * components + [20.0 * area] * components + [FWHM_BOUNDS[1], 1.0]
    if level.doublet:
        low += [level.splitting - SPLITTING_REACH, level.ratio * (1.0 - RATIO_REACH)]
        high += [level.splitting + SPLITTING_REACH, level.ratio * (1.0 + RATIO_REACH)]
    if metallic:
        high[2 * components + 1] = 0.95  # a Gaussian part must remain, which the metallic lines share
        low += [LORENTZ_BOUNDS[0], ASYMMETRY_BOUNDS[0]] * metallic
        high += [LORENTZ_BOUNDS[1], ASYMMETRY_BOUNDS[1]] * metallic
    return np.array(low), np.array(high)


def _fit(
    energy: np.ndarray,
    signal: np.ndarray,
    noise: np.ndarray,
    level: CoreLevel,
    starts: list[float],
    *,
    metallic: Sequence[int] = (),
    before: LevelFit | None = None,
) -> LevelFit | None:
    """Least squares from these positions, and from the areas, width and share of the fit `before` where there is
    one."""
    from scipy.optimize import least_squares

    count, area = len(starts), float(np.trapezoid(np.clip(signal, 0.0, None), energy))
    if not area > 0.0:
        return None
    low, high = _bounds(energy, level, count, area, len(metallic))
    width = float(np.clip(0.9 * area / signal.max() / (1.0 + level.ratio), 0.6, 2.5))
    guess = [*starts, *([area / count] * count), width, 0.3, *([level.splitting, level.ratio] if level.doublet else [])]
    if before is not None:
        guess[count : 2 * count + 2] = [*before.areas, before.fwhm, before.lorentzian_share]
    guess += [0.3, 0.1] * len(metallic)
    span = high - low
    start = np.clip(guess, low + 1e-6 * span, high - 1e-6 * span)

    def residuals(parameters: np.ndarray) -> np.ndarray:
        signal_of = model(energy, parameters, components=count, doublet=level.doublet, metallic=metallic)
        return (signal_of - signal) / noise

    found = least_squares(residuals, start, bounds=(low, high), x_scale=np.maximum(np.abs(start), 0.1), max_nfev=300)
    return _result(found.x, found.jac, found.fun, energy, level, count, (low, high), metallic)


def _result(
    x: np.ndarray,
    jacobian: np.ndarray,
    residual: np.ndarray,
    energy: np.ndarray,
    level: CoreLevel,
    count: int,
    bounds: tuple[np.ndarray, np.ndarray],
    metallic: Sequence[int],
) -> LevelFit:
    freedom = max(residual.size - x.size, 1)
    chi2 = float(residual @ residual)
    scale = np.maximum(np.linalg.norm(jacobian, axis=0), 1e-300)
    covariance = np.linalg.pinv((jacobian / scale).T @ (jacobian / scale)) / np.outer(scale, scale)
    u = np.sqrt(np.clip(np.diag(covariance), 0.0, None) * max(chi2 / freedom, 1.0))
    names = [f"position {i + 1}" for i in range(count)] + [f"area {i + 1}" for i in range(count)]
    names += ["fwhm", "lorentzian share", "splitting", "ratio"][: 4 if level.doublet else 2]
    names += [f"{what} {i + 1}" for i in metallic for what in ("lorentzian width", "asymmetry")]
    near = 1e-4 * (bounds[1] - bounds[0])
    bound = [
        name
        for name, value, low, high, margin in zip(names, x, *bounds, near, strict=True)
        if name != "lorentzian share"
        and not name.startswith("lorentzian width")
        and (value - low < margin or high - value < margin)
    ]
    order = np.argsort(-x[count : 2 * count])
    own = 2 * count + (4 if level.doublet else 2)
    asymmetry, asymmetry_u = np.zeros(count), np.zeros(count)
    asymmetry[list(metallic)], asymmetry_u[list(metallic)] = x[own + 1 :: 2], u[own + 1 :: 2]
    pair = slice(2 * count + 2, 2 * count + 4)
    splitting, ratio = (float(v) for v in x[pair]) if level.doublet else (0.0, 0.0)
    splitting_u, ratio_u = (float(v) for v in u[pair]) if level.doublet else (0.0, 0.0)
    uncertainty: dict[str, np.ndarray | float] = {
        "position": u[:count][order],
        "area": u[count : 2 * count][order],
        "fwhm": float(u[2 * count]),
        "splitting": splitting_u,
        "ratio": ratio_u,
        "asymmetry": asymmetry_u[order],
    }
    return LevelFit(
        positions=x[:count][order],
        areas=x[count : 2 * count][order],
        fwhm=float(x[2 * count]),
        lorentzian_share=float(x[2 * count + 1]),
        splitting=splitting,
        ratio=ratio,
        uncertainty=uncertainty,
        reduced_chi2=chi2 / freedom,
        runs_z=runs_z(residual),
        bic=residual.size * float(np.log(chi2 / residual.size)) + x.size * float(np.log(residual.size)),
        asymmetry=asymmetry[order],
        at_bound=tuple(bound),
        curve=model(energy, x, components=count, doublet=level.doublet, metallic=metallic),
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
