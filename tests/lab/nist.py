"""Certified nonlinear problems of NIST StRD that the reference folder holds: models and a reader of their files."""

import re
from pathlib import Path

import numpy as np


def _gauss(x, b):
    return (
        b[0] * np.exp(-b[1] * x)
        + b[2] * np.exp(-((x - b[3]) ** 2) / b[4] ** 2)
        + b[5] * np.exp(-((x - b[6]) ** 2) / b[7] ** 2)
    )


MODELS = {
    "Lanczos3": lambda x, b: b[0] * np.exp(-b[1] * x) + b[2] * np.exp(-b[3] * x) + b[4] * np.exp(-b[5] * x),
    "Gauss1": _gauss,
    "Gauss3": _gauss,
    "Eckerle4": lambda x, b: b[0] / b[1] * np.exp(-0.5 * ((x - b[2]) / b[1]) ** 2),
}


def problem(path: Path):
    """x, y, second start, certified values and certified standard deviations."""
    lines = path.read_text().splitlines()
    rows = [
        re.findall(r"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?", line.split("=")[1])
        for line in lines
        if re.match(r"\s*b\d+ =", line)
    ]
    table = np.array(rows, dtype=float)
    first = int(re.search(r"Data\s+\(lines (\d+) to", "\n".join(lines[:20])).group(1))
    data = np.array([line.split() for line in lines[first - 1 :] if line.strip()], dtype=float)
    return data[:, 1], data[:, 0], table[:, 1], table[:, 2], table[:, 3]
