"""Packing of dots in a film: one geometry ties distance, number, volume share and density of states together.

Cubes of edge L with a ligand gap g sit on a simple cubic lattice of spacing L + g:

    N = η/<(L + g)³>,   f = N <L³>,   states per band and volume = 2 N

<> is the number mean over the ensemble, η the share of the film's volume that the lattice fills. Independent defaults
for these four numbers contradict each other, hence no function here takes two of them.
"""

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from peqled.nanocrystal import average

STATES_PER_BAND = 2.0  # the 1S state of a dot holds two carriers


class Packing(eqx.Module):
    """Geometry of the film. Lengths in m, densities in 1/m3."""

    centre_distance: Float[Array, ""]
    number_density: Float[Array, ""]
    fill_factor: Float[Array, ""]
    site_density: Float[Array, ""]


def packing(
    edge: Float[Array, " cell"], number: Float[Array, " cell"], *, gap, occupancy: float | Array = 1.0
) -> Packing:
    """Packing of an ensemble whose shape is ``number`` (any unit) with a ligand ``gap`` (m) between faces.

    The centre distance is the cube root of the mean cell, (edge + gap) for one size.
    """
    cell_volume = average(number, (edge + gap) ** 3)
    density = occupancy / cell_volume
    return Packing(
        centre_distance=jnp.cbrt(cell_volume),
        number_density=density,
        fill_factor=density * average(number, edge**3),
        site_density=STATES_PER_BAND * density,
    )
