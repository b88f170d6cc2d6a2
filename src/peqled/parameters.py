"""The numeric pytree: every parameter of one recipe as an SI float, plus the choices that are not numbers.

A recipe becomes `Parameters` once, and only then physics begins. ``values`` is flat, keyed ``material.parameter`` or
``process.parameter`` as in the parameter book (a layer of its own name has its own copies), so that any of them can
be differentiated, sampled or fitted by name; ``structure`` is static and decides what is compiled.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float
from scipy.constants import c, e, h

from peqled.materials import load_book, parse_quantity, refractive_index
from peqled.materials.calibrated import load_calibrated, load_published
from peqled.recipe import LAYER_ROLES, Experiments, Flask, Recipe, RecipeError, Trpl, Washing

OPTICAL_WAVELENGTHS = np.linspace(470e-9, 590e-9, 25)
"""Grid of the optical calculation, m: the emission of green dots and its wings."""
CORE_ENERGIES = np.linspace(1.95, 3.05, 221)
"""Photon energies at which the crystal's index is tabulated, eV."""


@dataclass(frozen=True)
class LayerName:
    """A layer of the stack: its key in ``values``, its material and its electrical role."""

    key: str
    material: str
    role: str


@dataclass(frozen=True)
class Structure:
    """What is not a number: names, choices and grid sizes. Hashable, hence static in compiled code.

    `error_checks` repeats the flask with half the cells and the device on the finer mesh, for the numerical errors;
    `tolerance` is the relative one of the flask's integrator.
    """

    acids: tuple[str, ...]
    amines: tuple[str, ...]
    cesium_acid: str
    hypothesis: str
    collisions: str
    ammonium_bromides: tuple[str, ...]
    temperature_steps: int
    resurfacing_agent: str | None
    quaternary_agent: bool
    sizing_curve: str
    trpl: Trpl | None
    washing: Washing | None
    cells: int
    largest_edge: float
    error_checks: bool
    tolerance: float
    duration: float
    layers: tuple[LayerName, ...]
    substrate: str
    voltages: tuple[float, ...]
    luminances: tuple[float, ...]
    devices: int
    seed: int
    mobile_ions: bool
    self_heating: bool
    experiments: Experiments

    def layer(self, role: str) -> LayerName:
        """The one layer of this role.

        Raises:
            RecipeError: there is none, or more than one.
        """
        found = [layer for layer in self.layers if layer.role == role]
        if len(found) != 1:
            raise RecipeError(f"device.layers: expected one layer of role '{role}', found {len(found)}")
        return found[0]


class Parameters(eqx.Module):
    """All parameters of one recipe.

    Attributes:
        values: SI floats (energies in eV) by name.
        wavelength: grid of the index tables, m.
        index: complex refractive index n + ik of each layer and of the substrate on that grid; the emitter's comes
            from the film.
        core_energy: grid of the crystal's table, eV, increasing.
        core_index: n + ik of the crystal that the dots are made of, on that grid.
        structure: names and choices, static.
    """

    values: dict[str, Float[Array, ""]]
    wavelength: Float[Array, " wavelength"]
    index: dict[str, Complex[Array, " wavelength"]]
    core_energy: Float[Array, " row"]
    core_index: Complex[Array, " row"]
    structure: Structure = eqx.field(static=True)

    def __getitem__(self, key: str) -> Float[Array, ""]:
        if key not in self.values:
            near = difflib.get_close_matches(key, self.values, n=3, cutoff=0.4)
            raise KeyError(f"no parameter '{key}'; the nearest are: {', '.join(near) or 'none'}")
        return self.values[key]

    def provenance(self) -> list[dict[str, Any]]:
        """Value, unit, source and evidence of every book parameter, and whether calibration or the recipe set it."""
        fitted = {entry.parameter: entry for entry in load_calibrated()}
        book = load_book()
        return [
            {
                "name": key,
                "value": float(value),
                "unit": book[key].unit,
                "source": f"fitted to {', '.join(fitted[key].rows)}" if key in fitted else book[key].source,
                "evidence": "calibrated" if key in fitted else book[key].evidence,
                "changed": float(value) != (fitted[key].value if key in fitted else book[key].value),
            }
            for key, value in self.values.items()
            if key in book
        ]

    def replace(self, values: Mapping[str, Float[Array, ""] | float]) -> Parameters:
        """The same parameters with some values changed.

        Raises:
            KeyError: a name is no parameter of this recipe.
        """
        for key in values:
            self[key]
        changed = self.values | {key: jnp.asarray(value, dtype=float) for key, value in values.items()}
        return eqx.tree_at(lambda parameters: parameters.values, self, changed)

    def with_structure(self, **changes: Any) -> Parameters:
        """The same parameters with some of the static choices changed, such as ``error_checks=False``."""
        return dataclasses.replace(self, structure=dataclasses.replace(self.structure, **changes))

    def of_stack(self) -> Parameters:
        """Only what stack and film are built from: recipes that differ in chemistry alone then share programs."""
        bare = self.with_structure(
            acids=(),
            amines=(),
            ammonium_bromides=(),
            temperature_steps=0,
            largest_edge=0.0,
            cesium_acid="",
            hypothesis="",
            collisions="",
            resurfacing_agent=None,
            quaternary_agent=False,
            trpl=None,
            washing=None,
            voltages=(),
            luminances=(),
            experiments=Experiments(),
        )
        chemistry = (".amount", ".hydrobromide")
        values = {k: v for k, v in self.values.items() if not k.endswith(chemistry) and not k.startswith("step.")}
        return dataclasses.replace(bare, values=values)


