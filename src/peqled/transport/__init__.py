"""Charge transport: drift-diffusion and Poisson with excitons, in one dimension, steady, in time and at small
signal.

Describe a stack with ``Device``; ``solve_jv`` and ``solve_at_current`` return a ``Sweep``, ``transient`` a
``Trace``, ``small_signal`` a ``Response``.
"""

from peqled.numerics.mesh import MeshOptions
from peqled.transport.device import Constants, Contact, Device, Exciton, Interface, Ion, Layer, Trap, Tunnel
from peqled.transport.newton import SolverOptions
from peqled.transport.small_signal import Response, small_signal
from peqled.transport.sweep import Sweep, solve_at_current, solve_jv
from peqled.transport.transient import Steps, Trace, transient

__all__ = [
    "Constants",
    "Contact",
    "Device",
    "Exciton",
    "Interface",
    "Ion",
    "Layer",
    "MeshOptions",
    "Response",
    "SolverOptions",
    "Steps",
    "Sweep",
    "Trace",
    "Trap",
    "Tunnel",
    "small_signal",
    "solve_at_current",
    "solve_jv",
    "transient",
]
