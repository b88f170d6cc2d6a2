"""Injection of the caesium solution: how fast it mixes in, and what it does to the temperature."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

NEVER = 1e30  # s: an event that does not happen


class Injection(eqx.Module):
    """Mixing and temperature history. Volume changes are not followed: amounts refer to the final volume.

    mixing_time : of the injected pool (s); cooling : drop of temperature at injection (K)
    recovery_time : back to the bath's temperature (s)
    quench_time : start of the quench (s after injection); quench_temperature : K; quench_constant : τ_q (s)
    """

    mixing_time: float | Array = 0.0152
    cooling: float | Array = 0.0
    recovery_time: float | Array = 20.0
    quench_time: float | Array = NEVER
    quench_temperature: float | Array = 298.0
    quench_constant: float | Array = 5.0


def mixing_rate(unmixed: Float[Array, "..."], mixing_time: float | Array) -> Float[Array, "..."]:
    """Flow n_u/t_mix out of the un-mixed pool and into the mixed one, mol/(m3 s)."""
    return unmixed / mixing_time


def temperature_rate(
    temperature: Float[Array, ""], quenching: Array, *, bath: float | Array, injection: Injection
) -> Float[Array, ""]:
    """dT/dt in K/s: relaxation to the bath, or to the quench medium once `quenching` is true."""
    target = jnp.where(quenching, injection.quench_temperature, bath)
    constant = jnp.where(quenching, injection.quench_constant, injection.recovery_time)
    return (target - temperature) / constant
