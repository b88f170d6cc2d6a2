"""How a bias point ended, and what to do when it did not end well."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

(
    CONVERGED,
    NOT_CONVERGED,
    STEP_TOO_SMALL,
    NOT_FINITE,
    OUT_OF_RANGE,
    TIME_STEP_TOO_SMALL,
    THERMAL_RUNAWAY,
    NOT_CONSERVED,
) = range(8)

REMEDY = {
    CONVERGED: "converged",
    NOT_CONVERGED: (
        "Newton did not settle: refine the bias list around this point, or allow more iterations in SolverOptions"
    ),
    STEP_TOO_SMALL: (
        "the bias step shrank to its limit: start from a coarser mesh (larger first_cell), use site-limited "
        "statistics, or look for a region cut off by barriers on both sides"
    ),
    NOT_FINITE: "a value is not finite: check for zero mobilities, zero site densities or a zero capture coefficient",
    OUT_OF_RANGE: "the wanted current lies beyond the voltage range searched: raise voltage_limit",
    TIME_STEP_TOO_SMALL: (
        "the time step shrank to its limit: give the drive a longer first time, loosen the tolerance of Steps, or "
        "refine the mesh"
    ),
    THERMAL_RUNAWAY: (
        "no temperature was found at which the device rests; beyond the turnover of its characteristic it heats itself "
        "without end at a fixed voltage: drive it by current, or lower thermal_resistance"
    ),
    NOT_CONSERVED: (
        "Newton settled where the current is not conserved: refine the mesh, or look for a region cut off by barriers "
        "on both sides"
    ),
}


class Solved(eqx.Module):
    """Something that was solved, point by point or as a whole: ``status`` is a code of this file for each."""

    status: Array

    @property
    def converged(self) -> Array:
        """What can be trusted."""
        return self.status == CONVERGED

    @property
    def messages(self) -> list[str]:
        """Status of each in words, with the remedy."""
        return [remedy(code) for code in jnp.atleast_1d(self.status)]


def remedy(code: int) -> str:
    """Text for a status code."""
    return REMEDY[int(code)]
