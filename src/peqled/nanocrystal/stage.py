"""The dots of the flask as a stage of the twin: what every instrument would read of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.constants import c, e, electron_mass, h

from peqled.nanocrystal.absorption import AbsorptionShape
from peqled.nanocrystal.diffraction import Diffraction, angular_width
from peqled.nanocrystal.dots import DotModel, Dots, dots
from peqled.nanocrystal.ensemble import CrossSection, bright_number
from peqled.nanocrystal.insitu import InSitu, PLMap, pl_map
from peqled.nanocrystal.linewidth import HomogeneousWidth
from peqled.nanocrystal.photoluminescence import ClusterBand, area
from peqled.nanocrystal.response import (
    SINGLE_PULSE,
    GaussianResponse,
    MeasuredResponse,
    NoResponse,
    Response,
    rate_spectrum,
)
from peqled.nanocrystal.scattering import Scattering
from peqled.nanocrystal.sizing import CentreOfMass, EffectiveMass, InverseSquare, SizingCurve, TemperatureShift
from peqled.nanocrystal.surface import Surface, langmuir_coverage
from peqled.parameters import Parameters
from peqled.programs import stored
from peqled.recipe import Trpl
from peqled.synthesis.equations import AGENT
from peqled.synthesis.history import FlaskResult
from peqled.synthesis.ligands import Ligands
from peqled.synthesis.network import INDEX

INSITU_WAVELENGTH = jnp.linspace(400e-9, 600e-9, 201)
WAVELENGTH = jnp.linspace(440e-9, 600e-9, 321)
DELAY = jnp.linspace(0.0, 200e-9, 401)
RECORD_POINTS = 2001
RECORD_AHEAD = 2.5
"""Widths of a Gaussian response shown ahead of its centre."""
EXPOSURE = 0.05
"""Exposure of an in-situ frame, s; the paper does not state it, its second frame is at 0.2 s."""


class NanocrystalResult(NamedTuple):
    """The dots at room temperature, the in-situ map, the model behind them and the coverage of their surface.

    ``record`` is the decay behind the recipe's instrument, None where it names none.
    """

    dots: Dots
    insitu: PLMap
    model: DotModel
    coverage: Float[Array, ""]
    zwitterion: Float[Array, ""]
    carbons: Float[Array, ""]
    record: Record | None


class Record(NamedTuple):
    """A TRPL record, over its maximum, at times in s."""

    time: Float[Array, " record_time"]
    signal: Float[Array, " record_time"]


def run(parameters: Parameters, results: Mapping[str, Any]) -> NanocrystalResult:
    """Dots at the end of the flask, and the frames of the in-situ spectrometer on the way there."""
    synthesis = results["synthesis"]
    flask = synthesis.flask
    history, chains = _surface_shares(synthesis.ligands, _agent(parameters), flask.species)
    model, coverage = build_model(parameters), history.sum(axis=1)
    insitu = _insitu(model, _setup(parameters), flask, coverage)
    final = _dots(model, flask.edge, flask.number[-1], coverage[-1])
    setup, record = parameters.structure.trpl, None
    if setup is not None:
        record = _record(model, flask.edge, flask.number[-1], coverage[-1], *_trpl(setup))
    return NanocrystalResult(final, insitu, model, coverage[-1], history[-1, -1], chains[-1], record)


@stored()
def _dots(model: DotModel, edge: Array, number: Array, coverage: Array) -> Dots:
    return dots(edge, number, WAVELENGTH, decay_time=DELAY, model=model, coverage=coverage)


def _trpl(setup: Trpl) -> tuple[Response, float, Float[np.ndarray, " record_time"]]:
    """Response, period (s) and times (s) of the recipe's set-up: one period, or what `DELAY` shows."""
    period = SINGLE_PULSE if setup.repetition_rate is None else 1.0 / setup.repetition_rate
    response, start, reach = NoResponse(), 0.0, 0.0
    if setup.response_fwhm is not None:
        response, start = GaussianResponse(setup.response_fwhm), -RECORD_AHEAD * setup.response_fwhm
    elif setup.response_bin is not None:
        response = MeasuredResponse(setup.response_bin, np.array(setup.response_signal))
        reach = setup.response_bin * len(setup.response_signal)
    span = min(period, float(DELAY[-1]) - start + reach)
    return response, period, np.linspace(start, start + span, RECORD_POINTS)


