"""The solid: nucleation, growth, dissolution and aggregation of the dots on the size grid, and their shared monomer.

    dN/dt = growth flux + J w + J_cl w_cl + aggregation
    dc_M/dt|solid = -(1/v N_A) Σ V_i (growth_i + J w_i)

The monomer is charged with the discrete change of volume on the pivots, so the elements balance to round-off; particles
that leave at the smallest size give their whole volume back. Cluster-born nuclei draw on the cluster instead.
"""

from typing import NamedTuple, Protocol

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.numerics.arrow import FullBlock, column_sums
from peqled.numerics.finite_volume import (
    Scheme,
    SizeGrid,
    advection_rate,
    band_from_colours,
    colour_seeds,
    two_pivot_weights,
)
from peqled.synthesis.aggregation import PairTable, aggregation_jacobian, aggregation_rate, brownian_kernel
from peqled.synthesis.crystal import FORMULA_VOLUME, MOLAR_VOLUME
from peqled.synthesis.growth import growth_rate, solubility
from peqled.synthesis.interface import covered_energy
from peqled.synthesis.kinetics import Kinetics, arrhenius
from peqled.synthesis.nucleation import entry_edge, nucleation_rate

COUNT = 1e21  # dots per m3 in one unit of the state, so that counts and concentrations are of order one
TRACE = 1e-100  # mol/m3: solubility at which a supersaturation is still a number
EMPTY = 1e-5  # units of COUNT per cell: below, the reconstruction is first order


class Surface(eqx.Module):
    """What temperature and resurfacing leave of the solid's constants at one instant (SI)."""

    temperature: Array
    surface_energy: Array
    flat_solubility: Array
    attachment: Array
    aggregation: float | Array


class SolidRates(NamedTuple):
    """Change of the solid's state and nuclei by route (COUNT per m3 and s), and the monomer's loss (mol/m3/s)."""

    change: Float[Array, " solid"]
    births: Float[Array, " route"]
    monomer_loss: Float[Array, ""]


class Solid(Protocol):
    """What the equations of a flask ask of the solid, whether it is counted in cells or known by its moments."""

    def rates(self, state: Array, monomer: Array, cluster_rate: Array, surface: Surface) -> SolidRates:
        """All changes at one instant; `monomer` in mol/m3, `cluster_rate` is R5 in mol/m3/s."""
        ...


class Population(eqx.Module):
    """Grid and constants of the solid.

    grid : in metres; scheme : 'weno' or 'van_leer'; aggregates : whether the kernel may differ from zero
    """

    grid: SizeGrid
    pairs: PairTable
    kinetics: Kinetics
    scheme: Scheme = eqx.field(static=True, default="weno")
    aggregates: bool = eqx.field(static=True, default=True)

    @property
    def pivot_volume(self) -> Float[Array, " cell"]:
        return jnp.asarray(self.grid.pivot**3)

    def solid(self, number: Float[Array, "... cell"]) -> Float[Array, "..."]:
        """Solid amount (mol/m3) of a distribution in units of COUNT per m3."""
        return number @ self.pivot_volume * (COUNT / MOLAR_VOLUME)

    def speed(self, edge: Array, monomer: Array, surface: Surface) -> Array:
        """dL/dt (m/s) at `edge` (m) for a dissolved monomer (mol/m3)."""
        return speed_of(self.kinetics, edge, monomer, surface)

    def growth(self, number: Array, monomer: Array, surface: Surface) -> Float[Array, " cell"]:
        """Change of every cell by growth and dissolution (COUNT per m3 and s)."""
        speed = self.speed(jnp.asarray(self.grid.face), monomer, surface) * self.grid.cells_per_size
        return advection_rate(number, speed, scheme=self.scheme, floor=EMPTY)

    def nucleation(self, monomer: Array, surface: Surface) -> tuple[Array, Float[Array, " cell"]]:
        """Monomer-born nuclei (1/m3/s) and their shares on the pivots."""
        rate, edge = birth(self.kinetics, monomer, surface)
        inside = jnp.clip(edge, self.grid.pivot[0], self.grid.pivot[-1])
        return rate, two_pivot_weights(inside**3, self.pivot_volume)

    def cluster_nuclei(self, rate: Array) -> Float[Array, " cell"]:
        """Cluster-born nuclei (COUNT per m3 and s) from R5 in mol/m3/s; their volume is exactly the cluster's."""
        weights = two_pivot_weights(jnp.asarray(self.kinetics.nucleus_units * FORMULA_VOLUME), self.pivot_volume)
        return weights * (rate * MOLAR_VOLUME / (weights @ self.pivot_volume) / COUNT)

    def rates(self, state: Array, monomer: Array, cluster_rate: Array, surface: Surface) -> SolidRates:
        """All changes of the number per cell `state` (COUNT per m3); `cluster_rate` is R5 in mol/m3/s."""
        growth = self.growth(state, monomer, surface)
        nuclei, weights = self.nucleation(monomer, surface)
        born = weights * (nuclei / COUNT)
        from_clusters = self.cluster_nuclei(cluster_rate)
        change = growth + self.aggregation(state, surface) + born + from_clusters
        births = jnp.stack([jnp.sum(born), jnp.sum(from_clusters)])
        return SolidRates(change, births, self.solid(growth + born))

    def aggregation(self, number: Array, surface: Surface) -> Float[Array, " cell"]:
        """Change of every cell by aggregation (COUNT per m3 and s)."""
        if not self.aggregates:
            return jnp.zeros_like(number)
        kernel = surface.aggregation * COUNT
        return jax.lax.cond(kernel > 0, lambda n: aggregation_rate(n, kernel, self.pairs), jnp.zeros_like, number)

    def number_jacobian(
        self, number: Array, monomer: Array, surface: Surface
    ) -> tuple[Float[Array, "diagonal cell"], FullBlock | None, Float[Array, " cell"]]:
        """∂(dN/dt)/∂N: the band of growth and the block of aggregation; and ∂(monomer loss)/∂N, which growth alone has.

        The loss is the solid volume of each column: Σ_i V_i J_ij over the band.
        """

        def one_pass(seed: Array) -> Array:
            return jax.jvp(lambda n: self.growth(n, monomer, surface), (number,), (seed,))[1]

        passes = jax.vmap(one_pass)(colour_seeds(number.shape[0]))
        band = band_from_colours(passes)
        loss = column_sums(band, self.pivot_volume) * (COUNT / MOLAR_VOLUME)
        return band, self._aggregation_block(number, surface), loss

    def _aggregation_block(self, number: Array, surface: Surface) -> FullBlock | None:
        if not self.aggregates:
            return None
        kernel = jnp.asarray(surface.aggregation * COUNT)
        size = number.shape[0]
        matrix = jax.lax.cond(
            kernel > 0,
            lambda n: aggregation_jacobian(n, kernel, self.pairs),
            lambda n: jnp.zeros((size, size)),
            number,
        )
        return FullBlock(matrix, kernel > 0)


