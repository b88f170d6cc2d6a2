"""One plane wave in one medium.

Wave vectors are in units of the vacuum wavenumber: `effective` = k_parallel/k0, `kappa` = k_z/k0. A medium may be
uniaxial with its axis along the normal: permittivity eps_o = n_o² in the plane of the layers and eps_e = n_e² along the
normal. The two polarisations keep apart in it, with

    TE:  kappa² = eps_o - effective²,                       admittance y = kappa          of the electric field
    TM:  kappa² = eps_o - effective² eps_o/eps_e,           admittance y = kappa/eps_o    of the magnetic field

and at every interface r = (y_i - y_j)/(y_i + y_j), t = 1 + r (Yeh, Optical Waves in Layered Media, chapter 9;
Born & Wolf, Principles of Optics, section 1.5, for eps_o = eps_e).
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Complex, Float, Inexact

from peqled.numerics.waves import outward_root

TE, TM = 0, 1


class Media(NamedTuple):
    """Media whose leading axes are stacked as one likes; arrays broadcast to [... polarisation wavelength node]."""

    permittivity: Complex[Array, "*media 1 wavelength 1"]  # eps_o
    divisor: Complex[Array, "*media 2 wavelength 1"]  # 1 and 1/eps_o: admittance per kappa
    stretch: Complex[Array, "*media 2 wavelength 1"] | None  # 1 and eps_o/eps_e, if any medium is uniaxial
    normal: Complex[Array, "*media 1 wavelength 1"]  # eps_e


def media_of(
    index: Inexact[Array, "*media wavelength"], extraordinary: Inexact[Array, "*media wavelength"] | None = None
) -> Media:
    """Media of given (ordinary) index and, where uniaxial, extraordinary index."""
    plane = jnp.asarray(index * index, complex)[..., None, :, None]
    along = plane if extraordinary is None else jnp.asarray(extraordinary * extraordinary, complex)[..., None, :, None]
    one = jnp.ones_like(plane)
    stretch = None if extraordinary is None else jnp.concatenate([one, plane / along], -3)
    return Media(plane, jnp.concatenate([one, 1.0 / plane], -3), stretch, along)


def part(media: Media, item) -> Media:
    """Media selected along the first axis."""
    stretch = None if media.stretch is None else media.stretch[item]
    return Media(media.permittivity[item], media.divisor[item], stretch, media.normal[item])


def turned(media: Media) -> Media:
    """Media in the opposite order."""
    return part(media, slice(None, None, -1))


def plane_waves(
    media: Media, square: Inexact[Array, "#polarisation wavelength node"], unit: Float[Array, "..."] | float = 1.0
) -> tuple[Complex[Array, "*media #polarisation wavelength node"], Complex[Array, "*media 2 wavelength node"]]:
    """kappa, and the admittance times `unit`, at effective index squared `square`."""
    kappa = outward_root(media.permittivity - (square if media.stretch is None else square * media.stretch))
    return kappa, kappa * media.divisor * unit
