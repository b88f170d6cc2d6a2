"""Encapsulation as a permeation barrier: how late and how much of the outside reaches the film.

Water that crosses a barrier of transmission W (kg/(m^2 s) at the humidity outside) first fills a getter of the capacity
G (kg/m^2), then the space over the film, which holds C (kg/m^2) in equilibrium with the outside:

    RH_in = 0 until t_b = G/W,     RH_in = RH_out (1 - exp[-(t - t_b)/tau]),     tau = C/W,

and the loss of the film is the integral of its rate along RH_in(t). Oxygen goes in step with the water. The delay is
that of a perfect getter; lateral ingress at edges and pinholes is part of W.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from peqled.film.ageing import Ageing, Environment, brightened, loss_rate

POINTS = 2049
"""Points of the integral over time."""


class Barrier(eqx.Module):
    """``transmission`` W, kg/(m2 s); ``getter`` G, kg/m2; ``space`` C, kg/m2: 2.3e-5 for 1 mm of saturated air at room
    temperature. 1 g/(m2 day) is 1.16e-8 kg/(m2 s); glass with an epoxy rim is quoted around 1e-4 to 1e-3 g/(m2 day).
    """

    transmission: float | Array
    getter: float | Array = 0.0
    space: float | Array = 2.3e-5

    @property
    def breakthrough(self) -> Array:
        """Time (s) until the getter is full."""
        return jnp.asarray(self.getter / self.transmission)

    @property
    def lag(self) -> Array:
        """Time constant (s) with which the space over the film follows."""
        return jnp.asarray(self.space / self.transmission)


def inside(time: Float[Array, "..."], barrier: Barrier) -> Float[Array, "..."]:
    """Humidity and oxygen over the film, as a share of those outside, after ``time`` (s)."""
    return -jnp.expm1(-jnp.maximum(time - barrier.breakthrough, 0.0) / barrier.lag)


def retained_behind(
    time: Float[Array, " time"], model: Ageing, environment: Environment, barrier: Barrier
) -> Float[Array, " time"]:
    """I(t)/I(0) of a film behind a barrier; ``time`` (s) increasing."""
    grid = jnp.linspace(0.0, 1.0, POINTS) * time[-1]
    share = inside(grid, barrier)
    here = eqx.tree_at(
        lambda x: (x.humidity, x.oxygen), environment, (environment.humidity * share, environment.oxygen * share)
    )
    rate = loss_rate(model, here) + 0.0 * grid
    steps = 0.5 * (rate[1:] + rate[:-1]) * jnp.diff(grid)
    lost = jnp.concatenate([jnp.zeros(1), jnp.cumsum(steps)])
    return jnp.exp(-jnp.interp(time, grid, lost)) * brightened(time, model, environment)
