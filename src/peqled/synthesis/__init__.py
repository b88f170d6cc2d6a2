"""The flask: speciation, clusters, nucleation, growth, ripening and resurfacing of CsPbBr3 dots."""

from peqled.synthesis.absorption import BandParameters, Precursor, cluster_band_ratio, precursor_absorbance
from peqled.synthesis.aggregation import COLLISIONS, Collisions
from peqled.synthesis.clusters import HYPOTHESES, ClusterParameters, Hypothesis
from peqled.synthesis.flask import default_times, simulate_flask
from peqled.synthesis.history import MESSAGES, FlaskResult
from peqled.synthesis.injection import Injection, Programme, constant_temperature, injection_cooling, quench
from peqled.synthesis.kinetics import Kinetics
from peqled.synthesis.ligands import Ligands
from peqled.synthesis.moments import QuickLook, quick_look
from peqled.synthesis.network import ELEMENTS, SPECIES
from peqled.synthesis.precursor import Flask, precursor_of
from peqled.synthesis.resurfacing import Resurfacing, no_resurfacing

__all__ = [
    "COLLISIONS",
    "ELEMENTS",
    "HYPOTHESES",
    "MESSAGES",
    "SPECIES",
    "BandParameters",
    "ClusterParameters",
    "Collisions",
    "Flask",
    "FlaskResult",
    "Hypothesis",
    "Injection",
    "Kinetics",
    "Ligands",
    "Precursor",
    "Programme",
    "QuickLook",
    "Resurfacing",
    "cluster_band_ratio",
    "constant_temperature",
    "default_times",
    "injection_cooling",
    "no_resurfacing",
    "precursor_absorbance",
    "precursor_of",
    "quench",
    "quick_look",
    "simulate_flask",
]
