"""Angular measurements to the Lambertian factor and its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from peqled.lab.angular.lambertian import Pattern, pattern
from peqled.lab.measurement import Context, Measurement, Quantity
from peqled.materials.observer import matching_functions

KINDS = ("angular",)
CONVENTION = "F = 2 int p sin(theta), p = I/I(0), both sides averaged, 0 at 90 deg"


def patterns(measurement: Measurement, context: Context) -> dict[str, Pattern]:
    """Patterns by weight: "photons" and "luminous" for spectra, "signal" for one number per angle."""
    data = measurement.data
    angle = np.asarray(data["angle"].values, float)
    if "lab.angular_spectrum" in data:
        wavelength = np.asarray(data["wavelength"].values, float)
        spectra = np.asarray(data["lab.angular_spectrum"].values, float)
        return {
            "photons": pattern(angle, np.trapezoid(spectra * wavelength, wavelength, axis=1)),
            "luminous": pattern(angle, np.trapezoid(spectra * matching_functions(wavelength)[1], wavelength, axis=1)),
        }
    signal = np.asarray(data["lab.angular_signal"].values, float)
    if str(context.setting(measurement, "quantity", "signal")) == "luminance":
        signal = signal * np.cos(angle)  # the projected area of the pixel
    return {"signal": pattern(angle, signal)}


def reduce(group: Sequence[Measurement], context: Context) -> list[Quantity]:
    """F, exponent, largest deviation from cos(theta), drift; per weight."""
    measurement = group[0]
    rows: list[Quantity] = []
    for weight, result in patterns(measurement, context).items():
        suffix = {"photons": "_photon", "luminous": "_photopic", "signal": ""}[weight]
        rows += _rows(measurement, context, result, weight, suffix)
    return rows


def _rows(measurement: Measurement, context: Context, result: Pattern, weight: str, suffix: str) -> list[Quantity]:
    own: dict[str, Any] = {"file": context.file(measurement), "sample": measurement.name}
    flags = ("LAMB_F",) if abs(result.factor - 1.0) >= 2.0 * result.factor_u else ()
    verdict = "not Lambertian" if flags else "Lambertian within 2u"
    note = f"{verdict}; measured to {np.degrees(result.last):.0f} deg; weight: {weight}"
    rows = [
        Quantity(
            quantity=f"lambertian_factor{suffix}",
            value=result.factor,
            uncertainty=result.factor_u,
            convention=CONVENTION,
            flags=flags,
            note=note,
            **own,
        ),
        Quantity(
            quantity=f"lambertian_exponent_m{suffix}",
            value=result.m,
            uncertainty=result.m_u,
            convention="p = cos^m, least squares below 80 deg",
            **own,
        ),
        Quantity(
            quantity=f"lambertian_deviation_max{suffix}",
            value=result.deviation,
            uncertainty=result.scatter,
            convention="largest |p - cos(theta)|",
            **own,
        ),
    ]
    if np.isfinite(result.drift):
        rows.append(
            Quantity(
                quantity=f"angular_drift_pct{suffix}",
                value=100.0 * result.drift,
                unit="%",
                convention="last over first visit of the reference angle, corrected for",
                **own,
            )
        )
    return rows


def FIGURES(group: Sequence[Measurement], quantities: Sequence[Quantity]) -> list[tuple[str, str, Any]]:
    """Pattern against cos(theta)."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.35, 2.6), layout="constrained")
    axes = figure.subplots()
    context = Context(group[0].source.parent)
    for weight, result in patterns(group[0], context).items():
        axes.plot(np.degrees(result.angle), result.relative, "o", label=f"measured, {weight}")
    theta = np.linspace(0, np.pi / 2, 91)
    axes.plot(np.degrees(theta), np.cos(theta), color="#6b6b6b", linewidth=1.0, label="cos θ")
    axes.set(xlabel="angle (°)", ylabel="I/I(0)", xlim=(0, 90), ylim=(0, None))
    axes.legend()
    return [
        (
            f"Angular pattern of {group[0].name}",
            "Both sides averaged, drift corrected where a reference was repeated.",
            figure,
        )
    ]
