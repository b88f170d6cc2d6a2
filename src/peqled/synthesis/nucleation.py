"""Classical nucleation of cubes (and of spheres, for comparison) from the dissolved monomer.

Volmer and Weber; Becker and Döring; see Kashchiev, Nucleation (2000). Capillarity is taken at its word down to a few
tens of formula units, so γ and the prefactor are effective constants.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.synthesis.crystal import BOLTZMANN, FORMULA_VOLUME

ENTRY_SIZE = 1.1  # a nucleus enters the distribution a little above the critical edge, where it grows
BARRIER_CAP = 300.0  # exp(-300) nuclei are none
LOG_SATURATION_FLOOR = 1e-9


def critical_edge(
    log_saturation: Float[Array, "..."], *, surface_energy: float | Array, temperature: float | Array
) -> Float[Array, "..."]:
    """Edge of the critical cube L* = 4 γ v/(k_B T ln S) in m; γ in J/m2, T in K."""
    return 4 * surface_energy * FORMULA_VOLUME / (BOLTZMANN * temperature * log_saturation)


def critical_radius(
    log_saturation: Float[Array, "..."], *, surface_energy: float | Array, temperature: float | Array
) -> Float[Array, "..."]:
    """Radius of the critical sphere r* = 2 γ v/(k_B T ln S) in m."""
    return 0.5 * critical_edge(log_saturation, surface_energy=surface_energy, temperature=temperature)


def cube_barrier(
    log_saturation: Float[Array, "..."], *, surface_energy: float | Array, temperature: float | Array
) -> Float[Array, "..."]:
    """ΔG*/k_B T = 32 γ³ v² / [(k_B T)³ ln² S] of the cube."""
    thermal = BOLTZMANN * temperature
    return 32 * surface_energy**3 * FORMULA_VOLUME**2 / (thermal**3 * log_saturation**2)


def sphere_barrier(
    log_saturation: Float[Array, "..."], *, surface_energy: float | Array, temperature: float | Array
) -> Float[Array, "..."]:
    """ΔG*/k_B T of the sphere: the cube's with 16π/3 in place of 32."""
    cube = cube_barrier(log_saturation, surface_energy=surface_energy, temperature=temperature)
    return jnp.pi / 6 * cube


def nucleation_rate(
    monomer: Float[Array, ""],
    log_saturation: Float[Array, ""],
    *,
    log_prefactor: float | Array,
    surface_energy: float | Array,
    temperature: float | Array,
) -> Float[Array, ""]:
    """J = e^{lnA} c_M e^{-ΔG*/k_B T} in 1/(m3 s), zero at or below saturation; c_M in mol/m3, A in 1/(mol s)."""
    above = log_saturation > LOG_SATURATION_FLOOR
    safe = jnp.where(above, log_saturation, 1.0)
    barrier = cube_barrier(safe, surface_energy=surface_energy, temperature=temperature)
    rate = jnp.maximum(monomer, 0.0) * jnp.exp(log_prefactor - jnp.minimum(barrier, BARRIER_CAP))
    return jnp.where(above, rate, 0.0)


def entry_edge(
    log_saturation: Float[Array, ""], *, surface_energy: float | Array, temperature: float | Array
) -> Float[Array, ""]:
    """Edge (m) at which a monomer-born nucleus enters; very large at or below saturation, where none is born."""
    above = log_saturation > LOG_SATURATION_FLOOR
    safe = jnp.where(above, log_saturation, LOG_SATURATION_FLOOR)
    return ENTRY_SIZE * critical_edge(safe, surface_energy=surface_energy, temperature=temperature)
