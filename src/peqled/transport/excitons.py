"""Rates of an exciton on a dot: radiative, non-radiative, trion Auger, field, dissociation.

A charged dot kills its exciton by Auger recombination at k_A. Excitons and charges change dots at the rate nu, so of
two
populations, on neutral and on charged dots (share f),

    dX0/dt = G - (k + nu f) X0 + nu XT,      dXT/dt = nu f X0 - (k_A + nu) XT      (f small, k << k_A)

the excitons are lost at the rate f k_A nu/(k_A + nu). Fast exchange (nu infinite) is the mean field, f k_A for all of
them; with 250 ps against hops of nanoseconds a film of dots is in the other limit, f nu: a loss happens when a charge
and
an exciton meet. Excitons are born neutral: the charge that sat on the dot is one half of the pair.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float


class ExcitonRates(NamedTuple):
    """First-order rates of one exciton, 1/s. ``radiative`` is without the Purcell factor."""

    radiative: Float[Array, "..."]
    nonradiative: Float[Array, "..."]
    trion: Float[Array, "..."]
    field: Float[Array, "..."]
    dissociation: Float[Array, "..."]


def exciton_rates(exciton, *, n, p, field, thermal_voltage) -> ExcitonRates:
    """Rates at carrier densities n, p (1/m3) and field (V/m)."""
    negative, positive = n / exciton.dots, p / exciton.dots
    brighter = 1.0 + (exciton.trion_ratio - 1.0) * (negative + positive)
    overlap = 1.0 / (1.0 + (field / exciton.overlap_field) ** 2)
    return ExcitonRates(
        radiative=exciton.radiative * brighter * overlap,
        nonradiative=exciton.nonradiative + jnp.zeros_like(n),
        trion=_met(exciton.auger_n, exciton.exchange) * negative + _met(exciton.auger_p, exciton.exchange) * positive,
        field=exciton.ionisation_rate * jnp.exp(-exciton.ionisation_field / jnp.maximum(field, 1.0)),
        dissociation=dissociation_rate(exciton, field=field, thermal_voltage=thermal_voltage),
    )


def _met(auger: Float[Array, "..."], exchange: Float[Array, "..."]) -> Float[Array, "..."]:
    """k_A nu/(k_A + nu), 1/s."""
    return auger / (1.0 + auger / exchange)


def dissociation_rate(exciton, *, field, thermal_voltage) -> Float[Array, "..."]:
    """Hop of one carrier to the next dot against the binding energy less the field's work, 1/s.

    attempt exp(-(E_b - F d)/kT), saturating at the attempt rate once the field pays for the hop (device reference 4,
    item 6).
    """
    cost = (exciton.binding - field * exciton.hop) / thermal_voltage
    return exciton.attempt / (1.0 + jnp.exp(jnp.clip(cost, -200.0, 200.0)))
