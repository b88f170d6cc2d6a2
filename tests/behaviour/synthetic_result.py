"""A made-up but plausible result with every observable of the vocabulary, for tests of what reads results.

Nothing here is physics: smooth curves of the right size and shape, so that figures and tables can be looked at without
running a stage. `synthetic_result(dull=True)` is a second, worse flask for comparisons.
"""

import json

import numpy as np
import xarray as xr

from peqled.result import build_tree, label

TIME = np.concatenate([[0.0], np.geomspace(1e-3, 600.0, 90)])
EDGE = np.linspace(1e-9, 20e-9, 120)
WAVELENGTH = np.linspace(440e-9, 600e-9, 321)
INSITU_WAVELENGTH = np.linspace(400e-9, 600e-9, 201)
DELAY = np.linspace(0.0, 250e-9, 251)
RATIO = np.linspace(0.0, 4.0, 33)
VOLTAGE = np.linspace(0.0, 6.0, 31)
SPECIES = ("PbBr2", "HA", "B", "BHA", "BHPbBr3", "PbBrA", "PbA2", "Cl", "CsA", "M", "Z", "ZHBr", "BHBr", "PbBr2(s)")
REACTIONS = ("R0", "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8")
CARRYING = {"PTAA": 30e-9, "CsPbBr3-NC": 25e-9, "TPBi": 10e-9, "PO-T2T": 40e-9}


def bell(x, centre, width):
    """Gaussian of unit height and this full width at half maximum."""
    return np.exp(-4 * np.log(2) * ((x - centre) / width) ** 2)


def spectrum(centre, width):
    """Unit-area line over `WAVELENGTH`, 1/m."""
    line = bell(WAVELENGTH, centre, width)
    return line / np.trapezoid(line, WAVELENGTH)


def synthesis(dull):
    rise = 1 - np.exp(-TIME / 0.3)
    edge = 1e-9 * (2.5 + (4.0 if dull else 6.0) * rise**1.5 + (0.6 if dull else -0.02) * np.log1p(TIME))
    width = 1e-9 * (2.4 if dull else 1.2) * (0.4 + 0.6 * rise)
    number = 2e22 * rise
    sizes = number[:, None] * bell(EDGE, edge[:, None], width[:, None]) / (1.0645 * width[:, None])
    burst = np.exp(-((np.log(np.maximum(TIME, 1e-9) / 0.1)) ** 2))
    nucleation = 1e23 * burst
    decay = np.exp(-TIME / 1.5)
    amounts = dict(zip(SPECIES, (18, 90, 60, 110, 8, 4, 1, 3 if dull else 0, 3, 0.05, 1, 0.6, 0.2, 0), strict=True))
    concentration = np.stack([value * (0.3 + 0.7 * decay) for value in amounts.values()], axis=1)
    speeds = (0.5, 6, 1.5, 0.8 if dull else 1e-9, 12, 2 if dull else 0.0, 11, 0.03, 0.02)
    signs = (1, 1, 1, -1, 1, 1, 1, 1, 1)
    rates = np.stack([s * speed * (burst + 1e-8) for s, speed in zip(signs, speeds, strict=True)], axis=1)
    energy = np.linspace(2.2, 5.2, 200)
    absorbance = (
        0.9 * bell(energy, 4.5, 0.5)
        + 0.05 * np.exp((energy - 5.2) * 3)
        + (0.35 * bell(energy, 3.15, 0.25) if dull else 0)
    )
    cv = np.where(TIME > 0, 0.24 if dull else 0.1, np.nan)
    return {
        "time": TIME,
        "edge": EDGE,
        "species": SPECIES,
        "reaction": REACTIONS,
        "energy": energy,
        "element": ("Pb", "Br", "Cs"),
        "synthesis.precursor_absorbance": absorbance,
        "synthesis.cluster_band_ratio": 0.35 if dull else 1e-4,
        "synthesis.cluster_share": 0.2 if dull else 1e-5,
        "synthesis.species_concentration": concentration,
        "synthesis.reaction_rate": rates,
        "synthesis.temperature": 443.0 - 8.0 * rise,
        "synthesis.supersaturation": 1e-3 + 60.0 * np.exp(-((np.log(np.maximum(TIME, 1e-9) / 0.12) / 1.6) ** 2)) + rise,
        "synthesis.nucleation_rate": nucleation,
        "synthesis.size_distribution": sizes,
        "synthesis.particle_number": number,
        "synthesis.nuclei_monomer": number * (0.6 if dull else 1.0),
        "synthesis.nuclei_cluster": number * (0.4 if dull else 0.0),
        "synthesis.mean_edge": np.where(TIME > 0, edge, np.nan),
        "synthesis.size_cv": cv,
        "synthesis.size_cv_coarse": cv[-1] - 0.002,
        "synthesis.yield_cs": 0.9 * rise,
        "synthesis.product_mass": 5.0 * rise,
        "synthesis.yield_pb": 0.3 * rise,
        "synthesis.balance_error": np.array([1e-12, 2e-12, -1e-13]),
    }


