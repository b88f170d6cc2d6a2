"""peqled: a digital twin of the perovskite quantum-dot LED, from the flask to the T50.

The numerics are JAX in float64. This is the one place where that is set: by the environment when JAX is not yet
imported (so that ``peqled --help`` needs no JAX), by its configuration when it is. OpenBLAS is held to one thread: the
matrices are of a few hundred rows, where more threads only spin against those of JAX.
"""

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

os.environ.setdefault("JAX_ENABLE_X64", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
if "jax" in sys.modules:
    sys.modules["jax"].config.update("jax_enable_x64", True)

__version__ = "0.1.0"

_HOMES = {
    "gradient": "peqled.twin",
    "load_recipe": "peqled.recipe",
    "open_result": "peqled.result",
    "plot": "peqled.report.figures",
    "read": "peqled.lab.reading",
    "simulate": "peqled.twin",
}
__all__ = ["gradient", "load_recipe", "open_result", "plot", "read", "simulate"]

if TYPE_CHECKING:
    from peqled.lab.reading import read
    from peqled.recipe import load_recipe
    from peqled.report.figures import plot
    from peqled.result import open_result
    from peqled.twin import gradient, simulate


def use_compilation_cache() -> None:
    """Keep what is traced and compiled under the user's cache folder: a second run starts in seconds."""
    import jax

    from peqled.programs import store_programs

    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = os.environ.get("JAX_COMPILATION_CACHE_DIR") or os.path.join(home, "peqled", "jax")
    jax.config.update("jax_compilation_cache_dir", folder)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
    store_programs(os.path.join(folder, "programs"))


def __getattr__(name: str) -> object:
    """Import a public name on first use: ``import peqled`` itself stays light."""
    if name not in _HOMES:
        raise AttributeError(f"module 'peqled' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
