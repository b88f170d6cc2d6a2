"""A planar multilayer for a user: layers by name or index, light from the first medium to the last."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Complex, Float

from peqled.materials import index_table
from peqled.materials.dispersion import has_extinction

Index = str | complex | Any
"""A material of the book by name, one number, or numbers [wavelength]."""

LONGEST, THICKEST = 1e-2, 1.0
"""Wavelength and thickness, m, from which a number must have been meant in nm."""


@dataclass(frozen=True)
class Layer:
    """One layer: index n + ik (a material's name, a number or numbers by wavelength) and thickness in m.

    `extraordinary` is the index along the normal where it differs (uniaxial layer). An `incoherent` layer is so thick
    that light loses its phase in it. `name` is used in messages and results; it defaults to the material's name.
    """

    index: Index
    thickness: Any
    extraordinary: Index | None = None
    incoherent: bool = False
    name: str = ""


class Multilayer(eqx.Module):
    """Layers between two half spaces; light comes from the first one. Index n + ik, k >= 0, for exp(-i omega t).

    Leading axes of the arrays are stacks, computed side by side.
    """

    wavelength: Float[Array, " wavelength"]  # m, in vacuum
    thickness: Float[Array, "*stack layer"]  # m
    index: Complex[Array, "*stack layer wavelength"]  # in the plane of the layers
    first: Complex[Array, "*stack wavelength"]  # transparent
    last: Complex[Array, "*stack wavelength"]
    extraordinary: Complex[Array, "*stack layer wavelength"] | None = None  # along the normal, if any layer is uniaxial
    incoherent: tuple[bool, ...] = eqx.field(static=True, default=())
    label: tuple[str, ...] = eqx.field(static=True, default=())

    @classmethod
    def of(
        cls,
        layers: Sequence[Layer],
        *,
        wavelength: npt.ArrayLike,
        first: Index = 1.0,
        last: Index = 1.0,
    ) -> "Multilayer":
        """Layers from the side the light comes from, between the media `first` and `last`.

        Raises ValueError, naming the layer, for what cannot be, and for wavelengths outside a material's table.
        """
        wavelength = grid_of(wavelength)
        index, extraordinary = indices(layers, wavelength)
        built = cls(
            wavelength=jnp.asarray(wavelength),
            thickness=thicknesses(layers),
            index=index,
            first=index_at(first, wavelength),
            last=index_at(last, wavelength),
            extraordinary=extraordinary,
            incoherent=tuple(layer.incoherent for layer in layers) if any(x.incoherent for x in layers) else (),
            label=names_of(layers),
        )
        check_multilayer(built)
        return built

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers in the order of the light."""
        return self.label or tuple(f"layer {i}" for i in range(self.thickness.shape[-1]))

    def reversed(self) -> "Multilayer":
        """The same layers with the light from the other side."""
        turned = None if self.extraordinary is None else self.extraordinary[..., ::-1, :]
        return Multilayer(
            wavelength=self.wavelength,
            thickness=self.thickness[..., ::-1],
            index=self.index[..., ::-1, :],
            first=self.last,
            last=self.first,
            extraordinary=turned,
            incoherent=self.incoherent[::-1],
            label=self.label[::-1],
        )


def index_at(index: Index, wavelength: Float[np.ndarray, " wavelength"]) -> Complex[Array, " wavelength"]:
    """Index on the grid; a name is looked up in the book, without extrapolation. Warns where its table holds no k."""
    if isinstance(index, str):
        table = index_table(index, wavelength)
        if not has_extinction(table.law):
            warnings.warn(f"{index} ({table.law.label}): the table holds n alone; k = 0 is used", stacklevel=4)
        return jnp.asarray(table.index, complex)
    if np.shape(index) not in ((), (1,), wavelength.shape):
        raise ValueError(
            f"index must be one number or {wavelength.size}, one at each wavelength, got {np.shape(index)}"
        )
    return jnp.broadcast_to(jnp.asarray(index, complex), wavelength.shape)


def grid_of(wavelength: npt.ArrayLike) -> Float[np.ndarray, " wavelength"]:
    """Wavelengths (m) as an array; raises ValueError for what cannot be."""
    grid = np.atleast_1d(np.asarray(wavelength, float))
    check_wavelength(grid)
    return grid


def thicknesses(layers: Sequence[Layer]) -> Float[Array, " layer"]:
    """In m; raises ValueError, naming the layer, for words."""
    for name, layer in zip(names_of(layers), layers, strict=True):
        if isinstance(layer.thickness, str):
            raise ValueError(f"{name}: thickness must be a number of metres, got {layer.thickness!r}")
    return jnp.asarray([layer.thickness for layer in layers], float)


def indices(
    layers: Sequence[Layer], wavelength: Float[np.ndarray, " wavelength"]
) -> tuple[Complex[Array, "layer wavelength"], Complex[Array, "layer wavelength"] | None]:
    """Indices in the plane and, if any layer is uniaxial, along the normal."""
    names = names_of(layers)
    plane = [_named(name, layer.index, wavelength) for name, layer in zip(names, layers, strict=True)]
    along = [
        n if layer.extraordinary is None else _named(name, layer.extraordinary, wavelength)
        for name, layer, n in zip(names, layers, plane, strict=True)
    ]
    uniaxial = any(layer.extraordinary is not None for layer in layers)
    none = jnp.zeros((0, wavelength.size), complex)
    return (jnp.stack(plane) if plane else none), (jnp.stack(along) if uniaxial else None)


def _named(name: str, index: Index, wavelength: Float[np.ndarray, " wavelength"]) -> Complex[Array, " wavelength"]:
    """`index_at`, with the layer's name before what is wrong with numbers."""
    if isinstance(index, str):
        return index_at(index, wavelength)
    try:
        return index_at(index, wavelength)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def names_of(layers: Sequence[Layer]) -> tuple[str, ...]:
    """Each layer's name, its material's, or its number."""
    materials = [layer.index if isinstance(layer.index, str) else "" for layer in layers]
    return tuple(layer.name or materials[i] or f"layer {i}" for i, layer in enumerate(layers))


def check_multilayer(stack: Multilayer) -> None:
    """Raise ValueError for a multilayer that cannot be computed; does nothing while JAX is tracing."""
    if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(stack)):
        return
    check_wavelength(stack.wavelength)
    count, grid = stack.thickness.shape[-1], stack.wavelength.shape
    if stack.index.shape[-2:] != (count, *grid):
        raise ValueError(f"index must be [... layer wavelength] = {(count, *grid)}, got {stack.index.shape}")
    for kind, names in (("label", stack.label), ("incoherent", stack.incoherent)):
        if names and len(names) != count:
            raise ValueError(f"{kind} must be given for {count} layers, got {len(names)}: {names}")
    for i, name in enumerate(stack.layers):
        check_layer(name, stack.thickness[..., i], stack.index[..., i, :], stack.wavelength)
        if stack.extraordinary is not None:
            check_index(name, stack.extraordinary[..., i, :], stack.wavelength)
        if stack.incoherent and stack.incoherent[i]:
            _check_thick(name, stack.index[..., i, :])
    for name, index in (("first medium", stack.first), ("last medium", stack.last)):
        check_index(name, index, stack.wavelength)
    if np.any(np.asarray(stack.first).imag != 0.0):
        raise ValueError("first medium: light must come from a transparent medium, got k > 0")


