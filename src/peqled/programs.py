"""Traced programs kept on disk, so that a new process neither traces nor compiles again.

JAX keeps compiled code on disk, but finds it only after it has traced and lowered the Python function, which for the
device solvers takes longer than to run them. `stored` keeps the lowered program as well (``jax.export``), under a hash
of the package's own files, the versions and the shapes: any change of any of them makes a new program. Where a
derivative is taken, or no folder is set, the function is traced as usual.

To load a compiled program still takes a second or two. A command therefore notes which ones it used, and `loaded_ahead`
loads them the next time while the first stages run.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax import export
from jax.extend.mlir.passmanager import PassManager

Leaves = list[Any]
"""Arrays of JAX or NumPy."""
Program = Callable[[Leaves], Any]
Traced = tuple[export.Exported, Any]
"""A lowered program, and the structure of its result with numbers in the place of arrays."""

UNTRACED = {
    *("app", "cli", "design", "inference", "lab", "recipe.py", "recipes", "report", "result.py", "twin.py"),
    "vocabulary.py",
}
"""Rooms behind the physics: no traced function imports from them, so their changes make no new programs."""

MOST_LOADED = 32
"""Programs kept in memory. Each maps hundreds of pieces of code, of which a process may have some 65 000."""

COMPILER_OPTIONS: dict[str, str | bool] = {"xla_cpu_use_fusion_emitters": False}
"""Of programs for the CPU: the older code generator needs two thirds of the time to compile a device solver, and what
it makes runs in two thirds of the time."""

_folder: Path | None = None
_files: dict[tuple[Any, ...], Path] = {}
"""Where the program of a function and its shapes lies; the name is long to compute."""
_loaded: dict[Path, Program] = {}
"""Programs in memory, the last used one last."""
_used: dict[str, None] = {}
"""Names of the programs that this process asked for, in that order."""
_locks: dict[Path, threading.Lock] = {}
_registry = threading.Lock()


def store_programs(folder: str | os.PathLike[str] | None) -> None:
    """Keep programs in `folder` from now on; None keeps none."""
    global _folder
    _folder = Path(folder) if folder is not None else None


def forget_programs() -> None:
    """Drop the programs that are loaded; they are found on disk again."""
    with _registry:
        _loaded.clear()


@contextmanager
def loaded_ahead(command: str) -> Iterator[None]:
    """Inside, a thread loads what `command` used when it last ran; at the end the list is kept for the next time."""
    folder, leaving = _folder, threading.Event()
    if folder is None:
        yield
        return
    listed = folder / f"{command}-{_fingerprint()[:12]}.used"  # programs of other sources are of no use

    def load_all() -> None:
        names = listed.read_text().split() if listed.exists() else []
        for file in (folder / name for name in names):
            if leaving.is_set():
                return
            _loaded_from(file, lambda: None)

    thread = threading.Thread(target=load_all)
    thread.start()
    try:
        yield
    finally:
        leaving.set()
        thread.join()
    _write_whole(listed, "\n".join(_used).encode())


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
            arrays = [leaf if isinstance(leaf, jax.Array) else np.asarray(leaf) for leaf in leaves]
            return _program(function, compiled, tree, static, arrays, _folder)(arrays)

        return call

    return wrap


def _program(
    function: Callable[..., Any],
    compiled: Callable[..., Any],
    tree: Any,
    static: dict[str, Any],
    leaves: Leaves,
    folder: Path,
) -> Program:
    """The program of these shapes: from this process, from disk, or traced now."""
    shapes = tuple((leaf.shape, leaf.dtype) for leaf in leaves)
    key = (function, tree, tuple(sorted(static.items())), shapes, folder)
    file = _files.get(key)
    if file is None:
        name = f"{function.__module__}.{function.__qualname__}"
        text = repr((_fingerprint(), name, str(tree), sorted(static.items()), _texts(shapes), str(folder)))
        file = _files[key] = folder / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:20]}.program"
        _used[file.name] = None
    with _registry:
        found = _loaded.pop(file, None)
        if found is not None:
            _loaded[file] = found
    return found or _loaded_from(file, lambda: _trace(compiled, tree, static, leaves, file))


def _texts(shapes: tuple[Any, ...]) -> list[tuple[Any, str]]:
    return [(shape, str(dtype)) for shape, dtype in shapes]


def _loaded_from(file: Path, trace: Callable[[], Traced | None]) -> Any:
    """The program of a file, traced where there is none that can be read; two threads that need it do that once."""
    with _registry:
        lock = _locks.setdefault(file, threading.Lock())
    with lock:
        found = _loaded.get(file)
        if found is None:
            traced = _read(file) or trace()
            found = traced and _callable(*traced)
    if found is not None:
        with _registry:
            _loaded[file] = found
            while len(_loaded) > MOST_LOADED:
                _loaded.pop(next(iter(_loaded)))
    return found


def _read(file: Path) -> Traced | None:
    """A program from disk; None if there is none that can be read."""
    try:
        skeleton, program = pickle.loads(file.read_bytes())
        return export.deserialize(bytearray(program)), skeleton
    except Exception:  # none yet, or damaged: what unpickling can raise is open, and the program is made anew
        return None


def _trace(compiled: Callable[..., Any], tree: Any, static: dict[str, Any], leaves: Leaves, file: Path) -> Traced:
    """Trace and lower the function for these shapes, and keep the program."""
    shape: list[Any] = []

    def flat(leaves: Leaves) -> Leaves:
        args, kwargs = jax.tree.unflatten(tree, leaves)
        out, structure = jax.tree.flatten(compiled(*args, **kwargs, **static))
        shape[:] = [structure]
        return out

    program = export.export(jax.jit(flat))(leaves)
    skeleton = jax.tree.unflatten(shape[0], range(shape[0].num_leaves))
    with suppress(pickle.PicklingError, AttributeError):  # what can't be kept is traced again by the next process
        _write_whole(file, pickle.dumps((skeleton, bytes(program.serialize()))))
    return program, skeleton


def _write_whole(file: Path, content: bytes) -> None:
    """Write a file of the cache; one that can't be written costs time, no result."""
    half = file.with_suffix(f".{os.getpid()}.half")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        half.write_bytes(content)
        half.replace(file)
    except OSError:
        pass


def _callable(program: export.Exported, skeleton: Any) -> Program:
    """The compiled program. Names of source lines are dropped: to load them takes a third of the time."""
    structure = jax.tree.structure(skeleton)
    lowered = jax.jit(program.call).lower([jax.ShapeDtypeStruct(a.shape, a.dtype) for a in program.in_avals])
    module: Any = lowered.compiler_ir("stablehlo")
    with module.context:
        PassManager.parse("builtin.module(strip-debuginfo)").run(module.operation)
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
