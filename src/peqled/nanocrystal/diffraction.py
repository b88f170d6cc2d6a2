"""X-ray line of an ensemble of cubes, (h00) reflections.

    I(s) ~ Σ N_i L_i⁴ sinc²(L_i s),   s the distance from the Bragg point in reciprocal length (no 2π)

so the integral breadth is exactly <L³>/<L⁴>: its inverse, the Scherrer size with constant 1, is <L⁴>/<L³>
(Stokes and Wilson's volume-weighted column length). The FWHM constant of a single cube is 0.8859.

The dots scatter one by one. A film of dots of nearly equal size stacks them in order; its (100) line then splits into
superlattice fringes, whose distance is that of the dots and whose width is no size: use a dilute film or (200) there.
"""

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from peqled.nanocrystal._root import decreasing_root
from peqled.nanocrystal.ensemble import moment_ratio


class Diffraction(eqx.Module):
    """Lattice parameter 0.5865 nm (10.1021/cg400645t) and wavelength, Cu Kα1 0.154056 nm; both in m."""

    lattice_parameter: float | Array = 5.865e-10
    wavelength: float | Array = 1.54056e-10


def line_profile(
    distance: Float[Array, "*point"], *, edge: Float[Array, " cell"], number: Float[Array, " cell"]
) -> Float[Array, "*point"]:
    """Intensity over its maximum at reciprocal ``distance`` (1/m) from the Bragg point."""
    weight = number * edge**4
    return (weight * jnp.sinc(edge * distance[..., None]) ** 2).sum(axis=-1) / weight.sum()


def integral_breadth_size(edge: Float[Array, " cell"], number: Float[Array, " cell"]) -> Float[Array, ""]:
    """Size (m) read from the integral breadth: <L⁴>/<L³>."""
    return moment_ratio(edge, number, 4)


def reciprocal_fwhm(edge: Float[Array, " cell"], number: Float[Array, " cell"]) -> Float[Array, ""]:
    """FWHM (1/m) of the line in reciprocal length."""

    def excess(distance):
        return line_profile(distance, edge=edge, number=number) - 0.5

    # beyond the first zero of the volume-weighted size the profile stays below one half
    outer = 1.0 / integral_breadth_size(edge, number)
    return 2.0 * decreasing_root(excess, jnp.zeros_like(outer), outer)


def bragg_angle(order: int, model: Diffraction) -> Float[Array, ""]:
    """2θ (rad) of the (h00) reflection, h = ``order``."""
    return 2.0 * jnp.arcsin(0.5 * order * model.wavelength / model.lattice_parameter)


def angular_width(width: Float[Array, ""], order: int, model: Diffraction) -> Float[Array, ""]:
    """Width in 2θ (rad) of the (h00) reflection for a width (1/m) in reciprocal length: λ Δs/cos θ."""
    return model.wavelength * width / jnp.cos(0.5 * bragg_angle(order, model))
