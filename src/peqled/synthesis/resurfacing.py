"""The resurfacing agent (a sulfobetaine hydrobromide, ASC18-HBr in the paper) and the dots' surface coverage.

Two readings side by side: lumped factors on attachment, solubility and aggregation from the event on, which give the
observed standstill but no mechanism; and competitive Langmuir coverage, reported, and able to slow attachment through
`coverage_power`. Adsorbed ligand is not taken out of solution (for 1e22 dots of 10 nm per m3 it would be 15 mol/m3).
"""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.synthesis.injection import NEVER
from peqled.synthesis.ligands import Ligands
from peqled.synthesis.network import INDEX, SPECIES


class Resurfacing(eqx.Module):
    """The addition at `time` (s after injection): `amount` of the agent (mol/m3), and its effects.

    quaternary : share that comes as ZBr, which swaps its bromide (R11); the rest is ZHBr, which gives its proton and
        bromide to an amine (R7) (1)

    attachment_factor, solubility_factor, aggregation_factor : lumped factors on k_r, C∞, β from then on (1)
    binding : Langmuir constant of the zwitterion (m3/mol)
    coverage_power : q of k_r (1 - θ_Z)^q (1); 0 leaves only the lumped factor
    """

    time: float | Array = 3.0
    amount: float | Array = 2.0
    attachment_factor: float | Array = 7e-4
    solubility_factor: float | Array = 0.449
    aggregation_factor: float | Array = 0.0
    binding: float | Array = 20.0
    coverage_power: float | Array = 0.0
    quaternary: float | Array = 0.0

    def added(self) -> Float[Array, " species"]:
        """What the event adds to every dissolved species, mol/m3."""
        agent = jnp.stack([self.amount * (1 - self.quaternary), self.amount * self.quaternary])
        return jnp.zeros(len(SPECIES)).at[jnp.array([INDEX["ZHBr"], INDEX["ZBr"]])].add(agent)


def no_resurfacing() -> Resurfacing:
    """A flask without the agent: the event never comes."""
    return Resurfacing(time=NEVER, amount=0.0, attachment_factor=1.0, solubility_factor=1.0, aggregation_factor=1.0)


def zwitterion_coverage(
    zwitterion: Float[Array, "..."],
    acid: Float[Array, "..."],
    amine: Float[Array, "..."],
    *,
    ligands: Ligands,
    binding: float | Array,
) -> Float[Array, "..."]:
    """θ_Z = K_Z c_Z/(1 + K_Z c_Z + K_A c_A + K_B c_B), competitive Langmuir (1); concentrations in mol/m3.

    Acids and amines bind with the mole means of their constants.
    """
    k_acid = ligands.acid @ ligands.acid_binding / jnp.maximum(jnp.sum(ligands.acid), 1e-12)
    k_amine = ligands.amine @ ligands.amine_binding / jnp.maximum(jnp.sum(ligands.amine), 1e-12)
    held = binding * jnp.maximum(zwitterion, 0.0)
    others = k_acid * jnp.maximum(acid, 0.0) + k_amine * jnp.maximum(amine, 0.0)
    return held / (1 + held + others)