def nanocrystal(dull):
    rise = 1 - np.exp(-TIME / 0.3)
    peak = 1e-9 * (470 + (38 if dull else 48) * rise + (1.2 if dull else -0.2) * np.log1p(TIME))
    map_ = rise[:, None] * bell(INSITU_WAVELENGTH, peak[:, None], 30e-9)
    if dull:
        map_ = map_ + 0.1 * np.exp(-TIME / 0.2)[:, None] * bell(INSITU_WAVELENGTH, 430e-9, 25e-9)
    width = 26e-9 if dull else 18e-9
    life = 6e-9 if dull else 26e-9
    edge = 0.5 * (1 - np.tanh((WAVELENGTH - 505e-9) / 8e-9)) * (1 + 2e7 * (505e-9 - WAVELENGTH).clip(0))
    return {
        "time": TIME,
        "insitu_wavelength": INSITU_WAVELENGTH,
        "wavelength": WAVELENGTH,
        "delay": DELAY,
        "nanocrystal.insitu_pl": map_,
        "nanocrystal.insitu_peak": np.where(TIME > 0, peak, np.nan),
        "nanocrystal.insitu_fwhm": np.where(TIME > 0, 30e-9, np.nan),
        "nanocrystal.insitu_cluster_pl": 1e6 * np.exp(-TIME / 0.2) * dull,
        "nanocrystal.insitu_dot_pl": 1e7 * rise,
        "nanocrystal.pl": spectrum(515e-9, width),
        "nanocrystal.absorption": 900.0 * edge + 400 * bell(WAVELENGTH, 502e-9, 16e-9),
        "nanocrystal.pl_peak": 515e-9,
        "nanocrystal.pl_fwhm": width,
        "nanocrystal.pl_fwhm_homogeneous": 15.2e-9,
        "nanocrystal.pl_centroid": 516e-9,
        "nanocrystal.plqy": 0.6 if dull else 0.968,
        "nanocrystal.decay": np.exp(-DELAY / life),
        "record_time": DELAY - 2e-9,
        "nanocrystal.trpl_record": np.where(DELAY < 2e-9, 1e-3, np.exp(-(DELAY - 2e-9) / life)),
        "nanocrystal.lifetime_1e": life,
        "nanocrystal.lifetime_amplitude": life,
        "nanocrystal.lifetime_intensity": 1.1 * life,
        "nanocrystal.zwitterion_coverage": 0.0 if dull else 0.4,
        "nanocrystal.ligand_coverage": 0.6 if dull else 0.92,
        "nanocrystal.traps_per_dot": 0.6 if dull else 0.03,
        "nanocrystal.mean_edge": 8.4e-9,
        "nanocrystal.size_cv": 0.24 if dull else 0.1,
        "nanocrystal.xrd_breadth": 7.9e-9,
        "nanocrystal.xrd_fwhm": np.radians(1.1),
        "nanocrystal.hydrodynamic_diameter": 14e-9,
        "nanocrystal.polydispersity": 0.21 if dull else 0.08,
    }


