"""Colloidal stability of dots in a mixed solvent: which sizes precipitate when antisolvent is added.

Dots turn freely in solution and count as spheres of the cube's volume, radius a; h is the gap, c = 2a + h. In kT:

    van der Waals   -(A/6kT) [2a^2/(c^2-4a^2) + 2a^2/c^2 + ln(1-4a^2/c^2)] [1 - y ln(1+1/y)],  y = 5.32 h/lambda
    osmotic         4 pi a phi^2 (1/2 - chi)/v (l - h/2)^2                       l < h < 2l
                    4 pi a phi^2 (1/2 - chi)/v l^2 (h/2l - 1/4 - ln(h/l))         h < l
    elastic         2 pi a Gamma l {x ln[x ((3-x)/2)^2] - 6 ln((3-x)/2) + 3 (1-x)},  x = h/l < 1

(Hamaker; retarded as Gregory gives it, 10.1016/0021-9797(81)90018-7; steric terms of Vincent et al.,
10.1016/0166-6622(86)80317-1). A follows from the refractive indices (Tabor and Winterton), chi from Hansen's numbers,

    chi = f (v/RT) [(d_D - d_t)^2 + d_P^2/4 + d_H^2/4]            (Lindvig et al., 10.1016/S0378-3812(02)00184-X)

for a tail d_t that is an alkane. A dot in the solid has twelve neighbours at the depth w of the well; a cell model has
the number per volume above which dots of one size are left in solution, n_s = exp(-6w)/(L + g)^3 (the low-temperature
coexistence of the lattice gas, Lee and Yang 10.1103/PhysRev.87.410). Sizes form an ideal solid solution: with S solid
dots per volume, sum_i N_i/(S + n_i) = 1, and the share S/(S + n_i) of class i precipitates.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array, lax
from jaxtyping import Float
from scipy.constants import N_A, R, h, k, pi

CONTACT = 1.65e-10
"""Closest approach of two bare surfaces, m (Israelachvili)."""
RETARDATION = 1.0e-7
"""Wavelength of Gregory's retardation, m."""
SPHERE = (3.0 / (4.0 * pi)) ** (1.0 / 3.0)
"""Radius of a sphere of the cube's volume, over its edge."""
NEIGHBOURS = 12
"""Of a close-packed solid."""


class Medium(eqx.Module):
    """A liquid: ``molar_volume`` (m3/mol), Hansen's ``dispersion``, ``polar`` and ``hydrogen`` (Pa^0.5), refractive
    ``index`` and static ``permittivity``."""

    molar_volume: float | Array
    dispersion: float | Array
    polar: float | Array
    hydrogen: float | Array
    index: float | Array
    permittivity: float | Array


class Attraction(eqx.Module):
    """Of the dots: ``index`` and static ``permittivity``, and the ``frequency`` (1/s) of their electrons."""

    index: float | Array
    permittivity: float | Array
    frequency: float | Array


class Shell(eqx.Module):
    """Ligands: length ``l`` (m), chains per area ``density`` (1/m2), ``chain_volume`` (m3), and their parameter
    ``chi`` in the liquid."""

    length: float | Array
    density: float | Array
    chain_volume: float | Array
    chi: float | Array

    @property
    def share(self) -> Array:
        """Mean volume share of ligand in the shell, at most 1."""
        return jnp.minimum(self.density * self.chain_volume / self.length, 1.0)


def mixed(first: Medium, second: Medium, share: float | Array) -> Medium:
    """The liquid that holds the volume share ``share`` of the second: parameters by volume, molecules by number."""
    by_volume = jax.tree.map(lambda a, b: (1.0 - share) * a + share * b, first, second)
    molar = 1.0 / ((1.0 - share) / first.molar_volume + share / second.molar_volume)
    return eqx.tree_at(lambda medium: medium.molar_volume, by_volume, molar)


def flory_parameter(medium: Medium, *, tail: float | Array, factor: float | Array, temperature: float | Array) -> Array:
    """chi of alkane tails with the dispersion parameter ``tail`` (Pa^0.5) in a liquid; ``factor`` f (1)."""
    distance = (medium.dispersion - tail) ** 2 + 0.25 * medium.polar**2 + 0.25 * medium.hydrogen**2
    return jnp.asarray(factor * medium.molar_volume * distance / (R * temperature))