def parameters_of(recipe: Recipe, *, calibrated: bool = True) -> Parameters:
    """Numeric pytree of a recipe: defaults from the book, the fitted parameters, then what the recipe says.

    Without `calibrated` the fitted parameters keep the book's values, which is where a calibration starts.

    Raises:
        RecipeError: the stack misses a role that the device needs.
    """
    book = load_book()
    values = {key: entry.value for key, entry in book.items()}
    if calibrated:
        values |= {fitted.parameter: fitted.value for fitted in load_calibrated()}
    if recipe.flask.constants == "published-recipes":
        values |= {fitted.parameter: fitted.value for fitted in load_published()}
    layers = tuple(_layer_name(recipe, i) for i in range(len(recipe.device.layers)))
    for name, layer in zip(layers, recipe.device.layers, strict=True):
        own = {k: v for k, v in values.items() if k.rpartition(".")[0] == name.material}
        values |= {f"{name.key}.{k.rpartition('.')[2]}": v for k, v in own.items()}
        values[f"{name.key}.index_shift"] = 0.0
        if layer.thickness is not None:
            values[f"{name.key}.thickness"] = layer.thickness
        for key, text in layer.parameters.items():
            values[f"{name.key}.{key}"] = parse_quantity(text, book[f"{name.material}.{key}"].unit)
    values |= _flask_values(recipe, values)
    values |= {key: parse_quantity(text, book[key].unit) for key, text in recipe.parameters.items()}
    structure = _structure(recipe, layers)
    structure.layer("emitter")
    index = {layer.key: _index(layer.material) for layer in layers if layer.role != "emitter"}
    index |= {recipe.device.substrate: _index(recipe.device.substrate)}
    return Parameters(
        values=jax.device_put({key: np.asarray(value, dtype=float) for key, value in values.items()}),
        wavelength=jnp.asarray(OPTICAL_WAVELENGTHS),
        index=index,
        core_energy=jnp.asarray(CORE_ENERGIES),
        core_index=_core_index(structure.layer("emitter").material),
        structure=structure,
    )


def _core_index(emitter: str) -> Complex[Array, " row"]:
    """Index of the crystal inside the dots: ``CsPbBr3`` for the emitter ``CsPbBr3-NC``."""
    crystal = emitter.partition("-NC")[0]
    if crystal not in load_book().materials:
        raise RecipeError(f"the emitter '{emitter}' needs the index of its crystal, but the book has no '{crystal}'")
    wavelength = h * c / e / CORE_ENERGIES
    return jnp.asarray(refractive_index(crystal, wavelength))


