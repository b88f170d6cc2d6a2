"""Orientation and emission zone from the angular spectrum of p-polarised light.

Intensity of TM light per solid angle at angle theta and wavelength lambda, the emitter's own spectrum s unknown,

    I = s(lambda) sum_z rho(z) [a I_v(z, theta, lambda) + (1 - a) I_h(z, theta, lambda)],

with I_v, I_h from `emission` at a grid of positions and a Gaussian zone rho of centre and width. s is linear and is
solved for at every wavelength (variable projection, Golub & Pereyra, SIAM J. Numer. Anal. 10, 413 (1973)); a, centre
and width come from Levenberg-Marquardt, their covariance from the Jacobian there and the scatter of the residuals.
Measured through an index-matched half ball (`Stack.with_half_ball`) the vertical dipoles show beyond the escape cone of
a bare substrate (Frischeisen et al., Appl. Phys. Lett. 96, 073302 (2010), 10.1063/1.3309705).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.optimize import least_squares

from peqled.optics.emission import Emission
from peqled.optics.fresnel import TM
from peqled.optics.orientation import Orientation


class OrientationFit(NamedTuple):
    """Best values, one standard deviation each, and how well they describe the data."""

    orientation: Orientation
    orientation_error: float  # of the vertical fraction
    centre: float  # of the zone, m from the substrate-side face of the emitter
    centre_error: float
    width: float  # standard deviation of the zone, m
    width_error: float
    covariance: Float[np.ndarray, "3 3"]  # of vertical fraction, centre, width
    residual: float  # standard deviation of the data about the fit
    model: Float[np.ndarray, "wavelength angle"]


def fit_orientation(
    emission: Emission,
    intensity: Float[Array, "wavelength angle"],
    *,
    noise: Float[Array, "#wavelength #angle"] | float = 1.0,
) -> OrientationFit:
    """Fit p-polarised `intensity` (any scale) measured at the wavelengths and angles that `emission` was computed for.

    `emission` needs five or more positions that cover the emitter. `noise` weighs the data; its scale does not matter.
    Raises ValueError for shapes that do not match.
    """
    measured, place = jnp.asarray(intensity, float), emission.position
    _check(emission, measured)
    weight = 1.0 / jnp.broadcast_to(jnp.asarray(noise), measured.shape)
    model = _model_of(emission, measured, place, weight)
    residuals = jax.jit(lambda p: (weight * (model(p) - measured)).ravel())
    found = _best(residuals, jax.jit(jax.jacfwd(residuals)))
    freedom = measured.size - measured.shape[0] - found.x.size
    scale = np.array([1.0, *[float(place[-1] - place[0])] * 2])
    covariance = 2.0 * found.cost / max(freedom, 1) * np.linalg.pinv(found.jac.T @ found.jac) * np.outer(scale, scale)
    values, errors = found.x * scale, np.sqrt(np.diag(covariance))
    best = np.asarray(model(found.x))
    return OrientationFit(
        orientation=Orientation.from_vertical_fraction(float(values[0])),
        orientation_error=float(errors[0]),
        centre=float(values[1]),
        centre_error=float(errors[1]),
        width=float(values[2]),
        width_error=float(errors[2]),
        covariance=covariance,
        residual=float(np.std(best - np.asarray(measured))),
        model=best,
    )


def _check(emission: Emission, measured: Array) -> None:
    expected = (*emission.purcell_v.shape[1:], emission.angle.size)
    if measured.shape != expected:
        raise ValueError(f"intensity must be [wavelength angle] = {expected}, got {measured.shape}")
    if emission.position.size < 5:
        raise ValueError(f"an emission zone needs five or more positions, got an emission at {emission.position.size}")


def _model_of(
    emission: Emission, measured: Array, place: Array, weight: Array
) -> Callable[[Array], Float[Array, "wavelength angle"]]:
    """Intensities for p = (vertical fraction, centre, width), the last two in units of the span of the positions; the
    spectrum is the best one for them.
    """
    vertical, horizontal = (jnp.asarray(x)[:, :, TM] for x in (emission.farfield_v, emission.farfield_h))
    span = place[-1] - place[0]

    def model(p):
        zone = jnp.exp(-0.5 * ((place - p[1] * span) / (p[2] * span)) ** 2)
        mixed = p[0] * vertical + (1.0 - p[0]) * horizontal
        pattern = jnp.tensordot(zone / zone.sum(), mixed, axes=1)
        spectrum = jnp.sum(weight**2 * pattern * measured, 1) / jnp.sum(weight**2 * pattern**2, 1)
        return spectrum[:, None] * pattern

    return model


def _best(residuals, jacobian):
    """The best of starts with the zone at either side and in the middle: patterns repeat with depth."""
    bounds = ([0.0, -0.2, 0.02], [1.0, 1.2, 2.0])
    starts = [np.array([1.0 / 3.0, centre, 0.3]) for centre in (0.1, 0.5, 0.9)]

    options: Any = {"bounds": bounds, "xtol": 1e-12, "ftol": 1e-12, "gtol": 1e-12}

    def solve(start):
        slopes: Any = lambda p: np.asarray(jacobian(p))  # noqa: E731
        return least_squares(lambda p: np.asarray(residuals(p)), start, jac=slopes, **options)

    return min((solve(start) for start in starts), key=lambda found: found.cost)
