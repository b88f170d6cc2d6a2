"""The documentation says what is so: its code runs, its recipes validate, its commands and keys exist."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
import typer.main
from pydantic import BaseModel

from peqled.cli import app
from peqled.recipe import BUNDLED, Recipe, bundled_text, load_recipe, read_recipe
from peqled.vocabulary import observables
from tests.behaviour.test_layering import ORDER

ROOT = Path(__file__).parents[2]
SOURCES = [page for page in (ROOT / "docs").rglob("*.md") if "_build" not in page.parts]
PAGES = sorted([*SOURCES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
BLOCK = re.compile(r"^```(\S+)[ \t]*([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str, mark: str) -> list:
    found = []
    for page in PAGES:
        for i, (name, marks, text) in enumerate(BLOCK.findall(page.read_text(encoding="utf-8"))):
            if name == language and marks.strip() == mark:
                found.append(pytest.param(text, id=f"{page.relative_to(ROOT)}:{i}"))
    return found


def runnable_pages() -> list:
    """The runnable blocks of each page, in their order: a later one may use what an earlier one made."""
    pages: dict[str, list[str]] = {}
    for block in blocks("python", "runnable"):
        pages.setdefault(str(block.id).rpartition(":")[0], []).append(block.values[0])
    return [pytest.param(code, id=page) for page, code in pages.items()]


@pytest.mark.parametrize("code", runnable_pages())
def test_runnable_python_runs(code, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    space = {}
    for block in code:
        exec(compile(block, "documentation", "exec"), space)


@pytest.mark.parametrize("code", blocks("python", ""))
def test_other_python_is_python(code):
    compile(code, "documentation", "exec")


def names_in_python(pattern: str) -> set[str]:
    code = "\n".join(block.values[0] for mark in ("", "runnable") for block in blocks("python", mark))
    return {name for found in re.findall(pattern, code) for name in re.findall(r"[\w.-]+", found)}


def test_names_in_python_examples_exist():
    """Figures, observables and parameters of the examples that are too long to run."""
    from peqled.parameters import parameters_of
    from peqled.report.figures import FIGURES

    known = {entry.name for entry in observables()}
    assert names_in_python(r'plot\(result, "([^"]+)"') <= known | set(FIGURES)
    assert names_in_python(r'of="([^"]+)"') <= {entry.name for entry in observables() if not entry.dims}
    assert names_in_python(r"wrt=\[([^\]]+)\]") <= set(parameters_of(load_recipe("otac-otam")).values)
    assert {f"{stage}.{short}" for stage, short in _indexed()} <= known


def _indexed() -> list[tuple[str, str]]:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    return re.findall(r'result\["(\w+)"\]\["(\w+)"\]', text)


@pytest.mark.parametrize("text", blocks("toml", "recipe"))
def test_recipes_validate(text):
    read_recipe(tomllib.loads(text))


@pytest.mark.parametrize("text", blocks("toml", "fragment"))
def test_fragments_fit_into_a_bundled_recipe(text):
    """A fragment replaces sections of otac-otam; its layers change those of the same material."""
    recipe, fragment = tomllib.loads(bundled_text("otac-otam")), tomllib.loads(text)
    for layer in fragment.get("device", {}).pop("layers", []):
        own = next(own for own in recipe["device"]["layers"] if own["material"] == layer["material"])
        own.update(layer)
    for section, content in fragment.items():
        recipe[section] = {**recipe.get(section, {}), **content}
    read_recipe(recipe)


def test_material_of_the_contributors_guide_is_read(tmp_path):
    from peqled.materials import read_material

    (text,) = (block.values[0] for block in blocks("toml", ""))
    file = tmp_path / "TCTA.toml"
    file.write_text(text, encoding="utf-8")
    assert read_material(file)["homo"].value == -5.7


def test_bundled_recipes_named_in_the_documents_exist():
    for name in BUNDLED:
        assert load_recipe(name).name == name


def commands() -> dict:
    """Every command of the typer app by its words, and its options."""
    found = {}

    def collect(words, command):
        for name, child in getattr(command, "commands", {}).items():
            collect((*words, name), child)
        if not getattr(command, "commands", {}):
            found[words] = {option for parameter in command.params for option in parameter.opts}

    collect((), typer.main.get_command(app))
    return found


def shown_lines() -> list:
    lines = [line for block in blocks("console", "") for line in block.values[0].splitlines()]
    return sorted({line.removeprefix("$ ").split("  #")[0].strip() for line in lines if line.startswith("$ peqled ")})


@pytest.mark.parametrize("line", shown_lines())
def test_shown_commands_exist(line):
    words = shlex.split(line)[1:]
    known = commands()
    name = next((tuple(words[:n]) for n in (2, 1) if tuple(words[:n]) in known), None)
    assert name is not None, f"'{line}' is no command of peqled"
    used = {word for word in words if word.startswith("-")}
    assert used <= known[name], f"'{line}' uses options that {name} does not have"


def test_every_stage_is_documented():
    from peqled.twin import STAGES

    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    (line,) = (line for line in text.splitlines() if line.startswith("| `--only STAGE`"))
    assert re.findall(r"`([a-z]+)`", line) == list(STAGES)


def test_every_command_and_option_is_documented():
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for words, options in commands().items():
        heading = f"## `peqled {' '.join(words)}"
        assert heading in text, f"docs/cli.md lacks {heading}"
        section = text.split(heading)[1].split("\n## ")[0]
        missing = {option for option in options if option.startswith("--") and option not in section}
        assert not missing, f"docs/cli.md does not mention {missing} of {words}"


def recipe_keys(model=Recipe, prefix="") -> set[str]:
    keys = set()
    for name, field in model.model_fields.items():
        sections = [kind for kind in _classes(field.annotation) if issubclass(kind, BaseModel)]
        keys |= recipe_keys(sections[0], f"{prefix}{name}.") if sections else {prefix + name}
    return keys


def _classes(annotation) -> list[type]:
    arguments = getattr(annotation, "__args__", ())
    own = [annotation] if isinstance(annotation, type) and not arguments else []
    return own + [kind for argument in arguments for kind in _classes(argument)]


def test_every_key_of_a_recipe_is_documented():
    text = (ROOT / "docs" / "recipe.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([a-z_.]+)` \|", text, re.MULTILINE))
    assert listed - {"device.layers"} == recipe_keys() - {"parameters"}, "`device.layers` and `parameters` are sections"


def test_the_order_of_the_house_is_documented():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    block = re.search(r"^    vocabulary,.*?(?=\n\n)", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    assert re.findall(r"\w+", block[0]) == ORDER


def test_every_generated_page_can_be_made():
    """Marks in the pages name generators that exist."""
    marks = {mark for page in PAGES for mark in re.findall(r"<!-- generated: (\w+)", page.read_text(encoding="utf-8"))}
    source = (ROOT / "docs" / "_extensions" / "generated_pages.py").read_text(encoding="utf-8")
    table = source.split("GENERATORS = {")[1].split("}")[0]
    assert marks == set(re.findall(r'"(\w+)":', table))
