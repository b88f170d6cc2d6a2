"""Lead bromide clusters in the precursor: three rival readings of the one absorption band at 3.15 eV.

* `acid-strength` (H1): ligands differ in the stability of their ion pair; the cluster itself follows
  c_Cl = c* (c_X/c*)^m from bromoplumbate X = BHPbBr3.
* `salt-aggregation` (H2): c_Cl = c_X (y/c_agg)^p with all salt y = c_BHA + c_X, log10 c_agg = a - b n_C.
* `cluster-solubility` (H3): H1's law with a threshold of its own per ligand pair, c* exp(ΔΔG/RT).

The paper's data cannot tell them apart (reference note, sections 2.6 and 5); every result carries the one it used.
"""

from typing import Literal, get_args

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.synthesis.crystal import GAS_CONSTANT
from peqled.synthesis.ligands import Ligands, mean_chain, mean_cluster_energy

Hypothesis = Literal["acid-strength", "salt-aggregation", "cluster-solubility"]
HYPOTHESES: tuple[Hypothesis, ...] = get_args(Hypothesis)


class ClusterParameters(eqx.Module):
    """Constants of the three laws. H1's are tuned to the two band ratios; H2's and H3's to the same statements.

    threshold : c* (mol/m3); cooperativity : m (1)
    salt_intercept, salt_slope : a (1) and b (1 per carbon) of log10 c_agg/(mol/m3); salt_power : p (1)
    """

    threshold: float | Array = 12.7
    cooperativity: float | Array = 14.0
    salt_intercept: float | Array = 3.06
    salt_slope: float | Array = 0.0355
    salt_power: float | Array = 6.0


class ClusterLaw(eqx.Module):
    """The cluster law of one flask: ln c_Cl = ln scale + order ln(c_X/scale), or + power ln(y/scale) under H2."""

    hypothesis: str = eqx.field(static=True)
    scale: Float[Array, ""]  # c*, its ligand-shifted value, or c_agg (mol/m3)
    order: Float[Array, ""]

    def concentration(self, bromoplumbate: Array, salt: Array) -> Array:
        """Cluster at rest (mol/m3 of Pb) from free bromoplumbate and from all salt y (mol/m3)."""
        x = jnp.maximum(bromoplumbate, 0.0)
        if self.hypothesis == "salt-aggregation":
            return x * (jnp.maximum(salt, 0.0) / self.scale) ** self.order
        return self.scale * (x / self.scale) ** self.order

    def slope(self, bromoplumbate: Array, salt: Array) -> Array:
        """Derivative of `concentration` along R3, which makes or takes one bromoplumbate and one salt (1)."""
        x = jnp.maximum(bromoplumbate, 0.0)
        if self.hypothesis == "salt-aggregation":
            y = jnp.maximum(salt, 0.0) / self.scale
            return y**self.order + self.order * x / self.scale * y ** (self.order - 1)
        return self.order * (x / self.scale) ** (self.order - 1)


def cluster_law(
    parameters: ClusterParameters, ligands: Ligands, *, hypothesis: str, temperature: float | Array
) -> ClusterLaw:
    """The law that holds for this mixture of ligands at `temperature` (K)."""
    if hypothesis not in HYPOTHESES:
        raise ValueError(f"unknown cluster hypothesis {hypothesis!r}; choose one of {', '.join(HYPOTHESES)}")
    if hypothesis == "salt-aggregation":
        onset = 10 ** (parameters.salt_intercept - parameters.salt_slope * mean_chain(ligands))
        return ClusterLaw(hypothesis, jnp.asarray(onset), jnp.asarray(parameters.salt_power, float))
    shift = 0.0
    if hypothesis == "cluster-solubility":
        shift = mean_cluster_energy(ligands) / (GAS_CONSTANT * temperature)
    scale = jnp.asarray(parameters.threshold * jnp.exp(shift))
    return ClusterLaw(hypothesis, scale, jnp.asarray(parameters.cooperativity, float))
