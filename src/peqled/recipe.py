"""What the user writes: a TOML recipe, read into a typed, unit-checked `Recipe`.

Every dimensional value is a string with its unit. A missing key takes the default of the parameter book; an unknown
key, a wrong unit or an impossible value is one clear `RecipeError` that names the file, the key, what it held and
what was expected. Two recipes are bundled: ``otac-otam`` and ``oa-oam``.
"""

from __future__ import annotations

import difflib
import itertools
import math
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from peqled.materials import UnitError, load_book, parse_quantity
from peqled.materials.charge import ChargeError, concentrations

BUNDLED = ("otac-otam", "oa-oam")
LAYER_ROLES = (
    "anode",
    "hole injection layer",
    "hole transport layer",
    "tunnel layer",
    "emitter",
    "electron transport layer",
    "injection layer",
    "cathode",
)

ClusterHypothesis = Literal["acid-strength", "salt-aggregation", "cluster-solubility"]
Aggregation = Literal["constant", "brownian"]
SizingCurve = Literal["S1", "S2", "S3"]
Constants = Literal["paper", "published-recipes"]


class RecipeError(ValueError):
    """The recipe can't be used; the message says which key, what it held and what was expected."""


def _quantity(unit: str, *, above: float | None = None, least: float | None = None, most: float | None = None) -> Any:
    """Pydantic type: a string with a unit, stored as an SI float inside its bounds."""

    def read(text: Any) -> float:
        if not isinstance(text, str):
            raise ValueError(f'expected a quoted value with its unit, such as "{_example(unit)}"')
        try:
            value = parse_quantity(text, unit)
        except UnitError as error:
            raise ValueError(str(error)) from None
        if above is not None and not value > above:
            raise ValueError(f"expected more than {above:g} {unit}")
        if least is not None and not value >= least:
            raise ValueError(f"expected at least {least:g} {unit}")
        if most is not None and not value <= most:
            raise ValueError(f"expected at most {most:g} {unit}")
        return value

    return Annotated[float, BeforeValidator(read)]


def _numbers(value: Any) -> Any:
    """A TOML array of integers or floats as floats; anything else is left to the type's own message."""
    if not isinstance(value, list | tuple) or any(isinstance(x, bool) or not isinstance(x, int | float) for x in value):
        return value
    return tuple(float(x) for x in value)


def _example(unit: str) -> str:
    examples = {
        "m": "45 nm",
        "K": "443 K",
        "mol/m^3": "29 mol/m3",
        "s": "3 s",
        "1": "80 %",
        "m^2": "4 mm2",
        "1/s": "5 MHz",
    }
    return examples.get(unit, f"1 {unit}")


Length = _quantity("m", above=0.0)
GridEnd = _quantity("m", above=0.9e-9, most=1e-6)
Temperature = _quantity("K", above=0.0)
Concentration = _quantity("mol/m^3", least=0.0)
Duration = _quantity("s", above=0.0)
Span = _quantity("s", least=0.0)
Area = _quantity("m^2", above=0.0)
Voltage = _quantity("V")
Luminance = _quantity("cd/m^2", above=0.0)
Share = _quantity("1", least=0.0, most=1.0)
Ratio = _quantity("1", least=0.0, most=100.0)
Frequency = _quantity("1/s", above=0.0)
ScanRate = _quantity("V/s", above=0.0)
CurrentDensity = _quantity("A/m^2", above=0.0)
Generation = _quantity("1/m^3/s", above=0.0)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Resurfacing(_Section):
    """Resurfacing agent, added at `time` after injection (book: resurfacing.time)."""

    agent: str
    time: Duration | None = None


class Injection(_Section):
    """The caesium solution: its share of the final volume and its temperature, and how long it takes to flow in."""

    share: Share = 0.0
    temperature: Temperature = 298.0
    duration: Span = 0.0


class Step(_Section):
    """From `time` on the flask approaches `temperature` exponentially."""

    time: Span
    temperature: Temperature
    time_constant: Duration | None = None


