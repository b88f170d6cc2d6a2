"""Scattering vector, Stokes-Einstein relation, and solvents.

``q = 4 pi n / lambda sin(theta/2)``; ``D_h = k T q^2 / (3 pi eta Gamma)`` (Berne and Pecora, Dynamic Light Scattering,
1976).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.constants import Boltzmann, gas_constant

ZERO_C, ROOM = 273.15, 298.15  # K


def scattering_vector(*, wavelength: float, refractive_index: float, angle: float) -> float:
    """q in 1/m from vacuum wavelength (m), index, and angle (rad)."""
    return 4.0 * math.pi * refractive_index / wavelength * math.sin(0.5 * angle)


def hydrodynamic_diameter(*, rate: float, q: float, temperature: float, viscosity: float) -> float:
    """Diameter (m) from decay rate of the field (1/s), q (1/m), temperature (K), viscosity (Pa s)."""
    return Boltzmann * temperature * q**2 / (3.0 * math.pi * viscosity * rate)


@dataclass(frozen=True)
class Solvent:
    """Viscosity at 25 C (Pa s), its activation energy (J/mol), refractive index near 633 nm."""

    viscosity: float
    activation: float
    refractive_index: float

    def viscosity_at(self, temperature: float) -> float:
        """Viscosity (Pa s) at a temperature (K): Andrade's law about 25 C, good to about 2 % within 15 K."""
        return self.viscosity * math.exp(self.activation / gas_constant * (1.0 / temperature - 1.0 / ROOM))


# Viscosities at 25 C: Haynes (ed.), CRC Handbook of Chemistry and Physics; indices near 633 nm, 25 C
SOLVENTS = {
    "water": Solvent(0.890e-3, 15.9e3, 1.331),
    "toluene": Solvent(0.560e-3, 8.9e3, 1.490),
    "octane": Solvent(0.508e-3, 10.3e3, 1.395),
    "hexane": Solvent(0.300e-3, 7.2e3, 1.372),
    "heptane": Solvent(0.387e-3, 8.6e3, 1.385),
    "cyclohexane": Solvent(0.894e-3, 12.1e3, 1.424),
    "chloroform": Solvent(0.537e-3, 7.4e3, 1.443),
    "ethyl acetate": Solvent(0.423e-3, 8.5e3, 1.370),
    "ethanol": Solvent(1.074e-3, 13.6e3, 1.359),
    "isopropanol": Solvent(2.04e-3, 21.0e3, 1.375),
    "dmf": Solvent(0.794e-3, 9.2e3, 1.428),
    "dmso": Solvent(1.987e-3, 14.2e3, 1.477),
    "chlorobenzene": Solvent(0.753e-3, 9.3e3, 1.522),
}


def solvent(name: str) -> Solvent | None:
    """A solvent by name ("n-octane", "Toluene"), None if the table does not hold it."""
    plain = name.lower().strip().removeprefix("n-").removeprefix("n ")
    return SOLVENTS.get(plain) or SOLVENTS.get(plain.split("(")[0].strip())
