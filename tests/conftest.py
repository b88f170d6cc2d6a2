"""Compiled code is kept between tests and workers, and compiled without optimisation: most of a first run is compiling.

Of a device solver it takes 10 s instead of 26; what it makes runs four times slower, which tests rarely feel.
"""

import gc
import os
from pathlib import Path

import jax
import pytest

os.environ["XLA_FLAGS"] = (  # read when JAX first computes
    f"--xla_cpu_use_fusion_emitters=false --xla_backend_optimization_level=0 {os.environ.get('XLA_FLAGS', '')}"
)
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(Path(__file__).parents[1] / ".pytest_cache" / "jax"))

import peqled

peqled.use_compilation_cache()

MOST_MAPS = 25000
"""Memory maps after which compiled code is dropped: a process that reaches the kernel's 65530 is aborted."""


@pytest.fixture(autouse=True, scope="module")
def _few_programs():
    """Every test module compiles its own devices; what the last one left is let go."""
    from peqled.programs import forget_programs

    yield
    forget_programs()
    maps = Path("/proc/self/maps")
    if maps.exists() and len(maps.read_bytes().splitlines()) > MOST_MAPS:
        jax.clear_caches()
        gc.collect()