def speed_of(kinetics: Kinetics, edge: Array, monomer: Array, surface: Surface) -> Array:
    """dL/dt (m/s) of a dot of `edge` (m) in a dissolved monomer (mol/m3), of either sign."""
    equilibrium = solubility(
        edge,
        flat_solubility=surface.flat_solubility,
        surface_energy=surface.surface_energy,
        temperature=surface.temperature,
        preferred_edge=kinetics.preferred_edge,
    )
    return growth_rate(
        edge,
        monomer,
        equilibrium=equilibrium,
        attachment=surface.attachment,
        size_exponent=kinetics.size_exponent,
        diffusivity=kinetics.diffusivity,
    )


def birth(kinetics: Kinetics, monomer: Array, surface: Surface) -> tuple[Array, Array]:
    """Monomer-born nuclei (1/m3/s) and the edge (m) at which they enter."""
    ratio = jnp.maximum(monomer, 0.0) / surface.flat_solubility
    log_saturation = jnp.log(jnp.maximum(ratio, 1.0))
    constants = {"surface_energy": surface.surface_energy, "temperature": surface.temperature}
    rate = nucleation_rate(monomer, log_saturation, log_prefactor=kinetics.log_prefactor, **constants)
    return rate, entry_edge(log_saturation, **constants)


def surface_state(
    kinetics: Kinetics,
    temperature: Array,
    *,
    factors: tuple[float | Array, float | Array, float | Array],
    bromide: float | Array = 0.0,
    polar_share: float | Array = 0.0,
    collisions: str = "constant",
) -> Surface:
    """Constants at `temperature` (K) times the resurfacing `factors` on attachment, solubility and aggregation.

    bromide : free ammonium bromide (mol/m3), which lowers γ. The free ions of a polar solvent of volume share φ attach
    without the barrier of ion pairs: k_r rises by k_p,r φ.
    """
    free = kinetics.polar_attachment * arrhenius(kinetics.polar_energy, temperature) * polar_share
    bound = kinetics.attachment * arrhenius(kinetics.attachment_energy, temperature)
    return Surface(
        temperature,
        covered_energy(kinetics.surface_energy, bromide, binding=kinetics.bromide_binding, temperature=temperature),
        jnp.maximum(kinetics.flat_solubility * arrhenius(kinetics.solution_enthalpy, temperature) * factors[1], TRACE),
        (bound + free) * factors[0],
        _kernel(kinetics, temperature, collisions) * factors[2],
    )


def _kernel(kinetics: Kinetics, temperature: Array, collisions: str) -> float | Array:
    """β of two equal dots (m3/s); the viscosity falls with temperature by its own activation energy."""
    if collisions == "constant":
        return kinetics.aggregation
    equal = brownian_kernel(temperature, viscosity=kinetics.viscosity, stability=kinetics.stability)
    return equal * arrhenius(kinetics.viscosity_energy, temperature)
