"""Ten parameters fitted to the rows of the paper that are marked calibrated, the same for both flasks.

Each step is a root of one observable in one parameter, in the order in which they depend on each other:

    cluster threshold           <- cluster band of the control (P031)
    acid-strength transfer      <- no cluster band in the improved flask (P032)
    nucleation prefactor        <- PL peak 515 nm (P048)
    homogeneous width           <- PL width 18 nm (P049)
    radiative rate, trap share  <- film lifetimes 25.75 and 5.98 ns (P050, P051)
    humidity, ultraviolet rate  <- 90 % and 60 % of the PL after 16 h (P054, P059)
    two damage coefficients     <- T50 54 min and n 1.7 (P085, P086)

The peak EQE is not among them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, cast

import equinox as eqx
import numpy as np
from scipy.optimize import brentq

from peqled.lifetime.damage import Damage
from peqled.lifetime.extrapolation import acceleration_exponent
from peqled.lifetime.operation import time_to
from peqled.lifetime.stage import age, current_at, damage_of
from peqled.materials.calibrated import Fitted
from peqled.parameters import Parameters
from peqled.synthesis.absorption import cluster_band_ratio
from peqled.synthesis.precursor import precursor_of
from peqled.synthesis.stage import build_flask, precursor_bands
from peqled.twin import STAGES, evaluate, predict

BAND_RATIO = 0.3
"""A(3.15 eV)/A(4.5 eV) taken for a band that is plainly there; read to about 20 %."""
INVISIBLE_BAND = 0.005
DAY_PART = 16 * 3600.0
T50, EXPONENT = 54 * 60.0, 1.7
LEVELS = np.array([1e3, 1e4])
"""Luminances between which n is read, cd/m^2; the paper does not state its own."""

PREFACTOR, WIDTH = "nucleation.log_prefactor", "spectroscopy.homogeneous_width_constant"

Log = Callable[[str], Any]
Values = dict[str, float]


def calibrate(improved: Parameters, control: Parameters, *, log: Log = print) -> list[Fitted]:
    """Fit the ten parameters for the two flasks; `log` is told of every step."""
    fitted: list[Fitted] = []
    improved, control = (each.with_structure(error_checks=False) for each in (improved, control))

    def keep(values: Values, unit: str, *rows: str) -> None:
        nonlocal improved, control
        improved, control = improved.replace(values), control.replace(values)
        for key, value in values.items():
            fitted.append(Fitted(parameter=key, value=value, unit=unit, rows=rows))
            log(f"{key} = {value:.6g} {unit}  <- {', '.join(rows)}")

    keep(fit_threshold(control), "mol/m^3", "P031")
    keep(fit_transfer(improved), "1", "P032")
    values = fit_line(improved)
    keep({PREFACTOR: values[PREFACTOR]}, "1", "P048")
    keep({WIDTH: values[WIDTH]}, "eV", "P049")
    rates = fit_lifetimes(improved, control)
    keep({"surface.radiative_rate": rates["surface.radiative_rate"]}, "1/s", "P050")
    keep({"surface.trap_fraction": rates["surface.trap_fraction"]}, "1", "P051")
    keep({"ageing.humidity_rate": -math.log(0.9) / DAY_PART}, "1/s", "P054")
    keep({"ageing.ultraviolet_rate": -math.log(0.6 / 0.9) / DAY_PART}, "1/s", "P059")
    keep(fit_damage(improved), "m^3/s", "P085", "P086")
    return fitted


def band_ratio(parameters: Parameters) -> float:
    """A(3.15 eV)/A(4.5 eV) of the precursor."""
    return float(cluster_band_ratio(precursor_of(build_flask(parameters)), precursor_bands(parameters)))


def fit_threshold(control: Parameters) -> Values:
    """Cluster threshold at which the control's band has `BAND_RATIO`."""
    key = "clusters.threshold"
    return {key: _root(lambda value: band_ratio(control.replace({key: value})) - BAND_RATIO, 8.0, 20.0)}


def fit_transfer(improved: Parameters, *, highest: float = 0.9) -> Values:
    """Middle of the acid-strength transfers, up to the end of the prior, at which the improved flask shows no band.

    The band's absence only bounds the transfer from below: every larger value fits as well.
    """
    key = "speciation.acid_strength_transfer"
    least = _root(lambda value: math.log(band_ratio(improved.replace({key: value})) / INVISIBLE_BAND), 0.0, highest)
    return {key: 0.5 * (least + highest)}


