"""Fit of a photon-counting decay behind a measured instrument response.

    mu_i = B + sum_j N_j K(tau_j)_i * h(shift)_i,     A_j = N_j / tau_j,

with the photons N_j and lifetimes tau_j of each component, a constant background B and the response h, moved by a free
fraction of bins. All parameters minimise the Poisson deviance (MIGRAD, errors from HESSE). The start is the best
non-negative combination on a grid of lifetimes and whole-bin shifts, so no guess is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from peqled.lab.trpl.averages import amplitude_average, intensity_average, one_over_e, stretched_averages
from peqled.lab.trpl.deviance import bic, poisson_deviance
from peqled.lab.trpl.kernel import Kernel, exponential_response, shifted, stretched_response

__all__ = ["DecayFit", "Histogram", "fit_exponentials", "fit_stretched"]

_GRID = 14  # lifetimes of the starting grid
_SCAN = 8  # bins to either side that the shift is scanned over


@dataclass(frozen=True)
class Histogram:
    """Counts and response on one axis, with the bins that are fitted.

    Attributes:
        counts: photons per bin.
        response: background-free response, area 1; a single bin holds 1 for a tail fit.
        bin_width: s.
        window: first bin and one past the last bin of the fit.
        period: distance of the excitation pulses, s; infinite if unknown.
        offset: expected shift of the response, bins; the fit looks `_SCAN` bins around it.
        free_shift: False keeps the shift at `offset` (tail fits).
    """

    counts: Float[ndarray, " bin"]
    response: Float[ndarray, " bin"]
    bin_width: float
    window: tuple[int, int]
    period: float = np.inf
    offset: float = 0.0
    free_shift: bool = True

    @property
    def fitted(self) -> Float[ndarray, " bin"]:
        """Counts inside the window."""
        return self.counts[self.window[0] : self.window[1]]

    def within(self, start: int, stop: int) -> Histogram:
        """The same data with another window."""
        return replace(self, window=(start, stop))


@dataclass(frozen=True)
class DecayFit:
    """Result of a fit; lifetimes in s, slowest first.

    Attributes:
        model: "exponentials" or "stretched".
        lifetimes: tau_j, s (the one tau of a stretched exponential).
        photons: N_j, counts.
        beta: exponent, 1 for exponentials.
        background: counts per bin.
        shift: of the response, bins, positive later.
        deviance: Poisson deviance.
        points: number of bins fitted.
        parameters: number of free parameters.
        covariance: of (N..., ln tau..., [beta], background, shift), NaN where HESSE failed.
        at_bound: names of parameters at their bound.
        converged: MIGRAD's verdict.
        curve: model counts in the window.
        window: bins fitted.
    """

    model: str
    lifetimes: Float[ndarray, " n"]
    photons: Float[ndarray, " n"]
    beta: float
    background: float
    shift: float
    deviance: float
    points: int
    parameters: int
    covariance: Float[ndarray, "p p"]
    at_bound: tuple[str, ...]
    converged: bool
    curve: Float[ndarray, " bin"]
    window: tuple[int, int]
    kernel: Kernel = "exact"

    @property
    def amplitudes(self) -> Float[ndarray, " n"]:
        """Relative initial amplitudes A_j, sum 1."""
        initial = self.photons / self.lifetimes
        total = np.sum(initial)
        return initial / total if total > 0 else initial

    @property
    def reduced(self) -> float:
        """Deviance per degree of freedom."""
        return self.deviance / max(self.points - self.parameters, 1)

    @property
    def bic(self) -> float:
        """Bayesian information criterion."""
        return bic(self.deviance, parameters=self.parameters, points=self.points)

    def vector(self) -> Float[ndarray, " p"]:
        """Parameters in the order of `covariance`."""
        shape = [self.beta] if self.model == "stretched" else []
        return np.concatenate([self.photons, np.log(self.lifetimes), shape, [self.background, self.shift]])

    def averages(self, vector: Float[ndarray, " p"] | None = None) -> Float[ndarray, " 3"]:
        """tau_amp, tau_int and tau_1/e in s, of this fit or of another vector of parameters."""
        p = self.vector() if vector is None else vector
        n = self.lifetimes.size
        taus = np.exp(p[n : 2 * n])
        if self.model == "stretched":
            return np.array([*stretched_averages(float(taus[0]), float(p[2 * n])), taus[0]])
        amplitudes = np.maximum(p[:n], 0.0) / taus
        return np.array([f(amplitudes, taus) for f in (amplitude_average, intensity_average, one_over_e)])

    def errors(self) -> Float[ndarray, " p"]:
        """Standard errors from counting, widened by sqrt(D/dof) where the model misses structure."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0) * max(self.reduced, 1.0))

    def average_errors(self) -> Float[ndarray, " 3"]:
        """Errors of `averages` by linear propagation with the full covariance."""
        centre = self.vector()
        steps = 0.1 * np.sqrt(np.maximum(np.diag(self.covariance), 0.0)) + 1e-12
        with np.errstate(all="ignore"):
            slope = [(self.averages(centre + e) - self.averages(centre - e)) for e in np.diag(steps)]
        jacobian = np.array(slope).T / (2 * steps)
        variance = np.einsum("ip,pq,iq->i", jacobian, self.covariance, jacobian)
        return np.sqrt(np.maximum(variance, 0.0) * max(self.reduced, 1.0))


