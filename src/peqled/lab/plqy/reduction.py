"""Rows of results for quantum yields: each run, all runs together, reabsorption, and absolute-PL files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from peqled.lab.measurement import Context, LabFileError, Measurement, Quantity
from peqled.lab.plqy.absolute import excitation_flux, luminescence_yield, rounding_share
from peqled.lab.plqy.combinations import weighted_yield
from peqled.lab.plqy.reabsorption import corrected, reabsorbed_share
from peqled.lab.plqy.three_measurement import Band, Sphere, Yield, photons, quantum_yield, two_measurements

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("plqy_run",)
_CONVENTION = "three measurements (de Mello), photons = signal x response x wavelength"
_TWO = "two measurements, (P_c - P_a)/(L_a - L_c): light scattered in the sphere and absorbed later is ignored"
_WANTED = {"la": ("a", "1"), "lb": ("b", "1"), "lc": ("c", "1"), "pb": ("b", "2"), "pc": ("c", "2")}
_GAP = 3.0  # half-widths of the excitation line that separate it from the emission


def group(measurements: Sequence[Measurement]) -> list[list[Measurement]]:
    """Repeats of one sample with the response that lies nearest above them; absolute files alone."""
    runs = [m for m in measurements if m.metadata.get("role") in ("a", "b", "c")]
    responses = [m for m in measurements if m.metadata.get("role") == "response"]
    alone = [[m] for m in measurements if m.metadata.get("role") == "absolute"]
    sets: dict[object, list[Measurement]] = {}
    for m in runs:
        folder = m.source.parent
        bare = not m.metadata.get("run")
        sample = re.sub(r"[ _-]*(?:run|rep|no|#)?[ _-]*\d+$", "", str(m.metadata.get("run", "")), flags=re.IGNORECASE)
        repeats = bare and re.fullmatch(r"(?:run|rep|no|set|m)?[ _-]*\d+", folder.name, re.IGNORECASE)
        sets.setdefault((folder.parent if repeats else folder, sample), []).append(m)
    dilute = [m for m in measurements if m.metadata.get("role") == "dilute"]
    near = lambda m: (*_nearest(m, responses), *_nearest(m, dilute))  # noqa: E731
    return [[*members, *near(members[0])] for members in sets.values()] + alone


def _nearest(m: Measurement, responses: Sequence[Measurement]) -> list[Measurement]:
    above = [r for r in responses if r.source.parent == m.source.parent or r.source.parent in m.source.parents]
    return [max(above, key=lambda r: len(r.source.parent.parts))] if above else []


def reduce(measurements: Sequence[Measurement], context: Context) -> list[Quantity]:
    """Rows of one group."""
    if measurements[0].metadata.get("role") == "absolute":
        return _absolute_rows(measurements[0], context)
    response = next((m for m in measurements if m.metadata["role"] == "response"), None)
    dilute = next((m for m in measurements if m.metadata["role"] == "dilute"), None)
    sets: dict[tuple[object, str], list[Measurement]] = {}
    for m in measurements:
        if m.metadata["role"] in ("a", "b", "c"):
            sets.setdefault((m.source.parent, str(m.metadata.get("run", ""))), []).append(m)
    rows: list[Quantity] = []
    spheres: list[Sphere] = []
    for members in sets.values():
        sphere = _sphere(members, response, context)
        main = next((m for m in members if m.metadata["role"] == "c"), members[0])
        file = context.file(*members, *([response] if response else []))
        if isinstance(sphere, str):
            rows.append(Quantity(file, "plqy_pct", "refused", unit="%", sample=main.name, note=sphere))
            continue
        spheres.append(sphere)
        two = not any(m.metadata["role"] == "b" for m in members)
        rows += _run_rows(file, main, quantum_yield(sphere), response, two=two)
        rows += _reabsorption_rows(file, members, dilute, quantum_yield(sphere), response, context)
    return rows + _statistics(measurements, spheres, response, context)


def _sphere(members: Sequence[Measurement], response: Measurement | None, context: Context) -> Sphere | str:
    """Bands of one set, or what is missing."""
    chosen = _chosen(members)
    missing = [
        f"{_WANTED[n][0]} ({'excitation' if n[0] == 'l' else 'emission'})" for n, m in chosen.items() if m is None
    ]
    if "b (excitation)" in missing and "b (emission)" in missing and len(missing) == 2:
        chosen = {
            **chosen,
            "lb": chosen["la"],
            "pb": _emission_of_a(members),
        }  # two measurements: see `two_measurements`
    elif missing:
        return f"measurement missing: {', '.join(missing)}"
    first = chosen["la"]
    assert first is not None
    line = _line(first)
    bands: dict[str, Band] = {}
    for name, m in chosen.items():
        bands[name] = Band(0.0, 0.0) if m is None else _band(m, name[0] == "l", line, response, context)
    if not all(np.isfinite(b.value) for b in bands.values()) or bands["la"].value <= 0 or bands["lb"].value <= 0:
        return "no excitation photons in the band: set excitation_band and emission_band"
    return two_measurements(Sphere(**bands)) if missing else Sphere(**bands)


def _chosen(members: Sequence[Measurement]) -> dict[str, Measurement | None]:
    """The file of each band: one for that band alone, else one over both."""
    parts = {(m.metadata["role"], m.metadata.get("band", "")): m for m in members}
    return {name: parts.get(key) or parts.get((key[0], "")) for name, key in _WANTED.items()}


def _emission_of_a(members: Sequence[Measurement]) -> Measurement | None:
    parts = {(m.metadata["role"], m.metadata.get("band", "")): m for m in members}
    return parts.get(("a", "2")) or parts.get(("a", ""))


def _band(m: Measurement, excitation: bool, line, response: Measurement | None, context: Context) -> Band:
    x, y = m.data["wavelength"].to_numpy(), m.data["lab.sphere_counts"].to_numpy()
    own = m.metadata.get("band", "") in ("1", "2")
    return photons(x, y, _response(response, x), _limits(m, excitation, own, line, x, context))


def _line(m: Measurement) -> tuple[float, float]:
    """Centre and half of the full width of the excitation line, m."""
    x, y = m.data["wavelength"].to_numpy(), m.data["lab.sphere_counts"].to_numpy()
    peak = int(np.argmax(y))
    above = np.flatnonzero(y > 0.01 * y[peak])
    inside = [i for i in above if abs(x[i] - x[peak]) < 30e-9]
    return float(x[peak]), float(max(x[inside[-1]] - x[inside[0]], 4e-9)) / 2


def _limits(m, excitation: bool, own: bool, line, x, context: Context) -> tuple[float, float]:
    """Limits of a band, m: said by the user, the whole of a file that holds one band, or split at the excitation
    line."""
    said = context.lookup(m, "excitation_band" if excitation else "emission_band")
    if said is not None:
        low, high = (float(v) for v in re.findall(r"\d+(?:\.\d+)?", str(said))[:2])
        return low * 1e-9, high * 1e-9
    if own:
        return float(x[0]), float(x[-1])
    centre, half = line
    return (centre - _GAP * half, centre + _GAP * half) if excitation else (centre + _GAP * half, float(x[-1]))


def _response(response: Measurement | None, x: np.ndarray) -> np.ndarray:
    """Correction on the axis of the spectrum, linear between its points."""
    if response is None:
        return np.ones(x.size)
    axis, factor = response.data["wavelength"].to_numpy(), response.data["lab.sphere_response"].to_numpy()
    if x[0] < axis[0] - 1e-12 or x[-1] > axis[-1] + 1e-12:
        raise LabFileError(
            response.source,
            "wavelength",
            f"{axis[0] * 1e9:g} to {axis[-1] * 1e9:g} nm",
            f"a response over {x[0] * 1e9:g} to {x[-1] * 1e9:g} nm",
        )
    return np.interp(x, axis, factor)


def _flags(y: Yield, response: Measurement | None) -> tuple[str, ...]:
    found = [] if response is not None else ["SPEC_UNCAL"]
    if y.absorptance < 10.0 * y.absorptance_u:
        found.append("PLQY_A")
    if y.eta > 1.0:
        found.append("PLQY_100")
    return tuple(found)


def _run_rows(file: str, m: Measurement, y: Yield, response: Measurement | None, *, two: bool) -> list[Quantity]:
    flags = _flags(y, response)
    convention = _TWO if two else _CONVENTION
    note = "u from the noise of the spectra only; laser drift and calibration come on top"
    return [
        Quantity(
            file, "absorptance_pct", 100 * y.absorptance, 100 * y.absorptance_u, "%", "1 - L_c/L_b", flags, m.name, note
        ),
        Quantity(file, "plqy_pct", 100 * y.eta, 100 * y.eta_u, "%", convention, flags, m.name, note),
    ]


def _reabsorption_rows(file, members, dilute, y: Yield, response, context: Context) -> list[Quantity]:
    """Yield without reabsorption, where the share is given or a dilute spectrum lies beside the set."""
    m = next((m for m in members if m.metadata["role"] == "c" and m.metadata.get("band") != "1"), None)
    if m is None:
        return []
    share, how = context.number(m, "reabsorbed_share", "1"), "given"
    if not np.isfinite(share) and dilute is not None:
        share, how = _share(m, dilute, response), "against the dilute spectrum, scaled behind its half height"
    if not np.isfinite(share):
        return []
    slope = (1 - share) / (1 - share + share * y.eta) ** 2
    name = next(x.name for x in members if x.metadata["role"] == "c")
    return [
        Quantity(file, "reabsorbed_share_pct", 100 * share, np.nan, "%", how, (), name),
        Quantity(
            file,
            "plqy_reabsorption_corrected_pct",
            100 * corrected(y.eta, share),
            100 * slope * y.eta_u,
            "%",
            f"eta/(1 - a + a eta), a = {share:.3g} {how}",
            _flags(y, response),
            name,
        ),
    ]


def _share(m: Measurement, dilute: Measurement, response: Measurement | None) -> float:
    """Share of the emission that is taken back: both spectra in photons on the axis of the sample."""
    x, y = m.data["wavelength"].to_numpy(), m.data["lab.sphere_counts"].to_numpy()
    observed = y * _response(response, x) * x
    at, signal = dilute.data["wavelength"].to_numpy(), dilute.data["lab.sphere_counts"].to_numpy()
    inside = (x >= at[0]) & (x <= at[-1]) & (x > at[int(np.argmax(signal))] - 100e-9)
    thin = np.interp(x[inside], at, signal) * _response(response, x[inside]) * x[inside]
    peak = int(np.argmax(thin))
    below = np.flatnonzero(thin[peak:] < 0.5 * thin[peak])
    if not below.size:
        return np.nan
    return reabsorbed_share(x[inside], observed[inside], thin, tail_from=float(x[inside][peak + below[0]]))


def _statistics(
    measurements, spheres: Sequence[Sphere], response: Measurement | None, context: Context
) -> list[Quantity]:
    """Mean, standard deviation and weighted mean over the runs of a sample."""
    if len(spheres) < 2:
        return []
    file = context.file(*measurements)
    sample = (
        measurements[0].source.parent.parent.name if not measurements[0].metadata.get("run") else measurements[0].name
    )
    every = [quantum_yield(s) for s in spheres]
    n, rows = len(every), []
    for name, values in (("absorptance", [y.absorptance for y in every]), ("plqy", [y.eta for y in every])):
        mean, sd = 100 * float(np.mean(values)), 100 * float(np.std(values, ddof=1))
        rows.append(
            Quantity(
                file, f"{name}_mean_pct", mean, sd / np.sqrt(n), "%", f"mean of {n} runs, u = sd/sqrt(n)", (), sample
            )
        )
        rows.append(
            Quantity(
                file,
                f"{name}_sd_pct",
                sd,
                sd / np.sqrt(2 * (n - 1)),
                "%",
                f"sample standard deviation of {n} runs",
                (),
                sample,
            )
        )
        population = 100 * float(np.std(values))
        rows.append(
            Quantity(
                file, f"{name}_sd_population_pct", population, np.nan, "%", f"divided by n = {n}, not n - 1", (), sample
            )
        )
    y = weighted_yield(spheres)
    flags = _flags(y, response)
    how = f"weighted mean over all {min(n**3, 4096)} combinations of a, b and c"
    rows.append(Quantity(file, "plqy_weighted_mean_pct", 100 * y.eta, 100 * y.eta_u, "%", how, flags, sample))
    rows.append(
        Quantity(
            file, "absorptance_weighted_mean_pct", 100 * y.absorptance, 100 * y.absorptance_u, "%", how, flags, sample
        )
    )
    return rows


def _absolute_rows(m: Measurement, context: Context) -> list[Quantity]:
    """What the instrument prints, and the same from its flux and its printed excitation."""
    file, x, y = context.file(m), m.data["wavelength"].to_numpy(), m.data["lab.pl_flux"].to_numpy()
    flux = float(np.trapezoid(y, x))
    rows = [Quantity(file, "pl_flux_per_m2_s", flux, np.nan, "1/m^2/s", "integral of the spectral flux", (), m.name)]
    if "luqy_pct" in m.metadata:
        rows.append(
            Quantity(file, "luqy_instrument_pct", float(m.metadata["luqy_pct"]), np.nan, "%", "as printed", (), m.name)
        )
    for key, name, unit in (("bandgap_ev", "bandgap_instrument_ev", "eV"), ("qfls_ev", "qfls_instrument_ev", "eV")):
        if key in m.metadata:
            rows.append(Quantity(file, name, float(m.metadata[key]), np.nan, unit, "as printed", (), m.name))
    suns, jsc = context.number(m, "suns", "1"), context.number(m, "jsc_ma_cm2", "1")
    eqe = context.number(m, "laser_eqe", "1")
    eqe = eqe / 100.0 if eqe > 1.5 else eqe
    value = (
        luminescence_yield(flux, excitation_flux(suns=suns, current_density=10.0 * jsc, laser_eqe=eqe))
        if suns == suns
        else np.nan
    )
    printed = [
        str(m.metadata[k]) for k in ("suns_printed", "jsc_ma_cm2_printed", "laser_eqe_printed") if k in m.metadata
    ]
    note = (
        "" if np.isfinite(value) else "suns, Jsc or the EQE at the laser is missing or printed as zero: not recomputed"
    )
    u = value * float(np.sqrt(sum(rounding_share(p) ** 2 for p in printed))) if np.isfinite(value) else np.nan
    flags = ("PLQY_100",) if value > 1 else ()
    rows.append(
        Quantity(
            file,
            "luqy_pct",
            100 * value if np.isfinite(value) else "refused",
            100 * u,
            "%",
            "flux / (suns Jsc / (q EQE_laser)); u: rounding of the printed values",
            flags,
            m.name,
            note,
        )
    )
    return rows


def FIGURES(measurements: Sequence[Measurement], quantities: Sequence[Quantity]) -> list[tuple[str, str, Figure]]:
    """Excitation and emission bands of the set."""
    from peqled.lab.plqy.figure import sphere_figure

    return sphere_figure(measurements, quantities)
