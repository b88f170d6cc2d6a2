"""Finite volumes for a distribution that moves along one axis, forwards and backwards.

The law is ``∂n/∂t + ∂(G n)/∂L = 0`` with a speed ``G(L, t)`` of either sign. Take a coordinate x(L) in which the cells
have equal width (x = L, or x = ln L). With ``m = number per cell`` and ``u = G dx/dL / Δx`` (cells per second),

    dm_i/dt = -(F_{i+1/2} - F_{i-1/2}),    F = max(u, 0) m⁻ + min(u, 0) m⁺ ,

where m⁻ and m⁺ are the values reconstructed on a face from its left and its right. What leaves one cell enters the
next: number changes only at the ends. The left end lets matter out and none in; the right end is closed.
Reconstruction: van Leer's harmonic limiter (second order, 10.1016/0021-9991(74)90019-9) or WENO5-Z (fifth order,
10.1016/j.jcp.2007.11.038). Because x is the coordinate of equal cells, both keep their order on a geometric grid.
"""

from typing import Literal, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

Scheme = Literal["weno", "van_leer"]
GHOSTS = 3
STENCIL = 7  # a cell's rate reads the cells i-3 .. i+3
# A face value above this multiple of its upwind cell is cut: the outflow of an empty cell is then zero, which keeps the
# semi-discrete numbers positive. Smooth fronts stay below it (a Gaussian of two cells' width: 2.7 at four sigma).
FACE_TO_CELL = 12.0
SWITCH_WIDTH = 0.5  # cells over which the upwind side changes where the speed changes sign


class SizeGrid(NamedTuple):
    """Cells between two sizes, equal in x: faces and pivots in the unit of the size itself, x either L or ln L."""

    face: Float[np.ndarray, " face"]
    pivot: Float[np.ndarray, " cell"]
    cells_per_size: Float[np.ndarray, " face"]  # dx/dL / Δx on every face: turns dL/dt into cells per second


def make_grid(low: float, high: float, cells: int, spacing: Literal["uniform", "geometric"] = "uniform") -> SizeGrid:
    """A size grid from `low` to `high`; the pivots are the midpoints in x."""
    if spacing == "geometric":
        x = np.linspace(np.log(low), np.log(high), cells + 1)
        face, pivot = np.exp(x), np.exp(0.5 * (x[1:] + x[:-1]))
        return SizeGrid(face, pivot, 1.0 / (face * (x[1] - x[0])))
    face = np.linspace(low, high, cells + 1)
    return SizeGrid(face, 0.5 * (face[1:] + face[:-1]), np.full(cells + 1, cells / (high - low)))


def weno5z(a: Array, b: Array, c: Array, d: Array, e: Array, smoothness: float) -> Array:
    """Face value right of the middle cell c from five cell means; `smoothness` is a small square of the mean's unit."""
    q = ((2 * a - 7 * b + 11 * c) / 6, (-b + 5 * c + 2 * d) / 6, (2 * c + 5 * d - e) / 6)
    beta = (
        13 / 12 * (a - 2 * b + c) ** 2 + (a - 4 * b + 3 * c) ** 2 / 4,
        13 / 12 * (b - 2 * c + d) ** 2 + (b - d) ** 2 / 4,
        13 / 12 * (c - 2 * d + e) ** 2 + (3 * c - 4 * d + e) ** 2 / 4,
    )
    tau = (beta[0] - beta[2]) ** 2  # the square of |β0 - β2|: smooth where the two are equal
    weight = [g * (1 + tau / (s + smoothness) ** 2) for g, s in zip((0.1, 0.6, 0.3), beta, strict=True)]
    total = weight[0] * q[0] + weight[1] * q[1] + weight[2] * q[2]
    return total / (weight[0] + weight[1] + weight[2])


def van_leer(left: Array, middle: Array, right: Array) -> Array:
    """Face value right of the middle cell: half the harmonic mean of the two slopes, none at an extremum."""
    back, ahead = middle - left, right - middle
    product, total = back * ahead, back + ahead
    safe = jnp.where(product > 0, total, 1.0)
    return middle + jnp.where(product > 0, product / safe, 0.0)