def _check_thick(name: str, index: Array) -> None:
    """Powers of the two directions add up only in a layer that hardly absorbs within a wavelength."""
    lossy = np.max(np.imag(index) / np.real(index))
    if lossy > 0.01:
        raise ValueError(f"{name}: an incoherent layer must have k < 0.01 n, got k = {lossy:.3g} n; make it coherent")


def check_wavelength(wavelength: npt.ArrayLike) -> None:
    """Raise ValueError unless all are positive numbers."""
    if not np.all(np.isfinite(wavelength) & (np.asarray(wavelength) > 0.0)):
        raise ValueError(f"wavelengths must be positive numbers of metres, got {wavelength}")
    if np.any(np.asarray(wavelength) >= LONGEST):
        raise ValueError(f"wavelengths are in metres (517 nm is 517e-9), got {np.max(wavelength):.6g}")


def check_layer(name: str, thickness: Array, index: Array, wavelength: Array) -> None:
    """Raise ValueError, naming the layer, for a thickness or index that cannot be."""
    length = np.asarray(thickness)
    bad = ~((length >= 0.0) & np.isfinite(length))
    if np.any(bad):
        raise ValueError(f"{name}: thickness must be a number of metres >= 0, got {length[bad][0]}")
    if np.any(length >= THICKEST):
        raise ValueError(f"{name}: thickness is in metres (45 nm is 45e-9), got {np.max(length):.6g}")
    check_index(name, index, wavelength)


def check_index(name: str, index: Array, wavelength: Array) -> None:
    """Raise ValueError, naming layer and wavelength, for an index that is not n + ik with n > 0, k >= 0."""
    given, grid = np.broadcast_arrays(np.asarray(index, complex), np.asarray(wavelength))
    bad = ~np.isfinite(given) | (given.real <= 0.0) | (given.imag < 0.0)
    if np.any(bad):
        found, where = given[bad][0], grid[bad][0] * 1e9
        raise ValueError(f"{name}: index must be n + ik with n > 0 and k >= 0, got {found:.4g} at {where:.1f} nm")
