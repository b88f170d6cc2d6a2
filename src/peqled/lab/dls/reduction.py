"""Dynamic light scattering: rates, polydispersity, sizes where the solvent is known, distributions, angles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from peqled.lab.dls import cumulants
from peqled.lab.dls.angles import through_origin, trend
from peqled.lab.dls.distribution import harmonic_mean, mean, modes
from peqled.lab.dls.inversion import Inversion, field_correlation, invert
from peqled.lab.dls.scattering import ROOM, SOLVENTS, hydrodynamic_diameter, scattering_vector, solvent
from peqled.lab.measurement import Context, Measurement, Quantity
from peqled.lab.thinning import spread_indices

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("dls_correlation", "dls_distribution")
DEFAULT_ANGLE, DEFAULT_WAVELENGTH = math.radians(173.0), 632.8e-9
PDI_WARN, PDI_REFUSE = 0.3, 0.5
MAX_LAGS = 500  # of the inversion
INVERSION_FLOOR = 0.005  # of the intercept; below it the root of the noise is all there is


@dataclass(frozen=True)
class Optics:
    """Conditions of a measurement in SI, and what of them was assumed."""

    temperature: float
    viscosity: float
    refractive_index: float
    angle: float
    wavelength: float
    assumed: tuple[str, ...]

    @property
    def q(self) -> float:
        """Scattering vector, 1/m."""
        return scattering_vector(wavelength=self.wavelength, refractive_index=self.refractive_index, angle=self.angle)

    @property
    def solvent_assumed(self) -> bool:
        """Whether viscosity or index are guesses."""
        return any(word in self.assumed for word in ("viscosity", "refractive index"))

    def diameter(self, rate: float) -> float:
        """Hydrodynamic diameter in nm."""
        return 1e9 * hydrodynamic_diameter(rate=rate, q=self.q, temperature=self.temperature, viscosity=self.viscosity)

    def words(self) -> str:
        """Conditions for the report."""
        given = (
            f"{math.degrees(self.angle):.1f} deg, {1e9 * self.wavelength:.1f} nm, {self.temperature:.2f} K, "
            f"{1e3 * self.viscosity:.4f} mPa s, n {self.refractive_index:.3f}"
        )
        return given + (f"; assumed: {', '.join(self.assumed)}" if self.assumed else "")


def group(measurements: Sequence[Measurement]) -> list[list[Measurement]]:
    """Angles of one sample in one folder together; everything else alone."""
    series: dict[tuple[str, str], list[Measurement]] = {}
    alone = []
    for m in measurements:
        if m.kind == "dls_correlation" and m.metadata.get("angle"):
            series.setdefault((str(m.source.parent), str(m.metadata.get("sample", ""))), []).append(m)
        else:
            alone.append([m])
    return [*series.values(), *alone]


def optics_of(m: Measurement, context: Context) -> Optics:
    """Conditions: said by the user, by the file, by the solvent's name; the rest assumed and listed."""
    assumed = []

    def take(key: str, unit: str, words: str, default: float) -> float:
        value = context.number(m, key, unit)
        if np.isfinite(value) and value > 0.0:
            return value
        assumed.append(words)
        return default

    temperature = take("temperature", "K", "temperature", ROOM)
    temperature = temperature + 273.15 if temperature < 120.0 else temperature
    named = solvent(str(context.setting(m, "solvent", "")))
    fallback = named or SOLVENTS["water"]
    viscosity = take("viscosity", "Pa*s", "viscosity", fallback.viscosity_at(temperature))
    viscosity = viscosity * 1e-3 if viscosity > 0.1 else viscosity  # a plain number is meant in mPa s
    index = take("refractive_index", "1", "refractive index", fallback.refractive_index)
    angle = take("angle", "rad", "angle", DEFAULT_ANGLE)
    angle = math.radians(angle) if angle > 2.0 * math.pi else angle
    wavelength = take("wavelength", "m", "wavelength", DEFAULT_WAVELENGTH)
    wavelength = wavelength * 1e-9 if wavelength > 1e-3 else wavelength
    if named is not None:
        assumed = [word for word in assumed if word not in ("viscosity", "refractive index")]
    return Optics(temperature, viscosity, index, angle, wavelength, tuple(assumed))


def reduce(measurements: Sequence[Measurement], context: Context) -> list[Quantity]:
    """Rows of each measurement, then of the angles together."""
    rows: list[Quantity] = []
    points: list[tuple[Measurement, Optics, cumulants.Cumulants]] = []
    for m in measurements:
        if m.kind == "dls_distribution":
            rows += _distribution_rows(m, context)
            continue
        optics = optics_of(m, context)
        second = cumulants.fit(*_curve(m), order=2)
        rows += _correlation_rows(m, optics, second, context)
        if second is not None:
            points.append((m, optics, second))
    angles = {round(optics.angle, 4) for _, optics, _ in points}
    return rows + (_angle_rows(points, context) if len(angles) >= 3 else [])


