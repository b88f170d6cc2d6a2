"""Compiled code is kept between tests and workers: most of a first run is compiling."""

import os
from pathlib import Path

os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(Path(__file__).parents[1] / ".pytest_cache" / "jax"))

import peqled

peqled.use_compilation_cache()
