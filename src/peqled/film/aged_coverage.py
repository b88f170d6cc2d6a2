"""What lost emission says of lost ligands: the coverage and the spectrum of an aged film.

A film that keeps the share I of its emission has the quantum yield Phi_0 I. If ligands that leave make the traps, this
yield belongs to one coverage of the dots, and the film at that coverage has its own spectrum: excitons that move to
larger, redder dots meet more traps on the way. One hypothesis, not a measurement: etching of the dots would move the
line too, and is not modelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from peqled.film.stage import film_at_coverage
from peqled.parameters import Parameters

LEAST = 0.2
"""Coverage down to which films are made, over that of the fresh dots."""


class AgedFilm(NamedTuple):
    """Coverage over that of the fresh dots and PL peak (m) at every share of the emission that is kept; NaN where the
    loss is more than lost ligands can explain."""

    coverage: Float[np.ndarray, " share"]
    peak: Float[np.ndarray, " share"]


def aged_film(
    parameters: Parameters, results: Mapping[str, Any], kept: Float[np.ndarray, " share"], *, points: int = 13
) -> AgedFilm:
    """The film of the recipe after it has kept the shares `kept` of its emission.

    Args:
        parameters: of the recipe.
        results: its stages up to the film.
        kept: emission over that at the start.
        points: films between the fresh and the barest one.
    """
    own = float(results["film"].product.coverage)
    relative = 1.0 - (1.0 - LEAST) * np.linspace(0.0, 1.0, points) ** 2  # the first ligands that leave cost most
    films = [film_at_coverage(parameters, results, own * share) for share in relative]
    yields = np.array([float(made.plqy) for made in films]) / float(films[0].plqy)
    peaks = np.array([float(made.shape.peak) for made in films])
    order = np.argsort(yields)
    inside = (kept >= yields.min()) & (kept <= 1.0)
    return AgedFilm(
        np.where(inside, np.interp(kept, yields[order], relative[order]), np.nan),
        np.where(inside, np.interp(kept, yields[order], peaks[order]), np.nan),
    )