@stored()
def _record(
    model: DotModel, edge: Array, number: Array, coverage: Array, response: Response, period: Array, time: Array
) -> Record:
    surface = model.surface
    rates = rate_spectrum(
        share=bright_number(edge, number, model.cross_section.dark_edge) * model.cross_section(edge),
        radiative_rate=surface.radiative_rate,
        traps=surface.traps(edge, coverage),
        trap_rate=surface.trap_rate,
    )
    signal = response.record(time, rates, period)
    return Record(time, signal / signal.max())


@stored()
def _insitu(model: DotModel, setup: InSitu, flask: FlaskResult, coverage: Float[Array, " time"]) -> PLMap:
    return pl_map(
        flask.edge,
        flask.number,
        clusters=flask.species[:, INDEX["Cl"]],
        temperature=flask.temperature,
        coverage=coverage,
        time=flask.time,
        frame=flask.time,
        wavelength=INSITU_WAVELENGTH,
        model=model,
        setup=setup,
    )


def _setup(parameters: Parameters) -> InSitu:
    centre = h * c / e / parameters["clusters.emission_wavelength"]
    return InSitu(exposure=EXPOSURE, cluster=ClusterBand(centre=centre))


class _Agent(NamedTuple):
    """Binding constant (m3/mol) and chain length of the resurfacing agent, zero where there is none."""

    binding: Float[Array, ""]
    chain: Float[Array, ""]


def _agent(parameters: Parameters) -> _Agent:
    name = parameters.structure.resurfacing_agent
    if name is None:
        return _Agent(jnp.zeros(()), jnp.zeros(()))
    return _Agent(parameters[f"{name}.binding_constant"], parameters[f"{name}.chain_length"])


@stored()
def _surface_shares(
    ligands: Ligands, agent: _Agent, species: Float[Array, "time species"]
) -> tuple[Float[Array, "time ligand"], Float[Array, " time"]]:
    """Share of the sites held by every acid, every amine and the agent (last), and the mean chain length of all."""
    acid, amine = (x / jnp.where(x.sum() > 0, x.sum(), 1.0) for x in (ligands.acid, ligands.amine))
    strength = jnp.concatenate([ligands.acid_binding, ligands.amine_binding, agent.binding[None]])
    carbons = jnp.concatenate([ligands.acid_chain, ligands.amine_chain, agent.chain[None]])

    def instant(species: Float[Array, " species"]) -> tuple[Array, Array]:
        free = [species[INDEX["HA"]] * acid, species[INDEX["B"]] * amine]
        zwitterion = sum((species[INDEX[name]] for name in AGENT), start=jnp.zeros(()))
        shares = langmuir_coverage(strength, jnp.maximum(jnp.concatenate([*free, zwitterion[None]]), 0.0))
        held = shares.sum()
        return shares, (shares @ carbons) / jnp.where(held > 0, held, 1.0)

    return jax.vmap(instant)(species)


def build_model(parameters: Parameters) -> DotModel:
    """Typed constants of the dots."""
    return DotModel(
        sizing=_sizing(parameters),
        temperature_shift=TemperatureShift(parameters["spectroscopy.temperature_shift"]),
        width=HomogeneousWidth(
            constant=parameters["spectroscopy.homogeneous_width_constant"],
            slope=parameters["spectroscopy.homogeneous_width_slope"],
            phonon_energy=parameters["spectroscopy.lo_phonon_energy"],
        ),
        cross_section=CrossSection(
            at_ten_nm=parameters["spectroscopy.cross_section"],
            exponent=parameters["spectroscopy.cross_section_exponent"],
            dark_edge=parameters["spectroscopy.dark_edge"],
        ),
        absorption=AbsorptionShape(),
        surface=Surface(
            site_density=parameters["surface.ligand_density"],
            trap_fraction=parameters["surface.trap_fraction"],
            trap_rate=parameters["surface.trap_rate"],
            radiative_rate=parameters["surface.radiative_rate"],
        ),
        diffraction=Diffraction(),
        scattering=Scattering(shell=parameters["spectroscopy.ligand_shell"]),
    )


