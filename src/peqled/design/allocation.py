"""Which measurements tell most of a number that is not measured, under a budget: sequential Gaussian design.

Prior knowledge is a covariance over what may be measured and the number wanted. One measurement of cell c with noise
variance s_c turns it into

    Sigma - Sigma_c Sigma_c^T/(Sigma_cc + s_c),

so the variance of the target t falls by Sigma_tc^2/(Sigma_cc + s_c). Cells are taken one by one by this gain over the
share of the budgets that they use, then single ones are exchanged while that helps (Fedorov 1972).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

ROUNDS = 20
GAIN = 1e-4
"""Least relative gain for which two measurements are exchanged."""


class Problem(NamedTuple):
    """Covariance of the cells and, last, the target; noise variance and cost per cell; budget, most measurements."""

    covariance: Float[np.ndarray, "all all"]
    noise: Float[np.ndarray, " cell"]
    cost: Float[np.ndarray, " cell"]
    budget: float
    most: int

    @property
    def weight(self) -> Float[np.ndarray, " cell"]:
        """Share of the budgets that one measurement uses."""
        return self.cost / self.budget + 1.0 / self.most


class Allocation(NamedTuple):
    """Measurements per cell, variance of the target, and the way there: cost spent and variance after each one."""

    counts: Int[np.ndarray, " cell"]
    variance: float
    spent: Float[np.ndarray, " taken"]
    path: Float[np.ndarray, " taken"]


def allocate(problem: Problem) -> Allocation:
    """Measurements that bring the variance of the target down most."""
    counts, spent, path = _greedy(problem)
    for _ in range(ROUNDS):
        better = _exchange(problem, counts)
        if better is None:
            break
        counts = better
    return Allocation(counts, variance_of(problem, counts), np.array(spent), np.array(path))


def variance_of(problem: Problem, counts: Int[np.ndarray, " cell"]) -> float:
    """Variance of the target after the measurements."""
    return float(_posterior(problem, counts)[-1, -1])


def _posterior(problem: Problem, counts: Int[np.ndarray, " cell"]) -> Float[np.ndarray, "all all"]:
    covariance = problem.covariance
    for cell in np.nonzero(counts)[0]:
        covariance = _measured(covariance, int(cell), problem.noise[cell] / counts[cell])
    return covariance


def _measured(covariance: Float[np.ndarray, "all all"], cell: int, noise: float) -> Float[np.ndarray, "all all"]:
    column = covariance[:, cell]
    return covariance - np.outer(column, column) / (covariance[cell, cell] + noise)


def _gains(problem: Problem, covariance: Float[np.ndarray, "all all"]) -> Float[np.ndarray, " cell"]:
    return covariance[-1, :-1] ** 2 / (np.diag(covariance)[:-1] + problem.noise)


def _greedy(problem: Problem) -> tuple[Int[np.ndarray, " cell"], list[float], list[float]]:
    counts, covariance = np.zeros(problem.noise.size, dtype=int), problem.covariance
    spent, path = [0.0], [float(covariance[-1, -1])]
    while counts.sum() < problem.most:
        affordable = problem.cost <= problem.budget - spent[-1]
        value = np.where(affordable, _gains(problem, covariance) / problem.weight, -np.inf)
        cell = int(np.argmax(value))
        if not value[cell] > 0:
            break
        covariance = _measured(covariance, cell, problem.noise[cell])
        counts[cell] += 1
        spent.append(spent[-1] + float(problem.cost[cell]))
        path.append(float(covariance[-1, -1]))
    return counts, spent, path


def _exchange(problem: Problem, counts: Int[np.ndarray, " cell"]) -> Int[np.ndarray, " cell"] | None:
    """The best exchange of one measurement for another; None where none helps."""
    best, found = variance_of(problem, counts) * (1.0 - GAIN), None
    for cell in np.nonzero(counts)[0]:
        fewer = counts.copy()
        fewer[cell] -= 1
        covariance = _posterior(problem, fewer)
        room = problem.budget - float(fewer @ problem.cost)
        gains = np.where(problem.cost <= room + 1e-12, _gains(problem, covariance), -np.inf)
        other = int(np.argmax(gains))
        if covariance[-1, -1] - gains[other] < best:
            best, found = float(covariance[-1, -1] - gains[other]), fewer
            found[other] += 1
    return found
