"""The vocabulary: one name, one set of dimensions, one unit and one convention for every observable.

The twin *predicts* these quantities and lab files *measure* them; both are the same labelled variable. Plotting,
fitting and reporting are written against this registry. Units are SI, except energies (eV), which are the numbers
the field reads. A coordinate is an observable whose only dimension is itself.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Observable:
    """One entry of the vocabulary.

    Attributes:
        name: dotted name, ``stage.quantity`` (coordinates carry no stage).
        dims: names of the coordinates it depends on, outermost first.
        unit: unit of its numbers, as written to files ("1" for pure numbers).
        long_name: what an axis label says.
        convention: the choice that another laboratory could have made differently.
    """

    name: str
    dims: tuple[str, ...]
    unit: str
    long_name: str
    convention: str = ""

    @property
    def stage(self) -> str:
        """Stage that predicts it, "" for a coordinate."""
        return self.name.rpartition(".")[0]

    @property
    def short(self) -> str:
        """Name inside its stage."""
        return self.name.rpartition(".")[2]


def _coordinate(name: str, unit: str, long_name: str, convention: str = "") -> Observable:
    return Observable(name, (name,), unit, long_name, convention)


_COORDINATES = (
    _coordinate("time", "s", "time after injection", "0 s = Cs-oleate enters the flask"),
    _coordinate("edge", "m", "cube edge length", "inorganic core, without ligands"),
    _coordinate("species", "1", "dissolved species"),
    _coordinate("reaction", "1", "reaction of the network"),
    _coordinate("element", "1", "conserved element or fragment"),
    _coordinate("energy", "eV", "photon energy"),
    _coordinate("wavelength", "m", "wavelength", "in air, taken equal to vacuum"),
    _coordinate("insitu_wavelength", "m", "wavelength of the in-situ spectrometer"),
    _coordinate("delay", "s", "delay after the pulse"),
    _coordinate("record_time", "s", "time in the TRPL record", "0 s = centre of a Gaussian response, start of a trace"),
    _coordinate("condition", "1", "ageing condition"),
    _coordinate("ageing_time", "s", "time of ageing"),
    _coordinate("wash", "1", "washing cycles done"),
    _coordinate("antisolvent_ratio", "1", "volumes of antisolvent per volume of dispersion"),
    _coordinate("size_class", "1", "size class in the film"),
    _coordinate("layer", "1", "layer of the stack"),
    _coordinate("position", "m", "depth", "from the anode contact of the transport stack"),
    _coordinate("emitter_depth", "m", "depth in the emitter film", "from the anode side"),
    _coordinate("place", "1", "where a photon ends", "a layer, or an exit: air, substrate, top"),
    _coordinate(
        "polarisation", "1", "polarisation", "TE: electric field in the plane; TM: magnetic field in the plane"
    ),
    _coordinate("window", "1", "effective-index window", "bounds: outside, substrate and emitter index"),
    _coordinate("angle", "rad", "polar angle in air", "from the surface normal"),
    _coordinate("voltage", "V", "voltage", "anode against cathode, series resistance included"),
    _coordinate("set_current", "A/m^2", "current density", "driven"),
    _coordinate("scan_voltage", "V", "voltage", "of a scan up and down"),
    _coordinate("pulse_time", "s", "time", "0 s = the pulse begins"),
    _coordinate("frequency", "Hz", "frequency"),
    _coordinate("single_carrier_voltage", "V", "voltage", "of the single-carrier device"),
    _coordinate("light_voltage", "V", "voltage", "under light"),
    _coordinate("shown_voltage", "V", "voltage of a drawn profile"),
    _coordinate("cause", "1", "fate of an injected electron-hole pair"),
    _coordinate("device", "1", "number of a device in the batch"),
    _coordinate("initial_luminance", "cd/m^2", "initial luminance", "at t = 0 of constant-current operation"),
    _coordinate("damage_depth", "m", "depth", "from the anode contact, nodes of the ageing mesh"),
    _coordinate("life_step", "1", "number of the point of a lifetime curve"),
    _coordinate("life_share", "1", "share of the initial luminance"),
    _coordinate("tolerance", "1", "tolerance of fabrication"),
    _coordinate("mechanism", "1", "mechanism of damage"),
    _coordinate("test_temperature", "K", "temperature of the surroundings"),
)

_SYNTHESIS = (
    Observable("synthesis.precursor_absorbance", ("energy",), "1", "precursor absorbance", "10 um path, decadic"),
    Observable("synthesis.cluster_band_ratio", (), "1", "A(3.15 eV) over A(4.5 eV) before injection"),
    Observable("synthesis.cluster_share", (), "1", "share of lead in clusters before injection"),
    Observable("synthesis.species_concentration", ("time", "species"), "mol/m^3", "concentration"),
    Observable(
        "synthesis.reaction_rate", ("time", "reaction"), "mol/m^3/s", "net rate of reaction", "forward positive"
    ),
    Observable("synthesis.temperature", ("time",), "K", "temperature of the flask"),
    Observable("synthesis.supersaturation", ("time",), "1", "supersaturation", "c/c_inf of the flat surface"),
    Observable("synthesis.nucleation_rate", ("time",), "1/m^3/s", "nucleation rate", "both routes"),
    Observable("synthesis.size_distribution", ("time", "edge"), "1/m^4", "number per volume and edge length"),
    Observable("synthesis.particle_number", ("time",), "1/m^3", "nanocrystals per volume of solution"),
    Observable("synthesis.nuclei_monomer", ("time",), "1/m^3", "nuclei born from monomer, cumulative"),
    Observable("synthesis.nuclei_cluster", ("time",), "1/m^3", "nuclei born from clusters, cumulative"),
    Observable("synthesis.mean_edge", ("time",), "m", "number-mean edge length"),
    Observable("synthesis.size_cv", ("time",), "1", "coefficient of variation of the edge length"),
    Observable("synthesis.size_cv_coarse", (), "1", "coefficient of variation at the end, half the cells"),
    Observable("synthesis.yield_cs", ("time",), "1", "yield on caesium", "solid over total caesium"),
    Observable("synthesis.yield_pb", ("time",), "1", "yield on lead", "solid over total lead"),
    Observable("synthesis.product_mass", ("time",), "kg/m^3", "mass of nanocrystals per volume", "without ligands"),
    Observable("synthesis.balance_error", ("element",), "1", "relative error of the balance"),
)

_NANOCRYSTAL = (
    Observable("nanocrystal.insitu_pl", ("time", "insitu_wavelength"), "1", "in-situ PL", "per wavelength, hot flask"),
    Observable("nanocrystal.insitu_peak", ("time",), "m", "in-situ PL peak wavelength", "hot flask"),
    Observable("nanocrystal.insitu_fwhm", ("time",), "m", "in-situ PL width (FWHM)", "hot flask"),
    Observable("nanocrystal.insitu_cluster_pl", ("time",), "1/m", "in-situ PL between 400 and 460 nm", "hot flask"),
    Observable("nanocrystal.insitu_dot_pl", ("time",), "1/m", "in-situ PL of the dots, whole line", "hot flask"),
    Observable("nanocrystal.pl", ("wavelength",), "1/m", "PL photon spectrum", "photons per wavelength, area 1, 298 K"),
    Observable("nanocrystal.absorption", ("wavelength",), "1/m", "absorption coefficient of the dots' solution"),
    Observable("nanocrystal.pl_peak", (), "m", "PL peak wavelength", "photons per wavelength"),
    Observable("nanocrystal.pl_fwhm", (), "m", "PL width (FWHM)"),
    Observable("nanocrystal.pl_fwhm_homogeneous", (), "m", "width of one dot size at the same peak (FWHM)"),
    Observable("nanocrystal.pl_centroid", (), "m", "centroid of the PL", "mean wavelength of the photons"),
    Observable("nanocrystal.plqy", (), "1", "photoluminescence quantum yield of the dots in solution"),
    Observable("nanocrystal.decay", ("delay",), "1", "PL decay", "1 at zero delay"),
    Observable(
        "nanocrystal.trpl_record",
        ("record_time",),
        "1",
        "PL decay as recorded",
        "instrument response and earlier pulses included, over its maximum",
    ),
    Observable("nanocrystal.lifetime_1e", (), "s", "PL lifetime, 1/e"),
    Observable("nanocrystal.lifetime_amplitude", (), "s", "PL lifetime, amplitude average", "area over initial value"),
    Observable("nanocrystal.lifetime_intensity", (), "s", "PL lifetime, intensity average", "first moment over area"),
    Observable("nanocrystal.zwitterion_coverage", (), "1", "share of surface sites held by the resurfacing agent"),
    Observable("nanocrystal.ligand_coverage", (), "1", "share of surface sites held by any ligand"),
    Observable("nanocrystal.traps_per_dot", (), "1", "mean number of traps on a dot"),
    Observable("nanocrystal.mean_edge", (), "m", "number-mean edge length"),
    Observable("nanocrystal.size_cv", (), "1", "coefficient of variation of the edge length"),
    Observable("nanocrystal.xrd_breadth", (), "m", "apparent crystallite size", "integral breadth, (h00)"),
    Observable("nanocrystal.xrd_fwhm", (), "rad", "width of the (100) line in 2 theta (FWHM)", "Cu K-alpha 1"),
    Observable("nanocrystal.hydrodynamic_diameter", (), "m", "hydrodynamic diameter", "z-average"),
    Observable("nanocrystal.polydispersity", (), "1", "DLS polydispersity index"),
)

_FILM = (
    Observable("film.wash_yield", ("wash",), "1", "dots left after washing", "by volume of crystal"),
    Observable("film.wash_coverage", ("wash",), "1", "share of surface sites held by any ligand", "dispersed again"),
    Observable("film.wash_plqy", ("wash",), "1", "PLQY of the washed dots in solution", "dots of the product's sizes"),
    Observable("film.wash_ligand", ("wash",), "mol/m^3", "ligand left, bound and free", "per volume of the crude"),
    Observable("film.wash_precipitated", ("antisolvent_ratio",), "1", "crude that precipitates", "by volume"),
    Observable("film.wash_mean_edge", (), "m", "number-mean edge length of the washed dots"),
    Observable("film.wash_size_cv", (), "1", "coefficient of variation of the edge length, washed"),
    Observable("film.ligand_gap", (), "m", "distance between neighbouring dots", "between faces"),
    Observable("film.number_density", (), "1/m^3", "nanocrystals per volume of film"),
    Observable("film.fill_factor", (), "1", "volume share of the nanocrystals"),
    Observable("film.refractive_index", ("wavelength",), "1", "refractive index n of the film"),
    Observable("film.extinction_coefficient", ("wavelength",), "1", "extinction coefficient k of the film"),
    Observable("film.permittivity", (), "1", "static relative permittivity of the film"),
    Observable("film.mobility", (), "m^2/V/s", "hopping mobility"),
    Observable("film.pl", ("wavelength",), "1/m", "PL photon spectrum of the film", "photons per wavelength, area 1"),
    Observable("film.pl_peak", (), "m", "PL peak wavelength of the film"),
    Observable("film.pl_fwhm", (), "m", "PL width of the film (FWHM)"),
    Observable("film.red_shift", (), "m", "shift of the PL centroid by energy transfer", "positive: to the red"),
    Observable(
        "film.plqy", (), "1", "photoluminescence quantum yield of the film", "in the bulk of the film, no cavity"
    ),
    Observable("film.decay", ("delay",), "1", "PL decay of the film", "1 at zero delay"),
    Observable("film.lifetime_1e", (), "s", "PL lifetime of the film, 1/e"),
    Observable("film.lifetime_amplitude", (), "s", "PL lifetime of the film, amplitude average"),
    Observable("film.pl_retained", ("condition", "ageing_time"), "1", "PL retained", "1 at t = 0"),
)

_OPTICS = (
    Observable("optics.purcell_factor", ("emitter_depth",), "1", "Purcell factor", "against the bulk emitter medium"),
    Observable("optics.outcoupled_power", ("emitter_depth",), "1", "power into air, in units of the bulk dipole power"),
    Observable("optics.mode_budget", ("place", "polarisation", "window"), "1", "mode budget", "uniform zone, sum 1"),
    Observable("optics.outcoupling_efficiency", (), "1", "out-coupling efficiency", "air share, uniform zone"),
    Observable("optics.reabsorbed_share", (), "1", "photons that the film takes up again", "middle of the film"),
    Observable("optics.recycling_gain", (), "1", "EQE with recycled photons over EQE without", "at a yield of 1"),
    Observable("optics.budget_error", (), "1", "share of the power that layers and exits do not account for"),
)

_LED = (
    Observable("led.current_density", ("voltage",), "A/m^2", "current density", "> 0 forward"),
    Observable("led.luminance", ("voltage",), "cd/m^2", "luminance", "normal incidence"),
    Observable("led.radiance", ("voltage",), "W/sr/m^2", "radiance", "normal incidence"),
    Observable(
        "led.eqe",
        ("voltage",),
        "1",
        "external quantum efficiency",
        "all photons into the air side; film of dots taken as transparent, no photon recycled",
    ),
    Observable(
        "led.eqe_recycled",
        ("voltage",),
        "1",
        "external quantum efficiency with recycling",
        "led.eqe of a film that absorbs its own light and emits it again",
    ),
    Observable("led.eqe_recycled_max", (), "1", "peak EQE with recycling", "led.eqe_max times led.recycling_gain"),
    Observable(
        "led.recycling_gain", (), "1", "EQE with recycled photons over EQE without", "yield of the excitons at the peak"
    ),
    Observable("led.current_efficiency", ("voltage",), "cd/A", "current efficiency"),
    Observable("led.power_efficiency", ("voltage",), "lm/W", "power efficiency", "true angular pattern"),
    Observable("led.el", ("wavelength",), "1/m", "EL photon spectrum", "photons per wavelength, area 1"),
    Observable("led.eqe_max", (), "1", "peak external quantum efficiency", "at luminances of at least 1 cd/m2"),
    Observable("led.eqe_lambertian", (), "1", "peak EQE read from forward luminance as if Lambertian"),
    Observable("led.current_at_eqe_max", (), "A/m^2", "current density at the peak EQE"),
    Observable("led.luminance_max", (), "cd/m^2", "highest luminance of the sweep"),
    Observable("led.turn_on_voltage", (), "V", "turn-on voltage", "at 1 cd/m^2"),
    Observable("led.current_efficiency_max", (), "cd/A", "peak current efficiency"),
    Observable("led.el_peak", (), "m", "EL peak wavelength"),
    Observable("led.el_fwhm", (), "m", "EL width (FWHM)"),
    Observable("led.cie_x", (), "1", "CIE 1931 x"),
    Observable("led.cie_y", (), "1", "CIE 1931 y"),
    Observable(
        "led.mode_budget", ("place", "polarisation", "window"), "1", "mode budget", "zone of the peak EQE, sum 1"
    ),
    Observable("led.outcoupling_efficiency", (), "1", "out-coupling efficiency", "air share, zone of the peak EQE"),
    Observable("led.angular_intensity", ("angle",), "1", "intensity per solid angle", "1 at normal incidence"),
    Observable("led.lambertian_factor", (), "1", "Lambertian factor", "1 = Lambertian, > 1 wider"),
    Observable("led.charge_balance", ("voltage",), "1", "pairs captured in the emitter per injected charge"),
    Observable("led.loss_share", ("voltage", "cause"), "1", "share of the injected charge by fate", "sum 1"),
    Observable("led.mesh_error", ("voltage",), "1", "relative mesh error of the current", "Richardson"),
    Observable("led.current_spread", ("voltage",), "1", "relative spread of Jn + Jp over the stack"),
    Observable(
        "led.recombination_zone", ("shown_voltage", "position"), "1/m^3/s", "radiative rate", "Purcell factor included"
    ),
    Observable("led.exciton_density", ("shown_voltage", "position"), "1/m^3", "exciton density"),
    Observable("led.electron_density", ("shown_voltage", "position"), "1/m^3", "electron density"),
    Observable("led.hole_density", ("shown_voltage", "position"), "1/m^3", "hole density"),
    Observable("led.conduction_band", ("shown_voltage", "position"), "eV", "conduction level"),
    Observable("led.valence_band", ("shown_voltage", "position"), "eV", "valence level"),
    Observable("led.electron_quasi_fermi", ("shown_voltage", "position"), "eV", "electron quasi-Fermi level"),
    Observable("led.hole_quasi_fermi", ("shown_voltage", "position"), "eV", "hole quasi-Fermi level"),
)

_EXPERIMENTS = (
    Observable("experiments.set_voltage", ("set_current",), "V", "voltage", "at the driven current density"),
    Observable("experiments.set_luminance", ("set_current",), "cd/m^2", "luminance", "normal incidence"),
    Observable("experiments.set_eqe", ("set_current",), "1", "external quantum efficiency"),
    Observable("experiments.scan_current_up", ("scan_voltage",), "A/m^2", "current density, rising voltage"),
    Observable("experiments.scan_current_down", ("scan_voltage",), "A/m^2", "current density, falling voltage"),
    Observable("experiments.scan_luminance_up", ("scan_voltage",), "cd/m^2", "luminance, rising voltage"),
    Observable("experiments.scan_luminance_down", ("scan_voltage",), "cd/m^2", "luminance, falling voltage"),
    Observable("experiments.hysteresis_index", (), "1", "hysteresis index", "(A_down - A_up)/(A_down + A_up) of J-V"),
    Observable("experiments.pulse_current", ("pulse_time",), "A/m^2", "current density of the pulse"),
    Observable("experiments.pulse_luminance", ("pulse_time",), "cd/m^2", "luminance of the pulse"),
    Observable("experiments.pulse_delay", (), "s", "delay of the light", "to a tenth of its value at the end"),
    Observable("experiments.pulse_rise", (), "s", "rise time of the light", "a tenth to nine tenths"),
    Observable("experiments.pulse_decay", (), "s", "decay time of the light", "from the end of the pulse to a tenth"),
    Observable("experiments.capacitance", ("frequency",), "F/m^2", "capacitance", "Im Y/(2 pi f)"),
    Observable("experiments.conductance", ("frequency",), "S/m^2", "conductance", "Re Y"),
    Observable("experiments.impedance_real", ("frequency",), "ohm m^2", "impedance, real part"),
    Observable("experiments.impedance_imaginary", ("frequency",), "ohm m^2", "impedance, imaginary part"),
    Observable("experiments.geometric_capacitance", (), "F/m^2", "geometric capacitance"),
    Observable("experiments.single_carrier_current", ("single_carrier_voltage",), "A/m^2", "single-carrier current"),
    Observable("experiments.single_carrier_slope", ("single_carrier_voltage",), "1", "slope", "d ln J/d ln V"),
    Observable(
        "experiments.single_carrier_apparent_mobility",
        ("single_carrier_voltage",),
        "m^2/V/s",
        "mobility read off the current",
        "Mott-Gurney law at each voltage",
    ),
    Observable("experiments.single_carrier_mobility", (), "m^2/V/s", "mobility put in", "at zero field"),
    Observable("experiments.light_current", ("light_voltage",), "A/m^2", "current density under light"),
    Observable("experiments.dark_current", ("light_voltage",), "A/m^2", "current density in the dark"),
    Observable("experiments.open_circuit_voltage", (), "V", "open-circuit voltage"),
    Observable("experiments.short_circuit_current", (), "A/m^2", "short-circuit current", "> 0 against the forward J"),
    Observable("experiments.fill_factor", (), "1", "fill factor"),
)

_BATCH = (
    Observable("batch.eqe", ("device",), "1", "peak EQE", "shorted and dead devices are NaN"),
    Observable("batch.turn_on_voltage", ("device",), "V", "turn-on voltage", "at 1 cd/m^2"),
    Observable("batch.eqe_mean", (), "1", "mean peak EQE of the batch", "working devices"),
    Observable("batch.eqe_deviation", (), "1", "standard deviation of the peak EQE", "working devices"),
    Observable("batch.eqe_champion", (), "1", "highest peak EQE of the batch"),
    Observable("batch.yield", (), "1", "share of working devices"),
    Observable("batch.t50", ("device",), "s", "T50 of a device", "from 10000 cd/m2, constant current"),
    Observable("batch.tolerance_share", ("tolerance",), "1", "share of the variance of the EQE", "Shapley effect"),
    Observable("batch.tolerance_low", ("tolerance",), "1", "lower end of the share of the variance", "90 %"),
    Observable("batch.tolerance_high", ("tolerance",), "1", "upper end of the share of the variance", "90 %"),
)

_LIFETIME = (
    Observable("lifetime.time", ("initial_luminance", "life_step"), "s", "operating time"),
    Observable("lifetime.luminance", ("initial_luminance", "life_step"), "1", "luminance over initial luminance"),
    Observable("lifetime.voltage", ("initial_luminance", "life_step"), "V", "voltage in operation"),
    Observable("lifetime.eqe", ("initial_luminance", "life_step"), "1", "external quantum efficiency in operation"),
    Observable("lifetime.el_peak", ("initial_luminance", "life_step"), "m", "EL peak wavelength in operation"),
    Observable("lifetime.current_density", ("initial_luminance",), "A/m^2", "current density at the start"),
    Observable("lifetime.heating", ("initial_luminance",), "K", "self-heating at the start"),
    Observable("lifetime.t50", ("initial_luminance",), "s", "time to half of the initial luminance"),
    Observable("lifetime.time_to", ("initial_luminance", "life_share"), "s", "time to a share of the luminance"),
    Observable("lifetime.acceleration_exponent", (), "1", "acceleration exponent n", "L0^n T50 constant"),
    Observable("lifetime.local_exponent", ("initial_luminance",), "1", "local exponent", "-d ln T50/d ln L0"),
    Observable("lifetime.t50_low", ("initial_luminance",), "s", "lower end of the T50", "90 %, mixtures of mechanisms"),
    Observable(
        "lifetime.t50_high", ("initial_luminance",), "s", "upper end of the T50", "90 %, mixtures of mechanisms"
    ),
    Observable("lifetime.t50_of_temperature", ("test_temperature", "initial_luminance"), "s", "T50 at a temperature"),
    Observable(
        "lifetime.mechanism_share",
        ("initial_luminance", "mechanism"),
        "1",
        "share of the initial loss rate by mechanism",
        "sum 1",
    ),
    Observable("lifetime.damage", ("damage_depth",), "1/m^3", "defect density at T50, highest luminance"),
    Observable(
        "lifetime.damage_map", ("life_step", "damage_depth"), "1/m^3", "defect density", "highest luminance with a T50"
    ),
)

_LAB_STRUCTURE = (
    _coordinate("binding_energy", "eV", "binding energy", "h nu minus kinetic energy, ascending"),
    _coordinate("kinetic_energy", "eV", "kinetic energy", "referred to the Fermi level of the analyser"),
    _coordinate("wavenumber", "1/m", "wavenumber", "ascending"),
    _coordinate("two_theta", "rad", "diffraction angle 2 theta", "as written by the instrument, no zero correction"),
    _coordinate("lag_time", "s", "lag time"),
    _coordinate("diameter", "m", "hydrodynamic diameter"),
    _coordinate("particle", "1", "number of a particle"),
    _coordinate("row", "1", "row of an image"),
    _coordinate("column", "1", "column of an image"),
    _coordinate("abscissa", "1", "abscissa", "as written; its unit is in the metadata"),
    _coordinate("observation", "1", "number of an observation"),
    _coordinate("predictor", "1", "number of a predictor"),
    Observable("lab.fit_response", ("observation",), "1", "response of a regression problem", "as written"),
    Observable("lab.fit_predictor", ("predictor", "observation"), "1", "predictors of a regression problem"),
    Observable("lab.spectrum", ("abscissa",), "1", "spectrum", "as written, not interpreted"),
    _coordinate("bias", "V", "applied voltage", "in the order of the file, repeats allowed"),
    Observable("lab.xps_intensity", ("binding_energy",), "1", "photoelectron intensity", "as written: counts or 1/s"),
    Observable(
        "lab.xps_background", ("binding_energy",), "1", "background of the file", "as the other program drew it"
    ),
    Observable("lab.xps_transmission", ("binding_energy",), "1", "transmission of the analyser"),
    Observable(
        "lab.xps_intensity_kinetic", ("kinetic_energy",), "1", "photoelectron intensity", "photon energy unknown"
    ),
    Observable("lab.ftir_absorbance", ("wavenumber",), "1", "absorbance", "decadic"),
    Observable("lab.ftir_transmittance", ("wavenumber",), "1", "transmittance", "0 to 1"),
    Observable("lab.ftir_reflectance", ("wavenumber",), "1", "reflectance", "0 to 1"),
    Observable("lab.ftir_single_beam", ("wavenumber",), "1", "single-beam intensity", "neither A nor T"),
    Observable("lab.xrd_intensity", ("two_theta",), "1", "diffracted intensity", "as written: counts or 1/s"),
    Observable("lab.dls_correlation", ("lag_time",), "1", "intensity correlation", "g2 - 1"),
    Observable("lab.dls_distribution", ("diameter",), "1", "size distribution of the instrument", "by intensity"),
    Observable("lab.tem_size", ("particle",), "m", "particle size", "see the metadata: diameter, edge or Feret"),
    Observable("lab.tem_area", ("particle",), "m^2", "projected area of a particle"),
    Observable("lab.tem_area_px", ("particle",), "1", "projected area of a particle", "pixels"),
    Observable("lab.tem_size_px", ("particle",), "1", "particle size", "pixels"),
    Observable("lab.tem_image", ("row", "column"), "1", "image", "grey values or mask"),
    Observable("lab.sclc_current", ("bias",), "A", "current of a single-carrier device", "area not known to the file"),
    Observable("lab.sclc_current_density", ("bias",), "A/m^2", "current density of a single-carrier device"),
)


_LAB_DEVICE = (
    Observable("lab.current", ("voltage",), "A", "current", "> 0 forward"),
    Observable("lab.photocurrent", ("voltage",), "A", "photodiode current", "dark value not subtracted"),
    Observable("lab.photodiode_voltage", ("voltage",), "V", "photodiode voltage", "behind an amplifier of known gain"),
    Observable("lab.radiant_power", ("voltage",), "W", "radiant power", "all directions, from a sphere"),
    Observable("lab.photon_rate", ("voltage",), "1/s", "photon rate", "all directions, from a sphere"),
    Observable("lab.instrument_eqe", ("voltage",), "1", "EQE of the instrument", "as printed"),
    Observable("lab.instrument_power_efficiency", ("voltage",), "lm/W", "PE of the instrument", "as printed"),
    Observable("lab.el_energy", ("voltage", "wavelength"), "1", "EL spectrum", "energy per wavelength, any scale"),
    Observable("lab.el_counts", ("voltage", "wavelength"), "1", "EL detector counts", "no response correction"),
    Observable("lab.angular_signal", ("angle",), "1", "signal at this angle", "any scale, repeats kept"),
    Observable("lab.angular_spectrum", ("angle", "wavelength"), "1", "spectrum at this angle", "energy, any scale"),
)


_LAB_OPTICAL = (
    Observable(
        "lab.decay_counts", ("delay",), "1", "photon counts per bin", "bins start at the delay; with background"
    ),
    Observable("lab.decay_signal", ("delay",), "1", "decay signal", "no photon counts: normalised or averaged"),
    Observable("lab.pl_intensity", ("wavelength",), "1", "emission", "as written, per wavelength"),
    Observable("lab.absorbance", ("wavelength",), "1", "absorbance", "decadic"),
    Observable("lab.transmittance", ("wavelength",), "1", "transmittance", "0 to 1"),
    Observable("lab.absorbance_map", ("time", "insitu_wavelength"), "1", "absorbance against time", "decadic"),
    Observable("lab.sphere_counts", ("wavelength",), "1", "signal in the integrating sphere", "as written"),
    Observable("lab.sphere_response", ("wavelength",), "1", "correction of the sphere", "multiplies the signal"),
    Observable("lab.pl_flux", ("wavelength",), "1/m^3/s", "luminescence photon flux", "photons per area, wavelength"),
    Observable("lab.pl_trace", ("ageing_time",), "1", "emission against time", "as written"),
)


def _register(*groups: tuple[Observable, ...]) -> Mapping[str, Observable]:
    registry: dict[str, Observable] = {}
    for observable in (entry for group in groups for entry in group):
        if observable.name in registry:
            raise ValueError(f"the vocabulary holds '{observable.name}' twice")
        registry[observable.name] = observable
    for observable in registry.values():
        missing = [dim for dim in observable.dims if dim not in registry]
        if missing:
            raise ValueError(f"'{observable.name}' uses dimensions that are no coordinates: {missing}")
    return registry


_REGISTRY = _register(
    *(_COORDINATES, _SYNTHESIS, _NANOCRYSTAL, _FILM, _OPTICS, _LED, _EXPERIMENTS, _BATCH, _LIFETIME),
    *(_LAB_STRUCTURE, _LAB_DEVICE, _LAB_OPTICAL),
)


def observable(name: str) -> Observable:
    """Entry of the vocabulary with this name.

    Raises:
        KeyError: no such observable; the message names the nearest ones.
    """
    if name not in _REGISTRY:
        near = difflib.get_close_matches(name, _REGISTRY, n=3, cutoff=0.4)
        raise KeyError(f"no observable '{name}'; the nearest are: {', '.join(near) or 'none'}")
    return _REGISTRY[name]


def observables(stage: str | None = None) -> Iterator[Observable]:
    """All observables, or those of one stage ("" for the coordinates), in the order of the chain."""
    return (entry for entry in _REGISTRY.values() if stage is None or entry.stage == stage)
