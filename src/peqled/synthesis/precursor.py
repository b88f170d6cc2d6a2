"""What goes into a flask, and its state when the caesium arrives: who is where, and the precursor at rest."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.synthesis.absorption import Precursor
from peqled.synthesis.clusters import ClusterLaw, ClusterParameters, cluster_law
from peqled.synthesis.injection import Injection
from peqled.synthesis.kinetics import Kinetics, MixtureConstants, arrhenius
from peqled.synthesis.ligands import Ligands, pair_stability
from peqled.synthesis.network import SPECIES
from peqled.synthesis.resurfacing import Resurfacing
from peqled.synthesis.speciation import Equilibrium, EquilibriumConstants, equilibrium


class Flask(eqx.Module):
    """What goes into the flask and the constants it obeys (SI). Amounts are totals after injection, mol/m3.

    lead : PbBr2; caesium : Cs as carboxylate; temperature : of the bath (K)
    ammonium_bromide : in the precursor, such as oleylammonium bromide; its amine is counted among the amines too
    polar_share : volume share of polar solvent, such as DMF (1)
    hypothesis : one of `clusters.HYPOTHESES`; collisions : one of `aggregation.COLLISIONS`
    """

    ligands: Ligands
    lead: float | Array = 29.0
    caesium: float | Array = 9.4
    ammonium_bromide: float | Array = 0.0
    polar_share: float | Array = 0.0
    temperature: float | Array = 443.0
    kinetics: Kinetics = Kinetics()
    clusters: ClusterParameters = ClusterParameters()
    injection: Injection = Injection()
    resurfacing: Resurfacing = Resurfacing()
    hypothesis: str = eqx.field(static=True, default="acid-strength")
    collisions: str = eqx.field(static=True, default="constant")


class Portions(eqx.Module):
    """Amounts at the moment of injection (mol/m3), per acid where it is an acid."""

    precursor_acid: Float[Array, " acid"]
    unmixed_acid: Array
    caesium: Array


def portions_of(flask: Flask) -> Portions:
    """Who is where: one acid per Cs is bound as carboxylate, taken from the injected acid first, then from the rest."""
    acid = flask.ligands.acid
    total, injected = jnp.sum(acid), jnp.sum(acid * flask.ligands.injected_share)
    caesium = jnp.minimum(jnp.asarray(flask.caesium, float), total)
    stays = acid * (1 - flask.ligands.injected_share)
    left = total - jnp.maximum(injected, caesium)
    scale = left / jnp.where(total - injected > 0, total - injected, 1.0)
    return Portions(stays * scale, jnp.maximum(injected - caesium, 0.0), caesium)


def _equilibrium_constants(flask: Flask) -> EquilibriumConstants:
    k = flask.kinetics
    transfer = k.transfer if flask.hypothesis == "acid-strength" else 0.0
    stability = pair_stability(
        flask.ligands.pka, flask.ligands.pkbh, transfer=transfer, pka_ref=k.pka_ref, pkbh_ref=k.pkbh_ref
    )
    pair = 10**k.log_pair * arrhenius(k.pair_enthalpy, flask.temperature)
    both = arrhenius(k.plumbate_enthalpy, flask.temperature)
    kappa_1, kappa_2 = (10 ** (x + k.log_pair) * both for x in (k.log_k1, k.log_k2))
    k8 = 10**k.log_k8 * arrhenius(k.bromide_enthalpy, flask.temperature)
    return EquilibriumConstants(pair * stability, kappa_1, kappa_2, jnp.asarray(k.lead_solubility, float), k8)


def _with_acid(ligands: Ligands, acid: Array) -> Ligands:
    return eqx.tree_at(lambda x: x.acid, ligands, acid)


def at_rest(flask: Flask, acid: Array) -> Equilibrium:
    ligands = _with_acid(flask.ligands, acid)
    constants = _equilibrium_constants(flask)
    return equilibrium(
        jnp.asarray(flask.lead, float),
        acid,
        ligands.amine,
        constants,
        _cluster_law(flask, ligands),
        bromide=flask.ammonium_bromide,
    )


def _cluster_law(flask: Flask, ligands: Ligands) -> ClusterLaw:
    """The law at the temperature of the bath."""
    enthalpy = flask.kinetics.cluster_enthalpy
    threshold = flask.clusters.threshold * arrhenius(enthalpy, flask.temperature)
    clusters = eqx.tree_at(lambda c: c.threshold, flask.clusters, threshold)
    return cluster_law(clusters, ligands, hypothesis=flask.hypothesis, temperature=flask.temperature)


def mixture_of(flask: Flask, pair_constant: Array) -> MixtureConstants:
    """Lumped constants after mixing: K_1 and K_2 fall as K_ip rises, since only the ion pair's free energy moves."""
    k = flask.kinetics
    pair = pair_constant / arrhenius(k.pair_enthalpy, flask.temperature)
    k1, k2 = (10 ** (x + k.log_pair) / pair for x in (k.log_k1, k.log_k2))
    return MixtureConstants(pair, k1, k2, _cluster_law(flask, flask.ligands))


def initial_species(rest: Equilibrium, start: Portions, slow: Array) -> Float[Array, " species"]:
    """At t = 0 the injected solution is an un-mixed pool, or still in its syringe where the addition is `slow`."""
    amounts = {
        "PbBr2": rest.lead_bromide,
        "HA": jnp.sum(rest.acid),
        "B": jnp.sum(rest.amine),
        "BHA": jnp.sum(rest.pair),
        "BHPbBr3": rest.bromoplumbate,
        "PbBrA": rest.lead_bromide_carboxylate,
        "PbA2": rest.lead_carboxylate,
        "Cl": rest.cluster,
        "BHBr": rest.ammonium_bromide,
        "PbBr2(s)": rest.undissolved,
        "CsA(unmixed)": jnp.where(slow, 0.0, start.caesium),
        "HA(unmixed)": jnp.where(slow, 0.0, start.unmixed_acid),
        "CsA(syringe)": jnp.where(slow, start.caesium, 0.0),
        "HA(syringe)": jnp.where(slow, start.unmixed_acid, 0.0),
    }
    return jnp.stack([jnp.asarray(amounts.get(name, 0.0), float) for name in SPECIES])


def precursor_of(flask: Flask) -> Precursor:
    """Equilibrium of lead bromide with the ligands that are in the flask before the caesium arrives."""
    return as_precursor(at_rest(flask, portions_of(flask).precursor_acid))


def as_precursor(rest: Equilibrium) -> Precursor:
    alone = initial_species(rest, Portions(rest.acid, jnp.zeros(()), jnp.zeros(())), jnp.array(False))
    return Precursor(alone, rest.pair_constant, rest.undissolved, rest.residual)
