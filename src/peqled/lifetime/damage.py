"""The local rate law of operational damage.

    dQ/dt = s(T) (a_X N + a_P c + a_XP N c + a_XX N^2 + g F + k_L N_d) - k_heal Q
    s(T)  = exp[-(E_a/k_B)(1/T - 1/T_0)]

N excitons, c charge carriers and Q defects per volume, in every mesh cell; F charges per volume and time that cross
the last dots before the electron side, where ions leave the film (g ions per charge); k_L N_d ligands lost per volume
and time, with or without current. A defect quenches excitons at the rate k_Q per density. Exponents n of
L0^n T50 = const follow from the mix of terms: k_L 0, a_P 0.5, a_X and g 1, a_XP 1.5, a_XX 2 in a uniform film without
charged-dot quenching. After Giebink et al., J. Appl. Phys. 103, 044509 (2008).
"""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.programs import stored

BOLTZMANN_EV = 8.617333262e-5
"""Boltzmann constant, eV/K."""


def _none() -> Float[Array, ""]:
    return jnp.zeros(())


class Damage(eqx.Module):
    """Coefficients of the rate law: numbers, or arrays that broadcast against defects [pool, cell].

    Attributes:
        exciton: a_X, 1/s.
        polaron: a_P, 1/s.
        exciton_polaron: a_XP, m^3/s.
        exciton_exciton: a_XX, m^3/s.
        quench_coefficient: k_Q, m^3/s.
        healing: k_heal, 1/s.
        activation_energy: E_a, eV.
        reference_temperature: T_0, K.
        ion_loss: g, ions lost per charge.
        ligand_loss: k_L N_d, 1/(m^3 s).
    """

    exciton: Float[Array, "..."]
    polaron: Float[Array, "..."]
    exciton_polaron: Float[Array, "..."]
    exciton_exciton: Float[Array, "..."]
    quench_coefficient: Float[Array, ""]
    healing: Float[Array, "..."]
    activation_energy: Float[Array, ""]
    reference_temperature: Float[Array, ""]
    ion_loss: Float[Array, "..."] = eqx.field(default_factory=_none)
    ligand_loss: Float[Array, "..."] = eqx.field(default_factory=_none)

    def quench_rate(self, defects: Float[Array, "*cell"]) -> Float[Array, "*cell"]:
        """Loss rate of an exciton by the defects, 1/s."""
        return self.quench_coefficient * defects


class OperatingPoint(NamedTuple):
    """Device at one moment.

    Densities (1/m^3) per cell, `crossing` charges at the electron side (1/(m^3 s)) per cell; luminance (any unit),
    current density (A/m^2), voltage (V), temperature (K).
    """

    excitons: Float[Array, " cell"]
    carriers: Float[Array, " cell"]
    crossing: Float[Array, " cell"]
    luminance: Float[Array, ""]
    current: Float[Array, ""]
    voltage: Float[Array, ""]
    temperature: Float[Array, ""]


def arrhenius(damage: Damage, temperature: Float[Array, ""] | float) -> Float[Array, ""]:
    """Acceleration s(T) by temperature (K), 1 at the reference."""
    inverse = 1.0 / temperature - 1.0 / damage.reference_temperature
    return jnp.exp(-damage.activation_energy / BOLTZMANN_EV * inverse)


@stored()
def growth_rate(damage: Damage, point: OperatingPoint, duty: Float[Array, ""] | float) -> Float[Array, "..."]:
    """New defects in 1/(m^3 s) of a device that is driven for the share `duty` of the time, before healing."""
    rates = mechanism_rates(damage, excitons=point.excitons, carriers=point.carriers, crossing=point.crossing)
    driven = sum(rates.values(), start=jnp.zeros(()))
    return arrhenius(damage, point.temperature) * (duty * driven + damage.ligand_loss)


def mechanism_rates(
    damage: Damage,
    *,
    excitons: Float[Array, "*cell"],
    carriers: Float[Array, "*cell"],
    crossing: Float[Array, "*cell"] | float,
) -> dict[str, Float[Array, "..."]]:
    """New defects by mechanism, 1/(m^3 s) at the reference temperature, all that need the drive."""
    return {
        "exciton": damage.exciton * excitons,
        "polaron": damage.polaron * carriers,
        "exciton-polaron": damage.exciton_polaron * excitons * carriers,
        "exciton-exciton": damage.exciton_exciton * excitons**2,
        "ion loss": damage.ion_loss * crossing,
    }
