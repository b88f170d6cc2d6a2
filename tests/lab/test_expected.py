"""Real files with independent answers: every row of the reference table through the public function."""

import importlib
import pkgutil

import pytest

import tests.lab
from tests.lab.reference import Reference, folder

MODULES = sorted(m.name for m in pkgutil.iter_modules(tests.lab.__path__) if m.name.startswith("expected_"))
ROWS = [row for name in MODULES for row in importlib.import_module(f"tests.lab.{name}").ROWS]


@pytest.fixture(scope="module")
def reference():
    root = folder()
    if root is None:
        pytest.skip("no reference measurements (PEQLED_LAB_FILES)")
    return Reference(root)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.id} {row.text}")
def test_row(row, reference, capsys):
    """What was reached, against the reference; the table is printed."""
    reached = list(row.check(reference))
    with capsys.disabled():
        for what, value, low, high in reached:
            mark = "ok" if low <= value <= high else "OUT"
            print(f"\n{row.id:4} {what:58} {value:12.6g}  [{low:.6g}, {high:.6g}] {mark}", end="")
    assert reached
    assert all(low <= value <= high for _, value, low, high in reached)
