"""From the emission of single dipoles to the external quantum efficiency.

Rates add, not ratios: with the photon spectrum s normalised to 1, Fbar = integral s F and Abar = integral s P_air. A
dipole whose quantum yield in the infinite medium is eta0 has in the stack

    eta_eff(z) = eta0 Fbar/(1 - eta0 + eta0 Fbar),        EQE = gamma sum rho(z) eta_eff(z) Abar(z)/Fbar(z)

(Furno et al., Phys. Rev. B 85, 115205 (2012), 10.1103/PhysRevB.85.115205).
"""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from peqled.optics.averages import spectral_average, zone_mean
from peqled.optics.emission import Emission
from peqled.optics.orientation import Orientation


def radiative_yield(plqy: Float[Array, "..."], purcell: Float[Array, "..."]) -> Float[Array, "..."]:
    """Quantum yield in the stack from that in the infinite medium: eta0 F/(1 - eta0 + eta0 F)."""
    return plqy * purcell / (1.0 - plqy + plqy * purcell)


def external_efficiency(
    emission: Emission,
    orientation: Orientation,
    *,
    plqy: float | Float[Array, "*position"],
    photon_spectrum: Float[Array, " wavelength"] | None = None,
    zone: Float[Array, " position"] | None = None,
    balance: float | Float[Array, ""] = 1.0,
) -> Float[Array, ""]:
    """External quantum efficiency (0 to 1).

    `plqy`: quantum yield in the infinite medium, one number or one for each position; `photon_spectrum`: photons per
    wavelength interval of the emitter at the wavelengths of `emission` (any scale), all the same without it; `zone`:
    share of the excitons at each position of `emission` (any scale), uniform without it; `balance`: excitons formed in
    the emitter per injected carrier pair. Raises ValueError for a yield outside 0..1.
    """
    if not isinstance(plqy, jax.core.Tracer) and not np.all((np.asarray(plqy) >= 0.0) & (np.asarray(plqy) <= 1.0)):
        raise ValueError(f"plqy must lie between 0 and 1, got {plqy}")
    power = jnp.stack([emission.purcell(orientation), emission.outcoupled(orientation)])
    purcell, outcoupled = spectral_average(power, photon_spectrum=photon_spectrum, wavelength=emission.wavelength)
    return balance * zone_mean(radiative_yield(jnp.asarray(plqy), purcell) * outcoupled / purcell, zone)
