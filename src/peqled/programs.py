"""Traced programs kept on disk, so that a new process neither traces nor compiles again.

JAX keeps compiled code on disk, but finds it only after it has traced and lowered the Python function, which for the
device solvers takes longer than to run them. `stored` keeps the lowered program as well (``jax.export``), under a hash
of the package's own files, the versions and the shapes: any change of any of them makes a new program. Where a
derivative is taken, or no folder is set, the function is traced as usual.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
import threading
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
from jax import export

Leaves = list[jax.Array]

UNTRACED = {
    *("app", "cli.py", "design", "inference", "lab", "recipe.py", "recipes", "report", "result.py", "vocabulary.py"),
}
"""Rooms behind the physics: no traced function imports from them, so their changes make no new programs."""

MOST_LOADED = 32
"""Programs kept in memory. Each maps hundreds of pieces of code, of which a process may have some 65 000."""

COMPILER_OPTIONS: dict[str, str | bool] = {"xla_cpu_use_fusion_emitters": False}
"""Of programs for the CPU: the older code generator needs two thirds of the time to compile a device solver, and what
it makes runs in two thirds of the time."""

_folder: Path | None = None
_programs: dict[str, Callable[[Leaves], Any]] = {}
_locks: dict[str, threading.Lock] = {}
_registry = threading.Lock()


def store_programs(folder: str | os.PathLike[str] | None) -> None:
    """Keep programs in `folder` from now on; None keeps none."""
    global _folder
    _folder = Path(folder) if folder is not None else None


def forget_programs() -> None:
    """Drop the programs that are loaded; they are found on disk again."""
    with _registry:
        _programs.clear()


def stored(*, static_argnames: tuple[str, ...] = ()) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Like ``jax.jit``, with the traced program kept on disk. Static arguments are given by keyword."""

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        compiled = jax.jit(function, static_argnames=static_argnames)

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            static = {name: kwargs[name] for name in static_argnames if name in kwargs}
            dynamic = args, {name: value for name, value in kwargs.items() if name not in static}
            leaves, tree = jax.tree.flatten(dynamic)
            if _folder is None or any(isinstance(leaf, jax.core.Tracer) for leaf in leaves):
                return compiled(*args, **kwargs)
            arrays = [jnp.asarray(leaf) for leaf in leaves]
            program = _program(function, compiled, tree, static, arrays, _folder)
            return program(arrays)

        return call

    return wrap


def _program(
    function: Callable[..., Any],
    compiled: Callable[..., Any],
    tree: Any,
    static: dict[str, Any],
    leaves: Leaves,
    folder: Path,
) -> Callable[[Leaves], Any]:
    """The program of these shapes: from this process, from disk, or traced now."""
    shapes = [(leaf.shape, str(leaf.dtype)) for leaf in leaves]
    name = f"{function.__module__}.{function.__qualname__}"
    text = repr((_fingerprint(), name, str(tree), sorted(static.items()), shapes, str(folder)))
    key = hashlib.sha256(text.encode()).hexdigest()
    with _registry:
        lock = _locks.setdefault(key, threading.Lock())
    with lock:  # two threads that need the same program trace it once
        found = _programs.get(key)
        if found is None:
            file = folder / f"{name}-{key[:20]}.program"
            program, skeleton = _load(file) or _trace(compiled, tree, static, leaves, file)
            found = _callable(program, skeleton, leaves)
    with _registry:
        _programs.pop(key, None)
        _programs[key] = found  # the last used one goes last
        while len(_programs) > MOST_LOADED:
            _programs.pop(next(iter(_programs)))
    return found


def _load(file: Path) -> tuple[export.Exported, Any] | None:
    """A program from disk; None if there is none that can be read."""
    try:
        skeleton, program = pickle.loads(file.read_bytes())
        return export.deserialize(bytearray(program)), skeleton
    except Exception:  # none yet, or damaged: what unpickling can raise is open, and the program is made anew
        return None


def _trace(
    compiled: Callable[..., Any], tree: Any, static: dict[str, Any], leaves: Leaves, file: Path
) -> tuple[export.Exported, Any]:
    """Trace and lower the function for these shapes, and keep the program."""
    shape: list[Any] = []

    def flat(leaves: Leaves) -> Leaves:
        args, kwargs = jax.tree.unflatten(tree, leaves)
        out, structure = jax.tree.flatten(compiled(*args, **kwargs, **static))
        shape[:] = [structure]
        return out

    program = export.export(jax.jit(flat))(leaves)
    skeleton = jax.tree.unflatten(shape[0], range(shape[0].num_leaves))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        half = file.with_suffix(f".{os.getpid()}.half")
        half.write_bytes(pickle.dumps((skeleton, bytes(program.serialize()))))
        half.replace(file)
    except (OSError, pickle.PicklingError, AttributeError):
        pass  # a cache that can't be written costs time, no result
    return program, skeleton


def _callable(program: export.Exported, skeleton: Any, leaves: Leaves) -> Callable[[Leaves], Any]:
    """The compiled program; `skeleton` is its result with numbers in the place of arrays."""
    structure = jax.tree.structure(skeleton)
    lowered = jax.jit(program.call).lower(leaves)
    try:
        run = lowered.compile(compiler_options=COMPILER_OPTIONS if jax.default_backend() == "cpu" else None)
    except jax.errors.JaxRuntimeError as problem:
        if "No such compile option" not in str(problem):
            raise
        run = lowered.compile()  # a compiler that has this generator no more, or not yet
    return lambda leaves: jax.tree.unflatten(structure, run(leaves))


@functools.cache
def _fingerprint() -> str:
    """Hash of every file of the package that a traced function could read, and the versions below it."""
    root = Path(__file__).resolve().parent
    found = hashlib.sha256(f"{jax.__version__} {version('jaxlib')} {jax.default_backend()}".encode())
    found.update(repr((jax.config.jax_enable_x64, jax.config.jax_default_matmul_precision)).encode())
    for file in sorted([*root.rglob("*.py"), *root.rglob("*.toml")]):
        place = file.relative_to(root)
        if place.parts[0] not in UNTRACED:
            found.update(str(place).encode())
            found.update(file.read_bytes())
    return found.hexdigest()
