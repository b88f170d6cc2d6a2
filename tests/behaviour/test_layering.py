"""The house: a room imports only from the rooms above it; physics never touches files; the public names hold."""

import ast
from pathlib import Path

import pytest

import peqled

SOURCE = Path(peqled.__file__).parent
ORDER = [
    "vocabulary",
    "materials",
    "recipe",
    "parameters",
    "programs",
    "numerics",
    "synthesis",
    "nanocrystal",
    "film",
    "optics",
    "transport",
    "led",
    "lifetime",
    "result",
    "twin",
    "lab",
    "inference",
    "design",
    "report",
    "cli",
]
PHYSICS = ["numerics", "synthesis", "nanocrystal", "film", "optics", "transport", "led", "lifetime"]
FILE_LIBRARIES = {"pydantic", "pint", "xarray", "pathlib", "os", "tomllib", "h5netcdf", "matplotlib", "typer", "rich"}


def room(file: Path) -> str:
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


FILES = sorted(file for file in SOURCE.rglob("*.py") if file.name != "__init__.py" or file.parent != SOURCE)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_a_room_imports_only_from_above(file):
    own = room(file)
    assert own in ORDER, f"the room '{own}' has no place in the order of the house"
    rooms = {name.split(".")[1] for name in imports(file) if name.startswith("peqled.")}
    below = {other for other in rooms & set(ORDER) if ORDER.index(other) > ORDER.index(own)}
    assert not below, f"{own} imports from below: {below}"


@pytest.mark.parametrize("file", [f for f in FILES if room(f) in PHYSICS], ids=lambda f: str(f.relative_to(SOURCE)))
def test_physics_never_touches_files(file):
    libraries = {name.split(".")[0] for name in imports(file)}
    assert not libraries & FILE_LIBRARIES
    if room(file) == "numerics":
        assert not [name for name in imports(file) if name.startswith("peqled.") and ".numerics" not in name]


def test_public_names_are_held():
    assert peqled.__all__ == ["gradient", "load_recipe", "open_result", "plot", "read", "simulate"]
    assert all(callable(getattr(peqled, name)) for name in peqled.__all__)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = peqled.no_such_name
