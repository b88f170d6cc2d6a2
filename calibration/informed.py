"""What the paper's numbers know of each parameter of the flask, written into the package.

    python calibration/informed.py

Writes src/peqled/inference/informed.toml: slopes of the five printed numbers that the dots predict. From them follow
the posterior over the prior width of each parameter, and of each output in a report's table of sensitivities. Takes a
minute or two.
"""

from __future__ import annotations

import peqled
from peqled.inference.posterior import INFORMED_FILE, READINGS, reading_slopes
from peqled.parameters import parameters_of
from peqled.recipe import load_recipe
from peqled.result import write_text

ROWS = ", ".join(reading.row for reading in READINGS)
HEADER = f"""# Written by calibration/informed.py; do not edit by hand.
# Slopes of the readings {ROWS}, in their own deviations per prior deviation of each parameter.
"""


if __name__ == "__main__":
    peqled.use_compilation_cache()
    improved, control = (parameters_of(load_recipe(name)) for name in ("otac-otam", "oa-oam"))
    rows = [
        f'"{key}" = [{", ".join(f"{slope:.4g}" for slope in slopes)}]'
        for key, slopes in reading_slopes(improved, control).items()
    ]
    write_text(INFORMED_FILE, HEADER + "\n" + "\n".join(rows) + "\n")
    print(f"written: {INFORMED_FILE.name}")
