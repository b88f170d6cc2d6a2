"""The flask as a stage of the twin: from the recipe's parameters to the history of the flask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from peqled.parameters import Parameters
from peqled.synthesis.absorption import BandParameters, cluster_band_ratio, precursor_absorbance
from peqled.synthesis.clusters import ClusterParameters
from peqled.synthesis.crystal import MOLAR_MASS
from peqled.synthesis.equations import REPORTED_REACTIONS
from peqled.synthesis.flask import simulate_flask, times_until
from peqled.synthesis.history import MESSAGES, FlaskResult
from peqled.synthesis.injection import NEVER, Injection, Programme
from peqled.synthesis.kinetics import Kinetics
from peqled.synthesis.ligands import Ligands
from peqled.synthesis.network import ELEMENTS, INDEX, SPECIES
from peqled.synthesis.precursor import Flask
from peqled.synthesis.resurfacing import Resurfacing, no_resurfacing

PRECURSOR_ENERGY = jnp.linspace(2.6, 5.0, 481)
PRECURSOR_PATH = 1e-5
"""Optical path of the precursor's spectrum, m: the flask is too dense for a cuvette."""
STEPS = 4
"""Length to which temperature programmes are filled up."""
SIZE_TOLERANCE = 0.05
"""Relative change of the size CV between n/2 and n cells above which the width is flagged."""


class SynthesisResult(NamedTuple):
    """The flask, its ligands as typed parameters, and the final size CV with half the cells (NaN when not asked)."""

    flask: FlaskResult
    ligands: Ligands
    bands: BandParameters
    cv_coarse: Float[Array, ""]


