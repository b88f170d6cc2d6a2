"""Root of a decreasing scalar function, with the exact derivative by the implicit function theorem."""

from collections.abc import Callable

import jax
from jax import Array
from jaxtyping import Float

_BISECTIONS = 80


def decreasing_root(
    function: Callable[[Array], Array], low: Float[Array, ""], high: Float[Array, ""]
) -> Float[Array, ""]:
    """Where a decreasing ``function`` crosses zero between ``low`` and ``high``.

    The bisection carries no derivative; the Newton step after it does: x = x* - f(x*)/f'(x*) has the derivative
    -(df/dp)/f' in every parameter p that ``function`` closes over.
    """

    def halve(_, bracket):
        low, high = bracket
        middle = 0.5 * (low + high)
        above = function(middle) > 0.0
        return jax.numpy.where(above, middle, low), jax.numpy.where(above, high, middle)

    bracket = jax.lax.stop_gradient((low, high))
    low, high = jax.lax.fori_loop(0, _BISECTIONS, halve, bracket)
    point = jax.lax.stop_gradient(0.5 * (low + high))
    value, slope = jax.jvp(function, (point,), (jax.numpy.ones_like(point),))
    return point - value / jax.lax.stop_gradient(slope)
