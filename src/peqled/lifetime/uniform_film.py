"""A film of uniform density at constant pair rate R: the exact reduction of the device, used to check it.

    N = R/(k_r + k_nr + k_Q Q),   c = sqrt(R/gamma_L),   luminance ~ k_r N

With exciton damage alone and no healing, k_Q Q = k (sqrt(1 + 2 k_Q a_X R t/k^2) - 1), k = k_r + k_nr, hence
T50 = 1.5 k^2/(k_Q a_X R) and n = 1.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.lifetime.damage import Damage
from peqled.lifetime.operation import OperatingPoint


class UniformFilm(eqx.Module):
    """Pair rate (1/m^3/s), rates of an exciton (1/s), capture coefficient gamma_L (m^3/s), temperature (K)."""

    pair_rate: Float[Array, ""]
    radiative: Float[Array, ""]
    nonradiative: Float[Array, ""]
    capture: Float[Array, ""]
    temperature: Float[Array, ""]

    def solve(self, damage: Damage, defects: Float[Array, " cell"]) -> OperatingPoint:
        """Operating point for the given defects (1/m^3)."""
        excitons = self.pair_rate / (self.radiative + self.nonradiative + damage.quench_rate(defects))
        carriers = jnp.broadcast_to(jnp.sqrt(self.pair_rate / self.capture), excitons.shape)
        return OperatingPoint(
            excitons, carriers, self.radiative * jnp.mean(excitons), jnp.asarray(0.0), self.temperature
        )
