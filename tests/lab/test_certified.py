"""NIST StRD problems as files: the model is parsed from the text, fitted, and compared with the certified numbers."""

import numpy as np
import pytest

import peqled
from peqled.lab.certified.formula import Formula, FormulaError
from peqled.lab.measurement import LabFileError
from peqled.lab.readers import nist_strd


def problem(model, names, columns, parameters, *, data_names="y  x"):
    """Text of a problem in the layout of StRD: two starts, certified values and deviations."""
    rows = "\n".join("  ".join(f"{v:.15E}" for v in row) for row in np.stack(columns, axis=1))
    lines = "\n".join(f"  {n} =  {' '.join(f'{v:.10E}' for v in p)}" for n, p in zip(names, parameters, strict=True))
    return (f"NIST/ITL StRD\nDataset Name:  Made (Made.dat)\n\nModel:         Exponential Class\n"
            f"               {len(names)} Parameters\n\n               {model}  +  e\n\n"
            f"          Starting Values                  Certified Values\n\n"
            f"        Start 1     Start 2           Parameter     Standard Deviation\n{lines}\n\n"
            f"Residual Sum of Squares:                    1.0E+00\n\n"
            f"Data:   {data_names}\n{rows}\n")  # fmt: skip


def test_straight_line_has_the_errors_of_the_textbook(tmp_path):
    """y = b1 + b2 x: values and standard errors of linear regression in closed form, from a start far away."""
    rng = np.random.default_rng(3)
    x = np.linspace(1.0, 9.0, 30)
    y = 2.5 - 0.75 * x + 0.1 * rng.normal(size=x.size)
    design = np.column_stack([np.ones(x.size), x])
    values, (rss,), *_ = np.linalg.lstsq(design, y, rcond=None)
    errors = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * rss / (x.size - 2))
    path = tmp_path / "Made.dat"
    given = [(100.0, 10.0, values[0], errors[0]), (-50.0, 5.0, values[1], errors[1])]
    path.write_text(problem("y = b1 + b2*x", ("b1", "b2"), (y, x), given))
    reading = peqled.read(path)
    assert reading.files[0].reader == "nist_strd"
    assert [reading.value("b1"), reading.value("b2")] == pytest.approx(values, rel=1e-9)
    assert [reading.find(n)[0].uncertainty for n in ("b1", "b2")] == pytest.approx(errors, rel=1e-8)
    assert reading.value("digits_of_values") > 8
    assert reading.value("residual_sum_of_squares") == pytest.approx(rss, rel=1e-9)


def test_parameters_of_very_different_size(tmp_path):
    """A quotient with parameters from 1e-7 to 1: exact data, both starts 10 % away, values to 1e-6."""
    truth = np.array([1.0, 1e-3, 2e-7])
    x = np.linspace(10.0, 900.0, 60)
    y = (truth[0] + truth[1] * x) / (1.0 + truth[2] * x**2)
    given = [(1.1 * t, 0.9 * t, t, 1.0) for t in truth]
    path = tmp_path / "a.dat"
    model = "y = (b1+b2*x) /\n                   (1+b3*x**2)"
    path.write_text(problem(model, ("b1", "b2", "b3"), (y, x), given))
    assert [peqled.read(path).value(n) for n in ("b1", "b2", "b3")] == pytest.approx(truth, rel=1e-6)


def test_two_predictors_and_a_logarithm(tmp_path):
    """log[y] = b1 - b2 x1 exp[-b3 x2], the form of one of the public problems: exact data give the truth."""
    rng = np.random.default_rng(0)
    first, second = rng.uniform(1.0, 60.0, 80), rng.uniform(1.0, 3.0, 80)
    truth = (2.6, 0.05, 0.4)
    y = np.exp(truth[0] - truth[1] * first * np.exp(-truth[2] * second))
    given = [(0.8 * t, 1.2 * t, t, 1.0) for t in truth]
    path = tmp_path / "a.dat"
    text = problem("log[y] = b1 - b2*x1 * exp[-b3*x2]", ("b1", "b2", "b3"), (y, first, second), given,
                   data_names="y   x1   x2")  # fmt: skip
    path.write_text(text)
    assert [peqled.read(path).value(n) for n in ("b1", "b2", "b3")] == pytest.approx(truth, rel=1e-7)


@pytest.mark.parametrize(
    "text",
    ["__import__('os')", "x.__class__", "b1 if x else 2", "[b1 for b1 in x]", "exp(x, x)", "open(x)", "b1; x", "'a'",
     "lambda: 1", "b1" + "+b1" * 1000, "(" * 80 + "x" + ")" * 80 + "**" * 2],
)  # fmt: skip
def test_a_formula_is_arithmetic_and_nothing_else(text):
    """Names, attributes, calls of anything else, strings and monsters are refused before anything is computed."""
    with pytest.raises(FormulaError):
        Formula(text)


def test_a_formula_computes():
    assert Formula("2*exp[-x] + pi/4 - -1").names == {"x", "pi"}
    assert Formula("2*exp[-x] + pi/4 - -1")({"x": 0.5}) == pytest.approx(2 * np.exp(-0.5) + np.pi / 4 + 1)


def test_a_model_with_unknown_names_is_refused(tmp_path):
    path = tmp_path / "a.dat"
    x = np.linspace(1.0, 2.0, 8)
    path.write_text(problem("y = b1*z", ("b1",), (x, x), [(1.0, 1.0, 1.0, 1.0)]))
    with pytest.raises(LabFileError, match="model"):
        nist_strd.READER.read(path)
