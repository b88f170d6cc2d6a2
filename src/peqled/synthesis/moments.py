"""The quick look: the same flask with the solid known by four moments of its sizes instead of by cells.

    dM_k/dt = k Σ_i w_i L_i^{k-1} G(L_i) + J L_n^k + J_Cl L_Cl^k
              + ½ Σ_ij β_ij w_i w_j [(L_i³ + L_j³)^{k/3} - L_i^k - L_j^k]

for k = 0 … 3, closed by the two sizes L_i and numbers w_i that have these moments (quadrature method of moments, McGraw
1997, 10.1080/02786829708965471). M_3 is the solid's volume: the monomer is charged exactly. Two sizes cannot dissolve
one by one: once the small end of the distribution lies below the critical size, the closure no longer holds, and from
then on the quick look has no answer.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from peqled.numerics.rosenbrock import StiffOptions, solve_stiff
from peqled.programs import stored
from peqled.synthesis.aggregation import brownian_affinity
from peqled.synthesis.crystal import FORMULA_VOLUME, MOLAR_VOLUME
from peqled.synthesis.equations import HEAD, Equations, beginning, breaks_of, head_tolerances
from peqled.synthesis.kinetics import Kinetics
from peqled.synthesis.network import INDEX
from peqled.synthesis.population import COUNT, SolidRates, Surface, birth, speed_of
from peqled.synthesis.precursor import Flask

UNIT = 5e-9  # m: sizes are counted in it, so that all moments are of order one
ORDERS = jnp.arange(4.0)
SMALLEST, LARGEST = 0.9e-9 / UNIT, 30e-9 / UNIT
EMPTY = 1e-12  # units of COUNT: below, there are no dots to have a size
FIRST = 0.1  # of all dots: so few may dissolve and be born again
SEEN = 1e-6  # units of COUNT: below, the sizes of the dots are those of the integrator's tolerance
NARROWEST = 1e-3  # least spread over the mean of the two sizes: one size alone has no skewness
MOST_SKEWED = 10.0
SOLID = COUNT * UNIT**3 / MOLAR_VOLUME  # mol/m3 of solid per unit of the third moment


class QuickLook(NamedTuple):
    """History of one flask by moments; lengths in m, counts per m3, concentrations in mol/m3, time in s.

    trusted : whether dots had not begun to dissolve up to then: mean less one deviation above the critical size, from
        the first tenth of all dots on. Where not, all other columns are NaN, and `simulate_flask` has the answer
    status : as `numerics.rosenbrock.MESSAGES`
    """

    time: Float[Array, " time"]
    number: Float[Array, " time"]
    mean_edge: Float[Array, " time"]
    cv: Float[Array, " time"]
    monomer: Float[Array, " time"]
    caesium_yield: Float[Array, " time"]
    trusted: Bool[Array, " time"]
    steps: Int[Array, ""]
    status: Int[Array, ""]


def two_sizes(moments: Float[Array, " order"]) -> tuple[Float[Array, " node"], Float[Array, " node"]]:
    """Sizes and numbers with the moments M_0 … M_3: mean ± spread, shifted by the skewness; closed form.

    With mean m, deviation σ and skewness s: L = m + σ (s ± √(s² + 4))/2, w = M_0 (1 ∓ s/√(s² + 4))/2.
    """
    total = jnp.maximum(moments[0], EMPTY)
    mean = jnp.where(moments[0] > EMPTY, moments[1] / total, 1.0)
    second, third = moments[2] / total, moments[3] / total
    variance = jnp.maximum(second - mean**2, (NARROWEST * mean) ** 2)
    deviation = jnp.sqrt(variance)
    skewness = (third - 3 * mean * second + 2 * mean**3) / deviation**3
    s = jnp.clip(jnp.where(moments[0] > EMPTY, skewness, 0.0), -MOST_SKEWED, MOST_SKEWED)
    root = jnp.sqrt(s**2 + 4)
    sizes = mean + 0.5 * deviation * jnp.stack([s - root, s + root])
    numbers = 0.5 * jnp.maximum(moments[0], 0.0) * jnp.stack([1 + s / root, 1 - s / root])
    return jnp.clip(sizes, SMALLEST, LARGEST), numbers


class Moments(eqx.Module):
    """The solid as its moments M_0 … M_3 (COUNT per m3, sizes in UNIT)."""

    kinetics: Kinetics
    collisions: str = eqx.field(static=True, default="constant")

    def rates(self, state: Array, monomer: Array, cluster_rate: Array, surface: Surface) -> SolidRates:
        """All changes of the moments at one instant; `cluster_rate` is R5 in mol/m3/s."""
        size, number = two_sizes(state)
        speed = speed_of(self.kinetics, size * UNIT, monomer, surface) / UNIT
        growth = ORDERS * ((number * speed) @ size[:, None] ** jnp.maximum(ORDERS - 1, 0.0))
        nuclei, edge = birth(self.kinetics, monomer, surface)
        born = nuclei / COUNT * jnp.clip(edge / UNIT, SMALLEST, LARGEST) ** ORDERS
        volume = self.kinetics.nucleus_units * FORMULA_VOLUME
        from_clusters = cluster_rate * MOLAR_VOLUME / volume / COUNT * (jnp.cbrt(volume) / UNIT) ** ORDERS
        change = growth + born + from_clusters + self._aggregation(size, number, surface)
        return SolidRates(change, jnp.stack([born[0], from_clusters[0]]), SOLID * (growth + born)[3])

    def _aggregation(self, size: Array, number: Array, surface: Surface) -> Float[Array, " order"]:
        first, second = size[:, None], size[None, :]
        affinity = brownian_affinity(first, second) if self.collisions == "brownian" else 1.0
        meetings = 0.5 * surface.aggregation * COUNT * affinity * number[:, None] * number[None, :]
        joined = jnp.cbrt(first**3 + second**3)[..., None] ** ORDERS
        change = joined - first[..., None] ** ORDERS - second[..., None] ** ORDERS
        return jnp.sum(meetings[..., None] * change, axis=(0, 1)).at[3].set(0.0)


def quick_look(flask: Flask, times: Float[Array, " time"], *, rtol: float = 1e-6) -> QuickLook:
    """Number, mean size, width, monomer and yield of a flask at `times` (s, increasing from 0), in milliseconds."""
    flask = jax.tree.map(lambda x: jnp.asarray(x, float), flask)
    return _quick_look(flask, jnp.asarray(times, float), jnp.asarray(rtol))


@stored()
def _quick_look(flask: Flask, times: Array, rtol: Array) -> QuickLook:
    _, head, mixture, starts, portions = beginning(flask, times[-1])
    model = Equations(flask, mixture, Moments(flask.kinetics, flask.collisions), starts, portions)
    atol = jnp.concatenate([0.1 * head_tolerances(), jnp.full(4, 1e-8)])
    found = solve_stiff(
        model.rhs,
        jnp.concatenate([head, jnp.zeros(4)]),
        times,
        options=StiffOptions(rtol=rtol, atol=atol, max_steps=20000),
        breaks=breaks_of(flask, times[-1]),
        jump=model.jump,
    )
    moments, monomer = found.value[:, HEAD:], found.value[:, INDEX["M"]]
    there = moments[:, 0] > SEEN
    total = jnp.where(there, moments[:, 0], 1.0)
    mean = jnp.where(there, moments[:, 1] / total, 0.0)
    deviation = jnp.sqrt(jnp.maximum(moments[:, 2] / total - mean**2, 0.0))

    def grows(y: Array, edge: Array, time: Array) -> Array:
        surface = model.surface(y, time > flask.resurfacing.time)
        return speed_of(flask.kinetics, jnp.maximum(edge, SMALLEST) * UNIT, y[INDEX["M"]], surface) >= 0

    early = moments[:, 0] < FIRST * jnp.max(moments[:, 0])
    sound = early | ~there | jax.vmap(grows)(found.value, mean - deviation, times)
    trusted = jnp.cumprod(sound).astype(bool)

    def quoted(column: Array) -> Array:
        return jnp.where(trusted, column, jnp.nan)

    return QuickLook(
        time=times,
        number=quoted(COUNT * moments[:, 0]),
        mean_edge=quoted(UNIT * mean),
        cv=quoted(deviation / jnp.where(there, mean, 1.0)),
        monomer=quoted(monomer),
        caesium_yield=quoted(SOLID * moments[:, 3] / jnp.maximum(flask.caesium, EMPTY)),
        trusted=trusted,
        steps=found.steps,
        status=found.status,
    )
