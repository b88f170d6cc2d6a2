"""Which external quantum efficiency a stack can reach, over many stacks at once.

For every stack of a list (thicknesses and indices sampled or swept) and every orientation: the out-coupled share, the
Lambertian factor, and the least quantum yield eta0 of the emitter with which a given EQE is reached,

    EQE = sum over the zone of rho eta0 A/(1 - eta0 + eta0 F),

monotonic in eta0, so that it is found by bisection; infinity where even eta0 = 1 falls short. Upper bounds: no charge
is lost, layers are smooth, nothing scatters, no photon is recycled.
"""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from peqled.optics.averages import spectral_average
from peqled.optics.efficiency import radiative_yield
from peqled.optics.emission import Emission, emission
from peqled.optics.lambertian import lambertian_factor
from peqled.optics.orientation import Orientation
from peqled.optics.stack import Stack, check_stack

HALVINGS = 40
SIDE_BY_SIDE = 16  # stacks computed together: more need more memory and gain nothing


class Reach(NamedTuple):
    """Per stack and orientation, for a uniform emission zone; spectral averages."""

    vertical: Float[Array, " orientation"]  # vertical fraction
    purcell: Float[Array, "stack orientation position"]
    outcoupled: Float[Array, "stack orientation position"]  # power into air, units of the bulk dipole power
    lambertian: Float[Array, "stack orientation"]

    def efficiency(self, plqy: float | Float[Array, "..."]) -> Float[Array, "stack orientation"]:
        """EQE (0 to 1) at the quantum yield `plqy` of the infinite medium."""
        plqy = jnp.asarray(plqy)
        return _mean(radiative_yield(plqy[..., None], self.purcell) * self.outcoupled / self.purcell)

    def least_yield(self, target: float) -> Float[Array, "stack orientation"]:
        """The quantum yield with which the EQE is `target` (0 to 1); infinite where none suffices."""
        low, high = jnp.zeros(self.lambertian.shape), jnp.ones(self.lambertian.shape)
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            enough = self.efficiency(middle) >= target
            low, high = jnp.where(enough, low, middle), jnp.where(enough, middle, high)
        return jnp.where(self.efficiency(1.0) >= target, high, jnp.inf)


def reach(
    stack: Stack,
    orientations: Sequence[Orientation],
    *,
    thickness: Float[Array, "stack layer"],
    index: Complex[Array, "stack layer wavelength"] | None = None,
    photon_spectrum: Float[Array, " wavelength"] | None = None,
    positions: int = 5,
) -> Reach:
    """Variants of `stack` with these thicknesses (m) and, if given, indices; dipoles at Gauss points of the emitter.

    Without `photon_spectrum` all wavelengths count equally. Raises ValueError for a variant that cannot be.
    """
    thickness = jnp.asarray(thickness, float)
    index = jnp.broadcast_to(stack.index, (thickness.shape[0], *stack.index.shape)) if index is None else index
    thickest = dataclasses.replace(stack, thickness=thickness.max(0))
    check_stack(thickest)
    for i in range(thickness.shape[0]):
        check_stack(dataclasses.replace(stack, thickness=thickness[i], index=index[i]))
    spectrum = jnp.ones_like(stack.wavelength) if photon_spectrum is None else photon_spectrum
    vertical = jnp.array([o.vertical for o in orientations], float)
    return _reach(stack, vertical, thickness, jnp.asarray(index, complex), spectrum, positions)


@eqx.filter_jit
def _reach(stack: Stack, vertical: Array, thickness: Array, index: Array, spectrum: Array, positions: int) -> Reach:
    place = jnp.asarray(0.5 * (np.polynomial.legendre.leggauss(positions)[0] + 1.0))

    def one(variant):
        own = dataclasses.replace(stack, thickness=variant[0], index=variant[1])
        return _of_stack(emission(own, place * variant[0][stack.emitter], trapped=False), own, vertical, spectrum)

    purcell, outcoupled, factor = jax.lax.map(one, (thickness, index), batch_size=SIDE_BY_SIDE)
    return Reach(vertical, purcell, outcoupled, factor)


def _of_stack(emitted: Emission, stack: Stack, vertical: Array, spectrum: Array) -> tuple[Array, Array, Array]:
    """F and power into air [orientation position] and the Lambertian factor [orientation]."""

    def average(values, axis=-1):
        return spectral_average(values, photon_spectrum=spectrum, wavelength=stack.wavelength, axis=axis)

    def of(share):
        orientation = Orientation(vertical=share)
        pattern = average(emitted.farfield(orientation).sum(2), axis=1)
        factor = lambertian_factor(emitted.angle, _mean(pattern.T))
        return average(emitted.purcell(orientation)), average(emitted.outcoupled(orientation)), factor

    return jax.vmap(of)(vertical)


def _mean(values: Float[Array, "*rest position"]) -> Float[Array, "*rest"]:
    """Gauss-Legendre mean over the positions."""
    weight = np.polynomial.legendre.leggauss(values.shape[-1])[1]
    return values @ jnp.asarray(0.5 * weight)
