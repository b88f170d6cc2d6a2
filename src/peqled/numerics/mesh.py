"""Graded one-dimensional meshes that know their layers.

Each layer of length L gets the same number of cells, placed at equal steps of a parameter t whose density is

    dt/dx ~ 1/(s + d) + B,    d: distance to the nearer face,

geometric grading out of each face (first term) into an even interior (second term), which keeps the drift over an inner
cell small. Mirrored about the middle, tau = ln(1 + x/s) + B x is inverted by Newton's method. Cutting the step of t in
two gives a nested mesh that contains the coarse one, halves every spacing, takes the square root of the grading ratio,
and lets errors of second order fall by four. Neighbouring layers share a position but not a node (double nodes), so
unknowns may jump there. Node counts are fixed by the options and positions are data: devices with equally many layers
share compiled code.
"""

from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


@dataclass(frozen=True)
class MeshOptions:
    """``cells_per_layer``: cells in each layer (nodes = cells + 1). ``first_cell``: spacing at a face on the coarse
    mesh, m;
    ``even_share``: share of the cells that make the interior even.
    ``refinement``: parameter steps per coarse cell (2 is the nested finer mesh)."""

    cells_per_layer: int = 127
    first_cell: float = 2e-11
    even_share: float = 0.5
    refinement: int = 1

    @property
    def nodes_per_layer(self) -> int:
        """Nodes of one layer on this mesh, both faces included."""
        return self.cells_per_layer * self.refinement + 1

    def refined(self) -> "MeshOptions":
        """The nested mesh with every cell cut in two."""
        return replace(self, refinement=2 * self.refinement)


def grading_scale(
    length: Float[Array, " layer"], *, cells: int, first_cell: float, even_share: float
) -> tuple[Float[Array, " layer"], Float[Array, " layer"]]:
    """The scale s (m) that gives the wanted first cell (m), and the parameter length T of half a layer.

    Fixed point of s = h/expm1(2 T/cells) with T = ln(1 + L/2s)/(1 - even_share); a large s is an even mesh.
    """

    def span(scale):
        return jnp.log1p(0.5 * length / scale) / (1.0 - even_share)

    def improve(_, scale):
        return jnp.minimum(first_cell / jnp.expm1(2.0 * span(scale) / cells), 1e3 * length)

    scale = jax.lax.fori_loop(0, 60, improve, jnp.full_like(length, 5.0 * first_cell))
    return scale, span(scale)


def layer_nodes(length: Float[Array, " layer"], options: MeshOptions) -> Float[Array, "layer node"]:
    """Node positions (m) inside each layer, from 0 to its length (m)."""
    share = options.even_share
    scale, span = grading_scale(length, cells=options.cells_per_layer, first_cell=options.first_cell, even_share=share)
    scale, span, even = scale[:, None], span[:, None], (2.0 * share * span / length)[:, None]
    t = jnp.linspace(0.0, 1.0, options.nodes_per_layer)
    tau = 2.0 * span * jnp.minimum(t, 1.0 - t)

    def improve(_, x):
        return x - (jnp.log1p(x / scale) + even * x - tau) / (1.0 / (scale + x) + even)

    start = jnp.minimum(scale * jnp.expm1(0.5 * tau), 0.5 * tau / even)
    from_face = jax.lax.fori_loop(0, 12, improve, start)
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
