"""The vocabulary of parameter names: one name, one working unit, in every file of the book.

Energies of states, gaps and barriers are in electronvolts, levels negative below vacuum; everything else is SI.
The same word is the same quantity everywhere: ``homo`` is also a valence-band maximum, ``lumo`` a conduction-band
minimum.
"""

from __future__ import annotations

__all__ = ["REQUIRED", "UNITS", "unit_of"]

_BY_UNIT = {
    # energies
    "eV": """homo lumo work_function band_gap optical_gap disorder trap_depth exciton_binding_energy
        tunnelling_barrier_hole tunnelling_barrier_electron stark_shift ion_activation_energy activation_energy
        adsorption_energy absorption_energy band_width precursor_absorption_energy precursor_band_width s1_bulk_limit
        s2_band_gap s3_exciton_energy homogeneous_width_constant single_dot_width single_dot_width_improved
        lo_phonon_energy stokes_small stokes_large stokes_hot_injection work_function_spread_between
        work_function_spread_within emission_band_width thermal_activation""",
    "eV m^2": "s1_coefficient s2_confinement",
    "eV m": "s2_coulomb homogeneous_width_slope",
    "eV/K": "temperature_shift",
    "J/mol": """volume_activation_energy volume_activation_energy_room reaction_activation_energy
        attachment_activation_energy solution_enthalpy cluster_energy etching_activation_energy pair_enthalpy
        plumbate_enthalpy bromide_enthalpy cluster_enthalpy polar_activation_energy
        viscosity_activation_energy""",
    # lengths, areas, volumes
    "m": """thickness edge_length centre_distance emission_wavelength emission_width electroluminescence_wavelength
        electroluminescence_width foerster_radius bohr_diameter lattice_parameter reference_edge digestive_edge
        s3_dead_layer stokes_small_edge stokes_large_edge dark_edge ligand_shell ligand_gap platelet2_wavelength
        platelet3_wavelength platelet4_wavelength lead_bromide_cluster_wavelength perovskite_cluster_wavelength
        layered_exciton_wavelength optical_path""",
    "m^2": "pixel_area cross_section",
    "m^3": "formula_unit_volume slowing_volume chain_volume",
    "1/m": "hopping_decay",
    # times and rates
    "s": """photoluminescence_lifetime radiative_lifetime biexciton_lifetime trion_lifetime shockley_read_hall_lifetime
        mixing_time addition_time workup_time quench_time recovery_time time frame_exposure""",
    "1/s": """radiative_rate radiative_rate_isolated nonradiative_rate hop_rate relaxation_rate trap_rate humidity_rate
        ultraviolet_rate combined_rate exciton_damage polaron_damage healing_rate transport_polaron_damage
        reversible_polaron reversible_healing oxygen_rate thermal_rate brightening_rate dispersion_frequency""",
    # charge transport
    "m^2/V/s": """mobility_hole mobility_electron mobility_hole_fast mobility_hole_slow mobility_hole_field
        mobility_electron_field exciton_mobility ion_mobility""",
    "(m/V)^0.5": "poole_frenkel_hole poole_frenkel_electron",
    "1/m^3": """site_density number_density band_state_density doping_hole doping_electron trap_density ion_density
        bromide_site_density initial_reversible""",
    "1/m^3/s": "ligand_loss",
    "m^3/s": """capture_coefficient annihilation_coefficient bimolecular_coefficient kernel brownian_kernel
        exciton_polaron exciton_exciton exciton_polaron_alone exciton_exciton_alone quench_coefficient""",
    "m^6/s": "auger_coefficient",
    "m^2/s": "exciton_diffusivity diffusivity",
    "V/m": "surface_potential_slope dissociation_field quenching_field",
    "C/m^2": "polarisation",
    "S/m": "conductivity",
    "ohm": "sheet_resistance",
    "ohm m^2": "shunt_resistance",
    # matter
    "kg": "tunnelling_mass reduced_mass s3_translational_mass",
    "kg/mol": "molar_mass",
    "kg/m^3": "density",
    "m^3/mol": "molar_volume binding_constant bromide_binding",
    "mol/m^3": "lead_bromide acid amine cesium threshold solubility lead_solubility amount",
    "m^2/mol": "emission_brightness",
    "m^3/mol/s": "monomer_rate cluster_rate etching_rate polar_rate",
    "1/mol": "bromide_response",
    "1/m^2": "surface_density ligand_density",
    "m/s": "attachment polar_attachment",
    "J/m^2": "interfacial_energy",
    "Pa^0.5": "hansen_dispersion hansen_polar hansen_hydrogen tail_dispersion",
    "Pa s": "solvent_viscosity dispersion_viscosity",
    # heat
    "K": "temperature reference_temperature quench_temperature injection_cooling",
    "1/K": "solvent_expansion",
    "K/W": "resistance resistance_large",
    "W/m/K": "thermal_conductivity",
    # pure numbers
    "1": """permittivity optical_permittivity exciton_permittivity ligand_permittivity dot_permittivity
        refractive_index extinction_coefficient ligand_index degeneracy fill_factor packing mobility_ratio
        capture_factor quantum_yield solution_quantum_yield trion_yield trion_radiative_ratio field_screening
        horizontal_dipole_fraction pinhole_fraction pka_monomer pka_apparent chain_length double_bonds
        exchange_constant log10_ion_pair_constant log10_k1 log10_k2 log10_k8 acid_strength_transfer cooperativity
        units_per_nucleus absorptivity_ratio log_prefactor attachment_exponent geometry_factor attachment_factor
        solubility_factor aggregation_factor cross_section_exponent scherrer_constant cube_capacitance trap_fraction
        humidity_retention ultraviolet_retention reference_humidity dose_exponent dark_change killing_probability
        stretched_exponent acceleration_exponent acceleration_exponent_organic acceleration_exponent_quantum_dot
        acceleration_exponent_green acceleration_exponent_infrared pixel_area_spread spun_thickness_spread_between
        spun_thickness_spread_within evaporated_thickness_spread_between evaporated_thickness_spread_within
        sputtered_thickness_spread_between sputtered_thickness_spread_within emitter_thickness_spread_between
        emitter_thickness_spread_within tunnel_thickness_spread_between tunnel_thickness_spread_within
        edge_spread_between edge_spread_within plqy_spread_between plqy_spread_within coverage_spread_between
        coverage_spread_within salt_intercept salt_slope salt_power coverage_power phonon_share absorption_exponent
        exciton_ratio stability_ratio humidity_order synergy brightening ion_loss
        charge_per_defect traps_per_defect ratio retained interaction_factor
        shunt_probability dead_probability luminance_calibration_spread""",
}

