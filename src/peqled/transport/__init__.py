"""Charge transport: drift-diffusion and Poisson with excitons, in one dimension, steady, in time and at small
signal.

Describe a stack with ``Device``; ``solve_jv`` and ``solve_at_current`` return a ``Sweep``, ``transient`` a
``Trace``, ``small_signal`` a ``Response``. Named measurements are made of them: ``scan`` (hysteresis), ``pulse``
(transient light), ``space_charge`` (single-carrier devices), ``light_curve`` (photocurrent).
"""

from peqled.numerics.mesh import MeshOptions
from peqled.transport.device import Constants, Contact, Device, Exciton, Interface, Ion, Layer, Trap, Tunnel
from peqled.transport.light import LightCurve, light_curve
from peqled.transport.newton import SolverOptions
from peqled.transport.pulse import Pulse, pulse
from peqled.transport.scan import Scan, scan
from peqled.transport.single_carrier import SpaceCharge, single_carrier, space_charge
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
    "LightCurve",
    "MeshOptions",
    "Pulse",
    "Response",
    "Scan",
    "SolverOptions",
    "SpaceCharge",
    "Steps",
    "Sweep",
    "Trace",
    "Trap",
    "Tunnel",
    "light_curve",
    "pulse",
    "scan",
    "single_carrier",
    "small_signal",
    "solve_at_current",
    "solve_jv",
    "space_charge",
    "transient",
]
