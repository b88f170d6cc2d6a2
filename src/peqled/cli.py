"""The command line. Exit status: 0 ok; 2 bad input, with one clear line and no traceback; 1 a failure inside.

Heavy imports happen inside the commands: ``peqled --help`` needs neither JAX nor matplotlib.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

app = typer.Typer(
    name="peqled",
    help="A digital twin of the perovskite quantum-dot LED, from the flask to the T50.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
materials_app = typer.Typer(help="The parameter book: every value with its source.", no_args_is_help=True)
app.add_typer(materials_app, name="materials")

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def main() -> None:
    """Entry point: bad input becomes one line on stderr and exit status 2."""
    try:
        app()
    except Exception as error:
        if not _is_bad_input(error):
            raise
        message = error.args[0] if error.args else error
        print(f"peqled: {message}", file=sys.stderr)
        raise SystemExit(2) from None


def _is_bad_input(error: Exception) -> bool:
    """Errors that name what the user gave; their classes are only looked up if their module was loaded."""
    classes = {
        ("peqled.lab.measurement", "LabFileError"),
        ("peqled.recipe", "RecipeError"),
        ("peqled.result", "OutputError"),
        ("peqled.materials", "BookError"),
        ("peqled.materials", "UnitError"),
        ("peqled.materials", "IndexDataError"),
    }
    found = (getattr(sys.modules.get(module), name, None) for module, name in classes)
    return any(isinstance(error, kind) for kind in found if isinstance(kind, type))


@app.command()
def run(
    recipe: Annotated[str, typer.Argument(help="A TOML file, or otac-otam or oa-oam.")],
    only: Annotated[str | None, typer.Option(help="Stop after this stage.")] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the result.")] = Path("out"),
    sensitivity: Annotated[
        bool, typer.Option(help="Say what each output of flask and dots leans on; some twenty seconds.")
    ] = True,
    as_json: JsonFlag = False,
) -> None:
    """Simulate a recipe: result.nc, summary.json, figures/*.svg and report.html in the output folder."""
    from peqled.inference.sensitivity import flask_sensitivities
    from peqled.recipe import load_recipe
    from peqled.report.run import print_summary, write_run
    from peqled.report.sensitivity import keep, print_sensitivities
    from peqled.result import prepare_folder
    from peqled.twin import STAGES, simulate

    loaded = load_recipe(recipe)
    if only is not None and only not in STAGES:
        raise typer.BadParameter(f"'{only}' is no stage; expected one of {', '.join(STAGES)}", param_hint="--only")
    folder = prepare_folder(output)
    with _simulation(f"run-{loaded.name}-{only}") as report:
        tree = simulate(loaded, only=only, progress=report)
        if sensitivity:
            until = "synthesis" if only == "synthesis" else "nanocrystal"
            keep(tree, flask_sensitivities(loaded, until=until, progress=report))
        summary = write_run(tree, folder, progress=report)
    if as_json:
        print(json.dumps(summary, indent=1))
    else:
        print_sensitivities(tree)
        print_summary(summary, folder)


@app.command()
def paper(
    samples: Annotated[int, typer.Option(min=0, help="Draws from the parameter ranges, for the intervals.")] = 16,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the table and the report.")] = Path(
        "paper"
    ),
    as_json: JsonFlag = False,
) -> None:
    """Both flasks and devices of the paper beside every number it prints: paper.json, paper.md, report.html."""
    from peqled.result import prepare_folder

    folder = prepare_folder(output)
    with _simulation("paper-drawn" if samples else "paper") as report:
        from peqled.report.paper import compare_with_paper, draw_flasks, print_table, write_paper

        figures: dict[str, Any] = {}
        comparison = compare_with_paper(
            samples=samples, progress=report, films=lambda trees: figures.update(draw_flasks(trees))
        )
        table = write_paper(comparison, folder, flasks=figures, progress=report)
    if as_json:
        print(json.dumps(table, indent=1))
    else:
        print_table(table, folder)


@app.command()
def series(
    table: Annotated[Path, typer.Argument(help="A CSV of recipes: T_C, t_s, n_NAME_mmol ..., edge_nm if measured.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write the rows as CSV here.")] = None,
    cells: Annotated[int, typer.Option(min=40, max=1600, help="Size cells.")] = 100,
    as_json: JsonFlag = False,
) -> None:
    """Size of the dots of every recipe in a table, all with the same constants."""
    from peqled.inference.series import read_series, run_series
    from peqled.report.series import deviations, print_series, records, write_series

    rows = read_series(table)
    with _simulation("series") as report:
        results = run_series(rows, cells=cells, progress=report)
    if output:
        write_series(results, output)
    if as_json:
        print(json.dumps({"rows": records(results), "series": deviations(results)}, indent=1, allow_nan=False))
    else:
        print_series(results)


@app.command()
def lifetime(
    recipe: Annotated[str, typer.Argument(help="A TOML file, or otac-otam or oa-oam.")],
    luminance: Annotated[
        list[float] | None, typer.Option(help="Initial luminance, cd/m2; may be repeated. The recipe's by default.")
    ] = None,
    temperature: Annotated[
        list[float] | None, typer.Option(help="Temperature of the surroundings, K; may be repeated.")
    ] = None,
    constant_voltage: Annotated[
        bool, typer.Option("--constant-voltage", help="Keep the voltage instead of the current.")
    ] = False,
    duty: Annotated[float, typer.Option(help="Share of the time that a fast pulsed device is on.")] = 1.0,
    devices: Annotated[int, typer.Option(min=0, help="Drawn devices behind the interval; 0 leaves it out.")] = 8,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for tables, figures and the report.")] = Path(
        "lifetime"
    ),
    as_json: JsonFlag = False,
) -> None:
    """Age the device: L(t), V(t), T50 at luminances and temperatures, and what the data know of the mechanisms."""
    from peqled.design.inputs import check_positive
    from peqled.design.lifetime import lifetime_study
    from peqled.lifetime.stage import Operation
    from peqled.recipe import load_recipe
    from peqled.report.lifetime_tables import study_notes, study_sheets, study_tiles
    from peqled.report.study import as_json as json_of
    from peqled.report.study import show, write_study
    from peqled.result import prepare_folder

    loaded = load_recipe(recipe)
    if not 0 < duty <= 1:
        raise typer.BadParameter(f"{duty:g} is no duty: expected above 0 and at most 1", param_hint="--duty")
    check_positive(luminance=luminance, temperature=temperature)
    folder = prepare_folder(output)
    with _simulation(f"lifetime-{loaded.name}") as report:
        study = lifetime_study(
            loaded,
            luminance=tuple(luminance or ()),
            temperature=tuple(temperature or ()),
            operation=Operation(not constant_voltage, duty),
            devices=devices,
            progress=report,
        )
        sheets, notes = study_sheets(study), study_notes(study)
        title = f"{loaded.name}: lifetime"
        write_study(study.tree, sheets, folder, title=title, tiles=study_tiles(study), text=notes, progress=report)
    print(json_of(sheets, notes)) if as_json else show(sheets[:3], folder, notes=notes)


@app.command()
def batch(
    recipe: Annotated[str, typer.Argument(help="A TOML file, or otac-otam or oa-oam.")],
    devices: Annotated[int | None, typer.Option(min=1, help="How many; the recipe's number by default.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Of the draw; the recipe's by default.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Parallel processes; they change no result.")] = 2,
    lifetimes: Annotated[int, typer.Option(min=0, help="How many devices, the first ones, are aged to T50.")] = 0,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder; a killed run goes on from it.")] = Path(
        "batch"
    ),
    as_json: JsonFlag = False,
) -> None:
    """Draw devices from the fabrication tolerances: J-V-L, EQE, T50, yield, champion, the costliest tolerance."""
    from peqled.design.batch import run_batch
    from peqled.recipe import load_recipe
    from peqled.report.batch_tables import batch_notes, batch_sheets, batch_tiles
    from peqled.report.study import as_json as json_of
    from peqled.report.study import show, write_study
    from peqled.result import prepare_folder

    loaded = load_recipe(recipe)
    folder = prepare_folder(output)
    with _simulation(f"batch-{loaded.name}") as report:
        found = run_batch(
            loaded,
            devices=devices or loaded.batch.devices,
            seed=loaded.batch.seed if seed is None else seed,
            workers=workers,
            lifetimes=lifetimes,
            folder=folder,
            progress=report,
        )
        sheets, notes = batch_sheets(found), batch_notes(found)
        title = f"{loaded.name}: a batch of {len(found.records)} devices"
        write_study(found.tree, sheets, folder, title=title, tiles=batch_tiles(found), text=notes, progress=report)
    print(json_of(sheets[:3], notes)) if as_json else show(sheets[:2], folder, notes=notes)


@app.command("plan-test")
def plan_test(
    recipe: Annotated[str, typer.Argument(help="A TOML file, or otac-otam or oa-oam.")],
    hours: Annotated[float, typer.Option(help="Device-hours in all.")] = 1000.0,
    use_luminance: Annotated[float, typer.Option(help="Luminance at which T50 is wanted, cd/m2.")] = 100.0,
    use_temperature: Annotated[float, typer.Option(help="Temperature at which T50 is wanted, K.")] = 298.0,
    luminance: Annotated[list[float] | None, typer.Option(help="May be tested, cd/m2; may be repeated.")] = None,
    temperature: Annotated[list[float] | None, typer.Option(help="May be tested, K; may be repeated.")] = None,
    devices: Annotated[int, typer.Option(min=1, help="Most devices.")] = 24,
    longest: Annotated[float | None, typer.Option(help="Hours that one test may last.")] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the plan and the report.")] = Path("plan"),
    as_json: JsonFlag = False,
) -> None:
    """Plan accelerated tests: luminances and temperatures for the narrowest T50 at use, within so many device-hours."""
    from peqled.design.inputs import check_positive
    from peqled.design.plan import Use, plan_tests
    from peqled.recipe import load_recipe
    from peqled.report.plan_page import plan_notes, write_plan
    from peqled.report.study import as_json as json_of
    from peqled.report.study import show
    from peqled.result import prepare_folder

    loaded = load_recipe(recipe)
    check_positive(hours=hours, luminance=luminance, temperature=temperature, longest=longest)
    check_positive(use_luminance=use_luminance, use_temperature=use_temperature)
    folder = prepare_folder(output)
    with _simulation(f"plan-test-{loaded.name}") as report:
        plan = plan_tests(
            loaded,
            hours=hours,
            use=Use(use_luminance, use_temperature),
            luminance=tuple(luminance or ()),
            temperature=tuple(temperature or ()),
            devices=devices,
            longest=longest,
            progress=report,
        )
        sheets = write_plan(plan, folder, title=f"{loaded.name}: plan of a lifetime test")
    print(json_of(sheets, plan_notes(plan))) if as_json else show(sheets, folder, notes=plan_notes(plan))


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
        with _progress() as report:
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
        with _progress() as report:
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
    with _programs_of(f"against-{recipe.name}-{stage}"):
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


@materials_app.command("list")
def materials_list(as_json: JsonFlag = False) -> None:
    """All materials and processes of the book."""
    from peqled.materials.show import list_book

    list_book(as_json=as_json)


@materials_app.command("show")
def materials_show(
    name: Annotated[str, typer.Argument(help="A material or process, such as TPBi or growth.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the drawing (svg, png, pdf) here.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Parameters of one material with sources, and a drawing of its index and ranges."""
    from peqled.materials.show import show_material

    show_material(name, output=output, as_json=as_json)


@materials_app.command("check")
def materials_check(as_json: JsonFlag = False) -> None:
    """Everything implausible in the book: negative or sudden k, flat tables, ranges that miss the emission."""
    from peqled.materials.show import show_findings

    if show_findings(as_json=as_json):
        raise typer.Exit(1)


@contextmanager
def _simulation(command: str) -> Iterator[Callable[[str, float], Any]]:
    """A progress bar over a simulation, whose programs are kept on disk and loaded ahead."""
    with _programs_of(command), _progress() as report:
        yield report


@contextmanager
def _programs_of(command: str) -> Iterator[None]:
    import peqled
    from peqled.programs import loaded_ahead

    peqled.use_compilation_cache()
    with loaded_ahead("".join(letter if letter.isalnum() else "-" for letter in command)):
        yield


@contextmanager
def _progress() -> Iterator[Callable[[str, float], Any]]:
    """A progress bar on stderr; the yielded function takes a text and the share done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<34}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=False) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda text, done: bar.update(task, description=text, completed=done)
