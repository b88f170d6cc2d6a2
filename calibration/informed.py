"""What the paper's numbers know of each parameter of the flask: posterior over prior width, written into the package.

    python calibration/informed.py

Writes src/peqled/report/informed.toml; rows of the paper's table that rest on parameters which the data leave as wide
as before say 'not informed by the data' from it. Takes a minute or two.
"""

from __future__ import annotations

import peqled
from peqled.inference.posterior import width_ratios
from peqled.parameters import parameters_of
from peqled.recipe import load_recipe
from peqled.report.rows import INFORMED_FILE
from peqled.result import write_text

HEADER = """# Written by calibration/informed.py; do not edit by hand.
# Deviation of each parameter after the paper's numbers over that before (linear-Gaussian, at the default set).
"""


if __name__ == "__main__":
    peqled.use_compilation_cache()
    improved, control = (parameters_of(load_recipe(name)) for name in ("otac-otam", "oa-oam"))
    ratios = width_ratios(improved, control)
    write_text(
        INFORMED_FILE, HEADER + "\n" + "\n".join(f'"{key}" = {ratio:.3f}' for key, ratio in ratios.items()) + "\n"
    )
    print(f"written: {INFORMED_FILE.name}")
