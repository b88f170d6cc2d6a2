"""Absorbance of the precursor between 2.5 and 5 eV: the 4.5 eV lead bromide band and the 3.15 eV cluster band."""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from peqled.synthesis.network import INDEX


class BandParameters(eqx.Module):
    """Two Gaussian bands. Energies and widths (standard deviations) in eV.

    `absorptivity` of the 4.5 eV band is molar decadic (m2/mol) and only scales the spectrum; `cluster_ratio` is the
    cluster band's per Pb over it. It is unknown (0.1 to 10) and scales every statement on A(3.15)/A(4.5).
    """

    lead_energy: float | Array = 4.5
    lead_width: float | Array = 0.25
    cluster_energy: float | Array = 3.15
    cluster_width: float | Array = 0.06
    absorptivity: float | Array = 1000.0
    cluster_ratio: float | Array = 1.0


class Precursor(NamedTuple):
    """The flask before injection: dissolved species (mol/m3, order of `network.SPECIES`) and how they were obtained.

    pair_constant : lumped K_ip of the mixture (m3/mol); undissolved : PbBr2 left as solid (mol/m3)
    residual : largest relative residual of the balances
    """

    species: Float[Array, " species"]
    pair_constant: Float[Array, ""]
    undissolved: Float[Array, ""]
    residual: Float[Array, ""]


def precursor_absorbance(
    precursor: Precursor, energy: Float[Array, " energy"], *, bands: BandParameters, path: float = 1e-3
) -> Float[Array, " energy"]:
    """A(E) = l Σ ε_k c_k exp[-(E - E_k)²/2w_k²] for photon energies in eV and a path in m.

    The 4.5 eV band counts PbBr2, BHPbBr3 and half of PbBrA; the 3.15 eV band counts cluster per Pb.
    """
    c = precursor.species
    lead = c[INDEX["PbBr2"]] + c[INDEX["BHPbBr3"]] + 0.5 * c[INDEX["PbBrA"]]
    lead_band = jnp.exp(-((energy - bands.lead_energy) ** 2) / (2 * bands.lead_width**2))
    cluster_band = jnp.exp(-((energy - bands.cluster_energy) ** 2) / (2 * bands.cluster_width**2))
    return path * bands.absorptivity * (lead * lead_band + bands.cluster_ratio * c[INDEX["Cl"]] * cluster_band)


def cluster_band_ratio(precursor: Precursor, bands: BandParameters) -> Float[Array, ""]:
    """A(3.15 eV)/A(4.5 eV); the tail of the lead band sets a floor of 4.7e-7 (1)."""
    a = precursor_absorbance(precursor, jnp.stack([bands.cluster_energy, bands.lead_energy]), bands=bands)
    return a[0] / a[1]