class Flask(_Section):
    """The reaction flask: amounts per volume of the hot mixture after injection, or as weighed beside `solvents`."""

    acids: dict[str, Concentration] = Field(min_length=1)
    amines: dict[str, Concentration] = Field(min_length=1)
    ammonium_bromides: dict[str, Concentration] = {}
    solvents: dict[str, str] = {}
    polar_share: Share = 0.0
    constants: Constants = "paper"
    a_site: str = "Cs"
    halide: str = "Br"
    cesium_acid: str = "oleic-acid"
    cluster_hypothesis: ClusterHypothesis = "acid-strength"
    aggregation: Aggregation = "constant"
    temperature: Temperature | None = None
    lead_bromide: Concentration | None = None
    cesium: Concentration | None = None
    mixing_time: Duration | None = None
    duration: Duration = 600.0
    cells: int = Field(default=200, ge=40, le=1600)
    largest_edge: GridEnd = 30e-9
    injection: Injection = Injection()
    steps: list[Step] = []
    quench: Step | None = None
    resurfacing: Resurfacing | None = None

    @model_validator(mode="before")
    @classmethod
    def _per_volume(cls, data: Any) -> Any:
        """Amounts weighed beside solvents become amounts per volume of the hot mixture."""
        if not isinstance(data, dict) or not isinstance(data.get("solvents"), dict) or not data["solvents"]:
            return data
        try:
            hot = parse_quantity(data["temperature"], "K")
        except (KeyError, TypeError, ValueError):  # absent, or no temperature: then its own check says so
            hot = load_book()["flask.temperature"].value
        try:
            return data | concentrations(data, temperature=hot)
        except ChargeError as error:
            raise ValueError(f'{error.key} = "{error.value}": {error}') from None

    @model_validator(mode="after")
    def _known_crystal(self) -> Flask:
        if (self.a_site, self.halide) != ("Cs", "Br"):
            raise ValueError(
                f"{self.a_site}Pb{self.halide}3: the flask's constants are those of CsPbBr3 alone, and no source gives "
                "them for another A-site or halide; dots of other crystals enter as the emitter of the device"
            )
        return self

    @model_validator(mode="after")
    def _steps_in_order(self) -> Flask:
        times = [step.time for step in self.programme]
        if any(later <= earlier for earlier, later in itertools.pairwise(times)):
            raise ValueError("steps of the temperature must follow each other in time, the quench last")
        return self

    @property
    def programme(self) -> list[Step]:
        """All steps of the temperature, the quench last."""
        return [*self.steps, *([self.quench] if self.quench else [])]


class Trpl(_Section):
    """The set-up that records the decay: its response, a Gaussian or a measured trace, and its train of pulses.

    `response_signal` is the trace, one number per bin of `response_bin`, background taken off.
    """

    repetition_rate: Frequency | None = None
    response_fwhm: Duration | None = None
    response_bin: Duration | None = None
    response_signal: Annotated[tuple[float, ...], BeforeValidator(_numbers), Field(max_length=16384)] = ()

    @model_validator(mode="after")
    def _one_response(self) -> Trpl:
        if self.response_fwhm is not None and self.response_signal:
            raise ValueError("expected 'response_fwhm' or 'response_signal', not both")
        if (self.response_bin is None) != (not self.response_signal):
            raise ValueError("'response_signal' and 'response_bin' belong together")
        if self.response_signal and not (min(self.response_signal) >= 0 and 0 < sum(self.response_signal) < math.inf):
            raise ValueError("expected 'response_signal' without negative numbers, and not all zero")
        return self

    @model_validator(mode="after")
    def _within_the_period(self) -> Trpl:
        if self.repetition_rate is None:
            return self
        period = 1 / self.repetition_rate
        if self.response_fwhm is not None and self.response_fwhm > 0.2 * period:
            raise ValueError(f"expected 'response_fwhm' of at most a fifth of the period, {0.2e9 * period:g} ns")
        if self.response_bin is not None and len(self.response_signal) * self.response_bin > period:
            raise ValueError(f"expected a response no longer than the period, {1e9 * period:g} ns")
        return self


class Nanocrystals(_Section):
    """How the dots are read: which sizing curve turns energy into edge length, and what records their decay."""

    sizing_curve: SizingCurve = "S1"
    trpl: Trpl | None = None


class Washing(_Section):
    """Washing with antisolvent: `ratio` volumes per volume, `times` cycles, dispersed in `solvent` after each.

    `crude` is the liquid in which the dots leave the flask.
    """

    antisolvent: str
    ratio: Ratio | None = None
    times: int = Field(default=1, ge=1, le=10)
    solvent: str = "toluene"
    crude: str = "octadecene"


class Ageing(_Section):
    """Ageing of the film without bias."""

    humidity: Share = 0.8
    duration: Duration = 16 * 3600.0
    temperature: Temperature = 298.0


class Layer(_Section):
    """One layer of the device; its material is a file of the book."""

    material: str
    name: str | None = None
    role: str | None = None
    thickness: Length | None = None
    parameters: dict[str, str] = {}

    @property
    def key(self) -> str:
        """Name of the layer in parameter keys."""
        return self.name or self.material


class Device(_Section):
    """The stack, from the transparent electrode to the metal.

    `mobile_ions`: whether the emitter's ions move; `self_heating`: whether the stack warms itself.
    """

    layers: list[Layer] = Field(min_length=3)
    substrate: str = "glass"
    temperature: Temperature = 298.0
    area: Area = 4e-6
    mobile_ions: bool = False
    self_heating: bool = False

    @model_validator(mode="after")
    def _names_differ(self) -> Device:
        keys = [layer.key for layer in self.layers]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"layer '{twice[0]}' appears twice: give each its own 'name'")
        return self