def _curve(m: Measurement) -> tuple[np.ndarray, np.ndarray]:
    return m.data["lag_time"].to_numpy(), m.data["lab.dls_correlation"].to_numpy()


def _flags(fit: cumulants.Cumulants) -> tuple[str, ...]:
    flags = ["DLS_PDI"] if fit.pdi > PDI_WARN else []
    return tuple(flags + (["DLS_B"] if not 0.0 <= fit.intercept <= 1.0 else []))


def _correlation_rows(
    m: Measurement, optics: Optics, second: cumulants.Cumulants | None, context: Context
) -> list[Quantity]:
    """Rate, PDI, intercept; the z-average where the solvent is known and the sample has one size."""
    file = context.file(m)
    if second is None:
        return [
            Quantity(file, "d_h_z_nm", "refused", unit="nm", sample=m.name, note="no decay in the correlation function")
        ]
    fits = [fit for order in (1, 3) if (fit := cumulants.fit(*_curve(m), order=order)) is not None]
    flags = _flags(second)
    how = f"cumulants of second order, {second.points} lags from 0.5 us down to 10 % of the intercept"
    spread = max((abs(fit.rate - second.rate) for fit in fits if fit.order == 3), default=0.0)
    u_rate = math.hypot(second.u_rate, spread)
    rows = [
        Quantity(file, "gamma_per_s", second.rate, u_rate, "1/s", f"rate of the field; {how}", flags, m.name),
        Quantity(file, "pdi", second.pdi, second.u_pdi, "1", f"mu2/Gamma^2; {how}", flags, m.name),
        Quantity(
            file, "intercept", second.intercept, unit="1", convention="g2 - 1 at lag 0", flags=flags, sample=m.name
        ),
    ]
    rows += _size_rows(m, optics, second, u_rate, context)
    for fit in fits:
        if not optics.solvent_assumed and second.pdi <= PDI_REFUSE:
            value = optics.diameter(fit.rate)
            name = f"d_h_cumulant{fit.order}_nm"
            u = value * fit.u_rate / fit.rate
            rows.append(Quantity(file, name, value, u, "nm", f"cumulants of order {fit.order}", flags, m.name))
    return rows + _inversion_rows(m, optics, second, context)


def _size_rows(
    m: Measurement, optics: Optics, fit: cumulants.Cumulants, u_rate: float, context: Context
) -> list[Quantity]:
    file, flags = context.file(m), _flags(fit)
    convention = "z-average, cumulants of second order, Stokes-Einstein"
    value = optics.diameter(fit.rate)
    u = value * math.hypot(u_rate / fit.rate, 0.02)
    if fit.pdi > PDI_REFUSE:
        note = f"PDI {fit.pdi:.2f} > 0.5: no single size; see the distribution"
        return [
            Quantity(
                file, "d_h_z_nm", "refused", unit="nm", convention=convention, flags=flags, sample=m.name, note=note
            )
        ]
    if optics.solvent_assumed:
        flags = ("DLS_SOLV", *flags)
        note = "the file names neither viscosity nor index; give solvent, or viscosity and refractive_index"
        return [
            Quantity(
                file, "d_h_z_nm", "refused", unit="nm", convention=convention, flags=flags, sample=m.name, note=note
            ),
            Quantity(
                file,
                "d_h_z_if_water_nm",
                value,
                u,
                "nm",
                f"{convention}; {optics.words()}",
                flags,
                m.name,
                "holds for water only",
            ),
        ]
    return [Quantity(file, "d_h_z_nm", value, u, "nm", f"{convention}; {optics.words()}", flags, m.name)]


def inversion_of(m: Measurement, fit: cumulants.Cumulants) -> Inversion:
    """Regularised distribution of rates of a measurement."""
    lag, g2 = _curve(m)
    keep = cumulants.window(lag, g2 - fit.baseline, floor=INVERSION_FLOOR)
    g1 = field_correlation(g2, baseline=fit.baseline, intercept=fit.intercept)
    few = spread_indices(int(keep.sum()), limit=MAX_LAGS)
    return invert(lag[keep][few], g1[keep][few], around=fit.rate)


def _inversion_rows(m: Measurement, optics: Optics, fit: cumulants.Cumulants, context: Context) -> list[Quantity]:
    found = inversion_of(m, fit)
    file = context.file(m)
    flags = (*(("DLS_SOLV",) if optics.solvent_assumed else ()), *_flags(fit))
    infix = "if_water_" if optics.solvent_assumed else ""
    convention = "non-negative Tikhonov inversion, weights by intensity"
    chosen = f"strength {found.strength:.3g} at the corner of the L-curve, rms misfit of g1 {found.misfit:.2g}"
    note = f"{chosen}; {optics.words()}"
    harmonic = optics.diameter(float(found.weights @ found.rates))
    rows = [
        Quantity(
            file,
            f"d_h_harmonic_{infix}nm",
            harmonic,
            unit="nm",
            convention=f"harmonic mean, {convention}",
            flags=flags,
            sample=m.name,
            note=note,
        )
    ]
    for number, (rate, share) in enumerate(found.modes(), start=1):
        common = {"flags": flags, "sample": m.name}
        rows.append(
            Quantity(
                file,
                f"mode_{infix}nm",
                optics.diameter(rate),
                unit="nm",
                convention=f"mode {number}, {convention}",
                note=note,
                **common,
            )
        )
        rows.append(
            Quantity(
                file, "mode_share_pct", 100.0 * share, unit="%", convention=f"mode {number}, {convention}", **common
            )
        )
    return rows


