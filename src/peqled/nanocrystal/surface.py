"""Surface coverage and the traps it leaves.

Competitive Langmuir adsorption θ_j = K_j c_j/(1 + Σ K c); traps per dot λ = f_t 6 L² Γ (1 - Σ θ_j), with 6 L² the
area of a cube.
"""

import equinox as eqx
from jax import Array
from jaxtyping import Float


class Surface(eqx.Module):
    """Constants of the dot surface and of the rates on it.

    ``site_density`` Γ 1.45 (1.2-1.7) per nm2 (10.1002/anie.201806916); ``trap_fraction`` f_t 1e-3 (1e-5 to 0.1) and
    ``trap_rate`` k_t 1e8 (1e7-1e10) 1/s are engineering defaults; ``radiative_rate`` k_r 3.88e7 1/s is 1/25.75 ns,
    the film lifetime of the paper (10.1002/advs.202304696) read as purely radiative.
    """

    site_density: float | Array = 1.45e18
    trap_fraction: float | Array = 1.0e-3
    trap_rate: float | Array = 1.0e8
    radiative_rate: float | Array = 3.88e7

    def traps(self, edge: Float[Array, "*size"], coverage) -> Float[Array, "*size"]:
        """Mean number of traps on a dot of given edge (m) whose sites are covered to the share ``coverage``."""
        return self.trap_fraction * sites_per_dot(edge, self.site_density) * (1.0 - coverage)


def langmuir_coverage(
    binding: Float[Array, " ligand"], concentration: Float[Array, " ligand"]
) -> Float[Array, " ligand"]:
    """Share of sites held by each ligand; ``binding`` in m3/mol, free ``concentration`` in mol/m3."""
    strength = binding * concentration
    return strength / (1.0 + strength.sum())


def sites_per_dot(edge: Float[Array, "*size"], site_density) -> Float[Array, "*size"]:
    """Number of ligand sites on a cube of edge (m) at ``site_density`` (1/m2)."""
    return 6.0 * edge**2 * site_density
