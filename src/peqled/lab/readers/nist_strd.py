"""NIST StRD nonlinear regression problems (.dat): data, printed model, two starts, certified values and errors."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from peqled.lab.certified.formula import Formula, FormulaError
from peqled.lab.measurement import LabFileError, Measurement, Reader, dataset
from peqled.lab.text import number, read_lines

_PARAMETER = re.compile(r"^\s*(b\d+)\s*=\s*(.+)$")
_SUMMARY = {"certified_rss": r"^\s*Residual Sum of Squares:\s*(\S+)",
            "certified_residual_sd": r"^\s*Residual Standard Deviation:\s*(\S+)"}  # fmt: skip


def _sniff(head: bytes, name: str) -> float:
    start = head[:6000]
    known = b"NIST/ITL StRD" in start and b"Starting" in start and b"Certified Values" in start
    return 0.97 if known and b"Model:" in start and b"b1" in start else 0.0


def _read(path: Path) -> list[Measurement]:
    lines = read_lines(path)
    response, formula = _model(path, lines)
    parameters = _parameters(path, lines)
    names, rows = _data(path, lines)
    predictors = sorted(formula.names & set(names))
    asked = formula.names - set(predictors) - {"pi"}
    if asked != {name for name, *_ in parameters} or not predictors:
        raise LabFileError(path, "model", f"names {sorted(formula.names)}", "predictors of the table and b1, b2, ...")
    y = rows[:, names.index("y")]
    data = dataset(
        {
            "lab.fit_response": y,
            "lab.fit_predictor": np.stack([rows[:, names.index(name)] for name in predictors]),
        }
    )
    found = {key: _first(lines, pattern) for key, pattern in _SUMMARY.items()}
    metadata = {"formula": _text(lines), "response": response, "predictors": tuple(predictors),
                "parameters": parameters, **found}  # fmt: skip
    return [Measurement("certified_fit", path.stem, data, path, "nist_strd", metadata)]


def _text(lines: list[str]) -> str:
    """The printed model without its error term, ``left = right``."""
    start = next((i for i, line in enumerate(lines) if line.startswith("Model:")), 0)
    end = next((i for i, line in enumerate(lines) if i > start and re.match(r"\s*Starting [Vv]alues", line)), start)
    body = " ".join(line.strip() for line in lines[start + 1 : end] if line.strip())
    match = re.search(r"((?:log\s*[\[(]\s*)?y\s*[\])]?\s*=.*)$", body)
    return re.sub(r"\+\s*e\s*$", "", match[1]).strip() if match else ""


def _model(path: Path, lines: list[str]) -> tuple[str, Formula]:
    left, _, right = _text(lines).partition("=")
    response = re.sub(r"\s", "", left).replace("[", "(").replace("]", ")")
    if response not in ("y", "log(y)"):
        raise LabFileError(path, "Model:", left[:60], "y = ... or log[y] = ...")
    try:
        return response, Formula(right)
    except FormulaError as error:
        raise LabFileError(path, "Model:", str(error), "arithmetic, exp, log, sin, cos, arctan") from None


def _parameters(path: Path, lines: list[str]) -> tuple[tuple[str, float, float, float, float], ...]:
    """Name, both starts, certified value, certified standard deviation."""
    found = []
    for match in filter(None, map(_PARAMETER.match, lines)):
        cells = [number(cell) for cell in match[2].split()]
        if len(cells) == 4 and None not in cells:
            found.append((match[1], *(float(cell) for cell in cells if cell is not None)))
    if not found:
        raise LabFileError(path, "parameters", "none", "lines 'b1 = start start value deviation'")
    return tuple(found)


def _data(path: Path, lines: list[str]) -> tuple[list[str], np.ndarray]:
    at = [i for i, line in enumerate(lines) if line.startswith("Data:") and re.search(r"\by\b", line)]
    if not at:
        raise LabFileError(path, "Data:", "no names of columns", "a line 'Data: y x'")
    names = lines[at[-1]].partition(":")[2].split()
    rows = [[number(cell) for cell in line.split()] for line in lines[at[-1] + 1 :] if line.strip()]
    good = [row for row in rows if len(row) == len(names) and None not in row]
    if len(good) < 2 or "y" not in names:
        raise LabFileError(path, "Data:", f"{len(good)} rows under {names}", "rows of numbers under y and x")
    return names, np.array(good, dtype=float)


def _first(lines: list[str], pattern: str) -> float:
    for line in lines:
        if match := re.match(pattern, line):
            value = number(match[1])
            return float("nan") if value is None else value
    return float("nan")


READER = Reader(
    name="nist_strd",
    title="NIST StRD nonlinear regression problem",
    kinds=("certified_fit",),
    suffixes=(".dat",),
    sniff=_sniff,
    read=_read,
    checked="independent file",
)