def film(dull):
    hours = np.linspace(0, 16 * 3600.0, 49)
    rates = np.array([1.83e-6, 8.87e-6, 0.0]) * (8 if dull else 1)
    life = 5.98e-9 if dull else 25.75e-9
    return {
        "wavelength": WAVELENGTH,
        "delay": DELAY,
        "condition": ("humid air", "humid air, 365 nm", "nitrogen, dark"),
        "ageing_time": hours,
        "film.ligand_gap": 2.5e-9,
        "film.number_density": 7e23,
        "film.fill_factor": 0.42,
        "film.refractive_index": 1.85 + 0.05 * bell(WAVELENGTH, 480e-9, 60e-9),
        "film.extinction_coefficient": 0.05 * (1 - np.tanh((WAVELENGTH - 505e-9) / 8e-9)),
        "film.permittivity": 5.1,
        "film.mobility": 1e-9 if dull else 1.2e-8,
        "film.pl": spectrum(517e-9, 17.5e-9),
        "film.pl_peak": 517e-9,
        "film.pl_fwhm": 17.5e-9,
        "film.red_shift": 1.6e-9,
        "film.plqy": 0.4 if dull else 0.93,
        "film.decay": 0.9 * np.exp(-DELAY / life) + 0.1 * np.exp(-DELAY / (3 * life)),
        "film.lifetime_1e": life,
        "film.lifetime_amplitude": 1.1 * life,
        "film.pl_retained": np.exp(-rates[:, None] * hours),
        "wash": np.arange(4),
        "antisolvent_ratio": RATIO,
        "film.wash_yield": np.array([1.0, 0.97, 0.95, 0.8]),
        "film.wash_coverage": np.array([1.0, 0.98, 0.95, 0.9]),
        "film.wash_plqy": np.array([0.95, 0.9, 0.8, 0.7]),
        "film.wash_ligand": np.array([50.0, 20.0, 8.0, 3.0]),
        "film.wash_precipitated": 0.5 + 0.5 * np.tanh((RATIO - 1.5) / 0.3),
        "film.wash_mean_edge": 9.4e-9,
        "film.wash_size_cv": 0.07,
    }


def budget():
    """Places, polarisations, windows and shares that add up to 1."""
    places = ("ITO", "PEDOT-PSS", "PMMA", *CARRYING, "LiF", "Al", "air", "substrate", "top", "guided")
    shares = np.zeros((len(places), 2, 4))
    shares[places.index("air"), :, 0] = 0.13, 0.12
    shares[places.index("substrate"), :, 1] = 0.16, 0.14
    for place, share in {"ITO": 0.04, "PEDOT-PSS": 0.05, "CsPbBr3-NC": 0.02, "Al": 0.02}.items():
        shares[places.index(place), :, 2] = 0.6 * share, 0.4 * share
    shares[places.index("Al"), 1, 3] = 0.25
    shares[places.index("Al"), :, :2] = 0.01, 0.005
    windows = ("below outside", "outside to substrate", "substrate to emitter", "above emitter")
    axes = {"place": places, "polarisation": ("TE", "TM"), "window": windows}
    return axes, shares / shares.sum()


def optics(dull):
    axes, shares = budget()
    depth = np.linspace(0, CARRYING["CsPbBr3-NC"], 21)
    return {
        **axes,
        "emitter_depth": depth,
        "optics.purcell_factor": 1.3 - 0.2 * depth / depth[-1],
        "optics.outcoupled_power": 0.28 + 0.05 * np.sin(depth / 6e-9),
        "optics.mode_budget": shares,
        "optics.outcoupling_efficiency": 0.25,
        "optics.reabsorbed_share": 0.017,
        "optics.recycling_gain": 1.01,
        "optics.budget_error": -2e-10,
    }


