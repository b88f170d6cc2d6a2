"""Find the levels of the bundled recipes' stack: the smallest move inside the published ranges that makes it an LED.

    python calibration/levels.py

Prints what stands in src/peqled/recipes/*.toml. Takes some minutes. No efficiency of the device enters.
"""

from __future__ import annotations

import peqled
from peqled.inference.conditioning import moved_levels, smallest_shares
from peqled.parameters import parameters_of
from peqled.recipe import load_recipe
from peqled.twin import evaluate

if __name__ == "__main__":
    peqled.use_compilation_cache()
    parameters = parameters_of(load_recipe("otac-otam"))
    shares = smallest_shares(parameters, evaluate(parameters, until="optics"))
    print(shares)
    for key, value in moved_levels(shares.hole, shares.electron).items():
        print(f"{key} = {value:.4g}")
