"""Equilibrium of lead bromide with any mixture of acids and amines, before caesium arrives (R0-R3, R8).

Unknowns are the logarithms of free PbBr2 (p), of x = c_BHPbBr3/c_B, and of every free acid a_i and amine b_j. All other
concentrations are products of these, with κ1 = K_1 K_ip and κ2 = K_2 K_ip, which no ligand changes because only the
free energy of the ion pair moves:

    BHA_ij = K_ij a_i b_j,   BHPbBr3 = x b,   PbBrA = κ1 p² a/x,   PbA2 = κ1 κ2 p³ a²/x²      (a = Σ a_i, b = Σ b_j).

and BHBr = x b/(K_8 p). Balances of Pb, of each acid and each amine, and of charge close the system, the last with the
ammonium bromide h that was put in: BHPbBr3 + Cl + BHBr = PbBrA + 2 PbA2 + h. Newton in the logarithms from several
starts solves it. Where free PbBr2 would exceed its solubility, p is held there and the rest
is reported as undissolved.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.synthesis.clusters import ClusterLaw

TRACE = 1e-12  # mol/m3: stands in for a species that is absent, so that its logarithm exists
TINY = 1e-300
NEWTON_STEPS = 80


class EquilibriumConstants(eqx.Module):
    """K_ip of every pair and K_8 (m3/mol), κ1 = K_1 K_ip and κ2 = K_2 K_ip (m6/mol2), solubility of PbBr2 (mol/m3)."""

    pair: Float[Array, "acid amine"]
    kappa_1: Float[Array, ""]
    kappa_2: Float[Array, ""]
    lead_solubility: Float[Array, ""]
    k8: float | Array = 1e4


class Equilibrium(NamedTuple):
    """Concentrations at rest (mol/m3), the lumped K_ip of the mixture (m3/mol) and the largest relative residual."""

    lead_bromide: Array
    acid: Float[Array, " acid"]
    amine: Float[Array, " amine"]
    pair: Float[Array, "acid amine"]
    bromoplumbate: Array
    lead_bromide_carboxylate: Array
    lead_carboxylate: Array
    cluster: Array
    ammonium_bromide: Array
    undissolved: Array
    pair_constant: Array
    residual: Array


def _composition(u: Array, constants: EquilibriumConstants, law: ClusterLaw, acids: int) -> Equilibrium:
    p, x, a, b = jnp.exp(u[0]), jnp.exp(u[1]), jnp.exp(u[2 : 2 + acids]), jnp.exp(u[2 + acids :])
    a_all, b_all = jnp.sum(a), jnp.sum(b)
    pair = constants.pair * a[:, None] * b[None, :]
    plumbate = x * b_all
    mono = constants.kappa_1 * p**2 * a_all / x
    cluster = law.concentration(plumbate, jnp.sum(pair) + plumbate)
    lumped = jnp.sum(pair) / (a_all * b_all)
    zero = jnp.zeros(())
    double = constants.kappa_2 * p * a_all * mono / x
    bromide = plumbate / (constants.k8 * p)
    return Equilibrium(p, a, b, pair, plumbate, mono, double, cluster, bromide, zero, lumped, zero)


class _Totals(NamedTuple):
    lead: Array
    acid: Array
    amine: Array
    bromide: Array


def _residual(u: Array, totals: _Totals, constants: EquilibriumConstants, law: ClusterLaw, saturated: Array) -> Array:
    c = _composition(u, constants, law, totals.acid.shape[0])
    bound = c.lead_bromide_carboxylate + 2 * c.lead_carboxylate
    plumbate = c.bromoplumbate + c.cluster
    lead = c.lead_bromide + plumbate + c.lead_bromide_carboxylate + c.lead_carboxylate
    acid = c.acid * (1 + bound / jnp.sum(c.acid)) + jnp.sum(c.pair, axis=1)
    anions = plumbate + c.ammonium_bromide
    amine = c.amine * (1 + anions / jnp.sum(c.amine)) + jnp.sum(c.pair, axis=0)
    lead_row = jnp.where(saturated, u[0] - jnp.log(constants.lead_solubility), jnp.log(lead / totals.lead))
    charge = jnp.log(anions + TINY) - jnp.log(bound + totals.bromide + TINY)
    return jnp.concatenate([jnp.stack([lead_row, charge]), jnp.log(acid / totals.acid), jnp.log(amine / totals.amine)])


def _newton(u: Array, residual, steps: int) -> Array:
    """Newton in logarithms, each step cut to four e-folds and halved while the residual grows."""

    def step(_, u: Array) -> Array:
        r = residual(u)
        move = jnp.clip(jnp.linalg.solve(jax.jacfwd(residual)(u), -r), -4.0, 4.0)
        move = jnp.where(jnp.all(jnp.isfinite(move)), move, 0.1)
        trials = u + move * 0.5 ** jnp.arange(5)[:, None]
        size = jax.vmap(lambda v: jnp.linalg.norm(residual(v)))(trials)
        return trials[jnp.argmin(jnp.where(jnp.isfinite(size), size, jnp.inf))]

    return jax.lax.fori_loop(0, steps, step, u)


def _ion_pairs(totals: _Totals, constants: EquilibriumConstants) -> tuple[Array, Array]:
    """Free acids and amines of the salt alone, with the mean pair constant (quadratic)."""
    acid, amine = jnp.sum(totals.acid), jnp.sum(totals.amine)
    k = totals.acid @ constants.pair @ totals.amine / (acid * amine)
    half = 0.5 * (1 + k * (amine - acid))
    root = jnp.sqrt(half**2 + k * acid)
    free = jnp.where(half > 0, acid / (half + root), (root - half) / k)
    return totals.acid * free / acid, totals.amine / (1 + k * free)


def _starts(totals: _Totals, constants: EquilibriumConstants) -> Float[Array, "start unknown"]:
    """Ion pairs as if alone, several shares of free PbBr2, x from charge balance and never above all lead.

    The last start is a trace of lead, all of it carboxylate with its bromide as ammonium bromide.
    """
    a, b = _ion_pairs(totals, constants)
    a_all, b_all = jnp.sum(a), jnp.sum(b)

    def start(share: Array) -> Array:
        p = share * jnp.minimum(totals.lead, constants.lead_solubility)
        mono = p * jnp.sqrt(constants.kappa_1 * a_all / b_all)
        double = (2 * constants.kappa_1 * constants.kappa_2 * p**3 * a_all**2 / b_all) ** (1 / 3)
        fed = jnp.minimum(totals.bromide, 0.5 * totals.lead) / b_all
        x = jnp.maximum(jnp.minimum(jnp.maximum(mono, double), 0.4 * totals.lead / b_all), fed)
        return jnp.concatenate([jnp.log(jnp.stack([p, x])), jnp.log(a), jnp.log(b)])

    bromide = 2 * totals.lead + totals.bromide
    free = totals.lead * (constants.k8 * bromide / (a_all * b_all)) ** 2 / (constants.kappa_1 * constants.kappa_2)
    p = jnp.minimum(free, totals.lead)
    dilute = jnp.concatenate([jnp.log(jnp.stack([p, constants.k8 * p * bromide / b_all])), jnp.log(a), jnp.log(b)])
    return jnp.concatenate([jax.vmap(start)(jnp.array([0.9, 0.3, 0.03, 1e-3])), dilute[None]])


def _solve(totals: _Totals, constants: EquilibriumConstants, law: ClusterLaw, saturated: Array) -> tuple[Array, Array]:
    fixed = jax.lax.stop_gradient((totals, constants, law))
    found = jax.vmap(lambda u: _newton(u, lambda v: _residual(v, *fixed, saturated), NEWTON_STEPS))(_starts(*fixed[:2]))
    size = jax.vmap(lambda u: jnp.max(jnp.abs(_residual(u, *fixed, saturated))))(found)
    best = found[jnp.argmin(jnp.where(jnp.isfinite(size), size, jnp.inf))]
    # One more step with the parameters live: its derivative is the implicit one at the root.
    matrix = jax.jacfwd(lambda v: _residual(v, *fixed, saturated))(best)
    u = best - jnp.linalg.solve(matrix, _residual(best, totals, constants, law, saturated))
    return u, jnp.max(jnp.abs(_residual(u, totals, constants, law, saturated)))


@jax.jit
def equilibrium(
    lead: Array,
    acid: Float[Array, " acid"],
    amine: Float[Array, " amine"],
    constants: EquilibriumConstants,
    law: ClusterLaw,
    *,
    bromide: float | Array = 0.0,
) -> Equilibrium:
    """Speciation of `lead` PbBr2 with acids and amines (totals, mol/m3), `bromide` of it put in as ammonium bromide."""
    lead, acid, amine = (jnp.maximum(jnp.asarray(x, float), TRACE) for x in (lead, acid, amine))
    totals = _Totals(lead, acid, amine, jnp.asarray(bromide, float))
    both, residuals = jax.vmap(lambda flag: _solve(totals, constants, law, flag))(jnp.array([False, True]))
    saturated = jnp.exp(both[0, 0]) > constants.lead_solubility
    found = _composition(both[saturated.astype(int)], constants, law, totals.acid.shape[0])
    dissolved = found.lead_bromide + found.bromoplumbate + found.cluster
    dissolved = dissolved + found.lead_bromide_carboxylate + found.lead_carboxylate
    return found._replace(
        undissolved=jnp.where(saturated, jnp.maximum(totals.lead - dissolved, 0.0), 0.0),
        residual=residuals[saturated.astype(int)],
    )
