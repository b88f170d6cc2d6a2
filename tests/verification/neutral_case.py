"""Compare the transport solver with a neutral drift-diffusion case (schema ``neutral-dd-case/1``).

    python -m tests.verification.neutral_case CASE_DIR [--statistics boltzmann|blakemore] [--law transfer|thermionic]
                                              [--interface-width METRES]

Prints V, J and the relative deviation from the reference column at the trusted points; the last line is the largest
deviation. Anything the case asks for that the solver lacks is refused by name.

Interfaces have no width, as the cases state. The reference columns of stacks with heterointerfaces were found to agree
to 5e-6 with an insulating gap of 1e-13 m (eps_r 3) there, and to differ by up to 4e-4 from none: ``--interface-width
1e-13`` puts it in.
"""

import argparse
import csv
import json
from pathlib import Path

import jax.numpy as jnp
import numpy as np

import peqled
from peqled.numerics.mesh import layer_nodes
from peqled.transport import Constants, Contact, Device, Interface, Ion, Layer, MeshOptions, Trap, Tunnel, solve_jv

CHARGE = {"neutral": 0.0, "donor": 1.0, "acceptor": -1.0}
TOTAL_CELLS = 511


def _infinite(value) -> float:
    return float("inf") if value in ("infinite", None) else float(value)


def _trap(entry: dict, density_key: str) -> Trap:
    return Trap(
        density=entry[density_key],
        level=entry["E_t_eV"],
        capture_n=entry["C_n_m3_s"],
        capture_p=entry["C_p_m3_s"],
        charge=CHARGE[entry["trap_type"]],
    )


def _refuse_unsupported(case: dict) -> None:
    if case["schema"] != "neutral-dd-case/1":
        raise SystemExit(f"schema {case['schema']!r} is not neutral-dd-case/1")
    for layer in case["layers"]:
        for carrier in "np":
            model = layer[f"mobility_model_{carrier}"]
            if model not in ("constant", "poole_frenkel", "Poole-Frenkel"):
                raise SystemExit(f"mobility model {model!r} in layer {layer['name']!r} is not supported")


def _layer(entry: dict, *, boltzmann: bool, profile: bool) -> Layer:
    field_dependent = [entry[f"mobility_model_{c}"] != "constant" for c in "np"]
    uniform = 0.0 if profile or not entry["generates"] else entry["G_ehp_m3_s"]
    return Layer(
        thickness=entry["L_m"],
        eps_r=entry["eps_r"],
        affinity=entry["E_c_eV"],
        ionisation=entry["E_v_eV"],
        sites_n=entry["N_c_m3"],
        sites_p=entry["N_c_m3"],
        degeneracy=0.0 if boltzmann else 1.0,
        mobility_n=entry["mu_n_m2Vs"],
        mobility_p=entry["mu_p_m2Vs"],
        poole_frenkel_n=entry["gamma_n_sqrt_m_per_V"] if field_dependent[0] else 0.0,
        poole_frenkel_p=entry["gamma_p_sqrt_m_per_V"] if field_dependent[1] else 0.0,
        donors=entry["N_D_m3"],
        acceptors=entry["N_A_m3"],
        direct=0.0 if entry["langevin"] else entry["k_direct_m3_s"],
        langevin=entry["langevin_prefactor"] if entry["langevin"] else 0.0,
        generation=uniform,
        trap=_trap(entry["bulk_trap"], "N_t_m3"),
    )


def _ions(case: dict) -> tuple[Ion, ...]:
    """Anions and cations. Neighbours that both let ions enter share them; a layer that does not keeps its own."""
    layers, found = case["layers"], []
    for name, charge in (("anion", -1), ("cation", 1)):
        density = [layer.get(f"N_{name}_m3") or 0.0 for layer in layers]
        groups: list[list[int]] = []
        for i, layer in enumerate(layers):
            joined = i > 0 and layer.get("ions_may_enter") and layers[i - 1].get("ions_may_enter")
            groups[-1].append(i) if joined else groups.append([i])
        filled = [group for group in groups if any(density[i] > 0.0 for i in group)]
        place = {i: number for number, group in enumerate(filled) for i in group}
        if filled:
            mobility = [layer.get(f"mu_{name}_m2Vs") or 0.0 for layer in layers]
            region = tuple(place.get(i, -1) for i in range(len(layers)))
            found.append(Ion(density=density, mobility=mobility, charge=charge, region=region))
    return tuple(found)


def _contact(entry: dict) -> Contact:
    return Contact(
        work_function=entry["work_function_eV"],
        velocity_n=_infinite(entry["S_n_m_s"]),
        velocity_p=_infinite(entry["S_p_m_s"]),
    )


