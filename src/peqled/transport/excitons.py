"""Rates of an exciton on a dot: radiative, non-radiative, trion Auger, field, dissociation (transport reference 2.10, 2.11)."""

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
    """Rates at carrier densities n, p (1/m3) and field (V/m); charged dots counted in mean field, f = density/dots."""
    negative, positive = n / exciton.dots, p / exciton.dots
    brighter = 1.0 + (exciton.trion_ratio - 1.0) * (negative + positive)
    overlap = 1.0 / (1.0 + (field / exciton.overlap_field) ** 2)
    return ExcitonRates(
        radiative=exciton.radiative * brighter * overlap,
        nonradiative=exciton.nonradiative + jnp.zeros_like(n),
        trion=exciton.auger_n * negative + exciton.auger_p * positive,
        field=exciton.ionisation_rate * jnp.exp(-exciton.ionisation_field / jnp.maximum(field, 1.0)),
        dissociation=dissociation_rate(exciton, field=field, thermal_voltage=thermal_voltage),
    )


def dissociation_rate(exciton, *, field, thermal_voltage) -> Float[Array, "..."]:
    """Hop of one carrier to the next dot against the binding energy less the field's work, 1/s.

    attempt exp(-(E_b - F d)/kT), saturating at the attempt rate once the field pays for the hop (device reference 4, item 6).
    """
    cost = (exciton.binding - field * exciton.hop) / thermal_voltage
    return exciton.attempt / (1.0 + jnp.exp(jnp.clip(cost, -200.0, 200.0)))
