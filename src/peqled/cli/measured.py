"""Commands for measured files: `read`, `formats` and `template`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from peqled.cli.session import JsonFlag, app, programs_of, progress_bar


@app.command()
def read(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders of measurements; archives too.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for tables, figures and the report.")] = Path(
        "lab"
    ),
    settings: Annotated[
        list[str] | None, typer.Option("--set", help='What files do not say: area="4 mm^2", or "A1*:area=4 mm^2".')
    ] = None,
    against: Annotated[
        str | None, typer.Option("--against", help="A recipe: its prediction is laid over the measured curves.")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Read all files again, also those that did not change.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Read measured files: results.csv, files.csv, results.xlsx, measurements.nc, figures/, report.html and .pdf.

    A second run on the same output folder reads only what changed; Ctrl-C keeps what was read (exit status 130).
    """
    from peqled.lab.checkpoint import NAME as CHECKPOINT
    from peqled.lab.results import as_records
    from peqled.report.lab_page import write_lab
    from peqled.report.lab_screen import print_reading
    from peqled.result import prepare_folder

    recipe = _recipe(against)
    folder = prepare_folder(output)
    if fresh:
        (folder / CHECKPOINT).unlink(missing_ok=True)
    reading = _read_files(paths, settings or [], folder, asking=not as_json)
    try:
        with progress_bar() as report:
            over = None if recipe is None or reading.cancelled else _overlay(reading, recipe, str(against), report)
            write_lab(reading, folder, over=over, progress=report)
    except KeyboardInterrupt:
        print("peqled: stopped while writing; the same command goes on from what was read", file=sys.stderr)
        raise typer.Exit(130) from None
    if as_json:
        print(json.dumps(as_records(reading), indent=1, allow_nan=False))
    else:
        print_reading(reading, folder)
    if reading.cancelled:
        raise typer.Exit(130)


def _read_files(paths: list[Path], settings: list[str], folder: Path, *, asking: bool) -> Any:
    """The reading; once more where a person at the terminal named columns that no reader knew."""
    from peqled.lab.reading import read as read_files

    def once() -> Any:
        with progress_bar() as report:
            return read_files(*paths, settings=settings, exclude=folder, progress=report, resume=folder)

    reading = once()
    return once() if asking and not reading.cancelled and _ask_columns(reading) else reading


def _recipe(name: str | None) -> Any:
    """The recipe of ``--against``, looked up before anything is read."""
    if name is None:
        return None
    from peqled.recipe import load_recipe

    return load_recipe(name)


def _at_terminal() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _ask_columns(reading: Any) -> bool:
    """Ask a person at the terminal for the columns of unknown tables; whether the profile has something new."""
    if not _at_terminal():
        return False
    from peqled.lab.prompt import ask, remember

    try:
        answers = ask(reading, lambda question: typer.prompt(question, "", show_default=False, prompt_suffix=""), print)
    except (typer.Abort, KeyboardInterrupt, EOFError):  # no answer is an answer
        return False
    if answers:
        print(f"remembered in {remember(reading.root, answers)}")
    return bool(answers)


def _overlay(reading: Any, recipe: Any, title: str, report: Callable[[str, float], Any]) -> Any:
    """The twin run as far as the reading needs it, laid over it; None where it predicts nothing of it."""
    from peqled.lab.against import last_stage
    from peqled.report.lab_against import overlay
    from peqled.twin import simulate

    stage = last_stage(reading)
    if stage is None:
        return None
    with programs_of(f"against-{recipe.name}-{stage}"):
        return overlay(reading, simulate(recipe, only=stage, progress=report), title)


@app.command()
def formats(as_json: JsonFlag = False) -> None:
    """What can be read, and how well each reader is checked."""
    from peqled.lab.reading import formats as list_formats
    from peqled.report.lab_screen import print_formats

    rows = list_formats()
    print(json.dumps(rows, indent=1)) if as_json else print_formats(rows)


@app.command()
def template(
    kind: Annotated[str, typer.Argument(help="A measurement, such as jvl, el_spectrum, trpl_decay or xrd.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File for the filled example.")] = None,
) -> None:
    """A filled example of a measurement's table, and a blank one beside it."""
    from peqled.lab.templates import TEMPLATES, write_template

    if kind not in TEMPLATES:
        raise typer.BadParameter(f"'{kind}' has no template; expected one of {', '.join(TEMPLATES)}", param_hint="KIND")
    for path in write_template(kind, output or Path(f"{kind}.csv")):
        print(path)
