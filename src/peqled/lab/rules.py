"""Verdicts: every flag in a result is one of these codes. `refuse` withholds a number, `warn` and `inform` do not."""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["RULES", "Rule", "rule"]

Level = Literal["refuse", "warn", "inform"]


class Rule(NamedTuple):
    """Level of a verdict and the sentence that the report prints."""

    level: Level
    sentence: str


RULES: dict[str, Rule] = {
    "SPEC_UNCAL": Rule("refuse", "The spectrum is in detector counts and no response is given: no EQE, no colour."),
    "SPEC_AU": Rule(
        "warn",
        "Nothing says whether the spectrum is corrected for the response: no EQE; its shape and colour hold if it is.",
    ),
    "SPEC_STEP": Rule("warn", "The wavelength step is above 0.2 of the width: the width is unreliable."),
    "SPEC_NONE": Rule("refuse", "No EL spectrum belongs to this sweep: no EQE from its luminance."),
    "SPEC_NEG": Rule("inform", "Negative values of the spectrum were set to zero for the colour."),
    "SLIT": Rule("warn", "The slit width is unknown or above half of the measured width: the width holds the slit."),
    "NOISE_L": Rule("inform", "Points with a luminance below 10 x its dark noise are masked in EQE, CE and PE."),
    "NEG_EQE": Rule("warn", "An EQE below 0 or above 100 % in the accepted range: check area, current and spectrum."),
    "AREA": Rule("refuse", "Neither current density nor pixel area is given: no current density and no EQE."),
    "AREA_U": Rule("inform", "The pixel area has no stated uncertainty; the default of 2 % is used."),
    "LAMB": Rule("inform", "No angular data: 3 % is added for the Lambertian assumption."),
    "LAMB_F": Rule("warn", "The emission is not Lambertian (|F - 1| >= 2u): use the EQE corrected by F."),
    "REPEAT": Rule("inform", "Several sweeps of one pixel: counted once."),
    "CLUSTER": Rule("warn", "Fewer than three substrates: the interval of the mean is not reliable."),
    "CHAMP": Rule("warn", "The champion lies above mean + 3 sd: check it before quoting it."),
    "HYST": Rule("inform", "Forward and backward sweeps differ by more than 10 %: state the direction."),
    "EXCLUDED": Rule("inform", "The pixel was excluded by a stated rule."),
    "TAU_NAME": Rule("refuse", "An average lifetime without the name of its definition."),
    "TAU_BIN": Rule("warn", "A lifetime below 1.5 bins, or an amplitude at its bound: not identified."),
    "TAU_WIN": Rule("warn", "The lifetimes move with the window: the decay is not a sum of exponentials."),
    "REP": Rule("warn", "The repetition rate is unknown, or the period below 5 lifetimes without a periodic model."),
    "PILEUP": Rule("warn", "The count rate is above 5 % of the repetition rate: pile-up shortens the decay."),
    "IRF": Rule("warn", "The instrument response does not belong to this decay, or is missing."),
    "NEYMAN": Rule("refuse", "Weights 1/counts bias low counts: not used."),
    "PLQY_A": Rule("warn", "The absorptance is below ten of its uncertainties: the quantum yield is skewed."),
    "PLQY_100": Rule("warn", "A quantum yield above 100 %: check the calibration."),
    "NORM": Rule("warn", "The maximum lies more than 5 % above the start: both normalisations are given."),
    "XPS_REF": Rule("warn", "No charge reference: binding energies must not be compared between samples."),
    "XPS_RIGID": Rule("warn", "All levels shift equally: charging or Fermi level, not binding."),
    "XPS_DOUBLET": Rule("warn", "Ratio or splitting of a doublet is off by more than 5 % or 0.05 eV."),
    "FIT_BOUND": Rule("warn", "A parameter sits at its bound or the covariance is singular: no error bar."),
    "FIT_CHI": Rule("warn", "Reduced chi-square above 5 with structured residuals: the model is incomplete."),
    "XRD_SPLIT": Rule("refuse", "A split line or satellites in the window: no Scherrer size."),
    "DLS_PDI": Rule("warn", "Polydispersity above 0.3; above 0.5 there is no single size."),
    "DLS_B": Rule("warn", "The intercept lies outside 0 to 1."),
    "DLS_SOLV": Rule("refuse", "Viscosity or refractive index were assumed: the size holds for that solvent only."),
    "DLS_ANG": Rule("warn", "The diameter changes by more than 5 % over the angles: polydisperse."),
    "TEM_N": Rule("warn", "Fewer than 200 particles, or border particles are included."),
    "SCLC_SLOPE": Rule("refuse", "The slope is not 2.0 +- 0.1 over half a decade: no mobility."),
    "SCLC_ION": Rule("warn", "Mobile ions: indicative only, use drift-diffusion."),
    "LIFE_N": Rule("warn", "Fewer than three luminances, or a range below 10: the exponent has no interval."),
    "LIFE_X": Rule("warn", "Extrapolated more than ten times outside the measured luminances or times."),
    "CENS": Rule("inform", "The level was not reached: the time is a lower bound, the end of the record."),
    "SCLC_EPS": Rule("inform", "The relative permittivity was assumed; the mobility scales with its inverse."),
    "SCLC_L": Rule("refuse", "No thickness of the layer: no mobility."),
    "XRD_MAP": Rule("refuse", "A map of many scans, not a powder pattern: no Scherrer size."),
    "XRD_INST": Rule("warn", "The width of the instrument is unknown: the size is a lower bound."),
    "READ_HV": Rule("refuse", "The photon energy is not given: no binding energy."),
    "READ_NOTE": Rule("inform", "Something of the file was ignored on reading; the notes say what."),
    "READ_UNIT": Rule("warn", "A unit was missing and taken from the usual layout of the format."),
    "READ_FAIL": Rule("refuse", "The file was recognised but could not be read."),
    "LIB_MISSING": Rule("refuse", "A library of this reduction is not installed: pip install 'peqled[lab]'."),
    "REDUCE_FAIL": Rule("refuse", "The file was read but its reduction failed; the message says why."),
}


def rule(code: str) -> Rule:
    """The rule of a code; a code of a plug-in that this table does not know is a warning."""
    return RULES.get(code, Rule("warn", "A verdict of a plug-in; see its documentation."))
