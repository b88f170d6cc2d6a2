"""Sizing curves: edge length of a CsPbBr3 cube against the energy of its emission.

Three published forms are selectable by identifier, because at 515 nm they differ by 2 nm and no result that quotes a
size means anything without naming the curve:

* ``S1``  E = E_inf + A/L²                               empirical; anchors at 4 nm and 9.5-10 nm
* ``S2``  E = E_g + 3 ħ²π²/(2 μ L²) - C e²/(4π ε0 ε L)     effective mass, 10.1021/acsenergylett.7b00416
* ``S3``  E = E_X + 3 ħ²π²/(2 M (L - 2d)²)                 quantised centre of mass, L above about 8 nm

All hold at 298 K. Edges in metres, energies in eV, masses in units of the electron mass.
"""

from abc import abstractmethod
from math import pi

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float
from scipy.constants import c, e, electron_mass, epsilon_0, h, hbar

ROOM_TEMPERATURE = 298.0  # K, where every curve and width is defined
EV_METRE = h * c / e  # photon energy (eV) times wavelength (m)
_CUBE_CONFINEMENT = 3.0 * (hbar * pi) ** 2 / (2.0 * electron_mass * e)  # eV m2 for unit mass
_COULOMB = e / (4.0 * pi * epsilon_0)  # eV m


class SizingCurve(eqx.Module):
    """A relation between edge (m) and emission energy (eV) at 298 K, both ways."""

    @property
    @abstractmethod
    def bulk(self) -> Float[Array, ""] | float:
        """Energy (eV) of an infinitely large dot."""

    @abstractmethod
    def energy(self, edge: Float[Array, "*size"]) -> Float[Array, "*size"]:
        """Emission energy (eV) of a dot of the given edge (m)."""

    @abstractmethod
    def edge(self, energy: Float[Array, "*size"]) -> Float[Array, "*size"]:
        """Edge (m) of the dot which emits at the given energy (eV); NaN where no dot does."""


class InverseSquare(SizingCurve):
    """S1: E = E_inf + A/L². E_inf 2.365 (2.355-2.390) eV, A 4.3 (3.5-5.2) eV nm², engineering defaults."""

    bulk_limit: float | Array = 2.365
    coefficient: float | Array = 4.3e-18

    @property
    def bulk(self):
        return self.bulk_limit

    def energy(self, edge):
        return self.bulk_limit + self.coefficient / edge**2

    def edge(self, energy):
        return jnp.sqrt(self.coefficient / (energy - self.bulk_limit))


class EffectiveMass(SizingCurve):
    """S2: E = E_g + 3ħ²π²/(2μL²) - C e²/(4πε0 ε L), L below the minimum of the curve (30 nm).

    E_g 2.342 eV (a 2 K gap, used at 298 K), μ 0.126, ε 7.3 from magneto-optics (10.1021/acsenergylett.7b00416);
    C 3.05 is the Coulomb factor of a cube.
    """

    gap: float | Array = 2.342
    reduced_mass: float | Array = 0.126
    permittivity: float | Array = 7.3
    coulomb_factor: float | Array = 3.05

    @property
    def bulk(self):
        return self.gap

    def _terms(self):
        return _CUBE_CONFINEMENT / self.reduced_mass, self.coulomb_factor * _COULOMB / self.permittivity

    def energy(self, edge):
        confinement, coulomb = self._terms()
        return self.gap + confinement / edge**2 - coulomb / edge

    def edge(self, energy):
        confinement, coulomb = self._terms()
        root = jnp.sqrt(coulomb**2 + 4.0 * confinement * (energy - self.gap))
        return 2.0 * confinement / (coulomb + root)


class CentreOfMass(SizingCurve):
    """S3: E = E_X + 3ħ²π²/(2M(L - 2d)²). E_X and the dead layer d are the user's; M is about 4 μ = 0.504."""

    exciton_energy: float | Array
    dead_layer: float | Array
    mass: float | Array = 0.504

    @property
    def bulk(self):
        return self.exciton_energy

    def energy(self, edge):
        return self.exciton_energy + _CUBE_CONFINEMENT / self.mass / (edge - 2.0 * self.dead_layer) ** 2

    def edge(self, energy):
        return 2.0 * self.dead_layer + jnp.sqrt(_CUBE_CONFINEMENT / self.mass / (energy - self.exciton_energy))


SIZING_CURVES: dict[str, type[SizingCurve]] = {"S1": InverseSquare, "S2": EffectiveMass, "S3": CentreOfMass}


def sizing_curve(identifier: str, **coefficients: float) -> SizingCurve:
    """The curve with that identifier; ``coefficients`` replace its defaults (S3 needs its two)."""
    if identifier not in SIZING_CURVES:
        raise ValueError(f"unknown sizing curve {identifier!r}; choose one of {', '.join(SIZING_CURVES)}")
    return SIZING_CURVES[identifier](**coefficients)


class TemperatureShift(eqx.Module):
    """Linear shift of the emission with temperature (eV/K).

    +0.3 (0.1-0.4) meV/K: sign and linearity up to 298 K are measured (arXiv:2409.06374), the magnitude is that of
    MAPbI3; use above 298 K extrapolates.
    """

    slope: float | Array = 3.0e-4

    def __call__(self, temperature: Float[Array, "*size"] | float) -> Float[Array, "*size"] | float:
        """Shift (eV) from 298 K to ``temperature`` (K)."""
        return self.slope * (temperature - ROOM_TEMPERATURE)


class StokesShift(eqx.Module):
    """Stokes shift (eV), linear in the edge between two measured sizes and constant outside them.

    82 meV at 4.1 nm and 20 meV at 12.8 nm (Brennan et al. 2017, 10.1021/jacs.7b05683). Hot-injection series reach
    38-101 meV at 9.9-12.5 nm (10.3390/en14020275): a large uncertainty of every absorption edge.
    """

    small_edge: float | Array = 4.1e-9
    small_shift: float | Array = 0.082
    large_edge: float | Array = 12.8e-9
    large_shift: float | Array = 0.020

    def __call__(self, edge: Float[Array, "*size"]) -> Float[Array, "*size"]:
        """Shift (eV) by which absorption lies above emission for dots of the given edge (m)."""
        share = jnp.clip((edge - self.small_edge) / (self.large_edge - self.small_edge), 0.0, 1.0)
        return self.small_shift + (self.large_shift - self.small_shift) * share
