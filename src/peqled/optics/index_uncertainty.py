"""What the uncertainty of refractive indices does to the out-coupled share, to first order."""

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.optics.averages import spectral_average
from peqled.optics.emission import emission
from peqled.optics.orientation import Orientation
from peqled.optics.stack import Stack, check_position, check_stack


class IndexUncertainty(NamedTuple):
    """Out-coupled share of a uniform zone, one standard deviation of it, and the part of each layer."""

    value: float
    total: float
    parts: dict[str, float]


def index_uncertainty(
    stack: Stack,
    position: Float[Array, " position"],
    orientation: Orientation,
    sigma: Mapping[str, float],
    *,
    photon_spectrum: Float[Array, " wavelength"] | None = None,
) -> IndexUncertainty:
    """`sigma`: standard deviation of n by layer name, the same at all wavelengths and independent between layers.

    sigma_out² = sum_j (d share/d n_j)² sigma_j², the share being mean A/mean F over the positions (as the EQE at a
    yield of 1); derivatives by automatic differentiation. Raises ValueError for a name that the stack has not.
    """
    check_stack(stack)
    check_position(stack, position)
    for name in sigma:
        if name not in stack.layers:
            raise ValueError(f"no layer {name!r}; the stack has {', '.join(stack.layers)}")
    rows = jnp.array([stack.layers.index(name) for name in sigma])
    spectrum = jnp.ones_like(stack.wavelength) if photon_spectrum is None else photon_spectrum
    value, slopes = _share_and_slopes(stack, jnp.asarray(position, float), orientation, rows, spectrum)
    parts = {name: float(abs(slope) * sigma[name]) for name, slope in zip(sigma, slopes, strict=True)}
    return IndexUncertainty(float(value), float(sum(part**2 for part in parts.values()) ** 0.5), parts)


@eqx.filter_jit
def _share_and_slopes(stack: Stack, position: Array, orientation: Orientation, rows: Array, spectrum: Array):
    def share(change):
        moved = dataclasses.replace(stack, index=stack.index.at[rows].add(change[:, None]))
        emitted = emission(moved, position, trapped=False)
        power = jnp.stack([emitted.outcoupled(orientation), emitted.purcell(orientation)])
        air, total = spectral_average(power, photon_spectrum=spectrum, wavelength=stack.wavelength)
        return jnp.mean(air) / jnp.mean(total)

    return jax.value_and_grad(share)(jnp.zeros(rows.shape[0]))
