"""Means over the emission spectrum and over the emission zone.

Powers are averaged, weighted by photons and by excitons, never their ratios (`optics.efficiency`).
"""

import jax.numpy as jnp
from jaxtyping import Array, Float


def spectral_average(
    values: Float[Array, "..."],
    *,
    photon_spectrum: Float[Array, " wavelength"] | None,
    wavelength: Float[Array, " wavelength"],
    axis: int = -1,
) -> Float[Array, "..."]:
    """Mean of `values` over wavelength (m, ascending), weighted by photons per wavelength interval (any scale, None:
    the same at all wavelengths); trapezoids.

    One single wavelength is returned as it is.
    """
    moved = jnp.moveaxis(jnp.asarray(values), axis, -1)
    if moved.shape[-1] == 1:
        return moved[..., 0]
    if photon_spectrum is None:
        photon_spectrum = jnp.ones_like(wavelength)
    if jnp.shape(photon_spectrum) != moved.shape[-1:]:
        raise ValueError(
            f"photon_spectrum must be given at the {moved.shape[-1]} wavelengths, got {jnp.shape(photon_spectrum)}"
        )
    photons = jnp.trapezoid(photon_spectrum, wavelength)
    return jnp.trapezoid(moved * photon_spectrum, wavelength, axis=-1) / photons


def zone_mean(
    values: Float[Array, "position *rest"], zone: Float[Array, " position"] | None = None
) -> Float[Array, "*rest"]:
    """Mean over positions, weighted by the share of the excitons at each (any scale); without `zone` all weigh the
    same.
    """
    if zone is None:
        return jnp.mean(values, 0)
    if jnp.shape(zone) != values.shape[:1]:
        raise ValueError(f"zone must be given at the {values.shape[0]} positions, got {jnp.shape(zone)}")
    return jnp.tensordot(zone / jnp.sum(zone), values, axes=1)
