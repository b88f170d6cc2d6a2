"""CIE 1931 colour of a spectrum; colour matching functions from the colour-science package (2 degrees, 1 nm)."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.materials.observer import observer_table, uniform_coordinates


def matching_functions(wavelength: Float[Array, " wavelength"]) -> Float[Array, "xyz wavelength"]:
    """xbar, ybar, zbar at any wavelength (m): linear in the 1 nm table, zero outside 360-830 nm. ybar is V(lambda)."""
    grid, table = observer_table()
    return jnp.stack([jnp.interp(wavelength, grid, column, left=0.0, right=0.0) for column in table.T])


def tristimulus(
    power_spectrum: Float[Array, "*batch wavelength"], wavelength: Float[Array, " wavelength"]
) -> Float[Array, "*batch xyz"]:
    """X, Y, Z of a spectrum of power per wavelength interval (any scale); trapezoids over `wavelength` (m)."""
    weighted = power_spectrum[..., None, :] * matching_functions(wavelength)
    return jnp.trapezoid(weighted, wavelength, axis=-1)


def chromaticity(
    power_spectrum: Float[Array, "*batch wavelength"], wavelength: Float[Array, " wavelength"]
) -> Float[Array, "*batch xy"]:
    """CIE 1931 (x, y) of a power spectrum."""
    xyz = tristimulus(power_spectrum, wavelength)
    return xyz[..., :2] / jnp.sum(xyz, -1, keepdims=True)


def uniform_chromaticity(xy: Float[Array, "*batch xy"]) -> Float[Array, "*batch uv"]:
    """CIE 1976 (u', v') = (4x, 9y)/(-2x + 12y + 3)."""
    return jnp.stack(uniform_coordinates(xy[..., 0], xy[..., 1]), -1)


def correlated_temperature(xy: Float[Array, "*batch xy"]) -> Float[Array, "*batch"]:
    """Correlated colour temperature (K) by McCamy's cubic; meaningful for whites between 2000 and 12500 K only.

    McCamy, Color Res. Appl. 17, 142 (1992), 10.1002/col.5080170211.
    """
    n = (xy[..., 0] - 0.3320) / (0.1858 - xy[..., 1])
    return 449.0 * n**3 + 3525.0 * n**2 + 6823.3 * n + 5520.33