UNITS: dict[str, str] = {name: unit for unit, names in _BY_UNIT.items() for name in names.split()}
"""Working unit of every parameter name."""

_SEMICONDUCTOR = (
    "thickness homo lumo mobility_hole mobility_electron poole_frenkel_hole poole_frenkel_electron permittivity "
    "site_density disorder surface_potential_slope polarisation doping_hole doping_electron"
)
_LIGAND = "chain_length double_bonds molar_mass molar_volume binding_constant"

REQUIRED: dict[str, tuple[str, ...]] = {
    "substrate": ("thickness",),
    "anode": ("thickness", "work_function", "sheet_resistance"),
    "cathode": ("thickness", "work_function"),
    "hole injection layer": tuple(f"{_SEMICONDUCTOR} work_function".split()),
    "hole transport layer": tuple(_SEMICONDUCTOR.split()),
    "electron transport layer": tuple(_SEMICONDUCTOR.split()),
    "generic layer": tuple(_SEMICONDUCTOR.split()),
    "tunnel layer": tuple(["thickness", "homo", "lumo", "permittivity", "tunnelling_mass", "tunnelling_barrier_hole"]),
    "injection layer": ("thickness",),
    "emitter": tuple(
        f"""{_SEMICONDUCTOR} emission_wavelength edge_length degeneracy radiative_rate nonradiative_rate
        exciton_diffusivity trion_lifetime biexciton_lifetime exciton_binding_energy""".split()
    ),
    "acid ligand": tuple(f"{_LIGAND} pka_monomer pka_apparent".split()),
    "amine ligand": tuple(f"{_LIGAND} pka_monomer pka_apparent".split()),
    "zwitterion ligand": tuple(_LIGAND.split()),
    "quaternary bromide": tuple(_LIGAND.split()),
    "solvent": (
        *("molar_mass", "molar_volume", "solvent_expansion", "permittivity", "refractive_index"),
        *("hansen_dispersion", "hansen_polar", "hansen_hydrogen"),
    ),
    "medium": (),
    "bulk perovskite": (),
    "optical film": (),
    "process": (),
}
"""Roles a material can have, and the parameters a material of that role must bring."""


def unit_of(name: str) -> str:
    """Working unit of a parameter name; KeyError for a name outside the vocabulary."""
    return UNITS[name]
