"""Orientation of the emitting dipoles: one number under three names.

The vertical fraction a = <cos² theta>; the horizontal share Theta_H = 1 - a; the order parameter S = (3a - 1)/2.
Isotropic: 1/3, 2/3, 0.
"""

import equinox as eqx
import jax
from jaxtyping import Array, Float

Number = float | Float[Array, ""]


class Orientation(eqx.Module):
    """Made by name only: `Orientation.isotropic()`, `.from_horizontal_share(0.72)`, ..."""

    vertical: Number  # share of the dipole moment squared that points along the normal, 0 to 1

    @classmethod
    def isotropic(cls) -> "Orientation":
        """Equal in all directions: vertical fraction 1/3."""
        return cls(vertical=1.0 / 3.0)

    @classmethod
    def horizontal(cls) -> "Orientation":
        """All dipoles in the plane of the layers."""
        return cls(vertical=0.0)

    @classmethod
    def from_vertical_fraction(cls, fraction: Number) -> "Orientation":
        """a = <cos² theta>, 0 to 1."""
        return cls(vertical=_within("vertical fraction", fraction, 0.0, 1.0))

    @classmethod
    def from_horizontal_share(cls, share: Number) -> "Orientation":
        """Theta_H = 1 - a, 0 to 1 (isotropic 2/3)."""
        return cls(vertical=1.0 - _within("horizontal share", share, 0.0, 1.0))

    @classmethod
    def from_order_parameter(cls, order: Number) -> "Orientation":
        """S = (3a - 1)/2, -1/2 to 1 (isotropic 0)."""
        return cls(vertical=(2.0 * _within("order parameter", order, -0.5, 1.0) + 1.0) / 3.0)

    def mix(self, vertical: Array, horizontal: Array) -> Array:
        """a times the vertical dipole's value plus (1 - a) times the horizontal one's: powers add."""
        return self.vertical * vertical + (1.0 - self.vertical) * horizontal


def _within(name: str, value: Number, low: float, high: float) -> Number:
    if not isinstance(value, jax.core.Tracer) and not low <= float(value) <= high:
        raise ValueError(f"{name} must lie between {low} and {high}, got {value}")
    return value
