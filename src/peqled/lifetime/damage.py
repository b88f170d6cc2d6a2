"""The local rate law of operational damage.

    dQ/dt = s(T) (a_X N + a_P c + a_XP N c + a_XX N^2) - k_heal Q,     s(T) = exp[-(E_a/k_B)(1/T - 1/T_0)]

N excitons, c charge carriers and Q defects per volume, in every mesh cell. A defect quenches excitons at the rate
k_Q per density. Exponents n of L0^n T50 = const follow from the mix of terms: a_P 0.5, a_X 1, a_XP 1.5, a_XX 2 in a
uniform film without charged-dot quenching. After Giebink et al., J. Appl. Phys. 103, 044509 (2008).
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.programs import stored

BOLTZMANN_EV = 8.617333262e-5
"""Boltzmann constant, eV/K."""


class Damage(eqx.Module):
    """Coefficients of the rate law.

    Attributes:
        exciton: a_X, 1/s.
        polaron: a_P, 1/s.
        exciton_polaron: a_XP, m^3/s.
        exciton_exciton: a_XX, m^3/s.
        quench_coefficient: k_Q, m^3/s.
        healing: k_heal, 1/s.
        activation_energy: E_a, eV.
        reference_temperature: T_0, K.
    """

    exciton: Float[Array, ""]
    polaron: Float[Array, ""]
    exciton_polaron: Float[Array, ""]
    exciton_exciton: Float[Array, ""]
    quench_coefficient: Float[Array, ""]
    healing: Float[Array, ""]
    activation_energy: Float[Array, ""]
    reference_temperature: Float[Array, ""]

    def quench_rate(self, defects: Float[Array, "*cell"]) -> Float[Array, "*cell"]:
        """Loss rate of an exciton by the defects, 1/s."""
        return self.quench_coefficient * defects


def arrhenius(damage: Damage, temperature: Float[Array, ""] | float) -> Float[Array, ""]:
    """Acceleration s(T) by temperature (K), 1 at the reference."""
    inverse = 1.0 / temperature - 1.0 / damage.reference_temperature
    return jnp.exp(-damage.activation_energy / BOLTZMANN_EV * inverse)


@stored()
def damage_rate(
    damage: Damage,
    *,
    excitons: Float[Array, "*cell"],
    carriers: Float[Array, "*cell"],
    defects: Float[Array, "*cell"],
    temperature: Float[Array, ""] | float,
) -> Float[Array, "*cell"]:
    """dQ/dt in 1/(m^3 s) from densities in 1/m^3 and the temperature in K."""
    pair = damage.exciton_polaron * excitons * carriers + damage.exciton_exciton * excitons**2
    single = damage.exciton * excitons + damage.polaron * carriers
    return arrhenius(damage, temperature) * (single + pair) - damage.healing * defects