def run(parameters: Parameters, results: Mapping[str, Any]) -> SynthesisResult:
    """Simulate the flask from injection to the end of the recipe's duration."""
    flask = build_flask(parameters)
    structure = parameters.structure
    times = jnp.asarray(times_until(structure.duration))
    rtol, largest = structure.tolerance, structure.largest_edge
    history = simulate_flask(flask, times, cells=structure.cells, rtol=rtol, largest=largest)
    coarse = jnp.asarray(jnp.nan)
    if structure.error_checks:
        coarse = simulate_flask(flask, times, cells=structure.cells // 2, rtol=rtol, largest=largest).cv[-1]
    return SynthesisResult(history, flask.ligands, precursor_bands(parameters), coarse)


def build_flask(parameters: Parameters) -> Flask:
    """Typed parameters of the flask. Acids of the recipe are what the precursor holds; Cs-oleate adds one per Cs."""
    return Flask(
        ligands=_ligands(parameters),
        lead=parameters["flask.lead_bromide"],
        caesium=parameters["flask.cesium"],
        ammonium_bromide=sum(
            (parameters[f"{name}.hydrobromide"] for name in parameters.structure.ammonium_bromides), start=jnp.zeros(())
        ),
        temperature=parameters["flask.temperature"],
        kinetics=_kinetics(parameters),
        clusters=ClusterParameters(
            threshold=parameters["clusters.threshold"],
            cooperativity=parameters["clusters.cooperativity"],
            salt_intercept=parameters["clusters.salt_intercept"],
            salt_slope=parameters["clusters.salt_slope"],
            salt_power=parameters["clusters.salt_power"],
        ),
        polar_share=parameters["flask.polar_share"],
        injection=_injection(parameters),
        resurfacing=_resurfacing(parameters),
        hypothesis=parameters.structure.hypothesis,
        collisions=parameters.structure.collisions,
    )


def _ligands(parameters: Parameters) -> Ligands:
    structure = parameters.structure
    acids = structure.acids if structure.cesium_acid in structure.acids else (*structure.acids, structure.cesium_acid)
    carried = jnp.array([name == structure.cesium_acid for name in acids], dtype=float) * parameters["flask.cesium"]
    placed = jnp.stack([parameters.values.get(f"{name}.amount", jnp.zeros(())) for name in acids])
    total = placed + carried

    def column(names: tuple[str, ...], quantity: str) -> Float[Array, " ligand"]:
        return jnp.stack([parameters[f"{name}.{quantity}"] for name in names])

    amines = tuple(dict.fromkeys((*structure.amines, *structure.ammonium_bromides)))
    free, salt = (
        jnp.stack([parameters.values.get(f"{name}.{kind}", jnp.zeros(())) for name in amines])
        for kind in ("amount", "hydrobromide")
    )
    return Ligands(
        acid=total,
        amine=free + salt,
        pka=column(acids, "pka_apparent"),
        pkbh=column(amines, "pka_apparent"),
        acid_chain=column(acids, "chain_length"),
        amine_chain=column(amines, "chain_length"),
        acid_binding=column(acids, "binding_constant"),
        amine_binding=column(amines, "binding_constant"),
        injected_share=carried / jnp.where(total > 0, total, 1.0),
        cluster_energy=column(acids, "cluster_energy")[:, None] + column(amines, "cluster_energy")[None, :],
    )


def _injection(parameters: Parameters) -> Injection:
    steps = parameters.structure.temperature_steps
    idle = max(-(-steps // STEPS), 1) * STEPS - steps  # steps that never come: one program serves all short programmes

    def column(quantity: str, fill: float) -> Float[Array, " step"]:
        return jnp.array([*(parameters[f"step.{i}.{quantity}"] for i in range(steps)), *[fill] * idle])

    return Injection(
        mixing_time=parameters["flask.mixing_time"],
        addition_time=parameters["flask.addition_time"],
        cooling=parameters["flask.injection_cooling"],
        recovery_time=parameters["flask.recovery_time"],
        programme=Programme(column("time", NEVER), column("temperature", 298.0), column("constant", 1.0)),
    )


def _kinetics(parameters: Parameters) -> Kinetics:
    return Kinetics(
        log_pair=parameters["speciation.log10_ion_pair_constant"],
        log_k1=parameters["speciation.log10_k1"],
        log_k2=parameters["speciation.log10_k2"],
        transfer=parameters["speciation.acid_strength_transfer"],
        pka_ref=parameters["oleic-acid.pka_apparent"],
        pkbh_ref=parameters["oleylamine.pka_apparent"],
        log_k8=parameters["speciation.log10_k8"],
        lead_solubility=parameters["speciation.lead_solubility"],
        relaxation=parameters["speciation.relaxation_rate"],
        cluster_relaxation=parameters["clusters.relaxation_rate"],
        monomer_rate=parameters["growth.monomer_rate"],
        cluster_rate=parameters["growth.cluster_rate"],
        etching=parameters["growth.etching_rate"],
        nucleus_units=parameters["clusters.units_per_nucleus"],
        log_prefactor=parameters["nucleation.log_prefactor"],
        surface_energy=parameters["nucleation.interfacial_energy"],
        bromide_binding=parameters["nucleation.bromide_binding"],
        flat_solubility=parameters["growth.solubility"],
        attachment=parameters["growth.attachment"],
        size_exponent=parameters["growth.attachment_exponent"],
        diffusivity=parameters["growth.diffusivity"],
        preferred_edge=parameters["growth.digestive_edge"],
        aggregation=parameters["aggregation.kernel"],
        stability=parameters["aggregation.stability_ratio"],
        viscosity=parameters["flask.solvent_viscosity"],
        viscosity_energy=parameters["flask.viscosity_activation_energy"],
        reaction_energy=parameters["growth.reaction_activation_energy"],
        attachment_energy=parameters["growth.attachment_activation_energy"],
        polar_rate=parameters["growth.polar_rate"],
        polar_attachment=parameters["growth.polar_attachment"],
        polar_energy=parameters["growth.polar_activation_energy"],
        etching_energy=parameters["growth.etching_activation_energy"],
        solution_enthalpy=parameters["growth.solution_enthalpy"],
        pair_enthalpy=parameters["speciation.pair_enthalpy"],
        plumbate_enthalpy=parameters["speciation.plumbate_enthalpy"],
        bromide_enthalpy=parameters["speciation.bromide_enthalpy"],
        cluster_enthalpy=parameters["clusters.cluster_enthalpy"],
        exchange=parameters["resurfacing.exchange_constant"],
    )


def _resurfacing(parameters: Parameters) -> Resurfacing:
    agent = parameters.structure.resurfacing_agent
    if agent is None:
        return no_resurfacing()
    return Resurfacing(
        time=parameters["resurfacing.time"],
        amount=parameters["resurfacing.amount"],
        attachment_factor=parameters["resurfacing.attachment_factor"],
        solubility_factor=parameters["resurfacing.solubility_factor"],
        aggregation_factor=parameters["resurfacing.aggregation_factor"],
        binding=parameters[f"{agent}.binding_constant"],
        coverage_power=parameters["resurfacing.coverage_power"],
        quaternary=float(parameters.structure.quaternary_agent),
    )


def precursor_bands(parameters: Parameters) -> BandParameters:
    """Typed constants of the precursor's absorption."""
    return BandParameters(
        lead_energy=parameters["clusters.precursor_absorption_energy"],
        lead_width=parameters["clusters.precursor_band_width"],
        cluster_energy=parameters["clusters.absorption_energy"],
        cluster_width=parameters["clusters.band_width"],
        cluster_ratio=parameters["clusters.absorptivity_ratio"],
    )


def observables(parameters: Parameters, results: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers of the stage under the names of the vocabulary."""
    result: SynthesisResult = results["synthesis"]
    flask = result.flask
    lead = parameters["flask.lead_bromide"]
    return {
        "time": flask.time,
        "edge": flask.edge,
        "species": np.array(SPECIES),
        "element": np.array(ELEMENTS),
        "energy": PRECURSOR_ENERGY,
        "synthesis.precursor_absorbance": precursor_absorbance(flask.precursor, PRECURSOR_ENERGY, bands=result.bands),
        "synthesis.cluster_band_ratio": cluster_band_ratio(flask.precursor, result.bands),
        "synthesis.cluster_share": flask.precursor.species[INDEX["Cl"]] / jnp.where(lead > 0, lead, 1.0),
        "synthesis.species_concentration": flask.species,
        "reaction": np.array(REPORTED_REACTIONS),
        "synthesis.reaction_rate": flask.reaction_rate,
        "synthesis.temperature": flask.temperature,
        "synthesis.supersaturation": flask.supersaturation,
        "synthesis.nucleation_rate": flask.nucleation_rate,
        "synthesis.size_distribution": flask.number / cast(Array, jnp.gradient(flask.edge)),  # of one axis: no list
        "synthesis.particle_number": flask.number.sum(axis=1),
        "synthesis.nuclei_monomer": flask.monomer_nuclei,
        "synthesis.nuclei_cluster": flask.cluster_nuclei,
        "synthesis.mean_edge": flask.mean_edge,
        "synthesis.size_cv": flask.cv,
        "synthesis.size_cv_coarse": result.cv_coarse,
        "synthesis.yield_cs": flask.caesium_yield,
        "synthesis.yield_pb": flask.lead_yield,
        "synthesis.product_mass": flask.solid * MOLAR_MASS,
        "synthesis.balance_error": flask.balance_error,
    }


def warnings(parameters: Parameters, results: Mapping[str, Any]) -> list[str]:
    """What is out of range in this run."""
    result: SynthesisResult = results["synthesis"]
    found = [] if int(result.flask.status) == 0 else [MESSAGES[int(result.flask.status)]]
    fine, coarse = float(result.flask.cv[-1]), float(result.cv_coarse)
    if abs(coarse - fine) > SIZE_TOLERANCE * fine:
        found.append(f"size CV changes from {coarse:.3f} to {fine:.3f} when the cells double: use more cells")
    found.append(
        f"cluster hypothesis '{parameters.structure.hypothesis}' in use: the paper's data can't tell the three apart"
    )
    return found
