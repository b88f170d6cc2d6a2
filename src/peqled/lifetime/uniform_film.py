"""A film of uniform density at constant pair rate R: the exact reduction of the device, used to check it.

    N = R/(k_r + k_nr + k_Q Q),   c = sqrt(R/gamma_L),   luminance ~ k_r N

With y = k_Q Q/k and k = k_r + k_nr a mechanism of the order N^p grows dy/dt = D (1 + y)^-p, D its initial rate of loss,

    1 + y = [1 + (p + 1) D t]^(1/(p + 1)),    T_x = [x^-(p + 1) - 1]/[(p + 1) D]

hence T50 = 1.5 k^2/(k_Q a_X R) and n = 1 for exciton damage alone.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.lifetime.damage import Damage, OperatingPoint


class UniformFilm(eqx.Module):
    """Pair rate (1/m^3/s), rates of an exciton (1/s), capture coefficient gamma_L (m^3/s), temperature (K)."""

    pair_rate: Float[Array, ""]
    radiative: Float[Array, ""]
    nonradiative: Float[Array, ""]
    capture: Float[Array, ""]
    temperature: Float[Array, ""]

    def solve(self, damage: Damage, defects: Float[Array, "pool cell"]) -> OperatingPoint:
        """Operating point for the given defects (1/m^3); every pair crosses the film once."""
        quench = damage.quench_rate(defects).sum(axis=0)
        excitons = self.pair_rate / (self.radiative + self.nonradiative + quench)
        carriers = jnp.broadcast_to(jnp.sqrt(self.pair_rate / self.capture), excitons.shape)
        crossing = jnp.broadcast_to(self.pair_rate, excitons.shape)
        nothing = jnp.zeros(())
        return OperatingPoint(
            excitons, carriers, crossing, self.radiative * jnp.mean(excitons), nothing, nothing, self.temperature
        )
