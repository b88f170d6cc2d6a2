"""Tables of a batch: the devices, their J-V-L, the statistics and claims, the tolerances."""

from __future__ import annotations

import numpy as np

from peqled.design.batch import Batch
from peqled.design.claims import (
    devices_for_champion,
    devices_for_difference,
    devices_for_mean,
    resampled_champion,
    skewness,
)
from peqled.report.html import Number
from peqled.report.study import Tile
from peqled.report.tables import Column, Sheet, Value

PAPER_MEAN, PAPER_CHAMPION, PAPER_DEVICES = 23.10, 24.13, 40
"""Mean and champion (%) of the paper's devices, and their number."""


SKEWED = 0.5
"""Skewness from which a normal champion misleads."""


def batch_sheets(batch: Batch) -> list[Sheet]:
    """All tables of a batch."""
    return [statistics_sheet(batch), ranking_sheet(batch), device_sheet(batch), curve_sheet(batch)]


def statistics_sheet(batch: Batch) -> Sheet:
    """Yield, mean, spread and champion beside the paper's, and what so many devices can show."""
    columns = [
        Column("quantity", "quantity"),
        Column("value", "this batch"),
        Column("paper", "paper"),
        Column("unit", "unit"),
        Column("note", "note"),
    ]
    good = 100.0 * batch.eqe[batch.working]
    t50 = np.array([record["t50"] for record in batch.records if record["t50"] is not None], dtype=float) / 60
    rows: list[list[Value]] = [
        ["devices", float(len(batch.records)), float(PAPER_DEVICES), "", ""],
        ["yield", 100.0 * float(batch.working.mean()), None, "%", "alive and brighter than 1 cd/m²"],
        ["mean EQE", float(good.mean()) if good.size else None, PAPER_MEAN, "%", "of working devices"],
    ]
    if batch.spread is not None:
        rows += _spread_rows(batch)
    if t50.size:
        rows.append(["T50 at 10 000 cd/m², median", float(np.median(t50)), 54.0, "min", f"{t50.size} devices aged"])
    if t50.size > 1:
        rows.append(["T50, deviation of ln T50", float(np.log(t50).std(ddof=1)), None, "", ""])
    return Sheet("statistics", "The batch and the paper", columns, rows)


def _spread_rows(batch: Batch) -> list[list[Value]]:
    spread, best = batch.spread, batch.champion
    assert spread is not None
    mean, deviation = 100.0 * spread.mean, 100.0 * spread.deviation
    rows: list[list[Value]] = [
        ["deviation of one device", deviation, None, "%", "of the EQE, absolute"],
        ["  between substrates", 100.0 * spread.between, None, "%", "analysis of variance"],
        ["  within a substrate", 100.0 * spread.within, None, "%", "analysis of variance"],
    ]
    if best is not None:
        found = 100.0 * float(np.nanmax(batch.eqe))
        ends = f"{100 * best.low:.2f} to {100 * best.high:.2f} % in nine of ten batches"
        forty = resampled_champion(batch.eqe[batch.working], _substrates(batch), PAPER_DEVICES)
        drawn = f"resampled; {100 * forty[1]:.2f} to {100 * forty[2]:.2f} % in nine of ten batches"
        rows += [
            ["champion", found, PAPER_CHAMPION, "%", f"so good or less in {best.chance:.0%} of batches, if normal"],
            ["expected champion, if normal", 100.0 * best.expected, None, "%", ends],
            ["expected champion of 40", 100.0 * forty[0], None, "%", drawn],
            ["skewness", skewness(batch.eqe[batch.working]), None, "", "0 if normal"],
            ["champion over mean", found / mean, PAPER_CHAMPION / PAPER_MEAN, "", "free of the level of the EQE"],
        ]
    rows += [
        [
            "devices for the mean",
            float(devices_for_mean(spread, 0.01 * spread.mean)),
            None,
            "",
            "to ±1 % of itself, 95 %",
        ],
        [
            "devices of each of two recipes",
            float(devices_for_difference(spread, 0.03 * spread.mean)),
            None,
            "",
            "to see a difference of 3 % of the mean, power 80 %",
        ],
        [
            "devices for a champion",
            devices_for_champion(spread, spread.mean * PAPER_CHAMPION / PAPER_MEAN),
            None,
            "",
            "as far above the mean as the paper's, chance 95 %",
        ],
    ]
    return rows