def depth_profiles(drawn):
    """Position (m) and the profiles through the transport stack at the drawn voltages."""
    ends = np.cumsum(list(CARRYING.values()))
    starts = ends - list(CARRYING.values())
    position = np.concatenate([np.linspace(start, end, 55) for start, end in zip(starts, ends, strict=True)])
    layer = np.repeat(np.arange(len(ends)), 55)
    conduction = np.array([-2.2, -3.2, -2.7, -3.0])[layer]
    valence = np.array([-5.3, -5.9, -6.2, -7.0])[layer]
    tilt = -(drawn[:, None] - 2.4) * (position / position[-1]) * 0.5
    zone = bell(position, 50e-9, 8e-9) * (layer == 1)
    grow = np.exp(3 * (drawn[:, None] - 4.0))
    electrons, holes = 1e24 * np.exp(-(ends[-1] - position) / 9e-9), 1e24 * np.exp(-position / 8e-9)
    split = drawn[:, None] * (0.5 - 0.02 * np.cos(position / 30e-9))
    return {
        "position": position,
        "layer": tuple(CARRYING),
        "led.recombination_zone": 1e33 * grow * zone,
        "led.exciton_density": 1e22 * grow * (zone + 1e-4 * (layer == 1)),
        "led.electron_density": grow**0.5 * electrons,
        "led.hole_density": grow**0.5 * holes,
        "led.conduction_band": conduction + tilt,
        "led.valence_band": valence + tilt,
        "led.electron_quasi_fermi": -4.3 + split + tilt,
        "led.hole_quasi_fermi": -4.3 - split * 0.4 + tilt,
    }


def led(dull):
    axes, shares = budget()
    current = 1e-4 * VOLTAGE + 1e3 * np.log1p(np.exp((VOLTAGE - 3.6) / 0.25)) ** 2 / 20
    peak = 0.07 if dull else 0.241
    eqe = peak * np.exp(-((np.log10(current.clip(1e-9) / 60.0) / 2.6) ** 2)) * (VOLTAGE > 2.2)
    luminance = current * eqe * 330.0
    drawn = np.array([2.4, 3.2, 4.0, 5.0])
    roll = 0.02 + 0.3 * current / (current + 1e3)
    losses = np.stack([eqe, eqe * 2.6, 0.05 + 0 * current, 0.1 * roll, 0.9 * roll], axis=1)
    losses = np.concatenate([losses, 1 - losses.sum(axis=1, keepdims=True)], axis=1)
    causes = ("light in air", "light lost in the stack", "non-radiative", "charged dots", "annihilation", "leakage")
    angle = np.linspace(0, np.pi / 2, 46)
    return {
        **axes,
        **depth_profiles(drawn),
        "voltage": VOLTAGE,
        "wavelength": WAVELENGTH,
        "shown_voltage": drawn,
        "cause": causes,
        "angle": angle,
        "led.current_density": current,
        "led.luminance": luminance,
        "led.radiance": luminance / 600.0,
        "led.eqe": eqe,
        "led.current_efficiency": eqe * 330.0,
        "led.power_efficiency": eqe * 330.0 * np.pi / np.maximum(VOLTAGE, 0.1),
        "led.el": spectrum(517e-9, 16.1e-9),
        "led.eqe_max": eqe.max(),
        "led.eqe_recycled": 1.01 * eqe,
        "led.eqe_recycled_max": 1.01 * eqe.max(),
        "led.recycling_gain": 1.01,
        "led.eqe_lambertian": 1.03 * eqe.max(),
        "led.current_at_eqe_max": current[eqe.argmax()],
        "led.luminance_max": luminance.max(),
        "led.turn_on_voltage": 2.31,
        "led.current_efficiency_max": 330 * eqe.max(),
        "led.el_peak": 517e-9,
        "led.el_fwhm": 16.1e-9,
        "led.cie_x": 0.118,
        "led.cie_y": 0.775,
        "led.mode_budget": shares,
        "led.outcoupling_efficiency": 0.26,
        "led.angular_intensity": np.cos(angle) ** 1.1,
        "led.lambertian_factor": 0.97,
        "led.charge_balance": 0.9 + 0 * VOLTAGE,
        "led.loss_share": losses,
        "led.mesh_error": 2e-4 * (1 + VOLTAGE),
        "led.current_spread": 1e-10 * (1 + VOLTAGE),
    }


