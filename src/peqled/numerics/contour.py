"""Quadrature along paths in the complex plane, for integrands with poles beside the real axis.

Three paths, all built from one Gauss-Legendre rule on (0, 1):

* `arc`: from a to b through u = a + (b - a) sin²(phi/2) - i depth (b - a) sin²(phi), phi in (0, pi). The sine squared
  removes square-root singularities at both ends; the dip passes below poles that lie on or above the real axis. The
  nodes are drawn to both ends, where the path meets the axis and may come close to a pole.
* `log_tail`: from a to b in equal ratios, with the phase bent below the axis between the ends.
* `clustered`: the real axis again (depth 0), but in panels that end at given poles, with the nodes of each panel drawn
  to its pole by phi = phi_p + width sinh(s) (Johnston & Elliott, Int. J. Numer. Meth. Eng. 62, 564 (2005),
  10.1002/nme.1208). The Lorentzian of a pole then costs a few nodes for each decade of its width instead of nodes in
  proportion to 1/width.

`zeros_beside` and `locate_poles` find the poles for `clustered`. Everything is of fixed shape and differentiable in the
ends of the interval. An interval shorter than `EMPTY` has weight zero and its nodes are put elsewhere, where nothing is
singular.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Complex, Float, Inexact

EMPTY = 1e-9
NARROWEST = 1e-8
END_SIZE = 0.3
SPARE = 2  # searches beyond the number of zeros wanted, for those that fail
FAR = 0.6  # rad, beyond which zeros need no special care
MARGIN = 1e-3  # rad, by which poles are kept off the ends


def gauss_legendre(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of the Gauss-Legendre rule on (0, 1)."""
    node, weight = np.polynomial.legendre.leggauss(count)
    return 0.5 * (node + 1.0), 0.5 * weight


def _width(start: Float[Array, "*batch"], stop: Float[Array, "*batch"]) -> tuple[Array, Array]:
    """Length of the interval (1 in place of an empty one), and 1 or 0 for filled or empty."""
    width = stop - start
    filled = width > EMPTY
    return jnp.where(filled, width, 1.0), filled.astype(width.dtype)


def at_angle(start: Float[Array, "*batch"], stop: Float[Array, "*batch"], phi: Inexact[Array, "*batch node"]) -> Array:
    """u = a + (b - a) sin²(phi/2) for phi of any shape [*batch node], real or complex."""
    width, _ = _width(start, stop)
    return start[..., None] + width[..., None] * jnp.sin(0.5 * phi) ** 2


