"""Sums kept to twice the working precision, so that differences of neighbouring unknowns stay exact.

Where an unknown is flat (a quasi-Fermi level in its injecting layer, the potential across a plain interface) its
difference between neighbours is far below the last digit of its value. Storing value = high + low and adding each
Newton increment without loss (Knuth's two-sum, *The Art of Computer Programming* vol. 2, 4.2.2) keeps that difference.
"""

from typing import NamedTuple

from jaxtyping import Array, Float


class Compensated(NamedTuple):
    """A number array as an unevaluated sum of a rounded value and its remainder."""

    high: Float[Array, "..."]
    low: Float[Array, "..."]


def add(value: Compensated, increment: Float[Array, "..."]) -> Compensated:
    """value + increment, remainder included."""
    total = value.high + increment
    part = total - value.high
    error = (value.high - (total - part)) + (increment - part)
    low = value.low + error
    high = total + low
    return Compensated(high, low - (high - total))