def _index(material: str) -> Complex[Array, " wavelength"]:
    return jnp.asarray(refractive_index(material, OPTICAL_WAVELENGTHS))


def _layer_name(recipe: Recipe, i: int) -> LayerName:
    layer = recipe.device.layers[i]
    role = layer.role or load_book().materials[layer.material].role
    if role not in LAYER_ROLES:
        near = difflib.get_close_matches(role, LAYER_ROLES, n=1, cutoff=0.3)
        hint = f"; the nearest is '{near[0]}'" if near else ""
        raise RecipeError(f'device.layers[{i}].role = "{role}": expected one of {", ".join(LAYER_ROLES)}{hint}')
    return LayerName(layer.key, layer.material, role)


def _flask_values(recipe: Recipe, defaults: Mapping[str, float]) -> dict[str, float]:
    flask, ageing = recipe.flask, recipe.ageing
    given = {
        "flask.temperature": flask.temperature,
        "flask.lead_bromide": flask.lead_bromide,
        "flask.cesium": flask.cesium,
        "flask.mixing_time": flask.mixing_time,
        "flask.polar_share": flask.polar_share,
        "resurfacing.time": flask.resurfacing.time if flask.resurfacing else None,
        "washing.ratio": recipe.washing.ratio if recipe.washing else None,
    }
    values = {key: value for key, value in given.items() if value is not None}
    values |= {f"{name}.amount": amount for name, amount in (flask.acids | flask.amines).items()}
    values |= {f"{name}.hydrobromide": amount for name, amount in flask.ammonium_bromides.items()}
    values |= _thermal_history(flask, values.get("flask.temperature", defaults["flask.temperature"]), defaults)
    values |= {
        "ageing.humidity": ageing.humidity,
        "ageing.duration": ageing.duration,
        "ageing.temperature": ageing.temperature,
        "device.temperature": recipe.device.temperature,
        "device.area": recipe.device.area,
    }
    return values


def _role(name: str) -> str:
    return load_book().materials[name].role


def _thermal_history(flask: Flask, bath: float, defaults: Mapping[str, float]) -> dict[str, float]:
    """Cooling by the injected solution, time of its addition, and the steps of the temperature."""
    values = {"flask.addition_time": flask.injection.duration} if flask.injection.duration else {}
    if flask.injection.share:
        values["flask.injection_cooling"] = flask.injection.share * (bath - flask.injection.temperature)
    for i, step in enumerate(flask.programme):
        constant = defaults["flask.quench_time"] if step.time_constant is None else step.time_constant
        values |= {
            f"step.{i}.time": step.time,
            f"step.{i}.temperature": step.temperature,
            f"step.{i}.constant": constant,
        }
    return values


def _structure(recipe: Recipe, layers: tuple[LayerName, ...]) -> Structure:
    flask, drive = recipe.flask, recipe.drive
    return Structure(
        acids=tuple(flask.acids),
        amines=tuple(flask.amines),
        cesium_acid=flask.cesium_acid,
        hypothesis=flask.cluster_hypothesis,
        collisions=flask.aggregation,
        ammonium_bromides=tuple(flask.ammonium_bromides),
        temperature_steps=len(flask.programme),
        resurfacing_agent=flask.resurfacing.agent if flask.resurfacing else None,
        quaternary_agent=flask.resurfacing is not None and _role(flask.resurfacing.agent) == "quaternary bromide",
        sizing_curve=recipe.nanocrystals.sizing_curve,
        trpl=recipe.nanocrystals.trpl,
        washing=recipe.washing,
        cells=flask.cells,
        largest_edge=flask.largest_edge,
        error_checks=True,
        tolerance=1e-5,
        duration=flask.duration,
        layers=layers,
        substrate=recipe.device.substrate,
        voltages=tuple(np.linspace(0.0, drive.to, drive.points).tolist()),
        luminances=tuple(recipe.lifetime.luminances),
        devices=recipe.batch.devices,
        seed=recipe.batch.seed,
        mobile_ions=recipe.device.mobile_ions,
        self_heating=recipe.device.self_heating,
        experiments=recipe.experiments,
    )
