"""Graded one-dimensional meshes that know their layers.

Each layer of length L gets the same number of cells; its spacing grows geometrically from both faces to the middle,

    x(t) = (L/2) expm1(2 beta t)/expm1(beta)   for t = i/cells <= 1/2, mirrored beyond.

Cutting the parameter step in two halves every spacing and takes the square root of the ratio, so a refined mesh contains
the coarse one and errors of second order fall by four. Neighbouring layers share a position but not a node (double
nodes), so unknowns may jump there. Node counts are fixed by the options and positions are data: devices with equally
many layers share compiled code.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


@dataclass(frozen=True)
class MeshOptions:
    """``cells_per_layer``: cells in each layer (nodes = cells + 1). ``first_cell``: spacing at a face on the coarse mesh, m.
    ``refinement``: parameter steps per coarse cell (2 is the nested finer mesh)."""

    cells_per_layer: int = 127
    first_cell: float = 1e-11
    refinement: int = 1

    @property
    def nodes_per_layer(self) -> int:
        """Nodes of one layer on this mesh, both faces included."""
        return self.cells_per_layer * self.refinement + 1

    def refined(self) -> "MeshOptions":
        """The nested mesh with every cell cut in two."""
        return MeshOptions(self.cells_per_layer, self.first_cell, 2 * self.refinement)


def grading(length: Float[Array, " layer"], *, cells: int, first_cell: float) -> Float[Array, " layer"]:
    """Exponent beta for which the first cell has the wanted size (m); tends to 0 (uniform) where it cannot be reached.

    Fixed point of beta = log1p(L/(2 h) expm1(2 beta/cells)), a contraction started from above.
    """
    reach = length / (2.0 * jnp.minimum(first_cell, 0.98 * length / cells))

    def improve(_, beta):
        return jnp.log1p(reach * jnp.expm1(2.0 * beta / cells))

    return jax.lax.fori_loop(0, 200, improve, jnp.full_like(length, 25.0))


def layer_nodes(length: Float[Array, " layer"], options: MeshOptions) -> Float[Array, "layer node"]:
    """Node positions (m) inside each layer, from 0 to its length (m)."""
    cells = options.cells_per_layer
    beta = grading(length, cells=cells, first_cell=options.first_cell)[:, None]
    t = jnp.linspace(0.0, 1.0, options.nodes_per_layer)
    from_face = 0.5 * length[:, None] * jnp.expm1(2.0 * beta * jnp.minimum(t, 1.0 - t)) / jnp.expm1(beta)
    return jnp.where(t <= 0.5, from_face, length[:, None] - from_face)


def cell_widths(nodes: Float[Array, "layer node"]) -> Float[Array, "layer cell"]:
    """Spacing (m) of the cells; taken from the nearer face so that small cells keep full relative accuracy."""
    from_right = nodes[:, -1:] - nodes
    left = jnp.diff(nodes, axis=1)
    right = -jnp.diff(from_right, axis=1)
    return jnp.where(nodes[:, 1:] <= 0.5 * nodes[:, -1:], left, right)


def prolong(values: Float[Array, "... node"]) -> Float[Array, "... fine"]:
    """Values on the nodes of one layer carried to the nested mesh: kept at shared nodes, averaged in between."""
    middle = 0.5 * (values[..., :-1] + values[..., 1:])
    pairs = jnp.stack([values[..., :-1], middle], axis=-1).reshape(*values.shape[:-1], -1)
    return jnp.concatenate([pairs, values[..., -1:]], axis=-1)
