"""What the commands share: the application, the flag for JSON, a progress bar, and programs loaded ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="peqled",
    help="A digital twin of the perovskite quantum-dot LED, from the flask to the T50.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@contextmanager
def simulation(command: str) -> Iterator[Callable[[str, float], Any]]:
    """A progress bar over a simulation, whose programs are kept on disk and loaded ahead."""
    with programs_of(command), progress_bar() as report:
        yield report


@contextmanager
def programs_of(command: str) -> Iterator[None]:
    import peqled
    from peqled.programs import loaded_ahead

    peqled.use_compilation_cache()
    with loaded_ahead("".join(letter if letter.isalnum() else "-" for letter in command)):
        yield


@contextmanager
def progress_bar() -> Iterator[Callable[[str, float], Any]]:
    """A progress bar on stderr; the yielded function takes a text and the share done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<34}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=False) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda text, done: bar.update(task, description=text, completed=done)
