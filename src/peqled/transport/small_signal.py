"""Small-signal response about a steady state: admittance, capacitance, conductance, modulated light.

With the balances R(u, V) and the amounts S(u) that the boxes store,

    (dR/du + i w dS/du) du = -(dR/dV) dV        (transport reference 2.15)

at every frequency: the same block-tridiagonal system as one Newton step, with complex entries. The current is the
conduction weighted as Ramo and Shockley plus the displacement i w C_geo dV. Mobile ions take part with their own
mobilities.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float

from peqled.numerics.block_tridiagonal import factor, solve
from peqled.numerics.mesh import MeshOptions
from peqled.programs import stored
from peqled.transport import status
from peqled.transport.assembly import (
    change_of_pieces,
    geometric_capacitance,
    linearise,
    moving_current,
)
from peqled.transport.device import Device
from peqled.transport.newton import SolverOptions
from peqled.transport.observables import photon_flux
from peqled.transport.transient import rested, still


class Response(status.Solved):
    """At every frequency (Hz): admittance of the whole device, A/(V m2), and change of the photons per (m2 s V).

    ``geometric``: C_geo, F/m2; ``status`` of the steady state.
    """

    frequency: Float[Array, " frequency"]
    admittance: Complex[Array, " frequency"]
    light: Complex[Array, " frequency"]
    geometric: Float[Array, ""]

    @property
    def capacitance(self) -> Float[Array, " frequency"]:
        """Im Y/w, F/m2."""
        return self.admittance.imag / (2.0 * jnp.pi * self.frequency)

    @property
    def conductance(self) -> Float[Array, " frequency"]:
        """Re Y, A/(V m2)."""
        return self.admittance.real

    @property
    def impedance(self) -> Complex[Array, " frequency"]:
        """1/Y, Ohm m2."""
        return 1.0 / self.admittance


@stored(static_argnames=("mesh_options", "solver"))
def small_signal(
    device: Device,
    voltage: Float[Array, ""] | float,
    frequencies: Float[Array, " frequency"],
    *,
    mesh_options: MeshOptions = MeshOptions(),
    solver: SolverOptions = SolverOptions(),
) -> Response:
    """Response to a small alternating voltage about a steady external ``voltage`` (V) at ``frequencies`` (Hz)."""
    stack, point = rested(device, jnp.asarray(voltage, float), mesh_options, solver)
    slow, fast = (still(stack, alpha) for alpha in (0.0, 1.0))
    without, with_storage = (linearise(s, point.state, point.voltage) for s in (slow, fast))
    stores = jax.tree.map(lambda a, b: a - b, with_storage, without)
    sign = -without.by_voltage

    def at(frequency: Array) -> tuple[Array, Array]:
        rate = 2j * jnp.pi * frequency

        def mixed(part, extra):
            return part + rate * extra

        blocks = (mixed(getattr(without, name), getattr(stores, name)) for name in ("lower", "row_sum", "upper"))
        lower, row_sum, upper = blocks
        side = (sign - rate * stores.by_voltage)[:, None]
        change = solve(factor(lower, None, upper, row_sum=row_sum), side, refinements=1)[:, 0]
        change = change.reshape(point.state.high.shape)
        columns = jax.tree.map(mixed, without.columns, stores.columns)
        junction = moving_current(slow, change_of_pieces(columns, change, 1.0), rate)
        junction = junction + 1.0 / device.shunt_resistance
        inside = 1.0 / (1.0 + device.series_resistance * junction)  # share of the voltage that reaches the junction
        real, imaginary = (
            jax.jvp(lambda y, v: photon_flux(slow, y, v), (point.state.high, point.voltage), (part, one))[1]
            for part, one in ((change.real, jnp.ones(())), (change.imag, jnp.zeros(())))
        )
        return inside * junction, inside * (real + 1j * imaginary)

    admittance, light = jax.lax.map(at, frequencies)
    return Response(point.status, frequencies, admittance, light, geometric_capacitance(stack))