def hamaker(dots: Attraction, medium: Medium, temperature: float | Array) -> Array:
    """Hamaker constant (J) of dots across a liquid: 3/4 kT ((e1-e3)/(e1+e3))^2 + 3 h nu (n1^2-n3^2)^2/(16 sqrt(2)
    (n1^2+n3^2)^1.5)."""
    one, three = dots.index**2, medium.index**2
    static = ((dots.permittivity - medium.permittivity) / (dots.permittivity + medium.permittivity)) ** 2
    electronic = 3.0 * h * dots.frequency / (16.0 * 2.0**0.5) * (one - three) ** 2 / (one + three) ** 1.5
    return jnp.asarray(0.75 * k * temperature * static + electronic)


def pair_energy(
    gap: Float[Array, "*any"],
    edge: Float[Array, "*any"],
    *,
    shell: Shell,
    medium: Medium,
    attraction: float | Array,
    temperature: float | Array,
) -> Float[Array, "*any"]:
    """Energy (kT) of two dots of one ``edge`` (m) at the ``gap`` (m); ``attraction`` is the Hamaker constant (J)."""
    radius = edge * SPHERE
    centre, touching = (2.0 * radius + gap) ** 2, 4.0 * radius**2
    hamakers = 0.5 * touching / (centre - touching) + 0.5 * touching / centre + jnp.log1p(-touching / centre)
    late = 5.32 * gap / RETARDATION
    van_der_waals = -attraction / (6.0 * k * temperature) * hamakers * (1.0 - late * jnp.log1p(1.0 / late))
    length, molecule = shell.length, medium.molar_volume / N_A
    x = gap / length
    inside = jnp.minimum(x, 1.0)
    overlap = jnp.where(x < 1.0, 0.5 * inside - 0.25 - jnp.log(inside), jnp.maximum(1.0 - 0.5 * x, 0.0) ** 2)
    osmotic = 4.0 * pi * radius * shell.share**2 * (0.5 - shell.chi) / molecule * length**2 * overlap
    folded = 0.5 * (3.0 - inside)
    stretch = inside * jnp.log(inside * folded**2) - 6.0 * jnp.log(folded) + 3.0 * (1.0 - inside)
    return van_der_waals + osmotic + 2.0 * pi * radius * shell.density * length * stretch


def gaps(shell: Shell) -> Float[Array, " gap"]:
    """Gaps (m) at which the well is looked for: from contact to four shells, the ends of both shells among them."""
    length = jnp.maximum(shell.length, 2.0 * CONTACT)
    inner = jnp.geomspace(CONTACT, length, 120)
    return jnp.concatenate([inner, jnp.linspace(1.0, 2.0, 61)[1:] * length, jnp.linspace(2.0, 4.0, 31)[1:] * length])


def solubility(
    edge: Float[Array, " cell"], *, shell: Shell, medium: Medium, attraction: float | Array, temperature: float | Array
) -> Float[Array, " cell"]:
    """Dots per volume (1/m3) of every ``edge`` (m) that stay in solution over a solid of their own kind."""
    gap = gaps(shell)
    energy = pair_energy(gap, edge[:, None], shell=shell, medium=medium, attraction=attraction, temperature=temperature)
    depth, at = jnp.maximum(-energy.min(axis=1), 0.0), gap[energy.argmin(axis=1)]
    return jnp.exp(-jnp.minimum(0.5 * NEIGHBOURS * depth, 300.0)) / (edge + at) ** 3


def precipitated(number: Float[Array, " cell"], soluble: Float[Array, " cell"]) -> Float[Array, " cell"]:
    """Share of every size class that is solid, for ``number`` dots per volume and their solubilities (both 1/m3).

    The root S lies between 0 and the number of all dots, where the sum falls: bisection, then a Newton step.
    """

    def excess(solid: Array) -> Array:
        return (number / (solid + soluble)).sum() - 1.0

    def halve(_, bounds: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = bounds
        middle = 0.5 * (low + high)
        return jnp.where(excess(middle) > 0.0, middle, low), jnp.where(excess(middle) > 0.0, high, middle)

    start = (jnp.zeros(()), number.sum())
    solid = lax.stop_gradient(lax.fori_loop(0, 60, halve, start)[0])
    sharper = solid + excess(solid) / (number / (solid + soluble) ** 2).sum()
    return jnp.where(excess(jnp.zeros(())) > 0.0, sharper / (sharper + soluble), 0.0)