def _sizing(parameters: Parameters) -> SizingCurve:
    """The sizing curve that the recipe names; one curve serves flask and device."""
    value = {
        key.partition(".")[2]: number for key, number in parameters.values.items() if key.startswith("spectroscopy.")
    }
    curves = {
        "S1": lambda: InverseSquare(bulk_limit=value["s1_bulk_limit"], coefficient=value["s1_coefficient"]),
        "S2": lambda: EffectiveMass(gap=value["s2_band_gap"]),
        "S3": lambda: CentreOfMass(
            value["s3_exciton_energy"], value["s3_translational_mass"] / electron_mass, value["s3_dead_layer"]
        ),
    }
    return curves[parameters.structure.sizing_curve]()


def observables(parameters: Parameters, results: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers of the stage under the names of the vocabulary."""
    result: NanocrystalResult = results["nanocrystal"]
    final, insitu, shape = result.dots, result.insitu, result.dots.shape
    record = {}
    if result.record is not None:
        record = {"record_time": result.record.time, "nanocrystal.trpl_record": result.record.signal}
    return record | {
        "time": insitu.time,
        "insitu_wavelength": insitu.wavelength,
        "wavelength": final.wavelength,
        "delay": final.decay_time,
        "nanocrystal.insitu_pl": insitu.intensity,
        "nanocrystal.insitu_peak": insitu.shape.peak,
        "nanocrystal.insitu_fwhm": insitu.shape.fwhm,
        "nanocrystal.insitu_cluster_pl": insitu.cluster_intensity,
        "nanocrystal.insitu_dot_pl": area(insitu.wavelength, insitu.dots),
        "nanocrystal.pl": final.pl,
        "nanocrystal.absorption": final.absorption,
        "nanocrystal.pl_peak": shape.peak,
        "nanocrystal.pl_fwhm": shape.fwhm,
        "nanocrystal.pl_fwhm_homogeneous": final.homogeneous_fwhm,
        "nanocrystal.pl_centroid": shape.centroid,
        "nanocrystal.plqy": final.plqy,
        "nanocrystal.decay": final.decay,
        "nanocrystal.lifetime_1e": final.lifetimes.one_over_e,
        "nanocrystal.lifetime_amplitude": final.lifetimes.amplitude,
        "nanocrystal.lifetime_intensity": final.lifetimes.intensity,
        "nanocrystal.zwitterion_coverage": result.zwitterion,
        "nanocrystal.ligand_coverage": result.coverage,
        "nanocrystal.traps_per_dot": final.traps,
        "nanocrystal.mean_edge": final.mean_edge,
        "nanocrystal.size_cv": final.edge_variation,
        "nanocrystal.xrd_breadth": final.diffraction_size,
        "nanocrystal.xrd_fwhm": angular_width(final.diffraction_fwhm, 1, result.model.diffraction),
        "nanocrystal.hydrodynamic_diameter": final.scattering.z_average,
        "nanocrystal.polydispersity": final.scattering.polydispersity,
    }


def warnings(parameters: Parameters, results: Mapping[str, Any]) -> list[str]:
    """What is out of range in this run."""
    final: Dots = results["nanocrystal"].dots
    if not float(final.brightness) > 0:
        return ["the flask holds no dots that emit: every number of this stage and of those after it is void"]
    if not bool(jnp.isfinite(final.shape.peak)):
        ends = f"{1e9 * float(WAVELENGTH[0]):.0f} to {1e9 * float(WAVELENGTH[-1]):.0f} nm"
        return [f"the PL of these dots lies outside {ends}: spectra of this stage and of those after it are void"]
    found = [f"sizes are read with curve {parameters.structure.sizing_curve}; without TEM they hold to about 1.5 nm"]
    if float(final.homogeneous_share) > 0.9:
        found.append(
            f"{float(final.homogeneous_share):.0%} of the PL width is homogeneous: it does not measure the size spread"
        )
    return found
