"""Acids and amines, and how well each pair of them holds together as a salt."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float


class Ligands(eqx.Module):
    """Every acid and amine of a flask. Amounts are totals after injection, acid including that bound as Cs carboxylate.

    acid, amine : amounts (mol/m3 of final volume)
    pka, pkbh : apparent pKa of the acid, pKa of the ammonium (1)
    acid_chain, amine_chain : carbon atoms (1)
    acid_binding, amine_binding : Langmuir constants on the dot surface (m3/mol)
    injected_share : share of each acid that arrives with the caesium solution (1)
    cluster_energy : ΔΔG of the cluster threshold for each pair, hypothesis H3 (J/mol)
    """

    acid: Float[Array, " acid"]
    amine: Float[Array, " amine"]
    pka: Float[Array, " acid"]
    pkbh: Float[Array, " amine"]
    acid_chain: Float[Array, " acid"]
    amine_chain: Float[Array, " amine"]
    acid_binding: Float[Array, " acid"]
    amine_binding: Float[Array, " amine"]
    injected_share: Float[Array, " acid"]
    cluster_energy: Float[Array, "acid amine"]


def pair_stability(
    pka: Float[Array, " acid"],
    pkbh: Float[Array, " amine"],
    *,
    transfer: float | Array,
    pka_ref: float | Array,
    pkbh_ref: float | Array,
) -> Float[Array, "acid amine"]:
    """Ion-pair stability relative to the reference pair, s_ij (1).

    log10 s_ij = α [(pKa_ref - pKa_i) + (pKBH_j - pKBH_ref)]: a stronger acid or a stronger base gives up or takes the
    proton more readily, and the share α of that free energy ends in the pair. A linear free-energy relation, as
    Brønsted's (10.1021/cr60016a001 reviews it); α is fitted, not measured.
    """
    return 10 ** (transfer * ((pka_ref - pka)[:, None] + (pkbh - pkbh_ref)[None, :]))


def mean_chain(ligands: Ligands) -> Float[Array, ""]:
    """Mole mean of the carbon number over all acids and amines (1)."""
    amounts = jnp.concatenate([ligands.acid, ligands.amine])
    chains = jnp.concatenate([ligands.acid_chain, ligands.amine_chain])
    return amounts @ chains / jnp.maximum(jnp.sum(amounts), 1e-12)


def mean_cluster_energy(ligands: Ligands) -> Float[Array, ""]:
    """Mean of ΔΔG over all pairs, each weighted with the product of its amounts (J/mol)."""
    weight = ligands.acid[:, None] * ligands.amine[None, :]
    return jnp.sum(weight * ligands.cluster_energy) / jnp.maximum(jnp.sum(weight), 1e-12)