def arc(
    start: Float[Array, "*batch"], stop: Float[Array, "*batch"], *, count: int, depth: float
) -> tuple[Array, Array]:
    """Nodes and weights [*batch node] of the arc; depth 0 gives real nodes. `count` is even."""
    phi, weight = _drawn_to_ends(count // 2)
    width, filled = _width(start, stop)
    shape = np.sin(0.5 * phi) ** 2
    slope = 0.5 * np.sin(phi)
    if depth:
        shape = shape - 1j * depth * np.sin(phi) ** 2
        slope = slope - 1j * depth * np.sin(2.0 * phi)
    return start[..., None] + width[..., None] * shape, (width * filled)[..., None] * (slope * weight)


def _drawn_to_ends(half_count: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights over (0, pi), spaced as sinh from either end."""
    node, weight = gauss_legendre(half_count)
    reach = np.arcsinh(0.5 * np.pi / END_SIZE)
    phi, weight = END_SIZE * np.sinh(reach * node), END_SIZE * reach * np.cosh(reach * node) * weight
    return np.concatenate([phi, np.pi - phi[::-1]]), np.concatenate([weight, weight[::-1]])


def log_tail(
    start: Float[Array, "*batch"], stop: Float[Array, "*batch"], *, count: int, bend: float
) -> tuple[Array, Array]:
    """Nodes and weights [*batch node] of u = a (b/a)^s exp(-i bend sin(pi s)), s in (0, 1); bend 0 gives real nodes."""
    node, weight = gauss_legendre(count)
    decades = jnp.log(stop / start)[..., None]
    exponent = decades * node
    slope = decades
    if bend:
        exponent = exponent - 1j * bend * np.sin(np.pi * node)
        slope = slope - 1j * bend * np.pi * np.cos(np.pi * node)
    nodes = start[..., None] * jnp.exp(exponent)
    return nodes, nodes * slope * weight


def clustered(
    start: Float[Array, "*batch"], stop: Float[Array, "*batch"], pole: Complex[Array, "*batch pole"], *, count: int
) -> tuple[Array, Array]:
    """Real nodes and weights [*batch node], `count` nodes on each side of the middle of every gap between poles.

    `pole` holds the poles as angles phi (real part: place, imaginary part: width), sorted by place.
    """
    place = jnp.clip(pole.real, MARGIN, jnp.pi - MARGIN)
    edge_shape = (*place.shape[:-1], 1)
    place = jnp.concatenate([jnp.zeros(edge_shape), place, jnp.full(edge_shape, jnp.pi)], -1)
    # every panel end is drawn as finely as its nearest pole demands, be it the pole of this slot or a neighbour's
    reach = jnp.min(jnp.abs(place[..., None] - pole[..., None, :]), -1)
    inner = (place > 0.0) & (place < jnp.pi)
    size = jnp.clip(reach, jnp.where(inner, NARROWEST, MARGIN), jnp.pi)
    half = 0.5 * jnp.diff(place)
    left, left_weight = _drawn_to_pole(half, size[..., :-1], count)
    right, right_weight = _drawn_to_pole(half, size[..., 1:], count)
    phi = jnp.concatenate([place[..., :-1, None] + left, place[..., 1:, None] - right], -1)
    weight = jnp.concatenate([left_weight, right_weight], -1)
    phi, weight = (jax.lax.stop_gradient(x.reshape(*x.shape[:-2], -1)) for x in (phi, weight))
    width, filled = _width(start, stop)
    return at_angle(start, stop, phi), (width * filled)[..., None] * 0.5 * jnp.sin(phi) * weight


def _drawn_to_pole(half: Array, size: Array, count: int) -> tuple[Array, Array]:
    """Distances from the pole in (0, half) and their weights, spaced as sinh."""
    node, weight = gauss_legendre(count)
    reach = jnp.arcsinh(half / size)[..., None]
    distance = size[..., None] * jnp.sinh(reach * node)
    return distance, size[..., None] * reach * jnp.cosh(reach * node) * weight


def locate_poles(
    denominator: Callable[[Array], Array],
    start: Float[Array, "*batch"],
    stop: Float[Array, "*batch"],
    *,
    count: int,
    scan: int = 48,
    refinements: int = 5,
) -> Complex[Array, "*batch pole"]:
    """The `count` zeros of an analytic `denominator` nearest to [a, b], as angles phi sorted by place.

    Slots without a zero get evenly spaced, wide dummies. See `zeros_beside`.
    """
    roots, _ = zeros_beside(denominator, start, stop, count=count, scan=scan, refinements=refinements)
    return jnp.take_along_axis(roots, jnp.argsort(roots.real, -1), -1)


def zeros_beside(
    denominator: Callable[[Array], Array],
    start: Float[Array, "*batch"],
    stop: Float[Array, "*batch"],
    *,
    count: int,
    scan: int = 48,
    refinements: int = 5,
) -> tuple[Complex[Array, "*batch pole"], Bool[Array, "*batch pole"]]:
    """The `count` zeros of an analytic `denominator` nearest to [a, b], as angles phi, and which slots hold one.

    The denominator D is tabulated along a line one step below the axis, where a zero on the axis looks as wide as one
    step and cannot be missed. Each point predicts its nearest zero from the parabola through itself and its neighbours;
    the nearest of all starts a search by Muller's method, and the zero found is divided out of the table before the
    next is sought; where a search fails, no other starts.
    """
    step = np.pi / scan
    grid = jnp.asarray(step * (np.arange(scan) + 0.5) - 1j * step)
    batch = jnp.broadcast_shapes(start.shape, stop.shape)
    table = denominator(at_angle(start, stop, jnp.broadcast_to(grid, (*batch, scan))))
    dummies = jnp.asarray(np.pi * (np.arange(count) + 0.5) / count + 1j * np.pi)
    empty = jnp.broadcast_to(dummies, (*batch, count)), jnp.zeros((*batch, count), bool)
    untried = jnp.zeros((*batch, scan - 2))

    def divided(value, phi, found):
        """D without the zeros found so far; value and phi [*batch node]."""
        roots, known = found
        away = phi[..., None] - roots[..., None, :]
        return value / jnp.prod(jnp.where(known[..., None, :] & (away != 0.0), away, 1.0), -1)

    def search(carry, _):
        found, tried = carry
        points, values = _nearest_zero(divided(table, grid, found), grid, step, tried)
        close = jnp.abs(points[2] - points[1]) < FAR
        root, last = _muller(
            lambda phi: divided(denominator(at_angle(start, stop, phi)), phi, found), points, values, refinements
        )
        settled = jnp.abs(last) < 0.1 * (jnp.abs(root.imag) + 1e-4)
        accept = close & settled & (jnp.abs(root - points[1]) < 2.0 * FAR)
        roots, known = found
        here = (jnp.arange(count) == jnp.sum(known, -1, keepdims=True)) & accept
        near = jnp.abs(grid[1:-1] - points[1]) < 3.5 * step
        tried = jnp.where(near & ~accept, jnp.inf, tried)
        return ((jnp.where(here, root, roots), known | here), tried), None

    found, _ = jax.lax.scan(search, (empty, untried), None, length=count + SPARE)[0]
    return jax.lax.stop_gradient(found)


def _nearest_zero(table: Array, grid: Array, step: float, penalty: Array) -> tuple[tuple, tuple]:
    """Three points to start from, the last one being the nearest predicted zero, and the values at the first two.

    Zeros predicted below the axis are artefacts; `penalty` is added to the distances.
    """
    left, here, right = table[..., :-2], table[..., 1:-1], table[..., 2:]
    move = _parabola_zero(here, (right - left) / (2.0 * step), (right - 2.0 * here + left) / (2.0 * step**2))
    below = (grid[1:-1] + move).imag < -step
    place = jnp.argmin(jnp.abs(move) + jnp.where(below, jnp.inf, penalty), -1)[..., None]
    first, second = grid[place], grid[place + 1]
    values = tuple(jnp.take_along_axis(x, place, -1) for x in (left, here))
    return (first, second, second + jnp.take_along_axis(move, place, -1)), values


def _parabola_zero(constant: Array, slope: Array, curvature: Array) -> Array:
    """The zero of c + b x + a x² nearest to x = 0; 0 where there is none."""
    root = jnp.sqrt(slope * slope - 4.0 * constant * curvature)
    larger = jnp.where(jnp.abs(slope + root) >= jnp.abs(slope - root), slope + root, slope - root)
    none = larger == 0.0
    return jnp.where(none, 0.0, -2.0 * constant / jnp.where(none, 1.0, larger))


def _muller(function: Callable[[Array], Array], points: tuple, values: tuple, steps: int) -> tuple[Array, Array]:
    """Zero of `function` after a fixed number of Muller steps, and the last step taken."""

    def step(carry, _):
        (x0, x1, x2), (f0, f1) = carry
        f2 = function(x2)
        s01, s12 = _slope(x0, x1, f0, f1), _slope(x1, x2, f1, f2)
        curvature = _slope(x0, x2, s01, s12)
        move = _parabola_zero(f2, s12 + curvature * (x2 - x1), curvature)
        return ((x1, x2, x2 + move), (f1, f2)), move

    (points, _), moves = jax.lax.scan(step, (points, values), None, length=steps)
    return points[2], moves[-1]


def _slope(x0: Array, x1: Array, f0: Array, f1: Array) -> Array:
    """Divided difference; 0 where the points agree."""
    same = x0 == x1
    return jnp.where(same, 0.0, (f1 - f0) / jnp.where(same, 1.0, x1 - x0))
