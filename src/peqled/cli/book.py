"""Commands for the parameter book: `materials list`, `show` and `check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peqled.cli.session import JsonFlag, app

materials_app = typer.Typer(help="The parameter book: every value with its source.", no_args_is_help=True)
app.add_typer(materials_app, name="materials")


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