def experiments(dull):
    voltage, time, frequency = np.linspace(0.1, 5, 40), np.geomspace(1e-9, 1e-4, 40), np.geomspace(1, 1e6, 25)
    current, charge = 1e-3 * np.expm1(2.4 * voltage), np.geomspace(0.05, 5, 30)
    return {
        "set_current": np.array([1.0, 10.0, 100.0]),
        "experiments.set_voltage": np.array([3.0, 3.6, 4.4]),
        "experiments.set_luminance": np.array([80.0, 790.0, 7000.0]),
        "experiments.set_eqe": np.array([0.22, 0.24, 0.2]),
        "scan_voltage": voltage,
        "experiments.scan_current_up": current,
        "experiments.scan_current_down": current * (1 + 0.5 * np.sin(np.pi * voltage / 5)),
        "experiments.scan_luminance_up": 40 * current,
        "experiments.scan_luminance_down": 50 * current,
        "experiments.hysteresis_index": 0.12,
        "pulse_time": np.concatenate([time, 1e-4 + time]),
        "experiments.pulse_current": np.concatenate([100 + 0 * time, 0 * time]),
        "experiments.pulse_luminance": 1e4 * np.concatenate([-np.expm1(-time / 2e-6), np.exp(-time / 1e-6)]),
        "experiments.pulse_delay": 2e-7,
        "experiments.pulse_rise": 4.4e-6,
        "experiments.pulse_decay": 2.3e-6,
        "frequency": frequency,
        "experiments.capacitance": 3e-4 * (1 + 1 / (1 + frequency / 1e3)),
        "experiments.conductance": 10.0 + frequency * 1e-3,
        "experiments.impedance_real": 1 / (10.0 + frequency * 1e-3),
        "experiments.impedance_imaginary": -1e-4 * frequency / (1 + frequency),
        "experiments.geometric_capacitance": 3e-4,
        "single_carrier_voltage": charge,
        "experiments.single_carrier_current": 20 * charge**1.9,
        "experiments.single_carrier_slope": 1.9 + 0 * charge,
        "experiments.single_carrier_apparent_mobility": 1e-8 * charge**-0.1,
        "experiments.single_carrier_mobility": 1e-8,
        "light_voltage": voltage,
        "experiments.light_current": current - 5.0,
        "experiments.dark_current": current,
        "experiments.open_circuit_voltage": 3.4,
        "experiments.short_circuit_current": 5.0,
        "experiments.fill_factor": 0.8,
    }


def batch(dull):
    peak = 0.07 if dull else 0.241
    eqe = np.random.default_rng(1).normal(0.95 * peak, 0.03 * peak, 40).clip(0, peak)
    eqe[[3, 17]] = np.nan
    return {
        "device": np.arange(40),
        "batch.eqe": eqe,
        "batch.turn_on_voltage": 2.3 + 0.02 * np.sin(np.arange(40)),
        "batch.eqe_mean": np.nanmean(eqe),
        "batch.eqe_deviation": np.nanstd(eqe),
        "batch.eqe_champion": np.nanmax(eqe),
        "batch.yield": 0.95,
        "tolerance": np.array(["CsPbBr3-NC.thickness", "film PLQY", "dot edge"]),
        "batch.t50": np.where(np.isfinite(eqe), 3240.0 * (1 + 0.1 * np.cos(np.arange(40))), np.nan),
        "batch.tolerance_share": np.array([0.6, 0.3, 0.05]),
        "batch.tolerance_low": np.array([0.5, 0.2, 0.0]),
        "batch.tolerance_high": np.array([0.7, 0.4, 0.1]),
    }


