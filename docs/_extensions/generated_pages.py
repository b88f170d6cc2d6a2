"""Tables that are made from the code while the documentation is built.

A line ``<!-- generated: NAME ARGUMENT -->`` of a page is replaced, before it is parsed, by what the generator NAME
returns as Markdown. Nothing generated is written to the sources, so nothing can fall behind the code.
"""

import ast
import pkgutil
import re
import tomllib
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_MARK = re.compile(r"^<!-- generated: (\w+)(?: (\S+))? -->$", re.MULTILINE)


def table(header, rows):
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text):
    return re.sub(r"\s+", " ", str(text)).replace("|", "\\|").strip()


def _text(text):
    """Free text for a cell: characters that Markdown or its mathematics would take for markup are escaped."""
    return re.sub(r"([*_$<\[\]\\`])", r"\\\1", str(text))


def vocabulary(_):
    """All observables and coordinates, a section per stage."""
    from peqled.vocabulary import observables

    sections = []
    stages = [stage for stage in dict.fromkeys(entry.stage for entry in observables()) if stage]
    for stage in (*stages, ""):
        rows = [
            (f"`{entry.name}`", ", ".join(entry.dims), _unit(entry.unit), _text(_meaning(entry)))
            for entry in observables(stage)
        ]
        if not stage:
            rows = [(name, unit, text) for name, _, unit, text in rows]
        header = ("name", "dimensions", "unit", "meaning") if stage else ("name", "unit", "meaning")
        sections.append(f"## {stage or 'Coordinates'}\n\n{table(header, rows)}\n")
    return "\n".join(sections)


def _meaning(entry):
    return f"{entry.long_name} ({entry.convention})" if entry.convention else entry.long_name


def _unit(unit):
    return "–" if unit == "1" else f"`{unit}`"


def parameters(_):
    """The parameter book, a section per material or process."""
    from peqled.materials import load_book

    book = load_book()
    by_material = {}
    for entry in book:
        by_material.setdefault(entry.key.rpartition(".")[0], []).append(entry)
    sections = []
    for name, entries in sorted(by_material.items(), key=lambda item: item[0].lower()):
        material = book.materials[name]
        role = getattr(material, "role", "")
        rows = [
            (
                f"`{entry.key.rpartition('.')[2]}`",
                _text(entry.value_text),
                _text(entry.range_text),
                entry.evidence,
                _text(entry.source),
            )
            for entry in entries
        ]
        sections.append(
            f"## {name}\n\n{_text(material.title)}{f' ({role})' if role else ''}\n\n"
            + table(("parameter", "value", "range", "evidence", "source"), rows)
            + "\n"
        )
    return "\n".join(sections)


def calibrated(_):
    """The fitted parameters and the rows of the paper that each was fitted to."""
    from peqled.materials.calibrated import load_calibrated

    rows = [
        (f"`{entry.parameter}`", f"{entry.value:.4g} {_text(entry.unit)}", ", ".join(entry.rows))
        for entry in load_calibrated()
    ]
    return table(("parameter", "value", "fitted to rows"), rows) if rows else "In this version nothing is fitted."


def paper_rows(_):
    """Every row of the paper's table with its role."""
    text = (ROOT / "src" / "peqled" / "report" / "paper_numbers.toml").read_text(encoding="utf-8")
    rows = [
        (
            row["id"],
            _text(row["where"]),
            _text(f"{row['quantity']} ({row['sample']})"),
            _text(f"{row['value']} {row.get('unit', '')}"),
            f"`{row['role']}`",
            _text(row.get("reason", f"repeats {row['repeats']}" if "repeats" in row else "")),
        )
        for row in tomllib.loads(text)["row"]
    ]
    return table(("row", "where", "quantity", "printed", "role", "why"), rows)


def verification(_):
    """One row per verification test, in its author's words."""
    sections = []
    for file in sorted((ROOT / "tests" / "verification").glob("test_*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        tests = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
        rows = [(f"`{test.name.removeprefix('test_')}`", _text(ast.get_docstring(test) or "–")) for test in tests]
        if rows:
            place = file.relative_to(ROOT).as_posix()
            about = _text(ast.get_docstring(tree) or "")
            sections.append(f"## `{place}`\n\n{about}\n\n{table(('test', 'set-up, exact answer, tolerance'), rows)}\n")
    return "\n".join(sections)


def room(name):
    """Every public module of a room with its documented members; a room that is one file is that file."""
    package = import_module(name)
    modules = [name]
    if hasattr(package, "__path__"):
        found = sorted(info.name for info in pkgutil.walk_packages(package.__path__, f"{name}."))
        modules += [module for module in found if not any(p.startswith("_") for p in module.split("."))]
    sections = []
    for module in modules:
        heading = "" if module == name else f"## `{module}`\n\n"
        # a package repeats the names of its modules in __all__: only its docstring is shown
        members = "" if module == name and len(modules) > 1 else "   :members:\n"
        sections.append(f"{heading}```{{eval-rst}}\n.. automodule:: {module}\n{members}```\n")
    return "\n".join(sections)


GENERATORS = {
    "calibrated": calibrated,
    "paper_rows": paper_rows,
    "parameters": parameters,
    "room": room,
    "verification": verification,
    "vocabulary": vocabulary,
}


def expand(app, docname, source):
    """Replace the marks of one page."""
    source[0] = _MARK.sub(lambda mark: GENERATORS[mark[1]](mark[2]), source[0])


def outdated(app, env, added, changed, removed):
    """Pages with marks are read anew in every build: the code may have changed."""
    return [name for name in env.found_docs if _MARK.search(Path(env.doc2path(name)).read_text(encoding="utf-8"))]


def setup(app):
    app.connect("source-read", expand)
    app.connect("env-get-outdated", outdated)
    return {"version": "1", "parallel_read_safe": True}
