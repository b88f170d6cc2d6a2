"""The batch of devices as a stage of the twin."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from peqled.led.batch import Draw, Measured, bias_points, coverage_of, draw_devices, measure, statistics
from peqled.parameters import Parameters

WORKERS = 2
"""Threads: compiled code runs outside the interpreter lock. The draws do not depend on it."""


class BatchResult(NamedTuple):
    """What was drawn and what was measured, device by device."""

    draws: list[Draw]
    measured: list[Measured]


def run(parameters: Parameters, results: Mapping[str, Any]) -> BatchResult:
    """Draw and measure the recipe's batch."""
    film, voltages = results["film"].film, bias_points(results["led"])
    structure, coverage = parameters.structure, coverage_of(parameters, results)
    draws = draw_devices(parameters, coverage, devices=structure.devices, seed=structure.seed)
    with ThreadPoolExecutor(WORKERS) as pool:
        measured = list(pool.map(lambda draw: measure(parameters, film, voltages, draw), draws))
    return BatchResult(draws, measured)


def observables(parameters: Parameters, results: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers of the stage under the names of the vocabulary."""
    result: BatchResult = results["batch"]
    found = statistics(result.draws, result.measured)
    return {
        "device": np.arange(1, len(result.draws) + 1),
        "batch.eqe": found["eqe"],
        "batch.turn_on_voltage": found["turn_on"],
        "batch.eqe_mean": found["mean"],
        "batch.eqe_deviation": found["deviation"],
        "batch.eqe_champion": found["champion"],
        "batch.yield": found["yield"],
    }


def warnings(parameters: Parameters, results: Mapping[str, Any]) -> list[str]:
    """What is out of range in this run."""
    return ["tolerances of fabrication are engineering defaults: the spread of the batch rests on them alone"]
