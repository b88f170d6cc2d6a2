"""Absorbance, transmittance or single beam: decided from the data, with the header as a second witness.

``A = -log10(T)``. A spectrum whose values pass 1.5 (or 2 and look like per cent) with most of them near 1 (100) is a
transmittance; one that rests near 0 with bands upwards is an absorbance. Where header and data disagree the data win
and the reduction says so.
"""

from __future__ import annotations

import numpy as np

TRANSMITTANCE_FLOOR = 1e-4


def decide(values: np.ndarray, said: str = "") -> tuple[str, float, str]:
    """Kind ("absorbance", "transmittance", "reflectance", "single_beam"), factor to bring it to 0..1 scale, and why.

    Args:
        values: ordinate as written.
        said: what the header says, any words.
    """
    low, middle, high = (float(np.percentile(values, p)) for p in (1.0, 50.0, 99.0))
    upper = float(np.percentile(values, 90.0))
    plain = said.lower()
    says_t = "transmit" in plain or plain.strip() in ("%t", "t", "t%", "% t")
    says_a = "absorb" in plain or plain.strip() in ("a", "a.u.", "abs")
    if "single" in plain or "interferogram" in plain:
        return "single_beam", 1.0, f"header says {said}"
    percent = high > 5.0
    if "reflect" in plain and "log" not in plain and low > -0.1:
        return "reflectance", 0.01 if percent else 1.0, f"header says {said}"
    scale = 100.0 if percent else 1.0
    downwards = middle - low > 1.5 * (high - middle)
    looks_t = low > -0.05 * scale and 0.2 * scale < upper < 1.3 * scale and downwards
    if percent and not looks_t and not says_t:
        return "single_beam", 1.0, "values above 5 that are no per cent of transmittance"
    if says_a and looks_t and percent:
        return "transmittance", 0.01, "header says absorbance, but the values are per cent with bands downwards"
    if says_t and not percent and not looks_t and high < 5.0 and low > -0.5 and middle < 0.4:
        return "absorbance", 1.0, "header says transmittance, but the values rest near 0 with bands upwards"
    if says_t or (looks_t and not says_a):
        return "transmittance", 1.0 / scale, "bands downwards from near 1" if looks_t else f"header says {said}"
    return "absorbance", 1.0, f"header says {said}" if says_a else "rests near 0, bands upwards"


def absorbance(transmittance: np.ndarray) -> np.ndarray:
    """Decadic absorbance of a transmittance (0..1), NaN where nothing passes."""
    passed = np.where(transmittance > TRANSMITTANCE_FLOOR, transmittance, np.nan)
    return -np.log10(passed)