def fit_exponentials(
    data: Histogram, components: int, *, kernel: Kernel = "exact", start: DecayFit | None = None
) -> DecayFit:
    """Fit `components` exponentials.

    Args:
        start: a fit of the same number of components to start from (other window or kernel).
    """
    n = components
    span = data.window[1] - data.window[0]
    lowest, highest = np.log(0.1 * data.bin_width), np.log(30.0 * span * data.bin_width)

    def parts(p: Float[ndarray, " p"]) -> Float[ndarray, "n bin"]:
        response = shifted(data.response, p[-1])
        return np.array([_windowed(data, response, np.exp(t), kernel) for t in p[n : 2 * n]])

    def model(p: Float[ndarray, " p"]) -> Float[ndarray, " bin"]:
        return p[-2] + p[:n] @ parts(p)

    first = _start(data, n, kernel) if start is None else start.vector()
    names = [f"N{j}" for j in range(n)] + [f"ln tau{j}" for j in range(n)] + ["background", "shift"]
    limits = [(0.0, None)] * n + [(lowest, highest)] * n + [(0.0, None), _shift_limits(data, first[-1])]
    found = _minimise(data, model, first, names, limits)
    order = np.argsort(-found.values[n : 2 * n])
    index = np.concatenate([order, n + order, [2 * n, 2 * n + 1]])
    return _result("exponentials", data, model, found, index, n, kernel)


def fit_stretched(data: Histogram, *, start: DecayFit | None = None) -> DecayFit:
    """Fit one stretched exponential; starts from `start` or from one exponential."""
    if start is None or start.model != "stretched":
        single = fit_exponentials(data, 1) if start is None else start
        slow = np.log(amplitude_average(single.amplitudes, single.lifetimes))
        first = np.array([np.sum(single.photons), slow, 0.8, single.background, single.shift])
    else:
        first = start.vector()
    span = data.window[1] - data.window[0]

    def model(p: Float[ndarray, " p"]) -> Float[ndarray, " bin"]:
        response = shifted(data.response, p[4])
        decay = stretched_response(response, np.exp(p[1]), p[2], bin_width=data.bin_width)
        return p[3] + p[0] * decay[data.window[0] : data.window[1]]

    bounds = (np.log(0.01 * data.bin_width), np.log(30.0 * span * data.bin_width))
    limits = [(0.0, None), bounds, (0.15, 1.5), (0.0, None), _shift_limits(data, first[4])]
    found = _minimise(data, model, first, ["N0", "ln tau0", "beta", "background", "shift"], limits)
    return _result("stretched", data, model, found, np.arange(5), 1, "exact")


def _windowed(data: Histogram, response: Float[ndarray, " bin"], tau: float, kernel: Kernel):
    decay = exponential_response(response, tau, bin_width=data.bin_width, kernel=kernel, period=data.period)
    return decay[data.window[0] : data.window[1]]


def _shift_limits(data: Histogram, near: float) -> tuple[float, float]:
    return (near - 3.0, near + 3.0) if data.free_shift else (data.offset, data.offset)


def _start(data: Histogram, n: int, kernel: Kernel) -> Float[ndarray, " p"]:
    """Best n lifetimes of a logarithmic grid at the best whole-bin shift, by weighted least squares."""
    span = (data.window[1] - data.window[0]) * data.bin_width
    grid = np.geomspace(0.5 * data.bin_width, span, _GRID)
    weight = 1.0 / np.sqrt(np.maximum(_smooth(data.fitted), 1.0))
    offsets = data.offset + np.arange(-_SCAN, _SCAN + 1) if data.free_shift else np.array([data.offset])
    scans = [_grams(data, grid, weight, offset, kernel) for offset in offsets]
    best = min(range(len(scans)), key=lambda k: _non_negative(*scans[k])[1])
    gram, projection, norm = scans[best]
    subsets = [[*chosen, _GRID] for chosen in combinations(range(_GRID), n)]  # the last column is the constant
    results = [_non_negative(gram[np.ix_(s, s)], projection[s], norm) for s in subsets]
    chosen = min(range(len(subsets)), key=lambda k: results[k][1])
    weights = results[chosen][0]
    photons = np.maximum(weights[:-1], 1e-3 * np.sum(weights[:-1]) + 1e-12)
    return np.concatenate([photons, np.log(grid[subsets[chosen][:-1]]), [max(weights[-1], 0.0), offsets[best]]])


