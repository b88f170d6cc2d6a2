"""Foerster transfer of excitons between size classes of a film.

    dp_im/dt = s_im (G_i + Σ_j p_j K_ji) - p_im (k_r + m k_t + Σ_j K_ij),     p_i = Σ_m p_im

p_im excitons on dots of class i with m traps, s_im the Poisson share of such dots, K_ij the rate from a dot of class
i to any dot of class j:

    K_ij = x_j Z k_r (R0/D_ij)⁶ (J_ij/J_0) min[1, exp(-(E_j - E_i)/kT)],    D_ij = (L_i + L_j)/2 + gap

x_j the number share, Z the lattice sum of r⁻⁶, J_ij = J_ji the overlap of the pair's emission at the higher energy
with its absorption at the lower one (Foerster 1948, 10.1002/andp.19484370105). The Boltzmann factor uphill makes K
obey detailed balance exactly: x_i e^{-E_i/kT} K_ij is symmetric. Trap numbers are eliminated, so the linear algebra
has the size of the classes.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float
from scipy.constants import e, k

from peqled.nanocrystal import (
    FWHM_PER_SIGMA,
    ROOM_TEMPERATURE,
    AbsorptionShape,
    DotModel,
    Lifetimes,
    average,
    poisson_probability,
)

_LEVELS = 48  # trap numbers resolved; dots with more are dark and share the last level
_SUBSTEPS = 2  # implicit steps per point of the decay curve
_GAMMA = 1.0 - 0.5**0.5  # of the L-stable two-stage method


class Foerster(eqx.Module):
    """R0 8 (6.4-10) nm between equal dots at unit yield [computed]; Z 8.402 sums r⁻⁶ over a simple cubic lattice.

    Lattice sum: Jones and Ingham 1925, 10.1098/rspa.1925.0047.
    """

    radius: float | Array = 8.0e-9
    lattice_sum: float | Array = 8.402


class Network(eqx.Module):
    """``transfer[donor, acceptor]`` and ``loss[level]`` (1/s), ``share[level, class]`` of dots by trap number."""

    transfer: Float[Array, "cell cell"]
    loss: Float[Array, " level"]
    share: Float[Array, "level cell"]

    @property
    def outflow(self) -> Float[Array, " cell"]:
        """Rate (1/s) at which an exciton leaves its dot for another."""
        return self.transfer.sum(axis=1)


def foerster_radius(*, overlap_area, refractive_index, quantum_yield=1.0, orientation=2.0 / 3.0):
    """R0 (m) = [9 κ² Φ/(128 π⁵ n⁴) ∫ f(λ) σ(λ) λ⁴ dλ]^(1/6), ``overlap_area`` the integral (m6) with ∫ f dλ = 1."""
    strength = 9.0 * orientation * quantum_yield / (128.0 * jnp.pi**5 * refractive_index**4)
    return (strength * overlap_area) ** (1.0 / 6.0)


def spectral_overlap(donor_energy, donor_fwhm, edge_energy, edge_fwhm, shape: AbsorptionShape):
    """∫ g(E) σ(E)/σ(3.1 eV) E⁻⁴ dE (eV⁻⁴) of a normal emission line with a dot's absorption; energies in eV.

    Closed form: the exciton line and the broadened onset convolve with the emission; the slow powers of E are taken
    at the donor's energy, an error of order (Γ/E)², about 1e-3.
    """
    emission, absorption = donor_fwhm / FWHM_PER_SIGMA, edge_fwhm / FWHM_PER_SIGMA
    joint = jnp.sqrt(emission**2 + absorption**2)
    detuning = (donor_energy - edge_energy) / joint
    exciton = shape.exciton_ratio * absorption / joint * jnp.exp(-0.5 * detuning**2)
    onset = jax.scipy.special.ndtr(detuning - shape.binding_energy / joint)
    continuum = (donor_energy / shape.reference_energy) ** shape.exponent * onset
    return (exciton + continuum) / donor_energy**4


def transfer_rates(
    edge: Float[Array, " cell"],
    number: Float[Array, " cell"],
    *,
    gap,
    dots: DotModel,
    foerster: Foerster,
    temperature=ROOM_TEMPERATURE,
) -> Float[Array, "cell cell"]:
    """K[donor, acceptor] (1/s) between classes of edge (m) in the proportion ``number``, ligand ``gap`` (m)."""
    energy = dots.emission_energy(edge, temperature)
    strength = _pair_strength(edge[:, None], edge[None, :], dots, temperature)
    downhill = energy[:, None] >= energy[None, :]
    mean = average(number, edge)
    overlap = jnp.where(downhill, strength, strength.T) / _pair_strength(mean, mean, dots, temperature)
    distance = 0.5 * (edge[:, None] + edge[None, :]) + gap
    climb = jnp.maximum(energy[None, :] - energy[:, None], 0.0)
    boltzmann = jnp.exp(-climb * e / (k * temperature))
    scale = foerster.lattice_sum * dots.surface.radiative_rate
    return scale * (foerster.radius / distance) ** 6 * overlap * boltzmann * (number / number.sum())


def _pair_strength(donor, acceptor, dots: DotModel, temperature):
    """Acceptor cross-section times spectral overlap, up to a constant factor."""
    overlap = spectral_overlap(
        dots.emission_energy(donor, temperature),
        dots.width(donor, temperature),
        dots.absorption_energy(acceptor, temperature),
        dots.width(acceptor, temperature),
        dots.absorption,
    )
    return dots.cross_section(acceptor) * overlap


def network(transfer: Float[Array, "cell cell"], *, radiative_rate, traps: Float[Array, " cell"], trap_rate) -> Network:
    """Rates of the film from the transfer matrix (1/s), the mean ``traps`` per dot and the rates (1/s) on a dot."""
    probability = poisson_probability(traps, _LEVELS)
    rest = jnp.maximum(1.0 - probability.sum(axis=-1), 0.0)
    probability = probability.at[:, -1].add(rest)
    return Network(transfer=transfer, loss=radiative_rate + trap_rate * jnp.arange(_LEVELS), share=probability.T)


def steady_populations(rates: Network, generation: Float[Array, "level cell"]) -> Float[Array, "level cell"]:
    """Excitons p_im under a steady ``generation`` (per s); equally, the time integral of p after a pulse of it."""
    lifetime = 1.0 / (rates.loss[:, None] + rates.outflow)
    held = (rates.share * lifetime).sum(axis=0)
    made = (generation * lifetime).sum(axis=0)
    matrix = jnp.eye(held.size) - held[:, None] * rates.transfer.T
    population = jnp.linalg.solve(matrix, made)
    return (generation + rates.share * (rates.transfer.T @ population)) * lifetime


def film_decay(
    time: Float[Array, " decay_time"], rates: Network, generation: Float[Array, "level cell"]
) -> Float[Array, " decay_time"]:
    """I(t)/I(0) after a pulse, on a uniform ``time`` (s) from zero; L-stable, second order (Alexander 1977,
    10.1137/0714068).
    """
    step = (time[1] - time[0]) / _SUBSTEPS
    solve = _implicit_solver(rates, _GAMMA * step)

    def advance(state, _):
        first = solve(state)
        second = solve(state + (1.0 / _GAMMA - 1.0) * (first - state))
        return second, second.sum()

    _, total = jax.lax.scan(advance, generation, length=_SUBSTEPS * (time.size - 1))
    start = generation.sum()
    return jnp.concatenate([jnp.ones(1), total[_SUBSTEPS - 1 :: _SUBSTEPS] / start])


def _implicit_solver(rates: Network, step):
    """The map b -> p with p - step (dp/dt)(p) = b."""
    held = 1.0 / (1.0 + step * (rates.loss[:, None] + rates.outflow))
    matrix = jnp.eye(rates.share.shape[1]) - step * (rates.share * held).sum(axis=0)[:, None] * rates.transfer.T
    inflow = step * rates.transfer.T @ jnp.linalg.inv(matrix)

    def solve(right):
        return (right + rates.share * (inflow @ (right * held).sum(axis=0))) * held

    return solve


def film_lifetimes(
    time: Float[Array, " decay_time"],
    decay: Float[Array, " decay_time"],
    rates: Network,
    generation: Float[Array, "level cell"],
) -> Lifetimes:
    """Lifetimes (s): the two averages by linear solves, 1/e read from the ``decay`` curve (NaN where it is not
    reached).
    """
    first = steady_populations(rates, generation)
    second = steady_populations(rates, first)
    log = jnp.log(jnp.maximum(decay, 1.0e-290))
    index = jnp.clip(jnp.argmax(log < -1.0), 1, log.size - 1)
    share = (log[index - 1] + 1.0) / (log[index - 1] - log[index])
    crossing = time[index - 1] + share * (time[index] - time[index - 1])
    return Lifetimes(
        one_over_e=jnp.where(log[-1] < -1.0, crossing, jnp.nan),
        amplitude=first.sum() / generation.sum(),
        intensity=second.sum() / first.sum(),
    )
