"""The in-situ PL map: what a camera behind a spectrograph sees of the flask while the dots form.

At every instant: the full sum over sizes at the temperature of the flask, plus the emission of the clusters, both
dimmed by reabsorption over the optical path; then each frame averages over its exposure (a frame of 0.2 s contains
the whole nucleation). The excitation is taken as weakly absorbed.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from peqled.nanocrystal.absorption import absorbance, reabsorption_factor
from peqled.nanocrystal.decay import quantum_yield
from peqled.nanocrystal.dots import DotModel, class_absorption, class_photoluminescence
from peqled.nanocrystal.ensemble import bright_number
from peqled.nanocrystal.photoluminescence import (
    ClusterBand,
    SpectrumShape,
    area,
    cluster_photoluminescence,
    spectrum_shape,
)


class InSitu(eqx.Module):
    """The set-up: optical ``path`` (m), ``exposure`` of a frame (s), the cluster band and its window (m).

    The path (1 mm) is an engineering default: none is printed. The exposure of the paper's frames is not stated, 0.2
    s is its second frame time; 400-460 nm is the window in which it looks for clusters (10.1002/advs.202304696).
    """

    path: float | Array = 1.0e-3
    exposure: float | Array = 0.2
    cluster: ClusterBand = ClusterBand()
    window_start: float | Array = 400.0e-9
    window_stop: float | Array = 460.0e-9


class PLMap(eqx.Module):
    """Frames of the in-situ experiment.

    ``intensity`` in photons per wavelength and path (1/m2) for one incident photon; ``dots`` the part of it that dots
    emit, to which ``shape`` belongs; ``cluster_intensity`` (1/m) the area of the whole in the cluster window.
    """

    time: Float[Array, " frame"]
    wavelength: Float[Array, " wavelength"]
    intensity: Float[Array, "frame wavelength"]
    dots: Float[Array, "frame wavelength"]
    shape: SpectrumShape
    cluster_intensity: Float[Array, " frame"]


def exposure_weights(
    time: Float[Array, " time"], frame: Float[Array, " frame"], exposure
) -> Float[Array, "frame time"]:
    """Weights whose sum over ``time`` averages a piecewise linear signal over [frame - exposure, frame].

    All in s, ``exposure`` > 0. Before its first and after its last point the signal is constant.
    """
    step = jnp.diff(time)
    starts, ends = (frame - exposure)[:, None], frame[:, None]
    integral = _hat_integrals(ends, time, step) - _hat_integrals(starts, time, step)
    before = jnp.minimum(ends, time[0]) - jnp.minimum(starts, time[0])
    after = jnp.maximum(ends, time[-1]) - jnp.maximum(starts, time[-1])
    integral = integral.at[:, 0].add(before[:, 0]).at[:, -1].add(after[:, 0])
    return integral / exposure


def _hat_integrals(upper, time, step):
    """Integrals from the first time to ``upper`` of the hat functions of the grid ``time``."""
    share = jnp.clip((upper - time[:-1]) / step, 0.0, 1.0)
    rising, falling = 0.5 * step * share**2, step * (share - 0.5 * share**2)
    ends = jnp.zeros((rising.shape[0], 1))
    return jnp.concatenate([falling, ends], axis=1) + jnp.concatenate([ends, rising], axis=1)


def instant_photoluminescence(
    edge, number, clusters, temperature, coverage, wavelength, *, model: DotModel, setup: InSitu
):
    """PL of dots and of clusters (1/m2 each) at one instant, after reabsorption by the dots.

    ``number[cell]`` (1/m3), ``clusters`` (mol of Pb per m3), ``temperature`` (K), ``coverage`` of the
    surface sites, which sets the yields.
    """
    bright = bright_number(edge, number, model.cross_section.dark_edge)
    yields = quantum_yield(
        radiative_rate=model.surface.radiative_rate,
        traps=model.surface.traps(edge, coverage),
        trap_rate=model.surface.trap_rate,
    )
    weight = bright * model.cross_section(edge) * yields
    dots = class_photoluminescence(edge, weight, wavelength, model=model, temperature=temperature)
    band = cluster_photoluminescence(wavelength, setup.cluster, clusters)
    coefficient = class_absorption(edge, number, wavelength, model=model, temperature=temperature)
    dimming = reabsorption_factor(absorbance(coefficient, setup.path))
    return dots * dimming, band * dimming


def with_photon_noise(frames: PLMap, photons: float, *, seed: int = 0) -> PLMap:
    """The same frames as a camera counts them: Poisson noise for ``photons`` in the brightest pixel.

    The shape is read again from the noisy frames; ``dots`` stays what it was, a camera cannot tell them apart.
    """
    scale = photons / jnp.max(frames.intensity)
    counts = jax.random.poisson(jax.random.key(seed), frames.intensity * scale) / scale
    return PLMap(
        time=frames.time,
        wavelength=frames.wavelength,
        intensity=counts,
        dots=frames.dots,
        shape=jax.vmap(spectrum_shape, in_axes=(None, 0))(frames.wavelength, counts),
        cluster_intensity=frames.cluster_intensity,
    )


def pl_map(
    edge: Float[Array, " cell"],
    number: Float[Array, "time cell"],
    *,
    clusters: Float[Array, " time"],
    temperature: Float[Array, " time"],
    coverage: Float[Array, " time"],
    time: Float[Array, " time"],
    frame: Float[Array, " frame"],
    wavelength: Float[Array, " wavelength"],
    model: DotModel,
    setup: InSitu,
) -> PLMap:
    """Frames that end at the times ``frame`` (s), from the state of the flask at the times ``time`` (s).

    ``clusters`` in mol of Pb per m3, ``temperature`` in K, ``coverage`` the share of surface sites held by ligands.
    """

    def instant(state):
        number, clusters, temperature, coverage = state
        return instant_photoluminescence(
            edge, number, clusters, temperature, coverage, wavelength, model=model, setup=setup
        )

    dots, band = jax.lax.map(instant, (number, clusters, temperature, coverage))
    weights = exposure_weights(time, frame, setup.exposure)
    dots, band = weights @ dots, weights @ band
    inside = (wavelength >= setup.window_start) & (wavelength <= setup.window_stop)
    return PLMap(
        time=frame,
        wavelength=wavelength,
        intensity=dots + band,
        dots=dots,
        shape=jax.vmap(spectrum_shape, in_axes=(None, 0))(wavelength, dots),
        cluster_intensity=area(wavelength, jnp.where(inside, dots + band, 0.0)),
    )