def lifetime(dull):
    start = np.array([1e3, 3e3, 1e4])
    t50 = (600.0 if dull else 3240.0) * (1e4 / start) ** 1.7
    depth = np.linspace(0, np.log(2) * 1.1, 30)
    time = t50[:, None] * (depth / np.log(2)) ** (1 / 0.7)
    luminance = np.broadcast_to(np.exp(-depth), time.shape).copy()
    time[0, -3:] = luminance[0, -3:] = np.nan  # the curves have different numbers of points
    shares, warm, place = np.array([0.95, 0.5]), np.array([298.0, 318.0, 338.0]), np.linspace(30e-9, 55e-9, 25)
    grown = 1e23 * bell(place, 50e-9, 8e-9)
    return {
        "initial_luminance": start,
        "life_step": np.arange(30),
        "life_share": shares,
        "mechanism": np.array(["exciton-polaron", "exciton-exciton"]),
        "test_temperature": warm,
        "damage_depth": place,
        "lifetime.time": time,
        "lifetime.luminance": luminance,
        "lifetime.voltage": 4.0 + 0.5 * (1 - luminance),
        "lifetime.eqe": 0.2 * luminance,
        "lifetime.el_peak": 517e-9 + 1e-10 * (1 - luminance),
        "lifetime.current_density": start / 80.0,
        "lifetime.heating": 4e-5 * start,
        "lifetime.t50": t50,
        "lifetime.time_to": t50[:, None] * (np.log(1 / shares) / np.log(2)) ** (1 / 0.7),
        "lifetime.acceleration_exponent": 1.7,
        "lifetime.local_exponent": 1.7 + 0.0 * start,
        "lifetime.t50_low": t50 * (start / 1e4) ** 0.2,
        "lifetime.t50_high": t50 * (start / 1e4) ** -0.1,
        "lifetime.t50_of_temperature": t50 * np.exp(5800.0 * (1 / warm - 1 / 298.0))[:, None],
        "lifetime.mechanism_share": np.stack([0.3 + 0 * start, 0.7 + 0 * start], axis=1),
        "lifetime.damage": grown,
        "lifetime.damage_map": np.linspace(0, 1, 30)[:, None] * grown,
    }


STAGES = {
    "synthesis": synthesis,
    "nanocrystal": nanocrystal,
    "film": film,
    "optics": optics,
    "led": led,
    "experiments": experiments,
    "batch": batch,
    "lifetime": lifetime,
}


def synthetic_result(*, until: str = "lifetime", dull: bool = False, hollow: float | None = None) -> xr.DataTree:
    """A full result, one that stops after `until`, or one whose every number is `hollow` (NaN, infinity, 0)."""
    names = list(STAGES)[: list(STAGES).index(until) + 1]
    stages = {name: label(name, STAGES[name](dull), _warnings(name)) for name in names}
    if hollow is not None:
        stages = {name: _hollowed(dataset, hollow) for name, dataset in stages.items()}
    recipe = {"name": "oa-oam" if dull else "otac-otam", "title": "Synthetic <result> & co", "flask": {"cells": 200}}
    return build_tree(stages, recipe_text=json.dumps(recipe), provenance=_provenance())


def _hollowed(dataset, value):
    return dataset.map(lambda array: xr.full_like(array, value, dtype=float), keep_attrs=True)


def _warnings(stage):
    return ["mesh error of the current above 1e-3 at 6.0 V; refine the mesh <b>"] if stage == "led" else []


def _provenance():
    entry = {"unit": "m", "source": "10.1002/advs.202304696", "evidence": "default", "changed": False}
    changed = {"unit": "K", "source": "this recipe", "evidence": "paper", "changed": True}
    return [
        {"name": "TPBi.thickness", "value": 1e-8, **entry},
        {"name": "growth.rate", "value": 2.5e-7, **entry, "source": "A & B, J. Phys. <1>, 2020"},
        {"name": "flask.temperature", "value": 443.0, **changed},
    ]
