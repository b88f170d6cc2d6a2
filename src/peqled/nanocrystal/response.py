"""What a TRPL set-up records of a decay: its instrument response, and the light that earlier pulses left behind.

The decay of an ensemble is a sum of exponentials, I(t) = Σ_m p_m e^{-k_m t} with k_m = k_r + m k_t and p_m the share of
the excitons in dots of m traps. Each exponential passes the instrument in closed form, and so does a train of pulses
of period T:

    no response     e^{-kt}/(1 - e^{-kT})
    Gaussian σ      r(t) = e^{k²σ²/2 - kt} Φ(t/σ - kσ),   Σ_n r(t + nT) over all pulses n
    measured trace  y' = -k y + h(t) through its bins of constant height h, y(0) = y(T)

Every response has unit area, hence the record of one period keeps the area Σ p_m/k_m of the decay.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from peqled.nanocrystal.decay import POISSON_TERMS, poisson_probability
from peqled.nanocrystal.linewidth import FWHM_PER_SIGMA

SINGLE_PULSE = 1.0
"""Period (s) that stands for pulses far apart: ten million times the lifetime of a dot."""
WIDEST = 0.2
"""FWHM of a Gaussian response over the period, at most: its tails then reach the neighbouring pulses alone."""


class RateSpectrum(NamedTuple):
    """Exponentials of a decay: rates (1/s) and their shares at zero delay, which sum to 1."""

    rate: Float[Array, " term"]
    share: Float[Array, " term"]


def rate_spectrum(
    *, share: Float[Array, " cell"], radiative_rate, traps: Float[Array, " cell"], trap_rate
) -> RateSpectrum:
    """The exponentials of `ensemble_decay`: rates k_r + m k_t (1/s), Poisson shares summed over the classes."""
    chance = poisson_probability(traps, POISSON_TERMS)
    return RateSpectrum(radiative_rate + jnp.arange(POISSON_TERMS) * trap_rate, share @ chance / share.sum())


class NoResponse(eqx.Module):
    """An instrument that answers at once: only the train of pulses is left."""

    def record(self, time: Float[Array, " record_time"], rates: RateSpectrum, period) -> Float[Array, " record_time"]:
        """Signal (1) at `time` (s, 0 to `period`) after a pulse, when 1 exciton is excited per pulse."""
        left = rates.share / -jnp.expm1(-rates.rate * period)
        return jnp.exp(-rates.rate * time[:, None]) @ left


class GaussianResponse(eqx.Module):
    """A Gaussian of full width at half maximum `fwhm` (s), centred at 0 s; at most a fifth of the period."""

    fwhm: float | Array

    def record(self, time: Float[Array, " record_time"], rates: RateSpectrum, period) -> Float[Array, " record_time"]:
        """Signal (1) at `time` (s) after the centre of the response, when 1 exciton is excited per pulse."""
        sigma = self.fwhm / FWHM_PER_SIGMA

        def pulse(delay: Array) -> Array:
            u = delay[:, None] / sigma
            k = rates.rate * sigma
            return jnp.exp(0.5 * k**2 - k * u + jax.scipy.special.log_ndtr(u - k))

        older = pulse(time + 2.0 * period) / -jnp.expm1(-rates.rate * period)
        return (pulse(time - period) + pulse(time) + pulse(time + period) + older) @ rates.share


class MeasuredResponse(eqx.Module):
    """A recorded response: signal per bin (any scale, background taken off), bins of `bin_width` (s) from 0 s on."""

    bin_width: float | Array
    signal: Float[Array | np.ndarray, " bin"]

    def record(self, time: Float[Array, " record_time"], rates: RateSpectrum, period) -> Float[Array, " record_time"]:
        """Signal (1) at `time` (s, 0 to `period`) after the start of the trace, when 1 exciton is excited per pulse."""
        signal = jnp.asarray(self.signal, float)
        height, bins = signal / signal.sum(), signal.shape[0]
        k = rates.rate * self.bin_width

        def through(held: Array, entering: Array) -> tuple[Array, Array]:
            after = held * jnp.exp(-k) - entering * jnp.expm1(-k) / k
            return after, after

        last, edges = jax.lax.scan(through, jnp.zeros_like(k), height)
        edges = jnp.concatenate([jnp.zeros((1, k.shape[0])), edges])
        kept = last * jnp.exp(-rates.rate * (period - bins * self.bin_width)) / -jnp.expm1(-rates.rate * period)
        place = jnp.clip(jnp.floor(time / self.bin_width).astype(int), 0, bins)
        inside = (time - place * self.bin_width)[:, None] * rates.rate
        entering = jnp.append(height, 0.0)[place][:, None]
        now = edges[place] * jnp.exp(-inside) - entering * jnp.expm1(-inside) / k
        return (now + kept * jnp.exp(-rates.rate * time[:, None])) @ rates.share


Response = NoResponse | GaussianResponse | MeasuredResponse
