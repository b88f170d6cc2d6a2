"""Mobile ions at rest in the potential: Boltzmann-distributed, with conserved number in every region.

    c = N exp(-z psi)/int exp(-z psi) dx          (transport reference 2.12; psi in kT/q)

The level m = ln N - ln int exp(-z psi) dx of a region is a function of the whole potential. It couples all nodes of the
region, but only through one number: in Newton's method it is a column B (how the charge answers to m) and a row C (how
m answers to psi), eliminated by block elimination:

    dy = Y + Y_B (1 - C Y_B)^-1 C Y,      A Y = rhs,  A Y_B = -B.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax.numpy as jnp
from jax.scipy.special import logsumexp
from jaxtyping import Array, Float

from peqled.numerics.mesh import boxes
from peqled.transport.cell import ion_density

if TYPE_CHECKING:
    from peqled.transport.assembly import Stack


def ion_levels(stack: Stack, psi: Float[Array, "layer node"]) -> Float[Array, "species layer node"]:
    """ln of the density (1/m3) at zero potential, -inf where a species may not go."""
    box, thickness = boxes(stack.width), stack.position[:, -1]
    found = [jnp.zeros((0, *psi.shape))]
    for ion in stack.device.ions:
        level = jnp.full(psi.shape, -jnp.inf)
        for region in range(ion.regions):
            inside = _inside(ion, region)
            number = jnp.sum(jnp.where(inside, ion.density * thickness, 0.0))
            weight = jnp.where(inside[:, None], box, 0.0)
            some = number > 0.0
            here = jnp.log(jnp.where(some, number, 1.0)) - logsumexp(-ion.charge * psi, b=weight)
            here = jnp.where(some, here, -jnp.inf)
            level = jnp.where(inside[:, None], here, level)
        found.append(level[None])
    return jnp.concatenate(found)


def charge_columns(
    stack: Stack, psi: Float[Array, "layer node"]
) -> tuple[Float[Array, "region layer node"], Float[Array, "region layer node"]]:
    """B and C of every species and region: d(charge balance)/dm with the sign of the residual, and dm/dpsi."""
    box, levels = boxes(stack.width), ion_levels(stack, psi)
    columns, rows = [], []
    for ion, level in zip(stack.device.ions, levels, strict=True):
        amount = ion_density(psi, level, ion.charge) * box
        for region in range(ion.regions):
            mine = jnp.where(_inside(ion, region)[:, None], amount, 0.0)
            columns.append(-stack.device.constants.q * ion.charge * mine)
            number = jnp.sum(mine)
            rows.append(ion.charge * mine / jnp.where(number > 0.0, number, 1.0))
    return jnp.stack(columns), jnp.stack(rows)


def eliminate(
    free: Float[Array, "4 layer node"],
    by_level: Float[Array, "region 4 layer node"],
    rows: Float[Array, "region layer node"],
) -> Float[Array, "4 layer node"]:
    """A response with fixed ion levels made the response with fixed ion numbers."""
    answer = jnp.einsum("rln,sln->rs", rows, by_level[:, 0])
    wanted = jnp.einsum("rln,ln->r", rows, free[0])
    moved = jnp.linalg.solve(jnp.eye(len(rows)) - answer, wanted)
    return free + jnp.einsum("r,rkln->kln", moved, by_level)


def _inside(ion, region: int) -> Array:
    return jnp.array([place == region for place in ion.region])
