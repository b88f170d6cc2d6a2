"""Rate constants of the flask and the rates of the reactions among dissolved species (R0-R5, R7, R8, R11)."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.synthesis.clusters import ClusterLaw
from peqled.synthesis.crystal import GAS_CONSTANT, REFERENCE_TEMPERATURE
from peqled.synthesis.network import INDEX

TRACE = 1e-12  # mol/m3, keeps the normalisers of an empty flask off zero


class Kinetics(eqx.Module):
    """Constants at 443 K. None is measured: tuned to the statements of 10.1002/advs.202304696, or engineering defaults.

    log_pair : log10 K_ip of the reference pair (m3/mol); log_k1, log_k2 : log10 of K_1, K_2 there (m3/mol)
    transfer : α of the pair stability (1); pka_ref, pkbh_ref : the reference pair, oleic acid/oleylamine (1)
    lead_solubility : free PbBr2 that stays dissolved (mol/m3)
    relaxation, cluster_relaxation : rates of the fast steps R0-R2, R7, R8 and of R3 (1/s)
    monomer_rate, cluster_rate : k_2 of R4 and k_34 of R5 (m3/mol/s); etching : reverse of R4 (m3/mol/s)
    exchange : K of R7 and of R11 (1); log_k8 : log10 K_8 of R8 (m3/mol)
    nucleus_units : formula units per cluster-born nucleus (1)
    log_prefactor : ln A of nucleation, 1/(m3 s) per mol/m3; surface_energy : γ of the bare surface (J/m2)
    bromide_binding : Langmuir constant of ammonium bromide on the surface, which lowers γ (m3/mol)
    flat_solubility : C∞ (mol/m3); attachment : k_r at 5 nm (m/s); size_exponent : p (1); diffusivity : D (m2/s)
    preferred_edge : L_d of digestive ripening (m); aggregation : β (m3/s) of the constant kernel
    stability, viscosity, viscosity_energy : of the Brownian kernel: W (1), η at 443 K (Pa s) and its activation energy
        (J/mol)
    reaction_energy, attachment_energy : activation energies of k_2, k_34 and of k_r (J/mol)
    polar_rate, polar_attachment, polar_energy : k_p (m3/mol/s) and k_p,r (m/s) per volume share of polar solvent, and
        their activation energy (J/mol)
    etching_energy : activation energy of the reverse of R4 (J/mol)
    solution_enthalpy, pair_enthalpy, plumbate_enthalpy, bromide_enthalpy, cluster_enthalpy : van 't Hoff enthalpies of
        C∞, of K_ip, of K_1 K_ip and K_2 K_ip, of K_8, and of the threshold c* (J/mol); zero where nothing is known
    """

    log_pair: float | Array = 0.6
    log_k1: float | Array = -1.7
    log_k2: float | Array = -1.2
    transfer: float | Array = 0.755
    pka_ref: float | Array = 9.85
    pkbh_ref: float | Array = 10.6
    lead_solubility: float | Array = 25.0
    relaxation: float | Array = 50.0
    cluster_relaxation: float | Array = 50.0
    monomer_rate: float | Array = 1.96
    cluster_rate: float | Array = 1.49
    etching: float | Array = 0.0
    exchange: float | Array = 1.0
    log_k8: float | Array = 4.0
    nucleus_units: float | Array = 78.0
    log_prefactor: float | Array = 56.8
    surface_energy: float | Array = 0.039
    bromide_binding: float | Array = 0.0
    flat_solubility: float | Array = 0.0033
    attachment: float | Array = 7.5e-5
    size_exponent: float | Array = 1.0
    diffusivity: float | Array = 1e-9
    preferred_edge: float | Array = 1e-3
    aggregation: float | Array = 5e-24
    stability: float | Array = 5.4e6
    viscosity: float | Array = 6e-4
    viscosity_energy: float | Array = 14e3
    reaction_energy: float | Array = 60e3
    attachment_energy: float | Array = 60e3
    polar_rate: float | Array = 0.0
    polar_attachment: float | Array = 0.0
    polar_energy: float | Array = 15e3
    etching_energy: float | Array = 60e3
    solution_enthalpy: float | Array = 40e3
    pair_enthalpy: float | Array = 0.0
    plumbate_enthalpy: float | Array = 0.0
    bromide_enthalpy: float | Array = 0.0
    cluster_enthalpy: float | Array = 0.0


class MixtureConstants(eqx.Module):
    """Lumped constants of one ligand mixture at 443 K (m3/mol): K_ip, K_1, K_2; and the cluster law of the bath."""

    pair: Float[Array, ""]
    k1: Float[Array, ""]
    k2: Float[Array, ""]
    clusters: ClusterLaw

    def at(self, temperature: Float[Array, ""], kinetics: "Kinetics") -> "MixtureConstants":
        """The same mixture at another temperature (K): K_1 and K_2 are those of K K_ip over that of K_ip."""
        pair = arrhenius(kinetics.pair_enthalpy, temperature)
        both = arrhenius(kinetics.plumbate_enthalpy, temperature)
        return MixtureConstants(self.pair * pair, self.k1 * both / pair, self.k2 * both / pair, self.clusters)


def arrhenius(energy: float | Array, temperature: float | Float[Array, "..."]) -> Float[Array, "..."]:
    """k(T)/k(443 K) = exp[-(E/R)(1/T - 1/443 K)] for E in J/mol; van 't Hoff's K(T)/K(443 K) with an enthalpy."""
    return jnp.exp(-energy / GAS_CONSTANT * (1 / temperature - 1 / REFERENCE_TEMPERATURE))


def reaction_rates(
    species: Float[Array, " species"],
    temperature: Float[Array, ""],
    *,
    kinetics: Kinetics,
    mixture: MixtureConstants,
    nucleus_solubility: float | Array = 0.0,
    polar_share: float | Array = 0.0,
) -> tuple[Float[Array, " reaction"], Float[Array, ""]]:
    """Rates of R0-R4, R7, R8, R11 (order of `DISSOLVED_REACTIONS`) and of R5, in mol/(m3 s).

    Fast reversible steps relax as k_f (K Π reactants - Π products)/(derivative of that difference along the reaction),
    so each decays at k_f and rests exactly at its equilibrium, whatever k_f is. R5 stops where its nucleus would be
    unstable: c_CsA falls below (k_-4/k_2) c_eq c_BHA/c_X, with the nucleus' own solubility c_eq (mol/m3), which closes
    the cycle R3, R4, R6, R5. Ions of a polar solvent of volume share φ meet without the barrier of the ion pairs:
    k_2 and k_34 rise by k_p φ each.
    """
    c = {name: species[i] for name, i in INDEX.items()}
    heat = arrhenius(kinetics.reaction_energy, temperature)
    free = kinetics.polar_rate * arrhenius(kinetics.polar_energy, temperature) * polar_share
    forward = kinetics.monomer_rate * heat + free
    mixture = mixture.at(temperature, kinetics)
    k8 = 10**kinetics.log_k8 * arrhenius(kinetics.bromide_enthalpy, temperature)
    back = kinetics.etching * arrhenius(kinetics.etching_energy, temperature)
    monomer = forward * c["BHPbBr3"] * c["CsA"] - back * c["M"] * c["BHA"]
    unbound = back * nucleus_solubility * c["BHA"] / (forward * _positive(c["BHPbBr3"]) + TRACE)
    rates = jnp.stack(
        [
            kinetics.relaxation * _ion_pair(c, mixture.pair),
            kinetics.relaxation * _first_plumbate(c, mixture.k1),
            kinetics.relaxation * _second_plumbate(c, mixture.k2),
            kinetics.cluster_relaxation * _cluster(c, mixture.clusters),
            monomer,
            kinetics.relaxation * _exchange(c, kinetics.exchange),
            kinetics.relaxation * _bromide_uptake(c, k8),
            kinetics.relaxation * _metathesis(c, kinetics.exchange),
        ]
    )
    return rates, (kinetics.cluster_rate * heat + free) * c["Cl"] * _positive(c["CsA"] - unbound)


def _positive(value: Array) -> Array:
    return jnp.maximum(value, 0.0)


def _ion_pair(c: dict[str, Array], k: Array) -> Array:
    return (k * c["HA"] * c["B"] - c["BHA"]) / (1 + k * _positive(c["HA"] + c["B"]))


def _first_plumbate(c: dict[str, Array], k: Array) -> Array:
    p, pair, x, mono = c["PbBr2"], c["BHA"], c["BHPbBr3"], c["PbBrA"]
    slope = k * (4 * p * pair + p**2) + x + mono
    return (k * p**2 * pair - x * mono) / (_positive(slope) + TRACE)


def _second_plumbate(c: dict[str, Array], k: Array) -> Array:
    p, pair, x, mono, double = c["PbBr2"], c["BHA"], c["BHPbBr3"], c["PbBrA"], c["PbA2"]
    slope = k * (mono * pair + p * pair + p * mono) + x + double
    return (k * p * mono * pair - x * double) / (_positive(slope) + TRACE)


def _cluster(c: dict[str, Array], law: ClusterLaw) -> Array:
    x, salt = c["BHPbBr3"], c["BHA"] + c["BHPbBr3"]
    return (law.concentration(x, salt) - c["Cl"]) / (1 + law.slope(x, salt))


def _exchange(c: dict[str, Array], k: float | Array) -> Array:
    difference = k * c["ZHBr"] * c["B"] - c["Z"] * c["BHBr"]
    return difference / (_positive(k * (c["ZHBr"] + c["B"]) + c["Z"] + c["BHBr"]) + TRACE)


def _metathesis(c: dict[str, Array], k: float | Array) -> Array:
    difference = k * c["ZBr"] * c["BHA"] - c["ZA"] * c["BHBr"]
    return difference / (_positive(k * (c["ZBr"] + c["BHA"]) + c["ZA"] + c["BHBr"]) + TRACE)


def _bromide_uptake(c: dict[str, Array], k: Array) -> Array:
    salt, lead = c["BHBr"], c["PbBr2"]
    return (k * salt * lead - c["BHPbBr3"]) / (1 + k * _positive(salt + lead))
