"""Binding energy from kinetic energy: ``BE = h nu - KE``.

The kinetic energy that an analyser writes is referred to its own Fermi level, so the analyser's work function is
already inside; applying the work-function field of a file again shifts every level by about 4.5 eV.
Source: ISO 15472:2010, calibration of energy scales.
"""

from __future__ import annotations

import numpy as np


def binding_energy(kinetic_energy: np.ndarray, *, photon_energy: float) -> np.ndarray:
    """Binding energy (eV) from kinetic energy (eV) and photon energy (eV)."""
    return photon_energy - np.asarray(kinetic_energy, dtype=float)


def is_binding(label: str) -> bool:
    """Whether an axis label names binding energy."""
    plain = label.lower().replace(".", "").replace("_", " ")
    return "bind" in plain or plain.split("(")[0].strip() in ("be", "be ev")


def is_kinetic(label: str) -> bool:
    """Whether an axis label names kinetic energy."""
    plain = label.lower().replace(".", "").replace("_", " ")
    return "kineti" in plain or plain.split("(")[0].strip() in ("ke", "ke ev")