def face_values(
    number: Float[Array, " cell"], *, scheme: Scheme, floor: float
) -> tuple[Float[Array, " face"], Float[Array, " face"]]:
    """Values on every face seen from the left and from the right; cells below `floor` count as first-order upwind."""
    padded = jnp.concatenate([_before(number), jnp.pad(number, (0, GHOSTS), mode="edge")])
    faces = number.shape[0] + 1
    p = [padded[k : k + faces] for k in range(2 * GHOSTS)]  # p[2] lies left of the face, p[3] right of it
    if scheme == "weno":
        minus = weno5z(p[0], p[1], p[2], p[3], p[4], floor**2)
        plus = weno5z(p[5], p[4], p[3], p[2], p[1], floor**2)
    else:
        minus, plus = van_leer(p[1], p[2], p[3]), van_leer(p[4], p[3], p[2])
    return _blended(minus, p[2], floor), _blended(plus, p[3], floor)


def _before(number: Float[Array, " cell"]) -> Float[Array, " ghost"]:
    """Ghost cells left of the first: the parabola through the first three, where nuclei may enter at full slope."""
    a, b, c = number[0], number[1], number[2]
    back = jnp.arange(float(GHOSTS), 0.0, -1.0)
    return a + back * (a - b) + 0.5 * back * (back + 1) * (a - 2 * b + c)


def _blended(value: Array, upwind: Array, floor: float) -> Array:
    """The reconstructed value, between zero and a multiple of its upwind cell, fading to that cell where it is empty.

    First order is linear: nearly empty cells, crossed at high speed by dissolving dots, then have no kink at zero for
    the integrator to stumble on, and an undershoot leaves as it came.
    """
    filled = jnp.maximum(upwind, 0.0)
    share = filled**4 / (filled**4 + floor**4)
    return upwind + share * (jnp.clip(value, 0.0, FACE_TO_CELL * filled) - upwind)


def advection_rate(
    number: Float[Array, " cell"],
    speed: Float[Array, " face"],
    *,
    scheme: Scheme = "weno",
    floor: float = 1e-6,
) -> Float[Array, " cell"]:
    """dm/dt of every cell for a face speed in cells per second (`G * grid.cells_per_size`).

    floor : number per cell that counts as empty, in the unit of `number`.
    """
    minus, plus = face_values(number, scheme=scheme, floor=floor)
    size = _smooth_modulus(speed)
    flux = 0.5 * (speed + size) * minus + 0.5 * (speed - size) * plus
    flux = flux.at[0].set(jnp.minimum(speed[0], 0.0) * plus[0]).at[-1].set(0.0)
    return -jnp.diff(flux)


def _smooth_modulus(speed: Float[Array, " face"]) -> Float[Array, " face"]:
    """|u| rounded off over half a cell around its zero, so that a critical size may rest on a face.

    A sharp upwind switch there is a kink in time that an integrator of high order meets again and again. The excess
    over |u| only multiplies m⁻ - m⁺, which is of the order of the reconstruction; outflow of an empty cell stays zero.
    """
    padded = jnp.pad(speed, 1, mode="edge")
    rounding = SWITCH_WIDTH * 0.5 * (padded[2:] - padded[:-2])
    return jnp.sqrt(speed**2 + rounding**2 + 1e-60)


def colour_seeds(cells: int) -> Float[Array, "colour cell"]:
    """One seed per colour: cells that are `STENCIL` apart never meet in one rate, so they share a forward pass."""
    return (jnp.arange(cells) % STENCIL == jnp.arange(STENCIL)[:, None]).astype(float)


def band_from_colours(passes: Float[Array, "colour cell"]) -> Float[Array, "diagonal cell"]:
    """Diagonals -3 … 3 of the banded Jacobian from its coloured forward passes; entry [k, i] is J_{i, i+k-3}.

    It is row i of the pass whose colour is that of column i + k - 3.
    """
    cells = passes.shape[1]
    column = np.arange(cells)[None, :] + np.arange(-GHOSTS, GHOSTS + 1)[:, None]
    inside = (column >= 0) & (column < cells)
    return jnp.where(inside, passes[column % STENCIL, np.arange(cells)[None, :]], 0.0)


def two_pivot_weights(volume: Float[Array, ""], pivot_volume: Float[Array, " cell"]) -> Float[Array, " cell"]:
    """Shares of one particle on the two pivots around its volume: they sum to 1 and keep the volume.

    Kumar and Ramkrishna, 10.1016/0009-2509(96)88489-2. Outside the pivots the particle sits on the end pivot.
    """
    inside = jnp.clip(volume, pivot_volume[0], pivot_volume[-1])
    step_up = jnp.diff(pivot_volume)
    rising = jnp.clip((inside - pivot_volume[:-1]) / step_up, 0.0, 1.0)
    return jnp.concatenate([jnp.ones(1), rising]) - jnp.concatenate([rising, jnp.zeros(1)])