def _profile(case: dict, folder: Path, mesh: MeshOptions) -> np.ndarray | float:
    """Generation on the mesh nodes, 1/(m3 s), from the profile file of an illuminated case."""
    illumination = case.get("illumination") or {}
    if "generation_profile_csv" not in illumination:
        return 0.0
    x, rate = np.loadtxt(folder / illumination["generation_profile_csv"], delimiter=",", skiprows=1, unpack=True)
    lengths = np.array([entry["L_m"] for entry in case["layers"]])
    local = np.asarray(layer_nodes(jnp.asarray(lengths), mesh))
    start = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    return np.interp((start[:, None] + local).ravel(), x, rate)


def build(
    case: dict, folder: Path, *, boltzmann: bool = True, thermionic: bool = False, width: float = 0.0
) -> tuple[Device, MeshOptions]:
    """The device of a case and a mesh of about 500 nodes in all (coarse level)."""
    _refuse_unsupported(case)
    count = len(case["layers"])
    mesh = MeshOptions(cells_per_layer=TOTAL_CELLS // count, even_share=0.5)
    profile = _profile(case, folder, mesh)
    interfaces = []
    for entry in case["layers"][:-1]:
        right = entry["interface_right"]
        trap = _trap(right, "N_t_m2")
        velocities = {"velocity_n": right["nu_n_m_s"], "velocity_p": right["nu_p_m_s"]}
        gap = Tunnel(thickness=width, mass=0.0)  # massless: the gap drops potential and lets every carrier pass
        interfaces.append(Interface(**velocities, trap=trap, tunnel=gap, thermionic=thermionic))
    constants = case["constants"]
    shunt = case.get("shunt_resistance_Ohm_m2")
    device = Device(
        layers=tuple(_layer(entry, boltzmann=boltzmann, profile=np.ndim(profile) > 0) for entry in case["layers"]),
        interfaces=tuple(interfaces),
        left=_contact(case["contacts"]["left"]),
        right=_contact(case["contacts"]["right"]),
        temperature=case["T_K"],
        series_resistance=case.get("series_resistance_Ohm_m2") or 0.0,
        shunt_resistance=_infinite(shunt),
        generation=profile,
        ions=_ions(case),
        constants=Constants(q=constants["q_C"], boltzmann=constants["kB_J_K"], eps0=constants["eps0_F_m"]),
        left_is_anode=case["contacts"]["left"]["role"] == "anode",
    )
    return device, mesh


def _with_scan(case: dict, value) -> dict:
    """The case with one value of its scanned surface velocity put in."""
    case = json.loads(json.dumps(case))
    for path in case["S_scan_applies_to"]:
        *parents, key = path.split(".")
        target = case
        for parent in parents:
            target = target[parent]
        target[key] = value
    return case


def _rows(folder: Path, column: str) -> list[tuple[str | None, float, float]]:
    """(scan value, V, reference J) of all rows that have a reference."""
    with open(folder / "jv.csv", newline="") as file:
        table = list(csv.DictReader(file))
    volts = "Vext" if "Vext" in table[0] else "V"
    return [(row.get("S_m_s"), float(row[volts]), float(row[column])) for row in table if row[column]]


def compare(folder: Path, *, boltzmann: bool = True, thermionic: bool = False, width: float = 0.0):
    """Rows (scan value, V, J, relative deviation) at the trusted points; J extrapolated to zero mesh width."""
    case = json.loads((folder / "case.json").read_text())
    rows, out = _rows(folder, case["reference_column"]), []
    for value in case.get("S_scan_m_s", [None]):
        variant = case if value is None else _with_scan(case, value)
        mine = [r for r in rows if value is None or _infinite(r[0]) == _infinite(value)]
        device, mesh = build(variant, folder, boltzmann=boltzmann, thermionic=thermionic, width=width)
        voltages = np.array([r[1] for r in mine])
        sweep = solve_jv(device, voltages, mesh_options=mesh, mesh_error=True)
        for (_, volt, reference), current, good in zip(mine, sweep.extrapolated, sweep.converged, strict=True):
            if volt >= case["trust"]["V_min_V"] - 1e-9:
                deviation = float(current) / reference - 1.0 if good else float("nan")
                out.append((value, volt, float(current), deviation))
    return out


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", type=Path)
    parser.add_argument("--statistics", choices=("boltzmann", "blakemore"), default="boltzmann")
    parser.add_argument("--law", choices=("transfer", "thermionic"), default="transfer")
    parser.add_argument("--interface-width", type=float, default=0.0)
    options = parser.parse_args()
    peqled.use_compilation_cache()  # a second process starts in seconds
    rows = compare(
        options.case,
        boltzmann=options.statistics == "boltzmann",
        thermionic=options.law == "thermionic",
        width=options.interface_width,
    )
    for scan, volt, current, deviation in rows:
        label = "" if scan is None else f"S = {scan} m/s  "
        print(f"{label}V = {volt:6.3f}  J = {current: .9e}  deviation {deviation: .2e}")
    worst = np.max(np.abs([row[3] for row in rows]))  # nan where a point did not converge
    print(f"max deviation {worst:.3e} over {len(rows)} points")


if __name__ == "__main__":
    main()
