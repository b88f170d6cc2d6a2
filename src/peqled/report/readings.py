"""How a row of the paper's table is read from the twin's results, in the unit that the paper prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr

from peqled.materials import parse_quantity
from peqled.parameters import Parameters
from peqled.report.rows import PaperRow
from peqled.report.statements import STATEMENTS, VISIBLE_BAND
from peqled.result import read_value
from peqled.synthesis.network import REACTIONS, imbalance
from peqled.vocabulary import observable

IMPROVED, CONTROL = "otac-otam", "oa-oam"


class Reading(NamedTuple):
    """A number in the paper's unit (NaN when the row is no number), the words beside it, whether a statement holds,
    and the stage that it comes from ("" for parameters)."""

    value: float
    words: str
    holds: bool | None
    stage: str


Trees = Mapping[str, xr.DataTree]


def read_row(row: PaperRow, trees: Trees, parameters: Mapping[str, Parameters]) -> Reading:
    """The twin's answer to one row."""
    if row.twin in STATEMENTS:
        finding = STATEMENTS[row.twin](trees[IMPROVED], trees[CONTROL])
        return Reading(float("nan"), finding.numbers, finding.holds, STAGE_OF_STATEMENT.get(row.twin, "film"))
    if row.twin in SPECIAL:
        return SPECIAL[row.twin](row, trees, parameters)
    sample = flask_of(row)
    if row.twin in parameters[sample].values:
        return _number(row, float(parameters[sample][row.twin]), "")
    name = row.twin
    return _number(row, _pick(trees[sample], name), observable(name).stage)


def flask_of(row: PaperRow) -> str:
    """Recipe that a row is about; devices are made of the improved flask."""
    return CONTROL if row.sample == CONTROL else IMPROVED


def _pick(tree: xr.DataTree, name: str) -> float:
    variable = read_value(tree, name)
    if variable.ndim == 0:
        return float(variable)
    return float(variable.sel(initial_luminance=1e4))


def _number(row: PaperRow, value: float, stage: str) -> Reading:
    return Reading(in_paper_unit(row, value), "", None, stage)


def in_paper_unit(row: PaperRow, value: float) -> float:
    """A working-unit number in the unit that the row prints."""
    if not row.unit:
        return value
    coherent = {
        "%": "1",
        "nm": "m",
        "h": "s",
        "min": "s",
        "ms": "s",
        "s": "s",
        "ns": "s",
        "eV": "eV",
        "cd/m2": "cd/m^2",
    }
    return value / parse_quantity(f"1 {row.unit}", coherent[row.unit])


def _bands(row: PaperRow, trees: Trees, parameters: Mapping[str, Parameters]) -> Reading:
    """Visible bands of the precursor: lead bromide, and clusters if their band stands out."""
    ratio = float(read_value(trees[flask_of(row)], "synthesis.cluster_band_ratio"))
    return Reading(1.0 + (ratio > VISIBLE_BAND), f"A(3.15 eV)/A(4.5 eV) = {ratio:.2g}", None, "synthesis")


def _balance(*reactions: str) -> Callable[..., Reading]:
    def read(row: PaperRow, trees: Trees, parameters: Mapping[str, Parameters]) -> Reading:
        balanced = not any(imbalance(REACTIONS[name]) for name in reactions)
        return Reading(float("nan"), f"{' + '.join(reactions)} balances in every element", balanced, "")

    return read


def _retained(condition: str, *, lost: bool = False) -> Callable[..., Reading]:
    def read(row: PaperRow, trees: Trees, parameters: Mapping[str, Parameters]) -> Reading:
        kept = float(read_value(trees[IMPROVED], "film.pl_retained").sel(condition=condition)[-1])
        return _number(row, 1.0 - kept if lost else kept, "film")

    return read


def _constant(value: float) -> Callable[..., Reading]:
    def read(row: PaperRow, trees: Trees, parameters: Mapping[str, Parameters]) -> Reading:
        return _number(row, value, "")

    return read


def _devices(row: PaperRow, trees: Trees, parameters: Mapping[str, Parameters]) -> Reading:
    return Reading(float(parameters[IMPROVED].structure.devices), "", None, "")


def _layers(row: PaperRow, trees: Trees, parameters: Mapping[str, Parameters]) -> Reading:
    words = " / ".join(layer.key for layer in parameters[IMPROVED].structure.layers)
    return Reading(float("nan"), words, True, "")


def _sizing(row: PaperRow, trees: Trees, parameters: Mapping[str, Parameters]) -> Reading:
    return Reading(float("nan"), f"sizing curve {parameters[IMPROVED].structure.sizing_curve}", True, "")


def _agent(row: PaperRow, trees: Trees, parameters: Mapping[str, Parameters]) -> Reading:
    share = float(read_value(trees[IMPROVED], "nanocrystal.zwitterion_coverage"))
    words = f"{parameters[IMPROVED].structure.resurfacing_agent} holds {share:.0%} of the sites"
    return Reading(float("nan"), words, None, "nanocrystal")


def _cluster_wavelength(row: PaperRow, trees: Trees, parameters: Mapping[str, Parameters]) -> Reading:
    energy = float(parameters[CONTROL]["clusters.absorption_energy"])
    return Reading(1239.841984 / energy, f"{energy:.2f} eV", None, "")


SPECIAL: Mapping[str, Callable[..., Reading]] = {
    "bands": _bands,
    "balance_eq1": _balance("R1"),
    "balance_eq2": _balance("R1", "R2"),
    "balance_eq3": _balance("R1"),
    "pl_retained_humid": _retained("humid air"),
    "pl_lost_humid": _retained("humid air", lost=True),
    "pl_retained_uv": _retained("humid air, 365 nm"),
    "cluster_band_nm": _cluster_wavelength,
    "frame_1": _constant(0.0),
    "frame_2": _constant(0.2),
    "frame_3": _constant(2.0),
    "window_low": _constant(400e-9),
    "window_high": _constant(460e-9),
    "ultraviolet_wavelength": _constant(365e-9),
    "t50_definition": _constant(0.5),
    "initial_luminance": _constant(1e4),
    "devices": _devices,
    "layer_sequence": _layers,
    "sizing": _sizing,
    "agent": _agent,
}

STAGE_OF_STATEMENT = {"lambertian": "led"}


def finite(value: float) -> float | None:
    """The number, or None where there is none: strict JSON knows no NaN."""
    return float(value) if np.isfinite(value) else None
