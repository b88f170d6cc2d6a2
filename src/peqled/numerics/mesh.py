"""Graded one-dimensional meshes that know their layers.

Each layer of length L gets the same number of cells, placed at equal steps of a parameter t whose density is

    dt/dx ~ (1 + d/s)^-(1 + e) + B,    d: distance to the nearer face,

fine at both faces, growing faster than geometrically out of them (e = 0.6: space charge falls as 1/d^2; the error of
each cell, h^3 n'', is then spread evenly), and even in the interior through B, which keeps the drift over an inner cell
small. Mirrored about the middle, tau = 1 - (1 + x/s)^-e + B x is inverted by Newton's method. Cutting the step of t in
two gives a nested mesh that contains the coarse one and halves every spacing, so that errors of second order fall by
four. Neighbouring layers share a position but not a node (double nodes), so unknowns may jump there. Node counts are
fixed by the options and positions are data: devices with equally many layers share compiled code.
"""

from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

_EXPONENT = 0.6


@dataclass(frozen=True)
class MeshOptions:
    """``cells_per_layer``: cells in each layer (nodes = cells + 1). ``first_cell``: spacing at a face on the coarse
    mesh, m;
    ``even_share``: share of the cells that make the interior even.
    ``refinement``: parameter steps per coarse cell (2 is the nested finer mesh)."""

    cells_per_layer: int = 127
    first_cell: float = 1e-11
    even_share: float = 0.15
    refinement: int = 1

    @property
    def nodes_per_layer(self) -> int:
        """Nodes of one layer on this mesh, both faces included."""
        return self.cells_per_layer * self.refinement + 1

    def refined(self) -> "MeshOptions":
        """The nested mesh with every cell cut in two."""
        return replace(self, refinement=2 * self.refinement)


def layer_nodes(length: Float[Array, " layer"], options: MeshOptions) -> Float[Array, "layer node"]:
    """Node positions (m) inside each layer, from 0 to its length (m)."""
    share, half = options.even_share, 0.5 * length[:, None]
    scale = 0.5 * _EXPONENT * (1.0 - share) * options.cells_per_layer * options.first_cell

    def graded(x):
        return -jnp.expm1(-_EXPONENT * jnp.log1p(x / scale))

    span = graded(half) / (1.0 - share)
    even = share * span / half
    t = jnp.linspace(0.0, 1.0, options.nodes_per_layer)
    tau = 2.0 * span * jnp.minimum(t, 1.0 - t)

    def improve(_, x):
        slope = _EXPONENT / scale * (1.0 + x / scale) ** (-_EXPONENT - 1.0) + even
        return x - (graded(x) + even * x - tau) / slope

    # both terms are concave, so Newton climbs to the root from a start below it: either term at half of tau
    most = jnp.maximum(-0.5 * tau, -1.0 + 1e-9)  # the graded term alone never reaches more than 1
    start = jnp.minimum(scale * jnp.expm1(-jnp.log1p(most) / _EXPONENT), 0.5 * tau / even)
    from_face = jax.lax.fori_loop(0, 30, improve, start)
    return jnp.where(t <= 0.5, from_face, length[:, None] - from_face)


def cell_widths(nodes: Float[Array, "layer node"]) -> Float[Array, "layer cell"]:
    """Spacing (m) of the cells; taken from the nearer face so that small cells keep full relative accuracy."""
    from_right = nodes[:, -1:] - nodes
    left = jnp.diff(nodes, axis=1)
    right = -jnp.diff(from_right, axis=1)
    return jnp.where(nodes[:, 1:] <= 0.5 * nodes[:, -1:], left, right)


def boxes(width: Float[Array, "layer cell"]) -> Float[Array, "layer node"]:
    """Width (m) of the box around every node: half of the cell on either side."""
    return 0.5 * (jnp.pad(width, ((0, 0), (0, 1))) + jnp.pad(width, ((0, 0), (1, 0))))


def prolong(values: Float[Array, "... node"]) -> Float[Array, "... fine"]:
    """Values on the nodes of one layer carried to the nested mesh: kept at shared nodes, averaged in between."""
    middle = 0.5 * (values[..., :-1] + values[..., 1:])
    pairs = jnp.stack([values[..., :-1], middle], axis=-1).reshape(*values.shape[:-1], -1)
    return jnp.concatenate([pairs, values[..., -1:]], axis=-1)
