"""Fit the ten parameters to the paper's calibrated rows and write them into the package.

    python calibration/calibrate.py

Reads the two bundled recipes, starts from the defaults of the parameter book and writes
src/peqled/materials/calibrated.toml. Takes some minutes; anyone can run it again.
"""

from __future__ import annotations

import peqled
from peqled.inference.calibration import calibrate
from peqled.materials.calibrated import FILE, Fitted
from peqled.parameters import parameters_of
from peqled.recipe import load_recipe
from peqled.result import write_text

HEADER = """# Written by calibration/calibrate.py; do not edit by hand.
# Parameters fitted to Zhang et al., Adv. Sci. 2023, 10.1002/advs.202304696, the same for both flasks.
# "rows" are the rows of the paper's table that each was fitted to.
"""


def as_toml(fitted: list[Fitted]) -> str:
    """The file's text."""
    return HEADER + "\n" + "\n".join(_entry(entry) for entry in fitted)


def _entry(entry: Fitted) -> str:
    quantity = repr(entry.value) if entry.unit == "1" else f"{entry.value!r} {entry.unit}"
    rows = ", ".join(f'"{row}"' for row in entry.rows)
    return (
        f'[[fitted]]\nparameter = "{entry.parameter}"\nvalue = "{quantity}"\nunit = "{entry.unit}"\nrows = [{rows}]\n'
    )


if __name__ == "__main__":
    peqled.use_compilation_cache()
    improved, control = (parameters_of(load_recipe(name), calibrated=False) for name in ("otac-otam", "oa-oam"))
    write_text(FILE, as_toml(calibrate(improved, control)))
    print(f"written: {FILE.name}")
