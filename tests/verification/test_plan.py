"""Allocation of measurements against closed forms of optimal design, and the plan of a lifetime test."""

import itertools
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from peqled.design.allocation import Problem, allocate, variance_of


def line(places, target, *, noise=1.0, prior=1e6, most=60, budget=np.inf):
    """A straight line a + b x measured at `places`, wanted at `target`, with a wide prior on a and b."""
    design = np.column_stack([np.ones(len(places) + 1), [*places, target]])
    count = len(places)
    cost = np.ones(count)
    return Problem(prior * design @ design.T, np.full(count, noise), cost, budget, most)


def test_extrapolation_of_a_line_uses_its_ends():
    """Elfving's design for a line on [-1, 1] wanted at x0 = 3: only the ends, in the shares (x0 + 1)/(2 x0) and
    (x0 - 1)/(2 x0), 40 and 20 of 60; the variance is x0^2/N."""
    found = allocate(line(np.linspace(-1, 1, 9), 3.0))
    assert found.counts[1:-1].sum() == 0
    assert abs(found.counts[-1] - 40) <= 1
    assert found.variance == pytest.approx(9 / 60, rel=2e-3)


def test_variance_agrees_with_the_normal_equations():
    """With counts n: g^T (P^-1 + X^T N X/s)^-1 g."""
    places, counts, prior = np.array([-1.0, 0.2, 0.9]), np.array([2, 0, 3]), 4.0
    design = np.column_stack([np.ones(3), places])
    information = np.eye(2) / prior + design.T @ np.diag(counts / 0.5) @ design
    goal = np.array([1.0, 2.5])
    exact = goal @ np.linalg.inv(information) @ goal
    assert variance_of(line(places, 2.5, noise=0.5, prior=prior), counts) == pytest.approx(exact, rel=1e-10)


def test_the_budget_is_kept_and_dear_cells_are_avoided():
    """Two cells of equal information, one ten times as dear: only the cheap one is used, as often as money allows."""
    problem = Problem(np.ones((3, 3)) + 1e-9 * np.eye(3), np.ones(2), np.array([10.0, 1.0]), 7.5, 100)
    found = allocate(problem)
    assert found.counts.tolist() == [0, 7]
    assert found.variance == pytest.approx(1 / 8, rel=1e-6)
    assert found.spent[-1] <= 7.5


def test_more_budget_never_hurts():
    variances = [allocate(line(np.linspace(-1, 1, 5), 2.0, most=100, budget=b)).variance for b in (3, 6, 12, 24)]
    assert all(after < before for before, after in itertools.pairwise(variances))


def peqled(*arguments):
    command = [sys.executable, "-c", "from peqled.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ, timeout=1200)


def test_the_command_plans_within_its_means(tmp_path):
    """The plan uses at most the hours and devices, no test is longer than allowed, and T50 at use is known better than
    before and than from the usual three luminances."""
    arguments = ("otac-otam", "--hours", 800, "--longest", 200, "--devices", 12, "-o", tmp_path, "--json")
    found = peqled("plan-test", *arguments)
    assert found.returncode == 0, found.stderr
    tables = json.loads(found.stdout)
    tests = tables["plan"]
    assert sum(test["device_hours [h]"] for test in tests) <= 800
    assert sum(test["devices"] for test in tests) <= 12
    assert max(test["hours [h]"] for test in tests) <= 200
    before, after = (row["value"] for row in tables["gain"][1:3])
    assert after < 0.5 * before
    assert (tmp_path / "figures" / "plan.svg").exists()
    short = peqled("plan-test", "otac-otam", "--hours", 1e-9, "-o", tmp_path)
    assert short.returncode == 2
    assert "the shortest lasts" in short.stderr
    wrong = peqled("plan-test", "otac-otam", "--hours", 100, "--luminance", -5, "-o", tmp_path)
    assert wrong.returncode == 2
    assert "above zero" in wrong.stderr