def _angle_rows(points: Sequence[tuple[Measurement, Optics, cumulants.Cumulants]], context: Context) -> list[Quantity]:
    """One diameter from all angles, and whether it changes with the angle."""
    file = context.file(*(m for m, _, _ in points))
    sample = str(points[0][0].metadata.get("sample", "")) or "all angles"
    optics = points[0][1]
    q = np.array([o.q for _, o, _ in points])
    rate = np.array([f.rate for _, _, f in points])
    each = np.array([o.diameter(f.rate) for _, o, f in points])
    change = trend(np.array([o.angle for _, o, _ in points]), each)
    flags = (("DLS_ANG",) if abs(change) > 0.05 else ()) + (("DLS_SOLV",) if optics.solvent_assumed else ())
    found = through_origin(q, rate)
    scale = 1e9 * hydrodynamic_diameter(rate=1.0, q=1.0, temperature=optics.temperature, viscosity=optics.viscosity)
    value, free = scale / found.diffusion, scale / found.free_slope
    u = value * math.hypot(found.uncertainty / found.diffusion, 0.02)
    name = "d_h_multiangle_if_water_nm" if optics.solvent_assumed else "d_h_multiangle_nm"
    span = f"single angles {each.min():.1f}..{each.max():.1f} nm"
    note = f"{len(points)} angles; with a free intercept {free:.1f} nm; {span}"
    return [
        Quantity(file, name, value, u, "nm", "Gamma against q^2 through the origin", flags, sample, note),
        Quantity(
            file,
            "d_h_angle_change_pct",
            100.0 * change,
            unit="%",
            convention="smallest to largest angle, straight line",
            flags=flags,
            sample=sample,
        ),
    ]


def _distribution_rows(m: Measurement, context: Context) -> list[Quantity]:
    """Averages of the distribution that the instrument wrote."""
    d, w = 1e9 * m.data["diameter"].to_numpy(), m.data["lab.dls_distribution"].to_numpy()
    file, convention = context.file(m), "distribution of the instrument, weights by intensity"
    average, deviation = mean(d, w)
    found = modes(d, w)
    flags = ("DLS_PDI",) if (deviation / average) ** 2 > PDI_WARN or len(found) > 1 else ()
    note = "solvent and temperature as set at the instrument; " + "; ".join(
        f"mode {x:.0f} nm {100 * s:.0f} %" for x, s in found
    )
    return [
        Quantity(
            file,
            "d_harmonic_nm",
            harmonic_mean(d, w),
            unit="nm",
            convention=f"harmonic mean (z-average), {convention}",
            flags=flags,
            sample=m.name,
            note=note,
        ),
        Quantity(
            file,
            "d_intensity_mean_nm",
            average,
            unit="nm",
            convention=f"mean, {convention}",
            flags=flags,
            sample=m.name,
            note=note,
        ),
        Quantity(
            file,
            "d_intensity_sd_nm",
            deviation,
            unit="nm",
            convention=f"standard deviation, {convention}",
            flags=flags,
            sample=m.name,
        ),
    ]


def figures(measurements: Sequence[Measurement], quantities: Sequence[Quantity]) -> list[tuple[str, str, Figure]]:
    """Correlation functions with their cumulant fit, one panel a sample (at most 16 curves)."""
    from matplotlib.figure import Figure

    curves = [m for m in measurements if m.kind == "dls_correlation"][:16]
    if not curves:
        return []
    figure = Figure(figsize=(4.8, 3.2), layout="constrained")
    axes = figure.subplots()
    for m in curves:
        lag, g2 = _curve(m)
        drawn = axes.semilogx(lag, g2, ".", ms=2)[0]
        fit = cumulants.fit(lag, g2, order=2)
        if fit is not None:
            line = fit.baseline + cumulants.model(lag, fit.intercept, fit.rate, fit.pdi)
            keep = lag < 3.0 / fit.rate
            axes.semilogx(lag[keep], line[keep], lw=0.8, color=drawn.get_color())
    axes.set_xlabel("lag (s)")
    axes.set_ylabel("g₂ − 1")
    return [(f"DLS {curves[0].name}", f"{len(curves)} correlation function(s) with second-order cumulants.", figure)]


FIGURES = figures
