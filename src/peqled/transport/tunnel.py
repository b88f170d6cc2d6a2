"""Transmission of a thin insulator between two layers (PMMA interlayer, ligand gap)."""

import jax.numpy as jnp
from jaxtyping import Array, Float

_FLOOR = 1e-3  # eV; below this the carrier meets no barrier


def trapezoid_action(
    *,
    thickness: Float[Array, "..."],
    mass: Float[Array, "..."],
    barrier: Float[Array, "..."],
    drop: Float[Array, "..."],
    constants,
) -> Float[Array, "..."]:
    """Integral of kappa over a trapezoidal barrier, kappa = sqrt(2 m q phi)/hbar (transport reference 2.7).

    ``thickness``: m; ``mass``: in electron masses; ``barrier``: mean height, eV; ``drop``: potential difference across
    it, V.
    The tilt is half the drop either way; where the low side falls below the level only the part above it counts.
    """
    high, low = barrier + 0.5 * jnp.abs(drop), barrier - 0.5 * jnp.abs(drop)
    root_high, root_low = jnp.sqrt(jnp.maximum(high, _FLOOR)), jnp.sqrt(jnp.maximum(low, _FLOOR))
    whole = (root_high**2 + root_high * root_low + root_low**2) / (root_high + root_low)
    triangle = root_high**3 / jnp.maximum(high - low, _FLOOR)
    mean_root = (2.0 / 3.0) * jnp.where(low > _FLOOR, whole, triangle)
    return thickness * jnp.sqrt(2.0 * mass * constants.electron_mass * constants.q) / constants.hbar * mean_root


def transmission(tunnel, *, barrier: Float[Array, "..."], drop: Float[Array, "..."], constants) -> Float[Array, "..."]:
    """a + (1 - a) exp(-2 action): pinholes of area share a pass freely, the rest tunnels."""
    action = trapezoid_action(
        thickness=tunnel.thickness, mass=tunnel.mass, barrier=barrier, drop=drop, constants=constants
    )
    return tunnel.pinholes + (1.0 - tunnel.pinholes) * jnp.exp(-2.0 * action)
