"""How the caesium solution enters and mixes, and what the temperature of the flask does meanwhile."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

NEVER = 1e30  # s: an event that does not happen


class Programme(eqx.Module):
    """Steps of the temperature: from `time` (s after injection) on the flask approaches `temperature` (K).

    The approach is exponential with `constant` (s); a quench is one step. No steps: the flask stays at its bath.
    """

    time: Float[Array, " step"]
    temperature: Float[Array, " step"]
    constant: Float[Array, " step"]


def constant_temperature() -> Programme:
    """A programme without steps."""
    return Programme(jnp.zeros(0), jnp.zeros(0), jnp.zeros(0))


def quench(*, time: float | Array, temperature: float | Array = 298.0, constant: float | Array = 5.0) -> Programme:
    """One step; an ice bath takes about 5 s, which is as long as many published reactions."""
    return Programme(*(jnp.asarray(x, float)[None] for x in (time, temperature, constant)))


class Injection(eqx.Module):
    """Addition, mixing and temperature history. Volume changes are not followed: amounts refer to the final volume.

    mixing_time : of the un-mixed pool (s); addition_time : over which the solution flows in at a constant rate, 0 at
        once (s)
    cooling : drop of temperature at injection (K); recovery_time : back to the bath's temperature (s)
    """

    mixing_time: float | Array = 0.0152
    addition_time: float | Array = 0.0
    cooling: float | Array = 0.0
    recovery_time: float | Array = 20.0
    programme: Programme = eqx.field(default_factory=constant_temperature)


def injection_cooling(share: float | Array, *, flask: float | Array, injected: float | Array) -> Float[Array, ""]:
    """Drop of temperature (K) when a `share` of the final volume arrives at `injected` (K): φ (T - T_inj).

    Both liquids have the same heat per volume; 0.45 mL at 100 C into 6 mL at 170 C gives 5 K.
    """
    return jnp.asarray(share * (flask - injected))


def mixing_rate(unmixed: Float[Array, "..."], mixing_time: float | Array) -> Float[Array, "..."]:
    """Flow n_u/t_mix out of the un-mixed pool and into the mixed one, mol/(m3 s)."""
    return unmixed / mixing_time


def addition_rate(
    amount: Float[Array, "..."], start: Float[Array, ""], addition_time: float | Array
) -> Float[Array, "..."]:
    """Constant flow n/t_add out of the syringe in a segment that begins at `start` (s), zero once it is empty."""
    flowing = start < addition_time
    return jnp.where(flowing, amount / jnp.where(flowing, addition_time, 1.0), 0.0)


def temperature_rate(
    temperature: Float[Array, ""], start: Float[Array, ""], *, bath: float | Array, injection: Injection
) -> Float[Array, ""]:
    """dT/dt in K/s in a segment that begins at `start` (s): to the bath, or to the last step that has begun."""
    target, constant = jnp.asarray(bath, float), jnp.asarray(injection.recovery_time, float)
    steps = injection.programme
    for time, goal, tau in zip(steps.time, steps.temperature, steps.constant, strict=True):
        begun = start >= time
        target, constant = jnp.where(begun, goal, target), jnp.where(begun, tau, constant)
    return (target - temperature) / constant
