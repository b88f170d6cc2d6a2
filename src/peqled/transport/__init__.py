"""Charge transport: drift-diffusion and Poisson with excitons, in one dimension, steady state.

Describe a stack with ``Device``; ``solve_jv`` and ``solve_at_current`` return a ``Sweep``.
"""

from peqled.numerics.mesh import MeshOptions
from peqled.transport.device import Constants, Contact, Device, Exciton, Interface, Layer, Trap, Tunnel
from peqled.transport.newton import SolverOptions
from peqled.transport.sweep import Sweep, solve_at_current, solve_jv

__all__ = [
    "Constants",
    "Contact",
    "Device",
    "Exciton",
    "Interface",
    "Layer",
    "MeshOptions",
    "SolverOptions",
    "Sweep",
    "Trap",
    "Tunnel",
    "solve_at_current",
    "solve_jv",
]
