"""Rows of results for decays: every lifetime, both averages under their names, all candidates, and what is not
known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from peqled.lab.measurement import Context, Measurement, Quantity
from peqled.lab.trpl.analyse import Counting, Signal, analyse_counts, analyse_signal, seconds_per_bin
from peqled.lab.trpl.averages import stretched_averages
from peqled.lab.trpl.differential import differential_lifetime
from peqled.lab.trpl.histogram import fwhm_bins
from peqled.lab.trpl.pairing import pair
from peqled.lab.trpl.reconvolution import DecayFit
from peqled.lab.trpl.selection import CALIBRATION, Decision, tau_flags
from peqled.lab.trpl.waveform import WaveformFit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("trpl_decay", "trpl_irf")
_NS = 1e9
_AVERAGES = ("tau_amp", "tau_int", "tau_1e")
_MEANING = {
    "tau_amp": "amplitude average, sum A tau / sum A",
    "tau_int": "intensity average, sum A tau^2 / sum A tau",
    "tau_1e": "fall to 1/e of the initial value",
}
_LEVELS = (0.5, 0.1, 0.01)
Row = Callable[..., Quantity]


def group(measurements: Sequence[Measurement]) -> list[list[Measurement]]:
    """Each decay with its response."""
    return pair(measurements)


def reduce(measurements: Sequence[Measurement], context: Context) -> list[Quantity]:
    """Rows of one decay (and its response), or of a response alone."""
    decay = next((m for m in measurements if m.kind == "trpl_decay"), None)
    response = next((m for m in measurements if m.kind == "trpl_irf"), None)
    if decay is None:
        return [_response_row(m, context) for m in measurements]
    width = seconds_per_bin(decay, context)
    row = _row(context.file(*measurements), decay)
    if not np.isfinite(width):
        return [row("tau_int", "refused", flags=("READ_UNIT",), note="no time per bin: set bin_width")]
    counts, whole = _values(decay)
    rows = _record_rows(row, counts, width, decay, context)
    if not whole:
        note = "no photon counts: least squares from the maximum on" + (", response not used" if response else "")
        start = float(decay.data["delay"][0]) * width / float(decay.metadata["bin_width"])
        try:
            found = analyse_signal(start + width * np.arange(counts.size), counts)
        except ValueError as error:
            return [*rows, row("tau_int", "refused", note=str(error))]
        return rows + _signal_rows(row, found, note)
    period, rate_flags, rate_note = _period(decay, context)
    fits = analyse_counts(
        counts,
        width,
        response=None if response is None else (_values(response)[0], seconds_per_bin(response, context)),
        period=period,
        tail_start=context.number(decay, "tail_start", "s"),
        most=int(context.number(decay, "components", "1", 3.0)),
    )
    return rows + _counting_rows(row, fits, rate_flags, rate_note)


def _row(file: str, m: Measurement) -> Row:
    """Rows of this decay: lifetimes come in s and leave in ns unless another unit is named."""

    def build(name, value, u=np.nan, *, unit="ns", convention="", flags=(), note="") -> Quantity:
        scale = _NS if unit == "ns" else 1.0
        name = f"{name}_ns" if unit == "ns" else name
        every = tuple(dict.fromkeys((*flags, *m.flags)))
        shown = value if isinstance(value, str) else float(value) * scale
        return Quantity(file, name, shown, float(u) * scale, unit, convention, every, m.name, note)

    return build


def _values(m: Measurement) -> tuple[NDArray[np.float64], bool]:
    name = "lab.decay_counts" if "lab.decay_counts" in m.data else "lab.decay_signal"
    return m.data[name].to_numpy(), name == "lab.decay_counts"


def _period(m: Measurement, context: Context) -> tuple[float, tuple[str, ...], str]:
    rate = context.number(m, "repetition_rate", "1/s")
    if not np.isfinite(rate) or rate <= 0:
        return np.inf, ("REP",), "repetition rate unknown: single pulses assumed; set repetition_rate"
    return 1.0 / rate, (), f"periodic excitation, {rate:.6g} Hz"


def _response_row(m: Measurement, context: Context) -> Quantity:
    width = fwhm_bins(_values(m)[0]) * seconds_per_bin(m, context)
    return _row(context.file(m), m)("irf_fwhm", width, convention="FWHM, as measured")


def _record_rows(row: Row, counts, width: float, m: Measurement, context: Context) -> list[Quantity]:
    """What the record itself says: counts, 1/e time from the data, differential lifetimes, pile-up."""
    rows = [row("bin_width", width), row("points", counts.size, unit="1")]
    rows += [row("peak_counts", counts.max(), unit="1"), row("total_counts", counts.sum(), unit="1")]
    rate, pulses = (context.number(m, key, "1/s") for key in ("count_rate", "repetition_rate"))
    if np.isfinite(pulses):
        rows.append(row("repetition_rate_hz", pulses, unit="Hz", convention="of the file or given"))
    if np.isfinite(rate) and np.isfinite(pulses) and pulses > 0:
        share = 100.0 * rate / pulses
        flags = ("PILEUP",) if share > 5.0 else ()
        rows.append(row("pileup_pct", share, unit="%", convention="count rate over repetition rate", flags=flags))
    time = width * np.arange(counts.size)
    signal = counts - _dark(counts)
    smooth = np.convolve(signal, np.full(5, 0.2), mode="same") if counts.size > 200 else signal
    peak = int(np.argmax(smooth))
    below = np.flatnonzero(smooth[peak:] < smooth[peak] / np.e)
    if below.size:
        k = peak + int(below[0])
        at = np.interp(-smooth[peak] / np.e, [-smooth[k - 1], -smooth[k]], [time[k - 1], time[k]])
        rows.append(
            row(
                "tau_1e_data",
                at - time[peak],
                width / np.sqrt(6.0),
                convention="from the maximum of the record, no model, response included",
            )
        )
    for level, tau, u in zip(_LEVELS, *differential_lifetime(time, smooth, np.array(_LEVELS)), strict=True):
        if np.isfinite(tau):
            rows.append(
                row(f"tau_diff_{level * 100:g}pct", tau, u, convention=f"-1/(d ln I/dt) at {level:g} of the maximum")
            )
    return rows


def _dark(counts: NDArray[np.float64]) -> float:
    """Background before the rise, where the record has one."""
    held = np.flatnonzero(counts)
    lead = (
        counts[int(held[0]) : max(int(np.argmax(counts)) - max(20, counts.size // 100), 0)] if held.size else counts[:0]
    )
    return float(np.mean(lead)) if lead.size >= 20 else 0.0


# Photon counts ------------------------------------------------------------------------------------------------------


def _counting_rows(row: Row, found: Counting, rate_flags, rate_note: str) -> list[Quantity]:
    main = found.reconvolution or found.tail
    if main is None:
        return [row("tau_int", "refused", flags=rate_flags, note="too few counts behind the peak for a fit")]
    response = found.reconvolution is not None
    how = (
        "reconvolution with the measured response"
        if response
        else f"tail from {found.tail_start * _NS:.4g} ns after the peak"
    )
    flags = (*main.flags, *rate_flags, *(() if response else ("IRF",)))
    convention = f"{how}, {main.chosen.lifetimes.size} exponentials, Poisson deviance"
    histogram = found.histogram or found.tail_histogram
    assert histogram is not None
    window = [(b * histogram.bin_width * _NS) for b in main.chosen.window]
    note = f"window {window[0]:.4g} to {window[1]:.4g} ns, bins summed by {found.factor}; {rate_note}"
    rows = _average_rows(row, main, convention, flags, note)
    rows += _component_rows(row, main.chosen, "", convention, flags)
    chosen = main.chosen
    rows += [
        row(
            "n_components", chosen.lifetimes.size, unit="1", convention="BIC, D/dof and shares of 1 %", flags=main.flags
        ),
        row("deviance_per_dof", chosen.reduced, unit="1", convention="Poisson deviance over degrees of freedom"),
        row("background_counts", chosen.background, chosen.errors()[-2], unit="1", convention="per fitted bin"),
        row("fitted_photons", float(np.sum(chosen.photons)), unit="1", convention="of the decay, background left out"),
        row("bins_summed", found.factor, unit="1", convention="neighbouring bins in one before the fit"),
        row("fit_window_start", window[0] / _NS),
        row("fit_window_stop", window[1] / _NS),
    ]
    for fit in main.candidates:
        rows += _candidate_rows(row, fit, tau_flags(histogram, fit))
    if response:
        rows += _response_rows(row, found, main)
        if found.tail is not None:
            rows += _tail_rows(row, found, rate_flags)
    if found.stretched is not None:
        rows += _stretched_rows(row, found.stretched, how)
    return rows


def _average_rows(row: Row, decision: Decision, convention: str, flags, note: str) -> list[Quantity]:
    """Both averages and the 1/e time; what rests on an unidentified component says so."""
    values = decision.chosen.averages()
    if "TAU_WIN" in flags:
        note += "; the lifetimes move with the window: no sum of exponentials, see tau_stretched and tau_diff"
    hint = "; rests on a component that the bins do not resolve: prefer tau_int" if "TAU_BIN" in flags else ""
    return [
        row(
            name,
            v,
            u,
            convention=f"{_MEANING[name]}; {convention}",
            flags=flags,
            note=note + (hint if name != "tau_int" else ""),
        )
        for name, v, u in zip(_AVERAGES, values, decision.uncertainty, strict=True)
    ]


def _component_rows(row: Row, fit: DecayFit, suffix: str, convention: str, flags) -> list[Quantity]:
    """Lifetimes, slowest first, with their shares of the initial amplitude and of the photons."""
    n = fit.lifetimes.size
    errors, amplitudes = fit.errors(), fit.amplitudes
    photons = fit.photons / max(float(np.sum(fit.photons)), 1e-300)
    rows = []
    for j, tau in enumerate(fit.lifetimes):
        u = float(np.hypot(errors[n + j] * tau, CALIBRATION * tau)) if "TAU_BIN" not in flags or n > 1 else np.nan
        rows.append(
            row(
                f"tau_{j + 1}{suffix}",
                tau,
                u,
                convention=f"component {j + 1} of {n}, slowest first; {convention}",
                flags=flags,
            )
        )
        if n > 1:
            rows.append(
                row(
                    f"amplitude_{j + 1}{suffix}",
                    amplitudes[j],
                    unit="1",
                    convention="share of the initial amplitude",
                    flags=flags,
                )
            )
            rows.append(
                row(
                    f"photon_share_{j + 1}{suffix}",
                    photons[j],
                    unit="1",
                    convention="share of the photons",
                    flags=flags,
                )
            )
    return rows


def _candidate_rows(row: Row, fit: DecayFit, flags) -> list[Quantity]:
    n = fit.lifetimes.size
    convention = f"candidate with {n} exponentials"
    averages, errors = fit.averages(), fit.average_errors()
    rows = _component_rows(row, fit, f"_{n}exp", convention, flags)
    rows += [
        row(f"{name}_{n}exp", v, u, convention=f"{_MEANING[name]}; {convention}", flags=flags)
        for name, v, u in zip(_AVERAGES, averages, errors, strict=True)
    ]
    rows.append(row(f"deviance_per_dof_{n}exp", fit.reduced, unit="1", convention=convention))
    rows.append(row(f"bic_{n}exp", fit.bic, unit="1", convention=convention))
    return rows


def _response_rows(row: Row, found: Counting, main: Decision) -> list[Quantity]:
    histogram, chosen = found.histogram, main.chosen
    assert histogram is not None
    irf = ("IRF",) if "IRF" in main.flags else ()
    rows = [
        row("irf_fwhm", found.response_width, convention="FWHM of the response, as measured"),
        row(
            "irf_shift",
            chosen.shift * histogram.bin_width,
            chosen.errors()[-1] * histogram.bin_width,
            flags=irf,
            convention="response moved later by this much",
        ),
        row("irf_shift_bins", chosen.shift, chosen.errors()[-1], unit="1", convention="fitted bins", flags=irf),
    ]
    if main.other_kernel is not None:
        values = main.other_kernel.averages()
        rows += [
            row(
                f"{name}_trapezoid",
                v,
                convention=f"{_MEANING[name]}; trapezoid kernel instead of the exact one",
                flags=main.flags,
            )
            for name, v in zip(_AVERAGES, values, strict=True)
        ]
    return rows


def _tail_rows(row: Row, found: Counting, rate_flags) -> list[Quantity]:
    assert found.tail is not None
    convention = f"tail from {found.tail_start * _NS:.4g} ns after the peak, response ignored, Poisson deviance"
    flags = (*found.tail.flags, *rate_flags)
    rows = _component_rows(row, found.tail.chosen, "_tail", convention, flags)
    rows.append(
        row(
            "tau_int_tail",
            found.tail.chosen.averages()[1],
            found.tail.uncertainty[1],
            convention=convention,
            flags=flags,
        )
    )
    rows.append(row("deviance_per_dof_tail", found.tail.chosen.reduced, unit="1", convention=convention))
    return rows


def _stretched_rows(row: Row, fit: DecayFit, how: str) -> list[Quantity]:
    convention = f"exp(-(t/tau)^beta), {how}, Poisson deviance"
    flags = ("FIT_BOUND",) if fit.at_bound else ()
    errors = fit.errors()
    amp, integral, _ = fit.averages()
    u = fit.average_errors()
    tau = fit.lifetimes[0]
    return [
        row("tau_stretched", tau, errors[1] * tau, convention=convention, flags=flags),
        row("beta_stretched", fit.beta, errors[2], unit="1", convention=convention, flags=flags),
        row("tau_amp_stretched", amp, u[0], convention=f"(tau/beta) Gamma(1/beta); {convention}", flags=flags),
        row(
            "tau_int_stretched",
            integral,
            u[1],
            convention=f"tau Gamma(2/beta)/Gamma(1/beta); {convention}",
            flags=flags,
        ),
        row("deviance_per_dof_stretched", fit.reduced, unit="1", convention=convention),
        row("bic_stretched", fit.bic, unit="1", convention=convention),
    ]


# Other signals ------------------------------------------------------------------------------------------------------


def _signal_rows(row: Row, found: Signal, note: str) -> list[Quantity]:
    chosen = found.chosen
    fixed = "amplitude 1, " if found.waveform.normalised and chosen.model == "stretched" else ""
    offset = "free offset" if found.waveform.offset_free else "no offset"
    convention = f"{chosen.model} ({chosen.lifetimes.size}), unweighted, {fixed}{offset}"
    flags = chosen.fit.flags
    rows = [
        row(name, v, u, convention=f"{_MEANING[name]}; {convention}", flags=flags, note=note)
        for name, v, u in zip(_AVERAGES, chosen.averages, chosen.average_errors, strict=True)
    ]
    rows.append(row("decay_model", f"{chosen.model} ({chosen.lifetimes.size})", unit="1", convention="lowest BIC"))
    for fit in found.exponentials:
        n = fit.lifetimes.size
        for j in range(n):
            rows.append(
                row(
                    f"tau_{j + 1}_{n}exp",
                    fit.lifetimes[j],
                    fit.lifetime_errors[j],
                    flags=fit.fit.flags,
                    convention=f"component {j + 1} of {n}, slowest first, unweighted, {offset}",
                )
            )
            rows.append(
                row(
                    f"amplitude_{j + 1}_{n}exp",
                    fit.amplitudes[j],
                    unit="1",
                    convention="share of the initial amplitude",
                )
            )
        rows += [
            row(
                f"{name}_{n}exp",
                v,
                u,
                convention=f"{_MEANING[name]}; {n} exponentials, unweighted",
                flags=fit.fit.flags,
            )
            for name, v, u in zip(_AVERAGES, fit.averages, fit.average_errors, strict=True)
        ]
        rows.append(row(f"bic_{n}exp", fit.fit.bic(), unit="1", convention="n ln(chi2/n) + k ln n"))
    return rows + _signal_stretched_rows(row, found.stretched, found.waveform.normalised, offset)


def _signal_stretched_rows(row: Row, fit: WaveformFit, normalised: bool, offset: str) -> list[Quantity]:
    form = f"exp(-(t/tau)^beta), unweighted, {'amplitude 1' if normalised else 'free amplitude'}, {offset}"
    amp, integral = stretched_averages(float(fit.lifetimes[0]), fit.beta)
    return [
        row("tau_stretched", fit.lifetimes[0], fit.lifetime_errors[0], convention=form, flags=fit.fit.flags),
        row("beta_stretched", fit.beta, fit.beta_error, unit="1", convention=form, flags=fit.fit.flags),
        row(
            "tau_amp_stretched",
            amp,
            fit.average_errors[0],
            convention=f"(tau/beta) Gamma(1/beta); {form}",
            flags=fit.fit.flags,
        ),
        row(
            "tau_int_stretched",
            integral,
            fit.average_errors[1],
            convention=f"tau Gamma(2/beta)/Gamma(1/beta); {form}",
            flags=fit.fit.flags,
        ),
        row("bic_stretched", fit.fit.bic(), unit="1", convention="n ln(chi2/n) + k ln n"),
    ]


def FIGURES(measurements: Sequence[Measurement], quantities: Sequence[Quantity]) -> list[tuple[str, str, Figure]]:
    """Decay, response and the fitted model with its residuals."""
    from peqled.lab.trpl.figure import decay_figure

    return decay_figure(measurements, quantities)
