"""The problems of ``problems.py`` solved by deltapv and devsim, one JSON line for each; run by ``transport.py``."""

import json
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from problems import LED_CURRENTS, LED_LAYERS, LED_VOLTAGES, SCLC

HEAT = 1.380649e-23 * 300.0 / 1.602176634e-19  # V
CHARGE, EPS0 = 1.602176634e-19, 8.8541878128e-12


def report(name: str, call, error) -> None:
    """Time the second of two calls; `error` turns its result into a relative deviation."""
    call()
    wall, cpu = time.perf_counter(), time.process_time()
    found = call()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({"name": name, "wall": wall, "cpu": cpu, "error": error(found)}), flush=True)


def deltapv_space_charge() -> None:
    """Its sweep goes in steps of 0.05 V from 0 V; six points as ours. Ohmic conduction there: J(0.25 V) of the exact
    boundary-value problem is 8.0703e-3 A/cm2 within its own mesh error, so no deviation is claimed."""
    import deltapv

    material = deltapv.materials.create_material(
        Eg=SCLC["ionisation"] - SCLC["affinity"],
        Chi=SCLC["affinity"],
        eps=SCLC["eps_r"],
        Nc=SCLC["sites_n"] * 1e-6,
        Nv=SCLC["sites_p"] * 1e-6,
        mn=SCLC["mobility_n"] * 1e4,
        mp=SCLC["mobility_p"] * 1e4,
        tn=1.0,
        tp=1.0,
        A=0.0,
    )
    design = deltapv.simulator.make_design(
        n_points=500, Ls=[SCLC["thickness"] * 1e2], mats=material, Ns=[0.0], Snl=1e7, Snr=1e7, Spl=0.0, Spr=0.0,
        PhiM0=3.0, PhiML=3.0,
    )  # fmt: skip
    light = deltapv.simulator.incident_light()

    def sweep():
        return deltapv.simulator.simulate(design, light, optics=False, n_steps=6, verbose=False)["iv"]

    report("deltapv: space charge, 6 points, 500 nodes", sweep, lambda _: float("nan"))


