"""Planar multilayers: reflection, dipole emission and mode budget, angular emission, colour and photometry."""

from peqled.optics.averages import spectral_average, zone_mean
from peqled.optics.colour import (
    chromaticity,
    correlated_temperature,
    matching_functions,
    tristimulus,
    uniform_chromaticity,
)
from peqled.optics.dissipation import dissipation
from peqled.optics.efficiency import external_efficiency, radiative_yield
from peqled.optics.emission import Emission, emission, purcell_factor
from peqled.optics.field import Field, field
from peqled.optics.gamut import REC2020, angular_chromaticity, colour_shift, gamut_coverage
from peqled.optics.index_uncertainty import IndexUncertainty, index_uncertainty
from peqled.optics.lambertian import lambertian_factor
from peqled.optics.modes import Mode, Modes, modes
from peqled.optics.multilayer import Layer, Multilayer
from peqled.optics.orientation import Orientation
from peqled.optics.orientation_fit import OrientationFit, fit_orientation
from peqled.optics.photometry import (
    as_photons,
    as_power,
    current_efficiency,
    efficiency_from_current_efficiency,
    efficiency_from_luminance,
    luminance,
    mean_photon_energy,
    photon_spectrum_efficacy,
    power_efficiency,
    power_spectrum_efficacy,
    radiance,
    wall_plug_efficiency,
)
from peqled.optics.planewave import PlaneWave, ellipsometry, plane_wave
from peqled.optics.reach import Reach, reach
from peqled.optics.recycling import Recycling, absorbing_film, recycled_efficiency, recycled_share, recycling
from peqled.optics.stack import POLARISATIONS, WINDOWS, Stack

__all__ = [
    "POLARISATIONS",
    "REC2020",
    "WINDOWS",
    "Emission",
    "Field",
    "IndexUncertainty",
    "Layer",
    "Mode",
    "Modes",
    "Multilayer",
    "Orientation",
    "OrientationFit",
    "PlaneWave",
    "Reach",
    "Recycling",
    "Stack",
    "absorbing_film",
    "angular_chromaticity",
    "as_photons",
    "as_power",
    "chromaticity",
    "colour_shift",
    "correlated_temperature",
    "current_efficiency",
    "dissipation",
    "efficiency_from_current_efficiency",
    "efficiency_from_luminance",
    "ellipsometry",
    "emission",
    "external_efficiency",
    "field",
    "fit_orientation",
    "gamut_coverage",
    "index_uncertainty",
    "lambertian_factor",
    "luminance",
    "matching_functions",
    "mean_photon_energy",
    "modes",
    "photon_spectrum_efficacy",
    "plane_wave",
    "power_efficiency",
    "power_spectrum_efficacy",
    "purcell_factor",
    "radiance",
    "radiative_yield",
    "reach",
    "recycled_efficiency",
    "recycled_share",
    "recycling",
    "spectral_average",
    "tristimulus",
    "uniform_chromaticity",
    "wall_plug_efficiency",
    "zone_mean",
]