class Drive(_Section):
    """The J-V-L sweep, from 0 V."""

    to: Voltage = 6.0
    points: int = Field(default=31, ge=3, le=601)

    @model_validator(mode="after")
    def _forward(self) -> Drive:
        if self.to <= 0:
            raise ValueError("expected 'to' above 0 V: the sweep runs forward")
        return self


class Lifetime(_Section):
    """Initial luminances of the constant-current lifetime runs."""

    luminances: list[Luminance] = Field(default=[1e3, 3e3, 1e4], min_length=1)


class Batch(_Section):
    """Number of devices drawn from the fabrication tolerances, and the seed of the draw."""

    devices: int = Field(default=40, ge=1, le=100_000)
    seed: int = Field(default=0, ge=0)


class ConstantCurrentExperiment(_Section):
    """Voltage and light at given current densities."""

    currents: Annotated[tuple[CurrentDensity, ...], BeforeValidator(tuple), Field(min_length=2)]


class ScanExperiment(_Section):
    """J-V up to a voltage and back at a rate, from rest at 0 V."""

    to: Annotated[Voltage, Field(gt=0.0)] = 5.0
    rate: ScanRate = 1.0
    points: int = Field(default=51, ge=3, le=1001)


class PulseExperiment(_Section):
    """A voltage pulse from 0 V and the light that it makes."""

    voltage: Annotated[Voltage, Field(gt=0.0)] = 5.0
    on: Duration = 1e-4
    off: Duration = 1e-4


class ImpedanceExperiment(_Section):
    """Small alternating voltage about a steady one, at frequencies even in the logarithm."""

    voltage: Voltage = 3.0
    lowest: Frequency = 1.0
    highest: Frequency = 1e6
    points: int = Field(default=31, ge=2, le=501)

    @model_validator(mode="after")
    def _ordered(self) -> ImpedanceExperiment:
        if not self.highest > self.lowest:
            raise ValueError("expected 'highest' above 'lowest'")
        return self


class SingleCarrierExperiment(_Section):
    """Space-charge-limited current of one layer of the stack between ohmic contacts."""

    layer: str
    carrier: Literal["electron", "hole"]
    to: Annotated[Voltage, Field(gt=0.0)] = 5.0


class LightExperiment(_Section):
    """J-V with pairs generated evenly in the emitter, and without."""

    generation: Generation = 1e27
    to: Annotated[Voltage, Field(gt=0.0)] = 3.0


class Experiments(_Section):
    """Measurements of the device beyond the J-V-L sweep; each is made if the recipe names it."""

    constant_current: ConstantCurrentExperiment | None = None
    scan: ScanExperiment | None = None
    pulse: PulseExperiment | None = None
    impedance: ImpedanceExperiment | None = None
    single_carrier: SingleCarrierExperiment | None = None
    light: LightExperiment | None = None


class Recipe(_Section):
    """A flask, its dots, their film and the device made of it."""

    name: str
    title: str = ""
    flask: Flask
    nanocrystals: Nanocrystals = Nanocrystals()
    washing: Washing | None = None
    ageing: Ageing = Ageing()
    device: Device
    drive: Drive = Drive()
    experiments: Experiments = Experiments()
    lifetime: Lifetime = Lifetime()
    batch: Batch = Batch()
    parameters: dict[str, str] = {}


def load_recipe(source: str | Path) -> Recipe:
    """Read a recipe: a path to a TOML file, or the name of a bundled one.

    Raises:
        RecipeError: the file is missing, is no TOML, or holds a key, unit or value that can't be used.
    """
    text, label = _text(source)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{label}: not valid TOML: {error}") from None
    return read_recipe(data, label=label)


def read_recipe(data: dict[str, Any], *, label: str = "recipe") -> Recipe:
    """Check a recipe that is already a dictionary; `label` names it in messages.

    Raises:
        RecipeError: see `load_recipe`.
    """
    try:
        recipe = Recipe.model_validate(data)
    except ValidationError as error:
        raise RecipeError(f"{label}: {_first_message(error, data)}") from None
    _check_names(recipe, label)
    return recipe


def bundled_text(name: str) -> str:
    """TOML text of a bundled recipe."""
    return files("peqled").joinpath("recipes", f"{name}.toml").read_text(encoding="utf-8")