class DevsimLed:
    """The LED in one region of devsim: levels are node models that jump over an edge of 1e-13 m."""

    def __init__(self, steps: int):
        import devsim

        self.devsim, self.name, self.region = devsim, f"led{steps}", "stack"
        self._mesh(steps)
        self._models()
        self._equations()

    def _mesh(self, steps: int) -> None:
        d, mesh, place = self.devsim, f"mesh{self.name}", 0.0
        d.create_1d_mesh(mesh=mesh)
        lines = [0.0]
        for thickness, *_ in LED_LAYERS:
            grown = np.geomspace(2e-11, 0.5 * thickness, steps // 2)
            lines += [place + x for x in grown] + [place + thickness - x for x in grown[-2::-1]]
            lines += [place + thickness, place + thickness + 1e-13]
            place += thickness + 1e-13
        lines = lines[:-1]
        for i, x in enumerate(lines):
            spacing = min(np.diff(lines)[max(i - 1, 0) : i + 1])
            tag = {0: "anode", len(lines) - 1: "cathode"}.get(i, f"n{i}")
            d.add_1d_mesh_line(mesh=mesh, pos=x, ps=2 * spacing, tag=tag)
        for tag in ("anode", "cathode"):
            d.add_1d_contact(mesh=mesh, name=tag, tag=tag, material="metal")
        d.add_1d_region(mesh=mesh, material="film", region=self.region, tag1="anode", tag2="cathode")
        d.finalize_mesh(mesh=mesh)
        d.create_device(mesh=mesh, device=self.name)

    def _nodes(self, name: str, values) -> None:
        place = {"device": self.name, "region": self.region, "name": name}
        self.devsim.node_solution(**place)
        self.devsim.set_node_values(**place, values=[float(v) for v in values])

    def _models(self) -> None:
        d, x = self.devsim, self.devsim.get_node_model_values(device=self.name, region=self.region, name="x")
        ends = np.cumsum([row[0] + 1e-13 for row in LED_LAYERS]) - 0.5e-13
        layer = np.searchsorted(ends[:-1], np.array(x))
        names = ("Thick", "Eps", "Chi", "Ion", "MuN", "MuP", "Kr")
        for column, name in enumerate(names[1:], start=1):
            self._nodes(name, np.array([row[column] for row in LED_LAYERS])[layer])
        psi = -5.15 + (5.15 - 3.0) * np.array(x) / x[-1]
        gap = np.array([[row[2], row[3]] for row in LED_LAYERS])[layer]
        self._nodes("Potential", psi)
        self._nodes("Electrons", 1e26 * np.exp(np.clip((gap[:, 0] + psi) / HEAT, -600, 0)))
        self._nodes("Holes", 1e26 * np.exp(np.clip((-gap[:, 1] - psi) / HEAT, -600, 0)))
        for name in ("Potential", "Electrons", "Holes", "Chi", "Ion", "Eps", "MuN", "MuP"):
            d.edge_from_node_model(device=self.name, region=self.region, node_model=name)
        for name, value in (("q", CHARGE), ("e0", EPS0), ("Vt", HEAT), ("Va", 0.0)):
            d.set_parameter(device=self.name, name=name, value=value)

    def _equations(self) -> None:
        d, where = self.devsim, {"device": self.name, "region": self.region}

        def node(name, text, *variables):
            d.node_model(**where, name=name, equation=text)
            for v in variables:
                d.node_model(**where, name=f"{name}:{v}", equation=f"simplify(diff({text}, {v}))")

        def edge(name, text, *variables):
            d.edge_model(**where, name=name, equation=text)
            for v in variables:
                for end in ("@n0", "@n1"):
                    d.edge_model(**where, name=f"{name}:{v}{end}", equation=f"simplify(diff({text}, {v}{end}))")

        node("Charge", "-q*(Holes-Electrons)", "Electrons", "Holes")
        pairs = "Kr*(Electrons*Holes-1e52*exp((Chi-Ion)/Vt))"
        node("LossN", f"-q*{pairs}", "Electrons", "Holes")
        node("LossP", f"q*{pairs}", "Electrons", "Holes")
        edge("Field", "e0*0.5*(Eps@n0+Eps@n1)*(Potential@n0-Potential@n1)*EdgeInverseLength", "Potential")
        mu_n, mu_p = "0.5*(MuN@n0+MuN@n1)", "0.5*(MuP@n0+MuP@n1)"
        edge("xn", "(Potential@n0+Chi@n0-Potential@n1-Chi@n1)/Vt", "Potential")
        edge("xp", "(Potential@n0+Ion@n0-Potential@n1-Ion@n1)/Vt", "Potential")
        for name, x in (("Bn", "xn"), ("Bp", "xp")):
            d.edge_model(**where, name=name, equation=f"B({x})")
            for end in ("@n0", "@n1"):
                d.edge_model(**where, name=f"{name}:Potential{end}", equation=f"dBdx({x})*{x}:Potential{end}")
        flow_n = f"q*{mu_n}*Vt*EdgeInverseLength*(Electrons@n1*(Bn+xn)-Electrons@n0*Bn)"
        flow_p = f"-q*{mu_p}*Vt*EdgeInverseLength*(Holes@n1*Bp-Holes@n0*(Bp+xp))"
        edge("Jn", flow_n, "Potential", "Electrons")
        edge("Jp", flow_p, "Potential", "Holes")
        rows = (("Potential", "Charge", "Field"), ("Electrons", "LossN", "Jn"), ("Holes", "LossP", "Jp"))
        for variable, source, flux in rows:
            update = "default" if variable == "Potential" else "positive"
            d.equation(**where, name=f"{variable}Eq", variable_name=variable, node_model=source, edge_model=flux,
                       variable_update=update)  # fmt: skip
        for contact, work, bias in (("anode", 5.15, "Va"), ("cathode", 3.0, "0")):
            models = {
                "Potential": f"Potential-({bias}-{work})",
                "Electrons": f"Electrons-1e26*exp((Chi-{work})/Vt)",
                "Holes": f"Holes-1e26*exp(({work}-Ion)/Vt)",
            }
            for variable, text in models.items():
                name = f"{contact}{variable}"
                d.contact_node_model(device=self.name, contact=contact, name=name, equation=text)
                d.contact_node_model(device=self.name, contact=contact, name=f"{name}:{variable}", equation="1")
                flux = {"Potential": "", "Electrons": "Jn", "Holes": "Jp"}[variable]
                d.contact_equation(device=self.name, contact=contact, name=f"{variable}Eq", node_model=name,
                                   edge_current_model=flux)  # fmt: skip
        self.contact_sum = ("Electrons", "Holes")

    def sweep(self):
        """J at the voltages, A/m2."""
        d, currents = self.devsim, []
        for volt in LED_VOLTAGES:
            d.set_parameter(device=self.name, name="Va", value=float(volt))
            d.solve(type="dc", absolute_error=1e30, relative_error=1e-6, maximum_iterations=60)
            parts = [
                d.get_contact_current(device=self.name, contact="cathode", equation=f"{v}Eq") for v in self.contact_sum
            ]
            currents.append(abs(sum(parts)))
        d.delete_device(device=self.name)  # `solve` would go on solving it beside the next one
        d.delete_mesh(mesh=f"mesh{self.name}")
        return np.array(currents)


def devsim_led() -> None:
    """Mesh, models and sweep; answers at 2 to 6 V against the independent solver."""
    at = np.searchsorted(LED_VOLTAGES, np.array(list(LED_CURRENTS)) - 1e-9)
    exact = np.array(list(LED_CURRENTS.values()))
    report(
        "devsim: LED, 61 points, 500 nodes",
        lambda: DevsimLed(128).sweep(),
        lambda found: float(np.max(np.abs(found[at] / exact - 1))),
    )


if __name__ == "__main__":
    for solve in (devsim_led, deltapv_space_charge):
        try:
            solve()
        except Exception as failure:  # a peer that is missing or fails is reported, not hidden
            print(f"{solve.__name__}: {type(failure).__name__}: {failure}", file=sys.stderr)
