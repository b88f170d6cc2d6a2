"""The planar multilayer as numbers: the one thing every other file of this room takes."""

import dataclasses
from collections.abc import Sequence
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Complex, Float

from peqled.optics.multilayer import (
    Index,
    Layer,
    Multilayer,
    check_index,
    check_layer,
    check_wavelength,
    grid_of,
    index_at,
    indices,
    names_of,
    thicknesses,
)

EXITS = ("air", "substrate", "top", "guided")
POLARISATIONS = ("TE", "TM")
WINDOWS = ("below outside", "outside to substrate", "substrate to emitter", "above emitter")


class Stack(eqx.Module):
    """Smooth layers with an emitter among them, between a thick substrate (light leaves here) and a half space on top.

    Layers are listed from the substrate side. Indices are n + ik with k >= 0, for the time factor exp(-i omega t).
    `label` names the layers in messages and in `Emission.place`; without it they are called "layer 0", "layer 1", ...
    """

    wavelength: Float[Array, " wavelength"]  # m, in vacuum
    thickness: Float[Array, " layer"]  # m
    index: Complex[Array, "layer wavelength"]  # in the plane of the layers
    substrate_index: Array  # [wavelength]; the real part is used: the substrate is a transparent, incoherent slab
    outside_index: Array  # scalar, real: the medium behind the substrate, usually air
    top_index: Complex[Array, " wavelength"]
    emitter: int = eqx.field(static=True)  # which layer emits, 0 being the one on the substrate
    label: tuple[str, ...] = eqx.field(static=True, default=())
    extraordinary: Complex[Array, "layer wavelength"] | None = None  # along the normal, if any layer is uniaxial

    @classmethod
    def of(
        cls,
        layers: Sequence[Layer],
        *,
        emitter: str | int,
        wavelength: npt.ArrayLike,
        substrate: Index = "glass",
        outside: float = 1.0,
        top: Index = 1.0,
    ) -> "Stack":
        """Layers from the substrate side; `emitter` is the name or the number of the one that emits.

        Raises ValueError, naming the layer, for what cannot be, and for wavelengths outside a material's table.
        """
        wavelength, names = grid_of(wavelength), names_of(layers)
        if not layers:
            raise ValueError("a stack needs at least the layer that emits")
        if isinstance(emitter, str) and names.count(emitter) != 1:
            raise ValueError(f"emitter must name one layer, got {emitter!r} among {', '.join(names)}")
        if any(layer.incoherent for layer in layers):
            raise ValueError("layers of an emitting stack are coherent; the substrate alone is thick")
        index, extraordinary = indices(layers, wavelength)
        built = cls(
            wavelength=jnp.asarray(wavelength),
            thickness=thicknesses(layers),
            index=index,
            substrate_index=index_at(substrate, wavelength).real,
            outside_index=jnp.asarray(outside, float),
            top_index=index_at(top, wavelength),
            emitter=names.index(emitter) if isinstance(emitter, str) else emitter,
            label=names,
            extraordinary=extraordinary,
        )
        check_stack(built)
        return built

    @property
    def places(self) -> tuple[str, ...]:
        """Where power can end: the layers, then air, substrate (trapped), top half space, guided (see `Emission`)."""
        return self.layers + EXITS

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers from the substrate side."""
        return self.label or tuple(f"layer {i}" for i in range(self.thickness.shape[0]))

    def seen_from(self, side: Literal["substrate", "top"]) -> Multilayer:
        """The layers as a multilayer with the light coming from the substrate or from the top half space."""
        shape = self.wavelength.shape
        layers = Multilayer(
            wavelength=self.wavelength,
            thickness=self.thickness,
            index=self.index,
            first=jnp.broadcast_to(jnp.real(self.substrate_index), shape) + 0j,
            last=jnp.broadcast_to(jnp.asarray(self.top_index, complex), shape),
            extraordinary=self.extraordinary,
            label=self.label,
        )
        return layers if side == "substrate" else layers.reversed()

    def flipped(self) -> "Stack":
        """The same layers with the other side as the one the light leaves by: top emission.

        The top half space becomes substrate and outside in one; what was the substrate lies behind, without its outer
        face. Positions then count from the face of the emitter that was the top one. Raises ValueError for a top half
        space that absorbs.
        """
        if not isinstance(self.top_index, jax.core.Tracer) and np.any(np.imag(self.top_index) > 0.0):
            raise ValueError("top: no light leaves through an absorbing half space; make the metal a layer")
        turned = None if self.extraordinary is None else self.extraordinary[::-1]
        return dataclasses.replace(
            self,
            thickness=self.thickness[::-1],
            index=self.index[::-1],
            substrate_index=jnp.real(self.top_index),
            outside_index=jnp.real(self.top_index),
            top_index=jnp.broadcast_to(jnp.real(self.substrate_index), self.wavelength.shape) + 0j,
            emitter=self.thickness.shape[0] - 1 - self.emitter,
            label=self.label[::-1],
            extraordinary=turned,
        )

    def with_half_ball(self) -> "Stack":
        """The same with a large index-matched half ball on the substrate: "air" is then all that enters the substrate,
        and angles are those within it.
        """
        return dataclasses.replace(self, outside_index=jnp.real(self.substrate_index))

    def transparent_emitter(self) -> "Stack":
        """The same without absorption in the emitter, which must not enter the power of a point dipole."""
        index = self.index.at[self.emitter].set(self.index[self.emitter].real)
        along = self.extraordinary
        along = None if along is None else along.at[self.emitter].set(along[self.emitter].real)
        return dataclasses.replace(self, index=index, extraordinary=along)


def check_stack(stack: Stack) -> None:
    """Raise ValueError for a stack that cannot be computed; does nothing while JAX is tracing."""
    if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(stack)):
        return
    _check_shapes(stack)
    check_wavelength(stack.wavelength)
    for i, name in enumerate(stack.layers):
        check_layer(name, stack.thickness[i], stack.index[i], stack.wavelength)
        if stack.extraordinary is not None:
            check_index(name, stack.extraordinary[i], stack.wavelength)
    for name, n in (("substrate", stack.substrate_index), ("outside", stack.outside_index), ("top", stack.top_index)):
        check_index(name, n, stack.wavelength)
    emitting = np.asarray(stack.index[stack.emitter])
    if np.any(emitting.imag > emitting.real):
        name = stack.layers[stack.emitter]
        raise ValueError(
            f"{name}: a dipole cannot radiate inside a metal (index {emitting[0]:.3g}); choose another layer"
        )


def check_position(stack: Stack, position: Array) -> None:
    """Raise ValueError for a dipole outside the emitter layer; does nothing while JAX is tracing."""
    thickness = stack.thickness[stack.emitter] if not isinstance(stack.thickness, jax.core.Tracer) else None
    if thickness is None or isinstance(position, jax.core.Tracer):
        return
    z, d = np.asarray(position), float(thickness)
    if z.ndim != 1 or not np.all((z >= 0.0) & (z <= d * (1.0 + 1e-12))):
        name = stack.layers[stack.emitter]
        raise ValueError(f"{name}: positions must be a list between 0 and the thickness {d:.4g} m, got {z}")


def _check_shapes(stack: Stack) -> None:
    layers, wavelengths = stack.thickness.shape[0], stack.wavelength.shape[0]
    if stack.index.shape != (layers, wavelengths):
        raise ValueError(f"index must be [layer wavelength] = {(layers, wavelengths)}, got {stack.index.shape}")
    if not 0 <= stack.emitter < layers:
        raise ValueError(f"emitter must be a layer number in 0..{layers - 1}, got {stack.emitter}")
    if stack.label and len(stack.label) != layers:
        raise ValueError(f"label must name {layers} layers, got {len(stack.label)}: {stack.label}")


def wavenumber(stack: Stack) -> Float[Array, " wavelength"]:
    """k0 = 2 pi / wavelength, 1/m."""
    return 2.0 * jnp.pi / stack.wavelength


def emitter_index(stack: Stack) -> Float[Array, " wavelength"]:
    """Real index of the emitting layer in its plane; its absorption must not enter a point dipole's power (it would be
    infinite).
    """
    return stack.index[stack.emitter].real


def emitter_stretch(stack: Stack) -> Float[Array, " wavelength"]:
    """eps_o/eps_e of the emitting layer; 1 where it is isotropic."""
    if stack.extraordinary is None:
        return jnp.ones_like(stack.wavelength)
    return (emitter_index(stack) / stack.extraordinary[stack.emitter].real) ** 2


def substrate_index(stack: Stack) -> Float[Array, " wavelength"]:
    """Real index of the substrate at every wavelength."""
    return jnp.broadcast_to(jnp.real(stack.substrate_index), stack.wavelength.shape)


def outside_index(stack: Stack) -> Float[Array, " wavelength"]:
    """Real index behind the substrate at every wavelength."""
    return jnp.broadcast_to(jnp.real(stack.outside_index), stack.wavelength.shape)


def top_index(stack: Stack) -> Complex[Array, " wavelength"]:
    """Index of the top half space at every wavelength."""
    return jnp.broadcast_to(jnp.asarray(stack.top_index, complex), stack.wavelength.shape)