def _grams(data: Histogram, grid, weight, offset: float, kernel: Kernel):
    """Normal equations of counts against the grid of decays and a constant."""
    response = shifted(data.response, offset)
    columns = [_windowed(data, response, tau, kernel) for tau in grid] + [np.ones(data.fitted.size)]
    design = np.array(columns) * weight
    target = data.fitted * weight
    return design @ design.T, design @ target, float(target @ target)


def _non_negative(gram, projection, norm: float) -> tuple[Float[ndarray, " n"], float]:
    """Non-negative least squares from normal equations; returns weights and sum of squares."""
    from scipy.optimize import nnls

    scale = np.sqrt(np.maximum(np.diag(gram), 1e-300))
    scaled = gram / np.outer(scale, scale) + 1e-10 * np.eye(scale.size)
    root = np.linalg.cholesky(scaled).T
    weights = nnls(root, np.linalg.solve(root.T, projection / scale))[0] / scale
    return weights, norm - 2 * float(weights @ projection) + float(weights @ gram @ weights)


def _smooth(values: Float[ndarray, " bin"]) -> Float[ndarray, " bin"]:
    return np.convolve(values, np.full(5, 0.2), mode="same")


def _minimise(data: Histogram, model, first, names: list[str], limits):
    """MIGRAD and HESSE on parameters scaled to order one."""
    from iminuit import Minuit

    scale = np.array([max(abs(v), 1e-3) if name[0] in "Nb" else 1.0 for v, name in zip(first, names, strict=True)])
    scale = np.where([name.startswith("N") for name in names], max(np.sum(data.fitted), 1.0), scale)
    scale = np.where([name == "background" for name in names], max(np.mean(data.fitted), 1e-6), scale)
    if "beta" in names:
        scale[names.index("beta")] = 1.0

    def cost(*x: float) -> float:
        return poisson_deviance(data.fitted, model(np.array(x) * scale))

    minuit = Minuit(cost, *(np.asarray(first) / scale), name=names)
    minuit.errordef = Minuit.LEAST_SQUARES  # a deviance: one unit is one standard error
    for name, limit, unit in zip(names, limits, scale, strict=True):
        if limit[0] is not None and limit[0] == limit[1]:
            minuit.fixed[name] = True
        else:
            minuit.limits[name] = tuple(None if v is None else v / unit for v in limit)
        minuit.errors[name] = 0.05 if name[0] in "Nb" else 0.1
    minuit.migrad(ncall=6000)
    minuit.hesse()
    return _Found(minuit, scale)


class _Found:
    """Parameters of a minimum in natural units."""

    def __init__(self, minuit, scale) -> None:
        self.values = np.array(minuit.values) * scale
        self.deviance = float(minuit.fval)
        self.parameters = int(minuit.nfit)
        self.converged = bool(minuit.valid)
        covariance = minuit.covariance
        size = len(scale)
        self.covariance = np.full((size, size), np.nan) if covariance is None else np.array(covariance)
        self.covariance = self.covariance * np.outer(scale, scale)
        self.at_bound = tuple(p.name for p in minuit.params if not p.is_fixed and _near_bound(p))


def _near_bound(parameter) -> bool:
    low, high = parameter.lower_limit, parameter.upper_limit
    reach = 0.5 * parameter.error
    if parameter.name.startswith("background"):
        return False  # a dark count of zero is a fair answer
    if parameter.name.startswith("N"):
        return parameter.value < 1e-6
    return any(edge is not None and abs(parameter.value - edge) < min(reach, 0.02) + 1e-9 for edge in (low, high))


def _result(name: str, data: Histogram, model, found: _Found, index, n: int, kernel: Kernel) -> DecayFit:
    values = found.values[index]
    return DecayFit(
        model=name,
        lifetimes=np.exp(values[n : 2 * n]),
        photons=values[:n],
        beta=float(values[2 * n]) if name == "stretched" else 1.0,
        background=float(values[-2]),
        shift=float(values[-1]),
        deviance=found.deviance,
        points=data.fitted.size,
        parameters=found.parameters,
        covariance=found.covariance[np.ix_(index, index)],
        at_bound=found.at_bound,
        converged=found.converged,
        curve=model(found.values),
        window=data.window,
        kernel=kernel,
    )
