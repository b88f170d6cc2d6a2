"""Derivatives of a converged state by the implicit function theorem.

At a solution R(y, V; theta) = 0 and g(V, J; theta) = 0, so dy and dV follow from one linear solve per tangent with the
Jacobian of the last Newton step. The iterations themselves are never differentiated.
"""

from functools import partial

import jax

from peqled.numerics.compensated import Compensated
from peqled.numerics.mesh import MeshOptions
from peqled.transport.assembly import balances, lay_out, local_values, terminal_current
from peqled.transport.circuit import Drive, mismatch
from peqled.transport.newton import circuit_response, respond


@partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def attach(options: MeshOptions, by_current: bool, device, target, state: Compensated, voltage):
    """The unknowns and the internal voltage, unchanged, made a differentiable function of ``device`` and ``target``."""
    del options, by_current, device, target
    return state.high, voltage


@attach.defjvp
def _attach_jvp(options, by_current, primals, tangents):
    device, target, state, voltage = primals
    stack = lay_out(device, options)

    def conditions(device, target):
        stack = lay_out(device, options)
        pieces = local_values(stack, state, voltage)
        residual = balances(stack, state, voltage, pieces)
        current = terminal_current(stack, pieces)
        met = mismatch(device, Drive(by_current, target), voltage=voltage, current=current)
        return residual.reshape(residual.shape[0], -1), met

    _, (residual, met) = jax.jvp(conditions, (device, target), tangents[:2])
    border = respond(stack, state, voltage, residual, refinements=1)
    _, by_free, slope = circuit_response(stack, Drive(by_current, target), voltage, border)
    dv = -(met + by_free) / slope
    return attach(options, by_current, *primals), (border.free + dv * border.by_voltage, dv)
