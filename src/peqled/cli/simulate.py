"""Commands that simulate: `run`, `paper` and `series`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from peqled.cli.session import JsonFlag, app, simulation


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
    with simulation(f"run-{loaded.name}-{only}") as report:
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
    with simulation("paper-drawn" if samples else "paper") as report:
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
    with simulation("series") as report:
        results = run_series(rows, cells=cells, progress=report)
    if output:
        write_series(results, output)
    if as_json:
        print(json.dumps({"rows": records(results), "series": deviations(results)}, indent=1, allow_nan=False))
    else:
        print_series(results)