def fit_line(improved: Parameters) -> Values:
    """Nucleation prefactor and homogeneous width at which the PL of the improved dots has its peak and its width.

    The number of nuclei shares out the lead and so sets the peak; the width moves the peak a little, hence two rounds.
    """
    values: Values = {}

    def peak(prefactor: float) -> float:
        return float(predict(improved.replace(values | {PREFACTOR: prefactor}), "nanocrystal.pl_peak")) * 1e9 - 515

    for _ in range(2):
        values[PREFACTOR] = _root(peak, 54.0, 58.0, tolerance=1e-4)
        given = evaluate(improved.replace(values), until="synthesis")
        values[WIDTH] = _root(
            lambda width, given=given: (
                _film(improved.replace(values | {WIDTH: width}), given, "nanocrystal.pl_fwhm") * 1e9 - 18
            ),
            0.03,
            0.12,
        )
    return values


def fit_lifetimes(improved: Parameters, control: Parameters) -> Values:
    """Radiative rate and trap share at which both film lifetimes (1/e) are met, one after the other until they
    settle."""
    rate, traps = "surface.radiative_rate", "surface.trap_fraction"
    flasks = {name: evaluate(p, until="synthesis") for name, p in (("improved", improved), ("control", control))}
    values = {rate: 1 / 25.75e-9, traps: 1e-3}

    def miss(parameters: Parameters, flask: str, lifetime: float, key: str, exponent: float) -> float:
        changed = parameters.replace(values | {key: math.exp(exponent)})
        return math.log(_film(changed, flasks[flask], "film.lifetime_1e") / lifetime)

    for _ in range(4):
        values[traps] = math.exp(
            _root(lambda x: miss(control, "control", 5.98e-9, traps, x), math.log(1e-5), math.log(0.3))
        )
        values[rate] = math.exp(
            _root(lambda x: miss(improved, "improved", 25.75e-9, rate, x), math.log(1e7), math.log(2e8))
        )
    return values


def _film(parameters: Parameters, given: Mapping[str, Any], name: str) -> float:
    """One observable of dots or film, for a flask that is already run."""
    stage = name.partition(".")[0]
    results = evaluate(parameters, until=stage, given={"synthesis": given["synthesis"]})
    return float(STAGES[stage].observables(parameters, results)[name])


def fit_damage(improved: Parameters) -> Values:
    """Exciton-polaron and exciton-exciton damage that give 54 min at 10000 cd/m^2 and n = 1.7 down to 1000 cd/m^2.

    Time scales with the inverse of both coefficients, so the share of one is the root for n and T50 then sets both.
    """
    led = evaluate(improved, until="led")["led"]
    current = current_at(led, LEVELS)
    default = damage_of(improved)

    def lifetimes(share: float) -> np.ndarray:
        damage = _mixed(default, share)
        return np.array([time_to(age(improved, led, damage, value), 0.5) for value in current])

    def miss(share: float) -> float:
        return acceleration_exponent(LEVELS, lifetimes(share)) - EXPONENT

    share = _root(miss, 0.0, 1.0, tolerance=1e-4)
    scale = float(lifetimes(share)[1]) / T50
    final = _mixed(default, share)
    return {
        "degradation.exciton_polaron": float(final.exciton_polaron) * scale,
        "degradation.exciton_exciton": float(final.exciton_exciton) * scale,
    }


def _mixed(default: Damage, share: float) -> Damage:
    """Damage with `share` of exciton-exciton and the rest exciton-polaron, in units of the defaults' sizes."""
    return eqx.tree_at(
        lambda d: (d.exciton_polaron, d.exciton_exciton),
        default,
        ((1 - share) * default.exciton_polaron, share * default.exciton_exciton),
    )


def _root(miss: Callable[[float], float], low: float, high: float, *, tolerance: float = 1e-7) -> float:
    """Root of a monotone function between two ends.

    Raises:
        ValueError: the function has the same sign at both ends: the data can't be met inside the range.
    """
    ends = miss(low), miss(high)
    if not ends[0] * ends[1] < 0:
        raise ValueError(f"no root between {low:g} and {high:g}: misses are {ends[0]:.4g} and {ends[1]:.4g}")
    root = brentq(miss, low, high, xtol=tolerance * abs(high - low), rtol=np.float64(1e-9))
    return float(cast(float, root))