def _substrates(batch: Batch) -> np.ndarray:
    return np.array([record["substrate"] for record in batch.records])[batch.working]


def ranking_sheet(batch: Batch) -> Sheet:
    """Tolerances by their share of the variance."""
    columns = [
        Column("tolerance", "tolerance"),
        Column("share", "share of the variance", "%", 3),
        Column("low", "from", "%", 3),
        Column("high", "to", "%", 3),
        Column("slope", "EQE per deviation", "%", 3),
    ]
    rows: list[list[Value]] = []
    if batch.ranking is not None:
        found = zip(*batch.ranking[:5], strict=True)
        rows = [[name, *(100.0 * float(x) for x in numbers)] for name, *numbers in found]
        rows.append(["left over by the fit", 100.0 * batch.ranking.unexplained, None, None, None])
    return Sheet("tolerances", "Which tolerance costs most (Shapley effects)", columns, rows)


def device_sheet(batch: Batch) -> Sheet:
    """A row per device."""
    names = list(batch.records[0]["scores"])
    columns = [
        Column("device", "device"),
        Column("substrate", "substrate"),
        Column("works", "works"),
        Column("eqe_max", "peak EQE", "%"),
        Column("turn_on", "turn-on", "V"),
        Column("t50", "T50", "min"),
        Column("shunt", "shunt", "Ω m²", 3),
        *(Column(name, name, "σ", 3) for name in names),
    ]
    rows: list[list[Value]] = []
    for record, works in zip(batch.records, batch.working, strict=True):
        row: list[Value] = [record["number"] + 1, record["substrate"] + 1, "yes" if works else "no"]
        row += [_scaled(record["eqe_max"], 100.0), record["turn_on"], _scaled(record["t50"], 1 / 60), record["shunt"]]
        rows.append(row + [record["scores"][name] for name in names])
    return Sheet("devices", "Devices", columns, rows)


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else factor * value


def curve_sheet(batch: Batch) -> Sheet:
    """J-V-L and EQE of every device."""
    columns = [
        Column("device", "device"),
        Column("voltage", "V", "V", 6),
        Column("current_density", "J", "mA/cm²", 6),
        Column("luminance", "L", "cd/m²", 6),
        Column("eqe", "EQE", "%", 6),
    ]
    rows: list[list[Value]] = []
    for record in batch.records:
        points = zip(*(record[name] for name in ("voltage", "current", "luminance", "eqe")), strict=True)
        for volt, current, luminance, eqe in points:
            rows.append([record["number"] + 1, volt, _scaled(current, 0.1), luminance, _scaled(eqe, 100.0)])
    return Sheet("jvl", "J-V-L and EQE, device by device", columns, rows)


def batch_notes(batch: Batch) -> list[str]:
    """What the tables leave unsaid."""
    notes = ["tolerances are engineering defaults of the book ('fabrication'), between and within substrates of four"]
    good = batch.eqe[batch.working]
    if good.size > 2 and abs(skewness(good)) > SKEWED:
        notes.append(
            f"the EQE is not normal (skewness {skewness(good):.2f}): take the resampled champion, not the normal one"
        )
    if batch.ranking is None:
        notes.append("no ranking of the tolerances: too few working devices without a shunt, or no spread")
    elif batch.ranking.terms == len(batch.ranking.names):
        notes.append("the ranking is linear: more devices would carry squares and products")
    return notes


def batch_tiles(batch: Batch) -> list[Tile]:
    """Key numbers of the page."""
    good = 100.0 * batch.eqe[batch.working]
    tiles: list[Tile] = [("yield", Number(100.0 * float(batch.working.mean()), "%", digits=3), "predicted")]
    if good.size:
        tiles.append(("mean EQE", Number(float(good.mean()), "%"), "predicted"))
        tiles.append(("champion", Number(float(good.max()), "%"), "predicted"))
    if batch.champion is not None:
        tiles.append(("expected champion", Number(100.0 * batch.champion.expected, "%"), "predicted"))
    return tiles
