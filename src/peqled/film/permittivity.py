"""Static permittivity of the film, between two mean-field mixing rules.

Separate spheres in a host (Maxwell Garnett) bound it from below for dots of larger permittivity, the symmetric medium
(Bruggeman) counts paths through touching dots. Nearly touching cubes can exceed both (arXiv:1512.05720).
"""

import equinox as eqx
from jax import Array
from jaxtyping import Float

from peqled.film.effective_index import bruggeman, maxwell_garnett


class StaticPermittivity(eqx.Module):
    """Relative static permittivity: ``symmetric`` (Bruggeman, used by default) and ``separate`` (Maxwell Garnett)."""

    symmetric: Float[Array, ""]
    separate: Float[Array, ""]


def static_permittivity(*, core, ligand, fill) -> StaticPermittivity:
    """Film of dots with permittivity ``core`` at the volume share ``fill`` in ligand of permittivity ``ligand``."""
    return StaticPermittivity(
        symmetric=bruggeman(core, ligand, fill).real, separate=maxwell_garnett(core, ligand, fill)
    )
