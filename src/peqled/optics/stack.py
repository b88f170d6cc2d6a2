"""The planar multilayer as numbers: the one thing every other file of this room takes."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

EXITS = ("air", "substrate", "top", "guided")
POLARISATIONS = ("TE", "TM")
WINDOWS = ("below outside", "outside to substrate", "substrate to emitter", "above emitter")


class Stack(eqx.Module):
    """Smooth isotropic layers between a thick substrate (light leaves here) and a half space on top.

    Layers are listed from the substrate side. Indices are n + ik with k >= 0, for the time factor exp(-i omega t).
    `label` names the layers in messages and in `Emission.place`; without it they are called "layer 0", "layer 1", ...
    """

    wavelength: Float[Array, " wavelength"]  # m, in vacuum
    thickness: Float[Array, " layer"]  # m
    index: Complex[Array, "layer wavelength"]
    substrate_index: Array  # [wavelength]; the real part is used: the substrate is a transparent, incoherent slab
    outside_index: Array  # scalar, real: the medium behind the substrate, usually air
    top_index: Complex[Array, " wavelength"]
    emitter: int = eqx.field(static=True)  # which layer emits, 0 being the one on the substrate
    label: tuple[str, ...] = eqx.field(static=True, default=())

    @property
    def places(self) -> tuple[str, ...]:
        """Where power can end: the layers, then air, substrate (trapped), top half space, guided (see `Emission`)."""
        return self.layers + EXITS

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers from the substrate side."""
        return self.label or tuple(f"layer {i}" for i in range(self.thickness.shape[0]))


def check_stack(stack: Stack) -> None:
    """Raise ValueError for a stack that cannot be computed; does nothing while JAX is tracing."""
    leaves = jax.tree.leaves(stack)
    if any(isinstance(leaf, jax.core.Tracer) for leaf in leaves):
        return
    _check_shapes(stack)
    thickness, index, wavelength = (np.asarray(x) for x in (stack.thickness, stack.index, stack.wavelength))
    if not (np.all(np.isfinite(wavelength)) and np.all(wavelength > 0.0)):
        raise ValueError(f"wavelengths must be positive numbers of metres, got {wavelength}")
    for name, length, n in zip(stack.layers, thickness, index, strict=True):
        if not length >= 0.0 or np.isinf(length):
            raise ValueError(f"{name}: thickness must be a number of metres >= 0, got {length}")
        _check_index(name, n, wavelength)
    for name, n in (("substrate", stack.substrate_index), ("outside", stack.outside_index), ("top", stack.top_index)):
        _check_index(name, np.broadcast_to(np.asarray(n), wavelength.shape), wavelength)
    emitting = index[stack.emitter]
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


def _check_index(name: str, index: np.ndarray, wavelength: np.ndarray) -> None:
    index = np.asarray(index, complex)
    bad = ~np.isfinite(index) | (index.real <= 0.0) | (index.imag < 0.0)
    if np.any(bad):
        i = int(np.argmax(bad))
        raise ValueError(
            f"{name}: index must be n + ik with n > 0 and k >= 0, got {index[i]:.4g} at {wavelength[i] * 1e9:.1f} nm"
        )


def wavenumber(stack: Stack) -> Float[Array, " wavelength"]:
    """k0 = 2 pi / wavelength, 1/m."""
    return 2.0 * jnp.pi / stack.wavelength


def emitter_index(stack: Stack) -> Float[Array, " wavelength"]:
    """Real index of the emitting layer; its absorption must not enter a point dipole's power (it would be infinite)."""
    return stack.index[stack.emitter].real


def substrate_index(stack: Stack) -> Float[Array, " wavelength"]:
    """Real index of the substrate at every wavelength."""
    return jnp.broadcast_to(jnp.real(stack.substrate_index), stack.wavelength.shape)


def outside_index(stack: Stack) -> Float[Array, " wavelength"]:
    """Real index behind the substrate at every wavelength."""
    return jnp.broadcast_to(jnp.real(stack.outside_index), stack.wavelength.shape)


def top_index(stack: Stack) -> Complex[Array, " wavelength"]:
    """Index of the top half space at every wavelength."""
    return jnp.broadcast_to(jnp.asarray(stack.top_index, complex), stack.wavelength.shape)