def _text(source: str | Path) -> tuple[str, str]:
    if isinstance(source, str) and source in BUNDLED:
        return bundled_text(source), source
    path = Path(source)
    if path.is_dir():
        raise RecipeError(f"'{path}' is a folder: expected a TOML file or one of {', '.join(BUNDLED)}")
    if not path.exists():
        near = difflib.get_close_matches(str(source), BUNDLED, n=1, cutoff=0.5)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise RecipeError(f"no file '{path}' and no bundled recipe of that name ({', '.join(BUNDLED)}){hint}")
    try:
        return path.read_text(encoding="utf-8"), str(path)
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"'{path}' can't be read: {error}") from None


def _first_message(error: ValidationError, data: dict[str, Any]) -> str:
    """The first fault, unknown keys before everything else (a misspelt key also reads as a missing one)."""
    faults = sorted(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")
    fault = faults[0]
    key = _dotted(fault["loc"])
    if fault["type"] == "extra_forbidden":
        valid = _valid_keys(fault["loc"][:-1])
        near = difflib.get_close_matches(str(fault["loc"][-1]), valid, n=1, cutoff=0.3)
        hint = f"the nearest valid key is '{near[0]}'" if near else f"valid keys are {', '.join(valid)}"
        return f"unknown key '{key}'; {hint}"
    if fault["type"] == "missing":
        return f"key '{key}' is missing"
    message = fault["msg"].removeprefix("Value error, ")
    held = fault["input"]
    shown = f' = "{held}"' if isinstance(held, str) else f" = {held!r}" if isinstance(held, int | float) else ""
    return f"{key or 'recipe'}{shown}: {message}"


def _dotted(location: tuple[str | int, ...]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _valid_keys(location: tuple[str | int, ...]) -> list[str]:
    model: Any = Recipe
    for part in location:
        if isinstance(part, int):
            continue
        model = _section_of(model.model_fields[str(part)].annotation)
    return list(model.model_fields)


def _section_of(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(section for inner in get_args(annotation) if (section := _section_of(inner)) is not None)


def _parts_of_the_flask(flask: Flask) -> dict[str, tuple[str, ...]]:
    """Roles that a material may have at each key of the flask."""
    acid, amine, agent = ("acid ligand",), ("amine ligand",), ("zwitterion ligand", "quaternary bromide")
    return {
        **{f"flask.acids.{name}": acid for name in flask.acids},
        **{f"flask.amines.{name}": amine for name in flask.amines},
        **{f"flask.ammonium_bromides.{name}": amine for name in flask.ammonium_bromides},
        "flask.cesium_acid": acid,
        "flask.resurfacing.agent": agent,
    }


def _check_names(recipe: Recipe, label: str) -> None:
    """Materials, ligands and parameter names against the book."""
    book = load_book()
    named = [
        *((f"device.layers[{i}].material", layer.material) for i, layer in enumerate(recipe.device.layers)),
        ("device.substrate", recipe.device.substrate),
        *((f"flask.acids.{name}", name) for name in recipe.flask.acids),
        *((f"flask.amines.{name}", name) for name in recipe.flask.amines),
        *((f"flask.ammonium_bromides.{name}", name) for name in recipe.flask.ammonium_bromides),
        ("flask.cesium_acid", recipe.flask.cesium_acid),
    ]
    if recipe.flask.resurfacing:
        named.append(("flask.resurfacing.agent", recipe.flask.resurfacing.agent))
    parts = _parts_of_the_flask(recipe.flask)
    if recipe.washing:
        liquids = {f"washing.{key}": getattr(recipe.washing, key) for key in ("antisolvent", "solvent", "crude")}
        named += liquids.items()
        parts |= dict.fromkeys(liquids, ("solvent",))
    wanted = recipe.experiments.single_carrier
    keys = [layer.key for layer in recipe.device.layers]
    if wanted and wanted.layer not in keys:
        raise RecipeError(
            f'{label}: experiments.single_carrier.layer = "{wanted.layer}": expected one of {", ".join(keys)}'
        )
    for key, name in named:
        if name not in book.materials:
            near = difflib.get_close_matches(name, book.materials, n=3, cutoff=0.3)
            raise RecipeError(f'{label}: {key} = "{name}": no such material; the nearest are {", ".join(near)}')
        role = book.materials[name].role
        if role not in parts.get(key, (role,)):
            raise RecipeError(f"{label}: {key}: '{name}' is a {role}; expected {' or '.join(parts[key])}")
    overrides = {f"parameters.{key}": (key, text) for key, text in recipe.parameters.items()}
    for i, layer in enumerate(recipe.device.layers):
        prefix = f"device.layers[{i}].parameters"
        overrides |= {f"{prefix}.{key}": (f"{layer.material}.{key}", text) for key, text in layer.parameters.items()}
    for where, (key, text) in overrides.items():
        try:
            parse_quantity(text, book[key].unit)
        except (KeyError, UnitError) as error:
            raise RecipeError(f'{label}: {where} = "{text}": {error.args[0]}') from None
