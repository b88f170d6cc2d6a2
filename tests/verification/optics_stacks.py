"""Stacks of the optics benchmarks, all padded to four layers on either side of the emitter so that they share compiled
code.

A padding layer has no thickness and the material of the half space next to it: exact, not an approximation.
"""

import jax.numpy as jnp
import numpy as np

from peqled.optics import Emission, Orientation, Stack, emission

SIDE, POSITIONS = 4, 5
MIRROR = 1e-3 + 1e8j  # a perfect electric mirror to 1e-8
ISOTROPIC = Orientation.isotropic()
PAPER = {
    "ITO": (1.887 + 0.0076j, 120.0),
    "PEDOT": (1.521 + 0.0058j, 35.0),
    "PTAA": (1.7125, 25.0),
    "PMMA": (1.496, 2.0),
    "NC": (2.0, 30.0),
    "TPBi": (1.767, 8.0),
    "PO-T2T": (1.727, 45.0),
    "LiF": (1.394, 1.0),
    "Al": (0.679 + 5.503j, 100.0),
}


def stack_of(emitter, *, below=(), above=(), substrate=1.0, top=1.0, outside=1.0, wavelength=517.0) -> Stack:
    """Layers are (index, nm), listed from the substrate side on both sides of the emitter; wavelength in nm."""
    low = [(substrate, 0.0)] * (SIDE - len(below)) + list(below)
    high = list(above) + [(top, 0.0)] * (SIDE - len(above))
    layers = [*low, emitter, *high]
    return Stack(
        wavelength=jnp.array([wavelength * 1e-9]),
        thickness=jnp.array([d * 1e-9 for _, d in layers]),
        index=jnp.array([[n] for n, _ in layers], dtype=complex),
        substrate_index=jnp.array([substrate], dtype=float),
        outside_index=jnp.array(outside, dtype=float),
        top_index=jnp.array([top], dtype=complex),
        emitter=SIDE,
    )


def paper_stack(*, emitter_index=2.0, etl=45.0, outside=1.0) -> Stack:
    """The stack of the paper with fixed indices at 517 nm; optics reference, section 4."""
    layers = dict(PAPER)
    layers["NC"] = (emitter_index, 30.0)
    layers["PO-T2T"] = (1.727, etl)
    listed = list(layers.values())
    return stack_of(listed[4], below=listed[:4], above=listed[5:], substrate=1.527, outside=outside)


def emit(stack: Stack, *nanometres: float, angle=None) -> Emission:
    """Emission at the given positions (nm), padded with copies of the last one."""
    padded = [*nanometres] + [nanometres[-1]] * (POSITIONS - len(nanometres))
    return emission(stack, jnp.array(padded) * 1e-9, angle=angle)


def shares(emitted: Emission, orientation: Orientation = ISOTROPIC, *, position: int = 0) -> dict[str, float]:
    """Fractions of F as the benchmarks list them; "absorbed" includes the top half space, without the guided entry."""
    budget = np.array(emitted.budget(orientation)[position, 0]).sum(1) / float(
        emitted.purcell(orientation)[position, 0]
    )
    place = dict(zip(emitted.place, budget, strict=True))
    layers = budget[:-4].sum(0) + place["top"]
    return {
        "F": float(emitted.purcell(orientation)[position, 0]),
        "air": place["air"].sum(),
        "substrate": place["substrate"].sum(),
        "absorbed below substrate": layers[0] + layers[1],
        "absorbed to emitter": layers[2],
        "absorbed above emitter": layers[3],
        "guided": place["guided"].sum(),
    }
