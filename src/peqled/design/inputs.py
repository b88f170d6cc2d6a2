"""What the studies check before they begin: one clear line for a value that can't be."""

from __future__ import annotations

import math
from collections.abc import Sequence

from peqled.recipe import RecipeError


def check_positive(**values: float | Sequence[float] | None) -> None:
    """Every number given must be finite and above zero; names are said as words.

    Raises:
        RecipeError: one is not.
    """
    for name, given in values.items():
        for value in (given,) if isinstance(given, int | float) else given or ():
            if not (math.isfinite(value) and value > 0):
                raise RecipeError(f"{name.replace('_', ' ')} {value:g}: expected a finite value above zero")
