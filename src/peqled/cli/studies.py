"""Commands for stability and spread: `lifetime`, `batch` and `plan-test`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peqled.cli.session import JsonFlag, app, simulation


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
    with simulation(f"lifetime-{loaded.name}") as report:
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
    with simulation(f"batch-{loaded.name}") as report:
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
    with simulation(f"plan-test-{loaded.name}") as report:
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
